// The file that the batch at hand was read from, for input_file_name(). Sources of files set it for every batch, the
// pipeline clears it before it asks its source for one: what comes from elsewhere (an exchange, a sort) has none, as in
// Spark.
#pragma once

#include <string>

namespace centella {

// Of this thread; empty when there is none.
std::string& CurrentInputFile();

}  // namespace centella
