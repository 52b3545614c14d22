// Wide integers and Spark's decimal rules.
#include "functions/decimal_arithmetic.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace centella {
namespace {

constexpr std::array<int128_t, 39> MakePowers() {
  std::array<int128_t, 39> powers{};
  powers[0] = 1;
  for (int i = 1; i < 39; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<int128_t, 39> kPowers = MakePowers();

uint128_t Magnitude(int128_t value) {
  return value < 0 ? ~static_cast<uint128_t>(value) + 1 : static_cast<uint128_t>(value);
}

void MultiplyMagnitudes(uint128_t a, uint128_t b, uint128_t* high, uint128_t* low) {
  auto a0 = static_cast<uint64_t>(a), a1 = static_cast<uint64_t>(a >> 64);
  auto b0 = static_cast<uint64_t>(b), b1 = static_cast<uint64_t>(b >> 64);
  uint128_t p00 = static_cast<uint128_t>(a0) * b0, p01 = static_cast<uint128_t>(a0) * b1;
  uint128_t p10 = static_cast<uint128_t>(a1) * b0, p11 = static_cast<uint128_t>(a1) * b1;
  uint128_t middle = (p00 >> 64) + static_cast<uint64_t>(p01) + static_cast<uint64_t>(p10);
  *low = (middle << 64) | static_cast<uint64_t>(p00);
  *high = p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64);
}

bool Less(const Wide& a, const Wide& b) { return a.high != b.high ? a.high < b.high : a.low < b.low; }

void SubtractMagnitude(Wide& a, const Wide& b) {
  uint128_t borrow = a.low < b.low ? 1 : 0;
  a.low -= b.low;
  a.high -= b.high + borrow;
}

}  // namespace

int128_t PowerOfTen(int n) { return kPowers[n]; }

Wide Widen(int128_t value) { return {0, Magnitude(value), value < 0}; }

Wide Multiply(int128_t a, int128_t b) {
  Wide out;
  MultiplyMagnitudes(Magnitude(a), Magnitude(b), &out.high, &out.low);
  out.negative = (a < 0) != (b < 0);
  return out;
}

Wide Add(const Wide& a, const Wide& b) {
  if (a.negative == b.negative) {
    Wide out = a;
    out.low += b.low;
    out.high += b.high + (out.low < b.low ? 1 : 0);
    return out;
  }
  Wide big = Less(a, b) ? b : a;
  SubtractMagnitude(big, Less(a, b) ? a : b);
  return big;
}

bool IsZero(const Wide& value) { return value.high == 0 && value.low == 0; }

bool ScaleUp(Wide& value, int digits) {
  while (digits > 0) {
    int step = std::min(digits, 38);
    uint128_t high_high, high_low, low_high, low_low;
    auto power = static_cast<uint128_t>(kPowers[step]);
    MultiplyMagnitudes(value.high, power, &high_high, &high_low);
    MultiplyMagnitudes(value.low, power, &low_high, &low_low);
    uint128_t high = high_low + low_high;
    if (high_high != 0 || high < high_low || (high >> 127) != 0) return false;
    value.high = high;
    value.low = low_low;
    digits -= step;
  }
  return true;
}

Wide Remainder(const Wide& dividend, const Wide& divisor, Wide* quotient) {
  Wide remainder;
  Wide q;
  if (dividend.high == 0 && divisor.high == 0) {
    if ((dividend.low >> 64) == 0 && (divisor.low >> 64) == 0) {
      q.low = static_cast<uint64_t>(dividend.low) / static_cast<uint64_t>(divisor.low);
      remainder.low = static_cast<uint64_t>(dividend.low) % static_cast<uint64_t>(divisor.low);
    } else {
      q.low = dividend.low / divisor.low;
      remainder.low = dividend.low % divisor.low;
    }
  } else {
    // Bit by bit: rare, only when a scaled dividend passes 128 bits.
    Wide magnitude = divisor;
    for (int bit = 255; bit >= 0; --bit) {
      remainder.high = (remainder.high << 1) | (remainder.low >> 127);
      remainder.low <<= 1;
      remainder.low |= ((bit >= 128 ? dividend.high >> (bit - 128) : dividend.low >> bit)) & 1;
      if (Less(remainder, magnitude)) continue;
      SubtractMagnitude(remainder, magnitude);
      (bit >= 128 ? q.high : q.low) |= static_cast<uint128_t>(1) << (bit & 127);
    }
  }
  remainder.negative = dividend.negative && !IsZero(remainder);
  q.negative = dividend.negative != divisor.negative && !IsZero(q);
  if (quotient != nullptr) *quotient = q;
  return remainder;
}

Wide DivideHalfUp(const Wide& dividend, const Wide& divisor) {
  Wide quotient;
  Wide remainder = Remainder(dividend, divisor, &quotient);
  quotient.negative = dividend.negative != divisor.negative;
  // Twice the remainder is at least the divisor: half or more, away from zero.
  Wide doubled = remainder;
  doubled.high = (doubled.high << 1) | (doubled.low >> 127);
  doubled.low <<= 1;
  if (!Less(doubled, divisor)) {
    if (++quotient.low == 0) ++quotient.high;
  }
  return quotient;
}

bool Narrow(const Wide& value, int precision, int128_t* out) {
  if (value.high != 0 || value.low >= static_cast<uint128_t>(kPowers[precision])) return false;
  auto magnitude = static_cast<int128_t>(value.low);
  *out = value.negative ? -magnitude : magnitude;
  return true;
}

std::string ToPlainString(Wide value, int scale) {
  std::string digits;
  bool negative = value.negative && !IsZero(value);
  value.negative = false;
  Wide ten = Widen(static_cast<int128_t>(10000000000000000LL));
  do {
    Wide quotient;
    auto part = static_cast<uint64_t>(Remainder(value, ten, &quotient).low);
    value = quotient;
    for (int i = 0; i < 16 && (part != 0 || !IsZero(value) || i == 0); ++i) {
      digits.push_back(static_cast<char>('0' + part % 10));
      part /= 10;
    }
  } while (!IsZero(value));
  while (static_cast<int>(digits.size()) <= scale) digits.push_back('0');
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return negative ? "-" + digits : digits;
}

int128_t RoundHalfUp(int128_t value, int digits) {
  if (digits <= 0) return value;
  int128_t power = kPowers[digits];
  int128_t quotient = value / power, rest = value % power;
  if (rest < 0) return -rest >= power - -rest ? quotient - 1 : quotient;
  return rest >= power - rest ? quotient + 1 : quotient;
}

int128_t RoundHalfEven(int128_t value, int digits) {
  if (digits <= 0) return value;
  int128_t power = kPowers[digits];
  int128_t quotient = value / power, rest = value % power;
  int128_t distance = rest < 0 ? -rest : rest;
  bool away = distance > power - distance || (distance == power - distance && quotient % 2 != 0);
  if (!away) return quotient;
  return value < 0 ? quotient - 1 : quotient + 1;
}

DecimalShape AdjustPrecision(int precision, int scale) {
  if (precision <= kMaxDecimalPrecision) return {precision, scale};
  int integer_digits = precision - scale;
  int least_scale = std::min(scale, 6);
  return {kMaxDecimalPrecision, std::max(kMaxDecimalPrecision - integer_digits, least_scale)};
}

DecimalShape SumShape(const DataType& a, const DataType& b) {
  int scale = std::max(a.scale(), b.scale());
  return AdjustPrecision(std::max(a.precision() - a.scale(), b.precision() - b.scale()) + scale + 1, scale);
}
DecimalShape ProductShape(const DataType& a, const DataType& b) {
  return AdjustPrecision(a.precision() + b.precision() + 1, a.scale() + b.scale());
}
DecimalShape QuotientShape(const DataType& a, const DataType& b) {
  int scale = std::max(6, a.scale() + b.precision() + 1);
  return AdjustPrecision(a.precision() - a.scale() + b.scale() + scale, scale);
}
DecimalShape RemainderShape(const DataType& a, const DataType& b) {
  int scale = std::max(a.scale(), b.scale());
  return AdjustPrecision(std::min(a.precision() - a.scale(), b.precision() - b.scale()) + scale, scale);
}

void RaiseDecimalOverflow(const Wide& value, int scale, const DataType& type) {
  Raise(Condition::NUMERIC_VALUE_OUT_OF_RANGE__WITH_SUGGESTION, {{"value", ToPlainString(value, scale)},
                                                                 {"precision", std::to_string(type.precision())},
                                                                 {"scale", std::to_string(type.scale())},
                                                                 {"config", "\"spark.sql.ansi.enabled\""}});
}

}  // namespace centella
