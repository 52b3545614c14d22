// Hash join: build, probe, spilling, runtime filters.
#include "execution/operators/hash_join.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "execution/hashing.h"
#include "execution/integer_range.h"
#include "execution/integers.h"
#include "execution/operators/join_filter.h"
#include "execution/operators/join_probe.h"
#include "execution/operators/join_table.h"
#include "execution/spill_file.h"

namespace centella {
namespace {

// One morsel's build rows, by radix partition; or still columns, when they have an integer key from a narrow range.
struct BuildChunk {
  Place place;
  std::vector<JoinColumns> columns;
  int64_t column_rows = 0;
  int64_t bytes = 0;
  std::shared_ptr<RowStore> store;
  std::vector<std::byte*> rows;
  std::vector<int32_t> ends;
  std::vector<std::vector<SpillFile::Slot>> spilled;
};

// Probe rows on disk: one batch of one radix partition.
struct SpilledProbe {
  Place place;
  int64_t sub_sequence;
  SpillFile::Slot slot;
};

}  // namespace

struct HashJoin::Shared {
  Shared(HashJoinSpec s, QueryContextPtr c)
      : spec(std::move(s)),
        context(std::move(c)),
        plan(MakeJoinProbePlan(spec)),
        by_one_integer(plan.ByOneInteger(spec.null_safe)),
        table(plan.layout, plan.build_keys.size(), spec.null_safe),
        reservation(context->memory.get()) {
    for (const TypePtr& type : plan.layout->types()) build_spill_types.push_back(type);
    build_spill_types.push_back(types::Long());
    probe_spill_types = spec.build_left ? spec.right_types : spec.left_types;
    probe_spilled.resize(kJoinPartitions);
  }

  void AddChunk(BuildChunk chunk);
  // Makes rows of columns.
  void TurnToRows(BuildChunk& chunk) const;
  // Takes all chunks as columns, if they are and memory allows.
  bool ReserveSlots();
  // Before the first probe, where build columns are asked for and memory allows.
  void ArrangeBySlot();
  void SpillChunk(BuildChunk& chunk);
  bool spilled() const { return spill_file != nullptr; }

  const HashJoinSpec spec;
  const QueryContextPtr context;
  const JoinProbePlan plan;
  const bool by_one_integer;
  JoinTable table;
  std::vector<TypePtr> build_spill_types, probe_spill_types;

