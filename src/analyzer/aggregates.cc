// GROUP BY: grouping expressions, checks of the select list, windows above aggregates, HAVING and ORDER BY over them.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

namespace {

ExprPtr Canonical(const ExprPtr& expression) {
  return TransformUp(expression, [](const ExprPtr& e) -> ExprPtr {
    if (const auto* attribute = As<Attribute>(e)) {
      auto copy = std::make_shared<Attribute>();
      copy->id = attribute->id;
      copy->type = attribute->type;
      return copy;
    }
    if (const auto* call = As<Call>(e); call != nullptr && (!call->display.empty() || call->nullable)) {
      auto copy = std::make_shared<Call>(*call);
      copy->display.clear();
      copy->nullable = false;
      return copy;
    }
    if (const auto* aggregate = As<AggregateCall>(e); aggregate != nullptr) {
      auto copy = std::make_shared<AggregateCall>(*aggregate);
      copy->display.clear();
      copy->nullable = false;
      return copy;
    }
    if (const auto* cast = As<Cast>(e); cast != nullptr) {
      auto copy = std::make_shared<Cast>(*cast);
      copy->implicit = false;
      copy->nullable = false;
      copy->mode_given = false;
      return copy;
    }
    return e;
  });
}

const ExprPtr& WithoutAlias(const ExprPtr& expression) {
  const auto* alias = As<Alias>(expression);
  return alias == nullptr ? expression : alias->child;
}

}  // namespace

bool SameMeaning(const ExprPtr& a, const ExprPtr& b) {
  if (a == b) return true;
  if (a->kind() != b->kind()) return false;
  if (const auto* attribute = As<Attribute>(a)) return attribute->id == To<Attribute>(b).id;
  if (const auto* call = As<Call>(a); call != nullptr && call->function != To<Call>(b).function) return false;
  if (const auto* call = As<AggregateCall>(a); call != nullptr && call->function != To<AggregateCall>(b).function) {
    return false;
  }
  return SameExpression(Canonical(a), Canonical(b));
}

Relation Analysis::ResolveAggregate(const Aggregate& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  std::vector<SelectItem> items = ResolveSelectList(node.aggregates, scope);
  std::vector<ExprPtr> list;
  for (const SelectItem& item : items) list.push_back(item.expression);
  if (node.grouping_kind == GroupingKind::kAll) {
    std::vector<ExprPtr> all = GroupByAll(items);
    return BuildAggregate(child, std::move(all), std::move(items), node);
  }
  Scope grouping_scope = scope;
  grouping_scope.group_aliases = &list;
  if (std::optional<GroupingSets> sets = FindGroupingSets(node, list, grouping_scope)) {
    return BuildGroupingSets(child, *sets, std::move(items), node);
  }
  std::vector<ExprPtr> grouping;
  for (const ExprPtr& item : node.grouping) grouping.push_back(ResolveGroupingItem(item, list, grouping_scope));
  return BuildAggregate(child, std::move(grouping), std::move(items), node);
}

ExprPtr Analysis::ResolveGroupingItem(const ExprPtr& item, const std::vector<ExprPtr>& list, const Scope& scope) {
  if (const auto* literal = As<Literal>(item);
      literal != nullptr && literal->value.type()->is(TypeId::kInt) && !literal->value.is_null()) {
    int64_t position = literal->value.integer();
    if (position < 1 || position > static_cast<int64_t>(list.size())) {
      RaiseAt(item->origin, Condition::GROUP_BY_POS_OUT_OF_RANGE,
              {{"index", std::to_string(position)}, {"size", std::to_string(list.size())}});
    }
    const ExprPtr& chosen = list[position - 1];
    if (ContainsAggregate(chosen)) {
      const auto* alias = As<Alias>(chosen);
      std::string sql = QualifiedSql(WithoutAlias(chosen));
      if (alias != nullptr) sql += " AS " + QuoteName(alias->name());
      RaiseAt(item->origin, Condition::GROUP_BY_POS_AGGREGATE, {{"index", std::to_string(position)}, {"aggExpr", sql}});
    }
    return WithoutAlias(chosen);
  }
  ExprPtr resolved = ResolveExpression(item, scope);
  resolved = WithoutAlias(resolved);
  CheckGroupingExpression(resolved);
  return resolved;
}

