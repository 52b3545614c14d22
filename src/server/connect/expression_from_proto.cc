// Connect's expressions to unresolved expressions.
#include <google/protobuf/repeated_ptr_field.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/depth_guard.h"
#include "plan/transform.h"
#include "server/connect/convert.h"
#include "server/connect/names.h"
#include "spark/connect/common.pb.h"
#include "spark/connect/expressions.pb.h"
#include "spark/connect/types.pb.h"
#include "sql/parser.h"

namespace centella::connect {
namespace {

using proto::Expression;

[[noreturn]] void RaiseNotSet(const std::string& message, const std::string& field) {
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
        {{"fullName", "spark.connect." + message}, {"name", field}});
}

// The registry's name of what the client calls otherwise.
std::string CanonicalFunction(const std::string& name) {
  static const std::map<std::string, std::string> kNames = {
      {"when", "case"},
      {"=", "=="},
      {"!", "not"},
      {"isNull", "isnull"},
      {"isNaN", "isnan"},
      {"**", "power"},
      {"isNotNull", "isnotnull"},
      {"startsWith", "startswith"},
      {"endsWith", "endswith"},
      {"&&", "and"},
      {"||", "or"},
  };
  const auto found = kNames.find(name);
  return found == kNames.end() ? name : found->second;
}

// A frame's offset and its side: negative is before the current row.
void SetBound(const Expression::Window::WindowFrame::FrameBoundary& boundary, bool lower, const ExprPtr& value,
              FrameBound* bound, ExprPtr* offset) {
  using Boundary = Expression::Window::WindowFrame::FrameBoundary;
  if (boundary.boundary_case() == Boundary::kCurrentRow) {
    *bound = FrameBound::kCurrentRow;
    return;
  }
  if (boundary.boundary_case() == Boundary::kUnbounded) {
    *bound = lower ? FrameBound::kUnboundedPreceding : FrameBound::kUnboundedFollowing;
    return;
  }
  const auto* literal = As<Literal>(value);
  if (Any(value, [](const ExprPtr& each) { return each->kind() == ExprKind::kUnresolvedAttribute; })) {
    *bound = FrameBound::kFollowing;  // the analyzer tells what is wrong with it, as Spark's does
    *offset = value;
    return;
  }
  if (literal == nullptr || literal->value.is_null()) RaiseUnsupported("a window frame whose bound is no literal");
  const Value& given = literal->value;
  const TypePtr& type = given.type();
  int sign = 0;
  Value magnitude;
  if (type->is_integral() || type->is_ansi_interval()) {
    if (given.integer() == std::numeric_limits<int64_t>::min()) RaiseBad("a window frame's bound is out of range");
    sign = given.integer() < 0 ? -1 : given.integer() > 0;
    magnitude = Value::Integer(type, std::abs(given.integer()));
  } else if (type->is(TypeId::kDouble) || type->is(TypeId::kFloat)) {
    sign = given.floating() < 0 ? -1 : given.floating() > 0;
    magnitude = Value::Of(type, std::abs(given.floating()));
  } else if (type->is(TypeId::kDecimal)) {
    sign = given.decimal() < 0 ? -1 : given.decimal() > 0;
    magnitude = Value::Of(type, given.decimal() < 0 ? -given.decimal() : given.decimal());
  } else {
    RaiseUnsupported("a window frame with a bound of type " + type->CatalogString());
  }
  *bound = sign < 0 ? FrameBound::kPreceding : sign > 0 ? FrameBound::kFollowing : FrameBound::kCurrentRow;
  if (sign != 0) *offset = MakeLiteral(std::move(magnitude));
}

ExprPtr LambdaVariableOf(const Expression::UnresolvedNamedLambdaVariable& variable) {
  if (variable.name_parts_size() == 0) RaiseBad("a lambda variable without a name");
  auto result = std::make_shared<LambdaVariable>();
  result->parts.assign(variable.name_parts().begin(), variable.name_parts().end());
  return result;
}

// The same node with the origin of the message, unless it has one of its own (parsed SQL).
ExprPtr WithOrigin(ExprPtr expression, const Expression& message) {
  if (expression->origin != nullptr) return expression;
  OriginPtr origin = OriginFromProto(message);
  if (origin == nullptr) return expression;
  auto copy = expression->Clone();
  copy->origin = std::move(origin);
  return copy;
}

// From this length on a chain of ANDs or ORs is balanced; shorter ones keep their shape, which shows in column names.
constexpr int kBalancedFrom = 64;

bool IsConnective(const Expression& expression) {
  if (!expression.has_unresolved_function()) return false;
  const auto& message = expression.unresolved_function();
  if (message.arguments_size() != 2 || message.is_distinct() || message.is_user_defined_function()) return false;
  const std::string canonical = CanonicalFunction(message.function_name());
  return canonical == "and" || canonical == "or";
}

// Number of the same connective down the left side, counted up to kBalancedFrom.
int SpineLength(const Expression& expression) {
  const std::string& name = expression.unresolved_function().function_name();
  int length = 0;
  for (const Expression* at = &expression; length < kBalancedFrom; ++length) {
    if (!IsConnective(*at) || at->unresolved_function().function_name() != name) break;
    at = &at->unresolved_function().arguments(0);
  }
  return length;
}

}  // namespace

