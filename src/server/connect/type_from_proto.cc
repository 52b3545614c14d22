// Data types between Connect's messages and ours.
#include <google/protobuf/repeated_ptr_field.h>

#include "server/connect/convert.h"
#include "spark/connect/types.pb.h"

namespace centella::connect {
namespace {

using proto::DataType;

[[noreturn]] void RaiseKind(const std::string& kind) {
  Raise(Condition::CONNECT_INVALID_PLAN__DATA_TYPE_UNSUPPORTED_PROTO_TO_CATALYST, {{"kindCase", kind}});
}

int IntervalField(bool given, int value, int last, int default_value) {
  if (!given) return default_value;
  if (value < 0 || value > last) RaiseKind("INTERVAL with field " + std::to_string(value));
  return value;
}

TypePtr StructFromProto(const DataType::Struct& type) {
  std::vector<StructField> fields;
  for (const auto& field : type.fields()) {
    std::string metadata = field.metadata() == "{}" ? "" : field.metadata();
    fields.push_back({field.name(), TypeFromProto(field.data_type()), field.nullable(), std::move(metadata)});
  }
  return types::Struct(std::move(fields));
}

TypePtr YearMonthFromProto(const DataType::YearMonthInterval& type) {
  const int start = IntervalField(type.has_start_field(), type.start_field(), 1, 0);
  return types::YearMonthInterval(
      start, IntervalField(type.has_end_field(), type.end_field(), 1, type.has_start_field() ? start : 1));
}

TypePtr DayTimeFromProto(const DataType::DayTimeInterval& type) {
  const int start = IntervalField(type.has_start_field(), type.start_field(), 3, 0);
  return types::DayTimeInterval(
      start, IntervalField(type.has_end_field(), type.end_field(), 3, type.has_start_field() ? start : 3));
}

}  // namespace

TypePtr TypeFromProto(const DataType& type) {
  switch (type.kind_case()) {
    case DataType::kNull: return types::Null();
    case DataType::kBinary: return types::Binary();
    case DataType::kBoolean: return types::Boolean();
    case DataType::kByte: return types::Byte();
    case DataType::kShort: return types::Short();
    case DataType::kInteger: return types::Int();
    case DataType::kLong: return types::Long();
    case DataType::kFloat: return types::Float();
    case DataType::kDouble: return types::Double();
    case DataType::kDecimal:
      return types::Decimal(type.decimal().has_precision() ? type.decimal().precision() : 10,
                            type.decimal().has_scale() ? type.decimal().scale() : 0);
    case DataType::kString:
      if (!type.string().collation().empty() && type.string().collation() != "UTF8_BINARY") {
        RaiseUnsupported("the collation " + type.string().collation());
      }
      return types::String();
    case DataType::kChar: return types::Char(type.char_().length());
    case DataType::kVarChar: return types::Varchar(type.var_char().length());
    case DataType::kDate: return types::Date();
    case DataType::kTime: return types::Time(type.time().has_precision() ? type.time().precision() : 6);
    case DataType::kTimestamp: return types::Timestamp();
    case DataType::kTimestampNtz: return types::TimestampNtz();
    case DataType::kCalendarInterval: return types::CalendarInterval();
    case DataType::kYearMonthInterval: return YearMonthFromProto(type.year_month_interval());
    case DataType::kDayTimeInterval: return DayTimeFromProto(type.day_time_interval());
    case DataType::kArray:
      return types::Array(TypeFromProto(type.array().element_type()), type.array().contains_null());
    case DataType::kStruct: return StructFromProto(type.struct_());
    case DataType::kMap:
      return types::Map(TypeFromProto(type.map().key_type()), TypeFromProto(type.map().value_type()),
                        type.map().value_contains_null());
    case DataType::kVariant: return types::Variant();
    case DataType::kUdt:
      if (type.udt().has_sql_type()) return TypeFromProto(type.udt().sql_type());
      RaiseUnsupported("a user-defined type without an SQL type");
    case DataType::kGeometry: RaiseUnsupported("the type GEOMETRY");
    case DataType::kGeography: RaiseUnsupported("the type GEOGRAPHY");
    case DataType::kUnparsed: return ParseSchemaDdl(type.unparsed().data_type_string());
    case DataType::KIND_NOT_SET: RaiseKind("KIND_NOT_SET");
  }
  RaiseKind(std::to_string(static_cast<int>(type.kind_case())));
}

void TypeToProto(const ::centella::DataType& type, DataType* out) {
  switch (type.id()) {
    case TypeId::kNull: out->mutable_null(); return;
    case TypeId::kBoolean: out->mutable_boolean(); return;
    case TypeId::kByte: out->mutable_byte(); return;
    case TypeId::kShort: out->mutable_short_(); return;
    case TypeId::kInt: out->mutable_integer(); return;
    case TypeId::kLong: out->mutable_long_(); return;
    case TypeId::kFloat: out->mutable_float_(); return;
    case TypeId::kDouble: out->mutable_double_(); return;
    case TypeId::kDecimal:
      out->mutable_decimal()->set_precision(type.precision());
      out->mutable_decimal()->set_scale(type.scale());
      return;
    case TypeId::kString: out->mutable_string()->set_collation("UTF8_BINARY"); return;
    case TypeId::kChar: out->mutable_char_()->set_length(type.length()); return;
    case TypeId::kVarchar: out->mutable_var_char()->set_length(type.length()); return;
    case TypeId::kBinary: out->mutable_binary(); return;
    case TypeId::kDate: out->mutable_date(); return;
    case TypeId::kTime: out->mutable_time()->set_precision(type.precision()); return;
    case TypeId::kTimestamp: out->mutable_timestamp(); return;
    case TypeId::kTimestampNtz: out->mutable_timestamp_ntz(); return;
    case TypeId::kYearMonthInterval:
      out->mutable_year_month_interval()->set_start_field(type.start_field());
      out->mutable_year_month_interval()->set_end_field(type.end_field());
      return;
    case TypeId::kDayTimeInterval:
      out->mutable_day_time_interval()->set_start_field(type.start_field());
      out->mutable_day_time_interval()->set_end_field(type.end_field());
      return;
    case TypeId::kCalendarInterval: out->mutable_calendar_interval(); return;
    case TypeId::kArray:
      TypeToProto(*type.element(), out->mutable_array()->mutable_element_type());
      out->mutable_array()->set_contains_null(type.contains_null());
      return;
    case TypeId::kMap:
      TypeToProto(*type.key(), out->mutable_map()->mutable_key_type());
      TypeToProto(*type.value(), out->mutable_map()->mutable_value_type());
      out->mutable_map()->set_value_contains_null(type.value_contains_null());
      return;
    case TypeId::kStruct:
      out->mutable_struct_();
      for (const StructField& field : type.fields()) {
        auto* added = out->mutable_struct_()->add_fields();
        added->set_name(field.name);
        TypeToProto(*field.type, added->mutable_data_type());
        added->set_nullable(field.nullable);
        if (!field.metadata.empty()) added->set_metadata(field.metadata);
      }
      return;
    case TypeId::kVariant: out->mutable_variant(); return;
  }
}

}  // namespace centella::connect
