// Every optimizer rule, one file each in rules/. A rule gives the same pointer back when it changes nothing.
#pragma once

#include "optimizer/optimizer.h"

namespace centella::rules {

// Needed for execution.
PlanPtr RemoveAliases(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr InlineCtes(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr ReplaceSetOperations(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr ReplaceSamples(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr UnnestSubqueries(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr EvaluateLocalRelations(const PlanPtr& plan, const QueryContextPtr& context);
// Make plans cheaper.
PlanPtr FoldConstants(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr SimplifyConditions(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr PushDownFilters(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr PushDownSemiJoins(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr CollapseProjects(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr ReorderJoins(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr SplitDistinctAggregates(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr PruneColumns(const PlanPtr& plan, const QueryContextPtr& context);
PlanPtr PushDownLimits(const PlanPtr& plan, const QueryContextPtr& context);

}  // namespace centella::rules
