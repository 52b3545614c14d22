// Joins: conditions, USING and NATURAL, lateral joins, and fresh ids for the second instance of a self join.
#include <algorithm>
#include <unordered_set>

#include "analyzer/analysis.h"

namespace centella {

ExprPtr RenameIds(const ExprPtr& expression, const IdMap& ids) {
  return TransformUp(expression, [&](const ExprPtr& e) -> ExprPtr {
    if (const auto* attribute = As<Attribute>(e)) {
      auto found = ids.find(attribute->id);
      if (found == ids.end()) return e;
      auto copy = std::make_shared<Attribute>(*attribute);
      copy->id = found->second;
      return copy;
    }
    if (const auto* alias = As<Alias>(e)) {
      auto found = ids.find(alias->id);
      if (found == ids.end()) return e;
      auto copy = std::make_shared<Alias>(*alias);
      copy->id = found->second;
      return copy;
    }
    return e;
  });
}

PlanPtr RenameIds(const PlanPtr& plan, const IdMap& ids) {
  return TransformExpressionsUp(
      plan,
      [&](const ExprPtr& e) -> ExprPtr {
        return e->kind() == ExprKind::kAttribute || e->kind() == ExprKind::kAlias ? RenameIds(e, ids) : e;
      },
      /*into_subqueries=*/true);
}

namespace {

// Every id that the plan itself gives out.
void CollectDefined(const PlanPtr& plan, IdMap* ids) {
  Walk(plan, [&](const PlanPtr& node) {
    auto define = [&](const std::vector<ExprPtr>& columns) {
      for (const ExprPtr& column : columns) ids->emplace(To<Attribute>(column).id, 0);
    };
    switch (node->kind()) {
      case PlanKind::kLocalRelation: define(To<LocalRelation>(node).output); break;
      case PlanKind::kRange: define(To<Range>(node).output); break;
      case PlanKind::kScan: define(To<ScanPlan>(node).output); break;
      case PlanKind::kCached: define(To<Cached>(node).output); break;
      case PlanKind::kUnion: define(To<Union>(node).output); break;
      case PlanKind::kExpand: define(To<Expand>(node).output); break;
      case PlanKind::kGenerate: define(To<Generate>(node).generator_output); break;
      case PlanKind::kCteRef: define(To<CteRef>(node).output); break;
      default: break;
    }
    for (const ExprPtr& expression : ExpressionsOf(*node)) {
      Walk(expression, [&](const ExprPtr& e) {
        if (const auto* alias = As<Alias>(e)) ids->emplace(alias->id, 0);
        if (const auto* subquery = As<Subquery>(e); subquery != nullptr && subquery->plan != nullptr) {
          CollectDefined(subquery->plan, ids);
        }
        return true;
      });
    }
    return true;
  });
}

std::vector<ExprPtr> WithQualifier(const std::vector<ExprPtr>& columns, const IdMap& ids) {
  std::vector<ExprPtr> out;
  for (const ExprPtr& column : columns) out.push_back(RenameIds(column, ids));
  return out;
}

}  // namespace

Relation Analysis::Reinstantiate(const Relation& relation) {
  auto ids = std::make_shared<IdMap>();
  CollectDefined(relation.plan, ids.get());
  for (auto& [from, to] : *ids) to = NextExprId();
  Relation out;
  out.plan = RenameIds(relation.plan, *ids);
  out.output = std::make_shared<Output>(WithQualifier(relation.output->columns(), *ids));
  out.hidden = WithQualifier(relation.hidden, *ids);
  if (relation.frame != nullptr) {
    // DataFrame columns are found in the old tree and renamed on the way up.
    auto frame = std::make_shared<RelationFrame>();
    frame->output = relation.frame->output;
    frame->hidden = relation.frame->hidden;
    frame->children = {relation.frame};
    frame->renamed = ids;
    auto top = std::make_shared<RelationFrame>();
    top->output = out.output;
    top->hidden = out.hidden;
    top->children = {frame};
    out.frame = top;
  }
  return out;
}

std::pair<Relation, Relation> Analysis::JoinSides(const PlanPtr& left_plan, const PlanPtr& right_plan, bool lateral,
                                                  const Scope* outer) {
  Relation left = Resolve(left_plan, outer);
  Scope left_scope;
  left_scope.input = &left;
  left_scope.outer = outer;
  Relation right = Resolve(right_plan, lateral ? &left_scope : outer);
  bool collide =
      std::any_of(right.output->columns().begin(), right.output->columns().end(),
                  [&](const ExprPtr& column) { return left.output->IndexOf(To<Attribute>(column).id) >= 0; });
  if (collide) right = Reinstantiate(right);
  return {std::move(left), std::move(right)};
}

Relation Analysis::ResolveJoin(const Join& node, const Scope* outer) {
  auto [left, right] = JoinSides(node.left, node.right, node.lateral, outer);
  auto join = std::make_shared<Join>(node);
  join->left = left.plan;
  join->right = right.plan;
  // The condition sees both sides, whatever the join puts out.
  Relation both;
  std::vector<ExprPtr> columns = left.output->columns();
  columns.insert(columns.end(), right.output->columns().begin(), right.output->columns().end());
  both.output = std::make_shared<Output>(columns);
  both.hidden = left.hidden;
  both.hidden.insert(both.hidden.end(), right.hidden.begin(), right.hidden.end());
  auto frame = std::make_shared<RelationFrame>();
  frame->output = both.output;
  frame->hidden = both.hidden;
  for (const Relation* side : {&left, &right}) {
    if (side->frame != nullptr) frame->children.push_back(side->frame);
  }
  both.frame = frame;
  if (node.condition != nullptr) {
    Scope scope;
    scope.input = &both;
    scope.outer = outer;
    ExprPtr condition = ResolveExpression(node.condition, scope);
    CheckNoAggregates(condition, "JOIN", node);
    if (!condition->type->is(TypeId::kBoolean) && !condition->type->is(TypeId::kNull)) {
      RaiseAt(node.origin, Condition::JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE,
              {{"joinCondition", QuoteSql(condition)}, {"conditionType", QuoteType(condition->type)}});
    }
    join->condition = Coerce(condition, types::Boolean());
    std::vector<ExprPtr> used;
    CollectAttributes(condition, &used);
    for (const ExprPtr& attribute : used) {
      if (both.output->IndexOf(To<Attribute>(attribute).id) >= 0) continue;
      if (PlanPtr exposed = Expose(join->left, {attribute})) {
        join->left = exposed;
      } else if (PlanPtr other = Expose(join->right, {attribute})) {
        join->right = other;
      }
    }
  }
  // LATERAL with a generator over a row of constants is a Generate over the left side.
  Relation out = Above(join, node, {&left, &right});
  out.hidden = both.hidden;
  bool semi = node.type == JoinType::kLeftSemi || node.type == JoinType::kLeftAnti;
  if (semi) out.hidden = left.hidden;
  if (out.output->size() > (semi ? left.output->size() : columns.size())) {
    // The condition needed hidden columns: take them away again.
    std::vector<ExprPtr> list;
    for (const ExprPtr& column : out.output->columns()) {
      ExprId id = To<Attribute>(column).id;
      if (both.output->IndexOf(id) >= 0) list.push_back(column);
    }
    std::vector<ExprPtr> hidden = out.hidden;
    RelationFramePtr joined = out.frame;
    out = MakeProject(out, std::move(list), node);
    out.hidden = hidden;
  }
  auto with_hidden = std::make_shared<RelationFrame>(*out.frame);
  with_hidden->hidden = out.hidden;
  out.frame = with_hidden;
  return out;
}

// A key column that a USING join merged away says so in its metadata.
static ExprPtr MarkMerged(const ExprPtr& key) {
  auto copy = std::make_shared<Attribute>(To<Attribute>(key));
  std::string name;
  for (char c : copy->name) name += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  std::string mark = "\"__metadata_col\":\"" + name + "\"";
  const std::string& before = copy->metadata;
  copy->metadata = before.size() <= 2 ? "{" + mark + "}" : before.substr(0, before.size() - 1) + "," + mark + "}";
  return copy;
}

// The names of columns that both sides have, in the left one's order.
static std::vector<std::string> CommonNames(const Relation& left, const Relation& right) {
  std::vector<std::string> names;
  for (const ExprPtr& column : left.output->columns()) {
    const std::string& name = To<Attribute>(column).name;
    if (right.output->Find(name) != nullptr) names.push_back(name);
  }
  return names;
}

Relation Analysis::ResolveUsingJoin(const UsingJoin& node, const Scope* outer) {
  auto [left, right] = JoinSides(node.left, node.right, false, outer);
  const std::vector<std::string> names = node.natural ? CommonNames(left, right) : node.columns;
  std::vector<ExprPtr> left_keys, right_keys;
  auto key = [&](const Relation& side, const std::string& name, const char* which) {
    UnresolvedAttribute wanted;
    wanted.parts = {name};
    wanted.origin = node.origin;
    ExprPtr column = LookUp(wanted, side);
    if (column == nullptr) {
      RaiseAt(
          nullptr, Condition::UNRESOLVED_USING_COLUMN_FOR_JOIN,
          {{"colName", QuoteName(name)}, {"side", which}, {"suggestion", SuggestNames({}, side.output->columns(), 0)}});
    }
    return column;
  };
  for (const std::string& name : names) {
    left_keys.push_back(key(left, name, "left"));
    right_keys.push_back(key(right, name, "right"));
  }
  auto join = std::make_shared<Join>();
  join->left = left.plan;
  join->right = right.plan;
  join->type = node.type;
  join->origin = node.origin;
  std::vector<ExprPtr> terms;
  UnresolvedFunction equals;
  equals.name = {"="};
  equals.origin = node.origin;
  for (size_t i = 0; i < left_keys.size(); ++i) {
    terms.push_back(ResolveComparison("=", equals, {left_keys[i], right_keys[i]}));
  }
  if (!terms.empty()) join->condition = Conjunction(terms);
  Relation joined = Above(join, node, {&left, &right});
  auto frame = std::make_shared<RelationFrame>(*joined.frame);
  frame->plan_id = -1;
  joined.frame = frame;
  std::unordered_set<ExprId> keys;
  for (const ExprPtr& k : left_keys) keys.insert(To<Attribute>(k).id);
  for (const ExprPtr& k : right_keys) keys.insert(To<Attribute>(k).id);
  auto from_join = [&](const ExprPtr& k) {
    int place = joined.output->IndexOf(To<Attribute>(k).id);
    return place < 0 ? k : joined.output->columns()[place];
  };
  std::vector<ExprPtr> list, hidden;
  bool semi = node.type == JoinType::kLeftSemi || node.type == JoinType::kLeftAnti;
  for (size_t i = 0; i < left_keys.size(); ++i) {
    ExprPtr l = from_join(left_keys[i]), r = from_join(right_keys[i]);
    if (node.type == JoinType::kRight) {
      list.push_back(r);
      hidden.push_back(MarkMerged(l));
    } else if (node.type == JoinType::kFull) {
      UnresolvedFunction coalesce;
      coalesce.name = {"coalesce"};
      list.push_back(MakeAlias(ResolveSameType("coalesce", coalesce, {l, r}), To<Attribute>(left_keys[i]).name));
      hidden.push_back(MarkMerged(l));
      hidden.push_back(MarkMerged(r));
    } else {
      list.push_back(l);
      if (!semi) hidden.push_back(MarkMerged(r));
    }
  }
  for (const ExprPtr& column : joined.output->columns()) {
    if (!keys.contains(To<Attribute>(column).id)) list.push_back(column);
  }
  Relation out = MakeProject(joined, std::move(list), node);
  // t.key still finds the side that the join merged away.
  for (const Relation* side : {&left, &right}) hidden.insert(hidden.end(), side->hidden.begin(), side->hidden.end());
  out.hidden = std::move(hidden);
  auto with_hidden = std::make_shared<RelationFrame>(*out.frame);
  with_hidden->hidden = out.hidden;
  // The intermediate join isn't a DataFrame of the program, but the hidden columns pass through it.
  out.frame = with_hidden;
  return out;
}

}  // namespace centella
