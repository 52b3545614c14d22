// Page headers (Thrift's compact protocol) and page bodies.
#include "storage/formats/parquet_pages.h"

#include <arrow/util/compression.h>
#include <snappy.h>

#include <algorithm>
#include <limits>

namespace centella {
namespace {

// A chunk is read in windows of this size, or whole when it's smaller.
constexpr int64_t kWindowBytes = int64_t{8} << 20;
constexpr int64_t kHeaderBytes = 1 << 12;      // enough for nearly all headers
constexpr int64_t kMaxHeaderBytes = 16 << 20;  // statistics of long strings
constexpr int64_t kMaxPageBytes = int64_t{1} << 30;

[[noreturn]] void Corrupt(const char* what) { throw parquet::ParquetException(what); }

// Thrift's compact protocol, as far as page headers need it. `ended()` tells that there were too few bytes.
class CompactReader {
 public:
  CompactReader(const uint8_t* data, int64_t size) : begin_(data), at_(data), end_(data + size) {}

  bool ended() const { return ended_; }
  int64_t consumed() const { return at_ - begin_; }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    Corrupt("a page header that makes no sense");
  }
  int64_t Integer() {
    const uint64_t value = Varint();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  // The next field of a struct: its type, and `*id`; 0 at the end.
  int Field(int* id) {
    const uint8_t byte = Byte();
    if (byte == 0) return 0;
    const int delta = byte >> 4;
    *id = delta != 0 ? *id + delta : static_cast<int>(Integer());
    return byte & 0x0f;
  }
  void SkipValue(int type, int depth = 0) {
    if (depth > 16) Corrupt("a page header that is nested too deep");
    switch (type) {
      case 1:
      case 2: return;  // booleans lie in the type
      case 3: Byte(); return;
      case 4:
      case 5:
      case 6: Varint(); return;
      case 7: Advance(8); return;
      case 8: Advance(Varint()); return;
      case 9:
      case 10: SkipList(depth); return;
      case 12: SkipStruct(depth); return;
      default: Corrupt("a page header that makes no sense");
    }
  }

 private:
  uint8_t Byte() {
    if (at_ < end_) return *at_++;
    ended_ = true;
    return 0;
  }
  void Advance(uint64_t bytes) {
    if (bytes > static_cast<uint64_t>(end_ - at_)) {
      ended_ = true;
      at_ = end_;
    } else {
      at_ += bytes;
    }
  }
  void SkipList(int depth) {
    const uint8_t byte = Byte();
    uint64_t count = byte >> 4;
    if (count == 15) count = Varint();
    for (uint64_t i = 0; i < count && !ended_; ++i) {
      // A list's booleans are a byte each.
      (byte & 0x0f) <= 2 ? void(Byte()) : SkipValue(byte & 0x0f, depth + 1);
    }
  }
  void SkipStruct(int depth) {
    for (int id = 0; !ended_;) {
      const int type = Field(&id);
      if (type == 0) return;
      SkipValue(type, depth + 1);
    }
  }

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  bool ended_ = false;
};

}  // namespace

struct ChunkPages::Header {
  int64_t type = -1;  // 0 data, 2 dictionary, 3 data of version 2
  int64_t uncompressed = -1;
  int64_t compressed = -1;
  int64_t values = -1;
  int64_t encoding = 0;
  int64_t levels_encoding = 3;  // RLE
  int64_t definition_bytes = 0;
  int64_t repetition_bytes = 0;
  bool is_compressed = true;
  int64_t size = 0;  // of the header itself

  // The counts of one of the three kinds of page.
  void ReadKind(CompactReader* in, int kind) {
    for (int id = 0; !in->ended();) {
      const int type = in->Field(&id);
      if (type == 0) return;
      const bool is_number = type == 5;
      if (kind == 8 && id == 7 && (type == 1 || type == 2)) {
        is_compressed = type == 1;
      } else if (is_number && id == 1) {
        values = in->Integer();
      } else if (is_number && id == (kind == 8 ? 4 : 2)) {
        encoding = in->Integer();
      } else if (is_number && kind == 5 && id == 3) {
        levels_encoding = in->Integer();
      } else if (is_number && kind == 8 && id == 5) {
        definition_bytes = in->Integer();
      } else if (is_number && kind == 8 && id == 6) {
        repetition_bytes = in->Integer();
      } else {
        in->SkipValue(type);
      }
    }
  }

