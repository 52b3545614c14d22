// Where pipelines begin: table scans, rows in memory, other chains, the share of a fragment's instance.
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

// Morsels of other chains under new numbers: `targets_` says which a number means.
class ChainsSource : public Source {
 public:
  explicit ChainsSource(std::vector<Chain> chains) : chains_(std::move(chains)) {}
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const Target& target = targets_[morsel.id];
    return OpenChain(chains_[target.chain], target.morsel);
  }

 protected:
  struct Target {
    size_t chain;
    Morsel morsel;
  };
  std::vector<Chain> chains_;
  std::vector<Target> targets_;
};

// Of the source's morsels every `instances`-th from `instance` on, or whole partitions so.
std::shared_ptr<Source> MakeSharedOutSource(std::shared_ptr<Source> source, int32_t instance, int32_t instances,
                                            bool whole_partitions);

}  // namespace centella
