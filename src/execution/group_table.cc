// The hash table of grouping.
#include "execution/group_table.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace centella {
namespace {

constexpr uint64_t kPointerMask = (uint64_t{1} << 48) - 1;

inline uint64_t MakeEntry(uint64_t hash, const std::byte* row) {
  return (hash & ~kPointerMask) | reinterpret_cast<uint64_t>(row);
}
inline std::byte* EntryRow(uint64_t entry) { return reinterpret_cast<std::byte*>(entry & kPointerMask); }
inline bool SaltMatches(uint64_t entry, uint64_t hash) { return ((entry ^ hash) & ~kPointerMask) == 0; }

// The top 16 bits are the salt and the top 6 the radix partition, so the slot comes from the low bits.
inline uint64_t SlotOf(uint64_t hash, uint64_t mask) { return hash & mask; }

}  // namespace

GroupTable::GroupTable(std::shared_ptr<const RowLayout> layout, size_t key_columns)
    : layout_(std::move(layout)), key_columns_(key_columns), store_(std::make_shared<RowStore>(layout_)) {}

void GroupTable::Reserve(int64_t groups) {
  const uint64_t needed = std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(groups * 2, 64)));
  if (needed <= entries_.size()) return;
  ZeroedWords old(needed);
  old.Swap(entries_);
  mask_ = needed - 1;
  for (uint64_t entry : old) {
    if (entry == 0) continue;
    uint64_t slot = SlotOf(RowHash(EntryRow(entry)), mask_);
    while (entries_[slot] != 0) slot = (slot + 1) & mask_;
    entries_[slot] = entry;
  }
}

void GroupTable::CreateUnindexed(std::span<const VectorPtr> keys, const uint64_t* hashes, int64_t n, std::byte** rows) {
  store_->Allocate(n, rows);
  for (int64_t i = 0; i < n; ++i) RowHash(rows[i]) = hashes[i];
  for (size_t column = 0; column < key_columns_; ++column) {
    ScatterColumn(*layout_, column, *keys[column], rows, n, &store_->heap());
  }
  unindexed_.insert(unindexed_.end(), rows, rows + n);
}

void GroupTable::Index() {
  Reserve(groups());
  for (std::byte* row : unindexed_) {
    uint64_t slot = SlotOf(RowHash(row), mask_);
    while (entries_[slot] != 0) slot = (slot + 1) & mask_;
    entries_[slot] = MakeEntry(RowHash(row), row);
  }
  groups_ = groups();
  unindexed_.clear();
}

void GroupTable::Create(std::span<const VectorPtr> keys, const std::vector<int32_t>& new_rows, std::byte** rows,
                        int64_t n) {
  const int64_t count = static_cast<int64_t>(new_rows.size());
  new_pointers_.resize(count);
  for (int64_t k = 0; k < count; ++k) new_pointers_[k] = rows[new_rows[k]];
  for (size_t column = 0; column < key_columns_; ++column) {
    const VectorPtr source = count == n ? keys[column] : Gather(keys[column], new_rows.data(), count);
    ScatterColumn(*layout_, column, *source, new_pointers_.data(), count, &store_->heap());
  }
}

void GroupTable::FindOrCreate(std::span<const VectorPtr> keys, const uint64_t* hashes, int64_t n, std::byte** rows,
                              std::vector<int32_t>* created) {
  if (!unindexed_.empty()) Index();
  Reserve(groups_ + n);
  selection_.resize(n);
  std::iota(selection_.begin(), selection_.end(), 0);
  mismatches_.resize(n);
  slots_.resize(n);
  for (int64_t i = 0; i < n; ++i) {
    slots_[i] = SlotOf(hashes[i], mask_);
    __builtin_prefetch(&entries_[slots_[i]]);
  }
  int64_t count = n;
  int rounds_that_created = 0;
  while (count > 0) {
    new_rows_.clear();
    int64_t candidates = 0;
    for (int64_t k = 0; k < count; ++k) {
      const int32_t i = selection_[k];
      uint64_t slot = slots_[i];
      while (true) {
        const uint64_t entry = entries_[slot];
        if (entry == 0) {
          std::byte* row = store_->AllocateOne();
          RowHash(row) = hashes[i];
          entries_[slot] = MakeEntry(hashes[i], row);
          rows[i] = row;
          new_rows_.push_back(i);
          ++groups_;
          break;
        }
        if (SaltMatches(entry, hashes[i])) {
          rows[i] = EntryRow(entry);
          __builtin_prefetch(rows[i]);
          selection_[candidates++] = i;
          break;
        }
        slot = (slot + 1) & mask_;
      }
      slots_[i] = slot;
    }
    if (!new_rows_.empty()) {
      Create(keys, new_rows_, rows, n);
      created->insert(created->end(), new_rows_.begin(), new_rows_.end());
      ++rounds_that_created;
    }
    int64_t missed = 0;
    for (size_t column = 0; column < key_columns_ && candidates > 0; ++column) {
      candidates = MatchColumn(*layout_, column, *keys[column], rows, selection_.data(), candidates, true,
                               mismatches_.data(), &missed);
    }
    // Those whose salt matched but not the key go on with the next slot. In row order, so that groups are made in the
    // order of their first row.
    std::sort(mismatches_.begin(), mismatches_.begin() + missed);
    for (int64_t k = 0; k < missed; ++k) {
      selection_[k] = mismatches_[k];
      slots_[mismatches_[k]] = (slots_[mismatches_[k]] + 1) & mask_;
    }
    count = missed;
  }
  if (rounds_that_created > 1) std::sort(created->begin(), created->end());
}

std::byte* GroupTable::FindOrInsert(std::byte* row) {
  if (!unindexed_.empty()) Index();
  if (static_cast<uint64_t>(groups_ + 1) * 2 > entries_.size()) Reserve(std::max<int64_t>(groups_ * 2, 512));
  const uint64_t hash = RowHash(row);
  uint64_t slot = SlotOf(hash, mask_);
  while (true) {
    const uint64_t entry = entries_[slot];
    if (entry == 0) {
      entries_[slot] = MakeEntry(hash, row);
      ++groups_;
      return row;
    }
    if (SaltMatches(entry, hash)) {
      std::byte* found = EntryRow(entry);
      if (RowHash(found) == hash && RowsEqual(*layout_, key_columns_, found, row)) return found;
    }
    slot = (slot + 1) & mask_;
  }
}

std::shared_ptr<RowStore> GroupTable::TakeStore() {
  std::shared_ptr<RowStore> store = std::move(store_);
  store_ = std::make_shared<RowStore>(layout_);
  if (entries_.size() > (1 << 18)) {
    entries_ = {};
    mask_ = 0;
  } else {
    std::fill(entries_.begin(), entries_.end(), 0);
  }
  groups_ = 0;
  unindexed_.clear();
  return store;
}

}  // namespace centella
