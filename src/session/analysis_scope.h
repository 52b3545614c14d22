// One query's view of its session, as the analyzer sees it.
#pragma once

#include "analyzer/analyzer.h"
#include "session/session.h"

namespace centella {

// Lives on the stack while one plan is analysed; the session outlives it.
class AnalysisScope final : public AnalysisEnvironment {
 public:
  AnalysisScope(const Session& session, QueryContextPtr context) : session_(session), context_(std::move(context)) {}

  const QueryContextPtr& context() const override { return context_; }
  std::optional<ViewDefinition> FindTemporaryView(const std::vector<std::string>& name) const override {
    return session_.FindTemporaryView(name);
  }
  std::optional<TableEntry> FindTable(const std::vector<std::string>& name) const override {
    return session_.FindTable(name);
  }
  TablePtr OpenDataSource(const UnresolvedDataSource& source) const override;
  std::vector<Batch> RunNow(const PlanPtr& resolved) const override { return session_.Collect(resolved, context_); }
  std::string current_catalog() const override { return session_.current_catalog(); }
  std::string current_database() const override { return session_.current_database(); }

 private:
  TablePtr Open(const UnresolvedDataSource& source) const;

  const Session& session_;
  QueryContextPtr context_;
};

}  // namespace centella
