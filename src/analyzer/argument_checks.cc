// Checks of single functions' arguments, by the name of the function.
#include "analyzer/argument_checks.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>

#include "analyzer/analysis.h"
#include "analyzer/coercion.h"
#include "types/decimal.h"

namespace centella {
namespace {

using Names = std::unordered_set<std::string_view>;

std::string CallText(const std::string& name, const FunctionDecl& decl, const std::vector<ExprPtr>& args) {
  auto call = std::make_shared<Call>();
  call->function = decl.name;
  call->display = name;
  call->args = args;
  call->type = types::Null();
  return QuoteSql(call);
}

// A text never goes with a number here: neither side is cast to the other.
bool Differ(const DataType& a, const DataType& b) {
  if (a.is(TypeId::kNull) || b.is(TypeId::kNull)) return false;
  return a.is_string() != b.is_string();
}

bool HoldsMap(const DataType& type) {
  if (type.is(TypeId::kMap)) return true;
  return type.is_nested() && std::any_of(type.fields().begin(), type.fields().end(),
                                         [](const StructField& field) { return HoldsMap(*field.type); });
}

void CheckPairs(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                const OriginPtr& origin) {
  static const Names kArrayAndElement = {"array_contains", "array_position", "array_remove", "array_append",
                                         "array_prepend"};
  static const Names kTwoArrays = {"array_union", "array_intersect", "array_except", "arrays_overlap"};
  if (args.size() != 2) return;
  const TypePtr& left = args[0]->type;
  const TypePtr& right = args[1]->type;
  ErrorParameters parameters = {
      {"functionName", QuoteName(name)}, {"leftType", QuoteType(left)}, {"rightType", QuoteType(right)}};
  auto raise = [&](Condition condition, const char* parameter, const char* type) {
    parameters["sqlExpr"] = CallText(name, decl, args);
    parameters[parameter] = type;
    RaiseAt(origin, condition, parameters);
  };
  if (kArrayAndElement.contains(decl.name) && left->is(TypeId::kArray) && Differ(*left->element(), *right)) {
    raise(Condition::DATATYPE_MISMATCH__ARRAY_FUNCTION_DIFF_TYPES, "dataType", "\"ARRAY\"");
  }
  if (kTwoArrays.contains(decl.name) && left->is(TypeId::kArray) && right->is(TypeId::kArray) &&
      Differ(*left->element(), *right->element())) {
    raise(Condition::DATATYPE_MISMATCH__BINARY_ARRAY_DIFF_TYPES, "arrayType", "\"ARRAY\"");
  }
  if (decl.name == "map_contains_key" && left->is(TypeId::kMap) && Differ(*left->key(), *right)) {
    raise(Condition::DATATYPE_MISMATCH__MAP_FUNCTION_DIFF_TYPES, "dataType", "\"MAP\"");
  }
}

void CheckOrder(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                const OriginPtr& origin) {
  static const Names kOrdered = {"max", "min", "sort_array", "array_max", "array_min"};
  if (args.empty()) return;
  bool by = decl.name == "max_by" || decl.name == "min_by";
  if (!kOrdered.contains(decl.name) && !by) return;
  const TypePtr& type = args[by && args.size() > 1 ? 1 : 0]->type;
  if (IsOrderable(*type)) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__INVALID_ORDERING_TYPE,
          {{"functionName", QuoteName(name)}, {"dataType", QuoteType(type)}, {"sqlExpr", CallText(name, decl, args)}});
}

// All keys of map() are of one type, and all values.
void CheckMapSides(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                   const OriginPtr& origin) {
  for (size_t side = 0; side < 2; ++side) {
    bool same = true;
    std::string all;
    for (size_t i = side; i < args.size(); i += 2) {
      same = same && SameTypeIgnoringNullability(*args[i]->type, *args[side]->type);
      all += (all.empty() ? "" : ", ") + QuoteType(args[i]->type);
    }
    if (same) continue;
    RaiseAt(
        origin,
        side == 0 ? Condition::DATATYPE_MISMATCH__CREATE_MAP_KEY_DIFF_TYPES
                  : Condition::DATATYPE_MISMATCH__CREATE_MAP_VALUE_DIFF_TYPES,
        {{"functionName", QuoteName(name)}, {"dataType", "[" + all + "]"}, {"sqlExpr", CallText(name, decl, args)}});
  }
}

void CheckKeysAndFields(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                        const OriginPtr& origin) {
  bool map = decl.name == "map", fields = decl.name == "named_struct";
  if (!map && !fields) return;
  if (args.size() % 2 != 0) {
    RaiseAt(nullptr, Condition::WRONG_NUM_ARGS__WITHOUT_SUGGESTION,
            {{"functionName", QuoteName(name)},
             {"expectedNum", "2n (n > 0)"},
             {"actualNum", std::to_string(args.size())},
             {"docroot", "https://spark.apache.org/docs/latest"}});
  }
  if (map) CheckMapSides(decl, name, args, origin);
  std::string wrong;
  for (size_t i = 0; i < args.size(); i += 2) {
    if (map && HoldsMap(*args[i]->type)) {
      RaiseAt(origin, Condition::DATATYPE_MISMATCH__INVALID_MAP_KEY_TYPE,
              {{"keyType", QuoteType(args[i]->type)}, {"sqlExpr", CallText(name, decl, args)}});
    }
    if (fields && !args[i]->type->is_string()) wrong += (wrong.empty() ? "" : ", ") + QuoteSql(args[i]);
  }
  if (wrong.empty()) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING,
          {{"inputExprs", "[" + wrong + "]"}, {"sqlExpr", CallText(name, decl, args)}});
}

