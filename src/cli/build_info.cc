// The only file that is compiled with paths of this build: all others are shared between worktrees by ccache.
#include "cli/build_info.h"

namespace centella {

std::string_view BuildVersion() { return CENTELLA_VERSION; }
std::string_view BuildPythonFolder() { return CENTELLA_PYTHON_FOLDER; }
std::string_view BuildPython() { return CENTELLA_PYTHON; }

}  // namespace centella
