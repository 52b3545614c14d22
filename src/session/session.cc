// A session's state and names; what it does with plans is in plans.cc, commands in commands.cc.
#include "session/session.h"

#include <algorithm>
#include <cctype>

namespace centella {
namespace {

constexpr std::string_view kCatalog = "spark_catalog";
constexpr std::string_view kGlobalDatabase = "global_temp";

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string Quoted(const std::string& name) { return "`" + name + "`"; }

}  // namespace

Session::Session(std::string user_id, std::string session_id, std::shared_ptr<const SharedState> shared)
    : user_id_(std::move(user_id)),
      session_id_(std::move(session_id)),
      server_side_id_(NewUuid()),
      shared_(std::move(shared)),
      config_(shared_->configuration),
      last_used_(std::chrono::steady_clock::now()),
      views_(std::make_shared<TemporaryViews>()),
      artifacts_(std::make_shared<Artifacts>(session_id_)) {}

Session::~Session() = default;

std::shared_ptr<Session> Session::Clone(std::string new_session_id) const {
  auto clone = std::make_shared<Session>(user_id_, std::move(new_session_id), shared_);
  clone->views_ = views_->Copy();
  clone->artifacts_ = artifacts_->Copy(clone->session_id_);
  clone->cache_ = cache_;  // Spark's cache is shared by the sessions of a server, too
  std::lock_guard lock(mutex_);
  clone->config_ = config_;
  clone->catalog_ = catalog_;
  clone->database_ = database_;
  clone->remotes_ = remotes_;
  return clone;
}

Configuration Session::config() const {
  std::lock_guard lock(mutex_);
  return config_;
}

void Session::SetConfig(const std::string& key, const std::string& value) {
  std::lock_guard lock(mutex_);
  config_ = config_.With(key, value);
}

void Session::SetConfigOfBuilder(const std::string& key, const std::string& value) {
  std::lock_guard lock(mutex_);
  config_ = config_.With(key, value, /*at_start=*/!used_.load());
}

void Session::UnsetConfig(const std::string& key) {
  std::lock_guard lock(mutex_);
  config_ = config_.Without(key);
}

void Session::ResetConfig() {
  std::lock_guard lock(mutex_);
  config_ = shared_->configuration;
}

std::string Session::current_catalog() const {
  std::lock_guard lock(mutex_);
  return catalog_;
}

std::string Session::current_database() const {
  std::lock_guard lock(mutex_);
  return database_;
}

void Session::SetCurrentCatalog(const std::string& name) {
  if (name != kCatalog) {
    Raise(Condition::CATALOG_NOT_FOUND,
          {{"catalogName", Quoted(name)}, {"config", "\"spark.sql.catalog." + name + "\""}});
  }
  std::lock_guard lock(mutex_);
  catalog_ = name;
}

void Session::SetCurrentDatabase(const std::string& name) {
  const std::string database = LowerCase(name);
  if (!shared_->catalog->DatabaseExists(database)) {
    Raise(Condition::SCHEMA_NOT_FOUND, {{"schemaName", Quoted(std::string(kCatalog)) + "." + Quoted(name)}});
  }
  std::lock_guard lock(mutex_);
  database_ = database;
}

std::string Session::KeepRemote(PlanPtr analyzed) {
  std::string id = NewUuid();
  std::lock_guard lock(mutex_);
  remotes_[id] = std::move(analyzed);
  return id;
}

PlanPtr Session::FindRemote(const std::string& id) const {
  std::lock_guard lock(mutex_);
  auto found = remotes_.find(id);
  return found == remotes_.end() ? nullptr : found->second;
}

void Session::DropRemote(const std::string& id) {
  PlanPtr dropped;  // released outside the lock
  std::lock_guard lock(mutex_);
  auto found = remotes_.find(id);
  if (found == remotes_.end()) return;
  dropped = std::move(found->second);
  remotes_.erase(found);
}

std::optional<ViewDefinition> Session::FindTemporaryView(const std::vector<std::string>& name) const {
  if (name.size() == 1) return views_->Find(name[0]);
  if (name.size() == 2 && LowerCase(name[0]) == kGlobalDatabase) return shared_->global_views->Find(name[1]);
  return std::nullopt;
}

std::optional<TableEntry> Session::FindTable(const std::vector<std::string>& name) const {
  std::vector<std::string> parts = name;
  if (parts.size() == 3) {
    if (LowerCase(parts[0]) != kCatalog) return std::nullopt;
    parts.erase(parts.begin());
  }
  if (parts.size() == 1) return shared_->catalog->FindTable(current_database(), parts[0]);
  if (parts.size() == 2) return shared_->catalog->FindTable(LowerCase(parts[0]), parts[1]);
  return std::nullopt;
}

void Session::AddOperation(const std::shared_ptr<RunningOperation>& operation) {
  std::lock_guard lock(mutex_);
  operations_[operation->id()] = operation;
}

void Session::RemoveOperation(const std::string& id) {
  std::shared_ptr<RunningOperation> removed;  // released outside the lock
  std::lock_guard lock(mutex_);
  auto found = operations_.find(id);
  if (found == operations_.end()) return;
  removed = std::move(found->second);
  operations_.erase(found);
}

std::vector<std::shared_ptr<RunningOperation>> Session::Operations() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<RunningOperation>> all;
  for (const auto& [id, operation] : operations_) all.push_back(operation);
  return all;
}

void Session::EndOperations() {
  std::map<std::string, std::shared_ptr<RunningOperation>> ended;
  {
    std::lock_guard lock(mutex_);
    ended.swap(operations_);
  }
  for (const auto& [id, operation] : ended) operation->Interrupt();
}

void Session::Touch() {
  std::lock_guard lock(mutex_);
  last_used_ = std::chrono::steady_clock::now();
}

std::chrono::steady_clock::time_point Session::last_used() const {
  std::lock_guard lock(mutex_);
  return last_used_;
}

}  // namespace centella
