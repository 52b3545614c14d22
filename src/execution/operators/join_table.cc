// The build side of a hash join in memory.
#include "execution/operators/join_table.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "execution/hashing.h"
#include "execution/integers.h"

namespace centella {
namespace {

// Beyond this many slots a row a table by value would be mostly empty.
constexpr int64_t kSlotsPerRow = 4;
constexpr int64_t kSlotsAlways = 1 << 16;
constexpr int64_t kLargeTable = 1 << 20;
// So many rows are looked up at a time: what is fetched for them ahead stays in the nearest cache.
constexpr int64_t kFindRows = 512;
// A bit a slot is cheap.
constexpr int64_t kBitsPerRow = 64;

}  // namespace

bool JoinTable::FitsByValue(int64_t least, int64_t greatest, int64_t rows, bool existence_only) {
  const uint64_t distance = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  const int64_t most = std::max(kSlotsAlways, rows * (existence_only ? kBitsPerRow : kSlotsPerRow));
  return distance < static_cast<uint64_t>(most);
}

bool JoinTable::ReserveByValue(int64_t least, int64_t greatest, int64_t rows, bool existence_only) {
  if (!FitsByValue(least, greatest, rows, existence_only)) return false;
  least_ = least;
  range_ = SlotOf(greatest) + 1;
  existence_only_ = existence_only;
  if (existence_only) {
    present_.assign((range_ + 63) / 64, 0);
  } else {
    by_value_.assign(range_, nullptr);
  }
  return true;
}

void JoinTable::InsertByValue(std::byte* row) {
  const PhysicalType type = layout_->types()[0]->physical();
  const uint64_t slot = static_cast<uint64_t>(LoadInteger(type, row + layout_->column_offset(0)) - least_);
  if (existence_only_) {
    // Threads insert different keys, but these share words.
    __atomic_fetch_or(&present_[slot >> 6], uint64_t{1} << (slot & 63), __ATOMIC_RELAXED);
    return;
  }
  if (by_value_[slot] != nullptr) duplicates_.store(true, std::memory_order_relaxed);
  SetJoinNext(row, by_value_[slot]);
  by_value_[slot] = row;
}

template <typename F>
void JoinTable::ForEachSlot(const Vector& key, int64_t n, F&& f) const {
  const uint64_t least = static_cast<uint64_t>(least_);
  const uint64_t range = range_;
  if (all_present_) {
    ForEachInteger(key, n, [&f, least, range](int64_t i, int64_t value) {
      const uint64_t slot = static_cast<uint64_t>(value) - least;
      f(i, slot, slot < range);
    });
    return;
  }
  const uint64_t* present = present_.data();
  ForEachInteger(key, n, [&f, least, range, present](int64_t i, int64_t value) {
    const uint64_t slot = static_cast<uint64_t>(value) - least;
    const bool inside = slot < range;
    // No branch: which keys have a partner can't be foreseen.
    const uint64_t looked_up = inside ? slot : 0;
    f(i, slot, inside & static_cast<bool>((present[looked_up >> 6] >> (looked_up & 63)) & 1));
  });
}

void JoinTable::Exists(const VectorPtr& key, int64_t n, uint8_t* found) const {
  std::fill_n(found, n, uint8_t{0});
  ForEachSlot(*key, n, [found](int64_t i, uint64_t, bool there) { found[i] = there; });
}

bool JoinTable::ArrangeBySlot(const BufferPtr& anchor) {
  if (by_value_.empty() || has_duplicates() || range_ > static_cast<uint64_t>(INT32_MAX)) return false;
  present_.assign((range_ + 63) / 64, 0);
  uint64_t keys = 0;
  for (uint64_t slot = 0; slot < range_; ++slot) {
    const bool there = by_value_[slot] != nullptr;
    present_[slot >> 6] |= static_cast<uint64_t>(there) << (slot & 63);
    keys += there;
  }
  all_present_ = keys == range_;
  for (size_t c = 0; c < layout_->types().size(); ++c) {
    VectorPtr column = GatherColumn(*layout_, c, by_value_.data(), static_cast<int64_t>(range_), anchor);
    slot_columns_.push_back(WithoutNullsOfGaps(std::move(column)));
  }
  return true;
}

VectorPtr JoinTable::WithoutNullsOfGaps(VectorPtr column) const {
  if (!column->is_flat() || column->validity() == nullptr) return column;
  const auto* present = reinterpret_cast<const uint8_t*>(present_.data());
  for (int64_t i = 0; i < BitmapBytes(column->size()); ++i) {
    if ((present[i] & ~column->validity()[i]) != 0) return column;
  }
  return Vector::WrapFlat(column->type(), column->size(), column->data_buffer(), nullptr, column->heaps(),
                          column->children());
}

void JoinTable::FindSlots(const VectorPtr& key, int64_t n, int32_t* slots) const {
  std::fill_n(slots, n, -1);
  ForEachSlot(*key, n,
              [slots](int64_t i, uint64_t slot, bool there) { slots[i] = there ? static_cast<int32_t>(slot) : -1; });
}

int64_t JoinTable::SelectSlots(const VectorPtr& key, int64_t n, int32_t* rows, int32_t* slots) const {
  int64_t kept = 0;
  ForEachSlot(*key, n, [rows, slots, &kept](int64_t i, uint64_t slot, bool there) {
    rows[kept] = static_cast<int32_t>(i);
    slots[kept] = static_cast<int32_t>(slot);
    kept += there;
  });
  return kept;
}

void JoinTable::Reserve(int64_t rows, int skip_bits) {
  // At most half full on average. A table of few rows is one slice, filled by one thread: small slices would differ much in
  // how full they are.
  // Slices of large tables are evenly filled, and can be fuller.
  const int64_t wanted = rows < kLargeTable ? rows * 2 : rows + rows / 2;
  const uint64_t size = std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(wanted, kJoinPartitions * 16)));
  entry_bytes_ = Buffer::AllocateZeroed(static_cast<int64_t>(size) * 8);
  entries_ = entry_bytes_->mutable_as<uint64_t>();
  shift_ = 64 - std::countr_zero(size);
  skip_bits_ = skip_bits;
  slice_mask_ = skip_bits > 0 || rows < kRowsForSlices ? size - 1 : size / kJoinPartitions - 1;
}

