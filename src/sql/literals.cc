// SQL literals to values: numbers with suffixes, typed literals, intervals.
#include "sql/literals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/time_zone.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

[[noreturn]] void OutOfRange(std::string_view number, std::string_view low, std::string_view high,
                             std::string_view type, const ErrorContext& context) {
  Raise(Condition::INVALID_NUMERIC_LITERAL_RANGE,
        {{"rawStrippedQualifier", std::string(number)},
         {"minValue", std::string(low)},
         {"maxValue", std::string(high)},
         {"typeName", std::string(type)}},
        {context});
}

// Whether the digits, with their sign, lie within [low, high].
bool FitsInteger(std::string_view digits, bool negative, int64_t low, int64_t high, int64_t* value) {
  uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  const uint64_t limit = negative ? static_cast<uint64_t>(-(low + 1)) + 1 : static_cast<uint64_t>(high);
  if (magnitude > limit) return false;
  *value = negative ? static_cast<int64_t>(0 - magnitude) : static_cast<int64_t>(magnitude);
  return true;
}

Value ParseSuffixedInteger(const TypePtr& type, std::string_view digits, bool negative, int64_t low, int64_t high,
                           std::string_view type_name, const ErrorContext& context) {
  int64_t value = 0;
  if (FitsInteger(digits, negative, low, high, &value)) return Value::Integer(type, value);
  OutOfRange((negative ? "-" : "") + std::string(digits), std::to_string(low), std::to_string(high), type_name,
             context);
}

[[noreturn]] void TooPrecise(int64_t precision, bool with_context, const ErrorContext& context) {
  std::vector<ErrorContext> contexts;
  if (with_context) contexts.push_back(context);
  Raise(Condition::DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION,
        {{"precision", std::to_string(precision)}, {"maxPrecision", "38"}}, std::move(contexts));
}

// Digits with a point and an exponent, exactly.
Value ParseDecimalDigits(std::string_view text, bool negative, bool with_context, const ErrorContext& context) {
  std::string digits;
  int64_t scale = 0;
  size_t i = 0;
  bool point = false;
  for (; i < text.size() && ToUpper(text[i]) != 'E'; ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    digits += text[i];
    if (point) ++scale;
  }
  if (i < text.size()) {
    int64_t exponent = 0;
    std::string_view rest = text.substr(i + 1);
    if (rest.starts_with('+')) rest.remove_prefix(1);
    std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    scale -= std::clamp<int64_t>(exponent, -100000, 100000);
  }
  const size_t significant = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  digits.erase(0, significant);
  int64_t precision = static_cast<int64_t>(digits.size());
  if (scale < 0) {  // 1e3: Spark's decimals have no negative scale
    if (digits != "0") precision -= scale;
    if (precision > kMaxDecimalDigits) TooPrecise(precision, with_context, context);
    digits.append(digits == "0" ? 0 : static_cast<size_t>(-scale), '0');
    scale = 0;
  }
  precision = std::max(precision, scale);
  if (precision > kMaxDecimalDigits) TooPrecise(precision, with_context, context);
  int128_t unscaled = 0;
  for (const char c : digits) unscaled = unscaled * 10 + (c - '0');
  return Value::Decimal(negative ? -unscaled : unscaled, static_cast<int>(precision), static_cast<int>(scale));
}

Value ParseFloating(std::string_view text, bool negative, bool single, const ErrorContext& context) {
  const std::string number = (negative ? "-" : "") + std::string(text);
  if (single) {
    float value = 0;
    if (!ParseFloat(number, &value) || std::isinf(value)) {
      OutOfRange(number, "-3.4028234663852886E+38", "3.4028234663852886E+38", "float", context);
    }
    return Value::Of(types::Float(), static_cast<double>(value));
  }
  double value = 0;
  if (!ParseDouble(number, &value) || std::isinf(value)) {
    OutOfRange(number, "-1.7976931348623157E+308", "1.7976931348623157E+308", "double", context);
  }
  return Value::Double(value);
}

