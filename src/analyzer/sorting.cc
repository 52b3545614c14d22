// ORDER BY: over the select list's columns, columns that it left out, aggregates, ordinals and ALL.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

void Analysis::CheckOrder(const ExprPtr& order) {
  const auto& sort = To<SortOrder>(order);
  if (IsOrderable(*sort.child->type)) return;
  RaiseAt(sort.child->origin ? sort.child->origin : order->origin, Condition::DATATYPE_MISMATCH__INVALID_ORDERING_TYPE,
          {{"functionName", "`sortorder`"}, {"dataType", QuoteType(sort.child->type)}, {"sqlExpr", QuoteSql(order)}});
}

ExprPtr Analysis::ResolveOrder(const ExprPtr& order, const Scope& scope) {
  auto copy = std::make_shared<SortOrder>();
  if (const auto* sort = As<SortOrder>(order)) *copy = *sort;
  if (copy->child == nullptr) copy->child = order;
  copy->child = ResolveExpression(copy->child, scope);
  // Ordering by an alias of its own means ordering by what it names.
  while (const auto* alias = As<Alias>(copy->child)) copy->child = alias->child;
  copy->type = copy->child->type;
  copy->nullable = copy->child->nullable;
  CheckOrder(copy);
  return copy;
}

namespace {

// ORDER BY 2: the column at that position, when the expression is an integer literal.
ExprPtr OrdinalColumn(const ExprPtr& order, const std::vector<ExprPtr>& columns) {
  const auto* sort = As<SortOrder>(order);
  if (sort == nullptr) return nullptr;
  const auto* literal = As<Literal>(sort->child);
  if (literal == nullptr || !literal->value.type()->is(TypeId::kInt) || literal->value.is_null()) return nullptr;
  int64_t position = literal->value.integer();
  if (position < 1 || position > static_cast<int64_t>(columns.size())) {
    RaiseAt(sort->child->origin ? sort->child->origin : order->origin, Condition::ORDER_BY_POS_OUT_OF_RANGE,
            {{"index", std::to_string(position)}, {"size", std::to_string(columns.size())}});
  }
  auto copy = std::make_shared<SortOrder>(*sort);
  copy->child = columns[position - 1];
  copy->type = copy->child->type;
  copy->nullable = copy->child->nullable;
  return copy;
}

}  // namespace

// Spark computes window functions and correlated values for select lists, not for sorts.
void Analysis::CheckSortOnly(const Sort& sort, const LogicalPlan& source) {
  std::string windows;
  for (const ExprPtr& order : sort.order) {
    Walk(order, [&](const ExprPtr& e) {
      if (e->kind() == ExprKind::kWindow) windows += (windows.empty() ? "" : ", ") + QuoteSql(e);
      const auto* subquery = As<Subquery>(e);
      if (subquery != nullptr && subquery->subquery == SubqueryKind::kScalar) {
        std::vector<ExprPtr> outer;
        CollectAttributes(e, &outer);
        if (!outer.empty()) {
          RaiseAt(source.origin,
                  Condition::UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY__UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY,
                  {{"treeNode", "Sort"}});
        }
      }
      return e->kind() != ExprKind::kWindow;
    });
  }
  if (!windows.empty()) {
    RaiseAt(source.origin, Condition::UNSUPPORTED_EXPR_FOR_OPERATOR, {{"invalidExprSqls", windows}});
  }
}

Relation Analysis::ResolveSort(const Sort& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Relation relation = child;
  auto sort = std::make_shared<Sort>(node);
  sort->order.clear();
  sort->all = false;
  if (node.all) {
    for (const ExprPtr& column : child.output->columns()) {
      auto order = std::make_shared<SortOrder>();
      order->child = column;
      order->ascending = node.all_ascending;
      order->nulls_first = node.all_nulls_first;
      order->type = column->type;
      order->nullable = column->nullable;
      CheckOrder(order);
      sort->order.push_back(std::move(order));
    }
  }
  std::vector<ExprPtr> pending;
  for (const ExprPtr& order : node.order) {
    if (ExprPtr ordinal = OrdinalColumn(order, child.output->columns())) {
      CheckOrder(ordinal);
      pending.push_back(ordinal);
    } else {
      pending.push_back(order);
    }
  }
  if (child.aggregate != nullptr) {
    for (ExprPtr& order : ResolveOverAggregate(pending, &relation, outer)) {
      if (order->kind() != ExprKind::kSortOrder) {
        auto wrapped = std::make_shared<SortOrder>();
        wrapped->child = order;
        wrapped->type = order->type;
        order = wrapped;
      }
      CheckOrder(order);
      sort->order.push_back(order);
    }
  } else {
    Scope scope;
    scope.input = &child;
    scope.outer = outer;
    for (const Relation* below = child.below.get(); below != nullptr; below = below->below.get()) {
      scope.below.push_back(below);
    }
    for (const ExprPtr& order : pending) {
      ExprPtr resolved = ResolveOrder(order, scope);
      if (ContainsAggregate(resolved)) {
        RaiseAt(node.origin, Condition::UNSUPPORTED_EXPR_FOR_OPERATOR,
                {{"invalidExprSqls", QuoteSql(To<SortOrder>(resolved).child)}});
      }
      sort->order.push_back(std::move(resolved));
    }
    relation.plan = ExposeUsed(child, sort->order, nullptr);
  }
  CheckSortOnly(*sort, node);
  PlanPtr input = relation.plan;
  sort->child = input;
  if (input == child.plan) return PassThrough(std::move(sort), node, child);
  Relation out = PassThrough(sort, node, relation);
  auto project = std::make_shared<Project>();
  project->expressions = child.output->columns();
  project->child = sort;
  project->plan_id = node.plan_id;
  out.plan = project;
  out.output = child.output;
  return out;
}

}  // namespace centella
