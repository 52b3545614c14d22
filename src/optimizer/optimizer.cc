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

}  // namespace

const std::vector<OptimizerRule>& OptimizerRules() {
  constexpr bool kRequired = true, kOptional = false;
  static const std::vector<OptimizerRule> all = {
#define CENTELLA_RULE(name, need, stages) {#name, rules::name, need, stages},
#include "optimizer/rules.def"
#undef CENTELLA_RULE
  };
  return all;
}

PlanPtr Optimize(const PlanPtr& resolved, const QueryContextPtr& context) {
  const bool enabled = context->config.GetBool("spark.centella.optimizer.enabled");
  const std::string excluded = context->config.GetString("spark.centella.optimizer.excludedRules");
  PlanPtr plan = resolved;
  for (const RuleStages stage : {kFirst, kUntilSettled, kLast}) {
    for (int round = 0; round < (stage == kUntilSettled ? kMaxRounds : 1); ++round) {
      const PlanPtr before = plan;
      for (const OptimizerRule& rule : OptimizerRules()) {
        if ((rule.stages & stage) == 0) continue;
        if (!rule.required && (!enabled || Excluded(rule.name, excluded))) continue;
        plan = rule.apply(plan, context);
      }
      if (plan == before) break;
    }
  }
  return plan;
}

}  // namespace centella
