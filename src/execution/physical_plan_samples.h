// One small physical plan of every node kind, for the tests and the fuzzer of plans as bytes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "execution/physical_nodes.h"
#include "plan/table.h"

namespace centella::samples {

// A table of no rows that is known by its name.
class NamedTable final : public Table {
 public:
  explicit NamedTable(std::string name) : name_(std::move(name)) {}
  std::string format() const override { return "test"; }
  std::string description() const override { return name_; }
  const TypePtr& schema() const override { return schema_; }
  const Statistics& statistics() const override { return statistics_; }
  std::unique_ptr<Scan> NewScan(const ScanRequest& request, const QueryContextPtr&) const override {
    return std::make_unique<EmptyScan>(request.filters.size());
  }
  std::string Identity() const override { return name_; }

 private:
  class EmptyScan final : public Scan {
   public:
    explicit EmptyScan(size_t filters) : filters_(filters) {}
    std::vector<bool> exact_filters() const override { return std::vector<bool>(filters_, false); }
    int32_t partitions() const override { return 1; }
    std::vector<Morsel> Morsels() override { return {}; }
    std::unique_ptr<MorselReader> Open(
        const Morsel&, const QueryContextPtr&,
        const std::vector<std::pair<int, std::shared_ptr<const RuntimeFilter>>>&) override {
      return nullptr;
    }

   private:
    size_t filters_;
  };

