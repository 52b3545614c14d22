// Files through DataSource: what is written is read again, partitions, filters, the commit protocol, CSV's modes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "storage/data_source.h"
#include "storage/file_listing.h"
#include "storage/file_table.h"
#include "storage/partition_discovery.h"

namespace centella {
namespace {

namespace fs = std::filesystem;

class StorageTest : public ::testing::Test {
 protected:
  StorageTest() {
    folder_ = (fs::temp_directory_path() / ("centella_storage_test_" + std::to_string(getpid()))).string();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    auto context = QueryContext::FromConfiguration(Configuration(), std::make_shared<MemoryBudget>(int64_t{1} << 30));
    context.zone = TimeZone();
    context_ = std::make_shared<const QueryContext>(std::move(context));
  }
  ~StorageTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  void WriteText(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary) << text;
  }

  std::unique_ptr<WriteJob> NewJob(const std::string& format, const std::string& name, const TypePtr& schema,
                                   SaveMode mode = SaveMode::kError, std::vector<std::string> partition_by = {},
                                   StringMap options = {}) const {
    WriteRequest request{format, Path(name), mode, std::move(options), schema, std::move(partition_by)};
    return FindDataSource(format).Write(request, context_);
  }

  void WriteRows(const std::string& format, const std::string& name, const TypePtr& schema, const Batch& rows,
                 SaveMode mode = SaveMode::kError, std::vector<std::string> partition_by = {},
                 StringMap options = {}) const {
    auto job = NewJob(format, name, schema, mode, std::move(partition_by), std::move(options));
    auto task = job->NewTask(0);
    task->Write(rows);
    task->Finish();
    job->Commit();
  }

  TablePtr Open(const std::string& format, const std::string& name, StringMap options = {},
                TypePtr schema = nullptr) const {
    return FindDataSource(format).Read({format, {Path(name)}, std::move(schema), std::move(options)}, context_);
  }

  // All rows of all columns as "a|b\n…" in partition order.
  std::string Rows(const TablePtr& table, std::vector<ExprPtr> filters = {}) const {
    ScanRequest request;
    for (size_t i = 0; i < table->schema()->fields().size(); ++i) request.columns.push_back(static_cast<int>(i));
    request.filters = std::move(filters);
    auto scan = table->NewScan(request, context_);
    std::string text;
    for (const Morsel& morsel : scan->Morsels()) {
      auto reader = scan->Open(morsel, context_, {});
      Batch batch;
      EventPtr wake;
      while (reader->Next(&batch, &wake) == ReadState::kBatch) {
        EXPECT_LE(batch.rows, context_->batch_size);
        for (int64_t i = 0; i < batch.live_rows(); ++i) {
          const int64_t row = batch.selection ? (*batch.selection)[i] : i;
          for (size_t c = 0; c < batch.columns.size(); ++c) {
            const Value value = batch.columns[c]->GetValue(row);
            text += (c > 0 ? "|" : "") + (value.is_null() ? std::string("null") : value.ToDisplay());
          }
          text += '\n';
        }
      }
    }
    return text;
  }

