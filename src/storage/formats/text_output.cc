// Writing text files.
#include "storage/formats/text_output.h"

#include <zlib.h>

#include <algorithm>
#include <cstdio>

#include "types/calendar.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {

struct TextOutput::Gzip {
  z_stream stream = {};
  Gzip() {
    constexpr int kGzipWindow = 15 + 16;
    CENTELLA_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK,
                   "zlib could not begin");
  }
  ~Gzip() { deflateEnd(&stream); }
};

TextOutput::TextOutput(std::unique_ptr<OutputFile> file, bool gzip) : file_(std::move(file)) {
  if (gzip) gzip_ = std::make_unique<Gzip>();
}
TextOutput::~TextOutput() = default;

void TextOutput::WriteBuffer(bool last) {
  if (gzip_ == nullptr) {
    file_->Write(buffer_.data(), static_cast<int64_t>(buffer_.size()));
    buffer_.clear();
    return;
  }
  z_stream& stream = gzip_->stream;
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

bool WantsGzip(const SourceOptions& options) {
  auto name = options.Get("compression");
  if (!name) name = options.Get("codec");
  std::string wanted = name.value_or("none");
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](unsigned char c) { return std::tolower(c); });
  if (wanted == "none" || wanted == "uncompressed") return false;
  if (wanted == "gzip") return true;
  for (const char* known : {"bzip2", "deflate", "snappy", "lz4"}) {
    if (wanted == known) RaiseUnsupported("the compression " + wanted + " of text files");
  }
  Raise(Condition::CODEC_NOT_AVAILABLE__WITH_AVAILABLE_CODECS_SUGGESTION,
        {{"codecName", *name}, {"availableCodecs", "bzip2, deflate, uncompressed, snappy, none, lz4, gzip"}});
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

void AppendValueText(const DecodedVector& values, int64_t row, const DataType& type, const TimeZone& zone, std::string* out) {
  char text[128];
  char* end = text;
  switch (type.id()) {
    case TypeId::kBoolean: *out += values.Value<uint8_t>(row) != 0 ? "true" : "false"; return;
    case TypeId::kByte: end = WriteInt64(values.Value<int8_t>(row), text); break;
    case TypeId::kShort: end = WriteInt64(values.Value<int16_t>(row), text); break;
    case TypeId::kInt: end = WriteInt64(values.Value<int32_t>(row), text); break;
    case TypeId::kLong: end = WriteInt64(values.Value<int64_t>(row), text); break;
    case TypeId::kFloat: end = WriteFloat(values.Value<float>(row), text); break;
    case TypeId::kDouble: end = WriteDouble(values.Value<double>(row), text); break;
    case TypeId::kDecimal: {
      const bool wide = type.physical() == PhysicalType::kInt128;
      const int128_t value = wide ? values.Value<int128_t>(row) : int128_t{values.Value<int64_t>(row)};
      end = WriteDecimalScientific(value, type.scale(), text);
      break;
    }
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar: *out += values.Value<StringView>(row).view(); return;
    case TypeId::kDate: end = WriteDate(values.Value<int32_t>(row), text); break;
    case TypeId::kTimestamp: AppendIsoTimestamp(values.Value<int64_t>(row), &zone, out); return;
    case TypeId::kTimestampNtz: AppendIsoTimestamp(values.Value<int64_t>(row), nullptr, out); return;
    case TypeId::kYearMonthInterval:
      *out += YearMonthIntervalToString(values.Value<int32_t>(row), type.start_field(), type.end_field());
      return;
    case TypeId::kDayTimeInterval:
      *out += DayTimeIntervalToString(values.Value<int64_t>(row), type.start_field(), type.end_field());
      return;
    default: RaiseUnsupported("writing " + type.ToSql() + " as text");
  }
  out->append(text, static_cast<size_t>(end - text));
}

}  // namespace centella