OriginPtr OriginFromProto(const Expression& expression) {
  if (!expression.has_common() || !expression.common().has_origin()) return nullptr;
  const proto::Origin& origin = expression.common().origin();
  if (!origin.has_python_origin()) return nullptr;
  auto context = std::make_shared<ErrorContext>();
  context->is_dataframe = true;
  context->fragment = origin.python_origin().fragment();
  context->call_site = origin.python_origin().call_site();
  return context;
}

ExprPtr PlanConverter::FromExpression(const Expression& expression) { return ConvertExpression(expression); }

std::vector<ExprPtr> PlanConverter::ConvertAll(const google::protobuf::RepeatedPtrField<Expression>& expressions) {
  std::vector<ExprPtr> result;
  result.reserve(static_cast<size_t>(expressions.size()));
  for (const Expression& expression : expressions) result.push_back(ConvertExpression(expression));
  return result;
}

ExprPtr PlanConverter::ConvertExpression(const Expression& expression) {
  const DepthGuard guard;
  switch (expression.expr_type_case()) {
    case Expression::kLiteral: return WithOrigin(MakeLiteral(LiteralFromProto(expression.literal())), expression);
    case Expression::kUnresolvedAttribute: {
      auto attribute = std::make_shared<UnresolvedAttribute>();
      attribute->parts = SplitAttributeName(expression.unresolved_attribute().unparsed_identifier());
      if (expression.unresolved_attribute().has_plan_id()) {
        attribute->plan_id = expression.unresolved_attribute().plan_id();
      }
      attribute->is_metadata = expression.unresolved_attribute().is_metadata_column();
      attribute->origin = OriginFromProto(expression);
      return attribute;
    }
    case Expression::kUnresolvedFunction:
    case Expression::kCallFunction: return ConvertFunction(expression);
    case Expression::kExpressionString:
      return WithOrigin(ParseExpression(expression.expression_string().expression(), config_), expression);
    case Expression::kUnresolvedStar: return ConvertStar(expression);
    case Expression::kAlias: return ConvertAlias(expression.alias(), OriginFromProto(expression));
    case Expression::kCast: return ConvertCast(expression);
    case Expression::kUnresolvedRegex: {
      auto regex = std::make_shared<UnresolvedRegex>();
      regex->pattern = expression.unresolved_regex().col_name();
      if (expression.unresolved_regex().has_plan_id()) regex->plan_id = expression.unresolved_regex().plan_id();
      return regex;
    }
    case Expression::kSortOrder: return ConvertSortOrder(expression.sort_order());
    case Expression::kLambdaFunction: return ConvertLambda(expression);
    case Expression::kUnresolvedNamedLambdaVariable:
      return LambdaVariableOf(expression.unresolved_named_lambda_variable());
    case Expression::kWindow: return ConvertWindow(expression);
    case Expression::kUnresolvedExtractValue: {
      auto extract = std::make_shared<UnresolvedExtract>();
      extract->child = ConvertExpression(expression.unresolved_extract_value().child());
      extract->extraction = ConvertExpression(expression.unresolved_extract_value().extraction());
      extract->origin = OriginFromProto(expression);
      return extract;
    }
    case Expression::kUpdateFields: {
      auto update = std::make_shared<UpdateField>();
      update->child = ConvertExpression(expression.update_fields().struct_expression());
      update->field = expression.update_fields().field_name();
      if (expression.update_fields().has_value_expression()) {
        update->value = ConvertExpression(expression.update_fields().value_expression());
      }
      update->origin = OriginFromProto(expression);
      return update;
    }
    case Expression::kNamedArgumentExpression: {
      auto argument = std::make_shared<NamedArgument>();
      argument->name = expression.named_argument_expression().key();
      argument->value = ConvertExpression(expression.named_argument_expression().value());
      return argument;
    }
    case Expression::kSubqueryExpression: return ConvertSubquery(expression);
    case Expression::kCommonInlineUserDefinedFunction:
      RaiseUnsupported("the user-defined function " + expression.common_inline_user_defined_function().function_name() +
                       " (Python and Java functions)");
    case Expression::kMergeAction: RaiseUnsupported("MERGE INTO");
    case Expression::kTypedAggregateExpression: RaiseUnsupported("a typed Scala aggregate");
    case Expression::kDirectShufflePartitionId: RaiseUnsupported("repartitionById");
    case Expression::kExtension:
      Raise(Condition::CONNECT_INVALID_PLAN__NO_HANDLER_FOR_EXTENSION,
            {{"extensionTypeUrl", expression.extension().type_url()}});
    case Expression::EXPR_TYPE_NOT_SET: RaiseNotSet("Expression", "expr_type");
  }
  RaiseUnsupported("the expression kind " + std::to_string(static_cast<int>(expression.expr_type_case())));
}

