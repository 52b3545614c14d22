// + - * / % div over numbers, dates, times and intervals: which kernel, on which types, with which result.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

namespace {

constexpr const char* kOperands =
    "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")";

bool IsTemporal(const DataType& type) { return type.is_datetime() || type.is(TypeId::kTime) || type.is_interval(); }

}  // namespace

// As Spark has it, tinyint literals are left to their type's decimal.
TypePtr DecimalForLiteral(const ExprPtr& expression) {
  const auto* literal = As<Literal>(expression);
  if (literal == nullptr || !literal->type->is_integral() || literal->type->is(TypeId::kByte) ||
      literal->value.is_null()) {
    return nullptr;
  }
  std::string digits = std::to_string(literal->value.integer());
  int count = static_cast<int>(digits.size()) - (digits[0] == '-' ? 1 : 0);
  return types::Decimal(std::max(1, count), 0);
}

ExprPtr Analysis::ResolveNegative(const UnresolvedFunction& call, const ExprPtr& arg) {
  ExprPtr operand = arg;
  const TypePtr& type = arg->type;
  if (type->is_string() || type->is(TypeId::kNull)) operand = Coerce(arg, types::Double());
  if (!operand->type->is_numeric() && !operand->type->is_interval()) {
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
            {{"sqlExpr", QuoteSql(KnownCall("negative", {arg}, type, true, call.origin))},
             {"paramIndex", "first"},
             {"inputSql", QuoteSql(arg)},
             {"inputType", QuoteType(type)},
             {"requiredType", kOperands}});
  }
  std::string display = LowerCase(call.name.back()) == "negative" ? "negative" : "";
  return KnownCall("negative", {operand}, operand->type, operand->nullable, call.origin, display, mode());
}

ExprPtr Analysis::ResolveArithmetic(const std::string& op, const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  ExprPtr left = args[0], right = args[1];
  if (IsTemporal(*left->type) || IsTemporal(*right->type)) {
    if (ExprPtr temporal = ResolveTemporalArithmetic(op, call, left, right)) return temporal;
  }
  ExprPtr written = KnownCall(op, args, types::Null(), true, call.origin);
  auto differ = [&] {
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__BINARY_OP_DIFF_TYPES,
            {{"sqlExpr", QuoteSql(written)}, {"left", QuoteType(left->type)}, {"right", QuoteType(right->type)}});
  };
  auto wrong = [&](const TypePtr& type) {
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__BINARY_OP_WRONG_TYPE,
            {{"sqlExpr", QuoteSql(written)},
             {"inputType",
              op == "/"     ? "(\"DOUBLE\" or \"DECIMAL\")"
              : op == "div" ? "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")"
              : op == "%" || op == "*" ? "\"NUMERIC\""
                                       : kOperands},
             {"actualDataType", QuoteType(type)}});
  };
  auto is_void = [](const ExprPtr& e) { return e->type->is(TypeId::kNull); };
  auto numberish = [&](const ExprPtr& e) { return e->type->is_numeric() || e->type->is_string() || is_void(e); };
  if (!numberish(left) || !numberish(right)) {
    if (left->type->id() != right->type->id()) differ();
    wrong(left->type);
  }
  // Strings: ANSI takes the other side's kind (bigint or double); legacy takes double.
  auto promote = [&](const ExprPtr& e, const ExprPtr& other) -> ExprPtr {
    if (!e->type->is_string()) return e;
    if (!context_.ansi) return Coerce(e, types::Double());
    if (other->type->is_integral()) return Coerce(e, types::Long());
    if (other->type->is_fractional()) return Coerce(e, types::Double());
    return e;
  };
  ExprPtr l = promote(left, right), r = promote(right, left);
  if (l->type->is_string() || r->type->is_string()) wrong(types::String());
  if (is_void(l) && is_void(r)) l = r = Coerce(l, op == "div" ? types::Long() : types::Double());
  if (is_void(l)) l = Coerce(l, r->type);
  if (is_void(r)) r = Coerce(r, l->type);
  bool fails_to_null = op == "/" || op == "%" || op == "div";
  bool decimal = l->type->is(TypeId::kDecimal) || r->type->is(TypeId::kDecimal);
  auto floating = [](const ExprPtr& e) { return e->type->is(TypeId::kFloat) || e->type->is(TypeId::kDouble); };
  TypePtr result;
  if (decimal && !floating(l) && !floating(r)) {
    auto to_decimal = [&](const ExprPtr& e) {
      if (e->type->is(TypeId::kDecimal)) return e;
      TypePtr narrow = DecimalForLiteral(e);
      return Coerce(e, narrow != nullptr ? narrow : DecimalForIntegral(*e->type));
    };
    l = to_decimal(l);
    r = to_decimal(r);
    result = op == "div" ? types::Long() : DecimalResult(op, *l->type, *r->type);
  } else if (op == "/") {
    l = Coerce(l, types::Double());
    r = Coerce(r, types::Double());
    result = types::Double();
  } else {
    TypePtr common = decimal ? types::Double() : TightestCommonType(l->type, r->type, context_.ansi);
    if (common == nullptr) differ();
    if (op == "div") {
      if (!common->is_integral()) wrong(common);
      common = types::Long();
    }
    l = Coerce(l, common);
    r = Coerce(r, common);
    result = common;
  }
  bool nullable =
      l->nullable || r->nullable || fails_to_null || (decimal && result->is(TypeId::kDecimal) && !context_.ansi);
  std::string display = LowerCase(call.name.back()) == "mod" ? "mod" : "";
  return KnownCall(op, {l, r}, result, nullable, call.origin, display, mode());
}

