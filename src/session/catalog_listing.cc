// See catalog_listing.h.
#include "session/catalog_listing.h"

#include <algorithm>
#include <cctype>

#include "functions/registry.h"
#include "session/commands.h"
#include "sql/parser.h"

namespace centella {
namespace {

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

ListedTable FromEntry(const std::string& database, const TableEntry& entry) {
  return {entry.name.empty() ? "" : entry.name.back(), database, entry.type, entry.comment, false};
}

void AddViews(const TemporaryViews& views, const std::string& database, const std::string& pattern,
              std::vector<ListedTable>* tables) {
  std::vector<std::string> names = views.Names();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (MatchesPattern(name, pattern)) tables->push_back({name, database, "TEMPORARY", "", true});
  }
}

}  // namespace

std::vector<ListedTable> ListTables(const Session& session, const std::string& given, const std::string& pattern) {
  const std::string database = given.empty() ? session.current_database() : LowerCase(given);
  std::vector<ListedTable> tables;
  if (database == kGlobalTempDatabase) {
    AddViews(*session.shared().global_views, kGlobalTempDatabase, pattern, &tables);
  } else {
    RequireDatabase(session, database);
    for (const TableEntry& entry : session.shared().catalog->Tables(database)) {
      ListedTable table = FromEntry(database, entry);
      if (MatchesPattern(table.name, pattern)) tables.push_back(std::move(table));
    }
    std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  }
  AddViews(*session.shared_views(), "", pattern, &tables);
  return tables;
}

std::optional<ListedTable> FindListed(const Session& session, const std::vector<std::string>& name) {
  if (session.FindTemporaryView(name)) {
    return ListedTable{name.back(), name.size() == 2 ? kGlobalTempDatabase : "", "TEMPORARY", "", true};
  }
  const auto entry = session.FindTable(name);
  if (!entry) return std::nullopt;
  ListedTable table =
      FromEntry(name.size() > 1 ? LowerCase(name[name.size() - 2]) : session.current_database(), *entry);
  if (table.name.empty()) table.name = name.back();
  return table;
}

ListedTable RequireListed(const Session& session, const std::vector<std::string>& name, const OriginPtr& origin,
                          bool builtin) {
  if (auto found = FindListed(session, name)) return *found;
  std::vector<ErrorContext> contexts;
  if (origin != nullptr) contexts.push_back(*origin);
  std::string path = builtin ? "[`system`.`builtin`, `system`.`session`, " : "[`system`.`session`, ";
  path += QuotedName({session.current_catalog(), session.current_database()}) + "]";
  Raise(Condition::TABLE_OR_VIEW_NOT_FOUND, {{"relationName", QuotedName(name)}, {"searchPath", path}}, contexts);
}

std::vector<std::string> ListDatabases(const Session& session, const std::string& pattern) {
  std::vector<std::string> names;
  for (const std::string& name : session.shared().catalog->Databases()) {
    if (MatchesPattern(name, pattern)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool DatabaseExists(const Session& session, const std::string& name) {
  const std::string database = LowerCase(name);
  return database == kGlobalTempDatabase || session.shared().catalog->DatabaseExists(database);
}

void RequireDatabase(const Session& session, const std::string& name) {
  if (DatabaseExists(session, name)) return;
  Raise(Condition::SCHEMA_NOT_FOUND, {{"schemaName", QuotedName({kSessionCatalog, name})}});
}

std::vector<std::string> ListFunctions(const std::string& pattern) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (MatchesPattern(name, pattern)) names.push_back(name);
  };
  for (const FunctionDecl* declaration : FunctionRegistry::Builtin().All()) {
    add(declaration->name);
    for (const std::string& alias : declaration->aliases) add(alias);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> NameWithDatabase(const std::string& name, const std::string& database) {
  if (database.empty()) return ParseMultipartIdentifier(name);
  return {database, name};
}

bool DropTemporary(Session& session, const std::string& name, bool global, const QueryContextPtr& context) {
  TemporaryViews& views = global ? *session.shared().global_views : session.views();
  const auto view = views.Find(name);
  if (!view) return false;
  // Dropping a view uncaches what it showed.
  if (!session.cache().empty()) session.cache().Remove(session.Resolve(view->plan, context));
  return views.Drop(name);
}

}  // namespace centella
