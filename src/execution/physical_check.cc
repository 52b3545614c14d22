// CheckPhysicalPlan: a plan that came as bytes is looked through before operators trust it.
#include "execution/physical_check.h"

#include "execution/operator_registry.h"
#include "execution/physical_nodes.h"
#include "plan/depth_guard.h"
#include "plan/silent_visitor.h"
#include "plan/transform.h"

namespace centella {
namespace {

// More than any plan of ours has; each costs a morsel at least.
constexpr int64_t kMostPartitions = int64_t{1} << 24;

// Whether a list of expressions lacks one. (A single expression may be left out where its node says so.)
class LacksOne final : public SilentVisitor {
 public:
  explicit LacksOne(const Expression& expression) {
    const_cast<Expression&>(expression).VisitAll(*this);
  }  // only reads
  bool found() const { return found_; }

 private:
  using SilentVisitor::Field;
  void Field(std::string_view, std::vector<ExprPtr>& list) override {
    for (const ExprPtr& each : list) found_ = found_ || each == nullptr;
  }

  bool found_ = false;
};

}  // namespace

void PlanCheck::Check(const PhysicalPtr& plan) {
  DepthGuard guard;
  Demand(plan->schema != nullptr && plan->schema->is(TypeId::kStruct), *plan, "has no schema");
  const auto* spool = As<PhysicalSpool>(plan);
  if (spool != nullptr) Children(*plan, 2);
  for (size_t i = 0; i < plan->children.size(); ++i) {
    Check(plan->children[i]);
    if (spool != nullptr && i == 0) spools_.insert(spool->id);
  }
  DeclarationOf(plan->kind()).check(plan, *this);
}

void PlanCheck::Refuse(const PhysicalPlan& plan, const std::string& what) {
  RaiseInternal(__FILE__, __LINE__,
                "a physical plan that can't be run: " + std::string(NameOf(plan.kind())) + " " + what);
}

void PlanCheck::Children(const PhysicalPlan& plan, size_t count) {
  Demand(plan.children.size() == count, plan, "has " + std::to_string(plan.children.size()) + " children");
}

std::vector<TypePtr> PlanCheck::Input(const PhysicalPlan& plan) {
  Children(plan, 1);
  return plan.children[0]->types();
}

void PlanCheck::Partitions(const PhysicalPlan& plan, int64_t partitions) {
  Demand(partitions >= 1 && partitions <= kMostPartitions, plan, "has " + std::to_string(partitions) + " partitions");
}

void PlanCheck::Width(const PhysicalPlan& plan, size_t columns) {
  Demand(plan.columns().size() == columns, plan,
         "has a schema of " + std::to_string(plan.columns().size()) + " columns");
}

void PlanCheck::Ordinals(const PhysicalPlan& plan, const std::vector<int64_t>& ordinals, size_t columns) {
  for (const int64_t ordinal : ordinals) {
    Demand(ordinal >= 0 && static_cast<uint64_t>(ordinal) < columns, plan, "uses column " + std::to_string(ordinal));
  }
}

void PlanCheck::Bound(const PhysicalPlan& plan, const std::vector<ExprPtr>& expressions,
                      const std::vector<TypePtr>& input) {
  for (const ExprPtr& expression : expressions) Bound(plan, expression, input);
}

void PlanCheck::Bound(const PhysicalPlan& plan, const ExprPtr& expression, const std::vector<TypePtr>& input) {
  Demand(expression != nullptr, plan, "lacks an expression");
  DepthGuard guard;
  const ExprKind kind = expression->kind();
  const bool known = kind <= ExprKind::kLambdaVariable && kind != ExprKind::kAttribute && kind != ExprKind::kAlias;
  Demand(known, plan, "has an expression that isn't bound");
  Demand(expression->type != nullptr || kind == ExprKind::kSortOrder || kind == ExprKind::kLambda ||
             kind == ExprKind::kLambdaVariable,
         plan, "has an expression without a type");
  if (const Column* column = As<Column>(expression)) {
    Ordinals(plan, {column->ordinal}, input.size());
    Demand(SameTypeIgnoringNullability(*column->type, *input[static_cast<size_t>(column->ordinal)]), plan,
           "uses column " + std::to_string(column->ordinal) + " as " + column->type->ToSql());
  }
  if (const Literal* literal = As<Literal>(expression)) {
    Demand(literal->value.is_null() || SameTypeIgnoringNullability(*literal->value.type(), *expression->type), plan,
           "has a literal of another type than it says");
  }
  if (const Cast* cast = As<Cast>(expression)) {
    Demand(cast->child != nullptr && cast->target != nullptr, plan, "has a cast of nothing");
  }
  if (const SortOrder* order = As<SortOrder>(expression)) Demand(order->child != nullptr, plan, "orders by nothing");
  if (const Lambda* lambda = As<Lambda>(expression))
    Demand(lambda->body != nullptr, plan, "has a lambda without a body");
  if (const WindowExpr* window = As<WindowExpr>(expression)) {
    Demand(window->function != nullptr, plan, "has a window of nothing");
  }
  Demand(!LacksOne(*expression).found(), plan, "has an expression that lacks an argument");
  for (const ExprPtr& child : ChildrenOf(*expression)) Bound(plan, child, input);
}

void CheckPhysicalPlan(const PhysicalPtr& plan) { PlanCheck().Check(plan); }

}  // namespace centella
