// format_string (printf): Java's format specifiers over values of any simple type.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "functions/decimal_digits.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

constexpr int kMostWidth = 1 << 20;  // of one field: hostile widths must not fill the memory

struct Specifier {
  std::string literal;  // text before it
  int argument = -1;    // zero-based; -1 for %n, %% and the tail
  char conversion = 0;  // 0: the tail of the text
  bool left = false, sign = false, space = false, zero = false, group = false, parentheses = false, alternate = false;
  bool upper = false;
  int width = -1, precision = -1;
};

[[noreturn]] void RaiseFormat(const std::string& what) { RaiseUnsupported("format_string with " + what); }

class FormatReader {
 public:
  explicit FormatReader(std::string_view text) : text_(text) {}

  std::vector<Specifier> Read() {
    std::vector<Specifier> out;
    Specifier next;
    while (at_ < text_.size()) {
      if (text_[at_] != '%') {
        next.literal += text_[at_++];
        continue;
      }
      ++at_;
      ReadSpecifier(&next);
      out.push_back(std::move(next));
      next = Specifier();
    }
    out.push_back(std::move(next));
    return out;
  }

 private:
  int Number() {
    if (at_ >= text_.size() || text_[at_] < '0' || text_[at_] > '9') return -1;
    int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = std::min<int64_t>(value * 10 + (text_[at_] - '0'), kMostWidth + 1);
    }
    if (value > kMostWidth) RaiseFormat("a width above 1048576");
    return static_cast<int>(value);
  }

  bool Flag(Specifier* out) {
    switch (text_[at_]) {
      case '-': out->left = true; break;
      case '#': out->alternate = true; break;
      case '+': out->sign = true; break;
      case ' ': out->space = true; break;
      case '0': out->zero = true; break;
      case ',': out->group = true; break;
      case '(': out->parentheses = true; break;
      default: return false;
    }
    ++at_;
    return true;
  }

  void ReadSpecifier(Specifier* out) {
    int index = -1;
    bool again = false;
    const size_t start = at_;
    if (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      index = Number();
      if (at_ < text_.size() && text_[at_] == '$') {
        ++at_;
        if (index == 0) {
          Raise(Condition::INVALID_PARAMETER_VALUE__ZERO_INDEX,
                {{"parameter", "`strfmt`"}, {"functionName", "`format_string`"}});
        }
      } else {
        at_ = start;  // a width, or the flag 0
        index = -1;
      }
    } else if (at_ < text_.size() && text_[at_] == '<') {
      again = true;
      ++at_;
    }
    while (at_ < text_.size() && Flag(out)) {
    }
    out->width = Number();
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      out->precision = Number();
      if (out->precision < 0) RaiseFormat("a point without a precision");
    }
    if (at_ >= text_.size()) RaiseFormat("a % at its end");
    char c = text_[at_++];
    out->upper = c >= 'A' && c <= 'Z';
    if (out->upper && std::string_view("BHSCXEGA").find(c) != std::string_view::npos) c = static_cast<char>(c + 32);
    if (c == '\0' || std::string_view("bhscdoxefga%n").find(c) == std::string_view::npos) {
      RaiseFormat(std::string("the conversion %") + c);
    }
    out->conversion = c;
    if (c == '%' || c == 'n') return;
    out->argument = again ? last_ : index > 0 ? index - 1 : next_++;
    if (out->argument < 0) RaiseFormat("%< before any argument");
    last_ = out->argument;
  }

  std::string_view text_;
  size_t at_ = 0;
  int next_ = 0, last_ = -1;
};

// ---- one value ------------------------------------------------------------------------------------------------------

std::string Pad(const Specifier& spec, std::string text) {
  const int64_t more = spec.width - CountChars(text);
  if (more <= 0) return text;
  return spec.left ? text + std::string(more, ' ') : std::string(more, ' ') + text;
}

