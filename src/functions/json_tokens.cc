// The reader of JSON tokens.
#include "functions/json_tokens.h"

#include <algorithm>
#include <cstring>

#include "functions/text_kernels.h"

namespace centella {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What Java takes within an identifier; all beyond ASCII, which is near enough for where an error ends.
bool IsWordByte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '_' || c == '$';
}

bool IsNameByte(char c) { return IsWordByte(c) || c == '@' || c == '#' || c == '*' || c == '-' || c == '+'; }

// Bit 7 of each byte that is `quote`, a backslash or below a space.
uint64_t SpecialBytes(uint64_t word, char quote) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL, kHigh = 0x8080808080808080ULL;
  const auto zero = [&](uint64_t x) { return (x - kOnes) & ~x; };
  const uint64_t quotes = zero(word ^ (kOnes * static_cast<unsigned char>(quote)));
  const uint64_t slashes = zero(word ^ (kOnes * static_cast<unsigned char>('\\')));
  const uint64_t controls = (word - kOnes * 32) & ~word;
  return (quotes | slashes | controls) & kHigh;
}

// Position of the first such byte at or behind `at`.
size_t FindSpecial(std::string_view text, size_t at, char quote) {
  while (at + 8 <= text.size()) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (const uint64_t found = SpecialBytes(word, quote)) return at + static_cast<size_t>(__builtin_ctzll(found)) / 8;
    at += 8;
  }
  while (at < text.size() && text[at] != quote && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 32) ++at;
  return at;
}

}  // namespace

void JsonTokens::Start(std::string_view text) {
  text_ = text;
  at_ = begin_ = 0;
  current_ = pending_ = JsonToken::kEnd;
  pending_quote_ = 0;
  end_once_ = false;
  levels_.clear();
  levels_.push_back({});
}

JsonToken JsonTokens::FailAt(size_t at) {
  at_ = std::min(at, text_.size());
  return JsonToken::kError;
}

JsonToken JsonTokens::FailWord(size_t at) {
  while (at < text_.size() && IsWordByte(text_[at])) ++at;
  return FailAt(at + 1);
}

JsonToken JsonTokens::Next() {
  if (end_once_) {
    end_once_ = false;
    return current_ = JsonToken::kEnd;
  }
  const JsonToken token = ReadToken();
  if (token != JsonToken::kError) current_ = token;
  return token;
}

JsonToken JsonTokens::ReadToken() {
  if (current_ == JsonToken::kName) {
    if (pending_quote_ != 0) {
      const char quote = pending_quote_;
      pending_quote_ = 0;
      current_ = JsonToken::kString;
      return ReadString(quote);
    }
    // The level of an object or array opens only now, when its begin is the current token.
    const JsonToken token = pending_;
    if (token == JsonToken::kObjectBegin || token == JsonToken::kArrayBegin)
      return Open(token == JsonToken::kObjectBegin);
    return token;
  }
  if (!SkipSpace()) {
    return levels_.size() > 1 ? JsonToken::kError : JsonToken::kEnd;
  }
  begin_ = at_;
  char c = text_[at_];
  if (c == ']' || c == '}') return Close(c == '}');
  Level& level = levels_.back();
  if (level.begun && levels_.size() > 1) {
    ++at_;
    if (c != ',' || !SkipSpace()) return JsonToken::kError;
    begin_ = at_;
    c = text_[at_];
  }
  level.begun = true;
  if (level.object) return ReadName();
  if (c == '"' || (c == '\'' && dialect_->single_quotes)) {
    ++at_;
    return ReadString(c);
  }
  const JsonToken token = ReadValue(c);
  if (token == JsonToken::kObjectBegin || token == JsonToken::kArrayBegin)
    return Open(token == JsonToken::kObjectBegin);
  // Behind a number at the top there must be space.
  const bool number = token == JsonToken::kInteger || token == JsonToken::kFraction;
  if (number && levels_.size() == 1 && at_ < text_.size() && !IsSpace(text_[at_])) return FailAt(at_ + 1);
  return token;
}

