// Sorting: collects the rows of each morsel as a run, then sorts parts of all of them side by side, or merges what was written
// to disk.
#include "execution/operators/sort.h"

#include <algorithm>

#include "execution/operators/last_row.h"
#include "execution/operators/sort_merge.h"
#include "execution/operators/sort_parts.h"
#include "execution/operators/sort_runs.h"

namespace centella {

SortOperator::Shared::Shared(SortSpec s, int32_t partitions, QueryContextPtr c)
    : spec(std::move(s)), input_partitions(partitions), context(std::move(c)), reservation_(context->memory.get()) {}

void SortOperator::Shared::Keep(SortRun run) {
  {
    std::lock_guard lock(mutex_);
    if (!spilled() && !context->force_spill && reservation_.TryGrowTo(kept_bytes_ + run.bytes)) {
      kept_bytes_ += run.bytes;
      runs.push_back(std::move(run));
      return;
    }
    if (!spilled()) {
      spill_file = std::make_unique<SpillFile>(context);
      unspilled_ = std::move(runs);
      runs.clear();
    }
    kept_bytes_ += run.bytes;
    unspilled_.push_back(std::move(run));
  }
  SpillKept();
}

// Every task that comes here helps until nothing is left.
void SortOperator::Shared::SpillKept() {
  while (true) {
    SortRun run;
    {
      std::lock_guard lock(mutex_);
      if (unspilled_.empty()) return;
      run = std::move(unspilled_.back());
      unspilled_.pop_back();
    }
    Spill(&run);
    std::lock_guard lock(mutex_);
    kept_bytes_ -= run.bytes;
    reservation_.ShrinkTo(kept_bytes_);
    runs.push_back(std::move(run));
  }
}

void SortOperator::Shared::Spill(SortRun* run) {
  // Counted without being asked for: only what follows makes room.
  MemoryReservation sorting(context->memory.get());
  sorting.ForceGrowTo(run->count * kSortingBytes);
  const std::vector<int32_t> order = SortedOrder(run->rows, spec.keys, -1, *context->cancellation);
  for (int64_t at = 0; at < run->count; at += SortRun::kSlotRows) {
    context->cancellation->ThrowIfCancelled();
    Batch slot;
    slot.rows = std::min(SortRun::kSlotRows, run->count - at);
    for (const VectorPtr& column : run->rows.columns) {
      slot.columns.push_back(Gather(column, order.data() + at, slot.rows));
    }
    run->slots.push_back(spill_file->Append(slot));
  }
  run->rows = Batch();
}

namespace {

// Whether texts keep alive much more than their own bytes.
bool PinsMore(const Vector& column) {
  if (!column.children().empty()) return true;
  const HeapUse use = HeapUse::Of(column);
  return use.held > 2 * use.used;
}

class SortState final : public SinkState {
 public:
  explicit SortState(SortOperator::Shared* shared) : shared_(*shared), reservation_(shared->context->memory.get()) {}

  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence << 20};
    if (shared_.spec.per_partition) last_.Forget();
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    if (last_.known()) last_.DropBeyond(&batch, shared_.spec.keys, place_);
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

  // What was collected as one batch of flat columns.
  Batch TakeAll() {
    Batch all;
    all.rows = rows_;
    for (size_t c = 0; c < shared_.spec.types.size(); ++c) {
      std::vector<VectorPtr> pieces;
      for (const Batch& batch : batches_) pieces.push_back(batch.columns[c]);
      shared_.context->cancellation->ThrowIfCancelled();
      all.columns.push_back(Flatten(Concat(pieces)));
    }
    batches_.clear();
    rows_ = bytes_ = 0;
    return all;
  }

  // Collects anew from the first `limit` rows of what was collected.
  Batch TakeFirst() {
    Batch all = TakeAll();
    const std::vector<int32_t> order =
        SortedOrder(all, shared_.spec.keys, shared_.spec.limit, *shared_.context->cancellation);
    all.rows = static_cast<int64_t>(order.size());
    for (VectorPtr& column : all.columns) column = Gather(column, order.data(), all.rows);
    return all;
  }

  void NoteLast(const Batch& first) { last_.Set(first, first.rows - 1, shared_.spec.keys, place_); }

  // Keeps only the rows that may still be among the first `limit`.
  void Reduce() {
    Batch best = TakeFirst();
    for (VectorPtr& column : best.columns) {
      if (PinsMore(*column)) column = CopyCompact(*column);
    }
    rows_ = best.rows;
    if (rows_ > 0) NoteLast(best);
    bytes_ = best.MemoryBytes();
    batches_.push_back(std::move(best));
  }

  void Flush() {
    if (rows_ == 0) return;
    SortRun run;
    run.place = place_;
    run.rows = shared_.spec.limit >= 0 ? TakeFirst() : TakeAll();
    run.count = run.rows.rows;
    if (run.count > 0 && run.count == shared_.spec.limit) NoteLast(run.rows);
    for (VectorPtr& column : run.rows.columns) {
      shared_.context->cancellation->ThrowIfCancelled();
      if (PinsMore(*column)) column = CopyCompact(*column);
    }
    run.bytes = run.rows.MemoryBytes();
    if (shared_.spec.limit < 0) FindRanges(&run);
    ++place_.sequence;
    reservation_.ShrinkTo(0);
    if (run.count > 0) shared_.Keep(std::move(run));
  }

