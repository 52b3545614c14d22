// What one user's session holds (configuration, views, artifacts, cached plans, running operations) and what it does with
// a plan: run its commands, analyse it, optimise it, start it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "analyzer/analyzer.h"
#include "base/query_context.h"
#include "catalog/catalog.h"
#include "execution/query.h"
#include "plan/logical_plan.h"
#include "session/artifacts.h"
#include "session/opened_sources.h"
#include "session/plan_cache.h"

namespace centella {

// What all sessions of a process share.
struct SharedState {
  std::shared_ptr<Engine> engine;
  std::shared_ptr<Catalog> catalog;
  std::shared_ptr<TemporaryViews> global_views = std::make_shared<TemporaryViews>();
  Configuration configuration;  // what a new session starts with
};

// A query that runs for a session; the server's ExecutePlan makes them. Thread-safe.
class RunningOperation {
 public:
  virtual ~RunningOperation() = default;
  virtual const std::string& id() const = 0;
  virtual const std::set<std::string>& tags() const = 0;
  // True while it may still give results.
  virtual bool running() const = 0;
  // Ends it with OPERATION_CANCELED; returns at once.
  virtual void Interrupt() = 0;
};

// What df.observe(name, …) computed: one value a key.
struct ObservedMetrics {
  std::string name;
  int64_t plan_id = -1;
  std::vector<std::string> keys;
  std::vector<Value> values;
};

// Thread-safe unless a function says otherwise.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::string user_id, std::string session_id, std::shared_ptr<const SharedState> shared);
  ~Session();

  const std::string& user_id() const { return user_id_; }
  const std::string& session_id() const { return session_id_; }
  // Fresh for each session object: a client that reconnects to a restarted server sees another one.
  const std::string& server_side_id() const { return server_side_id_; }
  const SharedState& shared() const { return *shared_; }
  // An independent session with the same state (CloneSession).
  std::shared_ptr<Session> Clone(std::string new_session_id) const;

  // ---- state -----------------------------------------------------------------------------------------------------
  Configuration config() const;
  void SetConfig(const std::string& key, const std::string& value);
  // Like SetConfig; until the first query also static keys may be set: a builder's options come this way.
  void SetConfigOfBuilder(const std::string& key, const std::string& value);
  // A query runs: static keys are fixed from now on.
  void MarkUsed() { used_.store(true); }
  void UnsetConfig(const std::string& key);
  void ResetConfig();
  TemporaryViews& views() { return *views_; }
  const std::shared_ptr<TemporaryViews>& shared_views() const { return views_; }
  Artifacts& artifacts() { return *artifacts_; }
  PlanCache& cache() { return *cache_; }
  OpenedSources& opened_sources() const { return opened_sources_; }
  std::string current_catalog() const;
  std::string current_database() const;
  // Raise CATALOG_NOT_FOUND, SCHEMA_NOT_FOUND.
  void SetCurrentCatalog(const std::string& name);
  void SetCurrentDatabase(const std::string& name);
  // Checkpointed DataFrames, by the id that the client was given.
  std::string KeepRemote(PlanPtr analyzed);
  PlanPtr FindRemote(const std::string& id) const;  // null when unknown
  void DropRemote(const std::string& id);

  // ---- names -----------------------------------------------------------------------------------------------------
  std::optional<ViewDefinition> FindTemporaryView(const std::vector<std::string>& name) const;
  std::optional<TableEntry> FindTable(const std::vector<std::string>& name) const;

  // ---- running operations ----------------------------------------------------------------------------------------
  void AddOperation(const std::shared_ptr<RunningOperation>& operation);
  void RemoveOperation(const std::string& id);
  std::vector<std::shared_ptr<RunningOperation>> Operations() const;
  // Interrupts and forgets them all; a session that is closed must, because operations hold their session.
  void EndOperations();

  // ---- time ------------------------------------------------------------------------------------------------------
  void Touch();
  std::chrono::steady_clock::time_point last_used() const;

  // ---- plans -----------------------------------------------------------------------------------------------------
  // All of these may recurse as deep as the plan: call them on a deep stack (session/deep_stack_pool.h).

  // A context with this session's configuration of now.
  QueryContextPtr NewContext(std::string operation_id = "", std::shared_ptr<Cancellation> cancellation = nullptr) const;
  // Runs the commands in `plan` (SHOW TABLES, show(), writes …: each becomes the LocalRelation it returns) and
  // analyses what is left.
  PlanPtr Resolve(const PlanPtr& plan, const QueryContextPtr& context);
  // Of a resolved plan: cached parts put in place, optimised, and sent through its serialised form when
  // spark.centella.plan.roundTrip says so.
  PlanPtr Prepare(const PlanPtr& resolved, const QueryContextPtr& context) const;
  std::unique_ptr<ResultStream> Start(const PlanPtr& resolved, const QueryContextPtr& context) const;
  std::vector<Batch> Collect(const PlanPtr& resolved, const QueryContextPtr& context) const;
  // The metrics that a resolved plan observes, computed by queries of their own once the plan's query is over.
  std::vector<ObservedMetrics> ObservedMetricsOf(const PlanPtr& resolved, const QueryContextPtr& context) const;
  // Caches a resolved plan's result (filled at its first use). False when it was cached already.
  bool CachePlan(const PlanPtr& resolved, const QueryContextPtr& context, StorageLevel level);
  // As df.explain() prints it.
  std::string Explain(const PlanPtr& plan, ExplainMode mode, const QueryContextPtr& context);

 private:
  const std::string user_id_;
  const std::string session_id_;
  const std::string server_side_id_;
  const std::shared_ptr<const SharedState> shared_;

  std::atomic<bool> used_{false};
  mutable std::mutex mutex_;
  Configuration config_;
  std::string catalog_ = "spark_catalog";
  std::string database_ = "default";
  std::map<std::string, PlanPtr> remotes_;
  std::map<std::string, std::shared_ptr<RunningOperation>> operations_;
  std::chrono::steady_clock::time_point last_used_;

  std::shared_ptr<TemporaryViews> views_;
  std::shared_ptr<Artifacts> artifacts_;
  std::shared_ptr<PlanCache> cache_ = std::make_shared<PlanCache>();
  mutable OpenedSources opened_sources_;  // its own locks; analysis fills it
};

// A random UUID (version 4) as text, and whether a text is a UUID.
std::string NewUuid();
bool IsUuid(std::string_view text);

}  // namespace centella
