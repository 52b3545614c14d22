// Decimal arithmetic on unscaled 128-bit integers: powers of ten, precision, rescaling, text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/value.h"

namespace centella {

using uint128_t = unsigned __int128;

inline constexpr int kMaxDecimalDigits = 38;

namespace internal {
constexpr std::array<int128_t, kMaxDecimalDigits + 1> MakePowersOfTen() {
  std::array<int128_t, kMaxDecimalDigits + 1> powers{};
  powers[0] = 1;
  for (int i = 1; i <= kMaxDecimalDigits; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
}  // namespace internal
inline constexpr auto kPowersOfTen = internal::MakePowersOfTen();

constexpr uint128_t Magnitude(int128_t value) {
  return value < 0 ? uint128_t{0} - static_cast<uint128_t>(value) : static_cast<uint128_t>(value);
}

// Whether the value has at most `precision` digits.
constexpr bool FitsPrecision(int128_t value, int precision) {
  return value > -kPowersOfTen[precision] && value < kPowersOfTen[precision];
}

// Digits of the magnitude; 1 for zero.
constexpr int CountDigits(int128_t value) {
  const uint128_t magnitude = Magnitude(value);
  int digits = 1;
  while (digits <= kMaxDecimalDigits && magnitude >= static_cast<uint128_t>(kPowersOfTen[digits])) ++digits;
  return digits;
}

// value / 10^digits rounded half away from zero (Java's HALF_UP); digits >= 0.
constexpr int128_t DivideByPowerOfTen(int128_t value, int digits) {
  if (digits > kMaxDecimalDigits) return 0;
  const int128_t power = kPowersOfTen[digits];
  int128_t quotient = value / power;
  const int128_t remainder = value % power;
  if (digits > 0 && Magnitude(remainder) >= static_cast<uint128_t>(power) - Magnitude(remainder)) {
    quotient += value < 0 ? -1 : 1;
  }
  return quotient;
}

// The same number at another scale, HALF_UP when digits are lost. False when it doesn't fit 38 digits.
constexpr bool RescaleDecimal(int128_t value, int from_scale, int to_scale, int128_t* out) {
  if (to_scale <= from_scale) {
    *out = DivideByPowerOfTen(value, from_scale - to_scale);
    return true;
  }
  const int more = to_scale - from_scale;
  if (value == 0) {
    *out = 0;
    return true;
  }
  if (more > kMaxDecimalDigits || __builtin_mul_overflow(value, kPowersOfTen[more], out)) return false;
  return FitsPrecision(*out, kMaxDecimalDigits);
}

// Rescales and checks the target's precision: what a cast between decimals does.
constexpr bool ConvertDecimal(int128_t value, int from_scale, int precision, int scale, int128_t* out) {
  return RescaleDecimal(value, from_scale, scale, out) && FitsPrecision(*out, precision);
}

inline constexpr int kMaxDecimalText = 48;
// "-0.05": digits without an exponent. Writes at most kMaxDecimalText bytes, gives the end.
char* WriteDecimal(int128_t value, int scale, char* out);
// As Java's BigDecimal.toString: an exponent when the number is below 1e-6 ("1E-7").
char* WriteDecimalScientific(int128_t value, int scale, char* out);
std::string DecimalToString(int128_t value, int scale);

enum class DecimalParse : uint8_t { kOk, kMalformed, kOutOfRange };
// Text as Java's BigDecimal reads it (sign, digits, point, exponent; spaces around are skipped), rounded HALF_UP to
// `scale`. kOutOfRange when it has more than `precision` digits then.
DecimalParse ParseDecimal(std::string_view text, int precision, int scale, int128_t* out);

// The nearest double.
double DecimalToDouble(int128_t value, int scale);
// Through the shortest text of the double, as Spark does. False for NaN, infinities and what doesn't fit.
bool DoubleToDecimal(double value, int precision, int scale, int128_t* out);
bool FloatToDecimal(float value, int precision, int scale, int128_t* out);

}  // namespace centella
