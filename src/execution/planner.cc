// From a resolved, optimised logical plan to a physical plan: binding, join keys, build sides, aggregates split from the
// expressions around them.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "execution/physical_plan.h"
#include "expression/evaluator.h"
#include "optimizer/cardinality.h"
#include "plan/transform.h"

namespace centella {
namespace {

// A physical plan with the logical attributes of its output columns.
struct Planned {
  PhysicalPtr plan;
  std::vector<ExprPtr> output;
};

TypePtr SchemaOfOutput(const std::vector<ExprPtr>& output) {
  std::vector<StructField> fields;
  for (const ExprPtr& expression : output) {
    const Attribute& attribute = To<Attribute>(expression);
    fields.push_back({attribute.name, attribute.type, attribute.nullable, attribute.metadata});
  }
  return types::Struct(std::move(fields));
}

// Attribute → Column by position in `input`.
class Binder {
 public:
  explicit Binder(const std::vector<ExprPtr>& input) {
    for (size_t i = 0; i < input.size(); ++i) ordinals_.emplace(To<Attribute>(input[i]).id, static_cast<int64_t>(i));
  }
  ExprPtr Bind(const ExprPtr& expression) const {
    return TransformUp(expression, [this](const ExprPtr& node) -> ExprPtr {
      const Attribute* attribute = As<Attribute>(node);
      if (attribute == nullptr) return node;
      const auto found = ordinals_.find(attribute->id);
      CENTELLA_CHECK(found != ordinals_.end(), "column " + attribute->name + "#" + std::to_string(attribute->id) +
                                                   " isn't in the input of its operator");
      auto column = std::make_shared<Column>();
      column->ordinal = found->second;
      column->name = attribute->name;
      column->type = attribute->type;
      column->nullable = attribute->nullable;
      column->origin = attribute->origin;
      return column;
    });
  }
  std::vector<ExprPtr> Bind(const std::vector<ExprPtr>& expressions) const {
    std::vector<ExprPtr> bound;
    for (const ExprPtr& expression : expressions) bound.push_back(Bind(expression));
    return bound;
  }
  bool Covers(const ExprPtr& expression) const {
    return !Any(expression, [this](const ExprPtr& node) {
      const Attribute* attribute = As<Attribute>(node);
      return attribute != nullptr && !ordinals_.contains(attribute->id);
    });
  }
  int64_t Ordinal(ExprId id) const {
    const auto found = ordinals_.find(id);
    return found == ordinals_.end() ? -1 : found->second;
  }

 private:
  std::map<ExprId, int64_t> ordinals_;
};

// The attribute that an output expression (Attribute or Alias) makes.
ExprPtr OutputAttribute(const ExprPtr& expression) {
  if (const Alias* alias = As<Alias>(expression)) {
    return MakeAttribute(alias->name(), alias->child->type, alias->child->nullable, alias->id, {}, alias->metadata);
  }
  return expression;
}
ExprPtr WithoutAlias(const ExprPtr& expression) {
  const Alias* alias = As<Alias>(expression);
  return alias != nullptr ? alias->child : expression;
}

template <typename Node>
std::shared_ptr<Node> NewNode(const std::vector<ExprPtr>& output, std::vector<PhysicalPtr> children) {
  auto node = std::make_shared<Node>();
  node->schema = SchemaOfOutput(output);
  node->children = std::move(children);
  return node;
}

class Planner {
 public:
  explicit Planner(QueryContextPtr context) : context_(std::move(context)) {}

  Planned Plan(const PlanPtr& plan) {
    if (++depth_ > kMaxPlanDepth) RaiseInternal(__FILE__, __LINE__, "a plan nests too deep");
    Planned planned = Dispatch(plan);
    --depth_;
    return planned;
  }

