// Columns and row values of integers of up to 64 bits, whatever their width: what joins and aggregations index tables by.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vector/vector.h"

namespace centella {

// Calls f with a value of the C++ type of `type` (only its type matters); false, without a call, when that isn't an integer
// of up to 64 bits.
template <typename F>
bool WithIntegerType(PhysicalType type, F&& f) {
  switch (type) {
    case PhysicalType::kInt8: f(int8_t{}); return true;
    case PhysicalType::kInt16: f(int16_t{}); return true;
    case PhysicalType::kInt32: f(int32_t{}); return true;
    case PhysicalType::kInt64: f(int64_t{}); return true;
    default: return false;
  }
}

inline bool IsInteger(PhysicalType type) {
  return WithIntegerType(type, [](auto) {});
}

// The integer of that type at a place of a row.
inline int64_t LoadInteger(PhysicalType type, const std::byte* at) {
  int64_t value = 0;
  WithIntegerType(type, [&](auto kind) { value = *reinterpret_cast<const decltype(kind)*>(at); });
  return value;
}

// Calls f(row, value as int64_t) for each of the first `n` rows of a column of integers that isn't null.
template <typename F>
void ForEachInteger(const Vector& vector, int64_t n, F&& f) {
  WithIntegerType(vector.physical(), [&](auto kind) {
    using T = decltype(kind);
    if (vector.is_flat() && vector.validity() == nullptr) {
      const T* data = vector.data<T>();
      for (int64_t i = 0; i < n; ++i) f(i, static_cast<int64_t>(data[i]));
      return;
    }
    DecodedVector decoded(vector);
    for (int64_t i = 0; i < n; ++i) {
      if (!decoded.IsNull(i)) f(i, static_cast<int64_t>(decoded.Value<T>(i)));
    }
  });
}

}  // namespace centella
