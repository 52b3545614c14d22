// Arithmetic of integers and doubles: + - * / % div pmod, unary minus, abs, and their try_ forms. Decimals are in
// decimal_operators.cc; dates and intervals add their overloads in the datetime family.
#include <algorithm>
#include <cmath>

#include "base/simd.h"
#include "functions/kernels.h"
#include "functions/magnitude.h"
#include "functions/registry.h"
#include "functions/try_kernel.h"

namespace centella {
namespace {

constexpr const char* kAnsiKey = "\"spark.sql.ansi.enabled\"";

[[noreturn]] void RaiseOverflow(const char* message, const char* try_function) {
  std::string alternative;
  if (try_function[0] != 0) {
    alternative = " Use '" + std::string(try_function) + "' to tolerate overflow and return NULL instead.";
  }
  Raise(Condition::ARITHMETIC_OVERFLOW, {{"message", message}, {"alternative", alternative}, {"config", kAnsiKey}});
}

[[noreturn]] void RaiseSmallOverflow(int64_t a, const char* symbol, int64_t b, const char* try_function) {
  Raise(Condition::BINARY_ARITHMETIC_OVERFLOW, {{"value1", std::to_string(a) + "S"},
                                                {"symbol", symbol},
                                                {"value2", std::to_string(b) + "S"},
                                                {"functionName", "`" + std::string(try_function) + "`"}});
}

struct Add {
  static constexpr const char* kSymbol = "+";
  static constexpr const char* kTry = "try_add";
  // The wrapped result, and a number that is negative when it overflowed: no carry, so that loops vectorise.
  template <typename T>
  static T Wrapped(T a, T b, T* out) {
    using U = std::make_unsigned_t<T>;
    *out = static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
    return static_cast<T>((a ^ *out) & (b ^ *out));
  }
  static double Apply(double a, double b) { return a + b; }
  static float Apply(float a, float b) { return a + b; }
};
struct Subtract {
  static constexpr const char* kSymbol = "-";
  static constexpr const char* kTry = "try_subtract";
  template <typename T>
  static T Wrapped(T a, T b, T* out) {
    using U = std::make_unsigned_t<T>;
    *out = static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
    return static_cast<T>((a ^ b) & (a ^ *out));
  }
  static double Apply(double a, double b) { return a - b; }
  static float Apply(float a, float b) { return a - b; }
};
struct Multiply {
  static constexpr const char* kSymbol = "*";
  static constexpr const char* kTry = "try_multiply";
  template <typename T>
  static T Wrapped(T a, T b, T* out) {
    if constexpr (sizeof(T) == 8) {
      return -static_cast<T>(__builtin_mul_overflow(a, b, out));
    } else {
      const int64_t wide = static_cast<int64_t>(a) * b;
      *out = static_cast<T>(wide);
      return -static_cast<T>(wide != *out);
    }
  }
  static double Apply(double a, double b) { return a * b; }
  static float Apply(float a, float b) { return a * b; }
};

// Products without a test each, which only for 64 bits keeps the loop from being vectorised: false, after the fact, when the
// factors' sizes don't rule out that one overflowed. b_constant: b has one value.
CENTELLA_WIDE_LOOPS bool MultiplySmall(const int64_t* a, const int64_t* b, bool b_constant, int64_t n,
                                       int64_t* __restrict out) {
  uint64_t a_bits = 0, b_bits = 0;
  if (b_constant) {
    const uint64_t y = static_cast<uint64_t>(b[0]);
    b_bits = Magnitude(b[0]);
    for (int64_t i = 0; i < n; ++i) {
      a_bits |= Magnitude(a[i]);
      out[i] = static_cast<int64_t>(static_cast<uint64_t>(a[i]) * y);
    }
  } else {
    for (int64_t i = 0; i < n; ++i) {
      a_bits |= Magnitude(a[i]);
      b_bits |= Magnitude(b[i]);
      out[i] = static_cast<int64_t>(static_cast<uint64_t>(a[i]) * static_cast<uint64_t>(b[i]));
    }
  }
  return ProductsFit(a_bits, b_bits);
}

// Wraps around and tells whether any row overflowed (null rows too; the caller looks closer then).
template <typename Op, typename T>
CENTELLA_WIDE_LOOPS bool WrappingLoop(const T* a, bool a_constant, const T* b, bool b_constant, int64_t n,
                                      T* __restrict out) {
  T bad = 0;
  if (!a_constant && !b_constant) {
    for (int64_t i = 0; i < n; ++i) bad |= Op::Wrapped(a[i], b[i], &out[i]);
  } else if (!a_constant) {
    const T y = b[0];
    for (int64_t i = 0; i < n; ++i) bad |= Op::Wrapped(a[i], y, &out[i]);
  } else if (!b_constant) {
    const T x = a[0];
    for (int64_t i = 0; i < n; ++i) bad |= Op::Wrapped(x, b[i], &out[i]);
  } else {
    T result;
    bad = Op::Wrapped(a[0], b[0], &result);
    std::fill_n(out, n, result);
  }
  return bad < 0;
}

template <typename Op, typename T>
bool IntegerLoop(const KernelArgs& call, T* out) {
  const T* a = call.data<T>(0);
  const T* b = call.data<T>(1);
  const int64_t n = call.rows;
  bool a_constant = call.args[0]->is_constant(), b_constant = call.args[1]->is_constant();
  if constexpr (std::is_same_v<Op, Multiply> && sizeof(T) == 8) {
    if (a_constant) {
      std::swap(a, b);
      std::swap(a_constant, b_constant);
    }
    if (!a_constant && MultiplySmall(a, b, b_constant, n, out)) return false;
  }
  return WrappingLoop<Op>(a, a_constant, b, b_constant, n, out);
}

template <typename Op, typename T>
VectorPtr IntegerKernel(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  bool bad = IntegerLoop<Op>(call, out->mutable_data<T>());
  if (!bad || call.mode == EvalMode::kLegacy) return out;
  ArgumentValues<T> a(*call.args[0]), b(*call.args[1]);
  ForLive(call, [&](int64_t i) {
    T ignored;
    if (Op::Wrapped(a[i], b[i], &ignored) >= 0) return;
    if (call.mode == EvalMode::kTry) {
      out->SetNull(i);
    } else if (sizeof(T) < 4) {
      RaiseSmallOverflow(a[i], Op::kSymbol, b[i], Op::kTry);
    } else {
      RaiseOverflow("overflow", Op::kTry);
    }
  });
  return out;
}

template <typename Op, typename T>
VectorPtr FloatKernel(const KernelArgs& call) {
  return Binary<T, T, T, [](T a, T b) { return Op::Apply(a, b); }>(call);
}

// ---- division -----------------------------------------------------------------------------------------------------

bool ByZero(const KernelArgs& call, Condition condition) {
  if (call.mode == EvalMode::kAnsi) Raise(condition, {{"config", kAnsiKey}});
  return false;
}

bool DivideDoubles(const KernelArgs& call, double a, double b, double& out) {
  if (b == 0) return ByZero(call, Condition::DIVIDE_BY_ZERO);
  out = a / b;
  return true;
}

bool DivideLongs(const KernelArgs& call, int64_t a, int64_t b, int64_t& out) {
  if (b == 0) return ByZero(call, Condition::DIVIDE_BY_ZERO);
  if (b == -1) {
    if (__builtin_sub_overflow(int64_t{0}, a, &out)) {
      if (call.mode == EvalMode::kAnsi) RaiseOverflow("Overflow in integral divide", "try_divide");
      return call.mode == EvalMode::kLegacy;
    }
    return true;
  }
  out = a / b;
  return true;
}

template <typename T>
T RemainderOf(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    return b == -1 ? T{0} : static_cast<T>(a % b);
  }
}

template <typename T>
bool ModKernel(const KernelArgs& call, T a, T b, T& out) {
  if (b == 0) return ByZero(call, Condition::REMAINDER_BY_ZERO);
  out = RemainderOf(a, b);
  return true;
}

template <typename T>
bool PmodKernel(const KernelArgs& call, T a, T b, T& out) {
  if (b == 0) return ByZero(call, Condition::REMAINDER_BY_ZERO);
  T rest = RemainderOf(a, b);
  if (rest < 0) {
    if constexpr (std::is_floating_point_v<T>) {
      rest = RemainderOf<T>(rest + b, b);
    } else {
      T sum;
      (void)__builtin_add_overflow(rest, b, &sum);  // wraps as Java's does
      rest = RemainderOf(sum, b);
    }
  }
  out = rest;
  return true;
}

// ---- unary --------------------------------------------------------------------------------------------------------

template <typename T>
bool Negate(const KernelArgs& call, T a, T& out) {
  if (__builtin_sub_overflow(T{0}, a, &out) && call.mode != EvalMode::kLegacy) {
    if (call.mode == EvalMode::kTry) return false;
    RaiseOverflow("overflow", "");
  }
  return true;
}

template <typename T>
bool Absolute(const KernelArgs& call, T a, T& out) {
  out = a;
  return a >= 0 || Negate(call, a, out);
}

template <typename Op>
void RegisterOperator(FunctionBuilder builder) {
  builder.Overload("tinyint, tinyint -> tinyint", IntegerKernel<Op, int8_t>).CanFailAnsi();
  builder.Overload("smallint, smallint -> smallint", IntegerKernel<Op, int16_t>).CanFailAnsi();
  builder.Overload("int, int -> int", IntegerKernel<Op, int32_t>).CanFailAnsi();
  builder.Overload("bigint, bigint -> bigint", IntegerKernel<Op, int64_t>).CanFailAnsi();
  builder.Overload("float, float -> float", FloatKernel<Op, float>);
  builder.Overload("double, double -> double", FloatKernel<Op, double>);
}

void RegisterRemainders(FunctionRegistry& registry) {
  FunctionBuilder mod = registry.Scalar("%", "The remainder of a division, with the sign of the dividend.");
  mod.Alias("mod").Group("math_funcs").OperatorSyntax().AlwaysNullable().Example("SELECT 2 % 1.8", "0.2");
  mod.Overload("tinyint, tinyint -> tinyint", BinaryMaybe<int8_t, int8_t, int8_t, ModKernel<int8_t>>).CanFailAnsi();
  mod.Overload("smallint, smallint -> smallint", BinaryMaybe<int16_t, int16_t, int16_t, ModKernel<int16_t>>)
      .CanFailAnsi();
  mod.Overload("int, int -> int", BinaryMaybe<int32_t, int32_t, int32_t, ModKernel<int32_t>>).CanFailAnsi();
  mod.Overload("bigint, bigint -> bigint", BinaryMaybe<int64_t, int64_t, int64_t, ModKernel<int64_t>>).CanFailAnsi();
  mod.Overload("float, float -> float", BinaryMaybe<float, float, float, ModKernel<float>>).CanFailAnsi();
  mod.Overload("double, double -> double", BinaryMaybe<double, double, double, ModKernel<double>>).CanFailAnsi();
  FunctionBuilder pmod = registry.Scalar("pmod", "The positive remainder of a division.");
  pmod.Group("math_funcs").AlwaysNullable().Example("SELECT pmod(-10, 3)", "2");
  pmod.Overload("tinyint, tinyint -> tinyint", BinaryMaybe<int8_t, int8_t, int8_t, PmodKernel<int8_t>>).CanFailAnsi();
  pmod.Overload("smallint, smallint -> smallint", BinaryMaybe<int16_t, int16_t, int16_t, PmodKernel<int16_t>>)
      .CanFailAnsi();
  pmod.Overload("int, int -> int", BinaryMaybe<int32_t, int32_t, int32_t, PmodKernel<int32_t>>).CanFailAnsi();
  pmod.Overload("bigint, bigint -> bigint", BinaryMaybe<int64_t, int64_t, int64_t, PmodKernel<int64_t>>).CanFailAnsi();
  pmod.Overload("float, float -> float", BinaryMaybe<float, float, float, PmodKernel<float>>).CanFailAnsi();
  pmod.Overload("double, double -> double", BinaryMaybe<double, double, double, PmodKernel<double>>).CanFailAnsi();
}

void RegisterUnary(FunctionRegistry& registry) {
  FunctionBuilder negative = registry.Scalar("negative", "The number with its sign changed.");
  negative.Group("math_funcs").OperatorSyntax().Example("SELECT negative(1)", "-1");
  negative.Overload("tinyint -> tinyint", UnaryMaybe<int8_t, int8_t, Negate<int8_t>>).CanFailAnsi();
  negative.Overload("smallint -> smallint", UnaryMaybe<int16_t, int16_t, Negate<int16_t>>).CanFailAnsi();
  negative.Overload("int -> int", UnaryMaybe<int32_t, int32_t, Negate<int32_t>>).CanFailAnsi();
  negative.Overload("bigint -> bigint", UnaryMaybe<int64_t, int64_t, Negate<int64_t>>).CanFailAnsi();
  negative.Overload("float -> float", Unary<float, float, [](float x) { return -x; }>);
  negative.Overload("double -> double", Unary<double, double, [](double x) { return -x; }>);
  FunctionBuilder abs = registry.Scalar("abs", "The absolute value.");
  abs.Group("math_funcs").Example("SELECT abs(-1)", "1");
  abs.Overload("tinyint -> tinyint", UnaryMaybe<int8_t, int8_t, Absolute<int8_t>>).CanFailAnsi();
  abs.Overload("smallint -> smallint", UnaryMaybe<int16_t, int16_t, Absolute<int16_t>>).CanFailAnsi();
  abs.Overload("int -> int", UnaryMaybe<int32_t, int32_t, Absolute<int32_t>>).CanFailAnsi();
  abs.Overload("bigint -> bigint", UnaryMaybe<int64_t, int64_t, Absolute<int64_t>>).CanFailAnsi();
  abs.Overload("float -> float", Unary<float, float, [](float x) { return std::fabs(x); }>);
  abs.Overload("double -> double", Unary<double, double, [](double x) { return std::fabs(x); }>);
  auto same = [](const BindArgs& args) { return args.types[0]; };
  abs.Overload("interval year to month -> ?", UnaryMaybe<int32_t, int32_t, Absolute<int32_t>>)
      .ResultType(same)
      .CanFailAnsi();
  abs.Overload("interval day to second -> ?", UnaryMaybe<int64_t, int64_t, Absolute<int64_t>>)
      .ResultType(same)
      .CanFailAnsi();
  registry.Scalar("positive", "The value itself.")
      .Group("math_funcs")
      .OperatorSyntax()
      .Example("SELECT positive(1)", "1")
      .Overload("T -> T", [](const KernelArgs& call) { return call.args[0]; });
}

}  // namespace