 private:
  Planned Dispatch(const PlanPtr& plan) {
    switch (plan->kind()) {
      case PlanKind::kLocalRelation: return PlanLocal(To<LocalRelation>(plan));
      case PlanKind::kRange: return PlanRange(To<Range>(plan));
      case PlanKind::kScan: return PlanScan(To<ScanPlan>(plan));
      case PlanKind::kCached: return PlanCached(To<Cached>(plan));
      case PlanKind::kProject:
        under_expressions_ = To<Project>(plan).child.get();
        return PlanProject(To<Project>(plan));
      case PlanKind::kFilter: under_expressions_ = To<Filter>(plan).child.get(); return PlanFilter(To<Filter>(plan));
      case PlanKind::kAggregate:
        if (ArgumentsCanFail(To<Aggregate>(plan))) under_expressions_ = To<Aggregate>(plan).child.get();
        return PlanAggregate(To<Aggregate>(plan));
      case PlanKind::kJoin: return PlanJoin(plan, To<Join>(plan));
      case PlanKind::kSort: return PlanSort(To<Sort>(plan), -1);
      case PlanKind::kLimit: return PlanLimit(To<Limit>(plan));
      case PlanKind::kUnion: return PlanUnion(To<Union>(plan));
      case PlanKind::kWindow: return PlanWindow(To<Window>(plan));
      case PlanKind::kExpand: return PlanExpand(To<Expand>(plan));
      case PlanKind::kGenerate: return PlanGenerate(To<Generate>(plan));
      case PlanKind::kRepartition: return PlanRepartition(To<Repartition>(plan));
      case PlanKind::kSample: return PlanSample(To<Sample>(plan));
      case PlanKind::kSubqueryAlias: return PlanAlias(plan, To<SubqueryAlias>(plan));
      case PlanKind::kCteDef: return PlanCteDef(To<CteDef>(plan));
      case PlanKind::kCteRef: return PlanCteRef(To<CteRef>(plan));
      default:
        RaiseInternal(__FILE__, __LINE__,
                      "no physical operator for plan node " + std::to_string(static_cast<int>(plan->kind())));
    }
  }

  Planned PlanLocal(const LocalRelation& relation) {
    auto node = NewNode<PhysicalValues>(relation.output, {});
    node->batches = relation.batches;
    int32_t last = 0;
    for (const Batch& batch : relation.batches) last = std::max(last, batch.place.partition);
    node->partitions = last + 1;
    if (last == 0 && !StaysWhole(relation)) SplitOverTasks(node.get());
    return {node, relation.output};
  }

  static bool ArgumentsCanFail(const Aggregate& aggregate) {
    auto fails = [](const ExprPtr& expression) {
      return Any(expression, [](const ExprPtr& e) {
        const AggregateCall* call = As<AggregateCall>(e);
        return call != nullptr && std::any_of(call->args.begin(), call->args.end(), CanFail);
      });
    };
    return std::any_of(aggregate.aggregates.begin(), aggregate.aggregates.end(), fails) ||
           std::any_of(aggregate.grouping.begin(), aggregate.grouping.end(), CanFail);
  }

  // Rows under expressions that may raise: the first row's error is the one to tell, so one task sees them all.
  bool StaysWhole(const LocalRelation& relation) const {
    int64_t rows = 0;
    for (const Batch& batch : relation.batches) rows += batch.live_rows();
    return &relation == under_expressions_ && rows <= (1 << 16);
  }

  // Rows that came with the plan lie in as many partitions as there are tasks by default, in order.
  void SplitOverTasks(PhysicalValues* values) const {
    int64_t rows = 0;
    for (const Batch& batch : values->batches) rows += batch.live_rows();
    const int64_t parts = std::min<int64_t>(rows, context_->default_parallelism);
    if (parts <= 1) return;
    std::vector<Batch> split;
    int64_t first = 0;  // of this batch
    for (const Batch& batch : values->batches) {
      const Batch dense = Compact(batch);
      for (int64_t part = 0; part < parts; ++part) {
        const int64_t begin = std::max(rows * part / parts, first);
        const int64_t end = std::min(rows * (part + 1) / parts, first + dense.rows);
        if (begin >= end) continue;
        Batch piece = SliceBatch(dense, begin - first, end - begin);
        piece.place.partition = static_cast<int32_t>(part);
        piece.place.sequence = static_cast<int64_t>(split.size());
        split.push_back(std::move(piece));
      }
      first += dense.rows;
    }
    values->batches = std::move(split);
    values->partitions = parts;
  }

