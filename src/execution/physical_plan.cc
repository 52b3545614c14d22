// Printing of physical plans, as explain shows them.
#include "execution/physical_plan.h"

#include "execution/operator_registry.h"

namespace centella {
namespace {

// As Spark draws trees: "+- " for the last child, ":- " for others.
void Print(const PhysicalPtr& plan, const std::string& first, const std::string& rest, std::string* out) {
  *out += first + DeclarationOf(plan->kind()).line(plan) + "\n";
  for (size_t i = 0; i < plan->children.size(); ++i) {
    const bool last = i + 1 == plan->children.size();
    Print(plan->children[i], rest + (last ? "+- " : ":- "), rest + (last ? "   " : ":  "), out);
  }
}

}  // namespace

std::string PhysicalPlanString(const PhysicalPtr& plan) {
  std::string text;
  Print(plan, "", "", &text);
  return text;
}

}  // namespace centella
