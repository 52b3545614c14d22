// The layout of show(), against what Spark 4.2.1 prints.
#include "session/show.h"

#include <gtest/gtest.h>

namespace centella {
namespace {

ShownRows TwoColumns() { return {{"id", "name"}, {{"1", "ab"}, {"20", "NULL"}}, false}; }

TEST(Show, AlignsRightWhenItTruncates) {
  EXPECT_EQ(RenderTable(TwoColumns(), {20, 20, false}),
            "+---+----+\n| id|name|\n+---+----+\n|  1|  ab|\n| 20|NULL|\n+---+----+\n");
}

TEST(Show, AlignsLeftWithoutTruncation) {
  EXPECT_EQ(RenderTable(TwoColumns(), {20, 0, false}),
            "+---+----+\n|id |name|\n+---+----+\n|1  |ab  |\n|20 |NULL|\n+---+----+\n");
}

TEST(Show, SaysWhenThereIsMore) {
  ShownRows rows = TwoColumns();
  rows.has_more = true;
  EXPECT_TRUE(RenderTable(rows, {2, 20, false}).ends_with("only showing top 2 rows"));
  EXPECT_TRUE(RenderTable(rows, {1, 20, false}).ends_with("only showing top 1 row"));
}

TEST(Show, TruncatesWithDotsAndWithoutBelowFour) {
  const ShownRows rows{{"c"}, {{"abcdefgh"}}, false};
  EXPECT_NE(RenderTable(rows, {20, 5, false}).find("|ab...|"), std::string::npos);
  EXPECT_NE(RenderTable(rows, {20, 3, false}).find("|abc|"), std::string::npos);
}

TEST(Show, FullWidthCharactersTakeTwoCells) {
  const ShownRows rows{{"c"}, {{"\xe4\xbd\xa0\xe5\xa5\xbd"}, {"ab"}}, false};  // two Chinese characters
  EXPECT_EQ(RenderTable(rows, {20, 20, false}), "+----+\n|   c|\n+----+\n|\xe4\xbd\xa0\xe5\xa5\xbd|\n|  ab|\n+----+\n");
}

TEST(Show, Vertical) {
  EXPECT_EQ(RenderTable(TwoColumns(), {20, 20, true}),
            "-RECORD 0----\n id   | 1    \n name | ab   \n-RECORD 1----\n id   | 20   \n name | NULL \n");
  EXPECT_EQ(RenderTable({{"a"}, {}, false}, {20, 20, true}), "(0 rows)\n");
}

TEST(Show, Html) {
  EXPECT_EQ(RenderHtml({{"a<b"}, {{"1"}}, false}, {20, 20, false}),
            "<table border='1'>\n<tr><th>a&lt;b</th></tr>\n<tr><td>1</td></tr>\n</table>\n");
}

}  // namespace
}  // namespace centella
