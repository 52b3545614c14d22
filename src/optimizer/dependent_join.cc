// See dependent_join.h. The domain — the distinct outer values — is pushed down through the subquery's operators until
// it meets a part that doesn't use it, and is joined there.
#include "optimizer/dependent_join.h"

#include <map>

#include "optimizer/attributes.h"
#include "optimizer/decorrelate.h"
#include "plan/depth_guard.h"
#include "plan/transform.h"

namespace centella {
namespace {

[[noreturn]] void RaiseCorrelated(const char* what) {
  Raise(Condition::UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY__ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED,
        {{"treeNode", what}});
}

// Outer id -> what stands for it in the plan's output.
using Domain = std::map<ExprId, ExprPtr>;

struct Pushed {
  PlanPtr plan;
  Domain domain;
};

class Pusher {
 public:
  Pusher(const PlanPtr& outer_plan, std::vector<ExprPtr> outer) : outer_plan_(outer_plan), outer_(std::move(outer)) {
    for (const ExprPtr& attribute : outer_) ids_.insert(To<Attribute>(attribute).id);
  }

  Pushed Push(const PlanPtr& plan) {
    DepthGuard guard;
    if (!Uses(plan)) {
      Pushed values = Values();
      values.plan = MakeJoin(JoinType::kInner, values.plan, plan, {});
      return values;
    }
    switch (plan->kind()) {
      case PlanKind::kFilter: return PushFilter(To<Filter>(plan));
      case PlanKind::kProject: return PushProject(To<Project>(plan));
      case PlanKind::kAggregate: return PushAggregate(To<Aggregate>(plan));
      case PlanKind::kJoin: return PushJoin(To<Join>(plan));
      case PlanKind::kLimit: return PushLimit(To<Limit>(plan));
      case PlanKind::kUnion: return PushUnion(To<Union>(plan));
      case PlanKind::kWindow: return PushWindow(To<Window>(plan));
      case PlanKind::kGenerate: return PushGenerate(To<Generate>(plan));
      case PlanKind::kExpand: return PushExpand(To<Expand>(plan));
      // Order and placement mean nothing once the result is joined.
      case PlanKind::kSort: return Push(To<Sort>(plan).child);
      case PlanKind::kRepartition: return Push(To<Repartition>(plan).child);
      case PlanKind::kSubqueryAlias: return Push(To<SubqueryAlias>(plan).child);
      default: RaiseCorrelated("operator");
    }
  }

 private:
  bool Uses(const ExprPtr& expression) const {
    return Any(expression, [&](const ExprPtr& node) {
      const auto* outer = As<OuterReference>(node);
      return outer != nullptr && ids_.contains(To<Attribute>(outer->attribute).id);
    });
  }
  bool UsesItself(const PlanPtr& plan) const {
    for (const ExprPtr& expression : ExpressionsOf(*plan)) {
      if (Uses(expression)) return true;
    }
    return false;
  }
  bool Uses(const PlanPtr& plan) const {
    bool found = false;
    Walk(plan, [&](const PlanPtr& node) {
      found = found || UsesItself(node);
      return !found;
    });
    return found;
  }

  ExprPtr Bind(const ExprPtr& expression, const Domain& domain) const {
    if (expression == nullptr) return nullptr;
    return TransformDown(expression, [&](const ExprPtr& node) -> ExprPtr {
      const auto* outer = As<OuterReference>(node);
      if (outer == nullptr) return node;
      auto found = domain.find(To<Attribute>(outer->attribute).id);
      return found == domain.end() ? node : found->second;
    });
  }
  std::vector<ExprPtr> BindAll(const std::vector<ExprPtr>& expressions, const Domain& domain) const {
    std::vector<ExprPtr> out;
    for (const ExprPtr& expression : expressions) out.push_back(Bind(expression, domain));
    return out;
  }
  static std::vector<ExprPtr> ColumnsOf(const Domain& domain) {
    std::vector<ExprPtr> out;
    for (const auto& [id, column] : domain) out.push_back(column);
    return out;
  }
  static void Append(std::vector<ExprPtr>* list, const Domain& domain) {
    for (const auto& [id, column] : domain) list->push_back(column);
  }
  static std::vector<ExprPtr> SameValues(const Domain& a, const Domain& b) {
    std::vector<ExprPtr> out;
    for (const auto& [id, column] : a) out.push_back(MakeNullSafeEquals(column, b.at(id)));
    return out;
  }
  static std::shared_ptr<Join> MakeJoin(JoinType type, PlanPtr left, PlanPtr right, std::vector<ExprPtr> conditions) {
    auto join = std::make_shared<Join>();
    join->type = type;
    join->left = std::move(left);
    join->right = std::move(right);
    if (!conditions.empty()) join->condition = Conjunction(std::move(conditions));
    return join;
  }

