// Arithmetic operators on decimals, with Spark's result types: 64-bit and 128-bit fast paths when the exact result
// fits, 256-bit intermediates otherwise.
#include <algorithm>

#include "base/simd.h"
#include "functions/decimal_arithmetic.h"
#include "functions/kernels.h"
#include "functions/magnitude.h"
#include "functions/registry.h"

namespace centella {
namespace {

constexpr const char* kAnsiKey = "\"spark.sql.ansi.enabled\"";

// A decimal argument of either width.
struct DecimalValues {
  const int64_t* narrow = nullptr;
  const int128_t* wide = nullptr;
  int64_t step;
  explicit DecimalValues(const Vector& v) : step(v.is_constant() ? 0 : 1) {
    if (v.physical() == PhysicalType::kInt64) {
      narrow = v.data<int64_t>();
    } else {
      wide = v.data<int128_t>();
    }
  }
  int128_t operator[](int64_t row) const { return narrow != nullptr ? narrow[row * step] : wide[row * step]; }
};

void Store(Vector& out, int64_t row, int128_t value) {
  if (out.physical() == PhysicalType::kInt64) {
    out.mutable_data<int64_t>()[row] = static_cast<int64_t>(value);
  } else {
    out.mutable_data<int128_t>()[row] = value;
  }
}

// Stores `value` (of scale `scale`) rounded to the result type, or NULL or an error when it doesn't fit.
void StoreRounded(const KernelArgs& call, Vector& out, int64_t row, const Wide& value, int scale) {
  const DataType& type = *call.result_type;
  Wide rounded = value;
  bool fits = true;
  if (scale > type.scale()) {
    rounded = DivideHalfUp(value, Widen(PowerOfTen(scale - type.scale())));
  } else {
    fits = ScaleUp(rounded, type.scale() - scale);
  }
  int128_t result = 0;
  fits = fits && Narrow(rounded, type.precision(), &result);
  if (!fits) {
    if (call.mode == EvalMode::kAnsi) RaiseDecimalOverflow(value, scale, type);
    out.SetNull(row);
  }
  Store(out, row, result);
}

template <typename A, typename B, typename Out, typename Op>
CENTELLA_WIDE_LOOPS void FastLoop(const A* a, bool a_constant, const B* b, bool b_constant, int64_t rows,
                                  Out* __restrict out, Op op) {
  if (!a_constant && !b_constant) {
    for (int64_t i = 0; i < rows; ++i) out[i] = op(a[i], b[i]);
  } else if (!a_constant) {
    const B y = b[0];
    for (int64_t i = 0; i < rows; ++i) out[i] = op(a[i], y);
  } else if (!b_constant) {
    const A x = a[0];
    for (int64_t i = 0; i < rows; ++i) out[i] = op(x, b[i]);
  } else {
    std::fill_n(out, rows, op(a[0], b[0]));
  }
}

template <typename A, typename B, typename Out, typename Op>
void FastLoop(const KernelArgs& call, Out* out, Op op) {
  FastLoop(call.data<A>(0), call.args[0]->is_constant(), call.data<B>(1), call.args[1]->is_constant(), call.rows, out,
           op);
}

// Calls `run` with zeros of the physical types of both arguments and the result.
template <typename Run>
void VisitWidths(const KernelArgs& call, Run&& run) {
  auto narrow = [](const TypePtr& type) { return type->physical() == PhysicalType::kInt64; };
  bool a = narrow(call.args[0]->type()), b = narrow(call.args[1]->type()), out = narrow(call.result_type);
  auto with_out = [&](auto x, auto y) { out ? run(x, y, int64_t{}) : run(x, y, int128_t{}); };
  if (a && b) {
    with_out(int64_t{}, int64_t{});
  } else if (a) {
    with_out(int64_t{}, int128_t{});
  } else if (b) {
    with_out(int128_t{}, int64_t{});
  } else {
    with_out(int128_t{}, int128_t{});
  }
}

// Whether a + b (or a - b) can't overflow: its natural precision is within 38.
bool SumFits(const DataType& a, const DataType& b) {
  int scale = std::max(a.scale(), b.scale());
  return std::max(a.precision() - a.scale(), b.precision() - b.scale()) + scale + 1 <= kMaxDecimalPrecision;
}
bool ProductFits(const DataType& a, const DataType& b) {
  return a.precision() + b.precision() + 1 <= kMaxDecimalPrecision;
}

template <int sign>
VectorPtr SumKernel(const KernelArgs& call) {
  const DataType& a = *call.args[0]->type();
  const DataType& b = *call.args[1]->type();
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  int scale = std::max(a.scale(), b.scale());
  int128_t a_factor = PowerOfTen(scale - a.scale()), b_factor = PowerOfTen(scale - b.scale());
  if (SumFits(a, b)) {
    VisitWidths(call, [&](auto x, auto y, auto z) {
      using Out = decltype(z);
      auto fa = static_cast<Out>(a_factor), fb = static_cast<Out>(b_factor * sign);
      // Unsigned, so that what lies in null rows may wrap.
      using Bits = std::conditional_t<sizeof(Out) == 8, uint64_t, uint128_t>;
      if (fa == 1 && fb == sign) {
        FastLoop<decltype(x), decltype(y)>(call, out->mutable_data<Out>(), [](auto p, auto q) {
          return static_cast<Out>(sign > 0 ? static_cast<Bits>(p) + static_cast<Bits>(q)
                                           : static_cast<Bits>(p) - static_cast<Bits>(q));
        });
      } else {
        FastLoop<decltype(x), decltype(y)>(call, out->mutable_data<Out>(), [=](auto p, auto q) {
          return static_cast<Out>(static_cast<Bits>(p) * static_cast<Bits>(fa) +
                                  static_cast<Bits>(q) * static_cast<Bits>(fb));
        });
      }
    });
    return out;
  }
  DecimalValues left(*call.args[0]), right(*call.args[1]);
  ForLive(call, [&](int64_t i) {
    Wide x = Multiply(left[i], a_factor), y = Multiply(right[i], b_factor);
    if (sign < 0) y.negative = !y.negative;
    StoreRounded(call, *out, i, Add(x, y), scale);
  });
  return out;
}

// Products of 64-bit numbers as 128-bit ones, calculated in 64 bits so that the loop vectorises: false, after the fact, when
// the factors' sizes don't rule out that one needs more. A 128-bit number is two 64-bit words, the low one first.
CENTELLA_WIDE_LOOPS bool MultiplySmall(const int64_t* a, const int64_t* b, int64_t n, int64_t* __restrict out) {
  uint64_t a_bits = 0, b_bits = 0;
  for (int64_t i = 0; i < n; ++i) {
    a_bits |= Magnitude(a[i]);
    b_bits |= Magnitude(b[i]);
    const int64_t product = static_cast<int64_t>(static_cast<uint64_t>(a[i]) * static_cast<uint64_t>(b[i]));
    out[2 * i] = product;
    out[2 * i + 1] = product >> 63;
  }
  return ProductsFit(a_bits, b_bits);
}

VectorPtr ProductKernel(const KernelArgs& call) {
  const DataType& a = *call.args[0]->type();
  const DataType& b = *call.args[1]->type();
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  if (ProductFits(a, b)) {
    VisitWidths(call, [&](auto x, auto y, auto z) {
      using Out = decltype(z);
      if constexpr (sizeof(x) == 8 && sizeof(y) == 8 && sizeof(Out) == 16) {
        const bool flat = call.args[0]->is_flat() && call.args[1]->is_flat();
        if (flat &&
            MultiplySmall(call.data<int64_t>(0), call.data<int64_t>(1), call.rows, out->mutable_data<int64_t>()))
          return;
      }
      FastLoop<decltype(x), decltype(y)>(call, out->mutable_data<Out>(), [](auto p, auto q) {
        if constexpr (sizeof(Out) == 8) {
          return static_cast<Out>(static_cast<uint64_t>(p) * static_cast<uint64_t>(q));
        } else if constexpr (sizeof(p) == 8 && sizeof(q) == 8) {
          return static_cast<int128_t>(p) * q;
        } else {
          return static_cast<Out>(static_cast<uint128_t>(p) * static_cast<uint128_t>(q));
        }
      });
    });
    return out;
  }
  DecimalValues left(*call.args[0]), right(*call.args[1]);
  ForLive(call, [&](int64_t i) { StoreRounded(call, *out, i, Multiply(left[i], right[i]), a.scale() + b.scale()); });
  return out;
}

// NULL, or the error of a zero divisor.
void ByZero(const KernelArgs& call, Vector& out, int64_t row, Condition condition) {
  if (call.mode == EvalMode::kAnsi) Raise(condition, {{"config", kAnsiKey}});
  out.SetNull(row);
  Store(out, row, 0);
}

VectorPtr QuotientKernel(const KernelArgs& call) {
  const DataType& a = *call.args[0]->type();
  const DataType& b = *call.args[1]->type();
  const DataType& type = *call.result_type;
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  DecimalValues left(*call.args[0]), right(*call.args[1]);
  int shift = type.scale() - a.scale() + b.scale();
  bool small = shift >= 0 && a.precision() + shift <= kMaxDecimalPrecision;
  int128_t factor = small ? PowerOfTen(shift) : 0;
  ForLive(call, [&](int64_t i) {
    int128_t divisor = right[i];
    if (divisor == 0) return ByZero(call, *out, i, Condition::DIVIDE_BY_ZERO);
    Wide dividend, by = Widen(divisor);
    bool fits = true;
    if (small) {
      dividend = Widen(left[i] * factor);
    } else {
      dividend = Widen(left[i]);
      fits = ScaleUp(shift >= 0 ? dividend : by, shift >= 0 ? shift : -shift);
    }
    Wide quotient = DivideHalfUp(dividend, by);
    int128_t result = 0;
    if (!fits || !Narrow(quotient, type.precision(), &result)) {
      if (call.mode == EvalMode::kAnsi) RaiseDecimalOverflow(quotient, type.scale(), type);
      out->SetNull(i);
    }
    Store(*out, i, result);
  });
  return out;
}

// Both sides at their larger scale; false when that passes 255 bits (it can't: 38 digits by 10^38).
void Align(const DataType& a, const DataType& b, Wide& x, Wide& y) {
  int scale = std::max(a.scale(), b.scale());
  ScaleUp(x, scale - a.scale());
  ScaleUp(y, scale - b.scale());
}

template <bool positive>
VectorPtr RemainderKernel(const KernelArgs& call) {
  const DataType& a = *call.args[0]->type();
  const DataType& b = *call.args[1]->type();
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  DecimalValues left(*call.args[0]), right(*call.args[1]);
  int scale = std::max(a.scale(), b.scale());
  ForLive(call, [&](int64_t i) {
    if (right[i] == 0) return ByZero(call, *out, i, Condition::REMAINDER_BY_ZERO);
    Wide x = Widen(left[i]), y = Widen(right[i]);
    Align(a, b, x, y);
    Wide rest = Remainder(x, y);
    if (positive && rest.negative) rest = Remainder(Add(rest, y), y);
    StoreRounded(call, *out, i, rest, scale);
  });
  return out;
}

VectorPtr IntegralKernel(const KernelArgs& call) {
  const DataType& a = *call.args[0]->type();
  const DataType& b = *call.args[1]->type();
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<int64_t>();
  DecimalValues left(*call.args[0]), right(*call.args[1]);
  ForLive(call, [&](int64_t i) {
    to[i] = 0;
    if (right[i] == 0) {
      if (call.mode == EvalMode::kAnsi) Raise(Condition::DIVIDE_BY_ZERO, {{"config", kAnsiKey}});
      return out->SetNull(i);
    }
    Wide x = Widen(left[i]), y = Widen(right[i]), quotient;
    Align(a, b, x, y);
    Remainder(x, y, &quotient);
    auto magnitude = static_cast<uint64_t>(quotient.low);
    bool fits = quotient.high == 0 && (quotient.low >> 63) == 0;
    if (!fits && call.mode == EvalMode::kAnsi) {
      Raise(Condition::ARITHMETIC_OVERFLOW,
            {{"message", "Overflow in integral divide"}, {"alternative", ""}, {"config", kAnsiKey}});
    }
    if (!fits && call.mode == EvalMode::kTry) return out->SetNull(i);
    to[i] = static_cast<int64_t>(quotient.negative ? ~magnitude + 1 : magnitude);
  });
  return out;
}

template <int flip>  // -1 negates, 0 takes the absolute value
VectorPtr SignKernel(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  DecimalValues values(*call.args[0]);
  ForLive(call, [&](int64_t i) {
    int128_t v = values[i];
    Store(*out, i, flip < 0 || v < 0 ? -v : v);
  });
  return out;
}

template <DecimalShape (*shape)(const DataType&, const DataType&)>
TypePtr ShapeOf(const BindArgs& args) {
  DecimalShape result = shape(*args.types[0], *args.types[1]);
  return types::Decimal(result.precision, result.scale);
}

}  // namespace

void RegisterDecimalArithmetic(FunctionRegistry& registry) {
  auto sum_fails = [](std::span<const TypePtr> types) { return !SumFits(*types[0], *types[1]); };
  auto product_fails = [](std::span<const TypePtr> types) { return !ProductFits(*types[0], *types[1]); };
  registry.Scalar("+", "")
      .Overload("decimal, decimal -> ?", SumKernel<1>)
      .ResultType(ShapeOf<SumShape>)
      .CanFailAnsi()
      .FailsFor(sum_fails);
  registry.Scalar("-", "")
      .Overload("decimal, decimal -> ?", SumKernel<-1>)
      .ResultType(ShapeOf<SumShape>)
      .CanFailAnsi()
      .FailsFor(sum_fails);
  registry.Scalar("*", "")
      .Overload("decimal, decimal -> ?", ProductKernel)
      .ResultType(ShapeOf<ProductShape>)
      .CanFailAnsi()
      .FailsFor(product_fails);
  registry.Scalar("/", "")
      .Overload("decimal, decimal -> ?", QuotientKernel)
      .ResultType(ShapeOf<QuotientShape>)
      .CanFailAnsi();
  registry.Scalar("%", "")
      .Overload("decimal, decimal -> ?", RemainderKernel<false>)
      .ResultType(ShapeOf<RemainderShape>)
      .CanFailAnsi();
  registry.Scalar("pmod", "")
      .Overload("decimal, decimal -> ?", RemainderKernel<true>)
      .ResultType(ShapeOf<RemainderShape>)
      .CanFailAnsi();
  registry.Scalar("div", "").Overload("decimal, decimal -> bigint", IntegralKernel).CanFailAnsi();
  auto same = [](const BindArgs& args) { return args.types[0]; };
  registry.Scalar("negative", "").Overload("decimal -> ?", SignKernel<-1>).ResultType(same);
  registry.Scalar("abs", "").Overload("decimal -> ?", SignKernel<0>).ResultType(same);
}

}  // namespace centella
