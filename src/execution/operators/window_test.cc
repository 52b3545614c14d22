// Window functions against the same values put together by joins.
#include <gtest/gtest.h>

#include <optional>

#include "execution/query_fixture.h"

namespace centella {
namespace {

// Rows of a frame, counted from the current row; nothing = unbounded.
struct FrameRows {
  std::optional<int64_t> lower, upper;
};

std::string BoundText(const std::optional<int64_t>& bound, const char* unbounded) {
  if (!bound) return std::string("UNBOUNDED ") + unbounded;
  if (*bound == 0) return "CURRENT ROW";
  return std::to_string(std::abs(*bound)) + (*bound < 0 ? " PRECEDING" : " FOLLOWING");
}

class WindowTest : public testing::Test {
 protected:
  // Partitions of 1 to about 900 rows, numbered from 0 within each by `o`; some values are NULL, fractions are exact.
  WindowTest() : queries_(2) {
    queries_.AddView(
        "t",
        "SELECT id, p, o, nullif(v, 3) AS v, v * 0.5D AS d, if(v % 4 = 0, NULL, string(v)) AS s, v > 8 AS f "
        "FROM (SELECT id, int(sqrt(id / 3)) % 9 AS p, hash(id) % 17 AS v, "
        "row_number() OVER (PARTITION BY int(sqrt(id / 3)) % 9 ORDER BY id) - 1 AS o FROM range(3000))");
  }
  QueryFixture queries_;
};

TEST_F(WindowTest, AggregatesOverFramesOfRows) {
  const std::string functions[] = {"sum(%v)",
                                   "count(%v)",
                                   "count(*)",
                                   "avg(%d)",
                                   "min(%v)",
                                   "max(%s)",
                                   "sum(%d)",
                                   "count(%id) FILTER (WHERE %f)",
                                   "sum(%v) FILTER (WHERE %f)",
                                   "stddev(%d)",
                                   "max_by(%s, %id)"};
  const FrameRows frames[] = {{{}, 0}, {{}, {}}, {-3, 2}, {-100, -1}, {-200, 90}, {0, {}}, {1, 5}, {{}, -2}, {{}, 3}};
  for (const std::string& function : functions) {
    auto with_prefix = [&](const std::string& prefix) {
      std::string text = function;
      for (size_t at; (at = text.find('%')) != std::string::npos;) text.replace(at, 1, prefix);
      return text;
    };
    std::string joined = with_prefix("b.");
    if (joined == "count(*)") joined = "count(b.id)";
    // The order of adding differs: what isn't exact is rounded.
    const bool rounded = function.starts_with("stddev");
    for (const FrameRows& frame : frames) {
      const std::string over = with_prefix("") + " OVER (PARTITION BY p ORDER BY o ROWS BETWEEN " +
                               BoundText(frame.lower, "PRECEDING") + " AND " + BoundText(frame.upper, "FOLLOWING") +
                               ")";
      const std::string lower = frame.lower ? " AND b.o >= a.o + " + std::to_string(*frame.lower) : "";
      const std::string upper = frame.upper ? " AND b.o <= a.o + " + std::to_string(*frame.upper) : "";
      const auto shown = [&](const std::string& value) { return rounded ? "round(" + value + ", 6)" : value; };
      ASSERT_EQ(queries_.SortedRows("SELECT id, " + shown(over) + " FROM t"),
                queries_.SortedRows("SELECT a.id, " + shown(joined) + " FROM t a LEFT JOIN t b ON a.p = b.p" + lower +
                                    upper + " GROUP BY a.id"))
          << over;
    }
  }
}

TEST_F(WindowTest, RankingAndNeighbours) {
  const std::pair<const char*, const char*> kCases[] = {
      {"row_number() OVER (PARTITION BY p ORDER BY o)", "o + 1"},
      {"lag(v) OVER (PARTITION BY p ORDER BY o)", "(SELECT max(b.v) FROM t b WHERE b.p = t.p AND b.o = t.o - 1)"},
      {"lead(v, 5) OVER (PARTITION BY p ORDER BY o)", "(SELECT max(b.v) FROM t b WHERE b.p = t.p AND b.o = t.o + 5)"},
      {"lag(v, -2, -1) OVER (PARTITION BY p ORDER BY o)",
       "if(o + 2 >= (SELECT count(*) FROM t b WHERE b.p = t.p), -1, "
       "(SELECT max(b.v) FROM t b WHERE b.p = t.p AND b.o = t.o + 2))"},
      {"rank() OVER (PARTITION BY p ORDER BY v)",
       "1 + (SELECT count(*) FROM t b WHERE b.p = t.p AND coalesce(b.v, -100) < coalesce(t.v, -100))"},
      {"dense_rank() OVER (PARTITION BY p ORDER BY v)",
       "1 + (SELECT count(DISTINCT coalesce(b.v, -100)) FROM t b "
       "WHERE b.p = t.p AND coalesce(b.v, -100) < coalesce(t.v, -100))"},
      {"cume_dist() OVER (PARTITION BY p ORDER BY v)",
       "(SELECT count(*) FROM t b WHERE b.p = t.p AND coalesce(b.v, -100) <= coalesce(t.v, -100)) / "
       "(SELECT count(*) FROM t b WHERE b.p = t.p)"},
      {"percent_rank() OVER (PARTITION BY p ORDER BY v)",
       "coalesce((SELECT count(*) FROM t b WHERE b.p = t.p AND coalesce(b.v, -100) < coalesce(t.v, -100)) / "
       "nullif((SELECT count(*) - 1 FROM t b WHERE b.p = t.p), 0), 0.0D)"},
      {"ntile(7) OVER (PARTITION BY p ORDER BY o)",
       "(SELECT int(if(t.o < (n % 7) * (n div 7 + 1), t.o div (n div 7 + 1), "
       "n % 7 + (t.o - (n % 7) * (n div 7 + 1)) div greatest(n div 7, 1))) + 1 "
       "FROM (SELECT p, count(*) AS n FROM t GROUP BY p) b WHERE b.p = t.p)"},
      {"nth_value(v, 3) OVER (PARTITION BY p ORDER BY o ROWS BETWEEN 4 PRECEDING AND 1 PRECEDING)",
       "(SELECT max(b.v) FROM t b WHERE b.p = t.p AND b.o = greatest(t.o - 4, 0) + 2 AND b.o < t.o)"},
      {"lag(s) IGNORE NULLS OVER (PARTITION BY p ORDER BY o)",
       "(SELECT max_by(b.s, b.o) FROM t b WHERE b.p = t.p AND b.o < t.o AND b.s IS NOT NULL)"},
      {"lead(s) IGNORE NULLS OVER (PARTITION BY p ORDER BY o)",
       "(SELECT min_by(b.s, b.o) FROM t b WHERE b.p = t.p AND b.o > t.o AND b.s IS NOT NULL)"},
  };
  for (const auto& [window, reference] : kCases) {
    ASSERT_EQ(queries_.SortedRows(std::string("SELECT id, ") + window + " FROM t"),
              queries_.SortedRows(std::string("SELECT id, ") + reference + " FROM t"))
        << window;
  }
}

}  // namespace
}  // namespace centella
