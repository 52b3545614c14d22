// From a physical plan to pipelines of operators.
#include "execution/pipeline_builder.h"

#include <algorithm>
#include <map>

#include "execution/bind_aggregate.h"
#include "execution/input_columns.h"
#include "execution/operators/exchange.h"
#include "execution/operators/hash_aggregate.h"
#include "execution/operators/hash_join.h"
#include "execution/operators/limit.h"
#include "execution/operators/nested_loop_join.h"
#include "execution/operators/project_filter.h"
#include "execution/operators/sort.h"
#include "execution/operators/sources.h"
#include "execution/operators/window.h"
#include "expression/evaluator.h"
#include "plan/transform.h"

namespace centella {
namespace {

// A subtree turned to stages that no sink has ended yet.
struct Built {
  std::vector<Chain> stages;
  std::vector<size_t> depends_on;
  // Where output columns come from, when straight from a scan: for runtime filters.
  std::shared_ptr<ScanSource> scan;
  std::vector<int> scan_columns;  // per output column: column of the scan's request, or -1
  // Pipelines between the scan and here (aggregations by what `scan_columns` names): a filter for the scan has to be
  // built before they run.
  std::vector<size_t> scan_pipelines;
};

class Builder {
 public:
  Builder(QueryContextPtr context, const FragmentPart& part) : context_(std::move(context)), part_(part) {}

  Built Build(const PhysicalPtr& plan) {
    switch (plan->kind()) {
      case PhysicalKind::kValues: return BuildValues(To<PhysicalValues>(plan));
      case PhysicalKind::kRange: return BuildRange(To<PhysicalRange>(plan));
      case PhysicalKind::kScan: return BuildScan(To<PhysicalScan>(plan));
      case PhysicalKind::kFilter: return BuildFilter(To<PhysicalFilter>(plan));
      case PhysicalKind::kProject: return BuildProject(To<PhysicalProject>(plan));
      case PhysicalKind::kExpand: return BuildExpand(To<PhysicalExpand>(plan));
      case PhysicalKind::kGenerate: return BuildGenerate(To<PhysicalGenerate>(plan));
      case PhysicalKind::kAggregate: return BuildAggregate(To<PhysicalAggregate>(plan));
      case PhysicalKind::kJoin: {
        const PhysicalJoin& join = To<PhysicalJoin>(plan);
        return join.left_keys.empty() ? BuildNestedLoop(join) : BuildHashJoin(join);
      }
      case PhysicalKind::kSort: return BuildSort(To<PhysicalSort>(plan));
      case PhysicalKind::kLimit: return BuildLimit(To<PhysicalLimit>(plan));
      case PhysicalKind::kWindow: return BuildWindow(To<PhysicalWindow>(plan));
      case PhysicalKind::kUnion: return BuildUnion(To<PhysicalUnion>(plan));
      case PhysicalKind::kExchange: return BuildExchange(To<PhysicalExchange>(plan));
      case PhysicalKind::kCoalesce: return BuildCoalesce(To<PhysicalCoalesce>(plan));
      case PhysicalKind::kSpool: return BuildSpool(To<PhysicalSpool>(plan));
      case PhysicalKind::kSpoolRead: return BuildSpoolRead(To<PhysicalSpoolRead>(plan));
      case PhysicalKind::kInput: return BuildInput(To<PhysicalInput>(plan));
    }
    RaiseInternal(__FILE__, __LINE__, "unknown physical operator");
  }

  // Ends `built` with a sink; gives the pipeline's number.
  size_t End(std::string name, Built built, std::shared_ptr<Sink> sink) {
    pipelines_.push_back({std::move(name), std::move(built.stages), std::move(sink), std::move(built.depends_on)});
    return pipelines_.size() - 1;
  }

  static int32_t Partitions(const Built& built) {
    int32_t sum = built.stages[0].source->partitions();
    return std::max(sum, 1);
  }

  std::vector<Pipeline> TakePipelines() { return std::move(pipelines_); }

 private:
  std::shared_ptr<const CompiledExpressions> Compile(const std::vector<ExprPtr>& expressions) {
    return CompiledExpressions::Compile(expressions, context_);
  }

