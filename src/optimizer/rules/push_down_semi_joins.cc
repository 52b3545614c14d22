// Semi and anti joins move below the inner join that makes their left side, to the input that has their columns, when they
// drop most of its rows: (a JOIN b) SEMI JOIN c is (a SEMI JOIN c) JOIN b when the condition reads a and c only.
#include "optimizer/attributes.h"
#include "optimizer/cardinality.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

// Of an input's rows this part at most may be left for the move to pay: the join above may be the more selective one.
constexpr double kMaxFraction = 0.4;

bool MayMove(const Join& join) {
  const bool filters = join.type == JoinType::kLeftSemi || (join.type == JoinType::kLeftAnti && !join.null_aware);
  return filters && !join.lateral && join.hint.empty() && join.condition != nullptr;
}

// `join` put above `input`.
PlanPtr WithLeft(const Join& join, const PlanPtr& input) {
  auto copy = std::make_shared<Join>(join);
  copy->left = input;
  return copy;
}

// `plan` with the semi join applied as far down as pays; null when it has to stay above.
PlanPtr Place(const Join& semi, const ExprIdSet& columns, const PlanPtr& plan) {
  if (!IsSubset(columns, OutputIds(plan))) return nullptr;
  if (const Project* project = As<Project>(plan)) {
    PlanPtr below = Place(semi, columns, project->child);
    return below != nullptr ? MakeProject(project->expressions, below) : nullptr;
  }
  const Join* join = As<Join>(plan);
  const bool inner = join != nullptr && !join->lateral && join->hint.empty() &&
                     (join->type == JoinType::kInner || join->type == JoinType::kCross);
  if (inner) {
    auto copy = std::make_shared<Join>(*join);
    for (PlanPtr* side : {&copy->left, &copy->right}) {
      if (PlanPtr placed = Place(semi, columns, *side)) {
        *side = placed;
        return copy;
      }
    }
    return nullptr;
  }
  const PlanPtr placed = WithLeft(semi, plan);
  return EstimateRows(placed) <= kMaxFraction * EstimateRows(plan) ? placed : nullptr;
}

}  // namespace

PlanPtr PushDownSemiJoins(const PlanPtr& plan, const QueryContextPtr&) {
  return TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    const Join* join = As<Join>(node);
    if (join == nullptr || !MayMove(*join)) return node;
    const ExprIdSet left_ids = OutputIds(join->left);
    ExprIdSet columns;
    for (ExprId id : ReferencesOf(join->condition)) {
      if (left_ids.contains(id)) columns.insert(id);
    }
    if (columns.empty()) return node;
    const bool already_down = As<Join>(join->left) == nullptr && As<Project>(join->left) == nullptr;
    if (already_down) return node;
    const PlanPtr placed = Place(*join, columns, join->left);
    return placed != nullptr ? placed : node;
  });
}

}  // namespace centella::rules
