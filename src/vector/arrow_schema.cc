// Spark types to Arrow types and back, as PySpark maps them.
#include "vector/arrow_types.h"

namespace centella {
namespace {

constexpr const char* kMetadataKey = "SPARK::metadata::json";

[[noreturn]] void RaiseUnsupportedType(const std::string& name) {
  Raise(Condition::UNSUPPORTED_DATATYPE, {{"typeName", "\"" + name + "\""}});
}

std::shared_ptr<arrow::Field> ToArrowField(const std::string& name, const DataType& type, bool nullable,
                                           const std::string& metadata, const ArrowOptions& options) {
  auto field = arrow::field(name, ToArrowType(type, options), nullable);
  if (type.is(TypeId::kVariant)) return field;
  if (!metadata.empty()) field = field->WithMetadata(arrow::key_value_metadata({kMetadataKey}, {metadata}));
  return field;
}

arrow::FieldVector ToArrowFields(const DataType& type, const ArrowOptions& options) {
  arrow::FieldVector fields;
  for (const StructField& field : type.fields()) {
    fields.push_back(ToArrowField(field.name, *field.type, field.nullable, field.metadata, options));
  }
  return fields;
}

// A variant crosses as a struct whose metadata field says so.
std::shared_ptr<arrow::DataType> VariantType() {
  auto metadata =
      arrow::field("metadata", arrow::binary(), false)->WithMetadata(arrow::key_value_metadata({"variant"}, {"true"}));
  return arrow::struct_({arrow::field("value", arrow::binary(), false), metadata});
}

bool IsVariant(const arrow::DataType& type) {
  for (const auto& field : type.fields()) {
    if (field->name() == "metadata" && field->metadata() != nullptr && field->metadata()->Contains("variant")) {
      return true;
    }
  }
  return false;
}

StructField FromArrowField(const arrow::Field& field) {
  StructField out{field.name(), FromArrowType(*field.type()), field.nullable(), ""};
  if (field.metadata() != nullptr) {
    auto found = field.metadata()->Get(kMetadataKey);
    if (found.ok()) out.metadata = *found;
  }
  return out;
}

TypePtr FromFields(const arrow::FieldVector& fields) {
  std::vector<StructField> out;
  for (const auto& field : fields) out.push_back(FromArrowField(*field));
  return types::Struct(std::move(out));
}

TypePtr FromDecimal(const arrow::DataType& type) {
  const auto& decimal = static_cast<const arrow::DecimalType&>(type);
  return types::Decimal(decimal.precision(), decimal.scale());
}

TypePtr FromNested(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST: {
      const auto& field = *type.field(0);
      return types::Array(FromArrowType(*field.type()), field.nullable());
    }
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      return types::Map(FromArrowType(*map.key_type()), FromArrowType(*map.item_type()), map.item_field()->nullable());
    }
    case arrow::Type::STRUCT: return IsVariant(type) ? types::Variant() : FromFields(type.fields());
    case arrow::Type::DICTIONARY: return FromArrowType(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default: RaiseUnsupportedType(type.ToString());
  }
}

}  // namespace

std::shared_ptr<arrow::DataType> ToArrowType(const DataType& type, const ArrowOptions& options) {
  switch (type.id()) {
    case TypeId::kNull: return arrow::null();
    case TypeId::kBoolean: return arrow::boolean();
    case TypeId::kByte: return arrow::int8();
    case TypeId::kShort: return arrow::int16();
    case TypeId::kInt: return arrow::int32();
    case TypeId::kLong: return arrow::int64();
    case TypeId::kFloat: return arrow::float32();
    case TypeId::kDouble: return arrow::float64();
    case TypeId::kDecimal: return arrow::decimal128(type.precision(), type.scale());
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar: return options.large_strings ? arrow::large_utf8() : arrow::utf8();
    case TypeId::kBinary: return options.large_strings ? arrow::large_binary() : arrow::binary();
    case TypeId::kDate: return arrow::date32();
    case TypeId::kTime: return arrow::time64(arrow::TimeUnit::NANO);
    case TypeId::kTimestamp: return arrow::timestamp(arrow::TimeUnit::MICRO, options.time_zone);
    case TypeId::kTimestampNtz: return arrow::timestamp(arrow::TimeUnit::MICRO);
    case TypeId::kYearMonthInterval: return arrow::month_interval();
    case TypeId::kDayTimeInterval: return arrow::duration(arrow::TimeUnit::MICRO);
    case TypeId::kCalendarInterval: return arrow::month_day_nano_interval();
    case TypeId::kArray:
      return arrow::list(ToArrowField("element", *type.element(), type.contains_null(), "", options));
    case TypeId::kMap:
      return std::make_shared<arrow::MapType>(
          arrow::field("key", ToArrowType(*type.key(), options), false),
          ToArrowField("value", *type.value(), type.value_contains_null(), "", options));
    case TypeId::kStruct: return arrow::struct_(ToArrowFields(type, options));
    case TypeId::kVariant: return VariantType();
  }
  RaiseUnsupportedType(type.ToSql());
}

TypePtr FromArrowType(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA: return types::Null();
    case arrow::Type::BOOL: return types::Boolean();
    case arrow::Type::INT8: return types::Byte();
    case arrow::Type::INT16: return types::Short();
    case arrow::Type::INT32: return types::Int();
    case arrow::Type::INT64: return types::Long();
    case arrow::Type::FLOAT: return types::Float();
    case arrow::Type::DOUBLE: return types::Double();
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128: return FromDecimal(type);
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW: return types::String();
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::FIXED_SIZE_BINARY:
    case arrow::Type::BINARY_VIEW: return types::Binary();
    case arrow::Type::DATE32: return types::Date();
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty() ? types::TimestampNtz()
                                                                               : types::Timestamp();
    case arrow::Type::TIME64: return types::Time();
    case arrow::Type::DURATION: return types::DayTimeInterval();
    case arrow::Type::INTERVAL_MONTHS: return types::YearMonthInterval();
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: return types::CalendarInterval();
    default: return FromNested(type);
  }
}

std::shared_ptr<arrow::Schema> ToArrowSchema(const DataType& schema, const ArrowOptions& options) {
  CENTELLA_CHECK(schema.is(TypeId::kStruct), "an Arrow schema is made from a struct");
  return arrow::schema(ToArrowFields(schema, options));
}

TypePtr FromArrowSchema(const arrow::Schema& schema) { return FromFields(schema.fields()); }

}  // namespace centella
