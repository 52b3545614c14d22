// Frames of window functions over sorted rows.
#include "execution/operators/window_frames.h"

#include <algorithm>
#include <numeric>

namespace centella {
namespace {

bool SameRow(const Batch& batch, const std::vector<SortKey>& keys, int64_t a, int64_t b) {
  for (const SortKey& key : keys) {
    const Vector& column = *batch.columns[key.column];
    const bool a_null = column.IsNull(a), b_null = column.IsNull(b);
    if (a_null != b_null) return false;
    if (!a_null && CompareValues(column, a, column, b) != 0) return false;
  }
  return true;
}

struct Frames {
  std::vector<int64_t> begin, end;
};

// First row of [begin, end) whose order key isn't before `bound` (strict: is after it), in the ordering's sense.
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

class FrameFinder {
 public:
  FrameFinder(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
              const std::vector<SortKey>& order_keys)
      : function_(function), sorted_(sorted), layout_(layout), order_keys_(order_keys) {}

  Frames Find() const {
    Frames frames;
    frames.begin.resize(sorted_.rows);
    frames.end.resize(sorted_.rows);
    for (size_t p = 0; p + 1 < layout_.partitions.size(); ++p) {
      const int64_t first = layout_.partitions[p], last = layout_.partitions[p + 1];
      for (int64_t row = first; row < last; ++row) {
        const int64_t begin = std::clamp(Bound(row, first, last, true), first, last);
        const int64_t end = std::clamp(Bound(row, first, last, false), first, last);
        frames.begin[row] = begin;
        frames.end[row] = std::max(begin, end);
      }
    }
    return frames;
  }

