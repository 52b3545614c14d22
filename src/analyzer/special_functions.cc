// Operators and forms whose argument coercion isn't that of functions: comparisons, logic, CASE, IN, concat, count(*) …
#include <algorithm>
#include <functional>
#include <unordered_map>

#include "analyzer/analysis.h"
#include "types/decimal.h"

namespace centella {

namespace {

std::string JoinTypes(const std::vector<TypePtr>& types, const char* separator) {
  std::string out;
  for (const TypePtr& type : types) out += (out.empty() ? "" : separator) + QuoteType(type);
  return out;
}

std::vector<TypePtr> TypesOf(const std::vector<ExprPtr>& args) {
  std::vector<TypePtr> types;
  for (const ExprPtr& arg : args) types.push_back(arg->type);
  return types;
}

bool AnyNullable(const std::vector<ExprPtr>& args) {
  return std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
}

// An ordering of an integer and a decimal literal is one of integers, the literal rounded the right way: 1.5 > x is
// 2 > x. Literals beyond BIGINT stay.
void CompareByWholeNumbers(const std::string& op, std::vector<ExprPtr>& args) {
  if (op != "<" && op != "<=" && op != ">" && op != ">=") return;
  for (size_t at = 0; at < 2; ++at) {
    const auto* literal = As<Literal>(args[at]);
    if (literal == nullptr || !literal->type->is(TypeId::kDecimal) || literal->value.is_null()) continue;
    if (!args[1 - at]->type->is_integral()) continue;
    int128_t value = literal->value.decimal(), unit = kPowersOfTen[literal->type->scale()];
    int128_t whole = value / unit, rest = value % unit;
    // With the literal on the right: x > v and x <= v round down, x >= v and x < v round up.
    bool strict = op.size() == 1, greater = op[0] == '>';
    bool up = strict != greater;
    if (at == 0) up = strict == greater;
    if (rest > 0 && up) ++whole;
    if (rest < 0 && !up) --whole;
    if (whole < INT64_MIN || whole > INT64_MAX) continue;
    args[at] = MakeLiteral(Value::Long(static_cast<int64_t>(whole)));
    return;
  }
}

const std::unordered_map<std::string, std::string>& Comparisons() {
  static const std::unordered_map<std::string, std::string> kNames = {{"=", "="},   {"==", "="},  {"<=>", "<=>"},
                                                                      {"<", "<"},   {"<=", "<="}, {">", ">"},
                                                                      {">=", ">="}, {"!=", "!="}, {"<>", "!="}};
  return kNames;
}

}  // namespace

ExprPtr Analysis::ResolveSpecial(const std::string& name, const UnresolvedFunction& call, const Scope& scope) {
  static const std::vector<std::string> kArithmetic = {"+", "-", "*", "/", "%", "mod", "div"};
  bool bare = !call.distinct && call.filter == nullptr;
  if (name == "count") return ResolveCount(call, scope);
  if (!bare || name == "named_struct" || name == "assert_true") return ResolveWithDefaults(name, call, scope);
  auto args = [&] { return ResolveArguments(call, scope); };
  if (auto it = Comparisons().find(name); it != Comparisons().end() && call.args.size() == 2) {
    return ResolveComparison(it->second, call, args());
  }
  if ((name == "and" || name == "or" || name == "&&" || name == "||") && call.args.size() == 2) {
    if (name == "||") return ResolveConcat(call, args());
    return ResolveLogical(name == "&&" ? "and" : name, call, args());
  }
  if ((name == "not" || name == "!") && call.args.size() == 1) return ResolveLogical("not", call, args());
  if (std::find(kArithmetic.begin(), kArithmetic.end(), name) != kArithmetic.end()) {
    if (call.args.size() == 2) return ResolveArithmetic(name == "mod" ? "%" : name, call, args());
    if (call.args.size() == 1 && name == "-") return ResolveNegative(call, args()[0]);
    if (call.args.size() == 1 && name == "+") return args()[0];
  }
  if (ExprPtr rewritten = ResolveRewritten(name, call, scope)) return rewritten;
  if (name == "negative" && call.args.size() == 1) return ResolveNegative(call, args()[0]);
  if (name == "case" || name == "when") return ResolveCase(call, args());
  if (name == "if" || name == "iff") return call.args.size() == 3 ? ResolveCase(call, args()) : nullptr;
  if (name == "in") return ResolveIn(call, args());
  if (name == "coalesce" || name == "greatest" || name == "least" || name == "ifnull" || name == "nvl") {
    if (call.args.empty()) return nullptr;
    return ResolveSameType(name, call, args());
  }
  if (name == "concat") return ResolveConcat(call, args());
  if (name == "between" && call.args.size() == 3 && registry_.Find("between") == nullptr) {
    std::vector<ExprPtr> parts = args();
    UnresolvedFunction plain = call;
    ExprPtr low = ResolveComparison(">=", plain, {parts[0], parts[1]});
    ExprPtr high = ResolveComparison("<=", plain, {parts[0], parts[2]});
    auto both = std::make_shared<Call>(To<Call>(ResolveLogical("and", plain, {low, high})));
    both->display = "between";
    // Comparing a whole number with a decimal literal never gives NULL, whatever it is cast to.
    auto number = [](const ExprPtr& part) { return part->type->is_integral() || part->type->is(TypeId::kDecimal); };
    if (std::all_of(parts.begin(), parts.end(), number) && !AnyNullable(parts)) both->nullable = false;
    return both;
  }
  if (name == "struct" && !call.args.empty()) return ResolveStruct(call, args());
  if (call.args.size() == 1) {
    // int('1'), string(x) …: casts by their type's name.
    static const std::unordered_map<std::string, TypePtr> kCasts = {
        {"boolean", types::Boolean()}, {"tinyint", types::Byte()},        {"smallint", types::Short()},
        {"int", types::Int()},         {"bigint", types::Long()},         {"float", types::Float()},
        {"double", types::Double()},   {"string", types::String()},       {"binary", types::Binary()},
        {"date", types::Date()},       {"timestamp", types::Timestamp()}, {"decimal", types::Decimal(10, 0)}};
    if (auto it = kCasts.find(name); it != kCasts.end()) {
      auto cast = std::make_shared<Cast>(To<Cast>(CastTo(args()[0], it->second, mode(), call.origin)));
      cast->implicit = true;  // such casts don't show in column names
      return cast;
    }
  }
  if (name == "map" && call.args.size() % 2 == 0 && !call.args.empty()) {
    std::vector<ExprPtr> parts = args();
    for (size_t side = 0; side < 2; ++side) {
      std::vector<TypePtr> side_types;
      for (size_t i = side; i < parts.size(); i += 2) side_types.push_back(parts[i]->type);
      TypePtr common = WiderType(side_types, context_.ansi);
      for (size_t i = side; common != nullptr && i < parts.size(); i += 2) parts[i] = Coerce(parts[i], common);
    }
    const FunctionDecl* decl = registry_.Find("map");
    return decl == nullptr ? nullptr : BindFunction(call, *decl, std::move(parts), scope);
  }
  if (name == "isnull" && call.args.size() == 1) {
    return KnownCall("isnull", args(), types::Boolean(), false, call.origin);
  }
  if (name == "isnotnull" && call.args.size() == 1) {
    return KnownCall("isnotnull", args(), types::Boolean(), false, call.origin);
  }
  if ((name == "grouping" || name == "grouping_id") && scope.input != nullptr) {
    bool id = name == "grouping_id";
    return KnownCall(name, args(), id ? types::Long() : types::Byte(), false, call.origin);
  }
  return nullptr;
}

// Functions whose arguments are checked or completed as written; null to go on as for others.
ExprPtr Analysis::ResolveWithDefaults(const std::string& name, const UnresolvedFunction& call, const Scope& scope) {
  if (name == "named_struct" && (call.args.size() % 2 == 1 || call.args.empty())) {
    RaiseAt(nullptr, Condition::WRONG_NUM_ARGS__WITHOUT_SUGGESTION,
            {{"functionName", "`named_struct`"},
             {"expectedNum", "2n (n > 0)"},
             {"actualNum", std::to_string(call.args.size())},
             {"docroot", "https://spark.apache.org/docs/latest"}});
  }
  if (name == "assert_true" && call.args.size() == 1) {
    UnresolvedFunction whole = call;
    ExprPtr condition = ResolveArguments(call, scope)[0];
    whole.args = {condition, MakeLiteral(Value::String("'" + ExpressionSql(condition) + "' is not true!"))};
    const FunctionDecl* decl = registry_.Find(name);
    return decl == nullptr ? nullptr : BindFunction(whole, *decl, whole.args, scope);
  }
  return nullptr;
}

ExprPtr Analysis::ResolveLogical(const std::string& op, const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  bool ok = std::all_of(args.begin(), args.end(), [&](const ExprPtr& arg) {
    return arg->type->is(TypeId::kBoolean) || arg->type->is(TypeId::kNull) || (context_.ansi && arg->type->is_string());
  });
  if (ok) {
    for (ExprPtr& arg : args) arg = Coerce(arg, types::Boolean());
    bool nullable = AnyNullable(args);
    return KnownCall(op, std::move(args), types::Boolean(), nullable, call.origin);
  }
  ExprPtr bad = KnownCall(op, args, types::Boolean(), true, call.origin);
  if (op == "not") {
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
            {{"sqlExpr", QuoteSql(bad)},
             {"paramIndex", "first"},
             {"inputSql", QuoteSql(args[0])},
             {"inputType", QuoteType(args[0]->type)},
             {"requiredType", "\"BOOLEAN\""}});
  }
  if (args[0]->type->id() != args[1]->type->id()) {
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__BINARY_OP_DIFF_TYPES,
            {{"sqlExpr", QuoteSql(bad)}, {"left", QuoteType(args[0]->type)}, {"right", QuoteType(args[1]->type)}});
  }
  RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__BINARY_OP_WRONG_TYPE,
          {{"sqlExpr", QuoteSql(bad)}, {"inputType", "\"BOOLEAN\""}, {"actualDataType", QuoteType(args[0]->type)}});
}

