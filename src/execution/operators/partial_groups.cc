// Aggregations in parts: groups and rows as they came, on their way from one process to another.
#include <utility>

#include "execution/hashing.h"
#include "execution/operators/group_chunks.h"

namespace centella {
namespace {

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

std::unique_ptr<SinkState> NewPartialGroupsState(HashAggregate::Shared* shared) {
  return std::make_unique<MergeSinkState>(shared);
}

std::shared_ptr<Source> PartialGroups(std::shared_ptr<HashAggregate::Shared> shared) {
  return std::make_shared<PartialSource>(std::move(shared));
}

}  // namespace centella
