// Batches to bytes and back: spill files, plans that carry data, fragments in other processes.
#pragma once

#include <string>
#include <string_view>

#include "vector/vector.h"

namespace centella {

// Appends the batch (compacted; dictionaries kept when smaller) to `out`. Format is versioned and self-describing
// but for types, which the reader gives.
void SerializeBatch(const Batch& batch, std::string* out);
// Reads one batch from the front of `bytes` and removes it. Every length is checked: raises INTERNAL_ERROR on
// corrupt bytes, never reads outside.
Batch DeserializeBatch(const std::vector<TypePtr>& types, std::string_view* bytes);

}  // namespace centella
