// Calls: functions with their own syntax, arguments, FILTER, WITHIN GROUP, OVER and windows.
#include "sql/grammar.h"

namespace centella {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

ExprPtr StringNode(std::string text) { return MakeLiteral(Value::String(std::move(text))); }

}  // namespace

// At a word before a parenthesis.
ExprPtr Grammar::SpecialFunction() {
  if (At("TRIM")) return Trim();
  if (AtAny({"SUBSTRING", "SUBSTR"})) return Substring();
  if (At("POSITION")) return Position();
  if (At("OVERLAY")) return Overlay();
  if (At("EXTRACT") && AtIdentifier(2) && At("FROM", 3)) return Extract();
  if (AtAny({"FIRST", "LAST", "ANY_VALUE", "FIRST_VALUE", "LAST_VALUE"})) return FirstOrLast();
  if (At("STRUCT")) return StructRule();
  if (At("EXISTS") && AtQuery(2)) {
    const size_t first = next_;
    Take();
    return SubqueryRule(SubqueryKind::kExists, first);
  }
  if (AtAny({"TIMESTAMPADD", "DATEADD", "DATE_ADD"})) return TimestampArithmetic("timestampadd");
  if (AtAny({"TIMESTAMPDIFF", "DATEDIFF", "DATE_DIFF", "TIMEDIFF"})) return TimestampArithmetic("timestampdiff");
  return nullptr;
}

// TRIM([BOTH | LEADING | TRAILING] [characters] FROM text); the plain call has no special form.
ExprPtr Grammar::Trim() {
  const size_t first = next_;
  std::string name = "trim";
  const bool sided =
      AtAny({"BOTH", "LEADING", "TRAILING"}, 2) && !AtSymbol(")", 3) && !AtSymbol(",", 3) && !AtSymbol(".", 3);
  if (sided) {
    next_ += 2;
    const Token& side = Take();
    name = side.Is("LEADING") ? "ltrim" : side.Is("TRAILING") ? "rtrim" : "trim";
  } else {
    next_ += 2;
  }
  std::vector<ExprPtr> args;
  if (!(sided && At("FROM"))) {
    if (AtSymbol(")")) {
      next_ = first;
      return nullptr;
    }
    args.push_back(Argument());
    if (!At("FROM")) {
      if (sided) SyntaxError();
      next_ = first;  // the plain call
      return nullptr;
    }
  }
  Expect("FROM");
  args.push_back(ParseExpressionRule());
  ExpectSymbol(")");
  return Function(name, std::move(args), first);
}

// SUBSTRING(text FROM start [FOR length])
ExprPtr Grammar::Substring() {
  const size_t first = next_;
  const std::string name = Lower(Peek().text);
  next_ += 2;
  if (AtSymbol(")")) {
    next_ = first;
    return nullptr;
  }
  std::vector<ExprPtr> args = {Argument()};
  if (!Accept("FROM")) {
    next_ = first;
    return nullptr;
  }
  args.push_back(ParseExpressionRule());
  if (Accept("FOR")) args.push_back(ParseExpressionRule());
  ExpectSymbol(")");
  return Function("substring", std::move(args), first);
}

// POSITION(part IN text)
ExprPtr Grammar::Position() {
  const size_t first = next_;
  next_ += 2;
  if (AtSymbol(")")) {
    next_ = first;
    return nullptr;
  }
  // The value before IN is no predicate itself.
  ExprPtr part = AtIdentifier() && AtSymbol("=>", 1) ? nullptr : Binary(0);
  if (part == nullptr || !Accept("IN")) {
    if (part != nullptr && !AtSymbol(",") && !AtSymbol(")")) SyntaxError();
    next_ = first;
    return nullptr;
  }
  ExprPtr text = Binary(0);
  ExpectSymbol(")");
  return Function("locate", {std::move(part), std::move(text)}, first);
}

// OVERLAY(text PLACING other FROM start [FOR length])
ExprPtr Grammar::Overlay() {
  const size_t first = next_;
  next_ += 2;
  if (AtSymbol(")")) {
    next_ = first;
    return nullptr;
  }
  std::vector<ExprPtr> args = {Argument()};
  if (!Accept("PLACING")) {
    next_ = first;
    return nullptr;
  }
  args.push_back(ParseExpressionRule());
  Expect("FROM");
  args.push_back(ParseExpressionRule());
  if (Accept("FOR")) args.push_back(ParseExpressionRule());
  ExpectSymbol(")");
  return Function("overlay", std::move(args), first);
}

// EXTRACT(field FROM source)
ExprPtr Grammar::Extract() {
  const size_t first = next_;
  next_ += 2;
  ExprPtr field = StringNode(Identifier());
  Expect("FROM");
  ExprPtr source = ParseExpressionRule();
  ExpectSymbol(")");
  return Function("extract", {std::move(field), std::move(source)}, first);
}

