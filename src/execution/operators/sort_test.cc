// Sorting: the order of rows against a plain stable sort by their values, and whole queries whose order is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "execution/operators/last_row.h"
#include "execution/operators/sort_runs.h"
#include "execution/operators/sorted_order.h"
#include "execution/query_fixture.h"

namespace centella {
namespace {

// Columns of all kinds of keys: narrow and wide ranges, many ties, texts that share long beginnings or hold zero bytes.
class RandomColumns {
 public:
  explicit RandomColumns(uint32_t seed) : random_(seed) {}

  uint64_t Below(uint64_t n) { return random_() % n; }

  Batch Make(int64_t rows) {
    Batch batch;
    batch.rows = rows;
    for (int kind = 0; kind < kKinds; ++kind) {
      std::vector<Value> values;
      const uint64_t nulls = Below(3);  // none, few, all but few
      for (int64_t i = 0; i < rows; ++i) {
        const bool null = nulls == 1 ? Below(10) == 0 : (nulls == 2 && Below(10) != 0);
        values.push_back(null ? Value::Null(TypeOf(kind)) : Random(kind));
      }
      batch.columns.push_back(MakeVector(TypeOf(kind), values));
    }
    return batch;
  }

  std::vector<SortKey> Keys() {
    std::vector<SortKey> keys(1 + Below(4));
    for (SortKey& key : keys) key = {static_cast<int>(Below(kKinds)), Below(2) == 0, Below(2) == 0};
    return keys;
  }

 private:
  static constexpr int kKinds = 12;

  static TypePtr TypeOf(int kind) {
    switch (kind) {
      case 0: return types::Boolean();
      case 1: return types::Int();
      case 2: return types::Long();
      case 3: return types::Double();
      case 4: return types::Decimal(38, 0);
      case 5: return types::Long();
      case 6: return types::Float();
      case 7: return types::Array(types::Int(), true);
      default: return types::String();
    }
  }

  Value Random(int kind) {
    const auto any = static_cast<int64_t>(random_());
    switch (kind) {
      case 0: return Value::Boolean(Below(2) == 0);
      case 1: return Value::Int(static_cast<int32_t>(Below(5)) - 2);
      case 2: return Value::Long(any);
      case 3: return Value::Double(Special(std::ldexp(static_cast<double>(any), -60)));
      case 4: return Value::Decimal(static_cast<int128_t>(any) * static_cast<int64_t>(Below(3) * Below(1000)), 38, 0);
      case 5: return Value::Long(1'000'000'000'000 + static_cast<int64_t>(Below(1000)));
      case 6: return Value::Of(TypeOf(6), Special(static_cast<double>(Below(100)) - 50));
      case 7: return Value::Nested(TypeOf(7), {Value::Int(static_cast<int32_t>(Below(9)))});
      case 8:
        return Value::String("https://example.com/a/long/beginning/" + std::string(Below(3) * 7, 'x') + Letters(4));
      case 9: return Value::String("event-" + std::to_string(1'000'000 + Below(300)));
      case 10: return Value::String(std::string("Smith Jones Brown Miller").substr(Below(20), Below(30)));
      default: return Value::String(Letters(Below(2) == 0 ? 3 : 15));
    }
  }

  double Special(double usual) {
    switch (Below(12)) {
      case 0: return std::nan("");
      case 1: return -0.0;
      case 2: return 0.0;
      case 3: return -std::numeric_limits<double>::infinity();
      default: return usual;
    }
  }

  std::string Letters(uint64_t most) {
    std::string text(Below(most + 1), ' ');
    for (char& c : text) c = "\0ab\xff"[Below(4)];
    return text;
  }

  std::mt19937_64 random_;
};

std::vector<int32_t> PlainOrder(const Batch& batch, const std::vector<SortKey>& keys) {
  const std::vector<VectorPtr> columns = KeyColumns(batch, keys);
  std::vector<int32_t> order(batch.rows);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t a, int32_t b) { return CompareKeys(columns, a, columns, b, keys) < 0; });
  return order;
}

