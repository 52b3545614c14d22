// Each operator sees that its query is cancelled. The queries would run for many seconds in one operator; that they end is
// what is tested here, how soon is measured by execution_benchmark (bench/cancellation).
#include <gtest/gtest.h>

#include "execution/cancellation_cases.h"

namespace centella {
namespace {

TEST(CancellationTest, EachOperatorSeesIt) {
  CancellationRunner runner(2'000'000);
  for (const CancellationCase& each : CancellationCases()) {
    const std::optional<double> seconds = runner.Run(each, 0.15);
    // A busy machine may let a small one through; none may go on.
    EXPECT_LT(seconds.value_or(0), 3.0) << each.name;
    EXPECT_EQ(runner.queries().memory().used(), 0) << each.name;
  }
}

}  // namespace
}  // namespace centella
