// Subqueries become joins: EXISTS and IN semi, anti or existence joins, scalar subqueries outer joins with their
// (grouped) result. Correlated predicates move from inside the subquery to the join's condition.
#include <functional>

#include "optimizer/attributes.h"
#include "optimizer/decorrelate.h"
#include "optimizer/dependent_join.h"
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
    if (const Join* join = As<Join>(node); join != nullptr && join->lateral) return RewriteLateral(*join);
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

  // A subquery in a join's condition may use both sides of an inner join, by a filter above; of an outer join it may use one
  // side, whose rows get its value first.
  PlanPtr RewriteJoin(const Join& join) {
    auto plain = std::make_shared<Join>(join);
    const bool inner = join.type == JoinType::kInner || join.type == JoinType::kCross;
    const ExprIdSet left = OutputIds(join.left), right = OutputIds(join.right);
    std::vector<ExprPtr> with, without;
    for (const ExprPtr& term : SplitConjunction(join.condition)) {
      if (!HasSubquery(term)) {
        without.push_back(term);
      } else if (inner) {
        with.push_back(term);
      } else {
        const ExprIdSet used = UsedBySubqueries(term);
        if (!IsSubset(used, left) && !IsSubset(used, right)) {
          RaiseUnsupported("a subquery over both sides in the condition of an outer join");
        }
        without.push_back(ReplaceValues(term, IsSubset(used, right) ? &plain->right : &plain->left));
      }
    }
    plain->condition = without.empty() ? nullptr : Conjunction(without);
    if (!inner) return MakeProject(OutputOf(std::make_shared<Join>(join)), plain);
    Filter filter;
    filter.condition = Conjunction(with);
    filter.child = plain;
    return RewriteFilter(filter);
  }

  // What the subqueries in an expression use of the rows around: their correlated columns and the values of IN.
  static ExprIdSet UsedBySubqueries(const ExprPtr& expression) {
    ExprIdSet used;
    Walk(expression, [&](const ExprPtr& node) {
      const Subquery* subquery = As<Subquery>(node);
      if (subquery == nullptr) return true;
      for (const ExprPtr& value : subquery->values) AddReferences(value, &used);
      Walk(subquery->plan, [&](const PlanPtr& plan) {
        for (const ExprPtr& each : ExpressionsOf(*plan)) {
          Walk(each, [&](const ExprPtr& e) {
            if (const OuterReference* outer = As<OuterReference>(e)) used.insert(To<Attribute>(outer->attribute).id);
            return true;
          });
        }
        return true;
      });
      return false;
    });
    return used;
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
    if (!extra.empty() && copy->grouping.empty()) return AboveGlobalAggregate(aggregate);
    copy->grouping.insert(copy->grouping.end(), extra.begin(), extra.end());
    copy->child = child;
    return copy;
  }

  // The aggregate functions first, then what is computed of them and of the subqueries.
  PlanPtr AboveGlobalAggregate(const Aggregate& aggregate) {
    auto functions = std::make_shared<Aggregate>(aggregate);
    functions->aggregates.clear();
    std::vector<ExprPtr> list;
    for (const ExprPtr& expression : aggregate.aggregates) {
      list.push_back(TransformDown(expression, [&](const ExprPtr& node) -> ExprPtr {
        if (node->kind() != ExprKind::kAggregate) return node;
        functions->aggregates.push_back(MakeAlias(node, "value"));
        return AttributeOf(functions->aggregates.back());
      }));
    }
    const PlanPtr below = RewriteNode(functions);
    return RewriteNode(MakeProject(std::move(list), below));
  }

  // The right side of a lateral join sees the left row.
  PlanPtr RewriteLateral(const Join& join) {
    if (PlanPtr chain = ChainLateral(join)) return chain;
    auto copy = std::make_shared<Join>(join);
    copy->lateral = false;
    const DependentPlan right = EvaluateForEachOuter(join.right, join.left);
    copy->right = right.plan;
    std::vector<ExprPtr> terms = right.Conditions();
    if (join.condition != nullptr) {
      if (HasSubquery(join.condition)) RaiseUnsupported("a subquery in the condition of a lateral join");
      terms.push_back(join.condition);
    }
    copy->condition = terms.empty() ? nullptr : Conjunction(std::move(terms));
    return MakeProject(OutputOf(std::make_shared<Join>(join)), copy);
  }

  // The subquery's rows with what ties them to the rows of `child`.
  Decorrelated RowsOf(const PlanPtr& plan, const PlanPtr& child) {
    const PlanPtr rewritten = Rewrite(plan);
    if (auto pulled = Decorrelate(rewritten, OutputIds(child), /*keep_rows=*/false)) return *pulled;
    const DependentPlan dependent = EvaluateForEachOuter(rewritten, child);
    return {dependent.plan, dependent.Conditions(), nullptr};
  }

  // EXISTS (… LIMIT n): the limit says nothing, unless it's zero.
  static PlanPtr WithoutLimit(const PlanPtr& plan) {
    const Limit* limit = As<Limit>(plan);
    if (limit == nullptr || limit->tail || limit->offset != nullptr || limit->limit == nullptr) return plan;
    const Literal* literal = As<Literal>(limit->limit);
    const bool some = literal != nullptr && !literal->value.is_null() && literal->value.integer() > 0;
    return some ? limit->child : plan;
  }

  PlanPtr SemiJoin(const Subquery& subquery, const PlanPtr& child, bool anti) {
    const Decorrelated inner = RowsOf(WithoutLimit(subquery.plan), child);
    return MakeJoin(anti ? JoinType::kLeftAnti : JoinType::kLeftSemi, child, inner.plan, inner.conditions);
  }

  std::vector<ExprPtr> InConditions(const Subquery& subquery, const std::vector<ExprPtr>& output) {
    std::vector<ExprPtr> conditions;
    for (size_t i = 0; i < subquery.values.size(); ++i) conditions.push_back(MakeEquals(subquery.values[i], output[i]));
    return conditions;
  }

  PlanPtr InJoin(const Subquery& subquery, const PlanPtr& child, bool anti) {
    const std::vector<ExprPtr> output = OutputOf(subquery.plan);
    const Decorrelated inner = RowsOf(subquery.plan, child);
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
      if (const Call* call = As<Call>(node); call != nullptr && call->function == "not") {
        const Subquery* inside = As<Subquery>(call->args[0]);
        if (inside != nullptr && inside->subquery == SubqueryKind::kIn) return NotInValue(*inside, child);
      }
      const Subquery* subquery = As<Subquery>(node);
      return subquery != nullptr ? ValueOf(*subquery, child) : node;
    });
  }

  // The subquery's value as a column of `*child`, which gets a join for it.
  ExprPtr ValueOf(const Subquery& subquery, PlanPtr* child) {
    switch (subquery.subquery) {
      case SubqueryKind::kScalar: return ScalarValue(subquery, child);
      case SubqueryKind::kExists: return ExistenceValue(subquery, {}, child);
      case SubqueryKind::kIn: return InValue(subquery, child);
      case SubqueryKind::kTable: break;
    }
    RaiseUnsupported("a table argument");
  }

  ExprPtr ExistenceValue(const Subquery& subquery, std::vector<ExprPtr> conditions, PlanPtr* child) {
    const Decorrelated inner = RowsOf(conditions.empty() ? WithoutLimit(subquery.plan) : subquery.plan, *child);
    conditions.insert(conditions.end(), inner.conditions.begin(), inner.conditions.end());
    auto join = MakeJoin(JoinType::kExistence, *child, inner.plan, std::move(conditions));
    join->existence = MakeAttribute("exists", types::Boolean(), false, NextExprId());
    const ExprPtr existence = join->existence;
    *child = join;
    return existence;
  }

  // As Spark has it, IN as a value is true or false: an unknown comparison counts as false, under NOT as true.
  ExprPtr InValue(const Subquery& subquery, PlanPtr* child) {
    return ExistenceValue(subquery, InConditions(subquery, OutputOf(subquery.plan)), child);
  }

  ExprPtr NotInValue(const Subquery& subquery, PlanPtr* child) {
    std::vector<ExprPtr> terms = InConditions(subquery, OutputOf(subquery.plan));
    for (ExprPtr& term : terms) {
      if (term->nullable) term = MakeCall("or", {term, IsNull(term)}, types::Boolean(), false);
    }
    return MakeCall("not", {ExistenceValue(subquery, std::move(terms), child)}, types::Boolean(), false);
  }

  ExprPtr ScalarValue(const Subquery& subquery, PlanPtr* child) {
    const ExprPtr wanted = OutputOf(subquery.plan)[0];
    const PlanPtr rewritten = Rewrite(subquery.plan);
    std::optional<Decorrelated> pulled = Decorrelate(rewritten, OutputIds(*child), true);
    if (!pulled.has_value()) return DependentValue(wanted, rewritten, child);
    const Decorrelated& inner = *pulled;
    PlanPtr right = inner.plan;
    ExprPtr value = wanted;
    if (inner.conditions.empty() && !GivesOneRow(right)) {
      right = CheckedSingleRow(wanted, {}, right, subquery.origin, &value);
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
    return MakeCall("if",
                    {IsNull(MakeAttribute("matched", types::Boolean(), true, To<Attribute>(marker).id)),
                     inner.value_without_rows, joined},
                    joined->type, true);
  }

  // A scalar subquery that may give several rows for an outer row, which is an error only then.
  ExprPtr DependentValue(const ExprPtr& wanted, const PlanPtr& plan, PlanPtr* child) {
    const DependentPlan rows = EvaluateForEachOuter(plan, *child);
    ExprPtr value = wanted;
    const PlanPtr right =
        GivesOneRow(plan) ? rows.plan : CheckedSingleRow(wanted, rows.domain, rows.plan, nullptr, &value);
    *child = MakeJoin(JoinType::kLeft, *child, right, rows.Conditions());
    return MakeAttribute(To<Attribute>(value).name, value->type, true, To<Attribute>(value).id);
  }

  // At most one, that is.
  static bool GivesOneRow(const PlanPtr& plan) {
    if (const Aggregate* aggregate = As<Aggregate>(plan)) return aggregate->grouping.empty();
    if (const Filter* filter = As<Filter>(plan)) return GivesOneRow(filter->child);
    if (const Sort* sort = As<Sort>(plan)) return GivesOneRow(sort->child);
    if (const LocalRelation* local = As<LocalRelation>(plan)) {
      int64_t rows = 0;
      for (const Batch& batch : local->batches) rows += batch.live_rows();
      return rows <= 1;
    }
    if (const Limit* limit = As<Limit>(plan)) {
      const Literal* literal = As<Literal>(limit->limit);
      return literal != nullptr && !literal->value.is_null() && literal->value.integer() <= 1;
    }
    if (const Project* project = As<Project>(plan)) return GivesOneRow(project->child);
    return false;
  }

  // first(value), with an error when there is more than one row (for one combination of `keys`).
  PlanPtr CheckedSingleRow(const ExprPtr& wanted, const std::vector<ExprPtr>& keys, const PlanPtr& plan,
                           const OriginPtr& origin, ExprPtr* value) {
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
    aggregate->grouping = keys;
    aggregate->aggregates = {MakeAlias(first, "value"), MakeAlias(count, "rows")};
    aggregate->aggregates.insert(aggregate->aggregates.end(), keys.begin(), keys.end());
    aggregate->child = plan;
    auto single = std::make_shared<Call>();
    single->function = "assert_single_row";
    single->args = {AttributeOf(aggregate->aggregates[1])};
    single->type = types::Boolean();
    single->nullable = false;
    single->origin = origin;
    const ExprPtr checked =
        MakeCall("if", {single, AttributeOf(aggregate->aggregates[0]), MakeLiteral(Value::Null(wanted->type))},
                 wanted->type, true);
    const ExprPtr alias = MakeAlias(checked, "scalar");
    *value = AttributeOf(alias);
    std::vector<ExprPtr> list = keys;
    list.push_back(alias);
    return MakeProject(std::move(list), aggregate);
  }

  QueryContextPtr context_;
};

}  // namespace

PlanPtr UnnestSubqueries(const PlanPtr& plan, const QueryContextPtr& context) {
  return Unnester(context).Rewrite(plan);
}

}  // namespace centella::rules
