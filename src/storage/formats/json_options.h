// The options of JSON files, checked; shared by reader, inference and writer.
#pragma once

#include <string>

#include "functions/json_inference.h"
#include "storage/formats/text_blocks.h"
#include "storage/formats/text_options.h"

namespace centella {

struct JsonOptions {
  JsonReading reading;
  JsonInferenceRules inference;
  double sampling_ratio = 1;
  bool multi_line = false;
  std::string line_separator;  // empty: any
  TextEncoding encoding = TextEncoding::kUtf8;
  std::string corrupt_column = "_corrupt_record";
  ParseMode mode = ParseMode::kPermissive;
};

// Raises for values that Spark refuses, and by name for what isn't built.
JsonOptions ReadJsonOptions(const SourceOptions& options, const QueryContext& context);

}  // namespace centella
