// What a session does with a plan: commands, analysis, optimisation, start, explain.
#include <fmt/format.h>

#include <algorithm>

#include "execution/cached_table.h"
#include "optimizer/optimizer.h"
#include "plan/serialize.h"
#include "plan/transform.h"
#include "session/analysis_scope.h"
#include "session/commands.h"
#include "session/session.h"

namespace centella {

QueryContextPtr Session::NewContext(std::string operation_id, std::shared_ptr<Cancellation> cancellation) const {
  const Configuration configuration = config();
  auto context =
      std::make_shared<QueryContext>(QueryContext::FromConfiguration(configuration, shared_->engine->memory()));
  if (configuration.Get("spark.sql.leafNodeDefaultParallelism")) {
    const int64_t leaves = configuration.GetInt("spark.sql.leafNodeDefaultParallelism");
    context->default_parallelism = static_cast<int32_t>(std::max<int64_t>(1, leaves));
  } else if (!configuration.Get("spark.default.parallelism")) {
    context->default_parallelism = shared_->engine->threads();
  }
  context->user = user_id_;
  context->session_id = session_id_;
  context->operation_id = std::move(operation_id);
  if (cancellation != nullptr) context->cancellation = std::move(cancellation);
  return context;
}

namespace {

// With spark.centella.plan.roundTrip (a test setting): the plan as another process would get it, which has to be the same.
PlanPtr RoundTrip(const PlanPtr& plan, const QueryContextPtr& context) {
  if (!context->config.GetBool("spark.centella.plan.roundTrip")) return plan;
  const std::string bytes = SerializePlan(plan);
  PlanPtr again = DeserializePlan(bytes, [&](std::string_view identity) { return ResolveTable(identity, context); });
  CENTELLA_CHECK(DebugString(again) == DebugString(plan), "a plan prints otherwise once read back");
  CENTELLA_CHECK(SamePlan(again, plan), "a plan isn't the same once read back");
  CENTELLA_CHECK(SerializePlan(again) == bytes, "a plan has other bytes once read back");
  return again;
}

}  // namespace

PlanPtr Session::Resolve(const PlanPtr& unresolved, const QueryContextPtr& context) {
  const PlanPtr plan = RoundTrip(unresolved, context);
  // Outermost commands only: what stands below one is its own business.
  const PlanFunction run = [&](const PlanPtr& node) -> PlanPtr {
    if (IsCommand(*node)) {
      PlanPtr result = RunCommand(node, *this, context);
      if (node->plan_id < 0 || result->plan_id == node->plan_id) return result;
      auto copy = result->Clone();
      copy->plan_id = node->plan_id;
      return copy;
    }
    return MapChildren(node, run);
  };
  return RoundTrip(Analyze(run(plan), AnalysisScope(*this, context)), context);
}

namespace {

// df.observe passes its rows on: its metrics are computed beside the query (see Session::ObservedMetricsOf).
PlanPtr WithoutMetrics(const PlanPtr& plan) {
  return TransformUp(plan, [](const PlanPtr& node) -> PlanPtr {
    const auto* metrics = As<CollectMetrics>(node);
    return metrics == nullptr ? node : metrics->child;
  });
}

}  // namespace

std::vector<ObservedMetrics> Session::ObservedMetricsOf(const PlanPtr& resolved, const QueryContextPtr& context) const {
  std::vector<ObservedMetrics> all;
  Walk(resolved, [&](const PlanPtr& node) {
    const auto* metrics = As<CollectMetrics>(node);
    if (metrics == nullptr) return true;
    auto aggregate = std::make_shared<Aggregate>();
    aggregate->aggregates = metrics->metrics;
    aggregate->child = metrics->child;
    ObservedMetrics observed;
    observed.name = metrics->name;
    observed.plan_id = metrics->plan_id;
    for (const ExprPtr& attribute : OutputOf(aggregate)) observed.keys.push_back(To<Attribute>(attribute).name);
    for (const Batch& batch : Collect(aggregate, context)) {
      for (const VectorPtr& column : Compact(batch).columns) observed.values.push_back(column->GetValue(0));
    }
    all.push_back(std::move(observed));
    return true;
  });
  return all;
}

PlanPtr Session::Prepare(const PlanPtr& resolved, const QueryContextPtr& context) const {
  return RoundTrip(Optimize(WithoutMetrics(cache_->Replace(resolved)), context), context);
}

std::unique_ptr<ResultStream> Session::Start(const PlanPtr& resolved, const QueryContextPtr& context) const {
  return StartQuery(Prepare(resolved, context), context, shared_->engine);
}

std::vector<Batch> Session::Collect(const PlanPtr& resolved, const QueryContextPtr& context) const {
  return RunQuery(Prepare(resolved, context), context, shared_->engine);
}

bool Session::CachePlan(const PlanPtr& resolved, const QueryContextPtr& context, StorageLevel level) {
  if (cache_->Find(resolved)) return false;
  // The table fills itself long after this query is over, so it gets a cancellation of its own.
  auto own = std::make_shared<QueryContext>(*context);
  own->cancellation = std::make_shared<Cancellation>();
  own->metrics = std::make_shared<QueryMetrics>();
  return cache_->Add(resolved, MakeCachedTable(Prepare(resolved, context), own, shared_->engine), level);
}

std::string Session::Explain(const PlanPtr& plan, ExplainMode mode, const QueryContextPtr& context) {
  if (IsCommand(*plan)) {
    return fmt::format("== Physical Plan ==\nExecute {}\n",
                       plan->kind() == PlanKind::kCommand ? To<Command>(plan).name : std::string("command"));
  }
  const PlanPtr resolved = Resolve(plan, context);
  const PlanPtr prepared = Prepare(resolved, context);
  const std::string physical = ExplainPhysical(prepared, context);
  switch (mode) {
    case ExplainMode::kExtended:
      return fmt::format(
          "== Parsed Logical Plan ==\n{}\n== Analyzed Logical Plan ==\n{}\n== Optimized Logical Plan ==\n{}\n"
          "== Physical Plan ==\n{}\n",
          DebugString(plan), DebugString(resolved), DebugString(prepared), physical);
    case ExplainMode::kCost:
      return fmt::format("== Optimized Logical Plan ==\n{}\n== Physical Plan ==\n{}\n", DebugString(prepared),
                         physical);
    case ExplainMode::kCodegen:
      return "No code is generated: operators here are compiled ahead of time.\n\n== Physical Plan ==\n" + physical +
             "\n";
    case ExplainMode::kSimple:
    case ExplainMode::kFormatted: break;
  }
  return fmt::format("== Physical Plan ==\n{}\n", physical);
}

}  // namespace centella