bool IsConstant(const ExprPtr& arg) {
  return !Any(arg, [](const ExprPtr& e) {
    return e->kind() == ExprKind::kAttribute || e->kind() == ExprKind::kOuterReference ||
           e->kind() == ExprKind::kAggregate;
  });
}

// NULL, or a cast of it.
bool IsNullConstant(const ExprPtr& arg) {
  if (const auto* cast = As<Cast>(arg)) return IsNullConstant(cast->child);
  const auto* literal = As<Literal>(arg);
  return literal != nullptr && literal->value.is_null();
}

// As Spark shows a call: with the last argument that wasn't written.
std::vector<ExprPtr> WithDefaults(const FunctionDecl& decl, std::vector<ExprPtr> args) {
  if (args.size() != 2) return args;
  if (decl.name == "percentile") args.push_back(MakeLiteral(Value::Long(1)));
  if (decl.name == "percentile_approx") args.push_back(MakeLiteral(Value::Int(10000)));
  return args;
}

// What an aggregate is told once for all rows: NULL says nothing.
void CheckToldOnce(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                   const OriginPtr& origin) {
  static const std::map<std::string_view, std::vector<const char*>> kParameters = {
      {"histogram_numeric", {"nb"}},
      {"percentile", {"percentage"}},
      {"percentile_approx", {"percentage", "accuracy"}},
      {"percentile_cont", {"percentage"}},
      {"percentile_disc", {"percentage"}},
  };
  if (auto known = kParameters.find(decl.name); known != kParameters.end()) {
    if (args.size() > 1 && args[1]->type->is(TypeId::kArray) && args[1]->type->contains_null()) {
      RaiseAt(origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
              {{"sqlExpr", CallText(name, decl, WithDefaults(decl, args))},
               {"paramIndex", "second"},
               {"inputSql", QuoteSql(args[1])},
               {"inputType", QuoteType(args[1]->type)},
               {"requiredType",
                decl.name == "percentile_approx" ? "(\"DOUBLE\" or \"ARRAY<DOUBLE>\")" : "\"ARRAY<DOUBLE>\""}});
    }
    for (size_t i = 0; i < known->second.size() && i + 1 < args.size(); ++i) {
      if (!IsNullConstant(args[i + 1])) continue;
      RaiseAt(origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_NULL,
              {{"exprName", known->second[i]}, {"sqlExpr", CallText(name, decl, WithDefaults(decl, args))}});
    }
  }
  const bool first = decl.name == "first" || decl.name == "last" || decl.name == "any_value";
  if (first && args.size() == 2 && (!IsConstant(args[1]) || IsNullConstant(args[1]))) {
    RaiseAt(origin, Condition::_LEGACY_ERROR_TEMP_1210, {{"funcName", decl.name}});
  }
}

