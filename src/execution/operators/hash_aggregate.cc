// Hash aggregation in two phases.
#include "execution/operators/hash_aggregate.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "execution/group_table.h"
#include "execution/hashing.h"
#include "execution/spill_file.h"

namespace centella {
namespace {

constexpr int kRadixBits = 6;
constexpr int kRadixPartitions = 1 << kRadixBits;
// Up to this many rows in all chunks, one morsel merges everything.
constexpr int64_t kSmallRows = 32 << 10;

inline int RadixOf(uint64_t hash) { return static_cast<int>(hash >> (64 - kRadixBits)); }

// Layout of a group's row: keys, then the states one after the other.
struct GroupLayout {
  std::shared_ptr<const RowLayout> rows;
  std::vector<size_t> state_offsets;  // from the row's start
};

GroupLayout MakeLayout(const HashAggregateSpec& spec) {
  GroupLayout layout;
  size_t trailer = 0;
  std::vector<size_t> offsets;
  for (const AggregateSpec& aggregate : spec.aggregates) {
    offsets.push_back(trailer);
    trailer += (aggregate.function->state_size() + 7) / 8 * 8;
  }
  layout.rows = std::make_shared<RowLayout>(spec.key_types, 8, trailer);
  for (size_t offset : offsets) layout.state_offsets.push_back(layout.rows->trailer_offset() + offset);
  return layout;
}

}  // namespace

// Rows of one morsel's groups; destroys their states. On disk after Spill.
struct GroupChunk {
  Place place;
  std::shared_ptr<RowStore> store;
  std::vector<std::byte*> rows;              // by radix partition, each in order of first appearance
  std::vector<int32_t> partition_ends;       // kRadixPartitions of them
  std::vector<std::vector<SpillFile::Slot>> spilled;  // by radix partition
  int64_t row_count = 0;
};

struct HashAggregate::Shared {
  Shared(HashAggregateSpec s, QueryContextPtr c)
      : spec(std::move(s)), context(std::move(c)), layout(MakeLayout(spec)), reservation(context->memory.get()) {
    for (const TypePtr& type : spec.key_types) spill_types.push_back(type);
    for (const AggregateSpec& a : spec.aggregates) spill_types.push_back(a.function->intermediate_type());
    spill_types.push_back(types::Long());  // hash
  }
  ~Shared() {
    for (GroupChunk& chunk : chunks) DestroyStates(chunk.rows);
  }

  void DestroyStates(const std::vector<std::byte*>& rows) const {
    for (size_t k = 0; k < spec.aggregates.size(); ++k) {
      const AggregateFunction& function = *spec.aggregates[k].function;
      if (!function.needs_destroy()) continue;
      for (std::byte* row : rows) function.Destroy(row + layout.state_offsets[k]);
    }
  }
  int64_t StateHeapBytes(const std::vector<std::byte*>& rows) const {
    int64_t bytes = 0;
    for (size_t k = 0; k < spec.aggregates.size(); ++k) {
      const AggregateFunction& function = *spec.aggregates[k].function;
      if (!function.needs_destroy()) continue;
      for (std::byte* row : rows) bytes += function.HeapBytes(row + layout.state_offsets[k]);
    }
    return bytes;
  }
  void InitStates(std::byte* const* rows, int64_t n) const {
    for (size_t k = 0; k < spec.aggregates.size(); ++k) {
      const AggregateFunction& function = *spec.aggregates[k].function;
      for (int64_t i = 0; i < n; ++i) function.Init(rows[i] + layout.state_offsets[k]);
    }
  }

  void AddChunk(GroupChunk chunk);
  void SpillChunk(GroupChunk& chunk);
  Batch ToSpillBatch(const RowStore& store, std::byte* const* rows, int64_t n) const;

  const HashAggregateSpec spec;
  const QueryContextPtr context;
  const GroupLayout layout;
  std::vector<TypePtr> spill_types;

