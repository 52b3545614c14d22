// Grouping: keys that are found by an index and keys that are hashed give the same groups; tasks that drop what they have seen
// change neither rows nor their order.
#include <gtest/gtest.h>

#include "execution/query_fixture.h"

namespace centella {
namespace {

// Integers: narrow, growing upwards within a morsel and beyond what an index takes, growing downwards, with NULLs, with
// leaps that only hashing takes, two at once.
const char* const kKeys[] = {
    "id % 1000 - 500",
    "id DIV 3",
    "-(id DIV 5)",
    "nullif(id % 70, 3)",
    "if(id % 20000 = 777, id * 100000000000, id % 10)",
    "if(id < 90000, id % 10, id % 1000)",
    "cast(id % 100 AS tinyint)",
    "id % 2 = 0",
};

const std::string kResults =
    "SELECT count(*), count(if(v > 5, v, NULL)), sum(v), min(v), max(v), avg(d), first(v), last(d), "
    "sum(v) FILTER (WHERE v > 100), ";

class GrouperTest : public testing::Test {
 protected:
  static void AddTable(QueryFixture& queries) {
    queries.AddView("t", "SELECT id, id % 911 AS v, id * 0.1D AS d FROM range(0, 200000, 1, 16)");
  }
  static std::string Grouped(const std::string& key, const std::string& by = "") {
    return kResults + key + " FROM t GROUP BY " + (by.empty() ? key : by);
  }
};

TEST_F(GrouperTest, IndexAndHashGiveTheSameGroups) {
  QueryFixture queries(2);
  AddTable(queries);
  for (int32_t batch_size : {4096, 300}) {
    queries.batch_size = batch_size;
    for (const std::string key : kKeys) {
      const std::vector<std::string> found = queries.SortedRows(Grouped(key));
      EXPECT_FALSE(found.empty());
      EXPECT_EQ(found, queries.SortedRows(Grouped("cast(" + key + " AS string)"))) << key;
    }
    EXPECT_EQ(queries.SortedRows(Grouped("concat(id % 7, ' ', id % 13)")),
              queries.SortedRows(Grouped("concat(id % 7, ' ', id % 13)", "id % 7, id % 13")));
  }
}

// A dictionary may have a value twice: then its rows still come in their order.
TEST_F(GrouperTest, EqualEntriesOfADictionaryAreOneGroup) {
  QueryFixture queries(2);
  AddTable(queries);
  for (const char* key : {"CASE WHEN id % 3 = 0 THEN 'a' WHEN id % 3 = 1 THEN 'a' ELSE 'b' END",
                          "upper(CASE WHEN id % 3 = 0 THEN 'a' WHEN id % 3 = 1 THEN 'A' ELSE 'b' END)"}) {
    const std::string sql = std::string("SELECT ") + key +
                            " AS k, collect_list(id), last(id), sum(d) FROM t WHERE id < " + "500 GROUP BY k";
    queries.batch_size = 1;
    const std::vector<std::string> expected = queries.SortedRows(sql);
    queries.batch_size = 4096;
    EXPECT_EQ(queries.SortedRows(sql), expected) << key;
  }
}

TEST_F(GrouperTest, DistinctRowsAndTheirOrderDependOnNoTask) {
  QueryFixture one(1), three(3);
  for (QueryFixture* queries : {&one, &three}) AddTable(*queries);
  three.batch_size = 700;
  for (const std::string key : kKeys) {
    for (const std::string more : {"", ", repeat(concat('text ', id % 97), 3)", ", if(id % 3 = 0, NULL, id % 5)"}) {
      const std::string sql = "SELECT DISTINCT " + key + more + " FROM t";
      const std::vector<std::string> rows = one.Rows(sql);
      EXPECT_EQ(rows, three.Rows(sql)) << sql;
      // Counting keeps tasks from dropping anything.
      const std::string list = key + more;
      EXPECT_EQ(rows.size(), one.Rows("SELECT count(*) FROM t GROUP BY " + list).size()) << sql;
    }
  }
}

// Whether the groups are merged in one piece decides in which order fractions are added; 20,000 groups are below that bound,
// and twice as many, when each of two tasks hands on all of them, are above.
TEST_F(GrouperTest, DistinctFractionsAreAddedInOneOrder) {
  QueryFixture one(1), three(3);
  for (QueryFixture* queries : {&one, &three}) AddTable(*queries);
  const std::string sql = "SELECT sum(sqrt(k)), avg(k / 3.0D) FROM (SELECT DISTINCT id % 20000 AS k FROM t)";
  const std::vector<std::string> expected = one.Rows(sql);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(three.Rows(sql), expected);
}

}  // namespace
}  // namespace centella
