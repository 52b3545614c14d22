// Frames of window functions over sorted rows, and the evaluation of one function over all partitions.
#pragma once

#include <vector>

#include "execution/operators/window.h"

namespace centella {

// Where partitions and peer groups (rows equal in the ordering) begin; ends are the next begin.
struct WindowLayout {
  std::vector<int64_t> partitions;  // begins, and the number of rows at the end
  std::vector<int64_t> peers_begin, peers_end;  // of each row's peer group
};

WindowLayout FindWindowLayout(const Batch& sorted, const std::vector<SortKey>& partition_keys,
                              const std::vector<SortKey>& order_keys);

// One value per row of `sorted`.
VectorPtr EvaluateWindowFunction(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
                                 const std::vector<SortKey>& order_keys, const QueryContext& context);

}  // namespace centella
