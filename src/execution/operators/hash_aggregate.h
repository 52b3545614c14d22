// Hash aggregation in two phases. Phase one (the sink) groups each morsel by itself and leaves its groups as a chunk, radix
// partitioned by hash; phase two (the source) merges each radix partition's chunks in the order of their places. A morsel whose
// first rows give nearly as many groups isn't grouped ahead: its other rows are radix partitioned as they came.
//
// Taking a morsel at a time makes results independent of threads: floating sums, first(), collect_list() and the
// order of the groups depend on the data's layout only. When memory is short, chunks go to disk; a radix partition
// that doesn't fit is merged in several passes, each taking a part of the hashes.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "functions/registry.h"

namespace centella {

struct AggregateSpec {
  std::shared_ptr<const AggregateFunction> function;
  std::vector<int> args;  // columns of the input batch
  int filter = -1;        // boolean column of the input, or none
};

struct HashAggregateSpec {
  std::vector<int> keys;  // columns of the input batch
  std::vector<TypePtr> key_types;
  std::vector<AggregateSpec> aggregates;
  std::vector<TypePtr> input_types;  // of the input's columns; for merge_sink and partial_source only
};

// What sink and source share; output columns are the keys, then the results. Without keys there is always one row.
class HashAggregate {
 public:
  HashAggregate(HashAggregateSpec spec, QueryContextPtr context);
  ~HashAggregate();
  std::shared_ptr<Sink> sink();
  // Instead of `sink`: takes what partial sources gave, and merges it as if its rows had come here.
  std::shared_ptr<Sink> merge_sink();
  // To be opened after the sink has finished.
  std::shared_ptr<Source> source();
  // Instead of `source`: what each morsel left, at its place. Columns: keys and states of groups, then the input's columns of
  // rows that were handed on as they came, and whether a row is one of those (the others' columns are null).
  std::shared_ptr<Source> partial_source();

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace centella
