// What columns a resolved plan gives, and their nullability.
#include "plan/logical_plan.h"

#include "plan/depth_guard.h"
#include "plan/node_registry.h"

namespace centella {
namespace {

// The column that an entry of a select list gives.
ExprPtr ToAttribute(const ExprPtr& expression) {
  if (As<Attribute>(expression) != nullptr) return expression;
  const auto* alias = As<Alias>(expression);
  CENTELLA_CHECK(alias != nullptr && alias->child != nullptr && alias->child->resolved() && alias->names.size() == 1,
                 "an output that is neither a column nor a resolved alias");
  std::string metadata = alias->metadata;
  if (!alias->has_metadata && metadata.empty()) {
    if (const auto* column = As<Attribute>(alias->child)) metadata = column->metadata;
  }
  ExprPtr attribute =
      MakeAttribute(alias->name(), alias->child->type, alias->child->nullable, alias->id, {}, std::move(metadata));
  return attribute;
}

std::vector<ExprPtr> ToAttributes(const std::vector<ExprPtr>& expressions) {
  std::vector<ExprPtr> attributes;
  attributes.reserve(expressions.size());
  for (const ExprPtr& expression : expressions) attributes.push_back(ToAttribute(expression));
  return attributes;
}

ExprPtr WithNullable(const ExprPtr& attribute, bool nullable) {
  if (attribute->nullable == nullable) return attribute;
  auto copy = std::make_shared<Attribute>(To<Attribute>(attribute));
  copy->nullable = nullable;
  return copy;
}

void AppendNullable(const std::vector<ExprPtr>& from, bool nullable, std::vector<ExprPtr>* to) {
  for (const ExprPtr& attribute : from) to->push_back(nullable ? WithNullable(attribute, true) : attribute);
}

std::vector<ExprPtr> JoinOutput(const Join& join) {
  std::vector<ExprPtr> output;
  const bool left_nullable = join.type == JoinType::kRight || join.type == JoinType::kFull;
  const bool right_nullable = join.type == JoinType::kLeft || join.type == JoinType::kFull;
  AppendNullable(OutputOf(join.left), left_nullable, &output);
  switch (join.type) {
    case JoinType::kLeftSemi:
    case JoinType::kLeftAnti: return output;
    case JoinType::kExistence:
      CENTELLA_CHECK(join.existence != nullptr, "an existence join without its attribute");
      output.push_back(join.existence);
      return output;
    default: AppendNullable(OutputOf(join.right), right_nullable, &output); return output;
  }
}

std::vector<ExprPtr> SetOperationOutput(const SetOperation& operation) {
  std::vector<ExprPtr> output = OutputOf(operation.left);
  if (operation.operation == SetOperationKind::kExcept) return output;
  const std::vector<ExprPtr> right = OutputOf(operation.right);
  CENTELLA_CHECK(right.size() == output.size(), "a set operation over different numbers of columns");
  for (size_t i = 0; i < output.size(); ++i) {
    const bool both = output[i]->nullable && right[i]->nullable;
    const bool either = output[i]->nullable || right[i]->nullable;
    output[i] = WithNullable(output[i], operation.operation == SetOperationKind::kIntersect ? both : either);
  }
  return output;
}

std::vector<ExprPtr> GenerateOutput(const Generate& generate) {
  std::vector<ExprPtr> output = OutputOf(generate.child);
  for (const ExprPtr& column : generate.generator_output) {
    auto copy = std::make_shared<Attribute>(To<Attribute>(column));
    copy->nullable = copy->nullable || generate.outer;
    if (!generate.qualifier.empty()) copy->qualifier = {generate.qualifier};
    output.push_back(std::move(copy));
  }
  return output;
}

std::vector<ExprPtr> SubqueryAliasOutput(const SubqueryAlias& alias) {
  CENTELLA_CHECK(alias.columns.empty(), "a subquery alias whose column names aren't resolved");
  std::vector<ExprPtr> output = OutputOf(alias.child);
  for (ExprPtr& column : output) {
    auto copy = std::make_shared<Attribute>(To<Attribute>(column));
    copy->qualifier = alias.qualifier;
    column = std::move(copy);
  }
  return output;
}

std::vector<ExprPtr> WindowOutput(const Window& window) {
  std::vector<ExprPtr> output = OutputOf(window.child);
  for (const ExprPtr& expression : window.expressions) output.push_back(ToAttribute(expression));
  return output;
}

// The child whose columns pass through unchanged, or null.
const PlanPtr* PassedThrough(const LogicalPlan& plan) {
  switch (plan.kind()) {
    case PlanKind::kFilter: return &static_cast<const Filter&>(plan).child;
    case PlanKind::kSort: return &static_cast<const Sort&>(plan).child;
    case PlanKind::kLimit: return &static_cast<const Limit&>(plan).child;
    case PlanKind::kRepartition: return &static_cast<const Repartition&>(plan).child;
    case PlanKind::kSample: return &static_cast<const Sample&>(plan).child;
    case PlanKind::kDistinct: return &static_cast<const Distinct&>(plan).child;
    case PlanKind::kDeduplicate: return &static_cast<const Deduplicate&>(plan).child;
    case PlanKind::kCteDef: return &static_cast<const CteDef&>(plan).child;
    case PlanKind::kCollectMetrics: return &static_cast<const CollectMetrics&>(plan).child;
    case PlanKind::kHint: return &static_cast<const Hint&>(plan).child;
    default: return nullptr;
  }
}

}  // namespace

std::vector<ExprPtr> OutputOf(const PlanPtr& plan) {
  CENTELLA_CHECK(plan != nullptr, "a plan that is missing");
  DepthGuard guard;
  const LogicalPlan* node = plan.get();
  while (const PlanPtr* child = PassedThrough(*node)) {
    CENTELLA_CHECK(*child != nullptr, "a plan without its child");
    node = child->get();
  }
  switch (node->kind()) {
    case PlanKind::kLocalRelation: return static_cast<const LocalRelation&>(*node).output;
    case PlanKind::kRange:
      CENTELLA_CHECK(!static_cast<const Range&>(*node).output.empty(), "a range that isn't resolved");
      return static_cast<const Range&>(*node).output;
    case PlanKind::kScan: return static_cast<const ScanPlan&>(*node).output;
    case PlanKind::kProject: return ToAttributes(static_cast<const Project&>(*node).expressions);
    case PlanKind::kAggregate: return ToAttributes(static_cast<const Aggregate&>(*node).aggregates);
    case PlanKind::kJoin: return JoinOutput(static_cast<const Join&>(*node));
    case PlanKind::kUnion: return static_cast<const Union&>(*node).output;
    case PlanKind::kWindow: return WindowOutput(static_cast<const Window&>(*node));
    case PlanKind::kExpand: return static_cast<const Expand&>(*node).output;
    case PlanKind::kGenerate: return GenerateOutput(static_cast<const Generate&>(*node));
    case PlanKind::kSubqueryAlias: return SubqueryAliasOutput(static_cast<const SubqueryAlias&>(*node));
    case PlanKind::kCached: return static_cast<const Cached&>(*node).output;
    case PlanKind::kSetOperation: return SetOperationOutput(static_cast<const SetOperation&>(*node));
    case PlanKind::kCteRef: return static_cast<const CteRef&>(*node).output;
    case PlanKind::kCreateView:
    case PlanKind::kWriteFiles: return {};
    default: CENTELLA_CHECK(false, "the output of an unresolved " + std::string(NameOf(node->kind())));
  }
  return {};
}

TypePtr SchemaOf(const PlanPtr& plan) {
  std::vector<StructField> fields;
  for (const ExprPtr& column : OutputOf(plan)) {
    const Attribute& attribute = To<Attribute>(column);
    CENTELLA_CHECK(attribute.type != nullptr, "the column " + attribute.name + " has no type");
    fields.push_back({attribute.name, attribute.type, attribute.nullable, attribute.metadata});
  }
  return types::Struct(std::move(fields));
}

}  // namespace centella