  std::mutex mutex;
  std::vector<GroupChunk> chunks;
  MemoryReservation reservation;
  std::unique_ptr<SpillFile> spill_file;
  int64_t total_rows = 0;
  int64_t spilled_rows = 0;
  int32_t input_partitions = 0;
  bool partial = false;  // the groups go out as they are: no rows make no group
};

Batch HashAggregate::Shared::ToSpillBatch(const RowStore&, std::byte* const* rows, int64_t n) const {
  Batch batch;
  batch.rows = n;
  for (size_t column = 0; column < spec.key_types.size(); ++column) {
    batch.columns.push_back(GatherColumn(*layout.rows, column, rows, n, nullptr));
  }
  std::vector<std::byte*> states(n);
  for (size_t k = 0; k < spec.aggregates.size(); ++k) {
    for (int64_t i = 0; i < n; ++i) states[i] = rows[i] + layout.state_offsets[k];
    batch.columns.push_back(spec.aggregates[k].function->Serialize(states.data(), n));
  }
  MutableVectorPtr hashes = Vector::MakeFlat(types::Long(), n);
  for (int64_t i = 0; i < n; ++i) hashes->mutable_data<int64_t>()[i] = static_cast<int64_t>(RowHash(rows[i]));
  batch.columns.push_back(hashes);
  return batch;
}

// Under the mutex.
void HashAggregate::Shared::SpillChunk(GroupChunk& chunk) {
  if (chunk.store == nullptr) return;
  if (spill_file == nullptr) spill_file = std::make_unique<SpillFile>(context);
  chunk.spilled.resize(kRadixPartitions);
  int64_t begin = 0;
  for (int partition = 0; partition < kRadixPartitions; ++partition) {
    const int64_t end = chunk.partition_ends[partition];
    for (int64_t at = begin; at < end; at += kVectorSize) {
      const int64_t n = std::min(kVectorSize, end - at);
      chunk.spilled[partition].push_back(spill_file->Append(ToSpillBatch(*chunk.store, chunk.rows.data() + at, n)));
    }
    begin = end;
  }
  spilled_rows += chunk.row_count;
  DestroyStates(chunk.rows);
  chunk.rows.clear();
  chunk.rows.shrink_to_fit();
  chunk.store.reset();
}

void HashAggregate::Shared::AddChunk(GroupChunk chunk) {
  const int64_t bytes =
      chunk.store->bytes() + static_cast<int64_t>(chunk.rows.size() * sizeof(void*)) + StateHeapBytes(chunk.rows);
  std::lock_guard lock(mutex);
  total_rows += chunk.row_count;
  chunks.push_back(std::move(chunk));
  if (!context->force_spill && reservation.TryGrowTo(reservation.held() + bytes)) return;
  for (GroupChunk& each : chunks) SpillChunk(each);
  reservation.ShrinkTo(0);
}

namespace {

constexpr int kSubSequenceBits = 20;

// The rows of a store, radix partitioned; part `sub_sequence` of the morsel at `place`.
GroupChunk MakeChunk(Place place, int64_t sub_sequence, std::shared_ptr<RowStore> store) {
  GroupChunk chunk;
  chunk.place = {place.partition, (place.sequence << kSubSequenceBits) + sub_sequence};
  chunk.store = std::move(store);
  chunk.row_count = chunk.store->rows();
  std::vector<std::byte*> rows = chunk.store->RowPointers();
  std::vector<int32_t> counts(kRadixPartitions, 0);
  for (std::byte* row : rows) ++counts[RadixOf(RowHash(row))];
  chunk.partition_ends.resize(kRadixPartitions);
  std::vector<int32_t> next(kRadixPartitions, 0);
  std::exclusive_scan(counts.begin(), counts.end(), next.begin(), 0);
  chunk.rows.resize(rows.size());
  for (std::byte* row : rows) chunk.rows[next[RadixOf(RowHash(row))]++] = row;
  std::copy(next.begin(), next.end(), chunk.partition_ends.begin());
  return chunk;
}

// Remembers which group stands for each combination of dictionary codes, as long as the dictionaries stay the same.
class DictionaryGroups {
 public:
  // Whether the keys are all dictionaries or constants with few combinations; then `codes` gets each row's combination.
  bool Prepare(const std::vector<VectorPtr>& keys, int64_t rows) {
    int64_t combinations = 1;
    for (const VectorPtr& key : keys) {
      if (key->is_constant()) continue;
      if (!key->is_dictionary() || key->validity() != nullptr) return false;
      combinations *= key->base()->size();
      if (combinations > kMaxCombinations) return false;
    }
    if (keys.empty() || combinations > 4 * rows) return false;
    bool same = bases_.size() == keys.size();
    for (size_t k = 0; same && k < keys.size(); ++k) same = bases_[k] == keys[k]->base();
    if (!same) {
      bases_.clear();
      for (const VectorPtr& key : keys) bases_.push_back(key->base());
      groups_.assign(combinations, nullptr);
    }
    codes_.assign(rows, 0);
    for (const VectorPtr& key : keys) {
      if (key->is_constant()) continue;
      const int32_t* codes = key->codes();
      const int32_t size = static_cast<int32_t>(key->base()->size());
      for (int64_t i = 0; i < rows; ++i) codes_[i] = codes_[i] * size + codes[i];
    }
    return true;
  }
  void Forget() { bases_.clear(); }
  const std::vector<int32_t>& codes() const { return codes_; }
  std::vector<std::byte*>& groups() { return groups_; }

