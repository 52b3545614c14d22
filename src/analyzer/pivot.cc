// PIVOT and UNPIVOT.
#include <algorithm>

#include "analyzer/analysis.h"
#include "expression/evaluator.h"

namespace centella {

namespace {

// spark.sql.pivotMaxValues.
size_t MostPivotValues(const QueryContext& context) {
  const std::string text = context.config.Get("spark.sql.pivotMaxValues").value_or("10000");
  const long value = std::strtol(text.c_str(), nullptr, 10);
  return static_cast<size_t>(std::clamp<long>(value, 0, 1000000));
}

// "dotNET", "1", "null": a value's part of a pivoted column's name.
std::string NameOfValue(const Value& value) { return value.is_null() ? "null" : value.ToDisplay(); }

}  // namespace

std::vector<std::pair<ExprPtr, std::string>> Analysis::PivotValues(const ExprPtr& column, const Relation& child) {
  std::vector<std::pair<ExprPtr, std::string>> values;
  // The distinct values, in order: a small query now.
  const size_t most = MostPivotValues(context_);
  auto project = std::make_shared<Project>();
  project->expressions = {MakeAlias(column, "pivot_value")};
  project->child = child.plan;
  auto distinct = std::make_shared<Distinct>();
  distinct->child = project;
  auto sort = std::make_shared<Sort>();
  auto order = std::make_shared<SortOrder>();
  order->child = OutputOf(distinct)[0];
  order->type = column->type;
  sort->order = {order};
  sort->child = distinct;
  auto limit = std::make_shared<Limit>();
  limit->limit = MakeLiteral(Value::Int(static_cast<int32_t>(most) + 1));
  limit->child = sort;
  for (const Batch& batch : environment_.RunNow(limit)) {
    Batch dense = Compact(batch);
    for (int64_t row = 0; row < dense.rows; ++row) {
      Value value = dense.columns[0]->GetValue(row);
      values.emplace_back(MakeLiteral(value), NameOfValue(value));
    }
  }
  if (values.size() > most) {
    RaiseAt(nullptr, Condition::_LEGACY_ERROR_TEMP_1324,
            {{"pivotColumn", ColumnNameOf(column)},
             {"maxValues", std::to_string(most)},
             {"config", "spark.sql.pivotMaxValues"}});
  }
  return values;
}

// Aggregates that see only the rows where `matches` holds. `make(function, arguments, type, nullable)` gives a call.
template <typename Make>
static ExprPtr OfRowsThat(const ExprPtr& matches, const ExprPtr& expression, const Make& make) {
  return TransformUp(expression, [&](const ExprPtr& e) -> ExprPtr {
    const auto* aggregate = As<AggregateCall>(e);
    if (aggregate == nullptr) return e;
    auto copy = std::make_shared<AggregateCall>(*aggregate);
    copy->filter = aggregate->filter == nullptr
                       ? matches
                       : make("and", {matches, aggregate->filter}, types::Boolean(), aggregate->filter->nullable);
    copy->nullable = true;
    if (copy->function != "count") return copy;
    // A value without rows in a group counts as NULL, not 0, as in Spark.
    ExprPtr one = MakeLiteral(Value::Int(1));
    auto any = std::make_shared<AggregateCall>(*copy);
    any->args = {one};
    any->distinct = false;
    any->type = types::Long();
    any->nullable = false;
    ExprPtr none = make("=", {any, MakeLiteral(Value::Long(0))}, types::Boolean(), false);
    return make("if", {none, MakeLiteral(Value::Null(copy->type)), copy}, copy->type, true);
  });
}

// A relation's columns that are not among those used.
static std::vector<ExprPtr> ColumnsBut(const std::vector<ExprPtr>& used, const Relation& relation) {
  std::vector<ExprPtr> out;
  for (const ExprPtr& column : relation.output->columns()) {
    const bool taken = std::any_of(used.begin(), used.end(), [&](const ExprPtr& u) { return SameMeaning(u, column); });
    if (!taken) out.push_back(column);
  }
  return out;
}

// A value of IN (…) must be a constant that can be compared with the pivot column.
static void CheckPivotValue(const ExprPtr& value, const ExprPtr& column, bool ansi) {
  std::vector<ExprPtr> used;
  CollectAttributes(value, &used);
  if (!used.empty()) RaiseAt(nullptr, Condition::NON_LITERAL_PIVOT_VALUES, {{"expression", QuoteSql(value)}});
  if (SameButNames(*value->type, *column->type)) return;
  const TypePtr common = WiderType(value->type, column->type, ansi);
  if (common != nullptr && ImplicitlyCasts(value->type, column->type, ansi)) return;
  RaiseAt(nullptr, Condition::PIVOT_VALUE_DATA_TYPE_MISMATCH,
          {{"value", ExpressionSql(value)},
           {"valueType", value->type->CatalogString()},
           {"pivotType", column->type->CatalogString()}});
}

Relation Analysis::ResolvePivot(const Pivot& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  // The clause's columns have no place of their own, as in Spark.
  ExprPtr written_column = TransformUp(node.column, [&](const ExprPtr& e) -> ExprPtr {
    if (e->kind() != ExprKind::kUnresolvedAttribute || node.origin == nullptr) return e;
    auto copy = e->Clone();
    copy->origin = node.origin;
    return copy;
  });
  ExprPtr column = ResolveExpression(written_column, scope);
  if (const auto* alias = As<Alias>(column)) column = alias->child;
  if (!IsComparable(*column->type)) {
    RaiseAt(node.origin, Condition::INCOMPARABLE_PIVOT_COLUMN, {{"columnName", QuoteName(ColumnNameOf(column))}});
  }
  std::vector<std::pair<ExprPtr, std::string>> values;
  for (const ExprPtr& written : node.values) {
    ExprPtr value = ResolveExpression(written, scope);
    std::string name;
    if (const auto* alias = As<Alias>(value)) {
      name = alias->name();
      value = alias->child;
    }
    CheckPivotValue(value, column, context_.ansi);
    if (name.empty()) name = NameOfValue(EvaluateConstant(value, environment_.context()));
    values.emplace_back(Coerce(value, column->type), name);
  }
  if (node.values.empty()) values = PivotValues(column, child);
  std::vector<std::pair<ExprPtr, std::string>> aggregates;  // expression, name when given
  for (const ExprPtr& written : node.aggregates) {
    ExprPtr resolved = ResolveExpression(written, scope);
    const auto* alias = As<Alias>(resolved);
    ExprPtr expression = alias == nullptr ? resolved : alias->child;
    if (!ContainsAggregate(expression)) {
      RaiseAt(nullptr, Condition::_LEGACY_ERROR_TEMP_1006, {{"sql", QualifiedSql(expression)}});
    }
    aggregates.emplace_back(expression, alias == nullptr ? "" : alias->name());
  }
  std::vector<ExprPtr> grouping;
  if (node.sql) {
    std::vector<ExprPtr> used;
    CollectAttributes(column, &used);
    for (const auto& [expression, name] : aggregates) CollectAttributes(expression, &used);
    grouping = ColumnsBut(used, child);
  } else {
    for (const ExprPtr& written : node.grouping) grouping.push_back(Named(ResolveExpression(written, scope), written));
  }
  const auto make = [&](const char* name, std::vector<ExprPtr> args, const TypePtr& type, bool nullable) {
    return KnownCall(name, std::move(args), type, nullable, node.origin);
  };
  std::vector<SelectItem> items;
  for (const ExprPtr& g : grouping) items.push_back({g, 0});
  for (const auto& [value, value_name] : values) {
    ExprPtr matches = make("<=>", {column, value}, types::Boolean(), false);
    for (const auto& [expression, name] : aggregates) {
      // Each aggregate sees the rows of its value only.
      ExprPtr filtered = OfRowsThat(matches, expression, make);
      std::string title = value_name;
      if (aggregates.size() > 1) title += "_" + (name.empty() ? ColumnNameOf(expression) : name);
      auto alias = std::make_shared<Alias>(To<Alias>(MakeAlias(filtered, title)));
      items.push_back({alias, 0});
    }
  }
  std::vector<ExprPtr> plain;
  for (const ExprPtr& g : grouping) plain.push_back(g->kind() == ExprKind::kAlias ? To<Alias>(g).child : g);
  Relation out = BuildAggregate(child, std::move(plain), std::move(items), node);
  out.aggregate = nullptr;
  out.below = nullptr;
  return out;
}

static bool HasMeaning(const std::vector<ExprPtr>& list, const ExprPtr& column) {
  return std::any_of(list.begin(), list.end(), [&](const ExprPtr& e) { return SameMeaning(e, column); });
}

// The type of the k-th value column: types widen without strings, so that a number and a string have nothing in common.
static TypePtr CommonType(const std::vector<std::vector<ExprPtr>>& groups, size_t k, bool ansi) {
  TypePtr type = types::Null();
  std::string described;
  for (const std::vector<ExprPtr>& group : groups) {
    const TypePtr& next = group[k]->type;
    described += (described.empty() ? "" : ", ") + QuoteType(next) + " (" + QuoteName(ColumnNameOf(group[k])) + ")";
    TypePtr wider = type == nullptr ? nullptr : TightestCommonType(type, next, ansi);
    if (wider == nullptr && type != nullptr && type->is_numeric() && next->is_numeric())
      wider = WiderType(type, next, ansi);
    type = wider;
  }
  if (type == nullptr) RaiseAt(nullptr, Condition::UNPIVOT_VALUE_DATA_TYPE_MISMATCH, {{"types", described}});
  return type;
}

// A group of columns under one name: the given one, or theirs.
static std::string NameOfGroup(const std::vector<ExprPtr>& group, const std::string& given) {
  if (!given.empty()) return given;
  std::string name;
  for (const ExprPtr& value : group) name += (name.empty() ? "" : "_") + ColumnNameOf(value);
  return name;
}

// There are groups, each of as many columns as there are names.
static void CheckGroups(const std::vector<std::vector<ExprPtr>>& groups, size_t width, const OriginPtr& origin) {
  if (groups.empty()) RaiseAt(origin, Condition::UNPIVOT_REQUIRES_VALUE_COLUMNS);
  for (const std::vector<ExprPtr>& group : groups) {
    if (group.size() == width) continue;
    RaiseAt(origin, Condition::UNPIVOT_VALUE_SIZE_MISMATCH, {{"names", std::to_string(width)}});
  }
}

static std::vector<TypePtr> CommonTypes(const std::vector<std::vector<ExprPtr>>& groups, size_t width, bool ansi) {
  std::vector<TypePtr> types;
  for (size_t k = 0; k < width; ++k) types.push_back(CommonType(groups, k, ansi));
  return types;
}

Relation Analysis::ResolveUnpivot(const Unpivot& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  auto resolve = [&](const std::vector<ExprPtr>& written) {
    std::vector<ExprPtr> out;
    for (const ExprPtr& e : written) {
      if (ExpandStar(e, scope, &out)) continue;
      out.push_back(Named(ResolveExpression(e, scope), e));
    }
    return out;
  };
  std::vector<ExprPtr> ids = resolve(node.ids);
  std::vector<std::vector<ExprPtr>> values;
  for (const std::vector<ExprPtr>& group : node.values) {
    if (node.value_columns.size() == 1) {
      for (const ExprPtr& e : resolve(group)) values.push_back({e});
    } else {
      values.push_back(resolve(group));
    }
  }
  if (!node.values_given) {
    for (const ExprPtr& column : child.output->columns()) {
      if (!HasMeaning(ids, column)) values.push_back({column});
    }
  }
  if (!node.ids_given) {
    for (const ExprPtr& column : child.output->columns()) {
      const auto has = [&](const std::vector<ExprPtr>& group) { return HasMeaning(group, column); };
      if (std::none_of(values.begin(), values.end(), has)) ids.push_back(column);
    }
  }
  const size_t width = node.value_columns.size();
  CheckGroups(values, width, node.origin);
  const std::vector<TypePtr> value_types = CommonTypes(values, width, context_.ansi);
  auto expand = std::make_shared<Expand>();
  expand->child = child.plan;
  expand->plan_id = node.plan_id;
  expand->origin = node.origin;
  for (const ExprPtr& id : ids) {
    const ExprPtr& e = id->kind() == ExprKind::kAlias ? To<Alias>(id).child : id;
    ExprPtr named = ToAttribute(id);
    const auto& attribute = To<Attribute>(named);
    expand->output.push_back(
        MakeAttribute(attribute.name, e->type, e->nullable, NextExprId(), attribute.qualifier, attribute.metadata));
  }
  expand->output.push_back(MakeAttribute(node.variable_column, types::String(), false, NextExprId()));
  for (size_t k = 0; k < width; ++k) {
    bool nullable = std::any_of(values.begin(), values.end(), [&](const auto& group) { return group[k]->nullable; });
    expand->output.push_back(MakeAttribute(node.value_columns[k], value_types[k], nullable, NextExprId()));
  }
  for (size_t g = 0; g < values.size(); ++g) {
    std::vector<ExprPtr> projection;
    for (const ExprPtr& id : ids) projection.push_back(id->kind() == ExprKind::kAlias ? To<Alias>(id).child : id);
    const std::string name = NameOfGroup(values[g], g < node.aliases.size() ? node.aliases[g] : "");
    projection.push_back(MakeLiteral(Value::String(name)));
    for (size_t k = 0; k < width; ++k) {
      const ExprPtr& value = values[g][k];
      projection.push_back(Coerce(value->kind() == ExprKind::kAlias ? To<Alias>(value).child : value, value_types[k]));
    }
    expand->projections.push_back(std::move(projection));
  }
  Relation out = Above(expand, node, {&child});
  if (node.include_nulls) return out;
  // Rows without any value are left out.
  ExprPtr condition;
  for (size_t k = 0; k < width; ++k) {
    const ExprPtr& value = out.output->columns()[ids.size() + 1 + k];
    ExprPtr present = KnownCall("isnotnull", {value}, types::Boolean(), false, node.origin);
    condition =
        condition == nullptr ? present : KnownCall("or", {condition, present}, types::Boolean(), false, node.origin);
  }
  auto filter = std::make_shared<Filter>();
  filter->condition = condition;
  filter->child = expand;
  return PassThrough(filter, node, out);
}

}  // namespace centella
