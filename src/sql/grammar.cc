// The grammar's ground: tokens, errors, origins and names.
#include "sql/grammar.h"

#include <algorithm>
#include <set>

namespace centella {
namespace {

constexpr int kMaxNesting = 600;     // parentheses, CASEs, subqueries within each other
constexpr size_t kMaxChain = 15000;  // operators one after the other: they nest in the tree
constexpr size_t kMaxStatementBytes = 64u << 20;
constexpr size_t kLongFragment = 4096;  // fragments beyond this are shortened once there are many
constexpr size_t kOriginBudget = 16u << 20;

// Words that join relations: never an alias of a table.
bool IsJoinWord(const Token& token) {
  static const std::set<std::string_view> words = {"ANTI",  "CROSS",   "EXCEPT",   "FULL",  "INNER",   "INTERSECT",
                                                   "JOIN",  "LATERAL", "LEFT",     "MINUS", "NATURAL", "ON",
                                                   "RIGHT", "SEMI",    "SETMINUS", "UNION", "USING"};
  return token.kind == TokenKind::kWord && words.contains(token.word);
}

}  // namespace

Grammar::Nesting::Nesting(Grammar* grammar) : grammar_(grammar) {
  if (grammar_->depth_ >= kMaxNesting) Raise(Condition::FAILED_TO_PARSE_TOO_COMPLEX);
  ++grammar_->depth_;
}

Grammar::Grammar(std::string_view sql, const Configuration& config) : sql_(sql), config_(config) {
  if (sql.size() > kMaxStatementBytes) Raise(Condition::FAILED_TO_PARSE_TOO_COMPLEX);
  tokens_ = Tokenize(sql_);
  for (size_t i = 0; i < sql_.size(); ++i) {
    // A character of n bytes is n - 1 bytes longer than in Java, or n - 2 when Java needs two.
    const auto byte = static_cast<uint8_t>(sql_[i]);
    if ((byte & 0xC0) == 0x80 && !(i >= 1 && static_cast<uint8_t>(sql_[i - 1]) >= 0xF0)) {
      wide_.push_back(static_cast<int32_t>(i));
    }
  }
}

const Token& Grammar::Peek(size_t ahead) const { return tokens_[std::min(next_ + ahead, tokens_.size() - 1)]; }

const Token& Grammar::Take() {
  const Token& token = Peek();
  if (next_ + 1 < tokens_.size()) ++next_;
  return token;
}

bool Grammar::AtAny(std::initializer_list<std::string_view> keywords, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && std::find(keywords.begin(), keywords.end(), token.word) != keywords.end();
}

bool Grammar::AtWords(std::initializer_list<std::string_view> keywords) const {
  size_t ahead = 0;
  for (const std::string_view keyword : keywords) {
    if (!At(keyword, ahead++)) return false;
  }
  return true;
}

bool Grammar::AtEnd(size_t ahead) const { return Peek(ahead).kind == TokenKind::kEnd || AtSymbol(";", ahead); }

bool Grammar::AtIdentifier(size_t ahead) const {
  const TokenKind kind = Peek(ahead).kind;
  return kind == TokenKind::kWord || kind == TokenKind::kQuoted;
}

bool Grammar::AtQuery(size_t ahead) const {
  while (AtSymbol("(", ahead)) ++ahead;
  if (At("SELECT", ahead) || At("WITH", ahead)) return AtIdentifier(ahead + 1) || !AtSymbol(")", ahead + 1);
  if (AtAny({"FROM", "TABLE"}, ahead)) return AtIdentifier(ahead + 1) || AtSymbol("(", ahead + 1);
  if (At("VALUES", ahead)) return !AtSymbol(")", ahead + 1) && !AtSymbol(",", ahead + 1) && !AtEnd(ahead + 1);
  return AtAny({"MAP", "REDUCE"}, ahead) && AtIdentifier(ahead + 1) && !AtSymbol("(", ahead + 1);
}

bool Grammar::Accept(std::string_view keyword) {
  if (!At(keyword)) return false;
  Take();
  return true;
}

bool Grammar::AcceptWords(std::initializer_list<std::string_view> keywords) {
  if (!AtWords(keywords)) return false;
  next_ += keywords.size();
  return true;
}

bool Grammar::AcceptSymbol(std::string_view symbol) {
  if (!AtSymbol(symbol)) return false;
  Take();
  return true;
}

void Grammar::Expect(std::string_view keyword, bool hint) {
  if (Accept(keyword)) return;
  if (At(keyword, 1)) SyntaxError(0, ": extra input '" + std::string(Peek().text) + "'");
  SyntaxError(0, hint ? ": missing '" + std::string(keyword) + "'" : "");
}

void Grammar::ExpectSymbol(std::string_view symbol, bool hint) {
  if (AcceptSymbol(symbol)) return;
  if (AtSymbol(symbol, 1)) SyntaxError(0, ": extra input '" + std::string(Peek().text) + "'");
  SyntaxError(0, hint ? ": missing '" + std::string(symbol) + "'" : "");
}

size_t Grammar::FindClosing(size_t open) const {
  int depth = 0;
  for (size_t i = open; i < tokens_.size(); ++i) {
    if (tokens_[i].IsSymbol("(")) ++depth;
    if (tokens_[i].IsSymbol(")") && --depth == 0) return i;
  }
  return tokens_.size() - 1;
}

void Grammar::ExpectEnd() {
  bool semicolon = false;
  while (AcceptSymbol(";")) semicolon = true;
  if (Peek().kind == TokenKind::kEnd) return;
  const bool extra = semicolon || AtEnd(1);
  SyntaxError(0, extra ? ": extra input '" + std::string(Peek().text) + "'" : "");
}

void Grammar::SyntaxError(size_t ahead, std::string hint) const {
  const Token& token = Peek(ahead);
  const std::string error = token.kind == TokenKind::kEnd ? "end of input" : "'" + std::string(token.text) + "'";
  // Spark shows the statement with a mark under the place.
  int line = 1;
  size_t line_start = 0;
  for (size_t i = 0; i < static_cast<size_t>(token.start); ++i) {
    if (sql_[i] != '\n') continue;
    ++line;
    line_start = i + 1;
  }
  const int column = CharacterIndex(token.start) - CharacterIndex(static_cast<int32_t>(line_start));
  size_t line_end = sql_.find('\n', static_cast<size_t>(token.start));
  if (line_end == std::string::npos) line_end = sql_.size();
  std::string detail = " (line " + std::to_string(line) + ", pos " + std::to_string(column) + ")\n\n== SQL ==\n";
  detail += sql_.substr(0, line_end) + "\n" + std::string(static_cast<size_t>(column), '-') + "^^^\n";
  if (line_end < sql_.size()) detail += sql_.substr(line_end + 1);
  throw Error(Condition::PARSE_SYNTAX_ERROR, {{"error", error}, {"hint", std::move(hint)}}).WithDetail(detail);
}

void Grammar::Fail(Condition condition, ErrorParameters parameters, size_t first_token) const {
  Raise(condition, std::move(parameters), {ContextFrom(first_token)});
}

void Grammar::Refuse(std::string_view what) const { RaiseUnsupported(what); }

void Grammar::CheckChain(size_t length) const {
  if (length > kMaxChain) Raise(Condition::FAILED_TO_PARSE_TOO_COMPLEX);
}

int Grammar::CharacterIndex(int32_t byte) const {
  const auto before = std::lower_bound(wide_.begin(), wide_.end(), byte);
  return byte - static_cast<int>(before - wide_.begin());
}

std::string Grammar::TextFrom(size_t first_token) const {
  const int32_t start = tokens_[first_token].start;
  const int32_t end = next_ > first_token ? tokens_[next_ - 1].end() : tokens_[first_token].end();
  return sql_.substr(static_cast<size_t>(start), static_cast<size_t>(end - start));
}

ErrorContext Grammar::ContextFrom(size_t first_token) const {
  ErrorContext context;
  context.fragment = TextFrom(first_token);
  const int32_t start = tokens_[first_token].start;
  context.start_index = CharacterIndex(start);
  context.stop_index = CharacterIndex(start + static_cast<int32_t>(context.fragment.size())) - 1;
  return context;
}

OriginPtr Grammar::OriginFrom(size_t first_token) {
  auto origin = std::make_shared<ErrorContext>(ContextFrom(first_token));
  // Long chains of operators repeat their text in every node: keep that within bounds.
  if (origin->fragment.size() > kLongFragment && origin_bytes_ > kOriginBudget) {
    origin->fragment.resize(kLongFragment);
    while (!origin->fragment.empty() && (static_cast<uint8_t>(origin->fragment.back()) & 0x80) != 0) {
      origin->fragment.pop_back();  // never half a character
    }
  }
  origin_bytes_ += origin->fragment.size();
  return origin;
}

ExprPtr Grammar::Function(std::string name, std::vector<ExprPtr> args, size_t first_token) {
  return MakeUnresolvedFunction(std::move(name), std::move(args), OriginFrom(first_token));
}

std::string Grammar::Identifier() {
  if (!AtIdentifier()) SyntaxError();
  const Token& token = Take();
  return token.kind == TokenKind::kQuoted ? UnquoteIdentifier(token.text) : std::string(token.text);
}

std::string Grammar::StrictIdentifier() {
  if (IsJoinWord(Peek())) SyntaxError();
  return Identifier();
}

Names Grammar::MultipartIdentifier() {
  Names parts = {Identifier()};
  while (AtSymbol(".") && AtIdentifier(1)) {
    Take();
    parts.push_back(Identifier());
  }
  return parts;
}

Names Grammar::IdentifierList() {
  ExpectSymbol("(");
  Names names;
  do {
    names.push_back(Identifier());
  } while (AcceptSymbol(","));
  ExpectSymbol(")", true);
  return names;
}

std::string Grammar::StringLiteral() {
  if (!AtString()) SyntaxError();
  std::string text;
  while (AtString()) text += UnquoteString(Take().text);
  return text;
}

// Whether the keyword here begins a clause, judging by what follows; else it may be a name.
bool Grammar::StartsClause() const {
  const bool ends = AtEnd(1) || AtSymbol(")", 1) || AtSymbol(",", 1);
  if (AtAny({"FROM", "WHERE", "HAVING", "LIMIT", "OFFSET", "QUALIFY"})) return !ends;
  if (AtAny({"GROUP", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE"})) return At("BY", 1) && !AtEnd(2) && !AtSymbol(")", 2);
  if (AtAny({"UNION", "EXCEPT", "MINUS", "SETMINUS", "INTERSECT"})) {
    return AtAny({"ALL", "DISTINCT"}, 1) ? AtQuery(2) : AtQuery(1);
  }
  if (At("WINDOW")) return AtIdentifier(1) && At("AS", 2);
  if (At("LATERAL")) return At("VIEW", 1);
  if (At("PIVOT")) return AtSymbol("(", 1);
  if (At("UNPIVOT")) return AtSymbol("(", 1) || (AtAny({"INCLUDE", "EXCLUDE"}, 1) && At("NULLS", 2));
  if (At("TABLESAMPLE")) return AtSymbol("(", 1);
  if (AtAny({"VERSION", "SYSTEM_VERSION", "TIMESTAMP", "SYSTEM_TIME"})) return At("AS", 1) && At("OF", 2);
  if (At("FOR")) return AtAny({"VERSION", "SYSTEM_VERSION", "TIMESTAMP", "SYSTEM_TIME"}, 1);
  if (At("INSERT")) return AtAny({"INTO", "OVERWRITE"}, 1);
  return At("SELECT") && !ends;
}

bool Grammar::AtTableAlias() const { return AtIdentifier() && !IsJoinWord(Peek()) && !StartsClause(); }
bool Grammar::AtColumnAlias() const { return AtIdentifier() && !StartsClause(); }

// a.b.c or 'a b', as options and properties are named.
std::string Grammar::PropertyKey() {
  if (AtString()) return StringLiteral();
  std::string key = Identifier();
  while (AcceptSymbol(".")) key += "." + Identifier();
  return key;
}

StringMap Grammar::Properties() {
  ExpectSymbol("(");
  StringMap properties;
  do {
    std::string key = PropertyKey();
    AcceptSymbol("=");
    std::string value;
    if (AtString()) {
      value = StringLiteral();
    } else if (Peek().kind == TokenKind::kNumber || AtAny({"TRUE", "FALSE"})) {
      value = std::string(Take().text);
      std::transform(value.begin(), value.end(), value.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    } else if (AtSymbol("-") && Peek(1).kind == TokenKind::kNumber) {
      Take();
      value = "-" + std::string(Take().text);
    } else if (!AtSymbol(",") && !AtSymbol(")")) {
      SyntaxError();
    }
    properties[std::move(key)] = std::move(value);
  } while (AcceptSymbol(","));
  ExpectSymbol(")", true);
  return properties;
}

// A type's text is handed to the types room, once its end is found.
TypePtr Grammar::DataTypeName() {
  const size_t first = next_;
  if (!AtIdentifier()) SyntaxError();
  const bool interval = At("INTERVAL");
  const bool timestamp = At("TIMESTAMP") || At("TIME");
  Take();
  if (interval && AtAny({"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"})) {
    Take();
    if (At("TO") && AtIdentifier(1)) next_ += 2;
  }
  int angles = 0;
  if (AtSymbol("<") || AtSymbol("<>")) {
    do {
      const Token& token = Peek();
      if (token.kind == TokenKind::kEnd) SyntaxError();
      if (token.IsSymbol("<")) ++angles;
      if (token.IsSymbol(">")) --angles;
      if (token.IsSymbol(">=") || token.IsSymbol("<=")) SyntaxError();
      Take();
    } while (angles > 0);
  }
  if (AtSymbol("(")) next_ = std::min(FindClosing(next_) + 1, tokens_.size() - 1);
  if (timestamp && AtAny({"WITH", "WITHOUT"}) && (At("TIME", 1) || At("LOCAL", 1))) {
    while (AtAny({"WITH", "WITHOUT", "LOCAL", "TIME", "ZONE"})) Take();
  }
  if (At("COLLATE")) Refuse("collations");
  if (next_ == first + 1 && tokens_[first].Is("ARRAY")) {
    Fail(Condition::INCOMPLETE_TYPE_DEFINITION__ARRAY, {{"elementType", "<INT>"}}, first);
  }
  if (next_ == first + 1 && tokens_[first].Is("MAP")) Fail(Condition::INCOMPLETE_TYPE_DEFINITION__MAP, {}, first);
  if (next_ == first + 1 && tokens_[first].Is("STRUCT")) Fail(Condition::INCOMPLETE_TYPE_DEFINITION__STRUCT, {}, first);
  try {
    return ParseTypeDdl(TextFrom(first));
  } catch (const Error& error) {
    if (error.condition() == Condition::_LEGACY_ERROR_TEMP_1228 ||
        error.condition() == Condition::UNSUPPORTED_TIME_PRECISION) {
      throw;
    }
    const std::string text = TextFrom(first);
    if (error.condition() == Condition::PARSE_SYNTAX_ERROR && text.find('<') == std::string::npos &&
        text.ends_with(')')) {
      std::string name;
      for (const char c : text) {
        if (c != ' ') name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      }
      Fail(Condition::UNSUPPORTED_DATATYPE, {{"typeName", "\"" + name + "\""}}, first);
    }
    if (!error.contexts().empty() || error.condition() == Condition::DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION) throw;
    throw error.WithContext(ContextFrom(first));
  }
}

}  // namespace centella
