// From a resolved, optimised logical plan to a physical plan. Each operator's file says how its logical nodes are planned
// (operator_registry.h); here is what those functions use.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/query_context.h"
#include "execution/physical_plan.h"

namespace centella {

// A physical plan with the logical attributes of its output columns.
struct Planned {
  PhysicalPtr plan;
  std::vector<ExprPtr> output;
};

// Attribute → Column by position in `input`.
class Binder {
 public:
  explicit Binder(const std::vector<ExprPtr>& input);
  // Raises INTERNAL_ERROR for an attribute that isn't in the input.
  ExprPtr Bind(const ExprPtr& expression) const;
  std::vector<ExprPtr> Bind(const std::vector<ExprPtr>& expressions) const;
  // Whether all attributes of the expression are in the input.
  bool Covers(const ExprPtr& expression) const;

 private:
  std::map<ExprId, int64_t> ordinals_;
};

// The struct that a node with these output attributes has as its schema.
TypePtr SchemaOfOutput(const std::vector<ExprPtr>& output);
// The attribute that an output expression (Attribute or Alias) makes, and what it is without its name.
ExprPtr OutputAttribute(const ExprPtr& expression);
ExprPtr WithoutAlias(const ExprPtr& expression);
// 0, 1, … up to `count`: all columns, by position.
std::vector<int64_t> AllOrdinals(size_t count);

template <typename Node>
std::shared_ptr<Node> NewNode(const std::vector<ExprPtr>& output, std::vector<PhysicalPtr> children) {
  auto node = std::make_shared<Node>();
  node->schema = SchemaOfOutput(output);
  node->children = std::move(children);
  return node;
}

class Planner {
 public:
  explicit Planner(QueryContextPtr context) : context_(std::move(context)) {}

  Planned Plan(const PlanPtr& plan);
  const QueryContextPtr& context() const { return context_; }

  // Plans that other operators put on top of theirs. A join below a projection gives only what the projection uses.
  Planned ProjectOn(const Planned& child, const std::vector<ExprPtr>& expressions);
  // `limit` (-1: all) of the sorted rows, without the first `offset` of them.
  Planned SortOn(const Planned& child, const std::vector<ExprPtr>& order, int64_t limit, bool per_partition,
                 int64_t offset = 0);
  // A join's output without the columns that nothing in `users` names; anything else as it is.
  static Planned PruneJoin(const Planned& child, const std::vector<ExprPtr>& users);

  // Evaluating expressions over `child`, which is planned next, may raise: the first row's error is the one to tell.
  void RaisesOver(const PlanPtr& child) { raising_over_ = child.get(); }
  bool raises_over(const LogicalPlan& child) const { return raising_over_ == &child; }

 private:
  QueryContextPtr context_;
  const LogicalPlan* raising_over_ = nullptr;
  int depth_ = 0;
};

}  // namespace centella
