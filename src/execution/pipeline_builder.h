// From a physical plan to pipelines of operators.
#pragma once

#include <memory>
#include <vector>

#include "execution/fragment.h"
#include "execution/physical_plan.h"
#include "execution/pipeline.h"

namespace centella {

// The pipelines that feed `sink` with the plan's rows; the last one is the sink's own. `partition_order`: the sink
// needs the rows of a partition from one driver, in order. `partitions` (if given) gets the result's number of partitions.
// `part`: the plan is a fragment.
std::vector<Pipeline> BuildPipelines(const PhysicalPtr& plan, std::shared_ptr<Sink> sink, bool partition_order,
                                     const QueryContextPtr& context, int32_t* partitions,
                                     const FragmentPart& part = {});

}  // namespace centella
