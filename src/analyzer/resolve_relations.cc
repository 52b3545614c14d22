// Relations by name: views, tables, CTEs, data sources, table functions, VALUES.
#include <algorithm>

#include "analyzer/analysis.h"
#include "expression/evaluator.h"
#include "sql/parser.h"

namespace centella {

Relation Analysis::ResolveLeafColumns(const PlanPtr& plan) {
  if (const auto* range = As<Range>(plan); range != nullptr && range->output.empty()) {
    if (range->step == 0) {
      RaiseAt(range->origin, Condition::INVALID_PARAMETER_VALUE__ZERO_INDEX,
              {{"functionName", "`range`"}, {"parameter", "`step`"}});
    }
    auto copy = std::make_shared<Range>(*range);
    copy->output = {MakeAttribute("id", types::Long(), false, NextExprId())};
    return Leaf(copy, *plan);
  }
  if (const auto* local = As<LocalRelation>(plan);
      local != nullptr && local->output.empty() && local->schema != nullptr && !local->schema->fields().empty()) {
    auto copy = std::make_shared<LocalRelation>(*local);
    for (const StructField& field : local->schema->fields()) {
      copy->output.push_back(MakeAttribute(field.name, field.type, field.nullable, NextExprId(), {}, field.metadata));
    }
    return Leaf(copy, *plan);
  }
  return Leaf(plan, *plan);
}

PlanPtr Analysis::ScanOf(const TablePtr& table, const std::vector<std::string>& qualifier) {
  auto scan = std::make_shared<ScanPlan>();
  scan->table = table;
  int64_t column = 0;
  for (const StructField& field : table->schema()->fields()) {
    scan->output.push_back(
        MakeAttribute(field.name, field.type, field.nullable, NextExprId(), qualifier, field.metadata));
    scan->columns.push_back(column++);
  }
  return scan;
}

Relation Analysis::ResolveDataSource(const UnresolvedDataSource& node) {
  if (node.is_streaming) RaiseUnsupported("streaming sources");
  PlanPtr scan = ScanOf(environment_.OpenDataSource(node), {});
  return Leaf(scan, node);
}

// A view's plan with ids of its own for this use.
PlanPtr Analysis::UseView(const ViewDefinition& view, const LogicalPlan& source) {
  const int64_t most = context_.config.GetInt("spark.sql.view.maxNestedViewDepth");
  if (view_depth_ >= most) {
    RaiseAt(source.origin, Condition::VIEW_EXCEED_MAX_NESTED_DEPTH,
            {{"viewName", QuoteName(view.name)}, {"maxNestedDepth", std::to_string(most)}});
  }
  Relation relation;
  if (view.analyzed) {
    relation.plan = view.plan;
    relation.output = std::make_shared<Output>(OutputOf(view.plan));
  } else {
    // A view's text sees the catalog only, not this query's CTEs.
    std::vector<CteEntry> outer_ctes;
    outer_ctes.swap(ctes_);
    size_t visible = std::exchange(visible_ctes_, 0);
    ++view_depth_;
    relation = Resolve(view.plan, nullptr);
    --view_depth_;
    visible_ctes_ = visible;
    ctes_.swap(outer_ctes);
    return relation.plan;
  }
  return Reinstantiate(relation).plan;
}

std::optional<Relation> Analysis::ResolveCteName(const UnresolvedRelation& node) {
  if (node.name.size() != 1) return std::nullopt;
  for (size_t i = visible_ctes_; i-- > 0;) {
    if (!SameName(ctes_[i].name, node.name[0])) continue;
    if (ctes_[i].working != nullptr) {
      auto rows = std::make_shared<LocalRelation>(*ctes_[i].working);
      for (ExprPtr& column : rows->output) {
        column = MakeAttribute(To<Attribute>(column).name, column->type, true, NextExprId());
      }
      auto named = std::make_shared<SubqueryAlias>();
      named->qualifier = {ctes_[i].name};
      named->child = rows;
      return Leaf(named, node);
    }
    if (!ctes_[i].resolved && IsRecursive(ctes_[i])) {
      Relation relation = ResolveRecursiveCte(i);
      ctes_[i].relation = std::move(relation);
      ctes_[i].resolved = true;
      ctes_[i].id = NextExprId();
    } else if (!ctes_[i].resolved) {
      size_t visible = std::exchange(visible_ctes_, ctes_[i].visible);
      PlanPtr definition = ctes_[i].definition;
      // A definition sees nothing of the query around its use.
      Relation relation = Resolve(definition, nullptr);
      visible_ctes_ = visible;
      ctes_[i].relation = std::move(relation);
      ctes_[i].resolved = true;
      ctes_[i].id = NextExprId();
    }
    CteEntry& entry = ctes_[i];
    auto reference = std::make_shared<CteRef>();
    reference->id = entry.id;
    for (const ExprPtr& column : entry.relation.output->columns()) {
      const auto& attribute = To<Attribute>(column);
      // The first use keeps the definition's ids, so that it can be put in place when it's the only one.
      ExprId id = entry.uses == 0 ? attribute.id : NextExprId();
      reference->output.push_back(
          MakeAttribute(attribute.name, attribute.type, attribute.nullable, id, {}, attribute.metadata));
    }
    ++entry.uses;
    auto alias = std::make_shared<SubqueryAlias>();
    alias->qualifier = {entry.name};
    alias->child = reference;
    return Leaf(alias, node);
  }
  return std::nullopt;
}

Relation Analysis::ResolveWithCte(const WithCte& node, const Scope* outer) {
  size_t base = ctes_.size();
  size_t visible = visible_ctes_;
  // Entries of enclosing WITHs that aren't visible here must not become so.
  std::vector<CteEntry> shadowed(ctes_.begin() + static_cast<std::ptrdiff_t>(visible), ctes_.end());
  for (size_t i = 0; i < node.names.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!SameName(node.names[i], node.names[j])) continue;
      RaiseAt(node.origin, Condition::DUPLICATED_CTE_NAMES, {{"duplicateNames", QuoteName(node.names[i])}});
    }
  }
  ctes_.resize(visible);
  for (size_t i = 0; i < node.names.size(); ++i) {
    CteEntry entry;
    entry.name = node.names[i];
    entry.definition = node.definitions[i];
    entry.visible = visible + i;
    entry.may_recurse = node.recursive;
    entry.origin = node.origin;
    ctes_.push_back(std::move(entry));
  }
  visible_ctes_ = ctes_.size();
  // Definitions that nobody uses are still checked.
  Relation child = Resolve(node.child, outer);
  for (size_t i = visible; i < visible + node.names.size(); ++i) {
    if (ctes_[i].resolved) continue;
    if (IsRecursive(ctes_[i])) continue;
    visible_ctes_ = ctes_[i].visible;
    Relation unused = Resolve(ctes_[i].definition, nullptr);
    visible_ctes_ = visible + node.names.size();
  }
  std::vector<CteEntry> own(std::make_move_iterator(ctes_.begin() + static_cast<std::ptrdiff_t>(visible)),
                            std::make_move_iterator(ctes_.end()));
  ctes_.resize(visible);
  ctes_.insert(ctes_.end(), std::make_move_iterator(shadowed.begin()), std::make_move_iterator(shadowed.end()));
  visible_ctes_ = visible;
  CENTELLA_CHECK(ctes_.size() == base, "CTE scopes");
  // Later definitions may use earlier ones once: they are put in place from the last to the first.
  PlanPtr plan = child.plan;
  auto shared = std::make_shared<CteDef>();
  for (size_t i = own.size(); i-- > 0;) {
    CteEntry& entry = own[i];
    if (!entry.resolved) continue;
    if (entry.uses > 1) {
      shared->ids.insert(shared->ids.begin(), entry.id);
      shared->definitions.insert(shared->definitions.begin(), entry.relation.plan);
      continue;
    }
    auto inline_once = [&](const PlanPtr& p) { return InlineCte(p, entry.id, entry.relation.plan); };
    plan = inline_once(plan);
    for (PlanPtr& definition : shared->definitions) definition = inline_once(definition);
    for (size_t j = 0; j < own.size(); ++j) {
      if (j != i && own[j].resolved) own[j].relation.plan = inline_once(own[j].relation.plan);
    }
  }
  if (!shared->ids.empty()) {
    shared->child = plan;
    shared->plan_id = node.plan_id;
    plan = shared;
  }
  return PassThrough(plan, node, child);
}

