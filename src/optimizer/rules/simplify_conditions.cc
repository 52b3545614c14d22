// Conditions: constants in AND, OR and NOT, and terms that all sides of an OR have in common.
#include <algorithm>

#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

const Call* AsCall(const ExprPtr& expression, std::string_view function) {
  const Call* call = As<Call>(expression);
  return call != nullptr && call->function == function ? call : nullptr;
}

bool IsBoolean(const ExprPtr& expression, bool value) {
  const Literal* literal = As<Literal>(expression);
  return literal != nullptr && literal->value.type()->is(TypeId::kBoolean) && !literal->value.is_null() &&
         literal->value.boolean() == value;
}

ExprPtr SimplifyNode(const ExprPtr& node) {
  if (const Call* call = AsCall(node, "and")) {
    if (IsBoolean(call->args[0], true)) return call->args[1];
    if (IsBoolean(call->args[1], true)) return call->args[0];
    if (IsBoolean(call->args[0], false)) return call->args[0];
  } else if (const Call* either = AsCall(node, "or")) {
    if (IsBoolean(either->args[0], false)) return either->args[1];
    if (IsBoolean(either->args[1], false)) return either->args[0];
    if (IsBoolean(either->args[0], true)) return either->args[0];
  } else if (const Call* negation = AsCall(node, "not")) {
    if (const Call* inner = AsCall(negation->args[0], "not")) return inner->args[0];
  }
  return node;
}

// (a AND b) OR (a AND c) = a AND (b OR c). Bounded: ORs of very many terms are left as they are.
ExprPtr PullCommonTerms(const ExprPtr& term) {
  if (AsCall(term, "or") == nullptr) return term;
  const std::vector<ExprPtr> sides = SplitDisjunction(term);
  if (sides.size() > 32) return term;
  std::vector<std::vector<ExprPtr>> terms;
  for (const ExprPtr& side : sides) terms.push_back(SplitConjunction(side));
  std::vector<ExprPtr> common;
  for (const ExprPtr& candidate : terms[0]) {
    const bool everywhere = std::all_of(terms.begin() + 1, terms.end(), [&](const std::vector<ExprPtr>& side) {
      return std::any_of(side.begin(), side.end(), [&](const ExprPtr& e) { return SameExpression(e, candidate); });
    });
    if (everywhere) common.push_back(candidate);
  }
  if (common.empty()) return term;
  std::vector<ExprPtr> rest;
  bool only_common = false;
  for (const auto& side : terms) {
    std::vector<ExprPtr> own;
    for (const ExprPtr& each : side) {
      const bool is_common =
          std::any_of(common.begin(), common.end(), [&](const ExprPtr& c) { return SameExpression(c, each); });
      if (!is_common) own.push_back(each);
    }
    if (own.empty()) {
      only_common = true;
    } else {
      rest.push_back(Conjunction(std::move(own)));
    }
  }
  if (!only_common) common.push_back(Disjunction(std::move(rest)));
  return Conjunction(std::move(common));
}

ExprPtr SimplifyCondition(const ExprPtr& condition) {
  const ExprPtr simple = TransformUp(condition, SimplifyNode);
  std::vector<ExprPtr> terms;
  bool changed = false;
  for (const ExprPtr& term : SplitConjunction(simple)) {
    terms.push_back(PullCommonTerms(term));
    changed = changed || terms.back() != term;
  }
  return changed ? Conjunction(std::move(terms)) : simple;
}

}  // namespace

PlanPtr SimplifyConditions(const PlanPtr& plan, const QueryContextPtr&) {
  return TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    if (const Filter* filter = As<Filter>(node)) {
      const ExprPtr condition = SimplifyCondition(filter->condition);
      if (IsBoolean(condition, true)) return filter->child;
      return condition == filter->condition ? node : MakeFilter(condition, filter->child);
    }
    const Join* join = As<Join>(node);
    if (join == nullptr || join->condition == nullptr) return node;
    const ExprPtr condition = SimplifyCondition(join->condition);
    if (condition == join->condition) return node;
    auto copy = std::make_shared<Join>(*join);
    copy->condition = condition;
    return copy;
  });
}

}  // namespace centella::rules
