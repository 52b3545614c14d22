// Row groups that surely hold no matching row, by their statistics. For this folder's .cc files only.
#pragma once

#include <optional>
#include <vector>

#include "storage/formats/parquet_file.h"

namespace centella {

// Smallest and largest value of a leaf in a row group, as values of the wanted type, and its nulls. Bounds: values may
// be cut short by the writer, but never lie inside.
struct ChunkStatistics {
  std::optional<Value> min;
  std::optional<Value> max;
  std::optional<int64_t> null_count;
  int64_t values = 0;  // nulls included
};

// Nothing known for types whose order in the statistics isn't the engine's.
ChunkStatistics ReadChunkStatistics(const parquet::RowGroupMetaData& group, int leaf, const TypePtr& type);

// False when `filter` (over Column ordinals) is true for no row whose columns have these statistics (null entries:
// unknown).
bool MayMatch(const Expression& filter, const std::vector<std::optional<ChunkStatistics>>& columns);

// -1, 0, 1 for values of one type (not null, not nested).
int CompareValues(const Value& a, const Value& b);

}  // namespace centella