PlanPtr Analysis::InlineCte(const PlanPtr& plan, int64_t id, const PlanPtr& definition) {
  return TransformDown(plan, [&](const PlanPtr& p) -> PlanPtr {
    if (const auto* reference = As<CteRef>(p); reference != nullptr && reference->id == id) return definition;
    return MapExpressions(p, [&](const ExprPtr& expression) {
      if (!Any(expression, [](const ExprPtr& e) { return e->kind() == ExprKind::kSubquery; })) return expression;
      return TransformUp(expression, [&](const ExprPtr& e) -> ExprPtr {
        const auto* subquery = As<Subquery>(e);
        if (subquery == nullptr || subquery->plan == nullptr) return e;
        PlanPtr inner = InlineCte(subquery->plan, id, definition);
        if (inner == subquery->plan) return e;
        auto copy = std::make_shared<Subquery>(*subquery);
        copy->plan = inner;
        return copy;
      });
    });
  });
}

Relation Analysis::ResolveRelation(const UnresolvedRelation& node, const Scope*) {
  if (node.is_streaming) RaiseUnsupported("streaming tables");
  if (std::optional<Relation> cte = ResolveCteName(node)) return *cte;
  auto alias = std::make_shared<SubqueryAlias>();
  if (std::optional<ViewDefinition> view = environment_.FindTemporaryView(node.name)) {
    alias->qualifier = {node.name.back()};
    alias->child = UseView(*view, node);
    return Leaf(alias, node);
  }
  if (std::optional<TableEntry> table = environment_.FindTable(node.name)) {
    alias->qualifier = table->name.empty() ? node.name : table->name;
    alias->child = table->view.has_value() ? UseView(*table->view, node) : ScanOf(table->table, alias->qualifier);
    return Leaf(alias, node);
  }
  static const char* const kFileFormats[] = {"parquet", "csv", "json", "text", "orc", "avro", "binaryfile", "delta"};
  if (node.name.size() == 2) {
    std::string format = LowerCase(node.name[0]);
    bool file = std::any_of(std::begin(kFileFormats), std::end(kFileFormats),
                            [&](const char* known) { return format == known; });
    if (file) {
      UnresolvedDataSource source;
      source.format = format;
      source.paths = {node.name[1]};
      source.options = node.options;
      source.origin = node.origin;
      return Leaf(ScanOf(environment_.OpenDataSource(source), {}), node);
    }
  }
  bool qualified = node.name.size() == 3 && SameName(node.name[0], environment_.current_catalog());
  if (node.name.size() > 2 && !qualified) {
    RaiseAt(nullptr, Condition::REQUIRES_SINGLE_PART_NAMESPACE,
            {{"sessionCatalog", environment_.current_catalog()}, {"identifier", QuoteName(node.name)}});
  }
  RaiseAt(node.origin, Condition::TABLE_OR_VIEW_NOT_FOUND,
          {{"relationName", QuoteName(node.name)},
           {"searchPath", "[`system`.`builtin`, `system`.`session`, " +
                              QuoteName({environment_.current_catalog(), environment_.current_database()}) + "]"}});
}

