// Sorting in memory: runs are cut at keys that were sampled into parts of the whole order, and each part is sorted by itself.
// Internal to sort*.cc.
#pragma once

#include <memory>
#include <vector>

#include "execution/operators/sort_runs.h"

namespace centella {

// The parts of runs [first, last), which lie in memory in the order of their places. Where they are cut depends on the rows only.
class SortParts {
 public:
  // Chooses where to cut.
  SortParts(SortOperator::Shared* shared, size_t first, size_t last);
  size_t first() const { return first_; }
  size_t last() const { return last_; }
  int32_t partition() const;
  size_t size() const { return splitters_.size() + 1; }
  // Groups a run's rows by parts. Different runs may be grouped by different threads.
  void Group(size_t run) const;

  // ---- when all runs are grouped
  int64_t RowsOf(size_t part) const;
  // Reads a part in order, from row `skip` of it on. `shared` outlives the reader.
  std::unique_ptr<MorselReader> Open(size_t part, int64_t skip) const;

 private:
  struct Splitter {
    PackedEntry key;  // its row: of the sample
    size_t run = 0;
    int64_t row = 0;  // of the run
  };
  void Sample(int64_t rows, int64_t stride, std::vector<Splitter>* taken);
  bool Below(const PackedEntry& entry, size_t run, const std::vector<VectorPtr>& columns,
             const Splitter& splitter) const;
  size_t PartOf(const PackedEntry& entry, size_t run, const std::vector<VectorPtr>& columns) const;
  std::vector<uint8_t> PartsOfRows(size_t run, int64_t* counts) const;

  SortOperator::Shared* shared_;
  size_t first_, last_;
  PackedKeys packed_;
  std::vector<VectorPtr> sample_;    // key columns of the sampled rows
  std::vector<Splitter> splitters_;  // a part begins with each, the first part with none
  std::vector<uint16_t> buckets_;    // by the first bits of a key: how many splitters have less there
};

}  // namespace centella
