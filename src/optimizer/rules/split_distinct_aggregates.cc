// agg(DISTINCT x) GROUP BY k, when all aggregates are DISTINCT over the same arguments: first group by k and x, then aggregate
// plainly over k. Other mixes keep the operator's own sets of distinct values.
#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

// All aggregate calls of the node, if they are DISTINCT over the same columns without filters.
bool SameDistinctArguments(const Aggregate& aggregate, std::vector<ExprPtr>* arguments) {
  bool fits = true;
  for (const ExprPtr& expression : aggregate.aggregates) {
    Walk(expression, [&](const ExprPtr& node) {
      const AggregateCall* call = As<AggregateCall>(node);
      if (call == nullptr) return true;
      fits = fits && call->distinct && call->filter == nullptr && call->order_by.empty() && !call->args.empty();
      if (arguments->empty()) *arguments = call->args;
      fits = fits && call->args.size() == arguments->size();
      for (size_t i = 0; fits && i < call->args.size(); ++i) fits = SameExpression(call->args[i], (*arguments)[i]);
      return false;
    });
  }
  return fits && !arguments->empty();
}

}  // namespace

PlanPtr SplitDistinctAggregates(const PlanPtr& plan, const QueryContextPtr&) {
  return TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    const Aggregate* aggregate = As<Aggregate>(node);
    std::vector<ExprPtr> arguments;
    if (aggregate == nullptr || !SameDistinctArguments(*aggregate, &arguments)) return node;
    // The inner grouping gives each grouping expression and argument a column.
    auto inner = std::make_shared<Aggregate>();
    inner->child = aggregate->child;
    std::vector<ExprPtr> from, to;
    auto add = [&](const ExprPtr& expression) {
      for (const ExprPtr& each : from) {
        if (SameExpression(each, expression)) return;
      }
      inner->grouping.push_back(expression);
      const ExprPtr output =
          expression->kind() == ExprKind::kAttribute ? expression : MakeAlias(expression, "distinct");
      inner->aggregates.push_back(output);
      from.push_back(expression);
      to.push_back(AttributeOf(output));
    };
    for (const ExprPtr& group : aggregate->grouping) add(group);
    for (const ExprPtr& argument : arguments) {
      if (argument->kind() != ExprKind::kLiteral) add(argument);
    }
    auto replace = [&](const ExprPtr& expression) {
      return TransformDown(expression, [&](const ExprPtr& each) -> ExprPtr {
        for (size_t i = 0; i < from.size(); ++i) {
          if (SameExpression(each, from[i])) return to[i];
        }
        if (each->kind() != ExprKind::kAggregate) return each;
        auto plain = std::static_pointer_cast<AggregateCall>(each->Clone());
        plain->distinct = false;
        return plain;
      });
    };
    auto outer = std::make_shared<Aggregate>(*aggregate);
    outer->child = inner;
    for (ExprPtr& group : outer->grouping) group = replace(group);
    for (ExprPtr& expression : outer->aggregates) expression = replace(expression);
    return outer;
  });
}

}  // namespace centella::rules
