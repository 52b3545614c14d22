// Casts of dates, timestamps and times: among themselves and with numbers.
#include <cmath>
#include <limits>

#include "functions/cast_kernels.h"
#include "functions/datetime_fields.h"
#include "types/calendar.h"
#include "types/text.h"

namespace centella::cast {
namespace {

int64_t SaturatingSeconds(int64_t seconds) {
  int64_t micros;
  if (__builtin_mul_overflow(seconds, kMicrosPerSecond, &micros)) {
    return seconds < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  }
  return micros;
}

ScalarKernel AmongThemselves(const Spec& spec) {
  const TypeId from = spec.from->id(), to = spec.to->id();
  if (from == TypeId::kDate) {
    const bool local = to == TypeId::kTimestamp;
    const bool tries = spec.mode == EvalMode::kTry;
    return PerRow<int32_t, int64_t>([local, tries](const KernelArgs& call, int32_t days, int64_t* out) {
      if (tries && !FindMidnight(days, out)) return false;
      const int64_t midnight = MidnightMicros(days);
      *out = local ? call.query.zone.ToUtcMicros(midnight) : midnight;
      return true;
    });
  }
  if (to == TypeId::kDate) {
    const bool local = from == TypeId::kTimestamp;
    return PerRow<int64_t, int32_t>([local](const KernelArgs& call, int64_t micros, int32_t* out) {
      const int64_t wall = local ? call.query.zone.ToLocalMicros(micros) : micros;
      *out = static_cast<int32_t>(FloorDiv(wall, kMicrosPerDay));
      return true;
    });
  }
  if (to == TypeId::kTimestamp) {
    return PerRow<int64_t, int64_t>([](const KernelArgs& call, int64_t micros, int64_t* out) {
      *out = call.query.zone.ToUtcMicros(micros);
      return true;
    });
  }
  return PerRow<int64_t, int64_t>([](const KernelArgs& call, int64_t micros, int64_t* out) {
    *out = call.query.zone.ToLocalMicros(micros);
    return true;
  });
}

// The literal of a timestamp as errors show it: in the session's zone.
std::string TimestampLiteral(const KernelArgs& call, int64_t micros) {
  return "TIMESTAMP '" + TimestampToString(call.query.zone.ToLocalMicros(micros)) + "'";
}

template <typename To>
ScalarKernel TimestampToInteger(const Spec& spec) {
  return PerRow<int64_t, To>([spec](const KernelArgs& call, int64_t micros, To* out) {
    const int64_t seconds = FloorDiv(micros, kMicrosPerSecond);
    *out = static_cast<To>(seconds);
    return *out == seconds || Overflow(spec, TimestampLiteral(call, micros));
  });
}

template <typename To>
ScalarKernel MicrosToDecimal(const Spec& spec) {
  const int precision = spec.to->precision(), scale = spec.to->scale();
  return PerRow<int64_t, To>([spec, precision, scale](const KernelArgs&, int64_t micros, To* out) {
    int128_t converted;
    if (!ConvertDecimal(micros, 6, precision, scale, &converted))
      return DecimalOverflow(spec, DecimalToString(micros, 6));
    *out = static_cast<To>(converted);
    return true;
  });
}

ScalarKernel FromTimestamp(const Spec& spec) {
  switch (spec.to->id()) {
    case TypeId::kByte: return TimestampToInteger<int8_t>(spec);
    case TypeId::kShort: return TimestampToInteger<int16_t>(spec);
    case TypeId::kInt: return TimestampToInteger<int32_t>(spec);
    case TypeId::kLong: return TimestampToInteger<int64_t>(spec);
    case TypeId::kFloat:
      return Total<int64_t, float>([](int64_t v) { return static_cast<float>(static_cast<double>(v) / 1e6); });
    case TypeId::kDouble: return Total<int64_t, double>([](int64_t v) { return static_cast<double>(v) / 1e6; });
    case TypeId::kBoolean: return Total<int64_t, uint8_t>([](int64_t v) { return static_cast<uint8_t>(v != 0); });
    case TypeId::kDecimal:
      return spec.to->physical() == PhysicalType::kInt64 ? MicrosToDecimal<int64_t>(spec)
                                                         : MicrosToDecimal<int128_t>(spec);
    default: return nullptr;
  }
}

template <typename From>
ScalarKernel FloatingToTimestamp(const Spec& spec) {
  return PerRow<From, int64_t>([spec](const KernelArgs&, From value, int64_t* out) {
    if (!std::isfinite(value)) return InvalidInput(spec, DoubleToString(double{value}));
    const double micros = double{value} * 1e6;
    constexpr double kLimit = 9223372036854775808.0;
    if (micros >= kLimit || micros <= -kLimit) {
      *out = micros < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
      const bool exact = std::floor(micros) <= kLimit && std::ceil(micros) >= -kLimit;
      return spec.legacy() || exact ||
             Overflow({types::Double(), types::Long(), spec.mode}, Value::Double(micros).ToSql());
    }
    *out = static_cast<int64_t>(micros);
    return true;
  });
}

template <typename From>
ScalarKernel DecimalToTimestamp(const Spec& spec) {
  const int scale = spec.from->scale();
  return PerRow<From, int64_t>([scale](const KernelArgs&, const From& value, int64_t* out) {
    // Micros cut off, and the low 64 bits of what is too large: BigDecimal.longValue.
    if (scale >= 6) {
      *out = static_cast<int64_t>(int128_t{value} / kPowersOfTen[scale - 6]);
    } else {
      *out = static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint128_t>(int128_t{value})) *
                                  static_cast<uint64_t>(kPowersOfTen[6 - scale]));
    }
    return true;
  });
}