  std::mutex mutex;
  std::vector<BuildChunk> chunks;
  MemoryReservation reservation;
  int64_t kept_bytes = 0;  // of what is in memory
  int64_t build_rows = 0;
  BuildFacts facts;
  int64_t estimated_rows = 0;  // of the build side, before its filters
  std::unique_ptr<SpillFile> spill_file;
  std::vector<std::vector<SpilledProbe>> probe_spilled;  // by partition
  std::vector<std::shared_ptr<JoinRuntimeFilter>> filters;
  BufferPtr anchor;  // keeps all stores
  std::once_flag arranged;
};

void HashJoin::Shared::ArrangeBySlot() {
  if (table.from_columns()) {
    table.FinishSlots(*context->cancellation);
    int64_t bytes = table.FinishedSlotBytes();
    for (const auto& filter : filters) bytes += filter != nullptr ? filter->bytes() : 0;
    return reservation.ShrinkTo(bytes);
  }
  const bool asked =
      std::any_of(plan.output.begin(), plan.output.end(), [](const auto& each) { return each.from_build; });
  if (!asked || plan.keeps_build_rows || plan.residual != nullptr) return;
  // At most four slots a row, each the width of its row without the header.
  const int64_t bytes = table.bytes() * static_cast<int64_t>(plan.layout->row_bytes() - kJoinHeaderBytes) / 8;
  if (!reservation.TryGrowTo(reservation.held() + bytes)) return;
  if (!table.ArrangeBySlot(anchor)) reservation.ShrinkTo(reservation.held() - bytes);
}

namespace {

// Appends rows, whose columns are those of the layout.
void AddRows(const JoinProbePlan& plan, const std::vector<VectorPtr>& columns, int64_t n, RowStore* store) {
  std::vector<std::byte*> rows(n);
  store->Allocate(n, rows.data());
  for (size_t c = 0; c < columns.size(); ++c) {
    ScatterColumn(*plan.layout, c, *columns[c], rows.data(), n, &store->heap());
  }
  std::vector<uint64_t> hashes(n);
  HashRows({columns.data(), plan.build_keys.size()}, n, hashes.data());
  for (int64_t i = 0; i < n; ++i) {
    RowHash(rows[i]) = hashes[i];
    SetJoinNext(rows[i], nullptr);
  }
}

// A chunk of a store's rows, by radix partition.
void TakeRows(std::shared_ptr<RowStore> store, BuildChunk* chunk) {
  std::vector<std::byte*> rows = store->RowPointers();
  std::vector<int32_t> counts(kJoinPartitions, 0), next(kJoinPartitions, 0);
  for (std::byte* row : rows) ++counts[JoinPartitionOf(RowHash(row))];
  std::exclusive_scan(counts.begin(), counts.end(), next.begin(), 0);
  chunk->rows.resize(rows.size());
  for (std::byte* row : rows) chunk->rows[next[JoinPartitionOf(RowHash(row))]++] = row;
  chunk->ends = std::move(next);
  chunk->store = std::move(store);
}

}  // namespace

void HashJoin::Shared::TurnToRows(BuildChunk& chunk) const {
  if (chunk.columns.empty()) return;
  auto store = std::make_shared<RowStore>(plan.layout);
  for (JoinColumns& batch : chunk.columns) {
    context->cancellation->ThrowIfCancelled();
    AddRows(plan, batch.columns, batch.rows, store.get());
    batch = {};
  }
  chunk.columns.clear();
  TakeRows(std::move(store), &chunk);
}

bool HashJoin::Shared::ReserveSlots() {
  const bool existence_only = plan.existence_only();
  if (!by_one_integer || !facts.has_range || build_rows > INT32_MAX ||
      !JoinTable::FitsByValue(facts.least, facts.greatest, build_rows, existence_only)) {
    return false;
  }
  for (const BuildChunk& chunk : chunks) {
    if (chunk.columns.empty()) return false;
  }
  int64_t bytes = JoinTable::SlotBytes(*plan.layout, facts.least, facts.greatest, build_rows, existence_only);
  for (const auto& filter : filters) {
    if (filter != nullptr) bytes += JoinRuntimeFilter::BytesOfColumns(facts.least, facts.greatest, build_rows);
  }
  if (static_cast<uint64_t>(facts.greatest) - static_cast<uint64_t>(facts.least) >= INT32_MAX ||
      !reservation.TryGrowTo(reservation.held() + bytes)) {
    return false;
  }
  std::vector<JoinColumns> all;
  for (BuildChunk& chunk : chunks) std::move(chunk.columns.begin(), chunk.columns.end(), std::back_inserter(all));
  chunks.clear();
  std::vector<bool> wanted(plan.layout->types().size(), false);
  for (const JoinProbePlan::Output& output : plan.output) {
    if (output.from_build && !existence_only) wanted[output.index] = true;
  }
  table.ReserveSlots(facts.least, facts.greatest, std::move(all), wanted, existence_only);
  return true;
}

// Under the mutex.
void HashJoin::Shared::SpillChunk(BuildChunk& chunk) {
  TurnToRows(chunk);
  if (chunk.store == nullptr) return;
  if (spill_file == nullptr) spill_file = std::make_unique<SpillFile>(context);
  chunk.spilled.resize(kJoinPartitions);
  int64_t begin = 0;
  for (int partition = 0; partition < kJoinPartitions; ++partition) {
    for (int64_t at = begin; at < chunk.ends[partition]; at += kVectorSize) {
      context->cancellation->ThrowIfCancelled();
      const int64_t n = std::min<int64_t>(kVectorSize, chunk.ends[partition] - at);
      std::byte** rows = chunk.rows.data() + at;
      Batch batch;
      batch.rows = n;
      for (size_t c = 0; c < plan.layout->types().size(); ++c) {
        batch.columns.push_back(GatherColumn(*plan.layout, c, rows, n, nullptr));
      }
      MutableVectorPtr hashes = Vector::MakeFlat(types::Long(), n);
      for (int64_t i = 0; i < n; ++i) hashes->mutable_data<int64_t>()[i] = static_cast<int64_t>(RowHash(rows[i]));
      batch.columns.push_back(hashes);
      chunk.spilled[partition].push_back(spill_file->Append(batch));
    }
    begin = chunk.ends[partition];
  }
  chunk.rows = {};
  chunk.store.reset();
}

void HashJoin::Shared::AddChunk(BuildChunk chunk) {
  // The table of entries comes on top: two a row, rounded up to a power of two. Columns are counted as the rows that may have
  // to be made of them.
  const int64_t rows = chunk.column_rows + static_cast<int64_t>(chunk.rows.size());
  const int64_t bytes = chunk.bytes + rows * 40;
  std::lock_guard lock(mutex);
  build_rows += rows;
  chunks.push_back(std::move(chunk));
  const bool fits = !context->force_spill && reservation.TryGrowTo(kept_bytes + bytes);
  kept_bytes += bytes;
  if (fits && !spilled()) return;
  for (BuildChunk& each : chunks) SpillChunk(each);
  kept_bytes = 0;
  reservation.ShrinkTo(0);
}

namespace {

class BuildState final : public SinkState {
 public:
  explicit BuildState(HashJoin::Shared* shared) : shared_(*shared), reservation_(shared->context->memory.get()) {}

  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence << 20};
    morsel_rows_ = morsel.rows_estimate;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    const Batch batch = Compact(std::move(input));
    const JoinProbePlan& plan = shared_.plan;
    std::vector<VectorPtr> columns;
    for (int column : plan.build_columns) columns.push_back(batch.columns[column]);
    BuildFacts facts;
    facts.rows = batch.rows;
    for (size_t k = 0; k < plan.build_keys.size(); ++k) {
      facts.has_null_key = facts.has_null_key || columns[k]->CountNulls() > 0;
    }
    if (IsInteger(columns[0]->physical())) {
      facts.has_range = IntegerRange(*columns[0], batch.rows, &facts.least, &facts.greatest);
    }
    facts_.Add(facts);
    if (shared_.by_one_integer) {
      KeepColumns(std::move(columns), facts);
    } else {
      if (store_ == nullptr) store_ = std::make_shared<RowStore>(plan.layout);
      AddRows(plan, columns, batch.rows, store_.get());
    }
    if (shared_.context->force_spill || !reservation_.TryGrowTo(Bytes())) Flush();
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    Flush();
    return SinkResult::kNeedMore;
  }

