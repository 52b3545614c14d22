// Random calls of a registered function, made from its signatures alone.
#include "property/calls.h"

#include "expression/evaluator.h"
#include "plan/transform.h"

namespace centella::property {
namespace {

ExprPtr CallOf(const char* name, std::vector<ExprPtr> args) { return MakeUnresolvedFunction(name, std::move(args)); }
ExprPtr NameOf(const Parameter& parameter) { return MakeUnresolvedAttribute({parameter.name}); }
ExprPtr CastTo(ExprPtr child, TypePtr type) {
  auto cast = std::make_shared<Cast>();
  cast->child = std::move(child);
  cast->target = std::move(type);
  return cast;
}

}  // namespace

ExprPtr RandomLiteral(const TypePtr& type, Random& random, const Hints& hints) {
  auto literal = std::make_shared<Literal>();
  literal->type = type;
  literal->value = RandomValue(type, random, hints, 7);
  literal->nullable = literal->value.is_null();
  return literal;
}

ExprPtr CallMaker::Make(const FunctionDecl& decl, const Overload& overload) {
  TypePtr variables[26];
  std::vector<TypePattern> patterns = overload.args;
  if (overload.variadic) {
    const TypePattern last = patterns.back();
    patterns.pop_back();
    TypePattern name;  // names and values in turn are what some functions of anything want
    name.exact = types::String();
    const bool pairs = last.kind == TypePattern::Kind::kAny && random_.Percent(40);
    for (int64_t n = random_.Below(4); n > 0; --n) {
      if (pairs) patterns.push_back(name);
      patterns.push_back(last);
    }
  }
  std::vector<TypePtr> types;
  for (const TypePattern& pattern : patterns) types.push_back(RandomTypeFor(pattern, variables, random_));
  std::vector<ExprPtr> args;
  for (size_t i = 0; i < patterns.size(); ++i) {
    args.push_back(types[i] == nullptr ? MakeLambda(patterns[i], variables) : argument_(types[i]));
  }
  return MakeUnresolvedFunction(decl.name, std::move(args));
}

ExprPtr CallMaker::MakeLambda(const TypePattern& pattern, TypePtr (&variables)[26]) {
  static const char* const kNames[] = {"x", "y", "z"};
  std::vector<Parameter> parameters;
  auto lambda = std::make_shared<Lambda>();
  for (size_t i = 0; i + 1 < pattern.parts.size(); ++i) {
    parameters.push_back({kNames[i], RandomTypeFor(pattern.parts[i], variables, random_)});
    auto variable = std::make_shared<LambdaVariable>();
    variable->parts = {kNames[i]};
    lambda->parameters.push_back(variable);
  }
  const TypePattern& result = pattern.parts.back();
  const bool open = result.kind == TypePattern::Kind::kVariable && variables[result.variable - 'A'] == nullptr;
  lambda->body = Body(result, open ? nullptr : RandomTypeFor(result, variables, random_), parameters);
  return lambda;
}

ExprPtr CallMaker::Body(const TypePattern& result, const TypePtr& wanted, const std::vector<Parameter>& parameters) {
  if (wanted == nullptr) return Anything(parameters);
  if (wanted->is(TypeId::kBoolean) && result.kind == TypePattern::Kind::kExact) return Condition(parameters);
  return OfType(wanted, parameters);
}

ExprPtr CallMaker::Condition(const std::vector<Parameter>& parameters) {
  const Parameter& one = random_.Pick(parameters);
  switch (random_.Below(6)) {
    case 0: return CallOf("isnotnull", {NameOf(one)});
    case 1: return CallOf("isnull", {NameOf(one)});
    case 2: return MakeLiteral(Value::Boolean(random_.Percent(50)));
    case 3: return CallOf("<=>", {NameOf(one), argument_(one.type)});
    case 4: return CallOf("<", {NameOf(one), argument_(one.type)});
    default: return argument_(types::Boolean());
  }
}

ExprPtr CallMaker::Anything(const std::vector<Parameter>& parameters) {
  const Parameter& one = random_.Pick(parameters);
  if (one.type->is_numeric() && random_.Percent(50)) {
    switch (random_.Below(3)) {
      case 0: return CallOf("+", {NameOf(one), argument_(one.type)});
      case 1: return CallOf("/", {MakeLiteral(Value::Int(100)), NameOf(one)});
      default: return CastTo(NameOf(one), types::Byte());
    }
  }
  switch (random_.Below(6)) {
    case 0: return NameOf(one);
    case 1: return CallOf("array", {NameOf(one), argument_(one.type)});
    case 2: return CallOf("isnull", {NameOf(one)});
    case 3: return argument_(RandomType(random_, 1));
    case 4:
      return CallOf("named_struct", {MakeLiteral(Value::String("k")), NameOf(one), MakeLiteral(Value::String("v")),
                                     argument_(types::String())});
    default: return CallOf("coalesce", {NameOf(one), argument_(one.type)});
  }
}

ExprPtr CallMaker::OfType(const TypePtr& type, const std::vector<Parameter>& parameters) {
  const Parameter& first = parameters.front();
  const Parameter& last = parameters.back();
  if (type->is(TypeId::kInt) && parameters.size() == 2 && random_.Percent(60)) {  // the order of a sort
    return CallOf("case",
                  {CallOf("<", {NameOf(first), NameOf(last)}), MakeLiteral(Value::Int(-1)),
                   CallOf(">", {NameOf(first), NameOf(last)}), MakeLiteral(Value::Int(1)), MakeLiteral(Value::Int(0))});
  }
  switch (random_.Below(5)) {
    case 0: return argument_(type);
    case 1: return CastTo(NameOf(last), type);
    case 2: return CastTo(CallOf("+", {NameOf(first), NameOf(last)}), type);
    case 3: return CallOf("coalesce", {NameOf(first), argument_(type)});
    default: return NameOf(first);
  }
}

bool IsPlainScalar(const ExprPtr& expression) {
  const bool strange = Any(expression, [](const ExprPtr& part) {
    switch (part->kind()) {
      case ExprKind::kLiteral:
      case ExprKind::kAlias:
      case ExprKind::kCast:
      case ExprKind::kColumn:
      case ExprKind::kLambda:
      case ExprKind::kLambdaVariable: return false;
      case ExprKind::kCall: {
        const FunctionDecl* decl = FunctionRegistry::Builtin().Find(To<Call>(part).function);
        return decl == nullptr || (decl->kind != FunctionKind::kScalar && decl->kind != FunctionKind::kSpecial);
      }
      default: return true;
    }
  });
  return !strange && IsDeterministic(expression) && !NeedsPartitionOrder(expression);
}

}  // namespace centella::property
