// SQL's SHOW, USE, CREATE and DROP statements.
#include "session/catalog_listing.h"
#include "session/commands.h"
#include "session/local_rows.h"

namespace centella {
namespace {

Value Text(const std::string& text) { return Value::String(text); }

std::string DatabaseOf(const Command& command) {
  const std::string given = ArgumentOf(command, "database");
  if (!given.empty() || command.target.empty()) return given;
  return command.target.back();
}

PlanPtr ShowTables(const Command& command, Session& session, bool views_only) {
  LocalRows rows({StringField("namespace", false), StringField(views_only ? "viewName" : "tableName", false),
                  BooleanField("isTemporary")});
  for (const ListedTable& table : ListTables(session, DatabaseOf(command), ArgumentOf(command, "pattern", "*"))) {
    if (views_only && !table.temporary && table.type != "VIEW") continue;
    rows.Add({Text(table.database), Text(table.name), Value::Boolean(table.temporary)});
  }
  return rows.ToPlan();
}

PlanPtr ShowColumns(const Command& command, Session& session, const QueryContextPtr& context) {
  RequireListed(session, command, /*builtin=*/false);
  LocalRows rows({StringField("col_name", false)});
  const TypePtr schema = SchemaOf(session.Resolve(ReadNamed(command.target), context));
  for (const StructField& field : schema->fields()) rows.Add({Text(field.name)});
  return rows.ToPlan();
}

PlanPtr OneColumn(const std::string& column, const std::vector<std::string>& names) {
  LocalRows rows({StringField(column, false)});
  for (const std::string& name : names) rows.Add({Text(name)});
  return rows.ToPlan();
}

// As DROP names what it didn't find: with catalog and database.
[[noreturn]] void RaiseNotInCatalog(const Session& session, std::vector<std::string> name) {
  if (name.size() == 1) name.insert(name.begin(), session.current_database());
  if (name.size() == 2) name.insert(name.begin(), session.current_catalog());
  Raise(Condition::TABLE_OR_VIEW_NOT_FOUND,
        {{"relationName", QuotedName(name)},
         {"searchPath", "[" + QuotedName({session.current_catalog(), session.current_database()}) + "]"}});
}

PlanPtr DropView(const Command& command, Session& session, const QueryContextPtr& context) {
  const bool global = command.target.size() == 2 && command.target[0] == kGlobalTempDatabase;
  if ((command.target.size() == 1 || global) && DropTemporary(session, command.target.back(), global, context)) {
    return NothingReturned();
  }
  if (ArgumentOf(command, "if_exists") == "true") return NothingReturned();
  RaiseNotInCatalog(session, command.target);
}

PlanPtr DropTable(const Command& command, Session& session) {
  const std::string database =
      command.target.size() > 1 ? command.target[command.target.size() - 2] : session.current_database();
  if (session.shared().catalog->DropTable(database, command.target.back()) ||
      ArgumentOf(command, "if_exists") == "true") {
    return NothingReturned();
  }
  RaiseNotInCatalog(session, command.target);
}

}  // namespace

PlanPtr RunCatalogCommand(const Command& command, Session& session, const QueryContextPtr& context) {
  const std::string& name = command.name;
  const std::string pattern = ArgumentOf(command, "pattern", "*");
  if (name == "show_tables") return ShowTables(command, session, /*views_only=*/false);
  if (name == "show_views") return ShowTables(command, session, /*views_only=*/true);
  if (name == "show_columns") return ShowColumns(command, session, context);
  if (name == "show_databases" || name == "show_namespaces" || name == "show_schemas") {
    return OneColumn("namespace", ListDatabases(session, pattern));
  }
  if (name == "show_catalogs") {
    return OneColumn("catalog", MatchesPattern(kSessionCatalog, pattern) ? std::vector<std::string>{kSessionCatalog}
                                                                         : std::vector<std::string>{});
  }
  if (name == "show_functions") return OneColumn("function", ListFunctions(pattern));
  if (name == "show_current_database" || name == "show_current_namespace") {
    LocalRows rows({StringField("catalog", false), StringField("namespace", false)});
    rows.Add({Text(session.current_catalog()), Text(session.current_database())});
    return rows.ToPlan();
  }
  if (name == "use" || name == "use_database" || name == "use_namespace") {
    if (command.target.size() == 2 || command.target[0] == kSessionCatalog)
      session.SetCurrentCatalog(command.target[0]);
    if (command.target[0] != kSessionCatalog || command.target.size() == 2) {
      session.SetCurrentDatabase(command.target.back());
    }
    return NothingReturned();
  }
  if (name == "set_catalog" || name == "use_catalog") {
    session.SetCurrentCatalog(command.target.back());
    return NothingReturned();
  }
  if (name == "create_database" || name == "create_namespace") {
    session.shared().catalog->CreateDatabase(command.target.back(), ArgumentOf(command, "if_not_exists") == "true");
    return NothingReturned();
  }
  if (name == "drop_database" || name == "drop_namespace") {
    session.shared().catalog->DropDatabase(command.target.back(), ArgumentOf(command, "if_exists") == "true",
                                           ArgumentOf(command, "cascade") == "true");
    return NothingReturned();
  }
  if (name == "drop_view") return DropView(command, session, context);
  if (name == "drop_table") return DropTable(command, session);
  return nullptr;
}

}  // namespace centella