  std::string folder_;
  QueryContextPtr context_;
};

ExprPtr ColumnOf(int64_t ordinal, const TypePtr& type) {
  auto column = std::make_shared<Column>();
  column->ordinal = ordinal;
  column->type = type;
  return column;
}

Batch MakeBatch(std::vector<VectorPtr> columns) {
  Batch batch;
  batch.rows = columns[0]->size();
  batch.columns = std::move(columns);
  return batch;
}

TypePtr MixedSchema() {
  return types::Struct({{"i", types::Int(), true, ""},
                        {"d", types::Decimal(12, 2), true, ""},
                        {"w", types::Decimal(30, 4), true, ""},
                        {"s", types::String(), true, ""},
                        {"t", types::Timestamp(), true, ""},
                        {"l", types::Array(types::Int()), true, ""}});
}

Batch MixedRows() {
  const TypePtr list = types::Array(types::Int());
  const auto schema = MixedSchema();
  const auto type = [&](int i) { return schema->fields()[i].type; };
  return MakeBatch(
      {MakeVector(type(0), {Value::Int(1), Value::Null(types::Int()), Value::Int(-3)}),
       MakeVector(type(1), {Value::Decimal(150, 12, 2), Value::Decimal(-7, 12, 2), Value::Null(type(1))}),
       MakeVector(type(2), {Value::Null(type(2)), Value::Decimal(int128_t{1} << 90, 30, 4), Value::Decimal(1, 30, 4)}),
       MakeVector(type(3),
                  {Value::String("short"), Value::String("a text of more than twelve bytes"), Value::Null(type(3))}),
       MakeVector(type(4),
                  {Value::Integer(type(4), 1577836800000001), Value::Null(type(4)), Value::Integer(type(4), -1)}),
       MakeVector(type(5),
                  {Value::Nested(list, {Value::Int(1), Value::Int(2)}), Value::Null(list), Value::Nested(list, {})})});
}

TEST_F(StorageTest, ParquetGivesBackWhatWasWritten) {
  WriteRows("parquet", "p", MixedSchema(), MixedRows());
  EXPECT_TRUE(fs::exists(Path("p/_SUCCESS")));
  EXPECT_FALSE(fs::exists(Path("p/_temporary")));
  const TablePtr table = Open("parquet", "p");
  EXPECT_TRUE(SameTypeIgnoringNullability(*table->schema(), *MixedSchema()));
  std::string expected;
  const Batch rows = MixedRows();
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (size_t c = 0; c < rows.columns.size(); ++c) {
      const Value value = rows.columns[c]->GetValue(row);
      expected += (c > 0 ? "|" : "") + (value.is_null() ? std::string("null") : value.ToDisplay());
    }
    expected += '\n';
  }
  EXPECT_EQ(Rows(table), expected);
  EXPECT_EQ(table->statistics().rows, 3);
  EXPECT_EQ(Rows(TableFromIdentity(table->Identity(), context_)), expected);
}

TEST_F(StorageTest, ParquetFiltersSelectAndPrune) {
  const TypePtr schema = types::Struct({{"a", types::Long(), true, ""}});
  std::vector<Value> values;
  for (int i = 0; i < 10000; ++i) values.push_back(Value::Long(i));
  WriteRows("parquet", "f", schema, MakeBatch({MakeVector(types::Long(), values)}));
  const TablePtr table = Open("parquet", "f");
  const auto compare = [&](const char* op, int64_t value) {
    return MakeCall(op, {ColumnOf(0, types::Long()), MakeLiteral(Value::Long(value))}, types::Boolean(), true);
  };
  EXPECT_EQ(Rows(table, {compare("<", 2)}), "0\n1\n");
  EXPECT_EQ(Rows(table, {compare("=", 9000)}), "9000\n");
  ScanRequest request;
  request.columns = {0};
  request.filters = {compare(">", 20000)};
  EXPECT_TRUE(table->NewScan(request, context_)->Morsels().empty());
}

TEST_F(StorageTest, PartitionFoldersAreWrittenAndFound) {
  const TypePtr schema = types::Struct({{"k", types::String(), true, ""}, {"v", types::Int(), true, ""}});
  WriteRows("parquet", "k", schema,
            MakeBatch({MakeVector(types::String(), {Value::String("a/b"), Value::String(""), Value::String("x")}),
                       MakeVector(types::Int(), {Value::Int(1), Value::Int(2), Value::Int(3)})}),
            SaveMode::kError, {"k"});
  EXPECT_TRUE(fs::exists(Path("k/k=a%2Fb")));
  EXPECT_TRUE(fs::exists(Path("k/k=__HIVE_DEFAULT_PARTITION__")));
  const TablePtr table = Open("parquet", "k");
  const ExprPtr filter =
      MakeCall("=", {ColumnOf(1, types::String()), MakeLiteral(Value::String("a/b"))}, types::Boolean(), true);
  EXPECT_EQ(Rows(table, {filter}), "1|a/b\n");
  const ExprPtr null = MakeCall("isnull", {ColumnOf(1, types::String())}, types::Boolean(), false);
  EXPECT_EQ(Rows(table, {null}), "2|null\n");
}

