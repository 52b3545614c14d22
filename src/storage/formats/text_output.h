// Writing text files: buffered, optionally gzip; and how values are written in them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/file_format.h"

namespace centella {

// Collects text and passes it to the file in large steps.
class TextOutput {
 public:
  TextOutput(std::unique_ptr<OutputFile> file, bool gzip);
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
  struct Gzip;
  void WriteBuffer(bool last);
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<Gzip> gzip_;
  std::string buffer_;
};

// True for gzip, false for none; others raise by name or CODEC_NOT_AVAILABLE.
bool WantsGzip(const SourceOptions& options);

// "2020-01-01T01:02:03.456-08:00", milliseconds, in `zone`; without the offset when `zone` is null.
void AppendIsoTimestamp(int64_t micros, const TimeZone* zone, std::string* out);
// A value that isn't nested, without quotes: numbers as Java prints them, dates and times in ISO form.
void AppendValueText(const DecodedVector& values, int64_t row, const DataType& type, const TimeZone& zone, std::string* out);

}  // namespace centella
