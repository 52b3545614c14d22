// Literals between Connect's messages and Value.
#include <google/protobuf/repeated_ptr_field.h>

#include "server/connect/convert.h"
#include "spark/connect/expressions.pb.h"
#include "spark/connect/types.pb.h"

// Clients of older versions send the fields that the protocol now calls deprecated.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace centella::connect {
void RaiseBad(const std::string& message) {
  Raise(Condition::CONNECT_INVALID_PLAN__ASSERTION_FAILURE, {{"message", message}});
}

void RaiseInvalidEnum(const std::string& full_name, const std::string& name, int number) {
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ENUM,
        {{"fullName", full_name}, {"name", name}, {"number", std::to_string(number)}});
}

namespace {

using Literal = proto::Expression_Literal;

// "-12.340" or "1.2E+3" as Python's str(Decimal) writes them; precision and scale as java.math.BigDecimal counts them,
// or more when the client says so.
Value DecimalFromText(const Literal::Decimal& literal) {
  const std::string& text = literal.value();
  int128_t unscaled = 0;
  int digits = 0;
  int64_t scale = 0;
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const bool negative = at == 1 && text[0] == '-';
  bool point = false, any = false;
  for (; at < text.size() && text[at] != 'E' && text[at] != 'e'; ++at) {
    if (text[at] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9') RaiseBad("'" + text + "' is no decimal literal");
    any = true;
    if (point) ++scale;
    if (digits == 0 && text[at] == '0') continue;
    if (++digits > 38) RaiseBad("the decimal literal '" + text + "' has more than 38 digits");
    unscaled = unscaled * 10 + (text[at] - '0');
  }
  if (!any) RaiseBad("'" + text + "' is no decimal literal");
  if (at < text.size()) {
    const std::string exponent = text.substr(at + 1);
    if (exponent.empty() || exponent.size() > 5 || exponent.find_first_not_of("+-0123456789") != std::string::npos) {
      RaiseBad("'" + text + "' is no decimal literal");
    }
    scale -= std::strtol(exponent.c_str(), nullptr, 10);
  }
  const auto scale_up = [&](int64_t by) {
    for (int64_t i = 0; i < by && unscaled != 0; ++i) {
      if (++digits > 38) RaiseBad("the decimal literal '" + text + "' has more than 38 digits");
      unscaled *= 10;
    }
  };
  if (scale < 0) {
    scale_up(-scale);
    scale = 0;
  }
  if (scale > 38) RaiseBad("the decimal literal '" + text + "' has more than 38 digits");
  // Each of precision and scale is what the value needs or what the client says, whichever is more.
  if (literal.precision() > 38 || literal.scale() > 38) {
    RaiseBad("the decimal literal '" + text + "' has more than 38 digits");
  }
  int precision = std::max<int>({1, digits, literal.precision()});
  if (literal.scale() > scale) {
    scale_up(literal.scale() - scale);
    scale = literal.scale();
  }
  precision = std::max<int>({precision, digits, static_cast<int>(scale)});
  return Value::Decimal(negative ? -unscaled : unscaled, precision, static_cast<int>(scale));
}

bool HasType(const proto::DataType& type) { return type.kind_case() != proto::DataType::KIND_NOT_SET; }

// An element of a typed collection: nulls and narrower literals take the collection's type.
Value Element(const Literal& literal, const TypePtr& type) {
  Value value = LiteralFromProto(literal);
  if (value.is_null()) return Value::Null(type);
  if (SameTypeIgnoringNullability(*value.type(), *type)) return value;
  if (value.type()->is_integral() && type->is_integral()) return Value::Integer(type, value.integer());
  RaiseBad("a literal of type " + value.type()->CatalogString() + " in a collection of " + type->CatalogString());
}

TypePtr ArrayElementType(const Literal& literal) {
  if (literal.has_data_type() && literal.data_type().has_array()) {
    return TypeFromProto(literal.data_type().array().element_type());
  }
  if (HasType(literal.array().element_type())) return TypeFromProto(literal.array().element_type());
  if (literal.array().elements_size() == 0) RaiseBad("an empty array literal without element type");
  return LiteralFromProto(literal.array().elements(0)).type();
}

Value ArrayFromProto(const Literal& literal) {
  const TypePtr element_type = ArrayElementType(literal);
  std::vector<Value> parts;
  for (const Literal& element : literal.array().elements()) parts.push_back(Element(element, element_type));
  bool contains_null = true;
  if (literal.has_data_type() && literal.data_type().has_array()) {
    contains_null = literal.data_type().array().contains_null();
  }
  return Value::Nested(types::Array(element_type, contains_null), std::move(parts));
}

Value MapFromProto(const Literal& literal) {
  const Literal::Map& map = literal.map();
  if (map.keys_size() != map.values_size()) RaiseBad("a map literal with more keys than values or fewer");
  TypePtr type;
  if (literal.has_data_type() && literal.data_type().has_map()) {
    type = TypeFromProto(literal.data_type());
  } else if (HasType(map.key_type()) && HasType(map.value_type())) {
    type = types::Map(TypeFromProto(map.key_type()), TypeFromProto(map.value_type()));
  } else if (map.keys_size() > 0) {
    type = types::Map(LiteralFromProto(map.keys(0)).type(), LiteralFromProto(map.values(0)).type());
  } else {
    RaiseBad("an empty map literal without types");
  }
  std::vector<Value> parts;
  for (int i = 0; i < map.keys_size(); ++i) {
    parts.push_back(Element(map.keys(i), type->key()));
    parts.push_back(Element(map.values(i), type->value()));
  }
  return Value::Nested(type, std::move(parts));
}

Value StructFromProto(const Literal& literal) {
  const bool outer = literal.has_data_type() && literal.data_type().has_struct_();
  const TypePtr type = TypeFromProto(outer ? literal.data_type() : literal.struct_().struct_type());
  if (!type->is(TypeId::kStruct) || static_cast<int>(type->fields().size()) != literal.struct_().elements_size()) {
    RaiseBad("a struct literal that doesn't fit its type");
  }
  std::vector<Value> parts;
  for (int i = 0; i < literal.struct_().elements_size(); ++i) {
    parts.push_back(Element(literal.struct_().elements(i), type->fields()[static_cast<size_t>(i)].type));
  }
  return Value::Nested(type, std::move(parts));
}

template <typename Values, typename Make>
Value SpecializedArray(const Values& values, TypePtr element, const Make& make) {
  std::vector<Value> parts;
  for (const auto& value : values) parts.push_back(make(value));
  return Value::Nested(types::Array(std::move(element), false), std::move(parts));
}

Value SpecializedFromProto(const Literal::SpecializedArray& array) {
  switch (array.value_type_case()) {
    case Literal::SpecializedArray::kBools:
      return SpecializedArray(array.bools().values(), types::Boolean(), [](bool v) { return Value::Boolean(v); });
    case Literal::SpecializedArray::kInts:
      return SpecializedArray(array.ints().values(), types::Int(), [](int32_t v) { return Value::Int(v); });
    case Literal::SpecializedArray::kLongs:
      return SpecializedArray(array.longs().values(), types::Long(), [](int64_t v) { return Value::Long(v); });
    case Literal::SpecializedArray::kFloats:
      return SpecializedArray(array.floats().values(), types::Float(),
                              [](float v) { return Value::Of(types::Float(), double{v}); });
    case Literal::SpecializedArray::kDoubles:
      return SpecializedArray(array.doubles().values(), types::Double(), [](double v) { return Value::Double(v); });
    case Literal::SpecializedArray::kStrings:
      return SpecializedArray(array.strings().values(), types::String(),
                              [](const std::string& v) { return Value::String(v); });
    case Literal::SpecializedArray::VALUE_TYPE_NOT_SET: break;
  }
  RaiseBad("an array literal without values");
}

TypePtr IntervalType(const Literal& literal, TypeId id, TypePtr default_type) {
  if (!literal.has_data_type()) return default_type;
  TypePtr type = TypeFromProto(literal.data_type());
  return type->is(id) ? type : default_type;
}

}  // namespace

Value LiteralFromProto(const Literal& literal) {
  switch (literal.literal_type_case()) {
    case Literal::kNull: return Value::Null(TypeFromProto(literal.null()));
    case Literal::kBinary: return Value::Of(types::Binary(), literal.binary());
    case Literal::kBoolean: return Value::Boolean(literal.boolean());
    case Literal::kByte: return Value::Integer(types::Byte(), static_cast<int8_t>(literal.byte()));
    case Literal::kShort: return Value::Integer(types::Short(), static_cast<int16_t>(literal.short_()));
    case Literal::kInteger: return Value::Int(literal.integer());
    case Literal::kLong: return Value::Long(literal.long_());
    case Literal::kFloat: return Value::Of(types::Float(), double{literal.float_()});
    case Literal::kDouble: return Value::Double(literal.double_());
    case Literal::kDecimal: return DecimalFromText(literal.decimal());
    case Literal::kString: return Value::String(literal.string());
    case Literal::kDate: return Value::Integer(types::Date(), literal.date());
    case Literal::kTimestamp: return Value::Integer(types::Timestamp(), literal.timestamp());
    case Literal::kTimestampNtz: return Value::Integer(types::TimestampNtz(), literal.timestamp_ntz());
    case Literal::kCalendarInterval:
      return Value::Of(types::CalendarInterval(),
                       CalendarIntervalValue{literal.calendar_interval().months(), literal.calendar_interval().days(),
                                             literal.calendar_interval().microseconds()});
    case Literal::kYearMonthInterval:
      return Value::Integer(IntervalType(literal, TypeId::kYearMonthInterval, types::YearMonthInterval()),
                            literal.year_month_interval());
    case Literal::kDayTimeInterval:
      return Value::Integer(IntervalType(literal, TypeId::kDayTimeInterval, types::DayTimeInterval()),
                            literal.day_time_interval());
    case Literal::kArray: return ArrayFromProto(literal);
    case Literal::kMap: return MapFromProto(literal);
    case Literal::kStruct: return StructFromProto(literal);
    case Literal::kSpecializedArray: return SpecializedFromProto(literal.specialized_array());
    case Literal::kTime:
      return Value::Integer(types::Time(literal.time().has_precision() ? literal.time().precision() : 6),
                            literal.time().nano());
    case Literal::LITERAL_TYPE_NOT_SET: break;
  }
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
        {{"fullName", "spark.connect.Expression.Literal"}, {"name", "literal_type"}});
}

