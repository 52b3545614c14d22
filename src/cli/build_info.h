// What the build knows and the command needs: its version, and where the launcher and its Python are.
#pragma once

#include <string_view>

namespace centella {

// "0.1.0".
std::string_view BuildVersion();

// The folder of the Python package `centella` (the launcher) in the source tree that this binary was built from.
// It may be gone by now: look beside the executable first.
std::string_view BuildPythonFolder();

// The interpreter of the virtual environment that this binary was built with (it has the Spark client), by absolute
// path. It may be gone by now.
std::string_view BuildPython();

}  // namespace centella
