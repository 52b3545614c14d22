// Where window partitions, peers and frames begin and end in sorted rows.
#include "execution/operators/window_frames.h"

#include <algorithm>
#include <cmath>

namespace centella {
namespace {

template <typename T>
bool Differ(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) && std::isnan(b)) return false;
  }
  return !(a == b);
}

// changed[i] becomes 1 where row i's value isn't that of row i - 1.
template <typename T>
void MarkTyped(const Vector& column, std::vector<uint8_t>* changed) {
  const T* data = column.data<T>();
  const int64_t rows = column.size();
  if (column.validity() == nullptr) {
    for (int64_t i = 1; i < rows; ++i) (*changed)[i] |= Differ(data[i], data[i - 1]) ? 1 : 0;
    return;
  }
  for (int64_t i = 1; i < rows; ++i) {
    const bool null = column.IsNull(i), null_before = column.IsNull(i - 1);
    (*changed)[i] |= null != null_before || (!null && Differ(data[i], data[i - 1])) ? 1 : 0;
  }
}

void MarkAny(const Vector& column, std::vector<uint8_t>* changed) {
  for (int64_t i = 1; i < column.size(); ++i) {
    const bool null = column.IsNull(i), null_before = column.IsNull(i - 1);
    (*changed)[i] |= null != null_before || (!null && CompareValues(column, i - 1, column, i) != 0) ? 1 : 0;
  }
}

void MarkChanges(const Vector& column, std::vector<uint8_t>* changed) {
  switch (column.physical()) {
    case PhysicalType::kNull: return;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return MarkTyped<int8_t>(column, changed);
    case PhysicalType::kInt16: return MarkTyped<int16_t>(column, changed);
    case PhysicalType::kInt32: return MarkTyped<int32_t>(column, changed);
    case PhysicalType::kInt64: return MarkTyped<int64_t>(column, changed);
    case PhysicalType::kInt128: return MarkTyped<int128_t>(column, changed);
    case PhysicalType::kFloat: return MarkTyped<float>(column, changed);
    case PhysicalType::kDouble: return MarkTyped<double>(column, changed);
    case PhysicalType::kString: return MarkTyped<StringView>(column, changed);
    default: return MarkAny(column, changed);
  }
}

// Begin and end of each row's run, where runs begin at the marked rows.
void FillRuns(const std::vector<uint8_t>& starts, std::vector<int32_t>* begins, std::vector<int32_t>* ends) {
  const int32_t rows = static_cast<int32_t>(starts.size());
  begins->resize(rows);
  ends->resize(rows);
  for (int32_t begin = 0; begin < rows;) {
    int32_t end = begin + 1;
    while (end < rows && !starts[end]) ++end;
    std::fill(begins->begin() + begin, begins->begin() + end, begin);
    std::fill(ends->begin() + begin, ends->begin() + end, end);
    begin = end;
  }
}

// First row of [begin, end) whose order key isn't before `bound` (`after`: is after it), in the ordering's sense.
int64_t RangeBound(const Vector& key, const SortKey& order, const Vector& bounds, int64_t row, int64_t begin,
                   int64_t end, bool after) {
  int64_t low = begin, high = end;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    int position;
    if (key.IsNull(middle)) {
      position = order.nulls_first ? -1 : 1;
    } else {
      position = CompareValues(key, middle, bounds, row);
      if (!order.ascending) position = -position;
    }
    const bool before = after ? position <= 0 : position < 0;
    (before ? low : high) = before ? middle + 1 : middle;
  }
  return low;
}

}  // namespace

WindowLayout FindWindowLayout(const Batch& sorted, const std::vector<int>& partition_keys,
                              const std::vector<SortKey>& order_keys) {
  WindowLayout layout;
  layout.starts.assign(sorted.rows, 0);
  if (sorted.rows == 0) return layout;
  layout.starts[0] = 1;
  for (int key : partition_keys) MarkChanges(*sorted.columns[key], &layout.starts);
  std::vector<uint8_t> peers = layout.starts;
  for (const SortKey& key : order_keys) MarkChanges(*sorted.columns[key.column], &peers);
  FillRuns(layout.starts, &layout.partition_begin, &layout.partition_end);
  FillRuns(peers, &layout.peers_begin, &layout.peers_end);
  return layout;
}

void FrameFinder::Find(int64_t first, int64_t last, std::vector<int32_t>* begins, std::vector<int32_t>* ends) const {
  begins->resize(last - first);
  ends->resize(last - first);
  for (int64_t row = first; row < last; ++row) {
    const int64_t low = layout_.partition_begin[row], high = layout_.partition_end[row];
    const int64_t begin = std::clamp(Bound(row, true), low, high);
    const int64_t end = std::clamp(Bound(row, false), low, high);
    (*begins)[row - first] = static_cast<int32_t>(begin);
    (*ends)[row - first] = static_cast<int32_t>(std::max(begin, end));
  }
}

// The frame's first row (lower) or the row after its last.
int64_t FrameFinder::Bound(int64_t row, bool lower) const {
  const int64_t first = layout_.partition_begin[row], last = layout_.partition_end[row];
  const FrameBound bound = lower ? function_.lower : function_.upper;
  const int64_t offset = lower ? function_.lower_rows : function_.upper_rows;
  const bool rows = function_.unit == FrameUnit::kRows;
  switch (bound) {
    case FrameBound::kUnboundedPreceding: return first;
    case FrameBound::kUnboundedFollowing: return last;
    case FrameBound::kCurrentRow:
      if (rows) return lower ? row : row + 1;
      return lower ? layout_.peers_begin[row] : layout_.peers_end[row];
    case FrameBound::kPreceding:
      if (rows) return (lower ? row : row + 1) - std::min(offset, row + 1 - first + 1);
      break;
    case FrameBound::kFollowing:
      if (rows) return (lower ? row : row + 1) + std::min(offset, last - row);
      break;
  }
  const SortKey& order = order_keys_[0];
  const Vector& key = *sorted_.columns[order.column];
  // Offsets from NULL mean the NULLs themselves.
  if (key.IsNull(row)) return lower ? layout_.peers_begin[row] : layout_.peers_end[row];
  const Vector& bounds = *sorted_.columns[lower ? function_.lower_column : function_.upper_column];
  return RangeBound(key, order, bounds, row, first, last, !lower);
}

}  // namespace centella
