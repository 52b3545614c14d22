// Intervals to and from text.
#include <cctype>
#include <cstring>

#include "types/calendar.h"
#include "types/text.h"

namespace centella {
namespace {

constexpr const char* kYearMonthFields[] = {"YEAR", "MONTH"};
constexpr const char* kDayTimeFields[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
constexpr int64_t kFieldMicros[] = {kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute, kMicrosPerSecond};
constexpr int64_t kFieldLimit[] = {INT64_MAX, 23, 59, 59};
constexpr int kSecondField = 3;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Wrap(const std::string& inner, const char* const* fields, int start, int end) {
  std::string out = "INTERVAL '" + inner + "' " + fields[start];
  if (start != end) out += std::string(" TO ") + fields[end];
  return out;
}

std::string PadTwo(uint64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

// Seconds with their fraction, without trailing zeros: "5.5".
std::string Seconds(uint64_t micros, bool pad) {
  const uint64_t whole = micros / kMicrosPerSecond, fraction = micros % kMicrosPerSecond;
  std::string out = pad ? PadTwo(whole) : std::to_string(whole);
  if (fraction != 0) {
    std::string digits = std::to_string(fraction + kMicrosPerSecond).substr(1);
    while (digits.back() == '0') digits.pop_back();
    out += "." + digits;
  }
  return out;
}

std::string_view SkipSpaces(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  return text;
}

bool StartsWithWord(std::string_view text, std::string_view upper) {
  if (text.size() < upper.size()) return false;
  for (size_t i = 0; i < upper.size(); ++i) {
    if (std::toupper(static_cast<unsigned char>(text[i])) != upper[i]) return false;
  }
  return true;
}

bool TakeSign(std::string_view* text) {
  if (text->empty() || (text->front() != '-' && text->front() != '+')) return false;
  const bool negative = text->front() == '-';
  text->remove_prefix(1);
  return negative;
}

bool TakeNumber(std::string_view* text, int64_t* value) {
  size_t n = 0;
  *value = 0;
  for (; n < text->size() && IsDigit((*text)[n]); ++n) {
    if (__builtin_mul_overflow(*value, int64_t{10}, value) ||
        __builtin_add_overflow(*value, int64_t{(*text)[n] - '0'}, value)) {
      return false;
    }
  }
  text->remove_prefix(n);
  return n > 0;
}

// Up to nine digits after the point, as micros (further digits cut off).
bool TakeFractionMicros(std::string_view* text, int64_t* micros) {
  int64_t unit = 100000;
  size_t n = 0;
  *micros = 0;
  for (; n < text->size() && IsDigit((*text)[n]); ++n) {
    *micros += ((*text)[n] - '0') * unit;
    unit /= 10;
  }
  text->remove_prefix(n);
  return n <= 9;
}

// "INTERVAL '…' A TO B" becomes what is between the quotes when the fields are the type's; other text stays as it is.
bool Unwrap(std::string_view* text, const char* const* fields, int start, int end, bool* negative) {
  *negative = false;
  if (!StartsWithWord(*text, "INTERVAL")) return true;
  std::string_view rest = SkipSpaces(text->substr(8));
  *negative = TakeSign(&rest);
  if (rest.empty() || rest.front() != '\'') return false;
  const size_t close = rest.find('\'', 1);
  if (close == std::string_view::npos) return false;
  std::string_view inner = rest.substr(1, close - 1);
  rest = SkipSpaces(rest.substr(close + 1));
  if (!StartsWithWord(rest, fields[start])) return false;
  rest = rest.substr(std::strlen(fields[start]));
  if (start != end) {
    rest = SkipSpaces(rest);
    if (!StartsWithWord(rest, "TO")) return false;
    rest = SkipSpaces(rest.substr(2));
    if (!StartsWithWord(rest, fields[end])) return false;
    rest = rest.substr(std::strlen(fields[end]));
  }
  *text = inner;
  return SkipSpaces(rest).empty();
}

// One "number unit" pair of a calendar interval.
struct Unit {
  std::string_view name;
  int kind;  // 0 months, 1 days, 2 micros, 3 nanos
  int64_t factor;
};
constexpr Unit kUnits[] = {{"YEAR", 0, 12},
                           {"MONTH", 0, 1},
                           {"WEEK", 1, 7},
                           {"DAY", 1, 1},
                           {"HOUR", 2, kMicrosPerHour},
                           {"MINUTE", 2, kMicrosPerMinute},
                           {"SECOND", 2, kMicrosPerSecond},
                           {"MILLISECOND", 2, 1000},
                           {"MICROSECOND", 2, 1},
                           {"NANOSECOND", 3, 1}};

const Unit* TakeUnit(std::string_view* text) {
  size_t n = 0;
  while (n < text->size() && std::isalpha(static_cast<unsigned char>((*text)[n]))) ++n;
  for (const Unit& unit : kUnits) {
    const bool plural = n == unit.name.size() + 1 && StartsWithWord(text->substr(unit.name.size()), "S");
    if ((n == unit.name.size() || plural) && StartsWithWord(*text, unit.name)) {
      text->remove_prefix(n);
      return &unit;
    }
  }
  return nullptr;
}

// Adds number x unit to `out`; false on overflow.
bool AddUnit(const Unit& unit, int64_t number, int64_t fraction_micros, CalendarIntervalValue* out) {
  int64_t scaled;
  if (unit.kind == 3) {
    return !__builtin_add_overflow(out->micros, number / 1000, &out->micros);
  }
  if (__builtin_mul_overflow(number, unit.factor, &scaled)) return false;
  switch (unit.kind) {
    case 0: return !__builtin_add_overflow(out->months, scaled, &out->months);
    case 1: return !__builtin_add_overflow(out->days, scaled, &out->days);
    default:
      return !__builtin_add_overflow(out->micros, scaled, &out->micros) &&
             !__builtin_add_overflow(out->micros, fraction_micros, &out->micros);
  }
}

}  // namespace

std::string YearMonthIntervalToString(int32_t months, int start, int end) {
  const uint32_t magnitude = months < 0 ? 0u - static_cast<uint32_t>(months) : static_cast<uint32_t>(months);
  std::string inner = months < 0 ? "-" : "";
  if (start == 1) {
    inner += std::to_string(magnitude);
  } else {
    inner += std::to_string(magnitude / 12);
    if (end == 1) inner += "-" + std::to_string(magnitude % 12);
  }
  return Wrap(inner, kYearMonthFields, start, end);
}

std::string DayTimeIntervalToString(int64_t micros, int start, int end) {
  uint64_t rest = micros < 0 ? uint64_t{0} - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string inner = micros < 0 ? "-" : "";
  for (int field = start; field <= end; ++field) {
    if (field > start) inner += field == 1 ? " " : ":";
    if (field == kSecondField) {
      inner += Seconds(rest, true);
    } else {
      const uint64_t value = rest / static_cast<uint64_t>(kFieldMicros[field]);
      inner += field == 0 ? std::to_string(value) : PadTwo(value);
    }
    rest %= static_cast<uint64_t>(kFieldMicros[field]);
  }
  return Wrap(inner, kDayTimeFields, start, end);
}

std::string CalendarIntervalToString(const CalendarIntervalValue& interval) {
  std::string out;
  auto append = [&out](int64_t value, const char* unit) {
    if (value != 0) out += (out.empty() ? "" : " ") + std::to_string(value) + " " + unit;
  };
  append(interval.months / 12, "years");
  append(interval.months % 12, "months");
  append(interval.days, "days");
  append(interval.micros / kMicrosPerHour, "hours");
  append(interval.micros % kMicrosPerHour / kMicrosPerMinute, "minutes");
  const int64_t rest = interval.micros % kMicrosPerMinute;
  if (rest != 0) {
    const uint64_t magnitude = static_cast<uint64_t>(rest < 0 ? -rest : rest);
    out += (out.empty() ? "" : " ") + std::string(rest < 0 ? "-" : "") + Seconds(magnitude, false) + " seconds";
  }
  return out.empty() ? "0 seconds" : out;
}

bool ParseCalendarInterval(std::string_view text, CalendarIntervalValue* out) {
  *out = CalendarIntervalValue();
  text = TrimSpaceAndControl(text);
  if (StartsWithWord(text, "INTERVAL")) {
    if (text.size() == 8 || !std::isspace(static_cast<unsigned char>(text[8]))) return false;
    text = SkipSpaces(text.substr(8));
  }
  if (text.empty()) return false;
  while (!text.empty()) {
    const bool negative = TakeSign(&text);
    text = SkipSpaces(text);
    int64_t number = 0, fraction = 0;
    bool has_fraction = false;
    const bool has_number = TakeNumber(&text, &number);
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      has_fraction = true;
      if (!TakeFractionMicros(&text, &fraction)) return false;
    }
    if (!has_number && !has_fraction) return false;
    text = SkipSpaces(text);
    const Unit* unit = TakeUnit(&text);
    if (unit == nullptr || (has_fraction && unit->name != "SECOND")) return false;
    if (!AddUnit(*unit, negative ? -number : number, negative ? -fraction : fraction, out)) return false;
    if (!text.empty() && !std::isspace(static_cast<unsigned char>(text.front()))) return false;
    text = SkipSpaces(text);
  }
  return true;
}

bool ParseYearMonthInterval(std::string_view text, int start, int end, int32_t* months) {
  text = TrimSpaceAndControl(text);
  bool negative;
  if (!Unwrap(&text, kYearMonthFields, start, end, &negative)) return false;
  if (TakeSign(&text)) negative = !negative;
  int64_t first, second = 0;
  if (!TakeNumber(&text, &first)) return false;
  if (start != end) {
    if (text.empty() || text.front() != '-') return false;
    text.remove_prefix(1);
    if (!TakeNumber(&text, &second) || second > 11) return false;
  }
  if (!text.empty() || first > INT32_MAX) return false;
  const int64_t magnitude = start == 1 ? first : first * 12 + second;
  const int64_t total = negative ? -magnitude : magnitude;
  if (total < INT32_MIN || total > INT32_MAX) return false;
  *months = static_cast<int32_t>(total);
  return true;
}

bool ParseDayTimeInterval(std::string_view text, int start, int end, int64_t* micros) {
  text = TrimSpaceAndControl(text);
  bool negative;
  if (!Unwrap(&text, kDayTimeFields, start, end, &negative)) return false;
  if (TakeSign(&text)) negative = !negative;
  int64_t total = 0;  // counted downwards, as the smallest interval has no positive counterpart
  for (int field = start; field <= end; ++field) {
    if (field > start) {
      if (text.empty() || text.front() != (field == 1 ? ' ' : ':')) return false;
      text.remove_prefix(1);
    }
    int64_t value, scaled;
    const size_t before = text.size();
    if (!TakeNumber(&text, &value)) return false;
    if (field > start && (value > kFieldLimit[field] || before - text.size() > 2)) return false;
    if (__builtin_mul_overflow(value, kFieldMicros[field], &scaled) || __builtin_sub_overflow(total, scaled, &total)) {
      return false;
    }
  }
  if (end == kSecondField && !text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    int64_t fraction;
    if (!TakeFractionMicros(&text, &fraction) || __builtin_sub_overflow(total, fraction, &total)) return false;
  }
  if (!text.empty()) return false;
  if (!negative && __builtin_sub_overflow(int64_t{0}, total, &total)) return false;
  *micros = total;
  return true;
}

}  // namespace centella