ExprPtr Analysis::ResolveComparison(const std::string& op, const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  if (!context_.ansi && op == "=") {
    // A boolean equals 1 when it is true.
    for (size_t i = 0; i < 2; ++i) {
      const auto* literal = As<Literal>(args[1 - i]);
      const bool number = literal != nullptr && literal->type->is_integral() && !literal->value.is_null();
      if (!number || !args[i]->type->is(TypeId::kBoolean)) continue;
      if (literal->value.integer() == 1) return args[i];
      if (literal->value.integer() == 0)
        return KnownCall("not", {args[i]}, types::Boolean(), args[i]->nullable, call.origin);
    }
  }
  if (LowerCase(call.name.back()) != "between") CompareByWholeNumbers(op, args);
  for (size_t i = 0; i < 2; ++i) {
    // A decimal and an integer literal compare at the literal's own precision.
    if (!args[1 - i]->type->is(TypeId::kDecimal)) continue;
    if (TypePtr narrow = DecimalForLiteral(args[i])) args[i] = Coerce(args[i], narrow);
  }
  TypePtr common = ComparisonType(args[0]->type, args[1]->type, context_.ansi);
  const char* function = op == "!=" ? "=" : op.c_str();
  auto make = [&] {
    bool nullable = op != "<=>" && AnyNullable(args);
    ExprPtr compared = KnownCall(function, args, types::Boolean(), nullable, call.origin);
    if (op != "!=") return compared;
    return KnownCall("not", {compared}, types::Boolean(), nullable, call.origin);
  };
  if (common == nullptr) {
    ExprPtr bad = KnownCall(function, args, types::Boolean(), true, call.origin);
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__BINARY_OP_DIFF_TYPES,
            {{"sqlExpr", QuoteSql(bad)}, {"left", QuoteType(args[0]->type)}, {"right", QuoteType(args[1]->type)}});
  }
  if (!IsOrderable(*common)) {
    ExprPtr bad = KnownCall(function, args, types::Boolean(), true, call.origin);
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__INVALID_ORDERING_TYPE,
            {{"functionName", "`" + std::string(function) + "`"},
             {"dataType", QuoteType(args[0]->type)},
             {"sqlExpr", QuoteSql(bad)}});
  }
  for (ExprPtr& arg : args) arg = Coerce(arg, common);
  return make();
}

