// What the parts of a sort share: its runs, in memory or on disk. Internal to sort*.cc.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "execution/operators/sort.h"
#include "execution/operators/sorted_order.h"
#include "execution/spill_file.h"

namespace centella {

// Rows of one morsel. In memory they lie as they came, or grouped by parts; those of a top-n, and on disk, are sorted.
struct SortRun {
  Place place;
  int64_t count = 0;  // rows
  int64_t bytes = 0;
  Batch rows;                          // in memory
  std::vector<KeyRange> ranges;        // of each key; none with a limit
  std::vector<int64_t> part_begins;    // where its rows of each part begin, and the end
  std::vector<SpillFile::Slot> slots;  // on disk: kSlotRows rows each
  static constexpr int64_t kSlotRows = 1024;
};

// What the texts of a column keep alive, and how much of it is their own bytes.
struct HeapUse {
  int64_t held = 0, used = 0;

  static HeapUse Of(const Vector& column) {
    HeapUse use;
    if (column.physical() != PhysicalType::kString || !column.is_flat() || column.heaps().empty()) return use;
    for (const BufferPtr& heap : column.heaps()) use.held += heap->size();
    const auto* texts = column.data<StringView>();
    const uint8_t* validity = column.validity();
    for (int64_t i = 0; i < column.size(); ++i) {
      if (validity != nullptr && !BitIsSet(validity, i)) continue;  // its view may be anything
      use.used += texts[i].is_inline() ? 0 : texts[i].size();
    }
    return use;
  }
};

struct SortOperator::Shared {
  Shared(SortSpec spec, int32_t partitions, QueryContextPtr context);

  // Keeps a run in memory, or sorts and writes it, and all that are there, when memory is short. Thread-safe.
  void Keep(SortRun run);
  bool spilled() const { return spill_file != nullptr; }
  // Whether sorted runs are to be merged row by row; otherwise parts are sorted.
  bool merges() const { return spilled() || spec.limit >= 0; }

  const SortSpec spec;
  const int32_t input_partitions;
  const QueryContextPtr context;
  std::vector<SortRun> runs;  // in the order of their places when all are there
  std::unique_ptr<SpillFile> spill_file;

 private:
  void SpillKept();
  void Spill(SortRun* run);

  std::mutex mutex_;
  std::vector<SortRun> unspilled_;  // to be written
  MemoryReservation reservation_;
  int64_t kept_bytes_ = 0;  // of what is in memory
};

}  // namespace centella
