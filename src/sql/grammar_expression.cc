// Expressions with operators, in Spark's order of precedence: OR, AND, NOT, predicates, comparison, |, ^, &, shifts,
// + - ||, * / % DIV, unary signs.
#include <array>

#include "sql/grammar.h"

namespace centella {
namespace {

// Levels of binary operators, loosest first.
constexpr int kComparison = 0;
constexpr int kBitOr = 1;
constexpr int kBitXor = 2;
constexpr int kBitAnd = 3;
constexpr int kShift = 4;
constexpr int kAdditive = 5;
constexpr int kMultiplicative = 6;
constexpr int kLevels = 7;

constexpr std::array<std::array<std::string_view, 2>, 10> kComparisons = {{{"=", "="},
                                                                           {"==", "="},
                                                                           {"<=>", "<=>"},
                                                                           {"<>", "<>"},
                                                                           {"!=", "<>"},
                                                                           {"<=", "<="},
                                                                           {">=", ">="},
                                                                           {"!<", ">="},
                                                                           {"!>", "<="},
                                                                           {"<", "<"}}};

}  // namespace

ExprPtr Grammar::SingleExpression() {
  ExprPtr expression = NamedExpression();
  if (Peek().kind != TokenKind::kEnd)
    SyntaxError(0, AtEnd(1) ? ": extra input '" + std::string(Peek().text) + "'" : "");
  return expression;
}

// expression [[AS] name | (names)]
ExprPtr Grammar::NamedExpression() {
  const size_t first = next_;
  ExprPtr expression = ParseExpressionRule();
  Names names;
  const bool has_as = At("AS") && (AtIdentifier(1) || AtSymbol("(", 1));
  if (has_as) Take();
  if (has_as && AtSymbol("(")) {
    names = IdentifierList();
  } else if (has_as || AtColumnAlias()) {
    names.push_back(Identifier());
  }
  if (names.empty()) return expression;
  auto alias = Make<Alias>(first);
  alias->child = std::move(expression);
  alias->names = std::move(names);
  alias->id = NextExprId();
  return alias;
}

ExprPtr Grammar::ParseExpressionRule() {
  Nesting nesting(this);
  return OrExpression();
}

ExprPtr Grammar::OrExpression() {
  const size_t first = next_;
  std::vector<ExprPtr> terms = {AndExpression()};
  while (Accept("OR")) terms.push_back(AndExpression());
  return Balanced("or", std::move(terms), first);
}

ExprPtr Grammar::AndExpression() {
  const size_t first = next_;
  std::vector<ExprPtr> terms = {NotExpression()};
  while (Accept("AND")) terms.push_back(NotExpression());
  return Balanced("and", std::move(terms), first);
}

// A tree of low height, all nodes with the origin of the whole, as Spark builds it.
ExprPtr Grammar::Balanced(const std::string& function, std::vector<ExprPtr> terms, size_t first_token) {
  if (terms.size() == 1) return terms[0];
  const OriginPtr origin = OriginFrom(first_token);
  while (terms.size() > 1) {
    std::vector<ExprPtr> pairs;
    pairs.reserve((terms.size() + 1) / 2);
    for (size_t i = 0; i + 1 < terms.size(); i += 2) {
      pairs.push_back(MakeUnresolvedFunction(function, {terms[i], terms[i + 1]}, origin));
    }
    if (terms.size() % 2 == 1) pairs.push_back(terms.back());
    terms = std::move(pairs);
  }
  return terms[0];
}

ExprPtr Grammar::NotExpression() {
  const size_t first = next_;
  if (At("NOT") ? !AtSymbol(".", 1) && !AtEnd(1) && !AtSymbol(",", 1) && !AtSymbol(")", 1) : AtSymbol("!")) {
    Nesting nesting(this);
    Take();
    ExprPtr operand = NotExpression();
    return Function("not", {std::move(operand)}, first);
  }
  if (At("EXISTS") && AtSymbol("(", 1) && AtQuery(2)) {
    Take();
    return SubqueryRule(SubqueryKind::kExists, first);
  }
  return Predicated();
}

bool Grammar::AtPredicate() const {
  const size_t ahead = At("NOT") ? 1 : 0;
  if (AtAny({"LIKE", "ILIKE", "RLIKE", "REGEXP", "BETWEEN"}, ahead)) return true;
  if (At("IN", ahead)) return AtSymbol("(", ahead + 1) || ahead == 1;
  if (ahead == 1) return false;
  return At("IS") && !AtEnd(1) && AtAny({"NULL", "NOT", "TRUE", "FALSE", "UNKNOWN", "DISTINCT"}, 1);
}

ExprPtr Grammar::Predicated() {
  ExprPtr value = Binary(kComparison);
  return AtPredicate() ? Predicate(std::move(value)) : value;
}

// Origins of predicates are the predicate's own words, without the value before them.
ExprPtr Grammar::Predicate(ExprPtr value) {
  const size_t first = next_;
  if (At("IS")) return IsPredicate(std::move(value));
  const bool negated = Accept("NOT");
  ExprPtr result;
  if (At("IN")) {
    result = InPredicate(std::move(value));
  } else if (Accept("BETWEEN")) {
    ExprPtr low = Binary(kComparison);
    Expect("AND", true);
    ExprPtr high = Binary(kComparison);
    result = Function("between", {std::move(value), std::move(low), std::move(high)}, first);
  } else if (AtAny({"RLIKE", "REGEXP"})) {
    Take();
    ExprPtr pattern = Binary(kComparison);
    result = Function("rlike", {std::move(value), std::move(pattern)}, first);
  } else {
    return LikePredicate(std::move(value), negated);
  }
  return negated ? Function("not", {std::move(result)}, first) : result;
}

ExprPtr Grammar::InPredicate(ExprPtr value) {
  const size_t first = next_;
  Take();
  if (AtSymbol("(") && AtSymbol(")", 1)) {
    next_ += 2;
    Fail(Condition::INVALID_SQL_SYNTAX__EMPTY_IN_PREDICATE, {}, first);
  }
  // IN (SELECT '1') reads as a typed literal in Spark, of a type SELECT that there isn't.
  const bool literal = At("SELECT", 1) && AtString(2) && (AtSymbol(")", 3) || AtSymbol(",", 3));
  if (AtSymbol("(") && AtQuery(1) && !literal) {
    ExprPtr in = SubqueryRule(SubqueryKind::kIn, first);
    auto subquery = std::make_shared<Subquery>(To<Subquery>(in));
    // (a, b) IN (SELECT …) compares column by column.
    const auto* row = As<UnresolvedFunction>(value);
    if (row != nullptr && row->name == Names{"named_struct"} && row->origin != nullptr &&
        row->origin->fragment.starts_with('(')) {
      for (size_t i = 1; i < row->args.size(); i += 2) subquery->values.push_back(row->args[i]);
    } else {
      subquery->values.push_back(std::move(value));
    }
    return subquery;
  }
  ExpectSymbol("(");
  std::vector<ExprPtr> args = ExpressionList();
  ExpectSymbol(")", true);
  args.insert(args.begin(), std::move(value));
  return Function("in", std::move(args), first);
}

ExprPtr Grammar::LikePredicate(ExprPtr value, bool negated) {
  const size_t first = negated ? next_ - 1 : next_;
  const std::string name = At("ILIKE") ? "ilike" : "like";
  Take();
  if (AtAny({"ANY", "SOME", "ALL"}) && AtSymbol("(", 1)) {
    const bool all = At("ALL");
    Take();
    Take();
    if (AtSymbol(")")) {
      Take();
      Fail(Condition::_LEGACY_ERROR_TEMP_0064, {{"msg", "Expected something between '(' and ')'."}}, first);
    }
    std::vector<ExprPtr> terms;
    for (ExprPtr& pattern : ExpressionList()) {
      ExprPtr like = Function(name, {value, std::move(pattern)}, first);
      terms.push_back(negated ? Function("not", {std::move(like)}, first) : std::move(like));
    }
    ExpectSymbol(")", true);
    return Balanced(all ? "and" : "or", std::move(terms), first);
  }
  std::vector<ExprPtr> args = {std::move(value), Binary(kComparison)};
  if (At("ESCAPE") && AtString(1)) {
    Take();
    std::string escape = StringLiteral();
    if (escape.size() != 1) {
      Fail(Condition::INVALID_ESC, {{"invalidEscape", "'" + escape + "'"}}, first);
    }
    args.push_back(MakeLiteral(Value::String(std::move(escape))));
  }
  ExprPtr like = Function(name, std::move(args), first);
  return negated ? Function("not", {std::move(like)}, first) : like;
}

ExprPtr Grammar::IsPredicate(ExprPtr value) {
  const size_t first = next_;
  Take();
  const bool negated = Accept("NOT");
  ExprPtr result;
  if (Accept("NULL") || Accept("UNKNOWN")) {
    return Function(negated ? "isnotnull" : "isnull", {std::move(value)}, first);
  }
  if (AtAny({"TRUE", "FALSE"})) {
    ExprPtr constant = MakeLiteral(Value::Boolean(At("TRUE")));
    Take();
    result = Function("<=>", {std::move(value), std::move(constant)}, first);
    return negated ? Function("not", {std::move(result)}, first) : result;
  }
  if (!At("DISTINCT")) SyntaxError();
  Take();
  Expect("FROM");
  ExprPtr other = Binary(kComparison);
  result = Function("<=>", {std::move(value), std::move(other)}, first);
  return negated ? result : Function("not", {std::move(result)}, first);
}

// The operator of this level that stands here, by the name of its function; "" when there is none.
std::string Grammar::BinaryOperator(int level, size_t* tokens) const {
  *tokens = 1;
  const Token& token = Peek();
  if (level == kMultiplicative && token.Is("DIV")) return "div";
  if (token.kind != TokenKind::kSymbol) return "";
  const auto adjacent = [&](size_t ahead) {  // >> and >>> come as single >, for array<array<int>>
    return AtSymbol(">", ahead) && Peek(ahead).start == Peek(ahead - 1).end();
  };
  const bool shift = token.text == "<<" || (token.text == ">" && adjacent(1));
  switch (level) {
    case kComparison:
      if (shift) return "";
      if (token.text == ">") return ">";
      for (const auto& [symbol, name] : kComparisons) {
        if (token.text == symbol) return std::string(name);
      }
      return "";
    case kBitOr: return token.text == "|" ? "|" : "";
    case kBitXor: return token.text == "^" ? "^" : "";
    case kBitAnd: return token.text == "&" ? "&" : "";
    case kShift:
      if (!shift || token.text == "<<") return shift ? "<<" : "";
      *tokens = adjacent(2) ? 3 : 2;
      return adjacent(2) ? ">>>" : ">>";
    case kAdditive: return token.text == "+" || token.text == "-" || token.text == "||" ? std::string(token.text) : "";
    case kMultiplicative:
      return token.text == "*" || token.text == "/" || token.text == "%" ? std::string(token.text) : "";
    default: return "";
  }
}

ExprPtr Grammar::Binary(int level) {
  if (level == kLevels) return Unary();
  const size_t first = next_;
  ExprPtr left = Binary(level + 1);
  size_t tokens = 0;
  for (size_t length = 0;; ++length) {
    const std::string name = BinaryOperator(level, &tokens);
    if (name.empty()) return left;
    CheckChain(length);
    next_ += tokens;
    ExprPtr right = Binary(level + 1);
    left = Function(name, {std::move(left), std::move(right)}, first);
  }
}

ExprPtr Grammar::Unary() {
  const size_t first = next_;
  const bool number = AtSymbol("-") && Peek(1).kind == TokenKind::kNumber;
  if (number || !(AtSymbol("-") || AtSymbol("+") || AtSymbol("~"))) return Postfix();
  Nesting nesting(this);
  const std::string symbol(Take().text);
  ExprPtr operand = Unary();
  return Function(symbol == "+" ? "positive" : symbol, {std::move(operand)}, first);
}

std::vector<ExprPtr> Grammar::ExpressionList() {
  std::vector<ExprPtr> expressions;
  do {
    expressions.push_back(ParseExpressionRule());
  } while (AcceptSymbol(","));
  return expressions;
}

// expression [ASC | DESC] [NULLS FIRST | LAST]
ExprPtr Grammar::SortItem() {
  const size_t first = next_;
  ExprPtr child = ParseExpressionRule();
  auto order = std::make_shared<SortOrder>();
  order->child = std::move(child);
  if (Accept("DESC")) {
    order->ascending = false;
  } else {
    Accept("ASC");
  }
  order->nulls_first = order->ascending;
  if (At("NULLS")) {
    Take();
    if (!AtAny({"FIRST", "LAST"})) SyntaxError();
    order->nulls_first = Take().Is("FIRST");
  }
  order->origin = OriginFrom(first);
  return order;
}

std::vector<ExprPtr> Grammar::SortItems() {
  std::vector<ExprPtr> items;
  do {
    items.push_back(SortItem());
  } while (AcceptSymbol(","));
  return items;
}

}  // namespace centella