TEST(Sort, OrderAgreesWithAPlainSort) {
  const Cancellation cancellation;
  RandomColumns random(11);
  for (int round = 0; round < 300; ++round) {
    const Batch batch = random.Make(static_cast<int64_t>(random.Below(round % 10 == 0 ? 6000 : 300)));
    for (int question = 0; question < 5; ++question) {
      const std::vector<SortKey> keys = random.Keys();
      std::vector<int32_t> expected = PlainOrder(batch, keys);
      ASSERT_EQ(SortedOrder(batch, keys, -1, cancellation), expected) << round << " " << question;
      const auto limit = static_cast<int64_t>(random.Below(batch.rows + 2));
      if (limit < batch.rows) expected.resize(limit);
      ASSERT_EQ(SortedOrder(batch, keys, limit, cancellation), expected) << round << " limit " << limit;
    }
  }
}

TEST(Sort, RowsBeyondTheLastAreDropped) {
  const Cancellation cancellation;
  RandomColumns random(12);
  for (int round = 0; round < 200; ++round) {
    Batch batch = random.Make(1 + static_cast<int64_t>(random.Below(200)));
    const std::vector<SortKey> keys = random.Keys();
    const std::vector<VectorPtr> columns = KeyColumns(batch, keys);
    const auto row = static_cast<int64_t>(random.Below(batch.rows));
    LastRow last;
    last.Set(batch, row, keys, {0, 5});
    for (const int64_t sequence : {4, 5}) {  // before the place where it was found, equal rows are wanted
      int64_t expected = 0;
      for (int64_t i = 0; i < batch.rows; ++i) {
        const int order = CompareKeys(columns, i, columns, row, keys);
        expected += static_cast<int64_t>(order < 0 || (order == 0 && sequence == 4));
      }
      Batch rest = batch;
      last.DropBeyond(&rest, keys, {0, sequence});
      ASSERT_EQ(rest.rows, expected) << round;
    }
  }
}

TEST(Sort, LongSharedBeginningsCanBeCancelled) {
  Batch batch;
  batch.rows = 16;
  batch.columns = {MakeVector(types::String(), std::vector<Value>(16, Value::String(std::string(1 << 16, 'x'))))};
  Cancellation cancellation;
  cancellation.Cancel();
  EXPECT_THROW(SortedOrder(batch, {{0, true, true}}, -1, cancellation), Error);
}

TEST(Sort, TextsOfNullsKeepNothing) {
  const std::string text(1000, 'x');
  MutableVectorPtr column = Vector::MakeFlat(types::String(), 3);
  for (int i = 0; i < 3; ++i) column->mutable_data<StringView>()[i] = StringView(text);
  column->SetNull(1);
  column->AddHeap(Buffer::Wrap(text.data(), 1000, nullptr));
  EXPECT_EQ(HeapUse::Of(*column).held, 1000);
  EXPECT_EQ(HeapUse::Of(*column).used, 2000);
}

// Rows of many morsels, enough for several parts.
class SortQueryTest : public testing::Test {
 protected:
  static constexpr int64_t kRows = 400'000;
  static std::string Rows(const std::string& keys, const std::string& order, const std::string& end = "") {
    return "SELECT id, " + keys + " FROM range(0, " + std::to_string(kRows) + ", 1, 7) ORDER BY " + order + " " + end;
  }
  // That a query gives the same when batches are small, with one thread, and from disk.
  void SameInAllWays(const std::string& sql, const std::vector<std::string>& expected) {
    ASSERT_EQ(many_.Rows(sql), expected) << sql;
    one_.batch_size = 777;
    ASSERT_EQ(one_.Rows(sql), expected) << sql;
    many_.batch_size = 50'000;
    many_.force_spill = true;
    const bool same = many_.Rows(sql) == expected;
    many_.batch_size = 4096;
    many_.force_spill = false;
    ASSERT_TRUE(same) << "from disk: " << sql;
  }
  QueryFixture many_{3}, one_{1};
};

