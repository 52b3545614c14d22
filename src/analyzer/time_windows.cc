// window(time, duration [, slide [, start]]) in a select list or GROUP BY: the windows become a column named "window" of
// the node's child, and each call a reference to it. Instants that are NULL lie in no window.
#include "analyzer/analysis.h"
#include "types/text.h"

namespace centella {

namespace {

const UnresolvedFunction* AsWindow(const ExprPtr& expression, const char* name) {
  const auto* call = As<UnresolvedFunction>(expression);
  if (call == nullptr || call->name.size() != 1 || call->args.size() < 2) return nullptr;
  return LowerCase(call->name[0]) == name ? call : nullptr;
}

// Microseconds of a duration's argument: "5 minutes", an interval, or a number of microseconds.
int64_t DurationOf(const ExprPtr& arg, const OriginPtr& origin) {
  const auto* literal = As<Literal>(arg);
  if (literal == nullptr || literal->value.is_null())
    RaiseUnsupported("window() with a duration that isn't a constant");
  const Value& value = literal->value;
  if (value.type()->is_integral() || value.type()->is(TypeId::kDayTimeInterval)) return value.integer();
  if (!value.type()->is_string()) RaiseUnsupported("window() with a duration of the type " + value.type()->ToSql());
  CalendarIntervalValue interval;
  if (!ParseCalendarInterval(value.string(), &interval)) {
    RaiseAt(origin, Condition::CANNOT_PARSE_INTERVAL, {{"intervalString", "'" + value.string() + "'"}});
  }
  if (interval.months != 0) RaiseAt(nullptr, Condition::_LEGACY_ERROR_TEMP_3231, {{"interval", value.string()}});
  int64_t micros = 0;
  if (__builtin_mul_overflow(int64_t{interval.days}, int64_t{86400000000}, &micros) ||
      __builtin_add_overflow(micros, interval.micros, &micros)) {
    RaiseAt(origin, Condition::CANNOT_PARSE_INTERVAL, {{"intervalString", "'" + value.string() + "'"}});
  }
  return micros;
}

struct Durations {
  int64_t duration = 0, slide = 0, start = 0;
};

void CheckDurations(const UnresolvedFunction& call, const Durations& given) {
  auto text = [](int64_t value) { return std::to_string(value) + "L"; };
  const std::string sql = "\"window(" + ExpressionSql(call.args[0]) + ", " + std::to_string(given.duration) + ", " +
                          std::to_string(given.slide) + ", " + std::to_string(given.start) + ")\"";
  auto positive = [&](const char* name, int64_t value) {
    if (value > 0) return;
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE,
            {{"exprName", name},
             {"valueRange", "(0, 9223372036854775807]"},
             {"currentValue", text(value)},
             {"sqlExpr", sql}});
  };
  auto constraint = [&](bool good, const char* left, int64_t a, const char* sign, const char* right, int64_t b) {
    if (good) return;
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__PARAMETER_CONSTRAINT_VIOLATION,
            {{"leftExprName", left},
             {"leftExprValue", text(a)},
             {"constraint", sign},
             {"rightExprName", right},
             {"rightExprValue", text(b)},
             {"sqlExpr", sql}});
  };
  positive("`window_duration`", given.duration);
  positive("`slide_duration`", given.slide);
  constraint(given.slide <= given.duration, "`slide_duration`", given.slide, "<=", "`window_duration`", given.duration);
  const int64_t start = given.start < 0 ? -given.start : given.start;
  constraint(start < given.slide, "`abs(start_time)`", start, "<", "`slide_duration`", given.slide);
}

ExprPtr Function(const char* name, std::vector<ExprPtr> args, const OriginPtr& origin) {
  auto call = std::make_shared<UnresolvedFunction>();
  call->name = {name};
  call->args = std::move(args);
  call->origin = origin;
  call->internal = true;
  return call;
}

// The child with the column "window".
PlanPtr WithWindows(const PlanPtr& child, const UnresolvedFunction& call) {
  Durations given;
  given.duration = DurationOf(call.args[1], call.origin);
  given.slide = call.args.size() > 2 ? DurationOf(call.args[2], call.origin) : given.duration;
  given.start = call.args.size() > 3 ? DurationOf(call.args[3], call.origin) : 0;
  CheckDurations(call, given);
  auto filter = std::make_shared<Filter>();
  filter->condition = Function("isnotnull", {call.args[0]}, call.origin);
  filter->child = child;
  const bool overlap = given.slide < given.duration;
  ExprPtr windows = Function(overlap ? "time_windows" : "time_window",
                             {call.args[0], MakeLiteral(Value::Long(given.duration)),
                              MakeLiteral(Value::Long(given.slide)), MakeLiteral(Value::Long(given.start))},
                             call.origin);
  auto star = std::make_shared<UnresolvedStar>();
  PlanPtr below = filter;
  if (overlap) {
    auto exploded = std::make_shared<Alias>();
    exploded->child = Function("explode", {windows}, call.origin);
    exploded->names = {"window"};
    auto project = std::make_shared<Project>();
    project->expressions = {std::make_shared<UnresolvedStar>(), exploded};
    project->child = filter;
    below = project;
    auto name = std::make_shared<UnresolvedAttribute>();
    name->parts = {"window"};
    windows = name;
    star->except = {{"window"}};
  }
  auto alias = std::make_shared<Alias>();
  alias->child = windows;
  alias->names = {"window"};
  alias->metadata = "{\"spark.timeWindow\":true}";
  alias->has_metadata = true;
  auto project = std::make_shared<Project>();
  project->expressions = {star, alias};
  project->child = below;
  return project;
}

}  // namespace

PlanPtr Analysis::ExtractTimeWindows(const PlanPtr& plan) {
  const UnresolvedFunction* found = nullptr;
  auto look = [&](const ExprPtr& expression) {
    Walk(expression, [&](const ExprPtr& e) {
      if (AsWindow(e, "session_window") != nullptr) RaiseUnsupported("session_window()");
      const UnresolvedFunction* window = AsWindow(e, "window");
      if (window == nullptr) return true;
      if (found != nullptr && !SameExpression(std::make_shared<UnresolvedFunction>(*window),
                                              std::make_shared<UnresolvedFunction>(*found))) {
        RaiseUnsupported("several different windows of time in one query");
      }
      if (found == nullptr) found = window;
      return false;
    });
  };
  for (const ExprPtr& expression : ExpressionsOf(*plan)) look(expression);
  if (found == nullptr) return plan;
  auto replace = [](const ExprPtr& expression) {
    return TransformDown(expression, [](const ExprPtr& e) -> ExprPtr {
      if (AsWindow(e, "window") == nullptr) return e;
      auto name = std::make_shared<UnresolvedAttribute>();
      name->parts = {"window"};
      name->origin = e->origin;
      return name;
    });
  };
  auto replace_all = [&](std::vector<ExprPtr>& list) {
    for (ExprPtr& e : list) e = replace(e);
  };
  if (const auto* aggregate = As<Aggregate>(plan)) {
    auto copy = std::make_shared<Aggregate>(*aggregate);
    replace_all(copy->grouping);
    replace_all(copy->aggregates);
    for (auto& set : copy->grouping_sets) replace_all(set);
    copy->child = WithWindows(aggregate->child, *found);
    return copy;
  }
  const auto& project = To<Project>(plan);
  auto copy = std::make_shared<Project>(project);
  replace_all(copy->expressions);
  copy->child = WithWindows(project.child, *found);
  return copy;
}

}  // namespace centella
