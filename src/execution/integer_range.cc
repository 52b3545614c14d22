// The range of a column of integers.
#include "execution/integer_range.h"

#include <algorithm>

#include "base/simd.h"
#include "execution/integers.h"

namespace centella {
namespace {

template <typename T>
CENTELLA_WIDE_LOOPS void RangeLoop(const T* data, int64_t rows, T* least, T* greatest) {
  T low = data[0], high = data[0];
  for (int64_t i = 1; i < rows; ++i) {
    low = data[i] < low ? data[i] : low;
    high = data[i] > high ? data[i] : high;
  }
  *least = low;
  *greatest = high;
}

}  // namespace

bool FlatIntegerRange(const Vector& vector, int64_t rows, int64_t* least, int64_t* greatest) {
  const PhysicalType type = vector.physical() == PhysicalType::kBool ? PhysicalType::kInt8 : vector.physical();
  return WithIntegerType(type, [&](auto kind) {
    decltype(kind) low, high;
    RangeLoop(vector.data<decltype(kind)>(), rows, &low, &high);
    *least = low;
    *greatest = high;
  });
}

bool IntegerRange(const Vector& vector, int64_t rows, int64_t* least, int64_t* greatest) {
  if (rows > 0 && vector.is_flat() && !vector.MayHaveNulls()) return FlatIntegerRange(vector, rows, least, greatest);
  bool any = false;
  int64_t low = 0, high = 0;
  ForEachInteger(vector, rows, [&](int64_t, int64_t value) {
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  });
  *least = low;
  *greatest = high;
  return any;
}

}  // namespace centella
