// How many rows a plan gives, by estimate: what join ordering and the choice of build sides go by.
#pragma once

#include "plan/logical_plan.h"

namespace centella {

// Never less than 1. From table statistics, predicates' selectivities and distinct counts.
double EstimateRows(const PlanPtr& plan);
// Distinct values of a column (by id) in a plan's output, at most its rows.
double EstimateDistinct(const PlanPtr& plan, ExprId column);

}  // namespace centella
