// Takes the correlated predicates out of a subquery's plan, so that they can stand in a join's condition.
#pragma once

#include <optional>
#include <vector>

#include "optimizer/attributes.h"
#include "plan/logical_plan.h"

namespace centella {

struct Decorrelated {
  PlanPtr plan;                     // without outer references; its output may have more columns
  std::vector<ExprPtr> conditions;  // over the plan's output and the outer query's columns
  ExprPtr value_without_rows;       // scalar subqueries: the value for a key without rows (null: NULL)
};

// `outer`: the columns of the query around. `keep_rows`: the value matters (scalar subqueries, which must be global
// aggregates when correlated); else only whether there are rows (EXISTS, IN). Nothing when the correlation can't stand
// in a join's condition: dependent_join.h is for those.
std::optional<Decorrelated> Decorrelate(const PlanPtr& plan, const ExprIdSet& outer, bool keep_rows);

// The same plan with new ids for all columns that it defines.
PlanPtr WithFreshIds(const PlanPtr& plan);

}  // namespace centella