Relation Analysis::ResolveSubqueryAlias(const SubqueryAlias& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  auto copy = std::make_shared<SubqueryAlias>(node);
  copy->child = child.plan;
  if (!node.columns.empty()) {
    if (node.columns.size() != child.output->size()) {
      if (child.plan->kind() == PlanKind::kLocalRelation) {
        RaiseAt(node.origin, Condition::INVALID_INLINE_TABLE__NUM_COLUMNS_MISMATCH,
                {{"expectedNumCols", std::to_string(node.columns.size())},
                 {"actualNumCols", std::to_string(child.output->size())},
                 {"rowIndex", "0"}});
      }
      RaiseAt(node.origin, Condition::ASSIGNMENT_ARITY_MISMATCH,
              {{"numTarget", std::to_string(child.output->size())}, {"numExpr", std::to_string(node.columns.size())}});
    }
    std::vector<ExprPtr> list;
    for (size_t i = 0; i < node.columns.size(); ++i) {
      list.push_back(MakeAlias(child.output->columns()[i], node.columns[i]));
    }
    Project plain;
    child = MakeProject(child, std::move(list), plain);
    copy->child = child.plan;
    copy->columns.clear();
  }
  return Above(copy, node, {&child});
}

// ---- table functions ----------------------------------------------------------------------------------------------

namespace {

// A row without columns, for generators in FROM.
PlanPtr OneRow() {
  auto row = std::make_shared<LocalRelation>();
  row->schema = types::Struct({});
  Batch batch;
  batch.rows = 1;
  row->batches.push_back(std::move(batch));
  return row;
}

}  // namespace

