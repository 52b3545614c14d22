// Fields and units of dates and times; the functions that read and truncate them.
#include "functions/datetime_fields.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "base/simd.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/decimal.h"

namespace centella {
namespace {

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

template <typename Id>
struct Name {
  std::string_view name;
  Id id;
};

constexpr Name<DateField> kExtractNames[] = {{"YEAR", DateField::kYear},
                                             {"Y", DateField::kYear},
                                             {"YEARS", DateField::kYear},
                                             {"YR", DateField::kYear},
                                             {"YRS", DateField::kYear},
                                             {"YEAROFWEEK", DateField::kYearOfWeek},
                                             {"QUARTER", DateField::kQuarter},
                                             {"QTR", DateField::kQuarter},
                                             {"MONTH", DateField::kMonth},
                                             {"MON", DateField::kMonth},
                                             {"MONS", DateField::kMonth},
                                             {"MONTHS", DateField::kMonth},
                                             {"WEEK", DateField::kWeek},
                                             {"W", DateField::kWeek},
                                             {"WEEKS", DateField::kWeek},
                                             {"DAY", DateField::kDay},
                                             {"D", DateField::kDay},
                                             {"DAYS", DateField::kDay},
                                             {"DAYOFWEEK", DateField::kDayOfWeek},
                                             {"DOW", DateField::kDayOfWeek},
                                             {"DAYOFWEEK_ISO", DateField::kDayOfWeekIso},
                                             {"DOW_ISO", DateField::kDayOfWeekIso},
                                             {"DOY", DateField::kDayOfYear},
                                             {"HOUR", DateField::kHour},
                                             {"H", DateField::kHour},
                                             {"HOURS", DateField::kHour},
                                             {"HR", DateField::kHour},
                                             {"HRS", DateField::kHour},
                                             {"MINUTE", DateField::kMinute},
                                             {"M", DateField::kMinute},
                                             {"MIN", DateField::kMinute},
                                             {"MINS", DateField::kMinute},
                                             {"MINUTES", DateField::kMinute},
                                             {"SECOND", DateField::kSecond},
                                             {"S", DateField::kSecond},
                                             {"SEC", DateField::kSecond},
                                             {"SECONDS", DateField::kSecond},
                                             {"SECS", DateField::kSecond}};

constexpr Name<TimeUnit> kTruncNames[] = {{"MICROSECOND", TimeUnit::kMicrosecond},
                                          {"MILLISECOND", TimeUnit::kMillisecond},
                                          {"SECOND", TimeUnit::kSecond},
                                          {"MINUTE", TimeUnit::kMinute},
                                          {"HOUR", TimeUnit::kHour},
                                          {"DAY", TimeUnit::kDay},
                                          {"DD", TimeUnit::kDay},
                                          {"WEEK", TimeUnit::kWeek},
                                          {"MON", TimeUnit::kMonth},
                                          {"MONTH", TimeUnit::kMonth},
                                          {"MM", TimeUnit::kMonth},
                                          {"QUARTER", TimeUnit::kQuarter},
                                          {"YEAR", TimeUnit::kYear},
                                          {"YYYY", TimeUnit::kYear},
                                          {"YY", TimeUnit::kYear}};

constexpr Name<TimeUnit> kAddNames[] = {{"MICROSECOND", TimeUnit::kMicrosecond},
                                        {"MILLISECOND", TimeUnit::kMillisecond},
                                        {"SECOND", TimeUnit::kSecond},
                                        {"MINUTE", TimeUnit::kMinute},
                                        {"HOUR", TimeUnit::kHour},
                                        {"DAY", TimeUnit::kDay},
                                        {"DAYOFYEAR", TimeUnit::kDay},
                                        {"WEEK", TimeUnit::kWeek},
                                        {"MONTH", TimeUnit::kMonth},
                                        {"QUARTER", TimeUnit::kQuarter},
                                        {"YEAR", TimeUnit::kYear}};

template <typename Id, size_t n>
std::optional<Id> FindName(const Name<Id> (&names)[n], std::string_view wanted) {
  const std::string upper = Upper(wanted);
  for (const Name<Id>& name : names) {
    if (name.name == upper) return name.id;
  }
  return std::nullopt;
}

int64_t UnitMicros(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMicrosecond: return 1;
    case TimeUnit::kMillisecond: return 1000;
    case TimeUnit::kSecond: return kMicrosPerSecond;
    case TimeUnit::kMinute: return kMicrosPerMinute;
    case TimeUnit::kHour: return kMicrosPerHour;
    default: return kMicrosPerDay;
  }
}

}  // namespace