Value ParseInteger(std::string_view text, bool negative, const ErrorContext& context) {
  int64_t value = 0;
  if (FitsInteger(text, negative, INT32_MIN, INT32_MAX, &value)) return Value::Int(static_cast<int32_t>(value));
  if (FitsInteger(text, negative, INT64_MIN, INT64_MAX, &value)) return Value::Long(value);
  return ParseDecimalDigits(text, negative, false, context);
}

// ---- typed literals -----------------------------------------------------------------------------------------------

[[noreturn]] void InvalidTyped(const std::string& type, const std::string& text, const ErrorContext& context) {
  Raise(Condition::INVALID_TYPED_LITERAL, {{"valueType", "\"" + type + "\""}, {"value", "'" + text + "'"}}, {context});
}

TimeZone SessionZone(const Configuration& config) {
  const std::optional<std::string> zone = config.Get("spark.sql.session.timeZone");
  return zone.has_value() && !zone->empty() ? TimeZone::Load(*zone) : TimeZone::Local();
}

int64_t NowMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

constexpr int64_t kMicrosPerDay = 86400LL * 1000000;

// epoch, now, today, tomorrow, yesterday: wall-clock microseconds.
bool SpecialTimestamp(std::string_view text, const TimeZone& zone, int64_t* local_micros) {
  const std::string word = Lower(TrimSpaceAndControl(text));
  const int64_t now = zone.ToLocalMicros(NowMicros());
  const int64_t today = now - ((now % kMicrosPerDay) + kMicrosPerDay) % kMicrosPerDay;
  if (word == "epoch")
    *local_micros = 0;
  else if (word == "now")
    *local_micros = now;
  else if (word == "today")
    *local_micros = today;
  else if (word == "tomorrow")
    *local_micros = today + kMicrosPerDay;
  else if (word == "yesterday")
    *local_micros = today - kMicrosPerDay;
  else
    return false;
  return true;
}

Value DateLiteral(const std::string& text, const Configuration& config, const ErrorContext& context) {
  int32_t days = 0;
  if (ParseDate(text, &days)) return Value::Integer(types::Date(), days);
  int64_t special = 0;
  if (!SpecialTimestamp(text, SessionZone(config), &special)) InvalidTyped("DATE", text, context);
  return Value::Integer(types::Date(), special / kMicrosPerDay);
}

Value ZonedTimestamp(const std::string& type, const std::string& text, const Configuration& config,
                     const ErrorContext& context) {
  int64_t micros = 0;
  const TimeZone zone = SessionZone(config);
  if (ParseTimestamp(text, zone, NowMicros(), &micros)) return Value::Integer(types::Timestamp(), micros);
  if (!SpecialTimestamp(text, zone, &micros)) InvalidTyped(type, text, context);
  const bool epoch = Lower(TrimSpaceAndControl(text)) == "epoch";
  return Value::Integer(types::Timestamp(), epoch ? 0 : zone.ToUtcMicros(micros));
}

Value LocalTimestamp(const std::string& text, const Configuration& config, const ErrorContext& context) {
  int64_t micros = 0;
  TimestampText parts;
  const bool bare_time = ParseTimestampText(text, &parts) && parts.only_time;
  if (!bare_time && ParseTimestampNtz(text, &micros)) return Value::Integer(types::TimestampNtz(), micros);
  if (!SpecialTimestamp(text, SessionZone(config), &micros)) InvalidTyped("TIMESTAMP_NTZ", text, context);
  return Value::Integer(types::TimestampNtz(), micros);
}

Value TimestampLiteral(const std::string& text, const Configuration& config, const ErrorContext& context) {
  const std::string kind = config.Get("spark.sql.timestampType").value_or("TIMESTAMP_LTZ");
  TimestampText parts;
  const bool named_zone = ParseTimestampText(text, &parts) && !parts.zone.empty();
  if (kind == "TIMESTAMP_NTZ" && !named_zone) return LocalTimestamp(text, config, context);
  return ZonedTimestamp("TIMESTAMP", text, config, context);
}