  static void Append(Built* built, std::shared_ptr<Transform> transform, bool partition_order = false) {
    for (Chain& stage : built->stages) {
      stage.transforms.push_back(transform);
      stage.partition_order = stage.partition_order || partition_order;
    }
  }

  Built FromSource(std::shared_ptr<Source> source, std::vector<size_t> depends_on = {}) {
    Built built;
    built.stages.push_back({std::move(source), {}, false});
    built.depends_on = std::move(depends_on);
    return built;
  }

  void Project(Built* built, const std::vector<ExprPtr>& expressions) {
    bool order = false;
    std::vector<int> scan_columns, plain;
    for (const ExprPtr& expression : expressions) {
      order = order || NeedsPartitionOrder(expression);
      const Column* column = As<Column>(expression);
      const bool known = column != nullptr && static_cast<size_t>(column->ordinal) < built->scan_columns.size();
      scan_columns.push_back(known ? built->scan_columns[column->ordinal] : -1);
      if (column != nullptr) plain.push_back(static_cast<int>(column->ordinal));
    }
    if (plain.size() == expressions.size()) {
      Append(built, MakeColumnSelection(plain));
    } else {
      Append(built, MakeProject(Compile(expressions)), order);
    }
    built->scan_columns = std::move(scan_columns);
    if (order) StopRuntimeFilters(built);
  }

  // What counts rows (rand, monotonically_increasing_id) has to see those that a join above drops.
  static void StopRuntimeFilters(Built* built) {
    built->scan = nullptr;
    built->scan_columns.clear();
  }

  // A source of rows that are everywhere: of a fragment with several instances this one takes its share.
  std::shared_ptr<Source> Share(std::shared_ptr<Source> source) const {
    if (part_.instances == 1) return source;
    return MakeSharedOutSource(std::move(source), part_.instance, part_.instances, part_.whole_partitions);
  }

  Built BuildValues(const PhysicalValues& values) {
    const auto partitions = static_cast<int32_t>(values.partitions);
    return FromSource(Share(MakeBatchSource(values.batches, partitions, context_->batch_size)));
  }

  Built BuildRange(const PhysicalRange& range) {
    return FromSource(Share(MakeRangeSource(range.start, range.end, range.step, static_cast<int32_t>(range.partitions),
                                            context_->batch_size)));
  }

  Built BuildInput(const PhysicalInput& input) {
    const auto found = part_.inputs.find(input.fragment);
    // Without rows when only the number of partitions is asked for.
    if (found == part_.inputs.end()) return FromSource(MakeBatchSource({}, static_cast<int32_t>(input.partitions), 1));
    return FromSource(found->second->source());
  }

  Built BuildScan(const PhysicalScan& scan) {
    ScanRequest request;
    for (int64_t field : scan.fields) request.columns.push_back(static_cast<int>(field));
    std::vector<ExprPtr> rest;
    for (const ExprPtr& filter : scan.filters) {
      (IsDeterministic(filter) && !CanFail(filter) ? request.filters : rest).push_back(filter);
    }
    if (scan.limit >= 0) request.limit = scan.limit;
    std::shared_ptr<Scan> opened = scan.table->NewScan(request, context_);
    const std::vector<bool> exact = opened->exact_filters();
    for (size_t i = 0; i < request.filters.size(); ++i) {
      if (!exact[i]) rest.push_back(request.filters[i]);
    }
    auto source = std::make_shared<ScanSource>(opened, context_);
    Built built = FromSource(Share(source));
    built.scan = source;
    for (size_t i = 0; i < scan.fields.size(); ++i) built.scan_columns.push_back(static_cast<int>(i));
    if (!rest.empty()) Append(&built, MakeFilter(Compile({Conjunction(rest)})));
    return built;
  }

  Built BuildFilter(const PhysicalFilter& filter) {
    Built built = Build(filter.children[0]);
    const bool order = NeedsPartitionOrder(filter.condition);
    Append(&built, MakeFilter(Compile({filter.condition})), order);
    if (order) StopRuntimeFilters(&built);
    return built;
  }