int32_t FieldOfDay(DateField field, int64_t days) {
  switch (field) {
    case DateField::kYear: return CivilFromDays(days).year;
    case DateField::kYearOfWeek: return IsoWeekYear(days);
    case DateField::kQuarter: return QuarterOfMonth(CivilFromDays(days).month);
    case DateField::kMonth: return CivilFromDays(days).month;
    case DateField::kWeek: return IsoWeek(days);
    case DateField::kDay: return CivilFromDays(days).day;
    case DateField::kDayOfWeek: return (WeekdayFromMonday(days) + 1) % 7 + 1;
    case DateField::kDayOfWeekIso: return WeekdayFromMonday(days) + 1;
    case DateField::kDayOfYear: return DayOfYear(days);
    case DateField::kHour:
    case DateField::kMinute:
    case DateField::kSecond: return 0;
  }
  return 0;
}

int32_t FieldOf(DateField field, int64_t local_micros) {
  const int64_t days = FloorDiv(local_micros, kMicrosPerDay);
  const int64_t clock = local_micros - days * kMicrosPerDay;
  switch (field) {
    case DateField::kHour: return static_cast<int32_t>(clock / kMicrosPerHour);
    case DateField::kMinute: return static_cast<int32_t>(clock / kMicrosPerMinute % 60);
    case DateField::kSecond: return static_cast<int32_t>(clock / kMicrosPerSecond % 60);
    default: return FieldOfDay(field, days);
  }
}

bool FindMidnight(int32_t days, int64_t* micros) {
  return !__builtin_mul_overflow(int64_t{days}, kMicrosPerDay, micros);
}

int64_t MidnightMicros(int32_t days) {
  int64_t micros;
  if (!FindMidnight(days, &micros)) {
    Raise(Condition::DATETIME_OVERFLOW, {{"operation", "a date beyond the range of timestamps"}});
  }
  return micros;
}

std::optional<DateField> ParseExtractField(std::string_view name) { return FindName(kExtractNames, name); }
std::optional<TimeUnit> ParseTruncUnit(std::string_view name) { return FindName(kTruncNames, name); }
std::optional<TimeUnit> ParseAddUnit(std::string_view name) { return FindName(kAddNames, name); }

int64_t TruncateDay(int64_t days, TimeUnit unit) {
  const CivilDay civil = CivilFromDays(days);
  switch (unit) {
    case TimeUnit::kWeek: return days - WeekdayFromMonday(days);
    case TimeUnit::kMonth: return DaysFromCivil(civil.year, civil.month, 1);
    case TimeUnit::kQuarter: return DaysFromCivil(civil.year, (civil.month - 1) / 3 * 3 + 1, 1);
    case TimeUnit::kYear: return DaysFromCivil(civil.year, 1, 1);
    default: return days;
  }
}

int64_t TruncateMicros(int64_t local_micros, TimeUnit unit) {
  if (unit < TimeUnit::kDay) {
    const int64_t micros = UnitMicros(unit);
    return FloorDiv(local_micros, micros) * micros;
  }
  return TruncateDay(FloorDiv(local_micros, kMicrosPerDay), unit) * kMicrosPerDay;
}

namespace {

// ---- kernels --------------------------------------------------------------------------------------------------------

// A date's field in 32-bit numbers, so that a loop over many vectorises: the calculation of CivilFromDays, shifted by fewer
// cycles of 400 years. `shifted`: days since 1970 + kNearShift, less than kNearDays.
constexpr uint32_t kNearCycles = 40;
constexpr uint32_t kNearShift = 719468 + 146097 * kNearCycles;
constexpr uint32_t kNearDays = uint32_t{1} << 29;
template <DateField field>
inline int32_t NearField(uint32_t shifted) {
  const uint32_t in_centuries = 4 * shifted + 3;
  const uint32_t century = in_centuries / 146097;
  const uint32_t in_years = (in_centuries - century * 146097) | 3;
  const uint64_t product = uint64_t{2939745} * in_years;
  const uint32_t day_of_year = static_cast<uint32_t>(product) / 2939745 / 4;  // since March 1st
  const uint32_t in_months = 2141 * day_of_year + 197913;
  const int32_t next_year = day_of_year >= 306;  // January and February
  if constexpr (field == DateField::kYear) {
    return static_cast<int32_t>(100 * century + static_cast<uint32_t>(product >> 32)) -
           static_cast<int32_t>(400 * kNearCycles) + next_year;
  }
  if constexpr (field == DateField::kDay) return static_cast<int32_t>((in_months & 0xffff) / 2141) + 1;
  const int32_t month = static_cast<int32_t>(in_months >> 16) - 12 * next_year;
  return field == DateField::kQuarter ? (month + 2) / 3 : month;
}

// False, after the fact, when a day is too far away; then nothing in `out` counts.
template <DateField field>
CENTELLA_WIDE_LOOPS bool NearFields(const int32_t* days, int64_t n, int32_t* __restrict out) {
  uint32_t far = 0;
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t shifted = static_cast<uint32_t>(days[i]) + kNearShift;
    far |= shifted;
    out[i] = NearField<field>(shifted % kNearDays);
  }
  return far < kNearDays;
}

