// The last row that a top-n may still want. Internal to sort*.cc.
#pragma once

#include <vector>

#include "execution/operators/sorted_order.h"

namespace centella {

// Knows that there are enough rows up to a certain one, and drops those beyond it.
class LastRow {
 public:
  bool known() const { return !columns_.empty(); }
  // Row `row` of a batch of flat columns is the last one wanted of those at or before `place`.
  void Set(const Batch& batch, int64_t row, const std::vector<SortKey>& keys, Place place);
  void Forget() { columns_.clear(); }
  // Leaves out the rows of a dense batch at `place` that come after it, also equal ones that come later.
  void DropBeyond(Batch* batch, const std::vector<SortKey>& keys, Place place) const;

 private:
  // Appends the rows whose first key doesn't show that they come after.
  void FindCandidates(const Vector& column, const SortKey& key, Selection* candidates) const;

  std::vector<VectorPtr> columns_;  // its keys: one row
  Place place_;
};

}  // namespace centella
