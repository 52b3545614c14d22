// FROM: tables, subqueries, table functions, VALUES, joins, samples, lateral views, PIVOT and UNPIVOT.
#include "sql/grammar.h"

namespace centella {
namespace {

double ToDouble(const std::string& text) {
  try {
    return std::stod(text);
  } catch (const std::exception&) {
    return -1;  // out of any range a caller allows
  }
}

}  // namespace

// FROM relation, relation …
PlanPtr Grammar::FromClause() {
  const size_t first = next_;
  Expect("FROM");
  bool lateral = At("LATERAL") && !At("VIEW", 1) && (AtSymbol("(", 1) || AtIdentifier(1));
  if (lateral) Refuse("LATERAL as the first relation of FROM");
  PlanPtr plan = Relation();
  for (size_t length = 0; AcceptSymbol(","); ++length) {
    CheckChain(length);
    lateral = At("LATERAL") && !At("VIEW", 1);
    if (lateral) Take();
    const size_t right_token = next_;
    PlanPtr right = lateral ? RelationPrimary() : Relation();
    auto join = std::make_shared<Join>();
    join->left = std::move(plan);
    join->right = std::move(right);
    join->lateral = lateral;
    join->origin = OriginFrom(first);
    plan = std::move(join);
    if (lateral) plan = RelationExtensions(std::move(plan), right_token);
  }
  return plan;
}

PlanPtr Grammar::Relation() {
  Nesting nesting(this);
  const size_t first = next_;
  return RelationExtensions(RelationPrimary(), first);
}

// Joins, PIVOT and UNPIVOT after a relation.
PlanPtr Grammar::RelationExtensions(PlanPtr plan, size_t first_token) {
  for (size_t length = 0;; ++length) {
    CheckChain(length);
    JoinKind kind;
    kind.token = next_;
    if (At("PIVOT") && AtSymbol("(", 1)) {
      plan = PivotRule(std::move(plan));
    } else if (At("UNPIVOT") && StartsClause()) {
      plan = UnpivotRule(std::move(plan));
    } else if (AcceptJoin(&kind)) {
      plan = JoinRule(std::move(plan), kind, first_token);
    } else {
      return plan;
    }
  }
}

// [NATURAL] [kind] JOIN
bool Grammar::AcceptJoin(JoinKind* kind) {
  const size_t start = next_;
  kind->natural = Accept("NATURAL");
  const bool left = Accept("LEFT"), right = !left && Accept("RIGHT");
  if (left || right) {
    kind->type = left ? JoinType::kLeft : JoinType::kRight;
    if (!Accept("OUTER") && left) {
      if (Accept("SEMI"))
        kind->type = JoinType::kLeftSemi;
      else if (Accept("ANTI"))
        kind->type = JoinType::kLeftAnti;
    }
  } else if (Accept("FULL")) {
    kind->type = JoinType::kFull;
    Accept("OUTER");
  } else if (Accept("CROSS")) {
    kind->type = JoinType::kCross;
  } else if (Accept("SEMI")) {
    kind->type = JoinType::kLeftSemi;
  } else if (Accept("ANTI")) {
    kind->type = JoinType::kLeftAnti;
  } else {
    Accept("INNER");
  }
  if (Accept("JOIN")) return true;
  if (next_ != start) Expect("JOIN", true);
  return false;
}

// After JOIN.
PlanPtr Grammar::JoinRule(PlanPtr left, JoinKind kind, size_t first_token) {
  const bool lateral = At("LATERAL") && (AtSymbol("(", 1) || AtIdentifier(1));
  if (lateral) Take();
  PlanPtr right = RelationPrimary();
  if (lateral && kind.type != JoinType::kInner && kind.type != JoinType::kCross && kind.type != JoinType::kLeft) {
    Fail(Condition::INVALID_LATERAL_JOIN_TYPE,
         {{"joinType", kind.type == JoinType::kRight      ? "RIGHT OUTER"
                       : kind.type == JoinType::kFull     ? "FULL OUTER"
                       : kind.type == JoinType::kLeftSemi ? "LEFT SEMI"
                                                          : "LEFT ANTI"}},
         kind.token);
  }
  if (kind.natural || (At("USING") && AtSymbol("(", 1))) {
    Names columns;
    if (!kind.natural) {
      Take();
      columns = IdentifierList();
    }
    if (lateral) Fail(Condition::UNSUPPORTED_FEATURE__LATERAL_JOIN_USING, {}, kind.token);
    if (kind.natural && kind.type == JoinType::kCross) {
      Fail(Condition::INCOMPATIBLE_JOIN_TYPES, {{"joinType1", "NATURAL"}, {"joinType2", "CROSS"}}, kind.token);
    }
    auto join = Make<UsingJoin>(first_token);
    join->left = std::move(left);
    join->right = std::move(right);
    join->type = kind.type;
    join->columns = std::move(columns);
    join->natural = kind.natural;
    return join;
  }
  if (At("USING")) SyntaxError(1);
  ExprPtr condition;
  if (Accept("ON")) condition = ParseExpressionRule();
  auto join = Make<Join>(kind.token);
  join->left = std::move(left);
  join->right = std::move(right);
  join->type = kind.type;
  join->condition = std::move(condition);
  join->lateral = lateral;
  return join;
}

PlanPtr Grammar::RelationPrimary() {
  if (AtSymbol("(")) return ParenthesisedRelation();
  if (At("VALUES") && !AtEnd(1) && !AtSymbol(")", 1) && !AtSymbol(",", 1) && !AtSymbol(".", 1) &&
      !AtAny({"AS", "JOIN", "WHERE"}, 1)) {
    return InlineTableRule();
  }
  if (At("STREAM") && (AtSymbol("(", 1) || (AtIdentifier(1) && !StartsClause() && !At("AS", 1)))) {
    Refuse("STREAM in FROM");
  }
  if (At("TABLE") && AtSymbol("(", 1)) Refuse("TABLE(…) in FROM");
  return NamedRelation();
}

PlanPtr Grammar::NamedRelation() {
  const size_t first = next_;
  Names name = MultipartIdentifier();
  if (AtSymbol("-") && AtIdentifier(1)) {
    std::string written = name.back();
    while (AtSymbol("-") && AtIdentifier(1)) {
      Take();
      written += "-" + Identifier();
    }
    Raise(Condition::INVALID_IDENTIFIER, {{"ident", written}});
  }
  if (AtSymbol("(")) return TableFunction(std::move(name), first);
  auto relation = Make<UnresolvedRelation>(first);
  relation->name = std::move(name);
  const bool travel =
      At("FOR") ? AtAny({"VERSION", "SYSTEM_VERSION", "TIMESTAMP", "SYSTEM_TIME"}, 1)
                : AtAny({"VERSION", "SYSTEM_VERSION", "TIMESTAMP", "SYSTEM_TIME"}) && At("AS", 1) && At("OF", 2);
  if (travel) {
    // No table that Centella reads has versions yet.
    std::string id;
    for (const std::string& part : relation->name) id += (id.empty() ? "`" : ".`") + part + "`";
    Raise(Condition::UNSUPPORTED_FEATURE__TIME_TRAVEL, {{"relationId", id}});
  }
  if (At("WITH") && AtSymbol("(", 1)) {
    Take();
    relation->options = Properties();
  }
  return Aliased(TableSample(std::move(relation)), false);
}

// [TABLESAMPLE …], then [AS] name [(columns)]. A subquery without a name gets Spark's own.
PlanPtr Grammar::Aliased(PlanPtr plan, bool is_query) {
  const size_t first = next_;
  const bool has_as = At("AS") && AtIdentifier(1);
  if (has_as) Take();
  auto alias = std::make_shared<SubqueryAlias>();
  if (has_as || AtTableAlias()) {
    alias->qualifier = {StrictIdentifier()};
    if (AtSymbol("(")) alias->columns = IdentifierList();
    alias->origin = OriginFrom(first);
  } else if (is_query) {
    alias->qualifier = {"__auto_generated_subquery_name"};
  } else {
    return plan;
  }
  alias->child = std::move(plan);
  return alias;
}

// TABLESAMPLE (10 PERCENT | 5 ROWS | BUCKET x OUT OF y) [REPEATABLE (seed)]
PlanPtr Grammar::TableSample(PlanPtr plan) {
  if (!At("TABLESAMPLE") || !AtSymbol("(", 1)) return plan;
  const size_t first = next_;
  const size_t closing = FindClosing(next_ + 1);
  next_ += 2;
  const auto fail = [&](Condition condition, ErrorParameters parameters) {
    next_ = closing + 1;
    Fail(condition, std::move(parameters), first);
  };
  auto sample = std::make_shared<Sample>();
  if (Accept("BUCKET")) {
    const double x = ToDouble(std::string(Take().text));
    Expect("OUT");
    Expect("OF");
    const double y = ToDouble(std::string(Take().text));
    if (At("ON")) fail(Condition::_LEGACY_ERROR_TEMP_0014, {});
    sample->upper = y > 0 ? x / y : -1;
  } else if (AtSymbol(")")) {
    fail(Condition::_LEGACY_ERROR_TEMP_0014, {});
  } else {
    const bool negative = AcceptSymbol("-");
    const Token& number = Peek();
    if (number.kind == TokenKind::kNumber && At("PERCENT", 1)) {
      sample->upper = ToDouble(std::string(number.text)) / 100 * (negative ? -1 : 1);
      next_ += 2;
    } else {
      const std::string text(number.text);
      if (AtSymbol(")", 1)) {
        const char last = text.empty() ? ' ' : text.back();
        const bool bytes = last == 'b' || last == 'B' || last == 'k' || last == 'K' || last == 'm' || last == 'M' ||
                           last == 'g' || last == 'G';
        if (bytes) fail(Condition::_LEGACY_ERROR_TEMP_0015, {{"msg", "byteLengthLiteral"}});
        fail(Condition::_LEGACY_ERROR_TEMP_0016, {{"bytesStr", text}});
      }
      ExprPtr rows = ParseExpressionRule();
      Expect("ROWS");
      ExpectSymbol(")");
      auto limit = Make<Limit>(first);
      limit->limit = std::move(rows);
      limit->child = std::move(plan);
      return limit;
    }
  }
  ExpectSymbol(")");
  if (At("REPEATABLE") && AtSymbol("(", 1)) {
    next_ += 2;
    const bool negative = AcceptSymbol("-");
    sample->has_seed = true;
    sample->seed = static_cast<int64_t>(std::strtoull(std::string(Take().text).c_str(), nullptr, 10));
    if (negative) sample->seed = -sample->seed;
    ExpectSymbol(")");
  }
  if (!(sample->upper >= -1e-6 && sample->upper <= 1 + 1e-6)) {
    std::string fraction = std::to_string(sample->upper);
    while (fraction.ends_with('0') && !fraction.ends_with(".0")) fraction.pop_back();
    Fail(Condition::_LEGACY_ERROR_TEMP_0064,
         {{"msg", "Sampling fraction (" + fraction + ") must be on interval [0, 1]"}}, first);
  }
  sample->child = std::move(plan);
  sample->origin = OriginFrom(first);
  return sample;
}

// At the parenthesis after the name.
PlanPtr Grammar::TableFunction(Names name, size_t first_token) {
  Nesting nesting(this);
  ExpectSymbol("(");
  auto function = std::make_shared<UnresolvedTableFunction>();
  function->name = std::move(name);
  if (!AtSymbol(")")) function->args = Arguments();
  ExpectSymbol(")");
  function->origin = OriginFrom(first_token);
  return Aliased(TableSample(std::move(function)), false);
}

// VALUES row, row … [[AS] name [(columns)]]
PlanPtr Grammar::InlineTableRule() {
  const size_t first = next_;
  Take();
  auto table = std::make_shared<InlineTable>();
  do {
    ExprPtr row = ParseExpressionRule();
    const auto* parts = As<UnresolvedFunction>(row);
    const bool is_row = parts != nullptr && parts->origin != nullptr &&
                        ((parts->name == Names{"named_struct"} && parts->origin->fragment.starts_with('(')) ||
                         parts->name == Names{"struct"});
    std::vector<ExprPtr> values;
    if (!is_row) {
      values.push_back(std::move(row));
    } else if (parts->name[0] == "struct") {
      values = parts->args;
    } else {
      for (size_t i = 1; i < parts->args.size(); i += 2) values.push_back(parts->args[i]);
    }
    table->rows.push_back(std::move(values));
  } while (AcceptSymbol(","));
  const size_t columns = table->rows[0].size();
  for (size_t i = 0; i < columns; ++i) table->names.push_back("col" + std::to_string(i + 1));
  const size_t after_rows = next_;
  std::string alias_name;
  const bool has_as = At("AS") && AtIdentifier(1);
  if (has_as) Take();
  if (has_as || AtTableAlias()) {
    alias_name = StrictIdentifier();
    if (AtSymbol("(")) table->names = IdentifierList();
  }
  for (size_t i = 0; i < table->rows.size(); ++i) {
    if (table->rows[i].size() == columns && table->names.size() == columns) continue;
    if (table->names.size() == columns) next_ = after_rows;
    Fail(Condition::INVALID_INLINE_TABLE__NUM_COLUMNS_MISMATCH,
         {{"expectedNumCols", std::to_string(table->names.size())},
          {"actualNumCols", std::to_string(table->rows[i].size())},
          {"rowIndex", std::to_string(i)}},
         first);
  }
  table->origin = OriginFrom(first);
  if (alias_name.empty()) return table;
  auto alias = std::make_shared<SubqueryAlias>();
  alias->qualifier = {std::move(alias_name)};
  alias->child = std::move(table);
  return alias;
}

// (query) or (relation), sampled and named.
PlanPtr Grammar::ParenthesisedRelation() {
  Nesting nesting(this);
  // ((SELECT 1) UNION (SELECT 2)) is a query; ((SELECT 1) a JOIN b) a relation: what follows the inner ones tells.
  bool query = AtQuery(1);
  if (query && AtSymbol("(", 1)) {
    const size_t inner = FindClosing(next_ + 1);
    const Token& after = tokens_[std::min(inner + 1, tokens_.size() - 1)];
    query = after.IsSymbol(")") || after.Is("UNION") || after.Is("EXCEPT") || after.Is("INTERSECT") ||
            after.Is("MINUS") || after.Is("SETMINUS") || after.Is("ORDER") || after.Is("LIMIT") || after.Is("OFFSET") ||
            after.Is("SORT") || after.Is("CLUSTER") || after.Is("DISTRIBUTE") || after.IsSymbol("|>");
  }
  if (At("VALUES", 1) && query) query = true;
  ExpectSymbol("(");
  if (query) {
    PlanPtr plan = Query();
    // (VALUES … AS t JOIN …) reads on as a relation.
    ExpectSymbol(")", true);
    return Aliased(TableSample(std::move(plan)), true);
  }
  const size_t first = next_;
  PlanPtr plan = Relation();
  plan = RelationExtensions(std::move(plan), first);
  ExpectSymbol(")", true);
  return Aliased(TableSample(std::move(plan)), false);
}

// LATERAL VIEW [OUTER] function(args) name [[AS] columns], repeated
PlanPtr Grammar::LateralViews(PlanPtr plan) {
  for (size_t length = 0; At("LATERAL") && At("VIEW", 1); ++length) {
    CheckChain(length);
    const size_t first = next_;
    next_ += 2;
    auto generate = std::make_shared<Generate>();
    generate->outer = At("OUTER") && AtIdentifier(1);
    if (generate->outer) Take();
    const size_t call = next_;
    Names name = MultipartIdentifier();
    auto function = std::make_shared<UnresolvedFunction>();
    function->name = std::move(name);
    ExpectSymbol("(");
    if (!AtSymbol(")")) function->args = Arguments();
    ExpectSymbol(")", true);
    function->origin = OriginFrom(call);
    generate->generator = std::move(function);
    generate->qualifier = Identifier();
    const bool has_as = At("AS") && AtIdentifier(1);
    if (has_as) Take();
    if (has_as || AtTableAlias()) {
      do {
        generate->column_names.push_back(Identifier());
      } while (AcceptSymbol(","));
    }
    generate->child = std::move(plan);
    generate->origin = OriginFrom(first);
    plan = std::move(generate);
  }
  return plan;
}

// PIVOT (aggregates FOR column IN (values)) [AS name]
PlanPtr Grammar::PivotRule(PlanPtr plan) {
  const size_t first = next_;
  next_ += 2;
  auto pivot = std::make_shared<Pivot>();
  pivot->sql = true;
  do {
    const size_t item = next_;
    ExprPtr aggregate = ParseExpressionRule();
    const bool has_as = Accept("AS");
    if (has_as || (AtIdentifier() && !At("FOR"))) {
      auto alias = std::make_shared<Alias>();
      alias->names = {Identifier()};
      alias->child = std::move(aggregate);
      alias->id = NextExprId();
      alias->origin = OriginFrom(item);
      aggregate = std::move(alias);
    }
    pivot->aggregates.push_back(std::move(aggregate));
  } while (AcceptSymbol(","));
  Expect("FOR");
  const size_t column = next_;
  if (AtSymbol("(")) {
    std::vector<ExprPtr> parts;
    for (std::string& name : IdentifierList()) {
      parts.push_back(MakeUnresolvedAttribute({std::move(name)}, OriginFrom(column)));
    }
    pivot->column = parts.size() == 1 ? parts[0] : RowConstructor(std::move(parts), column);
  } else {
    Names parts = {Identifier()};
    pivot->column = MakeUnresolvedAttribute(std::move(parts), OriginFrom(column));
  }
  Expect("IN");
  ExpectSymbol("(");
  do {
    pivot->values.push_back(NamedExpression());
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
  ExpectSymbol(")");
  pivot->child = std::move(plan);
  pivot->origin = OriginFrom(first);
  return Aliased(std::move(pivot), false);
}

// UNPIVOT [INCLUDE | EXCLUDE NULLS] (…) [AS name]
PlanPtr Grammar::UnpivotRule(PlanPtr plan) {
  const size_t first = next_;
  Take();
  auto unpivot = std::make_shared<Unpivot>();
  unpivot->ids_given = false;
  unpivot->include_nulls = At("INCLUDE");
  if (AtAny({"INCLUDE", "EXCLUDE"})) next_ += 2;
  ExpectSymbol("(");
  const bool several = AtSymbol("(");
  if (several) {
    unpivot->value_columns = IdentifierList();
  } else {
    unpivot->value_columns = {Identifier()};
  }
  Expect("FOR");
  unpivot->variable_column = Identifier();
  Expect("IN");
  UnpivotColumns(unpivot.get());
  ExpectSymbol(")");
  unpivot->child = std::move(plan);
  unpivot->origin = OriginFrom(first);
  return Aliased(std::move(unpivot), false);
}

// (a [AS x], (b, c) [AS y] …)
void Grammar::UnpivotColumns(Unpivot* unpivot) {
  ExpectSymbol("(");
  const auto column = [this] {
    const size_t first = next_;
    Names name = MultipartIdentifier();
    return MakeUnresolvedAttribute(std::move(name), OriginFrom(first));
  };
  do {
    std::vector<ExprPtr> group;
    if (AcceptSymbol("(")) {
      do {
        group.push_back(column());
      } while (AcceptSymbol(","));
      ExpectSymbol(")");
    } else {
      group.push_back(column());
    }
    std::string alias;
    const bool has_as = Accept("AS");
    if (has_as || AtIdentifier()) alias = Identifier();
    unpivot->values.push_back(std::move(group));
    unpivot->aliases.push_back(std::move(alias));
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
}

}  // namespace centella
