// JSON files as tables, and the inference of their schema.
#pragma once

#include <memory>
#include <vector>

#include "storage/file_format.h"
#include "storage/formats/json_options.h"

namespace centella {

class JsonTable final : public FormatTable {
 public:
  JsonTable(std::shared_ptr<const std::vector<DataFile>> files, JsonOptions options)
      : files_(std::move(files)), options_(std::move(options)) {}
  bool IsSplittable(const DataFile& file) const override;
  bool applies_filters() const override { return false; }
  Statistics ComputeStatistics() const override;
  std::vector<FilePiece> Split(const FileSlice& slice, const FileScanSpec& spec) const override;
  std::unique_ptr<MorselReader> Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                     const QueryContextPtr& context, const RuntimeFilters& filters,
                                     int32_t partition) const override;

 private:
  std::shared_ptr<const std::vector<DataFile>> files_;
  JsonOptions options_;
};

// Null when there are no files.
TypePtr InferJsonSchema(const std::vector<DataFile>& files, const JsonOptions& options, const QueryContext& context);

}  // namespace centella
