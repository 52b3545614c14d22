// Chunks of groups, in memory and on disk.
#include "execution/operators/group_chunks.h"

#include <numeric>
#include <utility>

#include "execution/hashing.h"

namespace centella {
namespace {

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

}  // namespace

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

}  // namespace centella
