// Combinations of keys that a task has seen.
#include "execution/seen_keys.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

namespace centella {
namespace {

using Rows = std::vector<int32_t>;

VectorPtr Ints(const std::vector<int32_t>& values, int32_t null = -1) {
  std::vector<Value> out;
  for (int32_t value : values) out.push_back(value == null ? Value::Null(types::Int()) : Value::Int(value));
  return MakeVector(types::Int(), out);
}
VectorPtr Strings(const std::vector<std::string>& values) {
  std::vector<Value> out;
  for (const std::string& value : values) {
    out.push_back(value == "null" ? Value::Null(types::String()) : Value::String(value));
  }
  return MakeVector(types::String(), out);
}

class SeenKeysTest : public testing::Test {
 protected:
  Rows Fresh(const std::vector<VectorPtr>& keys) {
    Rows fresh;
    EXPECT_TRUE(seen_.Note(keys, keys[0]->size(), &fresh));
    return fresh;
  }
  MemoryBudget budget_{64 << 20};
  SeenKeys seen_{&budget_};
};

TEST_F(SeenKeysTest, TellsRowsThatAreNew) {
  EXPECT_EQ(Fresh({Ints({7, 9, 7, -1, 9, -1})}), (Rows{0, 1, 3}));
  EXPECT_EQ(Fresh({Ints({9, 8, -1, 8, 7, 9})}), (Rows{1}));
  EXPECT_EQ(Fresh({Vector::MakeConstant(Value::Int(8), 4)}), (Rows{}));
}

TEST_F(SeenKeysTest, ForgetsWhenTheRangeGrows) {
  EXPECT_EQ(Fresh({Ints({7, 9})}), (Rows{0, 1}));
  EXPECT_EQ(Fresh({Ints({2, 9, 50, 2})}), (Rows{0, 1, 2}));
  EXPECT_EQ(Fresh({Ints({7, 9, 50, 30})}), (Rows{0, 3}));
  seen_.Forget();
  EXPECT_EQ(Fresh({Ints({7, 7})}), (Rows{0}));
}

TEST_F(SeenKeysTest, StringsAndDictionaries) {
  EXPECT_EQ(Fresh({Strings({"short", "a string that is not inline", "null", "", "short", "null"})}),
            (Rows{0, 1, 2, 3}));
  const VectorPtr base = Strings({"", "another string that is not inline", "short"});
  BufferPtr codes = Buffer::Allocate(4 * sizeof(int32_t));
  const int32_t order[] = {1, 0, 1, 2};
  std::memcpy(const_cast<uint8_t*>(codes->data()), order, sizeof(order));
  EXPECT_EQ(Fresh({Vector::MakeDictionary(base, codes, 4)}), (Rows{0, 1, 3}));  // a bit more was needed: forgotten
  EXPECT_EQ(Fresh({Vector::MakeDictionary(base, codes, 4)}), (Rows{}));
}

TEST_F(SeenKeysTest, PairsNeverLoseOne) {
  std::mt19937 random(1);
  std::set<std::pair<int32_t, int32_t>> pairs;
  size_t told = 0;
  for (int batch = 0; batch < 50; ++batch) {
    std::vector<int32_t> left, right;
    for (int i = 0; i < 1000; ++i) {
      left.push_back(static_cast<int32_t>(random() % 10));
      right.push_back(static_cast<int32_t>(random() % 100) - 50);
    }
    Rows fresh = Fresh({Ints(left), Ints(right, 1000)});
    std::set<int32_t> marked(fresh.begin(), fresh.end());
    for (int32_t i = 0; i < 1000; ++i) {
      if (marked.contains(i)) {
        pairs.emplace(left[i], right[i]);
      } else {
        EXPECT_TRUE(pairs.contains({left[i], right[i]}));
      }
    }
    told += fresh.size();
  }
  EXPECT_EQ(pairs.size(), 1000u);
  EXPECT_LT(told, 4000u);
}

TEST_F(SeenKeysTest, GivesUp) {
  Rows fresh;
  const auto longs = [](std::vector<int64_t> values) {
    std::vector<Value> out;
    for (int64_t value : values) out.push_back(Value::Long(value));
    return MakeVector(types::Long(), out);
  };
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kGreatest = std::numeric_limits<int64_t>::max();
  EXPECT_FALSE(seen_.Note({longs({kLeast, kGreatest})}, 2, &fresh));
  EXPECT_FALSE(seen_.Note({Ints({1, 2})}, 2, &fresh));  // from now on
  for (int64_t value : {kLeast, kGreatest}) {
    SeenKeys edge(&budget_);
    EXPECT_FALSE(edge.Note({longs({value})}, 1, &fresh));
  }
  SeenKeys doubles(&budget_);
  EXPECT_FALSE(doubles.Note({MakeVector(types::Double(), {Value::Double(1)})}, 1, &fresh));
  MemoryBudget none(0);
  SeenKeys poor(&none);
  EXPECT_FALSE(poor.Note({Ints({1, 2})}, 2, &fresh));
  // A wide range isn't worth it before there were many rows.
  SeenKeys wide(&budget_);
  EXPECT_FALSE(wide.Note({Ints({1, 1 << 20})}, 2, &fresh));
}

}  // namespace
}  // namespace centella
