// A shared subplan that is read once is put where it's read; one that is read nowhere is dropped.
#include <map>

#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

// References by id, in expressions' subqueries too.
void CountReferences(const PlanPtr& plan, std::map<int64_t, int>* counts) {
  Walk(plan, [counts](const PlanPtr& node) {
    if (const CteRef* ref = As<CteRef>(node)) ++(*counts)[ref->id];
    for (const ExprPtr& expression : ExpressionsOf(*node)) {
      Walk(expression, [counts](const ExprPtr& each) {
        if (const Subquery* subquery = As<Subquery>(each)) CountReferences(subquery->plan, counts);
        return true;
      });
    }
    return true;
  });
}

PlanPtr Replace(const PlanPtr& plan, int64_t id, const PlanPtr& definition);

// The definition's columns under the ids that the reference gave them.
PlanPtr Renamed(const CteRef& ref, const PlanPtr& definition) {
  std::vector<ExprPtr> expressions;
  const std::vector<ExprPtr> output = OutputOf(definition);
  for (size_t i = 0; i < output.size(); ++i) {
    const Attribute& wanted = To<Attribute>(ref.output[i]);
    expressions.push_back(To<Attribute>(output[i]).id == wanted.id ? output[i]
                                                                   : MakeAlias(output[i], wanted.name, wanted.id));
  }
  return MakeProject(std::move(expressions), definition);
}

ExprPtr ReplaceInSubqueries(const ExprPtr& expression, int64_t id, const PlanPtr& definition) {
  return TransformUp(expression, [&](const ExprPtr& node) -> ExprPtr {
    const Subquery* subquery = As<Subquery>(node);
    if (subquery == nullptr) return node;
    auto copy = std::static_pointer_cast<Subquery>(node->Clone());
    copy->plan = Replace(subquery->plan, id, definition);
    return copy;
  });
}

PlanPtr Replace(const PlanPtr& plan, int64_t id, const PlanPtr& definition) {
  return TransformUp(plan, [&](const PlanPtr& node) -> PlanPtr {
    const CteRef* ref = As<CteRef>(node);
    if (ref != nullptr && ref->id == id) return Renamed(*ref, definition);
    return MapExpressions(node, [&](const ExprPtr& e) { return ReplaceInSubqueries(e, id, definition); });
  });
}

PlanPtr InlineIn(const CteDef& cte) {
  auto kept = std::make_shared<CteDef>();
  kept->child = cte.child;
  std::vector<PlanPtr> definitions = cte.definitions;
  // From the last to the first: a definition may use those before it.
  std::vector<bool> keep(cte.ids.size(), true);
  for (size_t i = cte.ids.size(); i-- > 0;) {
    std::map<int64_t, int> counts;
    CountReferences(kept->child, &counts);
    for (size_t later = i + 1; later < cte.ids.size(); ++later) {
      if (keep[later]) CountReferences(definitions[later], &counts);
    }
    if (counts[cte.ids[i]] > 1) continue;
    keep[i] = false;
    if (counts[cte.ids[i]] == 0) continue;
    kept->child = Replace(kept->child, cte.ids[i], definitions[i]);
    for (size_t later = i + 1; later < cte.ids.size(); ++later) {
      if (keep[later]) definitions[later] = Replace(definitions[later], cte.ids[i], definitions[i]);
    }
  }
  for (size_t i = 0; i < cte.ids.size(); ++i) {
    if (!keep[i]) continue;
    kept->ids.push_back(cte.ids[i]);
    kept->definitions.push_back(definitions[i]);
  }
  if (kept->ids.empty()) return kept->child;
  return kept;
}

}  // namespace

PlanPtr InlineCtes(const PlanPtr& plan, const QueryContextPtr&) {
  return TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    const CteDef* cte = As<CteDef>(node);
    return cte != nullptr ? InlineIn(*cte) : node;
  });
}

}  // namespace centella::rules
