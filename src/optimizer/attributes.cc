// Questions that rules ask of expressions and plans by column id.
#include "optimizer/attributes.h"

#include <algorithm>

#include "plan/transform.h"

namespace centella {

void AddReferences(const ExprPtr& expression, ExprIdSet* ids) {
  Walk(expression, [ids](const ExprPtr& node) {
    if (node->kind() == ExprKind::kOuterReference) return false;
    if (const Attribute* attribute = As<Attribute>(node)) ids->insert(attribute->id);
    return true;
  });
}

ExprIdSet ReferencesOf(const ExprPtr& expression) {
  ExprIdSet ids;
  AddReferences(expression, &ids);
  return ids;
}

ExprIdSet OutputIds(const PlanPtr& plan) {
  ExprIdSet ids;
  for (const ExprPtr& attribute : OutputOf(plan)) ids.insert(To<Attribute>(attribute).id);
  return ids;
}

bool IsSubset(const ExprIdSet& part, const ExprIdSet& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

ExprId DefinedId(const ExprPtr& expression) {
  if (const Alias* alias = As<Alias>(expression)) return alias->id;
  return To<Attribute>(expression).id;
}

ExprPtr Substitute(const ExprPtr& expression, const std::map<ExprId, ExprPtr>& replacements) {
  return TransformUp(expression, [&](const ExprPtr& node) -> ExprPtr {
    const Attribute* attribute = As<Attribute>(node);
    if (attribute == nullptr) return node;
    const auto found = replacements.find(attribute->id);
    return found == replacements.end() ? node : found->second;
  });
}

ExprPtr AttributeOf(const ExprPtr& expression) {
  if (const Alias* alias = As<Alias>(expression)) {
    return MakeAttribute(alias->name(), alias->child->type, alias->child->nullable, alias->id, {}, alias->metadata);
  }
  return expression;
}

PlanPtr MakeFilter(ExprPtr condition, PlanPtr child) {
  auto filter = std::make_shared<Filter>();
  filter->condition = std::move(condition);
  filter->child = std::move(child);
  return filter;
}

PlanPtr MakeProject(std::vector<ExprPtr> expressions, PlanPtr child) {
  auto project = std::make_shared<Project>();
  project->expressions = std::move(expressions);
  project->child = std::move(child);
  return project;
}

ExprPtr MakeEquals(ExprPtr left, ExprPtr right) {
  const bool nullable = left->nullable || right->nullable;
  return MakeCall("=", {std::move(left), std::move(right)}, types::Boolean(), nullable);
}

ExprPtr MakeNullSafeEquals(ExprPtr left, ExprPtr right) {
  return MakeCall("<=>", {std::move(left), std::move(right)}, types::Boolean(), false);
}

std::shared_ptr<const Window> NumberRows(std::vector<ExprPtr> partition_by, std::vector<ExprPtr> order_by,
                                         std::string name, PlanPtr child) {
  if (order_by.empty()) {  // a ranking function has to have an order
    auto order = std::make_shared<SortOrder>();
    order->child = MakeLiteral(Value::Int(1));
    order->type = types::Int();
    order_by = {order};
  }
  auto over = std::make_shared<WindowExpr>();
  over->function = MakeCall("row_number", {}, types::Int(), false);
  over->partition_by = std::move(partition_by);
  over->order_by = std::move(order_by);
  over->unit = FrameUnit::kRows;
  over->type = types::Int();
  over->nullable = false;
  auto window = std::make_shared<Window>();
  window->partition_by = over->partition_by;
  window->order_by = over->order_by;
  window->expressions = {MakeAlias(over, std::move(name))};
  window->child = std::move(child);
  return window;
}

std::vector<ExprPtr> SplitDisjunction(const ExprPtr& condition) {
  std::vector<ExprPtr> terms, stack{condition};
  while (!stack.empty()) {
    const ExprPtr term = stack.back();
    stack.pop_back();
    const Call* call = As<Call>(term);
    if (call != nullptr && call->function == "or") {
      stack.insert(stack.end(), call->args.rbegin(), call->args.rend());
    } else {
      terms.push_back(term);
    }
  }
  return terms;
}

ExprPtr Disjunction(std::vector<ExprPtr> terms) {
  while (terms.size() > 1) {
    std::vector<ExprPtr> next;
    for (size_t i = 0; i + 1 < terms.size(); i += 2) {
      const bool nullable = terms[i]->nullable || terms[i + 1]->nullable;
      next.push_back(MakeCall("or", {terms[i], terms[i + 1]}, types::Boolean(), nullable));
    }
    if (terms.size() % 2 == 1) next.push_back(terms.back());
    terms = std::move(next);
  }
  return terms[0];
}

}  // namespace centella
