// Subqueries become joins: EXISTS and IN semi, anti or existence joins, scalar subqueries outer joins with their
// (grouped) result. Correlated predicates move from inside the subquery to the join's condition.
#include <functional>

#include "optimizer/attributes.h"
#include "optimizer/decorrelate.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

bool HasSubquery(const ExprPtr& expression) {
  return Any(expression, [](const ExprPtr& node) { return node->kind() == ExprKind::kSubquery; });
}

ExprPtr IsNull(const ExprPtr& child) { return MakeCall("isnull", {child}, types::Boolean(), false); }

std::shared_ptr<Join> MakeJoin(JoinType type, PlanPtr left, PlanPtr right, std::vector<ExprPtr> conditions) {
  auto join = std::make_shared<Join>();
  join->type = type;
  join->left = std::move(left);
  join->right = std::move(right);
  if (!conditions.empty()) join->condition = Conjunction(std::move(conditions));
  return join;
}

class Unnester {
 public:
  explicit Unnester(QueryContextPtr context) : context_(std::move(context)) {}

  PlanPtr Rewrite(const PlanPtr& plan) {
    return TransformUp(plan, [this](const PlanPtr& node) -> PlanPtr { return RewriteNode(node); });
  }

 private:
  PlanPtr RewriteNode(const PlanPtr& node) {
    bool any = false;
    for (const ExprPtr& expression : ExpressionsOf(*node)) any = any || HasSubquery(expression);
    if (!any) return node;
    if (const Filter* filter = As<Filter>(node)) return RewriteFilter(*filter);
    if (const Join* join = As<Join>(node)) return RewriteJoin(*join);
    if (const Aggregate* aggregate = As<Aggregate>(node)) return RewriteAggregate(*aggregate);
    const std::vector<PlanPtr> children = ChildrenOf(*node);
    if (children.size() != 1) RaiseUnsupported("a subquery in this place of a query");
    // Everything else with one child: values of the subqueries become columns below it.
    PlanPtr child = children[0];
    const std::vector<ExprPtr> output = OutputOf(node);
    const PlanPtr rewritten = MapExpressions(node, [&](const ExprPtr& e) { return ReplaceValues(e, &child); });
    const PlanPtr result = MapChildren(rewritten, [&](const PlanPtr&) { return child; });
    return OutputIds(result) == OutputIds(node) ? result : MakeProject(output, result);
  }

  PlanPtr RewriteFilter(const Filter& filter) {
    PlanPtr child = filter.child;
    const std::vector<ExprPtr> output = OutputOf(child);
    std::vector<ExprPtr> rest;
    for (const ExprPtr& term : SplitConjunction(filter.condition)) {
      const Call* call = As<Call>(term);
      const bool negated = call != nullptr && call->function == "not" && As<Subquery>(call->args[0]) != nullptr;
      const Subquery* subquery = As<Subquery>(negated ? call->args[0] : term);
      if (subquery != nullptr && subquery->subquery == SubqueryKind::kExists) {
        child = SemiJoin(*subquery, child, negated);
      } else if (subquery != nullptr && subquery->subquery == SubqueryKind::kIn) {
        child = InJoin(*subquery, child, negated);
      } else {
        rest.push_back(HasSubquery(term) ? ReplaceValues(term, &child) : term);
      }
    }
    if (!rest.empty()) child = MakeFilter(Conjunction(std::move(rest)), child);
    if (OutputOf(child).size() != output.size()) child = MakeProject(output, child);
    return child;
  }

  // A subquery in a join's condition may use both sides: only inner joins, by a filter above.
  PlanPtr RewriteJoin(const Join& join) {
    if (join.type != JoinType::kInner && join.type != JoinType::kCross) {
      RaiseUnsupported("a subquery in the condition of an outer join");
    }
    auto plain = std::make_shared<Join>(join);
    std::vector<ExprPtr> with, without;
    for (const ExprPtr& term : SplitConjunction(join.condition)) (HasSubquery(term) ? with : without).push_back(term);
    plain->condition = without.empty() ? nullptr : Conjunction(without);
    Filter filter;
    filter.condition = Conjunction(with);
    filter.child = plain;
    return RewriteFilter(filter);
  }

