// Messages to plans: what the client sends becomes what the analyzer expects, and what strangers send does no harm.
#include "server/connect/convert.h"

#include <gtest/gtest.h>

#include <random>

#include "plan/serialize.h"
#include "server/connect/parse.h"
#include "session/deep_stack_pool.h"
#include "spark/connect/expressions.pb.h"
#include "spark/connect/relations.pb.h"
#include "spark/connect/types.pb.h"

namespace centella::connect {
namespace {

class Convert : public testing::Test {
 protected:
  Convert() {
    auto shared = std::make_shared<SharedState>();
    shared->engine = Engine::Make(1, 64 << 20);
    shared->catalog = MakeMemoryCatalog("spark_catalog");
    session_ = std::make_shared<Session>("u", NewUuid(), shared);
  }
  PlanPtr FromRelation(const proto::Relation& relation) { return PlanConverter(*session_).FromRelation(relation); }
  ExprPtr FromExpression(const proto::Expression& expression) {
    return PlanConverter(*session_).FromExpression(expression);
  }
  std::string ConditionOf(const proto::Relation& relation) {
    try {
      FromRelation(relation);
    } catch (const Error& error) {
      return std::string(error.info().name);
    }
    return "none";
  }
  std::shared_ptr<Session> session_;
};

proto::Relation RangeOf(int64_t end) {
  proto::Relation relation;
  relation.mutable_range()->set_end(end);
  relation.mutable_range()->set_step(1);
  return relation;
}

proto::Expression ColumnOf(const std::string& name) {
  proto::Expression expression;
  expression.mutable_unresolved_attribute()->set_unparsed_identifier(name);
  return expression;
}

TEST_F(Convert, KeepsPlanIds) {
  proto::Relation relation;
  relation.mutable_common()->set_plan_id(7);
  *relation.mutable_filter()->mutable_input() = RangeOf(3);
  *relation.mutable_filter()->mutable_condition() = ColumnOf("id");
  relation.mutable_filter()->mutable_condition()->mutable_unresolved_attribute()->set_plan_id(5);
  const PlanPtr plan = FromRelation(relation);
  EXPECT_EQ(plan->plan_id, 7);
  EXPECT_EQ(To<UnresolvedAttribute>(To<Filter>(plan).condition).plan_id, 5);
  EXPECT_EQ(To<Range>(To<Filter>(plan).child).end, 3);
}

TEST_F(Convert, RenamesTheClientsFunctions) {
  const auto name_of = [&](const std::string& name) {
    proto::Expression expression;
    expression.mutable_unresolved_function()->set_function_name(name);
    *expression.mutable_unresolved_function()->add_arguments() = ColumnOf("a");
    return To<UnresolvedFunction>(FromExpression(expression)).name[0];
  };
  EXPECT_EQ(name_of("when"), "case");
  EXPECT_EQ(name_of("isNull"), "isnull");
  EXPECT_EQ(name_of("startsWith"), "startswith");
  EXPECT_EQ(name_of("upper"), "upper");
}

TEST_F(Convert, WindowFrames) {
  proto::Expression expression;
  auto* window = expression.mutable_window();
  window->mutable_window_function()->mutable_unresolved_function()->set_function_name("sum");
  auto* frame = window->mutable_frame_spec();
  frame->set_frame_type(proto::Expression::Window::WindowFrame::FRAME_TYPE_ROW);
  frame->mutable_lower()->mutable_value()->mutable_literal()->set_integer(-2);
  frame->mutable_upper()->set_current_row(true);
  const ExprPtr kept = FromExpression(expression);
  const auto& converted = To<WindowExpr>(kept);
  EXPECT_EQ(converted.lower, FrameBound::kPreceding);
  EXPECT_EQ(To<Literal>(converted.lower_offset).value, Value::Int(2));
  EXPECT_EQ(converted.upper, FrameBound::kCurrentRow);
  EXPECT_EQ(converted.upper_offset, nullptr);
}

TEST_F(Convert, DecimalLiterals) {
  const auto convert = [](const std::string& text, int precision, int scale) {
    proto::Expression::Literal literal;
    literal.mutable_decimal()->set_value(text);
    if (precision > 0) literal.mutable_decimal()->set_precision(precision);
    if (precision > 0) literal.mutable_decimal()->set_scale(scale);
    return LiteralFromProto(literal);
  };
  EXPECT_EQ(convert("12.50", 0, 0), Value::Decimal(1250, 4, 2));
  EXPECT_EQ(convert("-0.05", 0, 0), Value::Decimal(-5, 2, 2));
  EXPECT_EQ(convert("1E+3", 0, 0), Value::Decimal(1000, 4, 0));
  EXPECT_EQ(convert("1.5", 10, 2), Value::Decimal(150, 10, 2));
  EXPECT_EQ(convert("1.5", 10, 0), Value::Decimal(15, 10, 1));  // the more of what is given and needed
  for (const char* bad : {"", "x", "1.2.3", "1E", "999999999999999999999999999999999999999"}) {
    EXPECT_THROW(convert(bad, 0, 0), Error) << bad;
  }
}

TEST_F(Convert, RefusesByName) {
  proto::Relation relation;
  EXPECT_EQ(ConditionOf(relation), "CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET");
  relation.mutable_ml_relation();
  EXPECT_TRUE(ConditionOf(relation).starts_with("UNSUPPORTED_FEATURE"));
  relation.mutable_cached_remote_relation()->set_relation_id("nobody");
  EXPECT_EQ(ConditionOf(relation), "CONNECT_INVALID_PLAN.DATAFRAME_NOT_FOUND");
  relation.mutable_cached_local_relation()->set_hash("abc");
  EXPECT_EQ(ConditionOf(relation), "CONNECT_INVALID_PLAN.NOT_FOUND_CACHED_LOCAL_RELATION");
  relation.mutable_range()->set_step(0);
  EXPECT_EQ(ConditionOf(relation), "CONNECT_INVALID_PLAN.ASSERTION_FAILURE");
}

TEST_F(Convert, AThousandChainedOperations) {
  auto relation = std::make_unique<proto::Relation>(RangeOf(1));
  for (int i = 0; i < 1000; ++i) {
    auto outer = std::make_unique<proto::Relation>();
    auto* columns = outer->mutable_with_columns();
    columns->set_allocated_input(relation.release());
    columns->add_aliases()->add_name("c");
    *columns->mutable_aliases(0)->mutable_expr() = ColumnOf("id");
    relation = std::move(outer);
  }
  const std::string bytes = relation->SerializeAsString();
  RunOnDeepStack([&] {
    proto::Relation parsed;
    ASSERT_TRUE(ParseBounded(bytes, &parsed));
    int levels = 0;
    PlanPtr plan = FromRelation(parsed);
    for (PlanPtr at = plan; const auto* columns = As<WithColumns>(at); at = columns->child) ++levels;
    EXPECT_EQ(levels, 1000);
  });
}

TEST_F(Convert, MutatedMessagesDoNoHarm) {
  proto::Relation relation;
  auto* aggregate = relation.mutable_aggregate();
  *aggregate->mutable_input() = RangeOf(10);
  aggregate->set_group_type(proto::Aggregate::GROUP_TYPE_GROUPBY);
  *aggregate->add_grouping_expressions() = ColumnOf("a.`b c`");
  auto* function = aggregate->add_aggregate_expressions()->mutable_unresolved_function();
  function->set_function_name("sum");
  function->add_arguments()->mutable_literal()->mutable_decimal()->set_value("1.5");
  auto* array = function->add_arguments()->mutable_literal()->mutable_array();
  array->add_elements()->set_integer(1);
  array->add_elements()->set_string("x");
  const std::string bytes = relation.SerializeAsString();
  std::mt19937 random(42);
  int converted = 0;
  RunOnDeepStack([&] {
    for (int round = 0; round < 20000; ++round) {
      std::string mutated = bytes;
      for (int i = 0; i < 1 + round % 4; ++i) mutated[random() % mutated.size()] = static_cast<char>(random());
      proto::Relation parsed;
      if (!ParseBounded(mutated, &parsed)) continue;
      try {
        FromRelation(parsed);
        ++converted;
      } catch (const Error&) {
      }
    }
  });
  EXPECT_GT(converted, 0);
}

TEST(Parse, BoundsNestingAndSize) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer keeps 65,536 calls of a stack, this makes twice as many";
#endif
  auto relation = std::make_unique<proto::Relation>();
  for (int i = 0; i < kMaxNesting; ++i) {  // two levels each
    auto outer = std::make_unique<proto::Relation>();
    outer->mutable_limit()->set_allocated_input(relation.release());
    relation = std::move(outer);
  }
  RunOnDeepStack([&] {
    const std::string bytes = relation->SerializeAsString();
    proto::Relation parsed;
    EXPECT_FALSE(ParseBounded(bytes, &parsed));
    relation.reset();
  });
  EXPECT_THROW(DecompressZstd("not zstd", 100), Error);
}

}  // namespace
}  // namespace centella::connect
