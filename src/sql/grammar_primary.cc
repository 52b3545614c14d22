// Primary expressions: literals, names, parentheses, CASE, CAST, lambdas, and what may follow them.
#include "sql/grammar.h"
#include "sql/literals.h"
#include "sql/parser.h"

namespace centella {

// primary, then any of .name [index] ::type COLLATE
ExprPtr Grammar::Postfix() {
  const size_t first = next_;
  ExprPtr value = Primary();
  for (size_t length = 0;; ++length) {
    CheckChain(length);
    if (AtSymbol(".") && AtIdentifier(1)) {
      Take();
      std::string name = Identifier();
      auto extract = Make<UnresolvedExtract>(first);
      extract->child = std::move(value);
      extract->extraction = MakeLiteral(Value::String(std::move(name)));
      value = std::move(extract);
    } else if (AcceptSymbol("[")) {
      ExprPtr index = Binary(0);
      ExpectSymbol("]", true);
      auto extract = Make<UnresolvedExtract>(first);
      extract->child = std::move(value);
      extract->extraction = std::move(index);
      value = std::move(extract);
    } else if (AcceptSymbol("::")) {
      auto cast = std::make_shared<Cast>();
      cast->target = DataTypeName();
      cast->child = std::move(value);
      cast->origin = OriginFrom(first);
      value = std::move(cast);
    } else if (AtSymbol(":") && (AtIdentifier(1) || AtSymbol("[", 1))) {
      Refuse("paths into VARIANT values (value:path)");
    } else if (At("COLLATE") && AtIdentifier(1)) {
      Refuse("collations");
    } else {
      return value;
    }
  }
}

ExprPtr Grammar::Primary() {
  const Token& token = Peek();
  const size_t first = next_;
  switch (token.kind) {
    case TokenKind::kNumber: return NumberLiteral(false);
    case TokenKind::kString: return StringChain();
    case TokenKind::kQuoted: return NameOrCall();
    case TokenKind::kWord: return WordPrimary();
    case TokenKind::kSymbol: break;
    default: SyntaxError();
  }
  if (token.text == "(") return Parenthesised();
  if (token.text == "*") {
    Take();
    return Star({}, first);
  }
  if (token.text == "-" && Peek(1).kind == TokenKind::kNumber) return NumberLiteral(true);
  if (token.text == "?" || token.text == ":") return ParameterRule();
  SyntaxError();
}

ExprPtr Grammar::WordPrimary() {
  const size_t first = next_;
  if (AtAny({"TRUE", "FALSE", "NULL"}) && !AtSymbol(".", 1) && !AtSymbol("(", 1)) {
    const Token& token = Take();
    auto literal = Make<Literal>(first);
    literal->value = token.Is("NULL") ? Value() : Value::Boolean(token.Is("TRUE"));
    literal->type = literal->value.type();
    literal->nullable = literal->value.is_null();
    return literal;
  }
  if (At("CASE") && !AtSymbol(".", 1) && !AtSymbol("(", 1) && !AtSymbol(",", 1) && !AtEnd(1) && !At("END", 1) &&
      !AtAny({"FROM", "AS"}, 1)) {
    return Case();
  }
  if (At("CASE") && AtSymbol("(", 1)) {
    // CASE (a) WHEN …, unless it's a call of a function of that name.
    const size_t closing = FindClosing(next_ + 1);
    if (closing + 1 < tokens_.size() && !tokens_[closing + 1].IsSymbol(")")) return Case();
  }
  if (AtAny({"CAST", "TRY_CAST"}) && AtSymbol("(", 1)) return CastRule();
  if (AtInterval()) return Interval();
  if (AtString(1)) return TypedLiteral();
  if (AtSymbol("->", 1)) {
    auto variable = std::make_shared<LambdaVariable>();
    variable->parts = {Identifier()};
    return LambdaRule({std::move(variable)}, first);
  }
  if (AtSymbol("(", 1)) {
    if (ExprPtr special = SpecialFunction()) return special;
  }
  return NameOrCall();
}

// name, name.*, name(…)
ExprPtr Grammar::NameOrCall() {
  const size_t first = next_;
  Names parts = {Identifier()};
  CheckChain(0);
  while (AtSymbol(".")) {
    if (AtSymbol("*", 1)) {
      next_ += 2;
      return Star(std::move(parts), first);
    }
    if (!AtIdentifier(1)) SyntaxError(1);
    Take();
    parts.push_back(Identifier());
    CheckChain(parts.size());
  }
  if (AtSymbol("(")) {
    if (parts.size() == 1 && tokens_[first].Is("IDENTIFIER")) return IdentifierClause(first);
    return Call(std::move(parts), first);
  }
  return MakeUnresolvedAttribute(std::move(parts), OriginFrom(first));
}

// IDENTIFIER(text), then perhaps the arguments of the function of that name. Analysis reads the text, which may be a parameter.
ExprPtr Grammar::IdentifierClause(size_t first_token) {
  ExpectSymbol("(");
  ExprPtr text = ParseExpressionRule();
  ExpectSymbol(")", true);
  if (AtSymbol("(")) {
    const auto* literal = As<Literal>(text);
    if (literal == nullptr || literal->value.is_null() || !literal->value.type()->is_string()) {
      Refuse("a function's name by IDENTIFIER that is no literal");
    }
    return Call(ParseMultipartIdentifier(literal->value.string()), first_token);
  }
  return Function("identifier", {std::move(text)}, first_token);
}

// After the star: [EXCEPT (columns)]
ExprPtr Grammar::Star(Names target, size_t first_token) {
  std::vector<Names> except;
  if (At("EXCEPT") && !AtQuery(1) && !AtAny({"ALL", "DISTINCT"}, 1)) {
    Take();
    ExpectSymbol("(");
    do {
      except.push_back(MultipartIdentifier());
    } while (AcceptSymbol(","));
    ExpectSymbol(")", true);
  }
  auto star = Make<UnresolvedStar>(first_token);
  star->target = std::move(target);
  star->except = std::move(except);
  return star;
}

bool Grammar::AtParenthesisedLambda() const {
  const size_t closing = FindClosing(next_);
  return closing + 1 < tokens_.size() && tokens_[closing + 1].IsSymbol("->");
}

// (query), (expression), (a, b), (x, y) -> body
ExprPtr Grammar::Parenthesised() {
  const size_t first = next_;
  if (AtParenthesisedLambda()) {
    std::vector<ExprPtr> parameters;
    for (std::string& name : IdentifierList()) {
      auto variable = std::make_shared<LambdaVariable>();
      variable->parts = {std::move(name)};
      parameters.push_back(std::move(variable));
    }
    return LambdaRule(std::move(parameters), first);
  }
  if (AtQuery(1)) {
    // ((SELECT 1) + 1) is an expression: a query only when it fills the parentheses.
    const size_t at = next_;
    size_t inner = next_ + 1;
    while (tokens_[inner].IsSymbol("(")) ++inner;
    if (inner == at + 1) return SubqueryRule(SubqueryKind::kScalar, first);
    const size_t closing = FindClosing(at + 1);
    const Token& after = tokens_[std::min(closing + 1, tokens_.size() - 1)];
    const bool whole = after.IsSymbol(")") || after.Is("UNION") || after.Is("EXCEPT") || after.Is("INTERSECT") ||
                       after.Is("MINUS") || after.Is("ORDER") || after.Is("LIMIT");
    if (whole && !after.IsSymbol(")")) return SubqueryRule(SubqueryKind::kScalar, first);
  }
  Take();
  std::vector<ExprPtr> parts = {NamedExpression()};
  while (AcceptSymbol(",")) parts.push_back(NamedExpression());
  ExpectSymbol(")");
  if (parts.size() > 1) return RowConstructor(std::move(parts), first);
  if (As<Alias>(parts[0]) != nullptr) SyntaxError();
  return parts[0];
}

// (a, b + 1 AS c): a struct whose fields are named after the expressions.
ExprPtr Grammar::RowConstructor(std::vector<ExprPtr> parts, size_t first_token) {
  std::vector<ExprPtr> args;
  for (size_t i = 0; i < parts.size(); ++i) {
    std::string name = "col" + std::to_string(i + 1);
    if (const auto* column = As<UnresolvedAttribute>(parts[i])) name = column->parts.back();
    if (const auto* alias = As<Alias>(parts[i])) {
      name = alias->names[0];
      args.push_back(MakeLiteral(Value::String(std::move(name))));
      args.push_back(alias->child);
      continue;
    }
    args.push_back(MakeLiteral(Value::String(std::move(name))));
    args.push_back(parts[i]);
  }
  return Function("named_struct", std::move(args), first_token);
}

ExprPtr Grammar::LambdaRule(std::vector<ExprPtr> parameters, size_t first_token) {
  ExpectSymbol("->");
  ExprPtr body = ParseExpressionRule();
  auto lambda = Make<Lambda>(first_token);
  lambda->parameters = std::move(parameters);
  lambda->body = std::move(body);
  return lambda;
}

// The END of the CASE that was just taken, or the number of tokens.
size_t Grammar::FindCaseEnd() const {
  int depth = 1;
  for (size_t i = next_; i < tokens_.size(); ++i) {
    if (tokens_[i].Is("CASE")) ++depth;
    if (tokens_[i].Is("END") && --depth == 0) return i;
  }
  return tokens_.size();
}

ExprPtr Grammar::Case() {
  const size_t first = next_;
  Take();
  ExprPtr subject;
  if (At("WHEN") && FindCaseEnd() == tokens_.size()) {
    Take();  // without an END Spark reads CASE as a column, WHEN as its alias
    SyntaxError();
  }
  if (!At("WHEN")) subject = ParseExpressionRule();
  std::vector<ExprPtr> args;
  if (!At("WHEN")) SyntaxError();
  while (Accept("WHEN")) {
    const size_t condition_token = next_;
    ExprPtr condition = ParseExpressionRule();
    if (subject != nullptr) condition = Function("=", {subject, std::move(condition)}, condition_token);
    args.push_back(std::move(condition));
    Expect("THEN");
    args.push_back(ParseExpressionRule());
  }
  if (Accept("ELSE")) args.push_back(ParseExpressionRule());
  Expect("END");
  return Function("case", std::move(args), first);
}

// CAST(value AS type), TRY_CAST(value AS type)
ExprPtr Grammar::CastRule() {
  const size_t first = next_;
  const bool is_try = Take().Is("TRY_CAST");
  ExpectSymbol("(");
  ExprPtr child = ParseExpressionRule();
  Expect("AS");
  TypePtr target = DataTypeName();
  ExpectSymbol(")", true);
  auto cast = Make<Cast>(first);
  cast->child = std::move(child);
  cast->target = std::move(target);
  cast->mode_given = is_try;
  if (is_try) cast->mode = EvalMode::kTry;
  return cast;
}

// At the parenthesis before the query.
ExprPtr Grammar::SubqueryRule(SubqueryKind kind, size_t first_token) {
  Nesting nesting(this);
  ExpectSymbol("(");
  PlanPtr plan = Query();
  ExpectSymbol(")", true);
  auto subquery = Make<Subquery>(first_token);
  subquery->subquery = kind;
  subquery->plan = std::move(plan);
  return subquery;
}

// 'a' 'b' "c"
ExprPtr Grammar::StringChain() {
  const size_t first = next_;
  std::string text = StringLiteral();
  auto literal = Make<Literal>(first);
  literal->value = Value::String(std::move(text));
  literal->type = types::String();
  literal->nullable = false;
  return literal;
}

ExprPtr Grammar::NumberLiteral(bool negative) {
  const size_t first = next_;
  if (negative) Take();
  const Token& token = Take();
  auto literal = Make<Literal>(first);
  literal->value = ParseNumberLiteral(token.text, negative, ContextFrom(first));
  literal->type = literal->value.type();
  literal->nullable = false;
  return literal;
}

// DATE '…', TIMESTAMP '…', X'…', INTERVAL '…'
ExprPtr Grammar::TypedLiteral() {
  const size_t first = next_;
  const std::string type = Take().word;
  const std::string text = StringLiteral();
  auto literal = Make<Literal>(first);
  literal->value = ParseTypedLiteral(type, text, config_, ContextFrom(first));
  literal->type = literal->value.type();
  literal->nullable = false;
  return literal;
}

// INTERVAL 'text', or an amount and a unit: the word alone is a name.
bool Grammar::AtInterval() const {
  if (!At("INTERVAL")) return false;
  const size_t sign = AtSymbol("-", 1) || AtSymbol("+", 1) ? 1 : 0;
  const TokenKind kind = Peek(1 + sign).kind;
  if (kind == TokenKind::kString) return sign == 0 || AtIdentifier(3);
  return kind == TokenKind::kNumber && AtIdentifier(2 + sign);
}

ExprPtr Grammar::Interval() {
  const size_t first = next_;
  Take();
  const size_t body = next_;
  const auto at_amount = [this] {
    const size_t sign = AtSymbol("-") || AtSymbol("+") ? 1 : 0;
    const TokenKind kind = Peek(sign).kind;
    return (kind == TokenKind::kString || kind == TokenKind::kNumber) && Peek(sign + 1).kind == TokenKind::kWord &&
           IsIntervalUnit(Peek(sign + 1).word);
  };
  if (!at_amount()) {
    if (!AtString()) SyntaxError(1);
    next_ = first;
    return TypedLiteral();
  }
  std::vector<IntervalPart> parts;
  while (at_amount()) {
    IntervalPart part;
    if (AtSymbol("-") || AtSymbol("+")) part.negative = Take().text == "-";
    part.is_text = AtString();
    part.amount = part.is_text ? UnquoteString(Take().text) : std::string(Take().text);
    part.unit = Take().word;
    parts.push_back(std::move(part));
  }
  std::string to;
  if (At("TO") && Peek(1).kind == TokenKind::kWord && IsIntervalUnit(Peek(1).word)) {
    Take();
    to = Take().word;
  }
  auto literal = Make<Literal>(first);
  literal->value = to.empty() ? MultiUnitInterval(parts, ContextFrom(first), ContextFrom(body))
                              : UnitToUnitInterval(parts, to, ContextFrom(body));
  literal->type = literal->value.type();
  literal->nullable = false;
  return literal;
}

// :name or ?
ExprPtr Grammar::ParameterRule() {
  const size_t first = next_;
  const bool named = Take().text == ":";
  std::string name;
  if (named) name = Identifier();
  auto parameter = Make<Parameter>(first);
  parameter->name = std::move(name);
  if (!named) parameter->position = parameters_++;
  return parameter;
}

}  // namespace centella
