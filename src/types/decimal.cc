// Decimals to and from text and doubles.
#include "types/decimal.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "types/text.h"

namespace centella {
namespace {

// Digits of a magnitude, most significant first; gives how many.
int WriteMagnitude(uint128_t magnitude, char* out) {
  char reversed[40];
  int n = 0;
  while (magnitude > UINT64_MAX) {
    reversed[n++] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  }
  auto small = static_cast<uint64_t>(magnitude);
  do {
    reversed[n++] = static_cast<char>('0' + small % 10);
    small /= 10;
  } while (small != 0);
  std::reverse_copy(reversed, reversed + n, out);
  return n;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The parts of a number's text.
struct NumberText {
  bool negative = false;
  std::string_view integral;
  std::string_view fraction;
  int64_t exponent = 0;
};

bool SplitNumber(std::string_view text, NumberText* out) {
  text = TrimSpaceAndControl(text);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    out->negative = text[0] == '-';
    text.remove_prefix(1);
  }
  size_t n = 0;
  while (n < text.size() && IsDigit(text[n])) ++n;
  out->integral = text.substr(0, n);
  text.remove_prefix(n);
  if (!text.empty() && text[0] == '.') {
    n = 1;
    while (n < text.size() && IsDigit(text[n])) ++n;
    out->fraction = text.substr(1, n - 1);
    text.remove_prefix(n);
  }
  if (out->integral.empty() && out->fraction.empty()) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > 10) return false;
  for (char c : text) {
    if (!IsDigit(c)) return false;
    out->exponent = out->exponent * 10 + (c - '0');
  }
  if (negative) out->exponent = -out->exponent;
  return out->exponent <= INT32_MAX && out->exponent >= INT32_MIN;
}

}  // namespace

char* WriteDecimal(int128_t value, int scale, char* out) {
  char digits[40];
  const int n = WriteMagnitude(Magnitude(value), digits);
  if (value < 0) *out++ = '-';
  if (scale <= 0) {
    std::memcpy(out, digits, static_cast<size_t>(n));
    return out + n;
  }
  const int before = n - scale;
  if (before > 0) {
    out = std::copy_n(digits, before, out);
    *out++ = '.';
    return std::copy_n(digits + before, scale, out);
  }
  *out++ = '0';
  *out++ = '.';
  out = std::fill_n(out, -before, '0');
  return std::copy_n(digits, n, out);
}

char* WriteDecimalScientific(int128_t value, int scale, char* out) {
  char digits[40];
  const int n = WriteMagnitude(Magnitude(value), digits);
  const int exponent = n - 1 - scale;
  if (scale >= 0 && exponent >= -6) return WriteDecimal(value, scale, out);
  if (value < 0) *out++ = '-';
  *out++ = digits[0];
  if (n > 1) {
    *out++ = '.';
    out = std::copy_n(digits + 1, n - 1, out);
  }
  *out++ = 'E';
  if (exponent > 0) *out++ = '+';
  return WriteInt64(exponent, out);
}

std::string DecimalToString(int128_t value, int scale) {
  char buffer[kMaxDecimalText];
  return std::string(buffer, WriteDecimal(value, scale, buffer));
}

DecimalParse ParseDecimal(std::string_view text, int precision, int scale, int128_t* out) {
  NumberText number;
  if (!SplitNumber(text, &number)) return DecimalParse::kMalformed;
  const auto integral_digits = static_cast<int64_t>(number.integral.size());
  const auto total = integral_digits + static_cast<int64_t>(number.fraction.size());
  auto digit = [&](int64_t i) {
    return (i < integral_digits ? number.integral[i] : number.fraction[i - integral_digits]) - '0';
  };
  // Digits [0, keep) make the unscaled value, zeros are appended when keep > total.
  const int64_t keep = integral_digits + number.exponent + scale;
  int128_t value = 0;
  bool any = false;
  for (int64_t i = 0; i < std::min(keep, total); ++i) {
    value = value * 10 + digit(i);
    any = any || value != 0;
    if (value >= kPowersOfTen[kMaxDecimalDigits]) return DecimalParse::kOutOfRange;
  }
  if (any && keep > total) {
    const int64_t zeros = keep - total;
    if (zeros > kMaxDecimalDigits || __builtin_mul_overflow(value, kPowersOfTen[zeros], &value)) {
      return DecimalParse::kOutOfRange;
    }
  }
  if (keep >= 0 && keep < total && digit(keep) >= 5) ++value;
  if (!FitsPrecision(value, precision)) return DecimalParse::kOutOfRange;
  *out = number.negative ? -value : value;
  return DecimalParse::kOk;
}

double DecimalToDouble(int128_t value, int scale) {
  static constexpr double kExactPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                            1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  // Both exact as doubles: one division rounds once.
  if (Magnitude(value) <= (uint128_t{1} << 53) && scale <= 22) return static_cast<double>(value) / kExactPowers[scale];
  char buffer[kMaxDecimalText];
  char* end = WriteDecimal(value, scale, buffer);
  double result = 0;
  fast_float::from_chars(buffer, end, result);
  return result;
}

bool DoubleToDecimal(double value, int precision, int scale, int128_t* out) {
  if (!std::isfinite(value)) return false;
  char buffer[kMaxDoubleText];
  char* end = WriteDouble(value, buffer);
  return ParseDecimal({buffer, static_cast<size_t>(end - buffer)}, precision, scale, out) == DecimalParse::kOk;
}

bool FloatToDecimal(float value, int precision, int scale, int128_t* out) {
  // Spark widens a float first.
  return DoubleToDecimal(double{value}, precision, scale, out);
}

}  // namespace centella