 private:
  static constexpr int64_t kMaxCombinations = 16384;
  std::vector<VectorPtr> bases_;
  std::vector<std::byte*> groups_;
  std::vector<int32_t> codes_;
};

class AggregateSinkState final : public SinkState {
 public:
  explicit AggregateSinkState(HashAggregate::Shared* shared)
      : shared_(*shared), table_(shared->layout.rows, shared->spec.keys.size()), reservation_(shared->context->memory.get()) {}
  ~AggregateSinkState() override { shared_.DestroyStates(table_.store()->RowPointers()); }

  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence};
    sub_sequence_ = 0;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    if (shared_.spec.keys.empty()) {
      UpdateSingle(batch);
    } else {
      FindGroups(batch);
      UpdateGroups(batch);
    }
    if (shared_.context->force_spill || !reservation_.TryGrowTo(table_.bytes())) {
      Flush();
      if (!shared_.context->force_spill) reservation_.ForceGrowTo(table_.bytes());
    }
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    Flush();
    return SinkResult::kNeedMore;
  }

 private:
  void UpdateSingle(const Batch& batch) {
    if (table_.store()->rows() == 0) {
      single_ = table_.store()->AllocateOne();
      RowHash(single_) = 0;
      shared_.InitStates(&single_, 1);
    }
    for (size_t k = 0; k < shared_.spec.aggregates.size(); ++k) {
      const AggregateSpec& aggregate = shared_.spec.aggregates[k];
      int64_t rows = batch.rows;
      std::vector<VectorPtr> args = Arguments(aggregate, batch, &rows);
      if (rows > 0) aggregate.function->UpdateOne(args, rows, single_ + shared_.layout.state_offsets[k]);
    }
  }

  void FindGroups(const Batch& batch) {
    std::vector<VectorPtr> keys;
    for (int key : shared_.spec.keys) keys.push_back(batch.columns[key]);
    rows_.resize(batch.rows);
    if (!dictionary_.Prepare(keys, batch.rows)) {
      FindByHash(keys, batch.rows, rows_.data());
      return;
    }
    // Look up each new combination once, in order of first appearance.
    std::vector<std::byte*>& groups = dictionary_.groups();
    const std::vector<int32_t>& codes = dictionary_.codes();
    missing_.clear();
    for (int64_t i = 0; i < batch.rows; ++i) {
      if (groups[codes[i]] == nullptr) {
        groups[codes[i]] = reinterpret_cast<std::byte*>(1);  // seen in this batch
        missing_.push_back(static_cast<int32_t>(i));
      }
    }
    if (!missing_.empty()) {
      const int64_t n = static_cast<int64_t>(missing_.size());
      std::vector<VectorPtr> some;
      for (const VectorPtr& key : keys) some.push_back(Gather(key, missing_.data(), n));
      std::vector<std::byte*> found(n);
      FindByHash(some, n, found.data());
      for (int64_t k = 0; k < n; ++k) groups[codes[missing_[k]]] = found[k];
    }
    for (int64_t i = 0; i < batch.rows; ++i) rows_[i] = groups[codes[i]];
  }

  void FindByHash(const std::vector<VectorPtr>& keys, int64_t n, std::byte** rows) {
    hashes_.resize(n);
    HashRows(keys, n, hashes_.data());
    created_.clear();
    table_.FindOrCreate(keys, hashes_.data(), n, rows, &created_);
    if (created_.empty()) return;
    states_.resize(created_.size());
    for (size_t k = 0; k < created_.size(); ++k) states_[k] = rows[created_[k]];
    shared_.InitStates(states_.data(), static_cast<int64_t>(created_.size()));
  }

