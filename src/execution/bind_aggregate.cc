// From an aggregate call of a plan to the function that computes it.
#include "execution/bind_aggregate.h"

#include "execution/operators/distinct_aggregate.h"

namespace centella {

std::shared_ptr<const AggregateFunction> BindAggregate(const AggregateCall& call, const QueryContextPtr& context) {
  const FunctionDecl* decl = FunctionRegistry::Builtin().Find(call.function);
  CENTELLA_CHECK(decl != nullptr, "unknown aggregate " + call.function);
  std::vector<TypePtr> arg_types;
  for (const ExprPtr& arg : call.args) arg_types.push_back(arg->type);
  const Overload* overload = FindExactOverload(*decl, arg_types);
  CENTELLA_CHECK(overload != nullptr && overload->aggregate, "no aggregate kernel for " + call.function);
  std::shared_ptr<const AggregateFunction> function =
      overload->aggregate(AggregateArgs{*context, call.mode, arg_types, call.type, call.ignore_nulls});
  if (call.distinct) function = MakeDistinctAggregate(std::move(function), arg_types);
  return function;
}

}  // namespace centella
