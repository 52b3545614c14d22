// Casts among numbers, decimals and booleans.
#include <algorithm>
#include <cmath>
#include <limits>

#include "functions/cast_kernels.h"
#include "types/text.h"

namespace centella::cast {
namespace {

std::string Literal(const Spec& spec, int64_t value) { return Value::Integer(spec.from, value).ToSql(); }
std::string Literal(const Spec& spec, double value) {
  if (!std::isfinite(value)) return DoubleToString(value);
  return Value::Of(spec.from, value).ToSql();
}

// Java's (int) and (long) of a double: saturating, NaN is 0.
template <typename T>
T Saturate(double value) {
  if (std::isnan(value)) return 0;
  if (value >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  if (value <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(value);
}

template <typename From, typename To>
ScalarKernel IntegerToInteger(const Spec& spec) {
  if (sizeof(To) >= sizeof(From) || spec.legacy()) {
    return Total<From, To>([](From value) { return static_cast<To>(value); });
  }
  return PerRow<From, To>([spec](const KernelArgs&, From value, To* out) {
    *out = static_cast<To>(value);
    return *out == value || Overflow(spec, Literal(spec, int64_t{value}));
  });
}

template <typename From, typename To>
ScalarKernel FloatingToInteger(const Spec& spec) {
  if (spec.legacy()) {
    if constexpr (sizeof(To) < 4) return Total<From, To>([](From v) { return static_cast<To>(Saturate<int32_t>(v)); });
    return Total<From, To>([](From value) { return Saturate<To>(value); });
  }
  return PerRow<From, To>([spec](const KernelArgs&, From value, To* out) {
    constexpr auto kMax = static_cast<double>(std::numeric_limits<To>::max());
    constexpr auto kMin = static_cast<double>(std::numeric_limits<To>::min());
    *out = Saturate<To>(value);
    return (std::floor(double{value}) <= kMax && std::ceil(double{value}) >= kMin) ||
           Overflow(spec, Literal(spec, double{value}));
  });
}

template <typename From, typename To>
ScalarKernel DecimalToInteger(const Spec& spec) {
  const int scale = spec.from->scale();
  return PerRow<From, To>([spec, scale](const KernelArgs&, const From& value, To* out) {
    const int128_t whole = int128_t{value} / kPowersOfTen[scale];
    *out = static_cast<To>(whole);
    return spec.legacy() || int128_t{*out} == whole || Overflow(spec, Value::Of(spec.from, int128_t{value}).ToSql());
  });
}

// From any number but decimals to an integer.
template <typename To>
ScalarKernel ToInteger(const Spec& spec) {
  switch (spec.from->id()) {
    case TypeId::kBoolean: return Total<uint8_t, To>([](uint8_t value) { return static_cast<To>(value); });
    case TypeId::kByte: return IntegerToInteger<int8_t, To>(spec);
    case TypeId::kShort: return IntegerToInteger<int16_t, To>(spec);
    case TypeId::kInt: return IntegerToInteger<int32_t, To>(spec);
    case TypeId::kLong: return IntegerToInteger<int64_t, To>(spec);
    case TypeId::kFloat: return FloatingToInteger<float, To>(spec);
    case TypeId::kDouble: return FloatingToInteger<double, To>(spec);
    case TypeId::kDecimal:
      return spec.from->physical() == PhysicalType::kInt64 ? DecimalToInteger<int64_t, To>(spec)
                                                           : DecimalToInteger<int128_t, To>(spec);
    default: return nullptr;
  }
}

template <typename To>
ScalarKernel ToFloating(const Spec& spec) {
  if (spec.from->is(TypeId::kBoolean)) return Total<uint8_t, To>([](uint8_t value) { return static_cast<To>(value); });
  if (spec.from->is(TypeId::kDecimal)) {
    const int scale = spec.from->scale();
    if (spec.from->physical() == PhysicalType::kInt64) {
      return PerRow<int64_t, To>([scale](const KernelArgs&, int64_t value, To* out) {
        *out = static_cast<To>(DecimalToDouble(value, scale));
        return true;
      });
    }
    return PerRow<int128_t, To>([scale](const KernelArgs&, const int128_t& value, To* out) {
      *out = static_cast<To>(DecimalToDouble(value, scale));
      return true;
    });
  }
  if (!spec.from->is_numeric()) return nullptr;
  return VisitNumber(*spec.from, [](auto zero) -> ScalarKernel {
    using From = decltype(zero);
    return Total<From, To>([](From value) { return static_cast<To>(value); });
  });
}

template <typename From, typename To>
ScalarKernel ExactToDecimal(const Spec& spec) {
  const int from_scale = spec.from->is(TypeId::kDecimal) ? spec.from->scale() : 0;
  const int precision = spec.to->precision(), scale = spec.to->scale();
  return PerRow<From, To>([spec, from_scale, precision, scale](const KernelArgs&, const From& value, To* out) {
    int128_t converted;
    if (!ConvertDecimal(int128_t{value}, from_scale, precision, scale, &converted)) {
      return DecimalOverflow(spec, DecimalToString(int128_t{value}, from_scale));
    }
    *out = static_cast<To>(converted);
    return true;
  });
}

template <typename From, typename To>
ScalarKernel FloatingToDecimal(const Spec& spec) {
  const int precision = spec.to->precision(), scale = spec.to->scale();
  return PerRow<From, To>([spec, precision, scale](const KernelArgs&, From value, To* out) {
    int128_t converted;
    if (!DoubleToDecimal(double{value}, precision, scale, &converted)) {
      // NaN and infinities are no numbers: NULL even under ANSI, as in Spark.
      return std::isfinite(value) && DecimalOverflow(spec, PlainNumber(DoubleToString(double{value})));
    }
    *out = static_cast<To>(converted);
    return true;
  });
}

template <typename To>
ScalarKernel ToDecimal(const Spec& spec) {
  switch (spec.from->physical()) {
    case PhysicalType::kBool: return ExactToDecimal<uint8_t, To>(spec);
    case PhysicalType::kInt8: return ExactToDecimal<int8_t, To>(spec);
    case PhysicalType::kInt16: return ExactToDecimal<int16_t, To>(spec);
    case PhysicalType::kInt32: return ExactToDecimal<int32_t, To>(spec);
    case PhysicalType::kInt64: return ExactToDecimal<int64_t, To>(spec);
    case PhysicalType::kInt128: return ExactToDecimal<int128_t, To>(spec);
    case PhysicalType::kFloat: return FloatingToDecimal<float, To>(spec);
    case PhysicalType::kDouble: return FloatingToDecimal<double, To>(spec);
    default: return nullptr;
  }
}

// Legacy: an integer's bytes, most significant first.
ScalarKernel IntegerToBinary(const Spec& spec) {
  return VisitNumber(*spec.from, [](auto zero) -> ScalarKernel {
    using From = decltype(zero);
    if constexpr (!std::is_integral_v<From> || sizeof(From) > 8) return nullptr;
    return ToText<From>(8, [](const KernelArgs&, From value, char* out) {
      for (size_t i = sizeof(From); i-- > 0;) *out++ = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
      return out;
    });
  });
}

}  // namespace

ScalarKernel NumericCast(const Spec& spec) {
  if (!spec.from->is_numeric() && !spec.from->is(TypeId::kBoolean)) return nullptr;
  switch (spec.to->id()) {
    case TypeId::kByte: return ToInteger<int8_t>(spec);
    case TypeId::kShort: return ToInteger<int16_t>(spec);
    case TypeId::kInt: return ToInteger<int32_t>(spec);
    case TypeId::kLong: return ToInteger<int64_t>(spec);
    case TypeId::kFloat: return ToFloating<float>(spec);
    case TypeId::kDouble: return ToFloating<double>(spec);
    case TypeId::kDecimal:
      return spec.to->physical() == PhysicalType::kInt64 ? ToDecimal<int64_t>(spec) : ToDecimal<int128_t>(spec);
    case TypeId::kBoolean:
      return VisitNumber(*spec.from, [](auto zero) -> ScalarKernel {
        using From = decltype(zero);
        return Total<From, uint8_t>([](From value) { return static_cast<uint8_t>(value != From{}); });
      });
    case TypeId::kBinary: return IntegerToBinary(spec);
    default: return nullptr;
  }
}

}  // namespace centella::cast
