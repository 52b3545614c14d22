// Casts of year-month and day-time intervals: among themselves and with exact numbers.
#include <limits>

#include "functions/cast_kernels.h"
#include "types/calendar.h"

namespace centella::cast {
namespace {

// What one of the interval's last field is worth, in months or micros.
int64_t FieldUnit(const DataType& type) {
  if (type.is(TypeId::kYearMonthInterval)) return type.end_field() == 0 ? 12 : 1;
  constexpr int64_t kMicros[] = {kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute, kMicrosPerSecond};
  return kMicros[type.end_field()];
}

template <typename Interval, typename To>
ScalarKernel ToInteger(const Spec& spec) {
  const int64_t unit = FieldUnit(*spec.from);
  return PerRow<Interval, To>([spec, unit](const KernelArgs&, Interval value, To* out) {
    const int64_t number = value / unit;
    *out = static_cast<To>(number);
    return *out == number || OverflowAlways(spec, Value::Integer(spec.from, value).ToSql());
  });
}

template <typename Interval, typename To>
ScalarKernel ToDecimal(const Spec& spec) {
  const int64_t unit = FieldUnit(*spec.from);
  const bool seconds = unit == kMicrosPerSecond;
  const int precision = spec.to->precision(), scale = spec.to->scale();
  return PerRow<Interval, To>([spec, unit, seconds, precision, scale](const KernelArgs&, Interval value, To* out) {
    int128_t converted;
    const int128_t number = seconds ? value : value / unit;
    if (!ConvertDecimal(number, seconds ? 6 : 0, precision, scale, &converted)) {
      return DecimalOverflow(spec, DecimalToString(number, seconds ? 6 : 0));
    }
    *out = static_cast<To>(converted);
    return true;
  });
}

template <typename Interval>
ScalarKernel FromInterval(const Spec& spec) {
  if (spec.to->id() == spec.from->id()) {
    // Fields after the target's last one are cut off.
    const int64_t unit = FieldUnit(*spec.to);
    return Total<Interval, Interval>([unit](Interval value) { return static_cast<Interval>(value - value % unit); });
  }
  switch (spec.to->id()) {
    case TypeId::kByte: return ToInteger<Interval, int8_t>(spec);
    case TypeId::kShort: return ToInteger<Interval, int16_t>(spec);
    case TypeId::kInt: return ToInteger<Interval, int32_t>(spec);
    case TypeId::kLong: return ToInteger<Interval, int64_t>(spec);
    case TypeId::kDecimal:
      return spec.to->physical() == PhysicalType::kInt64 ? ToDecimal<Interval, int64_t>(spec)
                                                         : ToDecimal<Interval, int128_t>(spec);
    default: return nullptr;
  }
}

template <typename Interval>
ScalarKernel ToInterval(const Spec& spec) {
  const int64_t unit = FieldUnit(*spec.to);
  const int scale = spec.from->is(TypeId::kDecimal) ? spec.from->scale() : 0;
  return VisitNumber(*spec.from, [&spec, unit, scale](auto zero) -> ScalarKernel {
    using From = decltype(zero);
    if constexpr (std::is_floating_point_v<From>) {
      return nullptr;
    } else {
      return PerRow<From, Interval>([spec, unit, scale](const KernelArgs&, const From& value, Interval* out) {
        int128_t total;
        const bool fits = !__builtin_mul_overflow(int128_t{value}, int128_t{unit}, &total);
        if (fits) {
          total = DivideByPowerOfTen(total, scale);
          *out = static_cast<Interval>(total);
          if (int128_t{*out} == total) return true;
        }
        const bool decimal = spec.from->is(TypeId::kDecimal);
        return OverflowAlways(spec, decimal ? Value::Of(spec.from, int128_t{value}).ToSql()
                                            : Value::Integer(spec.from, static_cast<int64_t>(value)).ToSql());
      });
    }
  });
}

}  // namespace

ScalarKernel IntervalCast(const Spec& spec) {
  if (spec.from->is(TypeId::kYearMonthInterval)) return FromInterval<int32_t>(spec);
  if (spec.from->is(TypeId::kDayTimeInterval)) return FromInterval<int64_t>(spec);
  if (!spec.from->is_integral() && !spec.from->is(TypeId::kDecimal)) return nullptr;
  if (spec.to->is(TypeId::kYearMonthInterval)) return ToInterval<int32_t>(spec);
  if (spec.to->is(TypeId::kDayTimeInterval)) return ToInterval<int64_t>(spec);
  return nullptr;
}

}  // namespace centella::cast
