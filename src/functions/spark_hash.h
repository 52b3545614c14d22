// Spark's hash functions, bit for bit: partitioning by hash, hash() and xxhash64(), approx_count_distinct.
#pragma once

#include <span>

#include "vector/vector.h"

namespace centella {

// out[i] = hash(row i of all columns) with Spark's seed 42. Columns of any encoding and type, `rows` rows each.
void SparkMurmur3(std::span<const VectorPtr> columns, int64_t rows, int32_t* out);
void SparkXxHash64(std::span<const VectorPtr> columns, int64_t rows, int64_t* out);

}  // namespace centella
