// Mathematical functions over doubles, and conversions of number bases.
#include <algorithm>
#include <cmath>
#include <limits>

#include "functions/cube_root.h"
#include "functions/kernels.h"
#include "functions/registry.h"

namespace centella {
namespace {

constexpr const char* kAnsiKey = "\"spark.sql.ansi.enabled\"";

template <auto op>
void Add(FunctionRegistry& registry, const char* name, const char* doc, const char* example = "",
         const char* result = "") {
  registry.Scalar(name, doc)
      .Group("math_funcs")
      .AlwaysNullable()
      .Example(example, result)
      .Overload("double -> double", Unary<double, double, op>);
}

// Logarithms are NULL at and below their pole.
template <auto op, int pole>
VectorPtr Logarithm(const KernelArgs& call) {
  return UnaryMaybe<double, double, [](const KernelArgs&, double x, double& out) {
    if (x <= pole) return false;
    out = op(x);
    return true;
  }>(call);
}

bool LogOfBase(const KernelArgs&, double base, double x, double& out) {
  if (base <= 0 || x <= 0) return false;
  out = std::log(x) / std::log(base);
  return true;
}

bool Factorial(const KernelArgs&, int32_t n, int64_t& out) {
  if (n < 0 || n > 20) return false;
  out = 1;
  for (int32_t i = 2; i <= n; ++i) out *= i;
  return true;
}

template <auto op>
VectorPtr Pair(const KernelArgs& call) {
  return Binary<double, double, double, op>(call);
}

VectorPtr WidthBucket(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<int64_t>();
  ArgumentValues<double> value(*call.args[0]), low(*call.args[1]), high(*call.args[2]);
  ArgumentValues<int64_t> buckets(*call.args[3]);
  ForLive(call, [&](int64_t i) {
    double v = value[i], a = low[i], b = high[i];
    int64_t n = buckets[i];
    to[i] = 0;
    if (n <= 0 || n == std::numeric_limits<int64_t>::max() || std::isnan(v) || a == b || !std::isfinite(a) ||
        !std::isfinite(b)) {
      return out->SetNull(i);
    }
    double lower = std::min(a, b), upper = std::max(a, b);
    bool ascending = a < b;
    if (v < lower || (!ascending && v == lower)) {
      to[i] = ascending ? 0 : n + 1;
    } else if (v > upper || (ascending && v == upper)) {
      to[i] = ascending ? n + 1 : 0;
    } else if (ascending) {
      to[i] = static_cast<int64_t>(static_cast<double>(n) * (v - lower) / (upper - lower)) + 1;
    } else {
      to[i] = static_cast<int64_t>(static_cast<double>(n) * (upper - v) / (upper - lower)) + 1;
    }
  });
  return out;
}

StringView Bin(const KernelArgs&, int64_t value, StringHeap& heap) {
  char digits[64];
  int at = 64;
  auto rest = static_cast<uint64_t>(value);
  do {
    digits[--at] = static_cast<char>('0' + (rest & 1));
    rest >>= 1;
  } while (rest != 0);
  return heap.Add({digits + at, static_cast<size_t>(64 - at)});
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

// Digits of base `from` up to the first that isn't one, written in base |to|; signed when `to` is negative.
bool ConvertBase(const KernelArgs& call, std::string_view text, int from, int to, std::string& out) {
  if (from < 2 || from > 36 || to < -36 || to > 36 || (to > -2 && to < 2)) return false;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.empty()) return false;
  bool negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  uint64_t value = 0;
  bool overflow = false;
  for (char c : text) {
    int digit = DigitOf(c);
    if (digit >= from) break;
    overflow |= __builtin_mul_overflow(value, static_cast<uint64_t>(from), &value);
    overflow |= __builtin_add_overflow(value, static_cast<uint64_t>(digit), &value);
  }
  if (overflow) {
    if (call.mode == EvalMode::kAnsi) {
      Raise(Condition::ARITHMETIC_OVERFLOW,
            {{"message", "Overflow in function conv()"}, {"alternative", ""}, {"config", kAnsiKey}});
    }
    value = ~uint64_t{0};
  }
  if (negative && to > 0) value = static_cast<int64_t>(value) < 0 ? ~uint64_t{0} : ~value + 1;
  if (to < 0 && static_cast<int64_t>(value) < 0) {
    value = ~value + 1;
    negative = true;
  }
  out.clear();
  auto base = static_cast<uint64_t>(std::abs(to));
  do {
    out.push_back("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % base]);
    value /= base;
  } while (value != 0);
  if (negative && to < 0) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return true;
}

VectorPtr Conv(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<StringView>();
  ArgumentValues<StringView> text(*call.args[0]);
  ArgumentValues<int32_t> from_base(*call.args[1]), to_base(*call.args[2]);
  StringHeap heap;
  std::string digits;
  for (int64_t i = 0; i < call.rows; ++i) {
    to[i] = StringView();
    if (!call.IsLive(i)) continue;
    if (ConvertBase(call, text[i].view(), from_base[i], to_base[i], digits)) {
      to[i] = heap.Add(digits);
    } else {
      out->SetNull(i);
    }
  }
  heap.MoveTo(*out);
  return out;
}

void RegisterTrigonometry(FunctionRegistry& registry) {
  Add<[](double x) { return std::sin(x); }>(registry, "sin", "The sine.", "SELECT sin(0)", "0.0");
  Add<[](double x) { return std::cos(x); }>(registry, "cos", "The cosine.", "SELECT cos(0)", "1.0");
  Add<[](double x) { return std::tan(x); }>(registry, "tan", "The tangent.", "SELECT tan(0)", "0.0");
  Add<[](double x) { return 1.0 / std::tan(x); }>(registry, "cot", "The cotangent.");
  Add<[](double x) { return 1.0 / std::cos(x); }>(registry, "sec", "The secant.", "SELECT sec(0)", "1.0");
  Add<[](double x) { return 1.0 / std::sin(x); }>(registry, "csc", "The cosecant.");
  Add<[](double x) { return std::asin(x); }>(registry, "asin", "The arc sine.", "SELECT asin(0)", "0.0");
  Add<[](double x) { return std::acos(x); }>(registry, "acos", "The arc cosine.", "SELECT acos(1)", "0.0");
  Add<[](double x) { return std::atan(x); }>(registry, "atan", "The arc tangent.", "SELECT atan(0)", "0.0");
  Add<[](double x) { return std::sinh(x); }>(registry, "sinh", "The hyperbolic sine.", "SELECT sinh(0)", "0.0");
  Add<[](double x) { return std::cosh(x); }>(registry, "cosh", "The hyperbolic cosine.", "SELECT cosh(0)", "1.0");
  Add<[](double x) { return std::tanh(x); }>(registry, "tanh", "The hyperbolic tangent.", "SELECT tanh(0)", "0.0");
  Add<[](double x) { return std::asinh(x); }>(registry, "asinh", "The inverse hyperbolic sine.");
  Add<[](double x) { return std::acosh(x); }>(registry, "acosh", "The inverse hyperbolic cosine.");
  Add<[](double x) { return std::atanh(x); }>(registry, "atanh", "The inverse hyperbolic tangent.");
  Add<[](double x) { return x * 57.29577951308232; }>(registry, "degrees", "Radians as degrees.");
  Add<[](double x) { return x * 0.017453292519943295; }>(registry, "radians", "Degrees as radians.");
  registry.Scalar("atan2", "The angle of a point.")
      .Group("math_funcs")
      .Example("SELECT atan2(0, 0)", "0.0")
      .Overload("double, double -> double", Pair<[](double y, double x) { return std::atan2(y + 0.0, x + 0.0); }>);
  registry.Scalar("hypot", "The length of the hypotenuse.")
      .Group("math_funcs")
      .Example("SELECT hypot(3, 4)", "5.0")
      .Overload("double, double -> double", Pair<[](double a, double b) { return std::hypot(a, b); }>);
}

void RegisterLogarithms(FunctionRegistry& registry) {
  registry.Scalar("ln", "The natural logarithm; NULL at 0 and below.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT ln(1)", "0.0")
      .Overload("double -> double", Logarithm<[](double x) { return std::log(x); }, 0>);
  registry.Scalar("log", "The logarithm to the base e, or to the first of two arguments.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT log(10, 100)", "2.0")
      .Overload("double -> double", Logarithm<[](double x) { return std::log(x); }, 0>)
      .Overload("double, double -> double", BinaryMaybe<double, double, double, LogOfBase>);
  registry.Scalar("log10", "The logarithm to the base 10.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT log10(10)", "1.0")
      .Overload("double -> double", Logarithm<[](double x) { return std::log10(x); }, 0>);
  registry.Scalar("log2", "The logarithm to the base 2.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT log2(2)", "1.0")
      .Overload("double -> double", Logarithm<[](double x) { return std::log2(x); }, 0>);
  registry.Scalar("log1p", "The natural logarithm of one more than the value.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT log1p(0)", "0.0")
      .Overload("double -> double", Logarithm<[](double x) { return std::log1p(x); }, -1>);
}

}  // namespace

void RegisterMathFunctions(FunctionRegistry& registry) {
  RegisterTrigonometry(registry);
  RegisterLogarithms(registry);
  Add<[](double x) { return std::sqrt(x); }>(registry, "sqrt", "The square root.", "SELECT sqrt(4)", "2.0");
  Add<CubeRoot>(registry, "cbrt", "The cube root.", "SELECT cbrt(27.0)", "3.0");
  Add<[](double x) { return std::exp(x); }>(registry, "exp", "e to the power of the value.", "SELECT exp(0)", "1.0");
  Add<[](double x) { return std::expm1(x); }>(registry, "expm1", "e to the power of the value, less one.",
                                              "SELECT expm1(0)", "0.0");
  Add<[](double x) { return std::nearbyint(x); }>(registry, "rint", "The nearest whole number, halves to even.",
                                                  "SELECT rint(12.3456)", "12.0");
  FunctionBuilder sign = registry.Scalar("signum", "-1, 0 or 1 by the sign of the value.");
  constexpr auto signum = [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; };
  sign.Alias("sign").Group("math_funcs").AlwaysNullable().Example("SELECT sign(40)", "1.0");
  sign.Overload("double -> double", Unary<double, double, signum>);
  sign.Overload("interval year to month -> double", Unary<int32_t, double, signum>);
  sign.Overload("interval day to second -> double", Unary<int64_t, double, signum>);
  registry.Scalar("pow", "The first value to the power of the second.")
      .Alias("power")
      .Group("math_funcs")
      .Example("SELECT pow(2, 3)", "8.0")
      .Overload("double, double -> double", Pair<[](double a, double b) { return std::pow(a, b); }>);
  registry.Scalar("pi", "Pi.")
      .Group("math_funcs")
      .Example("SELECT pi()", "3.141592653589793")
      .Overload("-> double", [](const KernelArgs& c) { return Vector::MakeConstant(Value::Double(M_PI), c.rows); });
  registry.Scalar("e", "Euler's number.")
      .Group("math_funcs")
      .Example("SELECT e()", "2.718281828459045")
      .Overload("-> double", [](const KernelArgs& c) { return Vector::MakeConstant(Value::Double(M_E), c.rows); });
  registry.Scalar("factorial", "n!, for 0 to 20.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT factorial(5)", "120")
      .Overload("int -> bigint", UnaryMaybe<int32_t, int64_t, Factorial>);
  registry.Scalar("width_bucket", "The number of the equal-width bucket that a value falls into.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT width_bucket(5.3, 0.2, 10.6, 5)", "3")
      .Overload("double, double, double, bigint -> bigint", WidthBucket);
  registry.Scalar("bin", "The binary digits of a number.")
      .Group("math_funcs")
      .Example("SELECT bin(13)", "1101")
      .Overload("bigint -> string", UnaryText<int64_t, Bin>);
  registry.Scalar("conv", "A number's digits in another base.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT conv('100', 2, 10)", "4")
      .Overload("string, int, int -> string", Conv)
      .CanFailAnsi();
}

}  // namespace centella
