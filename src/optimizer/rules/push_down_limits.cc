// A limit over a union limits each side, and one over projections moves below them.
#include "expression/evaluator.h"
#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

int64_t LiteralOf(const ExprPtr& expression, int64_t none) {
  const Literal* literal = expression != nullptr ? As<Literal>(expression) : nullptr;
  return literal == nullptr || literal->value.is_null() ? none : literal->value.integer();
}

PlanPtr LimitTo(int64_t rows, const PlanPtr& child) {
  const Limit* same = As<Limit>(child);
  if (same != nullptr && !same->tail && same->offset == nullptr) {
    const int64_t inner = LiteralOf(same->limit, -1);
    if (inner >= 0 && inner <= rows) return child;
  }
  auto limit = std::make_shared<Limit>();
  limit->limit = MakeLiteral(Value::Int(static_cast<int32_t>(rows)));
  limit->child = child;
  return limit;
}

}  // namespace

PlanPtr PushDownLimits(const PlanPtr& plan, const QueryContextPtr&) {
  return TransformDown(plan, [](const PlanPtr& node) -> PlanPtr {
    const Limit* limit = As<Limit>(node);
    if (limit == nullptr || limit->tail || limit->limit == nullptr) return node;
    const int64_t rows = LiteralOf(limit->limit, -1), offset = LiteralOf(limit->offset, 0);
    if (rows < 0 || offset < 0 || rows + offset > INT32_MAX) return node;
    const Union* onion = As<Union>(limit->child);
    if (onion == nullptr) return node;
    auto limited = std::make_shared<Union>(*onion);
    bool changed = false;
    for (PlanPtr& child : limited->children) {
      const PlanPtr one = LimitTo(rows + offset, child);
      changed = changed || one != child;
      child = one;
    }
    if (!changed) return node;
    auto copy = std::make_shared<Limit>(*limit);
    copy->child = limited;
    return copy;
  });
}

}  // namespace centella::rules
