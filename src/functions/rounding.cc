// round, bround, ceil and floor over all numeric types, with Spark's result types.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "functions/decimal_arithmetic.h"
#include "functions/kernels.h"
#include "functions/registry.h"

namespace centella {
namespace {

enum class Rounding { kHalfUp, kHalfEven, kCeiling, kFloor };

int32_t ScaleOf(const KernelArgs& call) { return call.args.size() > 1 && call.rows > 0 ? call.data<int32_t>(1)[0] : 0; }

// How many of a value's `digits` after the point go when it is rounded to `scale`. Scales near the least int, for which Java's
// BigDecimal raises "Underflow", are taken as the largest count: the value becomes zero.
int DroppedDigits(int digits, int32_t scale) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  return static_cast<int>(std::clamp<int64_t>(int64_t{digits} - scale, -kMost, kMost));
}

// Whether dropping `digits[keep..]` rounds the magnitude up.
bool RoundsAway(const char* digits, int count, int keep, Rounding mode) {
  if (keep >= count) return false;
  if (keep < 0) return false;
  if (mode == Rounding::kHalfUp) return digits[keep] >= '5';
  if (digits[keep] != '5') return digits[keep] > '5';
  for (int i = keep + 1; i < count; ++i) {
    if (digits[i] != '0') return true;
  }
  return keep > 0 && (digits[keep - 1] - '0') % 2 == 1;
}

// Rounds the shortest decimal text of a double, as Java's BigDecimal(Double.toString(x)).setScale does.
double RoundDouble(double value, int scale, Rounding mode) {
  if (!std::isfinite(value) || value == 0) return value;
  char text[64];
  auto end = std::to_chars(text, text + sizeof(text), std::fabs(value), std::chars_format::scientific).ptr;
  *end = '\0';  // atoi below reads up to it
  char digits[32];
  int count = 0;
  const char* at = text;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') digits[count++] = *at;
  }
  int exponent = std::atoi(at + 1);  // value = d.ddd * 10^exponent
  const int dropped = DroppedDigits(count - 1 - exponent, scale);
  if (dropped <= 0) return value;
  const int keep = count - dropped;  // digits before the cut
  bool away = RoundsAway(digits, count, keep, mode);
  int64_t head = 0;
  for (int i = 0; i < keep; ++i) head = head * 10 + (digits[i] - '0');
  head += away ? 1 : 0;
  char rounded[64];
  std::snprintf(rounded, sizeof(rounded), "%lldE%d", static_cast<long long>(head), -scale);
  double result = std::strtod(rounded, nullptr);
  return value < 0 && result != 0 ? -result : result;
}

template <typename T, Rounding mode>
VectorPtr RoundFloating(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  T* to = out->mutable_data<T>();
  int32_t scale = ScaleOf(call);
  ArgumentValues<T> values(*call.args[0]);
  for (int64_t i = 0; i < call.rows; ++i) to[i] = T{};
  ForLive(call, [&](int64_t i) { to[i] = static_cast<T>(RoundDouble(static_cast<double>(values[i]), scale, mode)); });
  return out;
}

int128_t RoundBy(int128_t value, int digits, Rounding mode) {
  if (digits <= 0) return value;
  if (digits > 38) return 0;
  if (mode == Rounding::kHalfUp) return RoundHalfUp(value, digits);
  if (mode == Rounding::kHalfEven) return RoundHalfEven(value, digits);
  int128_t power = PowerOfTen(digits);
  int128_t quotient = value / power, rest = value % power;
  if (mode == Rounding::kCeiling && rest > 0) ++quotient;
  if (mode == Rounding::kFloor && rest < 0) --quotient;
  return quotient;
}

template <typename T, Rounding mode>
VectorPtr RoundInteger(const KernelArgs& call) {
  int32_t scale = ScaleOf(call);
  if (scale >= 0) return call.args[0];
  const int drop = DroppedDigits(0, scale);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  T* to = out->mutable_data<T>();
  ArgumentValues<T> values(*call.args[0]);
  ForLive(call, [&](int64_t i) {
    const int128_t rounded = drop > 19 ? 0 : RoundBy(values[i], drop, mode) * PowerOfTen(drop);
    to[i] = static_cast<T>(rounded);
    if (to[i] != rounded && call.mode == EvalMode::kAnsi) {
      Raise(Condition::ARITHMETIC_OVERFLOW,
            {{"message", "Overflow"}, {"alternative", ""}, {"config", "\"spark.sql.ansi.enabled\""}});
    }
  });
  return out;
}

