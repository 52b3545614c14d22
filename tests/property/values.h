// Random types and values: edges (extremes, NaN, -0.0, empty and long texts, nulls) more often than chance would have
// them.
#pragma once

#include <string>
#include <vector>

#include "functions/registry.h"
#include "property/random.h"

namespace centella::property {

// What a function's own example is made of: its texts and numbers make arguments that mean something.
struct Hints {
  std::vector<std::string> texts;
  std::vector<int64_t> integers;
  // not 0: integers stay within ± this (functions that make as many values as they are told)
  int64_t largest_count = 0;
};
Hints HintsOf(const FunctionDecl& decl);

// Any type that a column may have, nested up to `depth` levels.
TypePtr RandomType(Random& random, int depth);
TypePtr RandomNumericType(Random& random);
// A type that fits a pattern; `variables` has those bound so far ('A' at 0). Lambdas have none: null.
TypePtr RandomTypeFor(const TypePattern& pattern, TypePtr (&variables)[26], Random& random, int depth = 2);

// A value of the type, null in `null_percent` of a hundred; nested nulls only where the type allows them.
Value RandomValue(const TypePtr& type, Random& random, const Hints& hints, int null_percent);

// The same value to the last bit, but that all NaNs are one.
bool SameValue(const Value& a, const Value& b);
// Equal for equal values (as SameValue has it) and only for those.
std::string Fingerprint(const Value& value);
// As an SQL literal, shortened.
std::string Describe(const Value& value);
// The first fault of a value against its type: a null where the type says that there is none. Empty when there is none.
std::string NullabilityFault(const Value& value, const DataType& type);

}  // namespace centella::property
