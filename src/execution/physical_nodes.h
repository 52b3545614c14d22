// Physical plans as data: bytes and back, comparing, the full print, and the check of a plan that came from elsewhere.
// All of it follows from the fields that nodes list and from their declarations (operator_registry.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "execution/physical_plan.h"
#include "plan/field_bytes.h"

namespace centella {

// A new node with default fields, or nullptr when `kind` is none.
std::shared_ptr<PhysicalPlan> NewPhysicalPlan(int64_t kind);
// The node type's name without "Physical".
std::string_view NameOf(PhysicalKind kind);

std::string SerializePhysicalPlan(const PhysicalPtr& plan);
// Raises INTERNAL_ERROR for corrupt bytes, and for a plan that CheckPhysicalPlan refuses.
PhysicalPtr DeserializePhysicalPlan(std::string_view bytes, const TableResolver& tables);
// Structural equality as SamePlan's: without origins.
bool SamePhysicalPlan(const PhysicalPtr& a, const PhysicalPtr& b);
// An indented tree of nodes with all fields; for debugging and plan tests. PhysicalPlanString is what users see.
std::string PhysicalDebugString(const PhysicalPtr& plan);

// Whether the operators can be built from the plan without looking beyond what it has: children, columns, counts.
// Raises INTERNAL_ERROR that names what doesn't fit. Plans of our own planner always pass.
void CheckPhysicalPlan(const PhysicalPtr& plan);

}  // namespace centella
