// DISTINCT, INTERSECT and EXCEPT in terms of grouping and joins.
#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

PlanPtr GroupByAll(const PlanPtr& child) {
  auto aggregate = std::make_shared<Aggregate>();
  aggregate->grouping = OutputOf(child);
  aggregate->aggregates = aggregate->grouping;
  aggregate->child = child;
  return aggregate;
}

// The child with one more column: 1, 2, … within each set of equal rows.
PlanPtr NumberDuplicates(const PlanPtr& child) { return NumberRows(OutputOf(child), {}, "duplicate", child); }

PlanPtr ReplaceOne(const SetOperation& operation) {
  PlanPtr left = operation.left, right = operation.right;
  const std::vector<ExprPtr> output = OutputOf(left);
  if (operation.all) {
    left = NumberDuplicates(left);
    right = NumberDuplicates(right);
  }
  auto join = std::make_shared<Join>();
  join->type = operation.operation == SetOperationKind::kIntersect ? JoinType::kLeftSemi : JoinType::kLeftAnti;
  const std::vector<ExprPtr> a = OutputOf(left), b = OutputOf(right);
  std::vector<ExprPtr> terms;
  for (size_t i = 0; i < a.size(); ++i) terms.push_back(MakeNullSafeEquals(a[i], b[i]));
  join->condition = Conjunction(std::move(terms));
  join->left = left;
  join->right = right;
  if (operation.all) return MakeProject(output, join);
  return GroupByAll(join);
}

}  // namespace

PlanPtr ReplaceSetOperations(const PlanPtr& plan, const QueryContextPtr& context) {
  const PlanPtr replaced = TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    if (const Distinct* distinct = As<Distinct>(node)) return GroupByAll(distinct->child);
    if (const SetOperation* operation = As<SetOperation>(node)) return ReplaceOne(*operation);
    return node;
  });
  return TransformExpressionsUp(replaced, [&context](const ExprPtr& node) -> ExprPtr {
    const Subquery* subquery = As<Subquery>(node);
    if (subquery == nullptr) return node;
    const PlanPtr inner = ReplaceSetOperations(subquery->plan, context);
    if (inner == subquery->plan) return node;
    auto copy = std::static_pointer_cast<Subquery>(node->Clone());
    copy->plan = inner;
    return copy;
  });
}

}  // namespace centella::rules
