// Dates and times from numbers, other zones and the query's clock.
#include <cmath>
#include <string>

#include "functions/datetime_fields.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

constexpr std::string_view kMonthWords[] = {"JANUARY", "FEBRUARY", "MARCH",     "APRIL",   "MAY",      "JUNE",
                                            "JULY",    "AUGUST",   "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"};

// In ANSI mode raises what java.time says of a field out of bounds; else answers false.
bool OutOfBounds(const KernelArgs& call, const std::string& message) {
  if (call.mode != EvalMode::kAnsi) return false;
  Raise(Condition::DATETIME_FIELD_OUT_OF_BOUNDS__WITH_SUGGESTION,
        {{"rangeMessage", message}, {"ansiConfig", "\"spark.sql.ansi.enabled\""}});
}

bool InRange(const KernelArgs& call, const char* field, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return true;
  return OutOfBounds(call, std::string("Invalid value for ") + field + " (valid values " + std::to_string(low) + " - " +
                               std::to_string(high) + "): " + std::to_string(value));
}

bool CheckDate(const KernelArgs& call, int64_t year, int64_t month, int64_t day) {
  if (!InRange(call, "Year", year, -999999999, 999999999) || !InRange(call, "MonthOfYear", month, 1, 12)) return false;
  if (day < 1 || day > 31) {
    return OutOfBounds(call, "Invalid value for DayOfMonth (valid values 1 - 28/31): " + std::to_string(day));
  }
  if (day <= DaysInMonth(year, static_cast<int>(month))) return true;
  if (day == 29) {
    return OutOfBounds(call, "Invalid date 'February 29' as '" + std::to_string(year) + "' is not a leap year");
  }
  return OutOfBounds(call, "Invalid date '" + std::string(kMonthWords[month - 1]) + " " + std::to_string(day) + "'");
}

VectorPtr MakeDate(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t, int32_t, int32_t>(call,
                                                       [&call](int32_t year, int32_t month, int32_t day, int32_t* out) {
                                                         if (!CheckDate(call, year, month, day)) return false;
                                                         const int64_t days = DaysFromCivil(year, month, day);
                                                         *out = static_cast<int32_t>(days);
                                                         return *out == days || OutOfBounds(call, "integer overflow");
                                                       });
}

// Seconds come as DECIMAL(16,6): micros. 60.0 is the next minute.
bool MakeWallClock(const KernelArgs& call, int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
                   int64_t second_micros, int64_t* out) {
  if (!CheckDate(call, year, month, day)) return false;
  const bool sixty = second_micros == kMicrosPerMinute;
  if (!sixty && (second_micros < 0 || second_micros >= kMicrosPerMinute)) {
    if (second_micros > kMicrosPerMinute && second_micros < kMicrosPerMinute + kMicrosPerSecond) {
      if (call.mode != EvalMode::kAnsi) return false;
      std::string text = DecimalToString(second_micros, 6);
      while (text.back() == '0') text.pop_back();
      Raise(Condition::INVALID_FRACTION_OF_SECOND, {{"secAndMicros", text}});
    }
    return InRange(call, "SecondOfMinute", FloorDiv(second_micros, kMicrosPerSecond), 0, 59);
  }
  if (!InRange(call, "HourOfDay", hour, 0, 23) || !InRange(call, "MinuteOfHour", minute, 0, 59)) return false;
  const int64_t clock = hour * kMicrosPerHour + minute * kMicrosPerMinute + second_micros;
  int64_t micros;
  if (__builtin_mul_overflow(DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day)), kMicrosPerDay,
                             &micros) ||
      __builtin_add_overflow(micros, clock, out)) {
    return OutOfBounds(call, "long overflow");
  }
  return true;
}

template <bool zoned>
VectorPtr MakeTimestamp6(const KernelArgs& call) {
  return ValueRows<int64_t, int32_t, int32_t, int32_t, int32_t, int32_t, int64_t>(
      call, [&call](int32_t y, int32_t mo, int32_t d, int32_t h, int32_t mi, int64_t s, int64_t* out) {
        if (!MakeWallClock(call, y, mo, d, h, mi, s, out)) return false;
        if (zoned) *out = call.query.zone.ToUtcMicros(*out);
        return true;
      });
}

