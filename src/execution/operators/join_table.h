// The build side of a hash join in memory: rows of a row store, found by key through a table of hash entries.
//
// Entries hold 16 bits of the hash and the address of the first row of a key; further rows of the key hang on `next`
// in the order they came. The slot comes from the hash's top bits, so that each radix partition owns a range of slots and
// the table is filled by several threads without locks.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "execution/row_store.h"

namespace centella {

inline constexpr int kJoinRadixBits = 6;
inline constexpr int kJoinPartitions = 1 << kJoinRadixBits;
inline int JoinPartitionOf(uint64_t hash) { return static_cast<int>(hash >> (64 - kJoinRadixBits)); }

// Header of a build row: hash, next row of the same key, and whether a probe row found it.
inline constexpr size_t kJoinHeaderBytes = 24;
inline std::byte*& JoinNext(std::byte* row) { return *reinterpret_cast<std::byte**>(row + 8); }
inline bool JoinMatched(const std::byte* row) { return row[16] != std::byte{0}; }
inline void SetJoinMatched(std::byte* row) {
  // Written by several threads, always the same value.
  __atomic_store_n(reinterpret_cast<uint8_t*>(row + 16), uint8_t{1}, __ATOMIC_RELAXED);
}

class JoinTable {
 public:
  // Keys are the first `key_columns` columns.
  JoinTable(std::shared_ptr<const RowLayout> layout, size_t key_columns, std::vector<bool> null_safe)
      : layout_(std::move(layout)), key_columns_(key_columns), null_safe_(std::move(null_safe)) {}

  // Sizes the table for `rows` rows; then Insert each partition's rows (threads may take different partitions).
  // `skip_bits`: how many of the hash's top bits all rows share (a table of one spilled partition).
  void Reserve(int64_t rows, int skip_bits = 0);
  // Rows of one radix partition in reverse order (the last first), so that chains come out in order. Rows with a null
  // in a key that isn't null-safe are left out.
  void Insert(std::byte* row);

  // heads[i] = first build row with row i's key, or null. `hashes` are of the keys.
  void Find(std::span<const VectorPtr> keys, const uint64_t* hashes, int64_t n, std::byte** heads) const;
  const RowLayout& layout() const { return *layout_; }
  int64_t bytes() const { return static_cast<int64_t>(entries_.size() * 8); }

 private:
  static constexpr uint64_t kPointerMask = (uint64_t{1} << 48) - 1;
  bool HasUnsafeNull(const std::byte* row) const;
  uint64_t NextSlot(uint64_t slot) const { return (slot & ~slice_mask_) | ((slot + 1) & slice_mask_); }

  std::shared_ptr<const RowLayout> layout_;
  size_t key_columns_;
  std::vector<bool> null_safe_;
  std::vector<uint64_t> entries_;
  uint64_t FirstSlot(uint64_t hash) const { return (hash << skip_bits_) >> shift_; }
  int shift_ = 0;
  int skip_bits_ = 0;
  uint64_t slice_mask_ = 0;
};

}  // namespace centella
