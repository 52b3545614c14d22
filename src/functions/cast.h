// Casts between all of Spark's types: which are allowed, which may fail, and their kernels.
#pragma once

#include "functions/registry.h"

namespace centella {

// The kernel of CAST(from AS to) in a mode; takes one argument, gives a vector of type `to`. Nulls are strict. In ANSI
// mode it raises Spark's error for a live row it cannot convert; in try mode such a row is NULL; in legacy mode it
// is what Spark's non-ANSI cast gives (NULL, or wrapped around). Raises UNSUPPORTED_FEATURE for a pair that CanCast refuses.
ScalarKernel FindCast(const TypePtr& from, const TypePtr& to, EvalMode mode);

// Whether Spark allows CAST(from AS to) at all in a mode. TRY_CAST follows the ANSI rules, but gives NULLs: as in legacy mode
// they must not go where a nested type has none.
bool CanCast(const DataType& from, const DataType& to, EvalMode mode);
// Whether a value of `from` may be stored in a column of `to` (spark.sql.storeAssignmentPolicy=ANSI).
bool CanAnsiStoreAssign(const DataType& from, const DataType& to);
// Whether the kernel may raise in this mode.
bool CastCanFail(const TypePtr& from, const TypePtr& to, EvalMode mode);
// Whether a value that isn't null may become NULL as far as Spark's schema goes (`CAST('1' AS INT)` is nullable
// also in ANSI mode). Try casts are nullable unless they are up-casts; that is the caller's to know.
bool CastNullable(const DataType& from, const DataType& to);

}  // namespace centella