// interval * number, number * interval, interval / number; nullptr for what is none of these.
// `make(function, arguments, type, nullable, display)` and `cast(expression, type)` are the analysis's.
template <typename Make, typename Cast>
static ExprPtr ScaledInterval(const std::string& op, const ExprPtr& left, const ExprPtr& right, const Make& make,
                              const Cast& cast) {
  const bool first = left->type->is_interval();
  const ExprPtr& interval = first ? left : right;
  const ExprPtr& number = first ? right : left;
  if (op == "/" && !first) return nullptr;
  if (!number->type->is_numeric() && !number->type->is_string() && !number->type->is(TypeId::kNull)) return nullptr;
  TypePtr type = interval->type->is(TypeId::kDayTimeInterval)     ? types::DayTimeInterval()
                 : interval->type->is(TypeId::kYearMonthInterval) ? types::YearMonthInterval()
                                                                  : interval->type;
  const bool calendar = interval->type->is(TypeId::kCalendarInterval);
  ExprPtr factor = !number->type->is_numeric() || calendar ? cast(number, types::Double()) : number;
  const bool nullable = left->nullable || right->nullable || (op == "/" && calendar);
  return make(op == "*" ? "multiply_interval" : "divide_interval", {cast(interval, interval->type), factor}, type,
              nullable, op);
}

// A date or timestamp (or its text) plus or minus an interval.
template <typename Make, typename Cast>
static ExprPtr MovedByInterval(bool plus, const ExprPtr& left, const ExprPtr& right, const Make& make,
                               const Cast& cast) {
  const DataType& a = *left->type;
  const DataType& b = *right->type;
  const bool nullable = left->nullable || right->nullable;
  const char* op = plus ? "+" : "-";
  if (a.is(TypeId::kDate) && b.is(TypeId::kDayTimeInterval) && b.end_field() == 0) {
    ExprPtr days =
        make("extract_ansi_interval_days", {right}, types::Int(), right->nullable, "extractansiintervaldays");
    return make(plus ? "date_add" : "date_sub", {left, days}, types::Date(), nullable, "");
  }
  if (a.is(TypeId::kDate) && !b.is(TypeId::kDayTimeInterval)) {
    return make(plus ? "date_add_interval" : "date_sub_interval", {left, right}, types::Date(), nullable, op);
  }
  const bool stays = a.is(TypeId::kTimestamp) || a.is(TypeId::kTimestampNtz);
  ExprPtr base = stays ? left : cast(left, types::Timestamp());
  ExprPtr sum =
      make(plus ? "timestamp_add_interval" : "timestamp_sub_interval", {base, right}, base->type, nullable, op);
  return a.is_string() ? cast(sum, types::String()) : sum;
}

