// Generic walking and rewriting, from the fields that nodes declare.
#include "plan/transform.h"

#include "plan/depth_guard.h"
#include "plan/silent_visitor.h"

namespace centella {
namespace {

// Nodes are immutable once shared; visitors that only read get them through this one cast.
void VisitConst(const Expression& node, FieldVisitor& visitor) { const_cast<Expression&>(node).VisitAll(visitor); }
void VisitConst(const LogicalPlan& node, FieldVisitor& visitor) { const_cast<LogicalPlan&>(node).VisitAll(visitor); }

// Calls `function(Pointer&)` for each non-null pointer field of one kind, in field order.
template <typename Pointer, typename Function>
class PointerVisitor final : public SilentVisitor {
 public:
  using SilentVisitor::Field;
  explicit PointerVisitor(Function function) : function_(std::move(function)) {}
  void Field(std::string_view, Pointer& value) override {
    if (value != nullptr) function_(value);
  }
  void Field(std::string_view name, std::vector<Pointer>& values) override {
    for (Pointer& value : values) Field(name, value);
  }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& groups) override {
    if constexpr (std::is_same_v<Pointer, ExprPtr>) {
      for (auto& group : groups) Field(name, group);
    }
  }

 private:
  Function function_;
};

template <typename Pointer, typename Node>
std::vector<Pointer> Collect(const Node& node) {
  std::vector<Pointer> found;
  auto add = [&found](Pointer& value) { found.push_back(value); };
  PointerVisitor<Pointer, decltype(add)> visitor(add);
  VisitConst(node, visitor);
  return found;
}

// The node with `function` applied to its pointers of one kind; the same node when none changed.
template <typename Pointer, typename NodePointer, typename Function>
NodePointer MapPointers(const NodePointer& node, const Function& function) {
  std::vector<Pointer> results;
  bool changed = false;
  auto compute = [&](Pointer& value) {
    results.push_back(function(value));
    changed = changed || results.back() != value;
  };
  PointerVisitor<Pointer, decltype(compute)> reader(compute);
  VisitConst(*node, reader);
  if (!changed) return node;
  auto copy = node->Clone();
  size_t next = 0;
  auto assign = [&](Pointer& value) { value = std::move(results[next++]); };
  PointerVisitor<Pointer, decltype(assign)> writer(assign);
  copy->VisitAll(writer);
  return copy;
}

template <typename NodePointer, typename Function>
NodePointer Up(const NodePointer& node, const Function& function) {
  if (node == nullptr) return node;
  DepthGuard guard;
  return function(MapPointers<NodePointer>(node, [&](const NodePointer& child) { return Up(child, function); }));
}

template <typename NodePointer, typename Function>
NodePointer Down(const NodePointer& node, const Function& function) {
  if (node == nullptr) return node;
  DepthGuard guard;
  return MapPointers<NodePointer>(function(node), [&](const NodePointer& child) { return Down(child, function); });
}

template <typename NodePointer, typename Function>
void WalkDown(const NodePointer& node, const Function& visit) {
  if (node == nullptr) return;
  DepthGuard guard;
  if (!visit(node)) return;
  auto descend = [&visit](NodePointer& child) { WalkDown(child, visit); };
  PointerVisitor<NodePointer, decltype(descend)> visitor(descend);
  VisitConst(*node, visitor);
}

}  // namespace

std::vector<ExprPtr> ChildrenOf(const Expression& expression) { return Collect<ExprPtr>(expression); }
std::vector<PlanPtr> ChildrenOf(const LogicalPlan& plan) { return Collect<PlanPtr>(plan); }
std::vector<ExprPtr> ExpressionsOf(const LogicalPlan& plan) { return Collect<ExprPtr>(plan); }

ExprPtr MapChildren(const ExprPtr& expression, const ExprFunction& function) {
  return MapPointers<ExprPtr>(expression, function);
}
PlanPtr MapChildren(const PlanPtr& plan, const PlanFunction& function) { return MapPointers<PlanPtr>(plan, function); }
PlanPtr MapExpressions(const PlanPtr& plan, const ExprFunction& function) {
  return MapPointers<ExprPtr>(plan, function);
}

ExprPtr TransformUp(const ExprPtr& expression, const ExprFunction& function) { return Up(expression, function); }
ExprPtr TransformDown(const ExprPtr& expression, const ExprFunction& function) { return Down(expression, function); }
PlanPtr TransformUp(const PlanPtr& plan, const PlanFunction& function) { return Up(plan, function); }
PlanPtr TransformDown(const PlanPtr& plan, const PlanFunction& function) { return Down(plan, function); }

PlanPtr TransformExpressionsUp(const PlanPtr& plan, const ExprFunction& function, bool into_subqueries) {
  const ExprFunction each = [&](const ExprPtr& expression) -> ExprPtr {
    const auto* subquery = into_subqueries ? As<Subquery>(expression) : nullptr;
    if (subquery == nullptr || subquery->plan == nullptr) return function(expression);
    PlanPtr inner = TransformExpressionsUp(subquery->plan, function, true);
    if (inner == subquery->plan) return function(expression);
    auto copy = std::make_shared<Subquery>(*subquery);
    copy->plan = std::move(inner);
    return function(copy);
  };
  return TransformUp(plan, [&](const PlanPtr& node) {
    return MapExpressions(node, [&](const ExprPtr& expression) { return TransformUp(expression, each); });
  });
}

void Walk(const ExprPtr& expression, const std::function<bool(const ExprPtr&)>& visit) { WalkDown(expression, visit); }
void Walk(const PlanPtr& plan, const std::function<bool(const PlanPtr&)>& visit) { WalkDown(plan, visit); }

bool Any(const ExprPtr& expression, const std::function<bool(const ExprPtr&)>& test) {
  bool found = false;
  WalkDown(expression, [&](const ExprPtr& node) {
    found = found || test(node);
    return !found;
  });
  return found;
}

}  // namespace centella
