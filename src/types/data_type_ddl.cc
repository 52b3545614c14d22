// DDL text to types: "a INT, b STRUCT<c: STRING>" and single types.
#include <cctype>
#include <optional>
#include <string>

#include "base/error.h"
#include "types/data_type.h"

namespace centella {
namespace {

constexpr int kMaxDepth = 256;

struct Token {
  enum class Kind : uint8_t { kEnd, kWord, kQuoted, kNumber, kString, kSymbol };
  Kind kind = Kind::kEnd;
  std::string text;   // of a word as written; a symbol is one character
  std::string lower;  // of a word
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { Advance(); }

  TypePtr SingleType() {
    TypePtr type = Type(0);
    Expect(token_.kind == Token::Kind::kEnd);
    return type;
  }

  TypePtr TableSchema() {
    std::vector<StructField> fields;
    if (token_.kind == Token::Kind::kEnd) return types::Struct({});
    do {
      fields.push_back(Field(0));
    } while (TakeSymbol(','));
    Expect(token_.kind == Token::Kind::kEnd);
    return types::Struct(std::move(fields));
  }

 private:
  [[noreturn]] void Fail() const {
    std::string near = token_.kind == Token::Kind::kEnd ? "end of input" : "'" + token_.text + "'";
    Raise(Condition::PARSE_SYNTAX_ERROR, {{"error", near}, {"hint", ""}});
  }
  void Expect(bool holds) const {
    if (!holds) Fail();
  }

  void Advance() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    token_ = Token();
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (c == '`') {
      ReadQuoted('`', Token::Kind::kQuoted);
    } else if (c == '\'' || c == '"') {
      ReadQuoted(c, Token::Kind::kString);
    } else if (IsWordByte(c)) {
      size_t begin = at_;
      bool digits = true;
      while (at_ < text_.size() && IsWordByte(text_[at_])) {
        digits = digits && std::isdigit(static_cast<unsigned char>(text_[at_]));
        ++at_;
      }
      token_.kind = digits ? Token::Kind::kNumber : Token::Kind::kWord;
      token_.text = std::string(text_.substr(begin, at_ - begin));
      token_.lower = token_.text;
      for (char& byte : token_.lower) byte = static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
    } else {
      token_.kind = Token::Kind::kSymbol;
      token_.text = std::string(1, c);
      ++at_;
    }
  }

  // Letters, digits, underscore, and any byte of a character beyond ASCII.
  static bool IsWordByte(char c) {
    auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) || byte == '_' || byte >= 128;
  }

  void ReadQuoted(char quote, Token::Kind kind) {
    token_.kind = kind;
    ++at_;
    while (true) {
      if (at_ >= text_.size()) {
        token_.kind = Token::Kind::kEnd;
        Fail();
      }
      char c = text_[at_++];
      if (c == quote) {
        if (at_ < text_.size() && text_[at_] == quote) {
          ++at_;
        } else {
          return;
        }
      } else if (c == '\\' && kind == Token::Kind::kString && at_ < text_.size()) {
        c = text_[at_++];
      }
      token_.text += c;
    }
  }

  bool IsSymbol(char c) const { return token_.kind == Token::Kind::kSymbol && token_.text[0] == c; }
  bool TakeSymbol(char c) {
    if (!IsSymbol(c)) return false;
    Advance();
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (token_.kind != Token::Kind::kWord || token_.lower != word) return false;
    Advance();
    return true;
  }

  int Number() {
    Expect(token_.kind == Token::Kind::kNumber && token_.text.size() <= 9);
    int value = std::stoi(token_.text);
    Advance();
    return value;
  }

  StructField Field(int depth) {
    Expect(token_.kind == Token::Kind::kWord || token_.kind == Token::Kind::kQuoted ||
           token_.kind == Token::Kind::kNumber);
    StructField field;
    field.name = token_.text;
    Advance();
    TakeSymbol(':');
    field.type = Type(depth + 1);
    while (true) {
      if (TakeWord("not")) {
        Expect(TakeWord("null"));
        field.nullable = false;
      } else if (TakeWord("comment")) {
        Expect(token_.kind == Token::Kind::kString);
        field.metadata = "{\"comment\":\"" + JsonEscape(token_.text) + "\"}";
        Advance();
      } else {
        return field;
      }
    }
  }

  static std::string JsonEscape(const std::string& text) {
    std::string out;
    for (char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else if (static_cast<unsigned char>(c) < 32) {
        out += ' ';
      } else {
        out += c;
      }
    }
    return out;
  }

  TypePtr Type(int depth) {
    Expect(depth <= kMaxDepth && token_.kind == Token::Kind::kWord);
    const std::string word = token_.lower;
    Advance();
    if (word == "array") {
      Expect(TakeSymbol('<'));
      TypePtr element = Type(depth + 1);
      Expect(TakeSymbol('>'));
      return types::Array(std::move(element));
    }
    if (word == "map") {
      Expect(TakeSymbol('<'));
      TypePtr key = Type(depth + 1);
      Expect(TakeSymbol(','));
      TypePtr value = Type(depth + 1);
      Expect(TakeSymbol('>'));
      return types::Map(std::move(key), std::move(value));
    }
    if (word == "struct") return Struct(depth);
    if (word == "interval") return Interval();
    if (TypePtr simple = Simple(word)) return simple;
    return Parametrised(word);
  }

