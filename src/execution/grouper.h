// Grouping rows: finds the group of each row and updates its aggregates' states. The sink of an aggregation groups the rows
// of a morsel with it, and merging groups the rows that the sink handed on as they came.
#pragma once

#include <memory>
#include <vector>

#include "execution/group_table.h"
#include "execution/operators/hash_aggregate.h"
#include "functions/row_states.h"

namespace centella {

// The states of a group's row: they follow the keys, one after the other.
class GroupStates {
 public:
  explicit GroupStates(const HashAggregateSpec& spec);
  const std::shared_ptr<const RowLayout>& layout() const { return layout_; }
  // Of aggregate k's state, from the row's start.
  size_t offset(size_t k) const { return offsets_[k]; }
  // How aggregate k's states are updated through their rows; null when they are not.
  const RowStates* row_states(size_t k) const { return row_states_[k]; }
  void Init(std::byte* const* rows, int64_t n) const;
  void Destroy(const std::vector<std::byte*>& rows) const;
  // Whether some own memory beside their rows, and have to be destroyed.
  bool on_heap() const;
  // What the states own beside their rows.
  int64_t HeapBytes(const std::vector<std::byte*>& rows) const;

 private:
  std::vector<std::shared_ptr<const AggregateFunction>> functions_;
  std::vector<const RowStates*> row_states_;  // the functions' own
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
  // The groups are gone. Ranges of integers are kept: the next morsel's keys will be like this one's.
  void ForgetGroups();
  // Whether the last Prepare began with no groups.
  bool began_anew() const { return began_anew_; }
  const std::vector<int32_t>& codes() const { return codes_; }
  std::vector<std::byte*>& groups() { return groups_; }

 private:
  static constexpr int64_t kMaxCombinations = 1 << 18;
  // How one key becomes a code: by its dictionary, or as the distance from the least value plus one (NULL is 0).
  struct Key {
    VectorPtr dictionary;
    int64_t least = 0;
    int64_t size = 1;
  };
  // What a batch did to a key: its codes are as before, or there are more of them, or they mean something else.
  enum class Fitting : uint8_t { kNone, kSame, kGrown, kAnew };
  static Fitting Fit(const Vector& vector, int64_t rows, Key* key);
  static Fitting FitRange(int64_t least, int64_t greatest, Key* key);
  bool FitAll(const std::vector<VectorPtr>& keys, int64_t rows, bool* anew, int64_t* combinations);
  void AddCodes(const Vector& vector, int64_t rows, const Key& key, bool first);

  std::vector<Key> keys_;
  std::vector<std::byte*> groups_;
  std::vector<int32_t> codes_;
  bool forgotten_ = true, began_anew_ = true;
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
  // Hands out the rows, in the order in which they were made, and starts anew.
  std::shared_ptr<RowStore> Take();
  // New groups of the last Add, in order of first appearance.
  const std::vector<std::byte*>& created() const { return created_groups_; }

 private:
  void UpdateSingle(const Batch& batch);
  void FindGroups(const std::vector<VectorPtr>& keys, int64_t rows, const uint64_t* hashes);
  void AddMissing(const std::vector<VectorPtr>& keys, int64_t rows);
  void FindByHash(const std::vector<VectorPtr>& keys, int64_t n, const uint64_t* hashes, std::byte** rows);
  void CreateUnindexed(const std::vector<VectorPtr>& keys, int64_t n, std::byte** rows);
  std::vector<VectorPtr> Arguments(const AggregateSpec& aggregate, const Batch& batch, int64_t* rows);
  void UpdateGroups(const Batch& batch);
  void BringNearer(int64_t begin, int64_t end) const;
  void UpdateFiltered(size_t k, const Batch& batch);

  const HashAggregateSpec& spec_;
  const GroupStates& states_of_;
  GroupTable table_;
  SmallKeyGroups small_;
  bool small_has_all_ = false;  // all groups of the table were made through `small_`
  std::byte* single_ = nullptr;
  std::vector<std::byte*> rows_, states_, created_groups_;
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> created_, passing_, missing_;
  std::vector<std::vector<VectorPtr>> arguments_;  // of each aggregate without a filter
};

}  // namespace centella
