// format_number: by a number of places, or by a pattern of Java's DecimalFormat.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/decimal.h"

namespace centella {
namespace {

// A pattern's parts; '#,##0.00' is what a number of places means.
struct Pattern {
  std::string prefix, suffix, negative_prefix = "-", negative_suffix;
  int group = 3;  // 0: none
  int whole = 1;  // least digits before the point
  int least = 0;  // digits after the point
  int most = 0;
  int factor = 1;  // 100 for percents, 1000 for per milles
  bool point = false;
};

class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : text_(text) {}

  Pattern Read() {
    Pattern out;
    out.group = 0;
    out.prefix = Affix(&out);
    Digits(&out);
    out.suffix = Affix(&out);
    out.negative_prefix = "-" + out.prefix;
    out.negative_suffix = out.suffix;
    if (at_ < text_.size() && text_[at_] == ';') {
      ++at_;
      Pattern negative;
      out.negative_prefix = Affix(&negative);
      while (at_ < text_.size() && IsNumberPart(text_[at_])) ++at_;
      out.negative_suffix = Affix(&negative);
    }
    if (at_ < text_.size()) RaiseUnsupported("format_number with the pattern " + std::string(text_));
    return out;
  }

 private:
  static bool IsNumberPart(char c) { return c == '#' || c == '0' || c == ',' || c == '.'; }

  // Text before or behind the number; quotes make its characters plain.
  std::string Affix(Pattern* out) {
    std::string affix;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\'') {
        const size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) RaiseUnsupported("format_number with an open quote in its pattern");
        affix += end == at_ + 1 ? "'" : std::string(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end;
        continue;
      }
      if (c == ';' || IsNumberPart(c)) break;
      if (c == '%') out->factor = 100;
      affix += c;
    }
    return affix;
  }

  void Digits(Pattern* out) {
    int hashes = 0, zeros = 0, hashes_after = 0, places = 0, point = -1, comma = -1;
    for (; at_ < text_.size() && IsNumberPart(text_[at_]); ++at_) {
      const char c = text_[at_];
      if (c == ',') {
        comma = places;
      } else if (c == '.') {
        if (point >= 0) RaiseUnsupported("format_number with two points in its pattern");
        point = places;
      } else {
        ++places;
        if (c == '0') {
          if (hashes_after > 0) RaiseUnsupported("format_number with the pattern " + std::string(text_));
          ++zeros;
        } else {
          ++(zeros > 0 ? hashes_after : hashes);
        }
      }
    }
    if (at_ < text_.size() && text_[at_] == 'E') RaiseUnsupported("format_number with an exponent in its pattern");
    if (zeros == 0 && hashes > 0 && point >= 0) {
      const int whole = std::max(point, 1);
      hashes = whole - 1;
      zeros = 1;
    }
    const int end = point >= 0 ? point : places;
    out->whole = places == 0 ? 0 : std::max(0, end - hashes);
    out->most = point >= 0 ? places - point : 0;
    out->least = point >= 0 ? std::clamp(hashes + zeros - point, 0, out->most) : 0;
    out->group = comma >= 0 ? end - comma : 0;
    out->point = point == places && point >= 0;
    if (places == 0 && point < 0) out->most = 340;
    if (out->whole == 0 && out->most == 0) out->whole = 1;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// The text of a plain number ("-1234.500") in a pattern.
std::string Dress(const Pattern& pattern, std::string_view plain) {
  const bool negative = plain.starts_with('-');
  if (negative) plain.remove_prefix(1);
  std::string whole(plain.substr(0, plain.find('.')));
  std::string fraction(plain.find('.') == std::string_view::npos ? "" : plain.substr(plain.find('.') + 1));
  while (static_cast<int>(fraction.size()) > pattern.least && fraction.ends_with('0')) fraction.pop_back();
  if (static_cast<int>(fraction.size()) < pattern.least) fraction.append(pattern.least - fraction.size(), '0');
  if (whole == "0") whole.clear();
  if (static_cast<int>(whole.size()) < pattern.whole) whole.insert(0, pattern.whole - whole.size(), '0');
  if (whole.empty() && fraction.empty()) whole = "0";
  if (pattern.group > 0) {
    for (auto at = static_cast<int>(whole.size()); at > pattern.group; at -= pattern.group) {
      whole.insert(at - pattern.group, 1, ',');
    }
  }
  std::string out = negative ? pattern.negative_prefix : pattern.prefix;
  out += whole;
  if (!fraction.empty() || pattern.point) out += "." + fraction;
  return out + (negative ? pattern.negative_suffix : pattern.suffix);
}

// The exact decimal digits of a double rounded half to even.
std::string OfDouble(const Pattern& pattern, double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) {
    return value < 0 ? pattern.negative_prefix + "∞" + pattern.negative_suffix : pattern.prefix + "∞" + pattern.suffix;
  }
  char buffer[512];
  std::snprintf(buffer, sizeof(buffer), "%.*f", std::min(pattern.most, 100), value * pattern.factor);
  return Dress(pattern, buffer);
}

