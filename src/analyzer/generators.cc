// explode and its kin: in select lists, LATERAL VIEW, and FROM.
#include <algorithm>

#include "analyzer/analysis.h"
#include "expression/evaluator.h"

namespace centella {

bool IsGenerator(const ExprPtr& expression) {
  const auto* call = As<Call>(expression);
  if (call == nullptr) return false;
  const FunctionDecl* decl = FunctionRegistry::Builtin().Find(call->function);
  return decl != nullptr && decl->kind == FunctionKind::kGenerator;
}

bool ContainsGenerator(const ExprPtr& expression) { return Any(expression, IsGenerator); }

std::vector<StructField> Analysis::GeneratorColumns(const ExprPtr& generator) {
  const auto& call = To<Call>(generator);
  std::string name = call.function;
  bool outer = name.ends_with("_outer");
  if (outer) name.resize(name.size() - 6);
  std::vector<StructField> columns;
  if (name == "explode" || name == "posexplode") {
    const TypePtr& type = call.args[0]->type;
    if (name == "posexplode") columns.push_back({"pos", types::Int(), outer, ""});
    if (type->is(TypeId::kMap)) {
      columns.push_back({"key", type->key(), outer, ""});
      columns.push_back({"value", type->value(), outer || type->value_contains_null(), ""});
    } else {
      columns.push_back({"col", type->element(), outer || type->contains_null(), ""});
    }
    return columns;
  }
  if (name == "inline") {
    const TypePtr& type = call.args[0]->type;
    for (StructField field : type->element()->fields()) {
      field.nullable = field.nullable || outer || type->contains_null();
      columns.push_back(std::move(field));
    }
    return columns;
  }
  if (name == "json_tuple") {
    for (size_t i = 1; i < call.args.size(); ++i) {
      columns.push_back({"c" + std::to_string(i - 1), types::String(), true, ""});
    }
    return columns;
  }
  if (name == "stack") {
    Value rows = EvaluateConstant(call.args[0], environment_.context());
    int64_t n = rows.is_null() ? 0 : rows.integer();
    if (n <= 0) {
      RaiseAt(generator->origin, Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE,
              {{"exprName", "`n`"},
               {"valueRange", "(0, 2147483647]"},
               {"currentValue", std::to_string(n)},
               {"sqlExpr", QuoteSql(generator)}});
    }
    size_t values = call.args.size() - 1;
    size_t width = (values + static_cast<size_t>(n) - 1) / static_cast<size_t>(n);
    for (size_t c = 0; c < width; ++c) {
      TypePtr type = types::Null();
      bool nullable = true;
      for (size_t i = c; i < values; i += width) {
        const TypePtr& other = call.args[i + 1]->type;
        const TypePtr wider = type->is(TypeId::kNull)                      ? other
                              : other->is(TypeId::kNull)                   ? type
                              : SameTypeIgnoringNullability(*type, *other) ? type
                                                                           : nullptr;
        if (wider == nullptr) {
          RaiseAt(generator->origin, Condition::DATATYPE_MISMATCH__STACK_COLUMN_DIFF_TYPES,
                  {{"columnIndex", std::to_string(c)},
                   {"leftParamIndex", std::to_string(c + 1)},
                   {"leftType", QuoteType(type)},
                   {"rightParamIndex", std::to_string(i + 1)},
                   {"rightType", QuoteType(call.args[i + 1]->type)},
                   {"sqlExpr", QuoteSql(generator)}});
        }
        type = wider;
      }
      columns.push_back({"col" + std::to_string(c), type, nullable, ""});
    }
    return columns;
  }
  if (call.type->is(TypeId::kStruct)) return call.type->fields();
  return {{"col", call.type, true, ""}};
}

PlanPtr Analysis::MakeGenerate(const ExprPtr& generator, bool outer, const std::string& qualifier,
                               const std::vector<std::string>& names, const PlanPtr& child, const OriginPtr& origin) {
  std::vector<StructField> columns = GeneratorColumns(generator);
  if (!names.empty() && names.size() != columns.size()) {
    std::string joined;
    for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
    RaiseAt(origin, Condition::UDTF_ALIAS_NUMBER_MISMATCH,
            {{"aliasesSize", std::to_string(columns.size())}, {"aliasesNames", joined}});
  }
  auto generate = std::make_shared<Generate>();
  auto call = std::make_shared<Call>(To<Call>(generator));
  if (call->function.ends_with("_outer")) {
    outer = true;
    std::string plain = call->function.substr(0, call->function.size() - 6);
    if (registry_.Find(plain) != nullptr) call->function = plain;
  }
  if (call->function == "stack" && columns.size() > 0) {
    // Every value of a column gets the column's type.
    for (size_t i = 1; i < call->args.size(); ++i) {
      call->args[i] = Coerce(call->args[i], columns[(i - 1) % columns.size()].type);
    }
  }
  generate->generator = call;
  generate->outer = outer;
  generate->qualifier = qualifier;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = names.empty() ? columns[i].name : names[i];
    generate->column_names.push_back(name);
    std::vector<std::string> qualifiers;
    if (!qualifier.empty()) qualifiers.push_back(qualifier);
    generate->generator_output.push_back(MakeAttribute(name, columns[i].type, columns[i].nullable || outer,
                                                       NextExprId(), qualifiers, columns[i].metadata));
  }
  generate->child = child;
  generate->origin = origin;
  return generate;
}

