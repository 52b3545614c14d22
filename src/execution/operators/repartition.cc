// The nodes of repartition and coalesce: how they are planned, built, checked and shown. Rows that move go through an exchange
// (exchange.h).
#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "execution/operators/exchange.h"

namespace centella {
namespace {

struct PhysicalCoalesce final : NodeOf<PhysicalCoalesce, PhysicalPlan, PhysicalKind::kCoalesce> {
  int64_t partitions = 1;
  void VisitFields(FieldVisitor& v) override { v.Field("partitions", partitions); }
};

// coalesce(n): neighbouring partitions joined, in order, without moving rows.
class CoalesceSource final : public ChainsSource {
 public:
  CoalesceSource(Chain chain, int32_t partitions)
      : ChainsSource({std::move(chain)}), wanted_(std::max(1, partitions)) {}
  int32_t partitions() const override { return std::min(wanted_, chains_[0].source->partitions()); }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    const int64_t from = chains_[0].source->partitions();
    const int64_t to = partitions();
    for (const Morsel& morsel : chains_[0].source->Morsels()) {
      const int64_t id = static_cast<int64_t>(targets_.size());
      // Partition i of `to` takes the old ones from i * from / to to (i + 1) * from / to.
      const int32_t partition = static_cast<int32_t>(((int64_t{morsel.partition} + 1) * to - 1) / from);
      morsels.push_back({partition, id, id, morsel.rows_estimate});
      targets_.push_back({0, morsel});
    }
    return morsels;
  }

 private:
  int32_t wanted_;
};

// Without a number Spark makes spark.sql.shuffle.partitions and joins small ones afterwards: one for little data.
int64_t PartitionsWanted(const Repartition& repartition, const Planner& planner) {
  const Configuration& config = planner.context()->config;
  if (repartition.partitions > 0) return repartition.partitions;
  const bool adaptive =
      config.GetBool("spark.sql.adaptive.enabled") && config.GetBool("spark.sql.adaptive.coalescePartitions.enabled");
  return adaptive ? 1 : config.GetInt("spark.sql.shuffle.partitions");
}

Planned PlanRangePartitioning(const Repartition& repartition, Planner& planner) {
  const Planned child = planner.Plan(repartition.child);
  std::vector<ExprPtr> order;
  for (const ExprPtr& expression : repartition.expressions) {
    order.push_back(expression);
    if (As<SortOrder>(expression) != nullptr) continue;
    auto ascending = std::make_shared<SortOrder>();
    ascending->child = expression;
    ascending->type = expression->type;
    order.back() = ascending;
  }
  auto node = NewNode<PhysicalExchange>(child.output, {planner.SortOn(child, order, -1, false).plan});
  node->by_range = true;
  node->partitions = PartitionsWanted(repartition, planner);
  return {node, child.output};
}

Planned PlanRepartition(const PlanPtr& plan, Planner& planner) {
  const Repartition& repartition = To<Repartition>(plan);
  if (repartition.by_range) return PlanRangePartitioning(repartition, planner);
  const Planned child = planner.Plan(repartition.child);
  if (!repartition.shuffle) {
    auto node = NewNode<PhysicalCoalesce>(child.output, {child.plan});
    node->partitions = repartition.partitions;
    return {node, child.output};
  }
  auto node = NewNode<PhysicalExchange>(child.output, {child.plan});
  node->keys = Binder(child.output).Bind(repartition.expressions);
  node->partitions = PartitionsWanted(repartition, planner);
  return {node, child.output};
}

Built BuildExchange(const PhysicalExchange& exchange, PipelineBuilder& builder) {
  Built built = builder.Build(exchange.children[0]);
  InputColumns input(*exchange.children[0]);
  std::vector<int> keys;
  for (const ExprPtr& key : exchange.keys) keys.push_back(input.Add(key));
  builder.ProjectInput(&built, input);
  const ExchangeKind kind =
      exchange.by_range ? ExchangeKind::kRange : (keys.empty() ? ExchangeKind::kRoundRobin : ExchangeKind::kHash);
  Exchange operation(kind, static_cast<int32_t>(exchange.partitions), keys, input.types(), builder.context());
  const size_t pipeline = builder.End("exchange", std::move(built), operation.sink());
  Built result = builder.FromSource(operation.source(), {pipeline});
  if (input.needs_projection()) result.KeepFirstColumns(exchange.columns().size());
  return result;
}

Built BuildCoalesce(const PhysicalCoalesce& coalesce, PipelineBuilder& builder) {
  Built built = builder.Build(coalesce.children[0]);
  const auto partitions = static_cast<int32_t>(coalesce.partitions);
  if (built.stages.size() == 1) {
    const bool order = built.stages[0].partition_order;
    built.stages[0] = {std::make_shared<CoalesceSource>(std::move(built.stages[0]), partitions), {}, order};
    built.StopRuntimeFilters();
    return built;
  }
  // Stages can't be joined without waiting: spool them first.
  Exchange spool(ExchangeKind::kKeep, built.partitions(), {}, coalesce.types(), builder.context());
  const size_t pipeline = builder.End("coalesce", std::move(built), spool.sink());
  return builder.FromSource(std::make_shared<CoalesceSource>(Chain{spool.source(), {}, false}, partitions), {pipeline});
}

void CheckExchange(const PhysicalExchange& exchange, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(exchange);
  check.Bound(exchange, exchange.keys, input);
  check.Partitions(exchange, exchange.partitions);
  check.Width(exchange, input.size());
}

void CheckCoalesce(const PhysicalCoalesce& coalesce, const PlanCheck& check) {
  check.Width(coalesce, check.Input(coalesce).size());
  check.Partitions(coalesce, coalesce.partitions);
}

std::string LineOfExchange(const PhysicalExchange& exchange) {
  const std::string count = std::to_string(exchange.partitions);
  if (exchange.by_range) return "Exchange rangepartitioning(" + count + ")";
  if (exchange.keys.empty()) return "Exchange RoundRobinPartitioning(" + count + ")";
  return "Exchange hashpartitioning(" + NamesOf(exchange.keys) + ", " + count + ")";
}

std::string LineOfCoalesce(const PhysicalCoalesce& coalesce) {
  return "Coalesce " + std::to_string(coalesce.partitions);
}

std::vector<PhysicalPtr> SampleExchanges() {
  const PhysicalPtr rows = samples::Rows();
  auto by_hash = samples::NodeOver<PhysicalExchange>(rows->columns(), {rows});
  by_hash->partitions = 3;
  by_hash->keys = {samples::ColumnOf(rows, 1)};
  auto by_range = samples::NodeOver<PhysicalExchange>(rows->columns(), {rows});
  by_range->by_range = true;
  return {by_hash, by_range};
}

std::vector<PhysicalPtr> SampleCoalesce() {
  const PhysicalPtr rows = samples::Rows();
  auto coalesce = samples::NodeOver<PhysicalCoalesce>(rows->columns(), {rows});
  coalesce->partitions = 2;
  return {coalesce};
}

}  // namespace

OperatorDeclaration operators::DeclareExchange() {
  return OperatorOf<PhysicalExchange>()
      .Plans(PlanKind::kRepartition, PlanRepartition)
      .Builds(BuildExchange)
      .Checks(CheckExchange)
      .Shows(LineOfExchange)
      .Samples(SampleExchanges);
}

OperatorDeclaration operators::DeclareCoalesce() {
  return OperatorOf<PhysicalCoalesce>()
      .Builds(BuildCoalesce)
      .Checks(CheckCoalesce)
      .Shows(LineOfCoalesce)
      .Samples(SampleCoalesce);
}

}  // namespace centella
