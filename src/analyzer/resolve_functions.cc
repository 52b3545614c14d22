// Functions: lookup, overloads and coercion of arguments, aggregates' clauses, and their errors.
#include <algorithm>
#include <limits>
#include <set>

#include "analyzer/analysis.h"
#include "analyzer/argument_checks.h"
#include "expression/evaluator.h"

namespace centella {

namespace {

constexpr const char* kDocRoot = "https://spark.apache.org/docs/latest";

// How far an argument's type is from what an overload wants: the cheapest overload is taken, the first of equals.
int CastCost(const DataType& from, const DataType& to) {
  if (SameTypeIgnoringNullability(from, to)) return 0;
  if (from.is(TypeId::kNull)) return to.is(TypeId::kDouble) || to.is_string() ? 1 : 2;
  if (from.is_string()) return to.is(TypeId::kDouble) ? 10 : to.is(TypeId::kBinary) ? 30 : 12;
  if (to.is_string()) return 50;
  if (from.is_numeric() && to.is_numeric()) {
    if (!UpCasts(from, to)) return to.is(TypeId::kDouble) ? 20 : 40;
    return to.is(TypeId::kDecimal) ? 15 : 1 + std::abs(static_cast<int>(to.id()) - static_cast<int>(from.id()));
  }
  if (from.is(TypeId::kDate)) return to.is(TypeId::kTimestamp) ? 5 : 6;
  return 8;
}

bool IsConstantTree(const ExprPtr& expression) {
  return !Any(expression, [](const ExprPtr& e) {
    switch (e->kind()) {
      case ExprKind::kLiteral:
      case ExprKind::kCast:
      case ExprKind::kCall: return false;
      default: return true;
    }
  });
}

// A cast that coercion added stands where the call stands, for the errors that it raises.
ExprPtr PlaceCast(const ExprPtr& arg, const OriginPtr& origin) {
  const auto* cast = As<Cast>(arg);
  if (cast == nullptr || !cast->implicit || cast->origin == nullptr || cast->origin != cast->child->origin) return arg;
  auto placed = std::make_shared<Cast>(*cast);
  placed->origin = origin;
  return placed;
}

std::string QuotedLower(const std::string& name) { return QuoteName(LowerCase(name)); }

}  // namespace

ExprPtr Analysis::KnownCall(const std::string& function, std::vector<ExprPtr> args, TypePtr type, bool nullable,
                            const OriginPtr& origin, const std::string& display, EvalMode eval_mode) {
  auto call = std::make_shared<Call>();
  call->function = function;
  for (ExprPtr& arg : args) arg = PlaceCast(arg, origin);
  call->args = std::move(args);
  call->type = std::move(type);
  call->nullable = nullable;
  call->origin = origin;
  call->display = display;
  call->mode = eval_mode;
  return call;
}

ExprPtr Analysis::ResolveFunction(const ExprPtr& expression, const Scope& scope) {
  const auto& call = To<UnresolvedFunction>(expression);
  std::string name = LowerCase(call.name.back());
  bool builtin_path = call.name.size() == 1 || LowerCase(call.name[call.name.size() - 2]) == "builtin" ||
                      LowerCase(call.name[0]) == "system";
  const FunctionDecl* decl = builtin_path ? registry_.Find(name) : nullptr;
  // What analysis makes of operators and clauses has no name that a user could call it by.
  if (decl != nullptr && decl->group == "internal" && !call.internal) decl = nullptr;
  Temporarily<OriginPtr> coercion(&coercion_origin_, call.origin);
  if (name == "identifier" && call.name.size() == 1 && call.args.size() == 1) {
    return ResolveAttribute(MakeUnresolvedAttribute(IdentifierOf(call.args[0], scope), call.origin), scope);
  }
  if (ExprPtr nested = ResolveOverGenerator(call, scope)) return nested;
  if (builtin_path) {
    if (ExprPtr special = ResolveSpecial(name, call, scope)) return special;
  }
  if (decl == nullptr) {
    RaiseAt(call.origin, Condition::UNRESOLVED_ROUTINE,
            {{"routineName", QuoteName(call.name)},
             {"searchPath", "[`system`.`builtin`, `system`.`session`, " +
                                QuoteName({environment_.current_catalog(), environment_.current_database()}) + "]"}});
  }
  Scope inner = scope;
  if (decl->kind == FunctionKind::kAggregate && scope.aggregate_input != nullptr) {
    inner.input = scope.aggregate_input;
    inner.below.clear();
  }
  // Only this function itself is the one before OVER: sum(sum(a)) OVER () holds an ordinary sum(a).
  const bool over_window = std::exchange(window_function_, false);
  bool lambdas = std::any_of(call.args.begin(), call.args.end(),
                             [](const ExprPtr& arg) { return arg->kind() == ExprKind::kLambda; });
  std::vector<ExprPtr> args = lambdas ? ResolveLambdaArguments(call, *decl, inner) : ResolveArguments(call, inner);
  window_function_ = over_window;
  return BindFunction(call, *decl, std::move(args), inner);
}

// A function of a generator's rows is an error of its place, not of its types: what holds it says so by name.
ExprPtr Analysis::ResolveOverGenerator(const UnresolvedFunction& call, const Scope& scope) {
  bool over = std::any_of(call.args.begin(), call.args.end(), [&](const ExprPtr& arg) {
    const auto* inner = As<UnresolvedFunction>(arg);
    const FunctionDecl* decl = inner == nullptr || inner->name.size() != 1 ? nullptr : registry_.Find(inner->name[0]);
    return decl != nullptr && decl->kind == FunctionKind::kGenerator;
  });
  if (!over) return nullptr;
  return KnownCall(LowerCase(call.name.back()), ResolveArguments(call, scope), types::Null(), true, call.origin);
}

std::vector<ExprPtr> Analysis::ResolveArguments(const UnresolvedFunction& call, const Scope& scope) {
  std::vector<ExprPtr> args;
  for (const ExprPtr& arg : call.args) {
    if (arg->kind() == ExprKind::kNamedArgument) {
      RaiseAt(call.origin, Condition::NAMED_PARAMETERS_NOT_SUPPORTED,
              {{"functionName", QuotedLower(call.name.back())}});
    }
    if (ExpandStar(arg, scope, &args)) continue;
    ExprPtr resolved = ResolveExpression(arg, scope);
    // Names given inside (struct(a AS x)) are kept for struct() only; see special_functions.cc.
    if (const auto* alias = As<Alias>(resolved); alias != nullptr && LowerCase(call.name.back()) != "struct") {
      resolved = alias->child;
    }
    args.push_back(std::move(resolved));
  }
  return args;
}

void Analysis::CheckScalarSyntax(const UnresolvedFunction& call, const FunctionDecl& decl) {
  const char* syntax = call.distinct ? "DISTINCT" : call.filter != nullptr ? "FILTER CLAUSE" : nullptr;
  if (syntax == nullptr && call.ignore_nulls && decl.kind != FunctionKind::kWindow) syntax = "IGNORE NULLS";
  if (syntax == nullptr && !call.order_by.empty()) syntax = "WITHIN GROUP (ORDER BY ...)";
  if (syntax == nullptr) return;
  RaiseAt(call.origin, Condition::INVALID_SQL_SYNTAX__FUNCTION_WITH_UNSUPPORTED_SYNTAX,
          {{"prettyName", QuotedLower(call.name.back())}, {"syntax", syntax}});
}

ExprPtr Analysis::BindFunction(const UnresolvedFunction& call, const FunctionDecl& decl, std::vector<ExprPtr> args,
                               const Scope& scope) {
  std::string display = LowerCase(call.name.back());
  bool in_window = window_function_;
  window_function_ = false;
  std::shared_ptr<Call> bound;
  if (decl.kind == FunctionKind::kAggregate) {
    std::vector<ExprPtr> all = std::move(args);
    const auto* first = decl.name == "mode" && all.size() == 2 ? As<Literal>(all[1]) : nullptr;
    if (first != nullptr && first->type->is(TypeId::kBoolean) && !first->value.is_null()) {
      // mode(x, true) is mode() WITHIN GROUP (ORDER BY x); mode(x, false) is mode(x).
      window_function_ = in_window;
      UnresolvedFunction plain = call;
      if (!first->value.boolean()) return BindFunction(plain, decl, {all[0]}, scope);
      auto order = std::make_shared<SortOrder>();
      order->child = all[0];
      plain.order_by = {order};
      return BindFunction(plain, decl, {}, scope);
    }
    const FunctionDecl& sorted = *ResolveWithinGroup(call, decl, scope, &all);
    bound = BindCall(sorted, display, std::move(all), call.origin);
    if (!in_window) return BindAggregate(call, sorted, bound, scope);
    window_function_ = true;
    ExprPtr aggregate = BindAggregate(call, sorted, bound, scope);
    window_function_ = false;
    return aggregate;
  }
  CheckScalarSyntax(call, decl);
  bound = BindCall(decl, display, std::move(args), call.origin);
  if (decl.kind == FunctionKind::kWindow && !in_window) {
    RaiseAt(plan_origin_, Condition::WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE, {{"funcName", QuoteSql(bound)}});
  }
  return bound;
}

ExprPtr Analysis::BindAggregate(const UnresolvedFunction& call, const FunctionDecl& decl, const ExprPtr& bound,
                                const Scope& scope) {
  const auto& plain = To<Call>(bound);
  bool over_window = window_function_;
  auto aggregate = std::make_shared<AggregateCall>();
  aggregate->function = decl.name;
  aggregate->args = plain.args;
  aggregate->distinct = call.distinct;
  aggregate->ignore_nulls = call.ignore_nulls;
  aggregate->mode = plain.mode;
  aggregate->display = plain.display;
  aggregate->type = plain.type;
  aggregate->nullable = plain.nullable;
  aggregate->origin = call.origin;
  window_function_ = false;
  for (const ExprPtr& order : call.order_by) aggregate->order_by.push_back(ResolveOrder(order, scope));
  for (const ExprPtr& arg : aggregate->args) {
    if (over_window) break;
    Walk(arg, [&](const ExprPtr& e) {
      if (e->kind() == ExprKind::kAggregate) RaiseAt(e->origin, Condition::NESTED_AGGREGATE_FUNCTION);
      if (e->kind() == ExprKind::kWindow) RaiseAt(nullptr, Condition::_LEGACY_ERROR_TEMP_1031);
      return true;
    });
    if (!IsDeterministic(arg)) {
      RaiseAt(arg->origin, Condition::AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION,
              {{"sqlExpr", QuoteSql(aggregate)}});
    }
  }
  if (call.filter != nullptr) {
    ExprPtr filter = ResolveExpression(call.filter, scope);
    ErrorParameters parameters = {{"filterExpr", QuoteSql(filter)}};
    Walk(filter, [&](const ExprPtr& e) {
      if (e->kind() == ExprKind::kWindow) {
        parameters["windowExpr"] = QuoteSql(e);
        RaiseAt(call.origin, Condition::INVALID_AGGREGATE_FILTER__CONTAINS_WINDOW_FUNCTION, parameters);
      }
      if (e->kind() == ExprKind::kAggregate) {
        parameters["aggExpr"] = QuoteSql(e);
        RaiseAt(call.origin, Condition::INVALID_AGGREGATE_FILTER__CONTAINS_AGGREGATE, parameters);
      }
      return true;
    });
    if (!filter->type->is(TypeId::kBoolean)) {
      RaiseAt(call.origin, Condition::INVALID_AGGREGATE_FILTER__NOT_BOOLEAN, parameters);
    }
    if (!IsDeterministic(filter)) {
      RaiseAt(call.origin, Condition::INVALID_AGGREGATE_FILTER__NON_DETERMINISTIC, parameters);
    }
    aggregate->filter = filter;
  }
  return aggregate;
}

std::shared_ptr<Call> Analysis::BindCall(const FunctionDecl& decl, const std::string& name, std::vector<ExprPtr> args,
                                         const OriginPtr& origin) {
  CheckArguments(decl, name, args, origin);
  std::vector<TypePtr> types;
  for (const ExprPtr& arg : args) types.push_back(arg->type);
  const Overload* overload = FindExactOverload(decl, types);
  if (overload == nullptr) {
    std::vector<TypePtr> best;
    int best_cost = std::numeric_limits<int>::max();
    for (const Overload& candidate : decl.overloads) {
      size_t failed = 0;
      std::optional<std::vector<TypePtr>> targets = CoerceToOverload(candidate, types, context_.ansi, &failed);
      if (!targets.has_value()) continue;
      int cost = 0;
      for (size_t i = 0; i < types.size(); ++i) cost += CastCost(*types[i], *(*targets)[i]);
      if (cost >= best_cost) continue;
      best_cost = cost;
      best = std::move(*targets);
    }
    if (best_cost == std::numeric_limits<int>::max()) RaiseArguments(decl, name, args, origin);
    for (size_t i = 0; i < args.size(); ++i) {
      if (args[i]->kind() != ExprKind::kLambda) args[i] = PlaceCast(Coerce(args[i], best[i]), origin);
      types[i] = args[i]->type;
    }
    overload = FindExactOverload(decl, types);
    if (overload == nullptr) RaiseArguments(decl, name, args, origin);
  }
  auto call = std::make_shared<Call>();
  call->function = decl.name;
  call->display = name == decl.name ? "" : name;
  call->mode = mode();
  call->origin = origin;
  std::vector<std::optional<Value>> folded(args.size());
  std::vector<const Value*> constants(args.size(), nullptr);
  auto nullable = std::make_unique<bool[]>(args.size() + 1);
  bool any_nullable = false;
  for (size_t i = 0; i < args.size(); ++i) {
    nullable[i] = args[i]->nullable;
    any_nullable |= args[i]->nullable && args[i]->kind() != ExprKind::kLambda;  // a body's NULLs stay inside
    if (const auto* literal = As<Literal>(args[i])) {
      constants[i] = &literal->value;
    } else if ((overload->result_type || decl.nullable) && IsConstantTree(args[i])) {
      folded[i] = FoldConstant(args[i], environment_.context());
      if (folded[i].has_value()) constants[i] = &*folded[i];
    }
  }
  BindArgs bind{types, std::span<const bool>(nullable.get(), args.size()), constants, call->mode};
  try {
    call->type = ResultTypeOf(*overload, bind);
    call->nullable = decl.nullable ? decl.nullable(bind) : decl.nulls == NullPolicy::kStrict ? any_nullable : true;
  } catch (const Error& error) {
    if (!error.contexts().empty() || origin == nullptr) throw;
    throw error.WithContext(*origin);
  } catch (const std::bad_variant_access&) {
    // A result type that wanted a constant of another type.
    RaiseArguments(decl, name, args, origin);
  }
  CheckTimeType(call->type);
  call->args = std::move(args);
  return call;
}

// Why no overload takes these arguments.
void Analysis::RaiseArguments(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                              const OriginPtr& origin) {
  std::set<size_t> counts;
  size_t variadic_from = std::numeric_limits<size_t>::max();
  bool count_fits = false;
  for (const Overload& overload : decl.overloads) {
    size_t fixed = overload.args.size() - (overload.variadic ? 1 : 0);
    if (overload.variadic) {
      variadic_from = std::min(variadic_from, fixed);
      count_fits |= args.size() >= fixed;
    } else {
      counts.insert(fixed);
      count_fits |= args.size() == fixed;
    }
  }
  if (!count_fits) {
    std::string expected;
    if (variadic_from != std::numeric_limits<size_t>::max()) {
      expected = "> " + std::to_string(variadic_from == 0 ? 0 : variadic_from - 1);
    } else if (counts.size() == 1) {
      expected = std::to_string(*counts.begin());
    } else {
      for (size_t count : counts) expected += (expected.empty() ? "[" : ", ") + std::to_string(count);
      expected += "]";
    }
    // Spark checks these only when it looks at their types.
    static const std::set<std::string> kChecked = {"coalesce", "greatest", "least", "named_struct", "map"};
    if (name == "named_struct" || name == "map") expected = "2n (n > 0)";
    RaiseAt(kChecked.contains(name) ? nullptr : origin, Condition::WRONG_NUM_ARGS__WITHOUT_SUGGESTION,
            {{"functionName", QuoteName(name)},
             {"expectedNum", expected},
             {"actualNum", std::to_string(args.size())},
             {"docroot", kDocRoot}});
  }
  // The argument that most overloads agree on failing; the types that they would take there.
  size_t at = 0;
  std::vector<TypePtr> types;
  for (const ExprPtr& arg : args) types.push_back(arg->type);
  for (const Overload& overload : decl.overloads) {
    size_t failed = 0;
    if (!CoerceToOverload(overload, types, context_.ansi, &failed) && failed < args.size()) at = std::max(at, failed);
  }
  std::vector<std::string> required;
  bool variables = true;
  for (const Overload& overload : decl.overloads) {
    size_t failed = 0;
    if (CoerceToOverload(overload, types, context_.ansi, &failed) || failed != at || overload.args.empty()) continue;
    const TypePattern& pattern = overload.args[std::min(at, overload.args.size() - 1)];
    variables &= pattern.kind == TypePattern::Kind::kVariable;
    std::string text = DescribePattern(pattern);
    if (text == "\"VOID\"") continue;  // an overload for untyped nulls is no type to ask for
    if (std::find(required.begin(), required.end(), text) == required.end()) required.push_back(text);
  }
  auto call = std::make_shared<Call>();
  call->function = decl.name;
  call->display = name;
  call->args = args;
  call->type = types::Null();
  if (variables && args.size() > 1) {
    std::string all;
    for (const TypePtr& type : types) all += (all.empty() ? "" : " or ") + QuoteType(type);
    RaiseAt(origin, Condition::DATATYPE_MISMATCH__DATA_DIFF_TYPES,
            {{"functionName", QuoteName(name)}, {"dataType", "(" + all + ")"}, {"sqlExpr", QuoteSql(call)}});
  }
  std::string wanted = required.empty() ? "\"ANY\"" : required[0];
  if (required.size() > 1) {
    wanted = "(";
    for (size_t i = 0; i < required.size(); ++i) wanted += (i == 0 ? "" : " or ") + required[i];
    wanted += ")";
  }
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
          {{"sqlExpr", QuoteSql(call)},
           {"paramIndex", OrdinalWord(at)},
           {"inputSql", QuoteSql(args[at])},
           {"inputType", QuoteType(args[at]->type)},
           {"requiredType", wanted}});
}

}  // namespace centella