  Built BuildProject(const PhysicalProject& project) {
    Built built = Build(project.children[0]);
    Project(&built, project.expressions);
    return built;
  }

  Built BuildExpand(const PhysicalExpand& expand) {
    Built built = Build(expand.children[0]);
    std::vector<std::shared_ptr<const CompiledExpressions>> projections;
    for (const auto& projection : expand.projections) projections.push_back(Compile(projection));
    Append(&built, MakeExpand(std::move(projections)));
    built.scan_columns.clear();
    return built;
  }

  Built BuildGenerate(const PhysicalGenerate& generate) {
    Built built = Build(generate.children[0]);
    const Call& call = To<Call>(generate.generator);
    const FunctionDecl* decl = FunctionRegistry::Builtin().Find(call.function);
    CENTELLA_CHECK(decl != nullptr, "unknown generator " + call.function);
    std::vector<TypePtr> arg_types;
    for (const ExprPtr& arg : call.args) arg_types.push_back(arg->type);
    const Overload* overload = FindExactOverload(*decl, arg_types);
    CENTELLA_CHECK(overload != nullptr && overload->generator, "no generator for " + call.function);
    GenerateSpec spec;
    for (int64_t column : generate.keep) spec.keep.push_back(static_cast<int>(column));
    spec.arguments = Compile(call.args);
    spec.kernel = overload->generator;
    spec.result_type = call.type;
    spec.mode = call.mode;
    spec.outer = generate.outer;
    Append(&built, MakeGenerate(std::move(spec), context_));
    built.scan_columns.clear();
    return built;
  }

  // What partial aggregations made.
  Built BuildMerge(const PhysicalAggregate& aggregate) {
    InputColumns input;
    HashAggregateSpec spec = SpecOfAggregate(aggregate, context_, &input);
    HashAggregate operation(std::move(spec), context_);
    const size_t pipeline = End("merge", Build(aggregate.children[0]), operation.merge_sink());
    return FromSource(operation.source(), {pipeline});
  }

  Built BuildAggregate(const PhysicalAggregate& aggregate) {
    if (aggregate.phase == AggregatePhase::kFinal) return BuildMerge(aggregate);
    Built built = Build(aggregate.children[0]);
    // Only what the operator reads goes into it.
    InputColumns input;
    HashAggregateSpec spec = SpecOfAggregate(aggregate, context_, &input);
    bool partition_order = false;
    for (const ExprPtr& expression : input.expressions()) {
      partition_order = partition_order || NeedsPartitionOrder(expression);
    }
    Project(&built, input.expressions());
    Built groups;
    groups.scan = built.scan;
    groups.scan_pipelines = built.scan_pipelines;
    for (int key : spec.keys) {
      groups.scan_columns.push_back(static_cast<size_t>(key) < built.scan_columns.size() ? built.scan_columns[key]
                                                                                         : -1);
    }
    HashAggregate operation(std::move(spec), context_);
    const size_t pipeline = End("aggregate", std::move(built), operation.sink());
    if (aggregate.phase == AggregatePhase::kPartial) return FromSource(operation.partial_source(), {pipeline});
    groups.stages.push_back({operation.source(), {}, false});
    groups.depends_on.push_back(pipeline);
    groups.scan_pipelines.push_back(pipeline);
    return groups;
  }

  // The side's columns, then its computed keys.
  static std::vector<int> AddKeys(const std::vector<ExprPtr>& keys, InputColumns* input) {
    std::vector<int> columns;
    for (const ExprPtr& key : keys) columns.push_back(input->Add(key));
    return columns;
  }

  static std::vector<int> Narrow(const std::vector<int64_t>& columns) {
    return std::vector<int>(columns.begin(), columns.end());
  }

