// Conditions move towards the data: through projections, joins, groupings, unions, into scans. A term that can fail
// isn't moved past a join (rows that the join drops must not raise), and nothing random is moved at all.
#include <algorithm>
#include <map>

#include "expression/evaluator.h"
#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

bool Movable(const ExprPtr& term) { return IsDeterministic(term) && !CanFail(term); }

PlanPtr Push(std::vector<ExprPtr> terms, const PlanPtr& plan);

PlanPtr FilterOn(std::vector<ExprPtr> terms, const PlanPtr& plan) {
  return terms.empty() ? plan : MakeFilter(Conjunction(std::move(terms)), plan);
}

// Splits by whether all columns come from `ids`.
void Partition(const std::vector<ExprPtr>& terms, const ExprIdSet& ids, std::vector<ExprPtr>* inside,
               std::vector<ExprPtr>* outside) {
  for (const ExprPtr& term : terms) {
    (Movable(term) && IsSubset(ReferencesOf(term), ids) ? inside : outside)->push_back(term);
  }
}

PlanPtr PushThroughProject(std::vector<ExprPtr> terms, const PlanPtr& plan) {
  const Project& project = To<Project>(plan);
  std::map<ExprId, ExprPtr> definitions;
  ExprIdSet random;
  for (const ExprPtr& expression : project.expressions) {
    const Alias* alias = As<Alias>(expression);
    if (alias == nullptr) continue;
    definitions[alias->id] = alias->child;
    if (!IsDeterministic(alias->child)) random.insert(alias->id);
  }
  std::vector<ExprPtr> below, above;
  for (const ExprPtr& term : terms) {
    bool blocked = !IsDeterministic(term);
    for (ExprId id : ReferencesOf(term)) blocked = blocked || random.contains(id);
    (blocked ? above : below).push_back(blocked ? term : Substitute(term, definitions));
  }
  return FilterOn(std::move(above), MakeProject(project.expressions, Push(std::move(below), project.child)));
}

// What the join type lets through: terms above the join, and terms of its condition.
struct JoinSides {
  bool above_to_left, above_to_right, condition_to_left, condition_to_right, above_to_condition;
};

JoinSides SidesOf(JoinType type) {
  switch (type) {
    case JoinType::kInner:
    case JoinType::kCross: return {true, true, true, true, true};
    case JoinType::kLeft: return {true, false, false, true, false};
    case JoinType::kRight: return {false, true, true, false, false};
    case JoinType::kLeftSemi: return {true, false, true, true, false};
    case JoinType::kLeftAnti:
    case JoinType::kExistence: return {true, false, false, true, false};
    case JoinType::kFull: break;
  }
  return {false, false, false, false, false};
}

// The part of a disjunction that `ids` alone decide: (a AND x) OR (b AND y) is never true where (a OR b) isn't. Null when
// a side says nothing of them.
ExprPtr WeakerTerm(const ExprPtr& term, const ExprIdSet& ids) {
  const Call* call = As<Call>(term);
  if (call == nullptr || call->function != "or") return nullptr;
  std::vector<ExprPtr> sides = SplitDisjunction(term);
  if (sides.size() > 32) return nullptr;
  for (ExprPtr& side : sides) {
    std::vector<ExprPtr> inside, outside;
    Partition(SplitConjunction(side), ids, &inside, &outside);
    if (inside.empty()) return nullptr;
    side = Conjunction(std::move(inside));
  }
  return Disjunction(std::move(sides));
}

void AddWeakerTerms(const std::vector<ExprPtr>& condition, const ExprIdSet& ids, std::vector<ExprPtr>* terms) {
  for (const ExprPtr& term : condition) {
    if (ExprPtr weaker = WeakerTerm(term, ids)) terms->push_back(std::move(weaker));
  }
}

// Without those that `kept` or the terms before have already; a very long list isn't compared with itself.
constexpr size_t kMaxCompared = 256;

