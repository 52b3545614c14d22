// Dates and times with days, months and intervals: sums, differences, and intervals among themselves.
#include <cctype>
#include <cmath>
#include <string>

#include "functions/datetime_fields.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

[[noreturn]] void RaiseIntervalOverflow() { Raise(Condition::INTERVAL_ARITHMETIC_OVERFLOW__WITHOUT_SUGGESTION); }
[[noreturn]] void RaiseTimestampOverflow() {
  Raise(Condition::DATETIME_OVERFLOW, {{"operation", "a timestamp beyond the range of timestamps"}});
}

int64_t AddExact(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) RaiseTimestampOverflow();
  return sum;
}
int64_t MultiplyExact(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) RaiseTimestampOverflow();
  return product;
}

// ---- dates ----------------------------------------------------------------------------------------------------------

template <typename Days, int sign>
VectorPtr AddDays(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t, Days>(call, [](int32_t date, Days days, int32_t* out) {
    // Wraps around, as Spark's plain addition of ints does.
    *out = static_cast<int32_t>(int64_t{date} + sign * int64_t{days});
    return true;
  });
}

VectorPtr DateDifference(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t, int32_t>(call, [](int32_t end, int32_t start, int32_t* out) {
    *out = static_cast<int32_t>(int64_t{end} - start);
    return true;
  });
}

int32_t CheckedDay(int64_t days) {
  if (days < INT32_MIN || days > INT32_MAX) {
    Raise(Condition::ARITHMETIC_OVERFLOW,
          {{"message", "overflow"}, {"alternative", ""}, {"config", "\"spark.sql.ansi.enabled\""}});
  }
  return static_cast<int32_t>(days);
}

VectorPtr AddMonthsRows(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t, int32_t>(call, [](int32_t date, int32_t months, int32_t* out) {
    *out = CheckedDay(AddMonths(date, months));
    return true;
  });
}

VectorPtr LastDay(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t>(call, [](int32_t date, int32_t* out) {
    *out = CheckedDay(LastDayOfMonth(date));
    return true;
  });
}

