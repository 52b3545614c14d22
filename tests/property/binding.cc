// Calls bound by the analyzer, over a relation without rows.
#include "property/binding.h"

#include "plan/logical_plan.h"
#include "plan/transform.h"
#include "property/values.h"

namespace centella::property {

class Binder::Environment final : public AnalysisEnvironment {
 public:
  explicit Environment(QueryContextPtr context) : context_(std::move(context)) {}
  const QueryContextPtr& context() const override { return context_; }
  std::optional<ViewDefinition> FindTemporaryView(const std::vector<std::string>&) const override {
    return std::nullopt;
  }
  std::optional<TableEntry> FindTable(const std::vector<std::string>&) const override { return std::nullopt; }
  TablePtr OpenDataSource(const UnresolvedDataSource&) const override { RaiseUnsupported("files in this test"); }
  std::vector<Batch> RunNow(const PlanPtr&) const override { RaiseUnsupported("running in this test"); }
  std::string current_catalog() const override { return "spark_catalog"; }
  std::string current_database() const override { return "default"; }

 private:
  QueryContextPtr context_;
};

ExprPtr Input::Add(const TypePtr& type, bool nulls) {
  nulls = nulls || type->is(TypeId::kNull);
  ExprPtr attribute = MakeAttribute("c" + std::to_string(attributes.size()), type, nulls, NextExprId());
  attributes.push_back(attribute);
  types.push_back(type);
  nullable.push_back(nulls);
  return attribute;
}

Binder::Binder(QueryContextPtr context) : environment_(std::make_unique<Environment>(std::move(context))) {}
Binder::~Binder() = default;
const QueryContextPtr& Binder::context() const { return environment_->context(); }

ExprPtr Binder::Bind(const ExprPtr& unresolved, const Input& input, std::string* why) const {
  auto relation = std::make_shared<LocalRelation>();
  relation->output = input.attributes;
  std::vector<StructField> fields;
  for (size_t i = 0; i < input.types.size(); ++i) {
    fields.push_back({"c" + std::to_string(i), input.types[i], input.nullable[i], ""});
  }
  relation->schema = types::Struct(std::move(fields));
  auto project = std::make_shared<Project>();
  project->expressions = {MakeAlias(unresolved, "x")};
  project->child = relation;
  try {
    const PlanPtr plan = Analyze(project, *environment_);
    std::vector<ExprPtr> expressions;
    if (plan->kind() == PlanKind::kProject) {
      const auto& bound = static_cast<const Project&>(*plan);
      expressions = bound.expressions;
      if (bound.child->kind() == PlanKind::kGenerate) return static_cast<const Generate&>(*bound.child).generator;
    }
    if (plan->kind() == PlanKind::kAggregate) expressions = static_cast<const Aggregate&>(*plan).aggregates;
    if (expressions.size() != 1) return nullptr;
    const auto* alias = As<Alias>(expressions[0]);
    return alias == nullptr ? expressions[0] : alias->child;
  } catch (const Error& error) {
    if (why != nullptr) *why = std::string(error.info().name);
    return nullptr;
  }
}

ExprPtr Binder::BindInternal(const FunctionDecl& decl, const std::vector<ExprPtr>& args) const {
  std::vector<TypePtr> types;
  std::vector<const Value*> constants;
  const auto nullable = std::make_unique<bool[]>(args.size() + 1);
  bool any_nullable = false;
  for (size_t i = 0; i < args.size(); ++i) {
    types.push_back(args[i]->type);
    nullable[i] = args[i]->nullable;
    any_nullable |= args[i]->nullable;
    const auto* literal = As<Literal>(args[i]);
    constants.push_back(literal == nullptr ? nullptr : &literal->value);
  }
  const Overload* overload = FindExactOverload(decl, types);
  if (overload == nullptr) return nullptr;
  const BindArgs bind{types, std::span<const bool>(nullable.get(), args.size()), constants, context()->eval_mode()};
  try {
    const bool nulls = decl.nullable ? decl.nullable(bind) : decl.nulls != NullPolicy::kStrict || any_nullable;
    return MakeCall(decl.name, args, ResultTypeOf(*overload, bind), nulls, context()->eval_mode());
  } catch (const Error&) {
    return nullptr;
  }
}

ExprPtr Binder::ToColumns(const ExprPtr& resolved, const Input& input) {
  return TransformUp(resolved, [&](const ExprPtr& expression) -> ExprPtr {
    const auto* attribute = As<Attribute>(expression);
    if (attribute == nullptr) return expression;
    auto column = std::make_shared<Column>();
    column->type = attribute->type;
    column->nullable = attribute->nullable;
    column->name = attribute->name;
    for (size_t i = 0; i < input.attributes.size(); ++i) {
      if (To<Attribute>(input.attributes[i]).id == attribute->id) column->ordinal = static_cast<int64_t>(i);
    }
    return column;
  });
}

QueryContextPtr MakeContext(bool ansi, const std::string& zone) {
  auto context = std::make_shared<QueryContext>();
  context->ansi = ansi;
  context->zone = TimeZone::Load(zone);
  context->config = context->config.With("spark.sql.timeType.enabled", "true");
  context->start_micros = 1700000000000000;
  context->memory = std::make_shared<MemoryBudget>(int64_t{4} << 30);
  return context;
}

std::string Print(const ExprPtr& expression) {
  auto list = [](const std::vector<ExprPtr>& parts) {
    std::string out;
    for (const ExprPtr& part : parts) out += (out.empty() ? "" : ", ") + Print(part);
    return out;
  };
  if (const auto* literal = As<Literal>(expression)) {
    return Describe(literal->value) + ":" + expression->type->CatalogString();
  }
  if (const auto* column = As<Column>(expression)) {
    return "c" + std::to_string(column->ordinal) + ":" + column->type->CatalogString() +
           (column->nullable ? "" : " not null");
  }
  if (const auto* call = As<Call>(expression)) return call->function + "(" + list(call->args) + ")";
  if (const auto* call = As<AggregateCall>(expression)) return call->function + "(" + list(call->args) + ")";
  if (const auto* cast = As<Cast>(expression)) {
    const char* mode = cast->mode == EvalMode::kAnsi ? "" : cast->mode == EvalMode::kTry ? "try_" : "legacy_";
    return mode + ("cast(" + Print(cast->child)) + " as " + cast->target->CatalogString() + ")";
  }
  if (const auto* lambda = As<Lambda>(expression))
    return "(" + list(lambda->parameters) + ") -> " + Print(lambda->body);
  if (const auto* variable = As<LambdaVariable>(expression)) {
    return (variable->parts.empty() ? "?" : variable->parts[0]) + "#" + std::to_string(variable->id);
  }
  return ColumnNameOf(expression);
}

}  // namespace centella::property