ScalarKernel ToTimestamp(const Spec& spec) {
  if (spec.from->is(TypeId::kBoolean)) return Total<uint8_t, int64_t>([](uint8_t v) { return int64_t{v}; });
  if (!spec.from->is_numeric()) return nullptr;
  if (spec.from->is(TypeId::kFloat)) return FloatingToTimestamp<float>(spec);
  if (spec.from->is(TypeId::kDouble)) return FloatingToTimestamp<double>(spec);
  if (spec.from->is(TypeId::kDecimal)) {
    return spec.from->physical() == PhysicalType::kInt64 ? DecimalToTimestamp<int64_t>(spec)
                                                         : DecimalToTimestamp<int128_t>(spec);
  }
  return VisitNumber(*spec.from, [](auto zero) -> ScalarKernel {
    using From = decltype(zero);
    if constexpr (std::is_integral_v<From> && sizeof(From) <= 8) {
      return Total<From, int64_t>([](From value) { return SaturatingSeconds(value); });
    }
    return nullptr;
  });
}

template <typename To>
ScalarKernel TimeToInteger(const Spec& spec) {
  return PerRow<int64_t, To>([spec](const KernelArgs&, int64_t nanos, To* out) {
    const int64_t seconds = nanos / kNanosPerSecond;
    *out = static_cast<To>(seconds);
    return *out == seconds || Overflow(spec, Value::Integer(spec.from, nanos).ToSql());
  });
}

template <typename To>
ScalarKernel TimeToDecimal(const Spec& spec) {
  const int precision = spec.to->precision(), scale = spec.to->scale();
  return PerRow<int64_t, To>([spec, precision, scale](const KernelArgs&, int64_t nanos, To* out) {
    int128_t converted;
    if (!ConvertDecimal(nanos, 9, precision, scale, &converted))
      return DecimalOverflow(spec, DecimalToString(nanos, 9));
    *out = static_cast<To>(converted);
    return true;
  });
}

ScalarKernel FromTime(const Spec& spec) {
  switch (spec.to->id()) {
    case TypeId::kTime: {
      int64_t unit = kNanosPerSecond;
      for (int i = 0; i < spec.to->precision(); ++i) unit /= 10;
      return Total<int64_t, int64_t>([unit](int64_t nanos) { return nanos / unit * unit; });
    }
    case TypeId::kByte: return TimeToInteger<int8_t>(spec);
    case TypeId::kShort: return TimeToInteger<int16_t>(spec);
    case TypeId::kInt: return TimeToInteger<int32_t>(spec);
    case TypeId::kLong: return TimeToInteger<int64_t>(spec);
    case TypeId::kDecimal:
      return spec.to->physical() == PhysicalType::kInt64 ? TimeToDecimal<int64_t>(spec) : TimeToDecimal<int128_t>(spec);
    default: return nullptr;
  }
}

}  // namespace

ScalarKernel DateTimeCast(const Spec& spec) {
  if (spec.from->is_datetime() && spec.to->is_datetime()) return AmongThemselves(spec);
  if (spec.to->is(TypeId::kTimestamp)) return ToTimestamp(spec);
  if (spec.from->is(TypeId::kTimestamp)) return FromTimestamp(spec);
  if (spec.from->is(TypeId::kTime)) return FromTime(spec);
  if (spec.from->is(TypeId::kDate) && (spec.to->is_numeric() || spec.to->is(TypeId::kBoolean))) {
    // Legacy Spark allows these casts and always gives NULL.
    return [](const KernelArgs& call) { return Vector::MakeNull(call.result_type, call.rows); };
  }
  return nullptr;
}

}  // namespace centella::cast
