// Where window partitions, peers and frames begin and end in sorted rows.
#pragma once

#include <vector>

#include "execution/operators/window.h"

namespace centella {

// Per row of the sorted batch.
struct WindowLayout {
  std::vector<uint8_t> starts;  // the row is its partition's first
  std::vector<int32_t> partition_begin, partition_end;
  std::vector<int32_t> peers_begin, peers_end;
  int64_t rows() const { return static_cast<int64_t>(starts.size()); }
};

// Columns that are keys must be flat.
WindowLayout FindWindowLayout(const Batch& sorted, const std::vector<int>& partition_keys,
                              const std::vector<SortKey>& order_keys);

// Frames of one function.
class FrameFinder {
 public:
  FrameFinder(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
              const std::vector<SortKey>& order_keys)
      : function_(function), sorted_(sorted), layout_(layout), order_keys_(order_keys) {}
  // Of rows [first, last): begin[i] and end[i] are row first + i's.
  void Find(int64_t first, int64_t last, std::vector<int32_t>* begin, std::vector<int32_t>* end) const;

 private:
  int64_t Bound(int64_t row, bool lower) const;

  const WindowFunctionSpec& function_;
  const Batch& sorted_;
  const WindowLayout& layout_;
  const std::vector<SortKey>& order_keys_;
};

}  // namespace centella