ScalarKernel TryKernel(ScalarKernel kernel) {
  return [kernel = std::move(kernel)](const KernelArgs& call) {
    KernelArgs tried = call;
    tried.mode = EvalMode::kTry;
    return kernel(tried);
  };
}

static void RegisterTryForm(FunctionRegistry& registry, const char* name, const char* of, const char* doc) {
  FunctionBuilder builder = registry.Scalar(name, doc);
  builder.Group("math_funcs").AlwaysNullable();
  for (const Overload& overload : registry.Find(of)->overloads) {
    builder.Overload(overload.text, TryKernel(overload.kernel)).ResultType(overload.result_type);
  }
}

void RegisterArithmeticFunctions(FunctionRegistry& registry) {
  FunctionBuilder add = registry.Scalar("+", "The sum.");
  add.Group("math_funcs").OperatorSyntax().Example("SELECT 1 + 2", "3");
  RegisterOperator<Add>(add);
  FunctionBuilder subtract = registry.Scalar("-", "The difference.");
  subtract.Group("math_funcs").OperatorSyntax().Example("SELECT 2 - 1", "1");
  RegisterOperator<Subtract>(subtract);
  FunctionBuilder multiply = registry.Scalar("*", "The product.");
  multiply.Group("math_funcs").OperatorSyntax().Example("SELECT 2 * 3", "6");
  RegisterOperator<Multiply>(multiply);
  FunctionBuilder divide = registry.Scalar("/", "The quotient, of doubles or decimals.");
  divide.Group("math_funcs").OperatorSyntax().AlwaysNullable().Example("SELECT 3 / 2", "1.5");
  divide.Overload("double, double -> double", BinaryMaybe<double, double, double, DivideDoubles>).CanFailAnsi();
  FunctionBuilder div = registry.Scalar("div", "The integral part of a quotient.");
  div.Group("math_funcs").OperatorSyntax().AlwaysNullable().Example("SELECT 3 div 2", "1");
  div.Overload("bigint, bigint -> bigint", BinaryMaybe<int64_t, int64_t, int64_t, DivideLongs>).CanFailAnsi();
  RegisterRemainders(registry);
  RegisterUnary(registry);
}

void RegisterTryArithmetic(FunctionRegistry& registry) {
  RegisterTryForm(registry, "try_add", "+", "The sum, or NULL when it overflows.");
  RegisterTryForm(registry, "try_subtract", "-", "The difference, or NULL when it overflows.");
  RegisterTryForm(registry, "try_multiply", "*", "The product, or NULL when it overflows.");
  RegisterTryForm(registry, "try_divide", "/", "The quotient, or NULL when the divisor is 0.");
  RegisterTryForm(registry, "try_mod", "%", "The remainder, or NULL when the divisor is 0.");
}

}  // namespace centella
