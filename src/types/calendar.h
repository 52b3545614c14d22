// Civil dates and times: the proleptic Gregorian calendar as java.time has it, on plain integers.
#pragma once

#include <algorithm>
#include <cstdint>

namespace centella {

inline constexpr int64_t kMicrosPerSecond = 1000000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
inline constexpr int64_t kNanosPerSecond = 1000000000;
inline constexpr int64_t kNanosPerDay = 86400 * kNanosPerSecond;

// Division and remainder that round towards minus infinity; b > 0.
constexpr int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
constexpr int64_t FloorMod(int64_t a, int64_t b) {
  const int64_t r = a % b;
  return r < 0 ? r + b : r;
}

struct CivilDay {
  int32_t year = 1970;
  int32_t month = 1;  // 1 to 12
  int32_t day = 1;    // 1 to 31
};

constexpr bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int32_t DaysInMonth(int64_t year, int month) {
  constexpr int8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

// Days since 1970-01-01. Years start in March here, so that the leap day is the last of its year.
constexpr int64_t DaysFromCivil(int64_t year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = FloorDiv(y, 400);
  const int64_t year_of_era = y - era * 400;
  const int64_t month_from_march = (month + 9) % 12;
  const int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

// Any number of days.
constexpr CivilDay CivilFromFarDays(int64_t days) {
  const int64_t shifted = days + 719468;  // since 0000-03-01
  const int64_t era = FloorDiv(shifted, 146097);
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CivilDay civil;
  civil.day = static_cast<int32_t>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  civil.month = static_cast<int32_t>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  civil.year = static_cast<int32_t>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  return civil;
}

// After Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their application to calendar algorithms" (2022):
// years and months by multiplying, shifted by whole cycles of 400 years so that all numbers are positive.
constexpr CivilDay CivilFromDays(int64_t days) {
  constexpr int64_t kCycles = 14704;
  constexpr int64_t kShift = 719468 + 146097 * kCycles;
  if (days < -kShift || days > INT32_MAX) [[unlikely]]
    return CivilFromFarDays(days);
  const uint64_t in_centuries = 4 * static_cast<uint64_t>(days + kShift) + 3;
  const uint64_t century = in_centuries / 146097;
  const uint32_t in_years = static_cast<uint32_t>(in_centuries % 146097) | 3;
  const uint64_t product = uint64_t{2939745} * in_years;
  const uint32_t day_of_year = static_cast<uint32_t>(product) / 2939745 / 4;  // since March 1st
  const uint32_t in_months = 2141 * day_of_year + 197913;
  const bool next_year = day_of_year >= 306;  // January and February
  CivilDay civil;
  civil.year = static_cast<int32_t>(100 * century + (product >> 32)) - static_cast<int32_t>(400 * kCycles) + next_year;
  civil.month = static_cast<int32_t>(in_months >> 16) - (next_year ? 12 : 0);
  civil.day = static_cast<int32_t>((in_months & 0xffff) / 2141) + 1;
  return civil;
}

constexpr bool IsValidCivil(int64_t year, int64_t month, int64_t day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= DaysInMonth(year, static_cast<int>(month));
}

constexpr int32_t DayOfYear(int64_t days) {
  return static_cast<int32_t>(days - DaysFromCivil(CivilFromDays(days).year, 1, 1) + 1);
}
// Monday = 0 … Sunday = 6.
constexpr int32_t WeekdayFromMonday(int64_t days) { return static_cast<int32_t>(FloorMod(days + 3, 7)); }
constexpr int32_t QuarterOfMonth(int month) { return (month + 2) / 3; }

// ISO 8601: the year and week that the day's Thursday lies in.
constexpr int32_t IsoWeekYear(int64_t days) { return CivilFromDays(days - WeekdayFromMonday(days) + 3).year; }
constexpr int32_t IsoWeek(int64_t days) {
  const int64_t thursday = days - WeekdayFromMonday(days) + 3;
  return (DayOfYear(thursday) - 1) / 7 + 1;
}

// The same day so many months later, or the month's last day when it is shorter. Wide enough never to overflow.
constexpr int64_t AddMonths(int64_t days, int64_t months) {
  const CivilDay civil = CivilFromDays(days);
  const int64_t total = int64_t{civil.year} * 12 + (civil.month - 1) + months;
  const int64_t year = FloorDiv(total, 12);
  const int month = static_cast<int>(FloorMod(total, 12)) + 1;
  return DaysFromCivil(year, month, std::min(civil.day, DaysInMonth(year, month)));
}

constexpr int64_t LastDayOfMonth(int64_t days) {
  const CivilDay civil = CivilFromDays(days);
  return days - civil.day + DaysInMonth(civil.year, civil.month);
}

}  // namespace centella