// What must be a constant, by function and place.
struct ConstantArgument {
  std::string_view function;
  size_t place;
  const char* name;
  const char* type;  // null: a percentage or an array of them
};
constexpr ConstantArgument kConstantArguments[] = {
    {"bround", 1, "`scale`", "\"INT\""},
    {"histogram_numeric", 1, "`nb`", "\"INT\""},
    {"listagg", 1, "`delimiter`", "\"STRING\""},
    {"max_by", 2, "k", "int"},
    {"min_by", 2, "k", "int"},
    {"percentile", 1, "`percentage`", nullptr},
    {"percentile_approx", 1, "`percentage`", nullptr},
    {"percentile_approx", 2, "`accuracy`", "\"INT\""},
    {"percentile_cont", 1, "`percentage`", nullptr},
    {"percentile_disc", 1, "`percentage`", nullptr},
    {"round", 1, "`scale`", "\"INT\""},
    {"schema_of_csv", 0, "`csv`", "\"STRING\""},
    {"schema_of_json", 0, "`json`", "\"STRING\""},
    {"to_binary", 1, "`attributereference`", "\"STRING\""},
    {"to_char", 1, "`attributereference`", "\"STRING\""},
    {"to_number", 1, "`attributereference`", "\"STRING\""},
    {"try_to_binary", 1, "`fmt`", "\"STRING\""},
    {"try_to_number", 1, "`attributereference`", "\"STRING\""},
};

// The options of what reads and writes text: a map of constants.
void CheckOptions(const FunctionDecl& decl, const std::vector<ExprPtr>& args, const OriginPtr& origin) {
  static const std::map<std::string_view, size_t> kPlaces = {{"from_csv", 2},  {"to_csv", 1},  {"schema_of_csv", 1},
                                                             {"from_json", 2}, {"to_json", 1}, {"schema_of_json", 1}};
  auto place = kPlaces.find(decl.name);
  if (place == kPlaces.end() || args.size() <= place->second) return;
  const ExprPtr& options = args[place->second];
  if (IsConstant(options) && !IsNullConstant(options)) return;
  RaiseAt(origin, Condition::INVALID_OPTIONS__NON_MAP_FUNCTION);
}

void CheckConstants(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                    const OriginPtr& origin) {
  const std::string shown = name == "try_to_binary" ? "to_binary" : name;  // what Spark makes of it
  for (const ConstantArgument& wanted : kConstantArguments) {
    if (wanted.function != decl.name || args.size() <= wanted.place || IsConstant(args[wanted.place])) continue;
    RaiseAt(origin, Condition::DATATYPE_MISMATCH__NON_FOLDABLE_INPUT,
            {{"inputName", wanted.name},
             {"inputType", wanted.type != nullptr                         ? wanted.type
                           : args[wanted.place]->type->is(TypeId::kArray) ? "\"ARRAY<DOUBLE>\""
                                                                          : "\"DOUBLE\""},
             {"inputExpr", QuoteSql(args[wanted.place])},
             {"sqlExpr", CallText(shown, decl, WithDefaults(decl, args))}});
  }
  CheckOptions(decl, args, origin);
  CheckToldOnce(decl, name, args, origin);
  if (args.size() < 2) return;
  if ((decl.name == "ceil" || decl.name == "floor") && !IsConstant(args[1])) {
    RaiseAt(origin, Condition::NON_FOLDABLE_ARGUMENT,
            {{"funcName", QuoteName(name)}, {"paramName", "`scale`"}, {"paramType", "\"INT\""}});
  }
  const auto* literal = As<Literal>(args[1]);
  if (decl.name != "to_binary" || literal == nullptr || !literal->type->is_string() || literal->value.is_null()) return;
  const std::string format = LowerCase(literal->value.string());
  if (format == "hex" || format == "utf-8" || format == "utf8" || format == "base64") return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__INVALID_ARG_VALUE,
          {{"inputName", "fmt"},
           {"requireType", "case-insensitive \"STRING\""},
           {"validValues", "'hex', 'utf-8', 'utf8', or 'base64'"},
           {"inputValue", "'" + literal->value.string() + "'"},
           {"sqlExpr", CallText(name, decl, args)}});
}

// An array of pairs, whose first fields may be keys.
void CheckEntries(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                  const OriginPtr& origin) {
  if (decl.name != "map_from_entries" || args.size() != 1 || args[0]->type->is(TypeId::kNull)) return;
  const DataType& type = *args[0]->type;
  if (!type.is(TypeId::kArray) || !type.element()->is(TypeId::kStruct) || type.element()->fields().size() != 2) {
    RaiseAt(origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
            {{"sqlExpr", CallText(name, decl, args)},
             {"paramIndex", "first"},
             {"inputSql", QuoteSql(args[0])},
             {"inputType", QuoteType(args[0]->type)},
             {"requiredType", "\"ARRAY\" of pair \"STRUCT\""}});
  }
  const TypePtr& key = type.element()->fields()[0].type;
  if (!HoldsMap(*key)) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__INVALID_MAP_KEY_TYPE,
          {{"keyType", QuoteType(key)}, {"sqlExpr", CallText(name, decl, args)}});
}