namespace {

// An unscaled decimal as plain text.
std::string DecimalText(int128_t unscaled, int scale) {
  const bool negative = unscaled < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  while (static_cast<int>(digits.size()) <= scale) digits.insert(digits.begin(), '0');
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
  return (negative ? "-" : "") + digits;
}

void NestedToProto(const Value& value, Literal* out) {
  const TypePtr& type = value.type();
  if (type->is(TypeId::kArray)) {
    TypeToProto(*type->element(), out->mutable_array()->mutable_element_type());
    for (const Value& part : value.parts()) LiteralToProto(part, out->mutable_array()->add_elements());
    return;
  }
  if (type->is(TypeId::kMap)) {
    TypeToProto(*type->key(), out->mutable_map()->mutable_key_type());
    TypeToProto(*type->value(), out->mutable_map()->mutable_value_type());
    for (size_t i = 0; i + 1 < value.parts().size(); i += 2) {
      LiteralToProto(value.parts()[i], out->mutable_map()->add_keys());
      LiteralToProto(value.parts()[i + 1], out->mutable_map()->add_values());
    }
    return;
  }
  TypeToProto(*type, out->mutable_struct_()->mutable_struct_type());
  for (const Value& part : value.parts()) LiteralToProto(part, out->mutable_struct_()->add_elements());
}

}  // namespace