JsonToken JsonTokens::ReadName() {
  const char c = text_[at_];
  std::string_view name;
  if (c == '"' || (c == '\'' && dialect_->single_quotes)) {
    ++at_;
    if (!ReadStringText(c, &name, &room_)) return JsonToken::kError;
  } else if (!dialect_->unquoted_names || !ReadUnquotedName(&name)) {
    return FailAt(at_ + 1);
  }
  Level& level = levels_.back();
  level.name = name;
  if (name.data() == room_.data()) {
    level.name_room = std::make_shared<const std::string>(name);
    level.name = *level.name_room;
  }
  level.has_name = true;
  current_ = JsonToken::kName;
  if (!SkipSpace() || text_[at_++] != ':') {
    end_once_ = true;
    return JsonToken::kError;
  }
  const bool there = SkipSpace();
  begin_ = at_;
  if (there && (text_[at_] == '"' || (text_[at_] == '\'' && dialect_->single_quotes))) {
    pending_quote_ = text_[at_++];
    return JsonToken::kName;
  }
  pending_ = there ? ReadValue(text_[at_]) : JsonToken::kError;
  if (pending_ == JsonToken::kError) {
    end_once_ = true;
    return JsonToken::kError;
  }
  return JsonToken::kName;
}

JsonToken JsonTokens::ReadValue(char c) {
  switch (c) {
    case '{':
    case '[': ++at_; return c == '{' ? JsonToken::kObjectBegin : JsonToken::kArrayBegin;
    case 't': return ReadWord("true", JsonToken::kTrue);
    case 'f': return ReadWord("false", JsonToken::kFalse);
    case 'n': return ReadWord("null", JsonToken::kNull);
    case 'N':
    case 'I':
    case '+': return ReadNonNumeric();
    case '-': return at_ + 1 < text_.size() && text_[at_ + 1] == 'I' ? ReadNonNumeric() : ReadNumber();
    default: return IsDigit(c) ? ReadNumber() : IsWordByte(c) ? FailWord(at_ + 1) : FailAt(at_ + 1);
  }
}

JsonToken JsonTokens::ReadWord(std::string_view word, JsonToken token) {
  size_t same = 0;
  while (same < word.size() && at_ + same < text_.size() && text_[at_ + same] == word[same]) ++same;
  const size_t end = at_ + same;
  if (same < word.size() || (end < text_.size() && IsWordByte(text_[end]))) return FailWord(end);
  value_ = text_.substr(at_, word.size());
  in_source_ = true;
  at_ = end;
  return token;
}

JsonToken JsonTokens::ReadNonNumeric() {
  if (!dialect_->non_numeric_numbers) return FailWord(at_ + 1);
  for (const std::string_view word : {"NaN", "Infinity", "+Infinity", "-Infinity", "+INF", "-INF"}) {
    if (text_.substr(at_, word.size()) == word) return ReadWord(word, JsonToken::kFraction);
  }
  return FailWord(at_ + 1);
}

JsonToken JsonTokens::ReadNumber() {
  const size_t start = at_;
  size_t i = at_;
  const auto digits = [&] {
    const size_t first = i;
    while (i < text_.size() && IsDigit(text_[i])) ++i;
    return i - first;
  };
  if (text_[i] == '-') ++i;
  size_t first = i;
  const size_t integer = digits();
  if (integer == 0) return FailAt(i + 1);
  if (text_[first] == '0' && integer > 1 && !dialect_->leading_zeros) return FailAt(first + 1);
  bool fraction = false;
  if (i < text_.size() && text_[i] == '.') {
    fraction = true;
    ++i;
    if (digits() == 0) return FailAt(i + 1);
  }
  if (i < text_.size() && (text_[i] == 'e' || text_[i] == 'E')) {
    fraction = true;
    ++i;
    if (i < text_.size() && (text_[i] == '+' || text_[i] == '-')) ++i;
    if (digits() == 0) return FailAt(i + 1);
  }
  if (static_cast<int64_t>(i - start) > dialect_->most_number_length) return FailAt(i);
  value_ = text_.substr(start, i - start);
  in_source_ = true;
  at_ = i;
  return fraction ? JsonToken::kFraction : JsonToken::kInteger;
}

JsonToken JsonTokens::ReadString(char quote) {
  return ReadStringText(quote, &value_, &room_) ? JsonToken::kString : JsonToken::kError;
}

