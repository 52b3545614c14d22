// The families of SQL functions: each registers its functions in one call, listed once in families.cc.
#pragma once

#include "functions/registry.h"

namespace centella {

void RegisterComparisonFunctions(FunctionRegistry& registry);
void RegisterArithmeticFunctions(FunctionRegistry& registry);
void RegisterDecimalArithmetic(FunctionRegistry& registry);
void RegisterConditionalFunctions(FunctionRegistry& registry);
// All built-in families, in order.
void RegisterAllFamilies(FunctionRegistry& registry);

}  // namespace centella
