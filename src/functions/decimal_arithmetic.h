// Decimal arithmetic in 128 bits with 256-bit intermediates, and Spark's rules of precision and scale.
#pragma once

#include <string>

#include "types/value.h"

namespace centella {

using uint128_t = unsigned __int128;

// A signed number of up to 255 bits, as magnitude and sign: what products and scaled dividends need.
struct Wide {
  uint128_t high = 0, low = 0;
  bool negative = false;
};

inline constexpr int kMaxDecimalPrecision = 38;

// 10^n for 0 <= n <= 38.
int128_t PowerOfTen(int n);
Wide Widen(int128_t value);
Wide Multiply(int128_t a, int128_t b);
Wide Add(const Wide& a, const Wide& b);
// value * 10^digits; false when 255 bits don't hold it.
bool ScaleUp(Wide& value, int digits);
// Quotient rounded half up (away from zero), and remainder with the dividend's sign.
Wide DivideHalfUp(const Wide& dividend, const Wide& divisor);
Wide Remainder(const Wide& dividend, const Wide& divisor, Wide* quotient = nullptr);
bool IsZero(const Wide& value);
// Into `out` when |value| < 10^precision.
bool Narrow(const Wide& value, int precision, int128_t* out);
// Digits with `scale` of them after the point, as BigDecimal.toPlainString.
std::string ToPlainString(Wide value, int scale);
inline std::string ToPlainString(int128_t value, int scale) { return ToPlainString(Widen(value), scale); }

// value / 10^digits rounded half up (away from zero) or half even; digits <= 38.
int128_t RoundHalfUp(int128_t value, int digits);
int128_t RoundHalfEven(int128_t value, int digits);

struct DecimalShape {
  int precision, scale;
};
// What doesn't fit 38 digits loses fraction digits down to 6, then integer digits.
DecimalShape AdjustPrecision(int precision, int scale);
DecimalShape SumShape(const DataType& a, const DataType& b);
DecimalShape ProductShape(const DataType& a, const DataType& b);
DecimalShape QuotientShape(const DataType& a, const DataType& b);
DecimalShape RemainderShape(const DataType& a, const DataType& b);

// Raises NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION for a value that `type` can't hold.
[[noreturn]] void RaiseDecimalOverflow(const Wide& value, int scale, const DataType& type);

}  // namespace centella
