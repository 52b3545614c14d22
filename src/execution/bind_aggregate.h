// From an aggregate call of a plan to the function that computes it.
#pragma once

#include <memory>

#include "execution/input_columns.h"
#include "execution/operators/hash_aggregate.h"
#include "functions/registry.h"
#include "plan/expression.h"

namespace centella {

// Only the types of the call's arguments count. Raises INTERNAL_ERROR for a function that isn't there.
std::shared_ptr<const AggregateFunction> BindAggregate(const AggregateCall& call, const QueryContextPtr& context);

// What the operator is to do; `input` (empty before) gets the columns it reads: keys, arguments, filters. The same for every
// phase of an aggregation.
HashAggregateSpec SpecOfAggregate(const PhysicalAggregate& aggregate, const QueryContextPtr& context,
                                  InputColumns* input);

}  // namespace centella
