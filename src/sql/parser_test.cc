// The parser: what it builds, what it refuses and how, and that no text breaks it.
#include "sql/parser.h"

#include <gtest/gtest.h>

#include <random>

#include "plan/serialize.h"
#include "plan/transform.h"

namespace centella {
namespace {

std::string NameOfExpression(std::string_view sql) { return ExpressionSql(ParseExpression(sql, Configuration())); }

TEST(ParseExpression, Precedence) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a + b * c - d", "((a + (b * c)) - d)"},
      {"-a * b", "((- a) * b)"},
      {"not a = b and c or d", "(((NOT (a = b)) AND c) OR d)"},
      {"a = b = c", "((a = b) = c)"},
      {"a < b is null", "((a < b) IS NULL)"},
      {"a & b | c ^ d", "((a & b) | (c ^ d))"},
      {"a >> 1 >>> 2 << 3", "(((a >> 1) >>> 2) << 3)"},
      {"a != 1 and b == 2", "((NOT (a = 1)) AND (b = 2))"},
      {"a is not distinct from b", "(a <=> b)"},
      {"a is not true", "(NOT (a <=> true))"},
      {"a not between 1 and 2 + 3", "(NOT between(a, 1, (2 + 3)))"},
      {"a not in (1, 'x')", "(NOT (a IN (1, x)))"},
      {"a like 'x' escape '/'", "a LIKE x ESCAPE '/'"},
      {"a !< b", "(a >= b)"},
      {"2 -1", "(2 - 1)"},
      {"- 1", "-1"},
      {"case a when 1 then 'x' else b end", "CASE WHEN (a = 1) THEN x ELSE b END"},
      {"cast(a as array<array<int>>)", "a"},
      {"a::string", "CAST(a AS STRING)"},
      {"trim(leading 'x' from a)", "TRIM(LEADING x FROM a)"},
      {"substring(a from 2 for 3)", "substring(a, 2, 3)"},
      {"extract(year from a)", "extract(year FROM a)"},
      {"position('x' in a)", "locate(x, a, 1)"},
      {"count(*)", "count(1)"},
      {"a.b[0].c", "a.b[0][c]"},
      {"(x, y) -> x + y", "lambdafunction((x + y), x, y)"},
      {"'a' 'b' \"c\"", "abc"},
      {"r'\\d'", "\\d"},
      {"'it''s \\u00e9\\n'", "it's é\n"},
      {"from", "from"},
      {"1.50", "1.50"},
      {"1e3", "1000.0"},
      {"99999999999", "99999999999"},
  };
  for (const auto& [sql, printed] : cases) EXPECT_EQ(NameOfExpression(sql), printed) << sql;
}

TEST(ParseExpression, LiteralTypes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1", "int"},
      {"1L", "bigint"},
      {"1S", "smallint"},
      {"1Y", "tinyint"},
      {"3000000000", "bigint"},
      {"99999999999999999999", "decimal(20,0)"},
      {"1.5", "decimal(2,1)"},
      {".05", "decimal(2,2)"},
      {"1e2", "double"},
      {"1.5f", "float"},
      {"5BD", "decimal(1,0)"},
      {"1e3BD", "decimal(4,0)"},
      {"x'1F'", "binary"},
      {"date'2020-01-01'", "date"},
      {"timestamp'2020-01-01'", "timestamp"},
      {"timestamp_ntz'2020-01-01'", "timestamp_ntz"},
      {"interval 1 year 2 months", "interval year to month"},
      {"interval 2 weeks", "interval day"},
      {"interval '1 2:3:4' day to second", "interval day to second"},
      {"interval '5 hours 1 millisecond'", "interval hour to second"},
      {"null", "void"}};
  for (const auto& [sql, type] : cases) {
    EXPECT_EQ(To<Literal>(ParseExpression(sql, Configuration())).value.type()->CatalogString(), type) << sql;
  }
}

struct ErrorCase {
  std::string sql;
  std::string condition;
  ErrorParameters parameters;
};