ExprPtr Analysis::ResolveTemporalArithmetic(const std::string& op, const UnresolvedFunction& call, const ExprPtr& left,
                                            const ExprPtr& right) {
  const DataType& a = *left->type;
  const DataType& b = *right->type;
  bool nullable = left->nullable || right->nullable;
  auto make = [&](const char* function, std::vector<ExprPtr> args, TypePtr type, const std::string& display = "") {
    return KnownCall(function, std::move(args), std::move(type), nullable, call.origin, display, mode());
  };
  auto known = [&](const char* function, std::vector<ExprPtr> args, TypePtr type, bool null,
                   const std::string& display) {
    return KnownCall(function, std::move(args), std::move(type), null, call.origin, display, mode());
  };
  auto cast = [&](const ExprPtr& child, const TypePtr& type) { return Coerce(child, type); };
  bool plus = op == "+", minus = op == "-";
  // interval + date is date + interval.
  if (plus && a.is_interval() && (b.is_datetime() || b.is(TypeId::kTime))) {
    return ResolveTemporalArithmetic(op, call, right, left);
  }
  if (plus && b.is(TypeId::kDate) && !a.is(TypeId::kDate) && !a.is(TypeId::kNull) && !a.is_interval()) {
    return ResolveTemporalArithmetic(op, call, right, left);
  }
  if ((op == "*" || op == "/") && (a.is_interval() || b.is_interval()))
    return ScaledInterval(op, left, right, known, cast);
  if (op == "div" && a.is_interval() && a.id() == b.id() && !a.is(TypeId::kCalendarInterval)) {
    nullable = true;
    return make("interval_div", {left, right}, types::Long(), "div");
  }
  if (!plus && !minus) return nullptr;
  if (a.is_interval() && (a.id() == b.id() || b.is(TypeId::kNull))) {
    TypePtr type = TightestCommonType(left->type, right->type, context_.ansi);
    return make(op.c_str(), {Coerce(left, type), Coerce(right, type)}, type);
  }
  if (b.is_interval() && a.is(TypeId::kNull)) {
    return make(op.c_str(), {Coerce(left, right->type), right}, right->type);
  }
  if (b.is_interval() && (a.is_datetime() || a.is_string())) return MovedByInterval(plus, left, right, known, cast);
  if (a.is(TypeId::kTime) && b.is(TypeId::kDayTimeInterval)) {
    return make(plus ? "time_add_interval" : "time_sub_interval", {left, right}, left->type, op);
  }
  if (minus && a.is(TypeId::kTime) && b.is(TypeId::kTime)) {
    return make("subtract_times", {left, right}, types::DayTimeInterval(1, 3), op);
  }
  bool small_int = b.is(TypeId::kInt) || b.is(TypeId::kShort) || b.is(TypeId::kByte);
  if (a.is(TypeId::kDate) && small_int) {
    return make(plus ? "date_add" : "date_sub", {left, Coerce(right, types::Int())}, types::Date());
  }
  if (plus && a.is(TypeId::kDate)) {
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
            {{"sqlExpr", QuoteSql(make("date_add", {left, right}, types::Date()))},
             {"paramIndex", "second"},
             {"inputSql", QuoteSql(right)},
             {"inputType", QuoteType(b.is_string() ? types::Date() : right->type)},
             {"requiredType", "(\"INT\" or \"SMALLINT\" or \"TINYINT\")"}});
  }
  auto dateish = [&](const DataType& type) { return type.is_datetime() || type.is(TypeId::kNull) || type.is_string(); };
  if (minus && dateish(a) && dateish(b)) {
    auto plain = [](const DataType& type) {
      return type.is(TypeId::kDate) || type.is(TypeId::kNull) || type.is_string();
    };
    if (plain(a) && plain(b)) {
      return make("subtract_dates", {Coerce(left, types::Date()), Coerce(right, types::Date())},
                  types::DayTimeInterval(0, 0), op);
    }
    bool zoned = a.is(TypeId::kTimestamp) || b.is(TypeId::kTimestamp);
    TypePtr common = zoned ? types::Timestamp() : types::TimestampNtz();
    return make("subtract_timestamps", {Coerce(left, common), Coerce(right, common)}, types::DayTimeInterval(), op);
  }
  return nullptr;
}

}  // namespace centella
