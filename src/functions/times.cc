// Times of day as numbers of milliseconds and microseconds since midnight, and back.
#include <string>

#include "base/error.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"

namespace centella {
namespace {

constexpr int64_t kNanosPerMilli = 1'000'000, kNanosPerMicro = 1'000, kNanosPerDay = 86'400'000'000'000;

template <int64_t unit>
VectorPtr ToUnits(const KernelArgs& call) {
  return ValueRows<int64_t, int64_t>(call, [](int64_t nanos, int64_t* out) {
    *out = nanos / unit;
    return true;
  });
}

[[noreturn]] void RaiseOutOfRange(const std::string& message) {
  Raise(Condition::DATETIME_FIELD_OUT_OF_BOUNDS__WITHOUT_SUGGESTION, {{"rangeMessage", message}});
}

template <int64_t unit, typename Integer>
VectorPtr FromUnits(const KernelArgs& call) {
  return ValueRows<int64_t, Integer>(call, [](Integer units, int64_t* nanos) {
    if (__builtin_mul_overflow(static_cast<int64_t>(units), unit, nanos))
      RaiseOutOfRange("Overflow in TIME conversion");
    if (*nanos < 0 || *nanos >= kNanosPerDay) {
      RaiseOutOfRange("Invalid TIME value: must be between 00:00:00 and 23:59:59.999999999, but got " +
                      std::to_string(*nanos) + " nanoseconds");
    }
    return true;
  });
}

template <int64_t unit>
VectorPtr FromAnyUnits(const KernelArgs& call) {
  switch (call.args[0]->physical()) {
    case PhysicalType::kInt8: return FromUnits<unit, int8_t>(call);
    case PhysicalType::kInt16: return FromUnits<unit, int16_t>(call);
    case PhysicalType::kInt32: return FromUnits<unit, int32_t>(call);
    default: return FromUnits<unit, int64_t>(call);
  }
}

}  // namespace

void RegisterTimes(FunctionRegistry& registry) {
  registry.Scalar("time_to_millis", "The milliseconds from midnight to a time of day.")
      .Group("datetime_funcs")
      .AlwaysNullable()  // as in Spark, whatever the argument is
      .Overload("time -> bigint", ToUnits<kNanosPerMilli>);
  registry.Scalar("time_to_micros", "The microseconds from midnight to a time of day.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Overload("time -> bigint", ToUnits<kNanosPerMicro>);
  registry.Scalar("time_from_millis", "The time of day so many milliseconds after midnight.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Overload("integral -> time", FromAnyUnits<kNanosPerMilli>)
      .CanFail();
  registry.Scalar("time_from_micros", "The time of day so many microseconds after midnight.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Overload("integral -> time", FromAnyUnits<kNanosPerMicro>)
      .CanFail();
}

}  // namespace centella
