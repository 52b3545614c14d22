// Reading JSON text as Spark's parser takes it (also single quotes): a cursor over bytes, bounded in depth.
#pragma once

#include <string>
#include <string_view>

namespace centella {

inline constexpr int kMaxJsonDepth = 1000;  // Jackson's bound

// Where reading is. Every reader answers false on malformed text; the cursor is of no use then.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  // The next byte that isn't white space, or 0 at the end.
  char Peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool AtEnd() { return Peek() == '\0' && at_ >= text_.size(); }
  size_t position() const { return at_; }

  // A string with its escapes resolved, replacing what is in `out`.
  bool ReadString(std::string* out);
  // A number, true, false or null as written.
  bool ReadScalar(std::string_view* out);
  // Any value; `out` (if not null) gets it without white space, strings and numbers as Jackson writes them again.
  bool CopyValue(std::string* out, int depth = 0);
  bool SkipValue() { return CopyValue(nullptr); }

 private:
  bool ReadEscape(std::string* out);
  std::string_view text_;
  size_t at_ = 0;
};

// Appends `text` in double quotes, escaped as JSON.
void AppendJsonString(std::string_view text, std::string* out);
inline bool IsQuote(char c) { return c == '"' || c == '\''; }

}  // namespace centella