  // The distinct outer values, with ids of their own each time.
  Pushed Values() {
    // One projection first, then fresh ids: the outer plan stays as it is.
    const PlanPtr used = WithFreshIds(MakeProject(outer_, outer_plan_));
    auto distinct = std::make_shared<Aggregate>();
    distinct->grouping = OutputOf(used);
    distinct->aggregates = distinct->grouping;
    distinct->child = used;
    Pushed out;
    out.plan = distinct;
    const std::vector<ExprPtr> output = OutputOf(used);
    for (size_t i = 0; i < outer_.size(); ++i) out.domain[To<Attribute>(outer_[i]).id] = output[i];
    return out;
  }

  Pushed PushFilter(const Filter& filter) {
    Pushed child = Push(filter.child);
    child.plan = MakeFilter(Bind(filter.condition, child.domain), child.plan);
    return child;
  }

  Pushed PushProject(const Project& project) {
    Pushed child = Push(project.child);
    std::vector<ExprPtr> expressions = BindAll(project.expressions, child.domain);
    Append(&expressions, child.domain);
    child.plan = MakeProject(std::move(expressions), child.plan);
    return child;
  }

  Pushed PushAggregate(const Aggregate& aggregate) {
    Pushed child = Push(aggregate.child);
    auto copy = std::make_shared<Aggregate>(aggregate);
    copy->child = child.plan;
    copy->grouping = BindAll(aggregate.grouping, child.domain);
    copy->aggregates = BindAll(aggregate.aggregates, child.domain);
    const bool global = aggregate.grouping.empty();
    Append(&copy->grouping, child.domain);
    if (!global) {
      Append(&copy->aggregates, child.domain);
      child.plan = copy;
      return child;
    }
    // One row for each combination, also where there was nothing to aggregate.
    std::vector<ExprPtr> wanted = copy->aggregates;
    for (ExprPtr& each : copy->aggregates) each = MakeAlias(To<Alias>(each).child, To<Alias>(each).name());
    std::vector<ExprPtr> own = copy->aggregates;
    Append(&copy->aggregates, child.domain);
    const ExprPtr flag = MakeAlias(MakeLiteral(Value::Boolean(true)), "matched");
    std::vector<ExprPtr> with_flag = OutputOf(copy);
    with_flag.push_back(flag);
    Pushed all = Values();
    PlanPtr joined = MakeJoin(JoinType::kLeft, all.plan, MakeProject(std::move(with_flag), copy),
                              SameValues(all.domain, child.domain));
    const ExprPtr matched = MakeAttribute("matched", types::Boolean(), true, To<Alias>(flag).id);
    const ExprPtr none = MakeCall("isnull", {matched}, types::Boolean(), false);
    std::vector<ExprPtr> list;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const Alias& alias = To<Alias>(wanted[i]);
      ExprPtr value = MakeAttribute(alias.name(), alias.child->type, true, To<Alias>(own[i]).id);
      if (ExprPtr empty = ValueWithoutRows(alias.child)) {
        value = MakeCall("if", {none, empty, value}, value->type, true);
      }
      auto named = std::make_shared<Alias>(alias);
      named->child = value;
      named->type = value->type;
      named->nullable = true;
      list.push_back(named);
    }
    Append(&list, all.domain);
    all.plan = MakeProject(std::move(list), joined);
    return all;
  }

