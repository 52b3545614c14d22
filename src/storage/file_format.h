// What a file format implements; FileTable does the rest (listing, partition folders, Spark's partitions, constants).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/data_source.h"
#include "storage/filesystems/filesystem.h"

namespace centella {

// A file of a table with the values that its folders give to the partition columns.
struct DataFile {
  std::string path;
  int64_t size = 0;
  int64_t modified_micros = 0;
  std::vector<Value> partition_values;
};

// Statistics that know the files' sizes and nothing of their rows.
inline Statistics SizeOf(const std::vector<DataFile>& files) {
  int64_t bytes = 0;
  for (const DataFile& file : files) bytes += file.size;
  Statistics out;
  out.bytes = bytes;
  return out;
}

// Part of a file that belongs to one Spark partition.
struct FileSlice {
  int file = 0;  // index into the table's files
  int64_t offset = 0;
  int64_t length = 0;
};

// A morsel's worth of a slice. `unit` is the format's own (a row group's number).
struct FilePiece {
  int file = 0;
  int64_t offset = 0;
  int64_t length = 0;
  int64_t unit = 0;
  int64_t rows_estimate = 0;
};

// A column that a scan wants: from the file, or the same for all rows of a file.
struct ScanColumn {
  StructField field;
  int partition_column = -1;  // index into DataFile::partition_values, or -1: from the file
};

using RuntimeFilters = std::vector<std::pair<int, std::shared_ptr<const RuntimeFilter>>>;

// What FileTable hands to a format for one scan; outlives the readers.
struct FileScanSpec {
  std::vector<ScanColumn> columns;
  std::vector<ExprPtr> filters;  // over Column(ordinal in columns)
  std::optional<int64_t> limit;
  TypePtr data_schema;  // of the files, partition columns left out
  QueryContextPtr context;
};

// Files of one table as their format sees them; shared by its scans, thread-safe. Keeps what is dear to read twice.
class FormatTable {
 public:
  virtual ~FormatTable() = default;
  // Whether a file may be cut at any byte.
  virtual bool IsSplittable(const DataFile& file) const = 0;
  // True when readers apply every filter of the scan themselves.
  virtual bool applies_filters() const = 0;
  // May read the files' footers.
  virtual Statistics ComputeStatistics() const = 0;
  virtual std::vector<FilePiece> Split(const FileSlice& slice, const FileScanSpec& spec) const = 0;
  virtual std::unique_ptr<MorselReader> Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                             const QueryContextPtr& context, const RuntimeFilters& filters,
                                             int32_t partition) const = 0;
};

// Writes one file; one thread at a time. Rows arrive without partition columns.
class FileWriter {
 public:
  virtual ~FileWriter() = default;
  virtual void Write(const Batch& batch) = 0;
  // Writes what is left and closes the file.
  virtual void Finish() = 0;
};

// Makes the files of one job.
class FileWriterFactory {
 public:
  virtual ~FileWriterFactory() = default;
  // ".snappy.parquet"
  virtual std::string extension() const = 0;
  virtual std::unique_ptr<FileWriter> NewFile(std::unique_ptr<OutputFile> output) const = 0;
};

class FileFormat {
 public:
  virtual ~FileFormat() = default;
  virtual std::string name() const = 0;
  // As errors name it: "Parquet", "CSV".
  virtual std::string title() const = 0;
  // Raises for option keys or values that the format refuses.
  virtual void CheckReadOptions(const SourceOptions& options) const = 0;
  // The data columns' struct type, or null when it can't be known (no file).
  virtual TypePtr InferSchema(const std::vector<DataFile>& files, const SourceOptions& options,
                              const QueryContext& context) const = 0;
  // The data columns where all files are empty; null when that says nothing.
  virtual TypePtr SchemaOfEmptyFiles() const { return nullptr; }
  // Raises for a user's schema that the format can't give.
  virtual void CheckSchema(const DataType& schema, bool for_write, const QueryContext& context) const = 0;
  virtual std::shared_ptr<const FormatTable> NewTable(std::shared_ptr<const std::vector<DataFile>> files,
                                                      const TypePtr& data_schema, const SourceOptions& options,
                                                      const QueryContext& context) const = 0;
  // `schema`: of the rows in the files.
  virtual std::unique_ptr<FileWriterFactory> NewWriters(const TypePtr& schema, const SourceOptions& options,
                                                        const QueryContextPtr& context) const = 0;
};

}  // namespace centella