// TIMESTAMPADD(unit, amount, timestamp) and its like: only when the first argument is a bare unit and there are three.
ExprPtr Grammar::TimestampArithmetic(const std::string& name) {
  const bool unit = AtAny({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAYOFYEAR", "HOUR", "MINUTE", "SECOND",
                           "MILLISECOND", "MICROSECOND"},
                          2);
  if ((!unit && !AtString(2)) || !AtSymbol(",", 3)) return nullptr;
  const size_t closing = FindClosing(next_ + 1);
  int depth = 0, commas = 0;
  for (size_t i = next_ + 1; i < closing; ++i) {
    if (tokens_[i].IsSymbol("(") || tokens_[i].IsSymbol("[")) ++depth;
    if (tokens_[i].IsSymbol(")") || tokens_[i].IsSymbol("]")) --depth;
    if (depth == 1 && tokens_[i].IsSymbol(",")) ++commas;
  }
  if (commas != 2) return nullptr;
  const size_t first = next_;
  const std::string called = Lower(Peek().text);
  next_ += 2;
  const Token& unit_token = Take();
  if (!unit) {
    const std::string text(unit_token.text);
    next_ = closing + 1;
    Fail(Condition::INVALID_PARAMETER_VALUE__DATETIME_UNIT,
         {{"functionName", "`" + called + "`"}, {"parameter", "`unit`"}, {"invalidValue", text}}, first);
  }
  std::vector<ExprPtr> args = {StringNode(unit_token.word)};
  while (AcceptSymbol(",")) args.push_back(ParseExpressionRule());
  ExpectSymbol(")");
  return Function(name, std::move(args), first);
}

// FIRST(value IGNORE NULLS): the words inside the parentheses.
ExprPtr Grammar::FirstOrLast() {
  const size_t first = next_;
  const std::string name(Peek().text);
  next_ += 2;
  if (AtSymbol(")") || AtSymbol("*") || AtAny({"DISTINCT", "ALL"})) {
    next_ = first;
    return nullptr;
  }
  std::vector<ExprPtr> args = {Argument()};
  if (!AtWords({"IGNORE", "NULLS"})) {
    next_ = first;
    return nullptr;
  }
  next_ += 2;
  ExpectSymbol(")");
  auto function = std::make_shared<UnresolvedFunction>();
  function->name = {name};
  function->args = std::move(args);
  function->ignore_nulls = true;
  if (Accept("FILTER")) {
    ExpectSymbol("(");
    Expect("WHERE");
    function->filter = ParseExpressionRule();
    ExpectSymbol(")", true);
  }
  function->origin = OriginFrom(first);
  return Accept("OVER") ? Over(function, true, first) : ExprPtr(function);
}

// STRUCT(a AS x, b)
ExprPtr Grammar::StructRule() {
  const size_t first = next_;
  next_ += 2;
  std::vector<ExprPtr> args;
  if (!AtSymbol(")")) {
    do {
      args.push_back(NamedExpression());
    } while (AcceptSymbol(","));
  }
  ExpectSymbol(")");
  return Function("struct", std::move(args), first);
}

// At the opening parenthesis.
ExprPtr Grammar::Call(Names name, size_t first_token) {
  Nesting nesting(this);
  if (At("SELECT", 1) && !AtSymbol(",", 2) && !AtSymbol(")", 2) && AtQuery(1)) SyntaxError();
  ExpectSymbol("(");
  auto function = std::make_shared<UnresolvedFunction>();
  function->name = std::move(name);
  if (At("DISTINCT") && !AtSymbol(")", 1) && !AtSymbol(",", 1)) {
    Take();
    function->distinct = true;
  } else if (At("ALL") && !AtSymbol(")", 1) && !AtSymbol(",", 1)) {
    Take();
  }
  if (!AtSymbol(")")) function->args = Arguments();
  ExpectSymbol(")", At("FROM"));
  const bool count = function->name.size() == 1 && Lower(function->name[0]) == "count";
  if (count && !function->distinct && function->args.size() == 1) {
    const auto* star = As<UnresolvedStar>(function->args[0]);
    if (star != nullptr && star->target.empty() && star->except.empty()) {
      function->args[0] = MakeLiteral(Value::Int(1));  // every row counts
    }
  }
  if (AtWords({"WITHIN", "GROUP"}) && AtSymbol("(", 2)) {
    next_ += 3;
    Expect("ORDER");
    Expect("BY");
    function->order_by = SortItems();
    ExpectSymbol(")", true);
  }
  if (At("FILTER") && AtSymbol("(", 1) && At("WHERE", 2)) {
    next_ += 3;
    function->filter = ParseExpressionRule();
    ExpectSymbol(")", true);
  }
  if (AtAny({"IGNORE", "RESPECT"}) && At("NULLS", 1)) {
    function->ignore_nulls = Take().Is("IGNORE");
    Take();
  }
  const bool over = At("OVER") && (AtSymbol("(", 1) || AtIdentifier(1));
  const bool ignore_nulls = function->ignore_nulls;
  if (!over) {
    function->origin = OriginFrom(first_token);
    return function;
  }
  Take();
  return Over(std::move(function), ignore_nulls, first_token);
}

