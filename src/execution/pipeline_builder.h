// From a physical plan to pipelines of operators. Each operator's file says how its node is built (operator_registry.h); here is
// what those functions use.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "execution/fragment.h"
#include "execution/input_columns.h"
#include "execution/operators/sources.h"
#include "execution/physical_plan.h"
#include "execution/pipeline.h"
#include "expression/evaluator.h"

namespace centella {

// A subtree turned to stages that no sink has ended yet.
struct Built {
  std::vector<Chain> stages;
  std::vector<size_t> depends_on;
  // Where output columns come from, when straight from a scan: for runtime filters.
  std::shared_ptr<ScanSource> scan;
  std::vector<int> scan_columns;  // per output column: column of the scan's request, or -1
  // Pipelines between the scan and here (aggregations by what `scan_columns` names): a filter for the scan has to be
  // built before they run.
  std::vector<size_t> scan_pipelines;

  // Spark's partitions of the rows.
  int32_t partitions() const;
  // Puts a transform on every stage. `partition_order`: it needs a partition's rows in order, in one task.
  void Append(const std::shared_ptr<Transform>& transform, bool partition_order = false);
  // What counts rows (rand, monotonically_increasing_id) has to see those that a join above drops.
  void StopRuntimeFilters();
  // Only the first columns go on: takes away those that were computed for an operator below.
  void KeepFirstColumns(size_t count);
};

class PipelineBuilder {
 public:
  PipelineBuilder(QueryContextPtr context, const FragmentPart& part) : context_(std::move(context)), part_(part) {}

  Built Build(const PhysicalPtr& plan);
  // Ends `built` with a sink; gives the pipeline's number, on which others may depend.
  size_t End(std::string name, Built built, std::shared_ptr<Sink> sink);
  // A pipeline's beginning. `depends_on`: pipelines whose sinks must be finished before the source is opened.
  static Built FromSource(std::shared_ptr<Source> source, std::vector<size_t> depends_on = {});
  // The same of rows that are everywhere: of a fragment with several instances this one takes its share.
  Built FromShared(std::shared_ptr<Source> source) const;

  // Puts a projection on top.
  void Project(Built* built, const std::vector<ExprPtr>& expressions) const;
  // The same of what an operator wants beyond its child's columns, when there is something.
  void ProjectInput(Built* built, const InputColumns& input) const;
  std::shared_ptr<const CompiledExpressions> Compile(const std::vector<ExprPtr>& expressions) const;
  // Pipeline `first` is finished before `second` starts.
  void RunBefore(size_t first, size_t second) { pipelines_[second].depends_on.push_back(first); }

  const QueryContextPtr& context() const { return context_; }
  const FragmentPart& part() const { return part_; }
  // Rows of shared subplans by id: the exchange that keeps them, and the pipeline that fills it.
  std::map<int64_t, std::pair<std::shared_ptr<Exchange>, size_t>>& spools() { return spools_; }
  std::vector<Pipeline> TakePipelines() { return std::move(pipelines_); }

 private:
  QueryContextPtr context_;
  const FragmentPart& part_;
  std::vector<Pipeline> pipelines_;
  std::map<int64_t, std::pair<std::shared_ptr<Exchange>, size_t>> spools_;
};

// Columns of a node as positions in a batch.
inline std::vector<int> Positions(const std::vector<int64_t>& columns) { return {columns.begin(), columns.end()}; }

// The pipelines that feed `sink` with the plan's rows; the last one is the sink's own. `partition_order`: the sink
// needs the rows of a partition from one driver, in order. `partitions` (if given) gets the result's number of partitions.
// `part`: the plan is a fragment.
std::vector<Pipeline> BuildPipelines(const PhysicalPtr& plan, std::shared_ptr<Sink> sink, bool partition_order,
                                     const QueryContextPtr& context, int32_t* partitions,
                                     const FragmentPart& part = {});

}  // namespace centella
