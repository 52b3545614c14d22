// The build side of a hash join in memory: rows of a row store, found by key through a table of hash entries.
//
// Entries hold 16 bits of the hash and the address of the first row of a key; further rows of the key hang on `next`
// in the order they came. The slot comes from the hash's top bits, so that each radix partition owns a range of slots and
// the table is filled by several threads without locks. A single integer key from a narrow range needs no hash: its
// distance from the least key is the slot, and where only existence counts a bit says it all. When the rows are still columns,
// no rows are made of them: their values are put in the order of the keys (join_slots.cc).
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/query_context.h"
#include "execution/row_store.h"

namespace centella {

inline constexpr int kJoinRadixBits = 6;
inline constexpr int kJoinPartitions = 1 << kJoinRadixBits;
inline int JoinPartitionOf(uint64_t hash) { return static_cast<int>(hash >> (64 - kJoinRadixBits)); }

// Build rows that are still columns: those of the layout (flat, the key first), and the key's range.
struct JoinColumns {
  std::vector<VectorPtr> columns;
  int64_t rows = 0;
  bool has_range = false;  // some key isn't null
  int64_t least = 0, greatest = 0;
};

// Header of a build row: its hash, then a word of the next row of the same key (48 bits) and, in the top byte, whether a probe
// row found this one.
inline constexpr size_t kJoinHeaderBytes = 16;
inline constexpr size_t kJoinMatchedByte = 15;
inline constexpr uint64_t kJoinPointerMask = (uint64_t{1} << 48) - 1;
inline std::byte* JoinNext(const std::byte* row) {
  // The bytes apart, because other threads may be writing the one beside them.
  uint64_t low = __atomic_load_n(reinterpret_cast<const uint32_t*>(row + 8), __ATOMIC_RELAXED);
  uint64_t high = __atomic_load_n(reinterpret_cast<const uint16_t*>(row + 12), __ATOMIC_RELAXED);
  return reinterpret_cast<std::byte*>(low | high << 32);
}
// While the table is filled: nothing is matched yet.
inline void SetJoinNext(std::byte* row, const std::byte* next) { std::memcpy(row + 8, &next, 8); }
inline bool JoinMatched(const std::byte* row) { return row[kJoinMatchedByte] != std::byte{0}; }
inline void SetJoinMatched(std::byte* row) {
  // Written by several threads, always the same value.
  __atomic_store_n(reinterpret_cast<uint8_t*>(row + kJoinMatchedByte), uint8_t{1}, __ATOMIC_RELAXED);
}

class JoinTable {
 public:
  static constexpr int64_t kRowsForSlices = 1 << 16;
  // Keys are the first `key_columns` columns.
  JoinTable(std::shared_ptr<const RowLayout> layout, size_t key_columns, std::vector<bool> null_safe)
      : layout_(std::move(layout)), key_columns_(key_columns), null_safe_(std::move(null_safe)) {}

  // Sizes the table for `rows` rows; then Insert each partition's rows (threads may take different partitions when there are
  // at least kRowsForSlices).
  // `skip_bits`: how many of the hash's top bits all rows share (a table of one spilled partition).
  void Reserve(int64_t rows, int skip_bits = 0);
  // Instead of Reserve: the only key is an integer, not null-safe, between `least` and `greatest`. True when the range is
  // narrow enough for `rows` rows; else nothing has changed. `existence_only`: heads are not asked for, only Exists.
  bool ReserveByValue(int64_t least, int64_t greatest, int64_t rows, bool existence_only);
  // Whether ReserveByValue and ReserveSlots would take so many rows with keys of that range.
  static bool FitsByValue(int64_t least, int64_t greatest, int64_t rows, bool existence_only);
  // Rows of one radix partition in reverse order (the last first), so that chains come out in order. Rows with a null
  // in a key that isn't null-safe are left out.
  void Insert(std::byte* row);

  // ---- instead of Reserve and Insert, when the only key is an integer, isn't null-safe, and FitsByValue
  // Takes rows as columns, in their order, with keys between `least` and `greatest`. `wanted`: the columns that slot_column
  // will be asked for; none when `existence_only`.
  void ReserveSlots(int64_t least, int64_t greatest, std::vector<JoinColumns> rows, const std::vector<bool>& wanted,
                    bool existence_only);
  // What ReserveSlots, and what follows it, will need; texts lie where they are.
  static int64_t SlotBytes(const RowLayout& layout, int64_t least, int64_t greatest, int64_t rows, bool existence_only);
  // Fills part `part` of `parts`; threads may take different parts. Then FinishSlots, once.
  void FillSlots(int64_t part, int64_t parts, const Cancellation& cancellation);
  void FinishSlots(const Cancellation& cancellation);
  // Whether ReserveSlots was called.
  bool from_columns() const { return from_columns_; }
  // Until FinishSlots.
  const std::vector<JoinColumns>& columns() const { return batches_; }
  // What is left after FinishSlots, with the texts.
  int64_t FinishedSlotBytes() const;
  // Of a key with several rows: the rows of slot s are starts()[s] to starts()[s + 1] of the slot columns. Null when no key has.
  const int32_t* starts() const { return starts_.empty() ? nullptr : starts_.data(); }

