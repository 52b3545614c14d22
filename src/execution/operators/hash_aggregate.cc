// Hash aggregation in two phases: here the first, which groups the rows of each morsel, or hands them on as they came.
#include "execution/operators/hash_aggregate.h"

#include <algorithm>
#include <utility>

#include "execution/operators/group_chunks.h"
#include "execution/seen_keys.h"

namespace centella {
namespace {

// After so many rows of a morsel the sink looks whether grouping them ahead makes them fewer.
constexpr int64_t kSampleRows = 16 << 10;
// Rows that are handed on as they came are partitioned so many at a time.
constexpr int64_t kBlockRows = 32 << 10;

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
      Stage(grouped == 0 ? std::move(batch) : SliceBatch(batch, grouped, batch.rows - grouped));
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
    if (shared_.states.on_heap()) sample_.push_back(first == batch.rows ? batch : SliceBatch(batch, 0, first));
    if (sampled_rows_ == kSampleRows) EndSample();
    if (!reduces_ || first == batch.rows) return first;
    AddToGroups(SliceBatch(batch, first, batch.rows - first));
    return batch.rows;
  }

  // Where grouping doesn't help, each state on the heap has about one value, and costs more to make, merge and free than it is
  // worth: the sample's rows are handed on as they came, too.
  void EndSample() {
    reduces_ = sampled_groups_ * 4 < sampled_rows_ * 3;
    std::vector<Batch> sample = std::exchange(sample_, {});
    if (reduces_ || sample.empty()) return;
    shared_.states.Destroy(grouper_.Take()->RowPointers());
    groups_.clear();
    for (Batch& batch : sample) Stage(std::move(batch));
  }

  void AddToGroups(const Batch& batch) {
    grouper_.Add(batch, nullptr);
    groups_.insert(groups_.end(), grouper_.created().begin(), grouper_.created().end());
  }

  // Takes rows that are handed on as they came.
  void Stage(Batch batch) {
    staged_rows_ += batch.rows;
    staged_.push_back(std::move(batch));
    if (staged_rows_ >= kBlockRows) MakeBlock();
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
    sample_.clear();
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
  std::vector<Batch> sample_;  // its rows since the last Flush, when states are on the heap
  std::vector<Batch> staged_;
  int64_t staged_rows_ = 0;
  std::vector<RawBlock> blocks_;
  int64_t block_bytes_ = 0;
  // When `distinct()`.
  SeenKeys seen_;
  std::vector<int32_t> fresh_;
  int64_t rows_ = 0;
};

// Makes the state for one of the two kinds of input: rows, or what partial sources gave.
using NewAggregateState = std::unique_ptr<SinkState> (*)(HashAggregate::Shared*);

std::unique_ptr<SinkState> NewRowsState(HashAggregate::Shared* shared) {
  return std::make_unique<AggregateSinkState>(shared);
}

class AggregateSink final : public Sink {
 public:
  AggregateSink(std::shared_ptr<HashAggregate::Shared> shared, NewAggregateState new_state)
      : shared_(std::move(shared)), new_state_(new_state) {}
  void Start(const std::vector<Morsel>&, int32_t partitions) override { shared_->input_partitions += partitions; }
  std::unique_ptr<SinkState> NewState() override { return new_state_(shared_.get()); }
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
  NewAggregateState new_state_;
};

}  // namespace

HashAggregate::HashAggregate(HashAggregateSpec spec, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), std::move(context))) {}
HashAggregate::~HashAggregate() = default;
std::shared_ptr<Sink> HashAggregate::sink() { return std::make_shared<AggregateSink>(shared_, NewRowsState); }
std::shared_ptr<Sink> HashAggregate::merge_sink() {
  return std::make_shared<AggregateSink>(shared_, NewPartialGroupsState);
}
std::shared_ptr<Source> HashAggregate::source() { return MergedGroups(shared_); }
std::shared_ptr<Source> HashAggregate::partial_source() {
  shared_->partial = true;
  return PartialGroups(shared_);
}

}  // namespace centella
