// The node of aggregations: how it is planned, built, checked and shown. The operator is hash_aggregate.h.
#include <algorithm>
#include <functional>

#include "execution/bind_aggregate.h"
#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "plan/transform.h"

namespace centella {
namespace {

bool ArgumentsCanFail(const Aggregate& aggregate) {
  auto fails = [](const ExprPtr& expression) {
    return Any(expression, [](const ExprPtr& e) {
      const AggregateCall* call = As<AggregateCall>(e);
      return call != nullptr && std::any_of(call->args.begin(), call->args.end(), CanFail);
    });
  };
  return std::any_of(aggregate.aggregates.begin(), aggregate.aggregates.end(), fails) ||
         std::any_of(aggregate.grouping.begin(), aggregate.grouping.end(), CanFail);
}

// What the operator makes of the output expressions: `output` has an attribute per group key, then per call.
struct Inner {
  std::vector<ExprPtr> output, calls;
};

// The output expressions over `inner`, which gets the calls in them.
std::vector<ExprPtr> OverGroups(const Aggregate& aggregate, Inner* inner) {
  for (const ExprPtr& grouping : aggregate.grouping) {
    const Attribute* attribute = As<Attribute>(grouping);
    inner->output.push_back(
        attribute != nullptr ? grouping : MakeAttribute("group", grouping->type, grouping->nullable, NextExprId()));
  }
  auto replace = [&](const ExprPtr& node) -> ExprPtr {
    for (size_t g = 0; g < aggregate.grouping.size(); ++g) {
      if (SameExpression(node, aggregate.grouping[g])) return inner->output[g];
    }
    if (node->kind() != ExprKind::kAggregate) return nullptr;
    for (size_t c = 0; c < inner->calls.size(); ++c) {
      if (SameExpression(node, inner->calls[c])) return inner->output[aggregate.grouping.size() + c];
    }
    inner->calls.push_back(node);
    inner->output.push_back(MakeAttribute("agg", node->type, node->nullable, NextExprId()));
    return inner->output.back();
  };
  std::function<ExprPtr(const ExprPtr&)> rewrite = [&](const ExprPtr& node) -> ExprPtr {
    if (ExprPtr replaced = replace(node)) return replaced;
    return MapChildren(node, rewrite);
  };
  std::vector<ExprPtr> outer;
  for (const ExprPtr& expression : aggregate.aggregates) {
    if (const Alias* alias = As<Alias>(expression)) {
      auto copy = std::static_pointer_cast<Alias>(expression->Clone());
      copy->child = rewrite(alias->child);
      outer.push_back(copy);
    } else {
      outer.push_back(rewrite(expression));
    }
  }
  return outer;
}

// Output expressions may mix aggregates and grouping expressions: the operator makes both, a projection above it
// the rest.
Planned PlanAggregate(const PlanPtr& plan, Planner& planner) {
  const Aggregate& aggregate = To<Aggregate>(plan);
  if (ArgumentsCanFail(aggregate)) planner.RaisesOver(aggregate.child);
  std::vector<ExprPtr> users = aggregate.grouping;
  users.insert(users.end(), aggregate.aggregates.begin(), aggregate.aggregates.end());
  const Planned child = Planner::PruneJoin(planner.Plan(aggregate.child), users);
  Inner inner;
  const std::vector<ExprPtr> outer = OverGroups(aggregate, &inner);
  const Binder binder(child.output);
  auto node = NewNode<PhysicalAggregate>(inner.output, {child.plan});
  node->grouping = binder.Bind(aggregate.grouping);
  node->aggregates = binder.Bind(inner.calls);
  return planner.ProjectOn({node, inner.output}, outer);
}

// What partial aggregations made.
Built BuildMerge(const PhysicalAggregate& aggregate, PipelineBuilder& builder) {
  InputColumns input;
  HashAggregateSpec spec = SpecOfAggregate(aggregate, builder.context(), &input);
  HashAggregate operation(std::move(spec), builder.context());
  const size_t pipeline = builder.End("merge", builder.Build(aggregate.children[0]), operation.merge_sink());
  return builder.FromSource(operation.source(), {pipeline});
}

Built BuildAggregate(const PhysicalAggregate& aggregate, PipelineBuilder& builder) {
  if (aggregate.phase == AggregatePhase::kFinal) return BuildMerge(aggregate, builder);
  Built built = builder.Build(aggregate.children[0]);
  // Only what the operator reads goes into it.
  InputColumns input;
  HashAggregateSpec spec = SpecOfAggregate(aggregate, builder.context(), &input);
  builder.Project(&built, input.expressions());
  Built groups;
  groups.scan = built.scan;
  groups.scan_pipelines = built.scan_pipelines;
  for (int key : spec.keys) {
    const bool known = static_cast<size_t>(key) < built.scan_columns.size();
    groups.scan_columns.push_back(known ? built.scan_columns[key] : -1);
  }
  HashAggregate operation(std::move(spec), builder.context());
  const size_t pipeline = builder.End("aggregate", std::move(built), operation.sink());
  if (aggregate.phase == AggregatePhase::kPartial) return builder.FromSource(operation.partial_source(), {pipeline});
  groups.stages.push_back({operation.source(), {}, false});
  groups.depends_on.push_back(pipeline);
  groups.scan_pipelines.push_back(pipeline);
  return groups;
}

// Keys and states, then the columns that the calls read, then a flag: between the phases of an aggregation.
void CheckPartialRows(const PhysicalAggregate& aggregate, const PhysicalPlan& rows, const PlanCheck& check) {
  InputColumns input;
  for (const ExprPtr& key : aggregate.grouping) {
    check.Demand(key != nullptr && key->type != nullptr, aggregate, "has a key without a type");
    input.Add(key);
  }
  for (const ExprPtr& expression : aggregate.aggregates) {
    const AggregateCall& call = To<AggregateCall>(expression);
    std::vector<ExprPtr> read = call.args;
    if (call.filter != nullptr) read.push_back(call.filter);
    for (const ExprPtr& each : read) {
      check.Demand(each != nullptr && each->type != nullptr, aggregate, "has an argument without a type");
      input.Add(each);
    }
  }
  const size_t groups = aggregate.grouping.size() + aggregate.aggregates.size();
  const std::vector<TypePtr> given = rows.types(), wanted = input.types();
  check.Demand(given.size() == groups + wanted.size() + 1 && given.back()->is(TypeId::kBoolean), aggregate,
               "merges something else than what a partial aggregation gives");
  for (size_t i = 0; i < wanted.size(); ++i) {
    check.Demand(SameTypeIgnoringNullability(*given[groups + i], *wanted[i]), aggregate,
                 "merges columns of other types");
  }
}

void CheckAggregate(const PhysicalAggregate& aggregate, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(aggregate);
  check.AllAre<AggregateCall>(aggregate, aggregate.aggregates);
  check.Demand(aggregate.phase <= AggregatePhase::kFinal, aggregate, "is in no phase there is");
  if (aggregate.phase == AggregatePhase::kFinal) {
    CheckPartialRows(aggregate, *aggregate.children[0], check);
  } else {
    check.Bound(aggregate, aggregate.grouping, input);
    check.Bound(aggregate, aggregate.aggregates, input);
  }
  if (aggregate.phase == AggregatePhase::kPartial) return CheckPartialRows(aggregate, aggregate, check);
  check.Width(aggregate, aggregate.grouping.size() + aggregate.aggregates.size());
}

std::string LineOf(const PhysicalAggregate& aggregate) {
  const char* phases[] = {"", "Partial", "Final"};
  return phases[static_cast<int>(aggregate.phase)] + ("HashAggregate(keys=" + NamesOf(aggregate.grouping)) +
         ", functions=" + NamesOf(aggregate.aggregates) + ")";
}

// In one, and the second of two phases.
std::vector<PhysicalPtr> SampleAggregate() {
  const PhysicalPtr rows = samples::Rows();
  const std::vector<StructField>& fields = rows->columns();
  auto whole = samples::NodeOver<PhysicalAggregate>({fields[1], {"sum", types::Long(), true, ""}}, {rows});
  whole->grouping = {samples::ColumnOf(rows, 1)};
  whole->aggregates = {samples::SumOf(samples::ColumnOf(rows, 0))};
  // What its partial phase gives: key, state, the columns it reads, a flag.
  auto partial = samples::NodeOver<PhysicalInput>(
      {fields[1], {"state", types::Long(), true, ""}, fields[1], fields[0], {"is_input", types::Boolean(), false, ""}},
      {});
  auto merged = std::make_shared<PhysicalAggregate>(*whole);
  merged->children = {partial};
  merged->phase = AggregatePhase::kFinal;
  return {whole, merged};
}

}  // namespace

OperatorDeclaration operators::DeclareAggregate() {
  return OperatorOf<PhysicalAggregate>()
      .Plans(PlanKind::kAggregate, PlanAggregate)
      .Builds(BuildAggregate)
      .Checks(CheckAggregate)
      .Shows(LineOf)
      .Samples(SampleAggregate);
}

}  // namespace centella