  const BuildFacts& facts() const { return facts_; }

 private:
  int64_t Bytes() const { return store_ != nullptr ? store_->bytes() : chunk_.bytes; }

  void KeepColumns(std::vector<VectorPtr> columns, const BuildFacts& facts) {
    int64_t bytes = facts.rows * static_cast<int64_t>(shared_.plan.layout->row_bytes());
    for (VectorPtr& column : columns) {
      column = Flatten(column);
      // Texts are copied: a few of them may hold a large heap.
      if (column->physical() == PhysicalType::kString) {
        column = CopyCompact(*column);
        for (const BufferPtr& heap : column->heaps()) bytes += heap->size();
      }
    }
    chunk_.columns.push_back({std::move(columns), facts.rows, facts.has_range, facts.least, facts.greatest});
    chunk_.column_rows += facts.rows;
    chunk_.bytes += bytes;
    chunk_facts_.Add(facts);
    if (facts.has_range) batch_ranges_ += static_cast<double>(facts.greatest) - static_cast<double>(facts.least);
  }

  // Whether the keys of the whole build side are likely to come from a narrow range, going by this chunk's.
  bool SeemsNarrow() const {
    const BuildFacts& facts = chunk_facts_;
    if (!facts.has_range) return false;
    const bool existence_only = shared_.plan.existence_only();
    if (JoinTable::FitsByValue(facts.least, facts.greatest, facts.rows, existence_only)) return true;
    // Keys in no order: each batch's range is nearly the whole, in which the rows to come will lie too.
    const double range = static_cast<double>(facts.greatest) - static_cast<double>(facts.least);
    if (batch_ranges_ < range / 2 * static_cast<double>(chunk_.columns.size()) || morsel_rows_ == 0) return false;
    const double share = static_cast<double>(facts.rows) / static_cast<double>(morsel_rows_);
    const auto rows =
        static_cast<int64_t>(std::min(1e12, static_cast<double>(shared_.estimated_rows) * std::min(share, 1.0)));
    return JoinTable::FitsByValue(facts.least, facts.greatest, rows, existence_only);
  }

