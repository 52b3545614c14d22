// The columns that an operator wants of its input, from the expressions that it works on.
#pragma once

#include <vector>

#include "execution/physical_plan.h"

namespace centella {

// Collects the expressions that an operator needs as columns of its input: plain columns stay where they are, others
// are computed by a projection that is put before the operator.
class InputColumns {
 public:
  explicit InputColumns(const PhysicalPlan& child);
  // Starts without the child's columns: only what is asked for is passed on.
  InputColumns() = default;
  // The expression's position among the columns.
  int Add(const ExprPtr& expression);
  bool needs_projection() const { return expressions_.size() > plain_; }
  const std::vector<ExprPtr>& expressions() const { return expressions_; }
  std::vector<TypePtr> types() const;

 private:
  std::vector<ExprPtr> expressions_;
  size_t plain_ = 0;
};

}  // namespace centella
