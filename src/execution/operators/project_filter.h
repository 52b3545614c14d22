// The transforms that other operators put before and behind theirs.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "expression/evaluator.h"

namespace centella {

// Keeps rows for which expression 0 of `condition` is true (adds a selection).
std::shared_ptr<Transform> MakeFilter(std::shared_ptr<const CompiledExpressions> condition);
// One output column per expression.
std::shared_ptr<Transform> MakeProject(std::shared_ptr<const CompiledExpressions> expressions);
// Columns by position only: no evaluation.
std::shared_ptr<Transform> MakeColumnSelection(std::vector<int> columns);

}  // namespace centella
