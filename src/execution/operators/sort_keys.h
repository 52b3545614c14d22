// Sort keys as bytes whose order is the rows' order, and exact comparison where bytes tie.
#pragma once

#include <cstdint>
#include <vector>

#include "vector/vector.h"

namespace centella {

struct SortKey {
  int column = 0;  // of the batch
  bool ascending = true;
  bool nulls_first = true;
};

// -1, 0, 1: Spark's order of two values of one type (NaN largest and equal to itself, -0.0 = 0.0; nulls inside nested
// values first). Top-level nulls are the caller's.
int CompareValues(const Vector& a, int64_t i, const Vector& b, int64_t j);

// Rows of one batch ready to be compared. Columns are flat.
class SortableRows {
 public:
  // Encodes the keys of `batch` (dense).
  SortableRows(Batch batch, const std::vector<SortKey>& keys);
  const Batch& batch() const { return batch_; }
  int64_t rows() const { return batch_.rows; }
  static int Compare(const SortableRows& a, int64_t i, const SortableRows& b, int64_t j,
                     const std::vector<SortKey>& keys);

 private:
  Batch batch_;
  int64_t width_ = 0;                 // bytes of a row's encoded key
  std::vector<int64_t> key_offsets_;  // within a row
  std::vector<uint8_t> inexact_;      // equal bytes don't mean equal values (long strings, nested)
  std::vector<VectorPtr> key_columns_;
  std::vector<uint8_t> encoded_;
  bool all_exact_ = true;
};

}  // namespace centella