ExprPtr Analysis::ResolveCase(const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  bool is_if = LowerCase(call.name.back()).starts_with("if");
  std::string function = is_if ? "if" : "case";
  CENTELLA_CHECK(args.size() >= 2, "CASE without a branch");
  ExprPtr whole = KnownCall(function, args, types::Null(), true, call.origin);
  std::vector<TypePtr> types;
  std::vector<size_t> values;
  for (size_t i = 0; i < args.size(); ++i) {
    bool value = is_if ? i > 0 : i % 2 == 1 || i + 1 == args.size();
    if (value) {
      values.push_back(i);
      types.push_back(args[i]->type);
      continue;
    }
    if (!args[i]->type->is(TypeId::kBoolean) && !args[i]->type->is(TypeId::kNull) &&
        !(context_.ansi && args[i]->type->is_string())) {
      RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
              {{"sqlExpr", QuoteSql(whole)},
               {"paramIndex", OrdinalWord(i / 2)},
               {"inputSql", QuoteSql(args[i])},
               {"inputType", QuoteType(args[i]->type)},
               {"requiredType", "\"BOOLEAN\""}});
    }
    args[i] = Coerce(args[i], types::Boolean());
  }
  TypePtr common = WiderType(types, context_.ansi);
  if (common == nullptr) {
    if (is_if) {
      RaiseAt(
          call.origin, Condition::DATATYPE_MISMATCH__DATA_DIFF_TYPES,
          {{"functionName", "`if`"}, {"dataType", "[" + JoinTypes(types, ", ") + "]"}, {"sqlExpr", QuoteSql(whole)}});
    }
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__DATA_DIFF_TYPES,
            {{"functionName", "`casewhen`"},
             {"dataType", "[" + JoinTypes(types, ", ") + "]"},
             {"sqlExpr", QuoteSql(whole)}});
  }
  bool nullable = !is_if && args.size() % 2 == 0;
  for (size_t i : values) {
    args[i] = Coerce(args[i], common);
    nullable |= args[i]->nullable;
  }
  return KnownCall(function, std::move(args), common, nullable, call.origin);
}

