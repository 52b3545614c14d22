// Sort keys as bytes whose order is the rows' order, and exact comparison where bytes tie.
#pragma once

#include <cstdint>
#include <vector>

#include "base/query_context.h"
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

// For each row of a flat column, as the first of the keys: a number that is less for a row that surely comes before.
std::vector<uint64_t> FirstKeyPrefixes(const Vector& column, const SortKey& key);

// A row with some bytes of its key.
struct SortEntry {
  uint64_t prefix;
  int32_t row;
};

// Rows of one batch ready to be compared. Columns are flat.
class SortableRows {
 public:
  // Encodes the keys of `batch` (dense).
  SortableRows(Batch batch, const std::vector<SortKey>& keys);
  const Batch& batch() const { return batch_; }
  int64_t rows() const { return batch_.rows; }
  static int Compare(const SortableRows& a, int64_t i, const SortableRows& b, int64_t j,
                     const std::vector<SortKey>& keys);
  // Row numbers in sorted order (stable); only the first `limit` when not negative.
  std::vector<int32_t> SortedOrder(const std::vector<SortKey>& keys, int64_t limit,
                                   const Cancellation& cancellation) const;
  int64_t MemoryBytes() const { return batch_.MemoryBytes() + static_cast<int64_t>(encoded_.size()); }

 private:
  // Bytes [offset, offset + 8) of row i's key, as far as they decide, as a number that compares alike.
  uint64_t Prefix(int64_t i, int64_t offset) const;
  void SortFrom(SortEntry* begin, SortEntry* end, int64_t offset, const std::vector<SortKey>& keys,
                std::vector<SortEntry>* scratch, CancellationPoint* comparisons) const;

  Batch batch_;
  int64_t width_ = 0;        // bytes of a row's encoded key
  int64_t exact_width_ = 0;  // of them, those that decide wherever they differ: up to the first inexact key's end
  std::vector<int64_t> key_offsets_;  // within a row
  std::vector<uint8_t> inexact_;      // equal bytes don't mean equal values (long strings, nested)
  std::vector<VectorPtr> key_columns_;
  std::vector<uint8_t> encoded_;
  bool all_exact_ = true;
};

}  // namespace centella
