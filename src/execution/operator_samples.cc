// What operators' samples are made of.
#include "execution/operator_samples.h"

#include "execution/operator_registry.h"
#include "plan/table.h"

namespace centella::samples {
namespace {

class EmptyTable final : public Table {
 public:
  explicit EmptyTable(std::string name) : name_(std::move(name)) {}
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

}  // namespace

PhysicalPtr Rows() { return DeclarationOf(PhysicalKind::kValues).samples()[0]; }

ExprPtr ColumnOf(const PhysicalPtr& plan, size_t ordinal) {
  auto column = std::make_shared<Column>();
  column->ordinal = static_cast<int64_t>(ordinal);
  column->name = plan->columns()[ordinal].name;
  column->type = plan->columns()[ordinal].type;
  return column;
}

ExprPtr OrderBy(ExprPtr expression) {
  auto order = std::make_shared<SortOrder>();
  order->type = expression->type;
  order->child = std::move(expression);
  order->ascending = false;
  return order;
}

ExprPtr SumOf(ExprPtr argument) {
  auto call = std::make_shared<AggregateCall>();
  call->function = "sum";
  call->type = types::Long();
  call->args = {std::move(argument)};
  return call;
}

TablePtr NamedTable(std::string name) { return std::make_shared<EmptyTable>(std::move(name)); }

const TableResolver& Tables() {
  static const TableResolver tables = [](std::string_view name) { return NamedTable(std::string(name)); };
  return tables;
}

std::vector<PhysicalPtr> Plans() {
  std::vector<PhysicalPtr> plans;
  for (const OperatorDeclaration& declaration : Operators()) {
    for (const PhysicalPtr& sample : declaration.samples()) plans.push_back(sample);
  }
  return plans;
}

}  // namespace centella::samples
