// Every node kind survives a round trip; corrupt bytes raise an error and nothing else.
#include "plan/serialize.h"

#include <gtest/gtest.h>

#include <random>

#include "plan/node_registry.h"
#include "plan/transform.h"

namespace centella {
namespace {

class NamedTable final : public Table {
 public:
  explicit NamedTable(std::string name) : name_(std::move(name)), schema_(types::Struct({})) {}
  std::string format() const override { return "memory"; }
  std::string description() const override { return name_; }
  const TypePtr& schema() const override { return schema_; }
  const Statistics& statistics() const override { return statistics_; }
  std::unique_ptr<Scan> NewScan(const ScanRequest&, const QueryContextPtr&) const override { return nullptr; }
  std::string Identity() const override { return name_; }

 private:
  std::string name_;
  TypePtr schema_;
  Statistics statistics_;
};

TypePtr Everything() {
  return types::Struct({{"d", types::Decimal(10, 2), true, ""},
                        {"m", types::Map(types::String(), types::Array(types::Varchar(5), false)), false, "{\"a\":1}"},
                        {"i", types::DayTimeInterval(1, 3), true, ""},
                        {"t", types::Time(3), true, ""}});
}

// Puts something other than the default into every field.
class Filler final : public FieldVisitor {
 public:
  void Field(std::string_view, bool& value) override { value = !value; }
  void Field(std::string_view, int64_t& value) override { value += 1; }
  void Field(std::string_view, double& value) override { value += 0.25; }
  void Field(std::string_view name, std::string& value) override { value = "text of " + std::string(name); }
  void Field(std::string_view, TypePtr& value) override { value = Everything(); }
  void Field(std::string_view, Value& value) override { value = Value::Decimal(-12345, 10, 2); }
  void Field(std::string_view, ExprPtr& value) override { value = Leaf(); }
  void Field(std::string_view, PlanPtr& value) override { value = std::make_shared<UnresolvedRelation>(); }
  void Field(std::string_view, OriginPtr& value) override { value = origin_; }
  void Field(std::string_view, TablePtr& value) override { value = std::make_shared<NamedTable>("t"); }
  void Field(std::string_view, std::vector<Batch>& value, const TypePtr&) override { value.clear(); }
  void Field(std::string_view, StringMap& value) override { value = {{"k", "v"}, {"", ""}}; }
  void Field(std::string_view, std::vector<std::string>& value) override { value = {"a", "", "ñ"}; }
  void Field(std::string_view, std::vector<int64_t>& value) override { value = {INT64_MIN, -1, 0, INT64_MAX}; }
  void Field(std::string_view, std::vector<ExprPtr>& value) override { value = {Leaf(), nullptr}; }
  void Field(std::string_view, std::vector<PlanPtr>& value) override { value = {std::make_shared<Range>(), nullptr}; }
  void Field(std::string_view, std::vector<std::vector<ExprPtr>>& value) override { value = {{}, {Leaf()}}; }
  void Field(std::string_view, std::vector<std::vector<std::string>>& value) override { value = {{"x"}, {}}; }
  void Field(std::string_view, std::vector<std::vector<int64_t>>& value) override { value = {{7}, {}}; }

