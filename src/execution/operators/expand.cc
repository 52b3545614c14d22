// Each row once per projection: grouping sets, unpivot, distinct aggregates.
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
      next = executors.size();
    }
    void Consume(Batch batch) override {
      input = std::move(batch);
      next = 0;
    }
    bool Next(Batch* batch) override {
      if (next == executors.size()) return false;
      batch->rows = input.live_rows();
      batch->place = input.place;
      batch->selection = nullptr;
      batch->columns = executors[next++]->Evaluate(input);
      return true;
    }
    std::vector<std::unique_ptr<ExpressionExecutor>> executors;
    Batch input;
    size_t next = 0;
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
