// SELECT lists: stars, lateral aliases, implicit aggregation, and the layers of generators, windows and projections
// that compute them; exposing columns that a select left out.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

bool ContainsAggregate(const ExprPtr& expression) {
  bool found = false;
  std::function<void(const ExprPtr&)> walk = [&](const ExprPtr& e) {
    if (found) return;
    if (e->kind() == ExprKind::kAggregate) {
      found = true;
      return;
    }
    if (const auto* window = As<WindowExpr>(e)) {
      // sum(x) OVER (…) isn't an aggregation, but sum(sum(x)) OVER (…) holds one.
      for (const ExprPtr& child : ChildrenOf(*window->function)) walk(child);
      for (const ExprPtr& child : window->partition_by) walk(child);
      for (const ExprPtr& child : window->order_by) walk(child);
      return;
    }
    for (const ExprPtr& child : ChildrenOf(*e)) walk(child);
  };
  walk(expression);
  return found;
}

bool ContainsWindow(const ExprPtr& expression) {
  return Any(expression, [](const ExprPtr& e) { return e->kind() == ExprKind::kWindow; });
}

void CollectAttributes(const ExprPtr& expression, std::vector<ExprPtr>* out) {
  Walk(expression, [&](const ExprPtr& e) {
    if (e->kind() == ExprKind::kAttribute) out->push_back(e);
    if (const auto* subquery = As<Subquery>(e); subquery != nullptr && subquery->plan != nullptr) {
      // A correlated subquery uses this relation's columns too.
      Walk(subquery->plan, [&](const PlanPtr& plan) {
        for (const ExprPtr& inner : ExpressionsOf(*plan)) {
          Walk(inner, [&](const ExprPtr& x) {
            if (const auto* outer = As<OuterReference>(x)) out->push_back(outer->attribute);
            return x->kind() != ExprKind::kOuterReference;
          });
        }
        return true;
      });
    }
    return e->kind() != ExprKind::kOuterReference;
  });
}

std::vector<Analysis::SelectItem> Analysis::ResolveSelectList(const std::vector<ExprPtr>& list, const Scope& scope) {
  std::vector<SelectItem> items;
  std::vector<LateralAlias> lateral;
  items.reserve(list.size());
  for (const ExprPtr& written : list) {
    std::vector<ExprPtr> columns;
    if (ExpandStar(written, scope, &columns)) {
      for (ExprPtr& column : columns) items.push_back({Named(column, column), 0});
      continue;
    }
    int stage = 0;
    Scope inner = scope;
    inner.lateral = &lateral;
    inner.stage = &stage;
    ExprPtr resolved = Named(ResolveExpression(written, inner), written);
    items.push_back({resolved, stage});
    const auto* alias = As<Alias>(resolved);
    if (alias != nullptr && !alias->implicit && alias->names.size() == 1 && !IsGenerator(alias->child)) {
      lateral.push_back({alias->name(), ToAttribute(resolved), stage});
    }
  }
  return items;
}

Relation Analysis::ResolveProject(const Project& node, const Scope* outer) {
  Relation child;
  if (node.child == nullptr) {
    RaiseInternal(__FILE__, __LINE__, "a projection without a child");
  }
  child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  std::vector<SelectItem> items = ResolveSelectList(node.expressions, scope);
  bool aggregates = std::any_of(items.begin(), items.end(),
                                [](const SelectItem& item) { return ContainsAggregate(item.expression); });
  if (aggregates) return BuildAggregate(child, {}, std::move(items), node);
  std::vector<ExprPtr> list;
  for (const SelectItem& item : items) list.push_back(item.expression);
  CheckProjectList(list, node);
  Relation input = child;
  input.plan = ExposeUsed(child, list, nullptr);
  Relation out = Above(BuildProjections(input.plan, std::move(items), node), node, {&child});
  out.below = std::make_shared<Relation>(std::move(child));
  return out;
}

PlanPtr Analysis::BuildProjections(PlanPtr child, std::vector<SelectItem> items, const LogicalPlan& source) {
  int stages = 0;
  for (const SelectItem& item : items) stages = std::max(stages, item.stage);
  std::vector<ExprPtr> final_list;
  for (const SelectItem& item : items) final_list.push_back(item.expression);
  if (stages == 0) return BuildStage(std::move(child), std::move(final_list), source);
  // Items that later ones refer to are computed in projections below, stage by stage.
  for (int stage = 0; stage < stages; ++stage) {
    std::vector<ExprPtr> list = OutputOf(child);
    for (SelectItem& item : items) {
      if (item.stage != stage || item.expression->kind() != ExprKind::kAlias) continue;
      list.push_back(item.expression);
    }
    child = BuildStage(std::move(child), std::move(list), source);
    for (SelectItem& item : items) {
      if (item.stage == stage && item.expression->kind() == ExprKind::kAlias) {
        if (To<Alias>(item.expression).names.size() == 1) item.expression = ToAttribute(item.expression);
      }
    }
  }
  final_list.clear();
  for (const SelectItem& item : items) final_list.push_back(item.expression);
  return BuildStage(std::move(child), std::move(final_list), source);
}

