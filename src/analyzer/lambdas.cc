// Lambda arguments of higher-order functions: their parameters' types come from the function's signature.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

ExprPtr Analysis::ResolveLambda(const Lambda& lambda, const std::vector<TypePtr>& types,
                                const std::vector<bool>& nullable, const Scope& scope) {
  if (lambda.parameters.size() != types.size()) {
    RaiseAt(lambda.origin, Condition::INVALID_LAMBDA_FUNCTION_CALL__NUM_ARGS_MISMATCH,
            {{"expectedNumArgs", std::to_string(lambda.parameters.size())},
             {"actualNumArgs", std::to_string(types.size())}});
  }
  auto copy = std::make_shared<Lambda>(lambda);
  LambdaScope names;
  names.parent = scope.lambda;
  for (size_t i = 0; i < types.size(); ++i) {
    auto variable = std::make_shared<LambdaVariable>(To<LambdaVariable>(lambda.parameters[i]));
    for (size_t j = 0; j < i; ++j) {
      if (!SameName(To<LambdaVariable>(copy->parameters[j]).parts[0], variable->parts[0])) continue;
      std::string names;
      for (const ExprPtr& parameter : lambda.parameters) {
        names += (names.empty() ? "" : ", ") + QuoteName(To<LambdaVariable>(parameter).parts[0]);
      }
      RaiseAt(lambda.origin, Condition::INVALID_LAMBDA_FUNCTION_CALL__DUPLICATE_ARG_NAMES,
              {{"args", names}, {"caseSensitiveConfig", "\"spark.sql.caseSensitive\""}});
    }
    variable->id = NextExprId();
    variable->type = types[i];
    variable->nullable = nullable[i];
    copy->parameters[i] = variable;
    names.parameters.push_back(variable);
  }
  Scope inner = scope;
  inner.lambda = &names;
  copy->body = ResolveExpression(lambda.body, inner);
  if (const auto* alias = As<Alias>(copy->body)) copy->body = alias->child;
  copy->type = copy->body->type;
  copy->nullable = copy->body->nullable;
  return copy;
}

namespace {

struct Variables {
  TypePtr types[26];
  bool nullable[26] = {};
};

void Bind(const TypePattern& pattern, const TypePtr& type, bool nullable, Variables* variables) {
  using Kind = TypePattern::Kind;
  switch (pattern.kind) {
    case Kind::kVariable:
      if (variables->types[pattern.variable - 'A'] == nullptr) variables->types[pattern.variable - 'A'] = type;
      variables->nullable[pattern.variable - 'A'] |= nullable;
      return;
    case Kind::kArray:
      if (type->is(TypeId::kArray)) Bind(pattern.parts[0], type->element(), type->contains_null(), variables);
      return;
    case Kind::kMap:
      if (!type->is(TypeId::kMap)) return;
      Bind(pattern.parts[0], type->key(), false, variables);
      Bind(pattern.parts[1], type->value(), type->value_contains_null(), variables);
      return;
    case Kind::kLambda: Bind(pattern.parts.back(), type, nullable, variables); return;
    default: return;
  }
}

TypePtr Instance(const TypePattern& pattern, const Variables& variables) {
  using Kind = TypePattern::Kind;
  switch (pattern.kind) {
    case Kind::kExact: return pattern.exact;
    case Kind::kVariable: return variables.types[pattern.variable - 'A'];
    case Kind::kArray: {
      TypePtr element = Instance(pattern.parts[0], variables);
      return element == nullptr ? nullptr : types::Array(element);
    }
    default: return nullptr;
  }
}

// The merging function of aggregate() gives another type than the accumulator has.
[[noreturn]] void RaiseAccumulator(const UnresolvedFunction& call, std::vector<ExprPtr> args, const TypePtr& wanted) {
  const ExprPtr merge = args[2];
  auto whole = std::make_shared<Call>();
  whole->function = "aggregate";
  whole->display = LowerCase(call.name.back());
  whole->args = std::move(args);
  RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
          {{"sqlExpr", QuoteSql(whole)},
           {"paramIndex", "third"},
           {"inputSql", QuoteSql(merge)},
           {"inputType", QuoteType(merge->type)},
           {"requiredType", QuoteType(wanted)}});
}

}  // namespace

