// The order of rows by their sort keys.
#pragma once

#include <cstdint>
#include <vector>

#include "base/query_context.h"
#include "execution/operators/packed_keys.h"

namespace centella {

// -1, 0, 1 (or any numbers of these signs): how row i of `a` stands to row j of `b` by the keys from number `first` on, nulls and
// directions minded. Columns: one for each key, flat.
int CompareKeys(const std::vector<VectorPtr>& a, int64_t i, const std::vector<VectorPtr>& b, int64_t j,
                const std::vector<SortKey>& keys, size_t first = 0);

// The columns of the keys, flat.
std::vector<VectorPtr> KeyColumns(const Batch& batch, const std::vector<SortKey>& keys);

// What SortedOrder needs for each row while it runs.
inline constexpr int64_t kSortingBytes = 2 * sizeof(PackedEntry) + sizeof(int32_t);

// Row numbers of a dense batch in sorted order, equal ones as they came; only the first `limit` when not negative. Raises
// when cancelled.
std::vector<int32_t> SortedOrder(const Batch& batch, const std::vector<SortKey>& keys, int64_t limit,
                                 const Cancellation& cancellation);

}  // namespace centella
