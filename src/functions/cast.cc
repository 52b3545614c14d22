// The dispatch of casts to their families, and their errors.
#include "functions/cast.h"

#include <algorithm>
#include <charconv>

#include "functions/cast_kernels.h"

namespace centella {
namespace cast {
namespace {

std::string QuotedType(const TypePtr& type) { return "\"" + type->ToSql() + "\""; }
constexpr const char* kAnsiKey = "\"spark.sql.ansi.enabled\"";

[[noreturn]] void RaiseOverflow(const Spec& spec, const std::string& value) {
  Raise(Condition::CAST_OVERFLOW, {{"value", value},
                                   {"sourceType", QuotedType(spec.from)},
                                   {"targetType", QuotedType(spec.to)},
                                   {"ansiConfig", kAnsiKey}});
}

}  // namespace

bool InvalidInput(const Spec& spec, const std::string& value) {
  if (!spec.ansi()) return false;
  Raise(Condition::CAST_INVALID_INPUT, {{"expression", value},
                                        {"sourceType", QuotedType(spec.from)},
                                        {"targetType", QuotedType(spec.to)},
                                        {"ansiConfig", kAnsiKey}});
}

bool Overflow(const Spec& spec, const std::string& value) {
  if (!spec.ansi()) return false;
  RaiseOverflow(spec, value);
}

bool OverflowAlways(const Spec& spec, const std::string& value) {
  if (spec.mode == EvalMode::kTry) return false;
  RaiseOverflow(spec, value);
}

bool DecimalOverflow(const Spec& spec, const std::string& value) {
  if (!spec.ansi()) return false;
  Raise(Condition::NUMERIC_VALUE_OUT_OF_RANGE__WITH_SUGGESTION, {{"value", value},
                                                                 {"precision", std::to_string(spec.to->precision())},
                                                                 {"scale", std::to_string(spec.to->scale())},
                                                                 {"config", kAnsiKey}});
}

std::string QuoteText(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string PlainNumber(std::string_view text) {
  std::string digits, sign;
  int64_t scale = 0;
  size_t at = 0;
  while (at < text.size() && static_cast<unsigned char>(text[at]) <= ' ') ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
    if (text[at] == '-') sign = "-";
    ++at;
  }
  bool point = false;
  for (; at < text.size() && (text[at] == '.' || (text[at] >= '0' && text[at] <= '9')); ++at) {
    if (text[at] == '.') {
      point = true;
    } else {
      digits += text[at];
      scale += point;
    }
  }
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    int64_t exponent = 0;
    const size_t begin = text[at + 1] == '+' ? at + 2 : at + 1;
    std::from_chars(text.data() + begin, text.data() + text.size(), exponent);
    scale -= exponent;
  }
  if (scale < -1000 || scale > 1000) return std::string(text);  // nobody wants to read that many zeros
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (scale <= 0) {
    digits.append(static_cast<size_t>(-scale), '0');
    return sign + (digits.empty() ? "0" : digits);
  }
  if (digits.size() <= static_cast<size_t>(scale))
    digits.insert(0, static_cast<size_t>(scale) + 1 - digits.size(), '0');
  digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
  return sign + digits;
}

VectorPtr CastPart(const KernelArgs& call, const ScalarKernel& kernel, const VectorPtr& part, const TypePtr& to,
                   const BufferPtr& valid) {
  const VectorPtr flat = Flatten(part);
  const BufferPtr validity = AndValidity(
      flat->physical() == PhysicalType::kNull ? ValidityOf(flat) : flat->validity_buffer(), valid, flat->size());
  const VectorPtr args[] = {flat};
  KernelArgs inner{call.query, call.mode, flat->size(), args, to, validity ? validity->data() : nullptr};
  VectorPtr result = kernel(inner);
  return WithValidity(std::move(result), validity);
}

}  // namespace cast

ScalarKernel FindCast(const TypePtr& from, const TypePtr& to, EvalMode mode) {
  if (from->is(TypeId::kNull)) {
    return [](const KernelArgs& call) { return Vector::MakeNull(call.result_type, call.rows); };
  }
  // The same values under another name: CHAR, VARCHAR and STRING, or only nullability differs.
  if (SameTypeIgnoringNullability(*from, *to) || (from->is_string() && to->is_string()) ||
      (from->is_string() && to->is(TypeId::kBinary))) {
    return [](const KernelArgs& call) -> VectorPtr {
      const VectorPtr flat = Flatten(call.args[0]);
      return Vector::WrapFlat(call.result_type, flat->size(), flat->data_buffer(), flat->validity_buffer(),
                              flat->heaps(), flat->children());
    };
  }
  const cast::Spec spec{from, to, mode};
  if (to->is_string()) {
    if (ScalarKernel kernel = cast::ToStringCast(spec)) return kernel;
  }
  if (CanCast(*from, *to, mode) || CanCast(*from, *to, EvalMode::kLegacy)) {
    for (auto family :
         {cast::FromStringCast, cast::NumericCast, cast::DateTimeCast, cast::IntervalCast, cast::NestedCast}) {
      if (ScalarKernel kernel = family(spec)) return kernel;
    }
  }
  RaiseUnsupported("a cast from " + from->ToSql() + " to " + to->ToSql());
}

}  // namespace centella
