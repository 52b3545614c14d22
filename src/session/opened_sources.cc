// See opened_sources.h.
#include "session/opened_sources.h"

namespace centella {
namespace {

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

TablePtr OpenedSources::Find(const std::string& key) {
  std::lock_guard lock(mutex_);
  const auto found = found_.find(key);
  if (found == found_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void OpenedSources::Keep(const std::string& key, TablePtr table) {
  TablePtr forgotten;  // released outside the lock
  std::lock_guard lock(mutex_);
  if (found_.contains(key)) return;
  entries_.emplace_front(key, std::move(table));
  found_[key] = entries_.begin();
  if (entries_.size() <= kMost) return;
  forgotten = std::move(entries_.back().second);
  found_.erase(entries_.back().first);
  entries_.pop_back();
}

void OpenedSources::Clear() {
  std::list<Entry> dropped;
  std::lock_guard lock(mutex_);
  dropped.swap(entries_);
  found_.clear();
}

}  // namespace centella