  std::string name_;
  TypePtr schema_ = types::Struct({{"id", types::Long(), true, ""}, {"name", types::String(), true, ""}});
  Statistics statistics_;
};

inline const TableResolver& Tables() {
  static const TableResolver tables = [](std::string_view name) -> TablePtr {
    return std::make_shared<NamedTable>(std::string(name));
  };
  return tables;
}

inline ExprPtr ColumnOf(const PhysicalPtr& plan, size_t ordinal) {
  auto column = std::make_shared<Column>();
  column->ordinal = static_cast<int64_t>(ordinal);
  column->name = plan->columns()[ordinal].name;
  column->type = plan->columns()[ordinal].type;
  return column;
}

inline ExprPtr OrderBy(ExprPtr expression) {
  auto order = std::make_shared<SortOrder>();
  order->type = expression->type;
  order->child = std::move(expression);
  order->ascending = false;
  return order;
}

inline ExprPtr SumOf(ExprPtr argument) {
  auto call = std::make_shared<AggregateCall>();
  call->function = "sum";
  call->type = types::Long();
  call->args = {std::move(argument)};
  return call;
}

template <typename Node>
std::shared_ptr<Node> NodeOver(std::vector<StructField> fields, std::vector<PhysicalPtr> children) {
  auto node = std::make_shared<Node>();
  node->schema = types::Struct(std::move(fields));
  node->children = std::move(children);
  return node;
}

// (id bigint, name string): two partitions.
inline PhysicalPtr Values() {
  auto node =
      NodeOver<PhysicalValues>({{"id", types::Long(), true, ""}, {"name", types::String(), true, "{\"m\":1}"}}, {});
  for (int32_t partition = 0; partition < 2; ++partition) {
    Batch batch;
    batch.rows = 3;
    batch.columns = {MakeVector(types::Long(), {Value::Long(partition), Value::Null(types::Long()), Value::Long(-7)}),
                     MakeVector(types::String(), {Value::String("a"), Value::String("more than twelve bytes"),
                                                  Value::Null(types::String())})};
    batch.place = {partition, partition};
    node->batches.push_back(batch);
  }
  node->partitions = 2;
  return node;
}

inline PhysicalPtr Scan() {
  auto node = NodeOver<PhysicalScan>({{"name", types::String(), true, ""}}, {});
  node->table = std::make_shared<NamedTable>("people");
  node->fields = {1};
  node->limit = 10;
  node->filters = {MakeCall("isnotnull", {ColumnOf(node, 0)}, types::Boolean(), false)};
  return node;
}

inline PhysicalPtr Join(PhysicalPtr left, PhysicalPtr right, JoinType type) {
  const auto& l = left->columns();
  const auto& r = right->columns();
  auto node = NodeOver<PhysicalJoin>({l[0], r[0]}, {left, right});
  node->type = type;
  node->left_keys = {ColumnOf(left, 0)};
  node->right_keys = {ColumnOf(right, 0)};
  node->null_safe = {1};
  node->left_output = {0};
  node->right_output = {0};
  node->build_left = true;
  return node;
}

inline PhysicalPtr WindowOver(const PhysicalPtr& child) {
  auto call = std::make_shared<WindowExpr>();
  call->function = SumOf(ColumnOf(child, 0));
  call->type = types::Long();
  call->order_by = {OrderBy(ColumnOf(child, 1))};
  call->unit = FrameUnit::kRows;
  call->lower = FrameBound::kPreceding;
  call->lower_offset = MakeLiteral(Value::Int(2));
  auto node = NodeOver<PhysicalWindow>({child->columns()[1], {"w", types::Long(), true, ""}}, {child});
  node->functions = {call};
  node->order_by = call->order_by;
  node->keep = {1};
  return node;
}

inline PhysicalPtr GenerateOver(const PhysicalPtr& child) {
  auto node = NodeOver<PhysicalGenerate>({child->columns()[0], {"col", types::String(), true, ""}}, {child});
  const TypePtr rows = types::Array(types::String());
  node->generator = MakeCall("explode", {MakeCall("array", {ColumnOf(child, 1)}, rows, false)},
                             types::Struct({{"col", types::String(), true, ""}}), true);
  node->keep = {0};
  node->outer = true;
  return node;
}

// One plan a kind, each runnable; together they have every field of every node set.
inline std::vector<PhysicalPtr> Plans() {
  const PhysicalPtr values = Values();
  const std::vector<StructField>& fields = values->columns();
  std::vector<PhysicalPtr> plans = {values, Scan(), WindowOver(values), GenerateOver(values)};
  auto range = NodeOver<PhysicalRange>({{"id", types::Long(), false, ""}}, {});
  range->end = 1000;
  range->step = 3;
  range->partitions = 4;
  plans.push_back(range);
  auto filter = NodeOver<PhysicalFilter>(fields, {values});
  filter->condition = MakeCall(">", {ColumnOf(values, 0), MakeLiteral(Value::Long(0))}, types::Boolean(), true);
  plans.push_back(filter);
  auto project = NodeOver<PhysicalProject>({{"x", types::Int(), true, ""}}, {filter});
  project->expressions = {MakeCast(ColumnOf(values, 0), types::Int(), EvalMode::kTry)};
  plans.push_back(project);
  auto expand = NodeOver<PhysicalExpand>(fields, {values});
  expand->projections = {{ColumnOf(values, 0), ColumnOf(values, 1)},
                         {ColumnOf(values, 0), MakeLiteral(Value::String("x"))}};
  plans.push_back(expand);
  auto aggregate = NodeOver<PhysicalAggregate>({fields[1], {"sum", types::Long(), true, ""}}, {expand});
  aggregate->grouping = {ColumnOf(expand, 1)};
  aggregate->aggregates = {SumOf(ColumnOf(expand, 0))};
  plans.push_back(aggregate);
  // What its partial phase gives: key, state, the columns it reads, a flag.
  auto input = NodeOver<PhysicalInput>(
      {fields[1], {"state", types::Long(), true, ""}, fields[1], fields[0], {"is_input", types::Boolean(), false, ""}},
      {});
  input->fragment = 3;
  input->partitions = 2;
  auto final_phase = std::make_shared<PhysicalAggregate>(*aggregate);
  final_phase->children = {input};
  final_phase->phase = AggregatePhase::kFinal;
  plans.push_back(final_phase);
  plans.push_back(Join(values, range, JoinType::kInner));
  plans.push_back(Join(values, values, JoinType::kFull));
  auto sort = NodeOver<PhysicalSort>(aggregate->columns(), {aggregate});
  sort->order = {OrderBy(ColumnOf(aggregate, 1))};
  sort->limit = 5;
  sort->offset = 1;
  plans.push_back(sort);
  auto limit = NodeOver<PhysicalLimit>(sort->columns(), {sort});
  limit->limit = 3;
  limit->offset = 1;
  plans.push_back(limit);
  plans.push_back(NodeOver<PhysicalUnion>(fields, {values, expand}));
  auto exchange = NodeOver<PhysicalExchange>(fields, {plans.back()});
  exchange->partitions = 3;
  exchange->keys = {ColumnOf(values, 1)};
  plans.push_back(exchange);
  auto coalesce = NodeOver<PhysicalCoalesce>(fields, {exchange});
  coalesce->partitions = 2;
  plans.push_back(coalesce);
  auto read = NodeOver<PhysicalSpoolRead>(fields, {});
  read->id = 7;
  auto spool = NodeOver<PhysicalSpool>(fields, {coalesce, read});
  spool->id = 7;
  plans.push_back(spool);
  return plans;
}

}  // namespace centella::samples
