// Hash aggregation in two phases.
#include "execution/operators/hash_aggregate.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include "execution/grouper.h"
#include "execution/hashing.h"
#include "execution/seen_keys.h"
#include "execution/spill_file.h"

namespace centella {
namespace {

constexpr int kRadixBits = 6;
constexpr int kRadixPartitions = 1 << kRadixBits;
// Up to this many rows in all chunks, one morsel merges everything.
constexpr int64_t kSmallRows = 32 << 10;
// After so many rows of a morsel the sink looks whether grouping them ahead makes them fewer.
constexpr int64_t kSampleRows = 16 << 10;
// Rows that are handed on as they came are partitioned so many at a time.
constexpr int64_t kBlockRows = 32 << 10;

// From so many groups on, a chunk's rows are laid in the order of radix partitions.
constexpr size_t kRearrangedRows = 1024;

inline int RadixOf(uint64_t hash) { return static_cast<int>(hash >> (64 - kRadixBits)); }

// Where each radix partition ends when rows with these hashes are ordered by partition, and that order.
std::vector<int32_t> RadixOrder(const uint64_t* hashes, int64_t n, std::vector<int32_t>* order) {
  std::vector<int32_t> ends(kRadixPartitions + 1, 0);
  for (int64_t i = 0; i < n; ++i) ++ends[RadixOf(hashes[i]) + 1];
  std::inclusive_scan(ends.begin(), ends.end(), ends.begin());
  order->resize(n);
  for (int64_t i = 0; i < n; ++i) (*order)[ends[RadixOf(hashes[i])]++] = static_cast<int32_t>(i);
  ends.pop_back();
  return ends;
}

// Input rows ordered by radix partition; the last column is the hash.
struct RawBlock {
  Batch batch;
  std::vector<int32_t> ends;  // kRadixPartitions of them
  int64_t Begin(int partition) const { return partition == 0 ? 0 : ends[partition - 1]; }
  int64_t RowsOf(int partition) const { return ends[partition] - Begin(partition); }
  Batch Part(int partition) const { return SliceBatch(batch, Begin(partition), RowsOf(partition)); }
};

}  // namespace

// What the sink made of one morsel: groups, then rows that it handed on as they came. On disk after Spill.
struct GroupChunk {
  Place place;
  std::shared_ptr<RowStore> store;      // null when there are no groups (any more)
  std::vector<std::byte*> rows;         // by radix partition, each in order of first appearance
  std::vector<int32_t> partition_ends;  // kRadixPartitions of them
  std::vector<RawBlock> raw;
  std::vector<std::vector<SpillFile::Slot>> spilled, raw_spilled;  // by radix partition
  int64_t row_count = 0;

  // What partition `partition` holds in memory and on disk.
  int64_t RowsOf(int partition) const {
    auto part = [partition](const std::vector<int32_t>& ends) {
      return ends.empty() ? 0 : ends[partition] - (partition == 0 ? 0 : ends[partition - 1]);
    };
    int64_t rows = store == nullptr ? 0 : part(partition_ends);
    for (const RawBlock& block : raw) rows += part(block.ends);
    return rows;
  }
  int64_t SpilledBytesOf(int partition) const {
    int64_t bytes = 0;
    if (spilled.empty()) return 0;
    for (const SpillFile::Slot& slot : spilled[partition]) bytes += slot.bytes;
    for (const SpillFile::Slot& slot : raw_spilled[partition]) bytes += slot.bytes;
    return bytes;
  }
};

struct HashAggregate::Shared {
  Shared(HashAggregateSpec s, QueryContextPtr c)
      : spec(std::move(s)), context(std::move(c)), states(spec), reservation(context->memory.get()) {
    for (const TypePtr& type : spec.key_types) spill_types.push_back(type);
    for (const AggregateSpec& a : spec.aggregates) spill_types.push_back(a.function->intermediate_type());
    spill_types.push_back(types::Long());  // hash
  }
  ~Shared() {
    for (GroupChunk& chunk : chunks) states.Destroy(chunk.rows);
  }

  void AddChunk(GroupChunk chunk);
  void AddRows(int64_t rows) {
    std::lock_guard lock(mutex);
    total_rows += rows;
  }
  void SpillChunk(GroupChunk& chunk);
  // `anchor` keeps the rows' strings as long as the batch; none for a batch that is written at once.
  Batch ToSpillBatch(std::byte* const* rows, int64_t n, const BufferPtr& anchor) const;
  void SpillGroups(GroupChunk& chunk);

