// Building expressions, and taking conjunctions apart.
#include "plan/expression.h"

#include <atomic>

namespace centella {

ExprId NextExprId() {
  static std::atomic<ExprId> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

ExprPtr MakeLiteral(Value value) {
  auto node = std::make_shared<Literal>();
  node->type = value.type();
  node->nullable = value.is_null();
  node->value = std::move(value);
  return node;
}

ExprPtr MakeAttribute(std::string name, TypePtr type, bool nullable, ExprId id, std::vector<std::string> qualifier,
                      std::string metadata) {
  auto node = std::make_shared<Attribute>();
  node->name = std::move(name);
  node->type = std::move(type);
  node->nullable = nullable;
  node->id = id;
  node->qualifier = std::move(qualifier);
  node->metadata = std::move(metadata);
  return node;
}

ExprPtr MakeAlias(ExprPtr child, std::string name, ExprId id) {
  auto node = std::make_shared<Alias>();
  node->type = child->type;
  node->nullable = child->nullable;
  node->origin = child->origin;
  node->child = std::move(child);
  node->names.push_back(std::move(name));
  node->id = id != 0 ? id : NextExprId();
  return node;
}

ExprPtr MakeUnresolvedFunction(std::string name, std::vector<ExprPtr> args, OriginPtr origin) {
  auto node = std::make_shared<UnresolvedFunction>();
  node->name.push_back(std::move(name));
  node->args = std::move(args);
  node->origin = std::move(origin);
  return node;
}

ExprPtr MakeUnresolvedAttribute(std::vector<std::string> parts, OriginPtr origin) {
  auto node = std::make_shared<UnresolvedAttribute>();
  node->parts = std::move(parts);
  node->origin = std::move(origin);
  return node;
}

ExprPtr MakeCall(std::string function, std::vector<ExprPtr> args, TypePtr type, bool nullable, EvalMode mode) {
  auto node = std::make_shared<Call>();
  node->function = std::move(function);
  node->args = std::move(args);
  node->type = std::move(type);
  node->nullable = nullable;
  node->mode = mode;
  return node;
}

ExprPtr MakeCast(ExprPtr child, TypePtr target, EvalMode mode) {
  auto node = std::make_shared<Cast>();
  // Any text or number may fail to become another type: then a legacy or try cast gives null.
  node->nullable = child->nullable || mode != EvalMode::kAnsi;
  node->origin = child->origin;
  node->child = std::move(child);
  node->type = target;
  node->target = std::move(target);
  node->mode = mode;
  return node;
}

ExprPtr Conjunction(std::vector<ExprPtr> terms) {
  if (terms.empty()) return MakeLiteral(Value::Boolean(true));
  while (terms.size() > 1) {
    std::vector<ExprPtr> pairs;
    pairs.reserve((terms.size() + 1) / 2);
    for (size_t i = 0; i + 1 < terms.size(); i += 2) {
      const bool nullable = terms[i]->nullable || terms[i + 1]->nullable;
      pairs.push_back(MakeCall("and", {terms[i], terms[i + 1]}, types::Boolean(), nullable));
    }
    if (terms.size() % 2 == 1) pairs.push_back(terms.back());
    terms = std::move(pairs);
  }
  return terms[0];
}

std::vector<ExprPtr> SplitConjunction(const ExprPtr& condition) {
  std::vector<ExprPtr> terms;
  std::vector<ExprPtr> waiting;
  if (condition != nullptr) waiting.push_back(condition);
  while (!waiting.empty()) {
    const ExprPtr next = std::move(waiting.back());
    waiting.pop_back();
    const auto* call = As<Call>(next);
    if (call != nullptr && call->function == "and") {
      waiting.insert(waiting.end(), call->args.rbegin(), call->args.rend());
    } else {
      terms.push_back(next);
    }
  }
  return terms;
}

}  // namespace centella