  Pushed PushJoin(const Join& join) {
    auto copy = std::make_shared<Join>(join);
    const bool left_uses = Uses(join.left), right_uses = Uses(join.right);
    const bool inner = join.type == JoinType::kInner || join.type == JoinType::kCross;
    const bool right = join.type == JoinType::kRight;
    Pushed out;
    if (join.type == JoinType::kFull) RaiseCorrelated("FULL JOIN");
    // The values go to one side when only that uses them and its rows are all kept; else to both.
    if (!left_uses && (right || (inner && right_uses))) {
      out = Push(join.right);
      copy->right = out.plan;
    } else if (!right_uses && !right) {
      out = Push(join.left);
      copy->left = out.plan;
    } else {
      const Pushed left_side = Push(join.left), right_side = Push(join.right);
      copy->left = left_side.plan;
      copy->right = right_side.plan;
      out.domain = right ? right_side.domain : left_side.domain;
      std::vector<ExprPtr> terms = SameValues(left_side.domain, right_side.domain);
      ExprPtr condition = Bind(join.condition, out.domain);
      if (copy->null_aware && condition != nullptr) {
        // NOT IN's comparison counts as met when it is unknown.
        condition = MakeCall("or", {condition, MakeCall("isnull", {condition}, types::Boolean(), false)},
                             types::Boolean(), false);
        copy->null_aware = false;
      }
      if (condition != nullptr) terms.push_back(condition);
      copy->condition = Conjunction(std::move(terms));
      out.plan = copy;
      return out;
    }
    copy->condition = Bind(join.condition, out.domain);
    out.plan = copy;
    return out;
  }
  // LIMIT for each combination: by the number of the row within it.
  Pushed PushLimit(const Limit& limit) {
    if (limit.tail) RaiseCorrelated("TAIL");
    const auto* sort = As<Sort>(limit.child);
    Pushed child = Push(sort == nullptr ? limit.child : sort->child);
    const auto window =
        NumberRows(ColumnsOf(child.domain),
                   sort != nullptr ? BindAll(sort->order, child.domain) : std::vector<ExprPtr>(), "row", child.plan);
    const ExprPtr row = MakeCast(AttributeOf(window->expressions[0]), types::Long(), EvalMode::kLegacy);
    const int64_t skipped = NumberOf(limit.offset);
    std::vector<ExprPtr> terms;
    if (skipped > 0) {
      terms.push_back(MakeCall(">", {row, MakeLiteral(Value::Long(skipped))}, types::Boolean(), false));
    }
    if (limit.limit != nullptr) {
      terms.push_back(
          MakeCall("<=", {row, MakeLiteral(Value::Long(skipped + NumberOf(limit.limit)))}, types::Boolean(), false));
    }
    const std::vector<ExprPtr> output = OutputOf(child.plan);
    child.plan = terms.empty() ? child.plan : MakeProject(output, MakeFilter(Conjunction(std::move(terms)), window));
    return child;
  }
  static int64_t NumberOf(const ExprPtr& expression) {
    const auto* literal = As<Literal>(expression);
    return literal == nullptr || literal->value.is_null() ? 0 : literal->value.integer();
  }

  Pushed PushUnion(const Union& onion) {
    auto copy = std::make_shared<Union>(onion);
    Pushed out;
    for (PlanPtr& child : copy->children) {
      const std::vector<ExprPtr> output = OutputOf(child);
      Pushed pushed = Push(child);
      std::vector<ExprPtr> list = output;
      Append(&list, pushed.domain);
      child = MakeProject(std::move(list), pushed.plan);
      if (!out.domain.empty()) continue;
      for (const auto& [id, column] : pushed.domain) {
        const Attribute& attribute = To<Attribute>(column);
        out.domain[id] = MakeAttribute(attribute.name, attribute.type, attribute.nullable, NextExprId());
      }
    }
    Append(&copy->output, out.domain);
    out.plan = copy;
    return out;
  }

  Pushed PushWindow(const Window& window) {
    Pushed child = Push(window.child);
    auto copy = std::make_shared<Window>(window);
    copy->child = child.plan;
    copy->partition_by = BindAll(window.partition_by, child.domain);
    copy->order_by = BindAll(window.order_by, child.domain);
    Append(&copy->partition_by, child.domain);
    for (ExprPtr& expression : copy->expressions) {
      auto alias = std::make_shared<Alias>(To<Alias>(Bind(expression, child.domain)));
      auto over = std::make_shared<WindowExpr>(To<WindowExpr>(alias->child));
      Append(&over->partition_by, child.domain);
      alias->child = over;
      expression = alias;
    }
    child.plan = copy;
    return child;
  }

  Pushed PushGenerate(const Generate& generate) {
    Pushed child = Push(generate.child);
    auto copy = std::make_shared<Generate>(generate);
    copy->child = child.plan;
    copy->generator = Bind(generate.generator, child.domain);
    child.plan = copy;
    return child;
  }

  Pushed PushExpand(const Expand& expand) {
    Pushed child = Push(expand.child);
    auto copy = std::make_shared<Expand>(expand);
    copy->child = child.plan;
    for (std::vector<ExprPtr>& projection : copy->projections) {
      projection = BindAll(projection, child.domain);
      Append(&projection, child.domain);
    }
    Pushed out;
    for (const auto& [id, column] : child.domain) {
      const Attribute& attribute = To<Attribute>(column);
      out.domain[id] = MakeAttribute(attribute.name, attribute.type, attribute.nullable, NextExprId());
      copy->output.push_back(out.domain[id]);
    }
    out.plan = copy;
    return out;
  }

