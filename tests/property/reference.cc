// The slow reference: one row at a time, by a walk over the tree.
#include "property/reference.h"

#include "functions/cast.h"
#include "functions/compare.h"
#include "property/values.h"

namespace centella::property {

bool SameError(const Error& a, const Error& b) {
  return a.condition() == b.condition() && a.parameters() == b.parameters();
}

std::string Describe(const Outcome& outcome) {
  return outcome.error != nullptr ? outcome.error->what() : Describe(outcome.value);
}

// A lambda argument: its body is walked once for each row that the kernel asks for.
class RowLambda final : public LambdaCall {
 public:
  RowLambda(Reference& reference, const Lambda& lambda) : reference_(reference), lambda_(lambda) {}

  VectorPtr Apply(std::span<const VectorPtr> parameters, const int32_t* outer_rows, int64_t rows) override {
    std::vector<Value> results;
    const std::map<ExprId, Value> before = reference_.variables_;
    for (int64_t i = 0; i < rows; ++i) {
      CENTELLA_CHECK(outer_rows[i] == 0, "a lambda called for a row that isn't there");
      for (size_t k = 0; k < lambda_.parameters.size(); ++k) {
        reference_.variables_[To<LambdaVariable>(lambda_.parameters[k]).id] = parameters[k]->GetValue(i);
      }
      results.push_back(reference_.Evaluate(lambda_.body));
    }
    reference_.variables_ = before;
    return MakeVector(lambda_.body->type, results);
  }

