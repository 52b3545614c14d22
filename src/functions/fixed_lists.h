// collect_list of values of fixed width.
#pragma once

#include <memory>

#include "functions/registry.h"

namespace centella {

// Null when the argument's values have no fixed width: strings, nested types, VOID.
std::unique_ptr<AggregateFunction> MakeFixedList(const AggregateArgs& args);

}  // namespace centella
