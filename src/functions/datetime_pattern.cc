// Compiling patterns and formatting.
#include "functions/datetime_pattern.h"

#include <absl/time/time.h>

#include <charconv>
#include <cstring>

#include "base/error.h"
#include "functions/datetime_fields.h"
#include "functions/datetime_words.h"

namespace centella {
namespace {

constexpr std::string_view kLegacyLetters = "GyYMLwWDdFEuaHkKhmsSzZX";
constexpr std::string_view kWeekLetters = "YWwuec";
constexpr std::string_view kRefusedLetters = "ABnNp";
constexpr std::string_view kWriteOnlyLetters = "EFqQ";
constexpr std::string_view kKnownLetters = "GyMLdDQqEahHKkmsSzVXxOZF";

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Most letters in a row that have a meaning.
int LongestRun(char letter) {
  switch (letter) {
    case 'd':
    case 'h':
    case 'H':
    case 'K':
    case 'k':
    case 'm':
    case 's':
    case 'V': return 2;
    case 'D': return 3;
    case 'a':
    case 'F': return 1;
    case 'G':
    case 'M':
    case 'L':
    case 'Q':
    case 'q':
    case 'E':
    case 'z':
    case 'O': return 4;
    case 'X':
    case 'x':
    case 'Z': return 5;
    case 'S': return 9;
    default: return 6;
  }
}

bool IsNumber(char letter, int count) {
  if (letter == 'M' || letter == 'L' || letter == 'Q' || letter == 'q') return count <= 2;
  return std::strchr("yDdhHKkmsSF", letter) != nullptr && letter != 0;
}
bool IsFixedWidth(char letter, int count) { return IsNumber(letter, count) && (count == 2 || letter == 'S'); }

void AppendPadded(int64_t value, int width, std::string* out) {
  char digits[20];
  const uint64_t magnitude = value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  const auto count = static_cast<int>(std::to_chars(digits, digits + sizeof(digits), magnitude).ptr - digits);
  if (value < 0) *out += '-';
  if (count < width) out->append(static_cast<size_t>(width - count), '0');
  out->append(digits, static_cast<size_t>(count));
}

void AppendOffset(int32_t seconds, bool colon, bool minutes_always, bool with_seconds, std::string* out) {
  const int32_t magnitude = seconds < 0 ? -seconds : seconds;
  *out += seconds < 0 ? '-' : '+';
  AppendPadded(magnitude / 3600, 2, out);
  if (minutes_always || magnitude / 60 % 60 != 0) {
    if (colon) *out += ':';
    AppendPadded(magnitude / 60 % 60, 2, out);
  }
  if (with_seconds && magnitude % 60 != 0) {
    if (colon) *out += ':';
    AppendPadded(magnitude % 60, 2, out);
  }
}

// X, x, Z and O.
void AppendZoneOffset(char letter, int count, int32_t seconds, std::string* out) {
  if (letter == 'O' || (letter == 'Z' && count == 4)) {
    *out += "GMT";
    if (seconds == 0) return;
    const int32_t magnitude = seconds < 0 ? -seconds : seconds;
    if (letter == 'O' && count == 1) {
      *out += seconds < 0 ? '-' : '+';
      *out += std::to_string(magnitude / 3600);
      if (magnitude / 60 % 60 != 0) {
        *out += ':';
        AppendPadded(magnitude / 60 % 60, 2, out);
      }
      return;
    }
    AppendOffset(seconds, true, true, true, out);
    return;
  }
  const bool zulu = letter == 'X' || (letter == 'Z' && count == 5);
  if (zulu && seconds == 0) {
    *out += 'Z';
    return;
  }
  if (letter == 'Z') {
    AppendOffset(seconds, count == 5, true, count == 5, out);
  } else {
    AppendOffset(seconds, count == 3 || count == 5, count != 1, count >= 4, out);
  }
}

}  // namespace

void DatetimePattern::Refuse() const {
  bool legacy = true;
  bool quoted = false;
  for (char c : pattern_) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && IsLetter(c) && kLegacyLetters.find(c) == std::string_view::npos) legacy = false;
  }
  if (legacy) {
    Raise(Condition::INCONSISTENT_BEHAVIOR_CROSS_VERSION__DATETIME_PATTERN_RECOGNITION,
          {{"pattern", "'" + pattern_ + "'"},
           {"config", "\"spark.sql.legacy.timeParserPolicy\""},
           {"docroot", "https://spark.apache.org/docs/latest"}});
  }
  for (char c : pattern_) {
    if (kWeekLetters.find(c) != std::string_view::npos) {
      Raise(Condition::INCONSISTENT_BEHAVIOR_CROSS_VERSION__DATETIME_WEEK_BASED_PATTERN, {{"c", std::string(1, c)}});
    }
  }
  for (char letter : std::string_view("GMLEQq")) {
    const std::string five(5, letter);
    if (pattern_.find(five) == std::string::npos) continue;
    Raise(Condition::INVALID_DATETIME_PATTERN__LENGTH, {{"pattern", five}});
  }
  Raise(Condition::INVALID_DATETIME_PATTERN__WITH_SUGGESTION,
        {{"pattern", "'" + pattern_ + "'"}, {"docroot", "https://spark.apache.org/docs/latest"}});
}