// Monday = 0; -1 for what isn't a day's name.
int DayOfName(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  constexpr std::string_view kNames[] = {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"};
  for (int i = 0; i < 7; ++i) {
    if (upper == kNames[i] || upper == kNames[i].substr(0, 3) || upper == kNames[i].substr(0, 2)) return i;
  }
  return -1;
}

VectorPtr NextDay(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t, StringView>(call, [&call](int32_t date, const StringView& name, int32_t* out) {
    const int day = DayOfName(name.view());
    if (day < 0) {
      if (call.mode == EvalMode::kAnsi) Raise(Condition::ILLEGAL_DAY_OF_WEEK, {{"string", std::string(name.view())}});
      return false;
    }
    *out = static_cast<int32_t>(date + 1 + FloorMod(day - WeekdayFromMonday(date) - 1, 7));
    return true;
  });
}

double MonthsBetween(int64_t a, int64_t b, bool round) {
  const int64_t day_a = FloorDiv(a, kMicrosPerDay), day_b = FloorDiv(b, kMicrosPerDay);
  const CivilDay x = CivilFromDays(day_a), y = CivilFromDays(day_b);
  const double months = (int64_t{x.year} - y.year) * 12 + x.month - y.month;
  const bool both_last = LastDayOfMonth(day_a) == day_a && LastDayOfMonth(day_b) == day_b;
  if (x.day == y.day || both_last) return months;
  const int64_t seconds = FloorMod(a, kMicrosPerDay) / kMicrosPerSecond -
                          FloorMod(b, kMicrosPerDay) / kMicrosPerSecond + int64_t{x.day - y.day} * 86400;
  const double exact = months + static_cast<double>(seconds) / (31.0 * 86400);
  // Eight digits, halves up.
  return round ? std::floor(exact * 1e8 + 0.5) / 1e8 : exact;
}

VectorPtr MonthsBetween2(const KernelArgs& call) {
  return ValueRows<double, int64_t, int64_t>(call, [&call](int64_t a, int64_t b, double* out) {
    *out = MonthsBetween(call.query.zone.ToLocalMicros(a), call.query.zone.ToLocalMicros(b), true);
    return true;
  });
}
VectorPtr MonthsBetween3(const KernelArgs& call) {
  return ValueRows<double, int64_t, int64_t, uint8_t>(call, [&call](int64_t a, int64_t b, uint8_t round, double* out) {
    *out = MonthsBetween(call.query.zone.ToLocalMicros(a), call.query.zone.ToLocalMicros(b), round != 0);
    return true;
  });
}

// ---- datetime ± interval --------------------------------------------------------------------------------------------

// Months and days move the wall clock, micros the instant.
int64_t AddCalendar(int64_t instant, const CalendarIntervalValue& interval, int sign, const TimeZone* zone) {
  int64_t local = zone == nullptr ? instant : zone->ToLocalMicros(instant);
  if (interval.months != 0 || interval.days != 0) {
    const int64_t day = FloorDiv(local, kMicrosPerDay), clock = FloorMod(local, kMicrosPerDay);
    const int64_t moved = AddMonths(day, sign * int64_t{interval.months}) + sign * int64_t{interval.days};
    local = AddExact(MultiplyExact(moved, kMicrosPerDay), clock);
    instant = zone == nullptr ? local : zone->ToUtcMicros(local);
  }
  return AddExact(instant, MultiplyExact(interval.micros, sign));
}

template <bool zoned, int sign>
VectorPtr TimestampPlus(const KernelArgs& call) {
  const TimeZone* zone = zoned ? &call.query.zone : nullptr;
  switch (call.args[1]->type()->id()) {
    case TypeId::kYearMonthInterval:
      return ValueRows<int64_t, int64_t, int32_t>(call, [zone](int64_t instant, int32_t months, int64_t* out) {
        *out = AddCalendar(instant, {months, 0, 0}, sign, zone);
        return true;
      });
    case TypeId::kDayTimeInterval:
      return ValueRows<int64_t, int64_t, int64_t>(call, [zone](int64_t instant, int64_t micros, int64_t* out) {
        const auto days = static_cast<int32_t>(micros / kMicrosPerDay);
        *out = AddCalendar(instant, {0, days, micros % kMicrosPerDay}, sign, zone);
        return true;
      });
    default:
      return ValueRows<int64_t, int64_t, CalendarIntervalValue>(
          call, [zone](int64_t instant, const CalendarIntervalValue& interval, int64_t* out) {
            *out = AddCalendar(instant, interval, sign, zone);
            return true;
          });
  }
}

template <int sign>
VectorPtr DatePlus(const KernelArgs& call) {
  if (call.args[1]->type()->is(TypeId::kYearMonthInterval)) {
    return ValueRows<int32_t, int32_t, int32_t>(call, [](int32_t date, int32_t months, int32_t* out) {
      *out = CheckedDay(AddMonths(date, sign * int64_t{months}));
      return true;
    });
  }
  return ValueRows<int32_t, int32_t, CalendarIntervalValue>(
      call, [&call](int32_t date, const CalendarIntervalValue& interval, int32_t* out) {
        int64_t days = AddMonths(date, sign * int64_t{interval.months}) + sign * int64_t{interval.days};
        if (interval.micros != 0) {
          if (call.mode == EvalMode::kAnsi) {
            Raise(Condition::INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION);
          }
          days = FloorDiv(AddExact(MultiplyExact(days, kMicrosPerDay), sign * interval.micros), kMicrosPerDay);
        }
        *out = CheckedDay(days);
        return true;
      });
}

template <int sign>
VectorPtr TimePlus(const KernelArgs& call) {
  return ValueRows<int64_t, int64_t, int64_t>(call, [](int64_t nanos, int64_t micros, int64_t* out) {
    const int64_t sum = AddExact(nanos, MultiplyExact(micros, sign * 1000));
    if (sum < 0 || sum >= kNanosPerDay) {
      Raise(Condition::DATETIME_OVERFLOW, {{"operation", "a time of day beyond its day"}});
    }
    *out = sum;
    return true;
  });
}

VectorPtr ExtractDays(const KernelArgs& call) {
  return ValueRows<int32_t, int64_t>(call, [](int64_t micros, int32_t* out) {
    *out = static_cast<int32_t>(micros / kMicrosPerDay);
    return true;
  });
}

VectorPtr SubtractDates(const KernelArgs& call) {
  return ValueRows<int64_t, int32_t, int32_t>(call, [](int32_t a, int32_t b, int64_t* out) {
    *out = MultiplyExact(int64_t{a} - b, kMicrosPerDay);
    return true;
  });
}
VectorPtr SubtractTimestamps(const KernelArgs& call) {
  // Of the wall clocks: a day with a change of the zone's offset is still one day.
  return ValueRows<int64_t, int64_t, int64_t>(call, [&call](int64_t a, int64_t b, int64_t* out) {
    *out = AddExact(call.query.zone.ToLocalMicros(a), -call.query.zone.ToLocalMicros(b));
    return true;
  });
}
VectorPtr SubtractWallClocks(const KernelArgs& call) {
  return ValueRows<int64_t, int64_t, int64_t>(call, [](int64_t a, int64_t b, int64_t* out) {
    if (__builtin_sub_overflow(a, b, out)) RaiseTimestampOverflow();
    return true;
  });
}
VectorPtr SubtractTimes(const KernelArgs& call) {
  return ValueRows<int64_t, int64_t, int64_t>(call, [](int64_t a, int64_t b, int64_t* out) {
    *out = (a - b) / 1000;
    return true;
  });
}

// ---- intervals ------------------------------------------------------------------------------------------------------

template <typename T, int sign>
VectorPtr IntervalPlus(const KernelArgs& call) {
  return ValueRows<T, T, T>(call, [](T a, T b, T* out) {
    if (sign > 0 ? __builtin_add_overflow(a, b, out) : __builtin_sub_overflow(a, b, out)) {
      Raise(Condition::INTERVAL_ARITHMETIC_OVERFLOW__WITH_SUGGESTION,
            {{"functionName", sign > 0 ? "`try_add`" : "`try_subtract`"}});
    }
    return true;
  });
}

template <int sign>
VectorPtr CalendarPlus(const KernelArgs& call) {
  using Interval = CalendarIntervalValue;
  return ValueRows<Interval, Interval, Interval>(call, [](const Interval& a, const Interval& b, Interval* out) {
    const int64_t months = int64_t{a.months} + sign * int64_t{b.months},
                  days = int64_t{a.days} + sign * int64_t{b.days};
    out->months = static_cast<int32_t>(months);
    out->days = static_cast<int32_t>(days);
    const bool overflow = sign > 0 ? __builtin_add_overflow(a.micros, b.micros, &out->micros)
                                   : __builtin_sub_overflow(a.micros, b.micros, &out->micros);
    if (overflow || out->months != months || out->days != days) RaiseIntervalOverflow();
    return true;
  });
}

// Rounds half away from zero; raises outside of T.
template <typename T>
T RoundInterval(double value) {
  const double rounded = std::round(value);
  if (!(rounded > -9.3e18 && rounded < 9.2233720368547748e18)) RaiseIntervalOverflow();
  const auto wide = static_cast<int64_t>(rounded);
  if (static_cast<T>(wide) != wide) RaiseIntervalOverflow();
  return static_cast<T>(wide);
}

// interval * number or interval / number, whose type decides the arithmetic.
template <typename T, bool divide, typename Number>
VectorPtr ScaleRows(const KernelArgs& call, int scale) {
  const bool tolerant = call.mode == EvalMode::kTry;
  return ValueRows<T, T, Number>(call, [scale, tolerant](T interval, const Number& number, T* out) {
    if (divide && number == 0 && tolerant) return false;
    if constexpr (std::is_floating_point_v<Number>) {
      if (divide && number == 0) Raise(Condition::INTERVAL_DIVIDED_BY_ZERO);
      *out = RoundInterval<T>(divide ? static_cast<double>(interval) / number : static_cast<double>(interval) * number);
    } else {
      if (divide && number == 0) Raise(Condition::INTERVAL_DIVIDED_BY_ZERO);
      int128_t result;
      if (divide) {
        const int128_t top = int128_t{interval} * kPowersOfTen[scale > 18 ? 18 : scale];
        const int128_t bottom = int128_t{number} / kPowersOfTen[scale > 18 ? scale - 18 : 0];
        if (bottom == 0) RaiseIntervalOverflow();
        result = top / bottom;
        const uint128_t rest = Magnitude(top % bottom);
        if (rest >= Magnitude(bottom) - rest && rest != 0) result += (top < 0) != (bottom < 0) ? -1 : 1;
      } else {
        if (__builtin_mul_overflow(int128_t{interval}, int128_t{number}, &result)) RaiseIntervalOverflow();
        result = DivideByPowerOfTen(result, scale);
      }
      *out = static_cast<T>(result);
      if (int128_t{*out} != result) RaiseIntervalOverflow();
    }
    return true;
  });
}

template <typename T, bool divide>
VectorPtr ScaleInterval(const KernelArgs& call) {
  const DataType& number = *call.args[1]->type();
  switch (number.physical()) {
    case PhysicalType::kInt8: return ScaleRows<T, divide, int8_t>(call, 0);
    case PhysicalType::kInt16: return ScaleRows<T, divide, int16_t>(call, 0);
    case PhysicalType::kInt32: return ScaleRows<T, divide, int32_t>(call, 0);
    case PhysicalType::kInt64:
      return ScaleRows<T, divide, int64_t>(call, number.is(TypeId::kDecimal) ? number.scale() : 0);
    case PhysicalType::kInt128: return ScaleRows<T, divide, int128_t>(call, number.scale());
    case PhysicalType::kFloat: return ScaleRows<T, divide, float>(call, 0);
    default: return ScaleRows<T, divide, double>(call, 0);
  }
}

// Parts of months and days that are cut off: days' go on as micros, months' are lost.
bool ScaleCalendar(const CalendarIntervalValue& interval, double factor, bool divide, CalendarIntervalValue* out) {
  auto scaled = [&](double value) { return divide ? value / factor : value * factor; };
  const double months = std::trunc(scaled(interval.months)), days = scaled(interval.days);
  const double whole_days = std::trunc(days);
  const double micros =
      scaled(static_cast<double>(interval.micros)) + (days - whole_days) * static_cast<double>(kMicrosPerDay);
  if (!(std::fabs(months) < 2147483648.0 && std::fabs(whole_days) < 2147483648.0)) RaiseIntervalOverflow();
  *out = {static_cast<int32_t>(months), static_cast<int32_t>(whole_days), RoundInterval<int64_t>(micros)};
  return true;
}

template <bool divide>
VectorPtr ScaleIntervals(const KernelArgs& call) {
  using Interval = CalendarIntervalValue;
  switch (call.args[0]->type()->id()) {
    case TypeId::kYearMonthInterval: return ScaleInterval<int32_t, divide>(call);
    case TypeId::kDayTimeInterval: return ScaleInterval<int64_t, divide>(call);
    default: break;
  }
  return ValueRows<Interval, Interval, double>(call, [&call](const Interval& interval, double factor, Interval* out) {
    if (divide && factor == 0) {
      if (call.mode == EvalMode::kAnsi) Raise(Condition::INTERVAL_DIVIDED_BY_ZERO);
      return false;
    }
    return ScaleCalendar(interval, factor, divide, out);
  });
}

template <typename T>
VectorPtr IntervalQuotient(const KernelArgs& call) {
  return ValueRows<int64_t, T, T>(call, [](T a, T b, int64_t* out) {
    if (b == 0) Raise(Condition::INTERVAL_DIVIDED_BY_ZERO);
    if (int64_t{a} == INT64_MIN && b == -1) RaiseIntervalOverflow();
    *out = int64_t{a} / b;
    return true;
  });
}

// The type of the interval that is scaled: all of its family's fields.
TypePtr WholeInterval(const BindArgs& args) {
  if (args.types[0]->is(TypeId::kYearMonthInterval)) return types::YearMonthInterval();
  if (args.types[0]->is(TypeId::kDayTimeInterval)) return types::DayTimeInterval();
  return args.types[0];
}

// ---- timestampadd, timestampdiff ------------------------------------------------------------------------------------

// The unit of each row: nearly always one constant, so the last name is remembered.
class UnitNames {
 public:
  TimeUnit Of(std::string_view name) {
    if (known_ && name == name_) return unit_;
    const std::optional<TimeUnit> unit = ParseAddUnit(name);
    if (!unit.has_value()) RaiseUnsupported("the unit " + std::string(name));
    known_ = true;
    name_ = name;
    unit_ = *unit;
    return unit_;
  }

 private:
  bool known_ = false;
  std::string_view name_;
  TimeUnit unit_{};
};

int64_t UnitLength(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMicrosecond: return 1;
    case TimeUnit::kMillisecond: return 1000;
    case TimeUnit::kSecond: return kMicrosPerSecond;
    case TimeUnit::kMinute: return kMicrosPerMinute;
    case TimeUnit::kHour: return kMicrosPerHour;
    case TimeUnit::kDay: return kMicrosPerDay;
    default: return 7 * kMicrosPerDay;
  }
}
int32_t UnitMonths(TimeUnit unit) { return unit == TimeUnit::kMonth ? 1 : unit == TimeUnit::kQuarter ? 3 : 12; }