PlanPtr Analysis::RangePlan(const UnresolvedTableFunction& node, const Scope& scope) {
  std::vector<std::optional<int64_t>> values;
  if (node.args.empty() || node.args.size() > 4) {
    RaiseAt(node.origin, Condition::WRONG_NUM_ARGS__WITHOUT_SUGGESTION,
            {{"functionName", "`range`"},
             {"expectedNum", "[1, 2, 3, 4]"},
             {"actualNum", std::to_string(node.args.size())},
             {"docroot", "https://spark.apache.org/docs/latest"}});
  }
  for (size_t i = 0; i < node.args.size(); ++i) {
    ExprPtr arg = ResolveExpression(node.args[i], scope);
    TypePtr target = i == 3 ? types::Int() : types::Long();
    if (!ImplicitlyCasts(arg->type, target, context_.ansi)) {
      RaiseAt(node.origin, Condition::UNEXPECTED_INPUT_TYPE,
              {{"paramIndex", OrdinalWord(node.args.size() == 1 ? 1 : i)},  // range(end) is range(0, end)
               {"functionName", "`range`"},
               {"requiredType", QuoteType(target)},
               {"inputSql", QuoteSql(arg)},
               {"inputType", QuoteType(arg->type)}});
    }
    Value value = EvaluateConstant(Coerce(arg, target), environment_.context());
    if (value.is_null()) {
      RaiseAt(node.origin, Condition::UNEXPECTED_INPUT_TYPE,
              {{"paramIndex", OrdinalWord(node.args.size() == 1 ? 1 : i)},  // range(end) is range(0, end)
               {"functionName", "`range`"},
               {"requiredType", QuoteType(target)},
               {"inputSql", QuoteSql(arg)},
               {"inputType", "\"VOID\""}});
    }
    values.push_back(value.integer());
  }
  auto range = std::make_shared<Range>();
  range->end = *values[values.size() == 1 ? 0 : 1];
  if (values.size() > 1) range->start = *values[0];
  if (values.size() > 2) range->step = *values[2];
  if (values.size() > 3) range->partitions = *values[3];
  range->origin = node.origin;
  return range;
}

Relation Analysis::ResolveTableFunction(const UnresolvedTableFunction& node, const Scope* outer) {
  Relation none;
  none.output = std::make_shared<Output>(std::vector<ExprPtr>{});
  Scope scope;
  scope.input = &none;
  scope.outer = outer;
  std::string name = LowerCase(node.name.back());
  if (name == "range") {
    Relation out = ResolveLeafColumns(RangePlan(node, scope));
    return Leaf(out.plan, node);
  }
  if (name == "identifier" && node.name.size() == 1 && node.args.size() == 1) {
    UnresolvedRelation named;
    named.name = IdentifierOf(node.args[0], scope);
    named.origin = node.origin;
    named.plan_id = node.plan_id;
    return ResolveRelation(named, outer);
  }
  const FunctionDecl* decl = registry_.Find(name);
  if (decl == nullptr || decl->kind != FunctionKind::kGenerator) {
    RaiseAt(node.origin, Condition::UNRESOLVABLE_TABLE_VALUED_FUNCTION, {{"name", QuoteName(node.name)}});
  }
  ExprPtr generator = ResolveFunction(MakeUnresolvedFunction(node.name.back(), node.args, node.origin), scope);
  PlanPtr generate = MakeGenerate(generator, false, "", {}, OneRow(), node.origin);
  return Leaf(generate, node);
}

// IDENTIFIER(text): the name that a constant spells.
std::vector<std::string> Analysis::IdentifierOf(const ExprPtr& written, const Scope& scope) {
  if (written->kind() == ExprKind::kUnresolvedAttribute) {
    RaiseAt(written->origin, Condition::NOT_A_CONSTANT_STRING__NOT_CONSTANT,
            {{"name", "IDENTIFIER"}, {"expr", ExpressionSql(written)}});
  }
  ExprPtr text = ResolveExpression(written, scope);
  if (const auto* alias = As<Alias>(text)) text = alias->child;
  std::vector<ExprPtr> used;
  CollectAttributes(text, &used);
  if (!used.empty()) {
    RaiseAt(written->origin, Condition::NOT_A_CONSTANT_STRING__NOT_CONSTANT,
            {{"name", "IDENTIFIER"}, {"expr", ExpressionSql(text)}});
  }
  if (!text->type->is_string()) {
    RaiseAt(written->origin, Condition::NOT_A_CONSTANT_STRING__WRONG_TYPE,
            {{"name", "IDENTIFIER"}, {"expr", ExpressionSql(text)}, {"dataType", text->type->CatalogString()}});
  }
  Value value = EvaluateConstant(text, environment_.context());
  if (value.is_null()) {
    RaiseAt(written->origin, Condition::NOT_A_CONSTANT_STRING__NULL,
            {{"name", "IDENTIFIER"}, {"expr", ExpressionSql(text)}});
  }
  return ParseMultipartIdentifier(value.string());
}

