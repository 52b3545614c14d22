// Memory: every plan gives the same rows with each reservation refused once, with spilling forced, and in little memory.
#include <gtest/gtest.h>

#include "execution/query_fixture.h"

namespace centella {
namespace {

// Plans that together have every sink that reserves: on small rows, so that each request can be refused in its turn.
// `t`: 3,000 rows of 300 keys with strings, nulls and a nested column; `u`: 500 rows.
const char* const kPlans[] = {
    // aggregation: plain states, states on the heap, distinct, no keys, many groups
    "SELECT k, count(*), sum(v), min(s), max(d), avg(d) FROM t GROUP BY k",
    "SELECT k, count(DISTINCT v), sort_array(collect_set(s)), first(v) FROM t GROUP BY k",
    "SELECT count(*), sum(d), max(s), count(DISTINCT k) FROM t",
    "SELECT v, s, count(*) FROM t GROUP BY v, s",
    "SELECT k, s, sum(v) FROM t GROUP BY ROLLUP (k, s)",
    "SELECT DISTINCT a FROM t",
    "SELECT DISTINCT k, s FROM t",
    "SELECT v % 500 AS g, collect_list(k), array_agg(d) FROM t GROUP BY v % 500",
    // joins: each type, with a residual, both spilled sides
    "SELECT t.k, t.v, u.w FROM t JOIN u ON t.k = u.k",
    "SELECT t.v, u.w, u.s FROM t LEFT JOIN u ON t.k = u.k AND t.v < u.w",
    "SELECT t.v, u.w, u.s FROM t FULL JOIN u ON t.k = u.k AND t.s = u.s",
    "SELECT t.v, u.w, u.a FROM t RIGHT JOIN u ON t.k = u.k",
    "SELECT v, s FROM t WHERE k IN (SELECT k FROM u)",
    "SELECT v FROM t WHERE k NOT IN (SELECT k FROM u WHERE k IS NOT NULL)",
    "SELECT v FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k AND u.w > t.v)",
    // joins without an equality
    "SELECT t.v, u.w FROM t JOIN u ON t.v < u.w - 400",
    "SELECT t.v, u.w, u.s FROM t LEFT JOIN u ON t.v + 2500 < u.w",
    "SELECT t.v, u.w, u.s FROM t FULL JOIN u ON t.v + 20 < u.w AND u.w < 60",
    "SELECT v FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.w > t.v + 450)",
    "SELECT v FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.w > t.v + 450)",
    // sorting, with and without a limit; windows
    "SELECT k, v, s, a FROM t ORDER BY s DESC, v",
    "SELECT k, v, s FROM t ORDER BY v DESC LIMIT 50",
    "SELECT v, s FROM t LIMIT 700",
    "SELECT v FROM t ORDER BY v LIMIT 20 OFFSET 100",
    "SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v), sum(v) OVER (PARTITION BY k ORDER BY v), "
    "lag(s) OVER (PARTITION BY k ORDER BY v) FROM t",
    "SELECT v, sum(v) OVER (ORDER BY v ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING), "
    "max(s) OVER (ORDER BY v ROWS BETWEEN 100 PRECEDING AND CURRENT ROW) FROM t",
    // exchanges and unions, alone and together
    "SELECT /*+ REPARTITION(5, k) */ k, v, s FROM t",
    "SELECT /*+ REPARTITION(3) */ v, a FROM t",
    "SELECT /*+ REPARTITION_BY_RANGE(4, v) */ v FROM t",
    "SELECT k, sum(v) FROM (SELECT k, v FROM t UNION ALL SELECT k, w FROM u) GROUP BY k ORDER BY k",
    "SELECT u.k, n, r FROM (SELECT k, count(*) n FROM t GROUP BY k) c JOIN u ON c.k = u.k "
    "JOIN (SELECT k, rank() OVER (ORDER BY max(d)) r FROM t GROUP BY k) d ON d.k = u.k ORDER BY u.k, u.w LIMIT 100",
    "SELECT k, e, count(*) FROM (SELECT k, explode(a) e FROM t) GROUP BY k, e",
};

void AddTables(QueryFixture& queries) {
  queries.AddView("t",
                  "SELECT nullif(id % 300, 7) AS k, id AS v, id * 0.5D AS d, "
                  "if(id % 11 = 0, NULL, repeat(concat('text ', id % 97), 3)) AS s, array(id % 5, id % 3) AS a "
                  "FROM range(0, 3000, 1, 4)");
  queries.AddView("u",
                  "SELECT nullif(id % 350, 9) AS k, id AS w, repeat(concat('text ', id % 97), 3) AS s, array(id) AS a "
                  "FROM range(0, 500, 1, 2)");
}

class SpillTest : public testing::Test {
 protected:
  SpillTest() : queries_(2) {
    AddTables(queries_);
    queries_.batch_size = 512;
  }
  // What must be the same. Rows without an order of their own may come in another when partitions were spilled.
  std::vector<std::string> Answer(const std::string& sql) {
    return sql.find("ORDER BY s DESC") != std::string::npos ? queries_.Rows(sql) : queries_.SortedRows(sql);
  }
  QueryFixture queries_;
};

TEST_F(SpillTest, EachReservationRefusedOnce) {
  queries_.memory().set_step(1);
  for (const char* sql : kPlans) {
    const int64_t before = queries_.memory().requests();
    const std::vector<std::string> expected = Answer(sql);
    ASSERT_FALSE(expected.empty()) << sql;
    const int64_t requests = queries_.memory().requests() - before;
    EXPECT_GT(requests, 0) << sql;
    for (int64_t nth = 0; nth < requests; ++nth) {
      queries_.memory().RefuseRequest(nth);
      ASSERT_EQ(Answer(sql), expected) << sql << "\nwith request " << nth << " of " << requests << " refused";
      ASSERT_EQ(queries_.memory().used(), 0) << sql;
    }
  }
}

TEST_F(SpillTest, SpillingForcedAtEveryBatch) {
  for (const char* sql : kPlans) {
    queries_.force_spill = false;
    const std::vector<std::string> expected = Answer(sql);
    queries_.force_spill = true;
    for (int32_t batch_size : {64, 512}) {
      queries_.batch_size = batch_size;
      ASSERT_EQ(Answer(sql), expected) << sql << "\nin batches of " << batch_size;
      ASSERT_EQ(queries_.memory().used(), 0) << sql;
    }
  }
}

// With less memory than any sink wants all sinks spill, and several passes are needed.
TEST_F(SpillTest, LittleMemory) {
  QueryFixture little(2, 64 << 10);
  AddTables(little);
  little.memory().set_step(1);
  for (const char* sql : kPlans) {
    const bool ordered = std::string(sql).find("ORDER BY s DESC") != std::string::npos;
    ASSERT_EQ(ordered ? little.Rows(sql) : little.SortedRows(sql), Answer(sql)) << sql;
    ASSERT_EQ(little.memory().used(), 0) << sql;
  }
}

}  // namespace
}  // namespace centella