VectorPtr MakeTimestamp7(const KernelArgs& call) {
  return ValueRows<int64_t, int32_t, int32_t, int32_t, int32_t, int32_t, int64_t, StringView>(
      call, [&call](int32_t y, int32_t mo, int32_t d, int32_t h, int32_t mi, int64_t s, const StringView& zone,
                    int64_t* out) {
        if (!MakeWallClock(call, y, mo, d, h, mi, s, out)) return false;
        *out = TimeZone::Load(zone.view()).ToUtcMicros(*out);
        return true;
      });
}

// The kernel with failures as NULL.
ScalarKernel Tolerant(ScalarKernel kernel) {
  return [kernel = std::move(kernel)](const KernelArgs& call) {
    KernelArgs tolerant{call.query,    EvalMode::kTry, call.rows,      call.args,      call.result_type, call.validity,
                        call.prepared, call.lambdas,   call.partition, call.first_row, call.task_state};
    return kernel(tolerant);
  };
}

// ---- numbers and instants -------------------------------------------------------------------------------------------

[[noreturn]] void RaiseOverflow() {
  Raise(Condition::ARITHMETIC_OVERFLOW,
        {{"message", "long overflow"}, {"alternative", ""}, {"config", "\"spark.sql.ansi.enabled\""}});
}

template <typename In, int64_t factor>
VectorPtr FromUnits(const KernelArgs& call) {
  return ValueRows<int64_t, In>(call, [](In value, int64_t* out) {
    if (__builtin_mul_overflow(int64_t{value}, factor, out)) RaiseOverflow();
    return true;
  });
}

VectorPtr FromFloatingSeconds(const KernelArgs& call) {
  return ValueRows<int64_t, double>(call, [](double seconds, int64_t* out) {
    if (!std::isfinite(seconds)) return false;
    const double micros = seconds * 1e6;
    *out = micros >= 9.2233720368547758e18    ? INT64_MAX
           : micros <= -9.2233720368547758e18 ? INT64_MIN
                                              : static_cast<int64_t>(micros);
    return true;
  });
}

VectorPtr FromDecimalSeconds(const KernelArgs& call) {
  const int scale = call.args[0]->type()->scale();
  auto convert = [scale](int128_t value, int64_t* out) {
    int128_t micros = value;
    // Exactly: more than six digits after the point is an error in Spark.
    if (scale > 6) {
      if (value % kPowersOfTen[scale - 6] != 0) {
        Raise(Condition::ARITHMETIC_OVERFLOW,
              {{"message", "Rounding necessary"}, {"alternative", ""}, {"config", "\"spark.sql.ansi.enabled\""}});
      }
      micros = value / kPowersOfTen[scale - 6];
    } else if (__builtin_mul_overflow(value, kPowersOfTen[6 - scale], &micros)) {
      RaiseOverflow();
    }
    *out = static_cast<int64_t>(micros);
    if (*out != micros) RaiseOverflow();
    return true;
  };
  if (call.args[0]->physical() == PhysicalType::kInt64) {
    return ValueRows<int64_t, int64_t>(call, [&](int64_t v, int64_t* out) { return convert(v, out); });
  }
  return ValueRows<int64_t, int128_t>(call, [&](const int128_t& v, int64_t* out) { return convert(v, out); });
}

template <int64_t unit>
VectorPtr ToUnits(const KernelArgs& call) {
  return ValueRows<int64_t, int64_t>(call, [](int64_t micros, int64_t* out) {
    *out = FloorDiv(micros, unit);
    return true;
  });
}

VectorPtr SameDays(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t>(call, [](int32_t days, int32_t* out) {
    *out = days;
    return true;
  });
}

// ---- zones ----------------------------------------------------------------------------------------------------------

// The zone of a text argument; a constant's is loaded once a batch.
class ZoneArgument {
 public:
  const TimeZone& Of(const StringView& id) {
    if (!loaded_ || id.view() != id_) {
      zone_ = TimeZone::Load(id.view());
      id_ = std::string(id.view());
      loaded_ = true;
    }
    return zone_;
  }

 private:
  bool loaded_ = false;
  std::string id_;
  TimeZone zone_;
};

template <bool from_utc>
VectorPtr ShiftZone(const KernelArgs& call) {
  ZoneArgument zone;
  return ValueRows<int64_t, int64_t, StringView>(call, [&zone](int64_t micros, const StringView& id, int64_t* out) {
    *out = from_utc ? zone.Of(id).ToLocalMicros(micros) : zone.Of(id).ToUtcMicros(micros);
    return true;
  });
}

