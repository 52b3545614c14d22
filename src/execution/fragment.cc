// Aggregations cut in two, and which joins can be probed in several places.
#include "execution/fragment.h"

#include "execution/bind_aggregate.h"

namespace centella {

PhysicalPtr PartialAggregate(const PhysicalAggregate& whole, const QueryContextPtr& context) {
  auto partial = std::make_shared<PhysicalAggregate>(whole);
  partial->phase = AggregatePhase::kPartial;
  std::vector<StructField> fields(whole.columns().begin(), whole.columns().begin() + whole.grouping.size());
  InputColumns input;
  for (const AggregateSpec& aggregate : SpecOfAggregate(whole, context, &input).aggregates) {
    fields.push_back({"state", aggregate.function->intermediate_type(), true, ""});
  }
  for (const TypePtr& type : input.types()) fields.push_back({"input", type, true, ""});
  fields.push_back({"is_input", types::Boolean(), false, ""});
  partial->schema = types::Struct(std::move(fields));
  return partial;
}

PhysicalPtr FinalAggregate(const PhysicalAggregate& whole, const PhysicalPtr& partial_rows) {
  auto merged = std::make_shared<PhysicalAggregate>(whole);
  merged->phase = AggregatePhase::kFinal;
  merged->children = {partial_rows};
  return merged;
}

bool KeepsBuildRows(const PhysicalJoin& join) {
  if (join.left_keys.empty()) return join.type == JoinType::kFull;
  switch (join.type) {
    case JoinType::kLeft: return join.build_left;
    case JoinType::kRight: return !join.build_left;
    case JoinType::kFull: return true;
    case JoinType::kLeftSemi:
    case JoinType::kLeftAnti: return join.build_left;
    default: return false;
  }
}

}  // namespace centella
