// Sorts whose order nobody sees are left out: below another sort of all rows, and below an aggregation whose functions don't
// depend on the order of their input.
#include <algorithm>

#include "expression/evaluator.h"
#include "functions/registry.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

// Whether an expression's value depends on the order in which rows arrive.
bool SeesOrder(const ExprPtr& expression) {
  bool sees = !IsDeterministic(expression);
  Walk(expression, [&](const ExprPtr& e) {
    if (const auto* call = As<AggregateCall>(e)) {
      const FunctionDecl* declaration = FunctionRegistry::Builtin().Find(call->function);
      const bool floating = std::any_of(call->args.begin(), call->args.end(), [](const ExprPtr& arg) {
        return arg->type->is(TypeId::kFloat) || arg->type->is(TypeId::kDouble);
      });
      // Floating sums differ in their last digits.
      sees = sees || declaration == nullptr || !declaration->ignores_order || floating;
    }
    return !sees;
  });
  return sees;
}

// The input of sorts, seen through projections that keep each row by itself.
PlanPtr WithoutSorts(const PlanPtr& plan) {
  if (const auto* sort = As<Sort>(plan)) {
    const bool fails = std::any_of(sort->order.begin(), sort->order.end(), CanFail);
    return fails ? plan : WithoutSorts(sort->child);
  }
  const auto* project = As<Project>(plan);
  if (project == nullptr || !std::all_of(project->expressions.begin(), project->expressions.end(), IsDeterministic)) {
    return plan;
  }
  const PlanPtr child = WithoutSorts(project->child);
  if (child == project->child) return plan;
  auto copy = std::make_shared<Project>(*project);
  copy->child = child;
  return copy;
}

}  // namespace

PlanPtr RemoveRedundantSorts(const PlanPtr& plan, const QueryContextPtr&) {
  return TransformDown(plan, [](const PlanPtr& node) -> PlanPtr {
    if (const auto* sort = As<Sort>(node); sort != nullptr && sort->global) {
      const PlanPtr child = WithoutSorts(sort->child);
      if (child == sort->child) return node;
      auto copy = std::make_shared<Sort>(*sort);
      copy->child = child;
      return copy;
    }
    const auto* aggregate = As<Aggregate>(node);
    if (aggregate == nullptr || std::any_of(aggregate->aggregates.begin(), aggregate->aggregates.end(), SeesOrder))
      return node;
    const PlanPtr child = WithoutSorts(aggregate->child);
    if (child == aggregate->child) return node;
    auto copy = std::make_shared<Aggregate>(*aggregate);
    copy->child = child;
    return copy;
  });
}

}  // namespace centella::rules