std::string Capitals(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// Cut to the precision, in capitals when asked, padded.
std::string General(const Specifier& spec, std::string text) {
  if (spec.precision >= 0) text = std::string(CharRange(text, 0, spec.precision));
  return Pad(spec, spec.upper ? Capitals(std::move(text)) : std::move(text));
}

void Group(std::string* digits) {
  size_t end = digits->find('.');
  if (end == std::string::npos) end = digits->size();
  for (size_t at = end; at > 3; at -= 3) digits->insert(at - 3, 1, ',');
}

// A number's digits with its sign, filled with zeros to the width when asked.
std::string Signed(const Specifier& spec, bool negative, std::string digits) {
  if (spec.group) Group(&digits);
  std::string before = negative ? (spec.parentheses ? "(" : "-") : spec.sign ? "+" : spec.space ? " " : "";
  const std::string after = negative && spec.parentheses ? ")" : "";
  if (spec.zero) {
    const auto size = static_cast<int64_t>(before.size() + digits.size() + after.size());
    if (spec.width > size) digits.insert(0, spec.width - size, '0');
  }
  std::string text = before + digits + after;
  return Pad(spec, spec.upper ? Capitals(std::move(text)) : std::move(text));
}

std::string Unsigned(const Specifier& spec, int64_t value, int bits) {
  uint64_t rest = static_cast<uint64_t>(value);
  if (bits < 64) rest &= (uint64_t{1} << bits) - 1;
  const int shift = spec.conversion == 'x' ? 4 : 3;
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[rest & ((1 << shift) - 1)]);
    rest >>= shift;
  } while (rest != 0);
  const std::string before = !spec.alternate ? "" : spec.conversion == 'x' ? "0x" : "0";
  const auto size = static_cast<int64_t>(before.size() + digits.size());
  if (spec.zero && spec.width > size) digits.insert(0, spec.width - size, '0');
  std::string text = before + digits;
  return Pad(spec, spec.upper ? Capitals(std::move(text)) : std::move(text));
}

std::string Floating(const Specifier& spec, double value, bool is_float) {
  if (!std::isfinite(value)) {
    std::string text = std::isnan(value) ? "NaN" : "Infinity";
    if (std::isinf(value)) text = (value < 0 ? (spec.parentheses ? "(" : "-") : spec.sign ? "+" : "") + text;
    if (std::isinf(value) && value < 0 && spec.parentheses) text += ")";
    return Pad(spec, spec.upper ? Capitals(std::move(text)) : std::move(text));
  }
  int precision = spec.precision < 0 ? 6 : spec.precision;
  DecimalDigits digits = is_float ? DecimalDigits::OfFloat(static_cast<float>(value)) : DecimalDigits::OfDouble(value);
  bool scientific = spec.conversion == 'e';
  if (spec.conversion == 'g') {
    if (precision == 0) precision = 1;
    digits.RoundToDigits(precision);
    const int exponent = digits.zero() ? 0 : digits.exponent();
    scientific = !digits.zero() && (exponent < -4 || exponent >= precision);
    precision = scientific ? precision - 1 : precision - 1 - exponent;
  }
  return Signed(spec, std::signbit(value), scientific ? digits.Scientific(precision) : digits.Plain(precision));
}

int32_t BitsOf(const DataType& type) {
  return type.is(TypeId::kByte) ? 8 : type.is(TypeId::kShort) ? 16 : type.is(TypeId::kLong) ? 64 : 32;
}

// One argument of the call, as Spark's engine holds it: dates are numbers of days, timestamps of microseconds.
class Argument {
 public:
  Argument(const KernelArgs& call, size_t arg, int64_t row)
      : vector_(*call.args[arg]), type_(*call.args[arg]->type()), row_(call.index(arg, row)) {}