Value HexLiteral(const std::string& text, const ErrorContext& context) {
  std::string bytes;
  const std::string digits = text.size() % 2 == 1 ? "0" + text : text;
  for (size_t i = 0; i < digits.size(); i += 2) {
    int byte = 0;
    const auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    if (error != std::errc() || end != digits.data() + i + 2 || digits[i] == '-') InvalidTyped("X", text, context);
    bytes += static_cast<char>(byte);
  }
  return Value::Of(types::Binary(), std::move(bytes));
}

// ---- intervals ----------------------------------------------------------------------------------------------------

struct Unit {
  std::string_view name;  // singular, lower case
  int year_month;         // field of a year-month interval, or -1
  int day_time;           // first field of a day-time interval
};
constexpr std::array<Unit, 10> kUnits = {{{"year", 0, -1},
                                          {"month", 1, -1},
                                          {"week", -1, 0},
                                          {"day", -1, 0},
                                          {"hour", -1, 1},
                                          {"minute", -1, 2},
                                          {"second", -1, 3},
                                          {"millisecond", -1, 3},
                                          {"microsecond", -1, 3},
                                          {"nanosecond", -1, 3}}};
constexpr std::array<std::string_view, 4> kDayTimeFields = {"day", "hour", "minute", "second"};

const Unit* FindUnit(std::string_view word) {
  std::string name = Lower(word);
  if (name.size() > 1 && name.back() == 's') name.pop_back();
  const auto* found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == kUnits.end() ? nullptr : found;
}

// The interval's type follows from the units that it names.
Value IntervalOfUnits(const CalendarIntervalValue& interval, const std::vector<const Unit*>& units,
                      const ErrorContext& whole) {
  int first_month = 9, last_month = -1, first_time = 9, last_time = -1;
  for (const Unit* unit : units) {
    if (unit->year_month >= 0) {
      first_month = std::min(first_month, unit->year_month);
      last_month = std::max(last_month, unit->year_month);
    } else {
      first_time = std::min(first_time, unit->day_time);
      last_time = std::max(last_time, unit->day_time);
    }
  }
  if (last_month >= 0 && last_time >= 0) {
    Raise(Condition::_LEGACY_ERROR_TEMP_0029, {{"literal", whole.fragment}}, {whole});
  }
  if (last_month >= 0) {
    return Value::Integer(types::YearMonthInterval(first_month, last_month), interval.months);
  }
  int64_t micros = 0;
  if (__builtin_mul_overflow(int64_t{interval.days}, kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, interval.micros, &micros)) {
    Raise(Condition::INVALID_INTERVAL_FORMAT__ARITHMETIC_EXCEPTION, {{"input", whole.fragment}}, {whole});
  }
  if (last_time < 0) first_time = 0, last_time = 3;
  return Value::Integer(types::DayTimeInterval(first_time, last_time), micros);
}

Value IntervalText(const std::string& text, const ErrorContext& context) {
  CalendarIntervalValue interval;
  if (!ParseCalendarInterval(text, &interval)) InvalidTyped("INTERVAL", text, context);
  std::vector<const Unit*> units;
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      word += c;
    } else if (!word.empty()) {
      if (const Unit* unit = FindUnit(word)) units.push_back(unit);
      word.clear();
    }
  }
  return IntervalOfUnits(interval, units, context);
}

bool IsPlainNumber(std::string_view text) {
  const std::string_view trimmed = TrimSpaceAndControl(text);
  return !trimmed.empty() && std::all_of(trimmed.begin(), trimmed.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == ' ';
  });
}

// "1 25" from day to hour has the right form but an hour out of range: gives Spark's words, or "" for a wrong form.
std::string FieldOutOfRange(std::string_view input, int start, int end, bool months) {
  if (input.starts_with('-') || input.starts_with('+')) input.remove_prefix(1);
  static constexpr std::array<int64_t, 4> kLimits = {INT64_MAX, 23, 59, 59};
  const int last = months ? 1 : end;
  for (int field = months ? 0 : start; field <= last; ++field) {
    size_t digits = 0;
    while (digits < input.size() && input[digits] >= '0' && input[digits] <= '9') ++digits;
    int64_t value = 0;
    if (digits == 0 || digits > 18) return "";
    std::from_chars(input.data(), input.data() + digits, value);
    const bool first = field == (months ? 0 : start);
    const int64_t limit = first ? INT64_MAX : months ? 11 : kLimits[static_cast<size_t>(field)];
    if (value > limit) {
      const std::string name = months ? "month" : std::string(kDayTimeFields[static_cast<size_t>(field)]);
      return "requirement failed: " + name + " " + std::to_string(value) + " outside range [0, " +
             std::to_string(limit) + "]";
    }
    input.remove_prefix(digits);
    const char separator = months ? '-' : field == 0 ? ' ' : ':';
    if (field < last && !input.starts_with(separator)) return "";
    if (field < last) input.remove_prefix(1);
  }
  return "";
}

