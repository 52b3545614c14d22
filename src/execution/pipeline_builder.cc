// From a physical plan to pipelines of operators: the dispatch to operators, and what they share.
#include "execution/pipeline_builder.h"

#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operators/project_filter.h"

namespace centella {

int32_t Built::partitions() const { return std::max(stages[0].source->partitions(), 1); }

void Built::Append(const std::shared_ptr<Transform>& transform, bool partition_order) {
  for (Chain& stage : stages) {
    stage.transforms.push_back(transform);
    stage.partition_order = stage.partition_order || partition_order;
  }
}

void Built::StopRuntimeFilters() {
  scan = nullptr;
  scan_columns.clear();
}

void Built::KeepFirstColumns(size_t count) {
  std::vector<int> kept;
  for (size_t i = 0; i < count; ++i) kept.push_back(static_cast<int>(i));
  Append(MakeColumnSelection(std::move(kept)));
}

Built PipelineBuilder::Build(const PhysicalPtr& plan) { return DeclarationOf(plan->kind()).build(plan, *this); }

size_t PipelineBuilder::End(std::string name, Built built, std::shared_ptr<Sink> sink) {
  pipelines_.push_back({std::move(name), std::move(built.stages), std::move(sink), std::move(built.depends_on)});
  return pipelines_.size() - 1;
}

Built PipelineBuilder::FromSource(std::shared_ptr<Source> source, std::vector<size_t> depends_on) {
  Built built;
  built.stages.push_back({std::move(source), {}, false});
  built.depends_on = std::move(depends_on);
  return built;
}

Built PipelineBuilder::FromShared(std::shared_ptr<Source> source) const {
  if (part_.instances == 1) return FromSource(std::move(source));
  return FromSource(MakeSharedOutSource(std::move(source), part_.instance, part_.instances, part_.whole_partitions));
}

void PipelineBuilder::Project(Built* built, const std::vector<ExprPtr>& expressions) const {
  bool order = false;
  std::vector<int> scan_columns, plain;
  for (const ExprPtr& expression : expressions) {
    order = order || NeedsPartitionOrder(expression);
    const Column* column = As<Column>(expression);
    const bool known = column != nullptr && static_cast<size_t>(column->ordinal) < built->scan_columns.size();
    scan_columns.push_back(known ? built->scan_columns[column->ordinal] : -1);
    if (column != nullptr) plain.push_back(static_cast<int>(column->ordinal));
  }
  if (plain.size() == expressions.size()) {
    built->Append(MakeColumnSelection(plain));
  } else {
    built->Append(MakeProject(Compile(expressions)), order);
  }
  built->scan_columns = std::move(scan_columns);
  if (order) built->StopRuntimeFilters();
}

void PipelineBuilder::ProjectInput(Built* built, const InputColumns& input) const {
  if (input.needs_projection()) Project(built, input.expressions());
}

std::shared_ptr<const CompiledExpressions> PipelineBuilder::Compile(const std::vector<ExprPtr>& expressions) const {
  return CompiledExpressions::Compile(expressions, context_);
}

std::vector<Pipeline> BuildPipelines(const PhysicalPtr& plan, std::shared_ptr<Sink> sink, bool partition_order,
                                     const QueryContextPtr& context, int32_t* partitions, const FragmentPart& part) {
  PipelineBuilder builder(context, part);
  Built built = builder.Build(plan);
  if (partitions != nullptr) *partitions = built.partitions();
  if (partition_order) {
    for (Chain& stage : built.stages) stage.partition_order = true;
  }
  builder.End("result", std::move(built), std::move(sink));
  return builder.TakePipelines();
}

}  // namespace centella