TEST(ParseStatement, ErrorsAreSparks) {
  const std::vector<ErrorCase> cases = {
      {"", "PARSE_EMPTY_STATEMENT", {}},
      {"selec 1", "PARSE_SYNTAX_ERROR", {{"error", "'selec'"}, {"hint", ""}}},
      {"select 1 +", "PARSE_SYNTAX_ERROR", {{"error", "end of input"}, {"hint", ""}}},
      {"select * fro t", "PARSE_SYNTAX_ERROR", {{"error", "'t'"}, {"hint", ": extra input 't'"}}},
      {"select a b c from t", "PARSE_SYNTAX_ERROR", {{"error", "'c'"}, {"hint", ""}}},
      {"select * from (select 1", "PARSE_SYNTAX_ERROR", {{"error", "end of input"}, {"hint", ": missing ')'"}}},
      {"select 'abc", "PARSE_SYNTAX_ERROR", {{"error", "'''"}, {"hint", ""}}},
      {"select a between 1 from t", "PARSE_SYNTAX_ERROR", {{"error", "'from'"}, {"hint", ": missing 'AND'"}}},
      {"select 1 /* x", "UNCLOSED_BRACKETED_COMMENT", {}},
      {"select date 'xx'", "INVALID_TYPED_LITERAL", {{"valueType", "\"DATE\""}, {"value", "'xx'"}}},
      {"select a in ()", "INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE", {}},
      {"with a as (select 1), A as (select 2) select 1", "DUPLICATED_CTE_NAMES", {{"duplicateNames", "`A`"}}},
      {"grant select on t to u", "INVALID_STATEMENT_OR_CLAUSE", {{"operation", "GRANT"}}},
      {"merge into t using s on true when matched then delete",
       "UNSUPPORTED_FEATURE.CENTELLA",
       {{"feature", "the statement MERGE INTO"}}},
  };
  for (const ErrorCase& expected : cases) {
    try {
      ParseStatement(expected.sql, Configuration());
      ADD_FAILURE() << expected.sql << " parses";
    } catch (const Error& error) {
      EXPECT_EQ(error.info().name, expected.condition) << expected.sql;
      EXPECT_EQ(error.parameters(), expected.parameters) << expected.sql;
    }
  }
}

TEST(ParseStatement, SyntaxErrorsShowThePlace) {
  try {
    ParseStatement("select a\n  from t1 t2\n t3", Configuration());
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("(line 3, pos 1)"), std::string::npos) << text;
    EXPECT_NE(text.find(" t3\n-^^^\n"), std::string::npos) << text;
  }
}

TEST(ParseStatement, OriginsCountJavasCharacters) {
  const PlanPtr plan = ParseStatement("select 'é😀', a + b", Configuration());
  const ExprPtr sum = To<Project>(plan).expressions[1];
  EXPECT_EQ(sum->origin->fragment, "a + b");
  EXPECT_EQ(sum->origin->start_index, 14);
  EXPECT_EQ(sum->origin->stop_index, 18);
}

TEST(ParseStatement, Shapes) {
  const auto kind = [](std::string_view sql) { return ParseStatement(sql, Configuration())->kind(); };
  EXPECT_EQ(kind("select 1 union all select 2 order by 1"), PlanKind::kSort);
  EXPECT_EQ(kind("from t"), PlanKind::kUnresolvedRelation);
  EXPECT_EQ(kind("values (1), (2)"), PlanKind::kInlineTable);
  EXPECT_EQ(kind("explain extended select 1"), PlanKind::kExplain);
  EXPECT_EQ(kind("create temp view v as select 1;"), PlanKind::kCreateView);
  EXPECT_EQ(kind("insert overwrite directory '/x' using csv select 1"), PlanKind::kWriteFiles);
  const PlanPtr sets = ParseStatement("select 1 from t group by a, rollup(b, c)", Configuration());
  EXPECT_EQ(To<Aggregate>(sets).grouping_sets.size(), 3u);
  const PlanPtr mixed = ParseStatement("select 1 union select 2 intersect select 3", Configuration());
  EXPECT_EQ(To<SetOperation>(mixed).operation, SetOperationKind::kUnion);
  EXPECT_EQ(To<SetOperation>(To<SetOperation>(mixed).right).operation, SetOperationKind::kIntersect);
  const PlanPtr set = ParseStatement("set spark.x = a b ;", Configuration());
  EXPECT_EQ(To<Command>(set).arguments.at("value"), "a b");
}

