// The options of CSV files.
#include "storage/formats/csv_options.h"

namespace centella {
namespace {

// One character, or none when the text is empty.
char CharOption(const SourceOptions& options, const char* key, char default_value) {
  const auto text = options.Get(key);
  if (!text) return default_value;
  if (text->empty()) return 0;
  if (text->size() > 1) {
    Raise(Condition::OPTION_VALUE_EXCEEDS_ONE_CHARACTER, {{"paramName", key}, {"actualValue", *text}});
  }
  return (*text)[0];
}

QuoteInValue QuoteInValueOf(const SourceOptions& options) {
  std::string word = options.Get("unescapedQuoteHandling", "STOP_AT_DELIMITER");
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (word == "STOP_AT_DELIMITER") return QuoteInValue::kStopAtDelimiter;
  if (word == "STOP_AT_CLOSING_QUOTE") return QuoteInValue::kStopAtClosingQuote;
  if (word == "SKIP_VALUE") return QuoteInValue::kSkipValue;
  RaiseUnsupported("the option unescapedQuoteHandling=" + word);
}

}  // namespace

std::string UnescapeSeparator(const std::string& text) {
  if (text.empty()) Raise(Condition::INVALID_DELIMITER_VALUE__EMPTY_STRING);
  if (text == "\\") Raise(Condition::INVALID_DELIMITER_VALUE__SINGLE_BACKSLASH);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    constexpr std::string_view kNames = "trbf\"'\\0";
    constexpr std::string_view kMeant("\t\r\b\f\"'\\\0", 8);
    const size_t known = kNames.find(next);
    if (known == std::string_view::npos) {
      Raise(Condition::INVALID_DELIMITER_VALUE__UNSUPPORTED_SPECIAL_CHARACTER, {{"str", std::string("\\") + next}});
    }
    out += kMeant[known];
  }
  return out;
}

CsvOptions ReadCsvOptions(const SourceOptions& options, const QueryContext& context, bool for_reading) {
  RefuseOption(options, "charToEscapeQuoteEscaping", "");
  RefuseOption(options, "locale", "en-US");
  RefuseOption(options, "singleVariantColumn", "");
  CsvOptions out;
  out.encoding = EncodingOf(options, "CSVOptions");
  out.quote_in_value = QuoteInValueOf(options);
  out.enforce_schema = options.GetBool("enforceSchema", true);
  out.most_columns = options.GetInt("maxColumns", out.most_columns);
  out.most_characters = options.GetInt("maxCharsPerColumn", out.most_characters);
  out.sampling_ratio = SamplingRatioOf(options);
  auto separator = options.Get("sep");
  if (!separator) separator = options.Get("delimiter");
  if (separator) out.separator = UnescapeSeparator(*separator);
  out.quote = CharOption(options, "quote", '"');
  out.escape = CharOption(options, "escape", '\\');
  out.comment = CharOption(options, "comment", 0);
  out.header = options.GetBool("header", false);
  out.infer_schema = options.GetBool("inferSchema", false);
  out.multi_line = options.GetBool("multiLine", false);
  out.trim_leading = options.GetBool("ignoreLeadingWhiteSpace", false);
  out.trim_trailing = options.GetBool("ignoreTrailingWhiteSpace", false);
  out.prefer_date = options.GetBool("preferDate", true);
  out.null_value = options.Get("nullValue", "");
  out.empty_value = options.Get("emptyValue", "");
  out.nan_value = options.Get("nanValue", "NaN");
  out.positive_infinity = options.Get("positiveInf", "Inf");
  out.negative_infinity = options.Get("negativeInf", "-Inf");
  out.line_separator = LineSeparatorOf(options);
  if (out.line_separator.size() > 2) RaiseUnsupported("the option lineSep of more than two characters");
  const auto corrupt = context.config.Get("spark.sql.columnNameOfCorruptRecord");
  out.corrupt_column = options.Get("columnNameOfCorruptRecord", corrupt.value_or("_corrupt_record"));
  out.mode = ParseModeOf(options);
  out.patterns = PatternsOf(options, context, for_reading);
  out.now_micros = context.start_micros;
  out.case_sensitive = context.case_sensitive;
  return out;
}

}  // namespace centella
