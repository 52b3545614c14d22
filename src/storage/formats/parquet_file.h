// Parquet files through libparquet: opening, footers, Spark's types of their columns. Includes Parquet's headers, so
// only this folder's .cc files may include it.
#pragma once

#include <arrow/io/interfaces.h>
#include <parquet/api/reader.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "storage/formats/formats.h"

namespace centella {

using FooterPtr = std::shared_ptr<parquet::FileMetaData>;

// Key under which Spark keeps its own schema in a footer.
inline constexpr const char* kSparkSchemaKey = "org.apache.spark.sql.parquet.row.metadata";

// The file at a path that may name its file system.
std::unique_ptr<InputFile> OpenInput(const std::string& path);
// An Arrow file over ours.
std::shared_ptr<arrow::io::RandomAccessFile> ArrowInput(const std::string& path);
// Raises FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER.
FooterPtr ReadFooter(const std::string& path);
std::unique_ptr<parquet::ParquetFileReader> OpenParquet(const std::string& path, const FooterPtr& footer);

// Raises FAILED_READ_FILE.NO_HINT for `path` with the reason as cause.
[[noreturn]] void RaiseFailedRead(const std::string& path, const std::string& reason);

// Runs `work`; what libparquet or Arrow throw becomes FAILED_READ_FILE.NO_HINT. Our own errors pass.
template <typename Work>
auto GuardRead(const std::string& path, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& failure) {
    RaiseFailedRead(path, failure.what());
  }
}

// Spark's type of a column (or part of one) of a file; raises PARQUET_TYPE_ILLEGAL and the like.
TypePtr SparkTypeOf(const parquet::schema::Node& node, const QueryContext& context);
// Spark's own schema when the footer has it, else converted; everything nullable.
TypePtr SchemaOfFooter(const parquet::FileMetaData& footer, const QueryContext& context);

}  // namespace centella
