// Spark SQL text to unresolved logical plans and expressions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/configuration.h"
#include "plan/logical_plan.h"

namespace centella {

// One statement (a trailing semicolon is fine). Nodes carry origins with their place in `sql`. Raises
// PARSE_SYNTAX_ERROR and the like with the query context. Depth and length are bounded.
PlanPtr ParseStatement(std::string_view sql, const Configuration& config);
// An expression as selectExpr/filter/expr take it ("a + 1 AS b", "*", "count(1)").
ExprPtr ParseExpression(std::string_view sql, const Configuration& config);
// "a.b.`c d`" to its parts.
std::vector<std::string> ParseIdentifier(std::string_view name, const Configuration& config);
std::vector<std::string> ParseMultipartIdentifier(std::string_view name);
// Splits a script at its semicolons (strings, comments and BEGIN…END respected).
std::vector<std::string> SplitStatements(std::string_view script);

}  // namespace centella
