// What the two phases of a hash aggregation hand each other: chunks of groups and of rows as they came, by radix partition.
// For the aggregation's own files only.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "execution/grouper.h"
#include "execution/operators/hash_aggregate.h"
#include "execution/spill_file.h"

namespace centella {

inline constexpr int kRadixBits = 6;
inline constexpr int kRadixPartitions = 1 << kRadixBits;
// A chunk's sequence is its morsel's, followed by so many bits that count the morsel's chunks.
inline constexpr int kSubSequenceBits = 20;
// Up to this many rows in all chunks, one morsel merges everything.
inline constexpr int64_t kMergedAtOnce = 32 << 10;

// Input rows ordered by radix partition; the last column is the hash.
struct RawBlock {
  Batch batch;
  std::vector<int32_t> ends;  // kRadixPartitions of them
  int64_t Begin(int partition) const { return partition == 0 ? 0 : ends[partition - 1]; }
  int64_t RowsOf(int partition) const { return ends[partition] - Begin(partition); }
  Batch Part(int partition) const { return SliceBatch(batch, Begin(partition), RowsOf(partition)); }
};

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
  bool MergesAtOnce() const { return !distinct() && total_rows <= kMergedAtOnce; }

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

// Partitions rows that are handed on as they came.
RawBlock MakeRawBlock(Batch all, const std::vector<int>& key_columns);
// Part `sub_sequence` of what the morsel at `place` gave: groups (or null) in order, and rows as they came.
GroupChunk MakeChunk(Place place, int64_t sub_sequence, std::shared_ptr<RowStore> store,
                     const std::vector<std::byte*>& rows, std::vector<RawBlock> raw);

// The second phase: merges the chunks, and gives their groups. To be opened when all chunks are there.
std::shared_ptr<Source> MergedGroups(std::shared_ptr<HashAggregate::Shared> shared);
// See HashAggregate::partial_source, and a state of HashAggregate::merge_sink, which takes what that gave.
std::shared_ptr<Source> PartialGroups(std::shared_ptr<HashAggregate::Shared> shared);
std::unique_ptr<SinkState> NewPartialGroupsState(HashAggregate::Shared* shared);

}  // namespace centella
