// Aggregations cut in two, and which joins can be probed in several places.
#include "execution/fragment.h"

#include "execution/bind_aggregate.h"

namespace centella {

PhysicalPtr PartialAggregate(const PhysicalAggregate& whole, const QueryContextPtr& context) {
  auto partial = std::make_shared<PhysicalAggregate>(whole);
  partial->phase = AggregatePhase::kPartial;
  std::vector<StructField> fields(whole.columns().begin(), whole.columns().begin() + whole.grouping.size());
  for (const ExprPtr& call : whole.aggregates) {
    fields.push_back({"state", BindAggregate(To<AggregateCall>(call), context)->intermediate_type(), true, ""});
  }
  partial->schema = types::Struct(std::move(fields));
  return partial;
}

PhysicalPtr FinalAggregate(const PhysicalAggregate& whole, const PhysicalPtr& partial_rows) {
  auto merged = std::make_shared<PhysicalAggregate>(whole);
  merged->phase = AggregatePhase::kFinal;
  merged->children = {partial_rows};
  for (size_t k = 0; k < merged->grouping.size(); ++k) {
    auto column = std::make_shared<Column>();
    column->ordinal = static_cast<int64_t>(k);
    column->name = partial_rows->columns()[k].name;
    column->type = partial_rows->columns()[k].type;
    column->nullable = partial_rows->columns()[k].nullable;
    merged->grouping[k] = column;
  }
  return merged;
}

bool KeepsBuildRows(const PhysicalJoin& join) {
  if (join.left_keys.empty()) return join.type == JoinType::kFull;
  switch (join.type) {
    case JoinType::kLeft:
      return join.build_left;
    case JoinType::kRight:
      return !join.build_left;
    case JoinType::kFull:
      return true;
    case JoinType::kLeftSemi:
    case JoinType::kLeftAnti:
      return join.build_left;
    default:
      return false;
  }
}

}  // namespace centella