template <bool zoned>
VectorPtr TimestampAdd(const KernelArgs& call) {
  const TimeZone* zone = zoned ? &call.query.zone : nullptr;
  UnitNames units;
  return ValueRows<int64_t, StringView, int64_t, int64_t>(
      call, [&](const StringView& name, int64_t n, int64_t at, int64_t* out) {
        const TimeUnit unit = units.Of(name.view());
        if (unit >= TimeUnit::kMonth) {
          const int64_t months = MultiplyExact(n, UnitMonths(unit));
          if (months != static_cast<int32_t>(months)) RaiseTimestampOverflow();
          *out = AddCalendar(at, {static_cast<int32_t>(months), 0, 0}, 1, zone);
        } else if (unit >= TimeUnit::kDay) {
          const int64_t days = MultiplyExact(n, unit == TimeUnit::kWeek ? 7 : 1);
          if (days != static_cast<int32_t>(days)) RaiseTimestampOverflow();
          *out = AddCalendar(at, {0, static_cast<int32_t>(days), 0}, 1, zone);
        } else {
          *out = AddExact(at, MultiplyExact(n, UnitLength(unit)));
        }
        return true;
      });
}

// Whole months between two wall clocks, as java.time counts them.
int64_t WholeMonths(int64_t start, int64_t end) {
  const CivilDay a = CivilFromDays(FloorDiv(start, kMicrosPerDay)), b = CivilFromDays(FloorDiv(end, kMicrosPerDay));
  auto within_month = [](const CivilDay& day, int64_t at) {
    return int64_t{day.day} * kMicrosPerDay + FloorMod(at, kMicrosPerDay);
  };
  int64_t months = (int64_t{b.year} - a.year) * 12 + b.month - a.month;
  const int64_t x = within_month(a, start), y = within_month(b, end);
  if (months > 0 && y < x) --months;
  if (months < 0 && y > x) ++months;
  return months;
}

