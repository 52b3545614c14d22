// Samples with replacement: each row as often as a Poisson number says, in place of the Sample node.
#include <random>

#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

PlanPtr ReplaceOne(const Sample& sample) {
  const int64_t seed = sample.has_seed ? sample.seed : static_cast<int64_t>(std::random_device()());
  const ExprPtr times =
      MakeAlias(MakeCall("sample_count",
                         {MakeLiteral(Value::Double(sample.upper - sample.lower)), MakeLiteral(Value::Long(seed))},
                         types::Int(), false),
                "times");
  const std::vector<ExprPtr> output = OutputOf(sample.child);
  std::vector<ExprPtr> with_times = output;
  with_times.push_back(times);
  auto generate = std::make_shared<Generate>();
  const TypePtr list = types::Array(types::Int(), false);
  const ExprPtr copies = MakeCall("array_repeat", {MakeLiteral(Value::Int(0)), AttributeOf(times)}, list, false);
  generate->generator = MakeCall("explode", {copies}, types::Struct({{"col", types::Int(), false, ""}}), false);
  generate->column_names = {"col"};
  generate->generator_output = {MakeAttribute("col", types::Int(), false, NextExprId())};
  generate->child = MakeProject(std::move(with_times), sample.child);
  return MakeProject(output, generate);
}

}  // namespace

PlanPtr ReplaceSamples(const PlanPtr& plan, const QueryContextPtr& context) {
  const PlanPtr replaced = TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    const Sample* sample = As<Sample>(node);
    return sample != nullptr && sample->with_replacement ? ReplaceOne(*sample) : node;
  });
  return TransformExpressionsUp(replaced, [&context](const ExprPtr& node) -> ExprPtr {
    const Subquery* subquery = As<Subquery>(node);
    if (subquery == nullptr) return node;
    const PlanPtr inner = ReplaceSamples(subquery->plan, context);
    if (inner == subquery->plan) return node;
    auto copy = std::static_pointer_cast<Subquery>(node->Clone());
    copy->plan = inner;
    return copy;
  });
}

}  // namespace centella::rules