  // Whether it is of no account how often a group comes. Each task then hands a group on once, as far as it can tell, so that
  // how many rows the chunks have depends on which task had which morsel.
  bool distinct() const { return spec.aggregates.empty() && !spec.keys.empty() && !partial; }

  // Whether one morsel merges all partitions: never of a `distinct()` one, where this process may not know how many rows there
  // were before tasks and fragments dropped some.
  bool MergesAtOnce() const { return !distinct() && total_rows <= kSmallRows; }

  const HashAggregateSpec spec;
  const QueryContextPtr context;
  const GroupStates states;
  std::vector<TypePtr> spill_types, raw_types;  // raw_types: known when the first raw rows are spilled

  std::mutex mutex;
  std::vector<GroupChunk> chunks;
  MemoryReservation reservation;
  int64_t kept_bytes = 0;  // of what is in memory
  std::unique_ptr<SpillFile> spill_file;
  int64_t total_rows = 0;  // in the chunks; of the input when `distinct()`
  int32_t input_partitions = 0;
  bool partial = false;  // the groups go out as they are: no rows make no group
};

Batch HashAggregate::Shared::ToSpillBatch(std::byte* const* rows, int64_t n, const BufferPtr& anchor) const {
  Batch batch;
  batch.rows = n;
  for (size_t column = 0; column < spec.key_types.size(); ++column) {
    batch.columns.push_back(GatherColumn(*states.layout(), column, rows, n, anchor));
  }
  std::vector<std::byte*> each(n);
  for (size_t k = 0; k < spec.aggregates.size(); ++k) {
    for (int64_t i = 0; i < n; ++i) each[i] = rows[i] + states.offset(k);
    batch.columns.push_back(spec.aggregates[k].function->Serialize(each.data(), n));
  }
  MutableVectorPtr hashes = Vector::MakeFlat(types::Long(), n);
  for (int64_t i = 0; i < n; ++i) hashes->mutable_data<int64_t>()[i] = static_cast<int64_t>(RowHash(rows[i]));
  batch.columns.push_back(hashes);
  return batch;
}

void HashAggregate::Shared::SpillGroups(GroupChunk& chunk) {
  int64_t begin = 0;
  for (int partition = 0; partition < kRadixPartitions; ++partition) {
    const int64_t end = chunk.partition_ends[partition];
    for (int64_t at = begin; at < end; at += kVectorSize) {
      context->cancellation->ThrowIfCancelled();
      const int64_t n = std::min(kVectorSize, end - at);
      chunk.spilled[partition].push_back(spill_file->Append(ToSpillBatch(chunk.rows.data() + at, n, nullptr)));
    }
    begin = end;
  }
  states.Destroy(chunk.rows);
  chunk.rows.clear();
  chunk.rows.shrink_to_fit();
  chunk.store.reset();
}

// Under the mutex.
void HashAggregate::Shared::SpillChunk(GroupChunk& chunk) {
  if (chunk.store == nullptr && chunk.raw.empty()) return;
  if (spill_file == nullptr) spill_file = std::make_unique<SpillFile>(context);
  chunk.spilled.resize(kRadixPartitions);
  chunk.raw_spilled.resize(kRadixPartitions);
  if (chunk.store != nullptr) SpillGroups(chunk);
  for (const RawBlock& block : chunk.raw) {
    if (raw_types.empty()) {
      for (const VectorPtr& column : block.batch.columns) raw_types.push_back(column->type());
    }
    for (int partition = 0; partition < kRadixPartitions; ++partition) {
      const Batch part = block.Part(partition);
      if (part.rows > 0) chunk.raw_spilled[partition].push_back(spill_file->Append(part));
    }
  }
  chunk.raw.clear();
  chunk.raw.shrink_to_fit();
}

void HashAggregate::Shared::AddChunk(GroupChunk chunk) {
  int64_t bytes = static_cast<int64_t>(chunk.rows.size() * sizeof(void*)) + states.HeapBytes(chunk.rows);
  if (chunk.store != nullptr) bytes += chunk.store->bytes();
  for (const RawBlock& block : chunk.raw) bytes += block.batch.MemoryBytes();
  std::lock_guard lock(mutex);
  if (!distinct()) total_rows += chunk.row_count;
  chunks.push_back(std::move(chunk));
  if (!context->force_spill && reservation.TryGrowTo(kept_bytes + bytes)) {
    kept_bytes += bytes;
    return;
  }
  for (GroupChunk& each : chunks) SpillChunk(each);
  kept_bytes = 0;
  reservation.ShrinkTo(0);
}

namespace {

constexpr int kSubSequenceBits = 20;

// Partitions rows that are handed on as they came.
RawBlock MakeRawBlock(Batch all, const std::vector<int>& key_columns) {
  std::vector<VectorPtr> keys;
  for (int key : key_columns) keys.push_back(all.columns[key]);
  MutableVectorPtr hashes = Vector::MakeFlat(types::Long(), all.rows);
  HashRows(keys, all.rows, hashes->mutable_data<uint64_t>());
  RawBlock block;
  std::vector<int32_t> order;
  block.ends = RadixOrder(hashes->data<uint64_t>(), all.rows, &order);
  all.columns.push_back(hashes);
  for (const VectorPtr& column : all.columns) {
    VectorPtr ordered = Gather(column, order.data(), all.rows);
    // What lies outside of the vector may hang on buffers much larger than these rows.
    if (!column->heaps().empty() || !column->children().empty()) ordered = CopyCompact(*ordered);
    block.batch.columns.push_back(std::move(ordered));
  }
  block.batch.rows = all.rows;
  return block;
}

// Part `sub_sequence` of what the morsel at `place` gave: groups (or null) in order, and rows as they came.
GroupChunk MakeChunk(Place place, int64_t sub_sequence, std::shared_ptr<RowStore> store,
                     const std::vector<std::byte*>& rows, std::vector<RawBlock> raw) {
  GroupChunk chunk;
  chunk.place = {place.partition, (place.sequence << kSubSequenceBits) + sub_sequence};
  chunk.raw = std::move(raw);
  for (const RawBlock& block : chunk.raw) chunk.row_count += block.batch.rows;
  if (store == nullptr || store->rows() == 0) return chunk;
  chunk.store = std::move(store);
  chunk.row_count += chunk.store->rows();
  std::vector<uint64_t> hashes(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) hashes[i] = RowHash(rows[i]);
  std::vector<int32_t> order;
  chunk.partition_ends = RadixOrder(hashes.data(), static_cast<int64_t>(rows.size()), &order);
  chunk.rows.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) chunk.rows[i] = rows[order[i]];
  // A partition's rows are read together.
  if (rows.size() >= kRearrangedRows) chunk.store->Rearrange(&chunk.rows);
  return chunk;
}

class AggregateSinkState final : public SinkState {
 public:
  explicit AggregateSinkState(HashAggregate::Shared* shared)
      : shared_(*shared),
        grouper_(shared->spec, shared->states),
        reservation_(shared->context->memory.get()),
        seen_(shared->context->memory.get()) {}
  ~AggregateSinkState() override { shared_.states.Destroy(grouper_.table().store()->RowPointers()); }