  // The aggregate's arguments, reduced to the rows that pass its filter.
  std::vector<VectorPtr> Arguments(const AggregateSpec& aggregate, const Batch& batch, int64_t* rows) {
    std::vector<VectorPtr> args;
    for (int arg : aggregate.args) args.push_back(batch.columns[arg]);
    if (aggregate.filter >= 0) {
      passing_.clear();
      DecodedVector filter(*batch.columns[aggregate.filter]);
      for (int64_t i = 0; i < batch.rows; ++i) {
        if (!filter.IsNull(i) && filter.Value<uint8_t>(i) != 0) passing_.push_back(static_cast<int32_t>(i));
      }
      *rows = static_cast<int64_t>(passing_.size());
      for (VectorPtr& arg : args) arg = Gather(arg, passing_.data(), *rows);
    }
    for (VectorPtr& arg : args) {
      if (arg->is_dictionary()) arg = Flatten(arg);
    }
    return args;
  }

  void UpdateGroups(const Batch& batch) {
    for (size_t k = 0; k < shared_.spec.aggregates.size(); ++k) {
      const AggregateSpec& aggregate = shared_.spec.aggregates[k];
      const size_t offset = shared_.layout.state_offsets[k];
      int64_t rows = batch.rows;
      std::vector<VectorPtr> args = Arguments(aggregate, batch, &rows);
      states_.resize(rows);
      if (aggregate.filter >= 0) {
        for (int64_t i = 0; i < rows; ++i) states_[i] = rows_[passing_[i]] + offset;
      } else {
        for (int64_t i = 0; i < rows; ++i) states_[i] = rows_[i] + offset;
      }
      if (rows > 0) aggregate.function->Update(args, rows, states_.data());
    }
  }

  // Leaves the morsel's groups so far as a chunk.
  void Flush() {
    dictionary_.Forget();
    if (table_.store()->rows() == 0) return;
    GroupChunk chunk = MakeChunk(place_, sub_sequence_++, table_.TakeStore());
    reservation_.ShrinkTo(0);
    shared_.AddChunk(std::move(chunk));
  }

  HashAggregate::Shared& shared_;
  GroupTable table_;
  MemoryReservation reservation_;
  DictionaryGroups dictionary_;
  Place place_;
  int64_t sub_sequence_ = 0;
  std::byte* single_ = nullptr;
  std::vector<std::byte*> rows_, states_;
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> created_, passing_, missing_;
};

// Takes keys and states: the groups of one morsel, which another process or fragment made.
class MergeSinkState final : public SinkState {
 public:
  explicit MergeSinkState(HashAggregate::Shared* shared) : shared_(*shared), reservation_(shared->context->memory.get()) {}
  ~MergeSinkState() override {
    if (store_ != nullptr) shared_.DestroyStates(store_->RowPointers());
  }

  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence};
    sub_sequence_ = 0;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    const Batch batch = Compact(std::move(input));
    const size_t keys = shared_.spec.keys.size();
    if (store_ == nullptr) store_ = std::make_shared<RowStore>(shared_.layout.rows);
    std::vector<std::byte*> rows(batch.rows), states(batch.rows);
    store_->Allocate(batch.rows, rows.data());
    for (size_t c = 0; c < keys; ++c) {
      ScatterColumn(*shared_.layout.rows, c, *batch.columns[c], rows.data(), batch.rows, &store_->heap());
    }
    std::vector<uint64_t> hashes(batch.rows, 0);
    if (keys > 0) HashRows(std::span(batch.columns).first(keys), batch.rows, hashes.data());
    for (int64_t i = 0; i < batch.rows; ++i) RowHash(rows[i]) = hashes[i];
    shared_.InitStates(rows.data(), batch.rows);
    for (size_t k = 0; k < shared_.spec.aggregates.size(); ++k) {
      for (int64_t i = 0; i < batch.rows; ++i) states[i] = rows[i] + shared_.layout.state_offsets[k];
      shared_.spec.aggregates[k].function->DeserializeMerge(Flatten(batch.columns[keys + k]), states.data());
    }
    if (shared_.context->force_spill || !reservation_.TryGrowTo(store_->bytes())) Flush();
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    Flush();
    return SinkResult::kNeedMore;
  }

 private:
  void Flush() {
    if (store_ == nullptr) return;
    GroupChunk chunk = MakeChunk(place_, sub_sequence_++, std::move(store_));
    store_ = nullptr;
    reservation_.ShrinkTo(0);
    shared_.AddChunk(std::move(chunk));
  }

  HashAggregate::Shared& shared_;
  MemoryReservation reservation_;
  std::shared_ptr<RowStore> store_;
  Place place_;
  int64_t sub_sequence_ = 0;
};