  TypePtr Struct(int depth) {
    Expect(TakeSymbol('<'));
    std::vector<StructField> fields;
    if (TakeSymbol('>')) return types::Struct({});
    do {
      fields.push_back(Field(depth));
    } while (TakeSymbol(','));
    Expect(TakeSymbol('>'));
    return types::Struct(std::move(fields));
  }

  static int DayTimeField(std::string_view word) {
    return word == "day" ? 0 : word == "hour" ? 1 : word == "minute" ? 2 : word == "second" ? 3 : -1;
  }
  static int YearMonthField(std::string_view word) { return word == "year" ? 0 : word == "month" ? 1 : -1; }

  TypePtr Interval() {
    if (token_.kind != Token::Kind::kWord) return types::CalendarInterval();
    const bool year_month = YearMonthField(token_.lower) >= 0;
    const int start = year_month ? YearMonthField(token_.lower) : DayTimeField(token_.lower);
    if (start < 0) return types::CalendarInterval();
    Advance();
    int end = start;
    if (TakeWord("to")) {
      Expect(token_.kind == Token::Kind::kWord);
      end = year_month ? YearMonthField(token_.lower) : DayTimeField(token_.lower);
      Expect(end > start);
      Advance();
    }
    return year_month ? types::YearMonthInterval(start, end) : types::DayTimeInterval(start, end);
  }

  static TypePtr Simple(std::string_view word) {
    struct Entry {
      std::string_view name;
      const TypePtr& (*type)();
    };
    static constexpr Entry kEntries[] = {{"boolean", types::Boolean},
                                         {"tinyint", types::Byte},
                                         {"byte", types::Byte},
                                         {"smallint", types::Short},
                                         {"short", types::Short},
                                         {"int", types::Int},
                                         {"integer", types::Int},
                                         {"bigint", types::Long},
                                         {"long", types::Long},
                                         {"float", types::Float},
                                         {"real", types::Float},
                                         {"double", types::Double},
                                         {"binary", types::Binary},
                                         {"date", types::Date},
                                         {"timestamp_ntz", types::TimestampNtz},
                                         {"timestamp_ltz", types::Timestamp},
                                         {"void", types::Null},
                                         {"null", types::Null},
                                         {"variant", types::Variant}};
    for (const Entry& entry : kEntries) {
      if (entry.name == word) return entry.type();
    }
    return nullptr;
  }

  // WITHOUT TIME ZONE and the like.
  bool TakeTimeZoneWords(std::string_view first) {
    if (!TakeWord(first)) return false;
    if (first == "with") TakeWord("local");
    Expect(TakeWord("time") && TakeWord("zone"));
    return true;
  }

  TypePtr Parametrised(const std::string& word) {
    if (word == "string") {
      if (TakeWord("collate")) {
        Expect(token_.kind == Token::Kind::kWord || token_.kind == Token::Kind::kQuoted);
        if (token_.text != "UTF8_BINARY" && token_.lower != "utf8_binary") {
          RaiseUnsupported("the collation " + token_.text);
        }
        Advance();
      }
      return types::String();
    }
    if (word == "timestamp") {
      if (TakeTimeZoneWords("without")) return types::TimestampNtz();
      TakeTimeZoneWords("with");
      return types::Timestamp();
    }
    if (word == "time") {
      int precision = 6;
      if (TakeSymbol('(')) {
        precision = Number();
        Expect(TakeSymbol(')'));
      }
      TakeTimeZoneWords("without");
      return types::Time(precision);
    }
    if (word == "decimal" || word == "dec" || word == "numeric") return Decimal();
    if (word == "char" || word == "character" || word == "varchar") {
      if (!TakeSymbol('(')) {
        Raise(Condition::DATATYPE_MISSING_SIZE, {{"type", "\"" + Upper(word) + "\""}});
      }
      int length = Number();
      Expect(TakeSymbol(')') && length > 0);
      return word == "varchar" ? types::Varchar(length) : types::Char(length);
    }
    Raise(Condition::UNSUPPORTED_DATATYPE, {{"typeName", "\"" + Upper(word) + "\""}});
  }

  TypePtr Decimal() {
    int precision = 10, scale = 0;
    if (TakeSymbol('(')) {
      precision = Number();
      if (TakeSymbol(',')) scale = Number();
      Expect(TakeSymbol(')'));
    }
    return types::Decimal(precision, scale);
  }

  static std::string Upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }

  std::string_view text_;
  size_t at_ = 0;
  Token token_;
};

}  // namespace

TypePtr ParseTypeDdl(std::string_view ddl) { return Parser(ddl).SingleType(); }

TypePtr ParseSchemaDdl(std::string_view ddl) {
  try {
    return Parser(ddl).TableSchema();
  } catch (const Error& as_schema) {
    // "bigint" is no schema but a type; of two failures the schema's is the one to tell.
    TypePtr type;
    try {
      type = Parser(ddl).SingleType();
    } catch (const Error&) {
      throw as_schema;
    }
    return type;
  }
}

}  // namespace centella