template <Rounding mode>
VectorPtr RoundDecimal(const KernelArgs& call) {
  const DataType& from = *call.args[0]->type();
  const DataType& type = *call.result_type;
  int32_t scale = ScaleOf(call);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  bool narrow_in = from.physical() == PhysicalType::kInt64, narrow_out = type.physical() == PhysicalType::kInt64;
  const int drop = DroppedDigits(from.scale(), scale);
  ForLive(call, [&](int64_t i) {
    int64_t at = call.index(0, i);
    int128_t value = narrow_in ? int128_t{call.data<int64_t>(0)[at]} : call.data<int128_t>(0)[at];
    value = RoundBy(value, drop, mode);
    Wide wide = Widen(value);
    if (scale < 0 && value != 0) ScaleUp(wide, drop - from.scale());
    int128_t result = 0;
    if (!Narrow(wide, type.precision(), &result)) {
      if (call.mode == EvalMode::kAnsi) RaiseDecimalOverflow(wide, type.scale(), type);
      out->SetNull(i);
    }
    if (narrow_out) {
      out->mutable_data<int64_t>()[i] = static_cast<int64_t>(result);
    } else {
      out->mutable_data<int128_t>()[i] = result;
    }
  });
  return out;
}

TypePtr RoundedType(const BindArgs& args) {
  const DataType& type = *args.types[0];
  int64_t scale = 0;
  if (args.constants.size() > 1 && args.constants[1] != nullptr && !args.constants[1]->is_null()) {
    scale = args.constants[1]->integer();
  }
  int integer_digits = type.precision() - type.scale() + 1;
  if (scale < 0) {
    int64_t precision = std::max<int64_t>(integer_digits, std::min<int64_t>(-scale, 38) + 1);
    return types::Decimal(static_cast<int>(std::min<int64_t>(precision, 38)), 0);
  }
  int kept = static_cast<int>(std::min<int64_t>(type.scale(), scale));
  return types::Decimal(std::min(integer_digits + kept, 38), kept);
}

// ceil(decimal) without a scale.
TypePtr WholeType(const BindArgs& args) {
  const DataType& type = *args.types[0];
  if (type.scale() == 0) return args.types[0];
  return types::Decimal(std::min(38, type.precision() - type.scale() + 1), 0);
}

int64_t ToLong(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 9223372036854775807.0) return std::numeric_limits<int64_t>::max();
  if (value <= -9223372036854775808.0) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

template <Rounding mode>
void RegisterRound(FunctionBuilder builder) {
  builder.Group("math_funcs").AlwaysNullable();
  for (const char* scale : {"", ", int"}) {
    auto signature = [&](const char* type) { return std::string(type) + scale + " -> " + type; };
    builder.Overload(signature("tinyint"), RoundInteger<int8_t, mode>).CanFailAnsi();
    builder.Overload(signature("smallint"), RoundInteger<int16_t, mode>).CanFailAnsi();
    builder.Overload(signature("int"), RoundInteger<int32_t, mode>).CanFailAnsi();
    builder.Overload(signature("bigint"), RoundInteger<int64_t, mode>).CanFailAnsi();
    builder.Overload(std::string("decimal") + scale + " -> ?", RoundDecimal<mode>)
        .ResultType(RoundedType)
        .CanFailAnsi();
    builder.Overload(signature("float"), RoundFloating<float, mode>);
    builder.Overload(signature("double"), RoundFloating<double, mode>);
  }
}

}  // namespace

void RegisterRoundingFunctions(FunctionRegistry& registry) {
  FunctionBuilder round = registry.Scalar("round", "The value rounded to a number of digits, halves away from zero.");
  round.Example("SELECT round(2.5, 0)", "3");
  RegisterRound<Rounding::kHalfUp>(round);
  FunctionBuilder bround = registry.Scalar("bround", "The value rounded to a number of digits, halves to even.");
  bround.Example("SELECT bround(2.5, 0)", "2");
  RegisterRound<Rounding::kHalfEven>(bround);
  auto same = [](const KernelArgs& call) { return call.args[0]; };
  FunctionBuilder ceil = registry.Scalar("ceil", "The least whole number that isn't less than the value.");
  ceil.Alias("ceiling").Group("math_funcs").AlwaysNullable().Example("SELECT ceil(-0.1)", "0");
  ceil.Overload("bigint -> bigint", same);
  ceil.Overload("decimal -> ?", RoundDecimal<Rounding::kCeiling>).ResultType(WholeType);
  ceil.Overload("double -> bigint", Unary<double, int64_t, [](double x) { return ToLong(std::ceil(x)); }>);
  ceil.Overload("decimal, int -> ?", RoundDecimal<Rounding::kCeiling>).ResultType(RoundedType).CanFailAnsi();
  FunctionBuilder floor = registry.Scalar("floor", "The greatest whole number that isn't greater than the value.");
  floor.Group("math_funcs").AlwaysNullable().Example("SELECT floor(-0.1)", "-1");
  floor.Overload("bigint -> bigint", same);
  floor.Overload("decimal -> ?", RoundDecimal<Rounding::kFloor>).ResultType(WholeType);
  floor.Overload("double -> bigint", Unary<double, int64_t, [](double x) { return ToLong(std::floor(x)); }>);
  floor.Overload("decimal, int -> ?", RoundDecimal<Rounding::kFloor>).ResultType(RoundedType).CanFailAnsi();
}

}  // namespace centella
