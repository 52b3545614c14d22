// What is left of malformed JSON records, and what is inferred from records.
#include "functions/json_columns.h"

#include <gtest/gtest.h>

#include "functions/json_inference.h"

namespace centella {
namespace {

// The tokens of a text as letters; '!' for an error, '.' for the end.
std::string Tokens(std::string_view text, const JsonDialect& dialect = {}) {
  std::string out;
  JsonTokens tokens(dialect);
  tokens.Start(text);
  for (int i = 0; i < 3000 && (out.empty() || out.back() != '.'); ++i)
    out += ".{}[]NSIFtfn!"[static_cast<int>(tokens.Next())];
  return out;
}

TEST(JsonTokensTest, GoesOnBehindErrors) {
  EXPECT_EQ(Tokens(R"({"a": [1, 2.5e3, "x"], "b": {}, "c": null})"), "{N[IFS]N{}Nn}.");
  EXPECT_EQ(Tokens("[NaN, -INF, +Infinity, true]"), "[FFFt].");
  // The value behind a name: the end comes once. Elsewhere the next token is read.
  EXPECT_EQ(Tokens(R"({"a": bad})").substr(0, 3), "{!.");
  EXPECT_EQ(Tokens("[1}]").substr(0, 4), "[I!]");
  EXPECT_EQ(Tokens("[1,").substr(0, 5), "[I!!!");
  JsonDialect strict;
  strict.non_numeric_numbers = strict.single_quotes = false;
  EXPECT_EQ(Tokens("[NaN]", strict).substr(0, 2), "[!");
  EXPECT_EQ(Tokens("['x']", strict).substr(0, 2), "[!");
  EXPECT_EQ(Tokens(std::string(2000, '[')).substr(1000, 2), "!!");
}

TEST(JsonRecordsTest, KeepsWhatCouldBeRead) {
  JsonReading reading;
  JsonRecords records(ParseSchemaDdl("a INT, s STRUCT<x: INT, y: INT>, b ARRAY<INT>"), reading);
  EXPECT_TRUE(records.Append(R"({"a": 1, "s": {"x": 2}, "b": [3, null]} and more)"));
  EXPECT_FALSE(records.Append(R"({"s": {"x": "no", "y": 5}, "b": [1, "no"], "a": 7})"));
  EXPECT_FALSE(records.Append(R"({"a": 1, "b": [1, 2], "s": )"));
  EXPECT_TRUE(records.Append("  "));
  EXPECT_TRUE(records.Append(R"([{"a": 8}, {"a": 9}])"));
  EXPECT_FALSE(records.Append(R"([{"a": 8}, 9])"));
  ASSERT_EQ(records.rows(), 6);
  const std::vector<VectorPtr> columns = records.Take(nullptr);
  EXPECT_EQ(columns[0]->GetValue(0), Value::Int(1));
  EXPECT_EQ(columns[0]->GetValue(1), Value::Int(7));
  EXPECT_TRUE(columns[1]->GetValue(1).parts()[0].is_null());
  EXPECT_EQ(columns[1]->GetValue(1).parts()[1], Value::Int(5));
  EXPECT_TRUE(columns[2]->IsNull(1));
  EXPECT_TRUE(columns[0]->IsNull(2) && columns[2]->IsNull(2));
  EXPECT_EQ(columns[0]->GetValue(4), Value::Int(9));
  EXPECT_TRUE(columns[0]->IsNull(5));
}

TEST(JsonInferenceTest, TypesMerge) {
  const JsonInferenceRules rules;
  const JsonReading reading;
  JsonInference inference(rules, reading);
  TypePtr found;
  for (const char* record : {R"({"a": 1, "b": [], "c": {"x": null}, "d": 12345678901234567890})",
                             R"([{"a": 1.5, "b": [true]}, {"c": {"y": "t"}, "e": 1}])", R"({"e": {"k": 1}})", "null"}) {
    EXPECT_EQ(inference.Add(record, &found), JsonInference::Record::kGood) << record;
  }
  EXPECT_EQ(inference.Add("{bad", &found), JsonInference::Record::kMalformed);
  EXPECT_EQ(inference.Add("[5]", &found), JsonInference::Record::kNotAnObject);
  EXPECT_EQ(inference.Schema("wrong")->CatalogString(),
            "struct<a:double,b:array<boolean>,c:struct<x:string,y:string>,d:decimal(20,0),e:string,wrong:string>");
}

}  // namespace
}  // namespace centella
