// Queries: WITH, SELECT and its clauses, set operations, ordering and limits, pipes.
#include <set>

#include "sql/grammar.h"

namespace centella {

struct Grammar::GroupBy {
  bool present = false;
  GroupingKind kind = GroupingKind::kPlain;
  std::vector<ExprPtr> expressions;
  // One alternative list of grouping sets per element of the clause; their product is what is asked for.
  std::vector<std::vector<std::vector<ExprPtr>>> elements;
  bool has_sets = false;
};

struct Grammar::SelectClause {
  std::vector<ExprPtr> items;
  bool distinct = false;
  std::vector<std::shared_ptr<Hint>> hints;
  PlanPtr from;
  ExprPtr where;
  GroupBy group;
  ExprPtr having;
  ExprPtr qualify;
  std::vector<std::string> window_names;
  std::vector<ExprPtr> windows;
};

namespace {

constexpr size_t kMaxGroupingSets = 4096;

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

template <typename T>
std::shared_ptr<T> Above(PlanPtr child, OriginPtr origin) {
  auto node = std::make_shared<T>();
  node->child = std::move(child);
  node->origin = std::move(origin);
  return node;
}

// Every way to take one set of each element, joined.
std::vector<std::vector<ExprPtr>> Product(const std::vector<std::vector<std::vector<ExprPtr>>>& elements) {
  std::vector<std::vector<ExprPtr>> sets = {{}};
  for (const auto& element : elements) {
    std::vector<std::vector<ExprPtr>> next;
    for (const auto& left : sets) {
      for (const auto& right : element) {
        if (next.size() >= kMaxGroupingSets) RaiseUnsupported("more than 4096 grouping sets");
        next.push_back(left);
        next.back().insert(next.back().end(), right.begin(), right.end());
      }
    }
    sets = std::move(next);
  }
  return sets;
}

// The sets of ROLLUP or CUBE over `parts`, each of which may be several expressions.
std::vector<std::vector<ExprPtr>> GroupingSetsOf(const std::vector<std::vector<ExprPtr>>& parts, bool rollup) {
  std::vector<std::vector<ExprPtr>> sets;
  if (!rollup && parts.size() > 12) RaiseUnsupported("a CUBE of more than 12 expressions");
  const size_t count = rollup ? parts.size() + 1 : size_t{1} << parts.size();
  for (size_t i = 0; i < count; ++i) {
    std::vector<ExprPtr> set;
    for (size_t part = 0; part < parts.size(); ++part) {
      const bool taken = rollup ? part < parts.size() - i : ((i >> (parts.size() - 1 - part)) & 1) == 0;
      if (taken) set.insert(set.end(), parts[part].begin(), parts[part].end());
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace

PlanPtr Grammar::OneRow() const {
  auto relation = std::make_shared<LocalRelation>();
  relation->schema = types::Struct({});
  Batch batch;
  batch.rows = 1;
  relation->batches.push_back(std::move(batch));
  return relation;
}

PlanPtr Grammar::Query() {
  Nesting nesting(this);
  const size_t first = next_;
  if (At("WITH")) return WithDefinitions(first);
  return QueryWithoutCte();
}

// WITH [RECURSIVE] name [(columns)] [AS] (query), … query-or-insert
PlanPtr Grammar::WithDefinitions(size_t first_token) {
  Take();
  auto with = std::make_shared<WithCte>();
  with->recursive = At("RECURSIVE") && AtIdentifier(1);
  if (with->recursive) Take();
  std::set<std::string> seen;
  std::string duplicates;
  do {
    const size_t name_token = next_;
    std::string name = Identifier();
    Names columns;
    const bool has_columns = AtSymbol("(") && !AtQuery(1);
    if (has_columns) columns = IdentifierList();
    std::shared_ptr<Hint> most_levels;
    if (AcceptWords({"MAX", "RECURSION", "LEVEL"})) {
      most_levels = std::make_shared<Hint>();
      most_levels->name = "max recursion level";
      most_levels->parameters = {ParseExpressionRule()};
    }
    Accept("AS");
    ExpectSymbol("(");
    PlanPtr definition = Query();
    ExpectSymbol(")", true);
    if (most_levels != nullptr) {
      most_levels->child = std::move(definition);
      definition = std::move(most_levels);
    }
    if (has_columns) {
      auto alias = std::make_shared<SubqueryAlias>();
      alias->qualifier = {name};
      alias->columns = std::move(columns);
      alias->child = std::move(definition);
      alias->origin = OriginFrom(name_token);
      definition = std::move(alias);
    }
    if (!seen.insert(Lower(name)).second) duplicates += (duplicates.empty() ? "`" : ", `") + name + "`";
    with->names.push_back(std::move(name));
    with->definitions.push_back(std::move(definition));
  } while (AcceptSymbol(","));
  if (At("INSERT")) {
    PlanPtr insert = Insert();
    const auto* write = As<WriteFiles>(insert);
    if (write == nullptr) Refuse("WITH before this statement");
    auto copy = std::make_shared<WriteFiles>(*write);
    with->child = copy->child;
    with->origin = OriginFrom(first_token);
    copy->child = std::move(with);
    return copy;
  }
  with->child = QueryWithoutCte();
  if (!duplicates.empty()) Fail(Condition::DUPLICATED_CTE_NAMES, {{"duplicateNames", duplicates}}, first_token);
  with->origin = OriginFrom(first_token);
  return with;
}

PlanPtr Grammar::QueryWithoutCte() {
  const size_t first = next_;
  PlanPtr plan = Organized(SetOperations(), first);
  return AtSymbol("|>") ? PipeOperators(std::move(plan), first) : plan;
}

// ORDER BY, SORT BY, DISTRIBUTE BY, CLUSTER BY, WINDOW, LIMIT, OFFSET after a query.
PlanPtr Grammar::Organized(PlanPtr plan, size_t first_token) {
  const size_t clauses = next_;
  std::shared_ptr<Sort> ordered;
  const auto sorted = [&](std::vector<ExprPtr> order, bool global) {
    auto sort = Above<Sort>(std::move(plan), OriginFrom(first_token));
    const auto* only = order.size() == 1 ? As<SortOrder>(order[0]) : nullptr;
    const auto* name = only != nullptr ? As<UnresolvedAttribute>(only->child) : nullptr;
    if (global && name != nullptr && name->parts.size() == 1 && Lower(name->parts[0]) == "all" &&
        name->origin->fragment[0] != '`') {
      sort->all = true;
      sort->all_ascending = only->ascending;
      sort->all_nulls_first = only->nulls_first;
    } else {
      sort->order = std::move(order);
    }
    sort->global = global;
    ordered = sort;
    plan = std::move(sort);
  };
  const auto distributed = [&](std::vector<ExprPtr> by) {
    auto repartition = Above<Repartition>(std::move(plan), OriginFrom(first_token));
    repartition->expressions = std::move(by);
    plan = std::move(repartition);
  };
  if (AcceptWords({"ORDER", "BY"})) {
    sorted(SortItems(), true);
  } else if (AcceptWords({"CLUSTER", "BY"})) {
    std::vector<ExprPtr> by = ExpressionList();
    distributed(by);
    std::vector<ExprPtr> order;
    for (ExprPtr& expression : by) {
      auto item = std::make_shared<SortOrder>();
      item->origin = expression->origin;
      item->child = std::move(expression);
      order.push_back(std::move(item));
    }
    sorted(std::move(order), false);
  } else {
    if (AcceptWords({"DISTRIBUTE", "BY"})) distributed(ExpressionList());
    if (AcceptWords({"SORT", "BY"})) sorted(SortItems(), false);
  }
  if (At("WINDOW") && AtIdentifier(1) && At("AS", 2)) plan = WindowClause(std::move(plan));
  ExprPtr limit, offset;
  if (At("LIMIT") && !AtEnd(1)) {
    Take();
    if (!Accept("ALL")) limit = ParseExpressionRule();
  }
  if (At("OFFSET") && !AtEnd(1)) {
    Take();
    offset = ParseExpressionRule();
  }
  if (ordered != nullptr) ordered->origin = OriginFrom(clauses);
  if (limit == nullptr && offset == nullptr) return plan;
  auto node = Above<Limit>(std::move(plan), OriginFrom(first_token));
  node->limit = std::move(limit);
  node->offset = std::move(offset);
  return node;
}

PlanPtr Grammar::WindowClause(PlanPtr plan) {
  const size_t first = next_;
  Take();
  auto node = std::make_shared<WithWindowDefinition>();
  std::set<std::string> seen;
  std::string repeated;
  do {
    std::string name = Identifier();
    Expect("AS");
    const size_t at = next_;
    std::shared_ptr<WindowExpr> window = WindowSpecification();
    window->origin = OriginFrom(at);
    if (!seen.insert(Lower(name)).second && repeated.empty()) repeated = name;
    node->names.push_back(std::move(name));
    node->windows.push_back(std::move(window));
  } while (AcceptSymbol(","));
  if (!repeated.empty()) {
    Fail(Condition::INVALID_SQL_SYNTAX__REPETITIVE_WINDOW_DEFINITION, {{"windowName", "`" + repeated + "`"}}, first);
  }
  node->child = std::move(plan);
  return node;
}

// UNION, EXCEPT and MINUS from left to right; INTERSECT binds tighter.
PlanPtr Grammar::SetOperations() {
  const size_t first = next_;
  PlanPtr left = Intersections();
  for (size_t length = 0; AtAny({"UNION", "EXCEPT", "MINUS", "SETMINUS"}); ++length) {
    CheckChain(length);
    auto operation = std::make_shared<SetOperation>();
    operation->operation = Take().Is("UNION") ? SetOperationKind::kUnion : SetOperationKind::kExcept;
    operation->all = Accept("ALL");
    if (!operation->all) Accept("DISTINCT");
    operation->left = std::move(left);
    operation->right = Intersections();
    operation->origin = OriginFrom(first);
    left = std::move(operation);
  }
  return left;
}

PlanPtr Grammar::Intersections() {
  const size_t first = next_;
  PlanPtr left = QueryPrimary();
  for (size_t length = 0; At("INTERSECT"); ++length) {
    CheckChain(length);
    Take();
    auto operation = std::make_shared<SetOperation>();
    operation->operation = SetOperationKind::kIntersect;
    operation->all = Accept("ALL");
    if (!operation->all) Accept("DISTINCT");
    operation->left = std::move(left);
    operation->right = QueryPrimary();
    operation->origin = OriginFrom(first);
    left = std::move(operation);
  }
  return left;
}

PlanPtr Grammar::QueryPrimary() {
  const size_t first = next_;
  if (AtSymbol("(")) {
    Take();
    PlanPtr plan = Query();
    ExpectSymbol(")");
    return plan;
  }
  if (At("SELECT")) return SelectStatement();
  if (At("FROM")) return FromStatement();
  if (At("VALUES")) return InlineTableRule();
  if (At("TABLE")) {
    Take();
    Names name = MultipartIdentifier();
    auto relation = Make<UnresolvedRelation>(first + 1);
    relation->name = std::move(name);
    return relation;
  }
  if (AtAny({"MAP", "REDUCE"}) && !AtEnd(1)) Refuse("MAP and REDUCE with scripts");
  SyntaxError();
}

PlanPtr Grammar::SelectStatement() {
  const size_t first = next_;
  return SelectBody(nullptr, first);
}

// FROM relation [SELECT …]
PlanPtr Grammar::FromStatement() {
  const size_t first = next_;
  PlanPtr from = LateralViews(FromClause());
  if (AtAny({"INSERT"}) && AtAny({"INTO", "OVERWRITE"}, 1)) Refuse("FROM … INSERT");
  if (!At("SELECT")) return from;
  return SelectBody(std::move(from), first);
}

// From SELECT on; `from` when the relation stood before.
PlanPtr Grammar::SelectBody(PlanPtr from, size_t first_token) {
  Nesting nesting(this);
  Expect("SELECT");
  SelectClause clause;
  while (AtSymbol("/*+")) Hints(&clause.hints);
  if (At("DISTINCT") && !AtSymbol(",", 1) && !AtEnd(1) && !At("FROM", 1) && !At("AS", 1) && !AtSymbol("(", 1)) {
    Take();
    clause.distinct = true;
  } else if (At("DISTINCT") && AtSymbol("(", 1)) {
    Take();
    clause.distinct = true;
  } else if (At("ALL") && !AtSymbol(",", 1) && !AtEnd(1) && !AtSymbol(".", 1)) {
    Take();
  }
  if (At("TRANSFORM") && AtSymbol("(", 1)) {
    const size_t closing = FindClosing(next_ + 1);
    if (closing + 1 < tokens_.size() && (tokens_[closing + 1].Is("USING") || tokens_[closing + 1].Is("ROW"))) {
      Refuse("SELECT TRANSFORM with scripts");
    }
  }
  do {
    clause.items.push_back(NamedExpression());
  } while (AcceptSymbol(","));
  if (from != nullptr) {
    clause.from = std::move(from);
  } else if (At("FROM")) {
    clause.from = FromClause();
  }
  if (At("LATERAL") && At("VIEW", 1)) clause.from = LateralViews(clause.from ? std::move(clause.from) : OneRow());
  if (Accept("WHERE")) clause.where = ParseExpressionRule();
  if (AcceptWords({"GROUP", "BY"})) clause.group = GroupByClause();
  if (Accept("HAVING")) clause.having = ParseExpressionRule();
  if (At("QUALIFY") && StartsClause()) {
    Take();
    clause.qualify = ParseExpressionRule();
  }
  return BuildSelect(std::move(clause), first_token);
}

PlanPtr Grammar::BuildSelect(SelectClause&& clause, size_t first_token) {
  const bool has_window = At("WINDOW") && AtIdentifier(1) && At("AS", 2);
  const OriginPtr origin = OriginFrom(first_token);
  PlanPtr plan = clause.from != nullptr ? std::move(clause.from) : OneRow();
  if (clause.where != nullptr) {
    auto filter = Above<Filter>(std::move(plan), origin);
    filter->condition = std::move(clause.where);
    plan = std::move(filter);
  }
  if (clause.group.present || clause.having != nullptr) {
    auto aggregate = Above<Aggregate>(std::move(plan), origin);
    aggregate->grouping = std::move(clause.group.expressions);
    aggregate->grouping_kind = clause.group.kind;
    if (clause.group.kind == GroupingKind::kSets) aggregate->grouping_sets = Product(clause.group.elements);
    aggregate->aggregates = std::move(clause.items);
    plan = std::move(aggregate);
  } else {
    auto project = Above<Project>(std::move(plan), origin);
    project->expressions = std::move(clause.items);
    plan = std::move(project);
  }
  for (ExprPtr* condition : {&clause.having, &clause.qualify}) {
    if (*condition == nullptr) continue;
    auto filter = Above<Filter>(std::move(plan), origin);
    filter->condition = std::move(*condition);
    plan = std::move(filter);
  }
  if (clause.distinct) plan = Above<Distinct>(std::move(plan), origin);
  if (has_window) plan = WindowClause(std::move(plan));
  for (auto hint = clause.hints.rbegin(); hint != clause.hints.rend(); ++hint) {
    (*hint)->child = std::move(plan);
    plan = *hint;
  }
  return plan;
}

// /*+ name(parameters), name … */
void Grammar::Hints(std::vector<std::shared_ptr<Hint>>* hints) {
  ExpectSymbol("/*+");
  while (!AtSymbol("*/")) {
    const size_t first = next_;
    auto hint = std::make_shared<Hint>();
    hint->name = Identifier();
    if (AcceptSymbol("(")) {
      if (!AtSymbol(")")) hint->parameters = ExpressionList();
      ExpectSymbol(")", true);
    }
    hint->origin = OriginFrom(first);
    hints->push_back(std::move(hint));
    AcceptSymbol(",");
  }
  Take();
}

// After GROUP BY.
Grammar::GroupBy Grammar::GroupByClause() {
  GroupBy group;
  group.present = true;
  if (At("ALL") && !AtSymbol(".", 1) && !AtSymbol(",", 1) && !AtSymbol("(", 1)) {
    Take();
    group.kind = GroupingKind::kAll;
    return group;
  }
  do {
    GroupingElement(&group);
  } while (AcceptSymbol(","));
  // Hive's forms: over all expressions before.
  if (At("WITH") && AtAny({"ROLLUP", "CUBE"}, 1)) {
    Take();
    group.kind = Take().Is("ROLLUP") ? GroupingKind::kRollup : GroupingKind::kCube;
    return group;
  }
  if (At("GROUPING") && At("SETS", 1)) {
    next_ += 2;
    group.elements = {GroupingSet()};
    group.kind = GroupingKind::kSets;
    return group;
  }
  if (!group.has_sets || group.kind == GroupingKind::kRollup || group.kind == GroupingKind::kCube) return group;
  group.kind = GroupingKind::kSets;
  return group;
}

// An expression, ROLLUP(…), CUBE(…) or GROUPING SETS (…).
void Grammar::GroupingElement(GroupBy* group) {
  const bool rollup = At("ROLLUP") && AtSymbol("(", 1);
  const bool cube = At("CUBE") && AtSymbol("(", 1);
  const bool sets = At("GROUPING") && At("SETS", 1);
  // A single ROLLUP or CUBE of plain expressions stays as it is; everything else is spelt out as sets.
  if (group->kind == GroupingKind::kRollup || group->kind == GroupingKind::kCube) group->kind = GroupingKind::kSets;
  if (!rollup && !cube && !sets) {
    ExprPtr expression = ParseExpressionRule();
    const bool analytics = (At("WITH") && AtAny({"ROLLUP", "CUBE"}, 1)) || (At("GROUPING") && At("SETS", 1));
    if (!analytics && (Accept("AS") || AtColumnAlias())) Identifier();  // allowed, and without meaning
    group->elements.push_back({{expression}});
    group->expressions.push_back(std::move(expression));
    return;
  }
  const bool alone = group->elements.empty();
  group->has_sets = true;
  std::vector<std::vector<ExprPtr>> alternatives;
  bool plain = true;
  if (sets) {
    next_ += 2;
    alternatives = GroupingSet();
  } else {
    Take();
    ExpectSymbol("(");
    std::vector<std::vector<ExprPtr>> parts;
    do {
      if (AtSymbol("(") && !AtQuery(1) && AtSymbol(")", 1)) Refuse("an empty list in ROLLUP or CUBE");
      ExprPtr part = ParseExpressionRule();
      const auto* row = As<UnresolvedFunction>(part);
      if (row != nullptr && row->name == Names{"named_struct"} && row->origin->fragment.starts_with('(')) {
        std::vector<ExprPtr> several;
        for (size_t i = 1; i < row->args.size(); i += 2) several.push_back(row->args[i]);
        parts.push_back(std::move(several));
        plain = false;
      } else {
        parts.push_back({std::move(part)});
      }
    } while (AcceptSymbol(","));
    ExpectSymbol(")", true);
    for (const auto& part : parts) group->expressions.insert(group->expressions.end(), part.begin(), part.end());
    alternatives = GroupingSetsOf(parts, rollup);
    if (alone && plain) group->kind = rollup ? GroupingKind::kRollup : GroupingKind::kCube;
  }
  if (sets) {
    for (const auto& set : alternatives) group->expressions.insert(group->expressions.end(), set.begin(), set.end());
  }
  group->elements.push_back(std::move(alternatives));
}

// (set, set …), each (a, b), a, (), ROLLUP(…) or CUBE(…) or another GROUPING SETS
std::vector<std::vector<ExprPtr>> Grammar::GroupingSet() {
  Nesting nesting(this);
  ExpectSymbol("(");
  std::vector<std::vector<ExprPtr>> sets;
  do {
    const bool nested = (AtAny({"ROLLUP", "CUBE"}) && AtSymbol("(", 1)) || (At("GROUPING") && At("SETS", 1));
    if (nested) {
      GroupBy inner;
      GroupingElement(&inner);
      for (auto& set : inner.elements[0]) sets.push_back(std::move(set));
    } else if (AtSymbol("(") && FindClosing(next_) + 1 < tokens_.size() &&
               (tokens_[FindClosing(next_) + 1].IsSymbol(",") || tokens_[FindClosing(next_) + 1].IsSymbol(")"))) {
      Take();
      std::vector<ExprPtr> set;
      if (!AtSymbol(")")) set = ExpressionList();
      ExpectSymbol(")", true);
      sets.push_back(std::move(set));
    } else {
      sets.push_back({ParseExpressionRule()});
    }
  } while (AcceptSymbol(","));
  ExpectSymbol(")", true);
  return sets;
}

// query |> operator |> operator …
PlanPtr Grammar::PipeOperators(PlanPtr plan, size_t first_token) {
  for (size_t length = 0; AcceptSymbol("|>"); ++length) {
    CheckChain(length);
    if (plan->kind() != PlanKind::kSubqueryAlias && plan->kind() != PlanKind::kUnresolvedRelation) {
      auto input = std::make_shared<SubqueryAlias>();  // what came before is one relation
      input->qualifier = {"__auto_generated_subquery_name"};
      input->child = std::move(plan);
      plan = std::move(input);
    }
    plan = PipeOperator(std::move(plan), first_token);
  }
  return plan;
}

// AGGREGATE [expressions] [GROUP BY expressions], both with names; the groups come first in the result.
PlanPtr Grammar::PipeAggregate(PlanPtr input, size_t first_token) {
  std::vector<ExprPtr> functions;
  while (!AtWords({"GROUP", "BY"}) && !AtEnd() && !AtSymbol("|>") && !AtSymbol(")")) {
    functions.push_back(NamedExpression());
    if (!AcceptSymbol(",")) break;
  }
  auto aggregate = std::make_shared<Aggregate>();
  if (AcceptWords({"GROUP", "BY"})) {
    do {
      ExprPtr group = NamedExpression();
      const auto* alias = As<Alias>(group);
      aggregate->grouping.push_back(alias == nullptr ? group : alias->child);
      aggregate->aggregates.push_back(std::move(group));
    } while (AcceptSymbol(","));
  }
  aggregate->aggregates.insert(aggregate->aggregates.end(), functions.begin(), functions.end());
  aggregate->child = std::move(input);
  aggregate->origin = OriginFrom(first_token);
  return aggregate;
}

PlanPtr Grammar::PipeOperator(PlanPtr input, size_t first_token) {
  if (At("SELECT")) return SelectBody(std::move(input), next_);
  if (Accept("WHERE")) {
    auto filter = std::make_shared<Filter>();
    filter->condition = ParseExpressionRule();
    filter->child = std::move(input);
    filter->origin = OriginFrom(first_token);
    return filter;
  }
  if (Accept("AS")) {
    auto alias = std::make_shared<SubqueryAlias>();
    alias->qualifier = {Identifier()};
    alias->child = std::move(input);
    return alias;
  }
  if (Accept("EXTEND")) {
    auto project = std::make_shared<Project>();
    project->expressions.push_back(Star({}, next_ - 1));
    do {
      project->expressions.push_back(NamedExpression());
    } while (AcceptSymbol(","));
    project->child = std::move(input);
    project->origin = OriginFrom(first_token);
    return project;
  }
  if (Accept("DROP")) {
    auto drop = std::make_shared<Drop>();
    do {
      drop->names.push_back(Identifier());
    } while (AcceptSymbol(","));
    drop->child = std::move(input);
    return drop;
  }
  if (At("WINDOW")) {
    const size_t clause = next_;
    WindowClause(std::move(input));
    Fail(Condition::UNSUPPORTED_FEATURE__CLAUSE_WITH_PIPE_OPERATORS, {{"clauses", "the WINDOW clause"}}, clause);
  }
  if (AtAny({"ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET"})) {
    return Organized(std::move(input), first_token);
  }
  if (AtAny({"JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI", "NATURAL", "PIVOT", "UNPIVOT"})) {
    return RelationExtensions(std::move(input), first_token);
  }
  if (At("TABLESAMPLE")) return TableSample(std::move(input));
  if (Accept("AGGREGATE")) return PipeAggregate(std::move(input), first_token);
  if (Accept("SET")) {
    auto set = std::make_shared<WithColumns>();
    do {
      auto alias = std::make_shared<Alias>();
      alias->names = {Identifier()};
      ExpectSymbol("=");
      alias->child = ParseExpressionRule();
      set->aliases.push_back(std::move(alias));
    } while (AcceptSymbol(","));
    set->child = std::move(input);
    return set;
  }
  if (AtAny({"UNION", "EXCEPT", "INTERSECT", "MINUS"})) {
    auto operation = std::make_shared<SetOperation>();
    const Token& kind = Take();
    operation->operation = kind.Is("UNION")       ? SetOperationKind::kUnion
                           : kind.Is("INTERSECT") ? SetOperationKind::kIntersect
                                                  : SetOperationKind::kExcept;
    operation->all = Accept("ALL");
    if (!operation->all) Accept("DISTINCT");
    operation->left = std::move(input);
    operation->right = QueryPrimary();
    operation->origin = OriginFrom(first_token);
    return operation;
  }
  if (AtAny({"LATERAL"})) {
    Refuse("the pipe operator |> " + std::string(Peek().word));
  }
  SyntaxError();
}

}  // namespace centella