ExprPtr PlanConverter::ConvertStar(const Expression& expression) {
  auto star = std::make_shared<UnresolvedStar>();
  const auto& message = expression.unresolved_star();
  if (message.has_unparsed_target()) {
    const std::string& target = message.unparsed_target();
    if (!target.ends_with(".*")) RaiseBad("the target of a star must end with '.*', but is " + target);
    star->target = SplitAttributeName(std::string_view(target).substr(0, target.size() - 2));
  }
  if (message.has_plan_id()) star->plan_id = message.plan_id();
  star->origin = OriginFromProto(expression);
  return star;
}

// a | b | c …: a chain as long as the list that a program made it from becomes a balanced tree.
ExprPtr PlanConverter::ConvertConnective(const Expression& expression) {
  const std::string& name = expression.unresolved_function().function_name();
  std::vector<const Expression*> spine;
  const Expression* at = &expression;
  for (; IsConnective(*at) && at->unresolved_function().function_name() == name;
       at = &at->unresolved_function().arguments(0)) {
    spine.push_back(at);
  }
  std::vector<ExprPtr> terms = {ConvertExpression(*at)};
  for (auto node = spine.rbegin(); node != spine.rend(); ++node) {
    terms.push_back(ConvertExpression((*node)->unresolved_function().arguments(1)));
  }
  const OriginPtr origin = OriginFromProto(expression);
  while (terms.size() > 1) {
    std::vector<ExprPtr> pairs;
    for (size_t i = 0; i + 1 < terms.size(); i += 2) {
      pairs.push_back(MakeUnresolvedFunction(CanonicalFunction(name), {terms[i], terms[i + 1]}, origin));
    }
    if (terms.size() % 2 == 1) pairs.push_back(terms.back());
    terms.swap(pairs);
  }
  return terms[0];
}