bool JoinTable::HasUnsafeNull(const std::byte* row) const {
  for (size_t k = 0; k < key_columns_; ++k) {
    if (!null_safe_[k] && layout_->IsNull(row, k)) return true;
  }
  return false;
}

void JoinTable::Insert(std::byte* row) {
  SetJoinNext(row, nullptr);
  if (HasUnsafeNull(row)) return;
  if (range_ != 0) return InsertByValue(row);
  const uint64_t hash = RowHash(row);
  const uint64_t salt = hash << 48;
  uint64_t slot = FirstSlot(hash);
  for (uint64_t tries = 0; tries <= slice_mask_; ++tries, slot = NextSlot(slot)) {
    const uint64_t entry = entries_[slot];
    if (entry == 0) {
      entries_[slot] = salt | reinterpret_cast<uint64_t>(row);
      return;
    }
    if ((entry & ~kJoinPointerMask) != salt) continue;
    auto* head = reinterpret_cast<std::byte*>(entry & kJoinPointerMask);
    if (RowHash(head) == hash && RowsEqual(*layout_, key_columns_, head, row)) {
      SetJoinNext(row, head);
      duplicates_.store(true, std::memory_order_relaxed);
      entries_[slot] = salt | reinterpret_cast<uint64_t>(row);
      return;
    }
  }
  // Distinct keys of one radix partition beyond twice its share of a half-full table: hashes that are no hashes.
  RaiseInternal(__FILE__, __LINE__, "a slice of a join's hash table is full");
}

void JoinTable::Find(std::span<const VectorPtr> keys, int64_t n, std::byte** heads, Scratch* scratch) const {
  if (range_ != 0) {
    std::fill_n(heads, n, nullptr);
    ForEachInteger(*keys[0], n, [&](int64_t i, int64_t value) {
      const uint64_t slot = static_cast<uint64_t>(value) - static_cast<uint64_t>(least_);
      if (slot < range_) heads[i] = by_value_[slot];
    });
    return;
  }
  scratch->selection.resize(kFindRows);
  scratch->mismatches.resize(kFindRows);
  scratch->slots.resize(n);
  scratch->hashes.resize(n);
  HashRows(keys, n, scratch->hashes.data());
  for (int64_t begin = 0; begin < n; begin += kFindRows) {
    FindByHash(keys, begin, std::min(n, begin + kFindRows), heads, scratch);
  }
}

void JoinTable::FindByHash(std::span<const VectorPtr> keys, int64_t begin, int64_t end, std::byte** heads,
                           Scratch* scratch) const {
  int32_t* selection = scratch->selection.data();
  int32_t* mismatches = scratch->mismatches.data();
  uint64_t* slots = scratch->slots.data();
  const uint64_t* hashes = scratch->hashes.data();
  const uint64_t* entries = entries_;
  const size_t null_offset = layout_->null_offset();
  const auto* somewhere = reinterpret_cast<const std::byte*>(entries);
  for (int64_t i = begin; i < end; ++i) {
    slots[i] = FirstSlot(hashes[i]);
    __builtin_prefetch(&entries[slots[i]]);
  }
  int64_t count = end - begin;
  std::iota(selection, selection + count, static_cast<int32_t>(begin));
  while (count > 0) {
    int64_t candidates = 0;
    for (int64_t k = 0; k < count; ++k) {
      const int32_t i = selection[k];
      const uint64_t salt = hashes[i] << 48;
      uint64_t slot = slots[i];
      uint64_t entry = entries[slot];
      while (entry != 0 && (entry & ~kJoinPointerMask) != salt) {
        slot = NextSlot(slot);
        entry = entries[slot];
      }
      auto* head = reinterpret_cast<std::byte*>(entry & kJoinPointerMask);
      heads[i] = head;
      slots[i] = slot;
      selection[candidates] = i;
      candidates += entry != 0;
      // What is compared, taken along and asked for nulls; the header isn't looked at. Nor is anything where nothing is: to look
      // for that page would take longer than to fetch a line.
      const std::byte* fetched = entry != 0 ? head : somewhere;
      __builtin_prefetch(fetched + kJoinHeaderBytes);
      __builtin_prefetch(fetched + null_offset);
    }
    int64_t missed = 0;
    for (size_t k = 0; k < key_columns_ && candidates > 0; ++k) {
      candidates = MatchColumn(*layout_, k, *keys[k], heads, selection, candidates, null_safe_[k], mismatches, &missed);
    }
    for (int64_t k = 0; k < missed; ++k) {
      const int32_t i = mismatches[k];
      slots[i] = NextSlot(slots[i]);
      selection[k] = i;
    }
    count = missed;
  }
}

}  // namespace centella
