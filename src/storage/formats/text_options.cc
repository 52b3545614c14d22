// Options of text files.
#include "storage/formats/text_options.h"

#include <algorithm>

#include "types/text.h"

namespace centella {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::shared_ptr<const DatetimePattern> PatternOf(const SourceOptions& options, const char* key, bool for_reading) {
  const auto given = options.Get(key);
  return given ? std::make_shared<const DatetimePattern>(*given, for_reading) : nullptr;
}

}  // namespace

ParseMode ParseModeOf(const SourceOptions& options) {
  const std::string mode = Lower(options.Get("mode", "PERMISSIVE"));
  if (mode == "dropmalformed") return ParseMode::kDropMalformed;
  if (mode == "failfast") return ParseMode::kFailFast;
  return ParseMode::kPermissive;  // unknown words too, as Spark has it
}

TextEncoding EncodingOf(const SourceOptions& options, const char* reader) {
  auto given = options.Get("encoding");
  if (!given) given = options.Get("charset");
  const std::string name = Lower(given.value_or("utf-8"));
  if (name == "utf-8" || name == "utf8") return TextEncoding::kUtf8;
  if (name == "iso-8859-1") return TextEncoding::kLatin1;
  if (name == "us-ascii") return TextEncoding::kAscii;
  static const char* const known[] = {"utf-16", "utf-16be", "utf-16le", "utf-32"};
  if (std::find(std::begin(known), std::end(known), name) != std::end(known))
    RaiseUnsupported("the encoding " + *given);
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

TextPatterns PatternsOf(const SourceOptions& options, const QueryContext& context, bool for_reading) {
  TextPatterns out;
  out.date = PatternOf(options, "dateFormat", for_reading);
  out.timestamp = PatternOf(options, "timestampFormat", for_reading);
  out.timestamp_ntz = PatternOf(options, "timestampNTZFormat", for_reading);
  out.fallback = options.GetBool("enableDateTimeParsingFallback", false);
  // Dates that the reading of timestamps takes as well.
  static const char* const lenient[] = {"yyyy-MM-dd", "yyyy-M-d", "yyyy-M-dd", "yyyy-MM-d",
                                        "yyyy-MM",    "yyyy-M",   "yyyy"};
  const std::string date_format = options.Get("dateFormat", "yyyy-MM-dd");
  out.dates_as_timestamps =
      out.timestamp == nullptr && std::find(std::begin(lenient), std::end(lenient), date_format) != std::end(lenient);
  const auto zone = options.Get("timeZone");
  out.zone = zone ? TimeZone::Load(*zone) : context.zone;
  return out;
}

double SamplingRatioOf(const SourceOptions& options) {
  const auto given = options.Get("samplingRatio");
  double ratio = 1;
  if (given && (!ParseDouble(*given, &ratio) || !(ratio > 0))) {
    Raise(Condition::_LEGACY_ERROR_TEMP_2146, {{"paramName", "samplingRatio"}, {"value", *given}});
  }
  return ratio;
}

std::string LineSeparatorOf(const SourceOptions& options) {
  const auto given = options.Get("lineSep");
  if (given && given->empty()) Raise(Condition::INVALID_DELIMITER_VALUE__EMPTY_STRING);
  return given.value_or("");
}

void CheckCorruptColumn(const DataType& schema, const std::string& column) {
  const int corrupt = schema.FieldIndex(column, true);
  if (corrupt < 0 || schema.fields()[static_cast<size_t>(corrupt)].type->is(TypeId::kString)) return;
  Raise(Condition::INVALID_CORRUPT_RECORD_TYPE,
        {{"columnName", "`" + column + "`"},
         {"actualType", "\"" + schema.fields()[static_cast<size_t>(corrupt)].type->ToSql() + "\""}});
}

}  // namespace centella
