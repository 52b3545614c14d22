// Temporary views of a session, and the built-in catalog that keeps its tables in memory.
#include "catalog/catalog.h"

#include <algorithm>
#include <cctype>

namespace centella {

namespace {

std::string Lower(const std::string& name) {
  std::string out = name;
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string Quote(const std::string& name) {
  std::string out = "`";
  for (char c : name) {
    out += c;
    if (c == '`') out += c;
  }
  return out + "`";
}

}  // namespace

void TemporaryViews::Create(const std::string& name, ViewDefinition view, bool replace) {
  std::lock_guard lock(mutex_);
  auto found = views_.find(Lower(name));
  if (found != views_.end() && !replace) {
    Raise(Condition::TEMP_TABLE_OR_VIEW_ALREADY_EXISTS, {{"relationName", Quote(name)}});
  }
  views_.insert_or_assign(Lower(name), std::move(view));
}

std::optional<ViewDefinition> TemporaryViews::Find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  auto found = views_.find(Lower(name));
  if (found == views_.end()) return std::nullopt;
  return found->second;
}

bool TemporaryViews::Drop(const std::string& name) {
  std::lock_guard lock(mutex_);
  return views_.erase(Lower(name)) > 0;
}

std::vector<std::string> TemporaryViews::Names() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  names.reserve(views_.size());
  for (const auto& [key, view] : views_) names.push_back(view.name.empty() ? key : view.name.back());
  return names;
}

std::shared_ptr<TemporaryViews> TemporaryViews::Copy() const {
  auto copy = std::make_shared<TemporaryViews>();
  std::lock_guard lock(mutex_);
  copy->views_ = views_;
  return copy;
}

namespace {

// Names match without case, as in Spark's built-in catalog.
class MemoryCatalog final : public Catalog {
 public:
  explicit MemoryCatalog(std::string name) : name_(std::move(name)) { databases_["default"].name = "default"; }

  std::string name() const override { return name_; }

  std::vector<std::string> Databases() const override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [key, database] : databases_) names.push_back(database.name);
    return names;
  }

  bool DatabaseExists(const std::string& database) const override {
    std::lock_guard lock(mutex_);
    return databases_.contains(Lower(database));
  }

  void CreateDatabase(const std::string& database, bool if_not_exists) override {
    std::lock_guard lock(mutex_);
    auto [place, made] = databases_.try_emplace(Lower(database));
    if (made) {
      place->second.name = database;
    } else if (!if_not_exists) {
      Raise(Condition::SCHEMA_ALREADY_EXISTS, {{"schemaName", Quote(database)}});
    }
  }

  void DropDatabase(const std::string& database, bool if_exists, bool cascade) override {
    std::lock_guard lock(mutex_);
    auto found = databases_.find(Lower(database));
    if (found == databases_.end()) {
      if (if_exists) return;
      RaiseMissing(database);
    }
    if (!found->second.tables.empty() && !cascade) {
      Raise(Condition::SCHEMA_NOT_EMPTY, {{"schemaName", Quote(database)}});
    }
    databases_.erase(found);
  }

  std::vector<TableEntry> Tables(const std::string& database) const override {
    std::lock_guard lock(mutex_);
    std::vector<TableEntry> entries;
    for (const auto& [key, entry] : Get(database).tables) entries.push_back(entry);
    return entries;
  }

  std::optional<TableEntry> FindTable(const std::string& database, const std::string& table) const override {
    std::lock_guard lock(mutex_);
    auto place = databases_.find(Lower(database));
    if (place == databases_.end()) return std::nullopt;
    auto found = place->second.tables.find(Lower(table));
    if (found == place->second.tables.end()) return std::nullopt;
    return found->second;
  }

  void CreateTable(const std::string& database, const std::string& table, TableEntry entry, bool replace) override {
    std::lock_guard lock(mutex_);
    Get(database);  // raises when it is not there
    auto& tables = databases_.at(Lower(database)).tables;
    if (tables.contains(Lower(table)) && !replace) {
      Raise(Condition::TABLE_OR_VIEW_ALREADY_EXISTS,
            {{"relationName", Quote(name_) + "." + Quote(database) + "." + Quote(table)}});
    }
    tables.insert_or_assign(Lower(table), std::move(entry));
  }

  bool DropTable(const std::string& database, const std::string& table) override {
    std::lock_guard lock(mutex_);
    auto place = databases_.find(Lower(database));
    return place != databases_.end() && place->second.tables.erase(Lower(table)) > 0;
  }

 private:
  struct Database {
    std::string name;
    std::map<std::string, TableEntry> tables;  // by lower-case name
  };

  [[noreturn]] static void RaiseMissing(const std::string& database) {
    Raise(Condition::SCHEMA_NOT_FOUND, {{"schemaName", Quote(database)}});
  }

  const Database& Get(const std::string& database) const {
    auto found = databases_.find(Lower(database));
    if (found == databases_.end()) RaiseMissing(database);
    return found->second;
  }

  std::string name_;
  mutable std::mutex mutex_;
  std::map<std::string, Database> databases_;  // by lower-case name
};

}  // namespace

std::shared_ptr<Catalog> MakeMemoryCatalog(std::string name) {
  return std::make_shared<MemoryCatalog>(std::move(name));
}

}  // namespace centella
