// Each operator sees that its query is cancelled. The queries would run for many seconds in one operator; that they end is
// what is tested here, how soon is measured by execution_benchmark (bench/cancellation).
#include <gtest/gtest.h>

#include "execution/cancellation_cases.h"

namespace centella {
namespace {

// CPU time: how busy the machine is doesn't matter. Sanitizers take a multiple of it.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr double kMostSeconds = 10;
#else
constexpr double kMostSeconds = 1;
#endif

TEST(CancellationTest, EachOperatorSeesIt) {
  CancellationRunner runner(2'000'000);
  for (const CancellationCase& each : CancellationCases()) {
    EXPECT_LT(runner.Run(each, 0.15).value_or(CancellationLatency()).cpu_seconds, kMostSeconds) << each.name;
    EXPECT_EQ(runner.queries().memory().used(), 0) << each.name;
  }
}

}  // namespace
}  // namespace centella
