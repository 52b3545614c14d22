// sequence() over dates and timestamps, by an interval or by days.
#include <vector>

#include "functions/datetime_fields.h"
#include "functions/lists.h"
#include "functions/registry.h"

namespace centella {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 28;

[[noreturn]] void RaiseStep(const char* type) { Raise(Condition::_LEGACY_ERROR_TEMP_3242, {{"intervalType", type}}); }

CalendarIntervalValue StepOf(const KernelArgs& call, int64_t row, bool dates, bool descending) {
  if (call.args.size() < 3) return {0, descending ? -1 : 1, 0};
  const int64_t at = call.index(2, row);
  switch (call.args[2]->type()->id()) {
    case TypeId::kYearMonthInterval: {
      const int32_t months = call.data<int32_t>(2)[at];
      if (months == 0) RaiseStep("interval year to month");
      return {months, 0, 0};
    }
    case TypeId::kDayTimeInterval: {
      const int64_t micros = call.data<int64_t>(2)[at];
      const int64_t days = micros / kMicrosPerDay;
      if (micros == 0 || (dates && micros % kMicrosPerDay != 0)) RaiseStep("interval day to second");
      return {0, static_cast<int32_t>(days), micros - days * kMicrosPerDay};
    }
    default: {
      const CalendarIntervalValue step = call.data<CalendarIntervalValue>(2)[at];
      if (dates && step.months == 0 && step.days == 0) RaiseStep("interval");
      if (step.months == 0 && step.days == 0 && step.micros == 0) RaiseStep("interval");
      return step;
    }
  }
}

// Adds the values from start to stop, both microseconds, to `out`. Each is the start and so many times the step, so that
// months keep the start's day.
void Fill(int64_t start, int64_t stop, const CalendarIntervalValue& step, const TimeZone* zone,
          std::vector<int64_t>* out) {
  const int128_t estimate =
      int128_t{step.months} * 28 * kMicrosPerDay + int128_t{step.days} * kMicrosPerDay + step.micros;
  const bool up = estimate > 0;
  if (estimate == 0 || (up ? start > stop : start < stop)) {
    if (start == stop) {
      out->push_back(start);
      return;
    }
    Raise(Condition::INVALID_PARAMETER_VALUE__SEQUENCE_BOUNDARIES,
          {{"start", std::to_string(start)},
           {"stop", std::to_string(stop)},
           {"step", std::to_string(static_cast<int64_t>(estimate))}});
  }
  const int128_t count = (int128_t{stop} - start) / estimate + 1;
  if (count > kMostElements || static_cast<int64_t>(out->size()) + count > kMostElements) {
    RaiseUnsupported("an array of more than 268435456 elements");
  }
  int64_t at = start;
  for (int64_t i = 1; up ? at <= stop : at >= stop; ++i) {
    out->push_back(at);
    const CalendarIntervalValue so_far{static_cast<int32_t>(i * step.months), static_cast<int32_t>(i * step.days),
                                       i * step.micros};
    at = AddCalendarInterval(start, so_far, zone);
  }
}

enum class Kind : uint8_t { kDate, kZoned, kLocal };

template <Kind kind>
VectorPtr Sequence(const KernelArgs& call) {
  constexpr bool dates = kind == Kind::kDate;
  std::vector<ListEntry> entries(call.rows);
  std::vector<int64_t> values;
  auto value = [&](size_t arg, int64_t row) {
    const int64_t at = call.index(arg, row);
    return dates ? call.data<int32_t>(arg)[at] * kMicrosPerDay : call.data<int64_t>(arg)[at];
  };
  ForLive(call, [&](int64_t i) {
    const int64_t start = value(0, i), stop = value(1, i);
    const auto begin = static_cast<int32_t>(values.size());
    Fill(start, stop, StepOf(call, i, dates, start > stop), kind == Kind::kZoned ? &call.query.zone : nullptr, &values);
    entries[i] = {begin, static_cast<int32_t>(values.size()) - begin};
  });
  const auto total = static_cast<int64_t>(values.size());
  MutableVectorPtr child = Vector::MakeFlat(call.result_type->element(), total);
  for (int64_t k = 0; k < total; ++k) {
    if constexpr (dates) {
      child->mutable_data<int32_t>()[k] = static_cast<int32_t>(FloorDiv(values[k], kMicrosPerDay));
    } else {
      child->mutable_data<int64_t>()[k] = values[k];
    }
  }
  return WrapList(call.result_type, entries, std::move(child));
}

}  // namespace

void RegisterDatetimeSequences(FunctionRegistry& registry) {
  auto list = [](const BindArgs& args) { return types::Array(args.types[0], false); };
  FunctionBuilder sequence = registry.Scalar("sequence", "The values from start to stop by a step.");
  sequence.Overload("date, date -> ?", Sequence<Kind::kDate>)
      .ResultType(list)
      .CanFail()
      .Overload("timestamp, timestamp -> ?", Sequence<Kind::kZoned>)
      .ResultType(list)
      .CanFail()
      .Overload("timestamp_ntz, timestamp_ntz -> ?", Sequence<Kind::kLocal>)
      .ResultType(list)
      .CanFail()
      .Overload("date, date, interval -> ?", Sequence<Kind::kDate>)
      .ResultType(list)
      .CanFail()
      .Overload("timestamp, timestamp, interval -> ?", Sequence<Kind::kZoned>)
      .ResultType(list)
      .CanFail()
      .Overload("timestamp_ntz, timestamp_ntz, interval -> ?", Sequence<Kind::kLocal>)
      .ResultType(list)
      .CanFail();
}

}  // namespace centella
