// Cuts CSV text into records and fields.
#pragma once

#include <string_view>
#include <vector>

#include "storage/formats/csv_options.h"
#include "vector/vector.h"

namespace centella {

struct CsvField {
  std::string_view text;
  bool is_null = false;    // empty and not quoted
  bool unescaped = false;  // `text` lies in the parser's heap instead of the block
};

// Over one block of text; fields stay valid as long as the block and the heap.
class CsvParser {
 public:
  // `heap` takes the text of fields that had escapes.
  CsvParser(std::string_view block, const CsvOptions& options, StringHeap* heap);
  // Fields of the next record, blank lines and comments left out; false at the end.
  bool Next(std::vector<CsvField>* fields);
  // Goes over the next record without looking at its fields.
  bool SkipRecord();
  // Text of the record that Next gave, without its line's end.
  std::string_view record() const { return record_; }

 private:
  bool NextLine(std::string_view* line);
  bool NextOfBlock(std::vector<CsvField>* fields);
  // Fields of `text` up to a line's end (multi-line) or its own end; gives where it stopped.
  size_t ParseRecord(std::string_view text, std::vector<CsvField>* fields);
  size_t ParseField(std::string_view text, size_t at, CsvField* field);
  size_t ParseQuoted(std::string_view text, size_t at, CsvField* field, bool* closed);
  size_t BehindQuote(std::string_view text, size_t at) const;
  size_t FindPlainEnd(std::string_view text, size_t at) const;
  bool IsSeparator(std::string_view text, size_t at) const;
  bool IsLineEnd(std::string_view text, size_t at) const;
  size_t LineEndLength(std::string_view text, size_t at) const;
  CsvField Plain(std::string_view text) const;
  [[noreturn]] void Refuse() const;  // a record beyond the limits
  std::string_view Unescape(std::string_view text, bool* changed);

  std::string_view rest_;
  const CsvOptions& options_;
  StringHeap* heap_;
  std::string_view record_;
};

}  // namespace centella
