// From an unresolved logical plan to a resolved one: names, types, coercion, checks, with Spark's error conditions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/query_context.h"
#include "catalog/catalog.h"
#include "plan/logical_plan.h"

namespace centella {

// What analysis may ask of the session around it.
class AnalysisEnvironment {
 public:
  virtual ~AnalysisEnvironment() = default;
  virtual const QueryContextPtr& context() const = 0;
  // A temporary view, a table, or nothing.
  virtual std::optional<ViewDefinition> FindTemporaryView(const std::vector<std::string>& name) const = 0;
  virtual std::optional<TableEntry> FindTable(const std::vector<std::string>& name) const = 0;
  // Reads a data source's schema (listing files, inference).
  virtual TablePtr OpenDataSource(const UnresolvedDataSource& source) const = 0;
  // Runs a small query while analysing (the distinct values of a pivot column, approxQuantile …): all its rows.
  virtual std::vector<Batch> RunNow(const PlanPtr& resolved) const = 0;
  virtual std::string current_catalog() const = 0;
  virtual std::string current_database() const = 0;
};

// Resolves `plan` completely, or raises. Idempotent: a resolved plan comes back as it is. Commands' children are analysed,
// the commands stay.
PlanPtr Analyze(const PlanPtr& plan, const AnalysisEnvironment& environment);

}  // namespace centella