TEST_F(StorageTest, PartitionTypesAreInferred) {
  const TypePtr schema = types::Struct({{"v", types::Int(), true, ""}});
  const Batch row = MakeBatch({MakeVector(types::Int(), {Value::Int(1)})});
  const auto type_of = [&](const std::string& name, const std::vector<std::string>& values) {
    for (const std::string& value : values) WriteRows("parquet", name + "/k=" + value, schema, row);
    return Open("parquet", name)->schema()->fields()[1].type->CatalogString();
  };
  EXPECT_EQ(type_of("t1", {"1", "2"}), "int");
  EXPECT_EQ(type_of("t2", {"1", "9999999999"}), "bigint");
  EXPECT_EQ(type_of("t3", {"1", "1.5"}), "double");
  EXPECT_EQ(type_of("t4", {"2020-01-01"}), "date");
  EXPECT_EQ(type_of("t5", {"1e5"}), "decimal(6,0)");
  EXPECT_EQ(type_of("t6", {"9999999999", "1.5"}), "string");
  EXPECT_EQ(type_of("t7", {"1", "__HIVE_DEFAULT_PARTITION__"}), "int");
}

TEST_F(StorageTest, FailedOverwriteKeepsOldData) {
  const TypePtr schema = types::Struct({{"v", types::Int(), true, ""}});
  const auto one = [](int v) { return MakeBatch({MakeVector(types::Int(), {Value::Int(v)})}); };
  WriteRows("parquet", "o", schema, one(1));
  EXPECT_THROW(NewJob("parquet", "o", schema), Error);
  EXPECT_FALSE(NewJob("parquet", "o", schema, SaveMode::kIgnore)->needed());
  {
    auto job = NewJob("parquet", "o", schema, SaveMode::kOverwrite);
    job->NewTask(0)->Write(one(2));
  }
  EXPECT_EQ(Rows(Open("parquet", "o")), "1\n");
  EXPECT_FALSE(fs::exists(Path("o/_temporary")));
  WriteRows("parquet", "o", schema, one(2), SaveMode::kOverwrite);
  EXPECT_EQ(Rows(Open("parquet", "o")), "2\n");
  WriteRows("parquet", "o", schema, one(2), SaveMode::kAppend);
  EXPECT_EQ(Rows(Open("parquet", "o")), "2\n2\n");
}

TEST_F(StorageTest, CorruptParquetIsANamedError) {
  WriteText("bad.parquet", "this is no Parquet file");
  try {
    Open("parquet", "bad.parquet");
    FAIL() << "a corrupt footer was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.info().name, "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER");
  }
  EXPECT_THROW(Open("parquet", "not_there"), Error);
  EXPECT_THROW(FindDataSource("nonsense"), Error);
}

TEST_F(StorageTest, CsvFieldsAsSparkReadsThem) {
  WriteText("a.csv", "\"a\"\"b\",\"a\"b,c\n,\"\",x\n\n  \n\"q\\\"q\" ,a\\,\"open\n");
  EXPECT_EQ(Rows(Open("csv", "a.csv")), "\"a\"\"b\"|\"a\"b|c\nnull|null|x\nq\"q|a\\|open\n");
}

TEST_F(StorageTest, CsvInfersTypes) {
  WriteText("t.csv", "i,l,d,t,s,b,i\n1,1,1,2020-01-01,x,true,1\n2,9999999999,1.5,2020-01-01 00:00:00,1,false,\n");
  const TablePtr table = Open("csv", "t.csv", {{"header", "true"}, {"inferSchema", "true"}});
  EXPECT_EQ(table->schema()->CatalogString(), "struct<i0:int,l:bigint,d:double,t:timestamp,s:string,b:boolean,i6:int>");
}

TEST_F(StorageTest, CsvModes) {
  WriteText("m.csv", "a,b\n1,2\n3\n4,5,6\nx,7\n");
  const StringMap header = {{"header", "true"}};
  EXPECT_EQ(Rows(Open("csv", "m.csv", header, ParseSchemaDdl("a int, b int, _corrupt_record string"))),
            "1|2|null\n3|null|3\n4|5|4,5,6\nnull|7|x,7\n");
  EXPECT_EQ(Rows(Open("csv", "m.csv", {{"header", "true"}, {"mode", "DROPMALFORMED"}}, ParseSchemaDdl("a int, b int"))),
            "1|2\n");
  EXPECT_THROW(Rows(Open("csv", "m.csv", {{"header", "true"}, {"mode", "FAILFAST"}}, ParseSchemaDdl("a int, b int"))),
               Error);
}

