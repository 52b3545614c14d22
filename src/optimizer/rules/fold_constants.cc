// Expressions without columns become literals. One that would raise stays as it is: its error belongs to run time.
#include "expression/evaluator.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

bool IsConstant(const ExprPtr& expression) { return expression->kind() == ExprKind::kLiteral; }

ExprPtr Fold(const ExprPtr& node, const QueryContextPtr& context) {
  if (node->kind() != ExprKind::kCall && node->kind() != ExprKind::kCast) return node;
  for (const ExprPtr& child : ChildrenOf(*node)) {
    if (!IsConstant(child)) return node;
  }
  if (!IsDeterministic(node)) return node;
  const std::optional<Value> value = FoldConstant(node, context);
  return value.has_value() ? MakeLiteral(*value) : node;
}

}  // namespace

PlanPtr FoldConstants(const PlanPtr& plan, const QueryContextPtr& context) {
  return TransformUp(plan, [&](const PlanPtr& node) -> PlanPtr {
    // Generators and windows look at their argument's form.
    if (node->kind() == PlanKind::kGenerate || node->kind() == PlanKind::kWindow) return node;
    return MapExpressions(node, [&](const ExprPtr& expression) {
      return TransformUp(expression, [&](const ExprPtr& each) { return Fold(each, context); });
    });
  });
}

}  // namespace centella::rules
