// OVER: named windows, frames and their checks, and the Window nodes that compute them.
#include <algorithm>

#include "analyzer/analysis.h"
#include "analyzer/error_sql.h"
#include "expression/evaluator.h"

namespace centella {

PlanPtr Analysis::ReplaceWindowNames(const WithWindowDefinition& node) {
  auto replace = [&](const ExprPtr& e) -> ExprPtr {
    const auto* window = As<WindowExpr>(e);
    if (window == nullptr || window->window_name.empty()) return e;
    for (size_t i = 0; i < node.names.size(); ++i) {
      if (!SameName(node.names[i], window->window_name)) continue;
      const auto& definition = To<WindowExpr>(node.windows[i]);
      if (!definition.window_name.empty()) {
        // A name for another name: resolved by the definitions before it.
        auto chain = std::make_shared<WindowExpr>(*window);
        chain->window_name = definition.window_name;
        for (size_t j = 0; j < i; ++j) {
          if (!SameName(node.names[j], definition.window_name)) continue;
          auto copy = std::make_shared<WindowExpr>(To<WindowExpr>(node.windows[j]));
          copy->function = window->function;
          copy->ignore_nulls = window->ignore_nulls;
          return copy;
        }
        return chain;
      }
      auto copy = std::make_shared<WindowExpr>(definition);
      copy->function = window->function;
      copy->ignore_nulls = window->ignore_nulls;
      copy->origin = window->origin;
      return copy;
    }
    return e;
  };
  // The clause belongs to this select: its list, and the sorts and filters between it and the definition.
  std::function<PlanPtr(const PlanPtr&)> rewrite = [&](const PlanPtr& plan) -> PlanPtr {
    PlanPtr out = MapExpressions(plan, [&](const ExprPtr& e) { return TransformUp(e, replace); });
    bool passes = plan->kind() == PlanKind::kSort || plan->kind() == PlanKind::kFilter ||
                  plan->kind() == PlanKind::kDistinct || plan->kind() == PlanKind::kHint ||
                  plan->kind() == PlanKind::kLimit;
    return passes ? MapChildren(out, rewrite) : out;
  };
  return rewrite(node.child);
}

// ntile(n) with a constant n.
static void CheckBuckets(const Call& call, const ExprPtr& function, const OriginPtr& origin) {
  if (call.function != "ntile" || call.args.empty()) return;
  const auto* buckets = As<Literal>(call.args[0]);
  if (buckets == nullptr || buckets->value.is_null() || buckets->value.integer() > 0) return;
  RaiseAt(origin, Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE,
          {{"exprName", "buckets"},
           {"valueRange", "(0, 2147483647]"},
           {"currentValue", std::to_string(buckets->value.integer())},
           {"sqlExpr", QuoteSql(function)}});
}

ExprPtr Analysis::ResolveWindow(const WindowExpr& window, const Scope& scope) {
  if (window.type != nullptr) return std::make_shared<WindowExpr>(window);
  if (!window.window_name.empty()) {
    RaiseAt(nullptr, Condition::MISSING_WINDOW_SPECIFICATION,
            {{"windowName", window.window_name}, {"docroot", "https://spark.apache.org/docs/latest"}});
  }
  auto copy = std::make_shared<WindowExpr>(window);
  ExprPtr function = window.function;
  if (const auto* call = As<UnresolvedFunction>(function); call != nullptr && window.ignore_nulls) {
    auto with_nulls = std::make_shared<UnresolvedFunction>(*call);
    with_nulls->ignore_nulls = true;
    function = with_nulls;
  }
  window_function_ = true;
  copy->function = ResolveExpression(function, scope);
  window_function_ = false;
  const auto* aggregate = As<AggregateCall>(copy->function);
  const auto* call = As<Call>(copy->function);
  const FunctionDecl* decl = call == nullptr ? nullptr : registry_.Find(call->function);
  if (aggregate == nullptr && (decl == nullptr || decl->kind != FunctionKind::kWindow)) {
    RaiseAt(window.origin, Condition::UNSUPPORTED_EXPR_FOR_WINDOW, {{"sqlExpr", QuoteSql(copy->function)}});
  }
  if (aggregate != nullptr && aggregate->distinct) {
    RaiseAt(window.origin, Condition::DISTINCT_WINDOW_FUNCTION_UNSUPPORTED, {{"windowExpr", QuoteSql(copy)}});
  }
  for (ExprPtr& e : copy->partition_by) {
    e = ResolveExpression(e, scope);
    if (const auto* alias = As<Alias>(e)) e = alias->child;
  }
  for (ExprPtr& e : copy->order_by) e = ResolveOrder(e, scope);
  auto nested = [](const ExprPtr& e) { return ContainsWindow(e); };
  std::vector<ExprPtr> inside = ChildrenOf(*copy->function);
  if (std::any_of(inside.begin(), inside.end(), nested)) {
    // sum(rank() OVER …) OVER …: the inner one is computed first, in a Window below.
  }
  if (copy->lower_offset != nullptr) copy->lower_offset = ResolveExpression(copy->lower_offset, scope);
  if (copy->upper_offset != nullptr) copy->upper_offset = ResolveExpression(copy->upper_offset, scope);
  copy->type = copy->function->type;
  copy->nullable = copy->function->nullable;
  if (call != nullptr) CheckBuckets(*call, copy->function, window.origin);
  if (decl != nullptr) {
    copy->ignore_nulls = window.ignore_nulls;
    bool ranking = !decl->window_requirement.empty();
    if (copy->order_by.empty() && ranking) {
      RaiseAt(nullptr, Condition::WINDOW_FUNCTION_FRAME_NOT_ORDERED,
              {{"wf_name", call->function}, {"wf_expr", ExpressionSql(copy->function)}});
    }
    static const char* const kFramed[] = {"first_value", "last_value", "nth_value", "first", "last", "any_value"};
    bool framed =
        std::any_of(std::begin(kFramed), std::end(kFramed), [&](const char* name) { return call->function == name; });
    if (!framed) {
      // These look at the partition, not at a frame: what the user may write is only what they have anyway.
      bool own = copy->unit == FrameUnit::kDefault ||
                 (copy->unit == FrameUnit::kRows && copy->lower == FrameBound::kUnboundedPreceding &&
                  copy->upper == FrameBound::kCurrentRow);
      if (!own) RaiseAt(nullptr, Condition::_LEGACY_ERROR_TEMP_1035, {{"prettyName", call->function}});
      copy->unit = FrameUnit::kRows;
      copy->lower = FrameBound::kUnboundedPreceding;
      copy->upper = FrameBound::kCurrentRow;
      copy->lower_offset = copy->upper_offset = nullptr;
      return copy;
    }
  }
  if (copy->unit == FrameUnit::kDefault) {
    bool ordered = !copy->order_by.empty();
    copy->unit = ordered ? FrameUnit::kRange : FrameUnit::kRows;
    copy->lower = FrameBound::kUnboundedPreceding;
    copy->upper = ordered ? FrameBound::kCurrentRow : FrameBound::kUnboundedFollowing;
  } else {
    CheckFrame(copy.get());
  }
  return copy;
}

namespace {

// A bound's place on the line of rows, to compare the two bounds of a frame.
std::optional<double> PlaceOf(FrameBound bound, const ExprPtr& offset, const QueryContextPtr& context) {
  switch (bound) {
    case FrameBound::kUnboundedPreceding: return -1e300;
    case FrameBound::kUnboundedFollowing: return 1e300;
    case FrameBound::kCurrentRow: return 0;
    default: break;
  }
  Value value = EvaluateConstant(offset, context);
  if (value.is_null() || !value.type()->is_integral()) return std::nullopt;
  double distance = static_cast<double>(value.integer());
  return bound == FrameBound::kPreceding ? -distance : distance;
}

}  // namespace

// As Spark prints the bound that it found fault with: "1 PRECEDING" is "(- 1) FOLLOWING".
static std::string NegatedPreceding(std::string sql) {
  for (size_t at = sql.find(" PRECEDING"); at != std::string::npos; at = sql.find(" PRECEDING", at)) {
    size_t start = sql.rfind(' ', at - 1) + 1;
    if (sql.compare(start, at - start, "UNBOUNDED") == 0) {
      at += 10;
      continue;
    }
    sql = sql.substr(0, start) + "(- " + sql.substr(start, at - start) + ") FOLLOWING" + sql.substr(at + 10);
  }
  return sql;
}

// Of "sum(v) OVER (…)" the parenthesis.
static OriginPtr SpecificationOrigin(const OriginPtr& origin) {
  if (origin == nullptr || origin->is_dataframe) return origin;
  const std::string lower = LowerCase(origin->fragment);
  size_t over = lower.rfind("over");
  size_t open = over == std::string::npos ? over : lower.find('(', over);
  if (open == std::string::npos) return origin;
  auto copy = std::make_shared<ErrorContext>(*origin);
  copy->fragment = origin->fragment.substr(open);
  copy->start_index = origin->start_index + static_cast<int>(open);
  return copy;
}

// Two bounds by values must have one type.
static void CheckBoundsAlike(const WindowExpr& window, const OriginPtr& place, const std::string& frame_sql) {
  if (window.lower_offset == nullptr || window.upper_offset == nullptr) return;
  if (SameTypeIgnoringNullability(*window.lower_offset->type, *window.upper_offset->type)) return;
  auto bound_sql = [](FrameBound bound, const ExprPtr& offset) {
    return bound == FrameBound::kPreceding ? "\"(- " + ExpressionSql(offset) + ")\"" : QuoteSql(offset);
  };
  RaiseAt(place, Condition::DATATYPE_MISMATCH__SPECIFIED_WINDOW_FRAME_DIFF_TYPES,
          {{"lower", bound_sql(window.lower, window.lower_offset)},
           {"upper", bound_sql(window.upper, window.upper_offset)},
           {"lowerType", QuoteType(window.lower_offset->type)},
           {"upperType", QuoteType(window.upper_offset->type)},
           {"sqlExpr", frame_sql}});
}

void Analysis::CheckFrame(WindowExpr* window) {
  const OriginPtr place = SpecificationOrigin(window->origin);
  const std::string whole = ExpressionSql(std::make_shared<WindowExpr>(*window));
  // "ROWS BETWEEN … AND …", and the parenthesis after OVER.
  auto frame_sql = [&] {
    size_t begin = whole.rfind(window->unit == FrameUnit::kRows ? "ROWS BETWEEN " : "RANGE BETWEEN ");
    return "\"" + whole.substr(begin, whole.size() - begin - 1) + "\"";
  };
  auto specification_sql = [&] { return "\"" + whole.substr(whole.rfind(" OVER (") + 6) + "\""; };
  bool lower_offset = window->lower_offset != nullptr, upper_offset = window->upper_offset != nullptr;
  if (window->lower == FrameBound::kUnboundedFollowing) {
    RaiseAt(place, Condition::DATATYPE_MISMATCH__SPECIFIED_WINDOW_FRAME_INVALID_BOUND,
            {{"upper", "\"CURRENT ROW\""}, {"lower", "\"UNBOUNDED FOLLOWING\""}, {"sqlExpr", frame_sql()}});
  }
  for (const auto& [offset, location] : {std::pair{&window->lower_offset, "lower"}, {&window->upper_offset, "upper"}}) {
    if (*offset == nullptr) continue;
    std::vector<ExprPtr> columns;
    CollectAttributes(*offset, &columns);
    if (!columns.empty()) {
      RaiseAt(place, Condition::DATATYPE_MISMATCH__SPECIFIED_WINDOW_FRAME_WITHOUT_FOLDABLE,
              {{"location", location}, {"expression", QuoteSql(*offset)}, {"sqlExpr", frame_sql()}});
    }
    if (window->unit == FrameUnit::kRows) {
      if (!(*offset)->type->is_integral()) {
        RaiseAt(place, Condition::DATATYPE_MISMATCH__SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE,
                {{"location", location},
                 {"exprType", QuoteType((*offset)->type)},
                 {"expectedType", "\"INT\""},
                 {"sqlExpr", frame_sql()}});
      }
      *offset = Coerce(*offset, types::Int());
    }
  }
  if (window->unit == FrameUnit::kRange && (lower_offset || upper_offset)) {
    if (window->order_by.empty()) {
      RaiseAt(place, Condition::DATATYPE_MISMATCH__RANGE_FRAME_WITHOUT_ORDER, {{"sqlExpr", specification_sql()}});
    }
    if (window->order_by.size() > 1) {
      std::string orders;
      for (const ExprPtr& order : window->order_by) orders += (orders.empty() ? "" : ",") + SqlWithIds(order);
      RaiseAt(place, Condition::DATATYPE_MISMATCH__RANGE_FRAME_MULTI_ORDER,
              {{"orderSpec", orders}, {"sqlExpr", specification_sql()}});
    }
    const TypePtr& type = window->order_by[0]->type;
    for (const auto& [offset, location] :
         {std::pair{&window->lower_offset, "lower"}, {&window->upper_offset, "upper"}}) {
      if (*offset == nullptr) continue;
      const DataType& step = *(*offset)->type;
      bool days = step.is(TypeId::kDayTimeInterval) && step.end_field() == 0;
      bool ok = type->is_numeric()        ? step.is_numeric()
                : type->is(TypeId::kDate) ? days || step.is(TypeId::kYearMonthInterval) || step.is(TypeId::kInt)
                : type->is_datetime()     ? step.is_interval()
                                          : false;
      if (!ok) {
        if (!type->is_numeric() && !type->is_datetime()) {
          RaiseAt(place, Condition::DATATYPE_MISMATCH__SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE,
                  {{"location", location},
                   {"exprType", QuoteType(type)},
                   {"expectedType",
                    "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")"},
                   {"sqlExpr", NegatedPreceding(frame_sql())}});
        }
        RaiseAt(place, Condition::DATATYPE_MISMATCH__RANGE_FRAME_INVALID_TYPE,
                {{"orderSpecType", QuoteType(type)},
                 {"valueBoundaryType", QuoteType((*offset)->type)},
                 {"sqlExpr", specification_sql()}});
      }
      if (type->is_numeric()) *offset = Coerce(*offset, type);
    }
  }
  CheckBoundsAlike(*window, place, frame_sql());
  std::optional<double> low = PlaceOf(window->lower, window->lower_offset, environment_.context());
  std::optional<double> high = PlaceOf(window->upper, window->upper_offset, environment_.context());
  if (low.has_value() && high.has_value() && *low > *high) {
    RaiseAt(place, Condition::DATATYPE_MISMATCH__SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON,
            {{"comparison", "less than or equal"}, {"sqlExpr", frame_sql()}});
  }
}

PlanPtr Analysis::ExtractWindows(PlanPtr child, std::vector<ExprPtr>* list) {
  struct Group {
    std::vector<ExprPtr> partition_by, order_by;
    std::vector<ExprPtr> aliases;
    int level = 0;
  };
  std::vector<Group> groups;
  auto same_list = [](const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!SameMeaning(a[i], b[i])) return false;
    }
    return true;
  };
  // Inner window functions first: their level is lower, their Window node deeper.
  std::function<ExprPtr(const ExprPtr&, int*)> extract = [&](const ExprPtr& e, int* level) -> ExprPtr {
    int below = 0;
    ExprPtr mapped = MapChildren(e, [&](const ExprPtr& x) { return extract(x, &below); });
    *level = std::max(*level, below);
    const auto* window = As<WindowExpr>(mapped);
    if (window == nullptr) return mapped;
    for (const Group& group : groups) {
      for (const ExprPtr& alias : group.aliases) {
        if (!SameMeaning(To<Alias>(alias).child, mapped)) continue;
        *level = std::max(*level, group.level + 1);
        return ToAttribute(alias);
      }
    }
    Group* home = nullptr;
    for (Group& group : groups) {
      if (group.level == below && same_list(group.partition_by, window->partition_by) &&
          same_list(group.order_by, window->order_by)) {
        home = &group;
      }
    }
    if (home == nullptr) {
      groups.push_back({window->partition_by, window->order_by, {}, below});
      home = &groups.back();
    }
    ExprPtr alias = MakeAlias(mapped, "_we" + std::to_string(home->aliases.size()));
    home->aliases.push_back(alias);
    *level = std::max(*level, below + 1);
    return ToAttribute(alias);
  };
  for (ExprPtr& item : *list) {
    int level = 0;
    item = extract(item, &level);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.level < b.level; });
  for (Group& group : groups) {
    auto window = std::make_shared<Window>();
    window->expressions = std::move(group.aliases);
    window->partition_by = std::move(group.partition_by);
    window->order_by = std::move(group.order_by);
    window->child = std::move(child);
    child = std::move(window);
  }
  return child;
}

}  // namespace centella
