// Takes the correlated predicates out of a subquery's plan, so that they can stand in a join's condition.
#pragma once

#include <vector>

#include "plan/logical_plan.h"

namespace centella {

struct Decorrelated {
  PlanPtr plan;                      // without outer references; its output may have more columns
  std::vector<ExprPtr> conditions;   // over the plan's output and the outer query's columns
  // Scalar subqueries: what the value is for a key without rows (null: NULL), and whether there is at most one row a key.
  ExprPtr value_without_rows;
  bool one_row_per_key = false;
};

// `keep_rows`: the number of rows matters (scalar subqueries); else only whether there are some (EXISTS, IN), and limits and
// sorts that can't change that are dropped. Raises UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY for correlation
// that can't be moved.
Decorrelated Decorrelate(const PlanPtr& plan, bool keep_rows);

// Turns lateral joins to ordinary ones in the same way.
PlanPtr DecorrelateLateral(const PlanPtr& join);

// The same plan with new ids for all columns that it defines.
PlanPtr WithFreshIds(const PlanPtr& plan);

}  // namespace centella