  void BeginMorsel(const Morsel& morsel) override {
    const Place place{morsel.partition, morsel.sequence};
    if (place < place_) seen_.Forget();  // what was seen has to come before
    place_ = place;
    sub_sequence_ = 0;
    sampled_rows_ = sampled_groups_ = 0;
    reduces_ = true;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    int64_t grouped = 0;
    // Groups come before rows as they came in a chunk, so once there are such rows, the morsel's others are handed on alike.
    if (shared_.distinct() && DropSeen(&batch)) reduces_ = false;
    if (reduces_) grouped = GroupAhead(batch);
    if (grouped < batch.rows) {
      staged_.push_back(grouped == 0 ? std::move(batch) : SliceBatch(batch, grouped, batch.rows - grouped));
      staged_rows_ += staged_.back().rows;
      if (staged_rows_ >= kBlockRows) MakeBlock();
    }
    if (shared_.context->force_spill || !reservation_.TryGrowTo(bytes())) {
      Flush();
      if (!shared_.context->force_spill) reservation_.ForceGrowTo(bytes());
    }
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    Flush();
    return SinkResult::kNeedMore;
  }

 private:
  int64_t bytes() const { return grouper_.table().bytes() + block_bytes_; }

  // Drops rows whose group this task has handed on already. False when it can't tell; else the others are groups of their own.
  bool DropSeen(Batch* batch) {
    rows_ += batch->rows;
    std::vector<VectorPtr> keys;
    for (int key : shared_.spec.keys) keys.push_back(batch->columns[key]);
    if (!seen_.Note(keys, batch->rows, &fresh_)) return false;
    const auto n = static_cast<int64_t>(fresh_.size());
    if (n == batch->rows) return true;
    if (n > 0) {
      for (VectorPtr& column : batch->columns) column = Gather(column, fresh_.data(), n);
    }
    batch->rows = n;
    return true;
  }