  void Flush() {
    if (store_ == nullptr && chunk_.columns.empty()) return;
    chunk_.place = place_;
    ++place_.sequence;
    if (store_ != nullptr) TakeRows(std::move(store_), &chunk_);
    if (!chunk_.columns.empty() && !SeemsNarrow()) shared_.TurnToRows(chunk_);
    if (chunk_.store != nullptr) chunk_.bytes = chunk_.store->bytes();
    store_ = nullptr;
    reservation_.ShrinkTo(0);
    shared_.AddChunk(std::exchange(chunk_, {}));
    chunk_facts_ = {};
    batch_ranges_ = 0;
  }

  HashJoin::Shared& shared_;
  MemoryReservation reservation_;
  std::shared_ptr<RowStore> store_;
  BuildChunk chunk_;  // what the columns of this morsel become
  Place place_;
  BuildFacts facts_, chunk_facts_;
  double batch_ranges_ = 0;  // their sum
  int64_t morsel_rows_ = 0;
};

class BuildSink final : public Sink {
 public:
  explicit BuildSink(std::shared_ptr<HashJoin::Shared> shared) : shared_(std::move(shared)) {}
  void Start(const std::vector<Morsel>& morsels, int32_t) override {
    for (const Morsel& morsel : morsels) shared_->estimated_rows += morsel.rows_estimate;
  }
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<BuildState>(shared_.get()); }
  void Combine(SinkState& state) override {
    const BuildFacts& facts = static_cast<BuildState&>(state).facts();
    std::lock_guard lock(shared_->mutex);
    shared_->facts.Add(facts);
  }
  void Finish() override {
    std::sort(shared_->chunks.begin(), shared_->chunks.end(),
              [](const BuildChunk& a, const BuildChunk& b) { return a.place < b.place; });
    if (shared_->spilled() || shared_->ReserveSlots()) return;
    for (BuildChunk& chunk : shared_->chunks) shared_->TurnToRows(chunk);
    auto stores = std::make_shared<std::vector<std::shared_ptr<RowStore>>>();
    for (const BuildChunk& chunk : shared_->chunks) stores->push_back(chunk.store);
    shared_->anchor = Buffer::Wrap(nullptr, 0, stores);
    const BuildFacts& facts = shared_->facts;
    const bool by_value =
        facts.has_range && shared_->plan.build_keys.size() == 1 && !shared_->spec.null_safe[0] &&
        shared_->table.ReserveByValue(facts.least, facts.greatest, shared_->build_rows, shared_->plan.existence_only());
    if (!by_value) shared_->table.Reserve(shared_->build_rows);
  }
  std::vector<std::function<void()>> FinishTasks() override {
    std::vector<std::function<void()>> tasks;
    if (shared_->spilled()) return tasks;
    const int parts = shared_->build_rows < JoinTable::kRowsForSlices ? 1 : 8;
    const bool from_columns = shared_->table.from_columns();
    for (int part = 0; part < parts; ++part) {
      if (from_columns) {
        tasks.push_back(
            [shared = shared_, part, parts] { shared->table.FillSlots(part, parts, *shared->context->cancellation); });
        continue;
      }
      const int first = part * kJoinPartitions / parts;
      const int last = (part + 1) * kJoinPartitions / parts;
      tasks.push_back([shared = shared_, first, last] { FillTable(*shared, first, last); });
    }
    for (size_t key = 0; key < shared_->filters.size(); ++key) {
      if (shared_->filters[key] == nullptr) continue;
      tasks.push_back([shared = shared_, key] {
        if (shared->table.from_columns()) {
          shared->filters[key]->Build(shared->table.columns(), shared->facts.least, shared->facts.greatest,
                                      shared->build_rows, *shared->context->cancellation);
          return;
        }
        std::vector<const std::vector<std::byte*>*> rows;
        for (const BuildChunk& chunk : shared->chunks) rows.push_back(&chunk.rows);
        shared->filters[key]->Build(*shared->plan.layout, key, rows, shared->build_rows,
                                    shared->plan.build_keys.size() == 1, *shared->context->cancellation);
      });
    }
    return tasks;
  }

 private:
  static void FillTable(HashJoin::Shared& shared, int first, int last) {
    CancellationPoint rows(*shared.context->cancellation);
    for (auto chunk = shared.chunks.rbegin(); chunk != shared.chunks.rend(); ++chunk) {
      const int64_t begin = first == 0 ? 0 : chunk->ends[first - 1];
      for (int64_t i = chunk->ends[last - 1]; i-- > begin;) {
        if (i >= begin + kPrefetch) __builtin_prefetch(chunk->rows[i - kPrefetch]);
        shared.table.Insert(chunk->rows[i]);
        rows.Pass();
      }
    }
  }
  static constexpr int64_t kPrefetch = 8;
  std::shared_ptr<HashJoin::Shared> shared_;
};

