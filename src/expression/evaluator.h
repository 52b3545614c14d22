// The evaluator: compiles bound expressions and runs kernels over batches, whatever the vectors' encodings.
//
// Kernels see dense, live rows only: selections are gathered away first, the branches of guards (CASE, if, coalesce,
// AND, OR) run on the rows that reach them, dictionaries are evaluated once per referenced entry. When a kernel
// raises, the batch is run again row by row, so that the error is the one that the first failing row gives.
#pragma once

#include <memory>
#include <vector>

#include "base/query_context.h"
#include "functions/registry.h"
#include "plan/expression.h"
#include "vector/vector.h"

namespace centella {

// Immutable after compiling; shared by all tasks of a pipeline.
class CompiledExpressions {
 public:
  // `expressions` are resolved and bound: Column instead of Attribute. Raises what binding can raise (a bad constant
  // pattern isn't raised here but at the first live row).
  static std::shared_ptr<const CompiledExpressions> Compile(const std::vector<ExprPtr>& expressions,
                                                            QueryContextPtr context);
  virtual ~CompiledExpressions() = default;
  virtual size_t size() const = 0;
  virtual const TypePtr& type(size_t i) const = 0;
};

// One a task; not thread-safe. Holds scratch and per-task state of nondeterministic functions.
class ExpressionExecutor {
 public:
  // `partition` is Spark's partition of the rows that this task sees.
  ExpressionExecutor(std::shared_ptr<const CompiledExpressions> compiled, int32_t partition);
  ~ExpressionExecutor();

  // One vector per expression with batch.live_rows() rows each (dense; the selection is applied).
  std::vector<VectorPtr> Evaluate(const Batch& batch);
  VectorPtr EvaluateOne(size_t expression, const Batch& batch);
  // For a boolean expression: the live rows (physical row numbers) where it is true. Null when all rows of a batch
  // without selection pass.
  SelectionPtr Filter(size_t expression, const Batch& batch);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Value of an expression without columns, or nothing when it isn't foldable (columns, nondeterministic, may raise:
// then the error stays for run time).
std::optional<Value> FoldConstant(const ExprPtr& expression, const QueryContextPtr& context);
// Same but raises what evaluation raises; for places where Spark wants a constant now (LIMIT, VALUES).
Value EvaluateConstant(const ExprPtr& expression, const QueryContextPtr& context);
// Whether evaluating may raise (for live rows), and whether it is deterministic: what optimizer rules ask before moving.
bool CanFail(const ExprPtr& expression);
bool IsDeterministic(const ExprPtr& expression);
bool NeedsPartitionOrder(const ExprPtr& expression);

}  // namespace centella