std::vector<ExprPtr> Analysis::ResolveLambdaArguments(const UnresolvedFunction& call, const FunctionDecl& decl,
                                                      const Scope& scope) {
  // The overload whose lambdas have the arity that was written.
  const Overload* chosen = nullptr;
  const Overload* same_count = nullptr;
  for (const Overload& overload : decl.overloads) {
    if (overload.args.size() != call.args.size()) continue;
    bool fits = true, lambdas = true;
    for (size_t i = 0; i < call.args.size(); ++i) {
      const auto* lambda = As<Lambda>(call.args[i]);
      bool wants = overload.args[i].kind == TypePattern::Kind::kLambda;
      if (wants != (lambda != nullptr)) fits = lambdas = false;
      if (fits && wants && overload.args[i].parts.size() - 1 != lambda->parameters.size()) fits = false;
    }
    if (lambdas && same_count == nullptr) same_count = &overload;
    if (fits && chosen == nullptr) chosen = &overload;
  }
  if (chosen == nullptr && same_count == nullptr) {
    RaiseAt(call.origin, Condition::INVALID_LAMBDA_FUNCTION_CALL__NON_HIGHER_ORDER_FUNCTION, {{"class", decl.name}});
  }
  if (chosen == nullptr) chosen = same_count;
  Variables variables;
  std::vector<ExprPtr> args(call.args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    if (call.args[i]->kind() == ExprKind::kLambda) continue;
    args[i] = ResolveExpression(call.args[i], scope);
    if (args[i]->type->is(TypeId::kNull) && chosen->args[i].kind == TypePattern::Kind::kArray) {
      args[i] = Coerce(args[i], types::Array(types::Null()));
    }
    Bind(chosen->args[i], args[i]->type, args[i]->nullable, &variables);
  }
  for (size_t i = 0; i < args.size(); ++i) {
    const auto* lambda = As<Lambda>(call.args[i]);
    if (lambda == nullptr) continue;
    std::vector<TypePtr> parameter_types;
    std::vector<bool> nullable;
    for (size_t k = 0; k + 1 < chosen->args[i].parts.size(); ++k) {
      const TypePattern& pattern = chosen->args[i].parts[k];
      TypePtr type = Instance(pattern, variables);
      if (type == nullptr)
        RaiseArguments(
            decl, LowerCase(call.name.back()),
            [&] {
              for (ExprPtr& arg : args) {
                if (arg == nullptr) arg = MakeLiteral(Value::Null(types::Null()));
              }
              return args;
            }(),
            call.origin);
      parameter_types.push_back(type);
      nullable.push_back(pattern.kind == TypePattern::Kind::kVariable ? variables.nullable[pattern.variable - 'A']
                                                                      : false);
    }
    // Arrays and maps of different lengths leave holes; an accumulator may become NULL.
    for (size_t k = 0; k < nullable.size(); ++k) {
      const bool hole =
          decl.name == "zip_with" || (decl.name == "map_zip_with" && k > 0) || (decl.name == "aggregate" && k == 0);
      if (hole) nullable[k] = true;
    }
    ExprPtr resolved = ResolveLambda(*lambda, parameter_types, nullable, scope);
    const TypePattern& result = chosen->args[i].parts.back();
    // A fold's accumulator: the body must give the type of the start value, so that is widened to it (or the body cast).
    TypePtr wanted = Instance(result, variables);
    if (wanted != nullptr && !SameTypeIgnoringNullability(*wanted, *resolved->type) &&
        ImplicitlyCasts(resolved->type, wanted, context_.ansi) && UpCasts(*resolved->type, *wanted)) {
      auto copy = std::make_shared<Lambda>(To<Lambda>(resolved));
      copy->body = Coerce(copy->body, wanted);
      copy->type = copy->body->type;
      resolved = copy;
    }
    if (decl.name == "aggregate" && i == 2 && wanted != nullptr &&
        !SameTypeIgnoringNullability(*wanted, *resolved->type)) {
      RaiseAccumulator(call, {args[0], args[1], resolved}, wanted);
    }
    Bind(result, resolved->type, resolved->nullable, &variables);
    args[i] = resolved;
  }
  return args;
}

}  // namespace centella
