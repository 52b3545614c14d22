// Blocks of whole lines.
#include "storage/formats/text_blocks.h"

#include <arrow/io/compressed.h>
#include <arrow/util/compression.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "storage/formats/parquet_file.h"

namespace centella {
namespace {

constexpr int64_t kPieceBytes = 8 << 20;
constexpr int64_t kStepBytes = 1 << 20;
constexpr int64_t kMostBlockBytes = 2000LL << 20;  // views' lengths and sanity

// Position behind the first line end at or after `from`; npos when there is none. A '\r' at the very end isn't one yet
// (a '\n' may follow), unless `at_end`.
size_t BehindLineEnd(std::string_view text, size_t from, const LineSeparator& separator, bool at_end) {
  if (!separator.empty()) {
    const size_t found = text.find(separator, from);
    return found == std::string_view::npos ? found : found + separator.size();
  }
  const size_t newline = text.find('\n', from);
  const size_t stop = newline == std::string_view::npos ? text.size() : newline;
  const auto* carriage = static_cast<const char*>(std::memchr(text.data() + from, '\r', stop - from));
  if (carriage == nullptr) return newline == std::string_view::npos ? newline : newline + 1;
  const size_t at = static_cast<size_t>(carriage - text.data());
  if (at + 1 == text.size()) return at_end ? text.size() : std::string_view::npos;
  return text[at + 1] == '\n' ? at + 2 : at + 1;
}

// Position behind the last line end; 0 when there is none.
size_t BehindLastLineEnd(std::string_view text, const LineSeparator& separator) {
  if (!separator.empty()) {
    const size_t found = text.rfind(separator);
    return found == std::string_view::npos ? 0 : found + separator.size();
  }
  size_t end = text.size();
  if (end > 0 && text[end - 1] == '\r') --end;  // perhaps half of "\r\n"
  const size_t found = text.substr(0, end).find_last_of("\r\n");
  return found == std::string_view::npos ? 0 : found + 1;
}

BufferPtr CopyOf(std::string_view text) {
  BufferPtr buffer = Buffer::Allocate(static_cast<int64_t>(text.size()));
  if (!text.empty()) std::memcpy(buffer->mutable_data(), text.data(), text.size());
  return buffer;
}

// Length of the well-formed sequence that begins at `at`, or 0.
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(at), second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(at + 1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool fits = !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second >= 0xa0);
    return fits && follows(at + 1) && follows(at + 2) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    const bool fits = !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second >= 0x90);
    return fits && follows(at + 1) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

// With U+FFFD for each byte that isn't part of a character.
BufferPtr Sanitize(std::string_view text) {
  std::string clean;
  clean.reserve(text.size() + 16);
  for (size_t i = 0; i < text.size();) {
    const size_t length = SequenceLength(text, i);
    if (length == 0) {
      clean += "\xEF\xBF\xBD";
      ++i;
    } else {
      clean.append(text.substr(i, length));
      i += length;
    }
  }
  return CopyOf(clean);
}

// A byte is a character: the first 256 of Unicode, or only the first 128.
BufferPtr Widen(std::string_view text, bool ascii) {
  std::string wide;
  wide.reserve(text.size() + 16);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      wide += c;
    } else if (ascii) {
      wide += "\xEF\xBF\xBD";
    } else {
      wide += static_cast<char>(0xC0 | byte >> 6);
      wide += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return CopyOf(wide);
}

BufferPtr WithoutMark(BufferPtr block) {
  if (block->size() < 3 || std::memcmp(block->data(), "\xEF\xBB\xBF", 3) != 0) return block;
  return Buffer::Wrap(block->data() + 3, block->size() - 3, block);
}

arrow::Result<std::unique_ptr<arrow::util::Codec>> CodecOf(std::string_view path) {
  if (path.ends_with(".bz2")) return arrow::util::Codec::Create(arrow::Compression::BZ2);
  arrow::util::GZipCodecOptions options;
  if (path.ends_with(".deflate")) options.gzip_format = arrow::util::GZipFormat::ZLIB;
  return arrow::util::Codec::Create(arrow::Compression::GZIP, options);
}

}  // namespace

struct TextBlocks::Stream {
  std::shared_ptr<arrow::io::InputStream> input;
  std::string carry;  // bytes of a line that isn't complete
};

TextBlocks::TextBlocks(const DataFile& file, const FilePiece& piece, LineSeparator separator, bool whole,
                       TextEncoding encoding)
    : file_(file), piece_(piece), separator_(std::move(separator)), whole_(whole), encoding_(encoding) {
  if (IsCompressedName(file_.path)) {
    stream_ = std::make_unique<Stream>();
    GuardRead(file_.path, [&] {
      auto codec = CodecOf(file_.path);
      if (!codec.ok()) throw parquet::ParquetException(codec.status().ToString());
      auto opened = arrow::io::CompressedInputStream::Make(codec->get(), ArrowInput(file_.path));
      if (!opened.ok()) throw parquet::ParquetException(opened.status().ToString());
      // The stream keeps no hold of its codec.
      std::shared_ptr<arrow::util::Codec> kept = std::move(*codec);
      auto* raw = opened->get();
      stream_->input = std::shared_ptr<arrow::io::InputStream>(raw, [kept, held = *opened](arrow::io::InputStream*) {});
    });
  } else {
    std::string path;
    input_ = FileSystemOf(file_.path, &path).Open(path);
  }
}
TextBlocks::~TextBlocks() = default;