  PlanPtr outer_plan_;
  std::vector<ExprPtr> outer_;
  ExprIdSet ids_;
};

// The columns of `outer_plan` that `plan` uses, once each.
std::vector<ExprPtr> OuterColumns(const PlanPtr& plan, const PlanPtr& outer_plan) {
  std::map<ExprId, ExprPtr> available;
  for (const ExprPtr& column : OutputOf(outer_plan)) available[To<Attribute>(column).id] = column;
  std::map<ExprId, ExprPtr> used;
  Walk(plan, [&](const PlanPtr& node) {
    for (const ExprPtr& expression : ExpressionsOf(*node)) {
      Walk(expression, [&](const ExprPtr& each) {
        const auto* outer = As<OuterReference>(each);
        if (outer == nullptr) return true;
        auto found = available.find(To<Attribute>(outer->attribute).id);
        if (found != available.end()) used.insert(*found);
        return false;
      });
    }
    return true;
  });
  std::vector<ExprPtr> out;
  for (const auto& [id, column] : used) out.push_back(column);
  return out;
}

ExprPtr OuterAsColumns(const ExprPtr& expression, const ExprIdSet& ids) {
  return TransformDown(expression, [&](const ExprPtr& node) -> ExprPtr {
    const auto* outer = As<OuterReference>(node);
    return outer != nullptr && ids.contains(To<Attribute>(outer->attribute).id) ? outer->attribute : node;
  });
}

bool IsOneEmptyRow(const PlanPtr& plan) {
  const auto* local = As<LocalRelation>(plan);
  if (local == nullptr || !local->output.empty()) return false;
  int64_t rows = 0;
  for (const Batch& batch : local->batches) rows += batch.live_rows();
  return rows == 1;
}

}  // namespace

std::vector<ExprPtr> DependentPlan::Conditions() const {
  std::vector<ExprPtr> out;
  for (size_t i = 0; i < outer.size(); ++i) out.push_back(MakeNullSafeEquals(outer[i], domain[i]));
  return out;
}

DependentPlan EvaluateForEachOuter(const PlanPtr& plan, const PlanPtr& outer_plan) {
  DependentPlan out;
  out.outer = OuterColumns(plan, outer_plan);
  for (const ExprPtr& column : out.outer) {
    bool map = column->type->is(TypeId::kMap) || column->type->is(TypeId::kVariant);
    if (map) RaiseCorrelated("a MAP or VARIANT column");
  }
  Pushed pushed = Pusher(outer_plan, out.outer).Push(plan);
  out.plan = pushed.plan;
  for (const ExprPtr& column : out.outer) out.domain.push_back(pushed.domain.at(To<Attribute>(column).id));
  return out;
}

PlanPtr ChainLateral(const Join& join) {
  const bool inner = join.type == JoinType::kInner || join.type == JoinType::kCross;
  if (!inner && (join.type != JoinType::kLeft || join.condition != nullptr)) return nullptr;
  // From the right side's root down to its one row.
  std::vector<PlanPtr> chain;
  PlanPtr at = join.right;
  while (!IsOneEmptyRow(at)) {
    const bool generates = at->kind() == PlanKind::kGenerate;
    if (at->kind() != PlanKind::kProject && !generates && (at->kind() != PlanKind::kFilter || !inner)) return nullptr;
    // As Spark has it, a left row that generates nothing is dropped, also by LEFT JOIN LATERAL.
    chain.push_back(at);
    at = ChildrenOf(*at)[0];
  }
  const ExprIdSet ids = OutputIds(join.left);
  auto bind = [&](const ExprPtr& e) { return OuterAsColumns(e, ids); };
  PlanPtr plan = join.left;
  for (size_t i = chain.size(); i-- > 0;) {
    PlanPtr node = MapExpressions(MapChildren(chain[i], [&](const PlanPtr&) { return plan; }), bind);
    if (const auto* project = As<Project>(node)) {
      std::vector<ExprPtr> list = OutputOf(join.left);
      list.insert(list.end(), project->expressions.begin(), project->expressions.end());
      node = MakeProject(std::move(list), plan);
    }
    plan = node;
  }
  if (join.condition != nullptr) plan = MakeFilter(join.condition, plan);
  return MakeProject(OutputOf(std::make_shared<Join>(join)), plan);
}

// Whatever else is around the aggregates (coalesce, +) is evaluated over the values for no rows.
ExprPtr ValueWithoutRows(const ExprPtr& expression) {
  bool has_count = false;
  const ExprPtr value = TransformDown(expression, [&](const ExprPtr& node) -> ExprPtr {
    const AggregateCall* call = As<AggregateCall>(node);
    if (call == nullptr) return node;
    if (call->function == "count" || call->function == "count_if" || call->function == "approx_count_distinct") {
      has_count = true;
      return MakeLiteral(Value::Long(0));
    }
    // Those that collect give an empty list.
    if (call->type->is(TypeId::kArray) && call->function.starts_with("collect")) {
      has_count = true;
      return MakeLiteral(Value::Nested(call->type, {}));
    }
    return MakeLiteral(Value::Null(call->type));
  });
  const bool plain = As<AggregateCall>(expression) != nullptr;
  return has_count || !plain ? value : nullptr;
}

}  // namespace centella
