// How nodes that sort say their order to operators.
#pragma once

#include <vector>

#include "execution/input_columns.h"
#include "execution/operators/sort_keys.h"

namespace centella {

// The keys of SortOrder expressions as columns of `input`, which gets those that it lacks.
std::vector<SortKey> AddSortKeys(const std::vector<ExprPtr>& order, InputColumns* input);

}  // namespace centella
