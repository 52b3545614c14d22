// Subqueries in expressions: their plans see the enclosing query's columns as OuterReferences.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {
namespace {

// IN's columns, of which some can't be compared with the subquery's.
[[noreturn]] void RaiseColumnsMismatch(const std::shared_ptr<Subquery>& in, const std::vector<ExprPtr>& values,
                                       const std::vector<ExprPtr>& columns, bool ansi) {
  const auto add = [](std::string* list, const std::string& item) { *list += (list->empty() ? "" : ", ") + item; };
  std::string mismatches, left, right;
  for (size_t i = 0; i < values.size(); ++i) {
    add(&left, QuoteType(values[i]->type));
    add(&right, QuoteType(columns[i]->type));
    if (ComparisonType(values[i]->type, columns[i]->type, ansi) != nullptr) continue;
    add(&mismatches, "(" + QualifiedSql(values[i]) + ":" + values[i]->type->CatalogString() + ", " +
                         QualifiedSql(columns[i]) + ":" + columns[i]->type->CatalogString() + ")");
  }
  RaiseAt(in->origin, Condition::DATATYPE_MISMATCH__IN_SUBQUERY_DATA_TYPE_MISMATCH,
          {{"sqlExpr", QuoteSql(in)}, {"mismatchedColumns", mismatches}, {"leftType", left}, {"rightType", right}});
}

}  // namespace

ExprPtr Analysis::ResolveSubquery(const Subquery& subquery, const Scope& scope) {
  if (subquery.type != nullptr) return std::make_shared<Subquery>(subquery);
  if (subquery.plan == nullptr) RaiseUnsupported("a reference to a subquery's plan that is not in the request");
  if (subquery.subquery == SubqueryKind::kTable) RaiseUnsupported("TABLE arguments of functions");
  auto copy = std::make_shared<Subquery>(subquery);
  bool over_window = window_function_;
  window_function_ = false;
  Relation inner = Resolve(subquery.plan, &scope);
  window_function_ = over_window;
  copy->plan = inner.plan;
  size_t width = inner.output->size();
  switch (subquery.subquery) {
    case SubqueryKind::kScalar:
      if (width != 1) {
        RaiseAt(subquery.origin,
                Condition::INVALID_SUBQUERY_EXPRESSION__SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN,
                {{"number", std::to_string(width)}});
      }
      copy->type = inner.output->at(0).type;
      copy->nullable = true;
      break;
    case SubqueryKind::kExists:
      copy->type = types::Boolean();
      copy->nullable = false;
      break;
    default: {
      // (a, b) IN (…) may come as one struct.
      std::vector<ExprPtr> values = ResolveAll(subquery.values, scope);
      if (values.size() == 1 && width > 1) {
        if (const auto* call = As<Call>(values[0]); call != nullptr && call->function == "named_struct") {
          std::vector<ExprPtr> parts;
          for (size_t i = 1; i < call->args.size(); i += 2) parts.push_back(call->args[i]);
          values = std::move(parts);
        }
      }
      for (ExprPtr& value : values) {
        if (const auto* alias = As<Alias>(value)) value = alias->child;
      }
      std::string left, right;
      for (const ExprPtr& value : values) left += (left.empty() ? "" : ", ") + QuoteSql(value);
      for (const ExprPtr& column : inner.output->columns()) right += (right.empty() ? "" : ", ") + QuoteSql(column);
      copy->values = values;
      copy->type = types::Boolean();
      if (values.size() != width) {
        RaiseAt(subquery.origin, Condition::DATATYPE_MISMATCH__IN_SUBQUERY_LENGTH_MISMATCH,
                {{"sqlExpr", QuoteSql(copy)},
                 {"leftLength", std::to_string(values.size())},
                 {"rightLength", std::to_string(width)},
                 {"leftColumns", left},
                 {"rightColumns", right}});
      }
      bool nullable = false, casts = false;
      std::vector<ExprPtr> columns;
      for (size_t i = 0; i < width; ++i) {
        ExprPtr column = inner.output->columns()[i];
        TypePtr common = ComparisonType(values[i]->type, column->type, context_.ansi);
        if (common == nullptr) RaiseColumnsMismatch(copy, values, inner.output->columns(), context_.ansi);
        nullable |= values[i]->nullable || column->nullable;
        copy->values[i] = Coerce(values[i], common);
        ExprPtr cast = Coerce(column, common);
        casts |= cast != column;
        columns.push_back(cast == column ? column : MakeAlias(cast, To<Attribute>(column).name));
      }
      if (casts) copy->plan = MakeProject(inner, std::move(columns), *subquery.plan).plan;
      copy->nullable = nullable;
    }
  }
  CheckCorrelation(*copy);
  return copy;
}

namespace {

bool HasOuterReference(const ExprPtr& expression) {
  return Any(expression, [](const ExprPtr& e) { return e->kind() == ExprKind::kOuterReference; });
}

}  // namespace

// What can't be unnested is refused here by name.
void Analysis::CheckCorrelation(const Subquery& subquery) {
  Walk(subquery.plan, [&](const PlanPtr& plan) {
    for (const ExprPtr& expression : ExpressionsOf(*plan)) {
      Walk(expression, [&](const ExprPtr& e) {
        const auto* aggregate = As<AggregateCall>(e);
        if (aggregate == nullptr || !HasOuterReference(e)) return e->kind() != ExprKind::kOuterReference;
        bool local = Any(e, [](const ExprPtr& x) { return x->kind() == ExprKind::kAttribute; });
        if (local) {
          RaiseAt(e->origin,
                  Condition::UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY__AGGREGATE_FUNCTION_MIXED_OUTER_LOCAL_REFERENCES,
                  {{"function", QualifiedSql(e)}});
        }
        return false;
      });
      bool sample = plan->kind() == PlanKind::kSample;
      if (sample && HasOuterReference(expression)) {
        RaiseAt(plan->origin,
                Condition::UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY__ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED,
                {{"treeNode", "Sample"}});
      }
    }
    return true;
  });
}

}  // namespace centella