  // Subqueries over grouping columns (and uncorrelated ones) are computed below the aggregation.
  PlanPtr RewriteAggregate(const Aggregate& aggregate) {
    auto copy = std::make_shared<Aggregate>(aggregate);
    PlanPtr child = aggregate.child;
    std::vector<ExprPtr> extra;
    auto replace = [&](const ExprPtr& expression, bool inside_aggregate) {
      std::function<ExprPtr(const ExprPtr&, bool)> visit = [&](const ExprPtr& node, bool inside) -> ExprPtr {
        if (node->kind() == ExprKind::kSubquery) {
          const ExprPtr value = ValueOf(static_cast<const Subquery&>(*node), &child);
          if (!inside) extra.push_back(value);
          return value;
        }
        const bool below = inside || node->kind() == ExprKind::kAggregate;
        return MapChildren(node, [&](const ExprPtr& e) { return visit(e, below); });
      };
      return visit(expression, inside_aggregate);
    };
    for (ExprPtr& expression : copy->grouping) expression = replace(expression, true);
    for (ExprPtr& expression : copy->aggregates) expression = replace(expression, false);
    // A value outside of aggregate functions is the same for all rows of a group: group by it, too. Without groups
    // there is one value for all: first() of it would be wrong for no rows, so it's joined above by its own id.
    if (!extra.empty() && copy->grouping.empty()) RaiseUnsupported("a scalar subquery beside a global aggregate");
    copy->grouping.insert(copy->grouping.end(), extra.begin(), extra.end());
    copy->child = child;
    return copy;
  }

  PlanPtr SemiJoin(const Subquery& subquery, const PlanPtr& child, bool anti) {
    Decorrelated inner = Decorrelate(Rewrite(subquery.plan), /*keep_rows=*/false);
    return MakeJoin(anti ? JoinType::kLeftAnti : JoinType::kLeftSemi, child, inner.plan, inner.conditions);
  }

  std::vector<ExprPtr> InConditions(const Subquery& subquery, const std::vector<ExprPtr>& output) {
    std::vector<ExprPtr> conditions;
    for (size_t i = 0; i < subquery.values.size(); ++i) conditions.push_back(MakeEquals(subquery.values[i], output[i]));
    return conditions;
  }

  PlanPtr InJoin(const Subquery& subquery, const PlanPtr& child, bool anti) {
    const std::vector<ExprPtr> output = OutputOf(subquery.plan);
    Decorrelated inner = Decorrelate(Rewrite(subquery.plan), false);
    std::vector<ExprPtr> values = InConditions(subquery, output);
    if (!anti) {
      values.insert(values.end(), inner.conditions.begin(), inner.conditions.end());
      return MakeJoin(JoinType::kLeftSemi, child, inner.plan, std::move(values));
    }
    bool nullable = false;
    for (const ExprPtr& value : values) nullable = nullable || value->nullable;
    if (nullable && values.size() == 1 && inner.conditions.empty()) {
      auto join = MakeJoin(JoinType::kLeftAnti, child, inner.plan, std::move(values));
      join->null_aware = true;
      return join;
    }
    // x NOT IN (…) holds when no comparison is true or unknown.
    for (ExprPtr& value : values) {
      if (value->nullable) value = MakeCall("or", {value, IsNull(value)}, types::Boolean(), false);
    }
    values.insert(values.end(), inner.conditions.begin(), inner.conditions.end());
    return MakeJoin(JoinType::kLeftAnti, child, inner.plan, std::move(values));
  }

  ExprPtr ReplaceValues(const ExprPtr& expression, PlanPtr* child) {
    return TransformDown(expression, [&](const ExprPtr& node) -> ExprPtr {
      const Subquery* subquery = As<Subquery>(node);
      return subquery != nullptr ? ValueOf(*subquery, child) : node;
    });
  }

  // The subquery's value as a column of `*child`, which gets a join for it.
  ExprPtr ValueOf(const Subquery& subquery, PlanPtr* child) {
    switch (subquery.subquery) {
      case SubqueryKind::kScalar:
        return ScalarValue(subquery, child);
      case SubqueryKind::kExists:
        return ExistenceValue(subquery, {}, child);
      case SubqueryKind::kIn:
        return InValue(subquery, child);
      case SubqueryKind::kTable:
        break;
    }
    RaiseUnsupported("a table argument");
  }

  ExprPtr ExistenceValue(const Subquery& subquery, std::vector<ExprPtr> conditions, PlanPtr* child) {
    Decorrelated inner = Decorrelate(Rewrite(subquery.plan), false);
    conditions.insert(conditions.end(), inner.conditions.begin(), inner.conditions.end());
    auto join = MakeJoin(JoinType::kExistence, *child, inner.plan, std::move(conditions));
    join->existence = MakeAttribute("exists", types::Boolean(), false, NextExprId());
    const ExprPtr existence = join->existence;
    *child = join;
    return existence;
  }