TEST_F(StorageTest, CsvBeyondItsLimitsIsTheCauseOfAFailedRead) {
  WriteText("wide.csv", "1,2,3\n");
  for (const StringMap& limit : {StringMap{{"maxColumns", "2"}}, StringMap{{"maxCharsPerColumn", "0"}}}) {
    try {
      Rows(Open("csv", "wide.csv", limit, ParseSchemaDdl("a int")));
      FAIL() << "a record beyond " << limit.begin()->first << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.condition(), Condition::FAILED_READ_FILE__NO_HINT);
      ASSERT_NE(error.cause(), nullptr);
      EXPECT_EQ(error.cause()->condition(), Condition::MALFORMED_CSV_RECORD);
    }
  }
}

TEST_F(StorageTest, CsvPiecesHaveEachLineOnce) {
  std::string text;
  for (int i = 0; i < 3000000; ++i) text += std::to_string(i) + (i % 3 == 0 ? "\r\n" : "\n");
  WriteText("big.csv", text);
  const TablePtr table = Open("csv", "big.csv", {}, ParseSchemaDdl("a int"));
  ScanRequest request;
  request.columns = {0};
  auto scan = table->NewScan(request, context_);
  EXPECT_GT(scan->Morsels().size(), 2u);
  int64_t rows = 0, sum = 0;
  for (const Morsel& morsel : scan->Morsels()) {
    auto reader = scan->Open(morsel, context_, {});
    Batch batch;
    EventPtr wake;
    while (reader->Next(&batch, &wake) == ReadState::kBatch) {
      rows += batch.rows;
      for (int64_t i = 0; i < batch.rows; ++i) sum += batch.columns[0]->data<int32_t>()[i];
    }
  }
  EXPECT_EQ(rows, 3000000);
  EXPECT_EQ(sum, int64_t{3000000} * 2999999 / 2);
}

TEST_F(StorageTest, CsvIsWrittenAsSparkWritesIt) {
  const TypePtr schema = types::Struct({{"a", types::Int(), true, ""},
                                        {"c", types::String(), true, ""},
                                        {"t", types::Timestamp(), true, ""},
                                        {"g", types::Double(), true, ""}});
  const TypePtr time = types::Timestamp();
  WriteRows("csv", "w", schema,
            MakeBatch({MakeVector(types::Int(), {Value::Int(1), Value::Null(types::Int())}),
                       MakeVector(types::String(), {Value::String("x,\"y\"\n"), Value::String("")}),
                       MakeVector(time, {Value::Integer(time, 1577840523456789), Value::Null(time)}),
                       MakeVector(types::Double(), {Value::Double(1e10), Value::Double(1.5)})}),
            SaveMode::kError, {}, {{"header", "true"}});
  std::string text;
  for (const auto& entry : fs::directory_iterator(Path("w"))) {
    if (entry.path().extension() != ".csv") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  EXPECT_EQ(text, "a,c,t,g\n1,\"x,\\\"y\\\"\",2020-01-01T01:02:03.456Z,1.0E10\n,\"\",,1.5\n");
}

TEST(FileListingTest, Globs) {
  EXPECT_TRUE(MatchesGlob("*.csv", "a.csv"));
  EXPECT_FALSE(MatchesGlob("*.csv", "a.csv.gz"));
  EXPECT_TRUE(MatchesGlob("part-{00,01}-[a-c]?", "part-01-bz"));
  EXPECT_FALSE(MatchesGlob("part-{00,01}-[^a-c]?", "part-01-bz"));
  EXPECT_TRUE(IsHiddenName("_SUCCESS"));
  EXPECT_FALSE(IsHiddenName("_a=1"));
}

TEST(FileTableTest, PartitionsAreSparks) {
  QueryContext context;
  context.default_parallelism = 2;
  const int64_t mib = 1 << 20;
  const std::vector<DataFile> files = {{"a", 300 * mib, 0, {}}, {"b", 10 * mib, 0, {}}, {"c", 10 * mib, 0, {}}};
  const auto partitions = AssignPartitions(files, {0, 1, 2}, {true, true, false}, context);
  // 128, 128, 44, 10, 10 MiB: the last three fit one partition, with 4 MiB for opening each.
  ASSERT_EQ(partitions.size(), 3u);
  EXPECT_EQ(partitions[2].size(), 3u);
  EXPECT_EQ(EscapePathName("a=b c/}"), "a%3Db c%2F}");
  EXPECT_EQ(UnescapePathName("a%3Db"), "a=b");
}

}  // namespace
}  // namespace centella
