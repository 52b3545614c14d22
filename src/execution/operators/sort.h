// Sorting: each morsel's rows become a run; runs are cut into parts of the whole order, which are sorted on all cores, or are
// written sorted and merged from disk when memory was short. Ties keep the input's order, so a sort is stable and doesn't
// depend on threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "execution/operator.h"
#include "execution/operators/sort_keys.h"

namespace centella {

struct SortSpec {
  std::vector<SortKey> keys;
  std::vector<TypePtr> types;  // of the input's columns
  int64_t limit = -1;          // only the first rows are wanted (top-n)
  int64_t offset = 0;          // of them these aren't; not with per_partition
  bool per_partition = false;  // sortWithinPartitions: partitions stay, each sorted by itself
};

class SortOperator {
 public:
  SortOperator(SortSpec spec, int32_t input_partitions, QueryContextPtr context);
  std::shared_ptr<Sink> sink() { return sink_; }
  std::shared_ptr<Source> source() { return source_; }  // after the sink has finished

  struct Shared;

 private:
  std::shared_ptr<Sink> sink_;
  std::shared_ptr<Source> source_;
};

}  // namespace centella
