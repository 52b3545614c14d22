// Fragments: parts of a physical plan that run by themselves, in this process or another. The cluster room cuts plans into
// them and carries their rows; here is what makes one run.
#pragma once

#include <map>
#include <memory>

#include "execution/operators/exchange.h"
#include "execution/physical_plan.h"
#include "execution/query.h"

namespace centella {

// One of the instances that run the same fragment. Each takes its share of the morsels of the fragment's scans, ranges and
// local rows: every `instances`-th, or whole partitions where an expression counts a partition's rows.
struct FragmentPart {
  int32_t instance = 0;
  int32_t instances = 1;
  bool whole_partitions = false;
  // The rows of PhysicalInput nodes by fragment: filled (their sinks finished) before the fragment starts.
  std::map<int64_t, std::shared_ptr<Exchange>> inputs;
};

// Starts; batches come in the order of their places, and each says its place: the morsel that it is made of, numbered as
// when the whole plan runs in one process.
std::unique_ptr<ResultStream> StartFragment(const PhysicalPtr& plan, const FragmentPart& part, QueryContextPtr context,
                                            const std::shared_ptr<Engine>& engine);
// Spark's partitions of the fragment's rows.
int32_t PartitionsOfFragment(const PhysicalPtr& plan, const QueryContextPtr& context);

// An aggregation in two: the first part groups each morsel by itself and gives keys and states (or the rows as they came,
// where grouping them ahead doesn't make them fewer), the second merges them. Together they give what the whole gives, to
// the bit: it works on morsels the same way.
PhysicalPtr PartialAggregate(const PhysicalAggregate& whole, const QueryContextPtr& context);
PhysicalPtr FinalAggregate(const PhysicalAggregate& whole, const PhysicalPtr& partial_rows);

// Whether build rows come out once all probing is over, so that one process must see all of it.
bool KeepsBuildRows(const PhysicalJoin& join);

}  // namespace centella
