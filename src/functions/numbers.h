// Numbers of any type as doubles, for functions that don't care which.
#pragma once

#include "types/decimal.h"
#include "vector/vector.h"

namespace centella {

// The value of a flat or constant vector's row, which isn't null.
inline double NumberAsDouble(const Vector& vector, int64_t row) {
  const int64_t at = vector.is_constant() ? 0 : row;
  switch (vector.physical()) {
    case PhysicalType::kInt8: return vector.data<int8_t>()[at];
    case PhysicalType::kInt16: return vector.data<int16_t>()[at];
    case PhysicalType::kInt32: return vector.data<int32_t>()[at];
    case PhysicalType::kFloat: return vector.data<float>()[at];
    case PhysicalType::kDouble: return vector.data<double>()[at];
    case PhysicalType::kInt64:
      if (vector.type()->is(TypeId::kDecimal))
        return DecimalToDouble(vector.data<int64_t>()[at], vector.type()->scale());
      return static_cast<double>(vector.data<int64_t>()[at]);
    default: return DecimalToDouble(vector.data<int128_t>()[at], vector.type()->scale());
  }
}

}  // namespace centella