void DatetimePattern::AddLetters(char letter, int count) {
  if (kKnownLetters.find(letter) == std::string_view::npos || count > LongestRun(letter)) Refuse();
  if (letter == 'V' && count != 2) Refuse();
  if ((letter == 'O') && count != 1 && count != 4) Refuse();
  Item item;
  item.letter = letter;
  item.count = count;
  items_.push_back(item);
}

DatetimePattern::DatetimePattern(std::string_view pattern, bool for_parsing) : pattern_(pattern) {
  std::vector<size_t> open;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (IsLetter(c)) {
      if (kRefusedLetters.find(c) != std::string_view::npos ||
          (for_parsing && kWriteOnlyLetters.find(c) != std::string_view::npos)) {
        Raise(Condition::INVALID_DATETIME_PATTERN__ILLEGAL_CHARACTER,
              {{"c", std::string(1, c)}, {"pattern", pattern_}});
      }
      size_t n = i;
      while (n < pattern.size() && pattern[n] == c) ++n;
      AddLetters(c, static_cast<int>(n - i));
      i = n;
      continue;
    }
    if (c == '[') {
      open.push_back(items_.size());
      items_.push_back({'[', 0, "", 0, 0});
    } else if (c == ']') {
      if (open.empty()) Refuse();
      items_[open.back()].jump = static_cast<int>(items_.size());
      open.pop_back();
      items_.push_back({']', 0, "", 0, 0});
    } else if (c == '\'') {
      Item item;
      const size_t begin = ++i;
      while (true) {
        if (i >= pattern.size()) Refuse();
        if (pattern[i] == '\'') {
          if (i + 1 >= pattern.size() || pattern[i + 1] != '\'') break;
          ++i;
        }
        item.literal += pattern[i++];
      }
      if (i == begin) item.literal = "'";
      items_.push_back(item);
    } else if (c == '{' || c == '}' || c == '#') {
      Refuse();
    } else {
      Item item;
      item.literal = std::string(1, c);
      items_.push_back(item);
    }
    ++i;
  }
  while (!open.empty()) {  // Java closes what is still open
    items_[open.back()].jump = static_cast<int>(items_.size());
    open.pop_back();
    items_.push_back({']', 0, "", 0, 0});
  }
  for (size_t i = 0; i < items_.size(); ++i) {
    for (size_t k = i + 1;
         k < items_.size() && IsFixedWidth(items_[k].letter, items_[k].count) && items_[k].letter != 'S'; ++k) {
      items_[i].reserved_digits += items_[k].count;
    }
  }
}

