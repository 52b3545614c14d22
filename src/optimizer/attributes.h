// Questions that rules ask of expressions and plans by column id.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "plan/expression.h"
#include "plan/logical_plan.h"

namespace centella {

using ExprIdSet = std::set<ExprId>;

// Ids of the columns that an expression reads (outer references not counted).
ExprIdSet ReferencesOf(const ExprPtr& expression);
void AddReferences(const ExprPtr& expression, ExprIdSet* ids);
// Ids of a plan's output.
ExprIdSet OutputIds(const PlanPtr& plan);
bool IsSubset(const ExprIdSet& part, const ExprIdSet& whole);
// The id that an output expression (Attribute or Alias) defines.
ExprId DefinedId(const ExprPtr& expression);
// Columns replaced by the expressions given for their ids.
ExprPtr Substitute(const ExprPtr& expression, const std::map<ExprId, ExprPtr>& replacements);
// For Attribute itself, for Alias the attribute it makes.
ExprPtr AttributeOf(const ExprPtr& expression);

// Builders.
PlanPtr MakeFilter(ExprPtr condition, PlanPtr child);
PlanPtr MakeProject(std::vector<ExprPtr> expressions, PlanPtr child);
ExprPtr MakeEquals(ExprPtr left, ExprPtr right);
ExprPtr MakeNullSafeEquals(ExprPtr left, ExprPtr right);
// A window that gives the child's rows one more column, `name`: 1, 2, … within each set of rows with equal `partition_by`,
// in the order of `order_by`, in any order when that is empty.
std::shared_ptr<const Window> NumberRows(std::vector<ExprPtr> partition_by, std::vector<ExprPtr> order_by,
                                         std::string name, PlanPtr child);
// The terms of nested ORs, and ORs of at least one term (a balanced tree).
std::vector<ExprPtr> SplitDisjunction(const ExprPtr& condition);
ExprPtr Disjunction(std::vector<ExprPtr> terms);

}  // namespace centella
