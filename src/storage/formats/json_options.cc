// The options of JSON files.
#include "storage/formats/json_options.h"

#include <algorithm>

namespace centella {
namespace {

JsonDialect DialectOf(const SourceOptions& options) {
  JsonDialect out;
  out.comments = options.GetBool("allowComments", false);
  out.unquoted_names = options.GetBool("allowUnquotedFieldNames", false);
  out.single_quotes = options.GetBool("allowSingleQuotes", true);
  out.leading_zeros = options.GetBool("allowNumericLeadingZeros", false);
  out.non_numeric_numbers = options.GetBool("allowNonNumericNumbers", true);
  out.escape_anything = options.GetBool("allowBackslashEscapingAnyCharacter", false);
  out.control_characters = options.GetBool("allowUnquotedControlChars", false);
  out.most_depth = std::min<int64_t>(out.most_depth, options.GetInt("maxNestingDepth", out.most_depth));
  out.most_number_length = options.GetInt("maxNumLen", out.most_number_length);
  out.most_string_length = options.GetInt("maxStringLen", out.most_string_length);
  return out;
}

}  // namespace

JsonOptions ReadJsonOptions(const SourceOptions& options, const QueryContext& context) {
  JsonOptions out;
  RefuseOption(options, "locale", "en-US");
  RefuseOption(options, "singleVariantColumn", "");
  if (const auto partial = context.config.Get("spark.sql.json.enablePartialResults"); partial && *partial != "true") {
    RaiseUnsupported("spark.sql.json.enablePartialResults=" + *partial);
  }
  out.encoding = EncodingOf(options, "JSONOptionsInRead");
  out.reading.dialect = DialectOf(options);
  out.reading.copy_source = !options.Get("encoding") && !options.Get("charset");
  if (const auto exact = context.config.Get("spark.sql.json.enableExactStringParsing"); exact && *exact == "false") {
    out.reading.copy_source = false;
  }
  const TextPatterns patterns = PatternsOf(options, context, true);
  out.reading.date_pattern = patterns.date;
  out.reading.timestamp_pattern = patterns.timestamp;
  out.reading.timestamp_ntz_pattern = patterns.timestamp_ntz;
  out.reading.datetime_fallback = patterns.fallback;
  out.reading.zone = patterns.zone;
  out.reading.now_micros = context.start_micros;
  out.inference.primitives_as_string = options.GetBool("primitivesAsString", false);
  out.inference.prefers_decimal = options.GetBool("prefersDecimal", false);
  out.inference.infer_timestamp = options.GetBool("inferTimestamp", false);
  out.inference.infer_ntz = context.config.Get("spark.sql.timestampType").value_or("") == "TIMESTAMP_NTZ";
  out.inference.drop_all_null = options.GetBool("dropFieldIfAllNull", false);
  out.inference.case_sensitive = context.case_sensitive;
  out.sampling_ratio = SamplingRatioOf(options);
  out.multi_line = options.GetBool("multiLine", false);
  out.line_separator = LineSeparatorOf(options);
  const auto corrupt = context.config.Get("spark.sql.columnNameOfCorruptRecord");
  out.corrupt_column = options.Get("columnNameOfCorruptRecord", corrupt.value_or("_corrupt_record"));
  out.mode = ParseModeOf(options);
  return out;
}

}  // namespace centella
