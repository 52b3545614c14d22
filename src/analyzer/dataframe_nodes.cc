// DataFrame operations that are projections or small rewrites: toDF, withColumns, drop, dropDuplicates, hints, to(schema).
#include <algorithm>
#include <unordered_map>

#include "analyzer/analysis.h"

namespace centella {

Relation Analysis::ResolveToDf(const ToDf& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  if (node.names.size() != child.output->size()) {
    std::string names;
    for (const std::string& name : node.names) names += (names.empty() ? "" : ", ") + QuoteName(name);
    RaiseAt(node.origin, Condition::ASSIGNMENT_ARITY_MISMATCH,
            {{"numTarget", std::to_string(child.output->size())}, {"numExpr", std::to_string(node.names.size())}});
  }
  std::vector<ExprPtr> list;
  for (size_t i = 0; i < node.names.size(); ++i) {
    const ExprPtr& column = child.output->columns()[i];
    bool same = child.output->at(i).name == node.names[i];
    list.push_back(same ? column : MakeAlias(column, node.names[i]));
  }
  return MakeProject(child, std::move(list), node);
}

Relation Analysis::ResolveWithColumns(const WithColumns& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  std::vector<ExprPtr> added;
  std::unordered_map<std::string, size_t> by_name;
  for (const ExprPtr& written : node.aliases) {
    ExprPtr resolved = Named(ResolveExpression(written, scope), written);
    std::string name = resolved->kind() == ExprKind::kAlias ? To<Alias>(resolved).name() : To<Attribute>(resolved).name;
    std::string key = context_.case_sensitive ? name : LowerCase(name);
    if (!by_name.emplace(key, added.size()).second) {
      RaiseAt(node.origin, Condition::COLUMN_ALREADY_EXISTS, {{"columnName", QuoteName(key)}});
    }
    added.push_back(std::move(resolved));
  }
  std::vector<ExprPtr> list;
  list.reserve(child.output->size() + added.size());
  std::vector<bool> placed(added.size(), false);
  for (const ExprPtr& column : child.output->columns()) {
    const std::string& name = To<Attribute>(column).name;
    auto found = by_name.find(context_.case_sensitive ? name : LowerCase(name));
    if (found == by_name.end()) {
      list.push_back(column);
      continue;
    }
    list.push_back(added[found->second]);
    placed[found->second] = true;
  }
  for (size_t i = 0; i < added.size(); ++i) {
    if (!placed[i]) list.push_back(added[i]);
  }
  std::vector<SelectItem> items;
  bool aggregates = false;
  for (ExprPtr& e : list) {
    aggregates |= e->kind() == ExprKind::kAlias && ContainsAggregate(e);
    items.push_back({std::move(e), 0});
  }
  if (aggregates) return BuildAggregate(child, {}, std::move(items), node);
  std::vector<ExprPtr> used;
  for (const ExprPtr& e : added) used.push_back(e);
  Relation input = child;
  input.plan = ExposeUsed(child, used, nullptr);
  Relation out = Above(BuildProjections(input.plan, std::move(items), node), node, {&child});
  out.below = std::make_shared<Relation>(std::move(child));
  return out;
}

Relation Analysis::ResolveWithColumnsRenamed(const WithColumnsRenamed& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  std::vector<std::string> names;
  for (const ExprPtr& column : child.output->columns()) names.push_back(To<Attribute>(column).name);
  std::vector<bool> renamed(names.size(), false);
  // Renames apply one after the other.
  for (size_t r = 0; r < node.from.size(); ++r) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (!SameName(names[i], node.from[r])) continue;
      names[i] = node.to[r];
      renamed[i] = true;
    }
  }
  std::vector<ExprPtr> list;
  for (size_t i = 0; i < names.size(); ++i) {
    const ExprPtr& column = child.output->columns()[i];
    list.push_back(renamed[i] ? MakeAlias(column, names[i]) : column);
  }
  return MakeProject(child, std::move(list), node);
}

Relation Analysis::ResolveDrop(const Drop& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  std::vector<ExprId> dropped;
  for (const ExprPtr& written : node.columns) {
    // A column that isn't there is no error; an ambiguous one is.
    if (const auto* name = As<UnresolvedAttribute>(written); name != nullptr && name->plan_id < 0) {
      ExprPtr column = LookUp(*name, child);
      if (const auto* attribute = As<Attribute>(column)) dropped.push_back(attribute->id);
      continue;
    }
    try {
      ExprPtr column = ResolveExpression(written, scope);
      if (const auto* attribute = As<Attribute>(column)) dropped.push_back(attribute->id);
    } catch (const Error& error) {
      if (error.condition() != Condition::UNRESOLVED_COLUMN__WITH_SUGGESTION &&
          error.condition() != Condition::CANNOT_RESOLVE_DATAFRAME_COLUMN) {
        throw;
      }
    }
  }
  std::vector<ExprPtr> list;
  for (const ExprPtr& column : child.output->columns()) {
    const auto& attribute = To<Attribute>(column);
    bool gone = std::find(dropped.begin(), dropped.end(), attribute.id) != dropped.end() ||
                std::any_of(node.names.begin(), node.names.end(),
                            [&](const std::string& name) { return SameName(name, attribute.name); });
    if (!gone) list.push_back(column);
  }
  if (list.size() == child.output->size()) return PassThrough(child.plan, node, child);
  Relation out = MakeProject(child, std::move(list), node);
  out.below = std::make_shared<Relation>(std::move(child));
  return out;
}

