// Structural equality of expressions and plans, from the fields that nodes declare.
//
// What doesn't change the meaning doesn't count: origins, plan ids, the name under which a function was called,
// and of an attribute everything but its id. Lambda variables are matched by where they are bound.
#include <variant>

#include "plan/depth_guard.h"
#include "plan/serialize.h"
#include "plan/table.h"
#include "plan/transform.h"
#include "vector/serialize.h"

namespace centella {
namespace {

// One field of a node: by value where small, by address otherwise.
using Part = std::variant<int64_t, double, const std::string*, const TypePtr*, const Value*, const ExprPtr*,
                          const PlanPtr*, const TablePtr*, const std::vector<Batch>*, const StringMap*,
                          const std::vector<std::string>*, const std::vector<int64_t>*,
                          const std::vector<std::vector<std::string>>*, const std::vector<std::vector<int64_t>>*>;

bool Ignored(std::string_view name) {
  return name == "origin" || name == "plan_id" || name == "display" || name == "implicit" || name == "nullable";
}

// Lists a node's fields that count.
class PartCollector final : public FieldVisitor {
 public:
  explicit PartCollector(std::vector<Part>* parts) : parts_(parts) {}
  void Field(std::string_view name, bool& value) override { Add(name, int64_t{value}); }
  void Field(std::string_view name, int64_t& value) override { Add(name, value); }
  void Field(std::string_view name, double& value) override { Add(name, value); }
  void Field(std::string_view name, std::string& value) override { Add(name, &value); }
  void Field(std::string_view name, TypePtr& value) override { Add(name, &value); }
  void Field(std::string_view name, Value& value) override { Add(name, &value); }
  void Field(std::string_view name, ExprPtr& value) override { Add(name, &value); }
  void Field(std::string_view name, PlanPtr& value) override { Add(name, &value); }
  void Field(std::string_view, OriginPtr&) override {}
  void Field(std::string_view name, TablePtr& value) override { Add(name, &value); }
  void Field(std::string_view name, std::vector<Batch>& value, const TypePtr&) override { Add(name, &value); }
  void Field(std::string_view name, StringMap& value) override { Add(name, &value); }
  void Field(std::string_view name, std::vector<std::string>& value) override { Add(name, &value); }
  void Field(std::string_view name, std::vector<int64_t>& value) override { Add(name, &value); }
  void Field(std::string_view name, std::vector<ExprPtr>& value) override { AddEach(name, value); }
  void Field(std::string_view name, std::vector<PlanPtr>& value) override { AddEach(name, value); }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) override {
    Add(name, static_cast<int64_t>(value.size()));
    for (auto& group : value) AddEach(name, group);
  }
  void Field(std::string_view name, std::vector<std::vector<std::string>>& value) override { Add(name, &value); }
  void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) override { Add(name, &value); }

 private:
  void Add(std::string_view name, Part part) {
    if (!Ignored(name)) parts_->push_back(part);
  }
  template <typename Pointer>
  void AddEach(std::string_view name, std::vector<Pointer>& values) {
    Add(name, static_cast<int64_t>(values.size()));
    for (Pointer& value : values) Add(name, &value);
  }
  std::vector<Part>* parts_;
};

class Comparer {
 public:
  bool Same(const ExprPtr& a, const ExprPtr& b);
  bool Same(const PlanPtr& a, const PlanPtr& b) {
    if (a == b) return true;
    if (a == nullptr || b == nullptr || a->kind() != b->kind()) return false;
    DepthGuard guard;
    return SameNode(*a, *b);
  }
  bool Same(const FieldList& a, const FieldList& b) {
    std::vector<Part> left, right;
    PartCollector left_collector(&left), right_collector(&right);
    a(left_collector);
    b(right_collector);
    if (left.size() != right.size()) return false;
    for (size_t i = 0; i < left.size(); ++i) {
      if (!SamePart(left[i], right[i])) return false;
    }
    return true;
  }

 private:
  template <typename Node>
  bool SameNode(const Node& a, const Node& b) {
    // Comparing only reads.
    return Same([&](FieldVisitor& v) { const_cast<Node&>(a).VisitAll(v); },
                [&](FieldVisitor& v) { const_cast<Node&>(b).VisitAll(v); });
  }
  bool SamePart(const Part& a, const Part& b);
  bool SameLambda(const Lambda& a, const Lambda& b);
  bool SameVariable(const LambdaVariable& a, const LambdaVariable& b) const;