  Built BuildHashJoin(const PhysicalJoin& join) {
    HashJoinSpec spec;
    spec.type = join.type;
    spec.build_left = join.build_left;
    spec.null_aware_anti = join.null_aware;
    InputColumns left_input(*join.children[0]), right_input(*join.children[1]);
    spec.left_keys = AddKeys(join.left_keys, &left_input);
    spec.right_keys = AddKeys(join.right_keys, &right_input);
    for (int64_t null_safe : join.null_safe) spec.null_safe.push_back(null_safe != 0);
    spec.left_types = left_input.types();
    spec.right_types = right_input.types();
    spec.left_output = Narrow(join.left_output);
    spec.right_output = Narrow(join.right_output);
    if (join.residual != nullptr) {
      // Bound to left columns, then right columns; computed keys of the left lie between them.
      spec.residual =
          Compile({ShiftColumns(join.residual, join.children[0]->columns().size(), left_input.expressions().size())});
    }
    auto operation = std::make_shared<HashJoin>(std::move(spec), context_);
    const InputColumns& build_input = join.build_left ? left_input : right_input;
    const InputColumns& probe_input = join.build_left ? right_input : left_input;
    Built build = Build(join.children[join.build_left ? 0 : 1]);
    if (build_input.needs_projection()) Project(&build, build_input.expressions());
    const size_t build_pipeline = End("join build", std::move(build), operation->build_sink());
    Built probe = Build(join.children[join.build_left ? 1 : 0]);
    if (probe_input.needs_projection()) Project(&probe, probe_input.expressions());
    AddRuntimeFilters(join, *operation, build_pipeline, &probe);
    Append(&probe, operation->probe());
    probe.depends_on.push_back(build_pipeline);
    probe.stages.push_back({operation->remainder_source(), {}, false});
    probe.scan_columns = JoinLineage(join, probe.scan_columns);
    return probe;
  }

  static ExprPtr ShiftColumns(const ExprPtr& expression, size_t from, size_t to) {
    if (from == to) return expression;
    return TransformUp(expression, [&](const ExprPtr& node) -> ExprPtr {
      const Column* column = As<Column>(node);
      if (column == nullptr || column->ordinal < static_cast<int64_t>(from)) return node;
      auto shifted = std::static_pointer_cast<Column>(node->Clone());
      shifted->ordinal += static_cast<int64_t>(to - from);
      return shifted;
    });
  }

  // Lets the scan below the probe side leave out rows whose key the build side doesn't have. A filter passes through an
  // aggregation by that key too (its groups would find no match), which then waits for the build side.
  void AddRuntimeFilters(const PhysicalJoin& join, HashJoin& operation, size_t build_pipeline, Built* probe) {
    if (probe->scan == nullptr) return;
    const std::vector<ExprPtr>& keys = join.build_left ? join.right_keys : join.left_keys;
    bool added = false;
    for (size_t k = 0; k < keys.size(); ++k) {
      const Column* column = As<Column>(keys[k]);
      if (column == nullptr || static_cast<size_t>(column->ordinal) >= probe->scan_columns.size()) continue;
      const int scan_column = probe->scan_columns[column->ordinal];
      if (scan_column < 0) continue;
      std::shared_ptr<const RuntimeFilter> filter = operation.runtime_filter(k);
      if (filter == nullptr) continue;
      probe->scan->AddRuntimeFilter(scan_column, std::move(filter));
      added = true;
    }
    if (!added) return;
    for (size_t pipeline : probe->scan_pipelines) pipelines_[pipeline].depends_on.push_back(build_pipeline);
  }

  // Scan columns of the join's output: those of the probe side go on.
  static std::vector<int> JoinLineage(const PhysicalJoin& join, const std::vector<int>& probe) {
    std::vector<int> lineage(join.columns().size(), -1);
    const std::vector<int64_t>& kept = join.build_left ? join.right_output : join.left_output;
    const size_t first = join.build_left ? join.left_output.size() : 0;
    for (size_t i = 0; i < kept.size() && first + i < lineage.size(); ++i) {
      if (static_cast<size_t>(kept[i]) < probe.size()) lineage[first + i] = probe[kept[i]];
    }
    return lineage;
  }

