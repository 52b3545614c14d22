// Batches that an operator keeps: in memory while the budget allows, on disk otherwise.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "execution/spill_file.h"

namespace centella {

class BatchStore {
 public:
  struct Entry {
    Place place;
    int32_t group = 0;  // the owner's: a bucket, a partition
    int64_t rows = 0;
    Batch batch;  // empty when on disk
    SpillFile::Slot slot;
    bool on_disk = false;
  };

  BatchStore(std::vector<TypePtr> types, QueryContextPtr context);
  // Thread-safe. `batch` is dense and shares its buffers with nothing (CopyCompact).
  void Add(Place place, int32_t group, Batch batch);

  // ---- when all are added
  void SortByPlace();  // those of one place stay in the order of adding
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }
  Batch Read(const Entry& entry) const;
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }
  bool spilled() const { return spill_file_ != nullptr; }

 private:
  const std::vector<TypePtr> types_;
  const QueryContextPtr context_;
  std::mutex mutex_;
  std::vector<Entry> entries_;
  std::unique_ptr<SpillFile> spill_file_;
  MemoryReservation reservation_;
  int64_t rows_ = 0, bytes_ = 0;
  int64_t kept_bytes_ = 0;  // of what is in memory
};

}  // namespace centella
