// Aggregates over window frames: whole partitions, running ones, and frames that slide.
#include "execution/operators/window_aggregate.h"

#include <algorithm>
#include <numeric>

namespace centella {
namespace {

constexpr int64_t kChunkRows = 4096;
constexpr int64_t kShortFrame = 64;  // frames up to this are computed side by side, a row of each at a time

// States of one aggregate side by side.
class States {
 public:
  States(const AggregateFunction& function, int64_t count)
      : function_(function), stride_((function.state_size() + 7) / 8), storage_(stride_ * count), pointers_(count) {
    for (int64_t i = 0; i < count; ++i) {
      pointers_[i] = reinterpret_cast<std::byte*>(storage_.data() + i * stride_);
      function_.Init(pointers_[i]);
    }
  }
  ~States() {
    if (!function_.needs_destroy()) return;
    for (std::byte* state : pointers_) function_.Destroy(state);
  }
  States(const States&) = delete;
  States& operator=(const States&) = delete;
  std::byte* operator[](int64_t i) const { return pointers_[i]; }
  std::byte* const* data() const { return pointers_.data(); }
  VectorPtr Finish(int64_t count) const { return function_.Finish(pointers_.data(), count); }

 private:
  const AggregateFunction& function_;
  size_t stride_;
  std::vector<uint64_t> storage_;
  std::vector<std::byte*> pointers_;
};

// The arguments without the rows that fail the filter. Positions count the rows that are left.
class Arguments {
 public:
  Arguments(const WindowFunctionSpec& function, const Batch& sorted) : rows_(sorted.rows) {
    for (int arg : function.args) columns_.push_back(sorted.columns[arg]);
    if (function.filter < 0) return;
    const Vector& filter = *sorted.columns[function.filter];
    position_.reserve(sorted.rows + 1);
    for (int64_t i = 0; i < sorted.rows; ++i) {
      position_.push_back(static_cast<int32_t>(row_.size()));
      if (!filter.IsNull(i) && filter.data<uint8_t>()[i] != 0) row_.push_back(static_cast<int32_t>(i));
    }
    position_.push_back(static_cast<int32_t>(row_.size()));
    rows_ = static_cast<int64_t>(row_.size());
    for (VectorPtr& column : columns_) column = Gather(column, row_.data(), rows_);
  }
  int64_t rows() const { return rows_; }
  // The position of the first row that's left at or after `row`.
  int32_t Position(int32_t row) const { return position_.empty() ? row : position_[row]; }
  int32_t Row(int64_t position) const { return position_.empty() ? static_cast<int32_t>(position) : row_[position]; }
  std::vector<VectorPtr> Piece(int64_t first, int64_t rows) const {
    std::vector<VectorPtr> pieces;
    for (const VectorPtr& column : columns_) pieces.push_back(Slice(column, first, rows));
    return pieces;
  }
  std::vector<VectorPtr> Pick(const std::vector<int32_t>& positions) const {
    std::vector<VectorPtr> picked;
    for (const VectorPtr& column : columns_) {
      picked.push_back(Gather(column, positions.data(), static_cast<int64_t>(positions.size())));
    }
    return picked;
  }

 private:
  std::vector<VectorPtr> columns_;
  std::vector<int32_t> position_, row_;  // empty: no filter
  int64_t rows_;
};

// What all ways of evaluating need.
struct Work {
  const WindowFunctionSpec& function;
  const AggregateFunction& aggregate;
  const WindowLayout& layout;
  const FrameFinder& frames;
  const Arguments& arguments;
  const Cancellation& cancellation;

