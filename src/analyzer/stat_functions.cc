// df.describe, summary and df.stat: rewritten into aggregates, pivots and filters.
#include <algorithm>
#include <limits>
#include <map>

#include "analyzer/analysis.h"

namespace centella {

namespace {

ExprPtr Function(const char* name, std::vector<ExprPtr> args) { return MakeUnresolvedFunction(name, std::move(args)); }

ExprPtr CastWritten(const ExprPtr& child, const TypePtr& target, EvalMode mode) {
  auto cast = std::make_shared<Cast>();
  cast->child = child;
  cast->target = target;
  cast->mode = mode;
  cast->mode_given = true;
  return cast;
}

double NumberOf(const ExprPtr& argument) {
  const auto* literal = As<Literal>(argument);
  CENTELLA_CHECK(literal != nullptr && !literal->value.is_null(), "a statistic's argument");
  if (literal->value.type()->is(TypeId::kDouble)) return literal->value.floating();
  return static_cast<double>(literal->value.integer());
}

ExprPtr ColumnNamed(const std::string& name) { return MakeUnresolvedAttribute({name}); }

}  // namespace

Relation Analysis::ResolveStatFunction(const StatFunction& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  auto column = [&](size_t i) {
    UnresolvedAttribute name;
    name.parts = {node.columns.at(i)};
    name.origin = node.origin;
    ExprPtr found = LookUp(name, child);
    if (found == nullptr) {
      Scope scope;
      scope.input = &child;
      RaiseUnresolved(name, scope);
    }
    return found;
  };
  // What is left is an ordinary plan over the resolved child.
  auto finish = [&](std::shared_ptr<LogicalPlan> plan) {
    plan->plan_id = node.plan_id;
    plan->origin = node.origin;
    return Resolve(plan, outer);
  };
  if (node.function == "describe") {
    return Describe(node, child, {"count", "mean", "stddev", "min", "max"}, outer);
  }
  if (node.function == "summary") {
    std::vector<std::string> statistics;
    for (const ExprPtr& argument : node.arguments) statistics.push_back(To<Literal>(argument).value.string());
    if (statistics.empty()) statistics = {"count", "mean", "stddev", "min", "25%", "50%", "75%", "max"};
    return Describe(node, child, std::move(statistics), outer);
  }
  if (node.function == "cov" || node.function == "corr") return finish(Covariance(node, child, column(0), column(1)));
  if (node.function == "approx_quantile") {
    CENTELLA_CHECK(!node.arguments.empty(), "approxQuantile without its error");
    double error = NumberOf(node.arguments[0]);
    std::vector<ExprPtr> probabilities(node.arguments.begin() + 1, node.arguments.end());
    double accuracy = error <= 1e-4 ? 10000 : 1 / error;
    std::vector<ExprPtr> per_column;
    for (size_t i = 0; i < node.columns.size(); ++i) {
      ExprPtr number = CastWritten(column(i), types::Double(), mode());
      per_column.push_back(
          Function("percentile_approx", {number, Function("array", probabilities),
                                         MakeLiteral(Value::Int(static_cast<int32_t>(std::min(accuracy, 2e9))))}));
    }
    auto aggregate = std::make_shared<Aggregate>();
    auto alias = std::make_shared<Alias>();
    alias->child = Function("array", per_column);
    alias->names = {"approx_quantile"};
    aggregate->aggregates = {alias};
    aggregate->child = child.plan;
    return finish(aggregate);
  }
  if (node.function == "crosstab") return finish(std::const_pointer_cast<LogicalPlan>(Crosstab(node, child)));
  if (node.function == "freq_items") return FrequentItems(node, child);
  if (node.function == "sample_by") {
    CENTELLA_CHECK(node.arguments.size() >= 2, "sampleBy without its column and seed");
    // Each stratum keeps the rows whose random number is below its fraction; others keep none.
    Scope scope;
    scope.input = &child;
    ExprPtr stratum = ResolveExpression(node.arguments[0], scope);
    std::vector<ExprPtr> args;
    for (size_t i = 2; i + 1 < node.arguments.size(); i += 2) {
      args.push_back(Function("==", {stratum, node.arguments[i]}));
      args.push_back(node.arguments[i + 1]);
    }
    if (args.empty()) args = {MakeLiteral(Value::Boolean(false)), MakeLiteral(Value::Double(0))};
    args.push_back(MakeLiteral(Value::Double(0)));
    auto filter = std::make_shared<Filter>();
    filter->condition = Function("<", {Function("rand", {node.arguments[1]}), Function("case", args)});
    filter->child = child.plan;
    return finish(filter);
  }
  RaiseUnsupported("DataFrame.stat." + node.function);
}

namespace {

// At most `most` items with counts; a new one beyond them takes the smallest count from all (Karp, Schenker and
// Papadimitriou), so that what is frequent stays.
class FrequentItemCounter {
 public:
  explicit FrequentItemCounter(size_t most) : most_(std::max<size_t>(most, 1)) {}