  Planned PlanRange(const Range& range) {
    auto node = NewNode<PhysicalRange>(range.output, {});
    node->start = range.start;
    node->end = range.end;
    node->step = range.step;
    node->partitions = range.partitions > 0 ? range.partitions : context_->default_parallelism;
    return {node, range.output};
  }

  Planned PlanScan(const ScanPlan& scan) {
    auto node = NewNode<PhysicalScan>(scan.output, {});
    node->table = scan.table;
    node->fields = scan.columns;
    node->filters = Binder(scan.output).Bind(scan.filters);
    node->limit = scan.limit;
    return {node, scan.output};
  }

  Planned PlanCached(const Cached& cached) {
    auto node = NewNode<PhysicalScan>(cached.output, {});
    node->table = cached.table;
    for (size_t i = 0; i < cached.output.size(); ++i) node->fields.push_back(static_cast<int64_t>(i));
    return {node, cached.output};
  }

  // A join's output without the columns that nothing above it uses.
  Planned PruneJoin(const Planned& child, const std::vector<ExprPtr>& users) {
    const PhysicalJoin* join = As<PhysicalJoin>(child.plan);
    if (join == nullptr) return child;
    std::set<ExprId> used;
    for (const ExprPtr& user : users) {
      Walk(user, [&](const ExprPtr& node) {
        if (const Attribute* attribute = As<Attribute>(node)) used.insert(attribute->id);
        return true;
      });
    }
    std::vector<ExprPtr> output;
    std::vector<int64_t> left, right;
    for (size_t i = 0; i < child.output.size(); ++i) {
      const size_t from_left = join->left_output.size();
      const bool existence = join->type == JoinType::kExistence && i + 1 == child.output.size();
      if (!existence && !used.contains(To<Attribute>(child.output[i]).id)) continue;
      output.push_back(child.output[i]);
      if (existence) continue;
      if (i < from_left) {
        left.push_back(join->left_output[i]);
      } else {
        right.push_back(join->right_output[i - from_left]);
      }
    }
    auto pruned = std::static_pointer_cast<PhysicalJoin>(join->Clone());
    pruned->schema = SchemaOfOutput(output);
    pruned->left_output = std::move(left);
    pruned->right_output = std::move(right);
    return {pruned, output};
  }

  Planned ProjectOn(const Planned& whole, const std::vector<ExprPtr>& expressions) {
    const Planned child = PruneJoin(whole, expressions);
    std::vector<ExprPtr> output, bound;
    const Binder binder(child.output);
    for (const ExprPtr& expression : expressions) {
      output.push_back(OutputAttribute(expression));
      bound.push_back(binder.Bind(WithoutAlias(expression)));
    }
    auto node = NewNode<PhysicalProject>(output, {child.plan});
    node->expressions = std::move(bound);
    return {node, output};
  }

  Planned PlanProject(const Project& project) { return ProjectOn(Plan(project.child), project.expressions); }

  Planned PlanFilter(const Filter& filter) {
    const Planned child = Plan(filter.child);
    auto node = NewNode<PhysicalFilter>(child.output, {child.plan});
    node->condition = Binder(child.output).Bind(filter.condition);
    return {node, child.output};
  }

  // Output expressions may mix aggregates and grouping expressions: the operator makes both, a projection above it
  // the rest.
  Planned PlanAggregate(const Aggregate& aggregate) {
    std::vector<ExprPtr> users = aggregate.grouping;
    users.insert(users.end(), aggregate.aggregates.begin(), aggregate.aggregates.end());
    const Planned child = PruneJoin(Plan(aggregate.child), users);
    std::vector<ExprPtr> inner_output, calls;
    for (const ExprPtr& grouping : aggregate.grouping) {
      const Attribute* attribute = As<Attribute>(grouping);
      inner_output.push_back(
          attribute != nullptr ? grouping : MakeAttribute("group", grouping->type, grouping->nullable, NextExprId()));
    }
    auto replace = [&](const ExprPtr& node) -> ExprPtr {
      for (size_t g = 0; g < aggregate.grouping.size(); ++g) {
        if (SameExpression(node, aggregate.grouping[g])) return inner_output[g];
      }
      if (node->kind() != ExprKind::kAggregate) return nullptr;
      for (size_t c = 0; c < calls.size(); ++c) {
        if (SameExpression(node, calls[c])) return inner_output[aggregate.grouping.size() + c];
      }
      calls.push_back(node);
      inner_output.push_back(MakeAttribute("agg", node->type, node->nullable, NextExprId()));
      return inner_output.back();
    };
    std::function<ExprPtr(const ExprPtr&)> rewrite = [&](const ExprPtr& node) -> ExprPtr {
      if (ExprPtr replaced = replace(node)) return replaced;
      return MapChildren(node, rewrite);
    };
    std::vector<ExprPtr> outer;
    for (const ExprPtr& expression : aggregate.aggregates) {
      if (const Alias* alias = As<Alias>(expression)) {
        auto copy = std::static_pointer_cast<Alias>(expression->Clone());
        copy->child = rewrite(alias->child);
        outer.push_back(copy);
      } else {
        const ExprPtr inner = rewrite(expression);
        outer.push_back(inner);
      }
    }
    const Binder binder(child.output);
    auto node = NewNode<PhysicalAggregate>(inner_output, {child.plan});
    node->grouping = binder.Bind(aggregate.grouping);
    node->aggregates = binder.Bind(calls);
    return ProjectOn({node, inner_output}, outer);
  }

