// The one list of function families, made of families.def.
#include "functions/registry.h"

namespace centella {

#define CENTELLA_FAMILY(name) void name(FunctionRegistry& registry);
#include "functions/families.def"
#undef CENTELLA_FAMILY

void RegisterAllFamilies(FunctionRegistry& registry) {
#define CENTELLA_FAMILY(name) name(registry);
#include "functions/families.def"
#undef CENTELLA_FAMILY
}

}  // namespace centella
