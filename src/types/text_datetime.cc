// Dates and times to and from text.
#include <cstring>

#include "base/error.h"
#include "types/calendar.h"
#include "types/text.h"

namespace centella {
namespace {

char* WriteTwo(int64_t value, char* out) {
  *out++ = static_cast<char>('0' + value / 10);
  *out++ = static_cast<char>('0' + value % 10);
  return out;
}

// ".123" without trailing zeros; nothing for zero. `value` has six digits.
char* WriteFraction(int64_t micros, char* out) {
  if (micros == 0) return out;
  *out++ = '.';
  for (int64_t unit = 100000; micros != 0; unit /= 10) {
    *out++ = static_cast<char>('0' + micros / unit);
    micros %= unit;
  }
  return out;
}

// "hh:mm:ss[.ffffff]" of the micros of a day.
char* WriteClock(int64_t micros, char* out) {
  out = WriteTwo(micros / kMicrosPerHour, out);
  *out++ = ':';
  out = WriteTwo(micros / kMicrosPerMinute % 60, out);
  *out++ = ':';
  out = WriteTwo(micros / kMicrosPerSecond % 60, out);
  return WriteFraction(micros % kMicrosPerSecond, out);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes `min` to `max` digits from the front; false when there are fewer (a longer run leaves digits behind).
bool TakeDigits(std::string_view* text, size_t min, size_t max, int64_t* value) {
  size_t n = 0;
  *value = 0;
  while (n < max && n < text->size() && IsDigit((*text)[n])) *value = *value * 10 + ((*text)[n++] - '0');
  text->remove_prefix(n);
  return n >= min;
}

bool TakeByte(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

bool TakeSign(std::string_view* text, bool* negative) {
  *negative = !text->empty() && text->front() == '-';
  if (text->empty() || (text->front() != '-' && text->front() != '+')) return false;
  text->remove_prefix(1);
  return true;
}

// Up to six digits of a fraction as micros; further digits are cut off.
int64_t TakeFraction(std::string_view* text) {
  int64_t micros = 0, unit = 100000;
  while (!text->empty() && IsDigit(text->front())) {
    micros += (text->front() - '0') * unit;
    unit /= 10;
    text->remove_prefix(1);
  }
  return micros;
}

// h[h][:m[m][:s[s][.fraction]]]; the hour alone counts only when `minutes_needed` is false.
bool TakeClock(std::string_view* text, bool minutes_needed, int64_t* micros) {
  int64_t hour, minute = 0, second = 0, fraction = 0;
  if (!TakeDigits(text, 1, 2, &hour)) return false;
  if (TakeByte(text, ':')) {
    if (!TakeDigits(text, 1, 2, &minute)) return false;
    if (TakeByte(text, ':')) {
      if (!TakeDigits(text, 1, 2, &second)) return false;
      if (TakeByte(text, '.')) fraction = TakeFraction(text);
    }
  } else if (minutes_needed) {
    return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  *micros = hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond + fraction;
  return true;
}

// [+-]y…[-m[m][-d[d]]]: the digits of the year are bounded by `max_year_digits`. Gives how many fields there were.
int TakeYearMonthDay(std::string_view* text, size_t max_year_digits, int64_t* days) {
  bool negative;
  TakeSign(text, &negative);
  int64_t year, month = 1, day = 1;
  int fields = 1;
  if (!TakeDigits(text, 4, max_year_digits, &year)) return 0;
  if (negative) year = -year;
  if (TakeByte(text, '-')) {
    if (!TakeDigits(text, 1, 2, &month)) return 0;
    ++fields;
    if (TakeByte(text, '-')) {
      if (!TakeDigits(text, 1, 2, &day)) return 0;
      ++fields;
    }
  }
  if (!IsValidCivil(year, month, day)) return 0;
  *days = DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day));
  return fields;
}

// A time without a date starts with T or with h: or hh:.
bool LooksLikeTime(std::string_view text) {
  if (!text.empty() && text[0] == 'T') return true;
  return (text.size() > 1 && IsDigit(text[0]) && text[1] == ':') ||
         (text.size() > 2 && IsDigit(text[0]) && IsDigit(text[1]) && text[2] == ':');
}

constexpr int64_t kLargestDays = INT64_MAX / kMicrosPerDay;  // of a timestamp

}  // namespace

char* WriteDate(int64_t days, char* out) {
  const CivilDay civil = CivilFromDays(days);
  int64_t year = civil.year;
  if (year < 0) {
    *out++ = '-';
    year = -year;
  } else if (year > 9999) {
    *out++ = '+';
  }
  if (year > 9999) {
    out = WriteInt64(year, out);
  } else {
    out = WriteTwo(year / 100, out);
    out = WriteTwo(year % 100, out);
  }
  *out++ = '-';
  out = WriteTwo(civil.month, out);
  *out++ = '-';
  return WriteTwo(civil.day, out);
}

char* WriteTimestamp(int64_t local_micros, char* out) {
  out = WriteDate(FloorDiv(local_micros, kMicrosPerDay), out);
  *out++ = ' ';
  return WriteClock(FloorMod(local_micros, kMicrosPerDay), out);
}

char* WriteTime(int64_t nanos, char* out) { return WriteClock(nanos / 1000, out); }

std::string DateToString(int64_t days) {
  char buffer[kMaxDateText];
  return std::string(buffer, WriteDate(days, buffer));
}

std::string TimestampToString(int64_t local_micros) {
  char buffer[kMaxTimestampText];
  return std::string(buffer, WriteTimestamp(local_micros, buffer));
}

bool ParseDate(std::string_view text, int32_t* days) {
  text = TrimSpaceAndControl(text);
  int64_t wide;
  const int fields = TakeYearMonthDay(&text, 7, &wide);
  if (fields == 0) return false;
  // After a whole date anything may follow a space or a T.
  if (!text.empty() && (fields < 3 || (text[0] != ' ' && text[0] != 'T'))) return false;
  if (wide < INT32_MIN || wide > INT32_MAX) return false;
  *days = static_cast<int32_t>(wide);
  return true;
}

bool ParseTimestampText(std::string_view text, TimestampText* out) {
  text = TrimSpaceAndControl(text);
  *out = TimestampText();
  int64_t clock = 0, days = 0;
  bool has_clock = true;
  if (LooksLikeTime(text)) {
    TakeByte(&text, 'T');
    out->only_time = true;
    if (!TakeClock(&text, false, &clock)) return false;
  } else {
    const int fields = TakeYearMonthDay(&text, 6, &days);
    if (fields == 0) return false;
    has_clock = fields == 3 && (TakeByte(&text, ' ') || TakeByte(&text, 'T'));
    if (has_clock && !text.empty() && !TakeClock(&text, false, &clock)) return false;
  }
  if (!text.empty()) {
    if (!has_clock) return false;
    out->zone = TrimSpaceAndControl(text);
    if (out->zone.empty()) return false;
  }
  if (days > kLargestDays || days < -kLargestDays) return false;
  out->local_micros = days * kMicrosPerDay;
  return !__builtin_add_overflow(out->local_micros, clock, &out->local_micros);
}

bool ParseTimestamp(std::string_view text, const TimeZone& zone, int64_t now_micros, int64_t* utc_micros) {
  TimestampText parsed;
  if (!ParseTimestampText(text, &parsed)) return false;
  TimeZone named;
  const TimeZone* used = &zone;
  if (!parsed.zone.empty()) {
    if (parsed.zone != "Z") {
      try {
        named = TimeZone::Load(parsed.zone);
      } catch (const Error&) {
        return false;
      }
    }
    used = &named;
  }
  if (parsed.only_time) {
    parsed.local_micros += FloorDiv(used->ToLocalMicros(now_micros), kMicrosPerDay) * kMicrosPerDay;
  }
  *utc_micros = used->ToUtcMicros(parsed.local_micros);
  return true;
}

bool ParseTimestampNtz(std::string_view text, int64_t* local_micros) {
  TimestampText parsed;
  if (!ParseTimestampText(text, &parsed) || parsed.only_time) return false;
  if (!parsed.zone.empty()) {
    try {
      TimeZone::Load(parsed.zone);
    } catch (const Error&) {
      return false;
    }
  }
  *local_micros = parsed.local_micros;
  return true;
}

bool ParseTime(std::string_view text, int64_t* nanos) {
  text = TrimSpaceAndControl(text);
  int64_t micros;
  TakeByte(&text, 'T');
  if (!TakeClock(&text, true, &micros) || !text.empty()) return false;
  *nanos = micros * 1000;
  return true;
}

}  // namespace centella