  void Read(CompactReader* in) {
    for (int id = 0; !in->ended();) {
      const int field = in->Field(&id);
      if (field == 0) break;
      if (field == 5 && id <= 3) {
        (id == 1 ? type : id == 2 ? uncompressed : compressed) = in->Integer();
      } else if (field == 12 && (id == 5 || id == 7 || id == 8)) {
        ReadKind(in, id);
      } else {
        in->SkipValue(field);
      }
    }
    size = in->consumed();
  }
};

bool ChunkPages::CanRead(const parquet::FileMetaData& footer, const parquet::ColumnChunkMetaData& chunk) {
  if (footer.is_encryption_algorithm_set() || chunk.crypto_metadata() != nullptr) return false;
  using parquet::Encoding;
  for (const Encoding::type encoding : chunk.encodings()) {
    // BIT_PACKED is what old writers name for levels that aren't there; a page that has such levels is refused later.
    const bool known = encoding == Encoding::PLAIN || encoding == Encoding::PLAIN_DICTIONARY ||
                       encoding == Encoding::RLE_DICTIONARY || encoding == Encoding::RLE ||
                       encoding == Encoding::BIT_PACKED;
    if (!known) return false;
  }
  const parquet::Compression::type compression = chunk.compression();
  return compression == parquet::Compression::UNCOMPRESSED || compression == parquet::Compression::SNAPPY ||
         compression == parquet::Compression::ZSTD || compression == parquet::Compression::GZIP ||
         compression == parquet::Compression::LZ4;
}

ChunkPages::ChunkPages(const InputFile& file, const parquet::ColumnChunkMetaData& chunk, bool has_levels)
    : file_(file), has_levels_(has_levels), compression_(chunk.compression()), values_left_(chunk.num_values()) {
  if (compression_ != parquet::Compression::SNAPPY && compression_ != parquet::Compression::UNCOMPRESSED) {
    auto codec = arrow::util::Codec::Create(compression_);
    if (!codec.ok()) throw parquet::ParquetException(codec.status().ToString());
    codec_ = std::move(codec).ValueUnsafe();
  }
  position_ = chunk.data_page_offset();
  if (chunk.has_dictionary_page() && chunk.dictionary_page_offset() > 0) {
    position_ = std::min(position_, chunk.dictionary_page_offset());
  }
  const int64_t size = chunk.total_compressed_size();
  if (position_ < 0 || position_ > file.size() || size < 0 || size > file.size())
    Corrupt("a range outside of the file");
  // Old versions of parquet-mr left headers out of the size (PARQUET-816); the number of values tells where the end is.
  constexpr int64_t kUncountedHeaders = 256;
  end_ = position_ + std::min(size + kUncountedHeaders, file.size() - position_);
}

ChunkPages::~ChunkPages() = default;

const uint8_t* ChunkPages::Window(int64_t length) {
  length = std::min(length, end_ - position_);
  if (position_ < window_begin_ || position_ + length > window_begin_ + window_size_) {
    const int64_t wanted = std::max(length, std::min(kWindowBytes, end_ - position_));
    if (static_cast<int64_t>(window_.size()) < wanted + kRlePadding) window_.resize(wanted + kRlePadding);
    window_begin_ = position_;
    window_size_ = file_.ReadAt(position_, wanted, window_.data());
    if (window_size_ < length) Corrupt("the file is shorter than its footer says");
  }
  return window_.data() + (position_ - window_begin_);
}

bool ChunkPages::ReadHeader() {
  if (position_ >= end_ || values_left_ <= 0) return false;
  for (int64_t bytes = kHeaderBytes;; bytes *= 8) {
    const int64_t there = std::min(bytes, end_ - position_);
    CompactReader in(Window(bytes), there);
    auto header = std::make_unique<Header>();
    header->Read(&in);
    if (in.ended()) {
      if (there == end_ - position_ || bytes >= kMaxHeaderBytes) Corrupt("a page header ends early");
      continue;
    }
    header_ = std::move(header);
    break;
  }
  const Header& h = *header_;
  position_ += h.size;
  if (h.uncompressed < 0 || h.compressed < 0 || h.compressed > end_ - position_ || h.uncompressed > kMaxPageBytes) {
    Corrupt("a page with a size that cannot be");
  }
  if (h.values < 0 && (h.type == 0 || h.type == 2 || h.type == 3)) Corrupt("a page without a number of values");
  return true;
}

BufferPtr ChunkPages::Room(int64_t size, bool fresh) {
  if (fresh) return Buffer::Allocate(size + kRlePadding);
  if (reused_ == nullptr || reused_->size() < size + kRlePadding) reused_ = Buffer::Allocate(size + kRlePadding);
  return reused_;
}

void ChunkPages::Decompress(const uint8_t* in, int64_t in_size, uint8_t* out, int64_t out_size) {
  if (compression_ == parquet::Compression::SNAPPY) {
    size_t length = 0;
    const auto* text = reinterpret_cast<const char*>(in);
    const auto size = static_cast<size_t>(in_size);
    if (!snappy::GetUncompressedLength(text, size, &length) || static_cast<int64_t>(length) != out_size ||
        !snappy::RawUncompress(text, size, reinterpret_cast<char*>(out))) {
      Corrupt("a page that cannot be decompressed");
    }
    return;
  }
  const auto written = codec_->Decompress(in_size, in, out_size, out);
  if (!written.ok() || *written != out_size) Corrupt("a page that cannot be decompressed");
}

// Levels of version 2 lie uncompressed before the data; those of version 1 inside, with their length before them.
ParquetPage ChunkPages::Load(bool fresh) {
  const Header& h = *header_;
  const bool v2 = h.type == 3;
  const int64_t plain = v2 ? h.definition_bytes + h.repetition_bytes : 0;
  if (v2 && (h.definition_bytes < 0 || h.repetition_bytes < 0 || plain > h.compressed || plain > h.uncompressed)) {
    Corrupt("levels longer than their page");
  }
  ParquetPage page;
  page.is_dictionary = h.type == 2;
  page.values = h.values;
  page.encoding = static_cast<parquet::Encoding::type>(h.encoding);
  const uint8_t* in = Window(h.compressed);
  page.buffer = Room(h.uncompressed, fresh);
  uint8_t* out = page.buffer->mutable_data();
  std::memset(out + h.uncompressed, 0, static_cast<size_t>(kRlePadding));
  const bool stored = compression_ == parquet::Compression::UNCOMPRESSED || (v2 && !h.is_compressed);
  if (stored) {
    if (h.compressed != h.uncompressed) Corrupt("a page with a size that cannot be");
    std::memcpy(out, in, static_cast<size_t>(h.uncompressed));
  } else {
    std::memcpy(out, in, static_cast<size_t>(plain));
    if (h.uncompressed > plain) Decompress(in + plain, h.compressed - plain, out + plain, h.uncompressed - plain);
  }
  page.data = out + plain;
  page.size = h.uncompressed - plain;
  if (page.is_dictionary || !has_levels_) return page;
  if (v2) {
    page.levels = out + h.repetition_bytes;
    page.levels_size = h.definition_bytes;
    return page;
  }
  if (h.levels_encoding != 3) Corrupt("levels in an encoding that is not read");
  uint32_t length = 0;
  if (page.size < 4) Corrupt("levels longer than their page");
  std::memcpy(&length, page.data, 4);
  if (length > page.size - 4) Corrupt("levels longer than their page");
  page.levels = page.data + 4;
  page.levels_size = length;
  page.data += 4 + length;
  page.size -= 4 + length;
  return page;
}

int64_t ChunkPages::PeekRows() {
  while (header_ == nullptr) {
    if (!ReadHeader()) return 0;
    if (header_->type == 2) {
      if (dictionary_.has_value()) Corrupt("a column with two dictionaries");
      dictionary_ = Load(true);
      SkipPage();
    } else if ((header_->type != 0 && header_->type != 3) || header_->values == 0) {
      SkipPage();  // index pages, and pages without rows
    }
  }
  return header_->values;
}

int64_t ChunkPages::MemoryBytes() const {
  int64_t bytes = static_cast<int64_t>(window_.capacity());
  if (dictionary_.has_value()) bytes += dictionary_->buffer->size();
  if (reused_ != nullptr) bytes += reused_->size();
  return bytes;
}

bool ChunkPages::next_is_plain() const { return header_->encoding == parquet::Encoding::PLAIN; }

ParquetPage ChunkPages::Take(bool fresh) {
  ParquetPage page = Load(fresh);
  SkipPage();
  return page;
}

void ChunkPages::SkipPage() {
  if (header_->type != 2) values_left_ -= header_->values;
  position_ += header_->compressed;
  header_ = nullptr;
}

}  // namespace centella
