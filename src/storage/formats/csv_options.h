// The options of CSV files, checked; shared by reader, inference and writer.
#pragma once

#include <string>

#include "storage/data_source.h"

namespace centella {

enum class ParseMode : uint8_t { kPermissive, kDropMalformed, kFailFast };

struct CsvOptions {
  std::string separator = ",";
  char quote = '"';    // 0 = none
  char escape = '\\';  // 0 = none
  char comment = 0;
  bool header = false;
  bool infer_schema = false;
  bool multi_line = false;
  bool trim_leading = false;
  bool trim_trailing = false;
  bool prefer_date = true;
  std::string null_value;
  std::string empty_value;  // what "" is read as
  std::string nan_value = "NaN";
  std::string positive_infinity = "Inf";
  std::string negative_infinity = "-Inf";
  std::string line_separator;  // empty: any
  std::string corrupt_column = "_corrupt_record";
  ParseMode mode = ParseMode::kPermissive;
  TimeZone zone;
  int64_t now_micros = 0;
  bool case_sensitive = false;
};

// Raises for values that Spark refuses, and by name for what isn't built.
CsvOptions ReadCsvOptions(const SourceOptions& options, const QueryContext& context);
// "\\t" to a tab and the like; raises INVALID_DELIMITER_VALUE.
std::string UnescapeSeparator(const std::string& text);
ParseMode ParseModeOf(const SourceOptions& options);
// Raises unless the encoding is UTF-8 (by name; INVALID_PARAMETER_VALUE.CHARSET for unknown ones).
void CheckEncoding(const SourceOptions& options, const char* reader);
// Raises when an option is given that isn't built, with another value than its default.
void RefuseOption(const SourceOptions& options, const char* key, std::string_view harmless);

}  // namespace centella
