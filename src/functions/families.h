// The families of SQL functions: each registers its functions in one call, listed once in families.cc.
#pragma once

#include "functions/registry.h"

namespace centella {

void RegisterComparisonFunctions(FunctionRegistry& registry);
void RegisterArithmeticFunctions(FunctionRegistry& registry);
void RegisterDecimalArithmetic(FunctionRegistry& registry);
void RegisterConditionalFunctions(FunctionRegistry& registry);
void RegisterBasicAggregates(FunctionRegistry& registry);
void RegisterExtremeAggregates(FunctionRegistry& registry);
void RegisterStatisticalAggregates(FunctionRegistry& registry);
void RegisterCollectingAggregates(FunctionRegistry& registry);
void RegisterHashFunctions(FunctionRegistry& registry);
void RegisterWindowFunctions(FunctionRegistry& registry);
void RegisterMathFunctions(FunctionRegistry& registry);
void RegisterRoundingFunctions(FunctionRegistry& registry);
void RegisterBitFunctions(FunctionRegistry& registry);
void RegisterRandomFunctions(FunctionRegistry& registry);
void RegisterMiscFunctions(FunctionRegistry& registry);
void RegisterArrayFunctions(FunctionRegistry& registry);
void RegisterCollectionFunctions(FunctionRegistry& registry);
void RegisterMapFunctions(FunctionRegistry& registry);
void RegisterHigherOrderFunctions(FunctionRegistry& registry);
void RegisterGenerators(FunctionRegistry& registry);
void RegisterLikeFunctions(FunctionRegistry& registry);
void RegisterNumberFormats(FunctionRegistry& registry);
void RegisterFormatString(FunctionRegistry& registry);
void RegisterFormatNumber(FunctionRegistry& registry);
void RegisterUrlFunctions(FunctionRegistry& registry);
void RegisterCiphers(FunctionRegistry& registry);
void RegisterBitmaps(FunctionRegistry& registry);
void RegisterDatetimeSequences(FunctionRegistry& registry);
void RegisterSentences(FunctionRegistry& registry);
void RegisterRandomValues(FunctionRegistry& registry);
void RegisterSortedAggregates(FunctionRegistry& registry);
void RegisterTimeWindows(FunctionRegistry& registry);
void RegisterStringFunctions(FunctionRegistry& registry);
void RegisterStringEncodings(FunctionRegistry& registry);
void RegisterJsonFunctions(FunctionRegistry& registry);
void RegisterJsonLookups(FunctionRegistry& registry);  // a part of the former
void RegisterRegexFunctions(FunctionRegistry& registry);
void RegisterDatetimeFields(FunctionRegistry& registry);
void RegisterDatetimeArithmetic(FunctionRegistry& registry);
void RegisterDatetimeMakers(FunctionRegistry& registry);
void RegisterDatetimeFormats(FunctionRegistry& registry);
// After every family that adds overloads to the operators (dates, intervals).
void RegisterTryArithmetic(FunctionRegistry& registry);

// The kernel with failures as NULL, whatever the call's mode.
ScalarKernel TryKernel(ScalarKernel kernel);
// Declares `name` with the overloads of `of`, failing with NULL.
void RegisterTryForm(FunctionRegistry& registry, const char* name, const char* of, const char* doc);
// All built-in families, in order.
void RegisterAllFamilies(FunctionRegistry& registry);

}  // namespace centella
