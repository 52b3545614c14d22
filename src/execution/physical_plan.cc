// Printing of physical plans, as explain shows them.
#include "execution/physical_plan.h"

namespace centella {
namespace {

std::string List(const std::vector<ExprPtr>& expressions) {
  std::string text = "[";
  for (size_t i = 0; i < expressions.size(); ++i) text += (i > 0 ? ", " : "") + ColumnNameOf(expressions[i]);
  return text + "]";
}

std::string Names(const PhysicalPlan& plan) {
  std::string text = "[";
  for (size_t i = 0; i < plan.columns().size(); ++i) text += (i > 0 ? ", " : "") + plan.columns()[i].name;
  return text + "]";
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

std::string JoinLine(const PhysicalJoin& join) {
  const std::string condition = join.residual != nullptr ? ", " + ColumnNameOf(join.residual) : "";
  if (join.left_keys.empty()) return "NestedLoopJoin " + JoinTypeName(join.type) + ", BuildRight" + condition;
  return "HashJoin " + List(join.left_keys) + ", " + List(join.right_keys) + ", " + JoinTypeName(join.type) +
         (join.build_left ? ", BuildLeft" : ", BuildRight") + condition;
}

std::string SortLine(const PhysicalSort& sort) {
  const std::string offset = sort.offset > 0 ? " Offset " + std::to_string(sort.offset) : "";
  if (sort.limit >= 0) return "TopN " + std::to_string(sort.limit) + " " + List(sort.order) + offset;
  return "Sort " + List(sort.order) + (sort.per_partition ? ", false" : ", true") + offset;
}

std::string LimitLine(const PhysicalLimit& limit) {
  std::string text = limit.tail ? "Tail " : "Limit ";
  text += std::to_string(limit.limit);
  if (limit.offset > 0) text += " Offset " + std::to_string(limit.offset);
  return text;
}

std::string ScanLine(const PhysicalScan& scan) {
  std::string text = "Scan " + scan.table->format() + " " + Names(scan) + " " + scan.table->description();
  if (!scan.filters.empty()) text += ", PushedFilters: " + List(scan.filters);
  return text;
}

std::string ExchangeLine(const PhysicalExchange& exchange) {
  const std::string count = std::to_string(exchange.partitions);
  if (exchange.by_range) return "Exchange rangepartitioning(" + count + ")";
  if (exchange.keys.empty()) return "Exchange RoundRobinPartitioning(" + count + ")";
  return "Exchange hashpartitioning(" + List(exchange.keys) + ", " + count + ")";
}

std::string Line(const PhysicalPtr& plan) {
  switch (plan->kind()) {
    case PhysicalKind::kValues: return "LocalTableScan " + Names(*plan);
    case PhysicalKind::kRange: {
      const auto& range = To<PhysicalRange>(plan);
      return "Range (" + std::to_string(range.start) + ", " + std::to_string(range.end) +
             ", step=" + std::to_string(range.step) + ", splits=" + std::to_string(range.partitions) + ")";
    }
    case PhysicalKind::kScan: return ScanLine(To<PhysicalScan>(plan));
    case PhysicalKind::kFilter: return "Filter " + ColumnNameOf(To<PhysicalFilter>(plan).condition);
    case PhysicalKind::kProject: return "Project " + List(To<PhysicalProject>(plan).expressions);
    case PhysicalKind::kExpand: return "Expand " + Names(*plan);
    case PhysicalKind::kGenerate: return "Generate " + ColumnNameOf(To<PhysicalGenerate>(plan).generator);
    case PhysicalKind::kAggregate: {
      const auto& aggregate = To<PhysicalAggregate>(plan);
      const char* phases[] = {"", "Partial", "Final"};
      return phases[static_cast<int>(aggregate.phase)] + ("HashAggregate(keys=" + List(aggregate.grouping)) +
             ", functions=" + List(aggregate.aggregates) + ")";
    }
    case PhysicalKind::kJoin: return JoinLine(To<PhysicalJoin>(plan));
    case PhysicalKind::kSort: return SortLine(To<PhysicalSort>(plan));
    case PhysicalKind::kLimit: return LimitLine(To<PhysicalLimit>(plan));
    case PhysicalKind::kWindow: return "Window " + List(To<PhysicalWindow>(plan).functions);
    case PhysicalKind::kUnion: return "Union";
    case PhysicalKind::kExchange: return ExchangeLine(To<PhysicalExchange>(plan));
    case PhysicalKind::kCoalesce: return "Coalesce " + std::to_string(To<PhysicalCoalesce>(plan).partitions);
    case PhysicalKind::kSpool: return "Spool #" + std::to_string(To<PhysicalSpool>(plan).id);
    case PhysicalKind::kSpoolRead: return "ReadSpool #" + std::to_string(To<PhysicalSpoolRead>(plan).id);
    case PhysicalKind::kInput: return "ReadFragment " + std::to_string(To<PhysicalInput>(plan).fragment);
  }
  return "";
}

// As Spark draws trees: "+- " for the last child, ":- " for others.
void Print(const PhysicalPtr& plan, const std::string& first, const std::string& rest, std::string* out) {
  *out += first + Line(plan) + "\n";
  for (size_t i = 0; i < plan->children.size(); ++i) {
    const bool last = i + 1 == plan->children.size();
    Print(plan->children[i], rest + (last ? "+- " : ":- "), rest + (last ? "   " : ":  "), out);
  }
}

}  // namespace

std::string PhysicalPlanString(const PhysicalPtr& plan) {
  std::string text;
  Print(plan, "", "", &text);
  return text;
}

}  // namespace centella