PlanPtr Analysis::BuildStage(PlanPtr child, std::vector<ExprPtr> list, const LogicalPlan& source) {
  if (std::any_of(list.begin(), list.end(), ContainsGenerator)) {
    child = ExtractGenerators(std::move(child), &list, source);
  }
  if (std::any_of(list.begin(), list.end(), ContainsWindow)) child = ExtractWindows(std::move(child), &list);
  auto project = std::make_shared<Project>();
  project->expressions = std::move(list);
  project->child = std::move(child);
  project->plan_id = source.plan_id;
  project->origin = source.origin;
  return project;
}

// ---- columns that were left out -----------------------------------------------------------------------------------

namespace {

bool PutsOut(const PlanPtr& plan, const std::vector<ExprPtr>& attributes) {
  std::vector<ExprPtr> output = OutputOf(plan);
  return std::all_of(attributes.begin(), attributes.end(), [&](const ExprPtr& wanted) {
    return std::any_of(output.begin(), output.end(),
                       [&](const ExprPtr& column) { return To<Attribute>(column).id == To<Attribute>(wanted).id; });
  });
}

template <typename Node>
PlanPtr ReplaceChild(const Node& node, PlanPtr child) {
  if (child == nullptr) return nullptr;
  auto copy = std::make_shared<Node>(node);
  copy->child = std::move(child);
  return copy;
}

}  // namespace

PlanPtr Analysis::Expose(const PlanPtr& plan, const std::vector<ExprPtr>& attributes) {
  if (PutsOut(plan, attributes)) return plan;
  switch (plan->kind()) {
    case PlanKind::kProject: {
      const auto& project = To<Project>(plan);
      std::vector<ExprPtr> missing;
      std::vector<ExprPtr> output = OutputOf(plan);
      for (const ExprPtr& wanted : attributes) {
        ExprId id = To<Attribute>(wanted).id;
        auto has = [&](const std::vector<ExprPtr>& columns) {
          return std::any_of(columns.begin(), columns.end(),
                             [&](const ExprPtr& column) { return To<Attribute>(column).id == id; });
        };
        if (!has(output) && !has(missing)) missing.push_back(wanted);
      }
      PlanPtr child = Expose(project.child, missing);
      if (child == nullptr) return nullptr;
      auto copy = std::make_shared<Project>(project);
      copy->child = child;
      // As the child has them: its nullability, not what the name was found with.
      for (const ExprPtr& column : OutputOf(child)) {
        for (const ExprPtr& wanted : missing) {
          if (To<Attribute>(wanted).id == To<Attribute>(column).id) copy->expressions.push_back(column);
        }
      }
      return copy;
    }
    case PlanKind::kFilter: return ReplaceChild(To<Filter>(plan), Expose(To<Filter>(plan).child, attributes));
    case PlanKind::kSort: return ReplaceChild(To<Sort>(plan), Expose(To<Sort>(plan).child, attributes));
    case PlanKind::kSample: return ReplaceChild(To<Sample>(plan), Expose(To<Sample>(plan).child, attributes));
    case PlanKind::kRepartition:
      return ReplaceChild(To<Repartition>(plan), Expose(To<Repartition>(plan).child, attributes));
    case PlanKind::kWindow: return ReplaceChild(To<Window>(plan), Expose(To<Window>(plan).child, attributes));
    case PlanKind::kGenerate: return ReplaceChild(To<Generate>(plan), Expose(To<Generate>(plan).child, attributes));
    case PlanKind::kSubqueryAlias:
      return ReplaceChild(To<SubqueryAlias>(plan), Expose(To<SubqueryAlias>(plan).child, attributes));
    case PlanKind::kJoin: {
      // The key columns of a USING join below this one: each attribute comes from one side.
      const auto& join = To<Join>(plan);
      auto copy = std::make_shared<Join>(join);
      std::vector<ExprPtr> output = OutputOf(plan);
      for (const ExprPtr& wanted : attributes) {
        if (PutsOut(copy, {wanted})) continue;
        if (PlanPtr left = Expose(copy->left, {wanted})) {
          copy->left = left;
        } else if (PlanPtr right = Expose(copy->right, {wanted})) {
          copy->right = right;
        } else {
          return nullptr;
        }
      }
      return copy;
    }
    default: return nullptr;
  }
}

PlanPtr Analysis::ExposeUsed(const Relation& relation, const std::vector<ExprPtr>& expressions, bool* changed) {
  if (changed != nullptr) *changed = false;
  if (relation.hidden.empty() && relation.below == nullptr) return relation.plan;
  std::vector<ExprPtr> used, missing;
  for (const ExprPtr& expression : expressions) CollectAttributes(expression, &used);
  for (const ExprPtr& attribute : used) {
    ExprId id = To<Attribute>(attribute).id;
    if (relation.output->IndexOf(id) >= 0) continue;
    bool known =
        std::any_of(missing.begin(), missing.end(), [&](const ExprPtr& m) { return To<Attribute>(m).id == id; });
    if (!known) missing.push_back(attribute);
  }
  if (missing.empty()) return relation.plan;
  PlanPtr plan = Expose(relation.plan, missing);
  if (plan == nullptr) {
    const auto& attribute = To<Attribute>(missing[0]);
    RaiseAt(missing[0]->origin, Condition::UNRESOLVED_COLUMN__WITH_SUGGESTION,
            {{"objectName", QuoteName(attribute.name)},
             {"proposal", SuggestNames({attribute.name}, relation.output->columns())}});
  }
  if (changed != nullptr) *changed = true;
  return plan;
}

}  // namespace centella