  Built BuildNestedLoop(const PhysicalJoin& join) {
    // RIGHT JOIN is LEFT JOIN with the sides exchanged, and the output put back in order.
    const bool exchanged = join.type == JoinType::kRight;
    const PhysicalPtr& left = join.children[exchanged ? 1 : 0];
    const PhysicalPtr& right = join.children[exchanged ? 0 : 1];
    NestedLoopJoinSpec spec;
    spec.type = exchanged ? JoinType::kLeft : join.type;
    spec.left_types = left->types();
    spec.right_types = right->types();
    spec.left_output = Narrow(exchanged ? join.right_output : join.left_output);
    spec.right_output = Narrow(exchanged ? join.left_output : join.right_output);
    if (join.residual != nullptr) {
      spec.condition = Compile({exchanged ? ExchangeSides(join) : join.residual});
    }
    const size_t left_count = spec.left_output.size(), right_count = spec.right_output.size();
    NestedLoopJoin operation(std::move(spec), context_);
    const size_t build = End("join build", Build(right), operation.build_sink());
    Built probe = Build(left);
    Append(&probe, operation.probe());
    probe.depends_on.push_back(build);
    if (operation.has_remainder()) probe.stages.push_back({operation.remainder_source(), {}, false});
    probe.scan_columns.clear();
    if (exchanged) {
      std::vector<int> order;
      for (size_t i = 0; i < right_count; ++i) order.push_back(static_cast<int>(left_count + i));
      for (size_t i = 0; i < left_count; ++i) order.push_back(static_cast<int>(i));
      Append(&probe, MakeColumnSelection(std::move(order)));
    }
    return probe;
  }

  static ExprPtr ExchangeSides(const PhysicalJoin& join) {
    const int64_t left = static_cast<int64_t>(join.children[0]->columns().size());
    const int64_t right = static_cast<int64_t>(join.children[1]->columns().size());
    return TransformUp(join.residual, [&](const ExprPtr& node) -> ExprPtr {
      if (As<Column>(node) == nullptr) return node;
      auto moved = std::static_pointer_cast<Column>(node->Clone());
      moved->ordinal = moved->ordinal < left ? moved->ordinal + right : moved->ordinal - left;
      return moved;
    });
  }

  // Sort keys as columns of the input.
  static std::vector<SortKey> AddSortKeys(const std::vector<ExprPtr>& order, InputColumns* input) {
    std::vector<SortKey> keys;
    for (const ExprPtr& expression : order) {
      const SortOrder& each = To<SortOrder>(expression);
      keys.push_back({input->Add(each.child), each.ascending, each.nulls_first});
    }
    return keys;
  }

  // Takes computed columns away again.
  static void DropBeyond(Built* built, size_t columns, bool needed) {
    if (!needed) return;
    std::vector<int> kept;
    for (size_t i = 0; i < columns; ++i) kept.push_back(static_cast<int>(i));
    Append(built, MakeColumnSelection(std::move(kept)));
  }

  Built BuildSort(const PhysicalSort& sort) {
    Built built = Build(sort.children[0]);
    InputColumns input(*sort.children[0]);
    SortSpec spec;
    spec.keys = AddSortKeys(sort.order, &input);
    spec.types = input.types();
    spec.limit = sort.limit;
    spec.offset = sort.per_partition ? 0 : std::max<int64_t>(0, sort.offset);
    spec.per_partition = sort.per_partition;
    if (input.needs_projection()) Project(&built, input.expressions());
    SortOperator operation(std::move(spec), Partitions(built), context_);
    const size_t pipeline = End("sort", std::move(built), operation.sink());
    Built result = FromSource(operation.source(), {pipeline});
    DropBeyond(&result, sort.columns().size(), input.needs_projection());
    return result;
  }

  Built BuildLimit(const PhysicalLimit& limit) {
    LimitOperator operation(limit.limit, limit.offset, limit.tail, limit.types(), context_);
    const size_t pipeline = End("limit", Build(limit.children[0]), operation.sink());
    return FromSource(operation.source(), {pipeline});
  }

