// Plans and expressions to bytes and back, and their debugging print; from the fields that nodes declare.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "plan/expression.h"
#include "plan/logical_plan.h"

namespace centella {

std::string SerializePlan(const PlanPtr& plan);
// `tables` makes a Table from what Table::Identity wrote. Checks lengths, kinds and depth: raises
// INTERNAL_ERROR for corrupt bytes.
using TableResolver = std::function<TablePtr(std::string_view identity)>;
PlanPtr DeserializePlan(std::string_view bytes, const TableResolver& tables);
std::string SerializeExpression(const ExprPtr& expression);
ExprPtr DeserializeExpression(std::string_view bytes);

// An indented tree of nodes with all fields; for debugging and plan tests, not Spark's explain.
std::string DebugString(const PlanPtr& plan);
std::string DebugString(const ExprPtr& expression);

}  // namespace centella
