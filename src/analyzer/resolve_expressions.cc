// Expressions: dispatch by kind, casts, aliases, names of select items.
#include "analyzer/analysis.h"
#include "expression/evaluator.h"
#include "functions/cast.h"

namespace centella {

// TIME is Spark's work in progress, off unless this key says otherwise.
void Analysis::CheckTimeType(const TypePtr& type) const {
  if (type == nullptr || !type->is(TypeId::kTime)) return;
  const auto enabled = environment_.context()->config.Get("spark.sql.timeType.enabled");
  if (LowerCase(enabled.value_or("false")) != "true") RaiseAt(nullptr, Condition::UNSUPPORTED_TIME_TYPE);
}

ExprPtr Analysis::ResolveExpression(const ExprPtr& expression, const Scope& scope) {
  CENTELLA_CHECK(expression != nullptr, "an expression is missing");
  if (depth_ >= kMaxPlanDepth) RaiseUnsupported("an expression nested deeper than 20000 levels");
  ++depth_;
  try {
    ExprPtr out = ResolveExpressionNode(expression, scope);
    --depth_;
    return out;
  } catch (...) {
    --depth_;
    throw;
  }
}

std::vector<ExprPtr> Analysis::ResolveAll(const std::vector<ExprPtr>& expressions, const Scope& scope) {
  std::vector<ExprPtr> out;
  out.reserve(expressions.size());
  for (const ExprPtr& expression : expressions) out.push_back(ResolveExpression(expression, scope));
  return out;
}

ExprPtr Analysis::ResolveExpressionNode(const ExprPtr& expression, const Scope& scope) {
  switch (expression->kind()) {
    case ExprKind::kLiteral: {
      CheckTimeType(To<Literal>(expression).value.type());
      if (expression->type != nullptr) return expression;
      return MakeLiteral(To<Literal>(expression).value);
    }
    case ExprKind::kAttribute:
    case ExprKind::kColumn:
    case ExprKind::kCall:
    case ExprKind::kAggregate:
    case ExprKind::kOuterReference: return expression;
    case ExprKind::kAlias: return ResolveAlias(To<Alias>(expression), scope);
    case ExprKind::kSortOrder: return ResolveOrder(expression, scope);
    case ExprKind::kCast: return ResolveCast(To<Cast>(expression), scope);
    case ExprKind::kWindow: return ResolveWindow(To<WindowExpr>(expression), scope);
    case ExprKind::kSubquery: return ResolveSubquery(To<Subquery>(expression), scope);
    case ExprKind::kUnresolvedAttribute: return ResolveAttribute(expression, scope);
    case ExprKind::kUnresolvedFunction: return ResolveFunction(expression, scope);
    case ExprKind::kUnresolvedExtract: {
      const auto& extract = To<UnresolvedExtract>(expression);
      ExprPtr child = ResolveExpression(extract.child, scope);
      ExprPtr key = ResolveExpression(extract.extraction, scope);
      try {
        return ExtractValue(child, key, expression->origin);
      } catch (const Error& error) {
        // Spark forgets the place of an extraction that isn't a name.
        const bool placeless = error.condition() == Condition::FIELD_NOT_FOUND ||
                               error.condition() == Condition::INVALID_EXTRACT_BASE_FIELD_TYPE;
        if (!placeless || expression->origin == nullptr || expression->origin->is_dataframe) throw;
        Raise(error.condition(), error.parameters());
      }
    }
    case ExprKind::kUpdateField: return ResolveUpdateField(To<UpdateField>(expression), scope);
    case ExprKind::kLambdaVariable: {
      if (expression->type != nullptr) return expression;
      UnresolvedAttribute name;
      name.parts = To<LambdaVariable>(expression).parts;
      name.origin = expression->origin;
      if (ExprPtr variable = ResolveLambdaName(name, scope)) return variable;
      RaiseUnresolved(name, scope);
    }
    case ExprKind::kLambda:
      RaiseAt(expression->origin, Condition::INVALID_LAMBDA_FUNCTION_CALL__NON_HIGHER_ORDER_FUNCTION,
              {{"class", "a function without lambda parameters"}});
    case ExprKind::kNamedArgument:
      RaiseAt(expression->origin, Condition::NAMED_PARAMETERS_NOT_SUPPORTED, {{"functionName", "`expression`"}});
    case ExprKind::kParameter: {
      const auto& parameter = To<Parameter>(expression);
      std::string name = parameter.name.empty() ? "_" + std::to_string(parameter.position) : parameter.name;
      RaiseAt(expression->origin, Condition::UNBOUND_SQL_PARAMETER, {{"name", name}});
    }
    case ExprKind::kUnresolvedStar:
    case ExprKind::kUnresolvedRegex:
      RaiseAt(expression->origin, Condition::INVALID_USAGE_OF_STAR_OR_REGEX,
              {{"elem", "'*'"}, {"prettyName", "expression"}});
  }
  RaiseInternal(__FILE__, __LINE__, "an expression of unknown kind");
}

ExprPtr Analysis::ResolveAlias(const Alias& alias, const Scope& scope) {
  auto copy = std::make_shared<Alias>(alias);
  copy->child = ResolveExpression(alias.child, scope);
  // An alias of an alias keeps the outer name.
  if (const auto* inner = As<Alias>(copy->child)) copy->child = inner->child;
  copy->type = copy->child->type;
  copy->nullable = copy->child->nullable;
  if (copy->id == 0) copy->id = NextExprId();
  return copy;
}

ExprPtr ToAttribute(const ExprPtr& named) {
  if (named->kind() == ExprKind::kAttribute) return named;
  const auto& alias = To<Alias>(named);
  std::string metadata = alias.metadata;
  if (!alias.has_metadata && metadata.empty()) {
    if (const auto* attribute = As<Attribute>(alias.child)) metadata = attribute->metadata;
  }
  return MakeAttribute(alias.name(), alias.child->type, alias.child->nullable, alias.id, {}, metadata);
}

namespace {

bool IsExtraction(const ExprPtr& expression) {
  const auto* call = As<Call>(expression);
  return call != nullptr && (call->function == "get_struct_field" || call->function == "get_array_struct_fields" ||
                             call->function == "get_map_value" || call->function == "get_array_item");
}

// Spark names a column after what it was written as in a few cases, else after the resolved expression.
std::string ItemName(const ExprPtr& resolved, const ExprPtr& written) {
  const auto* name = As<UnresolvedAttribute>(written);
  if (name != nullptr && (IsExtraction(resolved) || resolved->kind() == ExprKind::kAttribute)) {
    return name->parts.back();
  }
  // CAST(a AS INT) is named a.
  if (const auto* cast = As<Cast>(resolved); cast != nullptr && !cast->implicit) {
    const auto* cast_written = As<Cast>(written);
    const auto* inner = cast_written == nullptr ? nullptr : As<UnresolvedAttribute>(cast_written->child);
    if (const auto* attribute = As<Attribute>(cast->child)) return attribute->name;
    if (inner != nullptr && IsExtraction(cast->child)) return inner->parts.back();
  }
  return ColumnNameOf(resolved);
}

}  // namespace

ExprPtr Analysis::Named(const ExprPtr& resolved, const ExprPtr& written) {
  if (resolved->kind() == ExprKind::kAlias) return resolved;
  if (const auto* attribute = As<Attribute>(resolved)) {
    if (!attribute->name.starts_with("lateralAliasReference(")) return resolved;
  }
  auto alias = std::make_shared<Alias>();
  alias->child = resolved;
  alias->names = {ItemName(resolved, written)};
  alias->id = NextExprId();
  alias->implicit = true;
  alias->type = resolved->type;
  alias->nullable = resolved->nullable;
  alias->origin = written->origin;
  return alias;
}

// ---- casts --------------------------------------------------------------------------------------------------------

ExprPtr Analysis::Coerce(const ExprPtr& child, const TypePtr& target) {
  if (SameTypeIgnoringNullability(*child->type, *target)) return child;
  auto cast = std::make_shared<Cast>();
  cast->child = child;
  cast->target = target;
  cast->mode = mode();
  cast->implicit = true;
  cast->type = target;
  cast->nullable = child->nullable || CastNullable(*child->type, *target);
  // What fails is the function that wanted the cast, as far as the user can see.
  cast->origin = coercion_origin_ == nullptr ? child->origin : coercion_origin_;
  return cast;
}

ExprPtr Analysis::ResolveCast(const Cast& cast, const Scope& scope) {
  if (cast.type != nullptr) return std::make_shared<Cast>(cast);
  ExprPtr child = ResolveExpression(cast.child, scope);
  if (const auto* alias = As<Alias>(child)) child = alias->child;
  CheckTimeType(cast.target);
  return CastTo(child, cast.target, cast.mode_given ? cast.mode : mode(), cast.origin);
}

ExprPtr Analysis::ResolveUpdateField(const UpdateField& update, const Scope& scope) {
  ExprPtr child = ResolveExpression(update.child, scope);
  if (!child->type->is(TypeId::kStruct)) {
    RaiseAt(update.origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
            {{"sqlExpr", "\"update_fields(" + ExpressionSql(child) + ")\""},
             {"paramIndex", "first"},
             {"inputSql", QuoteSql(child)},
             {"inputType", QuoteType(child->type)},
             {"requiredType", "\"STRUCT\""}});
  }
  std::vector<std::string> path;
  std::string part;
  for (char c : update.field) {
    if (c == '.') {
      path.push_back(part);
      part.clear();
    } else if (c != '`') {
      part += c;
    }
  }
  path.push_back(part);
  ExprPtr value = update.value == nullptr ? nullptr : ResolveExpression(update.value, scope);
  // The new struct is built field by field; a nested path rebuilds the inner struct first.
  std::function<ExprPtr(const ExprPtr&, size_t)> rebuild = [&](const ExprPtr& base, size_t at) -> ExprPtr {
    std::vector<ExprPtr> args;
    std::vector<StructField> fields;
    auto add = [&](const std::string& name, const ExprPtr& field) {
      args.push_back(MakeLiteral(Value::String(name)));
      args.push_back(field);
      fields.push_back({name, field->type, field->nullable, ""});
    };
    bool placed = false;
    for (const StructField& field : base->type->fields()) {
      ExprPtr current = ExtractField(base, field.name, update.origin);
      if (!SameName(field.name, path[at])) {
        add(field.name, current);
      } else if (at + 1 < path.size()) {
        if (!current->type->is(TypeId::kStruct)) RaiseUnsupported("withField inside a field that is not a struct");
        add(field.name, rebuild(current, at + 1));
        placed = true;
      } else if (value != nullptr) {
        add(path[at], value);
        placed = true;
      }
    }
    if (!placed && value != nullptr) {
      if (at + 1 < path.size()) {
        std::string names;
        for (const StructField& field : base->type->fields())
          names += (names.empty() ? "" : ", ") + QuoteName(field.name);
        RaiseAt(update.origin, Condition::FIELD_NOT_FOUND, {{"fieldName", QuoteName(path[at])}, {"fields", names}});
      }
      add(path[at], value);
    }
    if (args.empty()) {
      RaiseAt(update.origin, Condition::DATATYPE_MISMATCH__CANNOT_DROP_ALL_FIELDS,
              {{"sqlExpr", "\"update_fields(" + ExpressionSql(child) + ", dropfield())\""}});
    }
    ExprPtr built = KnownCall("named_struct", args, types::Struct(fields), false, update.origin);
    if (!base->nullable) return built;
    // A null struct stays null.
    ExprPtr is_null = KnownCall("isnull", {base}, types::Boolean(), false, update.origin);
    return KnownCall("if", {is_null, MakeLiteral(Value::Null(built->type)), built}, built->type, true, update.origin);
  };
  return rebuild(child, 0);
}

}  // namespace centella