VectorPtr ConvertZone3(const KernelArgs& call) {
  ZoneArgument source, target;
  return ValueRows<int64_t, StringView, StringView, int64_t>(
      call, [&](const StringView& from, const StringView& to, int64_t wall, int64_t* out) {
        *out = target.Of(to).ToLocalMicros(source.Of(from).ToUtcMicros(wall));
        return true;
      });
}
VectorPtr ConvertZone2(const KernelArgs& call) {
  ZoneArgument target;
  return ValueRows<int64_t, StringView, int64_t>(call, [&](const StringView& to, int64_t wall, int64_t* out) {
    *out = target.Of(to).ToLocalMicros(call.query.zone.ToUtcMicros(wall));
    return true;
  });
}

// ---- the query's clock ----------------------------------------------------------------------------------------------

VectorPtr CurrentDate(const KernelArgs& call) {
  const int64_t local = call.query.zone.ToLocalMicros(call.query.start_micros);
  return Vector::MakeConstant(Value::Integer(types::Date(), FloorDiv(local, kMicrosPerDay)), call.rows);
}
VectorPtr CurrentTimestamp(const KernelArgs& call) {
  return Vector::MakeConstant(Value::Integer(types::Timestamp(), call.query.start_micros), call.rows);
}
VectorPtr LocalTimestamp(const KernelArgs& call) {
  return Vector::MakeConstant(
      Value::Integer(types::TimestampNtz(), call.query.zone.ToLocalMicros(call.query.start_micros)), call.rows);
}
VectorPtr CurrentZone(const KernelArgs& call) {
  return Vector::MakeConstant(Value::String(call.query.zone.id()), call.rows);
}

// ---- intervals from numbers -----------------------------------------------------------------------------------------

bool IntervalOverflow(const KernelArgs& call, bool always) {
  if (!always && call.mode != EvalMode::kAnsi) return false;
  if (call.mode == EvalMode::kTry) return false;
  if (!call.result_type->is(TypeId::kCalendarInterval)) {
    Raise(Condition::INTERVAL_ARITHMETIC_OVERFLOW__WITHOUT_SUGGESTION);
  }
  Raise(Condition::ARITHMETIC_OVERFLOW,
        {{"message", "overflow"}, {"alternative", ""}, {"config", "\"spark.sql.ansi.enabled\""}});
}

// Arguments that aren't given are zero.
VectorPtr MakeInterval(const KernelArgs& call) {
  using Interval = CalendarIntervalValue;
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<Interval>();
  auto part = [&call](size_t k, int64_t row) -> int64_t {
    if (k >= call.args.size()) return 0;
    const int64_t at = call.index(k, row);
    return k == 6 ? call.data<int64_t>(k)[at] : call.data<int32_t>(k)[at];
  };
  ForLive(call, [&](int64_t i) {
    const int64_t months = part(0, i) * 12 + part(1, i), days = part(2, i) * 7 + part(3, i);
    int64_t micros;
    const bool fits =
        months == static_cast<int32_t>(months) && days == static_cast<int32_t>(days) &&
        !__builtin_add_overflow(part(4, i) * kMicrosPerHour + part(5, i) * kMicrosPerMinute, part(6, i), &micros);
    to[i] = Interval();
    if (fits) {
      to[i] = {static_cast<int32_t>(months), static_cast<int32_t>(days), micros};
    } else if (!IntervalOverflow(call, false)) {
      out->SetNull(i);
    }
  });
  return out;
}

VectorPtr MakeDayTime(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<int64_t>();
  constexpr int64_t kUnits[] = {kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute};
  ForLive(call, [&](int64_t i) {
    to[i] = 0;
    bool fits = true;
    for (size_t k = 0; k < call.args.size(); ++k) {
      const int64_t at = call.index(k, i);
      int64_t micros;
      if (k == 3) {
        micros = call.data<int64_t>(k)[at];
      } else {
        fits = fits && !__builtin_mul_overflow(int64_t{call.data<int32_t>(k)[at]}, kUnits[k], &micros);
      }
      fits = fits && !__builtin_add_overflow(to[i], micros, to + i);
    }
    if (!fits && !IntervalOverflow(call, true)) out->SetNull(i);
  });
  return out;
}

VectorPtr MakeYearMonth(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ForLive(call, [&](int64_t i) {
    int64_t months = 0;
    if (!call.args.empty()) months = int64_t{call.data<int32_t>(0)[call.index(0, i)]} * 12;
    if (call.args.size() > 1) months += call.data<int32_t>(1)[call.index(1, i)];
    out->mutable_data<int32_t>()[i] = static_cast<int32_t>(months);
    if (months != static_cast<int32_t>(months) && !IntervalOverflow(call, true)) out->SetNull(i);
  });
  return out;
}

