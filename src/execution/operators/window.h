// Window functions of one specification. Rows are hash-partitioned by the partition keys into buckets; each bucket is sorted
// and evaluated by itself, so that buckets run on all cores and only one has to fit in memory.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "execution/operators/sort_keys.h"
#include "functions/registry.h"
#include "plan/expression.h"

namespace centella {

struct WindowFunctionSpec {
  WindowKernel kernel;                                 // a window function …
  std::shared_ptr<const AggregateFunction> aggregate;  // … or an aggregate
  std::vector<int> args;                               // columns of the input
  int filter = -1;                                     // boolean column: aggregates only
  TypePtr result_type;
  bool ignore_nulls = false;
  // The frame. Offsets of ROWS are numbers; of RANGE, columns that hold order key ± offset for each row, computed
  // by the planner (lower_column, upper_column), compared with the single order key.
  FrameUnit unit = FrameUnit::kRange;
  FrameBound lower = FrameBound::kUnboundedPreceding;
  FrameBound upper = FrameBound::kCurrentRow;
  int64_t lower_rows = 0, upper_rows = 0;
  int lower_column = -1, upper_column = -1;
};

struct WindowSpec {
  std::vector<int> partition_keys;
  std::vector<SortKey> order_keys;
  std::vector<WindowFunctionSpec> functions;
  std::vector<TypePtr> types;  // of the input
  std::vector<int> output;     // input columns that go on, before the results
};

class WindowOperator {
 public:
  WindowOperator(WindowSpec spec, QueryContextPtr context);
  std::shared_ptr<Sink> sink();
  std::shared_ptr<Source> source();

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace centella
