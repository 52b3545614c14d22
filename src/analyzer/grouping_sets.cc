// GROUPING SETS, CUBE and ROLLUP as Expand below Aggregate; grouping() and grouping_id().
#include <algorithm>
#include <set>

#include "analyzer/analysis.h"
#include "analyzer/error_sql.h"

namespace centella {

namespace {

using Sets = std::vector<std::vector<size_t>>;

constexpr size_t kMostSets = 4096;     // cube(12 columns)
constexpr size_t kMostGroupings = 63;  // bits of grouping_id

// One element of ROLLUP(a, (b, c)): several columns that come and go together.
std::vector<ExprPtr> Members(const ExprPtr& element) {
  const auto* call = As<UnresolvedFunction>(element);
  if (call == nullptr) return {element};
  std::string name = LowerCase(call->name.back());
  if (name != "struct" && name != "row" && name != "named_struct") return {element};
  return call->args;
}

Sets RollupSets(const Sets& parts) {
  Sets out;
  for (size_t count = parts.size() + 1; count-- > 0;) {
    std::vector<size_t> set;
    for (size_t i = 0; i < count; ++i) set.insert(set.end(), parts[i].begin(), parts[i].end());
    out.push_back(std::move(set));
  }
  return out;
}

Sets CubeSets(const Sets& parts, const OriginPtr& origin) {
  if (parts.size() > 12)
    RaiseAt(origin, Condition::UNSUPPORTED_FEATURE__CENTELLA, {{"feature", "CUBE of more than 12 columns"}});
  Sets out;
  for (size_t mask = 0; mask < (size_t{1} << parts.size()); ++mask) {
    std::vector<size_t> set;
    for (size_t i = 0; i < parts.size(); ++i) {
      // The first column is the highest bit, so that the full set comes first.
      if (!(mask >> (parts.size() - 1 - i) & 1)) set.insert(set.end(), parts[i].begin(), parts[i].end());
    }
    out.push_back(std::move(set));
  }
  return out;
}

Sets Product(const Sets& a, const Sets& b, const OriginPtr& origin) {
  if (a.size() * b.size() > kMostSets) {
    RaiseAt(origin, Condition::UNSUPPORTED_FEATURE__CENTELLA, {{"feature", "more than 4096 grouping sets"}});
  }
  Sets out;
  for (const auto& x : a) {
    for (const auto& y : b) {
      out.push_back(x);
      out.back().insert(out.back().end(), y.begin(), y.end());
    }
  }
  return out;
}

}  // namespace

std::optional<Analysis::GroupingSets> Analysis::FindGroupingSets(const Aggregate& node,
                                                                 const std::vector<ExprPtr>& list, const Scope& scope) {
  GroupingSets out;
  bool special = node.grouping_kind != GroupingKind::kPlain;
  auto place = [&](const ExprPtr& written) {
    ExprPtr resolved = ResolveGroupingItem(written, list, scope);
    for (size_t i = 0; i < out.grouping.size(); ++i) {
      if (SameMeaning(out.grouping[i], resolved)) return i;
    }
    out.grouping.push_back(resolved);
    return out.grouping.size() - 1;
  };
  auto parts = [&](const std::vector<ExprPtr>& elements) {
    Sets sets;
    for (const ExprPtr& element : elements) {
      std::vector<size_t> members;
      for (const ExprPtr& member : Members(element)) members.push_back(place(member));
      sets.push_back(std::move(members));
    }
    return sets;
  };
  out.sets = {{}};
  if (node.grouping_kind == GroupingKind::kRollup || node.grouping_kind == GroupingKind::kCube) {
    Sets elements = parts(node.grouping);
    out.sets = node.grouping_kind == GroupingKind::kRollup ? RollupSets(elements) : CubeSets(elements, node.origin);
  } else if (node.grouping_kind == GroupingKind::kSets) {
    // Columns listed beside the sets fix the order of grouping_id's bits.
    parts(node.grouping);
    out.sets.clear();
    for (const std::vector<ExprPtr>& set : node.grouping_sets) {
      std::vector<size_t> members;
      for (const ExprPtr& element : set) {
        for (const ExprPtr& member : Members(element)) members.push_back(place(member));
      }
      out.sets.push_back(std::move(members));
    }
  } else {
    for (const ExprPtr& element : node.grouping) {
      const auto* call = As<UnresolvedFunction>(element);
      std::string name = call == nullptr ? "" : LowerCase(call->name.back());
      Sets sets;
      if (name == "rollup") {
        sets = RollupSets(parts(call->args));
      } else if (name == "cube") {
        sets = CubeSets(parts(call->args), node.origin);
      } else if (name == "grouping sets" || name == "grouping_sets") {
        sets = parts(call->args);
      } else {
        sets = {{place(element)}};
        out.sets = Product(out.sets, sets, node.origin);
        continue;
      }
      special = true;
      out.sets = Product(out.sets, sets, node.origin);
    }
  }
  if (!special) return std::nullopt;
  if (out.grouping.size() > kMostGroupings) {
    RaiseAt(nullptr, Condition::GROUPING_SIZE_LIMIT_EXCEEDED, {{"maxSize", "64"}});
  }
  return out;
}

// One projection a grouping set: the input, the columns that the set keeps, and its bits. True when two have the same bits.
static bool AddProjections(const std::vector<ExprPtr>& grouping, const std::vector<std::vector<size_t>>& sets,
                           const std::vector<ExprPtr>& input, Expand* expand) {
  std::set<int64_t> seen;
  bool repeated = false;
  for (const std::vector<size_t>& set : sets) {
    std::vector<ExprPtr> projection = input;
    int64_t bits = 0;
    for (size_t i = 0; i < grouping.size(); ++i) {
      bool kept = std::find(set.begin(), set.end(), i) != set.end();
      bits = bits << 1 | (kept ? 0 : 1);
      projection.push_back(kept ? grouping[i] : MakeLiteral(Value::Null(grouping[i]->type)));
    }
    projection.push_back(MakeLiteral(Value::Long(bits)));
    repeated |= !seen.insert(bits).second;
    expand->projections.push_back(std::move(projection));
  }
  return repeated;
}

Relation Analysis::BuildGroupingSets(const Relation& child, const GroupingSets& sets, std::vector<SelectItem> items,
                                     const LogicalPlan& source) {
  auto expand = std::make_shared<Expand>();
  std::vector<ExprPtr> all = sets.grouping;
  for (const SelectItem& item : items) all.push_back(item.expression);
  expand->child = ExposeUsed(child, all, nullptr);
  std::vector<ExprPtr> input = OutputOf(expand->child);
  expand->output = input;
  std::vector<ExprPtr> grouped;
  for (const ExprPtr& expression : sets.grouping) {
    const auto* attribute = As<Attribute>(expression);
    std::string name = attribute != nullptr ? attribute->name : ColumnNameOf(expression);
    grouped.push_back(MakeAttribute(name, expression->type, true, NextExprId(),
                                    attribute != nullptr ? attribute->qualifier : std::vector<std::string>{}));
    expand->output.push_back(grouped.back());
  }
  ExprPtr id = MakeAttribute("spark_grouping_id", types::Long(), false, NextExprId());
  expand->output.push_back(id);
  const bool repeated = AddProjections(sets.grouping, sets.sets, input, expand.get());
  std::vector<ExprPtr> grouping = grouped;
  grouping.push_back(id);
  if (repeated) {
    // Sets given twice are groups of their own.
    ExprPtr position = MakeAttribute("_gen_grouping_pos", types::Long(), false, NextExprId());
    expand->output.push_back(position);
    for (size_t i = 0; i < expand->projections.size(); ++i) {
      expand->projections[i].push_back(MakeLiteral(Value::Long(static_cast<int64_t>(i))));
    }
    grouping.push_back(position);
  }
  // Grouping expressions mean the expanded columns, but not inside aggregate functions.
  std::function<ExprPtr(const ExprPtr&, bool)> replace = [&](const ExprPtr& e, bool over) -> ExprPtr {
    if (e->kind() == ExprKind::kAggregate && !over) return e;
    if (const auto* call = As<Call>(e);
        call != nullptr && (call->function == "grouping" || call->function == "grouping_id")) {
      return GroupingBits(*call, sets.grouping, id);
    }
    for (size_t i = 0; i < sets.grouping.size(); ++i) {
      if (SameMeaning(e, sets.grouping[i])) return grouped[i];
    }
    if (const auto* window = As<WindowExpr>(e)) {
      auto copy = std::make_shared<WindowExpr>(*window);
      copy->function = replace(window->function, true);
      for (ExprPtr& x : copy->partition_by) x = replace(x, false);
      for (ExprPtr& x : copy->order_by) x = replace(x, false);
      return copy;
    }
    ExprPtr mapped = MapChildren(e, [&](const ExprPtr& x) { return replace(x, false); });
    if (mapped == e) return e;
    // Nullability follows the children: the expanded columns may be null.
    auto copy = mapped->Clone();
    copy->nullable =
        e->nullable || Any(mapped, [&](const ExprPtr& x) { return x->kind() == ExprKind::kAttribute && x->nullable; });
    return copy;
  };
  for (SelectItem& item : items) {
    ExprPtr before = item.expression;
    item.expression = replace(item.expression, false);
    // GROUP BY columns keep their name though they are new columns.
    if (item.expression->kind() != ExprKind::kAlias && item.expression->kind() != ExprKind::kAttribute) {
      item.expression = Named(item.expression, before);
    }
  }
  Relation expanded = Above(expand, source, {&child});
  Relation out = BuildAggregate(expanded, grouping, std::move(items), source);
  auto info = std::make_shared<AggregateInfo>(*out.aggregate);
  info->written.clear();
  for (size_t i = 0; i < sets.grouping.size(); ++i) info->written.emplace_back(sets.grouping[i], grouped[i]);
  info->grouping_id = id;
  // HAVING and ORDER BY name the columns below, not the expanded copies.
  out.below = std::make_shared<Relation>(child);
  info->grouping_sets = sets.grouping;
  out.aggregate = std::move(info);
  return out;
}

ExprPtr Analysis::GroupingBits(const Call& call, const std::vector<ExprPtr>& grouping, const ExprPtr& id) {
  auto names = [](const std::vector<ExprPtr>& columns) {
    std::string out;
    for (const ExprPtr& column : columns) out += (out.empty() ? "" : ",") + SqlWithIds(column);
    return out;
  };
  std::vector<ExprPtr> args;
  for (const ExprPtr& arg : call.args) args.push_back(arg);
  if (call.function == "grouping_id") {
    bool all = args.empty() || args.size() == grouping.size();
    for (size_t i = 0; all && i < args.size(); ++i) all = SameMeaning(args[i], grouping[i]);
    if (all) return id;
    RaiseAt(nullptr, Condition::GROUPING_ID_COLUMN_MISMATCH,
            {{"groupingIdColumn", names(args)}, {"groupByColumns", names(grouping)}});
  }
  for (size_t i = 0; i < grouping.size() && args.size() == 1; ++i) {
    if (!SameMeaning(args[0], grouping[i])) continue;
    ExprPtr shift = MakeLiteral(Value::Int(static_cast<int32_t>(grouping.size() - 1 - i)));
    ExprPtr shifted = KnownCall("shiftright", {id, shift}, types::Long(), false, call.origin);
    ExprPtr bit = KnownCall("&", {shifted, MakeLiteral(Value::Long(1))}, types::Long(), false, call.origin);
    return Coerce(bit, types::Byte());
  }
  RaiseAt(nullptr, Condition::GROUPING_COLUMN_MISMATCH,
          {{"grouping", names(args)}, {"groupingColumns", names(grouping)}});
}

}  // namespace centella
