// Sorting: sorted runs, then a merge.
#include "execution/operators/sort.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <queue>

#include "execution/spill_file.h"

namespace centella {
namespace {

// A sorted piece of one morsel, in memory or on disk.
struct Run {
  Place place;
  std::shared_ptr<SortableRows> rows;
  std::vector<SpillFile::Slot> slots;
  int64_t count = 0;
};

// Part of a run within one merge part.
struct RunRange {
  size_t run;
  int64_t begin, end;
};

struct MergePart {
  int32_t partition = 0;
  std::vector<RunRange> ranges;
};

constexpr int64_t kPartRows = 1 << 16;
constexpr int64_t kMostParts = 256;
constexpr int64_t kSpillRows = 1024;

}  // namespace

struct SortOperator::Shared {
  Shared(SortSpec s, int32_t partitions, QueryContextPtr c)
      : spec(std::move(s)), input_partitions(partitions), context(std::move(c)), reservation(context->memory.get()) {}

  void AddRun(Run run);
  void SpillRun(Run& run);
  void PlanParts();
  void PlanPartition(int32_t partition, size_t first, size_t last);
  bool spilled() const { return spill_file != nullptr; }

  const SortSpec spec;
  const int32_t input_partitions;
  const QueryContextPtr context;
  std::mutex mutex;
  std::vector<Run> runs;
  std::vector<MergePart> parts;
  std::unique_ptr<SpillFile> spill_file;
  MemoryReservation reservation;
  int64_t kept_bytes = 0;  // of what is in memory
};

void SortOperator::Shared::SpillRun(Run& run) {
  if (run.rows == nullptr) return;
  if (spill_file == nullptr) spill_file = std::make_unique<SpillFile>(context);
  const Batch& batch = run.rows->batch();
  for (int64_t at = 0; at < run.count; at += kSpillRows) {
    context->cancellation->ThrowIfCancelled();
    const int64_t n = std::min(kSpillRows, run.count - at);
    run.slots.push_back(spill_file->Append(SliceBatch(batch, at, n)));
  }
  run.rows.reset();
}

void SortOperator::Shared::AddRun(Run run) {
  const int64_t bytes = run.rows->MemoryBytes();
  std::lock_guard lock(mutex);
  runs.push_back(std::move(run));
  const bool fits = !context->force_spill && reservation.TryGrowTo(kept_bytes + bytes);
  kept_bytes += bytes;
  if (fits && !spilled()) return;
  for (Run& each : runs) SpillRun(each);
  kept_bytes = 0;
  reservation.ShrinkTo(0);
}

void SortOperator::Shared::PlanParts() {
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.place < b.place; });
  if (!spec.per_partition) {
    PlanPartition(0, 0, runs.size());
    return;
  }
  for (size_t first = 0; first < runs.size();) {
    size_t last = first;
    while (last < runs.size() && runs[last].place.partition == runs[first].place.partition) ++last;
    PlanPartition(runs[first].place.partition, first, last);
    first = last;
  }
}

// Cuts runs [first, last) into parts that can be merged side by side: at keys sampled from the runs.
void SortOperator::Shared::PlanPartition(int32_t partition, size_t first, size_t last) {
  int64_t rows = 0;
  for (size_t r = first; r < last; ++r) rows += runs[r].count;
  if (rows == 0) return;
  std::vector<std::pair<size_t, int64_t>> splitters;
  if (!spilled() && last - first > 1 && spec.limit < 0) {
    const int64_t part_rows = std::max(kPartRows, rows / kMostParts);
    for (size_t r = first; r < last; ++r) {
      for (int64_t at = part_rows / 2; at < runs[r].count; at += part_rows) splitters.emplace_back(r, at);
    }
    auto less = [this](const auto& a, const auto& b) {
      const int order = SortableRows::Compare(*runs[a.first].rows, a.second, *runs[b.first].rows, b.second, spec.keys);
      return order != 0 ? order < 0 : a < b;
    };
    std::sort(splitters.begin(), splitters.end(), less);
  }
  std::vector<int64_t> begins(last - first, 0);
  for (size_t s = 0; s <= splitters.size(); ++s) {
    context->cancellation->ThrowIfCancelled();
    MergePart part;
    part.partition = partition;
    for (size_t r = first; r < last; ++r) {
      int64_t end = runs[r].count;
      if (s < splitters.size()) {
        // Rows below the splitter; equal ones go by run, so that ties stay in order.
        const auto& [split_run, split_row] = splitters[s];
        int64_t low = begins[r - first], high = runs[r].count;
        while (low < high) {
          const int64_t middle = (low + high) / 2;
          const int order = SortableRows::Compare(*runs[r].rows, middle, *runs[split_run].rows, split_row, spec.keys);
          const bool below = order < 0 || (order == 0 && (r < split_run || (r == split_run && middle < split_row)));
          (below ? low : high) = below ? middle + 1 : middle;
        }
        end = low;
      }
      if (end > begins[r - first]) part.ranges.push_back({r, begins[r - first], end});
      begins[r - first] = end;
    }
    if (!part.ranges.empty()) parts.push_back(std::move(part));
  }
}

