// Column names as Spark prints them, conjunctions, equality, rewriting and outputs.
#include "plan/expression.h"

#include <gtest/gtest.h>

#include "plan/logical_plan.h"
#include "plan/transform.h"

namespace centella {
namespace {

ExprPtr A() { return MakeAttribute("a", types::Int(), true, 1); }
ExprPtr B() { return MakeAttribute("b", types::Int(), false, 2); }
ExprPtr Int(int32_t value) { return MakeLiteral(Value::Int(value)); }
ExprPtr Text(std::string value) { return MakeLiteral(Value::String(std::move(value))); }
ExprPtr Fn(std::string name, std::vector<ExprPtr> args) {
  return MakeCall(std::move(name), std::move(args), types::Int(), true);
}

TEST(ColumnName, LikeSpark) {
  auto cast = std::make_shared<Cast>();
  cast->child = A();
  cast->type = cast->target = types::Decimal(10, 2);
  auto implicit_cast = std::make_shared<Cast>(*cast);
  implicit_cast->implicit = true;
  auto count = std::make_shared<AggregateCall>();
  count->function = "count";
  count->args = {A(), B()};
  count->distinct = true;
  count->filter = Fn(">", {B(), Int(1)});
  auto window = std::make_shared<WindowExpr>();
  window->function = Fn("row_number", {});
  window->partition_by = {A()};
  auto order = std::make_shared<SortOrder>();
  order->child = B();
  window->order_by = {order};
  auto lag = std::make_shared<WindowExpr>(*window);
  lag->function = Fn("lag", {A(), Int(2)});
  lag->partition_by.clear();
  auto variable = std::make_shared<LambdaVariable>();
  variable->parts = {"x"};
  variable->id = 9;
  auto lambda = std::make_shared<Lambda>();
  lambda->parameters = {variable};
  lambda->body = Fn("+", {variable, Int(1)});
  auto named = std::make_shared<Call>(To<Call>(Fn("%", {A(), B()})));
  named->display = "mod";
  const std::vector<std::pair<ExprPtr, std::string>> cases = {
      {Fn("+", {A(), Int(1)}), "(a + 1)"},
      {Fn("and", {Fn("<>", {A(), Int(1)}), Fn("not", {B()})}), "((NOT (a = 1)) AND (NOT b))"},
      {Fn("negative", {A()}), "(- a)"},
      {named, "mod(a, b)"},
      {Fn("case", {A(), Int(1), B(), Int(2), Int(3)}), "CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END"},
      {Fn("in", {A(), Int(1), Text("x")}), "(a IN (1, x))"},
      {Fn("isnotnull", {A()}), "(a IS NOT NULL)"},
      {Fn("like", {A(), Text("x%"), Text("/")}), "a LIKE x% ESCAPE '/'"},
      {Fn("between", {A(), Int(1), Int(2)}), "between(a, 1, 2)"},
      {Fn("if", {A(), B(), Int(0)}), "(IF(a, b, 0))"},
      {Fn("sqrt", {A()}), "SQRT(a)"},
      {Fn("log", {A()}), "LOG(E(), a)"},
      {Fn("round", {A()}), "round(a, 0)"},
      {Fn("substring", {A(), Int(1)}), "substring(a, 1, 2147483647)"},
      {Fn("trim", {Text("x"), A()}), "TRIM(BOTH x FROM a)"},
      {Fn("get_struct_field", {A(), Text("f")}), "a.f"},
      {Fn("get_array_item", {A(), Int(0)}), "a[0]"},
      {cast, "a"},
      {Fn("abs", {cast}), "abs(CAST(a AS DECIMAL(10,2)))"},
      {Fn("abs", {implicit_cast}), "abs(a)"},
      {count, "count(DISTINCT a, b) FILTER (WHERE (b > 1))"},
      {window,
       "row_number() OVER (PARTITION BY a ORDER BY b ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT "
       "ROW)"},
      {lag, "lag(a, 2, NULL) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN -2 FOLLOWING AND -2 FOLLOWING)"},
      {Fn("transform", {A(), lambda}),
       "transform(a, lambdafunction((namedlambdavariable() + 1), namedlambdavariable()))"},
      {MakeLiteral(Value()), "NULL"},
  };
  for (const auto& [expression, name] : cases) EXPECT_EQ(ColumnNameOf(expression), name);
}

TEST(Conjunction, BalancedAndTakenApart) {
  std::vector<ExprPtr> terms;
  for (int i = 0; i < 10000; ++i) terms.push_back(Fn("=", {A(), Int(i)}));
  const ExprPtr all = Conjunction(terms);
  int depth = 0;
  for (ExprPtr node = all; As<Call>(node) != nullptr && To<Call>(node).function == "and"; ++depth) {
    node = To<Call>(node).args[0];
  }
  EXPECT_LE(depth, 14);
  EXPECT_EQ(SplitConjunction(all), terms);
  EXPECT_EQ(SplitConjunction(nullptr).size(), 0u);
}

TEST(SameExpression, IgnoresWhatHasNoMeaning) {
  const auto lambda = [](ExprId id) {
    auto variable = std::make_shared<LambdaVariable>();
    variable->parts = {"x"};
    variable->id = id;
    auto node = std::make_shared<Lambda>();
    node->parameters = {variable};
    node->body = Fn("+", {variable, Int(1)});
    return node;
  };
  EXPECT_TRUE(SameExpression(lambda(5), lambda(6)));
  EXPECT_TRUE(SameExpression(MakeAttribute("A", types::Int(), true, 1, {"t"}), A()));
  EXPECT_FALSE(SameExpression(A(), B()));
  EXPECT_FALSE(SameExpression(Fn("+", {A(), Int(1)}), Fn("+", {A(), Int(2)})));
  EXPECT_FALSE(SameExpression(Int(1), MakeLiteral(Value::Long(1))));
}

TEST(Transform, KeepsWhatDidNotChange) {
  const ExprPtr sum = Fn("+", {A(), Fn("abs", {B()})});
  EXPECT_EQ(TransformUp(sum, [](const ExprPtr& node) { return node; }), sum);
  const ExprPtr changed = TransformUp(sum, [](const ExprPtr& node) { return As<Attribute>(node) ? Int(7) : node; });
  EXPECT_EQ(ColumnNameOf(changed), "(7 + abs(7))");
  EXPECT_EQ(ColumnNameOf(sum), "(a + abs(b))");
}

TEST(OutputOf, JoinsChangeNullability) {
  auto left = std::make_shared<LocalRelation>();
  left->output = {B()};
  auto right = std::make_shared<LocalRelation>();
  right->output = {MakeAttribute("c", types::Long(), false, 3)};
  auto join = std::make_shared<Join>();
  join->left = left;
  join->right = right;
  const auto nullable = [&](JoinType type) {
    join->type = type;
    std::string flags;
    for (const ExprPtr& column : OutputOf(join)) flags += column->nullable ? 'n' : '-';
    return flags;
  };
  EXPECT_EQ(nullable(JoinType::kInner), "--");
  EXPECT_EQ(nullable(JoinType::kLeft), "-n");
  EXPECT_EQ(nullable(JoinType::kRight), "n-");
  EXPECT_EQ(nullable(JoinType::kFull), "nn");
  EXPECT_EQ(nullable(JoinType::kLeftAnti), "-");
  EXPECT_THROW(OutputOf(std::make_shared<UnresolvedRelation>()), Error);
}

}  // namespace
}  // namespace centella
