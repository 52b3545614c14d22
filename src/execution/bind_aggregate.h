// From an aggregate call of a plan to the function that computes it.
#pragma once

#include <memory>

#include "functions/registry.h"
#include "plan/expression.h"

namespace centella {

// Only the types of the call's arguments count. Raises INTERNAL_ERROR for a function that isn't there.
std::shared_ptr<const AggregateFunction> BindAggregate(const AggregateCall& call, const QueryContextPtr& context);

}  // namespace centella