ExprPtr PlanConverter::ConvertFunction(const Expression& expression) {
  auto function = std::make_shared<UnresolvedFunction>();
  function->origin = OriginFromProto(expression);
  if (expression.has_call_function()) {
    function->name = ParseMultipartIdentifier(expression.call_function().function_name());
    function->args = ConvertAll(expression.call_function().arguments());
    return function;
  }
  const auto& message = expression.unresolved_function();
  if (IsConnective(expression) && SpineLength(expression) >= kBalancedFrom) return ConvertConnective(expression);
  function->args = ConvertAll(message.arguments());
  function->distinct = message.is_distinct();
  function->internal = message.is_internal();
  if (message.is_user_defined_function()) {
    function->name = ParseMultipartIdentifier(message.function_name());
    return function;
  }
  function->name = {CanonicalFunction(message.function_name())};
  if (message.function_name() == "!=") {
    function->name = {"=="};
    return MakeUnresolvedFunction("not", {function}, function->origin);
  }
  if (function->name[0] == "mode" && function->args.size() == 2) {
    // F.mode(column) says `deterministic = false` in as many words.
    const auto* deterministic = As<Literal>(function->args[1]);
    if (deterministic == nullptr || deterministic->value.is_null() ||
        !deterministic->value.type()->is(TypeId::kBoolean) || deterministic->value.boolean()) {
      RaiseUnsupported("mode with deterministic = true");
    }
    function->args.pop_back();
  }
  if (function->name[0] == "count" && !function->distinct && function->args.size() == 1) {
    const auto* star = As<UnresolvedStar>(function->args[0]);
    if (star != nullptr && star->target.empty()) function->args = {MakeLiteral(Value::Int(1))};
  }
  return function;
}

ExprPtr PlanConverter::ConvertAlias(const Expression::Alias& message, OriginPtr origin) {
  if (message.name_size() == 0) RaiseBad("an alias without a name");
  auto alias = std::make_shared<Alias>();
  alias->child = ConvertExpression(message.expr());
  alias->names.assign(message.name().begin(), message.name().end());
  if (message.has_metadata() && !message.metadata().empty()) {
    if (message.name_size() > 1) RaiseBad("an alias with several names has no metadata");
    alias->metadata = message.metadata() == "{}" ? "" : message.metadata();
    alias->has_metadata = true;
  }
  alias->origin = std::move(origin);
  return alias;
}

ExprPtr PlanConverter::ConvertCast(const Expression& expression) {
  const Expression::Cast& message = expression.cast();
  auto cast = std::make_shared<Cast>();
  cast->child = ConvertExpression(message.expr());
  switch (message.cast_to_type_case()) {
    case Expression::Cast::kType: cast->target = TypeFromProto(message.type()); break;
    case Expression::Cast::kTypeStr: cast->target = ParseTypeDdl(message.type_str()); break;
    case Expression::Cast::CAST_TO_TYPE_NOT_SET: RaiseNotSet("Expression.Cast", "cast_to_type");
  }
  cast->mode_given = true;
  switch (message.eval_mode()) {
    case Expression::Cast::EVAL_MODE_LEGACY: cast->mode = EvalMode::kLegacy; break;
    case Expression::Cast::EVAL_MODE_ANSI: cast->mode = EvalMode::kAnsi; break;
    case Expression::Cast::EVAL_MODE_TRY: cast->mode = EvalMode::kTry; break;
    default: cast->mode_given = false;
  }
  cast->origin = OriginFromProto(expression);
  return cast;
}

ExprPtr PlanConverter::ConvertSortOrder(const proto::Expression_SortOrder& message) {
  auto order = std::make_shared<SortOrder>();
  order->child = ConvertExpression(message.child());
  order->ascending = message.direction() != Expression::SortOrder::SORT_DIRECTION_DESCENDING;
  switch (message.null_ordering()) {
    case Expression::SortOrder::SORT_NULLS_FIRST: order->nulls_first = true; break;
    case Expression::SortOrder::SORT_NULLS_LAST: order->nulls_first = false; break;
    default: order->nulls_first = order->ascending;
  }
  return order;
}

