// For tests and benchmarks of this room: SQL text to a running query, with an engine, a budget and settings of one's own.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/analyzer.h"
#include "execution/query.h"
#include "optimizer/optimizer.h"
#include "sql/parser.h"
#include "storage/data_source.h"

namespace centella {

// One thread at a time; the queries that it starts run on the engine's threads.
class QueryFixture final : public AnalysisEnvironment {
 public:
  explicit QueryFixture(int threads, int64_t memory_bytes = int64_t{1} << 32)
      : engine_(Engine::Make(threads, memory_bytes)) {
    NewContext();
  }

  // Settings of the queries that follow.
  int32_t batch_size = 4096;
  bool force_spill = false;

  MemoryBudget& memory() { return *engine_->memory(); }
  const std::shared_ptr<Engine>& engine() const { return engine_; }

  // A context for one query.
  std::shared_ptr<QueryContext> NewContext() {
    context_ = std::make_shared<QueryContext>(QueryContext::FromConfiguration(Configuration(), engine_->memory()));
    context_->batch_size = batch_size;
    context_->force_spill = force_spill;
    context_->default_parallelism = 4;
    return context_;
  }
  PlanPtr Plan(const std::string& sql) const {
    return Optimize(Analyze(ParseStatement(sql, context_->config), *this), context_);
  }
  void AddView(const std::string& name, const std::string& sql) {
    ViewDefinition view;
    view.name = {name};
    view.plan = Analyze(ParseStatement(sql, context_->config), *this);
    views_.Create(name, view, true);
  }
  std::unique_ptr<ResultStream> Start(const std::string& sql, const std::shared_ptr<QueryContext>& context) {
    context_ = context;
    return StartQuery(Plan(sql), context, engine_);
  }
  std::vector<Batch> Batches(const std::string& sql) {
    const auto context = NewContext();
    return RunQuery(Plan(sql), context, engine_);
  }
  // Rows as text, in the order they come.
  std::vector<std::string> Rows(const std::string& sql) {
    std::vector<std::string> rows;
    for (const Batch& batch : Batches(sql)) {
      for (int64_t i = 0; i < batch.rows; ++i) {
        std::string row;
        for (const VectorPtr& column : batch.columns) {
          row += (row.empty() ? "" : "|") + (column->IsNull(i) ? "NULL" : column->GetValue(i).ToDisplay());
        }
        rows.push_back(std::move(row));
      }
    }
    return rows;
  }
  std::vector<std::string> SortedRows(const std::string& sql) {
    std::vector<std::string> rows = Rows(sql);
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  // Writes the query's rows as files of a format.
  void Write(const std::string& sql, const std::string& format, const std::string& path,
             const std::shared_ptr<QueryContext>& context) {
    context_ = context;
    WriteFiles write;
    write.format = format;
    write.path = path;
    write.mode = SaveMode::kOverwrite;
    write.child = Plan(sql);
    RunWrite(write, context, engine_);
  }

  // ---- AnalysisEnvironment
  const QueryContextPtr& context() const override {
    const_context_ = context_;
    return const_context_;
  }
  std::optional<ViewDefinition> FindTemporaryView(const std::vector<std::string>& name) const override {
    return views_.Find(name.back());
  }
  std::optional<TableEntry> FindTable(const std::vector<std::string>&) const override { return std::nullopt; }
  TablePtr OpenDataSource(const UnresolvedDataSource& source) const override {
    ReadRequest request;
    request.format = source.format;
    request.paths = source.paths;
    for (const auto& [key, value] : source.options) {
      if (key == "path") {
        request.paths.push_back(value);
      } else {
        request.options[key] = value;
      }
    }
    return FindDataSource(request.format).Read(request, context_);
  }
  std::vector<Batch> RunNow(const PlanPtr& plan) const override { return RunQuery(plan, context_, engine_); }
  std::string current_catalog() const override { return "spark_catalog"; }
  std::string current_database() const override { return "default"; }

 private:
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<QueryContext> context_;
  mutable QueryContextPtr const_context_;
  TemporaryViews views_;
};

}  // namespace centella
