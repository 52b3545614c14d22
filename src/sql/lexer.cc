// The lexer: longest match, as Spark's.
#include "sql/lexer.h"

#include <array>

#include "base/error.h"

namespace centella {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
// Bytes beyond ASCII belong to letters of other scripts.
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<uint8_t>(c) >= 0x80; }
bool IsWordPart(char c) { return IsDigit(c) || IsLetter(c) || c == '_'; }
char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// Longest first where one begins another.
constexpr std::array<std::string_view, 17> kLongSymbols = {
    "<=>", "<=", "<>", "<<", "!=", "!<", "!>", "==", ">=", "->", "=>", "||", "|>", "::", "/*+", "*/", ":="};
constexpr std::string_view kShortSymbols = "()[]{},.;:+-*/%<>=!~&|^?";

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> Run() {
    while (SkipBlank()) tokens_.push_back(Next());
    Token end;
    end.text = sql_.substr(sql_.size());
    end.start = static_cast<int32_t>(sql_.size());
    tokens_.push_back(end);
    return std::move(tokens_);
  }

 private:
  char At(size_t i) const { return i < sql_.size() ? sql_[i] : '\0'; }
  bool StartsWith(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  // Past spaces and comments; false at the end.
  bool SkipBlank() {
    while (at_ < sql_.size()) {
      if (const size_t blank = BlankBytes(); blank > 0) {
        at_ += blank;
      } else if (StartsWith("--")) {
        SkipLineComment();
      } else if (StartsWith("/*") && At(at_ + 2) != '+') {
        SkipBlockComment();
      } else {
        return true;
      }
    }
    return false;
  }
  size_t BlankBytes() const {
    const char c = sql_[at_];
    if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
    if (StartsWith("\xC2\xA0")) return 2;
    if (StartsWith("\xE3\x80\x80") || StartsWith("\xE1\x9A\x80")) return 3;
    // U+2000 … U+200A, the spaces of typography.
    if (StartsWith("\xE2\x80") && static_cast<uint8_t>(At(at_ + 2)) >= 0x80 &&
        static_cast<uint8_t>(At(at_ + 2)) <= 0x8A) {
      return 3;
    }
    return 0;
  }
  void SkipLineComment() {
    for (; at_ < sql_.size() && sql_[at_] != '\n'; ++at_) {
      if (sql_[at_] == '\\' && At(at_ + 1) == '\n') ++at_;  // the comment goes on
    }
  }
  void SkipBlockComment() {
    int depth = 0;
    do {
      if (StartsWith("/*")) {
        ++depth;
        at_ += 2;
      } else if (StartsWith("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
      if (at_ >= sql_.size() && depth > 0) Raise(Condition::UNCLOSED_BRACKETED_COMMENT);
    } while (depth > 0);
  }

  Token Take(TokenKind kind, size_t size) {
    Token token;
    token.kind = kind;
    token.text = sql_.substr(at_, size);
    token.start = static_cast<int32_t>(at_);
    at_ += size;
    return token;
  }
  Token Next() {
    const char c = sql_[at_];
    if (c == '\'' || c == '"') return Quoted(0, c, TokenKind::kString, true);
    if (c == '`') return Quoted(0, '`', TokenKind::kQuoted, false);
    if ((c == 'r' || c == 'R') && (At(at_ + 1) == '\'' || At(at_ + 1) == '"')) return RawString();
    const size_t number = NumberBytes();
    const size_t word = WordBytes();
    if (number > 0 && number >= word) return Take(TokenKind::kNumber, number);
    if (word > 0) {
      Token token = Take(TokenKind::kWord, word);
      token.word.reserve(word);
      for (const char letter : token.text) token.word += ToUpper(letter);
      return token;
    }
    for (const std::string_view symbol : kLongSymbols) {
      if (StartsWith(symbol)) return Take(TokenKind::kSymbol, symbol.size());
    }
    const bool known = kShortSymbols.find(c) != std::string_view::npos;
    return Take(known ? TokenKind::kSymbol : TokenKind::kUnrecognized, 1);
  }
  // A text between quotes; unrecognized when it doesn't end. Two quotes stand for one.
  Token Quoted(size_t prefix, char quote, TokenKind kind, bool escapes) {
    size_t i = at_ + prefix + 1;
    while (i < sql_.size()) {
      if (escapes && sql_[i] == '\\') {
        i += 2;
      } else if (sql_[i] != quote) {
        ++i;
      } else if (At(i + 1) == quote) {
        i += 2;
      } else {
        return Take(kind, i + 1 - at_);
      }
    }
    return Take(TokenKind::kUnrecognized, 1);
  }
  Token RawString() {
    const char quote = sql_[at_ + 1];
    const size_t end = sql_.find(quote, at_ + 2);
    if (end == std::string_view::npos) return Take(TokenKind::kWord, 1);
    return Take(TokenKind::kString, end + 1 - at_);
  }
  size_t WordBytes() const {
    size_t i = at_;
    while (i < sql_.size() && IsWordPart(sql_[i])) ++i;
    return i - at_;
  }
  // 1, 1L, 1.5, .5, 1e3, 1.5BD …
  size_t NumberBytes() const {
    size_t i = at_;
    while (IsDigit(At(i))) ++i;
    const bool whole = i > at_;
    bool fraction = false;
    if (At(i) == '.' && (whole || IsDigit(At(i + 1)))) {
      size_t j = i + 1;
      while (IsDigit(At(j))) ++j;
      size_t end = j + ExponentBytes(j);
      end += SuffixBytes(end, true);
      // "1.a" is an extraction from 1, and "t.1a" a column: a fraction ends where a word would.
      if (!IsWordPart(At(end))) {
        fraction = true;
        i = end;
      }
    }
    if (fraction) return i - at_;
    if (!whole) return 0;
    const size_t exponent = ExponentBytes(i);
    i += exponent;
    i += SuffixBytes(i, exponent > 0);
    return i - at_;
  }
  size_t ExponentBytes(size_t i) const {
    if (At(i) != 'e' && At(i) != 'E') return 0;
    size_t j = i + 1;
    if (At(j) == '+' || At(j) == '-') ++j;
    const size_t digits = j;
    while (IsDigit(At(j))) ++j;
    return j > digits ? j - i : 0;
  }
  size_t SuffixBytes(size_t i, bool fractional) const {
    const char c = ToUpper(At(i));
    if (c == 'B' && ToUpper(At(i + 1)) == 'D') return 2;
    if (c == 'D' || c == 'F') return 1;
    return !fractional && (c == 'L' || c == 'S' || c == 'Y') ? 1 : 0;
  }

  std::string_view sql_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xC0 | (code >> 6));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xE0 | (code >> 12));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | (code >> 18));
    *out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// `digits` hexadecimal digits at the front of `text`, or -1.