// ---- registration ---------------------------------------------------------------------------------------------------

// In ANSI mode a field out of bounds raises instead of giving NULL.
bool MadeNullable(const BindArgs& args) {
  if (args.mode != EvalMode::kAnsi) return true;
  for (bool nullable : args.nullable) {
    if (nullable) return true;
  }
  return false;
}

void RegisterMakers(FunctionRegistry& registry) {
  registry.Scalar("make_date", "The date of a year, month and day.")
      .Group("datetime_funcs")
      .Nullable(MadeNullable)
      .Example("SELECT make_date(2013, 7, 15)", "2013-07-15")
      .Overload("int, int, int -> date", MakeDate)
      .CanFailAnsi();
  constexpr const char* kSix = "int, int, int, int, int, decimal(16,6) -> ";
  auto add = [&](const char* name, bool zoned, bool tolerant) {
    const std::string type = zoned ? "timestamp" : "timestamp_ntz";
    const ScalarKernel six = zoned ? MakeTimestamp6<true> : MakeTimestamp6<false>;
    FunctionBuilder builder = registry.Scalar(name, "The instant of a year, month, day, hour, minute and second.");
    builder.Group("datetime_funcs")
        .AlwaysNullable()
        .Example(std::string("SELECT ") + name + "(2014, 12, 28, 6, 30, 45.887)", "2014-12-28 06:30:45.887");
    if (!tolerant) builder.Nullable(MadeNullable);
    builder.Overload(kSix + type, tolerant ? Tolerant(six) : six);
    if (!tolerant) builder.CanFailAnsi();
    if (!zoned) return;
    builder
        .Overload("int, int, int, int, int, decimal(16,6), string -> timestamp",
                  tolerant ? Tolerant(MakeTimestamp7) : ScalarKernel(MakeTimestamp7))
        .CanFail();
  };
  add("make_timestamp", true, false);
  add("make_timestamp_ltz", true, false);
  add("make_timestamp_ntz", false, false);
  add("try_make_timestamp", true, true);
  add("try_make_timestamp_ltz", true, true);
  add("try_make_timestamp_ntz", false, true);
  FunctionBuilder interval =
      registry.Scalar("make_interval", "An interval of years, months, weeks, days, hours, minutes, seconds.");
  interval.Group("datetime_funcs")
      .Nullable(MadeNullable)
      .Example("SELECT make_interval(100, 11)", "100 years 11 months");
  FunctionBuilder tolerant_interval =
      registry.Scalar("try_make_interval", "As make_interval, but NULL when it overflows.");
  tolerant_interval.Group("datetime_funcs").AlwaysNullable();
  FunctionBuilder day_time = registry.Scalar("make_dt_interval", "An interval of days, hours, minutes, seconds.");
  day_time.Group("datetime_funcs")
      .Example("SELECT make_dt_interval(1, 12, 30, 01.001001)", "INTERVAL '1 12:30:01.001001' DAY TO SECOND");
  FunctionBuilder year_month = registry.Scalar("make_ym_interval", "An interval of years and months.");
  year_month.Group("datetime_funcs").Example("SELECT make_ym_interval(1, 2)", "INTERVAL '1-2' YEAR TO MONTH");
  for (int n = 0; n <= 7; ++n) {
    std::string args;
    for (int k = 0; k < n; ++k) args += (k == 0 ? "" : ", ") + std::string(k == 6 ? "decimal(18,6)" : "int");
    interval.Overload(args + " -> calendar_interval", MakeInterval).CanFailAnsi();
    tolerant_interval.Overload(args + " -> calendar_interval", Tolerant(MakeInterval));
    if (n <= 4) {
      std::string short_args;
      for (int k = 0; k < n; ++k) short_args += (k == 0 ? "" : ", ") + std::string(k == 3 ? "decimal(18,6)" : "int");
      day_time.Overload(short_args + " -> interval day to second", MakeDayTime).CanFail();
    }
    if (n <= 2) year_month.Overload(args + " -> interval year to month", MakeYearMonth).CanFail();
  }
}

}  // namespace

