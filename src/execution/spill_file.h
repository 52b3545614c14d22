// Temporary files that operators put batches in when memory is short. Deleted when closed, and at once from the folder.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/query_context.h"
#include "vector/vector.h"

namespace centella {

// Append-only, then read by position. Append is thread-safe; so is Read. The file has no name after it's opened, so a
// killed process leaves nothing behind.
class SpillFile {
 public:
  // Where one appended batch lies.
  struct Slot {
    int64_t offset = 0;
    int64_t bytes = 0;
  };
  // Raises SPILL_FAILED (with the operating system's word) when the folder can't be written.
  explicit SpillFile(QueryContextPtr context);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  Slot Append(const Batch& batch);
  Batch Read(const Slot& slot, const std::vector<TypePtr>& types) const;

 private:
  QueryContextPtr context_;
  int descriptor_ = -1;
  std::mutex mutex_;
  int64_t end_ = 0;
};

}  // namespace centella
