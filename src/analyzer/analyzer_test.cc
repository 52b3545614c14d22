// Statements to schemas and error conditions, as real Spark 4.2.1 answered them.
#include "analyzer/analyzer.h"

#include <gtest/gtest.h>

#include "analyzer/coercion.h"
#include "sql/parser.h"

namespace centella {
namespace {

class FakeEnvironment final : public AnalysisEnvironment {
 public:
  FakeEnvironment() {
    auto made = std::make_shared<QueryContext>();
    made->ansi = true;
    context_ = made;
    AddView("t", "SELECT * FROM VALUES (1, 10L, 'x', array(1, 2)) AS t(a, b, c, ar)");
    AddView("u", "SELECT * FROM VALUES (1, 2) AS u(a, e)");
  }
  void AddView(const std::string& name, const std::string& sql) {
    ViewDefinition view;
    view.name = {name};
    view.plan = Analyze(ParseStatement(sql, context_->config), *this);
    views_.Create(name, view, true);
  }
  const QueryContextPtr& context() const override { return context_; }
  std::optional<ViewDefinition> FindTemporaryView(const std::vector<std::string>& name) const override {
    return views_.Find(name.back());
  }
  std::optional<TableEntry> FindTable(const std::vector<std::string>&) const override { return std::nullopt; }
  TablePtr OpenDataSource(const UnresolvedDataSource&) const override { RaiseUnsupported("files in this test"); }
  std::vector<Batch> RunNow(const PlanPtr&) const override { RaiseUnsupported("running in this test"); }
  std::string current_catalog() const override { return "spark_catalog"; }
  std::string current_database() const override { return "default"; }

 private:
  QueryContextPtr context_;
  TemporaryViews views_;
};

// The schema's catalog string, or the error's condition and one parameter.
std::string Answer(const FakeEnvironment& environment, const std::string& sql) {
  try {
    PlanPtr plan = Analyze(ParseStatement(sql, environment.context()->config), environment);
    return SchemaOf(plan)->CatalogString();
  } catch (const Error& error) {
    return "!" + std::string(error.info().name);
  }
}

TEST(AnalyzerTest, SchemasAndErrors) {
  FakeEnvironment environment;
  const std::pair<const char*, const char*> kCases[] = {
      {"SELECT A, b + 1 AS n FROM t", "struct<A:int,n:bigint>"},
      {"SELECT a AS x, x + 1 AS y FROM t", "struct<x:int,y:int>"},
      {"SELECT u.a, * FROM t FULL JOIN u USING (a)", "struct<a:int,a:int,b:bigint,c:string,ar:array<int>,e:int>"},
      {"SELECT l.a FROM t l JOIN t r ON l.a = r.a", "struct<a:int>"},
      {"SELECT a, sum(b) AS s FROM t GROUP BY ALL HAVING count(*) > 0 ORDER BY max(b)", "struct<a:int,s:bigint>"},
      {"SELECT a FROM t ORDER BY b", "struct<a:int>"},
      {"SELECT a, grouping(a) AS g FROM t GROUP BY ROLLUP (a) HAVING grouping(a) = 1", "struct<a:int,g:tinyint>"},
      {"SELECT 1 UNION ALL SELECT 2.5", "struct<1:decimal(11,1)>"},
      {"WITH q AS (SELECT a FROM t) SELECT x.a FROM q x JOIN q y ON x.a = y.a", "struct<a:int>"},
      {"SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)", "struct<a:int>"},
      {"SELECT zz FROM t", "!UNRESOLVED_COLUMN.WITH_SUGGESTION"},
      {"SELECT a FROM t JOIN u ON t.a = u.a", "!AMBIGUOUS_REFERENCE"},
      {"SELECT a, sum(b) FROM t", "!MISSING_GROUP_BY"},
      {"SELECT a, sum(b) FROM t GROUP BY c", "!MISSING_AGGREGATION"},
      {"SELECT sum(sum(b)) FROM t", "!NESTED_AGGREGATE_FUNCTION"},
      {"SELECT a FROM t WHERE sum(b) > 1", "!INVALID_WHERE_CONDITION"},
      {"SELECT a FROM t WHERE a", "!DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"},
      {"SELECT a + ar FROM t", "!DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES"},
      {"SELECT a FROM t GROUP BY 5", "!GROUP_BY_POS_OUT_OF_RANGE"},
      {"SELECT a FROM t LIMIT -1", "!INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE"},
      {"SELECT 1 UNION SELECT 1, 2", "!NUM_COLUMNS_MISMATCH"},
      {"SELECT * FROM nope", "!TABLE_OR_VIEW_NOT_FOUND"},
  };
  for (const auto& [sql, expected] : kCases) EXPECT_EQ(Answer(environment, sql), expected) << sql;
}

// Pending: raises NESTED_AGGREGATE_FUNCTION, where the outer sum is a window function over the groups.
TEST(AnalyzerTest, AggregateInsideWindowAggregate) {
  FakeEnvironment environment;
  EXPECT_EQ(Answer(environment, "SELECT sum(sum(a)) OVER () AS w FROM t GROUP BY b"), "struct<w:bigint>");
}

// Both sides of a self join keep their own columns.
TEST(AnalyzerTest, SelfJoinHasFreshIds) {
  FakeEnvironment environment;
  PlanPtr plan =
      Analyze(ParseStatement("SELECT * FROM t l CROSS JOIN t r", environment.context()->config), environment);
  std::vector<ExprPtr> output = OutputOf(plan);
  ASSERT_EQ(output.size(), 8u);
  EXPECT_NE(To<Attribute>(output[0]).id, To<Attribute>(output[4]).id);
}

TEST(CoercionTest, WiderTypes) {
  struct Case {
    TypePtr a, b;
    const char* ansi;
    const char* legacy;
  };
  const Case kCases[] = {
      {types::Int(), types::Long(), "bigint", "bigint"},
      {types::Int(), types::Float(), "double", "float"},
      {types::Int(), types::Decimal(10, 2), "decimal(12,2)", "decimal(12,2)"},
      {types::String(), types::Int(), "bigint", "string"},
      {types::String(), types::Date(), "date", "string"},
      {types::Date(), types::TimestampNtz(), "timestamp_ntz", "timestamp_ntz"},
      {types::String(), types::Boolean(), "boolean", "-"},
      {types::Boolean(), types::Int(), "-", "-"},
      {types::Array(types::Int()), types::Array(types::Long()), "array<bigint>", "array<bigint>"},
  };
  auto text = [](const TypePtr& type) { return type == nullptr ? std::string("-") : type->CatalogString(); };
  for (const Case& c : kCases) {
    EXPECT_EQ(text(WiderType(c.a, c.b, true)), c.ansi);
    EXPECT_EQ(text(WiderType(c.b, c.a, true)), c.ansi);
    EXPECT_EQ(text(WiderType(c.a, c.b, false)), c.legacy);
  }
  EXPECT_EQ(text(DecimalResult("/", *types::Decimal(38, 0), *types::Decimal(10, 2))), "decimal(38,6)");
  EXPECT_EQ(text(DecimalResult("*", *types::Decimal(10, 2), *types::Decimal(10, 2))), "decimal(21,4)");
}

}  // namespace
}  // namespace centella
