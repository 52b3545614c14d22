// Connect's Catalog messages: spark.catalog.*, each with the columns that the client reads.
#include "functions/registry.h"
#include "session/analysis_scope.h"
#include "session/catalog_listing.h"
#include "session/commands.h"
#include "session/local_rows.h"
#include "sql/parser.h"

namespace centella {
namespace {

constexpr char kDefaultDescription[] = "default database";

Value Text(const std::string& text) { return Value::String(text); }
Value NullText() { return Value::Null(types::String()); }
Value TextArray(std::vector<Value> parts) { return Value::Nested(types::Array(types::String()), std::move(parts)); }
Value Namespace(const std::string& database) {
  if (database.empty()) return Value::Null(types::Array(types::String()));
  return TextArray({Text(database)});
}

PlanPtr OneText(const std::string& text) {
  LocalRows rows({StringField("value")});
  rows.Add({Text(text)});
  return rows.ToPlan();
}

PlanPtr OneBoolean(bool value) {
  LocalRows rows({BooleanField("value")});
  rows.Add({Value::Boolean(value)});
  return rows.ToPlan();
}

std::string PatternOf(const Command& command) { return ArgumentOf(command, "pattern", "*"); }

LocalRows DatabaseRows() {
  return LocalRows(
      {StringField("name"), StringField("catalog"), StringField("description"), StringField("locationUri")});
}

void AddDatabase(const Session& session, const std::string& name, LocalRows* rows) {
  const std::string folder = session.config().GetString("spark.sql.warehouse.dir");
  const bool is_default = name == "default";
  rows->Add({Text(name), Text(kSessionCatalog), Text(is_default ? kDefaultDescription : ""),
             Text(is_default ? folder : folder + "/" + name + ".db")});
}

LocalRows TableRows() {
  return LocalRows({StringField("name"),
                    StringField("catalog"),
                    {"namespace", types::Array(types::String()), true, ""},
                    StringField("description"),
                    StringField("tableType"),
                    BooleanField("isTemporary")});
}

void AddTable(const ListedTable& table, LocalRows* rows) {
  rows->Add({Text(table.name), table.temporary ? NullText() : Text(kSessionCatalog), Namespace(table.database),
             table.description.empty() ? NullText() : Text(table.description), Text(table.type),
             Value::Boolean(table.temporary)});
}

LocalRows FunctionRows() {
  return LocalRows({StringField("name"),
                    StringField("catalog"),
                    {"namespace", types::Array(types::String()), true, ""},
                    StringField("description"),
                    StringField("className"),
                    BooleanField("isTemporary")});
}

void AddFunction(const std::string& name, LocalRows* rows) {
  const FunctionDecl* declaration = FunctionRegistry::Builtin().Find(name);
  rows->Add({Text(name), NullText(), Namespace(""), declaration ? Text(declaration->doc) : NullText(),
             Text("centella." + name), Value::Boolean(true)});
}

PlanPtr ListColumns(const Command& command, Session& session, const QueryContextPtr& context) {
  const auto name = NameWithDatabase(ArgumentOf(command, "table_name"), ArgumentOf(command, "db_name"));
  RequireListed(session, name);
  LocalRows rows({StringField("name"), StringField("description"), StringField("dataType"), BooleanField("nullable"),
                  BooleanField("isPartition"), BooleanField("isBucket"), BooleanField("isCluster")});
  const TypePtr schema = SchemaOf(session.Resolve(ReadNamed(name), context));
  for (const StructField& field : schema->fields()) {
    rows.Add({Text(field.name), NullText(), Text(field.type->CatalogString()), Value::Boolean(field.nullable),
              Value::Boolean(false), Value::Boolean(false), Value::Boolean(false)});
  }
  return rows.ToPlan();
}

PlanPtr RunListing(const Command& command, const std::string& what, Session& session, const QueryContextPtr& context) {
  const std::string pattern = PatternOf(command);
  const std::string database = ArgumentOf(command, "db_name");
  if (what == "list_databases") {
    LocalRows rows = DatabaseRows();
    for (const std::string& name : ListDatabases(session, pattern)) AddDatabase(session, name, &rows);
    return rows.ToPlan();
  }
  if (what == "list_tables" || what == "list_views") {
    LocalRows rows = TableRows();
    for (const ListedTable& table : ListTables(session, database, pattern)) {
      if (what == "list_tables" || table.temporary || table.type == "VIEW") AddTable(table, &rows);
    }
    return rows.ToPlan();
  }
  if (what == "list_functions") {
    LocalRows rows = FunctionRows();
    for (const std::string& name : ListFunctions(pattern)) AddFunction(name, &rows);
    return rows.ToPlan();
  }
  if (what == "list_columns") return ListColumns(command, session, context);
  if (what == "list_catalogs") {
    LocalRows rows({StringField("name"), StringField("description")});
    if (MatchesPattern(kSessionCatalog, pattern)) rows.Add({Text(kSessionCatalog), NullText()});
    return rows.ToPlan();
  }
  return nullptr;
}

PlanPtr RunLookup(const Command& command, const std::string& what, Session& session) {
  const std::string database = ArgumentOf(command, "db_name");
  if (what == "get_database") {
    RequireDatabase(session, database);
    LocalRows rows = DatabaseRows();
    AddDatabase(session, database, &rows);
    return rows.ToPlan();
  }
  if (what == "get_table") {
    LocalRows rows = TableRows();
    AddTable(RequireListed(session, NameWithDatabase(ArgumentOf(command, "table_name"), database)), &rows);
    return rows.ToPlan();
  }
  if (what == "get_function") {
    const std::string name = ArgumentOf(command, "function_name");
    if (FunctionRegistry::Builtin().Find(name) == nullptr) {
      Raise(Condition::UNRESOLVED_ROUTINE,
            {{"routineName", QuotedName({name})}, {"searchPath", "[`system`.`builtin`, `system`.`session`]"}});
    }
    LocalRows rows = FunctionRows();
    AddFunction(name, &rows);
    return rows.ToPlan();
  }
  if (what == "database_exists") return OneBoolean(DatabaseExists(session, database));
  if (what == "table_exists") {
    return OneBoolean(FindListed(session, NameWithDatabase(ArgumentOf(command, "table_name"), database)).has_value());
  }
  if (what == "function_exists") {
    return OneBoolean(FunctionRegistry::Builtin().Find(ArgumentOf(command, "function_name")) != nullptr);
  }
  return nullptr;
}

PlanPtr RunCurrent(const Command& command, const std::string& what, Session& session) {
  if (what == "current_database") return OneText(session.current_database());
  if (what == "current_catalog") return OneText(session.current_catalog());
  if (what == "set_current_database") {
    session.SetCurrentDatabase(ArgumentOf(command, "db_name"));
    return NothingReturned();
  }
  if (what == "set_current_catalog") {
    session.SetCurrentCatalog(ArgumentOf(command, "catalog_name"));
    return NothingReturned();
  }
  return nullptr;
}

PlanPtr RunCaching(const Command& command, const std::string& what, Session& session, const QueryContextPtr& context) {
  if (what == "clear_cache") {
    session.cache().Clear();
    return NothingReturned();
  }
  if (what != "is_cached" && what != "cache_table" && what != "uncache_table") return nullptr;
  const auto name = ParseMultipartIdentifier(ArgumentOf(command, "table_name"));
  const PlanPtr resolved = session.Resolve(ReadNamed(name), context);
  if (what == "is_cached") return OneBoolean(session.cache().Find(resolved).has_value());
  if (what == "uncache_table") {
    session.cache().Remove(resolved);
  } else {
    session.CachePlan(resolved, context, StorageLevel());
  }
  return NothingReturned();
}

PlanPtr RunChanges(const Command& command, const std::string& what, Session& session, const QueryContextPtr& context) {
  if (what == "drop_temp_view" || what == "drop_global_temp_view") {
    return OneBoolean(
        DropTemporary(session, ArgumentOf(command, "view_name"), what == "drop_global_temp_view", context));
  }
  if (what == "create_database") {
    session.shared().catalog->CreateDatabase(ArgumentOf(command, "db_name"),
                                             ArgumentOf(command, "if_not_exists") == "true");
    return NothingReturned();
  }
  if (what == "drop_database") {
    session.shared().catalog->DropDatabase(ArgumentOf(command, "db_name"), ArgumentOf(command, "if_exists") == "true",
                                           ArgumentOf(command, "cascade") == "true");
    return NothingReturned();
  }
  // A table's files are listed at each use: there is nothing to refresh.
  if (what == "refresh_table") {
    RequireListed(session, ParseMultipartIdentifier(ArgumentOf(command, "table_name")));
    return NothingReturned();
  }
  if (what == "refresh_by_path") {
    session.opened_sources().Clear();
    return NothingReturned();
  }
  return nullptr;
}

}  // namespace

PlanPtr RunCatalogOperation(const Command& command, Session& session, const QueryContextPtr& context) {
  constexpr std::string_view kPrefix = "catalog.";
  if (!command.name.starts_with(kPrefix)) return nullptr;
  const std::string what = command.name.substr(kPrefix.size());
  PlanPtr result = RunListing(command, what, session, context);
  if (result == nullptr) result = RunLookup(command, what, session);
  if (result == nullptr) result = RunCurrent(command, what, session);
  if (result == nullptr) result = RunCaching(command, what, session, context);
  if (result == nullptr) result = RunChanges(command, what, session, context);
  if (result == nullptr) RaiseUnsupported("the catalog operation " + what);
  return result;
}

}  // namespace centella