  Built BuildWindow(const PhysicalWindow& window) {
    Built built = Build(window.children[0]);
    InputColumns input(*window.children[0]);
    WindowSpec spec;
    spec.output = Narrow(window.keep);
    for (const ExprPtr& key : window.partition_by) spec.partition_keys.push_back(input.Add(key));
    spec.order_keys = AddSortKeys(window.order_by, &input);
    for (const ExprPtr& function : window.functions) {
      spec.functions.push_back(BindWindowFunction(To<WindowExpr>(function), &input));
    }
    spec.types = input.types();
    if (input.needs_projection()) Project(&built, input.expressions());
    WindowOperator operation(std::move(spec), context_);
    const size_t pipeline = End("window", std::move(built), operation.sink());
    return FromSource(operation.source(), {pipeline});
  }

  WindowFunctionSpec BindWindowFunction(const WindowExpr& window, InputColumns* input) {
    WindowFunctionSpec spec;
    spec.result_type = window.type;
    spec.unit = window.unit;
    spec.lower = window.lower;
    spec.upper = window.upper;
    spec.ignore_nulls = window.ignore_nulls;
    if (const AggregateCall* call = As<AggregateCall>(window.function)) {
      spec.aggregate = BindAggregate(*call, context_);
      for (const ExprPtr& arg : call->args) spec.args.push_back(input->Add(arg));
      if (call->filter != nullptr) spec.filter = input->Add(call->filter);
    } else {
      const Call& function = To<Call>(window.function);
      const FunctionDecl* decl = FunctionRegistry::Builtin().Find(function.function);
      CENTELLA_CHECK(decl != nullptr, "unknown window function " + function.function);
      std::vector<TypePtr> arg_types;
      for (const ExprPtr& arg : function.args) arg_types.push_back(arg->type);
      const Overload* overload = FindExactOverload(*decl, arg_types);
      CENTELLA_CHECK(overload != nullptr && overload->window, "no window kernel for " + function.function);
      spec.kernel = overload->window;
      for (const ExprPtr& arg : function.args) spec.args.push_back(input->Add(arg));
    }
    BindOffset(window, window.lower, window.lower_offset, input, &spec.lower_rows, &spec.lower_column);
    BindOffset(window, window.upper, window.upper_offset, input, &spec.upper_rows, &spec.upper_column);
    return spec;
  }

  // ROWS offsets are numbers; RANGE offsets become a column: order key moved by the offset, in the ordering's direction.
  void BindOffset(const WindowExpr& window, FrameBound bound, const ExprPtr& offset, InputColumns* input, int64_t* rows,
                  int* column) {
    if (offset == nullptr) return;
    if (window.unit == FrameUnit::kRows) {
      *rows = EvaluateConstant(offset, context_).integer();
      return;
    }
    const SortOrder& order = To<SortOrder>(window.order_by[0]);
    const bool backwards = (bound == FrameBound::kPreceding) == order.ascending;
    *column = input->Add(RangeBoundExpression(order.child, offset, backwards));
  }

  ExprPtr RangeBoundExpression(const ExprPtr& key, const ExprPtr& offset, bool backwards) {
    const TypePtr& type = key->type;
    if (type->is(TypeId::kDate)) {
      const ExprPtr days = MakeCast(offset, types::Int(), EvalMode::kAnsi);
      if (offset->type->is_integral()) {
        return MakeCall(backwards ? "date_sub" : "date_add", {key, days}, types::Date(), true);
      }
    }
    if (type->is(TypeId::kDate) && offset->type->is(TypeId::kDayTimeInterval)) {
      const ExprPtr days = MakeCall("extract_ansi_interval_days", {offset}, types::Int(), false);
      return MakeCall(backwards ? "date_sub" : "date_add", {key, days}, types::Date(), true);
    }
    if (type->is_datetime()) {
      const std::string function = type->is(TypeId::kDate) ? "date" : "timestamp";
      return MakeCall(function + (backwards ? "_sub_interval" : "_add_interval"), {key, offset}, type, true);
    }
    // Wider arithmetic, so that the bound itself never overflows where values don't.
    const TypePtr wide = type->is_integral() ? types::Decimal(38, 0) : type;
    const ExprPtr moved = MakeCall(backwards ? "-" : "+",
                                   {MakeCast(key, wide, EvalMode::kLegacy), MakeCast(offset, wide, EvalMode::kLegacy)},
                                   wide, true, EvalMode::kLegacy);
    return MakeCast(moved, type, EvalMode::kLegacy);
  }

