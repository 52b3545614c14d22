// The pages of one column chunk, decompressed one after the other. For this folder's .cc files only.
//
// libparquet has a reader of pages too; this one decompresses straight into buffers that vectors can keep (strings stay
// where they are), skips pages without decompressing them, and costs nothing for what a page's header has beyond counts.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/filesystems/filesystem.h"
#include "storage/formats/parquet_file.h"
#include "storage/formats/parquet_rle.h"

namespace arrow::util {
class Codec;
}

namespace centella {

struct ParquetPage {
  bool is_dictionary = false;
  int64_t values = 0;  // rows of a data page (columns that aren't repeated), entries of a dictionary
  parquet::Encoding::type encoding = parquet::Encoding::PLAIN;
  BufferPtr buffer;                 // keeps `levels` and `data` alive; kRlePadding bytes may be read behind both
  const uint8_t* levels = nullptr;  // definition levels, RLE of one bit; null when the column is required
  int64_t levels_size = 0;
  const uint8_t* data = nullptr;
  int64_t size = 0;
};

class ChunkPages {
 public:
  // Whether chunks like this can be read here: not encrypted, a known codec, plain values or dictionaries.
  static bool CanRead(const parquet::FileMetaData& footer, const parquet::ColumnChunkMetaData& chunk);

  // `file` outlives this. `has_levels`: the column is optional.
  ChunkPages(const InputFile& file, const parquet::ColumnChunkMetaData& chunk, bool has_levels);
  ~ChunkPages();

  // Rows of the next data page, whose header has been read but not its data; 0 at the end of the chunk. A dictionary page
  // before it is kept for dictionary(). Throws parquet::ParquetException on bytes that make no sense.
  int64_t PeekRows();
  bool next_is_plain() const;  // after PeekRows gave rows
  // That page, decompressed. `fresh`: into a buffer of its own, which may be kept; else into one that the next page uses again.
  ParquetPage Take(bool fresh);
  // Passes over that page.
  void SkipPage();
  // The chunk's dictionary page, once PeekRows has met it.
  const std::optional<ParquetPage>& dictionary() const { return dictionary_; }
  // Of the bytes read from the file, the dictionary page and the buffer that pages share.
  int64_t MemoryBytes() const;

 private:
  struct Header;
  // Makes `length` bytes at `position_` lie in the window (fewer at the chunk's end).
  const uint8_t* Window(int64_t length);
  bool ReadHeader();
  ParquetPage Load(bool fresh);
  BufferPtr Room(int64_t size, bool fresh);
  void Decompress(const uint8_t* in, int64_t in_size, uint8_t* out, int64_t out_size);

  const InputFile& file_;
  bool has_levels_;
  parquet::Compression::type compression_;
  std::unique_ptr<arrow::util::Codec> codec_;  // null for Snappy and for none
  int64_t position_ = 0;                       // in the file
  int64_t end_ = 0;
  int64_t values_left_ = 0;
  std::vector<uint8_t> window_;
  int64_t window_begin_ = 0;
  int64_t window_size_ = 0;
  std::unique_ptr<Header> header_;  // of the page at position_, null when not read yet
  std::optional<ParquetPage> dictionary_;
  BufferPtr reused_;
};

}  // namespace centella
