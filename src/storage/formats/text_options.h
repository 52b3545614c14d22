// Options that the formats of text files share: modes, encodings, patterns of dates, sampling, line separators.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "functions/datetime_pattern.h"
#include "storage/data_source.h"

namespace centella {

enum class ParseMode : uint8_t { kPermissive, kDropMalformed, kFailFast };
ParseMode ParseModeOf(const SourceOptions& options);

// How bytes become characters. kBytes: as they are.
enum class TextEncoding : uint8_t { kUtf8, kLatin1, kAscii, kBytes };
// Raises INVALID_PARAMETER_VALUE.CHARSET for encodings that Spark refuses, and by name for those that aren't built.
TextEncoding EncodingOf(const SourceOptions& options, const char* reader);

// Raises when an option is given that isn't built, with another value than its default.
void RefuseOption(const SourceOptions& options, const char* key, std::string_view harmless);

// Patterns of dates and times; null where none is given.
struct TextPatterns {
  std::shared_ptr<const DatetimePattern> date, timestamp, timestamp_ntz;
  bool fallback = false;            // text that a pattern doesn't match is read as CAST does
  bool dates_as_timestamps = true;  // inference: a date among timestamps is a timestamp
  TimeZone zone;
};
TextPatterns PatternsOf(const SourceOptions& options, const QueryContext& context, bool for_reading);

// The part of the records that inference looks at: above 0; raises for anything that isn't a number.
double SamplingRatioOf(const SourceOptions& options);
// Empty when none is given; raises for an empty one.
std::string LineSeparatorOf(const SourceOptions& options);
// Raises INVALID_CORRUPT_RECORD_TYPE when the column isn't a STRING.
void CheckCorruptColumn(const DataType& schema, const std::string& column);

}  // namespace centella