  // ---- probing
  // What Find and Exists use again from call to call.
  struct Scratch {
    std::vector<int32_t> selection, mismatches;
    std::vector<uint64_t> slots, hashes;
  };
  // heads[i] = first build row with row i's key, or null.
  void Find(std::span<const VectorPtr> keys, int64_t n, std::byte** heads, Scratch* scratch) const;
  // Whether there is a build row with row i's key, as 0 or 1; only of a table that knows nothing else.
  void Exists(const VectorPtr& key, int64_t n, uint8_t* found) const;
  bool existence_only() const { return existence_only_; }
  // Of a filled table by value without duplicates: puts the stored columns in the order of the keys' slots, so that a probe
  // takes values from columns and touches no row. `anchor` keeps the strings' bytes. False when the table isn't such a one.
  bool ArrangeBySlot(const BufferPtr& anchor);
  bool has_slot_columns() const { return !slot_columns_.empty() && !existence_only_; }
  const VectorPtr& slot_column(size_t column) const { return slot_columns_[column]; }
  // slots[i] = where row i's key is in the slot columns, or -1.
  void FindSlots(const VectorPtr& key, int64_t n, int32_t* slots) const;
  // The rows whose key is there, and where it is in the slot columns. Both have room for n; returns how many.
  int64_t SelectSlots(const VectorPtr& key, int64_t n, int32_t* rows, int32_t* slots) const;
  // Whether a key may have several rows.
  bool has_duplicates() const { return duplicates_.load(std::memory_order_relaxed); }
  const RowLayout& layout() const { return *layout_; }
  int64_t bytes() const { return static_cast<int64_t>((by_value_.size() + present_.size()) * 8); }

 private:
  // Find for the rows from `begin` to `end`, few enough for the scratch.
  void FindByHash(std::span<const VectorPtr> keys, int64_t begin, int64_t end, std::byte** heads,
                  Scratch* scratch) const;
  void InsertByValue(std::byte* row);
  // Calls f(row, slot, whether the slot has a key) for each of n rows whose key isn't null.
  template <typename F>
  void ForEachSlot(const Vector& key, int64_t n, F&& f) const;
  uint64_t SlotOf(int64_t key) const { return static_cast<uint64_t>(key) - static_cast<uint64_t>(least_); }
  // Puts rows `rows[0..count)` of the batch to places of the slot columns.
  void PutRows(const JoinColumns& batch, const int32_t* rows, const int32_t* places, int64_t count);
  void MakeSlotColumns(int64_t size);
  // Puts the rows of each key one after the other, in the order they came.
  void FillWithDuplicates(const Cancellation& cancellation);
  // Slots without a key are never asked for: their nulls need no bitmap.
  VectorPtr WithoutNullsOfGaps(VectorPtr column) const;
  bool HasUnsafeNull(const std::byte* row) const;
  uint64_t NextSlot(uint64_t slot) const { return (slot & ~slice_mask_) | ((slot + 1) & slice_mask_); }

  std::shared_ptr<const RowLayout> layout_;
  size_t key_columns_;
  std::vector<bool> null_safe_;
  BufferPtr entry_bytes_;  // a power of two of words
  uint64_t* entries_ = nullptr;
  uint64_t FirstSlot(uint64_t hash) const { return (hash << skip_bits_) >> shift_; }
  // By value: the first row of each key from least_ on, or a bit for each.
  std::vector<std::byte*> by_value_;
  std::vector<uint64_t> present_;
  bool existence_only_ = false;
  bool all_present_ = false;  // each slot has its key
  bool from_columns_ = false;
  std::vector<JoinColumns> batches_;  // while they are put in order
  std::vector<bool> wanted_;
  std::vector<MutableVectorPtr> filling_;  // the slot columns until they are done
  int64_t text_bytes_ = 0;                 // that they point to
  std::vector<int32_t> starts_;
  std::vector<VectorPtr> slot_columns_;
  int64_t least_ = 0;
  uint64_t range_ = 0;
  std::atomic<bool> duplicates_{false};
  int shift_ = 0;
  int skip_bits_ = 0;
  uint64_t slice_mask_ = 0;
};

}  // namespace centella
