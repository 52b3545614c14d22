// The CSV grammar as Spark's parser takes it: quotes only at a field's beginning, an escape only before quote and
// escape, fields with text behind their closing quote taken as they stand.
#include "storage/formats/csv_parser.h"

#include <cstring>

#include "storage/formats/text_blocks.h"

namespace centella {
namespace {

bool IsBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

bool IsBlankLine(std::string_view line) {
  for (const char c : line) {
    if (!IsBlank(c)) return false;
  }
  return true;
}

}  // namespace

CsvParser::CsvParser(std::string_view block, const CsvOptions& options, StringHeap* heap)
    : rest_(block), options_(options), heap_(heap) {}

bool CsvParser::NextLine(std::string_view* line) {
  LineCursor cursor(rest_, options_.line_separator);
  while (cursor.Next(line)) {
    rest_ = cursor.rest();
    const bool comment = options_.comment != 0 && !line->empty() && line->front() == options_.comment;
    if (!comment && !IsBlankLine(*line)) return true;
  }
  rest_ = {};
  return false;
}

bool CsvParser::SkipRecord() {
  if (!options_.multi_line) return NextLine(&record_);
  std::vector<CsvField> fields;
  return NextOfBlock(&fields);
}

bool CsvParser::Next(std::vector<CsvField>* fields) {
  fields->clear();
  if (options_.multi_line) return NextOfBlock(fields);
  if (!NextLine(&record_)) return false;
  ParseRecord(record_, fields);
  return true;
}

bool CsvParser::NextOfBlock(std::vector<CsvField>* fields) {
  while (!rest_.empty()) {
    fields->clear();
    if (options_.comment != 0 && rest_.front() == options_.comment) {
      std::string_view line;
      LineCursor cursor(rest_, options_.line_separator);
      cursor.Next(&line);
      rest_ = cursor.rest();
      continue;
    }
    const size_t end = ParseRecord(rest_, fields);
    record_ = rest_.substr(0, end);
    rest_ = rest_.substr(end + (end < rest_.size() ? LineEndLength(rest_, end) : 0));
    if (!IsBlankLine(record_)) return true;
  }
  return false;
}

bool CsvParser::IsSeparator(std::string_view text, size_t at) const {
  return text.compare(at, options_.separator.size(), options_.separator) == 0;
}

bool CsvParser::IsLineEnd(std::string_view text, size_t at) const {
  return options_.multi_line && LineEndLength(text, at) > 0;
}

size_t CsvParser::LineEndLength(std::string_view text, size_t at) const {
  if (!options_.line_separator.empty()) {
    return text.compare(at, options_.line_separator.size(), options_.line_separator) == 0
               ? options_.line_separator.size()
               : 0;
  }
  if (text[at] == '\n') return 1;
  if (text[at] != '\r') return 0;
  return at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
}

size_t CsvParser::ParseRecord(std::string_view text, std::vector<CsvField>* fields) {
  size_t at = 0;
  while (true) {
    CsvField field;
    at = ParseField(text, at, &field);
    if (options_.most_characters >= 0 && static_cast<int64_t>(field.text.size()) > options_.most_characters) Refuse();
    if (static_cast<int64_t>(fields->size()) >= options_.most_columns) Refuse();
    fields->push_back(field);
    if (at >= text.size() || !IsSeparator(text, at)) return at;
    at += options_.separator.size();
  }
}

void CsvParser::Refuse() const {
  constexpr size_t kMost = 1000;
  Raise(Condition::MALFORMED_CSV_RECORD, {{"badRecord", std::string(record_.substr(0, kMost))}});
}

size_t CsvParser::FindPlainEnd(std::string_view text, size_t at) const {
  if (!options_.multi_line && options_.separator.size() == 1) {
    const void* found = std::memchr(text.data() + at, options_.separator[0], text.size() - at);
    return found == nullptr ? text.size() : static_cast<size_t>(static_cast<const char*>(found) - text.data());
  }
  while (at < text.size() && !IsSeparator(text, at) && !IsLineEnd(text, at)) ++at;
  return at;
}

CsvField CsvParser::Plain(std::string_view text) const {
  if (options_.trim_leading) {
    while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  }
  if (options_.trim_trailing) {
    while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  }
  return {text, text.empty(), false};
}

size_t CsvParser::ParseField(std::string_view text, size_t at, CsvField* field) {
  size_t begin = at;
  if (options_.trim_leading) {
    while (begin < text.size() && IsBlank(text[begin]) && !IsSeparator(text, begin) && !IsLineEnd(text, begin)) ++begin;
  }
  size_t search = at;
  if (options_.quote != 0 && begin < text.size() && text[begin] == options_.quote) {
    bool closed = false;
    search = ParseQuoted(text, begin, field, &closed);
    if (closed) return search;
  }
  const size_t end = FindPlainEnd(text, search);
  if (search != at && options_.quote_in_value == QuoteInValue::kSkipValue) {
    *field = {{}, true, false};
    return end;
  }
  *field = Plain(text.substr(at, end - at));
  return end;
}

size_t CsvParser::BehindQuote(std::string_view text, size_t at) const {
  while (at < text.size() && IsBlank(text[at]) && !IsSeparator(text, at) && !IsLineEnd(text, at)) ++at;
  return at;
}

// `at` is the opening quote. Not closed: something else than blanks stands behind the quote at the place that this
// gives, and the field is plain up to the separator behind that.
size_t CsvParser::ParseQuoted(std::string_view text, size_t at, CsvField* field, bool* closed) {
  const size_t begin = at + 1;
  bool escapes = false;
  size_t i = begin;
  while (i < text.size()) {
    const char c = text[i];
    const bool pair = options_.escape != 0 && c == options_.escape && i + 1 < text.size() &&
                      (text[i + 1] == options_.quote || text[i + 1] == options_.escape);
    if (pair) {
      escapes = true;
      i += 2;
      continue;
    }
    if (c != options_.quote) {
      ++i;
      continue;
    }
    const size_t behind = BehindQuote(text, i + 1);
    if (behind < text.size() && !IsSeparator(text, behind) && !IsLineEnd(text, behind)) {
      if (options_.quote_in_value != QuoteInValue::kStopAtClosingQuote) return i;
      ++i;
      continue;
    }
    at = behind;
    break;
  }
  *closed = true;
  const bool ended = i < text.size();
  std::string_view content = text.substr(begin, i - begin);
  if (content.empty()) {
    *field = {options_.empty_value, false, false};
  } else {
    field->text = escapes ? Unescape(content, &field->unescaped) : content;
  }
  return ended ? at : text.size();
}

std::string_view CsvParser::Unescape(std::string_view text, bool* changed) {
  *changed = true;
  char* room = heap_->Reserve(text.size());
  size_t size = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == options_.escape && i + 1 < text.size() &&
                      (text[i + 1] == options_.quote || text[i + 1] == options_.escape);
    if (pair) ++i;
    room[size++] = text[i];
  }
  return {room, size};
}

}  // namespace centella
