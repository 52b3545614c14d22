// Physical plans: what runs. Plain data like logical plans (plan/node.h): printed, compared, serialised, cut at exchanges.
// Here are the nodes that several files look into; each other one stands in its operator's file (operator_registry.h).
//
// Expressions are bound: Column(ordinal) of the child's output. `types` and `names` describe a node's output columns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plan/expression.h"
#include "plan/logical_plan.h"
#include "plan/node.h"

namespace centella {

// One for each line of operators.def.
enum class PhysicalKind : uint8_t {
#define CENTELLA_OPERATOR(name) k##name,
#include "execution/operators.def"
#undef CENTELLA_OPERATOR
};

struct PhysicalPlan {
  virtual ~PhysicalPlan() = default;
  virtual PhysicalKind kind() const = 0;
  virtual std::shared_ptr<PhysicalPlan> Clone() const = 0;
  virtual void VisitFields(FieldVisitor& v) = 0;
  void VisitAll(FieldVisitor& v) {
    v.Field("schema", schema);
    VisitFields(v);
  }
  const std::vector<StructField>& columns() const { return schema->fields(); }
  std::vector<TypePtr> types() const {
    std::vector<TypePtr> result;
    for (const StructField& field : schema->fields()) result.push_back(field.type);
    return result;
  }

  TypePtr schema;  // struct of the output columns
  std::vector<std::shared_ptr<const PhysicalPlan>> children;
};
using PhysicalPtr = std::shared_ptr<const PhysicalPlan>;

// Output: the table's fields `fields`; `filters` over the output, applied by the scan or after it.
struct PhysicalScan final : NodeOf<PhysicalScan, PhysicalPlan, PhysicalKind::kScan> {
  TablePtr table;
  std::vector<int64_t> fields;
  std::vector<ExprPtr> filters;
  int64_t limit = -1;
  void VisitFields(FieldVisitor& v) override {
    v.Field("table", table);
    v.Field("fields", fields);
    v.Field("filters", filters);
    v.Field("limit", limit);
  }
};

struct PhysicalFilter final : NodeOf<PhysicalFilter, PhysicalPlan, PhysicalKind::kFilter> {
  ExprPtr condition;
  void VisitFields(FieldVisitor& v) override { v.Field("condition", condition); }
};

struct PhysicalProject final : NodeOf<PhysicalProject, PhysicalPlan, PhysicalKind::kProject> {
  std::vector<ExprPtr> expressions;
  void VisitFields(FieldVisitor& v) override { v.Field("expressions", expressions); }
};

// A grouping at once, or cut in two: kPartial groups each morsel by itself and gives states, kFinal merges those.
enum class AggregatePhase : uint8_t { kWhole, kPartial, kFinal };

// Output: grouping columns, then one result per AggregateCall. Of kPartial: what HashAggregate::partial_source gives; of
// kFinal the child gives that, while the expressions are still those over the partial phase's input.
struct PhysicalAggregate final : NodeOf<PhysicalAggregate, PhysicalPlan, PhysicalKind::kAggregate> {
  std::vector<ExprPtr> grouping;
  std::vector<ExprPtr> aggregates;
  AggregatePhase phase = AggregatePhase::kWhole;
  void VisitFields(FieldVisitor& v) override {
    v.Field("grouping", grouping);
    v.Field("aggregates", aggregates);
    v.EnumField("phase", phase);
  }
};

// Equality keys pairwise (none: a nested-loop join). `residual` over left columns, then right columns. Output:
// left_output of the left, right_output of the right, then the existence flag.
struct PhysicalJoin final : NodeOf<PhysicalJoin, PhysicalPlan, PhysicalKind::kJoin> {
  JoinType type = JoinType::kInner;
  std::vector<ExprPtr> left_keys, right_keys;
  std::vector<int64_t> null_safe;
  ExprPtr residual;
  std::vector<int64_t> left_output, right_output;
  bool build_left = false;
  bool null_aware = false;
  void VisitFields(FieldVisitor& v) override {
    v.EnumField("type", type);
    v.Field("left_keys", left_keys);
    v.Field("right_keys", right_keys);
    v.Field("null_safe", null_safe);
    v.Field("residual", residual);
    v.Field("left_output", left_output);
    v.Field("right_output", right_output);
    v.Field("build_left", build_left);
    v.Field("null_aware", null_aware);
  }
};

struct PhysicalSort final : NodeOf<PhysicalSort, PhysicalPlan, PhysicalKind::kSort> {
  std::vector<ExprPtr> order;
  int64_t limit = -1;  // of the sorted rows only so many are wanted,
  int64_t offset = 0;  // and of those not the first ones
  bool per_partition = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("order", order);
    v.Field("limit", limit);
    v.Field("offset", offset);
    v.Field("per_partition", per_partition);
  }
};

struct PhysicalExchange final : NodeOf<PhysicalExchange, PhysicalPlan, PhysicalKind::kExchange> {
  bool by_range = false;
  int64_t partitions = 1;
  std::vector<ExprPtr> keys;  // none: in turn
  void VisitFields(FieldVisitor& v) override {
    v.Field("by_range", by_range);
    v.Field("partitions", partitions);
    v.Field("keys", keys);
  }
};

// children: definition of shared subplan `id`, then the plan that uses it (PhysicalSpoolRead). Output is the latter's.
struct PhysicalSpool final : NodeOf<PhysicalSpool, PhysicalPlan, PhysicalKind::kSpool> {
  int64_t id = 0;
  void VisitFields(FieldVisitor& v) override { v.Field("id", id); }
};
struct PhysicalSpoolRead final : NodeOf<PhysicalSpoolRead, PhysicalPlan, PhysicalKind::kSpoolRead> {
  int64_t id = 0;
  void VisitFields(FieldVisitor& v) override { v.Field("id", id); }
};

// The rows of another fragment of the plan (execution/fragment.h), in its order; `partitions` are that one's.
struct PhysicalInput final : NodeOf<PhysicalInput, PhysicalPlan, PhysicalKind::kInput> {
  int64_t fragment = 0;
  int64_t partitions = 1;
  void VisitFields(FieldVisitor& v) override {
    v.Field("fragment", fragment);
    v.Field("partitions", partitions);
  }
};

// Logical to physical. `plan` is resolved and optimised.
PhysicalPtr MakePhysicalPlan(const PlanPtr& plan, const QueryContextPtr& context);
// An indented tree, one node a line, as `explain` shows it.
std::string PhysicalPlanString(const PhysicalPtr& plan);

}  // namespace centella
