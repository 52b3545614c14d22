// The evaluator's contracts: the same answer for every encoding and selection, errors on live rows only and of the
// first failing row, guards, sharing, lambdas.
#include "expression/evaluator.h"

#include <gtest/gtest.h>

namespace centella {
namespace {

ExprPtr Lit(Value value) {
  auto out = std::make_shared<Literal>();
  out->type = value.type();
  out->value = std::move(value);
  return out;
}
ExprPtr Col(int64_t ordinal, TypePtr type) {
  auto out = std::make_shared<Column>();
  out->ordinal = ordinal;
  out->type = std::move(type);
  return out;
}
ExprPtr Fn(std::string name, std::vector<ExprPtr> args, TypePtr type, EvalMode mode = EvalMode::kAnsi) {
  auto out = std::make_shared<Call>();
  out->function = name;
  out->args = std::move(args);
  out->type = std::move(type);
  out->mode = mode;
  auto origin = std::make_shared<ErrorContext>();
  origin->fragment = std::move(name);
  out->origin = origin;
  return out;
}
ExprPtr Int(int32_t v) { return Lit(Value::Int(v)); }
ExprPtr IntCol(int64_t ordinal) { return Col(ordinal, types::Int()); }
ExprPtr Div(ExprPtr a, ExprPtr b) {
  return Fn("%", {std::move(a), std::move(b)}, types::Int());  // raises on zero
}

QueryContextPtr Context() { return std::make_shared<QueryContext>(); }

std::vector<std::optional<int64_t>> Ints(const VectorPtr& v) {
  std::vector<std::optional<int64_t>> out;
  for (int64_t i = 0; i < v->size(); ++i) {
    out.push_back(v->IsNull(i) ? std::nullopt : std::optional(v->GetValue(i).integer()));
  }
  return out;
}

VectorPtr IntVector(const std::vector<std::optional<int>>& values) {
  std::vector<Value> out;
  for (auto v : values) out.push_back(v ? Value::Int(*v) : Value::Null(types::Int()));
  return MakeVector(types::Int(), out);
}

VectorPtr Dictionary(const VectorPtr& base, std::vector<int32_t> codes) {
  BufferPtr buffer = Buffer::Allocate(static_cast<int64_t>(codes.size()) * 4);
  std::memcpy(buffer->mutable_data(), codes.data(), codes.size() * 4);
  return Vector::MakeDictionary(base, buffer, static_cast<int64_t>(codes.size()));
}

std::vector<std::optional<int64_t>> Calculate(const ExprPtr& expression, Batch batch) {
  ExpressionExecutor executor(CompiledExpressions::Compile({expression}, Context()), 0);
  return Ints(executor.EvaluateOne(0, batch));
}

Batch One(VectorPtr column, SelectionPtr selection = nullptr) {
  Batch batch;
  batch.rows = column->size();
  batch.columns = {std::move(column)};
  batch.selection = std::move(selection);
  return batch;
}

using Answer = std::vector<std::optional<int64_t>>;

TEST(Evaluator, SameAnswerForEveryEncodingAndSelection) {
  ExprPtr sum = Fn("+", {Fn("*", {IntCol(0), Int(2)}, types::Int()), IntCol(0)}, types::Int());
  Answer expected = {3, std::nullopt, 9, 3};
  EXPECT_EQ(Calculate(sum, One(IntVector({1, std::nullopt, 3, 1}))), expected);
  EXPECT_EQ(Calculate(sum, One(Dictionary(IntVector({3, 1, std::nullopt, 2147483647}), {1, 2, 0, 1}))), expected);
  EXPECT_EQ(Calculate(sum, One(Vector::MakeConstant(Value::Int(5), 3))), (Answer{15, 15, 15}));
  auto selection = std::make_shared<Selection>(Selection{0, 2});
  EXPECT_EQ(Calculate(sum, One(IntVector({1, 2147483647, 3, 1}), selection)), (Answer{3, 9}));
  EXPECT_EQ(Calculate(sum, One(IntVector({}))), Answer{});
}

TEST(Evaluator, DictionaryResultsStayDictionaries) {
  ExpressionExecutor executor(CompiledExpressions::Compile({Fn("+", {IntCol(0), Int(1)}, types::Int())}, Context()), 0);
  VectorPtr out = executor.EvaluateOne(0, One(Dictionary(IntVector({7, 8, 9}), {2, 0, 2, 2})));
  ASSERT_TRUE(out->is_dictionary());
  EXPECT_EQ(out->base()->size(), 2);
  EXPECT_EQ(Ints(out), (Answer{10, 8, 10, 10}));
}

TEST(Evaluator, GuardsKeepErrorsAway) {
  ExprPtr zero = Fn("=", {IntCol(0), Int(0)}, types::Boolean());
  ExprPtr risky = Div(Int(10), IntCol(0));
  Batch batch = One(IntVector({3, 0, std::nullopt, 4}));
  EXPECT_EQ(Calculate(Fn("if", {zero, Int(-1), risky}, types::Int()), batch), (Answer{1, -1, std::nullopt, 2}));
  EXPECT_EQ(Calculate(Fn("coalesce", {Fn("nullif", {IntCol(0), Int(0)}, types::Int()), Int(7)}, types::Int()), batch),
            (Answer{3, 7, 7, 4}));
  ExprPtr test = Fn("=", {risky, Int(1)}, types::Boolean());
  EXPECT_EQ(Calculate(Fn("and", {Fn("not", {zero}, types::Boolean()), test}, types::Boolean()), batch),
            (Answer{1, 0, std::nullopt, 0}));
  EXPECT_EQ(Calculate(Fn("or", {zero, test}, types::Boolean()), batch), (Answer{1, 1, std::nullopt, 0}));
  EXPECT_THROW(Calculate(risky, batch), Error);
}

// CASE WHEN x = 0 THEN … WHEN x = 1 THEN … ELSE -1 END over rows 0, 1, …, against what it says.
TEST(Evaluator, CaseTakesEachRowsFirstTrueBranch) {
  for (const int branches : {1, 3, 254, 255, 300}) {
    std::vector<ExprPtr> args;
    for (int b = 0; b < branches; ++b) {
      args.push_back(Fn("=", {IntCol(0), Int(b)}, types::Boolean()));
      // A constant, a column, and values that raise elsewhere in turn.
      args.push_back(b % 3 == 0 ? Int(10 * b) : (b % 3 == 1 ? IntCol(0) : Div(Int(7), IntCol(0))));
    }
    args.push_back(Int(-1));
    std::vector<std::optional<int>> rows;
    Answer expected;
    for (int row = 0; row < 1000; ++row) {
      const int x = row % (branches + 2);
      rows.push_back(x == branches + 1 ? std::nullopt : std::optional(x));
      if (x >= branches) {
        expected.push_back(-1);
      } else {
        expected.push_back(x % 3 == 0 ? 10 * x : (x % 3 == 1 ? x : 7 % x));
      }
    }
    EXPECT_EQ(Calculate(Fn("case", std::move(args), types::Int()), One(IntVector(rows))), expected) << branches;
  }
}

TEST(Evaluator, FilterFindsTrueRowsInBatchesOfAnySize) {
  ExprPtr odd = Fn("=", {Div(IntCol(0), Int(2)), Int(1)}, types::Boolean());
  ExpressionExecutor executor(CompiledExpressions::Compile({odd}, Context()), 0);
  for (const int rows : {1, 2, 7, 8, 9, 17, 100}) {
    std::vector<std::optional<int>> values;
    Selection expected;
    for (int row = 0; row < rows; ++row) {
      values.push_back(row % 5 == 4 ? std::nullopt : std::optional(row * row / 3));
      if (row % 5 != 4 && row * row / 3 % 2 == 1) expected.push_back(row);
    }
    const SelectionPtr found = executor.Filter(0, One(IntVector(values)));
    if (found != nullptr) {
      EXPECT_EQ(*found, expected) << rows;
    }
    EXPECT_EQ(found == nullptr, static_cast<int>(expected.size()) == rows);
  }
}

TEST(Evaluator, FilterDropsRowsAtTheFirstTermThatIsNotTrue) {
  ExprPtr positive = Fn(">", {IntCol(0), Int(0)}, types::Boolean());
  ExprPtr risky = Fn("=", {Div(Int(10), IntCol(0)), Int(1)}, types::Boolean());
  ExpressionExecutor executor(CompiledExpressions::Compile({Fn("and", {positive, risky}, types::Boolean())}, Context()),
                              0);
  SelectionPtr rows = executor.Filter(0, One(IntVector({3, 0, std::nullopt, 4, 9})));
  ASSERT_NE(rows, nullptr);
  EXPECT_EQ(*rows, (Selection{0, 4}));
  EXPECT_EQ(executor.Filter(0, One(IntVector({3, 9}))), nullptr);
}

TEST(Evaluator, RaisesTheFirstFailingRowsErrorWithItsContext) {
  // Row 1 fails in the second expression, row 2 in the first.
  ExprPtr overflow = Fn("+", {IntCol(0), Int(1)}, types::Int());
  ExprPtr divide = Div(Int(1), IntCol(0));
  ExpressionExecutor executor(CompiledExpressions::Compile({overflow, divide}, Context()), 0);
  try {
    executor.Evaluate(One(IntVector({1, 0, 2147483647})));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.condition(), Condition::REMAINDER_BY_ZERO);
    ASSERT_EQ(error.contexts().size(), 1u);
    EXPECT_EQ(error.contexts()[0].fragment, "%");
  }
}

TEST(Evaluator, StrictArgumentsAreNotEvaluatedWhereAnEarlierOneIsNull) {
  Batch batch = One(IntVector({std::nullopt, 5}));
  batch.columns.push_back(IntVector({0, 2}));
  ExprPtr sum = Fn("+", {IntCol(0), Div(Int(1), IntCol(1))}, types::Int());
  EXPECT_EQ(Calculate(sum, batch), (Answer{std::nullopt, 6}));
}

TEST(Evaluator, InFollowsSqlsNullRules) {
  auto in = [](std::vector<ExprPtr> items) {
    items.insert(items.begin(), IntCol(0));
    return Fn("in", std::move(items), types::Boolean());
  };
  ExprPtr null = Lit(Value::Null(types::Int()));
  Batch batch = One(IntVector({1, 2, std::nullopt}));
  EXPECT_EQ(Calculate(in({Int(1), Int(3)}), batch), (Answer{1, 0, std::nullopt}));
  EXPECT_EQ(Calculate(in({Int(1), null}), batch), (Answer{1, std::nullopt, std::nullopt}));
  EXPECT_EQ(Calculate(in({Fn("+", {IntCol(0), Int(0)}, types::Int())}), batch), (Answer{1, 1, std::nullopt}));
  // The second item fails for the row that the first one matches: it must not run there.
  EXPECT_EQ(Calculate(in({Int(2),
                          Fn("+", {Fn("%", {Int(5), Fn("-", {IntCol(0), Int(2)}, types::Int())}, types::Int()), Int(1)},
                             types::Int())}),
                      batch),
            (Answer{1, 1, std::nullopt}));
}

TEST(Evaluator, TenThousandTermsAndDeepNesting) {
  ExprPtr any = Fn("=", {IntCol(0), Int(0)}, types::Boolean());
  ExprPtr deep = IntCol(0);
  for (int i = 1; i < 10000; ++i) {
    any = Fn("or", {any, Fn("=", {IntCol(0), Int(i)}, types::Boolean())}, types::Boolean());
  }
  for (int i = 0; i < 3000; ++i) deep = Fn("+", {deep, Int(1)}, types::Int());
  Batch batch = One(IntVector({9999, 10000}));
  EXPECT_EQ(Calculate(any, batch), (Answer{1, 0}));
  EXPECT_EQ(Calculate(deep, batch), (Answer{12999, 13000}));
  EXPECT_TRUE(CanFail(deep));
  EXPECT_FALSE(CanFail(any));
}

TEST(Evaluator, FoldingLeavesErrorsForRunTime) {
  EXPECT_EQ(FoldConstant(Fn("+", {Int(1), Int(2)}, types::Int()), Context()), Value::Int(3));
  EXPECT_EQ(FoldConstant(Div(Int(1), Int(0)), Context()), std::nullopt);
  EXPECT_THROW(EvaluateConstant(Div(Int(1), Int(0)), Context()), Error);
  EXPECT_EQ(Calculate(Div(Int(1), Int(0)), One(IntVector({}))), Answer{});
}

TEST(Evaluator, ConstantBranchesOfStringsBecomeADictionary) {
  ExprPtr expression = Fn(
      "case", {Fn(">", {IntCol(0), Int(1)}, types::Boolean()), Lit(Value::String("high")), Lit(Value::String("low"))},
      types::String());
  Batch batch = One(IntVector({1, 2, std::nullopt}));
  ExpressionExecutor executor(CompiledExpressions::Compile({expression}, Context()), 0);
  VectorPtr out = executor.EvaluateOne(0, batch);
  EXPECT_TRUE(out->is_dictionary());
  EXPECT_EQ(out->GetValue(0).string(), "low");
  EXPECT_EQ(out->GetValue(1).string(), "high");
  EXPECT_EQ(out->GetValue(2).string(), "low");
}

TEST(Evaluator, DecimalsFollowSparksShapes) {
  auto dec = [](int64_t v, int p, int s) { return Lit(Value::Decimal(v, p, s)); };
  auto value = [](const char* op, ExprPtr a, ExprPtr b, TypePtr type) {
    return EvaluateConstant(Fn(op, {std::move(a), std::move(b)}, std::move(type)), Context()).decimal();
  };
  EXPECT_EQ(value("/", dec(150, 5, 2), dec(30000, 10, 4), types::Decimal(20, 13)), int128_t{5000000000000});
  EXPECT_EQ(value("/", dec(20000000000, 38, 10), dec(30000000000, 38, 10), types::Decimal(38, 6)), int128_t{666667});
  EXPECT_EQ(value("*", dec(20000000000, 38, 10), dec(30000000000, 38, 10), types::Decimal(38, 6)), int128_t{6000000});
  EXPECT_EQ(value("-", dec(15, 2, 1), dec(25, 3, 2), types::Decimal(4, 2)), int128_t{125});
  EXPECT_EQ(value("%", dec(15, 2, 1), dec(4, 1, 1), types::Decimal(1, 1)), int128_t{3});
  EXPECT_EQ(value("pmod", dec(-75, 2, 1), dec(20, 2, 1), types::Decimal(2, 1)), int128_t{5});
}

}  // namespace
}  // namespace centella
