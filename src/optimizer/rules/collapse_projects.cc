// A projection over a projection becomes one, unless that would compute something twice that is dear or random.
#include <map>

#include "expression/evaluator.h"
#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

bool IsCheap(const ExprPtr& expression) {
  return expression->kind() == ExprKind::kAttribute || expression->kind() == ExprKind::kLiteral;
}

PlanPtr Collapse(const Project& upper, const Project& lower) {
  std::map<ExprId, ExprPtr> definitions;
  for (const ExprPtr& expression : lower.expressions) {
    if (const Alias* alias = As<Alias>(expression)) definitions[alias->id] = alias->child;
  }
  std::map<ExprId, int> uses;
  for (const ExprPtr& expression : upper.expressions) {
    Walk(expression, [&](const ExprPtr& node) {
      if (const Attribute* attribute = As<Attribute>(node)) ++uses[attribute->id];
      return true;
    });
  }
  for (const auto& [id, definition] : definitions) {
    if (IsCheap(definition) || uses[id] == 0) continue;
    if (uses[id] > 1 || !IsDeterministic(definition)) return nullptr;
  }
  std::vector<ExprPtr> expressions;
  for (const ExprPtr& expression : upper.expressions) {
    if (const Attribute* attribute = As<Attribute>(expression)) {
      const auto found = definitions.find(attribute->id);
      expressions.push_back(found == definitions.end() ? expression
                                                       : MakeAlias(found->second, attribute->name, attribute->id));
    } else {
      expressions.push_back(Substitute(expression, definitions));
    }
  }
  return MakeProject(std::move(expressions), lower.child);
}

bool IsIdentity(const Project& project) {
  const std::vector<ExprPtr> output = OutputOf(project.child);
  if (output.size() != project.expressions.size()) return false;
  for (size_t i = 0; i < output.size(); ++i) {
    const Attribute* attribute = As<Attribute>(project.expressions[i]);
    const Attribute& child = To<Attribute>(output[i]);
    if (attribute == nullptr || attribute->id != child.id || attribute->name != child.name) return false;
  }
  return true;
}

}  // namespace

PlanPtr CollapseProjects(const PlanPtr& plan, const QueryContextPtr&) {
  return TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    const Project* project = As<Project>(node);
    if (project == nullptr) return node;
    PlanPtr current = node;
    // Deep chains collapse in one go, from the top.
    while (const Project* upper = As<Project>(current)) {
      const Project* lower = As<Project>(upper->child);
      if (lower == nullptr) break;
      const PlanPtr one = Collapse(*upper, *lower);
      if (one == nullptr) break;
      current = one;
    }
    const Project* last = As<Project>(current);
    return last != nullptr && IsIdentity(*last) ? last->child : current;
  });
}

}  // namespace centella::rules
