// Spark's data types. A DataType is immutable and shared; logical type and physical representation are separate.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace centella {

enum class TypeId : uint8_t {
  kNull,  // Spark's VOID
  kBoolean,
  kByte,
  kShort,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kChar,
  kVarchar,
  kBinary,
  kDate,               // days since 1970-01-01
  kTime,               // nanoseconds since midnight
  kTimestamp,          // UTC microseconds (TIMESTAMP_LTZ)
  kTimestampNtz,       // wall-clock microseconds
  kYearMonthInterval,  // months
  kDayTimeInterval,    // microseconds
  kCalendarInterval,   // months, days, microseconds
  kArray,
  kMap,
  kStruct,
  kVariant,
};

// How a value lies in a vector.
enum class PhysicalType : uint8_t {
  kNull,  // no data
  kBool,  // uint8_t 0 or 1
  kInt8,
  kInt16,
  kInt32,   // int, date, year-month interval
  kInt64,   // long, timestamps, time, day-time interval, decimals of up to 18 digits
  kInt128,  // other decimals
  kFloat,
  kDouble,
  kString,    // StringView: strings and binary
  kInterval,  // CalendarIntervalValue
  kArray,     // ListEntry over one child
  kMap,       // ListEntry over one struct child with key and value
  kStruct,    // children only
};

class DataType;
using TypePtr = std::shared_ptr<const DataType>;

struct StructField {
  std::string name;
  TypePtr type;
  bool nullable = true;
  std::string metadata;  // JSON object, or empty
};

// Interval fields: 0 year 1 month; 0 day 1 hour 2 minute 3 second.
class DataType {
 public:
  TypeId id() const { return id_; }
  PhysicalType physical() const { return physical_; }
  bool is(TypeId id) const { return id_ == id; }

  int precision() const { return a_; }    // decimal, time
  int scale() const { return b_; }        // decimal
  int length() const { return a_; }       // char, varchar
  int start_field() const { return a_; }  // intervals
  int end_field() const { return b_; }

  const TypePtr& element() const { return fields_[0].type; }  // array
  bool contains_null() const { return fields_[0].nullable; }
  const TypePtr& key() const { return fields_[0].type; }  // map
  const TypePtr& value() const { return fields_[1].type; }
  bool value_contains_null() const { return fields_[1].nullable; }
  const std::vector<StructField>& fields() const { return fields_; }  // struct

  bool is_numeric() const;   // byte … double, decimal
  bool is_integral() const;  // byte, short, int, long
  bool is_fractional() const { return id_ == TypeId::kFloat || id_ == TypeId::kDouble || id_ == TypeId::kDecimal; }
  bool is_string() const { return id_ == TypeId::kString || id_ == TypeId::kChar || id_ == TypeId::kVarchar; }
  bool is_datetime() const { return id_ == TypeId::kDate || id_ == TypeId::kTimestamp || id_ == TypeId::kTimestampNtz; }
  // Of months or of microseconds: the standard's intervals, which compare; CalendarInterval has both and doesn't.
  bool is_ansi_interval() const { return id_ == TypeId::kYearMonthInterval || id_ == TypeId::kDayTimeInterval; }
  bool is_interval() const { return is_ansi_interval() || id_ == TypeId::kCalendarInterval; }
  bool is_nested() const { return id_ == TypeId::kArray || id_ == TypeId::kMap || id_ == TypeId::kStruct; }

  // Field's index by name (case-insensitive unless told), or -1; -2 when several match.
  int FieldIndex(std::string_view name, bool case_sensitive = false) const;

  // "bigint", "decimal(10,2)", "array<int>", "struct<a:int,b:string>": Spark's catalogString.
  std::string CatalogString() const;
  // "BIGINT", "STRUCT<a: INT NOT NULL, b: STRING>": Spark's sql, used in error messages.
  std::string ToSql() const;
  // The JSON form of PySpark's type.jsonValue(): "\"long\"" or an object.
  std::string ToJson() const;
  // Short word of the tree print: "long", "decimal(10,2)", "array", "struct", "timestamp_ntz".
  std::string TypeName() const;

 private:
  friend struct DataTypeFactory;
  DataType() = default;
  TypeId id_ = TypeId::kNull;
  PhysicalType physical_ = PhysicalType::kNull;
  int a_ = 0, b_ = 0;
  std::vector<StructField> fields_;
};

// Equal in everything, nullability of nested parts and metadata included.
bool SameType(const DataType& a, const DataType& b);
// Equal but for nullability and metadata (field names count, with their case).
bool SameTypeIgnoringNullability(const DataType& a, const DataType& b);

namespace types {
const TypePtr& Null();
const TypePtr& Boolean();
const TypePtr& Byte();
const TypePtr& Short();
const TypePtr& Int();
const TypePtr& Long();
const TypePtr& Float();
const TypePtr& Double();
const TypePtr& String();
const TypePtr& Binary();
const TypePtr& Date();
const TypePtr& Timestamp();
const TypePtr& TimestampNtz();
const TypePtr& CalendarInterval();
const TypePtr& Variant();
// Precision 1..38, 0 <= scale <= precision; raises DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION and the like.
TypePtr Decimal(int precision, int scale);
TypePtr Char(int length);
TypePtr Varchar(int length);
TypePtr Time(int precision = 6);
TypePtr YearMonthInterval(int start = 0, int end = 1);
TypePtr DayTimeInterval(int start = 0, int end = 3);
TypePtr Array(TypePtr element, bool contains_null = true);
TypePtr Map(TypePtr key, TypePtr value, bool value_contains_null = true);
TypePtr Struct(std::vector<StructField> fields);
}  // namespace types

// "a INT, b STRUCT<c: STRING>", or a single type such as "bigint" (`ParseTypeDdl` for the latter only).
// Raises PARSE_SYNTAX_ERROR, UNSUPPORTED_DATATYPE. Depth bounded.
TypePtr ParseSchemaDdl(std::string_view ddl);
TypePtr ParseTypeDdl(std::string_view ddl);
// PySpark's JSON of a type (StructType.json()); raises on anything else.
TypePtr ParseTypeJson(std::string_view json);
// Spark's printSchema() text: "root\n |-- a: integer (nullable = true)\n". `level` bounds nesting, 0 = all.
std::string TreeString(const DataType& schema, int level = 0);

}  // namespace centella
