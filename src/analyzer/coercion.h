// Spark's type coercion: which type two types widen to, and which implicit casts a function's argument may take.
// Pure functions over types; ANSI rules are Spark 4's default, the others those of spark.sql.ansi.enabled=false.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "functions/registry.h"
#include "types/data_type.h"

namespace centella {

// The type that both convert to without loss of meaning, as comparisons take it; nullptr when there is none.
TypePtr TightestCommonType(const TypePtr& a, const TypePtr& b, bool ansi);
// The type of COALESCE, CASE, UNION, array(): wider than the tightest (decimals, strings); nullptr when there is none.
TypePtr WiderType(const TypePtr& a, const TypePtr& b, bool ansi);
// The common type of a comparison (strings take part by their own rules); nullptr when there is none.
TypePtr ComparisonType(const TypePtr& a, const TypePtr& b, bool ansi);
// Of several; nullptr for none. Strings come last in legacy mode, so that order doesn't matter.
TypePtr WiderType(std::span<const TypePtr> all, bool ansi);
// The same but for the names of structs' fields (and what may be null).
bool SameButNames(const DataType& a, const DataType& b);
// The decimal that holds any value of an integral type.
TypePtr DecimalForIntegral(const DataType& type);
TypePtr WiderDecimal(const DataType& a, const DataType& b);
// With digits before the point kept when 38 digits don't suffice.
TypePtr BoundedDecimal(int precision, int scale);
// Result of a + b, a - b, a * b, a / b, a % b, a div b for decimal operands; `op` is the operator's sign or "div".
TypePtr DecimalResult(std::string_view op, const DataType& a, const DataType& b);
// Whether a function that needs exactly `to` takes `from` with an implicit cast.
bool ImplicitlyCasts(const TypePtr& from, const TypePtr& to, bool ansi);
// Whether a value of `from` can be stored as `to` without losing anything (Dataset.to, up-casts).
bool UpCasts(const DataType& from, const DataType& to);
// Whether values of the type have an order / an equality.
bool IsOrderable(const DataType& type);
bool IsComparable(const DataType& type);

// The argument types that make `overload` fit, or nothing. `failed_argument` is the first that does not fit (the number of arguments when their count is wrong).
std::optional<std::vector<TypePtr>> CoerceToOverload(const Overload& overload, std::span<const TypePtr> args, bool ansi,
                                                     size_t* failed_argument);
// A pattern as an error message writes it: "\"STRING\"", "\"NUMERIC\"", "(\"ARRAY\" or \"MAP\")".
std::string DescribePattern(const TypePattern& pattern);

}  // namespace centella
