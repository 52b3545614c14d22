// The files behind the DataFrames of a session: a DataFrame reads what spark.read found when it was first looked at, however
// often it is used and whatever is added to the folder meanwhile, and a schema is inferred once. A file that was replaced
// under its own name is another one, of which nothing remembered holds: then the source is opened anew.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/query_context.h"
#include "plan/logical_plan.h"

namespace centella {

// Thread-safe. The least recently used are forgotten.
class OpenedSources {
 public:
  // What `source` names, made by `open` the first time. Only sources with a plan id (DataFrames) are remembered.
  template <typename Open>
  TablePtr Get(const UnresolvedDataSource& source, const QueryContext& context, const Open& open) {
    if (source.plan_id < 0) return open();
    const std::string key = KeyOf(source, context);
    TablePtr table = Find(key);
    if (table != nullptr) return table;
    table = open();
    Keep(key, table);
    return table;
  }
  void Clear();

 private:
  static constexpr size_t kMost = 256;
  // Size and time of change of each file.
  using Stamps = std::vector<std::pair<int64_t, int64_t>>;
  struct Entry {
    std::string key;
    TablePtr table;
    Stamps stamps;
  };

  // The id alone won't do: clients choose it, and readers depend on settings.
  static std::string KeyOf(const UnresolvedDataSource& source, const QueryContext& context);
  static Stamps StampsOf(const Table& table);
  static bool WasReplaced(const Entry& entry);
  TablePtr Find(const std::string& key);
  void Keep(const std::string& key, TablePtr table);

  std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<std::string, std::list<Entry>::iterator> found_;
};

}  // namespace centella