template <DateField field>
VectorPtr OfDate(const KernelArgs& call) {
  if constexpr (field == DateField::kYear || field == DateField::kQuarter || field == DateField::kMonth ||
                field == DateField::kDay) {
    if (call.args[0]->is_flat()) {
      MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
      if (NearFields<field>(call.data<int32_t>(0), call.rows, out->mutable_data<int32_t>())) return out;
    }
  }
  return ValueRows<int32_t, int32_t>(call, [](int32_t days, int32_t* out) {
    *out = FieldOfDay(field, days);
    return true;
  });
}

template <DateField field>
VectorPtr OfTimestamp(const KernelArgs& call) {
  return ValueRows<int32_t, int64_t>(call, [&call](int64_t micros, int32_t* out) {
    *out = FieldOf(field, call.query.zone.ToLocalMicros(micros));
    return true;
  });
}
template <DateField field>
VectorPtr OfWallClock(const KernelArgs& call) {
  return ValueRows<int32_t, int64_t>(call, [](int64_t micros, int32_t* out) {
    *out = FieldOf(field, micros);
    return true;
  });
}
template <DateField field>
VectorPtr OfTime(const KernelArgs& call) {
  return ValueRows<int32_t, int64_t>(call, [](int64_t nanos, int32_t* out) {
    *out = FieldOf(field, nanos / 1000);
    return true;
  });
}

VectorPtr Weekday(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t>(call, [](int32_t days, int32_t* out) {
    *out = WeekdayFromMonday(days);
    return true;
  });
}

constexpr std::string_view kDayNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::string_view kMonthNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

VectorPtr DayName(const KernelArgs& call) {
  return TextRows<int32_t>(call,
                           [](int32_t days, StringHeap&) { return StringView(kDayNames[WeekdayFromMonday(days)]); });
}
VectorPtr MonthName(const KernelArgs& call) {
  return TextRows<int32_t>(
      call, [](int32_t days, StringHeap&) { return StringView(kMonthNames[CivilFromDays(days).month - 1]); });
}

// ---- extract --------------------------------------------------------------------------------------------------------

// The field that the constant first argument names.
std::string FieldName(const BindArgs& args) {
  if (args.constants[0] == nullptr || args.constants[0]->is_null() || !args.constants[0]->type()->is_string()) {
    RaiseUnsupported("extracting a field that isn't a constant");
  }
  return args.constants[0]->string();
}

TypePtr ExtractType(const BindArgs& args) {
  const std::optional<DateField> field = ParseExtractField(FieldName(args));
  const DataType& source = *args.types[1];
  const bool year_month = source.is(TypeId::kYearMonthInterval);
  const bool interval = year_month || source.is(TypeId::kDayTimeInterval) || source.is(TypeId::kCalendarInterval);
  bool known = field.has_value();
  if (known && year_month) known = *field == DateField::kYear || *field == DateField::kMonth;
  if (known && source.is(TypeId::kDayTimeInterval)) {
    known = *field == DateField::kDay || *field >= DateField::kHour;
  }
  if (known && source.is(TypeId::kTime)) known = *field >= DateField::kHour;
  if (!known) {
    Raise(Condition::INVALID_EXTRACT_FIELD,
          {{"field", "`" + FieldName(args) + "`"}, {"expr", "\"" + source.ToSql() + "\""}});
  }
  if (*field == DateField::kSecond) return types::Decimal(8, 6);
  if (interval && (*field == DateField::kMonth || (*field == DateField::kHour || *field == DateField::kMinute))) {
    return types::Byte();
  }
  return types::Int();
}

DateField FieldArgument(const KernelArgs& call) {
  return *ParseExtractField(call.args[0]->data<StringView>()[0].view());
}

// Writes a field's number as the result type has it.
template <typename In, typename Number>
VectorPtr ExtractRows(const KernelArgs& call, Number number) {
  if (call.result_type->physical() == PhysicalType::kInt8) {
    return ValueRows<int8_t, StringView, In>(call, [&](const StringView&, const In& value, int8_t* out) {
      *out = static_cast<int8_t>(number(value));
      return true;
    });
  }
  if (call.result_type->physical() == PhysicalType::kInt64) {
    return ValueRows<int64_t, StringView, In>(call, [&](const StringView&, const In& value, int64_t* out) {
      *out = number(value);
      return true;
    });
  }
  return ValueRows<int32_t, StringView, In>(call, [&](const StringView&, const In& value, int32_t* out) {
    *out = static_cast<int32_t>(number(value));
    return true;
  });
}

