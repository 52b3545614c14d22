// SQL text to tokens, as Spark's lexer cuts it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace centella {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,          // identifier or keyword
  kQuoted,        // `identifier`
  kString,        // '…', "…", r'…'
  kNumber,        // with its suffix
  kSymbol,        // operators and punctuation
  kUnrecognized,  // a character that starts nothing
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // as written, in the statement
  std::string word;       // kWord: in capitals
  int32_t start = 0;      // byte offset

  int32_t end() const { return start + static_cast<int32_t>(text.size()); }  // one past the last byte
  bool Is(std::string_view keyword) const { return kind == TokenKind::kWord && word == keyword; }
  bool IsSymbol(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
};

// The tokens of `sql`, kEnd last. Hints keep their "/*+" and "*/" as symbols; other comments are left out. `sql` must
// outlive the tokens. Raises UNCLOSED_BRACKETED_COMMENT.
std::vector<Token> Tokenize(std::string_view sql);

// The identifier that a `quoted` token stands for.
std::string UnquoteIdentifier(std::string_view quoted);
// The text that a string token stands for: escapes resolved unless it's raw.
std::string UnquoteString(std::string_view literal);

}  // namespace centella