namespace {

class SortState final : public SinkState {
 public:
  explicit SortState(SortOperator::Shared* shared) : shared_(*shared), reservation_(shared->context->memory.get()) {}

  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence << 20};
    if (shared_.spec.per_partition) last_.reset();
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    if (last_.has_value()) DropBeyondLast(&batch);
    if (batch.rows == 0) return SinkResult::kNeedMore;
    bytes_ += batch.MemoryBytes();
    rows_ += batch.rows;
    batches_.push_back(std::move(batch));
    const int64_t limit = shared_.spec.limit;
    if (limit >= 0 && rows_ > std::max<int64_t>(2 * limit, 16384)) Reduce();
    if (shared_.context->force_spill || !reservation_.TryGrowTo(2 * bytes_) || rows_ > kMaxRunRows) Flush();
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    Flush();
    return SinkResult::kNeedMore;
  }

 private:
  static constexpr int64_t kMaxRunRows = 1 << 24;

  // Drops the rows of a batch that come after the last of `limit` rows that are known.
  void DropBeyondLast(Batch* batch) {
    const SortKey& key = shared_.spec.keys[0];
    const std::vector<uint64_t> prefixes = FirstKeyPrefixes(*Flatten(batch->columns[key.column]), key);
    auto kept = std::make_shared<Selection>();
    for (int64_t i = 0; i < batch->rows; ++i) {
      if (prefixes[i] <= *last_) kept->push_back(static_cast<int32_t>(i));
    }
    if (static_cast<int64_t>(kept->size()) == batch->rows) return;
    batch->selection = std::move(kept);
    *batch = Compact(std::move(*batch));
  }

  Batch TakeSorted() {
    Batch all;
    all.rows = rows_;
    for (size_t c = 0; c < shared_.spec.types.size(); ++c) {
      std::vector<VectorPtr> pieces;
      for (const Batch& batch : batches_) pieces.push_back(batch.columns[c]);
      shared_.context->cancellation->ThrowIfCancelled();
      all.columns.push_back(Flatten(Concat(pieces)));
    }
    batches_.clear();
    const SortableRows unsorted(all, shared_.spec.keys);
    const std::vector<int32_t> order =
        unsorted.SortedOrder(shared_.spec.keys, shared_.spec.limit, *shared_.context->cancellation);
    all.rows = static_cast<int64_t>(order.size());
    for (VectorPtr& column : all.columns) {
      shared_.context->cancellation->ThrowIfCancelled();
      // A copy where the run would pin the input's heaps.
      const bool owns = column->heaps().empty() && column->children().empty();
      column = Gather(column, order.data(), all.rows);
      if (!owns) column = CopyCompact(*column);
    }
    return all;
  }

  // Keeps only the rows that may still be among the first `limit`.
  void Reduce() {
    Batch best = TakeSorted();
    rows_ = best.rows;
    const SortKey& key = shared_.spec.keys[0];
    if (rows_ > 0) last_ = FirstKeyPrefixes(*Slice(best.columns[key.column], rows_ - 1, 1), key)[0];
    bytes_ = best.MemoryBytes();
    batches_.push_back(std::move(best));
  }

  void Flush() {
    if (rows_ == 0) return;
    Run run;
    run.place = place_;
    ++place_.sequence;
    run.rows = std::make_shared<SortableRows>(TakeSorted(), shared_.spec.keys);
    run.count = run.rows->rows();
    rows_ = bytes_ = 0;
    reservation_.ShrinkTo(0);
    shared_.AddRun(std::move(run));
  }

  SortOperator::Shared& shared_;
  MemoryReservation reservation_;
  Place place_;
  std::vector<Batch> batches_;
  int64_t rows_ = 0, bytes_ = 0;
  // With a limit: what the first key of the last of `limit` rows begins with. Holds from morsel to morsel: rows beyond it
  // are never among the first.
  std::optional<uint64_t> last_;
};

