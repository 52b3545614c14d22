// Each row once per projection: grouping sets, unpivot, distinct aggregates.
#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

struct PhysicalExpand final : NodeOf<PhysicalExpand, PhysicalPlan, PhysicalKind::kExpand> {
  std::vector<std::vector<ExprPtr>> projections;
  void VisitFields(FieldVisitor& v) override { v.Field("projections", projections); }
};

using Compiled = std::shared_ptr<const CompiledExpressions>;

class ExpandTransform final : public Transform {
 public:
  explicit ExpandTransform(std::vector<Compiled> projections) : projections_(std::move(projections)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(projections_, morsel);
  }

 private:
  struct State final : TransformState {
    State(const std::vector<Compiled>& projections, const Morsel& morsel) {
      for (const Compiled& projection : projections) {
        executors.push_back(std::make_unique<ExpressionExecutor>(projection, morsel.partition));
      }
    }

    void Consume(Batch batch) override {
      rows = batch.live_rows();
      place = batch.place;
      next_row = next_projection = 0;
      std::vector<std::vector<VectorPtr>> results;
      for (const auto& executor : executors) results.push_back(executor->Evaluate(batch));
      columns.clear();
      for (size_t c = 0; c < results[0].size(); ++c) {
        std::vector<VectorPtr> values;
        for (const std::vector<VectorPtr>& result : results) values.push_back(result[c]);
        const bool same = std::all_of(values.begin(), values.end(), [&](const auto& v) { return v == values[0]; });
        columns.push_back({same ? values[0] : Concat(values), same});
      }
    }

    // A row's projections come one after the other, whatever the size of batches.
    bool Next(Batch* batch) override {
      if (next_row == rows) return false;
      const auto projections = static_cast<int64_t>(executors.size());
      std::vector<int32_t> of_input, of_all;  // row numbers, in one projection's result and in those of all together
      while (next_row < rows && static_cast<int64_t>(of_all.size()) < rows) {
        of_input.push_back(static_cast<int32_t>(next_row));
        of_all.push_back(static_cast<int32_t>(next_projection * rows + next_row));
        if (++next_projection == projections) {
          next_projection = 0;
          ++next_row;
        }
      }
      batch->rows = static_cast<int64_t>(of_all.size());
      batch->place = place;
      batch->selection = nullptr;
      batch->columns.clear();
      for (const Column& column : columns) {
        const std::vector<int32_t>& numbers = column.same ? of_input : of_all;
        batch->columns.push_back(Gather(column.values, numbers.data(), batch->rows));
      }
      return true;
    }

    // The results of all projections, one after the other; a column that all of them have, once.
    struct Column {
      VectorPtr values;
      bool same;
    };
    std::vector<std::unique_ptr<ExpressionExecutor>> executors;
    std::vector<Column> columns;
    Place place;
    int64_t rows = 0, next_row = 0, next_projection = 0;
  };
  std::vector<Compiled> projections_;
};

Planned PlanExpand(const PlanPtr& plan, Planner& planner) {
  const Expand& expand = To<Expand>(plan);
  const Planned child = planner.Plan(expand.child);
  auto node = NewNode<PhysicalExpand>(expand.output, {child.plan});
  const Binder binder(child.output);
  for (const auto& projection : expand.projections) {
    std::vector<ExprPtr> bound;
    for (const ExprPtr& expression : projection) bound.push_back(binder.Bind(WithoutAlias(expression)));
    node->projections.push_back(std::move(bound));
  }
  return {node, expand.output};
}

Built BuildExpand(const PhysicalExpand& expand, PipelineBuilder& builder) {
  Built built = builder.Build(expand.children[0]);
  std::vector<Compiled> projections;
  for (const auto& projection : expand.projections) projections.push_back(builder.Compile(projection));
  built.Append(std::make_shared<ExpandTransform>(std::move(projections)));
  built.scan_columns.clear();
  return built;
}

void CheckExpand(const PhysicalExpand& expand, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(expand);
  for (const auto& projection : expand.projections) {
    check.Bound(expand, projection, input);
    check.Width(expand, projection.size());
  }
}

std::string LineOf(const PhysicalExpand& expand) { return "Expand " + OutputNames(expand); }

std::vector<PhysicalPtr> SampleExpand() {
  const PhysicalPtr rows = samples::Rows();
  auto expand = samples::NodeOver<PhysicalExpand>(rows->columns(), {rows});
  expand->projections = {{samples::ColumnOf(rows, 0), samples::ColumnOf(rows, 1)},
                         {samples::ColumnOf(rows, 0), MakeLiteral(Value::String("x"))}};
  return {expand};
}

}  // namespace

OperatorDeclaration operators::DeclareExpand() {
  return OperatorOf<PhysicalExpand>()
      .Plans(PlanKind::kExpand, PlanExpand)
      .Builds(BuildExpand)
      .Checks(CheckExpand)
      .Shows(LineOf)
      .Samples(SampleExpand)
      .MorselByMorsel();
}

}  // namespace centella