ExprPtr PlanConverter::ConvertWindow(const Expression& expression) {
  const Expression::Window& message = expression.window();
  if (!message.has_window_function()) RaiseBad("a window without a function");
  auto window = std::make_shared<WindowExpr>();
  window->function = ConvertExpression(message.window_function());
  window->partition_by = ConvertAll(message.partition_spec());
  for (const auto& order : message.order_spec()) window->order_by.push_back(ConvertSortOrder(order));
  window->origin = OriginFromProto(expression);
  if (!message.has_frame_spec()) return window;
  const Expression::Window::WindowFrame& frame = message.frame_spec();
  switch (frame.frame_type()) {
    case Expression::Window::WindowFrame::FRAME_TYPE_ROW: window->unit = FrameUnit::kRows; break;
    case Expression::Window::WindowFrame::FRAME_TYPE_RANGE: window->unit = FrameUnit::kRange; break;
    default:
      RaiseInvalidEnum("spark.connect.Expression.Window.WindowFrame.FrameType",
                       Expression::Window::WindowFrame::FrameType_Name(frame.frame_type()), frame.frame_type());
  }
  using Boundary = Expression::Window::WindowFrame::FrameBoundary;
  const auto value_of = [&](const Boundary& boundary) -> ExprPtr {
    if (boundary.boundary_case() == Boundary::BOUNDARY_NOT_SET) RaiseBad("a window frame without a bound");
    return boundary.has_value() ? ConvertExpression(boundary.value()) : nullptr;
  };
  SetBound(frame.lower(), /*lower=*/true, value_of(frame.lower()), &window->lower, &window->lower_offset);
  SetBound(frame.upper(), /*lower=*/false, value_of(frame.upper()), &window->upper, &window->upper_offset);
  return window;
}

ExprPtr PlanConverter::ConvertLambda(const Expression& expression) {
  const Expression::LambdaFunction& message = expression.lambda_function();
  if (message.arguments_size() < 1 || message.arguments_size() > 3) {
    RaiseBad("a lambda function takes 1 to 3 arguments, not " + std::to_string(message.arguments_size()));
  }
  auto lambda = std::make_shared<Lambda>();
  for (const auto& argument : message.arguments()) lambda->parameters.push_back(LambdaVariableOf(argument));
  lambda->body = ConvertExpression(message.function());
  return lambda;
}

ExprPtr PlanConverter::ConvertSubquery(const Expression& expression) {
  const proto::SubqueryExpression& message = expression.subquery_expression();
  auto subquery = std::make_shared<Subquery>();
  switch (message.subquery_type()) {
    case proto::SubqueryExpression::SUBQUERY_TYPE_SCALAR: subquery->subquery = SubqueryKind::kScalar; break;
    case proto::SubqueryExpression::SUBQUERY_TYPE_EXISTS: subquery->subquery = SubqueryKind::kExists; break;
    case proto::SubqueryExpression::SUBQUERY_TYPE_IN: subquery->subquery = SubqueryKind::kIn; break;
    case proto::SubqueryExpression::SUBQUERY_TYPE_TABLE_ARG: RaiseUnsupported("a table argument of a function");
    default: RaiseBad("a subquery of an unknown kind");
  }
  subquery->values = ConvertAll(message.in_subquery_values());
  for (auto relations = references_.rbegin(); relations != references_.rend(); ++relations) {
    const auto found = relations->find(message.plan_id());
    if (found == relations->end()) continue;
    subquery->plan = found->second;
    subquery->origin = OriginFromProto(expression);
    return subquery;
  }
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_WITH_RELATION_REFERENCE);
}

}  // namespace centella::connect
