// The same values in every way that a vector may hold them.
#pragma once

#include <string>
#include <vector>

#include "property/random.h"
#include "vector/vector.h"

namespace centella::property {

// Values as a flat vector: what lies under nulls, and between the lists of arrays, is taken from `others` (values that
// no live row has; any would do). Parts of nested values come in any encoding.
VectorPtr EncodeFlat(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                     Random& random);

// In a random encoding: flat, with a bitmap that has no nulls, sliced, dictionary (entries that no row refers to,
// repeated entries, nulls in the entries or above them), constant when all values are the same. `name` says which.
VectorPtr Encode(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                 Random& random, std::string* name = nullptr);

// What kernels are given: flat or constant, parts flat.
VectorPtr EncodeForKernel(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                          Random& random);

}  // namespace centella::property