  std::string Format(const Specifier& spec) const {
    const bool null = vector_.IsNull(row_);
    if (spec.conversion == 's') return General(spec, null ? "null" : Text());
    if (spec.conversion == 'b') {
      const bool truth = !null && (!type_.is(TypeId::kBoolean) || vector_.data<uint8_t>()[row_] != 0);
      return General(spec, truth ? "true" : "false");
    }
    if (null) return General(spec, "null");
    switch (spec.conversion) {
      case 'd':
      case 'o':
      case 'x': {
        const int64_t value = Integer(spec);
        if (spec.conversion != 'd') return Unsigned(spec, value, Bits());
        std::string digits = std::to_string(value);
        if (value < 0) digits.erase(0, 1);
        return Signed(spec, value < 0, std::move(digits));
      }
      case 'c': {
        const int64_t code = Integer(spec);
        if (code < 0 || code > 0x10FFFF) RaiseFormat("a code that isn't a character's");
        char buffer[4];
        return General(spec, std::string(buffer, WriteCodePoint(static_cast<uint32_t>(code), buffer)));
      }
      case 'e':
      case 'f':
      case 'g':
        if (type_.is(TypeId::kDouble)) return Floating(spec, vector_.data<double>()[row_], false);
        if (type_.is(TypeId::kFloat)) return Floating(spec, vector_.data<float>()[row_], true);
        break;
      default: break;
    }
    Mismatch(spec);
  }

 private:
  [[noreturn]] void Mismatch(const Specifier& spec) const {
    RaiseFormat(std::string("%") + spec.conversion + " of " + type_.ToSql());
  }
  int Bits() const { return type_.is(TypeId::kTimestamp) || type_.is(TypeId::kTimestampNtz) ? 64 : BitsOf(type_); }

  int64_t Integer(const Specifier& spec) const {
    if (type_.is(TypeId::kDecimal)) Mismatch(spec);
    switch (vector_.physical()) {
      case PhysicalType::kInt8: return vector_.data<int8_t>()[row_];
      case PhysicalType::kInt16: return vector_.data<int16_t>()[row_];
      case PhysicalType::kInt32: return vector_.data<int32_t>()[row_];
      case PhysicalType::kInt64: return vector_.data<int64_t>()[row_];
      default: Mismatch(spec);
    }
  }

  std::string Text() const {
    if (type_.is_string()) return std::string(vector_.data<StringView>()[row_].view());
    if (type_.is_nested() || type_.is(TypeId::kBinary)) RaiseFormat("%s of " + type_.ToSql());
    if (type_.is_datetime() || type_.is(TypeId::kTime)) {
      Specifier plain;
      plain.conversion = 's';
      return std::to_string(Integer(plain));
    }
    return ValueToString(vector_.GetValue(row_), TimeZone());
  }

  const Vector& vector_;
  const DataType& type_;
  int64_t row_;
};

std::string FormatRow(const KernelArgs& call, const std::vector<Specifier>& specifiers, int64_t row) {
  std::string out;
  for (const Specifier& spec : specifiers) {
    out += spec.literal;
    if (spec.conversion == 0) break;
    if (spec.conversion == '%' || spec.conversion == 'n') {
      out += spec.conversion == '%' ? Pad(spec, "%") : "\n";
      continue;
    }
    if (static_cast<size_t>(spec.argument) + 1 >= call.args.size())
      RaiseFormat("fewer arguments than its text asks for");
    out += Argument(call, static_cast<size_t>(spec.argument) + 1, row).Format(spec);
    CheckTextSize(static_cast<int64_t>(out.size()), "format_string");
  }
  return out;
}

VectorPtr FormatString(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<StringView>();
  StringHeap heap;
  std::string_view last;
  std::optional<std::vector<Specifier>> specifiers;
  for (int64_t i = 0; i < call.rows; ++i) {
    to[i] = StringView();
    const int64_t at = call.index(0, i);
    if (call.args[0]->IsNull(at)) {
      out->SetNull(i);
      continue;
    }
    const std::string_view text = call.data<StringView>(0)[at].view();
    if (!specifiers.has_value() || text != last) {
      specifiers = FormatReader(text).Read();
      last = text;
    }
    to[i] = heap.Add(FormatRow(call, *specifiers, i));
  }
  heap.MoveTo(*out);
  return out;
}

}  // namespace

void RegisterFormatString(FunctionRegistry& registry) {
  registry.Scalar("format_string", "The text with its specifiers (%s, %d, %.2f …) replaced by the arguments.")
      .Alias("printf")
      .Group("string_funcs")
      .CustomNulls()
      .Nullable([](const BindArgs& args) { return args.nullable[0]; })
      .Example("SELECT format_string('Hello World %d %s', 100, 'days')", "Hello World 100 days")
      .Overload("string, any... -> string", FormatString)
      .CanFail();
}

}  // namespace centella