// Probes in memory; with a spilled build side writes the rows to their partitions instead.
class ProbeTransform final : public Transform {
 public:
  explicit ProbeTransform(std::shared_ptr<HashJoin::Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    if (shared_->spilled()) return std::make_unique<SpillingState>(shared_.get(), morsel);
    std::call_once(shared_->arranged, [this] { shared_->ArrangeBySlot(); });
    return std::make_unique<State>(shared_.get(), morsel);
  }

 private:
  struct State final : TransformState {
    State(HashJoin::Shared* shared, const Morsel& morsel)
        : cursor(shared->plan, shared->table, shared->facts, shared->anchor, *shared->context, morsel.partition) {}
    void Consume(Batch batch) override { cursor.Start(Compact(std::move(batch))); }
    bool Next(Batch* batch) override { return cursor.Next(batch); }
    JoinProbeCursor cursor;
  };

  struct SpillingState final : TransformState {
    SpillingState(HashJoin::Shared* s, const Morsel& morsel) : shared(*s), place{morsel.partition, morsel.sequence} {}
    void Consume(Batch input) override {
      const Batch batch = Compact(std::move(input));
      std::vector<VectorPtr> keys;
      for (int key : shared.plan.probe_keys) keys.push_back(batch.columns[key]);
      std::vector<uint64_t> hashes(batch.rows);
      HashRows(keys, batch.rows, hashes.data());
      std::vector<std::vector<int32_t>> rows(kJoinPartitions);
      for (int64_t i = 0; i < batch.rows; ++i) {
        rows[JoinPartitionOf(hashes[i])].push_back(static_cast<int32_t>(i));
      }
      for (int partition = 0; partition < kJoinPartitions; ++partition) {
        if (rows[partition].empty()) continue;
        Batch part;
        part.rows = static_cast<int64_t>(rows[partition].size());
        for (const VectorPtr& column : batch.columns) {
          part.columns.push_back(Gather(column, rows[partition].data(), part.rows));
        }
        const SpillFile::Slot slot = shared.spill_file->Append(part);
        std::lock_guard lock(shared.mutex);
        shared.probe_spilled[partition].push_back({place, sub_sequence++, slot});
      }
    }
    bool Next(Batch*) override { return false; }
    HashJoin::Shared& shared;
    Place place;
    int64_t sub_sequence = 0;
  };

  std::shared_ptr<HashJoin::Shared> shared_;
};

