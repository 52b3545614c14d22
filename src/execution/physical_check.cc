// CheckPhysicalPlan: a plan that came as bytes is looked through before operators trust it.
#include <algorithm>
#include <set>

#include "execution/input_columns.h"
#include "execution/physical_nodes.h"
#include "functions/registry.h"
#include "plan/depth_guard.h"
#include "plan/table.h"
#include "plan/transform.h"

namespace centella {
namespace {

// More than any plan of ours has; each costs a morsel at least.
constexpr int64_t kMostPartitions = int64_t{1} << 24;

class Checker {
 public:
  void Check(const PhysicalPtr& plan) {
    DepthGuard guard;
    Demand(plan->schema != nullptr && plan->schema->is(TypeId::kStruct), *plan, "has no schema");
    if (const auto* spool = As<PhysicalSpool>(plan)) {
      Children(*plan, 2);
      Check(plan->children[0]);
      spools_.insert(spool->id);
      Check(plan->children[1]);
      return;
    }
    for (const PhysicalPtr& child : plan->children) Check(child);
    Own(plan);
  }

 private:
  [[noreturn]] static void Refuse(const PhysicalPlan& plan, const std::string& what) {
    RaiseInternal(__FILE__, __LINE__,
                  "a physical plan that can't be run: " + std::string(NameOf(plan.kind())) + " " + what);
  }
  static void Demand(bool holds, const PhysicalPlan& plan, const std::string& what) {
    if (!holds) Refuse(plan, what);
  }
  static void Children(const PhysicalPlan& plan, size_t count) {
    Demand(plan.children.size() == count, plan, "has " + std::to_string(plan.children.size()) + " children");
  }
  static void Partitions(const PhysicalPlan& plan, int64_t partitions) {
    Demand(partitions >= 1 && partitions <= kMostPartitions, plan, "has " + std::to_string(partitions) + " partitions");
  }
  static void Width(const PhysicalPlan& plan, size_t columns) {
    Demand(plan.columns().size() == columns, plan,
           "has a schema of " + std::to_string(plan.columns().size()) + " columns");
  }
  static void Ordinals(const PhysicalPlan& plan, const std::vector<int64_t>& ordinals, size_t columns) {
    for (const int64_t ordinal : ordinals) {
      Demand(ordinal >= 0 && static_cast<uint64_t>(ordinal) < columns, plan, "uses column " + std::to_string(ordinal));
    }
  }
  // Resolved, over the columns of `input`, at their types.
  static void Expressions(const PhysicalPlan& plan, const std::vector<ExprPtr>& expressions,
                          const std::vector<TypePtr>& input) {
    for (const ExprPtr& expression : expressions) Bound(plan, expression, input);
  }
  static void Bound(const PhysicalPlan& plan, const ExprPtr& expression, const std::vector<TypePtr>& input) {
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
    if (const Cast* cast = As<Cast>(expression)) {
      Demand(cast->child != nullptr && cast->target != nullptr, plan, "has a cast of nothing");
    }
    if (const SortOrder* order = As<SortOrder>(expression)) Demand(order->child != nullptr, plan, "orders by nothing");
    if (const Lambda* lambda = As<Lambda>(expression))
      Demand(lambda->body != nullptr, plan, "has a lambda without a body");
    if (const WindowExpr* window = As<WindowExpr>(expression)) {
      Demand(window->function != nullptr, plan, "has a window of nothing");
    }
    for (const ExprPtr& child : ChildrenOf(*expression)) Bound(plan, child, input);
  }
  template <typename Node>
  static void AllAre(const PhysicalPlan& plan, const std::vector<ExprPtr>& expressions) {
    for (const ExprPtr& each : expressions) {
      Demand(As<Node>(each) != nullptr, plan, "has an expression of another kind than it takes");
    }
  }
  static std::vector<TypePtr> Input(const PhysicalPlan& plan) {
    Children(plan, 1);
    return plan.children[0]->types();
  }

  void Own(const PhysicalPtr& plan);
  static void CheckScan(const PhysicalScan& scan);
  static void CheckValues(const PhysicalValues& values);
  static void CheckJoin(const PhysicalJoin& join);
  static void CheckWindow(const PhysicalWindow& window);
  static void CheckPartialRows(const PhysicalAggregate& aggregate, const PhysicalPlan& rows);
  static void CheckAggregate(const PhysicalAggregate& aggregate);
  static void CheckGenerate(const PhysicalGenerate& generate);
  static void CheckUnary(const PhysicalPtr& plan);

