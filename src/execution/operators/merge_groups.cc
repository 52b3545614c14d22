// The second phase of a hash aggregation: merges what its sinks left, radix partition by radix partition.
#include <algorithm>
#include <utility>

#include "execution/operators/group_chunks.h"

namespace centella {
namespace {

// Merges the chunks of radix partitions [first, last) and gives their groups.
class MergeReader final : public MorselReader {
 public:
  MergeReader(std::shared_ptr<HashAggregate::Shared> shared, int first, int last)
      : shared_(std::move(shared)),
        next_partition_(first),
        last_partition_(last),
        reservation_(shared_->context->memory.get()) {}
  ~MergeReader() override { ReleaseOwn(); }

  ReadState Next(Batch* batch, EventPtr*) override {
    while (position_ == groups_.size()) {
      shared_->context->cancellation->ThrowIfCancelled();
      if (!MergeNext()) return ReadState::kFinished;
    }
    Emit(batch);
    return ReadState::kBatch;
  }

 private:
  // Merges the next partition, or the next pass over it; false when all are done.
  bool MergeNext() {
    ReleaseOwn();
    groups_.clear();
    position_ = 0;
    if (pass_ == passes_) {
      if (next_partition_ == last_partition_) return false;
      partition_ = next_partition_++;
      PlanPasses();
    }
    grouper_ = std::make_unique<Grouper>(shared_->spec, shared_->states);
    int64_t rows = 0;
    for (const GroupChunk& chunk : shared_->chunks) rows += chunk.RowsOf(partition_);
    grouper_->table().Expect(rows / passes_);
    for (GroupChunk& chunk : shared_->chunks) {
      shared_->context->cancellation->ThrowIfCancelled();
      if (chunk.store != nullptr) {
        const int64_t begin = partition_ == 0 ? 0 : chunk.partition_ends[partition_ - 1];
        MergeRows(chunk.rows.data() + begin, chunk.partition_ends[partition_] - begin);
      } else if (!chunk.spilled.empty()) {
        for (const SpillFile::Slot& slot : chunk.spilled[partition_]) MergeSpilled(slot);
      }
      for (const RawBlock& block : chunk.raw) {
        if (block.RowsOf(partition_) > 0) AddRaw(block.Part(partition_));
      }
      if (chunk.raw_spilled.empty()) continue;
      for (const SpillFile::Slot& slot : chunk.raw_spilled[partition_]) {
        AddRaw(shared_->spill_file->Read(slot, shared_->raw_types));
      }
    }
    reservation_.ForceGrowTo(grouper_->table().bytes());
    ++pass_;
    return true;
  }

  // How many passes over the partition's spilled rows keep each within memory.
  void PlanPasses() {
    pass_ = 0;
    passes_ = 1;
    if (shared_->spill_file == nullptr) return;
    int64_t bytes = 0;
    for (const GroupChunk& chunk : shared_->chunks) bytes += chunk.SpilledBytesOf(partition_);
    const int64_t needed = bytes * 3;
    reservation_.ShrinkTo(0);
    while (passes_ < kMaxPasses && !reservation_.TryGrowTo(needed / passes_)) passes_ *= 2;
  }

  bool InPass(uint64_t hash) const { return passes_ == 1 || static_cast<int>((hash >> 40) & (passes_ - 1)) == pass_; }

  // The rows of `batch` that belong to this pass; the last column is the hash.
  bool KeepThisPass(Batch* batch) {
    if (passes_ == 1) return batch->rows > 0;
    const auto* hashes = batch->columns.back()->data<uint64_t>();
    selected_.clear();
    for (int64_t i = 0; i < batch->rows; ++i) {
      if (InPass(hashes[i])) selected_.push_back(static_cast<int32_t>(i));
    }
    batch->rows = static_cast<int64_t>(selected_.size());
    for (VectorPtr& column : batch->columns) column = Flatten(Gather(column, selected_.data(), batch->rows));
    return batch->rows > 0;
  }

  void AddRaw(Batch batch) {
    if (!KeepThisPass(&batch)) return;
    grouper_->Add(batch, batch.columns.back()->data<uint64_t>());
    groups_.insert(groups_.end(), grouper_->created().begin(), grouper_->created().end());
  }

  void MergeRows(std::byte** rows, int64_t n) {
    from_.clear();
    into_.clear();
    const size_t row_bytes = shared_->states.layout()->row_bytes();
    for (int64_t i = 0; i < n; ++i) {
      if (i + 2 * kPrefetch < n) {
        for (size_t line = 0; line < row_bytes; line += 64) __builtin_prefetch(rows[i + 2 * kPrefetch] + line);
      }
      if (i + kPrefetch < n) grouper_->table().Prefetch(RowHash(rows[i + kPrefetch]));
      if (!InPass(RowHash(rows[i]))) continue;
      std::byte* group = grouper_->table().FindOrInsert(rows[i]);
      if (group == rows[i]) {
        groups_.push_back(group);
      } else {
        from_.push_back(rows[i]);
        into_.push_back(group);
      }
    }
    if (!from_.empty()) MergeStates();
  }

