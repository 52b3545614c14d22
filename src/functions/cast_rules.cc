// Which casts Spark allows, which may fail, and which make a column nullable.
#include <algorithm>

#include "functions/cast.h"

namespace centella {
namespace {

bool IsExactNumber(const DataType& type) { return type.is_integral() || type.is(TypeId::kDecimal); }

// Digits before the point that a type may have.
int IntegralDigits(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean: return 1;
    case TypeId::kByte: return 3;
    case TypeId::kShort: return 5;
    case TypeId::kInt: return 10;
    case TypeId::kLong: return 20;
    default: return type.precision() - type.scale();
  }
}

bool AlwaysFitsDecimal(const DataType& from, const DataType& to) {
  if (from.is(TypeId::kBoolean) || from.is_integral()) return IntegralDigits(from) <= IntegralDigits(to);
  if (!from.is(TypeId::kDecimal)) return false;
  // With one more digit before the point even a value that is rounded up fits.
  return IntegralDigits(from) < IntegralDigits(to) ||
         (IntegralDigits(from) == IntegralDigits(to) && from.scale() <= to.scale());
}

bool CanCastSimple(const DataType& from, const DataType& to, bool ansi) {
  switch (to.id()) {
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar: return true;
    case TypeId::kBinary: return from.is_string() || (!ansi && from.is_integral());
    case TypeId::kBoolean:
      return from.is_string() || from.is_numeric() ||
             (!ansi && (from.is(TypeId::kTimestamp) || from.is(TypeId::kDate)));
    case TypeId::kTimestamp:
      return from.is_string() || from.is_datetime() || from.is_numeric() || (!ansi && from.is(TypeId::kBoolean));
    case TypeId::kTimestampNtz:
    case TypeId::kDate: return from.is_string() || from.is_datetime();
    case TypeId::kTime: return from.is_string() || from.is(TypeId::kTime);
    case TypeId::kCalendarInterval: return from.is_string();
    case TypeId::kYearMonthInterval:
    case TypeId::kDayTimeInterval: return from.is_string() || from.id() == to.id() || IsExactNumber(from);
    default: break;
  }
  if (!to.is_numeric()) return false;
  if (from.is_string() || from.is_numeric() || from.is(TypeId::kBoolean) || from.is(TypeId::kTimestamp)) return true;
  if (from.is(TypeId::kDate)) return !ansi;
  return IsExactNumber(to) && (from.is_ansi_interval() || from.is(TypeId::kTime));
}

// Whether nullability of a nested part survives the cast.
bool PartFits(const DataType& from, bool from_nullable, const DataType& to, bool to_nullable, EvalMode mode) {
  if (!CanCast(from, to, mode)) return false;
  return to_nullable || !(from_nullable || (mode != EvalMode::kAnsi && CastNullable(from, to)));
}

}  // namespace

bool CanCast(const DataType& from, const DataType& to, EvalMode mode) {
  if (SameTypeIgnoringNullability(from, to) && !from.is_nested()) return true;
  if (from.is(TypeId::kNull)) return true;
  if (to.is(TypeId::kNull)) return false;
  if (to.is_string()) return true;
  if (from.is(TypeId::kArray) && to.is(TypeId::kArray)) {
    return PartFits(*from.element(), from.contains_null(), *to.element(), to.contains_null(), mode);
  }
  if (from.is(TypeId::kMap) && to.is(TypeId::kMap)) {
    return PartFits(*from.key(), false, *to.key(), false, mode) &&
           PartFits(*from.value(), from.value_contains_null(), *to.value(), to.value_contains_null(), mode);
  }
  if (from.is(TypeId::kStruct) && to.is(TypeId::kStruct)) {
    if (from.fields().size() != to.fields().size()) return false;
    for (size_t i = 0; i < from.fields().size(); ++i) {
      const StructField& x = from.fields()[i];
      const StructField& y = to.fields()[i];
      if (!PartFits(*x.type, x.nullable, *y.type, y.nullable, mode)) return false;
    }
    return true;
  }
  if (from.is_nested() || to.is_nested() || from.is(TypeId::kVariant) || to.is(TypeId::kVariant)) return false;
  return CanCastSimple(from, to, mode != EvalMode::kLegacy);
}

