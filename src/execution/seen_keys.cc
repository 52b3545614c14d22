// Which combinations of keys one task has seen.
#include "execution/seen_keys.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "execution/hashing.h"
#include "execution/integer_range.h"
#include "execution/integers.h"

namespace centella {

void SeenKeys::GiveUp() {
  gave_up_ = true;
  keys_ = {};
  seen_ = {};
  hashes_ = {};
  reservation_.ShrinkTo(0);
}

void SeenKeys::Forget() { std::fill(seen_.begin(), seen_.end(), 0); }

// ---- numbers for values -------------------------------------------------------------------------------------------

bool SeenKeys::EncodeIntegers(const Vector& vector, int64_t rows, Key* key, uint32_t* codes) {
  if (vector.MayHaveNulls()) std::fill_n(codes, rows, 0);
  int64_t least = 0, greatest = 0;
  if (!IntegerRange(vector, rows, &least, &greatest)) return true;
  const int64_t last = key->least + (int64_t{1} << key->bits) - 2;  // the greatest that has a number, when bits > 0
  if (key->bits == 0 || least < key->least || greatest > last) {
    if (key->bits > 0) {
      least = std::min(least, key->least);
      greatest = std::max(greatest, last);
    }
    // Compared as unsigned: the distance between two 64-bit integers may not fit a signed one.
    const uint64_t distance = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
    if (distance >= (uint64_t{1} << kMaxBits) - 2 || least == std::numeric_limits<int64_t>::min() ||
        greatest > std::numeric_limits<int64_t>::max() - (int64_t{2} << kMaxBits)) {
      return false;
    }
    key->bits = std::bit_width(distance + 1);
    key->least = least;
  }
  const uint32_t base = static_cast<uint32_t>(key->least) - 1;
  ForEachInteger(vector, rows, [=](int64_t i, int64_t value) { codes[i] = static_cast<uint32_t>(value) - base; });
  return true;
}

// Twice as many slots.
void SeenKeys::Widen(Key* key) {
  key->slots.assign(std::max<size_t>(1024, key->slots.size() * 2), 0);
  const uint64_t mask = key->slots.size() - 1;
  for (uint32_t number = 1; number < key->strings.size(); ++number) {
    uint64_t slot = key->hashes[number] & mask;
    while (key->slots[slot] != 0) slot = (slot + 1) & mask;
    key->slots[slot] = number;
  }
}

// The string's number, a new one when it is new. There is a free slot.
uint32_t SeenKeys::Number(const StringView& value, uint64_t hash, Key* key) {
  const uint64_t mask = key->slots.size() - 1;
  for (uint64_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const uint32_t number = key->slots[slot];
    if (number == 0) {
      key->strings.push_back(value.is_inline() ? value : key->heap.Add(value.view()));
      key->hashes.push_back(hash);
      return key->slots[slot] = static_cast<uint32_t>(key->strings.size()) - 1;
    }
    if (key->hashes[number] == hash && key->strings[number] == value) return number;
  }
}

bool SeenKeys::EncodeStrings(const VectorPtr& vector, int64_t rows, Key* key, uint32_t* codes) {
  if (key->strings.empty()) {  // number 0 is NULL's
    key->strings.emplace_back();
    key->hashes.push_back(0);
  }
  hashes_.resize(rows);
  HashRows({&vector, 1}, rows, hashes_.data());
  const auto* values = vector->data<StringView>();
  const uint8_t* validity = vector->validity();
  for (int64_t i = 0; i < rows; ++i) {
    if (key->strings.size() * 2 > key->slots.size()) Widen(key);
    codes[i] = validity != nullptr && !BitIsSet(validity, i) ? 0 : Number(values[i], hashes_[i], key);
    if (key->strings.size() > kMaxStrings) return false;
  }
  key->bits = std::max(key->bits, static_cast<int>(std::bit_width(key->strings.size() - 1)));
  return key->heap.bytes() <= kMaxStringBytes;
}

bool SeenKeys::EncodeFlat(const VectorPtr& vector, int64_t rows, Key* key, uint32_t* codes) {
  if (rows == 0) return true;
  if (IsInteger(vector->physical())) return EncodeIntegers(*vector, rows, key, codes);
  return vector->physical() == PhysicalType::kString && EncodeStrings(vector, rows, key, codes);
}

bool SeenKeys::Encode(const VectorPtr& vector, int64_t rows, Key* key) {
  key->codes.resize(rows);
  uint32_t* codes = key->codes.data();
  if (vector->is_flat()) return EncodeFlat(vector, rows, key, codes);
  const VectorPtr& base = vector->base();
  if (vector->is_constant()) {
    uint32_t code = 0;
    if (!EncodeFlat(base, 1, key, &code)) return false;
    std::fill(key->codes.begin(), key->codes.end(), code);
    return true;
  }
  if (base->size() > 4 * rows && base != key->dictionary) return EncodeFlat(Flatten(vector), rows, key, codes);
  if (base != key->dictionary || IsInteger(base->physical())) {  // numbers of integers may have changed since
    key->entry_codes.resize(base->size());
    if (!EncodeFlat(base, base->size(), key, key->entry_codes.data())) return false;
    key->dictionary = base;
  }
  DecodedVector decoded(*vector);
  for (int64_t i = 0; i < rows; ++i) codes[i] = decoded.IsNull(i) ? 0 : key->entry_codes[decoded.index(i)];
  return true;
}

// ---- bits ---------------------------------------------------------------------------------------------------------

int64_t SeenKeys::Bytes() const {
  size_t bytes = seen_.size() * sizeof(uint64_t);
  for (const Key& key : keys_) {
    bytes += (key.slots.size() + key.codes.size() + key.entry_codes.size()) * sizeof(uint32_t) +
             key.strings.size() * (sizeof(StringView) + sizeof(uint64_t)) + static_cast<size_t>(key.heap.bytes());
  }
  return static_cast<int64_t>(bytes);
}

// Sizes the bits for the keys' numbers, and forgets. False when there would be too many for the rows so far.
bool SeenKeys::MakeRoom() {
  const bool restarts = !seen_.empty();
  seen_.clear();
  int bits = 0;
  for (const Key& key : keys_) bits += key.bits;
  if (bits > kMaxBits || (restarts && ++restarts_ > kMaxRestarts)) {
    GiveUp();
    return false;
  }
  if (bits > 12 && (int64_t{1} << bits) > 64 * noted_) return false;
  seen_.resize(std::max<size_t>(1, (size_t{1} << bits) / 64), 0);
  return true;
}

void SeenKeys::Mark(int64_t rows, std::vector<int32_t>* fresh) {
  uint32_t* codes = keys_[0].codes.data();
  for (size_t k = 1; k < keys_.size(); ++k) {
    const uint32_t* more = keys_[k].codes.data();
    const int bits = keys_[k].bits;
    for (int64_t i = 0; i < rows; ++i) codes[i] = codes[i] << bits | more[i];
  }
  fresh->resize(rows);
  int32_t* out = fresh->data();
  uint64_t* seen = seen_.data();
  int64_t count = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const uint64_t word = seen[codes[i] >> 6], bit = uint64_t{1} << (codes[i] & 63);
    out[count] = static_cast<int32_t>(i);
    count += (word & bit) == 0;
    seen[codes[i] >> 6] = word | bit;
  }
  fresh->resize(count);
}

bool SeenKeys::Note(const std::vector<VectorPtr>& keys, int64_t rows, std::vector<int32_t>* fresh) {
  if (gave_up_ || rows == 0) return false;
  keys_.resize(keys.size());
  noted_ += rows;
  bool changed = seen_.empty();
  for (size_t k = 0; k < keys.size(); ++k) {
    const int bits = keys_[k].bits;
    const int64_t least = keys_[k].least;
    if (!Encode(keys[k], rows, &keys_[k])) {
      GiveUp();
      return false;
    }
    changed = changed || bits != keys_[k].bits || least != keys_[k].least;
  }
  if (changed && !MakeRoom()) return false;
  if (!reservation_.TryGrowTo(Bytes())) {
    GiveUp();
    return false;
  }
  Mark(rows, fresh);
  trial_rows_ += rows;
  trial_fresh_ += static_cast<int64_t>(fresh->size());
  if (trial_rows_ >= kTrialRows) {
    // It is of use when some rows are dropped.
    const bool useful = trial_fresh_ < trial_rows_ - trial_rows_ / 32;
    trial_rows_ = trial_fresh_ = 0;
    if (!useful) GiveUp();
  }
  return true;
}

}  // namespace centella