Relation Analysis::ResolveDeduplicate(const Deduplicate& node, const Scope* outer) {
  if (node.within_watermark) RaiseUnsupported("dropDuplicatesWithinWatermark");
  Relation child = Resolve(node.child, outer);
  std::vector<bool> key(child.output->size(), node.all_columns);
  for (const std::string& name : node.columns) {
    bool found = false;
    for (size_t i = 0; i < key.size(); ++i) {
      if (!SameName(child.output->at(i).name, name)) continue;
      key[i] = found = true;
    }
    if (!found) {
      RaiseAt(nullptr, Condition::CONNECT_INVALID_PLAN__UNRESOLVED_COLUMN_AMONG_FIELD_NAMES,
              {{"colName", name}, {"fieldNames", [&] {
                                     std::string names;
                                     for (const ExprPtr& c : child.output->columns())
                                       names += (names.empty() ? "" : ", ") + To<Attribute>(c).name;
                                     return names;
                                   }()}});
    }
  }
  auto aggregate = std::make_shared<Aggregate>();
  aggregate->child = child.plan;
  for (size_t i = 0; i < key.size(); ++i) {
    const ExprPtr& column = child.output->columns()[i];
    if (key[i]) {
      if (!IsComparable(*column->type)) {
        RaiseAt(node.origin, Condition::UNSUPPORTED_FEATURE__SET_OPERATION_ON_MAP_TYPE,
                {{"colName", QuoteName(child.output->at(i).name)}, {"dataType", QuoteType(column->type)}});
      }
      aggregate->grouping.push_back(column);
      aggregate->aggregates.push_back(column);
      continue;
    }
    auto first = std::make_shared<AggregateCall>();
    first->function = "first";
    first->args = {column};
    first->type = column->type;
    first->nullable = column->nullable;
    first->mode = mode();
    // The row's columns keep their ids: what refers to them goes on doing so.
    auto alias = std::make_shared<Alias>(To<Alias>(MakeAlias(first, child.output->at(i).name, child.output->at(i).id)));
    alias->metadata = child.output->at(i).metadata;
    alias->has_metadata = !alias->metadata.empty();
    aggregate->aggregates.push_back(alias);
  }
  if (aggregate->grouping.empty()) {
    // Duplicates in no column: the first row, if there is one.
    aggregate->grouping.push_back(MakeLiteral(Value::Int(1)));
  }
  aggregate->plan_id = node.plan_id;
  Relation out = PassThrough(aggregate, node, child);
  out.below = nullptr;
  out.aggregate = nullptr;
  out.hidden.clear();
  return out;
}

// ---- hints --------------------------------------------------------------------------------------------------------

namespace {

const char* JoinHint(const std::string& name) {
  static const std::unordered_map<std::string, const char*> kHints = {
      {"broadcast", "broadcast"},       {"broadcastjoin", "broadcast"},
      {"mapjoin", "broadcast"},         {"merge", "merge"},
      {"shuffle_merge", "merge"},       {"mergejoin", "merge"},
      {"shuffle_hash", "shuffle_hash"}, {"shuffle_replicate_nl", "cartesian"}};
  auto found = kHints.find(name);
  return found == kHints.end() ? nullptr : found->second;
}

std::optional<int64_t> IntegerOf(const ExprPtr& parameter) {
  const auto* literal = As<Literal>(parameter);
  if (literal == nullptr || literal->value.is_null() || !literal->value.type()->is_integral()) return std::nullopt;
  return literal->value.integer();
}

}  // namespace

