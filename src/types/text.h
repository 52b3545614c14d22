// Every simple type to text and from text, exactly as Spark's CAST does it. Writers put bytes into the caller's buffer
// and give the end; parsers answer whether the text is well-formed. Nothing allocates but where it says std::string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "types/value.h"

namespace centella {

// Without spaces and control characters at both ends, as casts from strings read them.
std::string_view TrimSpaceAndControl(std::string_view text);

// ---- numbers and booleans -----------------------------------------------------------------------------------------
inline constexpr int kMaxIntegerText = 20;
inline constexpr int kMaxDoubleText = 32;

char* WriteInt64(int64_t value, char* out);
// Java's Double.toString / Float.toString: "1.0", "1.0E10", "NaN", "-Infinity".
char* WriteDouble(double value, char* out);
char* WriteFloat(float value, char* out);
std::string DoubleToString(double value);

// An integer within [min, max]. `allow_fraction`: legacy casts take "1.9" as 1.
bool ParseInteger(std::string_view text, int64_t min, int64_t max, bool allow_fraction, int64_t* out);
bool ParseDouble(std::string_view text, double* out);
bool ParseFloat(std::string_view text, float* out);
// t true y yes 1 / f false n no 0, in any case.
bool ParseBoolean(std::string_view text, bool* out);

// ---- dates and times ----------------------------------------------------------------------------------------------
inline constexpr int kMaxDateText = 16;
inline constexpr int kMaxTimestampText = 40;

// "2020-01-31", "+10000-01-01", "-0001-01-01".
char* WriteDate(int64_t days, char* out);
// Wall-clock microseconds: "2020-01-31 01:02:03.5"; trailing zeros of the fraction are left out.
char* WriteTimestamp(int64_t local_micros, char* out);
// Nanoseconds of the day: "01:02:03.5".
char* WriteTime(int64_t nanos, char* out);
std::string DateToString(int64_t days);
std::string TimestampToString(int64_t local_micros);

// yyyy, yyyy-m, yyyy-m-d, and anything after a following space or T.
bool ParseDate(std::string_view text, int32_t* days);
// What a timestamp's text says, before zones.
struct TimestampText {
  int64_t local_micros = 0;  // time only: micros of the day
  bool only_time = false;
  std::string_view zone;  // as written; empty when there is none
};
bool ParseTimestampText(std::string_view text, TimestampText* out);
// TIMESTAMP: `zone` is used when the text names none; `now_micros` gives the date of a bare time.
bool ParseTimestamp(std::string_view text, const TimeZone& zone, int64_t now_micros, int64_t* utc_micros);
// TIMESTAMP_NTZ: a zone in the text is allowed and ignored.
bool ParseTimestampNtz(std::string_view text, int64_t* local_micros);
// TIME: "1:02", "01:02:03.5".
bool ParseTime(std::string_view text, int64_t* nanos);

// ---- intervals ----------------------------------------------------------------------------------------------------
// "INTERVAL '1-2' YEAR TO MONTH", as casts and show() print them.
std::string YearMonthIntervalToString(int32_t months, int start, int end);
std::string DayTimeIntervalToString(int64_t micros, int start, int end);
// "1 years 2 months 3 days 4 hours 5.5 seconds".
std::string CalendarIntervalToString(const CalendarIntervalValue& interval);

// "1 day 2 hours", with or without the word interval.
bool ParseCalendarInterval(std::string_view text, CalendarIntervalValue* out);
// "1-2", "-1-2", "INTERVAL '1-2' YEAR TO MONTH"; the fields must be the type's.
bool ParseYearMonthInterval(std::string_view text, int start, int end, int32_t* months);
bool ParseDayTimeInterval(std::string_view text, int start, int end, int64_t* micros);

// ---- any value ----------------------------------------------------------------------------------------------------
// As CAST(value AS STRING) prints it in ANSI mode (nested values too); NULL gives "NULL".
std::string ValueToString(const Value& value, const TimeZone& zone);

}  // namespace centella
