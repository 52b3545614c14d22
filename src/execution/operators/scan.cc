// Reading tables, cached ones too: what the scan filters itself, and what is filtered after it.
#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "execution/operators/project_filter.h"

namespace centella {
namespace {

Planned PlanScan(const PlanPtr& plan, Planner&) {
  const ScanPlan& scan = To<ScanPlan>(plan);
  auto node = NewNode<PhysicalScan>(scan.output, {});
  node->table = scan.table;
  node->fields = scan.columns;
  node->filters = Binder(scan.output).Bind(scan.filters);
  node->limit = scan.limit;
  return {node, scan.output};
}

Planned PlanCached(const PlanPtr& plan, Planner&) {
  const Cached& cached = To<Cached>(plan);
  auto node = NewNode<PhysicalScan>(cached.output, {});
  node->table = cached.table;
  node->fields = AllOrdinals(cached.output.size());
  return {node, cached.output};
}

Built BuildScan(const PhysicalScan& scan, PipelineBuilder& builder) {
  ScanRequest request;
  request.columns = Positions(scan.fields);
  std::vector<ExprPtr> rest;
  for (const ExprPtr& filter : scan.filters) {
    (IsDeterministic(filter) && !CanFail(filter) ? request.filters : rest).push_back(filter);
  }
  if (scan.limit >= 0) request.limit = scan.limit;
  std::shared_ptr<Scan> opened = scan.table->NewScan(request, builder.context());
  const std::vector<bool> exact = opened->exact_filters();
  for (size_t i = 0; i < request.filters.size(); ++i) {
    if (!exact[i]) rest.push_back(request.filters[i]);
  }
  auto source = std::make_shared<ScanSource>(opened, builder.context());
  Built built = builder.FromShared(source);
  if (opened->gains_from_runtime_filters()) {
    built.scan = source;
    for (size_t i = 0; i < scan.fields.size(); ++i) built.scan_columns.push_back(static_cast<int>(i));
  }
  if (!rest.empty()) built.Append(MakeFilter(builder.Compile({Conjunction(rest)})));
  return built;
}

void CheckScan(const PhysicalScan& scan, const PlanCheck& check) {
  check.Children(scan, 0);
  check.Demand(scan.table != nullptr, scan, "has no table");
  const auto& fields = scan.table->schema()->fields();
  check.Ordinals(scan, scan.fields, fields.size());
  check.Width(scan, scan.fields.size());
  for (size_t i = 0; i < scan.fields.size(); ++i) {
    const TypePtr& type = fields[static_cast<size_t>(scan.fields[i])].type;
    check.Demand(SameTypeIgnoringNullability(*scan.columns()[i].type, *type), scan,
                 "reads " + scan.columns()[i].name + " as another type than the table's");
  }
  check.Bound(scan, scan.filters, scan.types());
}

std::string LineOf(const PhysicalScan& scan) {
  std::string text = "Scan " + scan.table->format() + " " + OutputNames(scan) + " " + scan.table->description();
  if (!scan.filters.empty()) text += ", PushedFilters: " + NamesOf(scan.filters);
  return text;
}

std::vector<PhysicalPtr> SampleScan() {
  auto node = samples::NodeOver<PhysicalScan>({{"name", types::String(), true, ""}}, {});
  node->table = samples::NamedTable("people");
  node->fields = {1};
  node->limit = 10;
  node->filters = {MakeCall("isnotnull", {samples::ColumnOf(node, 0)}, types::Boolean(), false)};
  return {node};
}

}  // namespace

OperatorDeclaration operators::DeclareScan() {
  return OperatorOf<PhysicalScan>()
      .Plans(PlanKind::kScan, PlanScan)
      .Plans(PlanKind::kCached, PlanCached)
      .Builds(BuildScan)
      .Checks(CheckScan)
      .Shows(LineOf)
      .Samples(SampleScan);
}

}  // namespace centella