ExprPtr Analysis::ResolveIn(const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  if (args.size() == 2) {
    // value IN (subquery) may come as a function from the DataFrame side.
    if (const auto* subquery = As<Subquery>(args[1]); subquery != nullptr && subquery->subquery == SubqueryKind::kIn) {
      return args[1];
    }
  }
  std::vector<TypePtr> types = TypesOf(args);
  TypePtr common = WiderType(types, context_.ansi);
  bool nullable = AnyNullable(args);
  if (common == nullptr &&
      std::all_of(types.begin(), types.end(), [&](const TypePtr& type) { return SameButNames(*types[0], *type); })) {
    common = types[0];
  }
  if (common == nullptr || !IsOrderable(*common)) {
    ExprPtr bad = KnownCall("in", args, types::Boolean(), true, call.origin);
    if (common != nullptr) {
      RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__INVALID_ORDERING_TYPE,
              {{"functionName", "`in`"}, {"dataType", QuoteType(common)}, {"sqlExpr", QuoteSql(bad)}});
    }
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__DATA_DIFF_TYPES,
            {{"functionName", "`in`"}, {"dataType", "[" + JoinTypes(types, ", ") + "]"}, {"sqlExpr", QuoteSql(bad)}});
  }
  for (ExprPtr& arg : args) arg = Coerce(arg, common);
  nullable = AnyNullable(args);
  return KnownCall("in", std::move(args), types::Boolean(), nullable, call.origin);
}

ExprPtr Analysis::ResolveSameType(const std::string& name, const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  bool extreme = name == "greatest" || name == "least";
  if (extreme && args.size() < 2) {
    RaiseAt(nullptr, Condition::WRONG_NUM_ARGS__WITHOUT_SUGGESTION,
            {{"functionName", QuoteName(name)},
             {"expectedNum", "> 1"},
             {"actualNum", std::to_string(args.size())},
             {"docroot", "https://spark.apache.org/docs/latest"}});
  }
  std::vector<TypePtr> types = TypesOf(args);
  TypePtr common = WiderType(types, context_.ansi);
  if (common == nullptr) {
    std::string text = extreme ? "[" + JoinTypes(types, ", ") + "]" : "(" + JoinTypes(types, " or ") + ")";
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__DATA_DIFF_TYPES,
            {{"functionName", QuoteName(extreme ? name : "coalesce")},
             {"dataType", text},
             {"sqlExpr", QuoteSql(KnownCall(name, args, types::Null(), true, call.origin))}});
  }
  if (extreme && !IsOrderable(*common)) {
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__INVALID_ORDERING_TYPE,
            {{"functionName", QuoteName(name)},
             {"dataType", QuoteType(common)},
             {"sqlExpr", QuoteSql(KnownCall(name, args, common, true, call.origin))}});
  }
  // Null only when all are.
  for (ExprPtr& arg : args) arg = Coerce(arg, common);
  bool nullable = std::all_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  bool other_name = name == "ifnull" || name == "nvl" || name == "zeroifnull";
  return KnownCall(other_name ? "coalesce" : name, std::move(args), common, nullable, call.origin,
                   other_name ? name : "");
}