void CheckSequence(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                   const OriginPtr& origin) {
  if (decl.name != "sequence" || args.size() < 2 || args.size() > 3) return;
  auto null = [](const ExprPtr& arg) { return arg->type->is(TypeId::kNull); };
  const bool whole =
      std::all_of(args.begin(), args.end(), [&](const ExprPtr& arg) { return arg->type->is_integral() || null(arg); });
  auto moment = [&](const ExprPtr& arg) { return arg->type->is_datetime() || null(arg); };
  const bool moments =
      moment(args[0]) && moment(args[1]) && (args.size() == 2 || args[2]->type->is_interval() || null(args[2]));
  if (whole || moments) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__SEQUENCE_WRONG_INPUT_TYPES,
          {{"functionName", "`sequence`"},
           {"startType", "(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"DATE\")"},
           {"stepType", "(\"INTERVAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")"},
           {"otherStartType", "\"INTEGRAL\""},
           {"sqlExpr", CallText(name, decl, args)}});
}

// Functions whose one argument Spark names by a class of types.
void CheckClasses(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                  const OriginPtr& origin) {
  if (args.size() != 1) return;
  const DataType& type = *args[0]->type;
  const char* required = nullptr;
  if (decl.name == "bit_and" || decl.name == "bit_or" || decl.name == "bit_xor") {
    if (!type.is_integral() && !type.is_string() && !type.is(TypeId::kNull)) required = "\"INTEGRAL\"";
  }
  if ((decl.name == "avg" || decl.name == "sum") &&
      (type.is_nested() || type.is_datetime() || type.is(TypeId::kBoolean))) {
    required = "\"NUMERIC\" or \"ANSI INTERVAL\"";
  }
  const bool null = type.is(TypeId::kNull);
  if ((decl.name == "time_to_millis" || decl.name == "time_to_micros") && !type.is(TypeId::kTime) && !null) {
    required = "\"TIME\"";
  }
  if ((decl.name == "time_from_millis" || decl.name == "time_from_micros") && !type.is_integral() && !null) {
    required = "\"INTEGRAL\"";
  }
  if (required == nullptr) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
          {{"sqlExpr", CallText(name, decl, args)},
           {"paramIndex", "first"},
           {"inputSql", QuoteSql(args[0])},
           {"inputType", QuoteType(args[0]->type)},
           {"requiredType", required}});
}

void CheckJson(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
               const OriginPtr& origin) {
  if (decl.name != "to_json" || args.empty() || args[0]->type->is_nested() || args[0]->type->is(TypeId::kVariant))
    return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__INVALID_JSON_SCHEMA,
          {{"schema", QuoteType(args[0]->type)}, {"sqlExpr", CallText(name, decl, args)}});
}

void CheckCount(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                const OriginPtr& origin) {
  if ((decl.name != "max_by" && decl.name != "min_by") || args.size() != 3) return;
  const auto* literal = As<Literal>(args[2]);
  const bool null = IsNullConstant(args[2]);
  if (!null && (literal == nullptr || !literal->type->is_integral())) return;
  const int64_t count = null ? 0 : literal->value.integer();
  if (count >= 1 && count <= 100000) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE,
          {{"exprName", "`k`"},
           {"valueRange", "[1, 100000]"},
           {"currentValue", std::to_string(count)},
           {"sqlExpr", CallText(name, decl, args)}});
}

void CheckPercentage(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                     const OriginPtr& origin) {
  if (!decl.name.starts_with("percentile") || decl.name == "percentile_approx" || args.size() < 2) return;
  const auto* literal = As<Literal>(args[1]);
  if (literal == nullptr || literal->value.is_null() || !literal->type->is(TypeId::kDecimal)) return;
  const double value = DecimalToDouble(literal->value.decimal(), literal->type->scale());
  if (value >= 0 && value <= 1) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE,
          {{"exprName", "percentage"},
           {"valueRange", "[0.0, 1.0]"},
           {"currentValue", Value::Double(value).ToSql()},
           {"sqlExpr", CallText(name, decl, args)}});
}

}  // namespace

void CheckArguments(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                    const OriginPtr& origin) {
  CheckPairs(decl, name, args, origin);
  CheckOrder(decl, name, args, origin);
  CheckKeysAndFields(decl, name, args, origin);
  CheckConstants(decl, name, args, origin);
  CheckEntries(decl, name, args, origin);
  CheckSequence(decl, name, args, origin);
  CheckClasses(decl, name, args, origin);
  CheckJson(decl, name, args, origin);
  CheckPercentage(decl, name, args, origin);
  CheckCount(decl, name, args, origin);
}

}  // namespace centella
