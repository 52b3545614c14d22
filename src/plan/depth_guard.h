// Bounds the recursion of everything that walks nodes: one counter per thread, kMaxPlanDepth levels at most.
#pragma once

#include "plan/node.h"

namespace centella {

// Lives for one level of recursion; raises UNSUPPORTED_FEATURE.CENTELLA when there are too many.
class DepthGuard {
 public:
  DepthGuard() {
    if (++Depth() > kMaxPlanDepth) [[unlikely]] {
      --Depth();
      RaiseUnsupported("a plan or expression nested more than " + std::to_string(kMaxPlanDepth) + " levels deep");
    }
  }
  ~DepthGuard() { --Depth(); }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  static int& Depth() {
    thread_local int depth = 0;
    return depth;
  }
};

}  // namespace centella
