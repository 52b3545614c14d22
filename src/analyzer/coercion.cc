// Type coercion: common types, decimal precision, implicit casts of arguments.
#include "analyzer/coercion.h"

#include <algorithm>

namespace centella {
namespace {

// Byte < short < int < long < float < double.
int NumericRank(TypeId id) {
  switch (id) {
    case TypeId::kByte: return 0;
    case TypeId::kShort: return 1;
    case TypeId::kInt: return 2;
    case TypeId::kLong: return 3;
    case TypeId::kFloat: return 4;
    case TypeId::kDouble: return 5;
    default: return -1;
  }
}

bool HoldsIntegral(const DataType& decimal, const DataType& integral) {
  TypePtr needed = DecimalForIntegral(integral);
  return decimal.precision() - decimal.scale() >= needed->precision() && decimal.scale() >= 0;
}

TypePtr WiderDatetime(const TypePtr& a, const TypePtr& b) {
  if (a->id() == b->id()) return a;
  if (a->is(TypeId::kDate)) return b;
  if (b->is(TypeId::kDate)) return a;
  return types::Timestamp();  // one with and one without a zone
}

TypePtr WiderInterval(const TypePtr& a, const TypePtr& b) {
  int start = std::min(a->start_field(), b->start_field());
  int end = std::max(a->end_field(), b->end_field());
  return a->is(TypeId::kDayTimeInterval) ? types::DayTimeInterval(start, end) : types::YearMonthInterval(start, end);
}

using TwoTypes = TypePtr (*)(const TypePtr&, const TypePtr&, bool);

// Arrays, maps and structs widen part by part; nullability is the union of both.
TypePtr WiderNested(const TypePtr& a, const TypePtr& b, bool ansi, TwoTypes widen) {
  if (a->id() != b->id()) return nullptr;
  if (a->is(TypeId::kArray)) {
    TypePtr element = widen(a->element(), b->element(), ansi);
    if (element == nullptr) return nullptr;
    return types::Array(element, a->contains_null() || b->contains_null());
  }
  if (a->is(TypeId::kMap)) {
    TypePtr key = widen(a->key(), b->key(), ansi);
    TypePtr value = widen(a->value(), b->value(), ansi);
    if (key == nullptr || value == nullptr) return nullptr;
    return types::Map(key, value, a->value_contains_null() || b->value_contains_null());
  }
  if (!a->is(TypeId::kStruct) || a->fields().size() != b->fields().size()) return nullptr;
  std::vector<StructField> fields;
  for (size_t i = 0; i < a->fields().size(); ++i) {
    const StructField& x = a->fields()[i];
    const StructField& y = b->fields()[i];
    if (!std::equal(x.name.begin(), x.name.end(), y.name.begin(), y.name.end(),
                    [](unsigned char p, unsigned char q) { return std::tolower(p) == std::tolower(q); })) {
      return nullptr;
    }
    TypePtr type = widen(x.type, y.type, ansi);
    if (type == nullptr) return nullptr;
    fields.push_back({x.name, type, x.nullable || y.nullable, ""});
  }
  return types::Struct(std::move(fields));
}

TypePtr WiderForDecimal(const TypePtr& a, const TypePtr& b) {
  bool left = a->is(TypeId::kDecimal), right = b->is(TypeId::kDecimal);
  if (left && right) return WiderDecimal(*a, *b);
  if (!left && !right) return nullptr;
  const TypePtr& other = left ? b : a;
  const TypePtr& decimal = left ? a : b;
  if (other->is_integral()) return WiderDecimal(*DecimalForIntegral(*other), *decimal);
  if (other->is(TypeId::kFloat) || other->is(TypeId::kDouble)) return types::Double();
  return nullptr;
}

bool IsAtomic(const DataType& type) {
  return !type.is_nested() && !type.is(TypeId::kNull) && !type.is(TypeId::kCalendarInterval) &&
         !type.is(TypeId::kVariant);
}

TypePtr WiderForString(const TypePtr& a, const TypePtr& b, bool ansi) {
  if (a->is_string() == b->is_string()) return a->is_string() ? types::String() : nullptr;
  const TypePtr& other = a->is_string() ? b : a;
  if (!IsAtomic(*other)) return nullptr;
  if (!ansi) {
    return other->is(TypeId::kBinary) || other->is(TypeId::kBoolean) ? nullptr : types::String();
  }
  if (other->is_integral()) return types::Long();
  if (other->is_fractional()) return types::Double();
  if (other->is_ansi_interval()) return nullptr;
  return other;
}

}  // namespace

bool SameButNames(const DataType& a, const DataType& b) {
  if (!a.is_nested()) return SameTypeIgnoringNullability(a, b);
  if (a.id() != b.id() || a.fields().size() != b.fields().size()) return false;
  for (size_t i = 0; i < a.fields().size(); ++i) {
    if (!SameButNames(*a.fields()[i].type, *b.fields()[i].type)) return false;
  }
  return true;
}

TypePtr DecimalForIntegral(const DataType& type) {
  switch (type.id()) {
    case TypeId::kByte: return types::Decimal(3, 0);
    case TypeId::kShort: return types::Decimal(5, 0);
    case TypeId::kInt: return types::Decimal(10, 0);
    default: return types::Decimal(20, 0);
  }
}

TypePtr BoundedDecimal(int precision, int scale) {
  if (precision <= 38) return types::Decimal(precision, scale);
  return types::Decimal(38, std::max(0, scale - (precision - 38)));
}

TypePtr WiderDecimal(const DataType& a, const DataType& b) {
  int scale = std::max(a.scale(), b.scale());
  int whole = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  return BoundedDecimal(whole + scale, scale);
}

TypePtr DecimalResult(std::string_view op, const DataType& a, const DataType& b) {
  int p1 = a.precision(), s1 = a.scale(), p2 = b.precision(), s2 = b.scale();
  int precision = 0, scale = 0;
  if (op == "+" || op == "-") {
    scale = std::max(s1, s2);
    precision = std::max(p1 - s1, p2 - s2) + scale + 1;
  } else if (op == "*") {
    scale = s1 + s2;
    precision = p1 + p2 + 1;
  } else if (op == "/") {
    scale = std::max(6, s1 + p2 + 1);
    precision = p1 - s1 + s2 + scale;
  } else if (op == "div") {
    precision = std::max(1, p1 - s1 + s2);
  } else {
    scale = std::max(s1, s2);
    precision = std::min(p1 - s1, p2 - s2) + scale;
  }
  if (precision <= 38) return types::Decimal(precision, scale);
  // Whole digits are kept, and at least six (or all) of the fraction's.
  int whole = precision - scale;
  return types::Decimal(38, std::max(38 - whole, std::min(scale, 6)));
}

TypePtr TightestCommonType(const TypePtr& a, const TypePtr& b, bool ansi) {
  if (SameType(*a, *b)) return a;
  if (a->is(TypeId::kNull)) return b;
  if (b->is(TypeId::kNull)) return a;
  if (a->is_string() && b->is_string()) return types::String();
  if (a->is_numeric() && b->is_numeric()) {
    bool left = a->is(TypeId::kDecimal), right = b->is(TypeId::kDecimal);
    if (left && b->is_integral() && HoldsIntegral(*a, *b)) return a;
    if (right && a->is_integral() && HoldsIntegral(*b, *a)) return b;
    if (left || right) return nullptr;
    TypePtr wider = NumericRank(a->id()) >= NumericRank(b->id()) ? a : b;
    // A float can't hold all integers: ANSI goes on to double.
    if (ansi && wider->is(TypeId::kFloat) && a->id() != b->id()) return types::Double();
    return wider;
  }
  if (a->is_datetime() && b->is_datetime()) return WiderDatetime(a, b);
  if (a->id() == b->id() && (a->is(TypeId::kDayTimeInterval) || a->is(TypeId::kYearMonthInterval))) {
    return WiderInterval(a, b);
  }
  if (a->is(TypeId::kTime) && b->is(TypeId::kTime)) return a->precision() >= b->precision() ? a : b;
  return WiderNested(a, b, ansi, TightestCommonType);
}

TypePtr WiderType(const TypePtr& a, const TypePtr& b, bool ansi) {
  if (TypePtr type = TightestCommonType(a, b, ansi)) return type;
  if (TypePtr type = WiderForDecimal(a, b)) return type;
  if (TypePtr type = WiderForString(a, b, ansi)) return type;
  return WiderNested(a, b, ansi, static_cast<TwoTypes>(WiderType));
}

TypePtr WiderType(std::span<const TypePtr> all, bool ansi) {
  TypePtr result = types::Null();
  // Legacy: strings widen with everything, so they go first and the rest follows (date with string, int with string).
  std::vector<TypePtr> ordered(all.begin(), all.end());
  if (!ansi) {
    std::stable_partition(ordered.begin(), ordered.end(), [](const TypePtr& type) { return type->is_string(); });
  }
  for (const TypePtr& type : ordered) {
    result = WiderType(result, type, ansi);
    if (result == nullptr) return nullptr;
  }
  return result;
}

TypePtr ComparisonType(const TypePtr& a, const TypePtr& b, bool ansi) {
  if (!ansi && a->is_string() != b->is_string()) {
    const TypePtr& other = a->is_string() ? b : a;
    if (other->is(TypeId::kNull)) return types::String();
    if (other->is_ansi_interval()) return nullptr;
    // Numbers, dates and times win over strings; decimals compare as doubles.
    if (other->is(TypeId::kDecimal)) return types::Double();
    if (IsAtomic(*other)) return other;
    return nullptr;
  }
  if (!ansi && a->is(TypeId::kBoolean) != b->is(TypeId::kBoolean)) {
    const TypePtr& other = a->is(TypeId::kBoolean) ? b : a;
    return other->is_numeric() || other->is(TypeId::kNull) ? (other->is(TypeId::kNull) ? types::Boolean() : other)
                                                           : nullptr;
  }
  return WiderType(a, b, ansi);
}

bool ImplicitlyCasts(const TypePtr& from, const TypePtr& to, bool ansi) {
  if (SameTypeIgnoringNullability(*from, *to)) return true;
  if (from->is(TypeId::kNull)) return true;
  if (to->is_string()) {
    if (from->is(TypeId::kCalendarInterval)) return ansi;
    return IsAtomic(*from);
  }
  if (from->is_numeric() && to->is_numeric()) return true;
  if (from->is_string()) {
    if (to->is(TypeId::kBoolean)) return ansi;
    if (to->is_ansi_interval()) return ansi;
    return IsAtomic(*to);
  }
  if (from->is_datetime() && to->is_datetime()) return true;
  if (from->id() == to->id() &&
      (from->is(TypeId::kTime) || from->is(TypeId::kDayTimeInterval) || from->is(TypeId::kYearMonthInterval))) {
    return true;
  }
  if (from->id() != to->id() || !from->is_nested()) return false;
  if (from->fields().size() != to->fields().size()) return false;
  for (size_t i = 0; i < from->fields().size(); ++i) {
    if (!ImplicitlyCasts(from->fields()[i].type, to->fields()[i].type, ansi)) return false;
  }
  return true;
}

bool UpCasts(const DataType& from, const DataType& to) {
  if (SameTypeIgnoringNullability(from, to) || from.is(TypeId::kNull)) return true;
  if (to.is(TypeId::kString)) return IsAtomic(from) && !from.is(TypeId::kBinary);
  if (from.is_numeric() && to.is_numeric()) {
    if (to.is(TypeId::kDecimal)) {
      if (from.is_integral()) return HoldsIntegral(to, from);
      return from.is(TypeId::kDecimal) && to.scale() >= from.scale() &&
             to.precision() - to.scale() >= from.precision() - from.scale();
    }
    if (from.is(TypeId::kDecimal)) return false;
    return NumericRank(from.id()) <= NumericRank(to.id());
  }
  if (from.is(TypeId::kDate)) return to.is(TypeId::kTimestamp) || to.is(TypeId::kTimestampNtz);
  if (from.is_datetime() && to.is_datetime()) return !to.is(TypeId::kDate);
  if (from.id() != to.id()) return false;
  if (from.is_ansi_interval() || from.is(TypeId::kTime)) return true;
  if (!from.is_nested() || from.fields().size() != to.fields().size()) return false;
  for (size_t i = 0; i < from.fields().size(); ++i) {
    const StructField& x = from.fields()[i];
    const StructField& y = to.fields()[i];
    if ((x.nullable && !y.nullable) || !UpCasts(*x.type, *y.type)) return false;
  }
  return true;
}

bool IsOrderable(const DataType& type) {
  switch (type.id()) {
    case TypeId::kMap:
    case TypeId::kCalendarInterval:
    case TypeId::kVariant: return false;
    case TypeId::kArray:
    case TypeId::kStruct:
      return std::all_of(type.fields().begin(), type.fields().end(),
                         [](const StructField& field) { return IsOrderable(*field.type); });
    default: return true;
  }
}

bool IsComparable(const DataType& type) { return IsOrderable(type); }

// ---- overloads ----------------------------------------------------------------------------------------------------

namespace {

struct Binding {
  TypePtr types[26];
};

// First round: what each type variable must be, from the arguments as they are.
bool BindVariables(const TypePattern& pattern, const TypePtr& type, Binding& binding, bool ansi) {
  using Kind = TypePattern::Kind;
  if (pattern.kind == Kind::kVariable) {
    TypePtr& bound = binding.types[pattern.variable - 'A'];
    bound = bound == nullptr ? type : WiderType(bound, type, ansi);
    return bound != nullptr;
  }
  if (pattern.kind == Kind::kLambda) return BindVariables(pattern.parts.back(), type, binding, ansi);
  if (pattern.kind == Kind::kArray && type->is(TypeId::kArray)) {
    return BindVariables(pattern.parts[0], type->element(), binding, ansi);
  }
  if (pattern.kind == Kind::kMap && type->is(TypeId::kMap)) {
    return BindVariables(pattern.parts[0], type->key(), binding, ansi) &&
           BindVariables(pattern.parts[1], type->value(), binding, ansi);
  }
  return true;
}

// Second round: the type an argument is cast to, or nullptr when it doesn't fit.
TypePtr TargetOf(const TypePattern& pattern, const TypePtr& type, const Binding& binding, bool ansi) {
  using Kind = TypePattern::Kind;
  bool null = type->is(TypeId::kNull);
  switch (pattern.kind) {
    case Kind::kAny: return type;
    case Kind::kExact:
      if (pattern.exact->is_string() && type->is_string()) return type;
      if (pattern.exact->id() == type->id() && (type->is_interval() || type->is(TypeId::kTime))) return type;
      if (SameTypeIgnoringNullability(*pattern.exact, *type)) return type;
      return ImplicitlyCasts(type, pattern.exact, ansi) ? pattern.exact : nullptr;
    case Kind::kVariable: {
      const TypePtr& bound = binding.types[pattern.variable - 'A'];
      if (bound == nullptr) return nullptr;
      return SameType(*type, *bound) || ImplicitlyCasts(type, bound, ansi) || type->is_nested() ? bound : nullptr;
    }
    case Kind::kNumeric:
      if (type->is_numeric()) return type;
      return null || type->is_string() ? types::Double() : nullptr;
    case Kind::kIntegral:
      if (type->is_integral()) return type;
      return null ? types::Int() : (ansi && type->is_string() ? types::Long() : nullptr);
    case Kind::kDecimal:
      if (type->is(TypeId::kDecimal)) return type;
      if (type->is_integral()) return DecimalForIntegral(*type);
      if (type->is(TypeId::kFloat)) return types::Decimal(14, 7);
      if (type->is(TypeId::kDouble)) return types::Decimal(30, 15);
      return null ? types::Decimal(10, 0) : nullptr;
    case Kind::kInterval: return type->is_interval() ? type : nullptr;
    case Kind::kStruct: return type->is(TypeId::kStruct) ? type : nullptr;
    case Kind::kLambda: return TargetOf(pattern.parts.back(), type, binding, ansi);
    case Kind::kArray: {
      if (!type->is(TypeId::kArray)) {
        if (!null) return nullptr;
        TypePtr element = TargetOf(pattern.parts[0], types::Null(), binding, ansi);
        return types::Array(element == nullptr ? types::Null() : element);
      }
      TypePtr element = TargetOf(pattern.parts[0], type->element(), binding, ansi);
      if (element == nullptr) return nullptr;
      return element == type->element() ? type : types::Array(element, type->contains_null());
    }
    case Kind::kMap: {
      if (!type->is(TypeId::kMap)) {
        if (!null) return nullptr;
        TypePtr key = TargetOf(pattern.parts[0], types::Null(), binding, ansi);
        TypePtr value = TargetOf(pattern.parts[1], types::Null(), binding, ansi);
        return types::Map(key == nullptr ? types::Null() : key, value == nullptr ? types::Null() : value);
      }
      TypePtr key = TargetOf(pattern.parts[0], type->key(), binding, ansi);
      TypePtr value = TargetOf(pattern.parts[1], type->value(), binding, ansi);
      if (key == nullptr || value == nullptr) return nullptr;
      return key == type->key() && value == type->value() ? type : types::Map(key, value, type->value_contains_null());
    }
  }
  return nullptr;
}

}  // namespace

std::optional<std::vector<TypePtr>> CoerceToOverload(const Overload& overload, std::span<const TypePtr> args, bool ansi,
                                                     size_t* failed_argument) {
  size_t fixed = overload.args.size() - (overload.variadic ? 1 : 0);
  *failed_argument = args.size();
  if (args.size() < fixed || (!overload.variadic && args.size() > fixed)) return std::nullopt;
  auto pattern = [&](size_t i) -> const TypePattern& { return overload.args[std::min(i, overload.args.size() - 1)]; };
  Binding binding;
  for (size_t i = 0; i < args.size(); ++i) {
    if (BindVariables(pattern(i), args[i], binding, ansi)) continue;
    *failed_argument = i;
    return std::nullopt;
  }
  std::vector<TypePtr> targets;
  for (size_t i = 0; i < args.size(); ++i) {
    TypePtr target = TargetOf(pattern(i), args[i], binding, ansi);
    if (target == nullptr) {
      *failed_argument = i;
      return std::nullopt;
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::string DescribePattern(const TypePattern& pattern) {
  using Kind = TypePattern::Kind;
  switch (pattern.kind) {
    case Kind::kExact: return "\"" + pattern.exact->ToSql() + "\"";
    case Kind::kNumeric: return "\"NUMERIC\"";
    case Kind::kIntegral: return "\"INTEGRAL\"";
    case Kind::kDecimal: return "\"DECIMAL\"";
    case Kind::kStruct: return "\"STRUCT\"";
    case Kind::kInterval: return "(\"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")";
    case Kind::kArray: return "\"ARRAY\"";
    case Kind::kMap: return "\"MAP\"";
    case Kind::kLambda: return DescribePattern(pattern.parts.back());
    default: return "\"ANY\"";
  }
}

}  // namespace centella