  // IN as a value is TRUE, FALSE or unknown: true when something equals; else unknown when some comparison is.
  ExprPtr InValue(const Subquery& subquery, PlanPtr* child) {
    const std::vector<ExprPtr> equal = InConditions(subquery, OutputOf(subquery.plan));
    const ExprPtr found = ExistenceValue(subquery, equal, child);
    bool nullable = false;
    for (const ExprPtr& each : equal) nullable = nullable || each->nullable;
    if (!nullable) return found;
    std::vector<ExprPtr> unknown;
    Subquery again = subquery;
    again.plan = WithFreshIds(subquery.plan);
    for (const ExprPtr& each : InConditions(again, OutputOf(again.plan))) {
      unknown.push_back(MakeCall("or", {each, IsNull(each)}, types::Boolean(), false));
    }
    const ExprPtr maybe = ExistenceValue(again, unknown, child);
    const ExprPtr null = MakeLiteral(Value::Null(types::Boolean()));
    return MakeCall("case", {found, MakeLiteral(Value::Boolean(true)), maybe, null, MakeLiteral(Value::Boolean(false))},
                    types::Boolean(), true);
  }

  ExprPtr ScalarValue(const Subquery& subquery, PlanPtr* child) {
    const ExprPtr wanted = OutputOf(subquery.plan)[0];
    Decorrelated inner = Decorrelate(Rewrite(subquery.plan), true);
    PlanPtr right = inner.plan;
    ExprPtr value = wanted;
    if (inner.conditions.empty()) {
      if (!GivesOneRow(right)) right = CheckedSingleRow(wanted, right, subquery.origin, &value);
    } else if (!inner.one_row_per_key) {
      RaiseUnsupported("a correlated scalar subquery that isn't an aggregate");
    }
    // A group that has no rows isn't in the grouped result: what the aggregate would give for none (count: 0).
    ExprPtr marker;
    if (!inner.conditions.empty() && inner.value_without_rows != nullptr) {
      const ExprPtr flag = MakeAlias(MakeLiteral(Value::Boolean(true)), "matched");
      std::vector<ExprPtr> expressions = OutputOf(right);
      expressions.push_back(flag);
      right = MakeProject(std::move(expressions), right);
      marker = AttributeOf(flag);
    }
    *child = MakeJoin(JoinType::kLeft, *child, right, inner.conditions);
    const ExprPtr joined = MakeAttribute(To<Attribute>(value).name, value->type, true, To<Attribute>(value).id);
    if (marker == nullptr) return joined;
    return MakeCall("if", {IsNull(MakeAttribute("matched", types::Boolean(), true, To<Attribute>(marker).id)),
                           inner.value_without_rows, joined},
                    joined->type, true);
  }

  static bool GivesOneRow(const PlanPtr& plan) {
    if (const Aggregate* aggregate = As<Aggregate>(plan)) return aggregate->grouping.empty();
    if (const Project* project = As<Project>(plan)) return GivesOneRow(project->child);
    return false;
  }

  // first(value), with an error when there is more than one row.
  PlanPtr CheckedSingleRow(const ExprPtr& wanted, const PlanPtr& plan, const OriginPtr& origin, ExprPtr* value) {
    auto first = std::make_shared<AggregateCall>();
    first->function = "first";
    first->args = {wanted};
    first->type = wanted->type;
    auto count = std::make_shared<AggregateCall>();
    count->function = "count";
    count->args = {MakeLiteral(Value::Int(1))};
    count->type = types::Long();
    count->nullable = false;
    auto aggregate = std::make_shared<Aggregate>();
    aggregate->aggregates = {MakeAlias(first, "value"), MakeAlias(count, "rows")};
    aggregate->child = plan;
    auto single = std::make_shared<Call>();
    single->function = "assert_single_row";
    single->args = {AttributeOf(aggregate->aggregates[1])};
    single->type = types::Boolean();
    single->nullable = false;
    single->origin = origin;
    const ExprPtr checked =
        MakeCall("if",
                 {single,
                  AttributeOf(aggregate->aggregates[0]), MakeLiteral(Value::Null(wanted->type))},
                 wanted->type, true);
    const ExprPtr alias = MakeAlias(checked, "scalar");
    *value = AttributeOf(alias);
    return MakeProject({alias}, aggregate);
  }

  QueryContextPtr context_;
};

}  // namespace

PlanPtr UnnestSubqueries(const PlanPtr& plan, const QueryContextPtr& context) {
  return Unnester(context).Rewrite(plan);
}

}  // namespace centella::rules
