// DESCRIBE of tables, queries, functions and databases.
#include "functions/registry.h"
#include "session/catalog_listing.h"
#include "session/commands.h"
#include "session/local_rows.h"

namespace centella {
namespace {

Value Text(const std::string& text) { return Value::String(text); }

StructField Commented(std::string name, bool nullable, const std::string& comment) {
  return {std::move(name), types::String(), nullable, R"({"comment":")" + comment + R"("})"};
}

PlanPtr DescribeSchema(const DataType& schema) {
  LocalRows rows({Commented("col_name", false, "name of the column"),
                  Commented("data_type", false, "data type of the column"),
                  Commented("comment", true, "comment of the column")});
  for (const StructField& field : schema.fields()) {
    rows.Add({Text(field.name), Text(field.type->CatalogString()), Value::Null(types::String())});
  }
  return rows.ToPlan();
}

PlanPtr DescribeTable(const Command& command, Session& session, const QueryContextPtr& context) {
  if (ArgumentOf(command, "extended") == "true") RaiseUnsupported("DESCRIBE TABLE EXTENDED");
  if (HasArgument(command, "column")) RaiseUnsupported("DESCRIBE of a column");
  RequireListed(session, command, /*builtin=*/true);
  return DescribeSchema(*SchemaOf(session.Resolve(ReadNamed(command.target), context)));
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

// What the declaration says of a function, as DESCRIBE FUNCTION EXTENDED shows it and docs/functions.md is made of.
std::string ExtendedUsage(const FunctionDecl& declaration) {
  std::string out = "Extended Usage:\n    Signatures:\n";
  for (const Overload& overload : declaration.overloads)
    out += "      " + declaration.name + "(" + overload.text + ")\n";
  if (!declaration.aliases.empty()) out += "    Aliases: " + Joined(declaration.aliases) + "\n";
  if (!declaration.group.empty()) out += "    Group: " + declaration.group + "\n";
  if (!declaration.deterministic) out += "    Not deterministic.\n";
  if (declaration.example.empty()) return out;
  return out + "    Examples:\n      > " + declaration.example + ";\n       " + declaration.example_result + "\n";
}

PlanPtr DescribeFunction(const Command& command) {
  const std::string name = command.target.empty() ? ArgumentOf(command, "name") : command.target.back();
  const FunctionDecl* declaration = FunctionRegistry::Builtin().Find(name);
  if (declaration == nullptr) {
    Raise(Condition::UNRESOLVED_ROUTINE,
          {{"routineName", QuotedName({name})},
           {"searchPath", "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]"}});
  }
  LocalRows rows({StringField("function_desc", false)});
  rows.Add({Text("Function: " + declaration->name)});
  rows.Add({Text("Usage: " + declaration->doc)});
  if (ArgumentOf(command, "extended") == "true") {
    rows.Add({Text(ExtendedUsage(*declaration))});
  }
  return rows.ToPlan();
}

PlanPtr DescribeDatabase(const Command& command, Session& session) {
  const std::string name = command.target.empty() ? ArgumentOf(command, "name") : command.target.back();
  RequireDatabase(session, name);
  LocalRows rows({StringField("info_name", false), StringField("info_value", false)});
  rows.Add({Text("Catalog Name"), Text(kSessionCatalog)});
  rows.Add({Text("Namespace Name"), Text(name)});
  rows.Add({Text("Comment"), Text(name == "default" ? "default database" : "")});
  return rows.ToPlan();
}

}  // namespace

PlanPtr RunDescribeCommand(const Command& command, Session& session, const QueryContextPtr& context) {
  if (command.name == "describe_table") return DescribeTable(command, session, context);
  if (command.name == "describe_query") return DescribeSchema(*SchemaOf(session.Resolve(command.child, context)));
  if (command.name == "describe_function") return DescribeFunction(command);
  if (command.name == "describe_database" || command.name == "describe_namespace") {
    return DescribeDatabase(command, session);
  }
  return nullptr;
}

}  // namespace centella