 private:
  // The frame's first row (lower) or the row after its last.
  int64_t Bound(int64_t row, int64_t first, int64_t last, bool lower) const {
    const FrameBound bound = lower ? function_.lower : function_.upper;
    const int64_t offset = lower ? function_.lower_rows : function_.upper_rows;
    const bool rows = function_.unit == FrameUnit::kRows;
    switch (bound) {
      case FrameBound::kUnboundedPreceding:
        return first;
      case FrameBound::kUnboundedFollowing:
        return last;
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

  const WindowFunctionSpec& function_;
  const Batch& sorted_;
  const WindowLayout& layout_;
  const std::vector<SortKey>& order_keys_;
};

// One state of an aggregate, with the arguments of rows [begin, end) added on demand.
class RunningAggregate {
 public:
  RunningAggregate(const AggregateFunction& function, const std::vector<VectorPtr>& args)
      : function_(function), args_(args), storage_((function.state_size() + 15) / 8) {
    state_ = reinterpret_cast<std::byte*>(storage_.data());
    function_.Init(state_);
  }
  ~RunningAggregate() { function_.Destroy(state_); }
  void Reset() {
    function_.Destroy(state_);
    function_.Init(state_);
  }
  void Add(int64_t begin, int64_t end) {
    if (begin >= end) return;
    std::vector<VectorPtr> slices;
    for (const VectorPtr& arg : args_) slices.push_back(Slice(arg, begin, end - begin));
    function_.UpdateOne(slices, end - begin, state_);
  }
  VectorPtr Result() const { return function_.Finish(&state_, 1); }

 private:
  const AggregateFunction& function_;
  const std::vector<VectorPtr>& args_;
  std::vector<uint64_t> storage_;
  std::byte* state_;
};

// Arguments with the rows that fail the filter taken out; `rank` maps row numbers to positions among the rest.
struct FilteredArguments {
  std::vector<VectorPtr> args;
  std::vector<int64_t> rank;  // rows + 1 entries; empty = no filter
  int64_t Position(int64_t row) const { return rank.empty() ? row : rank[row]; }
};

FilteredArguments MakeArguments(const WindowFunctionSpec& function, const Batch& sorted) {
  FilteredArguments result;
  for (int arg : function.args) result.args.push_back(sorted.columns[arg]);
  if (function.filter < 0) return result;
  std::vector<int32_t> kept;
  const Vector& filter = *sorted.columns[function.filter];
  for (int64_t i = 0; i < sorted.rows; ++i) {
    result.rank.push_back(static_cast<int64_t>(kept.size()));
    if (!filter.IsNull(i) && filter.data<uint8_t>()[i] != 0) kept.push_back(static_cast<int32_t>(i));
  }
  result.rank.push_back(static_cast<int64_t>(kept.size()));
  for (VectorPtr& arg : result.args) arg = Gather(arg, kept.data(), static_cast<int64_t>(kept.size()));
  return result;
}

// Frames that only grow within a partition (UNBOUNDED PRECEDING below) are one running state; others start anew when the
// lower bound moves.
VectorPtr EvaluateAggregate(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
                            const Frames& frames) {
  const FilteredArguments arguments = MakeArguments(function, sorted);
  std::vector<VectorPtr> results;
  std::vector<int32_t> result_of_row(sorted.rows);
  RunningAggregate running(*function.aggregate, arguments.args);
  for (size_t p = 0; p + 1 < layout.partitions.size(); ++p) {
    int64_t begin = -1, end = -1;
    for (int64_t row = layout.partitions[p]; row < layout.partitions[p + 1]; ++row) {
      if (frames.begin[row] != begin || frames.end[row] < end) {
        running.Reset();
        begin = end = frames.begin[row];
        running.Add(arguments.Position(begin), arguments.Position(frames.end[row]));
      } else if (frames.end[row] > end) {
        running.Add(arguments.Position(end), arguments.Position(frames.end[row]));
      } else if (row > layout.partitions[p]) {
        result_of_row[row] = result_of_row[row - 1];
        continue;
      }
      end = frames.end[row];
      result_of_row[row] = static_cast<int32_t>(results.size());
      results.push_back(running.Result());
    }
  }
  if (results.empty()) return Vector::MakeNull(function.result_type, 0);
  return Flatten(Gather(Concat(results), result_of_row.data(), sorted.rows));
}

VectorPtr EvaluateKernel(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
                         const Frames& frames, const QueryContext& context) {
  std::vector<VectorPtr> results;
  std::vector<int64_t> begin, end, peers_begin, peers_end;
  for (size_t p = 0; p + 1 < layout.partitions.size(); ++p) {
    const int64_t first = layout.partitions[p], rows = layout.partitions[p + 1] - first;
    std::vector<VectorPtr> args;
    for (int arg : function.args) args.push_back(Flatten(Slice(sorted.columns[arg], first, rows)));
    auto relative = [first, rows](const std::vector<int64_t>& from, std::vector<int64_t>* to) {
      to->assign(from.begin() + first, from.begin() + first + rows);
      for (int64_t& value : *to) value -= first;
    };
    relative(frames.begin, &begin);
    relative(frames.end, &end);
    relative(layout.peers_begin, &peers_begin);
    relative(layout.peers_end, &peers_end);
    results.push_back(function.kernel(WindowArgs{.query = context,
                                                 .rows = rows,
                                                 .args = args,
                                                 .frame_begin = begin,
                                                 .frame_end = end,
                                                 .peers_begin = peers_begin,
                                                 .peers_end = peers_end,
                                                 .result_type = function.result_type,
                                                 .ignore_nulls = function.ignore_nulls}));
  }
  return results.empty() ? Vector::MakeNull(function.result_type, 0) : Flatten(Concat(results));
}

}  // namespace

WindowLayout FindWindowLayout(const Batch& sorted, const std::vector<SortKey>& partition_keys,
                              const std::vector<SortKey>& order_keys) {
  WindowLayout layout;
  layout.peers_begin.resize(sorted.rows);
  layout.peers_end.resize(sorted.rows);
  int64_t peers = 0;
  for (int64_t row = 0; row < sorted.rows; ++row) {
    const bool new_partition = row == 0 || !SameRow(sorted, partition_keys, row - 1, row);
    if (new_partition) layout.partitions.push_back(row);
    if (new_partition || !SameRow(sorted, order_keys, row - 1, row)) {
      std::fill(layout.peers_end.begin() + peers, layout.peers_end.begin() + row, row);
      peers = row;
    }
    layout.peers_begin[row] = peers;
  }
  std::fill(layout.peers_end.begin() + peers, layout.peers_end.end(), sorted.rows);
  layout.partitions.push_back(sorted.rows);
  return layout;
}

VectorPtr EvaluateWindowFunction(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
                                 const std::vector<SortKey>& order_keys, const QueryContext& context) {
  const Frames frames = FrameFinder(function, sorted, layout, order_keys).Find();
  if (function.aggregate != nullptr) return EvaluateAggregate(function, sorted, layout, frames);
  return EvaluateKernel(function, sorted, layout, frames, context);
}

}  // namespace centella
