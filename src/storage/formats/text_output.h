// Writing text files: buffered, optionally gzip; and how values are written in them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/file_format.h"
#include "storage/formats/text_options.h"

namespace centella {

enum class TextCompression : uint8_t { kNone, kGzip, kDeflate };

// Collects text and passes it to the file in large steps.
class TextOutput {
 public:
  TextOutput(std::unique_ptr<OutputFile> file, TextCompression compression);
  ~TextOutput();
  // Append here, then call Flush once in a while.
  std::string& buffer() { return buffer_; }
  // Writes what was collected when it is much.
  void Flush() {
    if (buffer_.size() >= kStep) WriteBuffer(false);
  }
  void Finish();

 private:
  static constexpr size_t kStep = 256 << 10;
  struct Deflater;
  void WriteBuffer(bool last);
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<Deflater> deflater_;
  std::string buffer_;
};

// Others than these raise by name or CODEC_NOT_AVAILABLE.
TextCompression CompressionOf(const SourceOptions& options);
// ".gz" and the like; empty for none.
std::string ExtensionOf(TextCompression compression);

// "2020-01-01T01:02:03.456-08:00", milliseconds, in `zone`; without the offset when `zone` is null.
void AppendIsoTimestamp(int64_t micros, const TimeZone* zone, std::string* out);
// A value of a flat vector that isn't nested, without quotes: numbers as Java prints them, dates and times as the
// patterns say, else in ISO form.
void AppendTextOf(const Vector& values, int64_t row, const TextPatterns& patterns, std::string* out);

}  // namespace centella