std::vector<ExprPtr> NewTerms(const std::vector<ExprPtr>& terms, const std::vector<ExprPtr>& kept) {
  std::vector<ExprPtr> fresh;
  for (const ExprPtr& term : terms) {
    const auto same = [&](const ExprPtr& other) { return SameExpression(other, term); };
    if (fresh.size() < kMaxCompared && IsDeterministic(term) &&
        (std::any_of(kept.begin(), kept.end(), same) || std::any_of(fresh.begin(), fresh.end(), same))) {
      continue;
    }
    fresh.push_back(term);
  }
  return fresh;
}

PlanPtr PushThroughJoin(std::vector<ExprPtr> terms, const PlanPtr& plan) {
  const Join& join = To<Join>(plan);
  if (join.lateral) return FilterOn(std::move(terms), plan);
  JoinSides sides = SidesOf(join.type);
  if (join.null_aware) sides.condition_to_right = false;
  const ExprIdSet left_ids = OutputIds(join.left), right_ids = OutputIds(join.right);
  std::vector<ExprPtr> left, right, rest, condition;
  if (join.condition != nullptr) condition = SplitConjunction(join.condition);
  if (sides.above_to_left) {
    Partition(terms, left_ids, &left, &rest);
    terms = std::move(rest);
    rest.clear();
  }
  if (sides.above_to_right) {
    Partition(terms, right_ids, &right, &rest);
    terms = std::move(rest);
    rest.clear();
  }
  if (sides.condition_to_left) {
    Partition(condition, left_ids, &left, &rest);
    condition = std::move(rest);
    rest.clear();
  }
  if (sides.condition_to_right) {
    Partition(condition, right_ids, &right, &rest);
    condition = std::move(rest);
    rest.clear();
  }
  std::vector<ExprPtr> above;
  for (const ExprPtr& term : terms) {
    // As part of an inner join's condition a term sees the same rows as above it, so it may even fail.
    (sides.above_to_condition && IsDeterministic(term) ? condition : above).push_back(term);
  }
  if (sides.condition_to_left) AddWeakerTerms(condition, left_ids, &left);
  if (sides.condition_to_right) AddWeakerTerms(condition, right_ids, &right);
  auto copy = std::make_shared<Join>(join);
  copy->left = Push(std::move(left), join.left);
  copy->right = Push(std::move(right), join.right);
  if (join.type == JoinType::kCross && !condition.empty()) copy->type = JoinType::kInner;
  copy->condition = condition.empty() ? nullptr : Conjunction(std::move(condition));
  return FilterOn(std::move(above), copy);
}

PlanPtr PushThroughAggregate(std::vector<ExprPtr> terms, const PlanPtr& plan) {
  const Aggregate& aggregate = To<Aggregate>(plan);
  // Output columns that are grouping expressions.
  std::map<ExprId, ExprPtr> groups;
  ExprIdSet ids;
  for (const ExprPtr& expression : aggregate.aggregates) {
    const Alias* alias = As<Alias>(expression);
    const ExprPtr value = alias != nullptr ? alias->child : expression;
    for (const ExprPtr& group : aggregate.grouping) {
      if (!SameExpression(group, value) || !IsDeterministic(group)) continue;
      groups[DefinedId(expression)] = value;
      ids.insert(DefinedId(expression));
    }
  }
  std::vector<ExprPtr> below, above;
  if (aggregate.grouping.empty()) {
    above = std::move(terms);
  } else {
    Partition(terms, ids, &below, &above);
  }
  for (ExprPtr& term : below) term = Substitute(term, groups);
  auto copy = std::make_shared<Aggregate>(aggregate);
  copy->child = Push(std::move(below), aggregate.child);
  return FilterOn(std::move(above), copy);
}

PlanPtr PushThroughWindow(std::vector<ExprPtr> terms, const PlanPtr& plan) {
  const Window& window = To<Window>(plan);
  ExprIdSet ids;
  for (const ExprPtr& key : window.partition_by) {
    if (const Attribute* attribute = As<Attribute>(key)) ids.insert(attribute->id);
  }
  std::vector<ExprPtr> below, above;
  Partition(terms, ids, &below, &above);
  auto copy = std::make_shared<Window>(window);
  copy->child = Push(std::move(below), window.child);
  return FilterOn(std::move(above), copy);
}