  // The picked of several results, flat.
  VectorPtr Picked(const std::vector<VectorPtr>& results, const std::vector<int32_t>& picks) const {
    if (picks.empty()) return Vector::MakeNull(function.result_type, 0);
    return Flatten(Gather(Concat(results), picks.data(), static_cast<int64_t>(picks.size())));
  }
};

// The frame is the partition: one state each.
VectorPtr EvaluateWhole(const Work& work) {
  const int64_t rows = work.layout.rows();
  std::vector<int32_t> partition_of(rows);
  int32_t partitions = 0;
  for (int64_t i = 0; i < rows; ++i) {
    partitions += work.layout.starts[i];
    partition_of[i] = partitions - 1;
  }
  const States states(work.aggregate, partitions);
  std::vector<std::byte*> targets(kChunkRows);
  for (int64_t first = 0; first < work.arguments.rows(); first += kChunkRows) {
    work.cancellation.ThrowIfCancelled();
    const int64_t n = std::min(kChunkRows, work.arguments.rows() - first);
    for (int64_t i = 0; i < n; ++i) targets[i] = states[partition_of[work.arguments.Row(first + i)]];
    work.aggregate.Update(work.arguments.Piece(first, n), n, targets.data());
  }
  std::vector<VectorPtr> results;
  for (int64_t first = 0; first < partitions; first += kChunkRows) {
    work.cancellation.ThrowIfCancelled();
    results.push_back(work.aggregate.Finish(states.data() + first, std::min(kChunkRows, partitions - first)));
  }
  return work.Picked(results, partition_of);
}

// Frames that only grow within a partition, of aggregates whose states are plain data: a state for each row, a chunk of
// rows at a time. False when the aggregate can't.
bool EvaluateRunning(const Work& work, VectorPtr* result) {
  if (work.aggregate.needs_destroy()) return false;
  const size_t size = work.aggregate.state_size();
  const int64_t positions = work.arguments.rows();
  std::vector<uint64_t> storage((size * kChunkRows + 7) / 8), before((size + 7) / 8);
  auto* states = reinterpret_cast<std::byte*>(storage.data());
  std::vector<std::byte*> pointers(kChunkRows);
  for (int64_t i = 0; i < kChunkRows; ++i) pointers[i] = states + i * size;
  std::vector<uint8_t> starts(kChunkRows);
  std::vector<VectorPtr> results;
  int32_t last_partition = -1;
  for (int64_t first = 0; first < positions; first += kChunkRows) {
    work.cancellation.ThrowIfCancelled();
    const int64_t n = std::min(kChunkRows, positions - first);
    for (int64_t i = 0; i < n; ++i) {
      const int32_t partition = work.layout.partition_begin[work.arguments.Row(first + i)];
      starts[i] = partition != last_partition;
      last_partition = partition;
    }
    const auto* carried = reinterpret_cast<const std::byte*>(before.data());
    if (!work.aggregate.UpdateRunning(work.arguments.Piece(first, n), n, starts.data(), carried, states)) return false;
    results.push_back(work.aggregate.Finish(pointers.data(), n));
    std::copy_n(pointers[n - 1], size, reinterpret_cast<std::byte*>(before.data()));
  }
  // A frame without rows has the value of the empty state, put last.
  results.push_back(States(work.aggregate, 1).Finish(1));
  std::vector<int32_t> picks(work.layout.rows()), begins, ends;
  for (int64_t first = 0; first < work.layout.rows(); first += kChunkRows) {
    work.cancellation.ThrowIfCancelled();
    const int64_t last = std::min(first + kChunkRows, work.layout.rows());
    work.frames.Find(first, last, &begins, &ends);
    for (int64_t i = 0; i < last - first; ++i) {
      const int32_t begin = work.arguments.Position(begins[i]), end = work.arguments.Position(ends[i]);
      picks[first + i] = end > begin ? end - 1 : static_cast<int32_t>(positions);
    }
  }
  *result = work.Picked(results, picks);
  return true;
}

// States of 1, 8, 64 … neighbouring rows, from which the state of any range of rows is merged. For aggregates that don't
// depend on the order, with states of plain data.
class StateTree {
 public:
  explicit StateTree(const Work& work) : work_(work) {
    const int64_t rows = work.arguments.rows();
    levels_.push_back(std::make_unique<States>(work.aggregate, rows));
    for (int64_t first = 0; first < rows; first += kChunkRows) {
      work.cancellation.ThrowIfCancelled();
      const int64_t n = std::min(kChunkRows, rows - first);
      work.aggregate.Update(work.arguments.Piece(first, n), n, levels_[0]->data() + first);
    }
    for (int64_t below = rows; below > kFanOut; below = below / kFanOut) {
      work.cancellation.ThrowIfCancelled();
      const int64_t nodes = below / kFanOut;  // whole ones
      auto level = std::make_unique<States>(work.aggregate, nodes);
      std::vector<std::byte*> into(nodes * kFanOut);
      for (int64_t i = 0; i < nodes * kFanOut; ++i) into[i] = (*level)[i / kFanOut];
      work.aggregate.Merge(levels_.back()->data(), into.data(), nodes * kFanOut);
      levels_.push_back(std::move(level));
    }
  }

