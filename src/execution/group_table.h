// The hash table of grouping: finds or makes the row of each key. Linear probing over 8-byte entries that hold 16 bits
// of the hash and the row's address.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "execution/row_store.h"
#include "execution/zeroed_words.h"

namespace centella {

class GroupTable {
 public:
  // Keys are the first `key_columns` columns of the layout.
  GroupTable(std::shared_ptr<const RowLayout> layout, size_t key_columns);

  // rows[i] = the group's row for row i of the keys; `created`, which is empty, gets the row numbers whose group is new, in order
  // (the store may have them in another when hashes collide): their trailers are the caller's to initialise.
  void FindOrCreate(std::span<const VectorPtr> keys, const uint64_t* hashes, int64_t n, std::byte** rows,
                    std::vector<int32_t>* created);
  // Makes the rows of groups that surely are new. They are put into the table when it is next asked, which may be never.
  void CreateUnindexed(std::span<const VectorPtr> keys, const uint64_t* hashes, int64_t n, std::byte** rows);
  // Puts an existing row (of any store with the same layout) in; gives the row that stands for its key: `row` itself
  // when the key is new.
  std::byte* FindOrInsert(std::byte* row);

  // Sizes the table for `groups` groups in all, so that it doesn't grow step by step.
  void Expect(int64_t groups) { Reserve(groups); }
  // Brings the place where `hash` is looked up nearer.
  void Prefetch(uint64_t hash) const { __builtin_prefetch(entries_.data() + (hash & mask_)); }

  int64_t groups() const { return groups_ + static_cast<int64_t>(unindexed_.size()); }
  int64_t bytes() const {
    return store_->bytes() + static_cast<int64_t>((entries_.size() + unindexed_.capacity()) * sizeof(uint64_t));
  }
  const std::shared_ptr<RowStore>& store() const { return store_; }
  // Hands out the rows and starts anew.
  std::shared_ptr<RowStore> TakeStore();

 private:
  void Reserve(int64_t groups);
  void Index();
  void Create(std::span<const VectorPtr> keys, const std::vector<int32_t>& new_rows, std::byte** rows, int64_t n);

  std::shared_ptr<const RowLayout> layout_;
  size_t key_columns_;
  std::shared_ptr<RowStore> store_;
  ZeroedWords entries_;
  uint64_t mask_ = 0;
  int64_t groups_ = 0;  // in the entries
  std::vector<std::byte*> unindexed_;
  // scratch
  std::vector<int32_t> selection_, mismatches_, new_rows_;
  std::vector<uint64_t> slots_;
  std::vector<std::byte*> new_pointers_;
};

}  // namespace centella
