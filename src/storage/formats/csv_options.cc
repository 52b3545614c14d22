// The options of CSV files.
#include "storage/formats/csv_options.h"

#include <algorithm>

namespace centella {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

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

ParseMode ParseModeOf(const SourceOptions& options) {
  const std::string mode = Lower(options.Get("mode", "PERMISSIVE"));
  if (mode == "dropmalformed") return ParseMode::kDropMalformed;
  if (mode == "failfast") return ParseMode::kFailFast;
  return ParseMode::kPermissive;  // unknown words too, as Spark has it
}

void CheckEncoding(const SourceOptions& options, const char* reader) {
  auto given = options.Get("encoding");
  if (!given) given = options.Get("charset");
  if (!given) return;
  const std::string name = Lower(*given);
  if (name == "utf-8" || name == "utf8") return;
  static const char* const known[] = {"iso-8859-1", "us-ascii", "utf-16", "utf-16be", "utf-16le", "utf-32"};
  if (std::find(std::begin(known), std::end(known), name) != std::end(known)) RaiseUnsupported("the encoding " + *given);
  Raise(Condition::INVALID_PARAMETER_VALUE__CHARSET,
        {{"functionName", std::string("`") + reader + "`"},
         {"parameter", "`charset`"},
         {"charset", *given},
         {"charsets", "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8"}});
}

void RefuseOption(const SourceOptions& options, const char* key, std::string_view harmless) {
  const auto given = options.Get(key);
  if (given && Lower(*given) != Lower(std::string(harmless))) {
    RaiseUnsupported("the option " + std::string(key) + "=" + *given);
  }
}

CsvOptions ReadCsvOptions(const SourceOptions& options, const QueryContext& context) {
  CheckEncoding(options, "CSVOptions");
  RefuseOption(options, "unescapedQuoteHandling", "STOP_AT_DELIMITER");
  RefuseOption(options, "charToEscapeQuoteEscaping", "");
  RefuseOption(options, "locale", "en-US");
  RefuseOption(options, "enforceSchema", "true");
  RefuseOption(options, "maxCharsPerColumn", "-1");
  RefuseOption(options, "dateFormat", "yyyy-MM-dd");
  RefuseOption(options, "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]");
  RefuseOption(options, "timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss[.SSS]");
  RefuseOption(options, "singleVariantColumn", "");
  RefuseOption(options, "samplingRatio", "1.0");
  CsvOptions out;
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
  out.line_separator = options.Get("lineSep", "");
  if (out.line_separator.size() > 2) RaiseUnsupported("the option lineSep of more than two characters");
  const auto corrupt = context.config.Get("spark.sql.columnNameOfCorruptRecord");
  out.corrupt_column = options.Get("columnNameOfCorruptRecord", corrupt.value_or("_corrupt_record"));
  out.mode = ParseModeOf(options);
  const auto zone = options.Get("timeZone");
  out.zone = zone ? TimeZone::Load(*zone) : context.zone;
  out.now_micros = context.start_micros;
  out.case_sensitive = context.case_sensitive;
  return out;
}

}  // namespace centella