// Joins one spilled partition, in as many passes over its hashes as memory asks for.
class SpilledPartitionReader final : public MorselReader {
 public:
  SpilledPartitionReader(std::shared_ptr<HashJoin::Shared> shared, int partition)
      : shared_(std::move(shared)), partition_(partition), reservation_(shared_->context->memory.get()) {
    int64_t bytes = 0;
    for (const BuildChunk& chunk : shared_->chunks) {
      for (const SpillFile::Slot& slot : chunk.spilled[partition_]) bytes += slot.bytes;
    }
    const int64_t needed = bytes * 3 + (1 << 16);
    while (passes_ < kMaxPasses && !reservation_.TryGrowTo(needed / passes_)) passes_ *= 2;
    auto& probes = shared_->probe_spilled[partition_];
    std::sort(probes.begin(), probes.end(), [](const SpilledProbe& a, const SpilledProbe& b) {
      return std::tie(a.place, a.sub_sequence) < std::tie(b.place, b.sub_sequence);
    });
  }

  ReadState Next(Batch* batch, EventPtr*) override {
    while (true) {
      shared_->context->cancellation->ThrowIfCancelled();
      if (cursor_ != nullptr && cursor_->Next(batch)) return ReadState::kBatch;
      if (cursor_ != nullptr && NextProbeBatch()) continue;
      if (cursor_ != nullptr && unmatched_ != nullptr) {
        if (unmatched_->Next(batch)) return ReadState::kBatch;
      }
      if (pass_ == passes_) return ReadState::kFinished;
      LoadPass();
    }
  }

 private:
  bool InPass(uint64_t hash) const {
    return passes_ == 1 || static_cast<int>((hash >> 16) & (passes_ - 1)) == pass_ - 1;
  }

  void LoadPass() {
    ++pass_;
    cursor_.reset();
    unmatched_.reset();
    store_ = std::make_shared<RowStore>(shared_->plan.layout);
    const size_t columns = shared_->plan.layout->types().size();
    for (const BuildChunk& chunk : shared_->chunks) {
      for (const SpillFile::Slot& slot : chunk.spilled[partition_]) {
        shared_->context->cancellation->ThrowIfCancelled();
        Batch batch = shared_->spill_file->Read(slot, shared_->build_spill_types);
        std::vector<std::byte*> rows(batch.rows);
        const int64_t* hashes = batch.columns[columns]->data<int64_t>();
        std::vector<int32_t> kept;
        for (int64_t i = 0; i < batch.rows; ++i) {
          if (InPass(static_cast<uint64_t>(hashes[i]))) kept.push_back(static_cast<int32_t>(i));
        }
        const int64_t n = static_cast<int64_t>(kept.size());
        store_->Allocate(n, rows.data());
        for (size_t c = 0; c < columns; ++c) {
          ScatterColumn(*shared_->plan.layout, c, *Gather(batch.columns[c], kept.data(), n), rows.data(), n,
                        &store_->heap());
        }
        for (int64_t i = 0; i < n; ++i) {
          RowHash(rows[i]) = static_cast<uint64_t>(hashes[kept[i]]);
          SetJoinNext(rows[i], nullptr);
        }
      }
    }
    rows_ = store_->RowPointers();
    reservation_.ForceGrowTo(store_->bytes());
    table_ =
        std::make_unique<JoinTable>(shared_->plan.layout, shared_->plan.build_keys.size(), shared_->spec.null_safe);
    table_->Reserve(static_cast<int64_t>(rows_.size()), kJoinRadixBits);
    for (size_t i = rows_.size(); i-- > 0;) table_->Insert(rows_[i]);
    cursor_ = std::make_unique<JoinProbeCursor>(shared_->plan, *table_, shared_->facts,
                                                Buffer::Wrap(nullptr, 0, store_), *shared_->context, 0);
    next_probe_ = 0;
  }

