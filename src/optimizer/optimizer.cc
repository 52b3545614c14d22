// The list of rules and the driver that runs them.
#include "optimizer/optimizer.h"

#include <algorithm>
#include <sstream>

#include "optimizer/rules.h"

namespace centella {
namespace {

// Pushing filters uncovers folding and the other way round; real plans settle in two or three rounds.
constexpr int kMaxRounds = 4;

bool Excluded(const std::string& name, const std::string& excluded) {
  std::stringstream list(excluded);
  std::string each;
  while (std::getline(list, each, ',')) {
    each.erase(0, each.find_first_not_of(' '));
    each.erase(each.find_last_not_of(' ') + 1);
    if (each == name) return true;
  }
  return false;
}

struct Stage {
  std::vector<std::string> rules;
  bool to_fixed_point;
};

const std::vector<Stage>& Stages() {
  static const std::vector<Stage> stages = {
      {{"RemoveAliases", "InlineCtes", "ReplaceSetOperations", "ReplaceSamples", "UnnestSubqueries"}, false},
      {{"FoldConstants", "SimplifyConditions", "PushDownFilters", "CollapseProjects"}, true},
      {{"PushDownSemiJoins", "ReorderJoins", "PushDownFilters", "SplitDistinctAggregates", "PruneColumns", "CollapseProjects",
        "PushDownLimits", "EvaluateLocalRelations"},
       false},
  };
  return stages;
}

}  // namespace

const std::vector<OptimizerRule>& OptimizerRules() {
  static const std::vector<OptimizerRule> all = {
      {"RemoveAliases", rules::RemoveAliases, true},
      {"InlineCtes", rules::InlineCtes, true},
      {"ReplaceSetOperations", rules::ReplaceSetOperations, true},
      {"ReplaceSamples", rules::ReplaceSamples, true},
      {"UnnestSubqueries", rules::UnnestSubqueries, true},
      {"FoldConstants", rules::FoldConstants, false},
      {"SimplifyConditions", rules::SimplifyConditions, false},
      {"PushDownFilters", rules::PushDownFilters, false},
      {"CollapseProjects", rules::CollapseProjects, false},
      {"PushDownSemiJoins", rules::PushDownSemiJoins, false},
      {"ReorderJoins", rules::ReorderJoins, false},
      {"SplitDistinctAggregates", rules::SplitDistinctAggregates, false},
      {"PruneColumns", rules::PruneColumns, false},
      {"PushDownLimits", rules::PushDownLimits, false},
      {"EvaluateLocalRelations", rules::EvaluateLocalRelations, true},
  };
  return all;
}

PlanPtr Optimize(const PlanPtr& resolved, const QueryContextPtr& context) {
  const bool enabled = context->config.GetBool("spark.centella.optimizer.enabled");
  const std::string excluded = context->config.GetString("spark.centella.optimizer.excludedRules");
  PlanPtr plan = resolved;
  for (const Stage& stage : Stages()) {
    for (int round = 0; round < (stage.to_fixed_point ? kMaxRounds : 1); ++round) {
      const PlanPtr before = plan;
      for (const std::string& name : stage.rules) {
        const auto rule = std::find_if(OptimizerRules().begin(), OptimizerRules().end(),
                                       [&](const OptimizerRule& each) { return each.name == name; });
        CENTELLA_CHECK(rule != OptimizerRules().end(), "unknown optimizer rule " + name);
        if (!rule->required && (!enabled || Excluded(name, excluded))) continue;
        plan = rule->apply(plan, context);
      }
      if (plan == before) break;
    }
  }
  return plan;
}

}  // namespace centella
