// Walking and rewriting plans and expressions, generically, from the fields that nodes declare.
//
// All functions keep a node that didn't change (same pointer), so "did anything change" is a pointer comparison.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/expression.h"
#include "plan/logical_plan.h"

namespace centella {

using ExprFunction = std::function<ExprPtr(const ExprPtr&)>;
using PlanFunction = std::function<PlanPtr(const PlanPtr&)>;

// Direct sub-expressions / child plans, in field order (nulls left out). A subquery's plan isn't a child.
std::vector<ExprPtr> ChildrenOf(const Expression& expression);
std::vector<PlanPtr> ChildrenOf(const LogicalPlan& plan);
// Expressions that stand in the node itself.
std::vector<ExprPtr> ExpressionsOf(const LogicalPlan& plan);

ExprPtr MapChildren(const ExprPtr& expression, const ExprFunction& function);
PlanPtr MapChildren(const PlanPtr& plan, const PlanFunction& function);
PlanPtr MapExpressions(const PlanPtr& plan, const ExprFunction& function);

// Bottom-up / top-down rewriting; `function` returns its argument for "no change".
ExprPtr TransformUp(const ExprPtr& expression, const ExprFunction& function);
ExprPtr TransformDown(const ExprPtr& expression, const ExprFunction& function);
PlanPtr TransformUp(const PlanPtr& plan, const PlanFunction& function);
PlanPtr TransformDown(const PlanPtr& plan, const PlanFunction& function);
// Every expression (whole trees, bottom-up) of every node; `into_subqueries` also enters subquery plans.
PlanPtr TransformExpressionsUp(const PlanPtr& plan, const ExprFunction& function, bool into_subqueries = false);

// Pre-order; `visit` answers whether to go on below.
void Walk(const ExprPtr& expression, const std::function<bool(const ExprPtr&)>& visit);
void Walk(const PlanPtr& plan, const std::function<bool(const PlanPtr&)>& visit);
bool Any(const ExprPtr& expression, const std::function<bool(const ExprPtr&)>& test);

// Structural equality without origins; `ignore_ids` treats attributes of the same name as equal.
bool SameExpression(const ExprPtr& a, const ExprPtr& b);
bool SamePlan(const PlanPtr& a, const PlanPtr& b);

}  // namespace centella
