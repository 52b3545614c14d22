// Values as unsigned numbers of the same order. Internal to the sort's files.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "vector/vector.h"

namespace centella {

using WideBits = unsigned __int128;

// A value as an unsigned number of the same order: NaN last and equal to itself, -0.0 as 0.0.
template <typename T>
auto OrderedBits(T value) {
  if constexpr (std::is_same_v<T, int128_t>) {
    return static_cast<WideBits>(value) ^ (WideBits{1} << 127);
  } else if constexpr (std::is_floating_point_v<T>) {
    using U = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    constexpr U kSign = U{1} << (sizeof(U) * 8 - 1);
    const T normal = std::isnan(value) ? std::numeric_limits<T>::quiet_NaN() : (value == 0 ? T{0} : value);
    const U bits = std::bit_cast<U>(normal);
    return static_cast<uint64_t>((bits & kSign) != 0 ? ~bits : bits | kSign);
  } else {
    return static_cast<uint64_t>(static_cast<int64_t>(value)) ^ (uint64_t{1} << 63);
  }
}

// Calls `body` with a value of the type that a fixed-width column has; false for others.
template <typename Body>
bool WithNumberType(PhysicalType type, Body&& body) {
  switch (type) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: body(int8_t{}); return true;
    case PhysicalType::kInt16: body(int16_t{}); return true;
    case PhysicalType::kInt32: body(int32_t{}); return true;
    case PhysicalType::kInt64: body(int64_t{}); return true;
    case PhysicalType::kInt128: body(int128_t{}); return true;
    case PhysicalType::kFloat: body(float{}); return true;
    case PhysicalType::kDouble: body(double{}); return true;
    default: return false;
  }
}

// Bytes [offset, offset + 8) of a text as a number of the same order, zeros beyond its end. Reads nothing outside of the view
// and its bytes.
inline uint64_t LoadText(const StringView& text, uint32_t offset) {
  const uint32_t size = text.size();
  if (size <= offset) return 0;
  uint64_t word;
  if (text.is_inline()) {
    // The view itself holds twelve bytes, zeros after the text.
    const char* bytes = reinterpret_cast<const char*>(&text) + 4;
    const uint32_t from = std::min<uint32_t>(offset, 4);
    std::memcpy(&word, bytes + from, 8);
    return __builtin_bswap64(word) << (8 * (offset - from));
  }
  const uint32_t from = std::min(offset, size - 8);
  std::memcpy(&word, text.data() + from, 8);
  return __builtin_bswap64(word) << (8 * (offset - from));
}

}  // namespace centella
