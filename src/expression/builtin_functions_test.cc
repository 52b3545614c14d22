// Answers of built-in functions, as Spark 4.2.1 gave them; each over constants and over columns with a null row.
#include <gtest/gtest.h>

#include <cmath>

#include "base/raised_condition.h"
#include "expression/evaluator.h"
#include "functions/decimal_arithmetic.h"
#include "types/calendar.h"

namespace centella {
namespace {

using Values = std::vector<Value>;

Value I(int32_t v) { return Value::Int(v); }
Value L(int64_t v) { return Value::Long(v); }
Value D(double v) { return Value::Double(v); }
Value S(std::string v) { return Value::String(std::move(v)); }
Value Dec(int64_t v, int p, int s) { return Value::Decimal(v, p, s); }
Value Byte(int v) { return Value::Integer(types::Byte(), v); }
Value Null(const TypePtr& type) { return Value::Null(type); }
Value Ints(const std::vector<std::optional<int>>& values) {
  Values parts;
  for (auto v : values) parts.push_back(v ? I(*v) : Null(types::Int()));
  return Value::Nested(types::Array(types::Int()), parts);
}
Value Strings(const std::vector<std::optional<std::string>>& values) {
  Values parts;
  for (const auto& v : values) parts.push_back(v ? S(*v) : Null(types::String()));
  return Value::Nested(types::Array(types::String()), parts);
}
Value Map(std::vector<std::pair<int, std::string>> entries) {
  Values parts;
  for (auto& [k, v] : entries) {
    parts.push_back(I(k));
    parts.push_back(S(v));
  }
  return Value::Nested(types::Map(types::Int(), types::String()), parts);
}

std::string Show(const Value& v) {
  if (v.is_null()) return "NULL";
  const DataType& type = *v.type();
  switch (type.physical()) {
    case PhysicalType::kBool: return v.boolean() ? "true" : "false";
    case PhysicalType::kFloat:
    case PhysicalType::kDouble: {
      char text[40];
      std::snprintf(text, sizeof(text), "%.12g", v.floating());
      return text;
    }
    case PhysicalType::kString: return v.string();
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kStruct: {
      std::string out = type.is(TypeId::kArray) ? "[" : "{";
      for (const Value& part : v.parts()) out += (out.size() > 1 ? " " : "") + Show(part);
      return out + (type.is(TypeId::kArray) ? "]" : "}");
    }
    default: return type.is(TypeId::kDecimal) ? ToPlainString(v.decimal(), type.scale()) : std::to_string(v.integer());
  }
}

ExprPtr MakeExpression(const std::string& name, const Values& args, const std::vector<bool>& as_column) {
  const FunctionDecl* decl = FunctionRegistry::Builtin().Find(name);
  EXPECT_NE(decl, nullptr) << name;
  auto call = std::make_shared<Call>();
  call->function = decl->name;
  std::vector<TypePtr> types;
  std::vector<const Value*> constants;
  std::unique_ptr<bool[]> nullable(new bool[args.size() + 1]);
  for (size_t i = 0; i < args.size(); ++i) {
    types.push_back(args[i].type());
    constants.push_back(&args[i]);
    nullable[i] = args[i].is_null();
    if (as_column[i]) {
      auto column = std::make_shared<Column>();
      column->ordinal = static_cast<int64_t>(i);
      column->type = args[i].type();
      call->args.push_back(column);
    } else {
      auto literal = std::make_shared<Literal>();
      literal->type = args[i].type();
      literal->value = args[i];
      call->args.push_back(literal);
    }
  }
  const Overload* overload = FindExactOverload(*decl, types);
  EXPECT_NE(overload, nullptr) << name;
  call->type = ResultTypeOf(*overload, BindArgs{types, {nullable.get(), args.size()}, constants, EvalMode::kAnsi});
  return call;
}

std::string Calculate(const std::string& name, const Values& args) {
  auto context = std::make_shared<QueryContext>();
  std::string constant = Show(EvaluateConstant(MakeExpression(name, args, std::vector<bool>(args.size())), context));
  if (args.empty()) return constant;
  // The first argument as a column whose rows are: value, NULL, value.
  std::vector<bool> columns(args.size());
  columns[0] = true;
  ExpressionExecutor executor(CompiledExpressions::Compile({MakeExpression(name, args, columns)}, context), 0);
  Batch batch;
  batch.rows = 3;
  batch.columns.push_back(MakeVector(args[0].type(), {args[0], Null(args[0].type()), args[0]}));
  VectorPtr out = executor.EvaluateOne(0, batch);
  EXPECT_EQ(Show(out->GetValue(0)), constant) << name;
  EXPECT_EQ(Show(out->GetValue(2)), constant) << name;
  return constant;
}

Condition Failure(const std::string& name, const Values& args) {
  return RaisedCondition([&] { Calculate(name, args); });
}

TEST(BuiltinFunctions, EveryDeclarationIsComplete) {
  for (const FunctionDecl* decl : FunctionRegistry::Builtin().All()) {
    EXPECT_FALSE(decl->doc.empty()) << decl->name;
    EXPECT_FALSE(decl->overloads.empty()) << decl->name;
    EXPECT_FALSE(decl->group.empty()) << decl->name;
    for (const Overload& overload : decl->overloads) {
      bool implemented = overload.kernel || overload.aggregate || overload.window || overload.generator;
      EXPECT_EQ(implemented, decl->kind != FunctionKind::kSpecial) << decl->name << ": " << overload.text;
    }
  }
}

TEST(BuiltinFunctions, Hashes) {
  EXPECT_EQ(Calculate("hash", {I(1)}), "-559580957");
  EXPECT_EQ(Calculate("hash", {S("abc")}), "1322437556");
  EXPECT_EQ(Calculate("hash", {S("abcdefg")}), "2132013596");
  EXPECT_EQ(Calculate("hash", {L(1)}), "-1712319331");
  EXPECT_EQ(Calculate("hash", {D(1.5)}), "1290763749");
  EXPECT_EQ(Calculate("hash", {D(-0.0)}), "-1670924195");
  EXPECT_EQ(Calculate("hash", {Dec(150, 10, 2)}), "-2056712946");
  EXPECT_EQ(Calculate("hash", {Dec(150, 38, 2)}), "-339019914");
  EXPECT_EQ(Calculate("hash", {Ints({1, 2})}), "-222940379");
  EXPECT_EQ(Calculate("hash", {I(1), Null(types::Int()), S("a")}), "-936062819");
  EXPECT_EQ(Calculate("xxhash64", {S("abc")}), "1423657621850124518");
  EXPECT_EQ(Calculate("xxhash64", {I(1)}), "-6698625589789238999");
  EXPECT_EQ(Calculate("xxhash64", {Dec(150, 38, 2)}), "-194698251525976593");
  EXPECT_EQ(Calculate("xxhash64", {Ints({1, 2})}), "-8133857028838179022");
}

TEST(BuiltinFunctions, Arithmetic) {
  EXPECT_EQ(Calculate("div", {L(-7), L(2)}), "-3");
  EXPECT_EQ(Calculate("%", {I(-7), I(3)}), "-1");
  EXPECT_EQ(Calculate("pmod", {I(-7), I(-3)}), "-1");
  EXPECT_EQ(Calculate("pmod", {I(-7), I(3)}), "2");
  EXPECT_EQ(Calculate("pmod", {D(-7.5), D(2)}), "0.5");
  EXPECT_EQ(Calculate("try_add", {I(2147483647), I(1)}), "NULL");
  EXPECT_EQ(Calculate("try_divide", {D(1), D(0)}), "NULL");
  EXPECT_EQ(Calculate("div", {Dec(15, 2, 1), Dec(4, 1, 1)}), "3");
  EXPECT_EQ(Failure("+", {I(2147483647), I(1)}), Condition::ARITHMETIC_OVERFLOW);
  EXPECT_EQ(Failure("*", {Byte(127), Byte(2)}), Condition::BINARY_ARITHMETIC_OVERFLOW);
  EXPECT_EQ(Failure("/", {D(1), D(0)}), Condition::DIVIDE_BY_ZERO);
  EXPECT_EQ(Failure("+", {Value::Decimal(PowerOfTen(38) - 1, 38, 0), Dec(1, 1, 0)}),
            Condition::NUMERIC_VALUE_OUT_OF_RANGE__WITH_SUGGESTION);
}

// Products on both sides of what the loops without a test take.
TEST(BuiltinFunctions, ProductsAtTheEdges) {
  for (int bits = 20; bits <= 63; ++bits) {
    for (const int64_t away : {-1, 0, 1}) {
      const int64_t big = static_cast<int64_t>((uint64_t{1} << bits) - (bits == 63)) + (bits == 63 ? -away - 1 : away);
      for (const int64_t factor : {int64_t{1}, int64_t{-1}, int64_t{3}, int64_t{-4096}, (int64_t{1} << 31) - 1}) {
        for (const bool swapped : {false, true}) {
          const Values args = swapped ? Values{L(factor), L(big)} : Values{L(big), L(factor)};
          int64_t product;
          if (__builtin_mul_overflow(big, factor, &product)) {
            EXPECT_EQ(Failure("*", args), Condition::ARITHMETIC_OVERFLOW) << big << " * " << factor;
          } else {
            EXPECT_EQ(Calculate("*", args), std::to_string(product));
          }
          if (std::abs(big) >= 1000000000000000000 || std::abs(factor) >= 1000000000000) continue;
          const Values decimals =
              swapped ? Values{Dec(factor, 12, 0), Dec(big, 18, 0)} : Values{Dec(big, 18, 0), Dec(factor, 12, 0)};
          EXPECT_EQ(Calculate("*", decimals), ToPlainString(int128_t{big} * factor, 0));
        }
      }
    }
  }
}

TEST(BuiltinFunctions, DatesNearAndFar) {
  for (const int64_t days : {int64_t{0}, int64_t{-1}, int64_t{59}, int64_t{10957}, int64_t{-719528}, int64_t{-6563349},
                             int64_t{-6563350}, int64_t{500000000}, int64_t{INT32_MAX}, int64_t{INT32_MIN}}) {
    for (int64_t near = std::max<int64_t>(days - 400, INT32_MIN); near <= std::min<int64_t>(days + 400, INT32_MAX);
         ++near) {
      const CivilDay expected = CivilFromFarDays(near);
      const Values date = {Value::Integer(types::Date(), near)};
      ASSERT_EQ(Calculate("year", date), std::to_string(expected.year)) << near;
      ASSERT_EQ(Calculate("month", date), std::to_string(expected.month)) << near;
      ASSERT_EQ(Calculate("day", date), std::to_string(expected.day)) << near;
      ASSERT_EQ(Calculate("quarter", date), std::to_string((expected.month + 2) / 3)) << near;
    }
  }
}

TEST(BuiltinFunctions, Rounding) {
  EXPECT_EQ(Calculate("round", {Dec(25, 2, 1)}), "3");
  EXPECT_EQ(Calculate("bround", {Dec(25, 2, 1)}), "2");
  EXPECT_EQ(Calculate("round", {I(25), I(-1)}), "30");
  EXPECT_EQ(Calculate("bround", {I(25), I(-1)}), "20");
  EXPECT_EQ(Calculate("round", {Dec(1234567891, 10, 3), I(2)}), "1234567.89");
  EXPECT_EQ(Calculate("round", {Dec(1234567891, 10, 3), I(-2)}), "1234600");
  EXPECT_EQ(Calculate("round", {D(1.005), I(2)}), "1.01");
  EXPECT_EQ(Calculate("bround", {D(1.005), I(2)}), "1");
  EXPECT_EQ(Calculate("round", {D(2.675), I(2)}), "2.68");
  EXPECT_EQ(Calculate("round", {D(0.05), I(0)}), "0");
  EXPECT_EQ(Calculate("round", {D(-2.5)}), "-3");
  EXPECT_EQ(Calculate("ceil", {Dec(31411, 5, 4), I(3)}), "3.142");
  EXPECT_EQ(Calculate("floor", {Dec(31411, 5, 4), I(-1)}), "0");
  EXPECT_EQ(Calculate("ceil", {Dec(-1, 1, 1)}), "0");
  EXPECT_EQ(Calculate("ceil", {D(1e20)}), "9223372036854775807");
  EXPECT_EQ(Failure("round", {I(2147483647), I(-1)}), Condition::ARITHMETIC_OVERFLOW);
}

TEST(BuiltinFunctions, Mathematics) {
  EXPECT_EQ(Calculate("ln", {D(-1)}), "NULL");
  EXPECT_EQ(Calculate("log", {D(2), D(8)}), "3");
  EXPECT_EQ(Calculate("factorial", {I(21)}), "NULL");
  EXPECT_EQ(Calculate("width_bucket", {D(5.35), D(0.024), D(10.06), L(5)}), "3");
  EXPECT_EQ(Calculate("conv", {S("100"), I(2), I(10)}), "4");
  EXPECT_EQ(Calculate("conv", {S("-10"), I(16), I(-10)}), "-16");
  EXPECT_EQ(Calculate("bin", {L(13)}), "1101");
  EXPECT_EQ(Calculate("<<", {I(1), I(33)}), "2");
  EXPECT_EQ(Calculate(">>>", {I(-8), I(1)}), "2147483644");
  EXPECT_EQ(Calculate("bit_count", {I(-1)}), "64");
  auto context = std::make_shared<QueryContext>();
  EXPECT_EQ(Show(EvaluateConstant(MakeExpression("rand", {I(42)}, {false}), context)), "0.619189370225");
  EXPECT_EQ(Show(EvaluateConstant(MakeExpression("randn", {I(42)}, {false}), context)), "2.38447905424");
  EXPECT_EQ(Failure("bit_get", {I(11), I(65)}), Condition::INVALID_PARAMETER_VALUE__BIT_POSITION_RANGE);
}

TEST(BuiltinFunctions, Comparisons) {
  EXPECT_EQ(Calculate("=", {D(std::nan("")), D(std::nan(""))}), "true");
  EXPECT_EQ(Calculate("<", {D(1), D(std::nan(""))}), "true");
  EXPECT_EQ(Calculate("=", {D(-0.0), D(0.0)}), "true");
  EXPECT_EQ(Calculate("<", {S("abc"), S("abcd")}), "true");
  EXPECT_EQ(Calculate("<", {S("abcdefghijklmn"), S("abcdefghijklmo")}), "true");
  EXPECT_EQ(Calculate("<", {Ints({1, 2}), Ints({1, 3})}), "true");
  EXPECT_EQ(Calculate("<=>", {I(1), Null(types::Int())}), "false");
  EXPECT_EQ(Calculate("greatest", {I(1), Null(types::Int()), I(3)}), "3");
}

TEST(BuiltinFunctions, Arrays) {
  EXPECT_EQ(Calculate("array_contains", {Ints({1, std::nullopt}), I(2)}), "NULL");
  EXPECT_EQ(Calculate("array_distinct", {Ints({1, 2, 1, std::nullopt, std::nullopt})}), "[1 2 NULL]");
  EXPECT_EQ(Calculate("array_union", {Ints({1, 2}), Ints({2, 3})}), "[1 2 3]");
  EXPECT_EQ(Calculate("array_except", {Ints({1, 2, 2}), Ints({1})}), "[2]");
  EXPECT_EQ(Calculate("array_intersect", {Ints({1, 2, 2}), Ints({2})}), "[2]");
  EXPECT_EQ(Calculate("array_sort", {Ints({3, std::nullopt, 1})}), "[1 3 NULL]");
  EXPECT_EQ(Calculate("sort_array", {Ints({3, std::nullopt, 1})}), "[NULL 1 3]");
  EXPECT_EQ(Calculate("slice", {Ints({1, 2, 3}), I(-2), I(2)}), "[2 3]");
  EXPECT_EQ(Calculate("concat", {Ints({1}), Ints({2, 3})}), "[1 2 3]");
  EXPECT_EQ(Calculate("array_join", {Strings({"a", std::nullopt, "b"}), S(","), S("?")}), "a,?,b");
  EXPECT_EQ(Calculate("array_insert", {Ints({1, 2, 3}), I(-1), I(9)}), "[1 2 3 9]");
  EXPECT_EQ(Calculate("array_insert", {Ints({1, 2, 3}), I(5), I(9)}), "[1 2 3 NULL 9]");
  EXPECT_EQ(Calculate("array_repeat", {S("x"), I(2)}), "[x x]");
  EXPECT_EQ(Calculate("sequence", {I(5), I(1), I(-2)}), "[5 3 1]");
  EXPECT_EQ(Calculate("element_at", {Ints({1, 2}), I(-1)}), "2");
  EXPECT_EQ(Calculate("try_element_at", {Ints({1, 2}), I(3)}), "NULL");
  EXPECT_EQ(Calculate("element_at", {Map({{1, "a"}, {2, "b"}}), I(2)}), "b");
  EXPECT_EQ(Calculate("map_keys", {Map({{1, "a"}, {2, "b"}})}), "[1 2]");
  EXPECT_EQ(Calculate("map_from_arrays", {Ints({1, 2}), Strings({"a", "b"})}), "{1 a 2 b}");
  EXPECT_EQ(Calculate("str_to_map", {S("a:1,b:2")}), "{a 1 b 2}");
  EXPECT_EQ(Calculate("arrays_overlap", {Ints({1, std::nullopt}), Ints({2})}), "NULL");
  EXPECT_EQ(Calculate("size", {Ints({1, 2})}), "2");
  EXPECT_EQ(Failure("element_at", {Ints({1, 2}), I(3)}), Condition::INVALID_ARRAY_INDEX_IN_ELEMENT_AT);
  EXPECT_EQ(Failure("get_array_item", {Ints({1, 2}), I(2)}), Condition::INVALID_ARRAY_INDEX);
  EXPECT_EQ(Failure("map", {I(1), I(2), I(1), I(3)}), Condition::DUPLICATED_MAP_KEY);
}

TEST(BuiltinFunctions, HigherOrder) {
  auto variable = [](ExprId id) {
    auto out = std::make_shared<LambdaVariable>();
    out->id = id;
    out->type = types::Int();
    return out;
  };
  auto column = [](int64_t ordinal, TypePtr type) {
    auto out = std::make_shared<Column>();
    out->ordinal = ordinal;
    out->type = std::move(type);
    return out;
  };
  auto call = [](std::string name, std::vector<ExprPtr> args, TypePtr type) {
    auto out = std::make_shared<Call>();
    out->function = std::move(name);
    out->args = std::move(args);
    out->type = std::move(type);
    return out;
  };
  auto lambda = [](std::vector<ExprPtr> parameters, ExprPtr body) {
    auto out = std::make_shared<Lambda>();
    out->parameters = std::move(parameters);
    out->type = body->type;
    out->body = std::move(body);
    return out;
  };
  TypePtr list = types::Array(types::Int());
  // transform(c0, x -> x + c1): the body reads a column from outside.
  ExprPtr plus = lambda({variable(1)}, call("+", {variable(1), column(1, types::Int())}, types::Int()));
  ExprPtr transform = call("transform", {column(0, list), plus}, list);
  ExprPtr sum = lambda({variable(2), variable(3)}, call("+", {variable(2), variable(3)}, types::Int()));
  ExprPtr fold = call("aggregate", {column(0, list), column(1, types::Int()), sum}, types::Int());
  ExprPtr keep = lambda({variable(4)}, call(">", {variable(4), column(1, types::Int())}, types::Boolean()));
  ExprPtr filter = call("filter", {column(0, list), keep}, list);
  Batch batch;
  batch.rows = 3;
  batch.columns = {MakeVector(list, {Ints({1, 2, 3}), Null(list), Ints({})}),
                   MakeVector(types::Int(), {I(2), I(5), I(7)})};
  ExpressionExecutor executor(CompiledExpressions::Compile({transform, fold, filter}, std::make_shared<QueryContext>()),
                              0);
  std::vector<VectorPtr> out = executor.Evaluate(batch);
  EXPECT_EQ(Show(out[0]->GetValue(0)), "[3 4 5]");
  EXPECT_EQ(Show(out[0]->GetValue(1)), "NULL");
  EXPECT_EQ(Show(out[0]->GetValue(2)), "[]");
  EXPECT_EQ(Show(out[1]->GetValue(0)), "8");
  EXPECT_EQ(Show(out[1]->GetValue(1)), "NULL");
  EXPECT_EQ(Show(out[1]->GetValue(2)), "7");
  EXPECT_EQ(Show(out[2]->GetValue(0)), "[3]");
}

}  // namespace
}  // namespace centella
