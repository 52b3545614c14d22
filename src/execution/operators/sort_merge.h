// Merging sorted runs row by row: a few of a top-n, or those on disk. Internal to sort*.cc.
#pragma once

#include <memory>

#include "execution/operators/sort_runs.h"

namespace centella {

// Reads runs [first, last), each of them sorted, in order: `spec.limit` rows, without the first `spec.offset`.
std::unique_ptr<MorselReader> MakeSortMerge(std::shared_ptr<SortOperator::Shared> shared, size_t first, size_t last);

}  // namespace centella
