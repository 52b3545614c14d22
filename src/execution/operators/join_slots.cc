// A join's build side by value from rows that are still columns: their values in the order of the keys.
#include <algorithm>
#include <bit>
#include <numeric>

#include "execution/integers.h"
#include "execution/operators/join_table.h"

namespace centella {
namespace {

template <typename T>
void Put(const Vector& from, const int32_t* rows, const int32_t* places, int64_t count, Vector* to) {
  const T* in = from.data<T>();
  T* out = to->mutable_data<T>();
  for (int64_t k = 0; k < count; ++k) out[places[k]] = in[rows[k]];
}

void PutColumn(const Vector& from, const int32_t* rows, const int32_t* places, int64_t count, Vector* to) {
  switch (ValueWidth(from.physical())) {
    case 1: Put<uint8_t>(from, rows, places, count, to); break;
    case 2: Put<uint16_t>(from, rows, places, count, to); break;
    case 4: Put<uint32_t>(from, rows, places, count, to); break;
    case 8: Put<uint64_t>(from, rows, places, count, to); break;
    default: Put<int128_t>(from, rows, places, count, to); break;
  }
  if (from.validity() == nullptr) return;
  uint8_t* valid = to->mutable_validity();
  for (int64_t k = 0; k < count; ++k) {
    if (!BitIsSet(from.validity(), rows[k])) ClearBit(valid, places[k]);
  }
}

}  // namespace

int64_t JoinTable::SlotBytes(const RowLayout& layout, int64_t least, int64_t greatest, int64_t rows,
                             bool existence_only) {
  const auto range = static_cast<int64_t>(static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least)) + 1;
  if (existence_only) return (range + 63) / 64 * 8;
  int64_t width = 0;
  for (const TypePtr& type : layout.types()) width += ValueWidth(type->physical());
  // Where keys repeat: where each slot's rows begin, twice while they are put in order.
  return std::max(range, rows) * width + range * 9;
}

void JoinTable::ReserveSlots(int64_t least, int64_t greatest, std::vector<JoinColumns> rows,
                             const std::vector<bool>& wanted, bool existence_only) {
  from_columns_ = true;
  batches_ = std::move(rows);
  wanted_ = wanted;
  existence_only_ = existence_only;
  least_ = least;
  range_ = SlotOf(greatest) + 1;
  present_.assign((range_ + 63) / 64, 0);
  MakeSlotColumns(static_cast<int64_t>(range_));
}

void JoinTable::MakeSlotColumns(int64_t size) {
  filling_.assign(layout_->types().size(), nullptr);
  text_bytes_ = 0;
  for (size_t c = 0; c < filling_.size(); ++c) {
    if (!wanted_[c]) continue;
    filling_[c] = Vector::MakeFlat(layout_->types()[c], size);
    for (const JoinColumns& batch : batches_) {
      // The bitmap is there before several threads ask for it.
      if (batch.columns[c]->validity() != nullptr) filling_[c]->mutable_validity();
      for (const BufferPtr& heap : batch.columns[c]->heaps()) filling_[c]->AddHeap(heap);
    }
    for (const BufferPtr& heap : filling_[c]->heaps()) text_bytes_ += heap->size();
    if (filling_[c]->heaps().size() < 2) continue;
    // One for all: a batch that is gathered from the column takes its list along.
    auto all = std::make_shared<std::vector<BufferPtr>>(filling_[c]->heaps());
    filling_[c] = Vector::WrapFlat(filling_[c]->type(), size, filling_[c]->data_buffer(),
                                   filling_[c]->validity_buffer(), {Buffer::Wrap(nullptr, 0, std::move(all))});
  }
}

void JoinTable::PutRows(const JoinColumns& batch, const int32_t* rows, const int32_t* places, int64_t count) {
  for (size_t c = 0; c < filling_.size(); ++c) {
    if (filling_[c] != nullptr) PutColumn(*batch.columns[c], rows, places, count, filling_[c].get());
  }
}

