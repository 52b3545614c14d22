// WITHIN GROUP (ORDER BY …): the sorted aggregates' ordering becomes arguments, and the function one that sorts.
#include "analyzer/analysis.h"

namespace centella {

namespace {

bool NeedsOrder(const std::string& function) { return function == "percentile_cont" || function == "percentile_disc"; }

ExprPtr KeyOf(const ExprPtr& order) {
  const auto* sort = As<SortOrder>(order);
  return sort == nullptr ? order : sort->child;
}

bool IsDescending(const ExprPtr& order) {
  const auto* sort = As<SortOrder>(order);
  return sort != nullptr && !sort->ascending;
}

[[noreturn]] void RaiseOrderings(const UnresolvedFunction& call, const std::string& name, size_t expected,
                                 size_t actual) {
  RaiseAt(call.origin, Condition::INVALID_WITHIN_GROUP_EXPRESSION__WRONG_NUM_ORDERINGS,
          {{"funcName", QuoteName(name)},
           {"expectedNum", std::to_string(expected)},
           {"actualNum", std::to_string(actual)}});
}

}  // namespace

const FunctionDecl* Analysis::ResolveWithinGroup(const UnresolvedFunction& call, const FunctionDecl& decl,
                                                 const Scope& scope, std::vector<ExprPtr>* args) {
  const std::string name = LowerCase(call.name.back());
  const std::string& function = decl.name;
  if (call.order_by.empty()) {
    const bool mode = function == "mode" && args->empty();
    if (NeedsOrder(function) && args->size() != 1) {
      RaiseAt(call.origin, Condition::WRONG_NUM_ARGS__WITHOUT_SUGGESTION,
              {{"functionName", QuoteName(name)},
               {"expectedNum", "1"},
               {"actualNum", std::to_string(args->size())},
               {"docroot", "https://spark.apache.org/docs/latest"}});
    }
    if (NeedsOrder(function) || mode) {
      RaiseAt(call.origin, Condition::INVALID_WITHIN_GROUP_EXPRESSION__WITHIN_GROUP_MISSING,
              {{"funcName", QuoteName(name)}});
    }
    return &decl;
  }
  std::vector<ExprPtr> orders;
  for (const ExprPtr& order : call.order_by) orders.push_back(ResolveOrder(order, scope));
  if (NeedsOrder(function) || function == "mode") {
    if (call.distinct) {
      RaiseAt(call.origin, Condition::INVALID_WITHIN_GROUP_EXPRESSION__DISTINCT_UNSUPPORTED,
              {{"funcName", QuoteName(name)}});
    }
    if (function == "mode" && !args->empty()) RaiseOrderings(call, name, 0, orders.size());
    if (orders.size() != 1) RaiseOrderings(call, name, 1, orders.size());
    args->insert(args->begin(), KeyOf(orders[0]));
    const bool descending = IsDescending(orders[0]);
    if (function == "mode") return registry_.Find(descending ? "mode_high" : "mode_low");
    return descending ? registry_.Find(function + "_desc") : &decl;
  }
  if (function != "listagg") {
    RaiseAt(call.origin, Condition::INVALID_SQL_SYNTAX__FUNCTION_WITH_UNSUPPORTED_SYNTAX,
            {{"prettyName", QuoteName(name)}, {"syntax", "WITHIN GROUP (ORDER BY ...)"}});
  }
  if (args->empty() || args->size() > 2) return &decl;  // the count is wrong: the caller says so
  for (const ExprPtr& order : orders) {
    if (!call.distinct || SameMeaning(KeyOf(order), args->front())) continue;
    RaiseAt(nullptr, Condition::INVALID_WITHIN_GROUP_EXPRESSION__MISMATCH_WITH_DISTINCT_INPUT,
            {{"funcName", QuoteName(name)},
             {"funcArg", QuoteSql(args->front())},
             {"orderingExpr", QuoteSql(KeyOf(order))}});
  }
  // A delimiter of its own, since DISTINCT takes no rows with a NULL among the arguments.
  std::string directions = args->size() == 1 ? "n" : "y";
  const bool binary = args->front()->type->is(TypeId::kBinary);
  if (args->size() == 1)
    args->push_back(binary ? MakeLiteral(Value::Of(types::Binary(), std::string())) : MakeLiteral(Value::String("")));
  for (const ExprPtr& order : orders) {
    const auto* sort = As<SortOrder>(order);
    directions += IsDescending(order) ? 'd' : 'a';
    directions += sort == nullptr || sort->nulls_first ? 'f' : 'l';
  }
  args->push_back(MakeLiteral(Value::String(directions)));
  for (const ExprPtr& order : orders) args->push_back(KeyOf(order));
  return registry_.Find("listagg_sorted");
}

}  // namespace centella