 private:
  Reference& reference_;
  const Lambda& lambda_;
};

Outcome Reference::Row(const std::vector<Value>& columns) {
  row_ = &columns;
  variables_.clear();
  try {
    return {Evaluate(expression_), nullptr};
  } catch (const Error& error) {
    return {Value(), std::make_shared<Error>(error)};
  }
}

Value Reference::Evaluate(const ExprPtr& expression) {
  switch (expression->kind()) {
    case ExprKind::kLiteral: return To<Literal>(expression).value;
    case ExprKind::kAlias: return Evaluate(To<Alias>(expression).child);
    case ExprKind::kColumn: return (*row_)[To<Column>(expression).ordinal];
    case ExprKind::kLambdaVariable: return variables_.at(To<LambdaVariable>(expression).id);
    case ExprKind::kCast: {
      const auto& cast = To<Cast>(expression);
      Value value = Evaluate(cast.child);
      if (SameTypeIgnoringNullability(*cast.child->type, *cast.target)) return value;
      if (value.is_null()) return Value::Null(cast.target);
      return RunKernel(KnownOf(expression), expression, cast.mode, {cast.child}, {std::move(value)});
    }
    case ExprKind::kCall: return EvaluateCall(expression, To<Call>(expression));
    default: RaiseInternal(__FILE__, __LINE__, "the reference doesn't know this kind of expression");
  }
}

const Reference::Known& Reference::KnownOf(const ExprPtr& expression) {
  auto [place, fresh] = known_.try_emplace(expression.get());
  Known& known = place->second;
  if (!fresh) return known;
  if (const auto* cast = As<Cast>(expression)) {
    known.kernel = FindCast(cast->child->type, cast->target, cast->mode);
    return known;
  }
  const auto& call = To<Call>(expression);
  const FunctionDecl* decl = FunctionRegistry::Builtin().Find(call.function);
  CENTELLA_CHECK(decl != nullptr, "no function " + call.function);
  std::vector<TypePtr> types;
  std::vector<const Value*> constants;
  for (const ExprPtr& arg : call.args) {
    const auto* lambda = As<Lambda>(arg);
    types.push_back(lambda != nullptr ? lambda->body->type : arg->type);
    const auto* literal = As<Literal>(arg);
    if (lambda == nullptr) constants.push_back(literal == nullptr ? nullptr : &literal->value);
  }
  const Overload* overload = FindExactOverload(*decl, types);
  CENTELLA_CHECK(overload != nullptr && overload->kernel, "no kernel of " + call.function);
  known.kernel = overload->kernel;
  known.nulls = decl->nulls;
  try {
    if (decl->prepare) known.prepared = decl->prepare(constants, *context_);
  } catch (const Error&) {
    known.prepare_error = std::current_exception();
  }
  return known;
}

Value Reference::EvaluateCall(const ExprPtr& expression, const Call& call) {
  if (std::optional<Value> guarded = EvaluateGuard(call)) {
    return guarded->is_null() ? Value::Null(call.type) : std::move(*guarded);
  }
  const Known& known = KnownOf(expression);
  std::vector<ExprPtr> args;
  std::vector<Value> values;
  for (const ExprPtr& arg : call.args) {
    if (arg->kind() == ExprKind::kLambda) continue;
    values.push_back(Evaluate(arg));
    // A strict function doesn't look at what comes after a null.
    if (values.back().is_null() && known.nulls == NullPolicy::kStrict) return Value::Null(call.type);
    args.push_back(arg);
  }
  return RunKernel(known, expression, call.mode, args, std::move(values));
}

Value Reference::RunKernel(const Known& known, const ExprPtr& expression, EvalMode mode,
                           const std::vector<ExprPtr>& args, std::vector<Value> values) {
  if (known.prepare_error != nullptr) std::rethrow_exception(known.prepare_error);
  std::vector<VectorPtr> vectors;
  for (size_t i = 0; i < args.size(); ++i) vectors.push_back(MakeVector(args[i]->type, {values[i]}));
  std::vector<std::unique_ptr<RowLambda>> lambdas;
  std::vector<LambdaCall*> lambda_calls;
  if (const auto* call = As<Call>(expression)) {
    for (const ExprPtr& arg : call->args) {
      const auto* lambda = As<Lambda>(arg);
      if (lambda == nullptr) continue;
      lambdas.push_back(std::make_unique<RowLambda>(*this, *lambda));
      lambda_calls.push_back(lambdas.back().get());
    }
  }
  const KernelArgs kernel_args{*context_,   mode, 1, vectors, expression->type, nullptr, known.prepared.get(),
                               lambda_calls};
  const VectorPtr result = known.kernel(kernel_args);
  CENTELLA_CHECK(result != nullptr && result->size() == 1, "a kernel gave a wrong number of rows");
  return result->GetValue(0);
}

bool Reference::IsTrue(const ExprPtr& condition) {
  const Value value = Evaluate(condition);
  return !value.is_null() && value.boolean();
}

bool Reference::Equal(const ExprPtr& a, const Value& x, const ExprPtr& b, const Value& y) {
  return CompareRows(*MakeVector(a->type, {x}), 0, *MakeVector(b->type, {y}), 0) == 0;
}

// AND stops at false, OR at true; NULL is known only at the end.
Value Reference::EvaluateLogical(const Call& call) {
  const bool decided = call.function == "or";
  bool unknown = false;
  for (const ExprPtr& term : call.args) {
    const Value value = Evaluate(term);
    if (value.is_null()) {
      unknown = true;
    } else if (value.boolean() == decided) {
      return value;
    }
  }
  return unknown ? Value::Null(types::Boolean()) : Value::Boolean(!decided);
}

Value Reference::EvaluateIn(const Call& call) {
  const Value value = Evaluate(call.args[0]);
  if (value.is_null()) return Value::Null(types::Boolean());
  bool unknown = false;
  for (size_t i = 1; i < call.args.size(); ++i) {
    const Value item = Evaluate(call.args[i]);
    if (item.is_null()) {
      unknown = true;
    } else if (Equal(call.args[0], value, call.args[i], item)) {
      return Value::Boolean(true);
    }
  }
  return unknown ? Value::Null(types::Boolean()) : Value::Boolean(false);
}

// The special forms; nothing when the call is of a plain function.
std::optional<Value> Reference::EvaluateGuard(const Call& call) {
  const std::vector<ExprPtr>& args = call.args;
  const std::string& name = call.function;
  if (name == "and" || name == "or") return EvaluateLogical(call);
  if (name == "in") return EvaluateIn(call);
  if (name == "case" || name == "if") {
    for (size_t i = 0; i + 1 < args.size(); i += 2) {
      if (IsTrue(args[i])) return Evaluate(args[i + 1]);
    }
    return args.size() % 2 == 1 ? Evaluate(args.back()) : Value::Null(call.type);
  }
  if (name == "coalesce" || name == "nvl" || name == "ifnull") {
    for (const ExprPtr& arg : args) {
      Value value = Evaluate(arg);
      if (!value.is_null()) return value;
    }
    return Value::Null(call.type);
  }
  if (name == "nvl2") return Evaluate(Evaluate(args[0]).is_null() ? args[2] : args[1]);
  if (name == "nullif") {
    Value value = Evaluate(args[0]);
    if (value.is_null()) return value;
    const Value other = Evaluate(args[1]);
    return !other.is_null() && Equal(args[0], value, args[1], other) ? Value::Null(call.type) : value;
  }
  if (name == "decode_case") {
    for (size_t i = 1; i + 1 < args.size(); i += 2) {
      const Value value = Evaluate(args[0]);
      const Value search = Evaluate(args[i]);
      const bool same = value.is_null() || search.is_null() ? value.is_null() == search.is_null()
                                                            : Equal(args[0], value, args[i], search);
      if (same) return Evaluate(args[i + 1]);
    }
    return args.size() % 2 == 0 ? Evaluate(args.back()) : Value::Null(call.type);
  }
  return std::nullopt;
}

}  // namespace centella::property
