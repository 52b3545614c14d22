// The options of CSV files, checked; shared by reader, inference and writer.
#pragma once

#include <string>

#include "storage/data_source.h"
#include "storage/formats/text_options.h"

namespace centella {

// What becomes of a field when text stands behind a quote that isn't escaped.
enum class QuoteInValue : uint8_t { kStopAtDelimiter, kStopAtClosingQuote, kSkipValue };

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
  TextEncoding encoding = TextEncoding::kUtf8;
  QuoteInValue quote_in_value = QuoteInValue::kStopAtDelimiter;
  int64_t most_columns = 20480;
  int64_t most_characters = -1;  // of a field; -1: any
  bool enforce_schema = true;
  double sampling_ratio = 1;
  std::string corrupt_column = "_corrupt_record";
  ParseMode mode = ParseMode::kPermissive;
  TextPatterns patterns;
  int64_t now_micros = 0;
  bool case_sensitive = false;
};

// Raises for values that Spark refuses, and by name for what isn't built.
CsvOptions ReadCsvOptions(const SourceOptions& options, const QueryContext& context, bool for_reading = true);
// "\\t" to a tab and the like; raises INVALID_DELIMITER_VALUE.
std::string UnescapeSeparator(const std::string& text);

}  // namespace centella