class SortSink final : public Sink {
 public:
  explicit SortSink(std::shared_ptr<SortOperator::Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<SortState>(shared_.get()); }
  void Combine(SinkState&) override {}
  void Finish() override { shared_->PlanParts(); }

 private:
  std::shared_ptr<SortOperator::Shared> shared_;
};

// Sorts what one part has of runs in memory: faster than taking row by row from many runs.
class PartReader final : public MorselReader {
 public:
  PartReader(const SortOperator::Shared& shared, const MergePart& part) : batch_size_(shared.context->batch_size) {
    for (const RunRange& range : part.ranges) rows_ += range.end - range.begin;
    Batch all;
    all.rows = rows_;
    for (size_t c = 0; c < shared.spec.types.size(); ++c) {
      std::vector<VectorPtr> slices;
      for (const RunRange& range : part.ranges) {
        slices.push_back(Slice(shared.runs[range.run].rows->batch().columns[c], range.begin, range.end - range.begin));
      }
      all.columns.push_back(Concat(slices));
    }
    // One after the other they are in the order of their places, so that ties stay so.
    const SortableRows sortable(std::move(all), shared.spec.keys);
    order_ = sortable.SortedOrder(shared.spec.keys, -1, *shared.context->cancellation);
    columns_ = sortable.batch().columns;
  }

  ReadState Next(Batch* batch, EventPtr*) override {
    if (position_ == rows_) return ReadState::kFinished;
    const int64_t n = std::min(batch_size_, rows_ - position_);
    batch->rows = n;
    batch->selection = nullptr;
    batch->columns.clear();
    for (const VectorPtr& column : columns_) batch->columns.push_back(Gather(column, order_.data() + position_, n));
    position_ += n;
    return ReadState::kBatch;
  }

 private:
  int64_t batch_size_;
  int64_t rows_ = 0, position_ = 0;
  std::vector<VectorPtr> columns_;
  std::vector<int32_t> order_;
};

// Merges one part's ranges row by row.
class MergeReader final : public MorselReader {
 public:
  MergeReader(std::shared_ptr<SortOperator::Shared> shared, const MergePart& part)
      : shared_(std::move(shared)), left_(shared_->spec.limit < 0 ? INT64_MAX : shared_->spec.limit) {
    for (const RunRange& range : part.ranges) {
      cursors_.push_back({range.run, range.begin, range.end, nullptr, 0, 0});
      Refill(cursors_.back());
      heap_.push_back(cursors_.size() - 1);
    }
    std::make_heap(heap_.begin(), heap_.end(), After{this});
  }