TEST_F(SortQueryTest, TiesStayAsTheyCame) {
  for (const std::string key : {"1", "int(id % 3)", "if(id % 5 = 0, NULL, int(id % 5))",
                                "concat('a text that is longer than all bits ', string(int(id % 2)))"}) {
    std::vector<std::string> rows = many_.Rows("SELECT id, " + key + " AS k FROM range(" + std::to_string(kRows) + ")");
    std::stable_sort(rows.begin(), rows.end(), [](const std::string& a, const std::string& b) {
      const std::string x = a.substr(a.find('|')), y = b.substr(b.find('|'));
      return (x == "|NULL") != (y == "|NULL") ? x == "|NULL" : x < y;
    });
    SameInAllWays(Rows(key + " AS k", "k"), rows);
  }
}

TEST_F(SortQueryTest, ManyPartsMakeOneOrder) {
  std::vector<std::string> rows;
  for (int64_t i = 0; i < kRows; ++i) rows.push_back(std::to_string(i) + "|" + std::to_string(i * 7919 % kRows));
  std::sort(rows.begin(), rows.end(), [](const std::string& a, const std::string& b) {
    return std::stoll(a.substr(a.find('|') + 1)) > std::stoll(b.substr(b.find('|') + 1));
  });
  SameInAllWays(Rows("id * 7919 % 400000 AS k", "k DESC"), rows);
  SameInAllWays("SELECT id, k FROM (" + Rows("id * 7919 % 400000 AS k", "concat('key ', lpad(k, 12, '0')) DESC") + ")",
                rows);
}

TEST_F(SortQueryTest, OffsetsSkipRowsOfTheSort) {
  std::vector<std::string> all = many_.Rows(Rows("hash(id) AS k", "k, id"));
  for (const int64_t offset : {0, 1, 70'000, 399'990, 400'000, 400'001}) {
    const int64_t from = std::min<int64_t>(offset, kRows);
    const std::string text = "OFFSET " + std::to_string(offset);
    SameInAllWays(Rows("hash(id) AS k", "k, id", text), {all.begin() + from, all.end()});
    const int64_t limited = std::min<int64_t>(from + 5, kRows);
    SameInAllWays(Rows("hash(id) AS k", "k, id", "LIMIT 5 " + text), {all.begin() + from, all.begin() + limited});
  }
}

TEST_F(SortQueryTest, PartsHoldTextsOnce) {
  const int64_t text_bytes = kRows * 200;
  int64_t rows = 0;
  for (const Batch& batch : many_.Batches(Rows("repeat(chr(97 + id % 26), 200) AS s", "hash(id)"))) {
    rows += batch.rows;
    EXPECT_EQ(batch.columns[1]->heaps().size(), 1);  // of seven runs
  }
  EXPECT_EQ(rows, kRows);
  EXPECT_LT(many_.memory().peak(), 3 * text_bytes);  // while runs are made, twice their own
}

TEST_F(SortQueryTest, NestedTextsStayWithTheirRows) {
  const std::string sorted =
      Rows("named_struct('t', array(concat('the text of row ', id))) AS s, id * 7919 % 400000 AS k", "k");
  const std::string wrong = "SELECT count(*), sum(int(s.t[0] != concat('the text of row ', id))) FROM ";
  // An OFFSET keeps the sort.
  EXPECT_EQ(many_.Rows(wrong + "(" + sorted + " OFFSET 1)")[0], "399999|0");
}

TEST_F(SortQueryTest, SortingForTheDiskIsCounted) {
  one_.batch_size = 50'000;
  one_.force_spill = true;
  one_.memory().set_step(1);
  EXPECT_EQ(one_.Rows("SELECT count(*) FROM (SELECT id FROM range(0, 50000, 1, 1) ORDER BY hash(id) OFFSET 1)")[0],
            "49999");
  EXPECT_GE(one_.memory().peak(), 50'000 * kSortingBytes);
}

TEST_F(SortQueryTest, OffsetCountsRowsThatAreNumbered) {
  const std::string numbered =
      "SELECT monotonically_increasing_id() AS n FROM (SELECT id FROM range(10) ORDER BY id DESC) ";
  EXPECT_EQ(many_.Rows(numbered + "OFFSET 7"), (std::vector<std::string>{"7", "8", "9"}));
  EXPECT_EQ(many_.Rows(numbered + "LIMIT 2 OFFSET 7"), (std::vector<std::string>{"7", "8"}));
}

}  // namespace
}  // namespace centella
