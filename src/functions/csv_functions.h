// The family of CSV functions; families.cc lists it.
#pragma once

#include "functions/registry.h"

namespace centella {

void RegisterCsvFunctions(FunctionRegistry& registry);

}  // namespace centella
