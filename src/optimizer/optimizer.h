// Rewrites a resolved plan into an equivalent, cheaper one; one file a rule, switchable by name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/query_context.h"
#include "plan/logical_plan.h"

namespace centella {

// When a rule runs; a bit each.
enum RuleStages : unsigned { kFirst = 1, kUntilSettled = 2, kLast = 4 };

struct OptimizerRule {
  std::string name;  // "PushDownFilters": what spark.centella.optimizer.excludedRules names
  std::function<PlanPtr(const PlanPtr&, const QueryContextPtr&)> apply;
  // Needed for execution (subquery unnesting, Distinct to Aggregate …): runs even with the optimizer off.
  bool required = false;
  unsigned stages = 0;
};

// As rules.def lists them: the order in which a stage runs its rules.
const std::vector<OptimizerRule>& OptimizerRules();

PlanPtr Optimize(const PlanPtr& resolved, const QueryContextPtr& context);

}  // namespace centella
