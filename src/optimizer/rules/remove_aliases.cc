// SubqueryAlias only names columns for analysis; afterwards it's in the way of every pattern.
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {

PlanPtr RemoveAliases(const PlanPtr& plan, const QueryContextPtr& context) {
  const PlanPtr flat = TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    const SubqueryAlias* alias = As<SubqueryAlias>(node);
    return alias != nullptr && alias->columns.empty() ? alias->child : node;
  });
  // Plans of subqueries too.
  return TransformExpressionsUp(flat, [&context](const ExprPtr& node) -> ExprPtr {
    const Subquery* subquery = As<Subquery>(node);
    if (subquery == nullptr) return node;
    const PlanPtr inner = RemoveAliases(subquery->plan, context);
    if (inner == subquery->plan) return node;
    auto copy = std::static_pointer_cast<Subquery>(node->Clone());
    copy->plan = inner;
    return copy;
  });
}

}  // namespace centella::rules
