// Types and values as bytes. A value is its type, a null flag, and a payload whose form follows from the type.
#include "plan/type_bytes.h"

namespace centella {
namespace {

constexpr uint8_t kNoType = 255;

void WriteFields(const DataType& type, ByteWriter& out) {
  out.Unsigned(type.fields().size());
  for (const StructField& field : type.fields()) {
    out.Text(field.name);
    WriteType(field.type, out);
    out.Byte(field.nullable);
    out.Text(field.metadata);
  }
}

TypePtr ReadStruct(ByteReader& in, int depth) {
  std::vector<StructField> fields;
  for (size_t count = in.Count(); count > 0; --count) {
    StructField& field = fields.emplace_back();  // grown one by one: a count alone must not claim memory
    field.name = in.Text();
    field.type = ReadType(in, depth - 1);
    if (field.type == nullptr) ByteReader::Corrupt("a field without a type");
    field.nullable = in.Boolean();
    field.metadata = in.Text();
  }
  return types::Struct(std::move(fields));
}

TypePtr ReadPart(ByteReader& in, int depth) {
  TypePtr type = ReadType(in, depth - 1);
  if (type == nullptr) ByteReader::Corrupt("a nested type that is missing");
  return type;
}

int ReadSmall(ByteReader& in, int64_t low, int64_t high) {
  const int64_t value = in.Signed();
  if (value < low || value > high) ByteReader::Corrupt("a type's parameter out of range");
  return static_cast<int>(value);
}

TypePtr ReadInterval(TypeId id, ByteReader& in) {
  const int start = ReadSmall(in, 0, 3);
  const int end = ReadSmall(in, start, 3);
  if (id == TypeId::kDayTimeInterval) return types::DayTimeInterval(start, end);
  if (end > 1) ByteReader::Corrupt("an interval's field out of range");
  return types::YearMonthInterval(start, end);
}

TypePtr ReadMap(ByteReader& in, int depth) {
  TypePtr key = ReadPart(in, depth);
  TypePtr value = ReadPart(in, depth);
  const bool contains_null = in.Boolean();
  return types::Map(std::move(key), std::move(value), contains_null);
}

void WritePayload(const Value& value, ByteWriter& out) {
  switch (value.type()->id()) {
    case TypeId::kNull: return;
    case TypeId::kFloat:
    case TypeId::kDouble: return out.Double(value.floating());
    case TypeId::kDecimal: {
      const auto bits = static_cast<unsigned __int128>(value.decimal());
      out.Signed(static_cast<int64_t>(bits >> 64));
      out.Unsigned(static_cast<uint64_t>(bits));
      return;
    }
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary: return out.Text(value.string());
    case TypeId::kCalendarInterval:
      out.Signed(value.interval().months);
      out.Signed(value.interval().days);
      out.Signed(value.interval().micros);
      return;
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
    case TypeId::kVariant:
      out.Unsigned(value.parts().size());
      for (const Value& part : value.parts()) WriteValue(part, out);
      return;
    default: return out.Signed(value.integer());
  }
}

Value ReadValueAt(ByteReader& in, int depth);

// Whether values of both types are held alike.
bool HeldAlike(const DataType& a, const DataType& b) {
  if (a.physical() != b.physical() || a.is(TypeId::kDecimal) != b.is(TypeId::kDecimal)) return false;
  if (a.fields().size() != b.fields().size()) return false;
  for (size_t i = 0; i < a.fields().size(); ++i) {
    if (!HeldAlike(*a.fields()[i].type, *b.fields()[i].type)) return false;
  }
  return true;
}

Value ReadNested(TypePtr type, ByteReader& in, int depth) {
  if (depth <= 0) ByteReader::Corrupt("a value nested too deep");
  std::vector<Value> parts;
  for (size_t count = in.Count(); count > 0; --count) parts.push_back(ReadValueAt(in, depth - 1));
  if (type->physical() == PhysicalType::kStruct && parts.size() != type->fields().size()) {
    ByteReader::Corrupt("a struct with a wrong number of fields");
  }
  for (size_t i = 0; i < parts.size(); ++i) {  // of an array every part is its only field, of a map every second
    const TypePtr& wanted = type->fields()[i % type->fields().size()].type;
    if (!parts[i].is_null() && !HeldAlike(*wanted, *parts[i].type())) ByteReader::Corrupt("a part of another type");
  }
  if (type->is(TypeId::kMap) && parts.size() % 2 != 0) ByteReader::Corrupt("a map with a key that has no value");
  return Value::Nested(std::move(type), std::move(parts));
}

Value ReadInterval(TypePtr type, ByteReader& in) {
  CalendarIntervalValue interval;
  interval.months = static_cast<int32_t>(in.Signed());
  interval.days = static_cast<int32_t>(in.Signed());
  interval.micros = in.Signed();
  return Value::Of(std::move(type), interval);
}

Value ReadDecimal(TypePtr type, ByteReader& in) {
  const auto high = static_cast<unsigned __int128>(static_cast<uint64_t>(in.Signed()));
  const auto low = static_cast<unsigned __int128>(in.Unsigned());
  return Value::Of(std::move(type), static_cast<int128_t>((high << 64) | low));
}

Value ReadValueAt(ByteReader& in, int depth) {
  TypePtr type = ReadType(in);
  if (type == nullptr) ByteReader::Corrupt("a value without a type");
  if (in.Boolean()) return Value::Null(std::move(type));
  switch (type->id()) {
    case TypeId::kNull: ByteReader::Corrupt("a value of type VOID that isn't null");
    case TypeId::kFloat:
    case TypeId::kDouble: return Value::Of(std::move(type), in.Double());
    case TypeId::kDecimal: return ReadDecimal(std::move(type), in);
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary: return Value::Of(std::move(type), std::string(in.Text()));
    case TypeId::kCalendarInterval: return ReadInterval(std::move(type), in);
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
    case TypeId::kVariant: return ReadNested(std::move(type), in, depth);
    default: return Value::Integer(std::move(type), in.Signed());
  }
}

TypePtr ReadSimpleType(TypeId id) {
  switch (id) {
    case TypeId::kNull: return types::Null();
    case TypeId::kBoolean: return types::Boolean();
    case TypeId::kByte: return types::Byte();
    case TypeId::kShort: return types::Short();
    case TypeId::kInt: return types::Int();
    case TypeId::kLong: return types::Long();
    case TypeId::kFloat: return types::Float();
    case TypeId::kDouble: return types::Double();
    case TypeId::kString: return types::String();
    case TypeId::kBinary: return types::Binary();
    case TypeId::kDate: return types::Date();
    case TypeId::kTimestamp: return types::Timestamp();
    case TypeId::kTimestampNtz: return types::TimestampNtz();
    case TypeId::kCalendarInterval: return types::CalendarInterval();
    case TypeId::kVariant: return types::Variant();
    default: ByteReader::Corrupt("an unknown type");
  }
}

}  // namespace

void WriteType(const TypePtr& type, ByteWriter& out) {
  if (type == nullptr) return out.Byte(kNoType);
  out.Byte(static_cast<uint8_t>(type->id()));
  switch (type->id()) {
    case TypeId::kDecimal:
    case TypeId::kYearMonthInterval:
    case TypeId::kDayTimeInterval:
      out.Signed(type->precision());  // or the intervals' first field: the same two numbers
      out.Signed(type->scale());
      return;
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kTime: return out.Signed(type->length());
    case TypeId::kArray: WriteType(type->element(), out); return out.Byte(type->contains_null());
    case TypeId::kMap:
      WriteType(type->key(), out);
      WriteType(type->value(), out);
      return out.Byte(type->value_contains_null());
    case TypeId::kStruct: return WriteFields(*type, out);
    default: return;
  }
}

TypePtr ReadType(ByteReader& in, int depth) {
  if (depth <= 0) ByteReader::Corrupt("a type nested too deep");
  const uint8_t tag = in.Byte();
  if (tag == kNoType) return nullptr;
  const auto id = static_cast<TypeId>(tag);
  switch (id) {
    case TypeId::kDecimal: {
      const int precision = ReadSmall(in, 1, 38);
      return types::Decimal(precision, ReadSmall(in, 0, precision));
    }
    case TypeId::kYearMonthInterval:
    case TypeId::kDayTimeInterval: return ReadInterval(id, in);
    case TypeId::kChar: return types::Char(ReadSmall(in, 1, INT32_MAX));
    case TypeId::kVarchar: return types::Varchar(ReadSmall(in, 1, INT32_MAX));
    case TypeId::kTime: return types::Time(ReadSmall(in, 0, 9));
    case TypeId::kArray: {
      TypePtr element = ReadPart(in, depth);
      return types::Array(std::move(element), in.Boolean());
    }
    case TypeId::kMap: return ReadMap(in, depth);
    case TypeId::kStruct: return ReadStruct(in, depth);
    default: return ReadSimpleType(id);
  }
}

void WriteValue(const Value& value, ByteWriter& out) {
  WriteType(value.type(), out);
  out.Byte(value.is_null());
  if (!value.is_null()) WritePayload(value, out);
}

Value ReadValue(ByteReader& in) { return ReadValueAt(in, 500); }

}  // namespace centella
