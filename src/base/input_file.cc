// A thread works on one batch at a time.
#include "base/input_file.h"

namespace centella {

InputFileBlock& CurrentInputFile() {
  static thread_local InputFileBlock block;
  return block;
}

void ClearCurrentInputFile() {
  InputFileBlock& block = CurrentInputFile();
  block.url.clear();
  block.block_start = block.block_length = -1;
}

}  // namespace centella