  bool NextProbeBatch() {
    const auto& probes = shared_->probe_spilled[partition_];
    while (next_probe_ < probes.size()) {
      Batch batch = shared_->spill_file->Read(probes[next_probe_++].slot, shared_->probe_spill_types);
      if (passes_ > 1) {
        std::vector<VectorPtr> keys;
        for (int key : shared_->plan.probe_keys) keys.push_back(batch.columns[key]);
        std::vector<uint64_t> hashes(batch.rows);
        HashRows(keys, batch.rows, hashes.data());
        auto selection = std::make_shared<Selection>();
        for (int64_t i = 0; i < batch.rows; ++i) {
          if (InPass(hashes[i])) selection->push_back(static_cast<int32_t>(i));
        }
        batch.selection = selection;
        batch = Compact(std::move(batch));
      }
      if (batch.rows == 0) continue;
      cursor_->Start(std::move(batch));
      return true;
    }
    if (unmatched_ == nullptr && shared_->plan.keeps_build_rows) {
      unmatched_ = std::make_unique<UnmatchedBuildRows>(shared_->plan, &rows_, 0, rows_.size(),
                                                        Buffer::Wrap(nullptr, 0, store_), *shared_->context);
    }
    return false;
  }

  static constexpr int kMaxPasses = 256;
  std::shared_ptr<HashJoin::Shared> shared_;
  int partition_;
  int passes_ = 1, pass_ = 0;
  MemoryReservation reservation_;
  std::shared_ptr<RowStore> store_;
  std::vector<std::byte*> rows_;
  std::unique_ptr<JoinTable> table_;
  std::unique_ptr<JoinProbeCursor> cursor_;
  std::unique_ptr<UnmatchedBuildRows> unmatched_;
  size_t next_probe_ = 0;
};

class InMemoryRemainderReader final : public MorselReader {
 public:
  InMemoryRemainderReader(std::shared_ptr<HashJoin::Shared> shared, size_t chunk)
      : shared_(std::move(shared)),
        rows_(shared_->plan, &shared_->chunks[chunk].rows, 0, shared_->chunks[chunk].rows.size(), shared_->anchor,
              *shared_->context) {}
  ReadState Next(Batch* batch, EventPtr*) override {
    return rows_.Next(batch) ? ReadState::kBatch : ReadState::kFinished;
  }

 private:
  std::shared_ptr<HashJoin::Shared> shared_;
  UnmatchedBuildRows rows_;
};

class RemainderSource final : public Source {
 public:
  explicit RemainderSource(std::shared_ptr<HashJoin::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    if (shared_->spilled()) {
      for (int p = 0; p < kJoinPartitions; ++p) morsels.push_back({0, p, p, 0});
    } else if (shared_->plan.keeps_build_rows) {
      for (size_t c = 0; c < shared_->chunks.size(); ++c) {
        morsels.push_back({0, static_cast<int64_t>(c), static_cast<int64_t>(c), 0});
      }
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    if (shared_->spilled()) return std::make_unique<SpilledPartitionReader>(shared_, static_cast<int>(morsel.id));
    return std::make_unique<InMemoryRemainderReader>(shared_, static_cast<size_t>(morsel.id));
  }

 private:
  std::shared_ptr<HashJoin::Shared> shared_;
};

}  // namespace

HashJoin::HashJoin(HashJoinSpec spec, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), std::move(context))) {}
HashJoin::~HashJoin() = default;
std::shared_ptr<Sink> HashJoin::build_sink() { return std::make_shared<BuildSink>(shared_); }
std::shared_ptr<Transform> HashJoin::probe() { return std::make_shared<ProbeTransform>(shared_); }
std::shared_ptr<Source> HashJoin::remainder_source() { return std::make_shared<RemainderSource>(shared_); }

std::shared_ptr<const RuntimeFilter> HashJoin::runtime_filter(size_t key) {
  const bool prunes_probe = shared_->plan.probe_rows_need_match && !shared_->spec.null_safe[key];
  if (!prunes_probe) return nullptr;
  shared_->filters.resize(shared_->plan.build_keys.size());
  if (shared_->filters[key] == nullptr) shared_->filters[key] = std::make_shared<JoinRuntimeFilter>();
  return shared_->filters[key];
}

}  // namespace centella
