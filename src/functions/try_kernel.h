// try_ forms of functions.
#pragma once

#include "functions/registry.h"

namespace centella {

// The kernel with failures as NULL, whatever the call's mode. Defined in arithmetic.cc.
ScalarKernel TryKernel(ScalarKernel kernel);

}  // namespace centella
