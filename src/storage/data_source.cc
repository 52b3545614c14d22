// Options, and finding data sources by name.
#include "storage/data_source.h"

#include <algorithm>
#include <map>

#include "storage/file_table.h"
#include "storage/formats/formats.h"
#include "storage/write_job.h"

namespace centella {
namespace {

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

class FileSource final : public DataSource {
 public:
  explicit FileSource(const FileFormat& format) : format_(format) {}
  std::string name() const override { return format_.name(); }
  TablePtr Read(const ReadRequest& request, const QueryContextPtr& context) const override {
    return ReadFiles(format_, request, context);
  }
  std::unique_ptr<WriteJob> Write(const WriteRequest& request, const QueryContextPtr& context) const override {
    return NewWriteJob(format_, request, context);
  }

 private:
  const FileFormat& format_;
};

// The short name behind the class names that Spark takes.
std::string ShortName(std::string_view format) {
  std::string name = Lower(format);
  static const std::map<std::string, std::string> classes = {
      {"org.apache.spark.sql.parquet", "parquet"},
      {"org.apache.spark.sql.execution.datasources.parquet.parquetfileformat", "parquet"},
      {"org.apache.spark.sql.csv", "csv"},
      {"com.databricks.spark.csv", "csv"},
      {"org.apache.spark.sql.execution.datasources.csv.csvfileformat", "csv"},
      {"org.apache.spark.sql.json", "json"},
      {"org.apache.spark.sql.execution.datasources.json.jsonfileformat", "json"},
      {"org.apache.spark.sql.execution.datasources.json", "json"},
      {"org.apache.spark.sql.text", "text"},
      {"org.apache.spark.sql.execution.datasources.text.textfileformat", "text"},
      {"org.apache.spark.sql.execution.datasources.text", "text"},
      {"org.apache.spark.sql.execution.datasources.parquet", "parquet"},
      {"org.apache.spark.sql.execution.datasources.csv", "csv"},
  };
  const auto found = classes.find(name);
  return found == classes.end() ? name : found->second;
}

// Formats of Spark and its usual companions that aren't built here yet.
bool IsKnownElsewhere(const std::string& name) {
  static const char* const names[] = {"orc",    "avro",  "xml",     "binaryfile", "jdbc",
                                      "delta",  "kafka", "iceberg", "hudi",       "console",
                                      "memory", "noop",  "rate",    "socket",     "rate-micro-batch",
                                      "libsvm", "image", "hive",    "statestore", "state-metadata"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

SourceOptions::SourceOptions(const StringMap& options) {
  for (const auto& [key, value] : options) values_[Lower(key)] = value;
}

std::optional<std::string> SourceOptions::Get(std::string_view key) const {
  const auto found = values_.find(Lower(key));
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::string SourceOptions::Get(std::string_view key, std::string_view default_value) const {
  return Get(key).value_or(std::string(default_value));
}

bool SourceOptions::GetBool(std::string_view key, bool default_value) const {
  const auto text = Get(key);
  if (!text) return default_value;
  const std::string word = Lower(*text);
  if (word == "true") return true;
  if (word == "false") return false;
  Raise(Condition::_LEGACY_ERROR_TEMP_2147, {{"paramName", std::string(key)}});
}

int64_t SourceOptions::GetInt(std::string_view key, int64_t default_value) const {
  const auto text = Get(key);
  if (!text) return default_value;
  char* end = nullptr;
  errno = 0;
  const int64_t value = std::strtoll(text->c_str(), &end, 10);
  if (text->empty() || *end != '\0' || errno != 0) {
    Raise(Condition::_LEGACY_ERROR_TEMP_2146, {{"paramName", std::string(key)}, {"value", *text}});
  }
  return value;
}

const DataSource& FindDataSource(std::string_view format) {
  const std::string name = ShortName(format);
  static const std::map<std::string, std::unique_ptr<DataSource>> sources = [] {
    std::map<std::string, std::unique_ptr<DataSource>> all;
    for (const FileFormat* format : AllFormats()) all[format->name()] = std::make_unique<FileSource>(*format);
    return all;
  }();
  const auto found = sources.find(name);
  if (found != sources.end()) return *found->second;
  if (IsKnownElsewhere(name)) RaiseUnsupported("the data source " + name);
  Raise(Condition::DATA_SOURCE_NOT_FOUND, {{"provider", std::string(format)}});
}

TablePtr TableFromIdentity(std::string_view identity, const QueryContextPtr& context) {
  return FileTableFromIdentity(identity, context);
}

}  // namespace centella