  // For SortParts, which isn't asked when there is a limit.
  void FindRanges(SortRun* run) const {
    CancellationPoint cancellation(*shared_.context->cancellation);
    for (const SortKey& key : shared_.spec.keys) {
      run->ranges.push_back(KeyRange::Find(*run->rows.columns[key.column], nullptr, run->count, &cancellation));
    }
  }

  SortOperator::Shared& shared_;
  MemoryReservation reservation_;
  Place place_;
  std::vector<Batch> batches_;
  int64_t rows_ = 0, bytes_ = 0;
  // With a limit. Holds from morsel to morsel: rows beyond it are never among the first.
  LastRow last_;
};

// The parts of each partition's runs; empty when runs are merged.
using PartsOfPartitions = std::vector<SortParts>;

class SortSink final : public Sink {
 public:
  SortSink(std::shared_ptr<SortOperator::Shared> shared, std::shared_ptr<PartsOfPartitions> parts)
      : shared_(std::move(shared)), parts_(std::move(parts)) {}
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<SortState>(shared_.get()); }
  void Combine(SinkState&) override {}

  void Finish() override {
    std::vector<SortRun>& runs = shared_->runs;
    std::sort(runs.begin(), runs.end(), [](const SortRun& a, const SortRun& b) { return a.place < b.place; });
    if (shared_->merges()) return;
    for (size_t first = 0; first < runs.size();) {
      size_t last = first + 1;
      while (last < runs.size() &&
             (!shared_->spec.per_partition || runs[last].place.partition == runs[first].place.partition)) {
        ++last;
      }
      shared_->context->cancellation->ThrowIfCancelled();
      parts_->emplace_back(shared_.get(), first, last);
      first = last;
    }
  }

  std::vector<std::function<void()>> FinishTasks() override {
    std::vector<std::function<void()>> tasks;
    for (const SortParts& parts : *parts_) {
      for (size_t run = parts.first(); run < parts.last(); ++run) tasks.push_back([&parts, run] { parts.Group(run); });
    }
    return tasks;
  }

 private:
  std::shared_ptr<SortOperator::Shared> shared_;
  std::shared_ptr<PartsOfPartitions> parts_;
};

class SortSource final : public Source {
 public:
  SortSource(std::shared_ptr<SortOperator::Shared> shared, std::shared_ptr<PartsOfPartitions> parts)
      : shared_(std::move(shared)), parts_(std::move(parts)) {}
  int32_t partitions() const override { return shared_->spec.per_partition ? shared_->input_partitions : 1; }

  std::vector<Morsel> Morsels() override {
    shared_->merges() ? ChooseRuns() : ChooseParts();
    std::vector<Morsel> morsels;
    for (size_t i = 0; i < chosen_.size(); ++i) {
      const auto sequence = static_cast<int64_t>(i);
      morsels.push_back({shared_->spec.per_partition ? chosen_[i].partition : 0, sequence, sequence, 0});
    }
    return morsels;
  }

  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const Chosen& chosen = chosen_[morsel.id];
    return shared_->merges() ? MakeSortMerge(shared_, chosen.first, chosen.last)
                             : (*parts_)[chosen.first].Open(chosen.last, chosen.skip);
  }

 private:
  // Runs [first, last) of a partition, or part `last` of the parts of number `first`.
  struct Chosen {
    int32_t partition = 0;
    size_t first = 0, last = 0;
    int64_t skip = 0;
  };

  void ChooseRuns() {
    const std::vector<SortRun>& runs = shared_->runs;
    for (size_t run = 0; run < runs.size(); ++run) {
      const int32_t partition = shared_->spec.per_partition ? runs[run].place.partition : 0;
      if (chosen_.empty() || chosen_.back().partition != partition) chosen_.push_back({partition, run, run, 0});
      ++chosen_.back().last;
    }
  }

  // Parts that lie whole before the offset aren't even sorted.
  void ChooseParts() {
    int64_t skip = shared_->spec.offset;
    for (size_t p = 0; p < parts_->size(); ++p) {
      const SortParts& parts = (*parts_)[p];
      for (size_t part = 0; part < parts.size(); ++part) {
        const int64_t rows = parts.RowsOf(part), skipped = std::min(rows, skip);
        skip -= skipped;
        if (skipped < rows) chosen_.push_back({parts.partition(), p, part, skipped});
      }
    }
  }

  std::shared_ptr<SortOperator::Shared> shared_;
  std::shared_ptr<PartsOfPartitions> parts_;
  std::vector<Chosen> chosen_;
};

}  // namespace

SortOperator::SortOperator(SortSpec spec, int32_t input_partitions, QueryContextPtr context) {
  auto shared = std::make_shared<Shared>(std::move(spec), input_partitions, std::move(context));
  auto parts = std::make_shared<PartsOfPartitions>();
  sink_ = std::make_shared<SortSink>(shared, parts);
  source_ = std::make_shared<SortSource>(shared, parts);
}

}  // namespace centella
