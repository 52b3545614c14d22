// agg(DISTINCT …) for any aggregate: the state is the set of argument rows seen, and the aggregate runs over it at the end.
#pragma once

#include <memory>
#include <vector>

#include "functions/registry.h"

namespace centella {

// Rows with a NULL argument are left out, as Spark does. The values go to `function` in the order they first came.
std::shared_ptr<const AggregateFunction> MakeDistinctAggregate(std::shared_ptr<const AggregateFunction> function,
                                                               std::vector<TypePtr> arg_types);

}  // namespace centella