ExprPtr Analysis::ResolveConcat(const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  std::vector<TypePtr> types = TypesOf(args);
  bool nullable = AnyNullable(args);
  bool nested = std::any_of(types.begin(), types.end(), [](const TypePtr& type) { return type->is(TypeId::kArray); });
  TypePtr common;
  bool untyped = std::any_of(types.begin(), types.end(), [](const TypePtr& type) { return type->is(TypeId::kNull); });
  if (nested && untyped) {
    // Spark makes a text of an untyped NULL, which doesn't go with arrays.
    for (TypePtr& type : types) {
      if (type->is(TypeId::kNull)) type = types::String();
    }
  } else if (nested) {
    common = WiderType(types, context_.ansi);
  } else if (!types.empty() &&
             std::all_of(types.begin(), types.end(), [](const TypePtr& type) { return type->is(TypeId::kBinary); })) {
    common = types::Binary();
  } else if (std::all_of(types.begin(), types.end(),
                         [&](const TypePtr& type) { return ImplicitlyCasts(type, types::String(), context_.ansi); })) {
    common = types::String();
  }
  if (common == nullptr) {
    ExprPtr bad = KnownCall("concat", args, types::Null(), true, call.origin);
    size_t at = 0;
    while (at + 1 < types.size() && ImplicitlyCasts(types[at], types::String(), context_.ansi)) ++at;
    if (nested) {
      // What could have become text says so.
      for (TypePtr& type : types) {
        if (ImplicitlyCasts(type, types::String(), context_.ansi)) type = types::String();
      }
      RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__DATA_DIFF_TYPES,
              {{"functionName", "`concat`"},
               {"dataType", "(" + JoinTypes(types, " or ") + ")"},
               {"sqlExpr", QuoteSql(bad)}});
    }
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
            {{"sqlExpr", QuoteSql(bad)},
             {"paramIndex", OrdinalWord(at)},
             {"inputSql", QuoteSql(args[at])},
             {"inputType", QuoteType(types[at])},
             {"requiredType", "(\"STRING\" or \"BINARY\" or \"ARRAY\")"}});
  }
  for (ExprPtr& arg : args) arg = Coerce(arg, common);
  return KnownCall("concat", std::move(args), common, nullable, call.origin);
}

ExprPtr Analysis::ResolveCount(const UnresolvedFunction& call, const Scope& scope) {
  const FunctionDecl* decl = registry_.Find("count");
  Scope inner = scope;
  if (scope.aggregate_input != nullptr) {
    inner.input = scope.aggregate_input;
    inner.below.clear();
  }
  std::vector<ExprPtr> args;
  const auto* star = call.args.size() == 1 ? As<UnresolvedStar>(call.args[0]) : nullptr;
  bool over_window = window_function_;
  window_function_ = false;
  if (star != nullptr && star->target.empty() && star->except.empty() && !call.distinct) {
    args.push_back(MakeLiteral(Value::Int(1)));
  } else {
    args = ResolveArguments(call, inner);
  }
  if (args.empty()) {
    RaiseAt(nullptr, Condition::WRONG_NUM_ARGS__WITH_SUGGESTION,
            {{"functionName", "`count`"},
             {"expectedNum", " >= 1"},
             {"actualNum", "0"},
             {"legacyNum", "0"},
             {"legacyConfKey", "\"spark.sql.legacy.allowParameterlessCount\""},
             {"legacyConfValue", "\"true\""}});
  }
  FunctionDecl fallback;
  fallback.name = "count";
  if (decl == nullptr) decl = &fallback;
  window_function_ = over_window;
  ExprPtr bound = KnownCall("count", std::move(args), types::Long(), false, call.origin, "", mode());
  ExprPtr aggregate = BindAggregate(call, *decl, bound, inner);
  window_function_ = false;
  return aggregate;
}

}  // namespace centella
