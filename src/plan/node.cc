// The parts of plan/node.h that aren't inline.
#include "plan/node.h"

namespace centella {

void FieldVisitor::PhysicalField(std::string_view name, std::vector<std::shared_ptr<const void>>&) {
  CENTELLA_CHECK(false, "a visitor of logical nodes met the physical field " + std::string(name));
}

}  // namespace centella
