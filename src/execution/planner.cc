// From a resolved, optimised logical plan to a physical plan: the dispatch to operators, and binding.
#include "execution/planner.h"

#include <set>

#include "execution/operator_registry.h"
#include "plan/transform.h"

namespace centella {
namespace {

// The function that plans nodes of this kind, or null.
LogicalPlanner LogicalPlannerOf(PlanKind kind) {
  static const std::map<PlanKind, LogicalPlanner> all = [] {
    std::map<PlanKind, LogicalPlanner> functions;
    for (const OperatorDeclaration& declaration : Operators()) {
      for (const auto& [logical, plan] : declaration.plans) {
        CENTELLA_CHECK(functions.emplace(logical, plan).second, "two operators plan the same logical node");
      }
    }
    return functions;
  }();
  const auto found = all.find(kind);
  return found == all.end() ? nullptr : found->second;
}

}  // namespace

Binder::Binder(const std::vector<ExprPtr>& input) {
  for (size_t i = 0; i < input.size(); ++i) ordinals_.emplace(To<Attribute>(input[i]).id, static_cast<int64_t>(i));
}

ExprPtr Binder::Bind(const ExprPtr& expression) const {
  return TransformUp(expression, [this](const ExprPtr& node) -> ExprPtr {
    const Attribute* attribute = As<Attribute>(node);
    if (attribute == nullptr) return node;
    const auto found = ordinals_.find(attribute->id);
    CENTELLA_CHECK(found != ordinals_.end(), "column " + attribute->name + "#" + std::to_string(attribute->id) +
                                                 " isn't in the input of its operator");
    auto column = std::make_shared<Column>();
    column->ordinal = found->second;
    column->name = attribute->name;
    column->type = attribute->type;
    column->nullable = attribute->nullable;
    column->origin = attribute->origin;
    return column;
  });
}

std::vector<ExprPtr> Binder::Bind(const std::vector<ExprPtr>& expressions) const {
  std::vector<ExprPtr> bound;
  for (const ExprPtr& expression : expressions) bound.push_back(Bind(expression));
  return bound;
}

bool Binder::Covers(const ExprPtr& expression) const {
  return !Any(expression, [this](const ExprPtr& node) {
    const Attribute* attribute = As<Attribute>(node);
    return attribute != nullptr && !ordinals_.contains(attribute->id);
  });
}

TypePtr SchemaOfOutput(const std::vector<ExprPtr>& output) {
  std::vector<StructField> fields;
  for (const ExprPtr& expression : output) {
    const Attribute& attribute = To<Attribute>(expression);
    fields.push_back({attribute.name, attribute.type, attribute.nullable, attribute.metadata});
  }
  return types::Struct(std::move(fields));
}

ExprPtr OutputAttribute(const ExprPtr& expression) {
  if (const Alias* alias = As<Alias>(expression)) {
    return MakeAttribute(alias->name(), alias->child->type, alias->child->nullable, alias->id, {}, alias->metadata);
  }
  return expression;
}

ExprPtr WithoutAlias(const ExprPtr& expression) {
  const Alias* alias = As<Alias>(expression);
  return alias != nullptr ? alias->child : expression;
}

std::vector<int64_t> AllOrdinals(size_t count) {
  std::vector<int64_t> ordinals;
  for (size_t i = 0; i < count; ++i) ordinals.push_back(static_cast<int64_t>(i));
  return ordinals;
}

Planned Planner::Plan(const PlanPtr& plan) {
  if (++depth_ > kMaxPlanDepth) RaiseInternal(__FILE__, __LINE__, "a plan nests too deep");
  Planned planned;
  if (const SubqueryAlias* alias = As<SubqueryAlias>(plan)) {  // only names change
    planned = Plan(alias->child);
    planned.output = OutputOf(plan);
  } else {
    const LogicalPlanner function = LogicalPlannerOf(plan->kind());
    CENTELLA_CHECK(function != nullptr,
                   "no physical operator for plan node " + std::to_string(static_cast<int>(plan->kind())));
    planned = function(plan, *this);
  }
  --depth_;
  return planned;
}

Planned Planner::PruneJoin(const Planned& child, const std::vector<ExprPtr>& users) {
  const PhysicalJoin* join = As<PhysicalJoin>(child.plan);
  if (join == nullptr) return child;
  std::set<ExprId> used;
  for (const ExprPtr& user : users) {
    Walk(user, [&](const ExprPtr& node) {
      if (const Attribute* attribute = As<Attribute>(node)) used.insert(attribute->id);
      return true;
    });
  }
  std::vector<ExprPtr> output;
  std::vector<int64_t> left, right;
  for (size_t i = 0; i < child.output.size(); ++i) {
    const size_t from_left = join->left_output.size();
    const bool existence = join->type == JoinType::kExistence && i + 1 == child.output.size();
    if (!existence && !used.contains(To<Attribute>(child.output[i]).id)) continue;
    output.push_back(child.output[i]);
    if (existence) continue;
    if (i < from_left) {
      left.push_back(join->left_output[i]);
    } else {
      right.push_back(join->right_output[i - from_left]);
    }
  }
  auto pruned = std::static_pointer_cast<PhysicalJoin>(join->Clone());
  pruned->schema = SchemaOfOutput(output);
  pruned->left_output = std::move(left);
  pruned->right_output = std::move(right);
  return {pruned, output};
}

Planned Planner::ProjectOn(const Planned& whole, const std::vector<ExprPtr>& expressions) {
  const Planned child = PruneJoin(whole, expressions);
  std::vector<ExprPtr> output, bound;
  const Binder binder(child.output);
  for (const ExprPtr& expression : expressions) {
    output.push_back(OutputAttribute(expression));
    bound.push_back(binder.Bind(WithoutAlias(expression)));
  }
  auto node = NewNode<PhysicalProject>(output, {child.plan});
  node->expressions = std::move(bound);
  return {node, output};
}

Planned Planner::SortOn(const Planned& child, const std::vector<ExprPtr>& order, int64_t limit, bool per_partition,
                        int64_t offset) {
  auto node = NewNode<PhysicalSort>(child.output, {child.plan});
  node->order = Binder(child.output).Bind(order);
  node->limit = limit;
  node->offset = offset;
  node->per_partition = per_partition;
  return {node, child.output};
}

PhysicalPtr MakePhysicalPlan(const PlanPtr& plan, const QueryContextPtr& context) {
  return Planner(context).Plan(plan).plan;
}

}  // namespace centella
