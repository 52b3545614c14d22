// Running a query: from an optimised logical plan to batches that stream out while it still runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/query_context.h"
#include "plan/logical_plan.h"

namespace centella {

// The process's worker threads and memory; one for all sessions. Thread-safe.
class Engine {
 public:
  // `threads` workers (at least 1); `memory_bytes` bounds what queries hold.
  static std::shared_ptr<Engine> Make(int threads, int64_t memory_bytes);
  virtual ~Engine() = default;
  virtual int threads() const = 0;
  virtual const std::shared_ptr<MemoryBudget>& memory() const = 0;
};

// A running query's rows, in Spark's order (partition, then place). Bounded: a reader that stops stops the query.
// Destroying it cancels the query and waits until its tasks are gone.
class ResultStream {
 public:
  virtual ~ResultStream() = default;
  // The next batch (dense, flat or encoded), false at the end; raises the query's error. Blocks.
  virtual bool Next(Batch* batch) = 0;
  // Number of Spark partitions that the result has (known after planning).
  virtual int32_t partitions() const = 0;
};

// Plans and starts. `plan` is resolved and optimised; its output order is the batches' column order.
std::unique_ptr<ResultStream> StartQuery(const PlanPtr& plan, QueryContextPtr context,
                                         const std::shared_ptr<Engine>& engine);
// All rows (small results).
std::vector<Batch> RunQuery(const PlanPtr& plan, QueryContextPtr context, const std::shared_ptr<Engine>& engine);
// Runs a WriteFiles command's child into its sink.
void RunWrite(const WriteFiles& write, QueryContextPtr context, const std::shared_ptr<Engine>& engine);
// Spark's number of partitions of the plan's result.
int32_t PartitionsOf(const PlanPtr& plan, QueryContextPtr context, const std::shared_ptr<Engine>& engine);
// The physical plan as `explain` prints it ("== Physical Plan ==" body).
std::string ExplainPhysical(const PlanPtr& plan, QueryContextPtr context);

// A cached table: filled from `plan` at its first scan, in memory within the budget (spilled beyond), dropped with its last owner.
TablePtr MakeCachedTable(const PlanPtr& plan, QueryContextPtr context, std::shared_ptr<Engine> engine);

}  // namespace centella
