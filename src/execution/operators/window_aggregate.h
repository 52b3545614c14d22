// Aggregates over window frames.
#pragma once

#include "execution/operators/window_frames.h"

namespace centella {

// The value of each row's frame. Rows are taken in order and each value is what the aggregate gives for its frame's rows one
// after the other; only aggregates that don't depend on the order are put together from parts.
VectorPtr EvaluateWindowAggregate(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
                                  const FrameFinder& frames, const QueryContext& context);

}  // namespace centella