  void Add(const Value& item, int64_t times) {
    for (auto& [known, count] : counts_) {
      if (known.ToSql() != item.ToSql()) continue;
      count += times;
      return;
    }
    if (counts_.size() < most_) {
      counts_.emplace_back(item, times);
      return;
    }
    int64_t least = std::numeric_limits<int64_t>::max();
    for (const auto& [known, count] : counts_) least = std::min(least, count);
    if (times >= least) {
      counts_.emplace_back(item, times);
      std::erase_if(counts_, [&](const auto& each) { return each.second <= least; });
      for (auto& each : counts_) each.second -= least;
      return;
    }
    for (auto& each : counts_) each.second -= times;
  }
  void AddAll(const FrequentItemCounter& other) {
    for (const auto& [item, count] : other.counts_) Add(item, count);
  }

  std::vector<Value> Items() const {
    std::vector<Value> items;
    for (const auto& [item, count] : counts_) items.push_back(item);
    return items;
  }

 private:
  size_t most_;
  std::vector<std::pair<Value, int64_t>> counts_;
};

}  // namespace

// Counted by a query that runs now; its answer is one row of lists.
Relation Analysis::FrequentItems(const StatFunction& node, const Relation& child) {
  const double support = node.arguments.empty() ? 0.01 : NumberOf(node.arguments[0]);
  if (!(support >= 1e-4 && support <= 1)) {
    RaiseAt(nullptr, Condition::CONNECT_INVALID_PLAN__ASSERTION_FAILURE,
            {{"message", "the support of freqItems must be in [0.0001, 1]"}});
  }
  auto project = std::make_shared<Project>();
  project->child = child.plan;
  for (const std::string& name : node.columns) {
    UnresolvedAttribute wanted;
    wanted.parts = {name};
    ExprPtr column = LookUp(wanted, child);
    Scope scope;
    scope.input = &child;
    if (column == nullptr) RaiseUnresolved(wanted, scope);
    project->expressions.push_back(Named(column, column));
  }
  // Partition by partition, then together, as Spark's partial aggregates are.
  const std::vector<FrequentItemCounter> none(node.columns.size(),
                                              FrequentItemCounter(static_cast<size_t>(1 / support)));
  std::map<int32_t, std::vector<FrequentItemCounter>> partitions;
  for (const Batch& batch : environment_.RunNow(project)) {
    const Batch dense = Compact(batch);
    auto& own = partitions.try_emplace(batch.place.partition, none).first->second;
    for (size_t c = 0; c < own.size(); ++c) {
      for (int64_t row = 0; row < dense.rows; ++row) own[c].Add(dense.columns[c]->GetValue(row), 1);
    }
  }
  std::vector<FrequentItemCounter> counters = none;
  for (const auto& [partition, own] : partitions) {
    for (size_t c = 0; c < counters.size(); ++c) counters[c].AddAll(own[c]);
  }
  auto local = std::make_shared<LocalRelation>();
  std::vector<StructField> fields;
  Batch batch;
  batch.rows = 1;
  for (size_t c = 0; c < counters.size(); ++c) {
    TypePtr type = types::Array(project->expressions[c]->type, true);
    std::string name = node.columns[c] + "_freqItems";
    fields.push_back({name, type, false, ""});
    local->output.push_back(MakeAttribute(name, type, false, NextExprId()));
    batch.columns.push_back(MakeVector(type, {Value::Nested(type, counters[c].Items())}));
  }
  local->schema = types::Struct(std::move(fields));
  local->batches.push_back(std::move(batch));
  return Leaf(local, node);
}

std::shared_ptr<LogicalPlan> Analysis::Covariance(const StatFunction& node, const Relation& child, const ExprPtr& a,
                                                  const ExprPtr& b) {
  bool corr = node.function == "corr";
  if (corr && !node.arguments.empty() && To<Literal>(node.arguments[0]).value.string() != "pearson") {
    RaiseUnsupported("correlation methods other than pearson");
  }
  auto aggregate = std::make_shared<Aggregate>();
  // A missing number counts as 0, as Spark's local computation has it.
  auto number = [&](const ExprPtr& e) {
    return Function("coalesce", {CastWritten(e, types::Double(), mode()), MakeLiteral(Value::Double(0))});
  };
  ExprPtr value = Function(corr ? "corr" : "covar_samp", {number(a), number(b)});
  // No pairs: 0 for a covariance, NaN for a correlation, as Spark's local computation gives.
  ExprPtr none = MakeLiteral(Value::Of(types::Double(), corr ? std::numeric_limits<double>::quiet_NaN() : 0.0));
  auto alias = std::make_shared<Alias>();
  alias->child = Function("coalesce", {value, none});
  alias->names = {node.function};
  aggregate->aggregates = {alias};
  aggregate->child = child.plan;
  return aggregate;
}

// The number of "25%".
static double PercentOf(const std::string& name) {
  double percent = -1;
  try {
    percent = std::stod(name.substr(0, name.size() - 1));
  } catch (const std::exception&) {
    percent = -1;
  }
  if (percent < 0 || percent > 100) RaiseAt(nullptr, Condition::UNRECOGNIZED_STATISTIC, {{"stats", "'" + name + "'"}});
  return percent;
}

Relation Analysis::Describe(const StatFunction& node, const Relation& child, std::vector<std::string> statistics,
                            const Scope* outer) {
  std::vector<ExprPtr> columns;
  for (const ExprPtr& c : child.output->columns()) {
    bool chosen = std::any_of(node.columns.begin(), node.columns.end(),
                              [&](const std::string& name) { return SameName(name, To<Attribute>(c).name); });
    if (node.columns.empty() ? c->type->is_numeric() || c->type->is_string() : chosen) columns.push_back(c);
  }
  for (const std::string& name : node.columns) {
    if (child.output->Find(name) != nullptr) continue;
    UnresolvedAttribute missing;
    missing.parts = {name};
    missing.origin = node.origin;
    Scope scope;
    scope.input = &child;
    RaiseUnresolved(missing, scope);
  }
  auto statistic = [&](const std::string& name, const ExprPtr& column) -> ExprPtr {
    ExprPtr number = CastWritten(column, types::Double(), EvalMode::kTry);
    bool numeric = column->type->is_numeric() || column->type->is_string();
    ExprPtr value;
    if (name == "count" || name == "min" || name == "max" || name == "approx_count_distinct") {
      value = Function(name.c_str(), {column});
    } else if (name == "count_distinct") {
      auto call = std::make_shared<UnresolvedFunction>();
      call->name = {"count"};
      call->args = {column};
      call->distinct = true;
      value = call;
    } else if (!numeric) {
      value = MakeLiteral(Value::Null(types::String()));
    } else if (name == "mean" || name == "stddev") {
      const bool exact = name == "mean" && column->type->is(TypeId::kDecimal);  // avg of decimals is a decimal
      value = Function(name == "mean" ? "avg" : "stddev_samp", {exact ? column : number});
    } else if (name.ends_with("%")) {
      const double percent = PercentOf(name);
      value =
          Function("percentile_approx", {column->type->is_numeric() ? column : number,
                                         MakeLiteral(Value::Double(percent / 100)), MakeLiteral(Value::Int(10000))});
    } else {
      RaiseAt(nullptr, Condition::UNRECOGNIZED_STATISTIC, {{"stats", "'" + name + "'"}});
    }
    return CastWritten(value, types::String(), mode());
  };
  auto aggregate = std::make_shared<Aggregate>();
  aggregate->child = child.plan;
  for (const std::string& name : statistics) {
    for (size_t c = 0; c < columns.size(); ++c) {
      auto alias = std::make_shared<Alias>();
      alias->child = statistic(name, columns[c]);
      alias->names = {name + "_" + std::to_string(c)};
      aggregate->aggregates.push_back(alias);
    }
  }
  if (columns.empty()) {
    auto count = std::make_shared<Alias>();
    count->child = Function("count", {MakeLiteral(Value::Int(1))});
    count->names = {"rows"};
    aggregate->aggregates.push_back(count);
  }
  Relation one = Resolve(aggregate, outer);
  auto expand = std::make_shared<Expand>();
  expand->child = one.plan;
  expand->plan_id = node.plan_id;
  expand->output.push_back(MakeAttribute("summary", types::String(), true, NextExprId()));
  for (const ExprPtr& c : columns) {
    expand->output.push_back(MakeAttribute(To<Attribute>(c).name, types::String(), true, NextExprId()));
  }
  for (size_t s = 0; s < statistics.size(); ++s) {
    std::vector<ExprPtr> row = {MakeLiteral(Value::String(statistics[s]))};
    for (size_t c = 0; c < columns.size(); ++c) row.push_back(one.output->columns()[s * columns.size() + c]);
    expand->projections.push_back(std::move(row));
  }
  return Leaf(expand, node);
}

PlanPtr Analysis::Crosstab(const StatFunction& node, const Relation& child) {
  const std::string& a = node.columns.at(0);
  const std::string& b = node.columns.at(1);
  std::string title = a + "_" + b;
  auto text = [&](const std::string& name, const std::string& as) {
    auto alias = std::make_shared<Alias>();
    // Spelled as CASE: its result may be NULL as far as schemas go.
    ExprPtr shown = CastWritten(ColumnNamed(name), types::String(), mode());
    alias->child =
        Function("case", {Function("isnull", {ColumnNamed(name)}), MakeLiteral(Value::String("null")), shown});
    alias->names = {as};
    return ExprPtr(alias);
  };
  auto project = std::make_shared<Project>();
  project->expressions = {text(a, title), text(b, "crosstab_column")};
  project->child = child.plan;
  auto pivot = std::make_shared<Pivot>();
  pivot->grouping = {ColumnNamed(title)};
  pivot->column = ColumnNamed("crosstab_column");
  pivot->aggregates = {Function("count", {MakeLiteral(Value::Int(1))})};
  pivot->child = project;
  auto fill = std::make_shared<NaFunction>();
  fill->values = {MakeLiteral(Value::Long(0))};
  fill->child = pivot;
  return fill;
}

}  // namespace centella
