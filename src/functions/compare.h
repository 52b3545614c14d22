// Comparison of values of any orderable type, as Spark orders them: NaN equals NaN and is largest, -0.0 equals 0.0,
// strings bytewise, arrays and structs by their parts with nulls first.
#pragma once

#include <compare>
#include <cstring>

#include "vector/vector.h"

namespace centella {

enum class CompareOp : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

template <typename T>
inline int CompareValues(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (a == b) return 0;
    bool a_nan = a != a, b_nan = b != b;
    if (a_nan || b_nan) return static_cast<int>(a_nan) - static_cast<int>(b_nan);
    return a < b ? -1 : 1;
  } else {
    return a < b ? -1 : static_cast<int>(b < a);
  }
}
template <>
inline int CompareValues<StringView>(const StringView& a, const StringView& b) {
  uint32_t x, y;  // the four bytes of prefix decide most comparisons
  std::memcpy(&x, reinterpret_cast<const char*>(&a) + 4, 4);
  std::memcpy(&y, reinterpret_cast<const char*>(&b) + 4, 4);
  if (x != y) return __builtin_bswap32(x) < __builtin_bswap32(y) ? -1 : 1;
  return a.Compare(b);
}
template <>
inline int CompareValues<CalendarIntervalValue>(const CalendarIntervalValue& a, const CalendarIntervalValue& b) {
  if (a.months != b.months) return a.months < b.months ? -1 : 1;
  if (a.days != b.days) return a.days < b.days ? -1 : 1;
  return a.micros < b.micros ? -1 : static_cast<int>(b.micros < a.micros);
}

// Row `i` of `a` with row `j` of `b`: negative, 0 or positive. Any encoding, same shape; nulls are smallest and equal
// to each other. Maps compare entry by entry in their stored order.
int CompareRows(const Vector& a, int64_t i, const Vector& b, int64_t j);

// Boolean vector; NULL where either side is null. Flat or constant arguments of the same shape.
VectorPtr CompareVectors(CompareOp op, const VectorPtr& a, const VectorPtr& b);
// <=>: never null.
VectorPtr EqualNullSafe(const VectorPtr& a, const VectorPtr& b);

}  // namespace centella