  struct JoinKeys {
    std::vector<ExprPtr> left, right, residual;
    std::vector<int64_t> null_safe;
  };

  JoinKeys SplitCondition(const ExprPtr& condition, const Binder& left, const Binder& right) {
    JoinKeys keys;
    if (condition == nullptr) return keys;
    for (const ExprPtr& term : SplitConjunction(condition)) {
      const Call* call = As<Call>(term);
      const bool equality = call != nullptr && (call->function == "=" || call->function == "<=>");
      if (equality && IsDeterministic(term)) {
        ExprPtr a = call->args[0], b = call->args[1];
        if (!(left.Covers(a) && right.Covers(b))) std::swap(a, b);
        const bool uses_columns = Any(a, [](const ExprPtr& e) { return e->kind() == ExprKind::kAttribute; }) &&
                                  Any(b, [](const ExprPtr& e) { return e->kind() == ExprKind::kAttribute; });
        if (uses_columns && left.Covers(a) && right.Covers(b)) {
          keys.left.push_back(left.Bind(a));
          keys.right.push_back(right.Bind(b));
          keys.null_safe.push_back(call->function == "<=>");
          continue;
        }
      }
      keys.residual.push_back(term);
    }
    return keys;
  }

  // Whether the left side is to be built: the smaller one by estimate, where the type allows it.
  bool ChooseBuildLeft(const Join& join) {
    if (join.null_aware || join.type == JoinType::kExistence) return false;
    if (join.type == JoinType::kFull) return false;
    const double left = EstimateRows(join.left), right = EstimateRows(join.right);
    // Building is dearer than probing, and preserving build rows dearer still.
    const double bias = join.type == JoinType::kInner || join.type == JoinType::kCross ? 1.0 : 0.5;
    return left < right * bias;
  }

  Planned PlanJoin(const PlanPtr& plan, const Join& join) {
    const Planned left = Plan(join.left);
    const Planned right = Plan(join.right);
    const std::vector<ExprPtr> output = OutputOf(plan);
    auto node = NewNode<PhysicalJoin>(output, {left.plan, right.plan});
    node->type = join.type;
    node->null_aware = join.null_aware;
    JoinKeys keys = SplitCondition(join.condition, Binder(left.output), Binder(right.output));
    node->left_keys = keys.left;
    node->right_keys = keys.right;
    node->null_safe = keys.null_safe;
    std::vector<ExprPtr> both = left.output;
    both.insert(both.end(), right.output.begin(), right.output.end());
    if (!keys.residual.empty()) node->residual = Binder(both).Bind(Conjunction(keys.residual));
    if (!keys.left.empty()) node->build_left = ChooseBuildLeft(join);
    for (size_t i = 0; i < left.output.size(); ++i) node->left_output.push_back(static_cast<int64_t>(i));
    const bool right_too =
        join.type != JoinType::kLeftSemi && join.type != JoinType::kLeftAnti && join.type != JoinType::kExistence;
    for (size_t i = 0; right_too && i < right.output.size(); ++i) node->right_output.push_back(static_cast<int64_t>(i));
    return {node, output};
  }