// `State` is of one of the two kinds of sink.
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
    chunk.store = std::make_shared<RowStore>(shared_->layout.rows);
    chunk.rows.push_back(chunk.store->AllocateOne());
    RowHash(chunk.rows[0]) = 0;
    shared_->InitStates(chunk.rows.data(), 1);
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
      : shared_(std::move(shared)), next_partition_(first), last_partition_(last),
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
    int64_t table_rows = 0;
    GroupTable table(shared_->layout.rows, shared_->spec.keys.size());
    for (GroupChunk& chunk : shared_->chunks) {
      if (chunk.store != nullptr) {
        const int64_t begin = partition_ == 0 ? 0 : chunk.partition_ends[partition_ - 1];
        MergeRows(&table, chunk.rows.data() + begin, chunk.partition_ends[partition_] - begin);
      } else {
        for (const SpillFile::Slot& slot : chunk.spilled[partition_]) MergeSpilled(&table, slot);
      }
      table_rows = std::max(table_rows, table.groups());
    }
    ++pass_;
    return true;
  }

  // How many passes over the partition's spilled rows keep each within memory.
  void PlanPasses() {
    pass_ = 0;
    passes_ = 1;
    if (shared_->spill_file == nullptr) return;
    int64_t bytes = 0;
    for (const GroupChunk& chunk : shared_->chunks) {
      if (chunk.store != nullptr) continue;
      for (const SpillFile::Slot& slot : chunk.spilled[partition_]) bytes += slot.bytes;
    }
    const int64_t needed = bytes * 3;
    reservation_.ShrinkTo(0);
    while (passes_ < kMaxPasses && !reservation_.TryGrowTo(needed / passes_)) passes_ *= 2;
  }

  bool InPass(uint64_t hash) const {
    return passes_ == 1 || static_cast<int>((hash >> 40) & (passes_ - 1)) == pass_;
  }

  void MergeRows(GroupTable* table, std::byte** rows, int64_t n) {
    from_.clear();
    into_.clear();
    for (int64_t i = 0; i < n; ++i) {
      if (!InPass(RowHash(rows[i]))) continue;
      std::byte* group = table->FindOrInsert(rows[i]);
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
      const size_t offset = shared_->layout.state_offsets[k];
      for (int64_t i = 0; i < n; ++i) {
        from_states_[i] = from_[i] + offset;
        into_states_[i] = into_[i] + offset;
      }
      shared_->spec.aggregates[k].function->Merge(from_states_.data(), into_states_.data(), n);
    }
  }

  void MergeSpilled(GroupTable* table, const SpillFile::Slot& slot) {
    Batch batch = shared_->spill_file->Read(slot, shared_->spill_types);
    const int64_t* hashes = batch.columns.back()->data<int64_t>();
    selected_.clear();
    for (int64_t i = 0; i < batch.rows; ++i) {
      if (InPass(static_cast<uint64_t>(hashes[i]))) selected_.push_back(static_cast<int32_t>(i));
    }
    if (selected_.empty()) return;
    const int64_t n = static_cast<int64_t>(selected_.size());
    for (VectorPtr& column : batch.columns) column = Flatten(Gather(column, selected_.data(), n));
    hashes = batch.columns.back()->data<int64_t>();
    const size_t keys = shared_->spec.keys.size();
    if (own_ == nullptr) own_ = std::make_shared<RowStore>(shared_->layout.rows);
    std::vector<std::byte*> rows(n);
    own_->Allocate(n, rows.data());
    for (size_t c = 0; c < keys; ++c) {
      ScatterColumn(*shared_->layout.rows, c, *batch.columns[c], rows.data(), n, &own_->heap());
    }
    shared_->InitStates(rows.data(), n);
    std::vector<std::byte*> into(n);
    for (int64_t i = 0; i < n; ++i) {
      RowHash(rows[i]) = static_cast<uint64_t>(hashes[i]);
      into[i] = table->FindOrInsert(rows[i]);
      if (into[i] == rows[i]) groups_.push_back(rows[i]);
    }
    into_states_.resize(n);
    for (size_t k = 0; k < shared_->spec.aggregates.size(); ++k) {
      for (int64_t i = 0; i < n; ++i) into_states_[i] = into[i] + shared_->layout.state_offsets[k];
      shared_->spec.aggregates[k].function->DeserializeMerge(batch.columns[keys + k], into_states_.data());
    }
    reservation_.ForceGrowTo(own_->bytes());
  }

  void Emit(Batch* batch) {
    const int64_t n = std::min<int64_t>(shared_->context->batch_size, groups_.size() - position_);
    std::byte* const* rows = groups_.data() + position_;
    position_ += n;
    batch->rows = n;
    batch->columns.clear();
    batch->selection = nullptr;
    // The strings lie in the chunks' stores, which `shared_` keeps, or in our own.
    const BufferPtr anchor = Buffer::Wrap(
        nullptr, 0, std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(shared_, own_));
    for (size_t c = 0; c < shared_->spec.keys.size(); ++c) {
      batch->columns.push_back(GatherColumn(*shared_->layout.rows, c, rows, n, anchor));
    }
    into_states_.resize(n);
    for (size_t k = 0; k < shared_->spec.aggregates.size(); ++k) {
      for (int64_t i = 0; i < n; ++i) into_states_[i] = rows[i] + shared_->layout.state_offsets[k];
      batch->columns.push_back(shared_->spec.aggregates[k].function->Finish(into_states_.data(), n));
    }
  }

  void ReleaseOwn() {
    if (own_ != nullptr) shared_->DestroyStates(own_->RowPointers());
    own_.reset();
    reservation_.ShrinkTo(0);
  }

  static constexpr int kMaxPasses = 64;
  std::shared_ptr<HashAggregate::Shared> shared_;
  int next_partition_, last_partition_, partition_ = 0;
  int pass_ = 0, passes_ = 0;
  MemoryReservation reservation_;
  std::shared_ptr<RowStore> own_;  // rows read back from disk
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
    const bool small = shared_->total_rows <= kSmallRows;
    const int step = small ? kRadixPartitions : 1;
    for (int first = 0; first < kRadixPartitions; first += step) {
      morsels.push_back({0, first, first, shared_->total_rows / kRadixPartitions * step});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const int first = static_cast<int>(morsel.id);
    const bool small = shared_->total_rows <= kSmallRows;
    return std::make_unique<MergeReader>(shared_, first, small ? kRadixPartitions : first + 1);
  }

 private:
  std::shared_ptr<HashAggregate::Shared> shared_;
};

