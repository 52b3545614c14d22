// Hash joins by one integer, whose build rows stay columns when the keys' range is narrow: against nested loops.
#include <gtest/gtest.h>

#include "execution/operators/join_filter.h"
#include "execution/query_fixture.h"

namespace centella {
namespace {

// Build sides: keys in order and in none, with gaps, repeated, null, at the ends of their type, narrow in one partition and
// far apart in the next; values with nulls and long texts.
const char* const kBuildSides[] = {
    "SELECT CAST(id AS INT) AS k, id AS w, concat('a long text of row ', id) AS s FROM range(0, 300, 1, 3)",
    "SELECT CAST(id * 37 % 301 AS INT) AS k, id AS w, if(id % 3 = 0, NULL, repeat('x', CAST(id % 20 AS INT))) AS s "
    "FROM range(0, 300, 1, 2)",
    "SELECT CAST(id * 3 AS INT) AS k, nullif(id % 5, 2) AS w, CAST(id AS STRING) AS s FROM range(0, 100, 1, 1)",
    "SELECT CAST(id * 7 % 60 AS INT) AS k, id AS w, concat('a long text of row ', id) AS s FROM range(0, 400, 1, 4)",
    "SELECT CAST(nullif(id % 50, 7) AS INT) AS k, id AS w, CAST(id AS STRING) AS s FROM range(0, 60, 1, 2)",
    "SELECT CAST(NULL AS INT) AS k, id AS w, CAST(id AS STRING) AS s FROM range(0, 10, 1, 2)",
    "SELECT CAST(if(id < 50, id, id * 20000000) AS INT) AS k, id AS w, CAST(id AS STRING) AS s FROM range(0, 100, 1, "
    "2)",
    "SELECT CAST(2147483647 - id % 20 AS INT) AS k, id AS w, CAST(id AS STRING) AS s FROM range(0, 30, 1, 2)",
    "SELECT CAST(-2147483648 + id AS INT) AS k, id AS w, CAST(id AS STRING) AS s FROM range(0, 30, 1, 2)",
    "SELECT CAST(id AS INT) AS k, id AS w, CAST(id AS STRING) AS s FROM range(0, 10) WHERE id > 100",
};

// {a join's text with the condition as ?}
const char* const kJoins[] = {
    "SELECT t.v, u.w, u.s FROM t JOIN u ON ?",
    "SELECT t.v, u.k, u.s FROM t LEFT JOIN u ON ?",
    "SELECT t.v, t.k, u.w FROM t RIGHT JOIN u ON ?",
    "SELECT t.v FROM t JOIN u ON ?",
    "SELECT t.v FROM t LEFT SEMI JOIN u ON ?",
    "SELECT t.v FROM t LEFT ANTI JOIN u ON ?",
    "SELECT t.v, EXISTS (SELECT 1 FROM u WHERE ?) AS e FROM t",
};

std::string With(std::string join, const std::string& condition) { return join.replace(join.find('?'), 1, condition); }

TEST(HashJoinTest, ByOneInteger) {
  QueryFixture queries(2);
  queries.AddView(
      "t",
      "SELECT CAST(CASE WHEN id % 13 = 0 THEN NULL WHEN id = 501 THEN 2147483647 WHEN id = 502 THEN -2147483648 "
      "ELSE id - 100 END AS INT) AS k, id AS v FROM range(0, 600, 1, 3)");
  for (const char* side : kBuildSides) {
    queries.AddView("u", side);
    for (const char* join : kJoins) {
      queries.batch_size = 4096;
      queries.force_spill = false;
      const std::vector<std::string> expected = queries.SortedRows(With(join, "t.k <= u.k AND t.k >= u.k"));
      const std::string sql = With(join, "t.k = u.k");
      const std::vector<std::string> rows = queries.Rows(sql);
      std::vector<std::string> sorted = rows;
      std::sort(sorted.begin(), sorted.end());
      ASSERT_EQ(sorted, expected) << join << " with " << side;
      queries.batch_size = 7;
      ASSERT_EQ(queries.Rows(sql), rows) << join << " with " << side;
      queries.force_spill = true;
      ASSERT_EQ(queries.SortedRows(sql), expected) << join << " with " << side;
      ASSERT_EQ(queries.memory().used(), 0);
    }
  }
}

// Other widths, where the distance of two keys is more than the type can hold.
TEST(HashJoinTest, ByIntegersOfEachWidth) {
  QueryFixture queries(2);
  for (const char* type : {"TINYINT", "SMALLINT", "INT", "BIGINT"}) {
    queries.AddView("t", std::string("SELECT CAST(id - 128 AS ") + type + ") AS k, id AS v FROM range(0, 256, 1, 2)");
    queries.AddView("u",
                    std::string("SELECT CAST(127 - id * 3 AS ") + type + ") AS k, id AS w FROM range(0, 85, 1, 2)");
    for (const char* join : {"SELECT t.v, u.w FROM t JOIN u ON ?", "SELECT t.v FROM t LEFT ANTI JOIN u ON ?"}) {
      ASSERT_EQ(queries.SortedRows(With(join, "t.k = u.k")),
                queries.SortedRows(With(join, "t.k <= u.k AND t.k >= u.k")))
          << type;
    }
  }
}

// Two keys far apart, and some between that aren't there.
TEST(HashJoinTest, FilterOfFarKeysIsSmall) {
  constexpr int64_t kFar = int64_t{1} << 30;
  const Cancellation cancellation;
  const std::vector<JoinColumns> build = {
      {{MakeVector(types::Long(), {Value::Long(5), Value::Long(kFar)})}, 2, true, 5, kFar}};
  JoinRuntimeFilter filter;
  filter.Build(build, 5, kFar, 2, cancellation);
  EXPECT_EQ(filter.bytes(), JoinRuntimeFilter::BytesOfColumns(5, kFar, 2));
  EXPECT_LE(filter.bytes(), 8 << 20);
  EXPECT_EQ(filter.Range(), std::make_pair(int64_t{5}, kFar));
  std::vector<Value> probe = {Value::Long(5), Value::Null(types::Long()), Value::Long(kFar)};
  for (int64_t i = 0; i < 100; ++i) probe.push_back(Value::Long(1000 + i));
  const SelectionPtr selected = filter.Select(*MakeVector(types::Long(), probe), nullptr);
  ASSERT_GE(selected->size(), 2);
  EXPECT_EQ((*selected)[0], 0);
  EXPECT_EQ((*selected)[1], 2);
  EXPECT_LT(selected->size(), 20);
}

// Where only existence counts, a key that could be there costs a bit.
TEST(HashJoinTest, ExistenceNeedsLittleMemory) {
  QueryFixture queries(2);
  queries.AddView("t", "SELECT id AS k FROM range(0, 2000000, 1, 3)");
  queries.AddView("u", "SELECT id * 60 AS k, id AS w FROM range(0, 30000, 1, 2)");
  EXPECT_EQ(queries.Rows("SELECT count(*) FROM t LEFT SEMI JOIN u ON t.k = u.k")[0], "30000");
  EXPECT_LT(queries.memory().peak(), 16 << 20);
}

// What build rows needed is given back when their values lie in the order of the keys.
TEST(HashJoinTest, BuildRowsAreGivenBack) {
  constexpr int64_t kRows = 300'000;
  QueryFixture queries(2);
  // More rows than wait for a reader, so that the join is still there.
  queries.AddView("t", "SELECT id % 300000 AS k FROM range(0, 5000000, 1, 3)");
  queries.AddView("u", "SELECT id AS k, concat('the text of row ', id + 100000) AS s FROM range(0, " +
                           std::to_string(kRows) + ", 1, 2)");
  const auto stream = queries.Start("SELECT t.k, u.s FROM t JOIN u ON t.k = u.k", queries.NewContext());
  Batch batch;
  ASSERT_TRUE(stream->Next(&batch));
  EXPECT_GE(queries.memory().peak(), kRows * 120);
  EXPECT_GE(queries.memory().used(), kRows * 38);               // views and texts
  EXPECT_LT(queries.memory().used(), kRows * 50 + (16 << 20));  // and what waits
}

}  // namespace
}  // namespace centella