  // Groups the rows of a batch, up to the one with which the sample is complete and says that it doesn't help; gives
  // how many it grouped. The sample's end doesn't depend on the batches' size, so neither does the result.
  int64_t GroupAhead(const Batch& batch) {
    if (shared_.spec.keys.empty() || sampled_rows_ >= kSampleRows) {
      AddToGroups(batch);
      return batch.rows;
    }
    const int64_t first = std::min(batch.rows, kSampleRows - sampled_rows_);
    AddToGroups(first == batch.rows ? batch : SliceBatch(batch, 0, first));
    sampled_rows_ += first;
    sampled_groups_ += static_cast<int64_t>(grouper_.created().size());
    if (sampled_rows_ == kSampleRows) reduces_ = sampled_groups_ * 4 < sampled_rows_ * 3;
    if (!reduces_ || first == batch.rows) return first;
    AddToGroups(SliceBatch(batch, first, batch.rows - first));
    return batch.rows;
  }

  void AddToGroups(const Batch& batch) {
    grouper_.Add(batch, nullptr);
    groups_.insert(groups_.end(), grouper_.created().begin(), grouper_.created().end());
  }

  // Partitions the staged rows.
  void MakeBlock() {
    if (staged_rows_ == 0) return;
    Batch all;
    all.rows = staged_rows_;
    std::vector<VectorPtr> parts;
    for (size_t c = 0; c < staged_[0].columns.size(); ++c) {
      parts.clear();
      for (const Batch& batch : staged_) parts.push_back(Flatten(batch.columns[c]));
      all.columns.push_back(Concat(parts));
    }
    RawBlock block = MakeRawBlock(std::move(all), shared_.spec.keys);
    block_bytes_ += block.batch.MemoryBytes();
    blocks_.push_back(std::move(block));
    staged_.clear();
    staged_rows_ = 0;
  }

  // Leaves what the morsel gave so far as a chunk.
  void Flush() {
    MakeBlock();
    const int64_t groups = grouper_.table().store()->rows();
    if (rows_ > 0) shared_.AddRows(std::exchange(rows_, 0));
    if (groups == 0 && blocks_.empty()) return;
    GroupChunk chunk = MakeChunk(place_, sub_sequence_++, groups > 0 ? grouper_.Take() : nullptr,
                                 std::exchange(groups_, {}), std::exchange(blocks_, {}));
    block_bytes_ = 0;
    reservation_.ShrinkTo(0);
    shared_.AddChunk(std::move(chunk));
  }