[[noreturn]] void UnmatchedInterval(const std::string& input, int start, int end, bool months,
                                    const ErrorContext& body) {
  if (std::string message = FieldOutOfRange(input, start, end, months); !message.empty()) {
    Raise(Condition::_LEGACY_ERROR_TEMP_0063, {{"msg", std::move(message)}}, {body});
  }
  const std::string from = months ? "year" : std::string(kDayTimeFields[static_cast<size_t>(start)]);
  const std::string to = months ? "month" : std::string(kDayTimeFields[static_cast<size_t>(end)]);
  static constexpr std::array<std::string_view, 4> kPatterns = {"d", "h", "m", "s.n"};
  std::string pattern = months ? "y-m" : "";
  for (int field = start; !months && field <= end; ++field) {
    if (field > start) pattern += field == 1 ? " " : ":";
    pattern += kPatterns[static_cast<size_t>(field)];
  }
  std::string fields = from + " to " + to;
  std::string capitals = fields;
  std::transform(capitals.begin(), capitals.end(), capitals.begin(), ToUpper);
  Raise(months ? Condition::INVALID_INTERVAL_FORMAT__UNMATCHED_FORMAT_STRING
               : Condition::INVALID_INTERVAL_FORMAT__UNMATCHED_FORMAT_STRING_WITH_NOTICE,
        {{"intervalStr", months ? "year-month" : "day-time"},
         {"supportedFormat", "`[+|-]" + pattern + "`, `INTERVAL [+|-]'[+|-]" + pattern + "' " + capitals + "`"},
         {"typeName", "interval " + fields},
         {"input", input}},
        {body});
}

}  // namespace

Value ParseNumberLiteral(std::string_view text, bool negative, const ErrorContext& context) {
  const char last = ToUpper(text.back());
  const std::string_view digits = text.substr(0, text.size() - 1);
  switch (last) {
    case 'L': return ParseSuffixedInteger(types::Long(), digits, negative, INT64_MIN, INT64_MAX, "bigint", context);
    case 'S': return ParseSuffixedInteger(types::Short(), digits, negative, INT16_MIN, INT16_MAX, "smallint", context);
    case 'Y': return ParseSuffixedInteger(types::Byte(), digits, negative, INT8_MIN, INT8_MAX, "tinyint", context);
    case 'F': return ParseFloating(digits, negative, true, context);
    case 'D':
      if (text.size() > 1 && ToUpper(text[text.size() - 2]) == 'B') {
        return ParseDecimalDigits(text.substr(0, text.size() - 2), negative, true, context);
      }
      return ParseFloating(digits, negative, false, context);
    default: break;
  }
  if (text.find_first_of("eE") != std::string_view::npos) return ParseFloating(text, negative, false, context);
  if (text.find('.') != std::string_view::npos) return ParseDecimalDigits(text, negative, false, context);
  return ParseInteger(text, negative, context);
}

