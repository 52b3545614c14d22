// What Spark refuses of a function's arguments beyond their types' fit: keys that are maps, values without an order,
// arrays and elements of different kinds.
#pragma once

#include <string>
#include <vector>

#include "functions/registry.h"
#include "plan/expression.h"

namespace centella {

// Raises Spark's condition when the call can't be, else does nothing. `name` is as it was written, in lower case.
void CheckArguments(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                    const OriginPtr& origin);

}  // namespace centella
