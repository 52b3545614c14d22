// Shared subplans: run once, kept, and read wherever the plan names them.
#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "execution/operators/exchange.h"

namespace centella {
namespace {

Planned PlanCteDef(const PlanPtr& plan, Planner& planner) {
  const CteDef& cte = To<CteDef>(plan);
  std::vector<PhysicalPtr> definitions;
  for (const PlanPtr& definition : cte.definitions) definitions.push_back(planner.Plan(definition).plan);
  Planned planned = planner.Plan(cte.child);
  for (size_t i = cte.ids.size(); i-- > 0;) {
    auto node = NewNode<PhysicalSpool>(planned.output, {definitions[i], planned.plan});
    node->id = cte.ids[i];
    planned.plan = node;
  }
  return planned;
}

Planned PlanCteRef(const PlanPtr& plan, Planner&) {
  const CteRef& ref = To<CteRef>(plan);
  auto node = NewNode<PhysicalSpoolRead>(ref.output, {});
  node->id = ref.id;
  return {node, ref.output};
}

Built BuildSpool(const PhysicalSpool& spool, PipelineBuilder& builder) {
  Built definition = builder.Build(spool.children[0]);
  auto exchange = std::make_shared<Exchange>(ExchangeKind::kKeep, definition.partitions(), std::vector<int>(),
                                             spool.children[0]->types(), builder.context());
  const size_t pipeline = builder.End("spool", std::move(definition), exchange->sink());
  builder.spools()[spool.id] = {exchange, pipeline};
  return builder.Build(spool.children[1]);
}

Built BuildSpoolRead(const PhysicalSpoolRead& read, PipelineBuilder& builder) {
  const auto found = builder.spools().find(read.id);
  CENTELLA_CHECK(found != builder.spools().end(), "a shared subplan is read before it's defined");
  return builder.FromSource(found->second.first->source(), {found->second.second});
}

// Its number of children was checked before them.
void CheckSpool(const PhysicalSpool&, const PlanCheck&) {}

void CheckSpoolRead(const PhysicalSpoolRead& read, const PlanCheck& check) {
  check.Children(read, 0);
  check.Demand(check.defined(read.id), read, "reads a subplan that isn't defined");
}

std::string LineOfSpool(const PhysicalSpool& spool) { return "Spool #" + std::to_string(spool.id); }
std::string LineOfRead(const PhysicalSpoolRead& read) { return "ReadSpool #" + std::to_string(read.id); }

std::vector<PhysicalPtr> SampleSpool() {
  const PhysicalPtr rows = samples::Rows();
  auto read = samples::NodeOver<PhysicalSpoolRead>(rows->columns(), {});
  read->id = 7;
  auto spool = samples::NodeOver<PhysicalSpool>(rows->columns(), {rows, read});
  spool->id = 7;
  return {spool};
}

std::vector<PhysicalPtr> NoSample() { return {}; }  // it stands in that of a spool

}  // namespace

OperatorDeclaration operators::DeclareSpool() {
  return OperatorOf<PhysicalSpool>()
      .Plans(PlanKind::kCteDef, PlanCteDef)
      .Builds(BuildSpool)
      .Checks(CheckSpool)
      .Shows(LineOfSpool)
      .Samples(SampleSpool);
}

OperatorDeclaration operators::DeclareSpoolRead() {
  return OperatorOf<PhysicalSpoolRead>()
      .Plans(PlanKind::kCteRef, PlanCteRef)
      .Builds(BuildSpoolRead)
      .Checks(CheckSpoolRead)
      .Shows(LineOfRead)
      .Samples(NoSample);
}

}  // namespace centella
