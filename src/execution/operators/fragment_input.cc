// Where a fragment takes the rows of another one (execution/fragment.h). Made when a plan is cut, never planned.
#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "execution/operators/exchange.h"

namespace centella {
namespace {

Built BuildInput(const PhysicalInput& input, PipelineBuilder& builder) {
  const auto& inputs = builder.part().inputs;
  const auto found = inputs.find(input.fragment);
  if (found != inputs.end()) return builder.FromSource(found->second->source());
  // Without rows when only the number of partitions is asked for.
  return builder.FromSource(MakeBatchSource({}, static_cast<int32_t>(input.partitions), 1));
}

void CheckInput(const PhysicalInput& input, const PlanCheck& check) {
  check.Children(input, 0);
  check.Partitions(input, input.partitions);
}

std::string LineOf(const PhysicalInput& input) { return "ReadFragment " + std::to_string(input.fragment); }

std::vector<PhysicalPtr> SampleInput() {
  auto input = samples::NodeOver<PhysicalInput>({{"id", types::Long(), true, ""}}, {});
  input->fragment = 3;
  input->partitions = 2;
  return {input};
}

}  // namespace

OperatorDeclaration operators::DeclareInput() {
  return OperatorOf<PhysicalInput>().Builds(BuildInput).Checks(CheckInput).Shows(LineOf).Samples(SampleInput);
}

}  // namespace centella
