// Takes the correlated predicates out of a subquery's plan.
#include "optimizer/decorrelate.h"

#include <map>

#include "optimizer/attributes.h"
#include "optimizer/dependent_join.h"
#include "plan/transform.h"

namespace centella {
namespace {

class Decorrelator {
 public:
  Decorrelator(const ExprIdSet& outer, bool keep_rows) : outer_(outer), keep_rows_(keep_rows) {}

  PlanPtr Pull(const PlanPtr& plan, std::vector<ExprPtr>* conditions) {
    if (!HasOuter(plan)) return plan;
    switch (plan->kind()) {
      case PlanKind::kFilter: return PullFilter(To<Filter>(plan), conditions);
      case PlanKind::kProject: return PullProject(To<Project>(plan), conditions);
      case PlanKind::kAggregate: return PullAggregate(To<Aggregate>(plan), conditions);
      case PlanKind::kJoin: return PullJoin(To<Join>(plan), conditions);
      case PlanKind::kSort:
        // Order inside a subquery means nothing once it's joined.
        return Pull(To<Sort>(plan).child, conditions);
      case PlanKind::kSubqueryAlias: return Pull(To<SubqueryAlias>(plan).child, conditions);
      default: return Refuse();
    }
  }

  // Whether some correlation can't stand in a join's condition: then what Pull gave means nothing.
  bool refused() const { return refused_; }

 private:
  PlanPtr Refuse() {
    refused_ = true;
    auto nothing = std::make_shared<LocalRelation>();
    nothing->schema = types::Struct({});
    return nothing;
  }

  // Of the enclosing query itself: columns of queries further out stay references.
  bool HasOuter(const ExprPtr& expression) const {
    return Any(expression, [this](const ExprPtr& node) { return IsOuter(node); });
  }
  bool IsOuter(const ExprPtr& node) const {
    const auto* outer = As<OuterReference>(node);
    return outer != nullptr && outer_.contains(To<Attribute>(outer->attribute).id);
  }
  bool HasOuter(const PlanPtr& plan) const {
    bool found = false;
    Walk(plan, [&](const PlanPtr& node) {
      for (const ExprPtr& expression : ExpressionsOf(*node)) found = found || HasOuter(expression);
      return !found;
    });
    return found;
  }
  // Outer references become plain columns: in the join's condition the outer query is at hand.
  ExprPtr WithoutOuter(const ExprPtr& expression) const {
    return TransformDown(expression, [this](const ExprPtr& node) -> ExprPtr {
      return IsOuter(node) ? To<OuterReference>(node).attribute : node;
    });
  }

  PlanPtr PullFilter(const Filter& filter, std::vector<ExprPtr>* conditions) {
    PlanPtr child = Pull(filter.child, conditions);
    std::vector<ExprPtr> rest;
    for (const ExprPtr& term : SplitConjunction(filter.condition)) {
      if (HasOuter(term)) {
        conditions->push_back(WithoutOuter(term));
      } else {
        rest.push_back(term);
      }
    }
    return rest.empty() ? child : MakeFilter(Conjunction(std::move(rest)), child);
  }

  // Columns of `child` that the conditions need and `output` doesn't have.
  static std::vector<ExprPtr> Missing(const std::vector<ExprPtr>& conditions, const std::vector<ExprPtr>& output,
                                      const PlanPtr& child) {
    ExprIdSet needed;
    for (const ExprPtr& condition : conditions) AddReferences(condition, &needed);
    for (const ExprPtr& expression : output) needed.erase(DefinedId(expression));
    std::vector<ExprPtr> missing;
    for (const ExprPtr& attribute : OutputOf(child)) {
      if (needed.contains(To<Attribute>(attribute).id)) missing.push_back(attribute);
    }
    return missing;
  }

  PlanPtr PullProject(const Project& project, std::vector<ExprPtr>* conditions) {
    for (const ExprPtr& expression : project.expressions) {
      if (HasOuter(expression)) return Refuse();
    }
    const PlanPtr child = Pull(project.child, conditions);
    std::vector<ExprPtr> expressions = project.expressions;
    for (const ExprPtr& attribute : Missing(*conditions, expressions, child)) expressions.push_back(attribute);
    return MakeProject(std::move(expressions), child);
  }