 private:
  static ExprPtr Leaf() { return MakeAttribute("a", types::Long(), false, 17, {"q"}); }
  OriginPtr origin_ = std::make_shared<ErrorContext>(ErrorContext{false, "a + 1", "", "VIEW", "v", 3, 7});
};

const TableResolver kTables = [](std::string_view name) -> TablePtr {
  return std::make_shared<NamedTable>(std::string(name));
};

TEST(Serialize, EveryExpressionKind) {
  for (const ExprKind kind : RegisteredExpressions()) {
    auto node = NewExpression(static_cast<int64_t>(kind));
    Filler filler;
    node->VisitAll(filler);
    const std::string bytes = SerializeExpression(node);
    const ExprPtr again = DeserializeExpression(bytes);
    EXPECT_EQ(again->kind(), kind) << NameOf(kind);
    EXPECT_EQ(SerializeExpression(again), bytes) << NameOf(kind);
    EXPECT_TRUE(SameExpression(again, node)) << NameOf(kind);
    EXPECT_EQ(DebugString(again), DebugString(ExprPtr(node))) << NameOf(kind);
    ASSERT_NE(again->origin, nullptr);
    EXPECT_EQ(again->origin->stop_index, 7);
  }
}

TEST(Serialize, EveryPlanKind) {
  for (const PlanKind kind : RegisteredPlans()) {
    auto node = NewPlan(static_cast<int64_t>(kind));
    Filler filler;
    node->VisitAll(filler);
    const std::string bytes = SerializePlan(node);
    const PlanPtr again = DeserializePlan(bytes, kTables);
    EXPECT_EQ(again->kind(), kind) << NameOf(kind);
    EXPECT_EQ(SerializePlan(again), bytes) << NameOf(kind);
    EXPECT_TRUE(SamePlan(again, node)) << NameOf(kind);
  }
}

TEST(Serialize, RowsTravelWithThePlan) {
  auto relation = std::make_shared<LocalRelation>();
  relation->schema = types::Struct({{"a", types::Int(), true, ""}, {"s", types::String(), true, ""}});
  Batch batch;
  batch.rows = 2;
  batch.columns = {MakeVector(types::Int(), {Value::Int(1), Value::Null(types::Int())}),
                   MakeVector(types::String(), {Value::String("x"), Value::String("a text beyond twelve bytes")})};
  relation->batches.push_back(batch);
  const PlanPtr again = DeserializePlan(SerializePlan(relation), kTables);
  const auto& rows = To<LocalRelation>(again).batches.at(0);
  EXPECT_EQ(rows.rows, 2);
  EXPECT_TRUE(rows.columns[0]->IsNull(1));
  EXPECT_EQ(rows.columns[1]->GetValue(1).string(), "a text beyond twelve bytes");
}

TEST(Serialize, CorruptBytesRaise) {
  std::vector<std::string> samples;
  for (const PlanKind kind : RegisteredPlans()) {
    auto node = NewPlan(static_cast<int64_t>(kind));
    Filler filler;
    node->VisitAll(filler);
    samples.push_back(SerializePlan(node));
  }
  EXPECT_THROW(DeserializePlan("", kTables), Error);
  EXPECT_THROW(DeserializePlan(samples[0] + "x", kTables), Error);
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = samples[random() % samples.size()];
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    try {
      DeserializePlan(bytes, kTables);
    } catch (const Error&) {
    }
  }
}

TEST(Serialize, PartsOfValuesAreOfTheirTypes) {
  const auto read_again = [](const Value& value) {
    return To<Literal>(DeserializeExpression(SerializeExpression(MakeLiteral(value)))).value;
  };
  const TypePtr longs = types::Array(types::Long());
  EXPECT_EQ(read_again(Value::Nested(longs, {Value::Long(1), Value::Null(types::Null())})).parts().size(), 2u);
  EXPECT_THROW(read_again(Value::Nested(longs, {Value::String("x")})), Error);
  EXPECT_THROW(read_again(Value::Nested(types::Map(types::Int(), types::String()), {Value::Int(1), Value::Int(2)})),
               Error);
  EXPECT_THROW(read_again(Value::Nested(types::Array(longs), {Value::Nested(types::Array(types::Int()), {})})), Error);
}

TEST(Serialize, NestingIsBounded) {
  std::string bytes = "\x01";
  // Filter(condition = none, child = Filter(…)) without an end: as deep as there are bytes.
  for (int i = 0; i < 200000; ++i) bytes += static_cast<char>(static_cast<int>(PlanKind::kFilter) + 1);
  EXPECT_THROW(DeserializePlan(bytes, kTables), Error);
}

}  // namespace
}  // namespace centella