int64_t LocalField(DateField field, int64_t local_micros) {
  if (field == DateField::kSecond) return FloorMod(local_micros, kMicrosPerMinute);
  return FieldOf(field, local_micros);
}

VectorPtr ExtractDate(const KernelArgs& call) {
  const DateField field = FieldArgument(call);
  return ExtractRows<int32_t>(call, [field](int32_t days) { return FieldOfDay(field, days); });
}
VectorPtr ExtractTimestamp(const KernelArgs& call) {
  const DateField field = FieldArgument(call);
  return ExtractRows<int64_t>(
      call, [field, &call](int64_t v) { return LocalField(field, call.query.zone.ToLocalMicros(v)); });
}
VectorPtr ExtractWallClock(const KernelArgs& call) {
  const DateField field = FieldArgument(call);
  return ExtractRows<int64_t>(call, [field](int64_t v) { return LocalField(field, v); });
}
VectorPtr ExtractTime(const KernelArgs& call) {
  const DateField field = FieldArgument(call);
  return ExtractRows<int64_t>(call, [field](int64_t nanos) { return LocalField(field, nanos / 1000); });
}

int64_t MicrosField(DateField field, int64_t micros) {
  switch (field) {
    case DateField::kDay: return micros / kMicrosPerDay;
    case DateField::kHour: return micros % kMicrosPerDay / kMicrosPerHour;
    case DateField::kMinute: return micros % kMicrosPerHour / kMicrosPerMinute;
    default: return micros % kMicrosPerMinute;
  }
}

VectorPtr ExtractDayTime(const KernelArgs& call) {
  const DateField field = FieldArgument(call);
  return ExtractRows<int64_t>(call, [field](int64_t micros) { return MicrosField(field, micros); });
}
VectorPtr ExtractYearMonth(const KernelArgs& call) {
  const bool years = FieldArgument(call) == DateField::kYear;
  return ExtractRows<int32_t>(call, [years](int32_t months) { return int64_t{years ? months / 12 : months % 12}; });
}
VectorPtr ExtractCalendar(const KernelArgs& call) {
  const DateField field = FieldArgument(call);
  return ExtractRows<CalendarIntervalValue>(call, [field](const CalendarIntervalValue& v) -> int64_t {
    if (field == DateField::kYear) return v.months / 12;
    if (field == DateField::kMonth) return v.months % 12;
    if (field == DateField::kDay) return v.days;
    if (field == DateField::kHour) return v.micros / kMicrosPerHour;
    return MicrosField(field, v.micros);
  });
}

// ---- truncation -----------------------------------------------------------------------------------------------------

// An unknown unit gives NULL, as does one finer than a week for dates.
VectorPtr TruncRows(const KernelArgs& call) {
  return ValueRows<int32_t, int32_t, StringView>(call, [](int32_t days, const StringView& format, int32_t* out) {
    const std::optional<TimeUnit> unit = ParseTruncUnit(format.view());
    if (!unit.has_value() || *unit < TimeUnit::kWeek) return false;
    *out = static_cast<int32_t>(TruncateDay(days, *unit));
    return true;
  });
}

template <bool zoned>
VectorPtr DateTruncRows(const KernelArgs& call) {
  return ValueRows<int64_t, StringView, int64_t>(call, [&call](const StringView& format, int64_t micros, int64_t* out) {
    const std::optional<TimeUnit> unit = ParseTruncUnit(format.view());
    if (!unit.has_value()) return false;
    if (!zoned) {
      *out = TruncateMicros(micros, *unit);
      return true;
    }
    // Below a day the local beginning and the instant's offset go together, also in an overlap.
    const int64_t local = call.query.zone.ToLocalMicros(micros);
    const int64_t truncated = TruncateMicros(local, *unit);
    *out = *unit < TimeUnit::kDay ? micros - (local - truncated) : call.query.zone.ToUtcMicros(truncated);
    return true;
  });
}

// ---- registration ---------------------------------------------------------------------------------------------------

template <DateField field>
void AddDateField(FunctionRegistry& registry, const char* name, const char* doc, const char* example,
                  const char* result) {
  registry.Scalar(name, doc).Group("datetime_funcs").Example(example, result).Overload("date -> int", OfDate<field>);
}