// ---- VALUES -------------------------------------------------------------------------------------------------------

Relation Analysis::ResolveInlineTable(const InlineTable& node, const Scope* outer) {
  Relation none;
  none.output = std::make_shared<Output>(std::vector<ExprPtr>{});
  Scope scope;
  scope.input = &none;
  scope.outer = outer;
  size_t width = node.names.empty() ? (node.rows.empty() ? 0 : node.rows[0].size()) : node.names.size();
  std::vector<std::vector<ExprPtr>> rows;
  for (size_t r = 0; r < node.rows.size(); ++r) {
    if (node.rows[r].size() != width) {
      RaiseAt(node.origin, Condition::INVALID_INLINE_TABLE__NUM_COLUMNS_MISMATCH,
              {{"expectedNumCols", std::to_string(width)},
               {"actualNumCols", std::to_string(node.rows[r].size())},
               {"rowIndex", std::to_string(r)}});
    }
    rows.push_back(ResolveAll(node.rows[r], scope));
    for (ExprPtr& cell : rows.back()) {
      if (const auto* alias = As<Alias>(cell)) cell = alias->child;
      if (ContainsAggregate(cell) || ContainsWindow(cell) || ContainsGenerator(cell) || !IsDeterministic(cell)) {
        RaiseAt(cell->origin, Condition::INVALID_INLINE_TABLE__CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE,
                {{"expr", QuoteSql(cell)}});
      }
    }
  }
  auto local = std::make_shared<LocalRelation>();
  local->origin = node.origin;
  std::vector<StructField> fields;
  Batch batch;
  batch.rows = static_cast<int64_t>(rows.size());
  std::vector<std::vector<VectorPtr>> chunks;
  for (size_t c = 0; c < width; ++c) {
    std::string name = node.names.empty() ? "col" + std::to_string(c + 1) : node.names[c];
    std::vector<TypePtr> cell_types;
    bool nullable = false;
    for (const auto& row : rows) cell_types.push_back(row[c]->type);
    TypePtr type = WiderType(cell_types, context_.ansi);
    if (type == nullptr) {
      RaiseAt(node.origin, Condition::INVALID_INLINE_TABLE__INCOMPATIBLE_TYPES_IN_INLINE_TABLE,
              {{"colName", QuoteName(name)}});
    }
    std::vector<Value> values;
    for (const auto& row : rows) {
      nullable |= row[c]->nullable;
      ExprPtr cell = Coerce(row[c], type);
      if (const auto* literal = As<Literal>(cell); literal != nullptr) {
        values.push_back(literal->value);
      } else {
        values.push_back(EvaluateConstant(cell, environment_.context()));
      }
    }
    fields.push_back({name, type, nullable, ""});
    std::vector<VectorPtr> parts;
    for (size_t begin = 0; begin < values.size(); begin += kVectorSize) {
      size_t end = std::min(values.size(), begin + static_cast<size_t>(kVectorSize));
      parts.push_back(MakeVector(type, {values.begin() + static_cast<std::ptrdiff_t>(begin),
                                        values.begin() + static_cast<std::ptrdiff_t>(end)}));
    }
    chunks.push_back(std::move(parts));
    local->output.push_back(MakeAttribute(name, type, nullable, NextExprId()));
  }
  local->schema = types::Struct(std::move(fields));
  for (size_t i = 0; i * kVectorSize < rows.size(); ++i) {
    Batch part;
    part.rows = std::min<int64_t>(kVectorSize, static_cast<int64_t>(rows.size() - i * kVectorSize));
    for (const auto& column : chunks) part.columns.push_back(column[i]);
    part.place.sequence = static_cast<int64_t>(i);
    local->batches.push_back(std::move(part));
  }
  return Leaf(local, node);
}

}  // namespace centella
