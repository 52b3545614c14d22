// Correlated subqueries that no join condition can express (limits, aggregates without groups, inequalities under an
// aggregate, generators, unions …): the subquery is evaluated once for each distinct combination of the outer values it
// uses, and its result carries those values, so that an ordinary join with the outer rows follows.
#pragma once

#include <vector>

#include "plan/logical_plan.h"

namespace centella {

struct DependentPlan {
  PlanPtr plan;                 // the subquery's output (same ids) and the domain's columns
  std::vector<ExprPtr> outer;   // the outer columns that the subquery uses …
  std::vector<ExprPtr> domain;  // … and the plan's columns that hold their values
  // outer <=> domain, all of them: what the join with the outer rows needs.
  std::vector<ExprPtr> Conditions() const;
};

// `plan` uses columns of `outer_plan` as OuterReferences. Raises UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY for operators that can't
// be evaluated for many outer rows at once.
DependentPlan EvaluateForEachOuter(const PlanPtr& plan, const PlanPtr& outer_plan);

// A lateral join whose right side only computes with the left row (expressions, generators) as a chain of projections and
// generators over the left side; null for others.
PlanPtr ChainLateral(const Join& join);

// For no rows a global aggregate's output gives this (counts are zero); null for NULL.
ExprPtr ValueWithoutRows(const ExprPtr& expression);

}  // namespace centella
