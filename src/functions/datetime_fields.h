// The fields of dates and times, by the names that EXTRACT, date_trunc and timestampadd take.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time_zone.h"
#include "types/calendar.h"
#include "types/value.h"

namespace centella {

enum class DateField : uint8_t {
  kYear,
  kYearOfWeek,
  kQuarter,
  kMonth,
  kWeek,
  kDay,
  kDayOfWeek,
  kDayOfWeekIso,
  kDayOfYear,
  kHour,
  kMinute,
  kSecond,
};

// A field's value of wall-clock microseconds; kSecond gives whole seconds.
int32_t FieldOf(DateField field, int64_t local_micros);
// The same of a day, however far from 1970; 0 for the fields of a time.
int32_t FieldOfDay(DateField field, int64_t days);
// A day's beginning as wall-clock microseconds; false, or DATETIME_OVERFLOW, beyond the range of timestamps.
bool FindMidnight(int32_t days, int64_t* micros);
int64_t MidnightMicros(int32_t days);
// "YEAR", "y", "yrs" … as EXTRACT takes them, in any case.
std::optional<DateField> ParseExtractField(std::string_view name);

// What timestampadd, timestampdiff, trunc and date_trunc count in.
enum class TimeUnit : uint8_t {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
};
// "YEAR", "yyyy", "mm" …: the names of trunc and date_trunc.
std::optional<TimeUnit> ParseTruncUnit(std::string_view name);
// The names of timestampadd and timestampdiff.
std::optional<TimeUnit> ParseAddUnit(std::string_view name);

// The instant and an interval: months and days move the wall clock of the zone (null: there is none), micros the instant.
int64_t AddCalendarInterval(int64_t instant, const CalendarIntervalValue& interval, const TimeZone* zone);

// The beginning of the unit that the day or instant lies in.
int64_t TruncateDay(int64_t days, TimeUnit unit);
int64_t TruncateMicros(int64_t local_micros, TimeUnit unit);

}  // namespace centella
