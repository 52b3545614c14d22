// What optimizer rules ask of expressions: foldable, can it fail, deterministic, bound to partition order.
#include "expression/program.h"
#include "functions/cast.h"

namespace centella {
namespace {

// The parts of an expression that are evaluated with it.
std::vector<ExprPtr> PartsOf(const ExprPtr& expression) {
  switch (expression->kind()) {
    case ExprKind::kAlias: return {To<Alias>(expression).child};
    case ExprKind::kSortOrder: return {To<SortOrder>(expression).child};
    case ExprKind::kCast: return {To<Cast>(expression).child};
    case ExprKind::kCall: return To<Call>(expression).args;
    case ExprKind::kLambda: return {To<Lambda>(expression).body};
    case ExprKind::kAggregate: {
      const auto& call = To<AggregateCall>(expression);
      std::vector<ExprPtr> parts = call.args;
      if (call.filter != nullptr) parts.push_back(call.filter);
      parts.insert(parts.end(), call.order_by.begin(), call.order_by.end());
      return parts;
    }
    case ExprKind::kWindow: {
      const auto& window = To<WindowExpr>(expression);
      std::vector<ExprPtr> parts = window.partition_by;
      parts.insert(parts.end(), window.order_by.begin(), window.order_by.end());
      parts.push_back(window.function);
      return parts;
    }
    default: return {};
  }
}

// Without recursion: expressions may nest deep.
template <typename Test>
bool AnyPart(const ExprPtr& expression, Test&& test) {
  std::vector<ExprPtr> stack = {expression};
  while (!stack.empty()) {
    ExprPtr at = std::move(stack.back());
    stack.pop_back();
    if (at == nullptr) continue;
    if (test(at)) return true;
    for (ExprPtr& part : PartsOf(at)) stack.push_back(std::move(part));
  }
  return false;
}

bool OwnFailure(const ExprPtr& expression) {
  if (const Cast* cast = As<Cast>(expression)) {
    const TypePtr& from = cast->child->type;
    return from == nullptr || CastCanFail(from, cast->target, cast->mode);
  }
  if (expression->kind() == ExprKind::kSubquery || expression->kind() == ExprKind::kAggregate ||
      expression->kind() == ExprKind::kWindow) {
    return true;  // a scalar subquery of two rows, a sum that overflows
  }
  const Call* call = As<Call>(expression);
  if (call == nullptr) return false;
  const FunctionDecl* decl = FunctionRegistry::Builtin().Find(call->function);
  if (decl == nullptr) return true;
  if (decl->kind == FunctionKind::kSpecial) return false;
  std::vector<TypePtr> types;
  std::vector<const Value*> constants;
  for (const ExprPtr& arg : call->args) {
    const Lambda* lambda = As<Lambda>(arg);
    types.push_back(lambda != nullptr ? lambda->body->type : arg->type);
    const Literal* literal = As<Literal>(arg);
    constants.push_back(literal != nullptr ? &literal->value : nullptr);
  }
  const Overload* overload = FindExactOverload(*decl, types);
  if (overload == nullptr) return true;
  return OverloadCanFail(*overload, types, call->mode, constants);
}

const FunctionDecl* DeclOf(const ExprPtr& expression) {
  if (const Call* call = As<Call>(expression)) return FunctionRegistry::Builtin().Find(call->function);
  return nullptr;
}

}  // namespace

bool CanFail(const ExprPtr& expression) { return AnyPart(expression, OwnFailure); }

bool IsDeterministic(const ExprPtr& expression) {
  return !AnyPart(expression, [](const ExprPtr& part) {
    const FunctionDecl* decl = DeclOf(part);
    return decl != nullptr && !decl->deterministic;
  });
}

bool NeedsPartitionOrder(const ExprPtr& expression) {
  return AnyPart(expression, [](const ExprPtr& part) {
    const FunctionDecl* decl = DeclOf(part);
    return decl != nullptr && decl->needs_partition_order;
  });
}

std::optional<Value> FoldConstant(const ExprPtr& expression, const QueryContextPtr& context) {
  bool open = AnyPart(expression, [](const ExprPtr& part) {
    switch (part->kind()) {
      case ExprKind::kLiteral:
      case ExprKind::kAlias:
      case ExprKind::kCast:
      case ExprKind::kLambda:
      case ExprKind::kLambdaVariable: return false;
      case ExprKind::kCall: {
        const FunctionDecl* decl = DeclOf(part);
        return decl == nullptr || !decl->deterministic ||
               (decl->kind != FunctionKind::kScalar && decl->kind != FunctionKind::kSpecial);
      }
      default: return true;
    }
  });
  if (open) return std::nullopt;
  try {
    return EvaluateConstant(expression, context);
  } catch (const Error&) {
    return std::nullopt;
  }
}

Value EvaluateConstant(const ExprPtr& expression, const QueryContextPtr& context) {
  ExpressionExecutor executor(CompiledExpressions::Compile({expression}, context), 0);
  Batch batch;
  batch.rows = 1;
  VectorPtr result = executor.EvaluateOne(0, batch);
  if (result->IsNull(0)) return Value::Null(expression->type);
  return result->GetValue(0);
}

}  // namespace centella
