// See opened_sources.h.
#include "session/opened_sources.h"

#include "storage/filesystems/filesystem.h"

namespace centella {
namespace {

// Looking at more files than this at each use would take longer than it's worth: they are trusted.
constexpr size_t kMostLookedAt = 1024;

void AddText(const std::string& text, std::string* key) { *key += std::to_string(text.size()) + ":" + text; }

}  // namespace

std::string OpenedSources::KeyOf(const UnresolvedDataSource& source, const QueryContext& context) {
  std::string key = std::to_string(source.plan_id);
  for (bool flag : {source.is_streaming, context.ansi, context.case_sensitive}) key += flag ? '+' : '-';
  AddText(context.zone.id(), &key);
  AddText(source.format, &key);
  AddText(source.schema, &key);
  for (const auto& [name, value] : source.options) {
    AddText(name, &key);
    AddText(value, &key);
  }
  key += "|";
  for (const std::string& path : source.paths) AddText(path, &key);
  key += "|";
  for (const std::string& predicate : source.predicates) AddText(predicate, &key);
  return key;
}

OpenedSources::Stamps OpenedSources::StampsOf(const Table& table) {
  Stamps stamps;
  const std::vector<std::string> files = table.input_files();
  if (files.size() > kMostLookedAt) return stamps;
  for (const std::string& file : files) {
    std::string path;
    const auto info = FileSystemOf(file, &path).Info(path);
    stamps.emplace_back(info ? info->size : -1, info ? info->modified_micros : -1);
  }
  return stamps;
}

bool OpenedSources::WasReplaced(const Entry& entry) {
  const Stamps now = StampsOf(*entry.table);
  for (size_t i = 0; i < now.size(); ++i) {
    const bool gone = now[i].first < 0;  // reading it will say so, unless its rows are cached
    if (!gone && now[i] != entry.stamps[i]) return true;
  }
  return false;
}

TablePtr OpenedSources::Find(const std::string& key) {
  Entry entry;
  {
    std::lock_guard lock(mutex_);
    const auto found = found_.find(key);
    if (found == found_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    entry = entries_.front();
  }
  if (!WasReplaced(entry)) return entry.table;
  std::lock_guard lock(mutex_);
  const auto found = found_.find(key);
  if (found != found_.end()) {
    entries_.erase(found->second);
    found_.erase(found);
  }
  return nullptr;
}

void OpenedSources::Keep(const std::string& key, TablePtr table) {
  Stamps stamps = StampsOf(*table);
  std::list<Entry> forgotten;  // released outside the lock
  std::lock_guard lock(mutex_);
  if (found_.contains(key)) return;
  entries_.push_front({key, std::move(table), std::move(stamps)});
  found_[key] = entries_.begin();
  if (entries_.size() <= kMost) return;
  found_.erase(entries_.back().key);
  forgotten.splice(forgotten.begin(), entries_, std::prev(entries_.end()));
}

void OpenedSources::Clear() {
  std::list<Entry> dropped;
  std::lock_guard lock(mutex_);
  dropped.swap(entries_);
  found_.clear();
}

}  // namespace centella
