// The JSON cursor.
#include "functions/json_text.h"

#include <cstdio>

#include "functions/text_kernels.h"

namespace centella {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// -?int[.frac][e[+-]digits]
bool IsNumber(std::string_view text) {
  size_t i = 0;
  auto digits = [&] {
    const size_t begin = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i > begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const size_t first = i;
  if (!digits()) return false;
  if (text[first] == '0' && i - first > 1) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

}  // namespace

bool JsonCursor::ReadEscape(std::string* out) {
  if (at_ >= text_.size()) return false;
  const char c = text_[at_++];
  switch (c) {
    case 'n': *out += '\n'; return true;
    case 't': *out += '\t'; return true;
    case 'r': *out += '\r'; return true;
    case 'b': *out += '\b'; return true;
    case 'f': *out += '\f'; return true;
    case '"':
    case '\'':
    case '\\':
    case '/': *out += c; return true;
    case 'u': break;
    default: return false;
  }
  auto unit = [this](uint32_t* value) {
    if (at_ + 4 > text_.size()) return false;
    *value = 0;
    for (int k = 0; k < 4; ++k) {
      const char h = text_[at_++];
      const int digit = IsDigit(h)             ? h - '0'
                        : h >= 'a' && h <= 'f' ? h - 'a' + 10
                        : h >= 'A' && h <= 'F' ? h - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      *value = *value * 16 + static_cast<uint32_t>(digit);
    }
    return true;
  };
  uint32_t code, low;
  if (!unit(&code)) return false;
  if (code >= 0xD800 && code < 0xDC00 && at_ + 1 < text_.size() && text_[at_] == '\\' && text_[at_ + 1] == 'u') {
    at_ += 2;
    if (!unit(&low)) return false;
    code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
  }
  if (code >= 0xD800 && code < 0xE000) code = '?';  // half a pair: what Java's encoder writes
  char bytes[4];
  out->append(bytes, WriteCodePoint(code, bytes));
  return true;
}

bool JsonCursor::ReadString(std::string* out) {
  out->clear();
  const char quote = Peek();
  if (!IsQuote(quote)) return false;
  ++at_;
  while (at_ < text_.size()) {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 32)
      ++at_;
    out->append(text_.substr(begin, at_ - begin));
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    if (c == quote) return true;
    if (c != '\\') return false;  // a bare control character
    if (!ReadEscape(out)) return false;
  }
  return false;
}

bool JsonCursor::ReadScalar(std::string_view* out) {
  Peek();
  const size_t begin = at_;
  while (at_ < text_.size() &&
         (IsDigit(text_[at_]) || (text_[at_] >= 'a' && text_[at_] <= 'z') || (text_[at_] >= 'A' && text_[at_] <= 'Z') ||
          text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.')) {
    ++at_;
  }
  *out = text_.substr(begin, at_ - begin);
  return *out == "true" || *out == "false" || *out == "null" || *out == "NaN" || *out == "Infinity" ||
         *out == "-Infinity" || *out == "+Infinity" || *out == "INF" || *out == "-INF" || *out == "+INF" ||
         IsNumber(*out);
}

bool JsonCursor::CopyValue(std::string* out, int depth) {
  if (depth > kMaxJsonDepth) return false;
  const char c = Peek();
  if (IsQuote(c)) {
    std::string text;
    if (!ReadString(&text)) return false;
    if (out != nullptr) AppendJsonString(text, out);
    return true;
  }
  if (c != '{' && c != '[') {
    std::string_view scalar;
    if (!ReadScalar(&scalar)) return false;
    if (out != nullptr) out->append(scalar);
    return true;
  }
  const char close = c == '{' ? '}' : ']';
  ++at_;
  if (out != nullptr) *out += c;
  bool first = true;
  while (!Take(close)) {
    if (!first) {
      if (!Take(',')) return false;
      if (out != nullptr) *out += ',';
    }
    first = false;
    if (c == '{') {
      std::string name;
      if (!ReadString(&name) || !Take(':')) return false;
      if (out != nullptr) {
        AppendJsonString(name, out);
        *out += ':';
      }
    }
    if (!CopyValue(out, depth + 1)) return false;
  }
  if (out != nullptr) *out += close;
  return true;
}

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  for (char c : text) {
    switch (c) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      case '\b': *out += "\\b"; break;
      case '\f': *out += "\\f"; break;
      default:
        if (static_cast<unsigned char>(c) < 32) {
          char escaped[8];
          std::snprintf(escaped, sizeof(escaped), "\\u%04X", static_cast<unsigned>(c));
          *out += escaped;
        } else {
          *out += c;
        }
    }
  }
  *out += '"';
}

}  // namespace centella
