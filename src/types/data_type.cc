// Data types: factories, predicates, equality and names.
#include "types/data_type.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"

namespace centella {

// Makes types; the only one that sees DataType's insides.
struct DataTypeFactory {
  static TypePtr Make(TypeId id, PhysicalType physical, int a = 0, int b = 0, std::vector<StructField> fields = {}) {
    std::shared_ptr<DataType> type(new DataType());
    type->id_ = id;
    type->physical_ = physical;
    type->a_ = a;
    type->b_ = b;
    type->fields_ = std::move(fields);
    return type;
  }
};

namespace {

constexpr int kMaxDecimalPrecision = 38;
constexpr int kMaxLongPrecision = 18;

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Parts of types without parameters: the word of catalogString, of SQL and of typeName.
struct SimpleNames {
  TypeId id;
  std::string_view catalog;
  std::string_view tree;
};
constexpr SimpleNames kSimpleNames[] = {
    {TypeId::kNull, "void", "void"},
    {TypeId::kBoolean, "boolean", "boolean"},
    {TypeId::kByte, "tinyint", "byte"},
    {TypeId::kShort, "smallint", "short"},
    {TypeId::kInt, "int", "integer"},
    {TypeId::kLong, "bigint", "long"},
    {TypeId::kFloat, "float", "float"},
    {TypeId::kDouble, "double", "double"},
    {TypeId::kString, "string", "string"},
    {TypeId::kBinary, "binary", "binary"},
    {TypeId::kDate, "date", "date"},
    {TypeId::kTimestamp, "timestamp", "timestamp"},
    {TypeId::kTimestampNtz, "timestamp_ntz", "timestamp_ntz"},
    {TypeId::kCalendarInterval, "interval", "interval"},
    {TypeId::kVariant, "variant", "variant"},
    {TypeId::kArray, "array", "array"},
    {TypeId::kMap, "map", "map"},
    {TypeId::kStruct, "struct", "struct"},
};

const SimpleNames& NamesOf(TypeId id) {
  for (const SimpleNames& names : kSimpleNames) {
    if (names.id == id) return names;
  }
  RaiseInternal(__FILE__, __LINE__, "a type without a name");
}

std::string IntervalName(std::string_view const* fields, int start, int end) {
  std::string name = "interval " + std::string(fields[start]);
  if (start != end) name += " to " + std::string(fields[end]);
  return name;
}

// Names of types whose parameters are numbers; empty for the others.
std::string ParametrisedName(const DataType& type) {
  static constexpr std::string_view kYearMonth[] = {"year", "month"};
  static constexpr std::string_view kDayTime[] = {"day", "hour", "minute", "second"};
  switch (type.id()) {
    case TypeId::kDecimal:
      return "decimal(" + std::to_string(type.precision()) + "," + std::to_string(type.scale()) + ")";
    case TypeId::kChar: return "char(" + std::to_string(type.length()) + ")";
    case TypeId::kVarchar: return "varchar(" + std::to_string(type.length()) + ")";
    case TypeId::kTime: return "time(" + std::to_string(type.precision()) + ")";
    case TypeId::kYearMonthInterval: return IntervalName(kYearMonth, type.start_field(), type.end_field());
    case TypeId::kDayTimeInterval: return IntervalName(kDayTime, type.start_field(), type.end_field());
    default: return "";
  }
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// Backquoted unless it is a plain identifier.
std::string QuoteIfNeeded(const std::string& name) {
  bool plain = !name.empty();
  bool all_digits = true;
  for (unsigned char c : name) {
    plain = plain && (std::isalnum(c) || c == '_') && c < 128;
    all_digits = all_digits && std::isdigit(c);
  }
  if (plain && !all_digits) return name;
  std::string quoted = "`";
  for (char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

bool SameFields(const DataType& a, const DataType& b, bool with_nullability) {
  if (a.fields().size() != b.fields().size()) return false;
  for (size_t i = 0; i < a.fields().size(); ++i) {
    const StructField& x = a.fields()[i];
    const StructField& y = b.fields()[i];
    if (a.is(TypeId::kStruct) && x.name != y.name) return false;
    if (with_nullability) {
      auto metadata = [](const StructField& f) { return f.metadata == "{}" ? std::string() : f.metadata; };
      if (x.nullable != y.nullable || metadata(x) != metadata(y) || !SameType(*x.type, *y.type)) return false;
    } else if (!SameTypeIgnoringNullability(*x.type, *y.type)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool DataType::is_integral() const {
  return id_ == TypeId::kByte || id_ == TypeId::kShort || id_ == TypeId::kInt || id_ == TypeId::kLong;
}

bool DataType::is_numeric() const { return is_integral() || is_fractional(); }

int DataType::FieldIndex(std::string_view name, bool case_sensitive) const {
  int found = -1;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (case_sensitive ? fields_[i].name == name : EqualIgnoringCase(fields_[i].name, name)) {
      if (found >= 0) return -2;
      found = static_cast<int>(i);
    }
  }
  return found;
}

std::string DataType::CatalogString() const {
  if (std::string name = ParametrisedName(*this); !name.empty()) return name;
  switch (id_) {
    case TypeId::kArray: return "array<" + element()->CatalogString() + ">";
    case TypeId::kMap: return "map<" + key()->CatalogString() + "," + value()->CatalogString() + ">";
    case TypeId::kStruct: {
      std::string text = "struct<";
      for (size_t i = 0; i < fields_.size(); ++i) {
        if (i != 0) text += ",";
        text += fields_[i].name + ":" + fields_[i].type->CatalogString();
      }
      return text + ">";
    }
    default: return std::string(NamesOf(id_).catalog);
  }
}

std::string DataType::ToSql() const {
  if (std::string name = ParametrisedName(*this); !name.empty()) return Upper(std::move(name));
  switch (id_) {
    case TypeId::kArray: return "ARRAY<" + element()->ToSql() + ">";
    case TypeId::kMap: return "MAP<" + key()->ToSql() + ", " + value()->ToSql() + ">";
    case TypeId::kStruct: {
      std::string text = "STRUCT<";
      for (size_t i = 0; i < fields_.size(); ++i) {
        if (i != 0) text += ", ";
        text += QuoteIfNeeded(fields_[i].name) + ": " + fields_[i].type->ToSql();
        if (!fields_[i].nullable) text += " NOT NULL";
      }
      return text + ">";
    }
    default: return Upper(std::string(NamesOf(id_).catalog));
  }
}

std::string DataType::TypeName() const {
  if (std::string name = ParametrisedName(*this); !name.empty()) return name;
  return std::string(NamesOf(id_).tree);
}

bool SameType(const DataType& a, const DataType& b) {
  if (&a == &b) return true;
  return a.id() == b.id() && a.precision() == b.precision() && a.scale() == b.scale() && SameFields(a, b, true);
}

bool SameTypeIgnoringNullability(const DataType& a, const DataType& b) {
  if (&a == &b) return true;
  return a.id() == b.id() && a.precision() == b.precision() && a.scale() == b.scale() && SameFields(a, b, false);
}

namespace types {

#define CENTELLA_SIMPLE_TYPE(name, id, physical)                                                      \
  const TypePtr& name() {                                                                             \
    static const auto* type = new TypePtr(DataTypeFactory::Make(TypeId::id, PhysicalType::physical)); \
    return *type;                                                                                     \
  }
CENTELLA_SIMPLE_TYPE(Null, kNull, kNull)
CENTELLA_SIMPLE_TYPE(Boolean, kBoolean, kBool)
CENTELLA_SIMPLE_TYPE(Byte, kByte, kInt8)
CENTELLA_SIMPLE_TYPE(Short, kShort, kInt16)
CENTELLA_SIMPLE_TYPE(Int, kInt, kInt32)
CENTELLA_SIMPLE_TYPE(Long, kLong, kInt64)
CENTELLA_SIMPLE_TYPE(Float, kFloat, kFloat)
CENTELLA_SIMPLE_TYPE(Double, kDouble, kDouble)
CENTELLA_SIMPLE_TYPE(String, kString, kString)
CENTELLA_SIMPLE_TYPE(Binary, kBinary, kString)
CENTELLA_SIMPLE_TYPE(Date, kDate, kInt32)
CENTELLA_SIMPLE_TYPE(Timestamp, kTimestamp, kInt64)
CENTELLA_SIMPLE_TYPE(TimestampNtz, kTimestampNtz, kInt64)
CENTELLA_SIMPLE_TYPE(CalendarInterval, kCalendarInterval, kInterval)
#undef CENTELLA_SIMPLE_TYPE

const TypePtr& Variant() {
  // Two binary children, value and metadata, which is how Spark stores a variant.
  static const auto* type =
      new TypePtr(DataTypeFactory::Make(TypeId::kVariant, PhysicalType::kStruct, 0, 0,
                                        {{"value", Binary(), false, ""}, {"metadata", Binary(), false, ""}}));
  return *type;
}

TypePtr Decimal(int precision, int scale) {
  if (precision > kMaxDecimalPrecision) {
    Raise(Condition::DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION,
          {{"precision", std::to_string(precision)}, {"maxPrecision", std::to_string(kMaxDecimalPrecision)}});
  }
  if (precision < 1 || scale < 0 || scale > precision) {
    Raise(Condition::_LEGACY_ERROR_TEMP_1228,
          {{"precision", std::to_string(precision)}, {"scale", std::to_string(scale)}});
  }
  return DataTypeFactory::Make(TypeId::kDecimal,
                               precision <= kMaxLongPrecision ? PhysicalType::kInt64 : PhysicalType::kInt128, precision,
                               scale);
}

TypePtr Char(int length) { return DataTypeFactory::Make(TypeId::kChar, PhysicalType::kString, length); }
TypePtr Varchar(int length) { return DataTypeFactory::Make(TypeId::kVarchar, PhysicalType::kString, length); }

TypePtr Time(int precision) {
  if (precision < 0 || precision > 6) {
    Raise(Condition::UNSUPPORTED_TIME_PRECISION, {{"precision", std::to_string(precision)}});
  }
  return DataTypeFactory::Make(TypeId::kTime, PhysicalType::kInt64, precision);
}

TypePtr YearMonthInterval(int start, int end) {
  CENTELLA_CHECK(0 <= start && start <= end && end <= 1, "year-month interval fields");
  return DataTypeFactory::Make(TypeId::kYearMonthInterval, PhysicalType::kInt32, start, end);
}

TypePtr DayTimeInterval(int start, int end) {
  CENTELLA_CHECK(0 <= start && start <= end && end <= 3, "day-time interval fields");
  return DataTypeFactory::Make(TypeId::kDayTimeInterval, PhysicalType::kInt64, start, end);
}

TypePtr Array(TypePtr element, bool contains_null) {
  return DataTypeFactory::Make(TypeId::kArray, PhysicalType::kArray, 0, 0,
                               {{"element", std::move(element), contains_null, ""}});
}

TypePtr Map(TypePtr key, TypePtr value, bool value_contains_null) {
  return DataTypeFactory::Make(
      TypeId::kMap, PhysicalType::kMap, 0, 0,
      {{"key", std::move(key), false, ""}, {"value", std::move(value), value_contains_null, ""}});
}

TypePtr Struct(std::vector<StructField> fields) {
  return DataTypeFactory::Make(TypeId::kStruct, PhysicalType::kStruct, 0, 0, std::move(fields));
}

}  // namespace types
}  // namespace centella
