// Equality and text of single values.
#include "types/value.h"

#include <cmath>

#include "types/calendar.h"
#include "types/decimal.h"
#include "types/display_zone.h"
#include "types/text.h"

namespace centella {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

std::string QuoteString(const std::string& text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string Hex(const std::string& bytes) {
  std::string out;
  for (char c : bytes) {
    out += kHexDigits[static_cast<unsigned char>(c) >> 4];
    out += kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string FloatingText(const Value& value) {
  if (value.type()->is(TypeId::kDouble)) return DoubleToString(value.floating());
  char buffer[kMaxDoubleText];
  return std::string(buffer, WriteFloat(static_cast<float>(value.floating()), buffer));
}

thread_local const TimeZone* shown_zone = nullptr;

const TimeZone& ShownZone() {
  static const TimeZone kUtc;
  return shown_zone == nullptr ? kUtc : *shown_zone;
}

// Text of a value that isn't null and isn't nested; `zone` is for timestamps.
std::string SimpleText(const Value& value, const TimeZone& zone) {
  const DataType& type = *value.type();
  switch (type.id()) {
    case TypeId::kBoolean: return value.boolean() ? "true" : "false";
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong: return std::to_string(value.integer());
    case TypeId::kFloat:
    case TypeId::kDouble: return FloatingText(value);
    case TypeId::kDecimal: return DecimalToString(value.decimal(), type.scale());
    case TypeId::kDate: return DateToString(value.integer());
    case TypeId::kTime: {
      char buffer[kMaxTimestampText];
      return std::string(buffer, WriteTime(value.integer(), buffer));
    }
    case TypeId::kTimestamp: return TimestampToString(zone.ToLocalMicros(value.integer()));
    case TypeId::kTimestampNtz: return TimestampToString(value.integer());
    case TypeId::kYearMonthInterval:
      return YearMonthIntervalToString(static_cast<int32_t>(value.integer()), type.start_field(), type.end_field());
    case TypeId::kDayTimeInterval:
      return DayTimeIntervalToString(value.integer(), type.start_field(), type.end_field());
    case TypeId::kCalendarInterval: return CalendarIntervalToString(value.interval());
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary: return value.string();
    default: return "NULL";
  }
}

std::string NestedText(const Value& value, const TimeZone& zone);

std::string PartText(const Value& part, const TimeZone& zone) {
  if (part.is_null()) return "null";
  return part.type()->is_nested() ? NestedText(part, zone) : SimpleText(part, zone);
}

std::string NestedText(const Value& value, const TimeZone& zone) {
  const bool is_map = value.type()->is(TypeId::kMap);
  const bool is_array = value.type()->is(TypeId::kArray);
  std::string out = is_array ? "[" : "{";
  const std::vector<Value>& parts = value.parts();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) out += is_map && i % 2 == 1 ? " -> " : ", ";
    out += PartText(parts[i], zone);
  }
  return out + (is_array ? "]" : "}");
}

std::string NestedSql(const Value& value) {
  const DataType& type = *value.type();
  std::string out = type.is(TypeId::kArray) ? "ARRAY(" : type.is(TypeId::kMap) ? "MAP(" : "NAMED_STRUCT(";
  for (size_t i = 0; i < value.parts().size(); ++i) {
    if (i != 0) out += ", ";
    if (type.is(TypeId::kStruct)) out += QuoteString(type.fields()[i].name) + ", ";
    out += value.parts()[i].ToSql();
  }
  return out + ")";
}

bool SameFloating(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

bool Value::operator==(const Value& other) const {
  if (!SameTypeIgnoringNullability(*type_, *other.type_) || data_.index() != other.data_.index()) return false;
  if (const double* a = std::get_if<double>(&data_)) return SameFloating(*a, std::get<double>(other.data_));
  if (const int128_t* a = std::get_if<int128_t>(&data_)) return *a == std::get<int128_t>(other.data_);
  if (const int64_t* a = std::get_if<int64_t>(&data_)) return *a == std::get<int64_t>(other.data_);
  if (const std::string* a = std::get_if<std::string>(&data_)) return *a == std::get<std::string>(other.data_);
  if (const auto* a = std::get_if<CalendarIntervalValue>(&data_)) {
    return *a == std::get<CalendarIntervalValue>(other.data_);
  }
  if (const auto* a = std::get_if<std::vector<Value>>(&data_)) return *a == std::get<std::vector<Value>>(other.data_);
  return true;
}

DisplayZone::DisplayZone(const TimeZone& zone) : before_(shown_zone) { shown_zone = &zone; }
DisplayZone::~DisplayZone() { shown_zone = before_; }

std::string Value::ToSql() const {
  if (is_null()) return type_->is(TypeId::kNull) ? "NULL" : "CAST(NULL AS " + type_->ToSql() + ")";
  const std::string text = type_->is_nested() ? std::string() : SimpleText(*this, ShownZone());
  switch (type_->id()) {
    case TypeId::kByte: return text + "Y";
    case TypeId::kShort: return text + "S";
    case TypeId::kLong: return text + "L";
    case TypeId::kFloat:
      return std::isfinite(floating()) ? "CAST(" + text + " AS FLOAT)" : "CAST('" + text + "' AS FLOAT)";
    case TypeId::kDouble: return std::isfinite(floating()) ? text + "D" : "CAST('" + text + "' AS DOUBLE)";
    case TypeId::kDecimal: return text + "BD";
    case TypeId::kDate: return "DATE '" + text + "'";
    case TypeId::kTime: return "TIME '" + text + "'";
    case TypeId::kTimestamp: return "TIMESTAMP '" + text + "'";
    case TypeId::kTimestampNtz: return "TIMESTAMP_NTZ '" + text + "'";
    case TypeId::kCalendarInterval: return "INTERVAL '" + text + "'";
    case TypeId::kBinary: return "X'" + Hex(text) + "'";
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar: return QuoteString(text);
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct: return NestedSql(*this);
    default: return text;
  }
}

std::string Value::ToDisplay() const {
  if (is_null()) return "NULL";
  if (type_->is(TypeId::kBinary)) return "X'" + Hex(string()) + "'";
  return type_->is_nested() ? NestedText(*this, ShownZone()) : SimpleText(*this, ShownZone());
}

std::string ValueToString(const Value& value, const TimeZone& zone) {
  if (value.is_null()) return "NULL";
  return value.type()->is_nested() ? NestedText(value, zone) : SimpleText(value, zone);
}

}  // namespace centella