  void MergeRange(int64_t begin, int64_t end, std::byte* into) {
    for (size_t level = 0; begin < end; ++level, begin /= kFanOut, end /= kFanOut) {
      const bool top = level + 1 == levels_.size();
      while (begin < end && (top || begin % kFanOut != 0)) Add(level, begin++, into);
      while (begin < end && end % kFanOut != 0) Add(level, --end, into);
    }
    if (from_.size() >= kChunkRows) Flush();
  }
  void Flush() {
    work_.aggregate.Merge(from_.data(), into_.data(), static_cast<int64_t>(from_.size()));
    from_.clear();
    into_.clear();
  }

 private:
  static constexpr int64_t kFanOut = 8;
  void Add(size_t level, int64_t node, std::byte* into) {
    from_.push_back((*levels_[level])[node]);
    into_.push_back(into);
  }

  const Work& work_;
  std::vector<std::unique_ptr<States>> levels_;
  std::vector<std::byte*> from_, into_;
};

// Frames that slide. Short ones are computed side by side, long ones from a tree of partial states where that's exact, else
// each from its rows.
class SlidingFrames {
 public:
  explicit SlidingFrames(const Work& work) : work_(work), work_left_(work.cancellation) {}

  VectorPtr Evaluate() {
    std::vector<VectorPtr> results;
    std::vector<int32_t> picks(work_.layout.rows());
    int32_t distinct = 0;
    for (int64_t first = 0; first < work_.layout.rows(); first += kChunkRows) {
      const int64_t last = std::min(first + kChunkRows, work_.layout.rows());
      work_.frames.Find(first, last, &begins_, &ends_);
      size_t frames = 0;
      for (int64_t i = 0; i < last - first; ++i) {
        begins_[i] = work_.arguments.Position(begins_[i]);
        ends_[i] = work_.arguments.Position(ends_[i]);
        const bool same = frames > 0 && begins_[frames - 1] == begins_[i] && ends_[frames - 1] == ends_[i];
        if (!same) {
          begins_[frames] = begins_[i];
          ends_[frames] = ends_[i];
          ++frames;
        }
        picks[first + i] = distinct + static_cast<int32_t>(frames) - 1;
      }
      results.push_back(EvaluateFrames(static_cast<int64_t>(frames)));
      distinct += static_cast<int32_t>(frames);
    }
    return work_.Picked(results, picks);
  }

