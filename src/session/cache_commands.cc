// CACHE TABLE, UNCACHE TABLE, CLEAR CACHE and REFRESH.
#include "session/catalog_listing.h"
#include "session/commands.h"

namespace centella {
namespace {

// CACHE [LAZY] TABLE t [AS query]: with a query it makes the view first. Filled now unless lazy.
PlanPtr CacheTable(const Command& command, Session& session, const QueryContextPtr& context) {
  if (command.child != nullptr) {
    CENTELLA_CHECK(command.target.size() == 1, "the parser refuses names of several parts");
    ViewDefinition view;
    view.name = command.target;
    view.plan = session.Resolve(command.child, context);
    session.views().Create(command.target[0], std::move(view), /*replace=*/false);
  } else {
    RequireListed(session, command.target);
  }
  const PlanPtr resolved = session.Resolve(ReadNamed(command.target), context);
  session.CachePlan(resolved, context, StorageLevel());
  if (ArgumentOf(command, "lazy") == "true") return NothingReturned();
  const auto stream = session.Start(resolved, context);
  Batch batch;
  while (stream->Next(&batch)) context->cancellation->ThrowIfCancelled();
  return NothingReturned();
}

}  // namespace

PlanPtr RunCacheCommand(const Command& command, Session& session, const QueryContextPtr& context) {
  if (command.name == "cache_table") return CacheTable(command, session, context);
  if (command.name == "uncache_table") {
    if (!FindListed(session, command.target) && ArgumentOf(command, "if_exists") == "true") return NothingReturned();
    RequireListed(session, command.target);
    session.cache().Remove(session.Resolve(ReadNamed(command.target), context));
    return NothingReturned();
  }
  if (command.name == "clear_cache") {
    session.cache().Clear();
    return NothingReturned();
  }
  if (command.name == "refresh_table") {
    RequireListed(session, command.target);
    return NothingReturned();
  }
  if (command.name == "refresh_path") session.opened_sources().Clear();
  if (command.name == "refresh_path" || command.name == "refresh_function") return NothingReturned();
  return nullptr;
}

}  // namespace centella