BufferPtr TextBlocks::Next() {
  if (done_) return nullptr;
  const bool first = stream_ == nullptr ? piece_.offset == 0 : stream_->carry.empty();
  BufferPtr block = GuardRead(file_.path, [&] { return stream_ != nullptr ? NextOfStream() : NextOfPiece(); });
  if (block == nullptr) return nullptr;
  return Decode(first ? WithoutMark(std::move(block)) : std::move(block));
}

BufferPtr TextBlocks::Decode(BufferPtr block) {
  const std::string_view text(block->as<char>(), static_cast<size_t>(block->size()));
  repaired_ = false;
  switch (encoding_) {
    case TextEncoding::kBytes: return block;
    case TextEncoding::kLatin1: return Widen(text, false);
    case TextEncoding::kAscii: return Widen(text, true);
    case TextEncoding::kUtf8: break;
  }
  repaired_ = !simdjson::validate_utf8(text.data(), text.size());
  return repaired_ ? Sanitize(text) : block;
}

BufferPtr TextBlocks::NextOfPiece() {
  done_ = true;
  const int64_t size = input_->size();
  int64_t begin = whole_ ? 0 : piece_.offset;
  const int64_t end = whole_ ? size : std::min(size, piece_.offset + piece_.length);
  std::string text(static_cast<size_t>(std::max<int64_t>(0, end - begin)), '\0');
  text.resize(static_cast<size_t>(input_->ReadAt(begin, static_cast<int64_t>(text.size()), text.data())));
  // Lines that begin at or before `end` are ours, so the line at `end` as well, unless the file ends there.
  size_t stop = text.size();
  if (!whole_ && end < size) {
    size_t search = text.size();
    // "\r\n" may be cut by the end: look at the byte before too.
    if (separator_.empty() && search > 0 && text[search - 1] == '\r') --search;
    size_t found = std::string::npos;
    while (true) {
      const size_t old = text.size();
      const int64_t more = std::min(kStepBytes, size - begin - static_cast<int64_t>(old));
      if (more <= 0) break;
      text.resize(old + static_cast<size_t>(more));
      text.resize(old +
                  static_cast<size_t>(input_->ReadAt(begin + static_cast<int64_t>(old), more, text.data() + old)));
      if (static_cast<int64_t>(text.size()) > kMostBlockBytes) throw std::runtime_error("a line of more than 2 GB");
      found = BehindLineEnd(text, search, separator_, begin + static_cast<int64_t>(text.size()) >= size);
      if (found == static_cast<size_t>(end - begin)) {
        // A lone '\r' ended the line before; ours is the next.
        search = found;
        found = BehindLineEnd(text, search, separator_, begin + static_cast<int64_t>(text.size()) >= size);
      }
      if (found != std::string::npos || text.size() == old) break;
    }
    stop = found == std::string::npos ? text.size() : found;
  }
  size_t start = 0;
  if (begin > 0) {
    const size_t behind = BehindLineEnd(text, 0, separator_, true);
    start = behind == std::string::npos ? text.size() : behind;
  }
  if (start >= stop) return nullptr;
  return CopyOf(std::string_view(text).substr(start, stop - start));
}

BufferPtr TextBlocks::NextOfStream() {
  std::string text = std::move(stream_->carry);
  stream_->carry.clear();
  while (true) {
    const size_t old = text.size();
    if (static_cast<int64_t>(old) > kMostBlockBytes) throw std::runtime_error("a line or file of more than 2 GB");
    text.resize(old + kStepBytes);
    auto read = stream_->input->Read(kStepBytes, text.data() + old);
    if (!read.ok()) throw std::runtime_error(read.status().ToString());
    text.resize(old + static_cast<size_t>(*read));
    if (*read == 0) {
      done_ = true;
      return text.empty() ? nullptr : CopyOf(text);
    }
    if (whole_ || static_cast<int64_t>(text.size()) < kPieceBytes) continue;
    const size_t stop = BehindLastLineEnd(text, separator_);
    if (stop == 0) continue;
    stream_->carry = text.substr(stop);
    return CopyOf(std::string_view(text).substr(0, stop));
  }
}

bool LineCursor::Next(std::string_view* line) {
  if (rest_.empty()) return false;
  const size_t behind = BehindLineEnd(rest_, 0, *separator_, true);
  if (behind == std::string_view::npos) {
    *line = rest_;
    rest_ = {};
    return true;
  }
  size_t end = behind;
  if (!separator_->empty()) {
    end -= separator_->size();
  } else {
    if (rest_[end - 1] == '\n') {
      --end;
      if (end > 0 && rest_[end - 1] == '\r') --end;
    } else {
      --end;
    }
  }
  *line = rest_.substr(0, end);
  rest_ = rest_.substr(behind);
  return true;
}

bool IsCompressedName(std::string_view path) {
  const auto ends = [&](std::string_view extension) { return path.ends_with(extension); };
  if (ends(".gz") || ends(".deflate") || ends(".bz2")) return true;
  for (const std::string_view extension : {".zst", ".snappy", ".lz4"}) {
    if (ends(extension)) RaiseUnsupported("text files compressed as " + std::string(extension));
  }
  return false;
}

std::vector<FilePiece> SplitText(const FileSlice& slice, bool splittable) {
  std::vector<FilePiece> pieces;
  if (!splittable) {
    pieces.push_back({slice.file, slice.offset, slice.length, 0, slice.length / 64});
    return pieces;
  }
  for (int64_t offset = 0; offset < slice.length; offset += kPieceBytes) {
    const int64_t length = std::min(kPieceBytes, slice.length - offset);
    pieces.push_back({slice.file, slice.offset + offset, length, 0, length / 64});
  }
  return pieces;
}

}  // namespace centella