int64_t HexValue(std::string_view text, size_t digits) {
  if (text.size() < digits) return -1;
  int64_t value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const char c = ToUpper(text[i]);
    if (!IsDigit(c) && !(c >= 'A' && c <= 'F')) return -1;
    value = value * 16 + (IsDigit(c) ? c - '0' : c - 'A' + 10);
  }
  return value;
}

bool IsOctalByte(std::string_view text) {
  return text.size() >= 3 && (text[0] == '0' || text[0] == '1') && text[1] >= '0' && text[1] <= '7' && text[2] >= '0' &&
         text[2] <= '7';
}

// Appends what the escape at the front of `text` (after the backslash) stands for; gives the bytes it takes.
size_t Unescape(std::string_view text, std::string* out) {
  if (IsOctalByte(text)) {
    AppendUtf8(static_cast<uint32_t>((text[0] - '0') * 64 + (text[1] - '0') * 8 + (text[2] - '0')), out);
    return 3;
  }
  const size_t digits = text[0] == 'u' ? 4 : text[0] == 'U' ? 8 : 0;
  if (digits > 0) {
    int64_t code = HexValue(text.substr(1), digits);
    size_t taken = 1 + digits;
    // Two escapes that make one character beyond the 16 bits of Java's.
    if (code >= 0xD800 && code < 0xDC00 && text.substr(taken).starts_with("\\u")) {
      const int64_t low = HexValue(text.substr(taken + 2), 4);
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        taken += 6;
      }
    }
    if (code >= 0 && code <= 0x10FFFF) {
      AppendUtf8(static_cast<uint32_t>(code >= 0xD800 && code < 0xE000 ? '?' : code), out);
      return taken;
    }
  }
  switch (text[0]) {
    case '0': *out += '\0'; break;
    case 'b': *out += '\b'; break;
    case 'n': *out += '\n'; break;
    case 'r': *out += '\r'; break;
    case 't': *out += '\t'; break;
    case 'Z': *out += '\x1A'; break;
    case '%': *out += "\\%"; break;  // kept for LIKE
    case '_': *out += "\\_"; break;
    default: *out += text[0];
  }
  return 1;
}

}  // namespace

std::vector<Token> Tokenize(std::string_view sql) { return Lexer(sql).Run(); }

std::string UnquoteIdentifier(std::string_view quoted) {
  std::string name;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '`') ++i;
  }
  return name;
}

std::string UnquoteString(std::string_view literal) {
  if (literal[0] == 'r' || literal[0] == 'R') return std::string(literal.substr(2, literal.size() - 3));
  const char quote = literal[0];
  const std::string_view body = literal.substr(1, literal.size() - 2);
  std::string text;
  text.reserve(body.size());
  for (size_t i = 0; i < body.size();) {
    if (body[i] == '\\' && i + 1 < body.size()) {
      i += 1 + Unescape(body.substr(i + 1), &text);
    } else {
      text += body[i];
      i += body[i] == quote ? 2 : 1;  // a doubled quote
    }
  }
  return text;
}

}  // namespace centella