bool CanAnsiStoreAssign(const DataType& from, const DataType& to) {
  if (SameTypeIgnoringNullability(from, to) && !from.is_nested()) return true;
  if (from.is(TypeId::kNull)) return true;
  if (from.is_numeric() && to.is_numeric()) return true;
  if (to.is_string()) return !from.is_nested() && !from.is(TypeId::kVariant);
  if (from.is_datetime() && to.is_datetime()) return true;
  if (from.is_ansi_interval() && from.id() == to.id()) return true;
  if (from.id() != to.id() || !from.is_nested() || from.fields().size() != to.fields().size()) return false;
  for (size_t i = 0; i < from.fields().size(); ++i) {
    const StructField& x = from.fields()[i];
    const StructField& y = to.fields()[i];
    if (!CanAnsiStoreAssign(*x.type, *y.type) || (x.nullable && !y.nullable)) return false;
  }
  return true;
}

bool CastNullable(const DataType& from, const DataType& to) {
  if (from.is(TypeId::kNull) || SameTypeIgnoringNullability(from, to)) return false;
  if (from.is_string()) return !to.is_string() && !to.is(TypeId::kBinary);
  if (to.is_string()) return false;
  if (from.is(TypeId::kTimestamp) && to.is_integral() && !to.is(TypeId::kLong)) return true;
  if (from.is(TypeId::kFloat) || from.is(TypeId::kDouble)) {
    if (to.is(TypeId::kTimestamp)) return true;
  }
  if (from.is(TypeId::kTime) && (to.is(TypeId::kByte) || to.is(TypeId::kShort))) return true;
  if (from.is(TypeId::kTimestamp) && to.is(TypeId::kDate)) return false;
  if (to.is(TypeId::kDate)) return true;
  if (from.is(TypeId::kDate)) return !to.is(TypeId::kTimestamp);
  if (to.is(TypeId::kCalendarInterval)) return true;
  if (to.is(TypeId::kDecimal)) return !AlwaysFitsDecimal(from, to);
  return from.is_fractional() && to.is_integral();
}

bool CastCanFail(const TypePtr& from, const TypePtr& to, EvalMode mode) {
  if (from->is(TypeId::kNull) || to->is_string() || SameTypeIgnoringNullability(*from, *to)) return false;
  // A day far away has no microseconds: an error also without ANSI.
  if (from->is(TypeId::kDate) && (to->is(TypeId::kTimestamp) || to->is(TypeId::kTimestampNtz))) {
    return mode != EvalMode::kTry;
  }
  if (from->is_nested()) {
    for (size_t i = 0; i < std::min(from->fields().size(), to->fields().size()); ++i) {
      if (CastCanFail(from->fields()[i].type, to->fields()[i].type, mode)) return true;
    }
    return false;
  }
  if (mode == EvalMode::kTry) return false;
  // Intervals raise in legacy mode too.
  const bool interval = to->is_ansi_interval() || from->is_ansi_interval();
  if (mode == EvalMode::kLegacy) return interval;
  if (from->is_string()) return !to->is(TypeId::kBinary);
  if (interval) return true;
  if (to->is(TypeId::kDecimal)) return !AlwaysFitsDecimal(*from, *to);
  if (from->is_fractional()) return to->is_integral() || (to->is(TypeId::kTimestamp) && !from->is(TypeId::kDecimal));
  if (from->is_integral() && to->is_integral()) return to->id() < from->id();
  if (to->is_integral()) return from->is(TypeId::kTimestamp) || from->is(TypeId::kTime);
  return from->is(TypeId::kDate) && !to->is(TypeId::kBoolean);  // a day far away has no microseconds
}

}  // namespace centella
