// How many rows a plan gives, by estimate.
#include "optimizer/cardinality.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "optimizer/attributes.h"
#include "plan/transform.h"

namespace centella {
namespace {

constexpr double kUnknownTableRows = 100000;
constexpr double kEquality = 0.05;  // without a distinct count
constexpr double kRange = 0.3;
constexpr double kLike = 0.1;
constexpr double kOther = 0.25;

// What is known of a column by its table's statistics.
struct ColumnFacts {
  const ColumnStatistics* statistics = nullptr;
  double table_rows = kUnknownTableRows;
};

double TableRows(const ScanPlan& scan) {
  const Statistics& statistics = scan.table->statistics();
  if (statistics.rows.has_value()) return std::max<double>(1, static_cast<double>(*statistics.rows));
  if (statistics.bytes.has_value()) return std::max<double>(1, static_cast<double>(*statistics.bytes) / 50);
  return kUnknownTableRows;
}

// Follows a column down to the scan it comes from.
ColumnFacts FactsOf(const PlanPtr& plan, ExprId column) {
  if (const ScanPlan* scan = As<ScanPlan>(plan)) {
    for (size_t i = 0; i < scan->output.size(); ++i) {
      const Attribute& attribute = To<Attribute>(scan->output[i]);
      if (attribute.id != column) continue;
      const auto& columns = scan->table->statistics().columns;
      const auto found = columns.find(attribute.name);
      return {found == columns.end() ? nullptr : &found->second, TableRows(*scan)};
    }
    return {};
  }
  if (const Project* project = As<Project>(plan)) {
    for (const ExprPtr& expression : project->expressions) {
      const Alias* alias = As<Alias>(expression);
      if (alias == nullptr || alias->id != column) continue;
      const Attribute* source = As<Attribute>(alias->child);
      return source != nullptr ? FactsOf(project->child, source->id) : ColumnFacts{};
    }
  }
  for (const PlanPtr& child : ChildrenOf(*plan)) {
    if (plan->kind() == PlanKind::kUnion) break;
    if (OutputIds(child).contains(column)) return FactsOf(child, column);
  }
  return {};
}

std::optional<double> Number(const std::optional<Value>& value) {
  if (!value.has_value() || value->is_null()) return std::nullopt;
  const DataType& type = *value->type();
  if (type.is(TypeId::kDecimal)) return static_cast<double>(value->decimal()) / std::pow(10.0, type.scale());
  if (type.is(TypeId::kFloat) || type.is(TypeId::kDouble)) return value->floating();
  if (type.is_integral() || type.is_datetime()) return static_cast<double>(value->integer());
  return std::nullopt;
}

double DistinctByStatistics(const ColumnFacts& facts) {
  if (facts.statistics == nullptr) return facts.table_rows / 10;
  if (facts.statistics->distinct_count.has_value()) return static_cast<double>(*facts.statistics->distinct_count);
  const std::optional<double> low = Number(facts.statistics->min), high = Number(facts.statistics->max);
  const bool countable = facts.statistics->min.has_value() && (facts.statistics->min->type()->is_integral() ||
                                                               facts.statistics->min->type()->is(TypeId::kDate));
  if (countable && low && high) return std::clamp(*high - *low + 1, 1.0, facts.table_rows);
  return facts.table_rows / 10;
}

struct Comparison {
  ExprId column = 0;
  std::string function;
  Value literal;
};

// column OP literal, either way round, through casts that only widen.
std::optional<Comparison> AsComparison(const Call& call) {
  static const std::map<std::string, std::string> kFlipped = {{"<", ">"},   {"<=", ">="}, {">", "<"},
                                                              {">=", "<="}, {"=", "="},   {"<>", "<>"}};
  const auto flipped = kFlipped.find(call.function);
  if (flipped == kFlipped.end() || call.args.size() != 2) return std::nullopt;
  auto strip = [](const ExprPtr& e) {
    const Cast* cast = As<Cast>(e);
    return cast != nullptr ? cast->child : e;
  };
  const ExprPtr a = strip(call.args[0]), b = strip(call.args[1]);
  if (const Attribute* column = As<Attribute>(a)) {
    if (const Literal* literal = As<Literal>(b)) return Comparison{column->id, call.function, literal->value};
  }
  if (const Attribute* column = As<Attribute>(b)) {
    if (const Literal* literal = As<Literal>(a)) return Comparison{column->id, flipped->second, literal->value};
  }
  return std::nullopt;
}

double RangeSelectivity(const Comparison& comparison, const ColumnFacts& facts) {
  if (facts.statistics == nullptr) return kRange;
  const std::optional<double> low = Number(facts.statistics->min), high = Number(facts.statistics->max);
  const std::optional<double> at = Number(comparison.literal);
  if (!low || !high || !at || *high <= *low) return kRange;
  const double below = std::clamp((*at - *low) / (*high - *low), 0.0, 1.0);
  return std::clamp(comparison.function[0] == '<' ? below : 1 - below, 0.001, 1.0);
}

double Selectivity(const std::vector<ExprPtr>& terms, const PlanPtr& input);

double Selectivity(const ExprPtr& condition, const PlanPtr& input) {
  const Call* call = As<Call>(condition);
  if (call == nullptr) return kOther;
  const std::string& f = call->function;
  if (f == "and") return Selectivity(SplitConjunction(condition), input);
  if (f == "or") {
    const double a = Selectivity(call->args[0], input), b = Selectivity(call->args[1], input);
    return std::min(1.0, a + b - a * b);
  }
  if (f == "not") return std::clamp(1 - Selectivity(call->args[0], input), 0.01, 1.0);
  if (f == "isnotnull") return 0.99;
  if (f == "isnull") return 0.02;
  if (f == "like" || f == "contains" || f == "startswith" || f == "rlike") return kLike;
  if (f == "in") {
    const Attribute* column = As<Attribute>(call->args[0]);
    const double distinct = column != nullptr ? DistinctByStatistics(FactsOf(input, column->id)) : 20;
    return std::clamp(static_cast<double>(call->args.size() - 1) / distinct, 0.0001, 1.0);
  }
  const std::optional<Comparison> comparison = AsComparison(*call);
  if (!comparison.has_value()) return f == "=" ? kEquality : kRange;
  const ColumnFacts facts = FactsOf(input, comparison->column);
  if (f == "<>") return 0.95;
  if (f == "=") {
    if (facts.statistics == nullptr) return kEquality;
    // Strings have no range to count from: assume a middling column.
    const bool counted = facts.statistics->distinct_count.has_value() ||
                         (facts.statistics->min.has_value() && Number(facts.statistics->min).has_value());
    return counted ? 1 / std::max(1.0, DistinctByStatistics(facts)) : kEquality;
  }
  return RangeSelectivity(*comparison, facts);
}

// Fraction of rows for which all terms hold. Terms are taken as independent, but for the two ends of a range.
double Selectivity(const std::vector<ExprPtr>& terms, const PlanPtr& input) {
  double product = 1;
  std::map<ExprId, std::pair<double, double>> ranges;  // by column: fraction below the upper end, above the lower end
  for (const ExprPtr& term : terms) {
    const Call* call = As<Call>(term);
    const std::optional<Comparison> comparison = call != nullptr ? AsComparison(*call) : std::nullopt;
    const double fraction = Selectivity(term, input);
    const bool is_range = comparison.has_value() && comparison->function != "=" && comparison->function != "<>";
    if (!is_range) {
      product *= fraction;
      continue;
    }
    auto& [below, above] = ranges.try_emplace(comparison->column, 1, 1).first->second;
    double& end = comparison->function[0] == '<' ? below : above;
    end = std::min(end, fraction);
  }
  for (const auto& [column, ends] : ranges) {
    const auto& [below, above] = ends;
    const bool both = below < 1 && above < 1;
    // Without statistics each end is a guess, and so is their intersection.
    product *= both && below + above > 1 ? std::max(below + above - 1, 0.001) : below * above;
  }
  return product;
}

// Fraction of left rows with a match: by the numbers of keys when there is one key, else a half.
double SemiJoinFraction(const Join& join) {
  const Call* call = join.condition != nullptr ? As<Call>(join.condition) : nullptr;
  if (call == nullptr || call->function != "=" || call->args.size() != 2) return 0.5;
  const Attribute* a = As<Attribute>(call->args[0]);
  const Attribute* b = As<Attribute>(call->args[1]);
  if (a == nullptr || b == nullptr) return 0.5;
  if (!OutputIds(join.left).contains(a->id)) std::swap(a, b);
  // Both sides' keys are taken from one domain, whatever their filters left of it.
  const double domain =
      std::max(DistinctByStatistics(FactsOf(join.left, a->id)), DistinctByStatistics(FactsOf(join.right, b->id)));
  return std::clamp(EstimateDistinct(join.right, b->id) / std::max(1.0, domain), 0.001, 1.0);
}

double JoinRows(const Join& join) {
  const double left = EstimateRows(join.left), right = EstimateRows(join.right);
  if (join.type == JoinType::kLeftSemi) return std::max(1.0, left * SemiJoinFraction(join));
  if (join.type == JoinType::kLeftAnti) return std::max(1.0, left * 0.3);
  if (join.type == JoinType::kExistence) return left;
  double rows = left * right;
  if (join.condition != nullptr) {
    double distinct = 1;
    bool equality = false;
    const ExprIdSet left_ids = OutputIds(join.left);
    for (const ExprPtr& term : SplitConjunction(join.condition)) {
      const Call* call = As<Call>(term);
      const Attribute* a = call != nullptr && call->args.size() == 2 ? As<Attribute>(call->args[0]) : nullptr;
      const Attribute* b = call != nullptr && call->args.size() == 2 ? As<Attribute>(call->args[1]) : nullptr;
      if (call != nullptr && (call->function == "=" || call->function == "<=>") && a != nullptr && b != nullptr) {
        if (!left_ids.contains(a->id)) std::swap(a, b);
        distinct *= std::max(EstimateDistinct(join.left, a->id), EstimateDistinct(join.right, b->id));
        equality = true;
      } else {
        rows *= kOther;
      }
    }
    if (equality) rows /= std::max(1.0, std::min(distinct, std::max(left, right)));
  }
  if (join.type == JoinType::kLeft) rows = std::max(rows, left);
  if (join.type == JoinType::kRight) rows = std::max(rows, right);
  if (join.type == JoinType::kFull) rows = std::max(rows, left + right);
  return rows;
}

double AggregateRows(const Aggregate& aggregate) {
  if (aggregate.grouping.empty()) return 1;
  const double input = EstimateRows(aggregate.child);
  double groups = 1;
  for (const ExprPtr& key : aggregate.grouping) {
    const Attribute* column = As<Attribute>(key);
    groups *= column != nullptr ? EstimateDistinct(aggregate.child, column->id) : 100;
    if (groups > input) return input;
  }
  return groups;
}

}  // namespace

double EstimateRows(const PlanPtr& plan) {
  double rows = 1;
  switch (plan->kind()) {
    case PlanKind::kLocalRelation:
      rows = 0;
      for (const Batch& batch : To<LocalRelation>(plan).batches) rows += static_cast<double>(batch.live_rows());
      break;
    case PlanKind::kRange: {
      const Range& range = To<Range>(plan);
      rows = (static_cast<double>(range.end) - static_cast<double>(range.start)) / static_cast<double>(range.step);
      break;
    }
    case PlanKind::kScan: {
      const ScanPlan& scan = To<ScanPlan>(plan);
      rows = TableRows(scan);
      rows *= Selectivity(scan.filters, plan);
      break;
    }
    case PlanKind::kCached: {
      const auto& statistics = To<Cached>(plan).table->statistics();
      rows = statistics.rows.has_value() ? static_cast<double>(*statistics.rows) : kUnknownTableRows;
      break;
    }
    case PlanKind::kFilter: {
      const Filter& filter = To<Filter>(plan);
      rows = EstimateRows(filter.child);
      rows *= Selectivity(SplitConjunction(filter.condition), filter.child);
      break;
    }
    case PlanKind::kJoin: rows = JoinRows(To<Join>(plan)); break;
    case PlanKind::kAggregate: rows = AggregateRows(To<Aggregate>(plan)); break;
    case PlanKind::kLimit: {
      const Limit& limit = To<Limit>(plan);
      rows = EstimateRows(limit.child);
      const Literal* literal = limit.limit != nullptr ? As<Literal>(limit.limit) : nullptr;
      if (literal != nullptr && !literal->value.is_null()) {
        rows = std::min(rows, static_cast<double>(literal->value.integer()));
      }
      break;
    }
    case PlanKind::kCteRef: rows = kUnknownTableRows; break;
    default:
      rows = plan->kind() == PlanKind::kUnion ? 0 : 1;
      for (const PlanPtr& child : ChildrenOf(*plan)) {
        rows = plan->kind() == PlanKind::kUnion ? rows + EstimateRows(child) : std::max(rows, EstimateRows(child));
      }
      if (plan->kind() == PlanKind::kExpand) rows *= static_cast<double>(To<Expand>(plan).projections.size());
      break;
  }
  return std::max(1.0, rows);
}

double EstimateDistinct(const PlanPtr& plan, ExprId column) {
  return std::min(EstimateRows(plan), std::max(1.0, DistinctByStatistics(FactsOf(plan, column))));
}

}  // namespace centella
