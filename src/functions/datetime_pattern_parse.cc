// Parsing text by a pattern, strictly, as java.time does.
#include <algorithm>
#include <cctype>
#include <optional>

#include "base/error.h"
#include "functions/datetime_pattern.h"
#include "functions/datetime_words.h"
#include "types/calendar.h"

namespace centella {

struct DatetimePattern::Fields {
  std::optional<int64_t> year, month, day, day_of_year, hour, hour12, minute, second;
  int64_t nanos = 0;
  int era = 1, half = 0;  // half: 0 AM, 1 PM
  bool has_zone = false;
  TimeZone zone;
};

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool StartsWith(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != std::tolower(static_cast<unsigned char>(prefix[i])))
      return false;
  }
  return true;
}

// Between `min` and `max` digits; leaves `reserved` digits for the numbers that follow.
bool TakeNumber(std::string_view text, size_t* at, int min, int max, int reserved, int64_t* value) {
  int run = 0;
  while (*at + static_cast<size_t>(run) < text.size() && run < max + reserved &&
         IsDigit(text[*at + static_cast<size_t>(run)]))
    ++run;
  int take = std::min(run, max);
  if (reserved > 0 && max > min) take = std::min(max, std::max(min, run - reserved));
  if (take < min || take > run || take > 18) return false;
  *value = 0;
  for (int i = 0; i < take; ++i) *value = *value * 10 + (text[(*at)++] - '0');
  return true;
}

// One of several names in their short or full form; gives its index.
template <size_t n>
bool TakeName(const std::string_view (&names)[n], bool full, std::string_view text, size_t* at, int64_t* index) {
  for (size_t i = 0; i < n; ++i) {
    const std::string_view name = full ? names[i] : names[i].substr(0, 3);
    if (StartsWith(text.substr(*at), name)) {
      *at += name.size();
      *index = static_cast<int64_t>(i) + 1;
      return true;
    }
  }
  return false;
}

std::string RangeError(const char* field, const char* range, int64_t value) {
  return std::string("Invalid value for ") + field + " (valid values " + range + "): " + std::to_string(value);
}

}  // namespace

bool DatetimePattern::ParseZone(const Item& item, std::string_view text, size_t* at, Fields* fields) {
  size_t end = *at;
  if (item.letter == 'V' || item.letter == 'z') {
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) ||
                                 std::string_view("/_+-:").find(text[end]) != std::string_view::npos)) {
      ++end;
    }
  } else {
    if (StartsWith(text.substr(end), "Z") && (item.letter == 'X' || item.letter == 'Z')) {
      ++end;
    } else {
      if (StartsWith(text.substr(end), "GMT")) end += 3;
      if (end < text.size() && (text[end] == '+' || text[end] == '-')) {
        ++end;
        while (end < text.size() && (IsDigit(text[end]) || text[end] == ':')) ++end;
      }
    }
  }
  std::string id(text.substr(*at, end - *at));
  if (id == "z") id = "Z";
  if (id.empty()) return false;
  const bool offset_letter = item.letter != 'V' && item.letter != 'z' && item.letter != 'O';
  const bool colon = id.find(':') != std::string::npos;
  if (offset_letter && id != "Z" && id.substr(0, 3) != "GMT") {
    const bool wants_colon = item.letter == 'Z' ? item.count == 5 : item.count == 3 || item.count == 5;
    if (id.size() > 3 && colon != wants_colon) return false;
    if (id.size() == 3 && !(item.count == 1 && item.letter != 'Z')) return false;
  }
  try {
    fields->zone = TimeZone::Load(id);
  } catch (const Error&) {
    return false;
  }
  fields->has_zone = true;
  *at = end;
  return true;
}

bool DatetimePattern::ParseItem(const Item& item, std::string_view text, size_t* at, size_t* error_at,
                                Fields* fields) const {
  *error_at = *at;
  int64_t value = 0;
  const int count = item.count;
  // One letter takes a number of any width, two letters exactly two digits.
  auto number = [&](std::optional<int64_t>* into) {
    if (!TakeNumber(text, at, count, count == 1 ? 18 : count, item.reserved_digits, &value)) return false;
    *into = value;
    return true;
  };
  switch (item.letter) {
    case 0:
      if (!StartsWith(text.substr(*at), item.literal)) return false;
      *at += item.literal.size();
      return true;
    case 'G':
      for (const auto& [name, era] :
           {std::pair<std::string_view, int>{"Anno Domini", 1}, {"Before Christ", 0}, {"AD", 1}, {"BC", 0}}) {
        if (!StartsWith(text.substr(*at), name)) continue;
        fields->era = era;
        *at += name.size();
        return true;
      }
      return false;
    case 'y': {
      bool negative = false, sign = false;
      if (count != 2 && *at < text.size() && (text[*at] == '-' || text[*at] == '+')) {
        negative = text[*at] == '-';
        sign = true;
        ++*at;
      }
      const size_t begin = *at;
      const int max = count == 2 ? 2 : count >= 4 && !sign ? count : 18;
      if (!TakeNumber(text, at, count, max, item.reserved_digits, &value)) return false;
      // More digits than the pattern has need a sign.
      if (count >= 4 && !sign && item.reserved_digits == 0 && *at < text.size() && IsDigit(text[*at]) &&
          *at - begin == static_cast<size_t>(count)) {
        *at = begin;
        return false;
      }
      fields->year = count == 2 ? 2000 + value : negative ? -value : value;
      return true;
    }
    case 'M':
    case 'L':
      if (count <= 2) return number(&fields->month);
      if (!TakeName(kMonthNames, count == 4, text, at, &value)) return false;
      fields->month = value;
      return true;
    case 'd': return number(&fields->day);
    case 'D':
      if (!TakeNumber(text, at, count, 3, item.reserved_digits, &value)) return false;
      fields->day_of_year = value;
      return true;
    case 'a':
      if (!StartsWith(text.substr(*at), "AM") && !StartsWith(text.substr(*at), "PM")) return false;
      fields->half = std::tolower(static_cast<unsigned char>(text[*at])) == 'p';
      *at += 2;
      return true;
    case 'h':
      if (!number(&fields->hour12)) return false;
      fields->hour12 = value == 12 ? 0 : value == 0 ? 99 : value;
      return true;
    case 'K': return number(&fields->hour12);
    case 'H': return number(&fields->hour);
    case 'k':
      if (!number(&fields->hour)) return false;
      fields->hour = value == 24 ? 0 : value == 0 ? 99 : value;
      return true;
    case 'm': return number(&fields->minute);
    case 's': return number(&fields->second);
    case 'S':
      if (!TakeNumber(text, at, count, count, 0, &value)) return false;
      for (int i = count; i < 9; ++i) value *= 10;
      fields->nanos = value;
      return true;
    default: return ParseZone(item, text, at, fields);
  }
}

