// The scan of Parquet files: a row group is a morsel. For this folder's .cc files only.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "expression/evaluator.h"
#include "storage/formats/parquet_pruning.h"

namespace centella {

// Which field of a file's root a scan's column is.
struct FileColumn {
  int root = -1;  // -1: the file hasn't it
  int leaf = -1;  // of flat columns; -1: nested
};

class ParquetTable final : public FormatTable {
 public:
  ParquetTable(std::shared_ptr<const std::vector<DataFile>> files, TypePtr data_schema, bool case_sensitive);
  bool IsSplittable(const DataFile&) const override { return true; }
  bool applies_filters() const override { return true; }
  Statistics ComputeStatistics() const override;
  std::vector<FilePiece> Split(const FileSlice& slice, const FileScanSpec& spec) const override;
  std::unique_ptr<MorselReader> Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                     const QueryContextPtr& context, const RuntimeFilters& filters,
                                     int32_t partition) const override;

  // Read once, then kept.
  FooterPtr footer(int file) const;
  FileColumn FindColumn(const parquet::FileMetaData& footer, const std::string& name) const;

 private:
  // What filters may be tested against, per column of the scan.
  std::vector<std::optional<ChunkStatistics>> StatisticsOf(const DataFile& file, const parquet::FileMetaData& footer,
                                                           int row_group, const FileScanSpec& spec) const;
  void AddFileStatistics(const parquet::FileMetaData& footer, Statistics* out) const;

  std::shared_ptr<const std::vector<DataFile>> files_;
  TypePtr data_schema_;
  bool case_sensitive_;
  mutable std::mutex mutex_;
  mutable std::vector<FooterPtr> footers_;
};

}  // namespace centella
