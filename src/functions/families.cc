// The one list of function families.
#include "functions/families.h"

#include "functions/csv_functions.h"

namespace centella {

void RegisterAllFamilies(FunctionRegistry& registry) {
  RegisterComparisonFunctions(registry);
  RegisterArithmeticFunctions(registry);
  RegisterDecimalArithmetic(registry);
  RegisterConditionalFunctions(registry);
  RegisterStringFunctions(registry);
  RegisterStringEncodings(registry);
  RegisterNumberFormats(registry);
  RegisterFormatString(registry);
  RegisterFormatNumber(registry);
  RegisterUrlFunctions(registry);
  RegisterCiphers(registry);
  RegisterSentences(registry);
  RegisterJsonFunctions(registry);
  RegisterCsvFunctions(registry);
  RegisterRegexFunctions(registry);
  RegisterDatetimeFields(registry);
  RegisterDatetimeArithmetic(registry);
  RegisterDatetimeMakers(registry);
  RegisterTimeWindows(registry);
  RegisterDatetimeFormats(registry);
  RegisterTryArithmetic(registry);
  RegisterBasicAggregates(registry);
  RegisterExtremeAggregates(registry);
  RegisterStatisticalAggregates(registry);
  RegisterCollectingAggregates(registry);
  RegisterSortedAggregates(registry);
  RegisterHashFunctions(registry);
  RegisterWindowFunctions(registry);
  RegisterMathFunctions(registry);
  RegisterRoundingFunctions(registry);
  RegisterBitFunctions(registry);
  RegisterRandomFunctions(registry);
  RegisterMiscFunctions(registry);
  RegisterBitmaps(registry);
  RegisterRandomValues(registry);
  RegisterArrayFunctions(registry);
  RegisterCollectionFunctions(registry);
  RegisterDatetimeSequences(registry);
  RegisterMapFunctions(registry);
  RegisterHigherOrderFunctions(registry);
  RegisterGenerators(registry);
  RegisterLikeFunctions(registry);
}

}  // namespace centella