  Built BuildUnion(const PhysicalUnion& onion) {
    Built result;
    std::vector<Chain> simple;
    auto flush = [&] {
      if (simple.empty()) return;
      bool order = false;
      for (const Chain& chain : simple) order = order || chain.partition_order;
      result.stages.push_back({MakeUnionSource(std::move(simple)), {}, order});
      simple.clear();
    };
    for (const PhysicalPtr& child : onion.children) {
      Built built = Build(child);
      result.depends_on.insert(result.depends_on.end(), built.depends_on.begin(), built.depends_on.end());
      if (built.stages.size() == 1) {
        simple.push_back(std::move(built.stages[0]));
        continue;
      }
      flush();
      for (Chain& stage : built.stages) result.stages.push_back(std::move(stage));
    }
    flush();
    return result;
  }

  Built BuildExchange(const PhysicalExchange& exchange) {
    Built built = Build(exchange.children[0]);
    InputColumns input(*exchange.children[0]);
    std::vector<int> keys;
    for (const ExprPtr& key : exchange.keys) keys.push_back(input.Add(key));
    if (input.needs_projection()) Project(&built, input.expressions());
    const ExchangeKind kind =
        exchange.by_range ? ExchangeKind::kRange : (keys.empty() ? ExchangeKind::kRoundRobin : ExchangeKind::kHash);
    Exchange operation(kind, static_cast<int32_t>(exchange.partitions), keys, input.types(), context_);
    const size_t pipeline = End("exchange", std::move(built), operation.sink());
    Built result = FromSource(operation.source(), {pipeline});
    DropBeyond(&result, exchange.columns().size(), input.needs_projection());
    return result;
  }

  Built BuildCoalesce(const PhysicalCoalesce& coalesce) {
    Built built = Build(coalesce.children[0]);
    const auto partitions = static_cast<int32_t>(coalesce.partitions);
    if (built.stages.size() == 1) {
      const bool order = built.stages[0].partition_order;
      built.stages[0] = {MakeCoalesceSource(std::move(built.stages[0]), partitions), {}, order};
      StopRuntimeFilters(&built);
      return built;
    }
    // Stages can't be joined without waiting: spool them first.
    Exchange spool(ExchangeKind::kKeep, Partitions(built), {}, coalesce.types(), context_);
    const size_t pipeline = End("coalesce", std::move(built), spool.sink());
    return FromSource(MakeCoalesceSource({spool.source(), {}, false}, partitions), {pipeline});
  }

  Built BuildSpool(const PhysicalSpool& spool) {
    Built definition = Build(spool.children[0]);
    const int32_t partitions = Partitions(definition);
    auto exchange = std::make_shared<Exchange>(ExchangeKind::kKeep, partitions, std::vector<int>(),
                                               spool.children[0]->types(), context_);
    const size_t pipeline = End("spool", std::move(definition), exchange->sink());
    spools_[spool.id] = {exchange, pipeline};
    return Build(spool.children[1]);
  }

  Built BuildSpoolRead(const PhysicalSpoolRead& read) {
    const auto found = spools_.find(read.id);
    CENTELLA_CHECK(found != spools_.end(), "a shared subplan is read before it's defined");
    return FromSource(found->second.first->source(), {found->second.second});
  }

  QueryContextPtr context_;
  const FragmentPart& part_;
  std::vector<Pipeline> pipelines_;
  std::map<int64_t, std::pair<std::shared_ptr<Exchange>, size_t>> spools_;
};

}  // namespace

std::vector<Pipeline> BuildPipelines(const PhysicalPtr& plan, std::shared_ptr<Sink> sink, bool partition_order,
                                     const QueryContextPtr& context, int32_t* partitions, const FragmentPart& part) {
  Builder builder(context, part);
  Built built = builder.Build(plan);
  if (partitions != nullptr) *partitions = Builder::Partitions(built);
  if (partition_order) {
    for (Chain& stage : built.stages) stage.partition_order = true;
  }
  builder.End("result", std::move(built), std::move(sink));
  return builder.TakePipelines();
}

}  // namespace centella