  // The inner sides of correlated equalities become grouping columns.
  PlanPtr PullAggregate(const Aggregate& aggregate, std::vector<ExprPtr>* conditions) {
    for (const ExprPtr& expression : aggregate.aggregates) {
      if (HasOuter(expression)) return Refuse();
    }
    // Without groups there is a row for every outer row, matches or not: a scalar value's caller knows what it is.
    if (aggregate.grouping.empty() && !keep_rows_) return Refuse();
    std::vector<ExprPtr> pulled;
    const PlanPtr child = Pull(aggregate.child, &pulled);
    const ExprIdSet inner = OutputIds(child);
    auto copy = std::make_shared<Aggregate>(aggregate);
    copy->child = child;
    for (const ExprPtr& condition : pulled) {
      ExprIdSet used;
      AddReferences(condition, &used);
      const Call* call = As<Call>(condition);
      const bool equality = call != nullptr && (call->function == "=" || call->function == "<=>");
      bool from_inner = false;
      for (ExprId id : used) from_inner = from_inner || inner.contains(id);
      if (from_inner && keep_rows_ && !equality) return Refuse();
      for (const ExprPtr& attribute : OutputOf(child)) {
        const ExprId id = To<Attribute>(attribute).id;
        if (!used.contains(id)) continue;
        bool grouped = false, given = false;
        for (const ExprPtr& each : copy->grouping) {
          grouped = grouped || (As<Attribute>(each) != nullptr && To<Attribute>(each).id == id);
        }
        for (const ExprPtr& each : copy->aggregates) given = given || DefinedId(each) == id;
        if (!grouped) copy->grouping.push_back(attribute);
        if (!given) copy->aggregates.push_back(attribute);
      }
    }
    conditions->insert(conditions->end(), pulled.begin(), pulled.end());
    return copy;
  }

  PlanPtr PullJoin(const Join& join, std::vector<ExprPtr>* conditions) {
    const bool inner = join.type == JoinType::kInner || join.type == JoinType::kCross;
    const bool left_only =
        join.type == JoinType::kLeft || join.type == JoinType::kLeftSemi || join.type == JoinType::kLeftAnti;
    if (!inner && !left_only) return Refuse();
    if (!inner && HasOuter(join.right)) return Refuse();
    auto copy = std::make_shared<Join>(join);
    copy->left = Pull(join.left, conditions);
    if (inner) copy->right = Pull(join.right, conditions);
    if (join.condition != nullptr && HasOuter(join.condition)) {
      if (!inner) return Refuse();
      std::vector<ExprPtr> rest;
      for (const ExprPtr& term : SplitConjunction(join.condition)) {
        if (HasOuter(term)) {
          conditions->push_back(WithoutOuter(term));
        } else {
          rest.push_back(term);
        }
      }
      copy->condition = rest.empty() ? nullptr : Conjunction(std::move(rest));
    }
    return copy;
  }

  const ExprIdSet& outer_;
  bool keep_rows_;
  bool refused_ = false;
};

// The expression that makes the scalar's first output column, down to the global aggregate.
bool FindScalarAggregate(const PlanPtr& plan, ExprPtr* value, bool* grouped) {
  if (const Aggregate* aggregate = As<Aggregate>(plan)) {
    std::map<ExprId, ExprPtr> definitions;
    for (const ExprPtr& each : aggregate->aggregates) {
      if (const Alias* alias = As<Alias>(each)) definitions[alias->id] = alias->child;
    }
    *value = Substitute(*value, definitions);
    *grouped = !aggregate->grouping.empty();
    return true;
  }
  if (const Project* project = As<Project>(plan)) {
    std::map<ExprId, ExprPtr> definitions;
    for (const ExprPtr& each : project->expressions) {
      if (const Alias* alias = As<Alias>(each)) definitions[alias->id] = alias->child;
    }
    *value = Substitute(*value, definitions);
    return FindScalarAggregate(project->child, value, grouped);
  }
  return false;
}

}  // namespace

std::optional<Decorrelated> Decorrelate(const PlanPtr& plan, const ExprIdSet& outer, bool keep_rows) {
  Decorrelated result;
  Decorrelator decorrelator(outer, keep_rows);
  result.plan = decorrelator.Pull(plan, &result.conditions);
  if (decorrelator.refused()) return std::nullopt;
  if (!keep_rows || result.conditions.empty()) return result;
  ExprPtr value = OutputOf(plan)[0];
  bool grouped = false;
  if (!FindScalarAggregate(plan, &value, &grouped) || grouped) return std::nullopt;
  result.value_without_rows = ValueWithoutRows(value);
  return result;
}

PlanPtr WithFreshIds(const PlanPtr& plan) {
  std::map<ExprId, ExprId> fresh;
  auto renew = [&](ExprId id) {
    const auto [at, added] = fresh.try_emplace(id, 0);
    if (added) at->second = NextExprId();
    return at->second;
  };
  // Definitions first: every id that some node of the plan gives out.
  ExprIdSet defined;
  Walk(plan, [&](const PlanPtr& node) {
    for (ExprId id : OutputIds(node)) defined.insert(id);
    return true;
  });
  return TransformUp(plan, [&](const PlanPtr& node) -> PlanPtr {
    return MapExpressions(node, [&](const ExprPtr& expression) {
      return TransformUp(expression, [&](const ExprPtr& each) -> ExprPtr {
        if (const Attribute* attribute = As<Attribute>(each); attribute != nullptr && defined.contains(attribute->id)) {
          auto copy = std::static_pointer_cast<Attribute>(each->Clone());
          copy->id = renew(attribute->id);
          return copy;
        }
        if (const Alias* alias = As<Alias>(each); alias != nullptr && defined.contains(alias->id)) {
          auto copy = std::static_pointer_cast<Alias>(each->Clone());
          copy->id = renew(alias->id);
          return copy;
        }
        return each;
      });
    });
  });
}

}  // namespace centella
