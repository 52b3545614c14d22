// Every physical node kind survives a round trip; corrupt bytes and plans that can't be run raise an error and nothing else.
#include "execution/physical_nodes.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

void CollectKinds(const PhysicalPtr& plan, std::set<PhysicalKind>* kinds) {
  kinds->insert(plan->kind());
  for (const PhysicalPtr& child : plan->children) CollectKinds(child, kinds);
}

TEST(PhysicalNodes, EveryKindSurvivesARoundTrip) {
  std::set<PhysicalKind> kinds;
  for (const PhysicalPtr& plan : samples::Plans()) {
    CollectKinds(plan, &kinds);
    const std::string bytes = SerializePhysicalPlan(plan);
    const PhysicalPtr again = DeserializePhysicalPlan(bytes, samples::Tables());
    EXPECT_TRUE(SamePhysicalPlan(again, plan)) << PhysicalDebugString(plan);
    EXPECT_EQ(PhysicalDebugString(again), PhysicalDebugString(plan));
    EXPECT_EQ(PhysicalPlanString(again), PhysicalPlanString(plan));
    EXPECT_EQ(SerializePhysicalPlan(again), bytes);
  }
  for (const OperatorDeclaration& each : Operators()) EXPECT_TRUE(kinds.contains(each.kind)) << each.name;
}

TEST(PhysicalNodes, DifferentPlansAreNotTheSame) {
  const std::vector<PhysicalPtr> plans = samples::Plans();
  for (size_t i = 0; i < plans.size(); ++i) {
    for (size_t j = 0; j < plans.size(); ++j) EXPECT_EQ(SamePhysicalPlan(plans[i], plans[j]), i == j) << i << " " << j;
  }
}

TEST(PhysicalNodes, CorruptBytesRaise) {
  std::vector<std::string> all;
  for (const PhysicalPtr& plan : samples::Plans()) all.push_back(SerializePhysicalPlan(plan));
  EXPECT_THROW(DeserializePhysicalPlan("", samples::Tables()), Error);
  EXPECT_THROW(DeserializePhysicalPlan(all[0] + "x", samples::Tables()), Error);
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = all[random() % all.size()];
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    try {
      DeserializePhysicalPlan(bytes, samples::Tables());
    } catch (const Error&) {
    }
  }
}

TEST(PhysicalNodes, NestingIsBounded) {
  // Union(no schema, one child: Union(…)) without an end.
  std::string bytes = "\x01";
  for (int i = 0; i < 200000; ++i) {
    bytes += static_cast<char>(static_cast<int>(PhysicalKind::kUnion) + 1);
    bytes += std::string("\0\x01", 2);
  }
  EXPECT_THROW(DeserializePhysicalPlan(bytes, samples::Tables()), Error);
}

TEST(PhysicalNodes, WhatCannotRunIsRefused) {
  const auto refused = [](const std::shared_ptr<PhysicalPlan>& plan) {
    EXPECT_THROW(CheckPhysicalPlan(plan), Error) << PhysicalDebugString(plan);
  };
  const PhysicalPtr values = samples::Rows();
  auto filter = samples::NodeOver<PhysicalFilter>(values->columns(), {values});
  refused(filter);  // no condition
  filter->condition = samples::ColumnOf(values, 0);
  refused(filter);  // a condition that is a number
  filter->condition = MakeCall("isnull", {nullptr}, types::Boolean(), false);
  refused(filter);  // a call that lacks its argument
  auto literal = std::static_pointer_cast<Literal>(MakeLiteral(Value::Long(1))->Clone());
  literal->type = types::Boolean();
  filter->condition = literal;
  refused(filter);  // a literal that isn't what its type says
  auto project = samples::NodeOver<PhysicalProject>({values->columns()[0]}, {values});
  auto column = std::static_pointer_cast<Column>(samples::ColumnOf(values, 0)->Clone());
  column->ordinal = 2;
  project->expressions = {column};
  refused(project);  // a column that isn't there
  column->ordinal = 1;
  refused(project);  // a column of another type
  auto read = samples::NodeOver<PhysicalSpoolRead>(values->columns(), {});
  refused(read);  // of nothing
  auto exchange = samples::NodeOver<PhysicalExchange>(values->columns(), {values});
  exchange->partitions = int64_t{1} << 40;
  refused(exchange);
  exchange->partitions = 2;
  exchange->children.clear();
  refused(exchange);
}

}  // namespace
}  // namespace centella
