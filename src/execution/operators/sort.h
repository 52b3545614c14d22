// Sorting: each morsel becomes a sorted run; runs are merged on all cores, or streamed from disk when memory was short.
// Ties keep the input's order, so a sort is stable and doesn't depend on threads.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "execution/operators/sort_keys.h"

namespace centella {

struct SortSpec {
  std::vector<SortKey> keys;
  std::vector<TypePtr> types;  // of the input's columns
  int64_t limit = -1;          // only the first rows are wanted (top-n)
  bool per_partition = false;  // sortWithinPartitions: partitions stay, each sorted by itself
};

class SortOperator {
 public:
  SortOperator(SortSpec spec, int32_t input_partitions, QueryContextPtr context);
  ~SortOperator();
  std::shared_ptr<Sink> sink();
  std::shared_ptr<Source> source();  // after the sink has finished

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace centella
