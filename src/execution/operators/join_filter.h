// What a finished hash build tells scans of the other side: range and members of a key (an exact bitmap for dense
// integers, else a blocked Bloom filter).
#pragma once

#include <atomic>
#include <vector>

#include "execution/operators/join_table.h"
#include "plan/table.h"

namespace centella {

class JoinRuntimeFilter final : public RuntimeFilter {
 public:
  // Reads column `column` of all rows; once, before ready() is true. `only_key`: the rows' hashes are those of the column.
  void Build(const RowLayout& layout, size_t column, const std::vector<const std::vector<std::byte*>*>& chunks,
             int64_t rows, bool only_key, const Cancellation& cancellation);
  // The same of rows that are still columns, the only key first, an integer between `least` and `greatest`.
  void Build(const std::vector<JoinColumns>& batches, int64_t least, int64_t greatest, int64_t rows,
             const Cancellation& cancellation);
  // What the latter will need.
  static int64_t BytesOfColumns(int64_t least, int64_t greatest, int64_t rows);
  // What a filter that is ready holds.
  int64_t bytes() const { return static_cast<int64_t>((bitmap_.size() + bloom_.size()) * 8); }
  bool ready() const override { return ready_.load(std::memory_order_acquire); }
  std::optional<std::pair<int64_t, int64_t>> Range() const override;
  SelectionPtr Select(const Vector& values, const SelectionPtr& rows) const override;

 private:
  void AddToBloom(uint64_t hash);
  bool MayContain(uint64_t hash) const;
  void TestEntries(const Vector& flat, std::vector<uint8_t>* passes) const;

  std::atomic<bool> ready_{false};
  bool integers_ = false;
  bool empty_ = true;
  int64_t min_ = 0, max_ = 0;
  std::vector<uint64_t> bitmap_;  // bit (value - min_), when dense
  std::vector<uint64_t> bloom_;   // 64-bit blocks, power of two of them
};

}  // namespace centella