TEST(ParseStatement, LongAndDeep) {
  std::string chain = "select a = 0";
  for (int i = 1; i < 10000; ++i) chain += " or a = " + std::to_string(i);
  ParseStatement(chain, Configuration());
  std::string deep = "select " + std::string(100000, '(') + "1" + std::string(100000, ')');
  for (const std::string& sql :
       {deep, "select " + std::string(100000, '~') + "1", "select 1" + std::string(200000, '+')}) {
    try {
      ParseStatement(sql, Configuration());
      FAIL() << "parsed " << sql.substr(0, 20);
    } catch (const Error& error) {
      EXPECT_EQ(error.condition(), Condition::FAILED_TO_PARSE_TOO_COMPLEX) << sql.substr(0, 20);
    }
  }
  std::string sum = "select 1";
  for (int i = 0; i < 100000; ++i) sum += "+1";
  EXPECT_THROW(ParseStatement(sum, Configuration()), Error);
}

TEST(ParseNames, Multipart) {
  EXPECT_EQ(ParseMultipartIdentifier("a.`b c`.d"), (std::vector<std::string>{"a", "b c", "d"}));
  EXPECT_THROW(ParseMultipartIdentifier("a..b"), Error);
}

TEST(SplitStatements, RespectsStringsAndComments) {
  const std::vector<std::string> expected = {"select ';' -- a ; b\n, 1", "select /* ; */ 2", "begin select 1; end"};
  EXPECT_EQ(SplitStatements("select ';' -- a ; b\n, 1;;\n select /* ; */ 2 ; begin select 1; end;"), expected);
}

// Statements with words taken out, doubled, swapped or broken: an answer or an Error, never anything else.
TEST(ParseStatement, MutatedStatements) {
  const std::vector<std::string> seeds = {
      "with r(n) as (select 1 union all select n + 1 from r where n < 3) select /*+ broadcast(r) */ * from r join s "
      "using (x)",
      "select a, sum(b) filter (where c > 1) over (partition by d order by e rows between 1 preceding and current row) "
      "from t",
      "select cast(a as struct<x: array<int>>), case when b then interval '1' day else null end from (values (1, 'x')) "
      "as v(a, b)",
      "select * from t lateral view outer explode(m) e as k, v where k like any ('x', 'y') group by cube(a, (b, c)) "
      "having 1",
      "select transform(xs, (x, i) -> x + i), f(a => 1), :p, ?, t.* except (a) from t pivot (sum(x) for y in (1 as "
      "one))",
      "from a, lateral (select 1) l left anti join b on a.x <=> b.x tablesample (10 percent) |> where x |> limit 3",
      "create or replace temp view v (a comment 'c') as select date '2020-01-01' - interval '1-2' year to month, "
      "x'0F', 1.5e3bd",
      "select trim(both 'x' from a), substring(a from 1 for 2), extract(day from b), overlay(a placing b from 1), "
      "timestampadd(day, 1, c)"};
  const std::string noise = "()[]{},.;:'\"`+-*/<>=!|&^~?@#$\\ \n0aé_";
  std::mt19937 random(11);
  int parsed = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string sql = seeds[random() % seeds.size()];
    for (int change = static_cast<int>(random() % 4); change >= 0 && !sql.empty(); --change) {
      const size_t at = random() % sql.size();
      const size_t size = std::min<size_t>(random() % 12, sql.size() - at);
      switch (random() % 4) {
        case 0: sql.erase(at, size); break;
        case 1: sql.insert(at, sql.substr(random() % sql.size(), random() % 12)); break;
        case 2: sql.insert(at, 1, noise[random() % noise.size()]); break;
        default: sql[at] = noise[random() % noise.size()];
      }
    }
    try {
      const PlanPtr plan = ParseStatement(sql, Configuration());
      SplitStatements(sql);
      ++parsed;
      const std::string bytes = SerializePlan(plan);
      EXPECT_EQ(SerializePlan(DeserializePlan(bytes, nullptr)), bytes) << sql;
    } catch (const Error& error) {
      EXPECT_NE(error.condition(), Condition::INTERNAL_ERROR) << sql << "\n" << error.what();
    }
  }
  EXPECT_GT(parsed, 100);
}

}  // namespace
}  // namespace centella