std::string OfDecimal(const Pattern& pattern, int128_t value, int scale) {
  for (int factor = pattern.factor; factor > 1; factor /= 10) {
    if (scale > 0) {
      --scale;
    } else if (__builtin_mul_overflow(value, int128_t{10}, &value)) {
      RaiseUnsupported("format_number of so large a percentage");
    }
  }
  if (pattern.most >= scale) return Dress(pattern, DecimalToString(value, scale));
  const int128_t power = kPowersOfTen[scale - pattern.most];
  int128_t quotient = value / power;
  const uint128_t rest = Magnitude(value % power), half = static_cast<uint128_t>(power) / 2;
  if (rest > half || (rest == half && quotient % 2 != 0)) quotient += value < 0 ? -1 : 1;
  const std::string plain = DecimalToString(quotient, pattern.most);
  return Dress(pattern, value < 0 && quotient == 0 ? "-" + plain : plain);
}

std::string FormatValue(const Pattern& pattern, const KernelArgs& call, int64_t at) {
  const DataType& type = *call.args[0]->type();
  switch (type.physical()) {
    case PhysicalType::kFloat: return OfDouble(pattern, call.data<float>(0)[at]);
    case PhysicalType::kDouble: return OfDouble(pattern, call.data<double>(0)[at]);
    case PhysicalType::kInt8: return OfDecimal(pattern, call.data<int8_t>(0)[at], 0);
    case PhysicalType::kInt16: return OfDecimal(pattern, call.data<int16_t>(0)[at], 0);
    case PhysicalType::kInt32: return OfDecimal(pattern, call.data<int32_t>(0)[at], 0);
    case PhysicalType::kInt64:
      return OfDecimal(pattern, call.data<int64_t>(0)[at], type.is(TypeId::kDecimal) ? type.scale() : 0);
    default: return OfDecimal(pattern, call.data<int128_t>(0)[at], type.scale());
  }
}

VectorPtr ByPlaces(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  Pattern pattern;
  ForLive(call, [&](int64_t i) {
    const int32_t places = call.data<int32_t>(1)[call.index(1, i)];
    if (places < 0) {
      out->SetNull(i);
      return;
    }
    if (places > 1000) RaiseUnsupported("format_number with more than 1000 places");
    pattern.least = pattern.most = places;
    out->mutable_data<StringView>()[i] = heap.Add(FormatValue(pattern, call, call.index(0, i)));
  });
  heap.MoveTo(*out);
  return out;
}

VectorPtr ByPattern(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  Pattern pattern;
  std::string_view known;
  bool read = false;
  ForLive(call, [&](int64_t i) {
    const std::string_view text = call.data<StringView>(1)[call.index(1, i)].view();
    if (!read || text != known) {
      pattern = text.empty() ? Pattern() : PatternReader(text).Read();
      known = text;
      read = true;
    }
    out->mutable_data<StringView>()[i] = heap.Add(FormatValue(pattern, call, call.index(0, i)));
  });
  heap.MoveTo(*out);
  return out;
}

}  // namespace

void RegisterFormatNumber(FunctionRegistry& registry) {
  registry
      .Scalar("format_number", "The number rounded to so many places with commas between thousands, or by a pattern.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT format_number(12332.123456, 4)", "12,332.1235")
      .Overload("numeric, int -> string", ByPlaces)
      .CanFail()
      .Overload("numeric, string -> string", ByPattern)
      .CanFail();
}

}  // namespace centella