template <DateField field>
void AddClockField(FunctionRegistry& registry, const char* name, const char* doc, const char* example,
                   const char* result) {
  registry.Scalar(name, doc)
      .Group("datetime_funcs")
      .Example(example, result)
      .Overload("timestamp -> int", OfTimestamp<field>)
      .Overload("timestamp_ntz -> int", OfWallClock<field>)
      .Overload("time -> int", OfTime<field>);
}

void AddExtract(FunctionRegistry& registry, const char* name, const char* alias) {
  FunctionBuilder builder = registry.Scalar(name, "A field of a date, time or interval.");
  if (alias != nullptr) builder.Alias(alias);
  builder.Group("datetime_funcs").Example("SELECT date_part('YEAR', TIMESTAMP '2019-08-12 01:00:00.123456')", "2019");
  builder.Overload("string, timestamp -> ?", ExtractTimestamp).ResultType(ExtractType);
  builder.Overload("string, timestamp_ntz -> ?", ExtractWallClock).ResultType(ExtractType);
  builder.Overload("string, date -> ?", ExtractDate).ResultType(ExtractType);
  builder.Overload("string, time -> ?", ExtractTime).ResultType(ExtractType);
  builder
      .Overload("string, interval -> ?",
                [](const KernelArgs& call) {
                  switch (call.args[1]->type()->id()) {
                    case TypeId::kYearMonthInterval: return ExtractYearMonth(call);
                    case TypeId::kDayTimeInterval: return ExtractDayTime(call);
                    default: return ExtractCalendar(call);
                  }
                })
      .ResultType(ExtractType);
}

}  // namespace

void RegisterDatetimeFields(FunctionRegistry& registry) {
  AddDateField<DateField::kYear>(registry, "year", "The year.", "SELECT year('2016-07-30')", "2016");
  AddDateField<DateField::kQuarter>(registry, "quarter", "The quarter, 1 to 4.", "SELECT quarter('2016-08-31')", "3");
  AddDateField<DateField::kMonth>(registry, "month", "The month, 1 to 12.", "SELECT month('2016-07-30')", "7");
  AddDateField<DateField::kWeek>(registry, "weekofyear", "The ISO week.", "SELECT weekofyear('2008-02-20')", "8");
  AddDateField<DateField::kDay>(registry, "dayofmonth", "The day of the month.", "SELECT dayofmonth('2009-07-30')",
                                "30");
  AddDateField<DateField::kDay>(registry, "day", "The day of the month.", "SELECT day('2009-07-30')", "30");
  AddDateField<DateField::kDayOfWeek>(registry, "dayofweek", "The day of the week, Sunday = 1.",
                                      "SELECT dayofweek('2009-07-30')", "5");
  AddDateField<DateField::kDayOfYear>(registry, "dayofyear", "The day of the year.", "SELECT dayofyear('2016-04-09')",
                                      "100");
  AddClockField<DateField::kHour>(registry, "hour", "The hour.", "SELECT hour('2009-07-30 12:58:59')", "12");
  AddClockField<DateField::kMinute>(registry, "minute", "The minute.", "SELECT minute('2009-07-30 12:58:59')", "58");
  AddClockField<DateField::kSecond>(registry, "second", "The second.", "SELECT second('2009-07-30 12:58:59')", "59");
  registry.Scalar("weekday", "The day of the week, Monday = 0.")
      .Group("datetime_funcs")
      .Example("SELECT weekday('2009-07-30')", "3")
      .Overload("date -> int", Weekday);
  registry.Scalar("dayname", "The short name of the day of the week.")
      .Group("datetime_funcs")
      .Example("SELECT dayname(DATE'2008-02-20')", "Wed")
      .Overload("date -> string", DayName);
  registry.Scalar("monthname", "The short name of the month.")
      .Group("datetime_funcs")
      .Example("SELECT monthname('2008-02-20')", "Feb")
      .Overload("date -> string", MonthName);
  AddExtract(registry, "extract", nullptr);
  AddExtract(registry, "date_part", "datepart");
  registry.Scalar("trunc", "The first day of the year, quarter, month or week.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Example("SELECT trunc('2019-08-04', 'week')", "2019-07-29")
      .Overload("date, string -> date", TruncRows);
  registry.Scalar("date_trunc", "The beginning of the unit that an instant lies in.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Example("SELECT date_trunc('DD', '2015-03-05T09:32:05.359')", "2015-03-05 00:00:00")
      .Overload("string, timestamp -> timestamp", DateTruncRows<true>)
      .Overload("string, timestamp_ntz -> timestamp_ntz", DateTruncRows<false>);
}

}  // namespace centella
