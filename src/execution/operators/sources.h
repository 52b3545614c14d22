// Where pipelines begin: table scans, rows in memory, ranges, unions.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "plan/table.h"

namespace centella {

using RuntimeFilters = std::vector<std::pair<int, std::shared_ptr<const RuntimeFilter>>>;

// A negotiated scan. Runtime filters are asked when a morsel is opened.
class ScanSource final : public Source {
 public:
  ScanSource(std::shared_ptr<Scan> scan, QueryContextPtr context)
      : scan_(std::move(scan)), context_(std::move(context)) {}
  // Before the pipeline starts: rows whose `column` (of the scan's request) fails the filter may be left out.
  void AddRuntimeFilter(int column, std::shared_ptr<const RuntimeFilter> filter) {
    filters_.emplace_back(column, std::move(filter));
  }
  int32_t partitions() const override { return scan_->partitions(); }
  std::vector<Morsel> Morsels() override { return scan_->Morsels(); }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override;

 private:
  std::shared_ptr<Scan> scan_;
  QueryContextPtr context_;
  RuntimeFilters filters_;
};

// Gives a dense batch in pieces of at most `batch_size` rows.
std::unique_ptr<MorselReader> MakeBatchReader(Batch batch, int64_t batch_size);

// Batches that are there already; each keeps its place. `partitions` is Spark's number.
std::shared_ptr<Source> MakeBatchSource(std::vector<Batch> batches, int32_t partitions, int64_t batch_size);

// start, start + step, … before `end`, in `partitions` slices as Spark cuts them.
std::shared_ptr<Source> MakeRangeSource(int64_t start, int64_t end, int64_t step, int32_t partitions,
                                        int64_t batch_size);

// The chains one after the other; partitions are numbered on.
std::shared_ptr<Source> MakeUnionSource(std::vector<Chain> chains);

// coalesce(n): neighbouring partitions joined, in order, without moving rows.
std::shared_ptr<Source> MakeCoalesceSource(Chain chain, int32_t partitions);

// Of the source's morsels every `instances`-th from `instance` on, or whole partitions so.
std::shared_ptr<Source> MakeSharedOutSource(std::shared_ptr<Source> source, int32_t instance, int32_t instances,
                                            bool whole_partitions);

}  // namespace centella
