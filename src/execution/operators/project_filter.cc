// Filters and projections.
#include "execution/operators/project_filter.h"

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

using Compiled = std::shared_ptr<const CompiledExpressions>;

class FilterTransform final : public Transform {
 public:
  explicit FilterTransform(Compiled condition) : condition_(std::move(condition)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(condition_, morsel);
  }

 private:
  struct State final : SimpleTransformState {
    State(const Compiled& condition, const Morsel& morsel) : executor(condition, morsel.partition) {}
    Batch Apply(Batch batch) override {
      SelectionPtr selection = executor.Filter(0, batch);
      if (selection != nullptr) batch.selection = std::move(selection);
      return batch;
    }
    ExpressionExecutor executor;
  };
  Compiled condition_;
};

class ProjectTransform final : public Transform {
 public:
  explicit ProjectTransform(Compiled expressions) : expressions_(std::move(expressions)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(expressions_, morsel);
  }

 private:
  struct State final : SimpleTransformState {
    State(const Compiled& expressions, const Morsel& morsel) : executor(expressions, morsel.partition) {}
    Batch Apply(Batch batch) override {
      Batch result;
      result.rows = batch.live_rows();
      result.place = batch.place;
      result.columns = executor.Evaluate(batch);
      return result;
    }
    ExpressionExecutor executor;
  };
  Compiled expressions_;
};

class ColumnSelectionTransform final : public Transform {
 public:
  explicit ColumnSelectionTransform(std::vector<int> columns) : columns_(std::move(columns)) {}
  std::unique_ptr<TransformState> NewState(const Morsel&) const override { return std::make_unique<State>(columns_); }

 private:
  struct State final : SimpleTransformState {
    explicit State(const std::vector<int>& c) : columns(c) {}
    Batch Apply(Batch batch) override {
      Batch result;
      result.rows = batch.rows;
      result.selection = batch.selection;
      result.place = batch.place;
      for (int column : columns) result.columns.push_back(batch.columns[column]);
      return result;
    }
    const std::vector<int>& columns;
  };
  std::vector<int> columns_;
};

Planned PlanFilter(const PlanPtr& plan, Planner& planner) {
  const Filter& filter = To<Filter>(plan);
  planner.RaisesOver(filter.child);
  const Planned child = planner.Plan(filter.child);
  auto node = NewNode<PhysicalFilter>(child.output, {child.plan});
  node->condition = Binder(child.output).Bind(filter.condition);
  return {node, child.output};
}

Planned PlanProject(const PlanPtr& plan, Planner& planner) {
  const Project& project = To<Project>(plan);
  planner.RaisesOver(project.child);
  return planner.ProjectOn(planner.Plan(project.child), project.expressions);
}

Built BuildFilter(const PhysicalFilter& filter, PipelineBuilder& builder) {
  Built built = builder.Build(filter.children[0]);
  const bool order = NeedsPartitionOrder(filter.condition);
  built.Append(MakeFilter(builder.Compile({filter.condition})), order);
  if (order) built.StopRuntimeFilters();
  return built;
}

Built BuildProject(const PhysicalProject& project, PipelineBuilder& builder) {
  Built built = builder.Build(project.children[0]);
  builder.Project(&built, project.expressions);
  return built;
}

void CheckFilter(const PhysicalFilter& filter, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(filter);
  check.Bound(filter, filter.condition, input);
  check.Demand(filter.condition->type->is(TypeId::kBoolean), filter, "has a condition that isn't one");
  check.Width(filter, input.size());
}

void CheckProject(const PhysicalProject& project, const PlanCheck& check) {
  check.Bound(project, project.expressions, check.Input(project));
  check.Width(project, project.expressions.size());
}

std::string LineOfFilter(const PhysicalFilter& filter) { return "Filter " + ColumnNameOf(filter.condition); }
std::string LineOfProject(const PhysicalProject& project) { return "Project " + NamesOf(project.expressions); }

std::vector<PhysicalPtr> SampleFilter() {
  const PhysicalPtr rows = samples::Rows();
  auto filter = samples::NodeOver<PhysicalFilter>(rows->columns(), {rows});
  filter->condition = MakeCall(">", {samples::ColumnOf(rows, 0), MakeLiteral(Value::Long(0))}, types::Boolean(), true);
  return {filter};
}

std::vector<PhysicalPtr> SampleProject() {
  const PhysicalPtr rows = samples::Rows();
  auto project = samples::NodeOver<PhysicalProject>({{"x", types::Int(), true, ""}}, {rows});
  project->expressions = {MakeCast(samples::ColumnOf(rows, 0), types::Int(), EvalMode::kTry)};
  return {project};
}

}  // namespace

std::shared_ptr<Transform> MakeFilter(Compiled condition) {
  return std::make_shared<FilterTransform>(std::move(condition));
}
std::shared_ptr<Transform> MakeProject(Compiled expressions) {
  return std::make_shared<ProjectTransform>(std::move(expressions));
}
std::shared_ptr<Transform> MakeColumnSelection(std::vector<int> columns) {
  return std::make_shared<ColumnSelectionTransform>(std::move(columns));
}

OperatorDeclaration operators::DeclareFilter() {
  return OperatorOf<PhysicalFilter>()
      .Plans(PlanKind::kFilter, PlanFilter)
      .Builds(BuildFilter)
      .Checks(CheckFilter)
      .Shows(LineOfFilter)
      .Samples(SampleFilter)
      .MorselByMorsel();
}

OperatorDeclaration operators::DeclareProject() {
  return OperatorOf<PhysicalProject>()
      .Plans(PlanKind::kProject, PlanProject)
      .Builds(BuildProject)
      .Checks(CheckProject)
      .Shows(LineOfProject)
      .Samples(SampleProject)
      .MorselByMorsel();
}

}  // namespace centella
