// CSV files as tables, and the inference of their schema.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/file_format.h"
#include "storage/formats/csv_options.h"

namespace centella {

class CsvTable final : public FormatTable {
 public:
  CsvTable(std::shared_ptr<const std::vector<DataFile>> files, CsvOptions options)
      : files_(std::move(files)), options_(std::move(options)) {}
  bool IsSplittable(const DataFile& file) const override;
  bool applies_filters() const override { return false; }
  Statistics ComputeStatistics() const override;
  std::vector<FilePiece> Split(const FileSlice& slice, const FileScanSpec& spec) const override;
  std::unique_ptr<MorselReader> Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                     const QueryContextPtr& context, const RuntimeFilters& filters,
                                     int32_t partition) const override;
  const CsvOptions& options() const { return options_; }

 private:
  std::shared_ptr<const std::vector<DataFile>> files_;
  CsvOptions options_;
};

// Null when there are no files.
TypePtr InferCsvSchema(const std::vector<DataFile>& files, const CsvOptions& options, const QueryContext& context);

// FAILED_READ_FILE with its cause.
[[noreturn]] void RaiseFileUnreadable(const std::string& path, const Error& cause);
// A failed read in mode FAILFAST.
[[noreturn]] void RaiseMalformedRecord(const std::string& path, std::string_view record);

}  // namespace centella