  std::set<int64_t> spools_;  // defined so far
};

void Checker::CheckScan(const PhysicalScan& scan) {
  Children(scan, 0);
  Demand(scan.table != nullptr, scan, "has no table");
  const auto& fields = scan.table->schema()->fields();
  Ordinals(scan, scan.fields, fields.size());
  Width(scan, scan.fields.size());
  for (size_t i = 0; i < scan.fields.size(); ++i) {
    Demand(SameTypeIgnoringNullability(*scan.columns()[i].type, *fields[static_cast<size_t>(scan.fields[i])].type),
           scan, "reads " + scan.columns()[i].name + " as another type than the table's");
  }
  Expressions(scan, scan.filters, scan.types());
}

void Checker::CheckValues(const PhysicalValues& values) {
  Children(values, 0);
  Partitions(values, values.partitions);
  for (const Batch& batch : values.batches) {
    Demand(batch.place.partition >= 0 && batch.place.partition < values.partitions, values,
           "has rows beyond its partitions");
    Width(values, batch.columns.size());
  }
}

void Checker::CheckJoin(const PhysicalJoin& join) {
  Children(join, 2);
  const std::vector<TypePtr> left = join.children[0]->types(), right = join.children[1]->types();
  Demand(join.left_keys.size() == join.right_keys.size() && join.left_keys.size() == join.null_safe.size(), join,
         "has keys that don't pair");
  Expressions(join, join.left_keys, left);
  Expressions(join, join.right_keys, right);
  for (size_t k = 0; k < join.left_keys.size(); ++k) {
    Demand(join.left_keys[k]->type->physical() == join.right_keys[k]->type->physical(), join,
           "has keys that don't pair");
  }
  std::vector<TypePtr> both = left;
  both.insert(both.end(), right.begin(), right.end());
  if (join.residual != nullptr) Bound(join, join.residual, both);
  Demand(join.type >= JoinType::kInner && join.type <= JoinType::kExistence, join, "is of no type there is");
  Ordinals(join, join.left_output, left.size());
  Ordinals(join, join.right_output, right.size());
  Width(join, join.left_output.size() + join.right_output.size() + (join.type == JoinType::kExistence ? 1 : 0));
}

void Checker::CheckWindow(const PhysicalWindow& window) {
  const std::vector<TypePtr> input = Input(window);
  AllAre<WindowExpr>(window, window.functions);
  AllAre<SortOrder>(window, window.order_by);
  Expressions(window, window.functions, input);
  Expressions(window, window.partition_by, input);
  Expressions(window, window.order_by, input);
  Ordinals(window, window.keep, input.size());
  Width(window, window.keep.size() + window.functions.size());
}

void Checker::CheckGenerate(const PhysicalGenerate& generate) {
  const std::vector<TypePtr> input = Input(generate);
  AllAre<Call>(generate, {generate.generator});
  Expressions(generate, {generate.generator}, input);
  Ordinals(generate, generate.keep, input.size());
  Demand(generate.columns().size() >= generate.keep.size(), generate, "has a schema narrower than what it keeps");
}

// Keys and states, then the columns that the calls read, then a flag: between the phases of an aggregation.
void Checker::CheckPartialRows(const PhysicalAggregate& aggregate, const PhysicalPlan& rows) {
  InputColumns input;
  for (const ExprPtr& key : aggregate.grouping) {
    Demand(key != nullptr && key->type != nullptr, aggregate, "has a key without a type");
    input.Add(key);
  }
  for (const ExprPtr& expression : aggregate.aggregates) {
    const AggregateCall& call = To<AggregateCall>(expression);
    std::vector<ExprPtr> read = call.args;
    if (call.filter != nullptr) read.push_back(call.filter);
    for (const ExprPtr& each : read) {
      Demand(each != nullptr && each->type != nullptr, aggregate, "has an argument without a type");
      input.Add(each);
    }
  }
  const size_t groups = aggregate.grouping.size() + aggregate.aggregates.size();
  const std::vector<TypePtr> given = rows.types(), wanted = input.types();
  Demand(given.size() == groups + wanted.size() + 1 && given.back()->is(TypeId::kBoolean), aggregate,
         "merges something else than what a partial aggregation gives");
  for (size_t i = 0; i < wanted.size(); ++i) {
    Demand(SameTypeIgnoringNullability(*given[groups + i], *wanted[i]), aggregate, "merges columns of other types");
  }
}

void Checker::CheckAggregate(const PhysicalAggregate& aggregate) {
  const std::vector<TypePtr> input = Input(aggregate);
  AllAre<AggregateCall>(aggregate, aggregate.aggregates);
  Demand(aggregate.phase <= AggregatePhase::kFinal, aggregate, "is in no phase there is");
  if (aggregate.phase == AggregatePhase::kFinal) {
    CheckPartialRows(aggregate, *aggregate.children[0]);
  } else {
    Expressions(aggregate, aggregate.grouping, input);
    Expressions(aggregate, aggregate.aggregates, input);
  }
  if (aggregate.phase == AggregatePhase::kPartial) return CheckPartialRows(aggregate, aggregate);
  Width(aggregate, aggregate.grouping.size() + aggregate.aggregates.size());
}

// What has one child and little else.
void Checker::CheckUnary(const PhysicalPtr& plan) {
  const std::vector<TypePtr> input = Input(*plan);
  if (const auto* filter = As<PhysicalFilter>(plan)) {
    Expressions(*plan, {filter->condition}, input);
    Demand(filter->condition->type->is(TypeId::kBoolean), *plan, "has a condition that isn't one");
  } else if (const auto* project = As<PhysicalProject>(plan)) {
    Expressions(*plan, project->expressions, input);
    return Width(*plan, project->expressions.size());
  } else if (const auto* aggregate = As<PhysicalAggregate>(plan)) {
    return CheckAggregate(*aggregate);
  } else if (const auto* expand = As<PhysicalExpand>(plan)) {
    for (const auto& projection : expand->projections) {
      Expressions(*plan, projection, input);
      Width(*plan, projection.size());
    }
    return;
  } else if (const auto* sort = As<PhysicalSort>(plan)) {
    AllAre<SortOrder>(*plan, sort->order);
    Expressions(*plan, sort->order, input);
  } else if (const auto* exchange = As<PhysicalExchange>(plan)) {
    Expressions(*plan, exchange->keys, input);
    Partitions(*plan, exchange->partitions);
  } else if (const auto* coalesce = As<PhysicalCoalesce>(plan)) {
    Partitions(*plan, coalesce->partitions);
  }
  Width(*plan, input.size());
}

void Checker::Own(const PhysicalPtr& plan) {
  switch (plan->kind()) {
    case PhysicalKind::kValues: return CheckValues(To<PhysicalValues>(plan));
    case PhysicalKind::kRange:
      Children(*plan, 0);
      Demand(To<PhysicalRange>(plan).step != 0, *plan, "has a step of 0");
      Partitions(*plan, To<PhysicalRange>(plan).partitions);
      return Width(*plan, 1);
    case PhysicalKind::kScan: return CheckScan(To<PhysicalScan>(plan));
    case PhysicalKind::kJoin: return CheckJoin(To<PhysicalJoin>(plan));
    case PhysicalKind::kWindow: return CheckWindow(To<PhysicalWindow>(plan));
    case PhysicalKind::kGenerate: return CheckGenerate(To<PhysicalGenerate>(plan));
    case PhysicalKind::kUnion:
      Demand(!plan->children.empty(), *plan, "has no children");
      for (const PhysicalPtr& child : plan->children) Width(*plan, child->columns().size());
      return;
    case PhysicalKind::kSpoolRead:
      Children(*plan, 0);
      return Demand(spools_.contains(To<PhysicalSpoolRead>(plan).id), *plan, "reads a subplan that isn't defined");
    case PhysicalKind::kSpool: return;
    case PhysicalKind::kInput: Children(*plan, 0); return Partitions(*plan, To<PhysicalInput>(plan).partitions);
    default: return CheckUnary(plan);
  }
}

}  // namespace

void CheckPhysicalPlan(const PhysicalPtr& plan) { Checker().Check(plan); }

}  // namespace centella