void DatetimePattern::Format(int64_t utc_micros, const TimeZone& zone, std::string* out) const {
  const int32_t offset = zone.OffsetSecondsAt(utc_micros);
  // Day and time of day apart: with the zone's offset the first and last moments don't fit 64 bits.
  const int64_t in_day = FloorMod(utc_micros, kMicrosPerDay) + int64_t{offset} * kMicrosPerSecond;
  const int64_t days = FloorDiv(utc_micros, kMicrosPerDay) + FloorDiv(in_day, kMicrosPerDay);
  const int64_t local = FloorMod(in_day, kMicrosPerDay);
  const CivilDay civil = CivilFromDays(days);
  const int32_t hour = FieldOf(DateField::kHour, local);
  for (const Item& item : items_) {
    switch (item.letter) {
      case 0: *out += item.literal; break;
      case '[':
      case ']': break;
      case 'G':
        *out += item.count == 4 ? (civil.year > 0 ? "Anno Domini" : "Before Christ") : (civil.year > 0 ? "AD" : "BC");
        break;
      case 'y':
        if (item.count == 2) {
          AppendPadded(FloorMod(civil.year, 100), 2, out);
        } else {
          if (item.count >= 4 && civil.year > 9999) *out += '+';
          AppendPadded(civil.year, item.count, out);
        }
        break;
      case 'M':
      case 'L':
        if (item.count <= 2) {
          AppendPadded(civil.month, item.count, out);
        } else {
          *out += item.count == 3 ? kMonthNames[civil.month - 1].substr(0, 3) : kMonthNames[civil.month - 1];
        }
        break;
      case 'd': AppendPadded(civil.day, item.count, out); break;
      case 'D': AppendPadded(DayOfYear(days), item.count, out); break;
      case 'F': AppendPadded((civil.day - 1) % 7 + 1, item.count, out); break;
      case 'Q':
      case 'q': {
        const int quarter = QuarterOfMonth(civil.month);
        constexpr std::string_view kOrdinals[] = {"1st", "2nd", "3rd", "4th"};
        if (item.count <= 2) {
          AppendPadded(quarter, item.count, out);
        } else if (item.count == 3) {
          *out += "Q" + std::to_string(quarter);
        } else {
          *out += std::string(kOrdinals[quarter - 1]) + " quarter";
        }
        break;
      }
      case 'E':
        *out += item.count < 4 ? kDayNames[WeekdayFromMonday(days)].substr(0, 3) : kDayNames[WeekdayFromMonday(days)];
        break;
      case 'a': *out += hour < 12 ? "AM" : "PM"; break;
      case 'h': AppendPadded((hour + 11) % 12 + 1, item.count, out); break;
      case 'H': AppendPadded(hour, item.count, out); break;
      case 'K': AppendPadded(hour % 12, item.count, out); break;
      case 'k': AppendPadded((hour + 23) % 24 + 1, item.count, out); break;
      case 'm': AppendPadded(FieldOf(DateField::kMinute, local), item.count, out); break;
      case 's': AppendPadded(FieldOf(DateField::kSecond, local), item.count, out); break;
      case 'S': {
        const size_t begin = out->size();
        AppendPadded(FloorMod(local, kMicrosPerSecond) * 1000, 9, out);
        out->resize(begin + std::min<size_t>(9, static_cast<size_t>(item.count)));
        break;
      }
      case 'z': {
        absl::TimeZone rules;
        if (zone.is_utc() || !absl::LoadTimeZone(zone.id(), &rules)) {
          *out += item.count == 4 && zone.is_utc() ? "Coordinated Universal Time" : zone.id();
        } else if (item.count == 4) {
          RaiseUnsupported("the full names of time zones (pattern zzzz)");
        } else {
          *out += rules.At(absl::FromUnixMicros(utc_micros)).zone_abbr;
        }
        break;
      }
      case 'V': *out += zone.id(); break;
      default: AppendZoneOffset(item.letter, item.count, offset, out);
    }
  }
}

}  // namespace centella