void Analysis::CheckGroupingExpression(const ExprPtr& expression) {
  Walk(expression, [&](const ExprPtr& e) {
    if (e->kind() == ExprKind::kAggregate) {
      RaiseAt(e->origin, Condition::GROUP_BY_AGGREGATE, {{"sqlExpr", QualifiedSql(e)}});
    }
    return true;
  });
  if (ContainsWindow(expression)) {
    RaiseAt(nullptr, Condition::WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE, {{"clauseName", "GROUP BY"}});
  }
  if (ContainsGenerator(expression)) {
    RaiseAt(nullptr, Condition::UNSUPPORTED_GENERATOR__OUTSIDE_SELECT, {{"plan", "'Aggregate"}});
  }
}

std::vector<ExprPtr> Analysis::GroupByAll(const std::vector<SelectItem>& items) {
  std::vector<ExprPtr> grouping;
  for (const SelectItem& item : items) {
    if (ContainsAggregate(item.expression)) continue;
    const ExprPtr& expression = WithoutAlias(item.expression);
    std::vector<ExprPtr> used;
    CollectAttributes(expression, &used);
    if (used.empty()) continue;
    grouping.push_back(expression);
  }
  return grouping;
}

namespace {

bool IsGrouping(const ExprPtr& expression, const std::vector<ExprPtr>& grouping) {
  return std::any_of(grouping.begin(), grouping.end(), [&](const ExprPtr& g) { return SameMeaning(expression, g); });
}

[[noreturn]] void RaiseNotGrouped(const ExprPtr& expression, bool has_grouping, const LogicalPlan& source) {
  if (!has_grouping) RaiseAt(source.origin, Condition::MISSING_GROUP_BY);
  std::string sql = ExpressionSql(expression);
  RaiseAt(nullptr, Condition::MISSING_AGGREGATION,
          {{"expression", "\"" + sql + "\""}, {"expressionAnyValue", "\"any_value(" + sql + ")\""}});
}

}  // namespace

void Analysis::CheckAggregateItem(const ExprPtr& expression, const std::vector<ExprPtr>& grouping,
                                  const LogicalPlan& source) {
  if (expression->kind() == ExprKind::kAggregate || IsGrouping(expression, grouping)) return;
  if (expression->kind() == ExprKind::kAttribute) RaiseNotGrouped(expression, !grouping.empty(), source);
  if (const auto* call = As<Call>(expression);
      call != nullptr && (call->function == "grouping" || call->function == "grouping_id")) {
    RaiseAt(expression->origin, Condition::UNSUPPORTED_GROUPING_EXPRESSION);
  }
  if (expression->kind() == ExprKind::kSubquery) {
    std::vector<ExprPtr> used;
    CollectAttributes(expression, &used);
    for (const ExprPtr& attribute : used) {
      if (!IsGrouping(attribute, grouping)) RaiseNotGrouped(attribute, !grouping.empty(), source);
    }
    if (!used.empty() && To<Subquery>(expression).subquery == SubqueryKind::kScalar) {
      RaiseAt(expression->origin, Condition::SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION,
              {{"sqlExpr", QuoteSql(expression)}});
    }
    return;
  }
  for (const ExprPtr& child : ChildrenOf(*expression)) CheckAggregateItem(child, grouping, source);
}

Relation Analysis::BuildAggregate(const Relation& child, std::vector<ExprPtr> grouping, std::vector<SelectItem> items,
                                  const LogicalPlan& source) {
  bool layered = std::any_of(items.begin(), items.end(), [](const SelectItem& item) {
    return item.stage > 0 || ContainsWindow(item.expression) || ContainsGenerator(item.expression);
  });
  std::vector<ExprPtr> all = grouping;
  for (const SelectItem& item : items) all.push_back(item.expression);
  auto aggregate = std::make_shared<Aggregate>();
  aggregate->grouping = grouping;
  aggregate->child = ExposeUsed(child, all, nullptr);
  aggregate->plan_id = source.plan_id;
  aggregate->origin = source.origin;
  PlanPtr plan;
  if (!layered) {
    for (const SelectItem& item : items) {
      CheckAggregateItem(WithoutAlias(item.expression), grouping, source);
      aggregate->aggregates.push_back(item.expression);
    }
    plan = aggregate;
  } else {
    AggregateSplit split;
    split.grouping = grouping;
    split.grouping_names.resize(grouping.size());
    for (SelectItem& item : items) {
      if (const auto* alias = As<Alias>(item.expression)) {
        auto copy = std::make_shared<Alias>(*alias);
        copy->child = SplitExpression(alias->child, &split, child, source, false);
        item.expression = copy;
      } else {
        item.expression = SplitExpression(item.expression, &split, child, source, false);
        if (item.expression->kind() != ExprKind::kAttribute) item.expression = Named(item.expression, item.expression);
      }
    }
    aggregate->aggregates = split.outputs;
    plan = BuildProjections(aggregate, std::move(items), source);
  }
  Relation out = Above(plan, source, {&child});
  out.below = std::make_shared<Relation>(child);
  auto info = std::make_shared<AggregateInfo>();
  info->node = aggregate;
  for (const ExprPtr& expression : grouping) info->written.emplace_back(expression, expression);
  out.aggregate = std::move(info);
  return out;
}

