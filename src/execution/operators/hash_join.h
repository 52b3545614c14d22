// Hash join: the build side's rows in a row store, found through one table of hash entries; the other side probes in
// its pipeline. Radix-partitioned by hash: when memory is short, partitions of the build side go to disk, the rows that
// probe them too, and they are joined one after the other when probing is over (recursively, were one still too big).
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "expression/evaluator.h"
#include "plan/logical_plan.h"

namespace centella {

// Columns are positions in the sides' batches. The left side probes unless `build_left`. Output columns: left_output
// of the left side, right_output of the right side (none for semi, anti), then the existence column for kExistence.
// `residual`: the rest of the condition, over (left columns, right columns), or null.
struct HashJoinSpec {
  JoinType type = JoinType::kInner;
  bool build_left = false;
  bool null_aware_anti = false;
  std::vector<int> left_keys, right_keys;
  std::vector<bool> null_safe;  // <=> per key
  std::vector<TypePtr> left_types, right_types;
  std::vector<int> left_output, right_output;
  std::shared_ptr<const CompiledExpressions> residual;
};

class HashJoin {
 public:
  HashJoin(HashJoinSpec spec, QueryContextPtr context);
  ~HashJoin();
  // Takes the build side.
  std::shared_ptr<Sink> build_sink();
  // Joins the probe side's batches; the build must be finished.
  std::shared_ptr<Transform> probe();
  // What comes after the probe pipeline: build rows without a partner (when the type keeps them) and spilled
  // partitions. To be opened after the probe pipeline has finished; may have no morsels.
  bool has_remainder() const;
  std::shared_ptr<Source> remainder_source();
  // For scans of the probe side: which values of key `key` can match (inner, semi and the like only, else null).
  std::shared_ptr<const RuntimeFilter> runtime_filter(size_t key);

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace centella
