// 64-bit hashes of rows for hash tables inside the engine (not Spark's hash function: functions/spark_hash.h has that).
#pragma once

#include <cstdint>
#include <span>

#include "vector/vector.h"

namespace centella {

// Writes one hash a row. Equal keys (NULL = NULL, NaN = NaN, -0.0 = 0.0) hash alike whatever their encoding.
void HashRows(std::span<const VectorPtr> keys, int64_t rows, uint64_t* hashes);

}  // namespace centella