Value ParseTypedLiteral(const std::string& type, const std::string& text, const Configuration& config,
                        const ErrorContext& context) {
  if (type == "DATE") return DateLiteral(text, config, context);
  if (type == "TIMESTAMP") return TimestampLiteral(text, config, context);
  if (type == "TIMESTAMP_LTZ") return ZonedTimestamp(type, text, config, context);
  if (type == "TIMESTAMP_NTZ") return LocalTimestamp(text, config, context);
  if (type == "INTERVAL") return IntervalText(text, context);
  if (type == "X") return HexLiteral(text, context);
  if (type == "TIME") {
    int64_t nanos = 0;
    if (!ParseTime(text, &nanos)) InvalidTyped(type, text, context);
    return Value::Integer(types::Time(), nanos);
  }
  Raise(Condition::UNSUPPORTED_TYPED_LITERAL,
        {{"unsupportedType", "\"" + type + "\""},
         {"supportedTypes",
          "\"DATE\", \"TIMESTAMP_NTZ\", \"TIMESTAMP_LTZ\", \"TIMESTAMP\", \"INTERVAL\", \"X\", \"TIME\""}},
        {context});
}

bool IsIntervalUnit(std::string_view word) { return FindUnit(word) != nullptr; }

Value MultiUnitInterval(const std::vector<IntervalPart>& parts, const ErrorContext& whole, const ErrorContext& body) {
  std::string text;
  std::string shown;  // as written
  std::vector<const Unit*> units;
  for (const IntervalPart& part : parts) {
    if (part.is_text && !IsPlainNumber(part.amount)) {
      Raise(Condition::_LEGACY_ERROR_TEMP_0026, {{"value", part.amount}}, {body});
    }
    std::string amount(TrimSpaceAndControl(part.amount));
    bool negative = part.negative;
    if (negative && amount.starts_with('-')) {
      negative = false;
      amount.erase(0, 1);
    }
    const std::string unit = Lower(part.unit);
    const std::string number = std::string(" ") + (negative ? "-" : "") + amount + " ";
    text += number + unit;
    shown += number + part.unit;
    const Unit* found = FindUnit(unit);
    if (found->name == "nanosecond") {
      Raise(Condition::INVALID_INTERVAL_FORMAT__INVALID_UNIT, {{"input", shown}, {"unit", unit}});
    }
    if (amount.find('.') != std::string::npos && found->name != "second") {
      Raise(Condition::INVALID_INTERVAL_FORMAT__INVALID_FRACTION, {{"input", shown}, {"unit", unit}});
    }
    units.push_back(found);
  }
  CalendarIntervalValue interval;
  if (!ParseCalendarInterval(text, &interval)) {
    Raise(Condition::INVALID_INTERVAL_FORMAT__ARITHMETIC_EXCEPTION, {{"input", shown}});
  }
  return IntervalOfUnits(interval, units, whole);
}

Value UnitToUnitInterval(const std::vector<IntervalPart>& parts, const std::string& to, const ErrorContext& body) {
  if (parts.size() != 1 || !parts[0].is_text) Raise(Condition::_LEGACY_ERROR_TEMP_0027, {}, {body});
  const IntervalPart& part = parts[0];
  std::string text = part.amount;
  if (part.negative) text = text.starts_with('-') ? text.substr(1) : "-" + text;
  const Unit* from_unit = FindUnit(part.unit);
  const Unit* to_unit = FindUnit(to);
  const auto is_field = [](const Unit* unit) {
    return unit->name != "week" && !unit->name.ends_with("isecond") && !unit->name.ends_with("osecond");
  };
  const bool months = from_unit->year_month == 0 && to_unit->year_month == 1;
  const bool days =
      from_unit->day_time >= 0 && to_unit->day_time > from_unit->day_time && is_field(from_unit) && is_field(to_unit);
  if (!months && !days) {
    Raise(Condition::INVALID_INTERVAL_FORMAT__UNSUPPORTED_FROM_TO_EXPRESSION,
          {{"input", part.amount}, {"from", Lower(part.unit)}, {"to", Lower(to)}}, {body});
  }
  if (months) {
    int32_t value = 0;
    if (!ParseYearMonthInterval(text, 0, 1, &value)) UnmatchedInterval(text, 0, 1, true, body);
    return Value::Integer(types::YearMonthInterval(0, 1), value);
  }
  int64_t micros = 0;
  const int start = from_unit->day_time, end = to_unit->day_time;
  if (!ParseDayTimeInterval(text, start, end, &micros)) UnmatchedInterval(text, start, end, false, body);
  return Value::Integer(types::DayTimeInterval(start, end), micros);
}

}  // namespace centella
