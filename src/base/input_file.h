// The file that the batch at hand was read from, for input_file_name() and its kin. Sources of files set it for every
// batch, the pipeline clears it before it asks its source for one: what comes from elsewhere (an exchange, a sort) has
// none, as in Spark.
#pragma once

#include <cstdint>
#include <string>

namespace centella {

struct InputFileBlock {
  std::string url;  // empty when there is none
  int64_t block_start = -1;
  int64_t block_length = -1;
};

// Of this thread.
InputFileBlock& CurrentInputFile();
void ClearCurrentInputFile();

}  // namespace centella
