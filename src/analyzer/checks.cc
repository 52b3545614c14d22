// What may stand where: aggregates, windows and generators in conditions; casts that can't be.
#include <algorithm>

#include "analyzer/analysis.h"
#include "functions/cast.h"

namespace centella {

void Analysis::CheckNoAggregates(const ExprPtr& expression, const std::string& clause, const LogicalPlan& source) {
  if (ContainsWindow(expression)) {
    RaiseAt(nullptr, Condition::WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE, {{"clauseName", clause}});
  }
  if (ContainsGenerator(expression)) {
    std::string sql = ExpressionSql(expression);
    if (!sql.starts_with('(')) sql = "(" + sql + ")";
    std::string text = clause == "WHERE" ? "'Filter " + sql : "'Join";
    RaiseAt(nullptr, Condition::UNSUPPORTED_GENERATOR__OUTSIDE_SELECT, {{"plan", text}});
  }
  if (!ContainsAggregate(expression)) return;
  std::string found;
  Walk(expression, [&](const ExprPtr& e) {
    if (e->kind() != ExprKind::kAggregate) return true;
    found += (found.empty() ? "" : ", ") + QualifiedSql(e);
    return false;
  });
  RaiseAt(source.origin, Condition::INVALID_WHERE_CONDITION,
          {{"condition", QuoteSql(expression)}, {"expressionList", found}});
}

void Analysis::CheckCondition(const ExprPtr& condition, const LogicalPlan& source) {
  CheckNoAggregates(condition, "WHERE", source);
  if (condition->type->is(TypeId::kBoolean)) return;
  RaiseAt(source.origin, Condition::DATATYPE_MISMATCH__FILTER_NOT_BOOLEAN,
          {{"sqlExpr", QuoteSql(condition)}, {"filter", QuoteSql(condition)}, {"type", QuoteType(condition->type)}});
}

void Analysis::CheckProjectList(const std::vector<ExprPtr>& list, const LogicalPlan& source) {
  for (const ExprPtr& item : list) {
    Walk(item, [&](const ExprPtr& e) {
      const auto* call = As<Call>(e);
      if (call != nullptr && (call->function == "grouping" || call->function == "grouping_id")) {
        RaiseAt(e->origin, Condition::UNSUPPORTED_GROUPING_EXPRESSION);
      }
      return true;
    });
    if (const auto* alias = As<Alias>(item);
        alias != nullptr && alias->names.size() > 1 && !IsGenerator(alias->child)) {
      std::string names;
      for (const std::string& name : alias->names) names += (names.empty() ? "" : ", ") + name;
      RaiseAt(item->origin ? item->origin : source.origin, Condition::MULTI_ALIAS_WITHOUT_GENERATOR,
              {{"expr", QuoteSql(alias->child)}, {"names", names}});
    }
  }
}

// ---- casts --------------------------------------------------------------------------------------------------------

namespace {

bool CastAllowed(const DataType& from, const DataType& to, EvalMode mode) {
  // What isn't built for VARIANT is said by name, not refused as Spark would.
  if (from.is(TypeId::kVariant) || to.is(TypeId::kVariant)) return !from.is(TypeId::kCalendarInterval);
  return CanCast(from, to, mode);
}

// The functions that Spark names for casts that ANSI refuses.
const char* SuggestedFunction(const DataType& from, const DataType& to) {
  if (to.is(TypeId::kDate) && from.is_numeric()) return "`DATE_FROM_UNIX_DATE`";
  if (from.is(TypeId::kDate) && to.is_numeric()) return "`UNIX_DATE`";
  return nullptr;
}

}  // namespace

ExprPtr Analysis::CastTo(const ExprPtr& child, const TypePtr& target, EvalMode eval_mode, const OriginPtr& origin) {
  auto cast = std::make_shared<Cast>();
  cast->child = child;
  cast->target = target;
  cast->mode = eval_mode;
  cast->mode_given = true;
  cast->type = target->is(TypeId::kChar) || target->is(TypeId::kVarchar) ? types::String() : target;
  cast->target = cast->type;
  cast->origin = origin;
  if (!CastAllowed(*child->type, *target, eval_mode)) {
    ErrorParameters parameters = {
        {"srcType", QuoteType(child->type)}, {"targetType", QuoteType(target)}, {"sqlExpr", QuoteSql(cast)}};
    const char* suggestion = eval_mode != EvalMode::kLegacy ? SuggestedFunction(*child->type, *target) : nullptr;
    if (suggestion != nullptr) {
      parameters["functionNames"] = suggestion;
      RaiseAt(origin, Condition::DATATYPE_MISMATCH__CAST_WITH_FUNC_SUGGESTION, parameters);
    }
    if (eval_mode == EvalMode::kAnsi && CastAllowed(*child->type, *target, EvalMode::kLegacy)) {
      parameters["config"] = "\"spark.sql.ansi.enabled\"";
      parameters["configVal"] = "'false'";
      RaiseAt(origin, Condition::DATATYPE_MISMATCH__CAST_WITH_CONF_SUGGESTION, parameters);
    }
    RaiseAt(origin, Condition::DATATYPE_MISMATCH__CAST_WITHOUT_SUGGESTION, parameters);
  }
  // As Spark's schemas say, also where ANSI casts fail instead of giving NULL; TRY_CAST gives NULL wherever it may fail.
  cast->nullable = child->nullable;
  if (eval_mode != EvalMode::kTry) cast->nullable |= CastNullable(*child->type, *target);
  if (eval_mode == EvalMode::kTry) cast->nullable |= !UpCasts(*child->type, *target);
  return cast;
}

}  // namespace centella
