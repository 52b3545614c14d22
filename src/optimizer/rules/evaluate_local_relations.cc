// Projections, filters and limits over rows that travel with the plan are computed here, as Spark's optimizer does it:
// what depends on the partition (row numbers, random numbers) sees one partition, and the rows that are left are split over
// tasks afterwards. What raises stays: its error belongs to run time.
#include <map>

#include "expression/evaluator.h"
#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

constexpr int64_t kMostRows = 1 << 16;

// Null when a column isn't there or an expression isn't for the evaluator.
ExprPtr Bind(const ExprPtr& expression, const std::map<ExprId, int64_t>& ordinals) {
  bool ok = true;
  ExprPtr bound = TransformUp(expression, [&](const ExprPtr& node) -> ExprPtr {
    switch (node->kind()) {
      case ExprKind::kSubquery:
      case ExprKind::kAggregate:
      case ExprKind::kWindow:
      case ExprKind::kOuterReference: ok = false; return node;
      case ExprKind::kAttribute: break;
      default: return node;
    }
    const Attribute& attribute = To<Attribute>(node);
    const auto found = ordinals.find(attribute.id);
    if (found == ordinals.end()) {
      ok = false;
      return node;
    }
    auto column = std::make_shared<Column>();
    column->ordinal = found->second;
    column->name = attribute.name;
    column->type = attribute.type;
    column->nullable = attribute.nullable;
    column->origin = attribute.origin;
    return column;
  });
  return ok ? bound : nullptr;
}

class LocalEvaluator {
 public:
  LocalEvaluator(const LocalRelation& input, QueryContextPtr context) : input_(input), context_(std::move(context)) {
    for (size_t i = 0; i < input.output.size(); ++i) {
      ordinals_[To<Attribute>(input.output[i]).id] = static_cast<int64_t>(i);
    }
  }

  PlanPtr Apply(const Project& project) const {
    std::vector<ExprPtr> bound;
    for (const ExprPtr& expression : project.expressions) {
      const Alias* alias = As<Alias>(expression);
      bound.push_back(Bind(alias != nullptr ? alias->child : expression, ordinals_));
      if (bound.back() == nullptr) return nullptr;
    }
    ExpressionExecutor executor(CompiledExpressions::Compile(bound, context_), 0);
    auto out = std::make_shared<LocalRelation>();
    std::vector<StructField> fields;
    for (const ExprPtr& expression : project.expressions) {
      out->output.push_back(AttributeOf(expression));
      const Attribute& attribute = To<Attribute>(out->output.back());
      fields.push_back({attribute.name, attribute.type, attribute.nullable, attribute.metadata});
    }
    out->schema = types::Struct(std::move(fields));
    for (const Batch& batch : input_.batches) {
      Batch result;
      result.rows = batch.live_rows();
      result.columns = executor.Evaluate(batch);
      result.place = batch.place;
      out->batches.push_back(std::move(result));
    }
    return out;
  }

  PlanPtr Apply(const Filter& filter) const {
    const ExprPtr condition = Bind(filter.condition, ordinals_);
    if (condition == nullptr) return nullptr;
    ExpressionExecutor executor(CompiledExpressions::Compile({condition}, context_), 0);
    auto out = std::make_shared<LocalRelation>(input_);
    for (Batch& batch : out->batches) {
      Batch dense = Compact(batch);
      dense.selection = executor.Filter(0, dense);
      batch = Compact(std::move(dense));
    }
    return out;
  }

  PlanPtr Apply(const Limit& limit) const {
    if (limit.tail) return nullptr;
    int64_t skip = 0, take = kMostRows;
    if (!Number(limit.offset, &skip) || !Number(limit.limit, &take)) return nullptr;
    auto out = std::make_shared<LocalRelation>(input_);
    for (Batch& batch : out->batches) {
      const Batch dense = Compact(batch);
      const int64_t first = std::min(skip, dense.rows);
      const int64_t rows = std::min(take, dense.rows - first);
      skip -= first;
      take -= rows;
      batch = SliceBatch(dense, first, rows);
    }
    return out;
  }

 private:
  static bool Number(const ExprPtr& expression, int64_t* number) {
    if (expression == nullptr) return true;
    const Literal* literal = As<Literal>(expression);
    if (literal == nullptr || literal->value.is_null()) return false;
    *number = literal->value.integer();
    return true;
  }

  const LocalRelation& input_;
  QueryContextPtr context_;
  std::map<ExprId, int64_t> ordinals_;
};

// One partition of a moderate number of rows with columns (without columns it's a SELECT without FROM).
bool Evaluable(const LocalRelation& local) {
  int64_t rows = 0;
  for (const Batch& batch : local.batches) {
    if (batch.place.partition != 0) return false;
    rows += batch.live_rows();
  }
  return rows <= kMostRows && !local.output.empty();
}

PlanPtr Evaluate(const PlanPtr& node, const QueryContextPtr& context) {
  const std::vector<PlanPtr> children = ChildrenOf(*node);
  const LocalRelation* local = children.size() == 1 ? As<LocalRelation>(children[0]) : nullptr;
  if (local == nullptr || !Evaluable(*local)) return node;
  PlanPtr result;
  try {
    const LocalEvaluator evaluator(*local, context);
    if (const Project* project = As<Project>(node)) result = evaluator.Apply(*project);
    if (const Filter* filter = As<Filter>(node)) result = evaluator.Apply(*filter);
    if (const Limit* limit = As<Limit>(node)) result = evaluator.Apply(*limit);
  } catch (const Error&) {
    return node;
  }
  return result == nullptr ? node : result;
}

}  // namespace

PlanPtr EvaluateLocalRelations(const PlanPtr& plan, const QueryContextPtr& context) {
  return TransformUp(plan, [&](const PlanPtr& node) { return Evaluate(node, context); });
}

}  // namespace centella::rules