ExprPtr Analysis::SplitExpression(const ExprPtr& expression, AggregateSplit* split, const Relation& child,
                                  const LogicalPlan& source, bool window_function) {
  for (size_t i = 0; i < split->grouping.size(); ++i) {
    if (!SameMeaning(expression, split->grouping[i])) continue;
    ExprPtr& named = split->grouping_names[i];
    if (named == nullptr) {
      named = expression->kind() == ExprKind::kAttribute ? expression : MakeAlias(expression, ColumnNameOf(expression));
      split->outputs.push_back(named);
    }
    return ToAttribute(named);
  }
  if (expression->kind() == ExprKind::kAggregate && !window_function) {
    for (const ExprPtr& output : split->outputs) {
      if (SameMeaning(WithoutAlias(output), expression)) return ToAttribute(output);
    }
    ExprPtr alias = MakeAlias(expression, ColumnNameOf(expression));
    split->outputs.push_back(alias);
    return ToAttribute(alias);
  }
  if (const auto* attribute = As<Attribute>(expression)) {
    // A lateral alias' attribute is computed above.
    if (child.output->IndexOf(attribute->id) < 0) return expression;
    RaiseNotGrouped(expression, !split->grouping.empty(), source);
  }
  if (expression->kind() == ExprKind::kSubquery) {
    std::vector<ExprPtr> used;
    CollectAttributes(expression, &used);
    for (const ExprPtr& attribute : used) SplitExpression(attribute, split, child, source, false);
  }
  if (const auto* window = As<WindowExpr>(expression)) {
    auto copy = std::make_shared<WindowExpr>(*window);
    copy->function = SplitExpression(window->function, split, child, source, true);
    for (ExprPtr& e : copy->partition_by) e = SplitExpression(e, split, child, source, false);
    for (ExprPtr& e : copy->order_by) e = SplitExpression(e, split, child, source, false);
    return copy;
  }
  return MapChildren(expression, [&](const ExprPtr& e) { return SplitExpression(e, split, child, source, false); });
}

// ---- HAVING, ORDER BY ---------------------------------------------------------------------------------------------