  ReadState Next(Batch* batch, EventPtr*) override {
    if (heap_.empty() || left_ == 0) return ReadState::kFinished;
    if (heap_.size() == 1) return DrainLast(batch);
    const int64_t wanted = std::min<int64_t>(shared_->context->batch_size, left_);
    // Rows taken, as (loaded piece, row).
    std::vector<std::pair<const SortableRows*, int32_t>> taken;
    std::vector<std::shared_ptr<SortableRows>> pieces;
    while (static_cast<int64_t>(taken.size()) < wanted && !heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), After{this});
      Cursor& cursor = cursors_[heap_.back()];
      if (pieces.empty() || pieces.back() != cursor.rows) pieces.push_back(cursor.rows);
      taken.emplace_back(cursor.rows.get(), static_cast<int32_t>(cursor.row));
      if (Advance(cursor)) {
        std::push_heap(heap_.begin(), heap_.end(), After{this});
      } else {
        heap_.pop_back();
      }
    }
    Assemble(taken, pieces, batch);
    left_ -= batch->rows;
    return ReadState::kBatch;
  }

 private:
  struct Cursor {
    size_t run;
    int64_t next, end;  // not yet loaded, in run rows
    std::shared_ptr<SortableRows> rows;
    int64_t row, row_end;  // within `rows`
  };
  // Heap order: the cursor whose row comes last is lowest.
  struct After {
    MergeReader* reader;
    bool operator()(size_t a, size_t b) const {
      const Cursor& x = reader->cursors_[a];
      const Cursor& y = reader->cursors_[b];
      const int order = SortableRows::Compare(*x.rows, x.row, *y.rows, y.row, reader->shared_->spec.keys);
      return order != 0 ? order > 0 : a > b;
    }
  };

  void Refill(Cursor& cursor) {
    const Run& run = shared_->runs[cursor.run];
    if (run.rows != nullptr) {
      cursor.rows = run.rows;
      cursor.row = cursor.next;
      cursor.row_end = cursor.end;
      cursor.next = cursor.end;
      return;
    }
    Batch batch = shared_->spill_file->Read(run.slots[cursor.next / kSpillRows], shared_->spec.types);
    cursor.next += batch.rows;
    cursor.row = 0;
    cursor.row_end = batch.rows;
    cursor.rows = std::make_shared<SortableRows>(std::move(batch), shared_->spec.keys);
  }

  bool Advance(Cursor& cursor) {
    if (++cursor.row < cursor.row_end) return true;
    if (cursor.next >= cursor.end) return false;
    Refill(cursor);
    return true;
  }

  ReadState DrainLast(Batch* batch) {
    Cursor& cursor = cursors_[heap_[0]];
    const int64_t n =
        std::min({static_cast<int64_t>(shared_->context->batch_size), left_, cursor.row_end - cursor.row});
    *batch = SliceBatch(cursor.rows->batch(), cursor.row, n);
    cursor.row += n - 1;
    left_ -= n;
    if (!Advance(cursor)) heap_.clear();
    return ReadState::kBatch;
  }

  // One gather per piece that rows came from, then one over their concatenation.
  void Assemble(const std::vector<std::pair<const SortableRows*, int32_t>>& taken,
                std::vector<std::shared_ptr<SortableRows>>& pieces, Batch* batch) {
    std::sort(pieces.begin(), pieces.end());
    pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
    std::vector<std::vector<int32_t>> rows(pieces.size());
    std::vector<std::pair<size_t, int32_t>> places;
    for (const auto& [piece, row] : taken) {
      const size_t p = std::lower_bound(pieces.begin(), pieces.end(), piece,
                                        [](const auto& a, const SortableRows* b) { return a.get() < b; }) -
                       pieces.begin();
      places.emplace_back(p, static_cast<int32_t>(rows[p].size()));
      rows[p].push_back(row);
    }
    std::vector<int32_t> starts(pieces.size(), 0);
    for (size_t p = 1; p < pieces.size(); ++p) starts[p] = starts[p - 1] + static_cast<int32_t>(rows[p - 1].size());
    std::vector<int32_t> order;
    for (const auto& [p, row] : places) order.push_back(starts[p] + row);
    batch->rows = static_cast<int64_t>(taken.size());
    batch->selection = nullptr;
    batch->columns.clear();
    for (size_t c = 0; c < shared_->spec.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (size_t p = 0; p < pieces.size(); ++p) {
        parts.push_back(Gather(pieces[p]->batch().columns[c], rows[p].data(), static_cast<int64_t>(rows[p].size())));
      }
      batch->columns.push_back(Gather(Concat(parts), order.data(), batch->rows));
    }
  }

  std::shared_ptr<SortOperator::Shared> shared_;
  int64_t left_;
  std::vector<Cursor> cursors_;
  std::vector<size_t> heap_;
};

class SortSource final : public Source {
 public:
  explicit SortSource(std::shared_ptr<SortOperator::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return shared_->spec.per_partition ? shared_->input_partitions : 1; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (size_t p = 0; p < shared_->parts.size(); ++p) {
      const int64_t sequence = static_cast<int64_t>(p);
      morsels.push_back({shared_->parts[p].partition, sequence, sequence, 0});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const MergePart& part = shared_->parts[morsel.id];
    if (!shared_->spilled() && shared_->spec.limit < 0 && part.ranges.size() > 1) {
      return std::make_unique<PartReader>(*shared_, part);
    }
    return std::make_unique<MergeReader>(shared_, part);
  }

 private:
  std::shared_ptr<SortOperator::Shared> shared_;
};

}  // namespace

SortOperator::SortOperator(SortSpec spec, int32_t input_partitions, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), input_partitions, std::move(context))) {}
SortOperator::~SortOperator() = default;
std::shared_ptr<Sink> SortOperator::sink() { return std::make_shared<SortSink>(shared_); }
std::shared_ptr<Source> SortOperator::source() { return std::make_shared<SortSource>(shared_); }

}  // namespace centella
