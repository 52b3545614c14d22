// The driver: dispatch by kind of node, and the nodes that need little.
#include "analyzer/analyzer.h"

#include "analyzer/analysis.h"
#include "expression/evaluator.h"
#include "types/display_zone.h"

namespace centella {

PlanPtr Analyze(const PlanPtr& plan, const AnalysisEnvironment& environment) {
  const QueryContextPtr context = environment.context();
  const DisplayZone zone(context->zone);
  return Analysis(environment).Run(plan);
}

PlanPtr Analysis::Run(const PlanPtr& plan) { return Resolve(plan, nullptr).plan; }

Relation Analysis::Resolve(const PlanPtr& plan, const Scope* outer) {
  CENTELLA_CHECK(plan != nullptr, "a plan node without a child");
  if (depth_ >= kMaxPlanDepth) RaiseUnsupported("a plan nested deeper than 20000 levels");
  struct Depth {
    int& depth;
    explicit Depth(int& d) : depth(d) { ++depth; }
    ~Depth() { --depth; }
  } guard(depth_);
  Temporarily<OriginPtr> origin(&plan_origin_, plan->origin);
  Temporarily<OriginPtr> coercion(&coercion_origin_, nullptr);
  try {
    return ResolveNode(plan, outer);
  } catch (const Error& error) {
    // What a function or a source raised doesn't know its place in the program.
    if (!error.contexts().empty() || plan->origin == nullptr || !plan->origin->is_dataframe) throw;
    throw error.WithContext(*plan->origin);
  }
}

Relation Analysis::Above(PlanPtr plan, const LogicalPlan& source, std::initializer_list<const Relation*> children) {
  Relation out;
  out.output = std::make_shared<Output>(OutputOf(plan));
  auto frame = std::make_shared<RelationFrame>();
  frame->plan_id = source.plan_id;
  frame->output = out.output;
  for (const Relation* child : children) {
    if (child->frame != nullptr) frame->children.push_back(child->frame);
  }
  out.frame = std::move(frame);
  out.plan = std::move(plan);
  return out;
}

Relation Analysis::Leaf(PlanPtr plan, const LogicalPlan& source) { return Above(std::move(plan), source, {}); }

Relation Analysis::PassThrough(PlanPtr plan, const LogicalPlan& source, const Relation& child) {
  Relation out = child;
  out.plan = std::move(plan);
  auto frame = std::make_shared<RelationFrame>();
  frame->plan_id = source.plan_id;
  frame->output = out.output;
  frame->hidden = out.hidden;
  if (child.frame != nullptr) frame->children.push_back(child.frame);
  out.frame = std::move(frame);
  return out;
}

Relation Analysis::MakeProject(const Relation& child, std::vector<ExprPtr> list, const LogicalPlan& source) {
  auto project = std::make_shared<Project>();
  project->expressions = std::move(list);
  project->child = child.plan;
  project->plan_id = source.plan_id;
  project->origin = source.origin;
  return Above(std::move(project), source, {&child});
}

// Nodes whose child's columns go through unchanged and that have no expressions.
template <typename Node>
static std::shared_ptr<Node> WithChild(const Node& node, PlanPtr child) {
  auto copy = std::make_shared<Node>(node);
  copy->child = std::move(child);
  return copy;
}

Relation Analysis::ResolveNode(const PlanPtr& plan, const Scope* outer) {
  switch (plan->kind()) {
    case PlanKind::kLocalRelation:
    case PlanKind::kRange:
    case PlanKind::kScan:
    case PlanKind::kCached:
    case PlanKind::kCteRef: return ResolveLeafColumns(plan);
    case PlanKind::kProject: {
      const PlanPtr extracted = ExtractTimeWindows(plan);
      return ResolveProject(To<Project>(extracted), outer);
    }
    case PlanKind::kFilter: return ResolveFilter(To<Filter>(plan), outer);
    case PlanKind::kAggregate: {
      const PlanPtr extracted = ExtractTimeWindows(plan);
      return ResolveAggregate(To<Aggregate>(extracted), outer);
    }
    case PlanKind::kJoin: return ResolveJoin(To<Join>(plan), outer);
    case PlanKind::kSort: return ResolveSort(To<Sort>(plan), outer);
    case PlanKind::kLimit: return ResolveLimit(To<Limit>(plan), outer);
    case PlanKind::kUnion: return ResolveUnion(To<Union>(plan), outer);
    case PlanKind::kGenerate: return ResolveGenerate(To<Generate>(plan), outer);
    case PlanKind::kRepartition: return ResolveRepartition(To<Repartition>(plan), outer);
    case PlanKind::kSample: return ResolveSample(To<Sample>(plan), outer);
    case PlanKind::kSubqueryAlias: return ResolveSubqueryAlias(To<SubqueryAlias>(plan), outer);
    case PlanKind::kDistinct: {
      const auto& node = To<Distinct>(plan);
      Relation child = Resolve(node.child, outer);
      for (const ExprPtr& column : child.output->columns()) {
        if (IsComparable(*column->type)) continue;
        RaiseAt(node.origin, Condition::UNSUPPORTED_FEATURE__SET_OPERATION_ON_MAP_TYPE,
                {{"colName", QuoteName(To<Attribute>(column).name)}, {"dataType", QuoteType(column->type)}});
      }
      Relation out = PassThrough(WithChild(node, child.plan), node, child);
      // Columns that DISTINCT left out can't come back.
      out.below = nullptr;
      out.aggregate = nullptr;
      out.hidden.clear();
      return out;
    }
    case PlanKind::kSetOperation: return ResolveSetOperation(To<SetOperation>(plan), outer);
    case PlanKind::kCollectMetrics: return ResolveCollectMetrics(To<CollectMetrics>(plan), outer);
    case PlanKind::kUnresolvedRelation: return ResolveRelation(To<UnresolvedRelation>(plan), outer);
    case PlanKind::kUnresolvedDataSource: return ResolveDataSource(To<UnresolvedDataSource>(plan));
    case PlanKind::kUnresolvedTableFunction: return ResolveTableFunction(To<UnresolvedTableFunction>(plan), outer);
    case PlanKind::kInlineTable: return ResolveInlineTable(To<InlineTable>(plan), outer);
    case PlanKind::kWithCte: return ResolveWithCte(To<WithCte>(plan), outer);
    case PlanKind::kUsingJoin: return ResolveUsingJoin(To<UsingJoin>(plan), outer);
    case PlanKind::kDeduplicate: return ResolveDeduplicate(To<Deduplicate>(plan), outer);
    case PlanKind::kPivot: return ResolvePivot(To<Pivot>(plan), outer);
    case PlanKind::kUnpivot: return ResolveUnpivot(To<Unpivot>(plan), outer);
    case PlanKind::kHint: return ResolveHint(To<Hint>(plan), outer);
    case PlanKind::kToDf: return ResolveToDf(To<ToDf>(plan), outer);
    case PlanKind::kWithColumns: return ResolveWithColumns(To<WithColumns>(plan), outer);
    case PlanKind::kWithColumnsRenamed: return ResolveWithColumnsRenamed(To<WithColumnsRenamed>(plan), outer);
    case PlanKind::kDrop: return ResolveDrop(To<Drop>(plan), outer);
    case PlanKind::kNaFunction: return ResolveNaFunction(To<NaFunction>(plan), outer);
    case PlanKind::kToSchema: return ResolveToSchema(To<ToSchema>(plan), outer);
    case PlanKind::kStatFunction: return ResolveStatFunction(To<StatFunction>(plan), outer);
    case PlanKind::kWithWindowDefinition: return Resolve(ReplaceWindowNames(To<WithWindowDefinition>(plan)), outer);
    case PlanKind::kWindow:
    case PlanKind::kExpand:
    case PlanKind::kCteDef:
      // Only analysis makes these: the plan below is resolved already.
      return Leaf(plan, *plan);
    case PlanKind::kWithWatermark: RaiseUnsupported("withWatermark");
    case PlanKind::kAsOfJoin: RaiseUnsupported("AS OF joins");
    case PlanKind::kTranspose: RaiseUnsupported("DataFrame.transpose");
    case PlanKind::kUnresolvedSubqueryColumnAliases: RaiseUnsupported("this form of column aliases");
    case PlanKind::kCommand:
    case PlanKind::kCreateView:
    case PlanKind::kWriteFiles:
    case PlanKind::kExplain: return ResolveCommand(plan, outer);
  }
  RaiseInternal(__FILE__, __LINE__, "a plan node of unknown kind");
}

Relation Analysis::ResolveCommand(const PlanPtr& plan, const Scope* outer) {
  Relation out;
  out.plan = plan;
  out.output = std::make_shared<Output>(std::vector<ExprPtr>{});
  if (const auto* view = As<CreateView>(plan)) {
    Relation child = Resolve(view->child, outer);
    auto copy = std::make_shared<CreateView>(*view);
    if (!view->columns.empty()) {
      if (view->columns.size() != child.output->size()) {
        bool more = view->columns.size() > child.output->size();
        RaiseAt(view->origin,
                more ? Condition::CREATE_VIEW_COLUMN_ARITY_MISMATCH__NOT_ENOUGH_DATA_COLUMNS
                     : Condition::CREATE_VIEW_COLUMN_ARITY_MISMATCH__TOO_MANY_DATA_COLUMNS,
                {{"viewName", QuoteName(view->name)},
                 {"viewColumns", QuoteName(view->columns)},
                 {"dataColumns", SuggestNames({}, child.output->columns(), 0)}});
      }
      std::vector<ExprPtr> list;
      for (size_t i = 0; i < view->columns.size(); ++i) {
        list.push_back(MakeAlias(child.output->columns()[i], view->columns[i]));
      }
      child = MakeProject(child, std::move(list), *view);
    }
    copy->child = child.plan;
    out.plan = copy;
  } else if (const auto* write = As<WriteFiles>(plan)) {
    out.plan = WithChild(*write, Resolve(write->child, outer).plan);
  } else if (const auto* explain = As<Explain>(plan)) {
    out.plan = WithChild(*explain, Resolve(explain->child, outer).plan);
  } else if (const auto* command = As<Command>(plan); command != nullptr && command->child != nullptr) {
    out.plan = WithChild(*command, Resolve(command->child, outer).plan);
  }
  return out;
}

// QUALIFY comes as a filter right above its select list, with window functions in it; only SQL text has it.
static bool MayBeQualify(const Filter& node) {
  PlanKind below = node.child->kind();
  return node.origin != nullptr && !node.origin->is_dataframe &&
         (below == PlanKind::kProject || below == PlanKind::kAggregate || below == PlanKind::kFilter);
}

// The condition's window functions are computed below the filter and taken away above it.
Relation Analysis::FilterOverWindows(const Filter& node, const Relation& child, PlanPtr input, ExprPtr condition) {
  std::vector<ExprPtr> list = {std::move(condition)};
  input = ExtractWindows(std::move(input), &list);
  CheckCondition(list[0], node);
  auto filter = std::make_shared<Filter>(node);
  filter->condition = Coerce(list[0], types::Boolean());
  filter->child = std::move(input);
  auto project = std::make_shared<Project>();
  project->expressions = child.output->columns();
  project->child = filter;
  return PassThrough(project, node, child);
}

Relation Analysis::ResolveFilter(const Filter& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  if (child.aggregate != nullptr) return ResolveHavingFilter(node, child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  for (const Relation* below = child.below.get(); below != nullptr; below = below->below.get()) {
    scope.below.push_back(below);
  }
  ExprPtr condition = ResolveExpression(node.condition, scope);
  if (ContainsWindow(condition) && MayBeQualify(node)) {
    PlanPtr below = ExposeUsed(child, {condition}, nullptr);
    return FilterOverWindows(node, child, below, condition);
  }
  CheckCondition(condition, node);
  condition = Coerce(condition, types::Boolean());
  bool changed = false;
  PlanPtr input = ExposeUsed(child, {condition}, &changed);
  auto filter = std::make_shared<Filter>(node);
  filter->condition = condition;
  filter->child = input;
  if (!changed) return PassThrough(std::move(filter), node, child);
  return MakeProject(PassThrough(std::move(filter), node, child), child.output->columns(), node);
}

Relation Analysis::ResolveHavingFilter(const Filter& node, const Relation& child, const Scope* outer) {
  Relation relation = child;
  ExprPtr condition = ResolveOverAggregate({node.condition}, &relation, outer)[0];
  if (ContainsWindow(condition) && MayBeQualify(node)) {
    return FilterOverWindows(node, child, relation.plan, condition);
  }
  CheckCondition(condition, node);
  auto filter = std::make_shared<Filter>(node);
  filter->condition = Coerce(condition, types::Boolean());
  filter->child = relation.plan;
  Relation out = PassThrough(filter, node, relation);
  if (relation.plan == child.plan) return out;
  // The aggregate got columns for the condition alone: take them away again, but leave them within reach of ORDER BY.
  auto project = std::make_shared<Project>();
  project->expressions = child.output->columns();
  project->child = filter;
  project->plan_id = node.plan_id;
  out.plan = project;
  return out;
}

namespace {

// LIMIT, OFFSET and the like: an integer constant that isn't negative.
ExprPtr CheckLimit(const ExprPtr& written, const ExprPtr& resolved, const std::string& name, const LogicalPlan& node,
                   const QueryContextPtr& context) {
  std::vector<ExprPtr> columns;
  CollectAttributes(resolved, &columns);
  std::string sql = QuoteSql(resolved);
  if (!columns.empty() || ContainsAggregate(resolved)) {
    RaiseAt(node.origin, Condition::INVALID_LIMIT_LIKE_EXPRESSION__IS_UNFOLDABLE, {{"name", name}, {"expr", sql}});
  }
  OriginPtr origin = written->origin == nullptr ? node.origin : written->origin;
  if (!resolved->type->is(TypeId::kInt) && !resolved->type->is(TypeId::kShort) && !resolved->type->is(TypeId::kByte)) {
    RaiseAt(origin, Condition::INVALID_LIMIT_LIKE_EXPRESSION__DATA_TYPE,
            {{"name", name}, {"expr", sql}, {"dataType", QuoteType(resolved->type)}});
  }
  Value value = EvaluateConstant(resolved, context);
  if (value.is_null()) {
    RaiseAt(origin, Condition::INVALID_LIMIT_LIKE_EXPRESSION__IS_NULL, {{"name", name}, {"expr", sql}});
  }
  if (value.integer() < 0) {
    RaiseAt(origin, Condition::INVALID_LIMIT_LIKE_EXPRESSION__IS_NEGATIVE,
            {{"name", name}, {"expr", sql}, {"v", std::to_string(value.integer())}});
  }
  return MakeLiteral(Value::Int(static_cast<int32_t>(value.integer())));
}

}  // namespace

// A LIMIT right above a relation: so many of its rows are enough.
static int64_t RowGoal(const Limit& node) {
  PlanPtr at = node.child;
  while (at->kind() == PlanKind::kSubqueryAlias || at->kind() == PlanKind::kProject) {
    const auto* project = As<Project>(at);
    if (project == nullptr) {
      at = To<SubqueryAlias>(at).child;
      continue;
    }
    for (const ExprPtr& e : project->expressions) {
      if (!(e->kind() == ExprKind::kUnresolvedStar || e->kind() == ExprKind::kUnresolvedAttribute)) return -1;
    }
    at = project->child;
  }
  const auto* limit = As<Literal>(node.limit);
  const auto* offset = As<Literal>(node.offset);
  bool known = limit != nullptr && !limit->value.is_null() && limit->value.type()->is_integral() &&
               (node.offset == nullptr || (offset != nullptr && offset->value.type()->is_integral()));
  if (at->kind() != PlanKind::kUnresolvedRelation || !known || node.tail) return -1;
  return limit->value.integer() + (offset == nullptr ? 0 : offset->value.integer());
}

Relation Analysis::ResolveLimit(const Limit& node, const Scope* outer) {
  row_goal_ = RowGoal(node);
  Relation child = Resolve(node.child, outer);
  row_goal_ = -1;
  Scope scope;
  scope.input = &child;
  auto limit = std::make_shared<Limit>(node);
  limit->child = child.plan;
  if (node.limit != nullptr) {
    limit->limit = CheckLimit(node.limit, ResolveExpression(node.limit, scope), node.tail ? "tail" : "limit", node,
                              environment_.context());
  }
  if (node.offset != nullptr) {
    limit->offset =
        CheckLimit(node.offset, ResolveExpression(node.offset, scope), "offset", node, environment_.context());
  }
  Relation out = PassThrough(std::move(limit), node, child);
  out.below = nullptr;
  out.aggregate = nullptr;
  return out;
}

Relation Analysis::ResolveSample(const Sample& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Relation out = PassThrough(WithChild(node, child.plan), node, child);
  out.aggregate = nullptr;
  return out;
}

Relation Analysis::ResolveRepartition(const Repartition& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  scope.outer = outer;
  auto copy = WithChild(node, child.plan);
  copy->expressions.clear();
  for (const ExprPtr& expression : node.expressions) {
    ExprPtr resolved = ResolveExpression(expression, scope);
    if (node.by_range && resolved->kind() != ExprKind::kSortOrder) {
      auto order = std::make_shared<SortOrder>();
      order->child = resolved;
      order->type = resolved->type;
      resolved = order;
    }
    copy->expressions.push_back(resolved);
  }
  Relation out = PassThrough(std::move(copy), node, child);
  out.aggregate = nullptr;
  return out;
}

// Observed metrics are global aggregates without clauses of their own.
static void CheckMetric(const ExprPtr& expression, const ExprPtr& metric) {
  auto fail = [&](Condition condition) { RaiseAt(nullptr, condition, {{"expr", QuoteSql(metric)}}); };
  if (const auto* call = As<AggregateCall>(expression)) {
    if (call->distinct) {
      fail(Condition::INVALID_OBSERVED_METRICS__AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED);
    }
    if (call->filter != nullptr) {
      fail(Condition::INVALID_OBSERVED_METRICS__AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED);
    }
    return;
  }
  if (expression->kind() == ExprKind::kWindow) {
    fail(Condition::INVALID_OBSERVED_METRICS__WINDOW_EXPRESSIONS_UNSUPPORTED);
  }
  if (expression->kind() == ExprKind::kAttribute) {
    fail(Condition::INVALID_OBSERVED_METRICS__NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE);
  }
  for (const ExprPtr& child : ChildrenOf(*expression)) CheckMetric(child, metric);
}

Relation Analysis::ResolveCollectMetrics(const CollectMetrics& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  Scope scope;
  scope.input = &child;
  auto copy = WithChild(node, child.plan);
  for (ExprPtr& metric : copy->metrics) {
    metric = Named(ResolveExpression(metric, scope), metric);
    CheckMetric(metric->kind() == ExprKind::kAlias ? To<Alias>(metric).child : metric, metric);
  }
  return PassThrough(std::move(copy), node, child);
}

}  // namespace centella
