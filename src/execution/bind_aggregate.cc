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

HashAggregateSpec SpecOfAggregate(const PhysicalAggregate& aggregate, const QueryContextPtr& context,
                                  InputColumns* input) {
  HashAggregateSpec spec;
  for (const ExprPtr& key : aggregate.grouping) {
    spec.keys.push_back(input->Add(key));
    spec.key_types.push_back(key->type);
  }
  for (const ExprPtr& expression : aggregate.aggregates) {
    const AggregateCall& call = To<AggregateCall>(expression);
    AggregateSpec each;
    each.function = BindAggregate(call, context);
    for (const ExprPtr& arg : call.args) each.args.push_back(input->Add(arg));
    if (call.filter != nullptr) each.filter = input->Add(call.filter);
    spec.aggregates.push_back(std::move(each));
  }
  spec.input_types = input->types();
  return spec;
}

}  // namespace centella