std::vector<ExprPtr> Grammar::Arguments() {
  std::vector<ExprPtr> args;
  do {
    args.push_back(Argument());
  } while (AcceptSymbol(","));
  return args;
}

// expression or name => expression
ExprPtr Grammar::Argument() {
  const size_t first = next_;
  if (AtIdentifier() && AtSymbol("=>", 1)) {
    std::string name = Identifier();
    Take();
    ExprPtr value = ParseExpressionRule();
    auto argument = Make<NamedArgument>(first);
    argument->name = std::move(name);
    argument->value = std::move(value);
    return argument;
  }
  if (At("TABLE") && (AtSymbol("(", 1) || AtIdentifier(1))) Refuse("tables as arguments of functions");
  return ParseExpressionRule();
}

// After OVER.
ExprPtr Grammar::Over(ExprPtr function, bool ignore_nulls, size_t first_token) {
  std::shared_ptr<WindowExpr> window = WindowSpecification();
  const OriginPtr origin = OriginFrom(first_token);
  if (const auto* call = As<UnresolvedFunction>(function)) {
    auto copy = std::make_shared<UnresolvedFunction>(*call);
    copy->origin = origin;
    function = std::move(copy);
  }
  window->function = std::move(function);
  window->ignore_nulls = ignore_nulls;
  window->origin = origin;
  return window;
}

// name, (name) or ([PARTITION BY …] [ORDER BY …] [frame]); Hive's DISTRIBUTE BY, SORT BY and CLUSTER BY too.
std::shared_ptr<WindowExpr> Grammar::WindowSpecification() {
  Nesting nesting(this);
  auto window = std::make_shared<WindowExpr>();
  if (!AtSymbol("(")) {
    window->window_name = Identifier();
    return window;
  }
  const bool clause = AtAny({"PARTITION", "DISTRIBUTE", "CLUSTER", "ORDER", "SORT"}, 1) && At("BY", 2);
  const bool frame = AtAny({"ROWS", "RANGE"}, 1) && !AtSymbol(")", 2);
  if (!clause && !frame && !AtSymbol(")", 1) && !(AtIdentifier(1) && AtSymbol(")", 2))) SyntaxError();
  Take();
  if (AtIdentifier() && !clause && !frame && AtSymbol(")", 1)) {
    window->window_name = Identifier();
    Take();
    return window;
  }
  if (AcceptWords({"CLUSTER", "BY"})) {
    window->partition_by = ExpressionList();
  } else {
    if (AcceptWords({"PARTITION", "BY"}) || AcceptWords({"DISTRIBUTE", "BY"})) window->partition_by = ExpressionList();
    if (AcceptWords({"ORDER", "BY"}) || AcceptWords({"SORT", "BY"})) window->order_by = SortItems();
  }
  if (AtAny({"ROWS", "RANGE"})) Frame(window.get());
  ExpectSymbol(")");
  return window;
}

// ROWS | RANGE bound, or BETWEEN bound AND bound
void Grammar::Frame(WindowExpr* window) {
  window->unit = Take().Is("ROWS") ? FrameUnit::kRows : FrameUnit::kRange;
  const bool between = Accept("BETWEEN");
  FrameBoundRule(&window->lower, &window->lower_offset);
  window->upper = FrameBound::kCurrentRow;
  if (!between) return;
  Expect("AND");
  FrameBoundRule(&window->upper, &window->upper_offset);
}

void Grammar::FrameBoundRule(FrameBound* bound, ExprPtr* offset) {
  const size_t first = next_;
  if (At("UNBOUNDED") && AtAny({"PRECEDING", "FOLLOWING"}, 1)) {
    *bound = At("PRECEDING", 1) ? FrameBound::kUnboundedPreceding : FrameBound::kUnboundedFollowing;
    next_ += 2;
    return;
  }
  if (AcceptWords({"CURRENT", "ROW"})) {
    *bound = FrameBound::kCurrentRow;
    return;
  }
  *offset = ParseExpressionRule();
  if (!AtAny({"PRECEDING", "FOLLOWING"})) SyntaxError(0, ": missing {'FOLLOWING', 'PRECEDING'}");
  *bound = Take().Is("PRECEDING") ? FrameBound::kPreceding : FrameBound::kFollowing;
  bool has_column = false;
  if (const auto* name = As<UnresolvedAttribute>(*offset)) has_column = !name->parts.empty();
  if (has_column) Fail(Condition::_LEGACY_ERROR_TEMP_0064, {{"msg", "Frame bound value must be a literal."}}, first);
}

}  // namespace centella
