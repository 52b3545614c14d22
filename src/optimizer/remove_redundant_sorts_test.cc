// Tests of the rule that leaves out sorts whose order nobody sees.
#include <gtest/gtest.h>

#include "expression/evaluator.h"
#include "optimizer/rules.h"

namespace centella {
namespace {

class RemoveRedundantSorts : public testing::Test {
 protected:
  RemoveRedundantSorts() : column_(MakeAttribute("x", types::Int(), true, 1)) {
    auto rows = std::make_shared<LocalRelation>();
    rows->schema = types::Struct({{"x", types::Int(), true, ""}});
    rows->output = {column_};
    rows_ = rows;
  }
  PlanPtr Sorted(const PlanPtr& child, bool global = true) const {
    auto order = std::make_shared<SortOrder>();
    order->child = column_;
    order->type = column_->type;
    auto sort = std::make_shared<Sort>();
    sort->order = {order};
    sort->global = global;
    sort->child = child;
    return sort;
  }
  PlanPtr Aggregated(const std::string& function, const PlanPtr& child) const {
    auto call = std::make_shared<AggregateCall>();
    call->function = function;
    call->args = {column_};
    call->type = column_->type;
    auto aggregate = std::make_shared<Aggregate>();
    aggregate->aggregates = {MakeAlias(call, "a")};
    aggregate->child = child;
    return aggregate;
  }
  static PlanPtr Apply(const PlanPtr& plan) { return rules::RemoveRedundantSorts(plan, nullptr); }

  ExprPtr column_;
  PlanPtr rows_;
};

TEST_F(RemoveRedundantSorts, BelowAnotherSort) {
  EXPECT_EQ(To<Sort>(Apply(Sorted(Sorted(Sorted(rows_, false))))).child, rows_);
}

TEST_F(RemoveRedundantSorts, BelowAnAggregationThatDoesNotSeeOrder) {
  EXPECT_EQ(To<Aggregate>(Apply(Aggregated("max", Sorted(rows_)))).child, rows_);
}

TEST_F(RemoveRedundantSorts, StayWhereTheirOrderShows) {
  const PlanPtr collected = Aggregated("collect_list", Sorted(rows_));
  EXPECT_EQ(Apply(collected), collected);
  auto limit = std::make_shared<Limit>();
  limit->limit = MakeLiteral(Value::Int(3));
  limit->child = Sorted(rows_);
  const PlanPtr top = Sorted(limit);
  EXPECT_EQ(Apply(top), top);
  const PlanPtr within = Sorted(Sorted(rows_), /*global=*/false);
  EXPECT_EQ(Apply(within), within);
}

}  // namespace
}  // namespace centella
