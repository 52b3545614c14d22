// The build side of a hash join in memory.
#include "execution/operators/join_table.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace centella {

void JoinTable::Reserve(int64_t rows, int skip_bits) {
  // At most half full on average; a slice may be fuller, never full: see Insert.
  const uint64_t size = std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(rows * 2, kJoinPartitions * 16)));
  entries_.assign(size, 0);
  shift_ = 64 - std::countr_zero(size);
  skip_bits_ = skip_bits;
  slice_mask_ = skip_bits > 0 ? size - 1 : size / kJoinPartitions - 1;
}

bool JoinTable::HasUnsafeNull(const std::byte* row) const {
  for (size_t k = 0; k < key_columns_; ++k) {
    if (!null_safe_[k] && layout_->IsNull(row, k)) return true;
  }
  return false;
}

void JoinTable::Insert(std::byte* row) {
  JoinNext(row) = nullptr;
  if (HasUnsafeNull(row)) return;
  const uint64_t hash = RowHash(row);
  const uint64_t salt = hash << 48;
  uint64_t slot = FirstSlot(hash);
  for (uint64_t tries = 0; tries <= slice_mask_; ++tries, slot = NextSlot(slot)) {
    const uint64_t entry = entries_[slot];
    if (entry == 0) {
      entries_[slot] = salt | reinterpret_cast<uint64_t>(row);
      return;
    }
    if ((entry & ~kPointerMask) != salt) continue;
    auto* head = reinterpret_cast<std::byte*>(entry & kPointerMask);
    if (RowHash(head) == hash && RowsEqual(*layout_, key_columns_, head, row)) {
      JoinNext(row) = head;
      entries_[slot] = salt | reinterpret_cast<uint64_t>(row);
      return;
    }
  }
  // Distinct keys of one radix partition beyond twice its share of a half-full table: hashes that are no hashes.
  RaiseInternal(__FILE__, __LINE__, "a slice of a join's hash table is full");
}

void JoinTable::Find(std::span<const VectorPtr> keys, const uint64_t* hashes, int64_t n, std::byte** heads) const {
  std::vector<int32_t> selection(n), mismatches(n);
  std::vector<uint64_t> slots(n);
  for (int64_t i = 0; i < n; ++i) {
    slots[i] = FirstSlot(hashes[i]);
    __builtin_prefetch(&entries_[slots[i]]);
  }
  std::iota(selection.begin(), selection.end(), 0);
  int64_t count = n;
  while (count > 0) {
    int64_t candidates = 0;
    for (int64_t k = 0; k < count; ++k) {
      const int32_t i = selection[k];
      const uint64_t salt = hashes[i] << 48;
      uint64_t slot = slots[i];
      while (true) {
        const uint64_t entry = entries_[slot];
        if (entry == 0) {
          heads[i] = nullptr;
          break;
        }
        if ((entry & ~kPointerMask) == salt) {
          heads[i] = reinterpret_cast<std::byte*>(entry & kPointerMask);
          __builtin_prefetch(heads[i]);
          selection[candidates++] = i;
          break;
        }
        slot = NextSlot(slot);
      }
      slots[i] = slot;
    }
    int64_t missed = 0;
    for (size_t k = 0; k < key_columns_ && candidates > 0; ++k) {
      candidates = MatchColumn(*layout_, k, *keys[k], heads, selection.data(), candidates, null_safe_[k],
                               mismatches.data(), &missed);
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
