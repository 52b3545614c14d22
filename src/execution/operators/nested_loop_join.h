// Joins without an equality: every probe row meets every build row, and the condition decides. A build side of one row (a
// scalar subquery) costs nothing: its columns become constants.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "expression/evaluator.h"
#include "plan/logical_plan.h"

namespace centella {

// The right side is built, the left side probes. `condition` over (left columns, right columns), or null.
struct NestedLoopJoinSpec {
  JoinType type = JoinType::kInner;  // not kRight: planned as kLeft with the sides exchanged
  std::vector<TypePtr> left_types, right_types;
  std::vector<int> left_output, right_output;
  std::shared_ptr<const CompiledExpressions> condition;
};

class NestedLoopJoin {
 public:
  NestedLoopJoin(NestedLoopJoinSpec spec, QueryContextPtr context);
  std::shared_ptr<Sink> build_sink();
  std::shared_ptr<Transform> probe();
  // Build rows without a partner (full joins); after probing.
  bool has_remainder() const;
  std::shared_ptr<Source> remainder_source();

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace centella