bool JsonTokens::ReadStringText(char quote, std::string_view* out, std::string* room) {
  const size_t start = at_;
  in_source_ = true;
  while (true) {
    const size_t found = FindSpecial(text_, at_, quote);
    if (found >= text_.size()) {
      at_ = text_.size();
      return false;
    }
    if (!in_source_) room->append(text_.substr(at_, found - at_));
    at_ = found + 1;
    const char c = text_[found];
    if (c == quote) {
      *out = in_source_ ? text_.substr(start, found - start) : std::string_view(*room);
      return static_cast<int64_t>(out->size()) <= dialect_->most_string_length;
    }
    if (c != '\\') {
      if (!dialect_->control_characters) return false;
      if (!in_source_) *room += c;
      continue;
    }
    if (in_source_) room->assign(text_.substr(start, found - start));
    in_source_ = false;
    if (!ReadEscape(room)) return false;
  }
}

bool JsonTokens::ReadUnicodeEscape(uint32_t* unit) {
  if (at_ + 4 > text_.size()) return false;
  *unit = 0;
  for (int k = 0; k < 4; ++k) {
    const char h = text_[at_++];
    const int digit = IsDigit(h)             ? h - '0'
                      : h >= 'a' && h <= 'f' ? h - 'a' + 10
                      : h >= 'A' && h <= 'F' ? h - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    *unit = *unit * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

bool JsonTokens::ReadEscape(std::string* out) {
  if (at_ >= text_.size()) return false;
  const char c = text_[at_++];
  constexpr std::string_view kNames = "ntrbf\"\\/", kMeant = "\n\t\r\b\f\"\\/";
  if (const size_t known = kNames.find(c); known != std::string_view::npos) {
    *out += kMeant[known];
    return true;
  }
  if (c != 'u') {
    if (!dialect_->escape_anything && !(c == '\'' && dialect_->single_quotes)) return false;
    *out += c;
    return true;
  }
  uint32_t code, low;
  if (!ReadUnicodeEscape(&code)) return false;
  const auto append = [out](uint32_t value) {
    // Half a pair is what Java's encoder makes of it.
    if (value >= 0xD800 && value < 0xE000) value = '?';
    char bytes[4];
    out->append(bytes, WriteCodePoint(value, bytes));
  };
  while (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
    at_ += 2;
    if (!ReadUnicodeEscape(&low)) return false;
    if (low >= 0xDC00 && low < 0xE000) {
      append(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
      return true;
    }
    append(code);
    code = low;
  }
  append(code);
  return true;
}

bool JsonTokens::ReadUnquotedName(std::string_view* out) {
  const size_t start = at_;
  while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
  *out = text_.substr(start, at_ - start);
  return at_ > start;
}

bool JsonTokens::SkipSpace() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (IsSpace(c)) {
      ++at_;
    } else if (c == '/' && dialect_->comments) {
      const size_t before = at_;
      SkipComment();
      if (at_ == before) return true;  // a slash that begins no comment: no token begins so either
    } else {
      return true;
    }
  }
  return false;
}

void JsonTokens::SkipComment() {
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("//")) {
    at_ = std::min(text_.size(), text_.find_first_of("\r\n", at_));
  } else if (rest.starts_with("/*")) {
    const size_t end = text_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
  }
}

JsonToken JsonTokens::Open(bool object) {
  if (static_cast<int64_t>(levels_.size()) > dialect_->most_depth) return JsonToken::kError;
  levels_.push_back({object, false, false, {}, nullptr});
  return object ? JsonToken::kObjectBegin : JsonToken::kArrayBegin;
}

JsonToken JsonTokens::Close(bool object) {
  ++at_;
  if (levels_.size() == 1 || levels_.back().object != object) return JsonToken::kError;
  levels_.pop_back();
  return object ? JsonToken::kObjectEnd : JsonToken::kArrayEnd;
}

const std::string_view* JsonTokens::name() const {
  const bool opens = current_ == JsonToken::kObjectBegin || current_ == JsonToken::kArrayBegin;
  if (opens && levels_.size() < 2) return nullptr;
  const Level& level = levels_[levels_.size() - (opens ? 2 : 1)];
  return level.has_name ? &level.name : nullptr;
}

bool JsonTokens::SkipChildren() {
  if (current_ != JsonToken::kObjectBegin && current_ != JsonToken::kArrayBegin) return true;
  const size_t outside = levels_.size() - 1;
  while (true) {
    const JsonToken token = Next();
    if (token == JsonToken::kError) return false;
    if (token == JsonToken::kEnd || levels_.size() == outside) return true;
  }
}

}  // namespace centella
