// Plans and expressions to bytes and back, and their debugging print; from the fields that nodes declare.
#pragma once

#include <string>
#include <string_view>

#include "plan/expression.h"
#include "plan/field_bytes.h"
#include "plan/logical_plan.h"

namespace centella {

std::string SerializePlan(const PlanPtr& plan);
// Checks lengths, kinds and depth: raises INTERNAL_ERROR for corrupt bytes.
PlanPtr DeserializePlan(std::string_view bytes, const TableResolver& tables);
std::string SerializeExpression(const ExprPtr& expression);
ExprPtr DeserializeExpression(std::string_view bytes);

// An indented tree of nodes with all fields; for debugging and plan tests, not Spark's explain.
std::string DebugString(const PlanPtr& plan);
std::string DebugString(const ExprPtr& expression);

// For nodes of other rooms, given by what calls their VisitAll: the fields as DebugString prints them, and whether two
// have the same fields as SamePlan compares them.
using FieldList = std::function<void(FieldVisitor&)>;
std::string FieldsString(const FieldList& fields);
bool SameFields(const FieldList& a, const FieldList& b);

}  // namespace centella
