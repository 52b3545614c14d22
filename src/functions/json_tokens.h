// JSON text as a stream of tokens, with the liberties and the behaviour after errors of the parser that Spark uses.
//
// Spark keeps what it could read of a record, and what that is depends on where its parser stands after an error; so
// tokens come one by one, names before their values, and strings are looked into only when they are asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace centella {

// What may differ from the standard.
struct JsonDialect {
  bool comments = false;
  bool unquoted_names = false;
  bool single_quotes = true;
  bool leading_zeros = false;
  bool non_numeric_numbers = true;  // NaN, Infinity, -INF …
  bool escape_anything = false;
  bool control_characters = false;  // unescaped ones in strings
  int64_t most_depth = 1000;
  int64_t most_number_length = 1000;
  int64_t most_string_length = 20000000;
};

enum class JsonToken : uint8_t {
  kEnd,
  kObjectBegin,
  kObjectEnd,
  kArrayBegin,
  kArrayEnd,
  kName,
  kString,
  kInteger,
  kFraction,
  kTrue,
  kFalse,
  kNull,
  kError
};

class JsonTokens {
 public:
  explicit JsonTokens(const JsonDialect& dialect) : dialect_(&dialect) {}
  // Begins a text, which must outlive the reading of it.
  void Start(std::string_view text);
  // After kError reading goes on behind what was wrong; but where that was the value behind a name, kEnd comes first.
  JsonToken Next();
  // The last token that wasn't kError.
  JsonToken current() const { return current_; }
  // The name that the current token belongs to; null within arrays and at the top. Of an object's or array's begin: the
  // name it stands under.
  const std::string_view* name() const;
  // A number as written; a string with its escapes resolved. Valid until the next token.
  std::string_view text() const { return value_; }
  // Whether text() points into the text given to Start.
  bool text_is_source() const { return in_source_; }
  // At the begin of an object or array: moves to its end. Else nothing. False on malformed text.
  bool SkipChildren();
  // Bytes of the current token, or of all since `begin`, as they stand in the text.
  size_t begin() const { return begin_; }
  std::string_view Source(size_t begin) const { return text_.substr(begin, at_ - begin); }

 private:
  struct Level {
    bool object = false;
    bool begun = false;  // something stands in it
    bool has_name = false;
    std::string_view name;
    std::shared_ptr<const std::string> name_room;  // when the name had escapes
  };
  JsonToken FailAt(size_t at);    // goes on at `at`
  JsonToken FailWord(size_t at);  // goes on behind the word at `at` and one more byte
  JsonToken ReadToken();
  JsonToken ReadName();
  JsonToken ReadValue(char c);
  JsonToken ReadNumber();
  JsonToken ReadWord(std::string_view word, JsonToken token);
  JsonToken ReadNonNumeric();
  JsonToken ReadString(char quote);
  bool ReadStringText(char quote, std::string_view* out, std::string* room);
  bool ReadEscape(std::string* out);
  bool ReadUnicodeEscape(uint32_t* unit);
  bool ReadUnquotedName(std::string_view* out);
  bool SkipSpace();  // false at the end of the text
  void SkipComment();
  JsonToken Open(bool object);
  JsonToken Close(bool object);

  const JsonDialect* dialect_;
  std::string_view text_;
  size_t at_ = 0;
  size_t begin_ = 0;
  JsonToken current_ = JsonToken::kEnd;
  JsonToken pending_ = JsonToken::kEnd;  // the value behind a name, when it was read with it
  char pending_quote_ = 0;               // of a string behind a name
  bool end_once_ = false;
  bool in_source_ = true;
  std::string_view value_;
  std::string room_;  // of a string with escapes
  std::vector<Level> levels_;
};

}  // namespace centella