  Planned PlanSort(const Sort& sort, int64_t limit, int64_t offset = 0) {
    const Planned child = Plan(sort.child);
    auto node = NewNode<PhysicalSort>(child.output, {child.plan});
    node->order = Binder(child.output).Bind(sort.order);
    node->limit = limit;
    node->offset = offset;
    node->per_partition = !sort.global;
    return {node, child.output};
  }

  int64_t LimitValue(const ExprPtr& expression, int64_t none) {
    if (expression == nullptr) return none;
    return EvaluateConstant(expression, context_).integer();
  }

  // LIMIT over a global sort is a top-n, through projections too; and the sort leaves out what comes before OFFSET.
  Planned PlanLimit(const Limit& limit) {
    const int64_t rows = LimitValue(limit.limit, -1);
    const int64_t offset = LimitValue(limit.offset, 0);
    const Project* project = As<Project>(limit.child);
    const Sort* sort = As<Sort>(project != nullptr ? project->child : limit.child);
    Planned child;
    int64_t offset_of_sort = 0;
    if (sort != nullptr && sort->global && !limit.tail) {
      // What numbers rows must see those before the offset, too.
      const bool counts = project != nullptr && !std::all_of(project->expressions.begin(), project->expressions.end(),
                                                             [](const ExprPtr& e) { return IsDeterministic(e); });
      offset_of_sort = counts ? 0 : offset;
      const int64_t wanted = rows + offset;
      child = PlanSort(*sort, rows >= 0 && wanted <= kMaxTopRows ? wanted : -1, offset_of_sort);
      if (project != nullptr) child = ProjectOn(child, project->expressions);
      if (rows < 0 && !counts) return child;
    } else {
      child = Plan(limit.child);
    }
    auto node = NewNode<PhysicalLimit>(child.output, {child.plan});
    node->limit = rows;
    node->offset = offset - offset_of_sort;
    node->tail = limit.tail;
    return {node, child.output};
  }

  Planned PlanUnion(const Union& onion) {
    std::vector<PhysicalPtr> children;
    for (const PlanPtr& child : onion.children) children.push_back(Plan(child).plan);
    return {NewNode<PhysicalUnion>(onion.output, std::move(children)), onion.output};
  }

  Planned PlanWindow(const Window& window) {
    const Planned child = Plan(window.child);
    std::vector<ExprPtr> output = child.output;
    for (const ExprPtr& expression : window.expressions) output.push_back(OutputAttribute(expression));
    auto node = NewNode<PhysicalWindow>(output, {child.plan});
    const Binder binder(child.output);
    for (const ExprPtr& expression : window.expressions)
      node->functions.push_back(binder.Bind(WithoutAlias(expression)));
    node->partition_by = binder.Bind(window.partition_by);
    node->order_by = binder.Bind(window.order_by);
    for (size_t i = 0; i < child.output.size(); ++i) node->keep.push_back(static_cast<int64_t>(i));
    return {node, output};
  }

  Planned PlanExpand(const Expand& expand) {
    const Planned child = Plan(expand.child);
    auto node = NewNode<PhysicalExpand>(expand.output, {child.plan});
    const Binder binder(child.output);
    for (const auto& projection : expand.projections) {
      std::vector<ExprPtr> bound;
      for (const ExprPtr& expression : projection) bound.push_back(binder.Bind(WithoutAlias(expression)));
      node->projections.push_back(std::move(bound));
    }
    return {node, expand.output};
  }

  Planned PlanGenerate(const Generate& generate) {
    const Planned child = Plan(generate.child);
    std::vector<ExprPtr> output = child.output;
    output.insert(output.end(), generate.generator_output.begin(), generate.generator_output.end());
    auto node = NewNode<PhysicalGenerate>(output, {child.plan});
    node->generator = Binder(child.output).Bind(generate.generator);
    node->outer = generate.outer;
    for (size_t i = 0; i < child.output.size(); ++i) node->keep.push_back(static_cast<int64_t>(i));
    return {node, output};
  }

