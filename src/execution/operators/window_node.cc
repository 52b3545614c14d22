// The node of windows: how it is planned, built, checked and shown. The operator is window.h.
#include "execution/bind_aggregate.h"
#include "execution/operator_registry.h"
#include "execution/operator_samples.h"
#include "execution/operators/sort_node.h"
#include "execution/operators/window.h"

namespace centella {
namespace {

// Output: child's columns `keep`, then one per WindowExpr.
struct PhysicalWindow final : NodeOf<PhysicalWindow, PhysicalPlan, PhysicalKind::kWindow> {
  std::vector<ExprPtr> functions;
  std::vector<ExprPtr> partition_by, order_by;
  std::vector<int64_t> keep;
  void VisitFields(FieldVisitor& v) override {
    v.Field("functions", functions);
    v.Field("partition_by", partition_by);
    v.Field("order_by", order_by);
    v.Field("keep", keep);
  }
};

Planned PlanWindow(const PlanPtr& plan, Planner& planner) {
  const Window& window = To<Window>(plan);
  const Planned child = planner.Plan(window.child);
  std::vector<ExprPtr> output = child.output;
  for (const ExprPtr& expression : window.expressions) output.push_back(OutputAttribute(expression));
  auto node = NewNode<PhysicalWindow>(output, {child.plan});
  const Binder binder(child.output);
  for (const ExprPtr& expression : window.expressions) node->functions.push_back(binder.Bind(WithoutAlias(expression)));
  node->partition_by = binder.Bind(window.partition_by);
  node->order_by = binder.Bind(window.order_by);
  node->keep = AllOrdinals(child.output.size());
  return {node, output};
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

// ROWS offsets are numbers; RANGE offsets become a column: order key moved by the offset, in the ordering's direction.
void BindOffset(const WindowExpr& window, FrameBound bound, const ExprPtr& offset, const QueryContextPtr& context,
                InputColumns* input, int64_t* rows, int* column) {
  if (offset == nullptr) return;
  if (window.unit == FrameUnit::kRows) {
    *rows = EvaluateConstant(offset, context).integer();
    return;
  }
  const SortOrder& order = To<SortOrder>(window.order_by[0]);
  const bool backwards = (bound == FrameBound::kPreceding) == order.ascending;
  *column = input->Add(RangeBoundExpression(order.child, offset, backwards));
}

WindowFunctionSpec BindWindowFunction(const WindowExpr& window, const QueryContextPtr& context, InputColumns* input) {
  WindowFunctionSpec spec;
  spec.result_type = window.type;
  spec.unit = window.unit;
  spec.lower = window.lower;
  spec.upper = window.upper;
  spec.ignore_nulls = window.ignore_nulls;
  if (const AggregateCall* call = As<AggregateCall>(window.function)) {
    spec.aggregate = BindAggregate(*call, context);
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
  BindOffset(window, window.lower, window.lower_offset, context, input, &spec.lower_rows, &spec.lower_column);
  BindOffset(window, window.upper, window.upper_offset, context, input, &spec.upper_rows, &spec.upper_column);
  return spec;
}

Built BuildWindow(const PhysicalWindow& window, PipelineBuilder& builder) {
  Built built = builder.Build(window.children[0]);
  InputColumns input(*window.children[0]);
  WindowSpec spec;
  spec.output = Positions(window.keep);
  for (const ExprPtr& key : window.partition_by) spec.partition_keys.push_back(input.Add(key));
  spec.order_keys = AddSortKeys(window.order_by, &input);
  for (const ExprPtr& function : window.functions) {
    spec.functions.push_back(BindWindowFunction(To<WindowExpr>(function), builder.context(), &input));
  }
  spec.types = input.types();
  builder.ProjectInput(&built, input);
  WindowOperator operation(std::move(spec), builder.context());
  const size_t pipeline = builder.End("window", std::move(built), operation.sink());
  return builder.FromSource(operation.source(), {pipeline});
}

void CheckWindow(const PhysicalWindow& window, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(window);
  check.AllAre<WindowExpr>(window, window.functions);
  check.AllAre<SortOrder>(window, window.order_by);
  check.Bound(window, window.functions, input);
  check.Bound(window, window.partition_by, input);
  check.Bound(window, window.order_by, input);
  check.Ordinals(window, window.keep, input.size());
  check.Width(window, window.keep.size() + window.functions.size());
}

std::string LineOf(const PhysicalWindow& window) { return "Window " + NamesOf(window.functions); }

std::vector<PhysicalPtr> SampleWindow() {
  const PhysicalPtr rows = samples::Rows();
  auto call = std::make_shared<WindowExpr>();
  call->function = samples::SumOf(samples::ColumnOf(rows, 0));
  call->type = types::Long();
  call->order_by = {samples::OrderBy(samples::ColumnOf(rows, 1))};
  call->unit = FrameUnit::kRows;
  call->lower = FrameBound::kPreceding;
  call->lower_offset = MakeLiteral(Value::Int(2));
  auto node = samples::NodeOver<PhysicalWindow>({rows->columns()[1], {"w", types::Long(), true, ""}}, {rows});
  node->functions = {call};
  node->order_by = call->order_by;
  node->keep = {1};
  return {node};
}

}  // namespace

OperatorDeclaration operators::DeclareWindow() {
  return OperatorOf<PhysicalWindow>()
      .Plans(PlanKind::kWindow, PlanWindow)
      .Builds(BuildWindow)
      .Checks(CheckWindow)
      .Shows(LineOf)
      .Samples(SampleWindow);
}

}  // namespace centella
