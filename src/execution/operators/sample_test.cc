// Samples keep the rows whose random numbers lie within the bounds, whatever the threads and the size of batches.
#include <gtest/gtest.h>

#include "execution/query_fixture.h"

namespace centella {
namespace {

constexpr const char* kSampled = "SELECT id FROM range(0, 10000, 1, 3) TABLESAMPLE (30 PERCENT) REPEATABLE (42)";
// What a sample means, in plain words. Seen through a limit, so that no rule moves the condition to where rand is called.
constexpr const char* kMeant =
    "SELECT id FROM (SELECT id, rand(42L) AS r FROM range(0, 10000, 1, 3) LIMIT 10000) WHERE r < 0.3D";

TEST(SampleTest, ARowStaysByItsRandomNumber) {
  QueryFixture fixture(2);
  const std::vector<std::string> meant = fixture.Rows(kMeant);
  EXPECT_GT(meant.size(), 2500u);
  EXPECT_LT(meant.size(), 3500u);
  for (const int threads : {1, 4}) {
    for (const int32_t batch_size : {1, 7, 4096}) {
      QueryFixture other(threads);
      other.batch_size = batch_size;
      EXPECT_EQ(other.Rows(kSampled), meant) << threads << " threads, batches of " << batch_size;
    }
  }
}

TEST(SampleTest, RowsThatAreGoneDrawNoNumber) {
  QueryFixture fixture(2);
  const std::string even = "(SELECT id FROM range(0, 10000, 1, 3) WHERE id % 2 = 0)";
  EXPECT_EQ(fixture.Rows("SELECT id FROM " + even + " TABLESAMPLE (30 PERCENT) REPEATABLE (42)"),
            fixture.Rows("SELECT id FROM (SELECT id, rand(42L) AS r FROM " + even + " LIMIT 10000) WHERE r < 0.3D"));
}

}  // namespace
}  // namespace centella
