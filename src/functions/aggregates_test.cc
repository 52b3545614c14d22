// Aggregates: the same answer in one piece, merged from two, and through serialised states.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "functions/registry.h"

namespace centella {
namespace {

Value I(int32_t v) { return Value::Int(v); }
Value D(double v) { return Value::Double(v); }

// Runs an aggregate over rows of arguments in three ways and expects one answer.
Value Aggregate(const char* name, const std::vector<TypePtr>& types, const std::vector<std::vector<Value>>& columns,
                EvalMode mode = EvalMode::kAnsi) {
  const FunctionDecl* decl = FunctionRegistry::Builtin().Find(name);
  EXPECT_NE(decl, nullptr) << name;
  const Overload* overload = FindExactOverload(*decl, types);
  EXPECT_NE(overload, nullptr) << name;
  std::vector<const Value*> constants(types.size());
  bool nullable[4] = {true, true, true, true};
  TypePtr result = ResultTypeOf(*overload, BindArgs{types, {nullable, types.size()}, constants, mode});
  QueryContext context;
  std::unique_ptr<AggregateFunction> function = overload->aggregate(AggregateArgs{context, mode, types, result});
  auto rows = static_cast<int64_t>(columns.empty() ? 4 : columns[0].size());
  std::vector<VectorPtr> all, head, tail;
  for (size_t c = 0; c < columns.size(); ++c) {
    all.push_back(MakeVector(types[c], columns[c]));
    head.push_back(Flatten(Slice(all[c], 0, rows / 2)));
    tail.push_back(Flatten(Slice(all[c], rows / 2, rows - rows / 2)));
  }
  size_t words = function->state_size() / 8 + 2;
  std::vector<uint64_t> room(words * 4);
  auto state = [&](int i) { return reinterpret_cast<std::byte*>(room.data() + words * i); };
  for (int i = 0; i < 4; ++i) function->Init(state(i));
  function->UpdateOne(all, rows, state(0));
  std::vector<std::byte*> one(rows / 2, state(1));
  function->Update(head, rows / 2, one.data());
  function->UpdateOne(tail, rows - rows / 2, state(2));
  std::byte* parts[] = {state(1), state(2)};
  VectorPtr blobs = function->Serialize(parts, 2);
  std::byte* into[] = {state(3), state(3)};
  function->DeserializeMerge(blobs, into);
  std::byte* from[] = {state(2)};
  function->Merge(from, parts, 1);
  std::byte* ends[] = {state(0), state(1), state(3)};
  VectorPtr out = function->Finish(ends, 3);
  Value answer = out->GetValue(0);
  for (int64_t i = 1; i < 3; ++i) {
    Value other = out->GetValue(i);
    EXPECT_EQ(other.is_null(), answer.is_null()) << name;
    if (!answer.is_null() && answer.type()->is(TypeId::kDouble)) {
      bool both_nan = std::isnan(other.floating()) && std::isnan(answer.floating());
      EXPECT_TRUE(both_nan || std::fabs(other.floating() - answer.floating()) < 1e-9) << name;
    } else if (!answer.is_null()) {
      EXPECT_EQ(other, answer) << name << " in way " << i;
    }
  }
  for (int i = 0; i < 4; ++i) {
    if (function->needs_destroy()) function->Destroy(state(i));
  }
  return answer;
}

const Value kNull = Value::Null(types::Int());

TEST(Aggregates, CountSumAverage) {
  std::vector<std::vector<Value>> ints = {{I(1), kNull, I(3), I(5)}};
  EXPECT_EQ(Aggregate("count", {types::Int()}, ints).integer(), 3);
  EXPECT_EQ(Aggregate("count", {}, {}).integer(), 4);
  EXPECT_EQ(Aggregate("sum", {types::Int()}, ints).integer(), 9);
  EXPECT_EQ(Aggregate("avg", {types::Int()}, ints).floating(), 3.0);
  TypePtr dec = types::Decimal(10, 2);
  std::vector<std::vector<Value>> decimals = {
      {Value::Decimal(100, 10, 2), Value::Null(dec), Value::Decimal(200, 10, 2), Value::Decimal(200, 10, 2)}};
  EXPECT_EQ(Aggregate("sum", {dec}, decimals).decimal(), int128_t{500});
  EXPECT_EQ(Aggregate("avg", {dec}, decimals).decimal(), int128_t{1666667});
  EXPECT_TRUE(Aggregate("sum", {types::Int()}, {{kNull, kNull}}).is_null());
  std::vector<std::vector<Value>> big = {{Value::Long(INT64_MAX), Value::Long(0), Value::Long(1), Value::Long(0)}};
  EXPECT_THROW(Aggregate("sum", {types::Long()}, big), Error);
  EXPECT_TRUE(Aggregate("try_sum", {types::Long()}, big).is_null());
}

TEST(Aggregates, OneValue) {
  std::vector<std::vector<Value>> ints = {{kNull, I(4), I(3), I(5)}};
  EXPECT_EQ(Aggregate("max", {types::Int()}, ints), I(5));
  EXPECT_EQ(Aggregate("min", {types::Int()}, ints), I(3));
  EXPECT_TRUE(Aggregate("first", {types::Int()}, ints).is_null());
  EXPECT_EQ(Aggregate("last", {types::Int()}, ints), I(5));
  std::vector<Value> flags(4, Value::Boolean(true));
  EXPECT_EQ(Aggregate("first", {types::Int(), types::Boolean()}, {ints[0], flags}), I(4));
  std::vector<Value> words = {Value::String("pear"), Value::Null(types::String()), Value::String("a long apple tree"),
                              Value::String("fig")};
  EXPECT_EQ(Aggregate("min", {types::String()}, {words}).string(), "a long apple tree");
  EXPECT_EQ(Aggregate("max", {types::String()}, {words}).string(), "pear");
  EXPECT_EQ(Aggregate("last", {types::String()}, {words}).string(), "fig");
  EXPECT_EQ(Aggregate("max_by", {types::String(), types::Int()}, {words, ints[0]}).string(), "fig");
  EXPECT_TRUE(std::isnan(Aggregate("max", {types::Double()}, {{D(1), D(std::nan("")), D(2), D(3)}}).floating()));
}

TEST(Aggregates, ManyValues) {
  std::vector<std::vector<Value>> ints = {{I(2), kNull, I(3), I(2)}};
  EXPECT_EQ(Aggregate("collect_list", {types::Int()}, ints).parts().size(), 3u);
  EXPECT_EQ(Aggregate("collect_set", {types::Int()}, ints).parts().size(), 2u);
  EXPECT_EQ(Aggregate("mode", {types::Int()}, ints), I(2));
  EXPECT_EQ(Aggregate("approx_count_distinct", {types::Int()}, ints).integer(), 2);
  std::vector<Value> words = {Value::String("a"), Value::String(""), Value::Null(types::String()), Value::String("c")};
  std::vector<Value> commas(4, Value::String(","));
  EXPECT_EQ(Aggregate("listagg", {types::String(), types::String()}, {words, commas}).string(), "a,,c");
  EXPECT_EQ(Aggregate("median", {types::Double()}, {{D(0), D(10), D(4), D(5)}}).floating(), 4.5);
  std::vector<Value> half(4, D(0.5));
  EXPECT_EQ(Aggregate("percentile_approx", {types::Int(), types::Double()}, {{I(1), I(7), I(3), I(9)}, half}), I(3));
}

TEST(Aggregates, ListsOfEveryWidth) {
  const TypePtr dec = types::Decimal(38, 2);
  const std::vector<std::vector<Value>> columns = {
      {Value::Boolean(true), Value::Boolean(false)},
      {Value::Integer(types::Short(), -3), Value::Integer(types::Short(), 300)},
      {I(7), I(-8)},
      {Value::Long(INT64_MIN), Value::Long(INT64_MAX)},
      {D(-0.0), D(std::numeric_limits<double>::infinity())},
      {Value::Decimal(int128_t{1} << 100, 38, 2), Value::Decimal(-1, 38, 2)},
      {Value::String("a"), Value::String("a string that is not inline")},
  };
  for (const std::vector<Value>& pair : columns) {
    const TypePtr type = pair[0].type();
    // More than the first room for a list holds, with a NULL in each half.
    std::vector<Value> column, expected;
    for (int i = 0; i < 120; ++i) {
      column.push_back(i % 50 == 3 ? Value::Null(type) : pair[i % 3 == 0]);
      if (!column.back().is_null()) expected.push_back(column.back());
    }
    EXPECT_EQ(Aggregate("collect_list", {type}, {column}).parts(), expected) << type->ToSql();
    EXPECT_TRUE(Aggregate("collect_list", {type}, {{Value::Null(type), Value::Null(type)}}).parts().empty());
  }
}

TEST(Aggregates, ApproximateCountsStayNearSparks) {
  for (auto [rows, spark] : {std::pair{1000, 1026}, std::pair{2000, 1947}}) {
    std::vector<Value> ids;
    for (int i = 0; i < rows; ++i) ids.push_back(Value::Long(i));
    EXPECT_NEAR(Aggregate("approx_count_distinct", {types::Long()}, {ids}).integer(), spark, spark * 0.01);
  }
}

TEST(Aggregates, Moments) {
  std::vector<std::vector<Value>> x = {{D(1), D(2), D(3), D(10)}};
  EXPECT_NEAR(Aggregate("stddev", {types::Double()}, x).floating(), 4.08248290463863, 1e-12);
  EXPECT_NEAR(Aggregate("var_pop", {types::Double()}, x).floating(), 12.5, 1e-12);
  EXPECT_NEAR(Aggregate("skewness", {types::Double()}, x).floating(), 1.0182337649086284, 1e-12);
  EXPECT_NEAR(Aggregate("kurtosis", {types::Double()}, x).floating(), -0.7696, 1e-12);
  EXPECT_NEAR(Aggregate("corr", {types::Double(), types::Double()}, {x[0], {D(2), D(4), D(6), D(20)}}).floating(), 1.0,
              1e-12);
  EXPECT_TRUE(Aggregate("stddev", {types::Double()}, {{D(1)}}).is_null());
}

}  // namespace
}  // namespace centella