 private:
  // Of the first `frames` frames in begins_ and ends_.
  VectorPtr EvaluateFrames(int64_t frames) {
    const States states(work_.aggregate, frames);
    std::vector<int32_t> open;
    for (int64_t f = 0; f < frames; ++f) {
      const int64_t length = ends_[f] - begins_[f];
      if (length == 0) continue;
      if (length <= kShortFrame) {
        open.push_back(static_cast<int32_t>(f));
      } else if (StateTree* tree = Tree()) {
        tree->MergeRange(begins_[f], ends_[f], states[f]);
        work_left_.Pass(kShortFrame);
      } else {
        AddRows(begins_[f], ends_[f], states[f]);
      }
    }
    if (tree_ != nullptr) tree_->Flush();
    std::vector<int32_t> positions;
    std::vector<std::byte*> targets;
    for (int32_t row = 0; !open.empty(); ++row) {
      positions.clear();
      targets.clear();
      for (int32_t f : open) {
        positions.push_back(begins_[f] + row);
        targets.push_back(states[f]);
      }
      work_.aggregate.Update(work_.arguments.Pick(positions), static_cast<int64_t>(open.size()), targets.data());
      work_left_.Pass(static_cast<int64_t>(open.size()));
      std::erase_if(open, [&](int32_t f) { return begins_[f] + row + 1 == ends_[f]; });
    }
    return states.Finish(frames);
  }

  void AddRows(int64_t begin, int64_t end, std::byte* state) {
    for (int64_t at = begin; at < end; at += 16 * kChunkRows) {
      const int64_t n = std::min(16 * kChunkRows, end - at);
      work_.aggregate.UpdateOne(work_.arguments.Piece(at, n), n, state);
      work_left_.Pass(n);
    }
  }

  StateTree* Tree() {
    if (!tried_tree_) {
      tried_tree_ = true;
      if (!work_.aggregate.order_sensitive() && !work_.aggregate.needs_destroy()) {
        try {
          tree_ = std::make_unique<StateTree>(work_);
        } catch (const Error& error) {
          // Sums of rows that no frame holds together may overflow: then each frame is added up by itself.
          if (error.condition() == Condition::OPERATION_CANCELED) throw;  // NOLINT: the same error goes on
        }
      }
    }
    return tree_.get();
  }

  const Work& work_;
  CancellationPoint work_left_;
  std::vector<int32_t> begins_, ends_;
  std::unique_ptr<StateTree> tree_;
  bool tried_tree_ = false;
};

// Frames that only grow, of aggregates with states on the heap: one state, asked for its value whenever the frame has grown.
VectorPtr EvaluateGrowing(const Work& work) {
  CancellationPoint work_left(work.cancellation);
  std::vector<VectorPtr> results;
  std::vector<int32_t> picks(work.layout.rows()), begins, ends;
  std::unique_ptr<States> state;
  int32_t added = 0;
  for (int64_t first = 0; first < work.layout.rows(); first += kChunkRows) {
    const int64_t last = std::min(first + kChunkRows, work.layout.rows());
    work.frames.Find(first, last, &begins, &ends);
    for (int64_t row = first; row < last; ++row) {
      const bool starts = work.layout.starts[row] != 0;
      if (starts) {
        state = std::make_unique<States>(work.aggregate, 1);
        added = work.arguments.Position(begins[row - first]);
      }
      const int32_t end = work.arguments.Position(ends[row - first]);
      if (end > added) work.aggregate.UpdateOne(work.arguments.Piece(added, end - added), end - added, (*state)[0]);
      work_left.Pass(kShortFrame + end - added);
      if (starts || end > added) results.push_back(state->Finish(1));
      added = std::max(added, end);
      picks[row] = static_cast<int32_t>(results.size()) - 1;
    }
  }
  return work.Picked(results, picks);
}

}  // namespace

VectorPtr EvaluateWindowAggregate(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
                                  const FrameFinder& frames, const QueryContext& context) {
  const Arguments arguments(function, sorted);
  const Work work{function, *function.aggregate, layout, frames, arguments, *context.cancellation};
  if (function.lower != FrameBound::kUnboundedPreceding) return SlidingFrames(work).Evaluate();
  if (function.upper == FrameBound::kUnboundedFollowing) return EvaluateWhole(work);
  VectorPtr result;
  return EvaluateRunning(work, &result) ? result : EvaluateGrowing(work);
}

}  // namespace centella