Relation Analysis::ResolveHint(const Hint& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  std::string name = LowerCase(node.name);
  bool repartition =
      name == "repartition" || name == "coalesce" || name == "repartition_by_range" || name == "rebalance";
  if (!repartition) {
    // Join hints choose how, never what; the join above would read it from its child. Unknown hints change nothing, as
    // in Spark, which only warns.
    Relation out = PassThrough(child.plan, node, child);
    if (JoinHint(name) != nullptr && child.plan->kind() == PlanKind::kJoin) {
      auto join = std::make_shared<Join>(To<Join>(child.plan));
      join->hint = JoinHint(name);
      out.plan = join;
    }
    return out;
  }
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  auto repartitioned = std::make_shared<Repartition>();
  repartitioned->child = child.plan;
  repartitioned->shuffle = name != "coalesce";
  repartitioned->by_range = name == "repartition_by_range";
  for (size_t i = 0; i < node.parameters.size(); ++i) {
    std::optional<int64_t> count = IntegerOf(node.parameters[i]);
    if (i == 0 && count.has_value()) {
      if (*count <= 0) {
        RaiseAt(node.origin, Condition::INVALID_HINT_PARAMETER__NON_POSITIVE_PARTITIONS,
                {{"hintName", node.name}, {"value", std::to_string(*count)}});
      }
      repartitioned->partitions = *count;
      continue;
    }
    ExprPtr column = ResolveExpression(node.parameters[i], scope);
    if (repartitioned->by_range && column->kind() != ExprKind::kSortOrder) {
      auto order = std::make_shared<SortOrder>();
      order->child = column;
      order->type = column->type;
      column = order;
    }
    repartitioned->expressions.push_back(column);
  }
  if (name == "coalesce" && repartitioned->partitions == 0) {
    RaiseAt(node.origin, Condition::INVALID_HINT_PARAMETER__NON_POSITIVE_PARTITIONS,
            {{"hintName", node.name}, {"value", ""}});
  }
  return PassThrough(repartitioned, node, child);
}

// ---- to(schema) ---------------------------------------------------------------------------------------------------

ExprPtr Analysis::ReconcileColumn(const ExprPtr& column, const StructField& field, const std::vector<std::string>& path,
                                  const OriginPtr& origin) {
  std::string quoted = QuoteName(path);
  if (column->nullable && !field.nullable) {
    RaiseAt(origin, Condition::NULLABLE_COLUMN_OR_FIELD, {{"name", quoted}});
  }
  if (column->type->is(TypeId::kStruct) && field.type->is(TypeId::kStruct)) {
    std::vector<ExprPtr> args;
    std::vector<StructField> fields;
    for (const StructField& wanted : field.type->fields()) {
      std::vector<std::string> inner = path;
      inner.push_back(wanted.name);
      args.push_back(MakeLiteral(Value::String(wanted.name)));
      ExprPtr part;
      if (column->type->FieldIndex(wanted.name, context_.case_sensitive) >= 0) {
        // The struct's own null is taken care of outside.
        auto whole = column->Clone();
        whole->nullable = false;
        part = ReconcileColumn(ExtractField(std::shared_ptr<const Expression>(whole), wanted.name, origin), wanted,
                               inner, origin);
      } else if (wanted.nullable) {
        part = MakeLiteral(Value::Null(wanted.type));
      } else {
        RaiseAt(origin, Condition::UNRESOLVED_COLUMN__WITH_SUGGESTION,
                {{"objectName", QuoteName(inner)}, {"proposal", quoted}});
      }
      args.push_back(part);
      fields.push_back({wanted.name, wanted.type, part->nullable, wanted.metadata});
    }
    ExprPtr built = KnownCall("named_struct", std::move(args), types::Struct(std::move(fields)), false, origin);
    if (!column->nullable) return built;
    ExprPtr is_null = KnownCall("isnull", {column}, types::Boolean(), false, origin);
    return KnownCall("if", {is_null, MakeLiteral(Value::Null(built->type)), built}, built->type, true, origin);
  }
  if (SameTypeIgnoringNullability(*column->type, *field.type)) return column;
  bool allowed =
      ImplicitlyCasts(column->type, field.type, true) && !(column->type->is_string() && !field.type->is_string());
  if (!allowed) {
    RaiseAt(origin, Condition::INVALID_COLUMN_OR_FIELD_DATA_TYPE,
            {{"name", quoted}, {"type", QuoteType(column->type)}, {"expectedType", QuoteType(field.type)}});
  }
  return Coerce(column, field.type);
}

Relation Analysis::ResolveToSchema(const ToSchema& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  std::vector<ExprPtr> list;
  for (const StructField& field : node.schema->fields()) {
    UnresolvedAttribute name;
    name.parts = {field.name};
    name.origin = node.origin;
    ExprPtr column = LookUp(name, child);
    if (column == nullptr) {
      if (!field.nullable) {
        Scope scope;
        scope.input = &child;
        RaiseUnresolved(name, scope);
      }
      list.push_back(MakeAlias(MakeLiteral(Value::Null(field.type)), field.name));
      continue;
    }
    ExprPtr reconciled = ReconcileColumn(column, field, {field.name}, node.origin);
    auto alias = std::make_shared<Alias>(To<Alias>(MakeAlias(reconciled, field.name)));
    if (!field.metadata.empty()) {
      alias->metadata = field.metadata;
      alias->has_metadata = true;
    }
    list.push_back(alias);
  }
  return MakeProject(child, std::move(list), node);
}

}  // namespace centella
