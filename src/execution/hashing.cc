// 64-bit hashes of rows for hash tables inside the engine.
#include "execution/hashing.h"

#include <cmath>
#include <cstring>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace centella {
namespace {

constexpr uint64_t kNullHash = 0x9ae16a3b2f90404fULL;

// Finaliser of MurmurHash3 (Austin Appleby, public domain constants): all bits depend on all bits.
inline uint64_t Mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32;
  return x;
}
// Both halves of a product, of which each bit of either factor reaches many.
inline uint64_t Fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
inline uint64_t Combine(uint64_t seed, uint64_t hash) { return Mix(seed * 31 + hash); }

template <typename T>
inline uint64_t HashValue(const T& value) {
  if constexpr (std::is_floating_point_v<T>) {
    double d = static_cast<double>(value);
    if (std::isnan(d)) return Mix(0x7ff8000000000000ULL);
    if (d == 0) d = 0;
    uint64_t bits;
    std::memcpy(&bits, &d, 8);
    return Mix(bits);
  } else if constexpr (std::is_same_v<T, StringView>) {
    // Inline strings are zero-padded, so that the 16 bytes are the value.
    if (value.is_inline()) {
      uint64_t words[2];
      std::memcpy(words, &value, 16);
      // The first word's lower half is a length of at most 12, so that no factor with it is zero.
      const uint64_t tail = Fold(words[0] ^ 0x9fb21c651e98ffe7ULL, words[1] ^ 0xc3a5c85c97cb3127ULL);
      return Fold(tail ^ 0xb492b66fbe98f273ULL, words[0] ^ 0x9ae16a3b2f90404fULL);
    }
    return XXH3_64bits(value.data(), value.size());
  } else if constexpr (std::is_same_v<T, int128_t>) {
    return Combine(static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64));
  } else if constexpr (std::is_same_v<T, CalendarIntervalValue>) {
    return Combine(static_cast<uint64_t>(value.micros),
                   (uint64_t(uint32_t(value.months)) << 32) | uint32_t(value.days));
  } else {
    return Mix(static_cast<uint64_t>(static_cast<int64_t>(value)));
  }
}

void HashColumn(const Vector& vector, int64_t rows, uint64_t* out);

template <typename T>
void HashTyped(const Vector& vector, int64_t rows, uint64_t* out) {
  if (vector.is_flat() && vector.validity() == nullptr) {
    const T* data = vector.data<T>();
    for (int64_t i = 0; i < rows; ++i) out[i] = HashValue(data[i]);
    return;
  }
  if (vector.is_dictionary() && vector.base()->size() <= rows) {
    std::vector<uint64_t> entries(vector.base()->size());
    HashColumn(*vector.base(), vector.base()->size(), entries.data());
    const int32_t* codes = vector.codes();
    for (int64_t i = 0; i < rows; ++i) {
      out[i] = vector.validity() != nullptr && !BitIsSet(vector.validity(), i) ? kNullHash : entries[codes[i]];
    }
    return;
  }
  DecodedVector decoded(vector);
  for (int64_t i = 0; i < rows; ++i) out[i] = decoded.IsNull(i) ? kNullHash : HashValue(decoded.Value<T>(i));
}

void HashStruct(const Vector& vector, int64_t rows, uint64_t* out) {
  for (int64_t i = 0; i < rows; ++i) out[i] = 17;
  std::vector<uint64_t> field(rows);
  for (const VectorPtr& child : vector.children()) {
    HashColumn(*child, rows, field.data());
    for (int64_t i = 0; i < rows; ++i) out[i] = Combine(out[i], field[i]);
  }
  for (int64_t i = 0; i < rows; ++i) {
    if (vector.IsNull(i)) out[i] = kNullHash;
  }
}

void HashList(const Vector& vector, int64_t rows, uint64_t* out) {
  const VectorPtr& elements = vector.child(0);
  std::vector<uint64_t> element(elements->size());
  HashColumn(*elements, elements->size(), element.data());
  const ListEntry* entries = vector.data<ListEntry>();
  for (int64_t i = 0; i < rows; ++i) {
    if (vector.IsNull(i)) {
      out[i] = kNullHash;
      continue;
    }
    uint64_t hash = 19;
    for (int32_t k = 0; k < entries[i].length; ++k) hash = Combine(hash, element[entries[i].offset + k]);
    out[i] = hash;
  }
}

void HashNested(const Vector& vector, int64_t rows, uint64_t* out) {
  // Through the base, then by row.
  DecodedVector decoded(vector);
  const Vector& base = decoded.base();
  std::vector<uint64_t> entries(base.size());
  if (base.physical() == PhysicalType::kStruct) {
    HashStruct(base, base.size(), entries.data());
  } else {
    HashList(base, base.size(), entries.data());
  }
  for (int64_t i = 0; i < rows; ++i) out[i] = decoded.IsNull(i) ? kNullHash : entries[decoded.index(i)];
}

void HashColumn(const Vector& vector, int64_t rows, uint64_t* out) {
  if (vector.is_constant() && rows > 1) {
    HashColumn(*vector.base(), 1, out);
    for (int64_t i = 1; i < rows; ++i) out[i] = out[0];
    return;
  }
  switch (vector.physical()) {
    case PhysicalType::kNull:
      for (int64_t i = 0; i < rows; ++i) out[i] = kNullHash;
      return;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return HashTyped<int8_t>(vector, rows, out);
    case PhysicalType::kInt16: return HashTyped<int16_t>(vector, rows, out);
    case PhysicalType::kInt32: return HashTyped<int32_t>(vector, rows, out);
    case PhysicalType::kInt64: return HashTyped<int64_t>(vector, rows, out);
    case PhysicalType::kInt128: return HashTyped<int128_t>(vector, rows, out);
    case PhysicalType::kFloat: return HashTyped<float>(vector, rows, out);
    case PhysicalType::kDouble: return HashTyped<double>(vector, rows, out);
    case PhysicalType::kString: return HashTyped<StringView>(vector, rows, out);
    case PhysicalType::kInterval: return HashTyped<CalendarIntervalValue>(vector, rows, out);
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kStruct: return HashNested(vector, rows, out);
  }
}

}  // namespace

void HashRows(std::span<const VectorPtr> keys, int64_t rows, uint64_t* hashes) {
  if (keys.empty()) {
    for (int64_t i = 0; i < rows; ++i) hashes[i] = kNullHash;
    return;
  }
  HashColumn(*keys[0], rows, hashes);
  if (keys.size() == 1) return;
  std::vector<uint64_t> column(rows);
  for (size_t k = 1; k < keys.size(); ++k) {
    HashColumn(*keys[k], rows, column.data());
    for (int64_t i = 0; i < rows; ++i) hashes[i] = Combine(hashes[i], column[i]);
  }
}

}  // namespace centella