  HashAggregate::Shared& shared_;
  Grouper grouper_;
  std::vector<std::byte*> groups_;  // the grouper's, in order of first appearance
  MemoryReservation reservation_;
  Place place_;
  int64_t sub_sequence_ = 0;
  // Whether grouping a morsel's rows ahead of merging makes them fewer, as far as is known.
  bool reduces_ = true;
  int64_t sampled_rows_ = 0, sampled_groups_ = 0;
  std::vector<Batch> staged_;
  int64_t staged_rows_ = 0;
  std::vector<RawBlock> blocks_;
  int64_t block_bytes_ = 0;
  // When `distinct()`.
  SeenKeys seen_;
  std::vector<int32_t> fresh_;
  int64_t rows_ = 0;
};

// Takes what a partial source gave of a morsel: its groups as keys and states, and its rows as they came.
class MergeSinkState final : public SinkState {
 public:
  explicit MergeSinkState(HashAggregate::Shared* shared)
      : shared_(*shared), reservation_(shared->context->memory.get()) {}
  ~MergeSinkState() override {
    if (store_ != nullptr) shared_.states.Destroy(store_->RowPointers());
  }

  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence};
    sub_sequence_ = 0;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    const bool raw = batch.columns.back()->GetValue(0).boolean();
    if (raw) {
      batch.columns.pop_back();
      const auto groups = static_cast<int64_t>(shared_.spec.keys.size() + shared_.spec.aggregates.size());
      batch.columns.erase(batch.columns.begin(), batch.columns.begin() + groups);
      for (VectorPtr& column : batch.columns) column = Flatten(column);
      blocks_.push_back(MakeRawBlock(std::move(batch), shared_.spec.keys));
      block_bytes_ += blocks_.back().batch.MemoryBytes();
    } else {
      if (!blocks_.empty()) Flush();
      AddGroups(batch);
    }
    const int64_t bytes = block_bytes_ + (store_ == nullptr ? 0 : store_->bytes());
    if (shared_.context->force_spill || !reservation_.TryGrowTo(bytes)) Flush();
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    Flush();
    return SinkResult::kNeedMore;
  }

 private:
  void AddGroups(const Batch& batch) {
    const size_t keys = shared_.spec.keys.size();
    const RowLayout& layout = *shared_.states.layout();
    if (store_ == nullptr) store_ = std::make_shared<RowStore>(shared_.states.layout());
    std::vector<std::byte*> rows(batch.rows), states(batch.rows);
    store_->Allocate(batch.rows, rows.data());
    for (size_t c = 0; c < keys; ++c) {
      ScatterColumn(layout, c, *batch.columns[c], rows.data(), batch.rows, &store_->heap());
    }
    std::vector<uint64_t> hashes(batch.rows, 0);
    if (keys > 0) HashRows(std::span(batch.columns).first(keys), batch.rows, hashes.data());
    for (int64_t i = 0; i < batch.rows; ++i) RowHash(rows[i]) = hashes[i];
    shared_.states.Init(rows.data(), batch.rows);
    for (size_t k = 0; k < shared_.spec.aggregates.size(); ++k) {
      for (int64_t i = 0; i < batch.rows; ++i) states[i] = rows[i] + shared_.states.offset(k);
      shared_.spec.aggregates[k].function->DeserializeMerge(Flatten(batch.columns[keys + k]), states.data());
    }
  }

  void Flush() {
    if (store_ == nullptr && blocks_.empty()) return;
    const std::vector<std::byte*> rows = store_ == nullptr ? std::vector<std::byte*>() : store_->RowPointers();
    GroupChunk chunk =
        MakeChunk(place_, sub_sequence_++, std::exchange(store_, nullptr), rows, std::exchange(blocks_, {}));
    block_bytes_ = 0;
    reservation_.ShrinkTo(0);
    shared_.AddChunk(std::move(chunk));
  }

  HashAggregate::Shared& shared_;
  MemoryReservation reservation_;
  std::shared_ptr<RowStore> store_;
  std::vector<RawBlock> blocks_;
  int64_t block_bytes_ = 0;
  Place place_;
  int64_t sub_sequence_ = 0;
};

// `State` is of one of the two kinds of input: rows, or what partial sources gave.
template <typename State>
class AggregateSink final : public Sink {
 public:
  explicit AggregateSink(std::shared_ptr<HashAggregate::Shared> shared) : shared_(std::move(shared)) {}
  void Start(const std::vector<Morsel>&, int32_t partitions) override { shared_->input_partitions += partitions; }
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<State>(shared_.get()); }
  void Combine(SinkState&) override {}
  void Finish() override {
    std::sort(shared_->chunks.begin(), shared_->chunks.end(),
              [](const GroupChunk& a, const GroupChunk& b) { return a.place < b.place; });
    if (shared_->partial || !shared_->spec.keys.empty() || shared_->total_rows > 0) return;
    // No rows and no grouping: one group of nothing.
    GroupChunk chunk;
    chunk.store = std::make_shared<RowStore>(shared_->states.layout());
    chunk.rows.push_back(chunk.store->AllocateOne());
    RowHash(chunk.rows[0]) = 0;
    shared_->states.Init(chunk.rows.data(), 1);
    chunk.partition_ends.assign(kRadixPartitions, 1);
    chunk.row_count = 1;
    shared_->AddChunk(std::move(chunk));
  }

 private:
  std::shared_ptr<HashAggregate::Shared> shared_;
};

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

// What one morsel left, chunk by chunk: groups, then rows as they came.
class PartialReader final : public MorselReader {
 public:
  PartialReader(std::shared_ptr<HashAggregate::Shared> shared, size_t first, size_t last)
      : shared_(std::move(shared)), chunk_(first), last_(last) {}
  ReadState Next(Batch* batch, EventPtr*) override {
    for (; chunk_ < last_; ++chunk_, groups_at_ = raw_at_ = 0) {
      const GroupChunk& chunk = shared_->chunks[chunk_];
      if (NextGroups(chunk, batch) || NextRaw(chunk, batch)) return ReadState::kBatch;
    }
    return ReadState::kFinished;
  }

