// The node of sorts: how it is planned, built, checked and shown. The operator is sort.h.
#include "execution/operators/sort_node.h"

#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "execution/operators/sort.h"

namespace centella {
namespace {

Planned PlanSort(const PlanPtr& plan, Planner& planner) {
  const Sort& sort = To<Sort>(plan);
  return planner.SortOn(planner.Plan(sort.child), sort.order, -1, !sort.global);
}

Built BuildSort(const PhysicalSort& sort, PipelineBuilder& builder) {
  Built built = builder.Build(sort.children[0]);
  InputColumns input(*sort.children[0]);
  SortSpec spec;
  spec.keys = AddSortKeys(sort.order, &input);
  spec.types = input.types();
  spec.limit = sort.limit;
  spec.offset = sort.per_partition ? 0 : std::max<int64_t>(0, sort.offset);
  spec.per_partition = sort.per_partition;
  builder.ProjectInput(&built, input);
  SortOperator operation(std::move(spec), built.partitions(), builder.context());
  const size_t pipeline = builder.End("sort", std::move(built), operation.sink());
  Built result = builder.FromSource(operation.source(), {pipeline});
  if (input.needs_projection()) result.KeepFirstColumns(sort.columns().size());
  return result;
}

void CheckSort(const PhysicalSort& sort, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(sort);
  check.AllAre<SortOrder>(sort, sort.order);
  check.Bound(sort, sort.order, input);
  check.Width(sort, input.size());
}

std::string LineOf(const PhysicalSort& sort) {
  const std::string offset = sort.offset > 0 ? " Offset " + std::to_string(sort.offset) : "";
  if (sort.limit >= 0) return "TopN " + std::to_string(sort.limit) + " " + NamesOf(sort.order) + offset;
  return "Sort " + NamesOf(sort.order) + (sort.per_partition ? ", false" : ", true") + offset;
}

std::vector<PhysicalPtr> SampleSort() {
  const PhysicalPtr rows = samples::Rows();
  auto top = samples::NodeOver<PhysicalSort>(rows->columns(), {rows});
  top->order = {samples::OrderBy(samples::ColumnOf(rows, 1))};
  top->limit = 5;
  top->offset = 1;
  auto within = std::make_shared<PhysicalSort>(*top);
  within->limit = -1;
  within->per_partition = true;
  return {top, within};
}

}  // namespace

std::vector<SortKey> AddSortKeys(const std::vector<ExprPtr>& order, InputColumns* input) {
  std::vector<SortKey> keys;
  for (const ExprPtr& expression : order) {
    const SortOrder& each = To<SortOrder>(expression);
    keys.push_back({input->Add(each.child), each.ascending, each.nulls_first});
  }
  return keys;
}

OperatorDeclaration operators::DeclareSort() {
  return OperatorOf<PhysicalSort>()
      .Plans(PlanKind::kSort, PlanSort)
      .Builds(BuildSort)
      .Checks(CheckSort)
      .Shows(LineOf)
      .Samples(SampleSort);
}

}  // namespace centella
