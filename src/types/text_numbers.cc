// Numbers and booleans to and from text.
#include <fast_float/fast_float.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "types/text.h"

namespace centella {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Lays out shortest digits (d[.ddd]e±xx from to_chars) as Java does.
char* LayOut(const char* begin, const char* end, char* out) {
  char digits[24];
  int n = 0;
  const char* at = begin;
  if (*at == '-') *out++ = *at++;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') digits[n++] = *at;
  }
  int exponent = 0;
  if (at != end) {
    ++at;
    if (*at == '+') ++at;
    std::from_chars(at, end, exponent);
  }
  if (exponent >= -3 && exponent < 7) {
    if (exponent < 0) {
      *out++ = '0';
      *out++ = '.';
      for (int i = exponent + 1; i < 0; ++i) *out++ = '0';
      for (int i = 0; i < n; ++i) {
        if (i == n - 1 && n == 2 && digits[i] == '0') break;  // the second digit that "1.0" was given
        *out++ = digits[i];
      }
      return out;
    }
    for (int i = 0; i <= exponent; ++i) *out++ = i < n ? digits[i] : '0';
    *out++ = '.';
    if (n <= exponent + 1) {
      *out++ = '0';
    } else {
      for (int i = exponent + 1; i < n; ++i) *out++ = digits[i];
    }
    return out;
  }
  *out++ = digits[0];
  *out++ = '.';
  if (n == 1) *out++ = '0';
  for (int i = 1; i < n; ++i) *out++ = digits[i];
  *out++ = 'E';
  return std::to_chars(out, out + 8, exponent).ptr;
}

template <typename T>
char* WriteFloating(T value, char* out) {
  auto literal = [&out](std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
  };
  if (std::isnan(value)) return literal("NaN");
  if (std::isinf(value)) return literal(value < 0 ? "-Infinity" : "Infinity");
  if (value == 0) return literal(std::signbit(value) ? "-0.0" : "0.0");
  char buffer[48];
  auto result = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  // Java takes the nearest of the two-digit decimals when one digit would do: 4.9E-324, not 5.0E-324.
  const char* first = buffer + (buffer[0] == '-');
  if (first[1] == 'e') {
    result = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific, 1);
  }
  return LayOut(buffer, result.ptr, out);
}

// [digits][.digits][e[+-]digits][fFdD]: what Java reads, sign already taken. Gives the end without the suffix letter.
bool ScanFloating(std::string_view text, size_t* end) {
  size_t at = 0, digits = 0;
  while (at < text.size() && IsDigit(text[at])) ++at, ++digits;
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && IsDigit(text[at])) ++at, ++digits;
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    if (at == begin) return false;
  }
  *end = at;
  if (at < text.size() && std::strchr("fFdD", text[at]) != nullptr) ++at;
  return at == text.size();
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// 0x1.8p3; rare, so through strtod.
template <typename T>
bool ParseHexFloating(std::string_view text, T* out) {
  if (text.size() > 64 || text.find_first_of("pP") == std::string_view::npos) return false;
  std::string copy(text);
  if (std::strchr("fFdD", copy.back()) != nullptr) copy.pop_back();
  char* end = nullptr;
  if constexpr (std::is_same_v<T, float>) {
    *out = std::strtof(copy.c_str(), &end);
  } else {
    *out = std::strtod(copy.c_str(), &end);
  }
  return end == copy.c_str() + copy.size();
}

template <typename T>
bool ParseFloating(std::string_view text, T* out) {
  text = TrimSpaceAndControl(text);
  bool negative = false;
  std::string_view rest = text;
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  size_t end;
  if (ScanFloating(rest, &end)) {
    T value = 0;
    fast_float::from_chars(rest.data(), rest.data() + end, value);  // overflow gives infinity, as in Java
    *out = negative ? -value : value;
    return true;
  }
  if (EqualsIgnoringCase(rest, "inf") || EqualsIgnoringCase(rest, "infinity")) {
    *out = negative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
    return true;
  }
  if (EqualsIgnoringCase(text, "nan") || rest == "NaN") {
    *out = std::numeric_limits<T>::quiet_NaN();
    return true;
  }
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X')) {
    if (!ParseHexFloating(rest, out)) return false;
    if (negative) *out = -*out;
    return true;
  }
  return false;
}

}  // namespace

std::string_view TrimSpaceAndControl(std::string_view text) {
  auto is_trimmed = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 32 || byte == 127;
  };
  while (!text.empty() && is_trimmed(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_trimmed(text.back())) text.remove_suffix(1);
  return text;
}

char* WriteInt64(int64_t value, char* out) { return std::to_chars(out, out + kMaxIntegerText, value).ptr; }
char* WriteDouble(double value, char* out) { return WriteFloating(value, out); }
char* WriteFloat(float value, char* out) { return WriteFloating(value, out); }

std::string DoubleToString(double value) {
  char buffer[kMaxDoubleText];
  return std::string(buffer, WriteDouble(value, buffer));
}

bool ParseInteger(std::string_view text, int64_t min, int64_t max, bool allow_fraction, int64_t* out) {
  text = TrimSpaceAndControl(text);
  if (text.empty()) return false;
  bool negative = false;
  if (text[0] == '+' || text[0] == '-') {
    negative = text[0] == '-';
    text.remove_prefix(1);
    if (text.empty()) return false;
  }
  // Counted downwards, so that the smallest number needs no special care.
  int64_t value = 0;
  size_t at = 0;
  for (; at < text.size() && IsDigit(text[at]); ++at) {
    if (__builtin_mul_overflow(value, int64_t{10}, &value) ||
        __builtin_sub_overflow(value, int64_t{text[at] - '0'}, &value)) {
      return false;
    }
  }
  if (at < text.size()) {
    if (!allow_fraction || text[at] != '.') return false;
    for (size_t i = at + 1; i < text.size(); ++i) {
      if (!IsDigit(text[i])) return false;
    }
  }
  if (!negative && __builtin_sub_overflow(int64_t{0}, value, &value)) return false;
  if (value < min || value > max) return false;
  *out = value;
  return true;
}

bool ParseDouble(std::string_view text, double* out) { return ParseFloating(text, out); }
bool ParseFloat(std::string_view text, float* out) { return ParseFloating(text, out); }

bool ParseBoolean(std::string_view text, bool* out) {
  text = TrimSpaceAndControl(text);
  for (std::string_view word : {"t", "true", "y", "yes", "1"}) {
    if (EqualsIgnoringCase(text, word)) {
      *out = true;
      return true;
    }
  }
  for (std::string_view word : {"f", "false", "n", "no", "0"}) {
    if (EqualsIgnoringCase(text, word)) {
      *out = false;
      return true;
    }
  }
  return false;
}

}  // namespace centella