// The groups of one morsel: its chunks one after the other.
class PartialReader final : public MorselReader {
 public:
  PartialReader(std::shared_ptr<HashAggregate::Shared> shared, size_t first, size_t last)
      : shared_(std::move(shared)), chunk_(first), last_(last) {}
  ReadState Next(Batch* batch, EventPtr*) override {
    for (; chunk_ < last_; ++chunk_, at_ = 0) {
      const GroupChunk& chunk = shared_->chunks[chunk_];
      if (chunk.store == nullptr) {
        if (!NextSpilled(chunk, batch)) continue;
      } else {
        const int64_t n = std::min<int64_t>(kVectorSize, static_cast<int64_t>(chunk.rows.size()) - at_);
        if (n == 0) continue;
        *batch = shared_->ToSpillBatch(*chunk.store, chunk.rows.data() + at_, n);
        at_ += n;
      }
      batch->columns.pop_back();  // the hash
      return ReadState::kBatch;
    }
    return ReadState::kFinished;
  }

 private:
  // `at_` counts the chunk's slots.
  bool NextSpilled(const GroupChunk& chunk, Batch* batch) {
    int64_t skip = at_;
    for (const std::vector<SpillFile::Slot>& slots : chunk.spilled) {
      if (skip < static_cast<int64_t>(slots.size())) {
        *batch = shared_->spill_file->Read(slots[skip], shared_->spill_types);
        ++at_;
        return true;
      }
      skip -= static_cast<int64_t>(slots.size());
    }
    return false;
  }

  std::shared_ptr<HashAggregate::Shared> shared_;
  size_t chunk_, last_;
  int64_t at_ = 0;
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
