// The node of joins: how it is planned, built, checked and shown. Of equality keys it becomes a hash join (hash_join.h), without any
// a nested-loop join (nested_loop_join.h).
#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "execution/operators/hash_join.h"
#include "execution/operators/nested_loop_join.h"
#include "execution/operators/project_filter.h"
#include "optimizer/cardinality.h"
#include "plan/transform.h"

namespace centella {
namespace {

struct JoinKeys {
  std::vector<ExprPtr> left, right, residual;
  std::vector<int64_t> null_safe;
};

JoinKeys SplitCondition(const ExprPtr& condition, const Binder& left, const Binder& right) {
  JoinKeys keys;
  if (condition == nullptr) return keys;
  for (const ExprPtr& term : SplitConjunction(condition)) {
    const Call* call = As<Call>(term);
    const bool equality = call != nullptr && (call->function == "=" || call->function == "<=>");
    if (equality && IsDeterministic(term)) {
      ExprPtr a = call->args[0], b = call->args[1];
      if (!(left.Covers(a) && right.Covers(b))) std::swap(a, b);
      const bool uses_columns = Any(a, [](const ExprPtr& e) { return e->kind() == ExprKind::kAttribute; }) &&
                                Any(b, [](const ExprPtr& e) { return e->kind() == ExprKind::kAttribute; });
      if (uses_columns && left.Covers(a) && right.Covers(b)) {
        keys.left.push_back(left.Bind(a));
        keys.right.push_back(right.Bind(b));
        keys.null_safe.push_back(call->function == "<=>");
        continue;
      }
    }
    keys.residual.push_back(term);
  }
  return keys;
}

// Whether the left side is to be built: the smaller one by estimate, where the type allows it.
bool ChooseBuildLeft(const Join& join) {
  if (join.null_aware || join.type == JoinType::kExistence) return false;
  if (join.type == JoinType::kFull) return false;
  const double left = EstimateRows(join.left), right = EstimateRows(join.right);
  // Building is dearer than probing, and preserving build rows dearer still.
  const double bias = join.type == JoinType::kInner || join.type == JoinType::kCross ? 1.0 : 0.5;
  return left < right * bias;
}

Planned PlanJoin(const PlanPtr& plan, Planner& planner) {
  const Join& join = To<Join>(plan);
  const Planned left = planner.Plan(join.left);
  const Planned right = planner.Plan(join.right);
  const std::vector<ExprPtr> output = OutputOf(plan);
  auto node = NewNode<PhysicalJoin>(output, {left.plan, right.plan});
  node->type = join.type;
  node->null_aware = join.null_aware;
  JoinKeys keys = SplitCondition(join.condition, Binder(left.output), Binder(right.output));
  node->left_keys = keys.left;
  node->right_keys = keys.right;
  node->null_safe = keys.null_safe;
  std::vector<ExprPtr> both = left.output;
  both.insert(both.end(), right.output.begin(), right.output.end());
  if (!keys.residual.empty()) node->residual = Binder(both).Bind(Conjunction(keys.residual));
  if (!keys.left.empty()) node->build_left = ChooseBuildLeft(join);
  node->left_output = AllOrdinals(left.output.size());
  const bool right_too =
      join.type != JoinType::kLeftSemi && join.type != JoinType::kLeftAnti && join.type != JoinType::kExistence;
  if (right_too) node->right_output = AllOrdinals(right.output.size());
  return {node, output};
}

// The side's columns, then its computed keys.
std::vector<int> AddKeys(const std::vector<ExprPtr>& keys, InputColumns* input) {
  std::vector<int> columns;
  for (const ExprPtr& key : keys) columns.push_back(input->Add(key));
  return columns;
}

ExprPtr ShiftColumns(const ExprPtr& expression, size_t from, size_t to) {
  if (from == to) return expression;
  return TransformUp(expression, [&](const ExprPtr& node) -> ExprPtr {
    const Column* column = As<Column>(node);
    if (column == nullptr || column->ordinal < static_cast<int64_t>(from)) return node;
    auto shifted = std::static_pointer_cast<Column>(node->Clone());
    shifted->ordinal += static_cast<int64_t>(to - from);
    return shifted;
  });
}

// Lets the scan below the probe side leave out rows whose key the build side doesn't have. A filter passes through an
// aggregation by that key too (its groups would find no match), which then waits for the build side.
void AddRuntimeFilters(const PhysicalJoin& join, HashJoin& operation, size_t build_pipeline, Built* probe,
                       PipelineBuilder& builder) {
  if (probe->scan == nullptr) return;
  const std::vector<ExprPtr>& keys = join.build_left ? join.right_keys : join.left_keys;
  bool added = false;
  for (size_t k = 0; k < keys.size(); ++k) {
    const Column* column = As<Column>(keys[k]);
    if (column == nullptr || static_cast<size_t>(column->ordinal) >= probe->scan_columns.size()) continue;
    const int scan_column = probe->scan_columns[column->ordinal];
    if (scan_column < 0) continue;
    std::shared_ptr<const RuntimeFilter> filter = operation.runtime_filter(k);
    if (filter == nullptr) continue;
    probe->scan->AddRuntimeFilter(scan_column, std::move(filter));
    added = true;
  }
  if (!added) return;
  for (size_t pipeline : probe->scan_pipelines) builder.RunBefore(build_pipeline, pipeline);
}

// Scan columns of the join's output: those of the probe side go on.
std::vector<int> JoinLineage(const PhysicalJoin& join, const std::vector<int>& probe) {
  std::vector<int> lineage(join.columns().size(), -1);
  const std::vector<int64_t>& kept = join.build_left ? join.right_output : join.left_output;
  const size_t first = join.build_left ? join.left_output.size() : 0;
  for (size_t i = 0; i < kept.size() && first + i < lineage.size(); ++i) {
    if (static_cast<size_t>(kept[i]) < probe.size()) lineage[first + i] = probe[kept[i]];
  }
  return lineage;
}

Built BuildHashJoin(const PhysicalJoin& join, PipelineBuilder& builder) {
  HashJoinSpec spec;
  spec.type = join.type;
  spec.build_left = join.build_left;
  spec.null_aware_anti = join.null_aware;
  InputColumns left_input(*join.children[0]), right_input(*join.children[1]);
  spec.left_keys = AddKeys(join.left_keys, &left_input);
  spec.right_keys = AddKeys(join.right_keys, &right_input);
  for (int64_t null_safe : join.null_safe) spec.null_safe.push_back(null_safe != 0);
  spec.left_types = left_input.types();
  spec.right_types = right_input.types();
  spec.left_output = Positions(join.left_output);
  spec.right_output = Positions(join.right_output);
  if (join.residual != nullptr) {
    // Bound to left columns, then right columns; computed keys of the left lie between them.
    spec.residual = builder.Compile(
        {ShiftColumns(join.residual, join.children[0]->columns().size(), left_input.expressions().size())});
  }
  auto operation = std::make_shared<HashJoin>(std::move(spec), builder.context());
  const InputColumns& build_input = join.build_left ? left_input : right_input;
  const InputColumns& probe_input = join.build_left ? right_input : left_input;
  Built build = builder.Build(join.children[join.build_left ? 0 : 1]);
  builder.ProjectInput(&build, build_input);
  const size_t build_pipeline = builder.End("join build", std::move(build), operation->build_sink());
  Built probe = builder.Build(join.children[join.build_left ? 1 : 0]);
  builder.ProjectInput(&probe, probe_input);
  AddRuntimeFilters(join, *operation, build_pipeline, &probe, builder);
  probe.Append(operation->probe());
  probe.depends_on.push_back(build_pipeline);
  probe.stages.push_back({operation->remainder_source(), {}, false});
  probe.scan_columns = JoinLineage(join, probe.scan_columns);
  return probe;
}

ExprPtr ExchangeSides(const PhysicalJoin& join) {
  const int64_t left = static_cast<int64_t>(join.children[0]->columns().size());
  const int64_t right = static_cast<int64_t>(join.children[1]->columns().size());
  return TransformUp(join.residual, [&](const ExprPtr& node) -> ExprPtr {
    if (As<Column>(node) == nullptr) return node;
    auto moved = std::static_pointer_cast<Column>(node->Clone());
    moved->ordinal = moved->ordinal < left ? moved->ordinal + right : moved->ordinal - left;
    return moved;
  });
}

Built BuildNestedLoop(const PhysicalJoin& join, PipelineBuilder& builder) {
  // RIGHT JOIN is LEFT JOIN with the sides exchanged, and the output put back in order.
  const bool exchanged = join.type == JoinType::kRight;
  const PhysicalPtr& left = join.children[exchanged ? 1 : 0];
  const PhysicalPtr& right = join.children[exchanged ? 0 : 1];
  NestedLoopJoinSpec spec;
  spec.type = exchanged ? JoinType::kLeft : join.type;
  spec.left_types = left->types();
  spec.right_types = right->types();
  spec.left_output = Positions(exchanged ? join.right_output : join.left_output);
  spec.right_output = Positions(exchanged ? join.left_output : join.right_output);
  if (join.residual != nullptr) {
    spec.condition = builder.Compile({exchanged ? ExchangeSides(join) : join.residual});
  }
  const size_t left_count = spec.left_output.size(), right_count = spec.right_output.size();
  NestedLoopJoin operation(std::move(spec), builder.context());
  const size_t build = builder.End("join build", builder.Build(right), operation.build_sink());
  Built probe = builder.Build(left);
  probe.Append(operation.probe());
  probe.depends_on.push_back(build);
  if (operation.has_remainder()) probe.stages.push_back({operation.remainder_source(), {}, false});
  probe.scan_columns.clear();
  if (exchanged) {
    std::vector<int> order;
    for (size_t i = 0; i < right_count; ++i) order.push_back(static_cast<int>(left_count + i));
    for (size_t i = 0; i < left_count; ++i) order.push_back(static_cast<int>(i));
    probe.Append(MakeColumnSelection(std::move(order)));
  }
  return probe;
}

Built BuildJoin(const PhysicalJoin& join, PipelineBuilder& builder) {
  return join.left_keys.empty() ? BuildNestedLoop(join, builder) : BuildHashJoin(join, builder);
}

void CheckJoin(const PhysicalJoin& join, const PlanCheck& check) {
  check.Children(join, 2);
  const std::vector<TypePtr> left = join.children[0]->types(), right = join.children[1]->types();
  check.Demand(join.left_keys.size() == join.right_keys.size() && join.left_keys.size() == join.null_safe.size(), join,
               "has keys that don't pair");
  check.Bound(join, join.left_keys, left);
  check.Bound(join, join.right_keys, right);
  for (size_t k = 0; k < join.left_keys.size(); ++k) {
    check.Demand(join.left_keys[k]->type->physical() == join.right_keys[k]->type->physical(), join,
                 "has keys that don't pair");
  }
  std::vector<TypePtr> both = left;
  both.insert(both.end(), right.begin(), right.end());
  if (join.residual != nullptr) check.Bound(join, join.residual, both);
  check.Demand(join.type >= JoinType::kInner && join.type <= JoinType::kExistence, join, "is of no type there is");
  check.Ordinals(join, join.left_output, left.size());
  check.Ordinals(join, join.right_output, right.size());
  check.Width(join, join.left_output.size() + join.right_output.size() + (join.type == JoinType::kExistence ? 1 : 0));
}

std::string JoinTypeName(JoinType type) {
  switch (type) {
    case JoinType::kInner: return "Inner";
    case JoinType::kCross: return "Cross";
    case JoinType::kLeft: return "LeftOuter";
    case JoinType::kRight: return "RightOuter";
    case JoinType::kFull: return "FullOuter";
    case JoinType::kLeftSemi: return "LeftSemi";
    case JoinType::kLeftAnti: return "LeftAnti";
    case JoinType::kExistence: return "ExistenceJoin";
  }
  return "";
}

std::string LineOf(const PhysicalJoin& join) {
  const std::string condition = join.residual != nullptr ? ", " + ColumnNameOf(join.residual) : "";
  if (join.left_keys.empty()) return "NestedLoopJoin " + JoinTypeName(join.type) + ", BuildRight" + condition;
  return "HashJoin " + NamesOf(join.left_keys) + ", " + NamesOf(join.right_keys) + ", " + JoinTypeName(join.type) +
         (join.build_left ? ", BuildLeft" : ", BuildRight") + condition;
}

PhysicalPtr SampleOf(JoinType type, bool build_left) {
  const PhysicalPtr rows = samples::Rows();
  auto node = samples::NodeOver<PhysicalJoin>({rows->columns()[0], rows->columns()[0]}, {rows, rows});
  node->type = type;
  node->left_keys = {samples::ColumnOf(rows, 0)};
  node->right_keys = {samples::ColumnOf(rows, 0)};
  node->null_safe = {1};
  node->left_output = {0};
  node->right_output = {0};
  node->build_left = build_left;
  return node;
}

std::vector<PhysicalPtr> SampleJoins() {
  auto nested = std::static_pointer_cast<PhysicalJoin>(SampleOf(JoinType::kLeft, false)->Clone());
  nested->left_keys.clear();
  nested->right_keys.clear();
  nested->null_safe.clear();
  const PhysicalPtr rows = samples::Rows();
  nested->residual = MakeCall("<", {samples::ColumnOf(rows, 0), MakeLiteral(Value::Long(1))}, types::Boolean(), true);
  auto anti = std::static_pointer_cast<PhysicalJoin>(SampleOf(JoinType::kLeftAnti, false)->Clone());
  anti->schema = types::Struct({rows->columns()[0]});
  anti->right_output.clear();
  anti->null_safe = {0};
  anti->null_aware = true;
  return {SampleOf(JoinType::kInner, true), SampleOf(JoinType::kFull, false), nested, anti};
}

}  // namespace

OperatorDeclaration operators::DeclareJoin() {
  return OperatorOf<PhysicalJoin>()
      .Plans(PlanKind::kJoin, PlanJoin)
      .Builds(BuildJoin)
      .Checks(CheckJoin)
      .Shows(LineOf)
      .Samples(SampleJoins);
}

}  // namespace centella