template <bool zoned>
VectorPtr TimestampDiff(const KernelArgs& call) {
  UnitNames units;
  auto local = [&call](int64_t at) { return zoned ? call.query.zone.ToLocalMicros(at) : at; };
  return ValueRows<int64_t, StringView, int64_t, int64_t>(
      call, [&](const StringView& name, int64_t start, int64_t end, int64_t* out) {
        const TimeUnit unit = units.Of(name.view());
        if (unit >= TimeUnit::kMonth) {
          *out = WholeMonths(local(start), local(end)) / UnitMonths(unit);
        } else if (unit >= TimeUnit::kDay) {
          *out = (local(end) - local(start)) / UnitLength(unit);
        } else {
          *out = (end - start) / UnitLength(unit);
        }
        return true;
      });
}

void RegisterDates(FunctionRegistry& registry) {
  registry.Scalar("date_add", "The date so many days later.")
      .Alias("dateadd")
      .Group("datetime_funcs")
      .Example("SELECT date_add('2016-07-30', 1)", "2016-07-31")
      .Overload("date, int -> date", AddDays<int32_t, 1>)
      .Overload("date, smallint -> date", AddDays<int16_t, 1>)
      .Overload("date, tinyint -> date", AddDays<int8_t, 1>);
  registry.Scalar("date_sub", "The date so many days earlier.")
      .Group("datetime_funcs")
      .Example("SELECT date_sub('2016-07-30', 1)", "2016-07-29")
      .Overload("date, int -> date", AddDays<int32_t, -1>)
      .Overload("date, smallint -> date", AddDays<int16_t, -1>)
      .Overload("date, tinyint -> date", AddDays<int8_t, -1>);
  registry.Scalar("datediff", "The days from the second date to the first.")
      .Alias("date_diff")
      .Group("datetime_funcs")
      .Example("SELECT datediff('2009-07-31', '2009-07-30')", "1")
      .Overload("date, date -> int", DateDifference);
  registry.Scalar("add_months", "The same day so many months later.")
      .Group("datetime_funcs")
      .Example("SELECT add_months('2016-08-31', 1)", "2016-09-30")
      .Overload("date, int -> date", AddMonthsRows)
      .CanFail();
  registry.Scalar("last_day", "The last day of the month.")
      .Group("datetime_funcs")
      .Example("SELECT last_day('2009-01-12')", "2009-01-31")
      .Overload("date -> date", LastDay)
      .CanFail();
  registry.Scalar("next_day", "The first such day of the week after a date.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Example("SELECT next_day('2015-01-14', 'TU')", "2015-01-20")
      .Overload("date, string -> date", NextDay)
      .CanFailAnsi();
  registry.Scalar("months_between", "The months between two instants, with a fraction of 31-day months.")
      .Group("datetime_funcs")
      .Example("SELECT months_between('1997-02-28 10:30:00', '1996-10-30')", "3.94959677")
      .Overload("timestamp, timestamp -> double", MonthsBetween2)
      .Overload("timestamp, timestamp, boolean -> double", MonthsBetween3);
}

void RegisterIntervalSums(FunctionRegistry& registry) {
  registry.Scalar("timestamp_add_interval", "An instant and an interval.")
      .Group("internal")
      .Overload("timestamp, interval -> timestamp", TimestampPlus<true, 1>)
      .CanFail()
      .Overload("timestamp_ntz, interval -> timestamp_ntz", TimestampPlus<false, 1>)
      .CanFail();
  registry.Scalar("timestamp_sub_interval", "An instant less an interval.")
      .Group("internal")
      .Overload("timestamp, interval -> timestamp", TimestampPlus<true, -1>)
      .CanFail()
      .Overload("timestamp_ntz, interval -> timestamp_ntz", TimestampPlus<false, -1>)
      .CanFail();
  registry.Scalar("date_add_interval", "A date and an interval.")
      .Group("internal")
      .Overload("date, interval year to month -> date", DatePlus<1>)
      .CanFail()
      .Overload("date, calendar_interval -> date", DatePlus<1>)
      .CanFail();
  registry.Scalar("date_sub_interval", "A date less an interval.")
      .Group("internal")
      .Overload("date, interval year to month -> date", DatePlus<-1>)
      .CanFail()
      .Overload("date, calendar_interval -> date", DatePlus<-1>)
      .CanFail();
  registry.Scalar("time_add_interval", "A time of day and an interval.")
      .Group("internal")
      .Overload("time, interval day to second -> time", TimePlus<1>)
      .CanFail();
  registry.Scalar("time_sub_interval", "A time of day less an interval.")
      .Group("internal")
      .Overload("time, interval day to second -> time", TimePlus<-1>)
      .CanFail();
  registry.Scalar("extract_ansi_interval_days", "The days of an interval of days.")
      .Group("internal")
      .Overload("interval day to second -> int", ExtractDays);
  registry.Scalar("subtract_dates", "The days between two dates.")
      .Group("internal")
      .Overload("date, date -> interval day", SubtractDates)
      .CanFail();
  registry.Scalar("subtract_timestamps", "The time between two instants.")
      .Group("internal")
      .Overload("timestamp, timestamp -> interval day to second", SubtractTimestamps)
      .CanFail()
      .Overload("timestamp_ntz, timestamp_ntz -> interval day to second", SubtractWallClocks)
      .CanFail();
  registry.Scalar("subtract_times", "The time between two times of day.")
      .Group("internal")
      .Overload("time, time -> interval hour to second", SubtractTimes);
  registry.Scalar("multiply_interval", "An interval so many times.").Group("internal");
  registry.Scalar("divide_interval", "A part of an interval.")
      .Group("internal")
      // A calendar interval divided by zero is NULL without ANSI, any is in try mode.
      .AlwaysNullable();
  for (const char* signature : {"interval year to month, numeric -> ?", "interval day to second, numeric -> ?",
                                "calendar_interval, double -> ?"}) {
    registry.Scalar("multiply_interval", "")
        .Overload(signature, ScaleIntervals<false>)
        .ResultType(WholeInterval)
        .CanFail();
    registry.Scalar("divide_interval", "")
        .Overload(signature, ScaleIntervals<true>)
        .ResultType(WholeInterval)
        .CanFail();
  }
  registry.Scalar("interval_div", "How often an interval fits into another.")
      .Group("internal")
      .Overload("interval year to month, interval year to month -> bigint", IntervalQuotient<int32_t>)
      .CanFail()
      .Overload("interval day to second, interval day to second -> bigint", IntervalQuotient<int64_t>)
      .CanFail();
}

template <int sign>
VectorPtr AnyIntervalPlus(const KernelArgs& call) {
  switch (call.args[0]->type()->id()) {
    case TypeId::kYearMonthInterval: return IntervalPlus<int32_t, sign>(call);
    case TypeId::kDayTimeInterval: return IntervalPlus<int64_t, sign>(call);
    default: return CalendarPlus<sign>(call);
  }
}

}  // namespace

