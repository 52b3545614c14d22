// The plans that a session (or its siblings) asked to cache: cache(), persist(), CACHE TABLE. Later plans that contain
// one read its rows instead.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plan/logical_plan.h"

namespace centella {

struct StorageLevel {
  bool disk = true;
  bool memory = true;
  bool off_heap = false;
  bool deserialized = true;
  int replication = 1;
};

// What two analysed plans share when they give the same rows: attribute ids, names, aliases of tables and origins don't
// count. Spark's sameResult.
std::string PlanKey(const PlanPtr& analyzed);

// Thread-safe.
class PlanCache {
 public:
  // Remembers that results of `analyzed` live in `table`. False (and nothing done) when it was cached already.
  bool Add(const PlanPtr& analyzed, TablePtr table, StorageLevel level);
  // Forgets the plan. False when it was not cached.
  bool Remove(const PlanPtr& analyzed);
  void Clear();
  // The level it is cached with, or nothing.
  std::optional<StorageLevel> Find(const PlanPtr& analyzed) const;
  // The plan with every cached part replaced by Cached, largest parts first. The same pointer when there is none.
  PlanPtr Replace(const PlanPtr& analyzed) const;
  bool empty() const;

 private:
  struct Entry {
    std::string key;
    PlanKind kind;  // quick tests before a key is made
    size_t node_count;
    size_t columns;
    TablePtr table;
    StorageLevel level;
  };
  const Entry* FindEntry(const PlanPtr& analyzed) const;  // with the lock held

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace centella
