// Updating states that lie in the rows of a hash table, a part of the rows at a time.
#pragma once

#include <span>

#include "vector/vector.h"

namespace centella {

// What an aggregate function may be beside AggregateFunction. Several aggregates of a table can then take turns while the rows
// of a few hundred values are in the nearest cache, and no pointers to states are made.
class RowStates {
 public:
  virtual ~RowStates() = default;
  // As Update of rows [begin, end), where row i's state lies `offset` bytes into rows[i].
  virtual void UpdateRows(std::span<const VectorPtr> args, int64_t begin, int64_t end, std::byte* const* rows,
                          size_t offset) const = 0;
};

}  // namespace centella