void LiteralToProto(const Value& value, Literal* out) {
  if (value.is_null()) {
    TypeToProto(*value.type(), out->mutable_null());
    return;
  }
  switch (value.type()->id()) {
    case TypeId::kBoolean: out->set_boolean(value.boolean()); return;
    case TypeId::kByte: out->set_byte(static_cast<int32_t>(value.integer())); return;
    case TypeId::kShort: out->set_short_(static_cast<int32_t>(value.integer())); return;
    case TypeId::kInt: out->set_integer(static_cast<int32_t>(value.integer())); return;
    case TypeId::kLong: out->set_long_(value.integer()); return;
    case TypeId::kFloat: out->set_float_(static_cast<float>(value.floating())); return;
    case TypeId::kDouble: out->set_double_(value.floating()); return;
    case TypeId::kDecimal:
      out->mutable_decimal()->set_value(DecimalText(value.decimal(), value.type()->scale()));
      out->mutable_decimal()->set_precision(value.type()->precision());
      out->mutable_decimal()->set_scale(value.type()->scale());
      return;
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar: out->set_string(value.string()); return;
    case TypeId::kBinary: out->set_binary(value.string()); return;
    case TypeId::kDate: out->set_date(static_cast<int32_t>(value.integer())); return;
    case TypeId::kTimestamp: out->set_timestamp(value.integer()); return;
    case TypeId::kTimestampNtz: out->set_timestamp_ntz(value.integer()); return;
    case TypeId::kTime: out->mutable_time()->set_nano(value.integer()); return;
    case TypeId::kYearMonthInterval: out->set_year_month_interval(static_cast<int32_t>(value.integer())); return;
    case TypeId::kDayTimeInterval: out->set_day_time_interval(value.integer()); return;
    case TypeId::kCalendarInterval:
      out->mutable_calendar_interval()->set_months(value.interval().months);
      out->mutable_calendar_interval()->set_days(value.interval().days);
      out->mutable_calendar_interval()->set_microseconds(value.interval().micros);
      return;
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct: NestedToProto(value, out); return;
    case TypeId::kNull: out->mutable_null()->mutable_null(); return;
    case TypeId::kVariant: break;
  }
  RaiseUnsupported("a literal of type " + value.type()->CatalogString() + " in observed metrics");
}

}  // namespace centella::connect
