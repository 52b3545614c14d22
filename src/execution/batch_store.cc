// Batches that an operator keeps: in memory while the budget allows, on disk otherwise.
#include "execution/batch_store.h"

#include <algorithm>

namespace centella {

BatchStore::BatchStore(std::vector<TypePtr> types, QueryContextPtr context)
    : types_(std::move(types)), context_(std::move(context)), reservation_(context_->memory.get()) {}

void BatchStore::Add(Place place, int32_t group, Batch batch) {
  Entry entry;
  entry.place = place;
  entry.group = group;
  entry.rows = batch.rows;
  entry.batch = std::move(batch);
  const int64_t bytes = entry.batch.MemoryBytes();
  SpillFile* file = nullptr;
  {
    std::lock_guard lock(mutex_);
    rows_ += entry.rows;
    bytes_ += bytes;
    if (context_->force_spill || !reservation_.TryGrowTo(kept_bytes_ + bytes)) {
      if (spill_file_ == nullptr) spill_file_ = std::make_unique<SpillFile>(context_);
      file = spill_file_.get();
    } else {
      kept_bytes_ += bytes;
    }
  }
  if (file != nullptr) {
    // Outside the lock: others go on while this is written.
    entry.slot = file->Append(entry.batch);
    entry.on_disk = true;
    entry.batch = Batch();
  }
  std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

void BatchStore::SortByPlace() {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.place < b.place; });
}

Batch BatchStore::Read(const Entry& entry) const {
  return entry.on_disk ? spill_file_->Read(entry.slot, types_) : entry.batch;
}

}  // namespace centella
