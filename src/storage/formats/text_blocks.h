// Files of lines in blocks of whole lines: pieces of big files at line ends, compressed files as a stream.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/file_format.h"
#include "storage/formats/text_options.h"

namespace centella {

// What ends a line: '\n', '\r' or "\r\n" when empty, else exactly this (one or two bytes).
using LineSeparator = std::string;

// Blocks of a piece of a file, in order. A line belongs to the piece in which the byte before it lies; the first piece
// has the first line. One thread at a time.
class TextBlocks {
 public:
  // `whole`: the file comes as one block (records may span lines).
  TextBlocks(const DataFile& file, const FilePiece& piece, LineSeparator separator, bool whole,
             TextEncoding encoding = TextEncoding::kUtf8);
  ~TextBlocks();
  // The next block, or null at the end. Its last line may lack its end.
  BufferPtr Next();
  // Whether something in the last block wasn't text, and became U+FFFD.
  bool repaired() const { return repaired_; }

 private:
  struct Stream;
  BufferPtr Decode(BufferPtr block);
  BufferPtr NextOfPiece();
  BufferPtr NextOfStream();
  DataFile file_;
  FilePiece piece_;
  LineSeparator separator_;
  bool whole_;
  TextEncoding encoding_;
  bool done_ = false;
  bool repaired_ = false;
  std::unique_ptr<InputFile> input_;
  std::unique_ptr<Stream> stream_;
};

// Takes lines off the front of a block.
class LineCursor {
 public:
  LineCursor(std::string_view block, const LineSeparator& separator) : rest_(block), separator_(&separator) {}
  // False at the end.
  bool Next(std::string_view* line);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  const LineSeparator* separator_;
};

// Whether a file's name says that it's compressed; such files can't be cut. Raises for a compression that isn't built.
bool IsCompressedName(std::string_view path);
// Pieces of a slice small enough to be morsels.
std::vector<FilePiece> SplitText(const FileSlice& slice, bool splittable);

}  // namespace centella
