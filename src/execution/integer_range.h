// The range of a column of integers.
#pragma once

#include <cstdint>

#include "vector/vector.h"

namespace centella {

// Least and greatest of the first `rows` (at least 1) values of a flat vector of integers of up to 64 bits or of booleans;
// what lies beside NULLs counts. False, and nothing done, for other types.
bool FlatIntegerRange(const Vector& vector, int64_t rows, int64_t* least, int64_t* greatest);

// Least and greatest of the first `rows` of a column of integers of up to 64 bits, in any encoding; false when none of them has
// a value.
bool IntegerRange(const Vector& vector, int64_t rows, int64_t* least, int64_t* greatest);

}  // namespace centella
