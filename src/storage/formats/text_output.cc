// Writing text files.
#include "storage/formats/text_output.h"

#include <zlib.h>

#include <algorithm>
#include <cstdio>

#include "types/calendar.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {

struct TextOutput::Deflater {
  z_stream stream = {};
  explicit Deflater(bool gzip) {
    constexpr int kWindow = 15, kGzipWindow = 15 + 16;
    CENTELLA_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip ? kGzipWindow : kWindow, 8,
                                Z_DEFAULT_STRATEGY) == Z_OK,
                   "zlib could not begin");
  }
  ~Deflater() { deflateEnd(&stream); }
};

TextOutput::TextOutput(std::unique_ptr<OutputFile> file, TextCompression compression) : file_(std::move(file)) {
  if (compression == TextCompression::kNone) return;
  deflater_ = std::make_unique<Deflater>(compression == TextCompression::kGzip);
}
TextOutput::~TextOutput() = default;

void TextOutput::WriteBuffer(bool last) {
  if (deflater_ == nullptr) {
    file_->Write(buffer_.data(), static_cast<int64_t>(buffer_.size()));
    buffer_.clear();
    return;
  }
  z_stream& stream = deflater_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(buffer_.data());
  stream.avail_in = static_cast<uInt>(buffer_.size());
  char room[64 << 10];
  int result = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(room);
    stream.avail_out = sizeof(room);
    result = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    file_->Write(room, static_cast<int64_t>(sizeof(room) - stream.avail_out));
  } while (stream.avail_out == 0 || (last && result != Z_STREAM_END));
  buffer_.clear();
}

void TextOutput::Finish() {
  WriteBuffer(true);
  file_->Close();
}

TextCompression CompressionOf(const SourceOptions& options) {
  auto name = options.Get("compression");
  if (!name) name = options.Get("codec");
  std::string wanted = name.value_or("none");
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](unsigned char c) { return std::tolower(c); });
  if (wanted == "none" || wanted == "uncompressed") return TextCompression::kNone;
  if (wanted == "gzip") return TextCompression::kGzip;
  if (wanted == "deflate") return TextCompression::kDeflate;
  for (const char* known : {"bzip2", "snappy", "lz4"}) {
    if (wanted == known) RaiseUnsupported("the compression " + wanted + " of text files");
  }
  Raise(Condition::CODEC_NOT_AVAILABLE__WITH_AVAILABLE_CODECS_SUGGESTION,
        {{"codecName", *name}, {"availableCodecs", "bzip2, deflate, uncompressed, snappy, none, lz4, gzip"}});
}

std::string ExtensionOf(TextCompression compression) {
  return compression == TextCompression::kNone ? "" : compression == TextCompression::kGzip ? ".gz" : ".deflate";
}

void AppendIsoTimestamp(int64_t micros, const TimeZone* zone, std::string* out) {
  const int32_t offset = zone != nullptr ? zone->OffsetSecondsAt(micros) : 0;
  const int64_t local = micros + int64_t{offset} * kMicrosPerSecond;
  const int64_t day = FloorDiv(local, kMicrosPerDay);
  const int64_t millis = FloorMod(local, kMicrosPerDay) / 1000;
  char text[64];
  char* end = WriteDate(day, text);
  end += std::snprintf(end, 24, "T%02d:%02d:%02d.%03d", static_cast<int>(millis / 3600000),
                       static_cast<int>(millis / 60000 % 60), static_cast<int>(millis / 1000 % 60),
                       static_cast<int>(millis % 1000));
  out->append(text, static_cast<size_t>(end - text));
  if (zone == nullptr) return;
  if (offset == 0) {
    *out += 'Z';
    return;
  }
  const int minutes = (offset < 0 ? -offset : offset) / 60;
  std::snprintf(text, sizeof(text), "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  *out += text;
}

void AppendTextOf(const Vector& values, int64_t row, const TextPatterns& patterns, std::string* out) {
  const DataType& type = *values.type();
  char text[128];
  char* end = text;
  switch (type.id()) {
    case TypeId::kBoolean: *out += values.data<uint8_t>()[row] != 0 ? "true" : "false"; return;
    case TypeId::kByte: end = WriteInt64(values.data<int8_t>()[row], text); break;
    case TypeId::kShort: end = WriteInt64(values.data<int16_t>()[row], text); break;
    case TypeId::kInt: end = WriteInt64(values.data<int32_t>()[row], text); break;
    case TypeId::kLong: end = WriteInt64(values.data<int64_t>()[row], text); break;
    case TypeId::kFloat: end = WriteFloat(values.data<float>()[row], text); break;
    case TypeId::kDouble: end = WriteDouble(values.data<double>()[row], text); break;
    case TypeId::kDecimal: {
      const bool wide = type.physical() == PhysicalType::kInt128;
      const int128_t value = wide ? values.data<int128_t>()[row] : int128_t{values.data<int64_t>()[row]};
      end = WriteDecimalScientific(value, type.scale(), text);
      break;
    }
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar: *out += values.data<StringView>()[row].view(); return;
    case TypeId::kDate:
      if (patterns.date != nullptr)
        return patterns.date->Format(values.data<int32_t>()[row] * kMicrosPerDay, TimeZone(), out);
      end = WriteDate(values.data<int32_t>()[row], text);
      break;
    case TypeId::kTimestamp:
      if (patterns.timestamp != nullptr)
        return patterns.timestamp->Format(values.data<int64_t>()[row], patterns.zone, out);
      return AppendIsoTimestamp(values.data<int64_t>()[row], &patterns.zone, out);
    case TypeId::kTimestampNtz:
      if (patterns.timestamp_ntz != nullptr)
        return patterns.timestamp_ntz->Format(values.data<int64_t>()[row], TimeZone(), out);
      return AppendIsoTimestamp(values.data<int64_t>()[row], nullptr, out);
    case TypeId::kYearMonthInterval:
      *out += YearMonthIntervalToString(values.data<int32_t>()[row], type.start_field(), type.end_field());
      return;
    case TypeId::kDayTimeInterval:
      *out += DayTimeIntervalToString(values.data<int64_t>()[row], type.start_field(), type.end_field());
      return;
    default: RaiseUnsupported("writing " + type.ToSql() + " as text");
  }
  out->append(text, static_cast<size_t>(end - text));
}

}  // namespace centella