  bool SameValue(int64_t a, int64_t b) { return a == b; }
  bool SameValue(double a, double b) { return a == b || (a != a && b != b); }
  bool SameValue(const TypePtr* a, const TypePtr* b) {
    if (*a == *b) return true;
    return *a != nullptr && *b != nullptr && SameType(**a, **b);
  }
  bool SameValue(const ExprPtr* a, const ExprPtr* b) { return Same(*a, *b); }
  bool SameValue(const PlanPtr* a, const PlanPtr* b) { return Same(*a, *b); }
  bool SameValue(const TablePtr* a, const TablePtr* b) {
    if (*a == *b) return true;
    return *a != nullptr && *b != nullptr && (*a)->Identity() == (*b)->Identity();
  }
  bool SameValue(const std::vector<Batch>* a, const std::vector<Batch>* b) {
    if (a->size() != b->size()) return false;
    for (size_t i = 0; i < a->size(); ++i) {
      if (!SameBatch((*a)[i], (*b)[i])) return false;
    }
    return true;
  }
  // The same vectors, or vectors that are written alike.
  static bool SameBatch(const Batch& a, const Batch& b) {
    if (a.live_rows() != b.live_rows() || a.columns.size() != b.columns.size() || a.place != b.place) return false;
    if (a.columns == b.columns && a.selection == b.selection) return true;
    std::string left, right;
    SerializeBatch(a, &left);
    SerializeBatch(b, &right);
    return left == right;
  }
  template <typename T>
  bool SameValue(const T* a, const T* b) {
    return *a == *b;
  }

  std::vector<std::pair<ExprId, ExprId>> variables_;  // bound so far, innermost last
};

bool Comparer::Same(const ExprPtr& a, const ExprPtr& b) {
  if (a == b && variables_.empty()) return true;
  if (a == nullptr || b == nullptr) return a == b;
  if (a->kind() != b->kind()) return false;
  if (const auto* left = As<Attribute>(a); left != nullptr && left->id != 0) return left->id == To<Attribute>(b).id;
  if (const auto* left = As<LambdaVariable>(a)) return SameVariable(*left, To<LambdaVariable>(b));
  DepthGuard guard;
  if (const auto* left = As<Lambda>(a)) return SameLambda(*left, To<Lambda>(b));
  return SameNode(*a, *b);
}

bool Comparer::SamePart(const Part& a, const Part& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&](const auto& left) { return SameValue(left, std::get<std::decay_t<decltype(left)>>(b)); }, a);
}

bool Comparer::SameLambda(const Lambda& a, const Lambda& b) {
  if (a.parameters.size() != b.parameters.size()) return false;
  const size_t bound = variables_.size();
  for (size_t i = 0; i < a.parameters.size(); ++i) {
    const auto* left = As<LambdaVariable>(a.parameters[i]);
    const auto* right = As<LambdaVariable>(b.parameters[i]);
    if (left == nullptr || right == nullptr) {
      if (!Same(a.parameters[i], b.parameters[i])) return false;
      continue;
    }
    if (left->id != 0 && right->id != 0)
      variables_.emplace_back(left->id, right->id);
    else if (left->parts != right->parts || left->id != right->id)
      return false;
  }
  const bool same = Same(a.body, b.body);
  variables_.resize(bound);
  return same;
}

bool Comparer::SameVariable(const LambdaVariable& a, const LambdaVariable& b) const {
  for (auto bound = variables_.rbegin(); bound != variables_.rend(); ++bound) {
    if (bound->first == a.id || bound->second == b.id) return bound->first == a.id && bound->second == b.id;
  }
  return a.id == b.id && (a.id != 0 || a.parts == b.parts);
}

}  // namespace

bool SameExpression(const ExprPtr& a, const ExprPtr& b) { return Comparer().Same(a, b); }
bool SamePlan(const PlanPtr& a, const PlanPtr& b) { return Comparer().Same(a, b); }
bool SameFields(const FieldList& a, const FieldList& b) { return Comparer().Same(a, b); }

}  // namespace centella