ExprPtr Analysis::MapOverAggregate(const ExprPtr& expression, const Relation& relation, std::vector<ExprPtr>* added) {
  const AggregateInfo& info = *relation.aggregate;
  if (const auto* attribute = As<Attribute>(expression)) {
    if (relation.output->IndexOf(attribute->id) >= 0) return expression;
  }
  auto provide = [&](const ExprPtr& wanted) {
    for (const std::vector<ExprPtr>* outputs :
         {&info.node->aggregates, const_cast<const std::vector<ExprPtr>*>(added)}) {
      for (const ExprPtr& output : *outputs) {
        if (SameMeaning(WithoutAlias(output), wanted)) return ToAttribute(output);
      }
    }
    ExprPtr named = wanted->kind() == ExprKind::kAttribute ? wanted : MakeAlias(wanted, ColumnNameOf(wanted));
    added->push_back(named);
    return ToAttribute(named);
  };
  for (const auto& [written, stands] : info.written) {
    if (SameMeaning(expression, written) || SameMeaning(expression, stands)) return provide(stands);
  }
  if (expression->kind() == ExprKind::kAggregate) return provide(expression);
  if (const auto* call = As<Call>(expression);
      call != nullptr && (call->function == "grouping" || call->function == "grouping_id")) {
    if (info.grouping_id == nullptr) RaiseAt(call->origin, Condition::UNSUPPORTED_GROUPING_EXPRESSION);
    // The list may put out the grouped column: what it was made from counts.
    Call written = *call;
    for (ExprPtr& arg : written.args) {
      for (const auto& [from, stands] : info.written) {
        if (SameMeaning(arg, stands)) arg = from;
      }
    }
    return MapOverAggregate(GroupingBits(written, info.grouping_sets, info.grouping_id), relation, added);
  }
  if (const auto* attribute = As<Attribute>(expression)) {
    for (const ExprPtr& output : info.node->aggregates) {
      if (To<Attribute>(ToAttribute(output)).id == attribute->id) return expression;
    }
    if (info.grouping_id != nullptr && SameMeaning(expression, info.grouping_id)) return provide(expression);
    if (relation.below != nullptr && relation.below->output->IndexOf(attribute->id) < 0) return expression;
    RaiseAt(expression->origin, Condition::UNRESOLVED_COLUMN__WITH_SUGGESTION,
            {{"objectName", QuoteName(attribute->name)},
             {"proposal", SuggestNames({attribute->name}, relation.output->columns())}});
  }
  if (const auto* window = As<WindowExpr>(expression)) {
    auto copy = std::make_shared<WindowExpr>(*window);
    copy->function =
        MapChildren(window->function, [&](const ExprPtr& e) { return MapOverAggregate(e, relation, added); });
    for (ExprPtr& e : copy->partition_by) e = MapOverAggregate(e, relation, added);
    for (ExprPtr& e : copy->order_by) e = MapOverAggregate(e, relation, added);
    return copy;
  }
  return MapChildren(expression, [&](const ExprPtr& e) { return MapOverAggregate(e, relation, added); });
}

std::vector<ExprPtr> Analysis::ResolveOverAggregate(const std::vector<ExprPtr>& expressions, Relation* relation,
                                                    const Scope* outer) {
  Scope scope;
  scope.input = relation;
  scope.outer = outer;
  scope.aggregate_input = relation->below.get();
  if (relation->below != nullptr) scope.below.push_back(relation->below.get());
  std::vector<ExprPtr> added, out;
  for (const ExprPtr& expression : expressions) {
    ExprPtr resolved = expression->kind() == ExprKind::kSortOrder ? ResolveOrder(expression, scope)
                                                                  : ResolveExpression(expression, scope);
    out.push_back(MapOverAggregate(WithoutAlias(resolved), *relation, &added));
  }
  if (!added.empty()) {
    relation->plan = AddToAggregate(relation->plan, relation->aggregate->node.get(), added);
    auto info = std::make_shared<AggregateInfo>(*relation->aggregate);
    PlanPtr at = relation->plan;
    while (at->kind() != PlanKind::kAggregate) at = ChildrenOf(*at)[0];
    info->node = std::static_pointer_cast<const Aggregate>(at);
    relation->aggregate = std::move(info);
  }
  // Columns of the Aggregate that a projection above it left out.
  std::vector<ExprPtr> used, missing;
  for (const ExprPtr& expression : out) CollectAttributes(expression, &used);
  for (const ExprPtr& attribute : used) {
    if (relation->output->IndexOf(To<Attribute>(attribute).id) < 0) missing.push_back(attribute);
  }
  if (!missing.empty()) {
    PlanPtr exposed = Expose(relation->plan, missing);
    CENTELLA_CHECK(exposed != nullptr, "an aggregate's column is out of reach");
    relation->plan = exposed;
  }
  return out;
}

PlanPtr Analysis::AddToAggregate(const PlanPtr& plan, const LogicalPlan* aggregate, const std::vector<ExprPtr>& added) {
  if (plan.get() == aggregate) {
    auto copy = std::make_shared<Aggregate>(To<Aggregate>(plan));
    copy->aggregates.insert(copy->aggregates.end(), added.begin(), added.end());
    return copy;
  }
  CENTELLA_CHECK(ChildrenOf(*plan).size() == 1, "the aggregate of a select is out of reach");
  return MapChildren(plan, [&](const PlanPtr& child) { return AddToAggregate(child, aggregate, added); });
}

}  // namespace centella