bool DatetimePattern::ParseItems(std::string_view text, size_t begin, size_t end, size_t* at, size_t* error_at,
                                 Fields* fields) const {
  for (size_t i = begin; i < end; ++i) {
    const Item& item = items_[i];
    if (item.letter == ']') continue;
    if (item.letter == '[') {
      // An optional part that doesn't match is as if it weren't there.
      Fields tried = *fields;
      size_t there = *at;
      if (ParseItems(text, i + 1, static_cast<size_t>(item.jump), &there, error_at, &tried)) {
        *fields = tried;
        *at = there;
      }
      i = static_cast<size_t>(item.jump);
      continue;
    }
    if (!ParseItem(item, text, at, error_at, fields)) return false;
  }
  return true;
}

bool DatetimePattern::Resolve(const Fields& fields, Parsed* out) {
  auto bad = [out](std::string message) {
    out->error = std::move(message);
    return false;
  };
  int64_t year = fields.year.value_or(1970);
  if (fields.era == 0) year = 1 - year;
  const int64_t month = fields.month.value_or(1), day = fields.day.value_or(1);
  if (year > 999999999 || year < -999999999) return bad(RangeError("Year", "-999999999 - 999999999", year));
  if (month < 1 || month > 12) return bad(RangeError("MonthOfYear", "1 - 12", month));
  if (day < 1 || day > 31) return bad(RangeError("DayOfMonth", "1 - 28/31", day));
  int64_t days;
  if (fields.day_of_year.has_value() && !fields.month.has_value() && !fields.day.has_value()) {
    const int64_t last = IsLeapYear(year) ? 366 : 365;
    if (*fields.day_of_year < 1 || *fields.day_of_year > last) {
      return bad(RangeError("DayOfYear", "1 - 365/366", *fields.day_of_year));
    }
    days = DaysFromCivil(year, 1, 1) + *fields.day_of_year - 1;
  } else {
    if (day > DaysInMonth(year, static_cast<int>(month))) {
      if (month == 2 && day == 29)
        return bad("Invalid date 'February 29' as '" + std::to_string(year) + "' is not a leap year");
      std::string name(kMonthNames[month - 1]);
      for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      return bad("Invalid date '" + name + " " + std::to_string(day) + "'");
    }
    days = DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day));
  }
  int64_t hour = fields.hour.value_or(0);
  if (!fields.hour.has_value() && fields.hour12.has_value()) {
    if (*fields.hour12 > 11)
      return bad(RangeError("ClockHourOfAmPm", "1 - 12", *fields.hour12 == 99 ? 0 : *fields.hour12));
    hour = *fields.hour12 + 12 * fields.half;
  }
  const int64_t minute = fields.minute.value_or(0), second = fields.second.value_or(0);
  if (hour > 23) return bad(RangeError("HourOfDay", "0 - 23", hour));
  if (minute > 59) return bad(RangeError("MinuteOfHour", "0 - 59", minute));
  if (second > 59) return bad(RangeError("SecondOfMinute", "0 - 59", second));
  const int64_t clock =
      hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond + fields.nanos / 1000;
  if (__builtin_mul_overflow(days, kMicrosPerDay, &out->local_micros) ||
      __builtin_add_overflow(out->local_micros, clock, &out->local_micros)) {
    return bad("long overflow");
  }
  out->has_zone = fields.has_zone;
  out->zone = fields.zone;
  return true;
}

bool DatetimePattern::Parse(std::string_view text, Parsed* out) const {
  Fields fields;
  size_t at = 0, error_at = 0;
  auto failed = [&](const std::string& how) {
    out->error = "Text '" + std::string(text) + "' could not be parsed" + how;
    return false;
  };
  if (!ParseItems(text, 0, items_.size(), &at, &error_at, &fields))
    return failed(" at index " + std::to_string(error_at));
  if (at != text.size()) return failed(", unparsed text found at index " + std::to_string(at));
  return Resolve(fields, out) || failed(": " + out->error);
}

}  // namespace centella