  void MergeStates() {
    const int64_t n = static_cast<int64_t>(from_.size());
    from_states_.resize(n);
    into_states_.resize(n);
    for (size_t k = 0; k < shared_->spec.aggregates.size(); ++k) {
      const size_t offset = shared_->states.offset(k);
      for (int64_t i = 0; i < n; ++i) {
        from_states_[i] = from_[i] + offset;
        into_states_[i] = into_[i] + offset;
      }
      shared_->spec.aggregates[k].function->Merge(from_states_.data(), into_states_.data(), n);
    }
  }

  void MergeSpilled(const SpillFile::Slot& slot) {
    shared_->context->cancellation->ThrowIfCancelled();
    Batch batch = shared_->spill_file->Read(slot, shared_->spill_types);
    if (!KeepThisPass(&batch)) return;
    for (VectorPtr& column : batch.columns) column = Flatten(column);
    const auto* hashes = batch.columns.back()->data<uint64_t>();
    const int64_t n = batch.rows;
    const size_t keys = shared_->spec.keys.size();
    RowStore& store = *grouper_->table().store();
    std::vector<std::byte*> rows(n);
    store.Allocate(n, rows.data());
    for (size_t c = 0; c < keys; ++c) {
      ScatterColumn(*shared_->states.layout(), c, *batch.columns[c], rows.data(), n, &store.heap());
    }
    shared_->states.Init(rows.data(), n);
    std::vector<std::byte*> into(n);
    for (int64_t i = 0; i < n; ++i) {
      RowHash(rows[i]) = hashes[i];
      into[i] = grouper_->table().FindOrInsert(rows[i]);
      if (into[i] == rows[i]) groups_.push_back(rows[i]);
    }
    into_states_.resize(n);
    for (size_t k = 0; k < shared_->spec.aggregates.size(); ++k) {
      for (int64_t i = 0; i < n; ++i) into_states_[i] = into[i] + shared_->states.offset(k);
      shared_->spec.aggregates[k].function->DeserializeMerge(batch.columns[keys + k], into_states_.data());
    }
    reservation_.ForceGrowTo(grouper_->table().bytes());
  }

  void Emit(Batch* batch) {
    const int64_t n = std::min<int64_t>(shared_->context->batch_size, groups_.size() - position_);
    std::byte* const* rows = groups_.data() + position_;
    position_ += n;
    batch->rows = n;
    batch->columns.clear();
    batch->selection = nullptr;
    // The strings lie in the chunks' stores, which `shared_` keeps, or in the grouper's.
    const BufferPtr anchor = Buffer::Wrap(
        nullptr, 0,
        std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(shared_, grouper_->table().store()));
    for (size_t c = 0; c < shared_->spec.keys.size(); ++c) {
      batch->columns.push_back(GatherColumn(*shared_->states.layout(), c, rows, n, anchor));
    }
    into_states_.resize(n);
    for (size_t k = 0; k < shared_->spec.aggregates.size(); ++k) {
      for (int64_t i = 0; i < n; ++i) into_states_[i] = rows[i] + shared_->states.offset(k);
      batch->columns.push_back(shared_->spec.aggregates[k].function->Finish(into_states_.data(), n));
    }
  }

  void ReleaseOwn() {
    if (grouper_ != nullptr) shared_->states.Destroy(grouper_->table().store()->RowPointers());
    grouper_.reset();
    reservation_.ShrinkTo(0);
  }

  static constexpr int kMaxPasses = 64;
  static constexpr int64_t kPrefetch = 8;
  std::shared_ptr<HashAggregate::Shared> shared_;
  int next_partition_, last_partition_, partition_ = 0;
  int pass_ = 0, passes_ = 0;
  MemoryReservation reservation_;
  std::unique_ptr<Grouper> grouper_;  // owns the rows that aren't the chunks'
  std::vector<std::byte*> groups_;
  size_t position_ = 0;
  std::vector<std::byte*> from_, into_, from_states_, into_states_;
  std::vector<int32_t> selected_;
};

class AggregateSource final : public Source {
 public:
  explicit AggregateSource(std::shared_ptr<HashAggregate::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    if (shared_->MergesAtOnce()) return {{0, 0, 0, shared_->total_rows}};
    for (int partition = 0; partition < kRadixPartitions; ++partition) {
      const auto empty = [partition](const GroupChunk& chunk) {
        return chunk.RowsOf(partition) == 0 && chunk.SpilledBytesOf(partition) == 0;
      };
      if (std::all_of(shared_->chunks.begin(), shared_->chunks.end(), empty)) continue;
      morsels.push_back({0, partition, partition, shared_->total_rows / kRadixPartitions});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const int first = static_cast<int>(morsel.id);
    return std::make_unique<MergeReader>(shared_, first, shared_->MergesAtOnce() ? kRadixPartitions : first + 1);
  }

 private:
  std::shared_ptr<HashAggregate::Shared> shared_;
};

}  // namespace

std::shared_ptr<Source> MergedGroups(std::shared_ptr<HashAggregate::Shared> shared) {
  return std::make_shared<AggregateSource>(std::move(shared));
}

}  // namespace centella