void JoinTable::FillSlots(int64_t part, int64_t parts, const Cancellation& cancellation) {
  // Parts share no word of the bitmaps.
  const auto words = static_cast<int64_t>(present_.size());
  const auto first = static_cast<uint64_t>(words * part / parts * 64);
  const uint64_t size = static_cast<uint64_t>(words * (part + 1) / parts * 64) - first;
  uint64_t* present = present_.data();
  std::vector<int32_t> rows, slots;
  for (const JoinColumns& batch : batches_) {
    cancellation.ThrowIfCancelled();
    if (!batch.has_range || SlotOf(batch.greatest) < first || SlotOf(batch.least) >= first + size) continue;
    rows.resize(batch.rows);
    slots.resize(batch.rows);
    int64_t count = 0;
    ForEachInteger(*batch.columns[0], batch.rows, [&](int64_t i, int64_t key) {
      const uint64_t slot = SlotOf(key);
      rows[count] = static_cast<int32_t>(i);
      slots[count] = static_cast<int32_t>(slot);
      count += slot - first < size;
    });
    bool twice = false;
    for (int64_t k = 0; k < count; ++k) {
      uint64_t& word = present[slots[k] >> 6];
      const uint64_t bit = uint64_t{1} << (slots[k] & 63);
      twice |= (word & bit) != 0;
      word |= bit;
    }
    if (existence_only_) continue;
    if (twice) duplicates_.store(true, std::memory_order_relaxed);
    if (has_duplicates()) return;  // FinishSlots does it in another way
    PutRows(batch, rows.data(), slots.data(), count);
  }
}

void JoinTable::FinishSlots(const Cancellation& cancellation) {
  if (!existence_only_ && has_duplicates()) FillWithDuplicates(cancellation);
  uint64_t keys = 0;
  for (uint64_t word : present_) keys += static_cast<uint64_t>(std::popcount(word));
  all_present_ = keys == range_;
  batches_ = {};
  slot_columns_.assign(filling_.begin(), filling_.end());
  filling_ = {};
}

int64_t JoinTable::FinishedSlotBytes() const {
  int64_t bytes = text_bytes_ + static_cast<int64_t>(present_.size() * 8 + starts_.size() * 4);
  for (const VectorPtr& column : slot_columns_) {
    if (column == nullptr) continue;
    bytes += column->data_buffer()->size();
    if (column->validity_buffer() != nullptr) bytes += column->validity_buffer()->size();
  }
  return bytes;
}

void JoinTable::FillWithDuplicates(const Cancellation& cancellation) {
  int64_t rows = 0;
  starts_.assign(range_ + 1, 0);
  present_.assign(present_.size(), 0);
  for (const JoinColumns& batch : batches_) {
    cancellation.ThrowIfCancelled();
    ForEachInteger(*batch.columns[0], batch.rows, [&](int64_t, int64_t key) { ++starts_[SlotOf(key)]; });
    rows += batch.rows;
  }
  for (uint64_t slot = 0; slot < range_; ++slot) {
    present_[slot >> 6] |= static_cast<uint64_t>(starts_[slot] > 0) << (slot & 63);
  }
  std::exclusive_scan(starts_.begin(), starts_.end(), starts_.begin(), 0);
  MakeSlotColumns(rows);
  std::vector<int32_t> next(starts_), chosen, places;
  for (const JoinColumns& batch : batches_) {
    cancellation.ThrowIfCancelled();
    chosen.clear();
    places.clear();
    ForEachInteger(*batch.columns[0], batch.rows, [&](int64_t i, int64_t key) {
      chosen.push_back(static_cast<int32_t>(i));
      places.push_back(next[SlotOf(key)]++);
    });
    PutRows(batch, chosen.data(), places.data(), static_cast<int64_t>(chosen.size()));
  }
}

}  // namespace centella
