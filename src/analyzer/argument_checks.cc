// Checks of single functions' arguments, by the name of the function.
#include "analyzer/argument_checks.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "analyzer/analysis.h"
#include "analyzer/coercion.h"

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
  ErrorParameters parameters = {{"functionName", QuoteName(name)},
                                {"leftType", QuoteType(left)},
                                {"rightType", QuoteType(right)}};
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

}  // namespace

void CheckArguments(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                    const OriginPtr& origin) {
  CheckPairs(decl, name, args, origin);
  CheckOrder(decl, name, args, origin);
  CheckKeysAndFields(decl, name, args, origin);
}

}  // namespace centella
