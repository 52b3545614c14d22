// Grouping rows: finds the group of each row and updates its aggregates' states. The sink of an aggregation groups the rows
// of a morsel with it, and merging groups the rows that the sink handed on as they came.
#pragma once

#include <memory>
#include <vector>

#include "execution/group_table.h"
#include "execution/operators/hash_aggregate.h"

namespace centella {

// The states of a group's row: they follow the keys, one after the other.
class GroupStates {
 public:
  explicit GroupStates(const HashAggregateSpec& spec);
  const std::shared_ptr<const RowLayout>& layout() const { return layout_; }
  // Of aggregate k's state, from the row's start.
  size_t offset(size_t k) const { return offsets_[k]; }
  void Init(std::byte* const* rows, int64_t n) const;
  void Destroy(const std::vector<std::byte*>& rows) const;
  // What the states own beside their rows.
  int64_t HeapBytes(const std::vector<std::byte*>& rows) const;

 private:
  std::vector<std::shared_ptr<const AggregateFunction>> functions_;
  std::shared_ptr<const RowLayout> layout_;
  std::vector<size_t> offsets_;
  std::vector<std::byte> fresh_;  // the states of a new group
};

// Remembers which group stands for each combination of small keys: dictionary codes, as long as the dictionaries stay the
// same, and integers from a narrow range. Such rows find their group by an index instead of a hash.
class SmallKeyGroups {
 public:
  // Whether the keys have few combinations; then `codes` gets each row's combination.
  bool Prepare(const std::vector<VectorPtr>& keys, int64_t rows);
  // The groups are gone.
  void Forget() { keys_.clear(); }
  const std::vector<int32_t>& codes() const { return codes_; }
  std::vector<std::byte*>& groups() { return groups_; }

 private:
  static constexpr int64_t kMaxCombinations = 1 << 16;
  // How one key becomes a code: by its dictionary, or as the distance from the least value (NULL is the last code).
  struct Key {
    VectorPtr dictionary;
    int64_t least = 0;
    int64_t size = 1;
  };
  // False when the key has no few values. Widens `key` when this batch needs it and says so in `changed`.
  static bool Fit(const Vector& vector, int64_t rows, Key* key, bool* changed);
  void AddCodes(const Vector& vector, int64_t rows, const Key& key);

  std::vector<Key> keys_;
  std::vector<std::byte*> groups_;
  std::vector<int32_t> codes_;
};

class Grouper {
 public:
  // Both stay alive as long as this does. The groups' rows lie in the table's store.
  Grouper(const HashAggregateSpec& spec, const GroupStates& states);

  // `batch` has no selection; its columns are what the specification's numbers mean. With keys: `hashes` are those of
  // HashRows, or null to have them made.
  void Add(const Batch& batch, const uint64_t* hashes);
  // Whose store has the groups.
  GroupTable& table() { return table_; }
  const GroupTable& table() const { return table_; }
  // Hands out the rows, in the order of their first appearance, and starts anew.
  std::shared_ptr<RowStore> Take();
  // New groups of the last Add, in order of first appearance.
  const std::vector<std::byte*>& created() const { return created_groups_; }

 private:
  void UpdateSingle(const Batch& batch);
  void FindGroups(const std::vector<VectorPtr>& keys, int64_t rows, const uint64_t* hashes);
  void FindByHash(const std::vector<VectorPtr>& keys, int64_t n, const uint64_t* hashes, std::byte** rows);
  std::vector<VectorPtr> Arguments(const AggregateSpec& aggregate, const Batch& batch, int64_t* rows);
  void UpdateGroups(const Batch& batch);

  const HashAggregateSpec& spec_;
  const GroupStates& states_of_;
  GroupTable table_;
  SmallKeyGroups small_;
  std::byte* single_ = nullptr;
  std::vector<std::byte*> rows_, states_, created_groups_;
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> created_, passing_, missing_;
};

}  // namespace centella
