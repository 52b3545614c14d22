// The interface of everything that can be read and written by format name: files now, connectors and tables later.
//
// A format is one file that implements DataSource and one line in storage/formats/formats.def.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/query_context.h"
#include "plan/logical_plan.h"
#include "plan/table.h"

namespace centella {

// Options as Spark takes them: keys match without case; reading a key marks it as used.
class SourceOptions {
 public:
  explicit SourceOptions(const StringMap& options);
  std::optional<std::string> Get(std::string_view key) const;
  std::string Get(std::string_view key, std::string_view default_value) const;
  bool GetBool(std::string_view key, bool default_value) const;  // raises for other words, as Spark does
  int64_t GetInt(std::string_view key, int64_t default_value) const;
  const std::map<std::string, std::string>& all() const { return values_; }  // lower-case keys

 private:
  std::map<std::string, std::string> values_;
};

struct ReadRequest {
  std::string format;
  std::vector<std::string> paths;
  TypePtr user_schema;  // null = infer
  StringMap options;
};

struct WriteRequest {
  std::string format;
  std::string path;
  SaveMode mode = SaveMode::kError;
  StringMap options;
  TypePtr schema;                         // of the rows, partition columns included
  std::vector<std::string> partition_by;  // names in schema
};

// Writes one task's rows (one Spark partition); one thread at a time.
class TaskWriter {
 public:
  virtual ~TaskWriter() = default;
  virtual void Write(const Batch& batch) = 0;
  // Flushes and closes this task's files, still invisible. Destroyed without Finish: the task's files vanish.
  virtual void Finish() = 0;
};

// A writing job: tasks write under a hidden folder; Commit makes all visible at once, Abort (or destruction without
// Commit) leaves nothing.
class WriteJob {
 public:
  virtual ~WriteJob() = default;
  virtual std::unique_ptr<TaskWriter> NewTask(int32_t partition) = 0;
  virtual void Commit() = 0;  // files, then _SUCCESS
  virtual void Abort() noexcept = 0;
  // False when the save mode says that there's nothing to do (ignore, and the path exists).
  virtual bool needed() const { return true; }
};

class DataSource {
 public:
  virtual ~DataSource() = default;
  virtual std::string name() const = 0;  // "parquet"
  // Lists, infers the schema (or takes the user's), raises PATH_NOT_FOUND, UNABLE_TO_INFER_SCHEMA …
  virtual TablePtr Read(const ReadRequest& request, const QueryContextPtr& context) const = 0;
  // Checks mode and options first: raises PATH_ALREADY_EXISTS before any row is computed.
  virtual std::unique_ptr<WriteJob> Write(const WriteRequest& request, const QueryContextPtr& context) const = 0;
};

// By short name or class name ("parquet", "org.apache.spark.sql.parquet" …), without case. Raises
// DATA_SOURCE_NOT_FOUND; UNSUPPORTED_FEATURE for Spark's formats that aren't built yet (by name).
const DataSource& FindDataSource(std::string_view format);
// The resolver for plans that come as bytes.
TablePtr TableFromIdentity(std::string_view identity, const QueryContextPtr& context);

}  // namespace centella
