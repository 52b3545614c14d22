// A thread works on one batch at a time.
#include "base/input_file.h"

namespace centella {

std::string& CurrentInputFile() {
  static thread_local std::string file;
  return file;
}

}  // namespace centella
