// Which command is run by whom, and the ones that carry a query: views, writes, explain, show.
#include "session/commands.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "session/analysis_scope.h"
#include "session/catalog_listing.h"
#include "session/local_rows.h"
#include "session/show.h"
#include "sql/parser.h"

namespace centella {
namespace {

int64_t NumberArgument(const Command& command, const std::string& key, int64_t default_value) {
  const auto found = command.arguments.find(key);
  return found == command.arguments.end() ? default_value : std::stoll(found->second);
}

void CheckViewColumns(const CreateView& view, const DataType& schema) {
  const size_t have = schema.fields().size();
  if (have == view.columns.size()) return;
  std::vector<std::string> names;
  for (const StructField& field : schema.fields()) names.push_back(field.name);
  const auto list = [](const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + QuotedName({part});
    return text;
  };
  Raise(have < view.columns.size() ? Condition::CREATE_VIEW_COLUMN_ARITY_MISMATCH__NOT_ENOUGH_DATA_COLUMNS
                                   : Condition::CREATE_VIEW_COLUMN_ARITY_MISMATCH__TOO_MANY_DATA_COLUMNS,
        {{"viewName", QuotedName(view.name)}, {"viewColumns", list(view.columns)}, {"dataColumns", list(names)}});
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// A view of SQL text can't have two columns of one name.
void CheckNamesDiffer(const DataType& schema, bool case_sensitive) {
  std::set<std::string> seen;
  for (const StructField& field : schema.fields()) {
    const std::string name = case_sensitive ? field.name : Lower(field.name);
    if (!seen.insert(name).second) Raise(Condition::COLUMN_ALREADY_EXISTS, {{"columnName", QuotedName({name})}});
  }
}

PlanPtr RunCreateView(const CreateView& view, Session& session, const QueryContextPtr& context) {
  if (!view.temporary) RaiseUnsupported("CREATE VIEW (only temporary views are kept so far)");
  if (view.name.size() != 1 && !view.global) {
    const std::vector<std::string> qualifier(view.name.begin(), view.name.end() - 1);
    Raise(
        Condition::INVALID_TEMP_OBJ_QUALIFIER,
        {{"objectType", "VIEW"}, {"objectName", QuotedName({view.name.back()})}, {"qualifier", QuotedName(qualifier)}});
  }
  TemporaryViews& views = view.global ? *session.shared().global_views : session.views();
  const std::string& name = view.name.back();
  if (view.if_not_exists && views.Find(name)) return NothingReturned();
  PlanPtr child = view.child;
  if (!view.columns.empty()) {
    CheckViewColumns(view, *SchemaOf(session.Resolve(child, context)));
    auto renamed = std::make_shared<ToDf>();
    renamed->names = view.columns;
    renamed->child = child;
    child = renamed;
  }
  const PlanPtr resolved = session.Resolve(child, context);  // checks it, whichever form is kept
  if (!view.text.empty()) CheckNamesDiffer(*SchemaOf(resolved), context->case_sensitive);
  ViewDefinition definition;
  definition.name = view.name;
  definition.text = view.text;
  definition.analyzed = view.text.empty();
  definition.plan = definition.analyzed ? resolved : child;
  views.Create(name, std::move(definition), view.replace);
  return NothingReturned();
}

PlanPtr RunWriteFiles(const WriteFiles& write, Session& session, const QueryContextPtr& context) {
  if (!write.table.empty()) {
    if (write.table_method == "insert_into" &&
        RequireListed(session, write.table, write.origin).type.ends_with("TEMPORARY")) {
      std::vector<ErrorContext> contexts;
      if (write.origin != nullptr) contexts.push_back(*write.origin);
      Raise(Condition::EXPECT_TABLE_NOT_VIEW__NO_ALTERNATIVE,
            {{"viewName", QuotedName(write.table)}, {"operation", "INSERT"}}, contexts);
    }
    RaiseUnsupported(write.table_method == "insert_into" ? "INSERT INTO a table" : "saveAsTable");
  }
  if (write.buckets > 0) RaiseUnsupported("bucketBy when writing files");
  WriteFiles resolved = write;
  if (resolved.format.empty()) {
    resolved.format = context->config.Get("spark.sql.sources.default").value_or("parquet");
  }
  resolved.child = session.Prepare(session.Resolve(write.child, context), context);
  RunWrite(resolved, context, session.shared().engine);
  return NothingReturned();
}

PlanPtr RunShow(const Command& command, Session& session, const QueryContextPtr& context) {
  const bool html = command.name == "html_string";
  const PlanPtr resolved = session.Resolve(command.child, context);
  ShowOptions options;
  options.rows = NumberArgument(command, "num_rows", 20);
  options.truncate = NumberArgument(command, "truncate", 20);
  options.vertical = ArgumentOf(command, "vertical") == "true";
  const ShownRows rows = FetchShownRows(resolved, options.rows, session, context);
  LocalRows result({StringField(html ? "html_string" : "show_string", false)});
  result.Add({Value::String(html ? RenderHtml(rows, options) : RenderTable(rows, options))});
  return result.ToPlan();
}

PlanPtr RunNumPartitions(const Command& command, Session& session, const QueryContextPtr& context) {
  const PlanPtr prepared = session.Prepare(session.Resolve(command.child, context), context);
  LocalRows result({{"numPartitions", types::Int(), false, ""}});
  result.Add({Value::Int(PartitionsOf(prepared, context, session.shared().engine))});
  return result.ToPlan();
}

}  // namespace

bool IsCommand(const LogicalPlan& plan) {
  switch (plan.kind()) {
    case PlanKind::kCommand:
    case PlanKind::kCreateView:
    case PlanKind::kWriteFiles:
    case PlanKind::kExplain: return true;
    default: return false;
  }
}

PlanPtr RunCommand(const PlanPtr& plan, Session& session, const QueryContextPtr& context) {
  if (const auto* view = As<CreateView>(plan)) return RunCreateView(*view, session, context);
  if (const auto* write = As<WriteFiles>(plan)) return RunWriteFiles(*write, session, context);
  if (const auto* explain = As<Explain>(plan)) {
    LocalRows result({StringField("plan", false)});
    result.Add({Value::String(session.Explain(explain->child, explain->mode, context))});
    return result.ToPlan();
  }
  const auto& command = To<Command>(plan);
  if (command.name == "show_string" || command.name == "html_string") return RunShow(command, session, context);
  if (command.name == "num_partitions") return RunNumPartitions(command, session, context);
  PlanPtr result = RunConfigurationCommand(command, session);
  if (result == nullptr) result = RunCatalogOperation(command, session, context);
  if (result == nullptr) result = RunCatalogCommand(command, session, context);
  if (result == nullptr) result = RunDescribeCommand(command, session, context);
  if (result == nullptr) result = RunCacheCommand(command, session, context);
  if (result == nullptr) RaiseUnsupported("the command " + command.name);
  return result;
}

PlanPtr NothingReturned() { return MakeLocalRelation(types::Struct({}), {}); }

std::string ArgumentOf(const Command& command, const std::string& key, const std::string& default_value) {
  const auto found = command.arguments.find(key);
  return found == command.arguments.end() ? default_value : found->second;
}

bool HasArgument(const Command& command, const std::string& key) { return command.arguments.contains(key); }

bool MatchesPattern(const std::string& name, const std::string& pattern) {
  // Greedy '*' matching of one alternative.
  const auto matches = [](std::string_view text, std::string_view glob) {
    size_t t = 0, g = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
      if (g < glob.size() && glob[g] == '*') {
        star = g++;
        mark = t;
      } else if (g < glob.size() && std::tolower(static_cast<unsigned char>(glob[g])) ==
                                        std::tolower(static_cast<unsigned char>(text[t]))) {
        ++g;
        ++t;
      } else if (star != std::string_view::npos) {
        g = star + 1;
        t = ++mark;
      } else {
        return false;
      }
    }
    return glob.find_first_not_of('*', g) == std::string_view::npos;
  };
  for (size_t begin = 0; begin <= pattern.size();) {
    const size_t end = std::min(pattern.find('|', begin), pattern.size());
    std::string_view part(pattern.data() + begin, end - begin);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (matches(name, part)) return true;
    begin = end + 1;
  }
  return false;
}

PlanPtr ReadNamed(const std::vector<std::string>& name) {
  auto relation = std::make_shared<UnresolvedRelation>();
  relation->name = name;
  return relation;
}

std::string QuotedName(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += '.';
    text += '`';
    for (char c : part) text += c == '`' ? std::string("``") : std::string(1, c);
    text += '`';
  }
  return text;
}

}  // namespace centella