int64_t AddCalendarInterval(int64_t instant, const CalendarIntervalValue& interval, const TimeZone* zone) {
  return AddCalendar(instant, interval, 1, zone);
}

void RegisterDatetimeArithmetic(FunctionRegistry& registry) {
  RegisterDates(registry);
  RegisterIntervalSums(registry);
  auto same = [](const BindArgs& args) { return args.types[0]; };
  for (const char* signature :
       {"interval year to month, interval year to month -> ?", "interval day to second, interval day to second -> ?",
        "calendar_interval, calendar_interval -> ?"}) {
    registry.Scalar("+", "").Overload(signature, AnyIntervalPlus<1>).ResultType(same).CanFail();
    registry.Scalar("-", "").Overload(signature, AnyIntervalPlus<-1>).ResultType(same).CanFail();
  }
  registry.Scalar("timestampadd", "The instant so many units later.")
      .Group("datetime_funcs")
      .Example("SELECT timestampadd(HOUR, 8, timestamp_ntz'2022-02-11 20:30:00')", "2022-02-12 04:30:00")
      .Overload("string, bigint, timestamp -> timestamp", TimestampAdd<true>)
      .CanFail()
      .Overload("string, bigint, timestamp_ntz -> timestamp_ntz", TimestampAdd<false>)
      .CanFail();
  registry.Scalar("timestampdiff", "The whole units from the first instant to the second.")
      .Group("datetime_funcs")
      .Example("SELECT timestampdiff(MONTH, timestamp'2021-02-28 12:00:00', timestamp'2021-03-28 11:59:59')", "0")
      .Overload("string, timestamp, timestamp -> bigint", TimestampDiff<true>)
      .CanFail()
      .Overload("string, timestamp_ntz, timestamp_ntz -> bigint", TimestampDiff<false>)
      .CanFail();
}

}  // namespace centella
