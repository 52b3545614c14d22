// What checks of physical nodes that came as bytes are made of: operators must be able to trust their node (physical_nodes.h).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "execution/physical_plan.h"

namespace centella {

// Each of these raises INTERNAL_ERROR that names the node when what it says doesn't hold.
class PlanCheck {
 public:
  // The whole plan: children before the nodes above them.
  void Check(const PhysicalPtr& plan);

  [[noreturn]] static void Refuse(const PhysicalPlan& plan, const std::string& what);
  static void Demand(bool holds, const PhysicalPlan& plan, const std::string& what) {
    if (!holds) Refuse(plan, what);
  }
  static void Children(const PhysicalPlan& plan, size_t count);
  // The columns of the only child.
  static std::vector<TypePtr> Input(const PhysicalPlan& plan);
  static void Partitions(const PhysicalPlan& plan, int64_t partitions);
  // The schema has so many columns.
  static void Width(const PhysicalPlan& plan, size_t columns);
  static void Ordinals(const PhysicalPlan& plan, const std::vector<int64_t>& ordinals, size_t columns);
  // Resolved, over the columns of `input`, at their types.
  static void Bound(const PhysicalPlan& plan, const ExprPtr& expression, const std::vector<TypePtr>& input);
  static void Bound(const PhysicalPlan& plan, const std::vector<ExprPtr>& expressions,
                    const std::vector<TypePtr>& input);
  template <typename Node>
  static void AllAre(const PhysicalPlan& plan, const std::vector<ExprPtr>& expressions) {
    for (const ExprPtr& each : expressions) {
      Demand(As<Node>(each) != nullptr, plan, "has an expression of another kind than it takes");
    }
  }
  // Whether the shared subplan was defined by a node that is checked already.
  bool defined(int64_t spool) const { return spools_.contains(spool); }

 private:
  std::set<int64_t> spools_;
};

}  // namespace centella
