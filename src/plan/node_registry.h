// Makes empty nodes by kind: what deserialisation fills. A new node kind is one line in node_registry.cc.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "plan/expression.h"
#include "plan/logical_plan.h"

namespace centella {

// A new node with default fields, or nullptr when `kind` is no kind that can travel.
std::shared_ptr<Expression> NewExpression(int64_t kind);
std::shared_ptr<LogicalPlan> NewPlan(int64_t kind);

// The node type's name ("Project"), for debugging output; "?" when unknown.
std::string_view NameOf(ExprKind kind);
std::string_view NameOf(PlanKind kind);

// Every registered kind, ascending.
std::vector<ExprKind> RegisteredExpressions();
std::vector<PlanKind> RegisteredPlans();

}  // namespace centella