PlanPtr PushThroughUnion(const std::vector<ExprPtr>& terms, const PlanPtr& plan) {
  const Union& onion = To<Union>(plan);
  std::vector<ExprPtr> below, above;
  Partition(terms, OutputIds(plan), &below, &above);
  auto copy = std::make_shared<Union>(onion);
  for (PlanPtr& child : copy->children) {
    std::map<ExprId, ExprPtr> columns;
    const std::vector<ExprPtr> output = OutputOf(child);
    for (size_t i = 0; i < output.size(); ++i) columns[To<Attribute>(onion.output[i]).id] = output[i];
    std::vector<ExprPtr> own;
    for (const ExprPtr& term : below) own.push_back(Substitute(term, columns));
    child = Push(std::move(own), child);
  }
  return FilterOn(std::move(above), copy);
}

PlanPtr PushIntoScan(const std::vector<ExprPtr>& terms, const PlanPtr& plan) {
  std::vector<ExprPtr> pushed, above;
  for (const ExprPtr& term : terms) (Movable(term) ? pushed : above).push_back(term);
  pushed = NewTerms(pushed, To<ScanPlan>(plan).filters);
  if (pushed.empty()) return FilterOn(std::move(above), plan);
  auto copy = std::make_shared<ScanPlan>(To<ScanPlan>(plan));
  copy->filters.insert(copy->filters.end(), pushed.begin(), pushed.end());
  return FilterOn(std::move(above), copy);
}

// Operators that neither add nor drop columns nor care how many rows come.
PlanPtr PushThroughSame(std::vector<ExprPtr> terms, const PlanPtr& plan, const ExprIdSet& ids) {
  std::vector<ExprPtr> below, above;
  Partition(terms, ids, &below, &above);
  const PlanPtr moved = MapChildren(plan, [&](const PlanPtr& child) { return Push(below, child); });
  return FilterOn(std::move(above), moved);
}

PlanPtr PushChildren(const PlanPtr& plan) {
  return MapChildren(plan, [](const PlanPtr& child) { return Push({}, child); });
}

PlanPtr Push(std::vector<ExprPtr> terms, const PlanPtr& plan) {
  switch (plan->kind()) {
    case PlanKind::kFilter: {
      const Filter& filter = To<Filter>(plan);
      // The inner filter's terms come first, as they would be evaluated.
      std::vector<ExprPtr> all = SplitConjunction(filter.condition);
      all.insert(all.end(), terms.begin(), terms.end());
      return Push(NewTerms(all, {}), filter.child);
    }
    case PlanKind::kProject: return terms.empty() ? PushChildren(plan) : PushThroughProject(std::move(terms), plan);
    case PlanKind::kJoin: return PushThroughJoin(std::move(terms), plan);
    case PlanKind::kAggregate: return terms.empty() ? PushChildren(plan) : PushThroughAggregate(std::move(terms), plan);
    case PlanKind::kWindow: return terms.empty() ? PushChildren(plan) : PushThroughWindow(std::move(terms), plan);
    case PlanKind::kUnion: return terms.empty() ? PushChildren(plan) : PushThroughUnion(terms, plan);
    case PlanKind::kScan: return PushIntoScan(terms, plan);
    case PlanKind::kSort:
    case PlanKind::kRepartition:
      return terms.empty() ? PushChildren(plan) : PushThroughSame(std::move(terms), plan, OutputIds(plan));
    case PlanKind::kGenerate:
      if (terms.empty()) return PushChildren(plan);
      return PushThroughSame(std::move(terms), plan, OutputIds(To<Generate>(plan).child));
    default: return FilterOn(std::move(terms), PushChildren(plan));
  }
}

}  // namespace

PlanPtr PushDownFilters(const PlanPtr& plan, const QueryContextPtr&) {
  const PlanPtr pushed = Push({}, plan);
  return SamePlan(pushed, plan) ? plan : pushed;
}

}  // namespace centella::rules