// "date_add" as the JVM's classes are named: "DateAdd".
static std::string CapitalizedWords(const std::string& name) {
  std::string out;
  bool start = true;
  for (char c : name) {
    if (c == '_') {
      start = true;
      continue;
    }
    out += start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    start = false;
  }
  return out;
}

Relation Analysis::ResolveGenerate(const Generate& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  const auto* written = As<UnresolvedFunction>(node.generator);
  if (written != nullptr && written->name.size() == 1 && registry_.Find(LowerCase(written->name[0])) == nullptr) {
    RaiseAt(node.origin, Condition::ROUTINE_NOT_FOUND,
            {{"routineName", QuoteName({environment_.current_database(), written->name[0]})}});
  }
  ExprPtr generator = ResolveExpression(node.generator, scope);
  if (const auto* alias = As<Alias>(generator)) generator = alias->child;
  if (!IsGenerator(generator)) {
    std::string name = written == nullptr ? ColumnNameOf(generator) : LowerCase(written->name.back());
    RaiseAt(node.origin == nullptr ? node.generator->origin : node.origin,
            Condition::UNSUPPORTED_GENERATOR__NOT_GENERATOR,
            {{"functionName", QuoteName(name)},
             {"classCanonicalName", "org.apache.spark.sql.catalyst.expressions." + CapitalizedWords(name)}});
  }
  for (const ExprPtr& arg : To<Call>(generator).args) {
    if (!ContainsGenerator(arg)) continue;
    RaiseAt(nullptr, Condition::UNSUPPORTED_GENERATOR__NESTED_IN_EXPRESSIONS, {{"expression", QuoteSql(generator)}});
  }
  PlanPtr input = ExposeUsed(child, {generator}, nullptr);
  PlanPtr plan = MakeGenerate(generator, node.outer, node.qualifier, node.column_names, input, node.origin);
  return Above(plan, node, {&child});
}

PlanPtr Analysis::ExtractGenerators(PlanPtr child, std::vector<ExprPtr>* list, const LogicalPlan&) {
  std::vector<ExprPtr> out;
  for (const ExprPtr& item : *list) {
    if (!ContainsGenerator(item)) {
      out.push_back(item);
      continue;
    }
    const auto* alias = As<Alias>(item);
    const ExprPtr& expression = alias == nullptr ? item : alias->child;
    bool nested = !IsGenerator(expression) ||
                  std::any_of(To<Call>(expression).args.begin(), To<Call>(expression).args.end(), ContainsGenerator);
    if (nested) {
      RaiseAt(nullptr, Condition::UNSUPPORTED_GENERATOR__NESTED_IN_EXPRESSIONS, {{"expression", QuoteSql(expression)}});
    }
    std::vector<std::string> names;
    if (alias != nullptr && !alias->implicit) names = alias->names;
    // Without a place, as in Spark, whose LATERAL VIEW has one.
    child = MakeGenerate(expression, false, "", names, child, nullptr);
    const auto& generate = To<Generate>(child);
    out.insert(out.end(), generate.generator_output.begin(), generate.generator_output.end());
  }
  *list = std::move(out);
  return child;
}

}  // namespace centella