 private:
  // Slot `number` of all partitions'; null beyond them.
  static const SpillFile::Slot* SlotAt(const std::vector<std::vector<SpillFile::Slot>>& partitions, int64_t number) {
    for (const std::vector<SpillFile::Slot>& slots : partitions) {
      if (number < static_cast<int64_t>(slots.size())) return &slots[number];
      number -= static_cast<int64_t>(slots.size());
    }
    return nullptr;
  }

  bool NextGroups(const GroupChunk& chunk, Batch* batch) {
    if (chunk.store != nullptr) {
      const int64_t n = std::min<int64_t>(kVectorSize, static_cast<int64_t>(chunk.rows.size()) - groups_at_);
      if (n == 0) return false;
      *batch = shared_->ToSpillBatch(chunk.rows.data() + groups_at_, n, Buffer::Wrap(nullptr, 0, shared_));
      groups_at_ += n;
    } else {
      const SpillFile::Slot* slot = SlotAt(chunk.spilled, groups_at_++);
      if (slot == nullptr) return false;
      *batch = shared_->spill_file->Read(*slot, shared_->spill_types);
    }
    batch->columns.pop_back();  // the hash
    for (const TypePtr& type : shared_->spec.input_types) batch->columns.push_back(Vector::MakeNull(type, batch->rows));
    batch->columns.push_back(Vector::MakeConstant(Value::Boolean(false), batch->rows));
    return true;
  }

  bool NextRaw(const GroupChunk& chunk, Batch* batch) {
    Batch raw;
    if (!chunk.raw_spilled.empty()) {
      const SpillFile::Slot* slot = SlotAt(chunk.raw_spilled, raw_at_++);
      if (slot == nullptr) return false;
      raw = shared_->spill_file->Read(*slot, shared_->raw_types);
    } else {
      if (raw_at_ == static_cast<int64_t>(chunk.raw.size())) return false;
      raw = chunk.raw[raw_at_++].batch;
    }
    *batch = Batch();
    batch->rows = raw.rows;
    for (size_t c = 0; c + 1 < shared_->spill_types.size(); ++c) {
      batch->columns.push_back(Vector::MakeNull(shared_->spill_types[c], raw.rows));
    }
    batch->columns.insert(batch->columns.end(), raw.columns.begin(), raw.columns.end() - 1);
    batch->columns.push_back(Vector::MakeConstant(Value::Boolean(true), raw.rows));
    return true;
  }

  std::shared_ptr<HashAggregate::Shared> shared_;
  size_t chunk_, last_;
  int64_t groups_at_ = 0, raw_at_ = 0;
};

class PartialSource final : public Source {
 public:
  explicit PartialSource(std::shared_ptr<HashAggregate::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return std::max(1, shared_->input_partitions); }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    Place last{-1, -1};
    for (size_t i = 0; i < shared_->chunks.size(); ++i) {
      const GroupChunk& chunk = shared_->chunks[i];
      const Place place{chunk.place.partition, chunk.place.sequence >> kSubSequenceBits};
      if (place == last) continue;
      last = place;
      morsels.push_back({place.partition, place.sequence, static_cast<int64_t>(firsts_.size()), chunk.row_count});
      firsts_.push_back(i);
    }
    firsts_.push_back(shared_->chunks.size());
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    return std::make_unique<PartialReader>(shared_, firsts_.at(morsel.id), firsts_.at(morsel.id + 1));
  }

 private:
  std::shared_ptr<HashAggregate::Shared> shared_;
  std::vector<size_t> firsts_;  // chunk with which each morsel begins, and the end
};

}  // namespace

HashAggregate::HashAggregate(HashAggregateSpec spec, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), std::move(context))) {}
HashAggregate::~HashAggregate() = default;
std::shared_ptr<Sink> HashAggregate::sink() { return std::make_shared<AggregateSink<AggregateSinkState>>(shared_); }
std::shared_ptr<Sink> HashAggregate::merge_sink() { return std::make_shared<AggregateSink<MergeSinkState>>(shared_); }
std::shared_ptr<Source> HashAggregate::source() { return std::make_shared<AggregateSource>(shared_); }
std::shared_ptr<Source> HashAggregate::partial_source() {
  shared_->partial = true;
  return std::make_shared<PartialSource>(shared_);
}

}  // namespace centella
