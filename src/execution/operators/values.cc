// Rows that travel with the plan.
#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

struct PhysicalValues final : NodeOf<PhysicalValues, PhysicalPlan, PhysicalKind::kValues> {
  std::vector<Batch> batches;
  int64_t partitions = 1;
  void VisitFields(FieldVisitor& v) override {
    v.Field("batches", batches, schema);
    v.Field("partitions", partitions);
  }
};

int64_t RowsOf(const std::vector<Batch>& batches) {
  int64_t rows = 0;
  for (const Batch& batch : batches) rows += batch.live_rows();
  return rows;
}

// The rows lie in `parts` partitions, in order.
void SplitInto(int64_t parts, PhysicalValues* values) {
  const int64_t rows = RowsOf(values->batches);
  std::vector<Batch> split;
  int64_t first = 0;  // of this batch
  for (const Batch& batch : values->batches) {
    const Batch dense = Compact(batch);
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t begin = std::max(rows * part / parts, first);
      const int64_t end = std::min(rows * (part + 1) / parts, first + dense.rows);
      if (begin >= end) continue;
      Batch piece = SliceBatch(dense, begin - first, end - begin);
      piece.place.partition = static_cast<int32_t>(part);
      piece.place.sequence = static_cast<int64_t>(split.size());
      split.push_back(std::move(piece));
    }
    first += dense.rows;
  }
  values->batches = std::move(split);
  values->partitions = parts;
}

// Rows under expressions that may raise: the first row's error is the one to tell, so one task sees them all.
bool StaysWhole(const LocalRelation& relation, const Planner& planner) {
  return planner.raises_over(relation) && RowsOf(relation.batches) <= (1 << 16);
}

Planned PlanValues(const PlanPtr& plan, Planner& planner) {
  const LocalRelation& relation = To<LocalRelation>(plan);
  auto node = NewNode<PhysicalValues>(relation.output, {});
  node->batches = relation.batches;
  int32_t last = 0;
  for (const Batch& batch : relation.batches) last = std::max(last, batch.place.partition);
  node->partitions = last + 1;
  // As many partitions as there are tasks by default.
  const int64_t parts = std::min<int64_t>(RowsOf(node->batches), planner.context()->default_parallelism);
  if (last == 0 && parts > 1 && !StaysWhole(relation, planner)) SplitInto(parts, node.get());
  return {node, relation.output};
}

Built BuildValues(const PhysicalValues& values, PipelineBuilder& builder) {
  const auto partitions = static_cast<int32_t>(values.partitions);
  return builder.FromShared(MakeBatchSource(values.batches, partitions, builder.context()->batch_size));
}

void CheckValues(const PhysicalValues& values, const PlanCheck& check) {
  check.Children(values, 0);
  check.Partitions(values, values.partitions);
  for (const Batch& batch : values.batches) {
    check.Demand(batch.place.partition >= 0 && batch.place.partition < values.partitions, values,
                 "has rows beyond its partitions");
    check.Width(values, batch.columns.size());
  }
}

std::string LineOf(const PhysicalValues& values) { return "LocalTableScan " + OutputNames(values); }

std::vector<PhysicalPtr> SampleValues() {
  const std::vector<StructField> fields = {{"id", types::Long(), true, ""},
                                           {"name", types::String(), true, "{\"m\":1}"}};
  auto node = samples::NodeOver<PhysicalValues>(fields, {});
  for (int32_t partition = 0; partition < 2; ++partition) {
    Batch batch;
    batch.rows = 3;
    batch.columns = {MakeVector(types::Long(), {Value::Long(partition), Value::Null(types::Long()), Value::Long(-7)}),
                     MakeVector(types::String(), {Value::String("a"), Value::String("more than twelve bytes"),
                                                  Value::Null(types::String())})};
    batch.place = {partition, partition};
    node->batches.push_back(batch);
  }
  node->partitions = 2;
  return {node};
}

}  // namespace

OperatorDeclaration operators::DeclareValues() {
  return OperatorOf<PhysicalValues>()
      .Plans(PlanKind::kLocalRelation, PlanValues)
      .Builds(BuildValues)
      .Checks(CheckValues)
      .Shows(LineOf)
      .Samples(SampleValues);
}

}  // namespace centella