void RegisterDatetimeMakers(FunctionRegistry& registry) {
  RegisterMakers(registry);
  registry.Scalar("timestamp_seconds", "The instant so many seconds after 1970.")
      .Group("datetime_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.types[0]->is(TypeId::kDouble); })  // NaN
      .Example("SELECT timestamp_seconds(1.230219)", "1970-01-01 00:00:01.230219")
      .Overload("bigint -> timestamp", FromUnits<int64_t, kMicrosPerSecond>)
      .CanFail()
      .Overload("decimal -> timestamp", FromDecimalSeconds)
      .CanFail()
      .Overload("double -> timestamp", FromFloatingSeconds);
  registry.Scalar("timestamp_millis", "The instant so many milliseconds after 1970.")
      .Group("datetime_funcs")
      .Example("SELECT timestamp_millis(1230219000123)", "2008-12-25 15:30:00.123")
      .Overload("bigint -> timestamp", FromUnits<int64_t, 1000>)
      .CanFail();
  registry.Scalar("timestamp_micros", "The instant so many microseconds after 1970.")
      .Group("datetime_funcs")
      .Example("SELECT timestamp_micros(1230219000123123)", "2008-12-25 15:30:00.123123")
      .Overload("bigint -> timestamp", FromUnits<int64_t, 1>);
  registry.Scalar("unix_seconds", "The seconds after 1970.")
      .Group("datetime_funcs")
      .Example("SELECT unix_seconds(TIMESTAMP('1970-01-01 00:00:01Z'))", "1")
      .Overload("timestamp -> bigint", ToUnits<kMicrosPerSecond>);
  registry.Scalar("unix_millis", "The milliseconds after 1970.")
      .Group("datetime_funcs")
      .Example("SELECT unix_millis(TIMESTAMP('1970-01-01 00:00:01Z'))", "1000")
      .Overload("timestamp -> bigint", ToUnits<1000>);
  registry.Scalar("unix_micros", "The microseconds after 1970.")
      .Group("datetime_funcs")
      .Example("SELECT unix_micros(TIMESTAMP('1970-01-01 00:00:01Z'))", "1000000")
      .Overload("timestamp -> bigint", ToUnits<1>);
  registry.Scalar("unix_date", "The days after 1970.")
      .Group("datetime_funcs")
      .Example("SELECT unix_date(DATE('1970-01-02'))", "1")
      .Overload("date -> int", SameDays);
  registry.Scalar("date_from_unix_date", "The date so many days after 1970.")
      .Group("datetime_funcs")
      .Example("SELECT date_from_unix_date(1)", "1970-01-02")
      .Overload("int -> date", SameDays);
  registry.Scalar("from_utc_timestamp", "A UTC wall clock as that of a zone.")
      .Group("datetime_funcs")
      .Example("SELECT from_utc_timestamp('2016-08-31', 'Asia/Seoul')", "2016-08-31 09:00:00")
      .Overload("timestamp, string -> timestamp", ShiftZone<true>)
      .CanFail();
  registry.Scalar("to_utc_timestamp", "A zone's wall clock as that of UTC.")
      .Group("datetime_funcs")
      .Example("SELECT to_utc_timestamp('2016-08-31', 'Asia/Seoul')", "2016-08-30 15:00:00")
      .Overload("timestamp, string -> timestamp", ShiftZone<false>)
      .CanFail();
  registry.Scalar("convert_timezone", "A zone's wall clock as that of another.")
      .Group("datetime_funcs")
      .Example("SELECT convert_timezone('Europe/Brussels', 'America/Los_Angeles', timestamp_ntz'2021-12-06 00:00:00')",
               "2021-12-05 15:00:00")
      .Overload("string, string, timestamp_ntz -> timestamp_ntz", ConvertZone3)
      .CanFail()
      .Overload("string, timestamp_ntz -> timestamp_ntz", ConvertZone2)
      .CanFail();
  registry.Scalar("current_date", "The date when the query began.")
      .Alias("curdate")
      .Group("datetime_funcs")
      .NeverNull()
      .Overload("-> date", CurrentDate);
  registry.Scalar("current_timestamp", "The instant when the query began.")
      .Group("datetime_funcs")
      .NeverNull()
      .Overload("-> timestamp", CurrentTimestamp);
  registry.Scalar("now", "The instant when the query began.")
      .Group("datetime_funcs")
      .NeverNull()
      .Overload("-> timestamp", CurrentTimestamp);
  registry.Scalar("localtimestamp", "The wall clock when the query began.")
      .Group("datetime_funcs")
      .NeverNull()
      .Overload("-> timestamp_ntz", LocalTimestamp);
  registry.Scalar("current_timezone", "The session's zone.")
      .Group("datetime_funcs")
      .NeverNull()
      .Overload("-> string", CurrentZone);
}

}  // namespace centella