  Planned PlanRepartition(const Repartition& repartition) {
    if (repartition.by_range) return PlanRangePartitioning(repartition);
    const Planned child = Plan(repartition.child);
    if (!repartition.shuffle) {
      auto node = NewNode<PhysicalCoalesce>(child.output, {child.plan});
      node->partitions = repartition.partitions;
      return {node, child.output};
    }
    auto node = NewNode<PhysicalExchange>(child.output, {child.plan});
    node->keys = Binder(child.output).Bind(repartition.expressions);
    node->partitions = PartitionsWanted(repartition);
    return {node, child.output};
  }

  // Without a number Spark makes spark.sql.shuffle.partitions and joins small ones afterwards: one for little data.
  int64_t PartitionsWanted(const Repartition& repartition) const {
    if (repartition.partitions > 0) return repartition.partitions;
    const bool adaptive = context_->config.GetBool("spark.sql.adaptive.enabled") &&
                          context_->config.GetBool("spark.sql.adaptive.coalescePartitions.enabled");
    return adaptive ? 1 : context_->config.GetInt("spark.sql.shuffle.partitions");
  }

  Planned PlanRangePartitioning(const Repartition& repartition) {
    const Planned child = Plan(repartition.child);
    auto sort = NewNode<PhysicalSort>(child.output, {child.plan});
    for (const ExprPtr& expression : repartition.expressions) {
      ExprPtr order = expression;
      if (As<SortOrder>(expression) == nullptr) {
        auto ascending = std::make_shared<SortOrder>();
        ascending->child = expression;
        ascending->type = expression->type;
        order = ascending;
      }
      sort->order.push_back(Binder(child.output).Bind(order));
    }
    auto node = NewNode<PhysicalExchange>(child.output, {sort});
    node->by_range = true;
    node->partitions = PartitionsWanted(repartition);
    return {node, child.output};
  }

  // Bernoulli sampling as Spark does it: one rand(seed) a row, kept when in [lower, upper).
  Planned PlanSample(const Sample& sample) {
    if (sample.with_replacement) RaiseUnsupported("sampling with replacement");
    const Planned child = Plan(sample.child);
    const int64_t seed = sample.has_seed ? sample.seed : static_cast<int64_t>(std::random_device()());
    const ExprPtr random =
        MakeAlias(MakeCall("rand", {MakeLiteral(Value::Long(seed))}, types::Double(), false), "rand");
    std::vector<ExprPtr> with_random = child.output;
    with_random.push_back(random);
    const Planned drawn = ProjectOn(child, with_random);
    auto compare = [&](const char* function, double bound) {
      return MakeCall(function, {drawn.output.back(), MakeLiteral(Value::Double(bound))}, types::Boolean(), false);
    };
    auto filter = NewNode<PhysicalFilter>(drawn.output, {drawn.plan});
    filter->condition =
        Binder(drawn.output).Bind(Conjunction({compare(">=", sample.lower), compare("<", sample.upper)}));
    return ProjectOn({filter, drawn.output}, child.output);
  }

  Planned PlanAlias(const PlanPtr& plan, const SubqueryAlias& alias) {
    Planned child = Plan(alias.child);
    child.output = OutputOf(plan);
    return child;
  }

  Planned PlanCteDef(const CteDef& cte) {
    std::vector<PhysicalPtr> definitions;
    for (size_t i = 0; i < cte.ids.size(); ++i) {
      definitions.push_back(Plan(cte.definitions[i]).plan);
    }
    Planned planned = Plan(cte.child);
    for (size_t i = cte.ids.size(); i-- > 0;) {
      auto node = NewNode<PhysicalSpool>(planned.output, {definitions[i], planned.plan});
      node->id = cte.ids[i];
      planned.plan = node;
    }
    return planned;
  }

  Planned PlanCteRef(const CteRef& ref) {
    auto node = NewNode<PhysicalSpoolRead>(ref.output, {});
    node->id = ref.id;
    return {node, ref.output};
  }

  static constexpr int64_t kMaxTopRows = 1 << 20;
  const LogicalPlan* under_expressions_ = nullptr;  // the child of the projection or filter being planned
  QueryContextPtr context_;
  int depth_ = 0;
};

}  // namespace

PhysicalPtr MakePhysicalPlan(const PlanPtr& plan, const QueryContextPtr& context) {
  return Planner(context).Plan(plan).plan;
}

}  // namespace centella
