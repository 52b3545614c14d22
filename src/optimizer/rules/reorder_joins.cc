// Orders inner joins by cost: dynamic programming over sets of relations (Selinger; bushy trees), greedily beyond a bound.
// The cost of a tree is the sum of its joins' estimated rows.
#include <algorithm>
#include <bit>
#include <limits>
#include <map>

#include "expression/evaluator.h"
#include "optimizer/attributes.h"
#include "optimizer/cardinality.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

constexpr size_t kMaxDynamic = 10;
using RelationSet = uint64_t;

struct Predicate {
  ExprPtr condition;
  RelationSet relations = 0;
  double distinct = 0;  // equality of two columns: larger number of distinct values; else 0
};

struct Tree {
  PlanPtr plan;
  double rows = 0;
  double cost = 0;
};

class JoinGraph {
 public:
  // Takes the relations and conditions of a tree of inner joins.
  void Collect(const PlanPtr& plan) {
    const Join* join = As<Join>(plan);
    const bool inner = join != nullptr && !join->lateral && join->hint.empty() &&
                       (join->type == JoinType::kInner || join->type == JoinType::kCross);
    if (!inner) {
      relations_.push_back(plan);
      return;
    }
    Collect(join->left);
    Collect(join->right);
    if (join->condition == nullptr) return;
    for (const ExprPtr& term : SplitConjunction(join->condition)) conditions_.push_back(term);
  }

  size_t size() const { return relations_.size(); }

  // Null when the order can't be changed safely.
  PlanPtr Reordered() {
    for (const ExprPtr& condition : conditions_) {
      if (CanFail(condition) || !IsDeterministic(condition)) return nullptr;
    }
    Prepare();
    return relations_.size() <= kMaxDynamic ? Dynamic() : Greedy();
  }

 private:
  void Prepare() {
    for (PlanPtr& relation : relations_) {
      ids_.push_back(OutputIds(relation));
      rows_.push_back(EstimateRows(relation));
    }
    for (const ExprPtr& condition : conditions_) {
      Predicate predicate;
      predicate.condition = condition;
      for (ExprId id : ReferencesOf(condition)) predicate.relations |= RelationSet{1} << RelationOf(id);
      const Call* call = As<Call>(condition);
      if (call != nullptr && call->function == "=" && std::popcount(predicate.relations) == 2) {
        const Attribute* a = As<Attribute>(call->args[0]);
        const Attribute* b = As<Attribute>(call->args[1]);
        predicate.distinct = a != nullptr && b != nullptr ? std::max(Distinct(*a), Distinct(*b)) : 100;
      }
      predicates_.push_back(predicate);
    }
  }

  size_t RelationOf(ExprId id) const {
    for (size_t r = 0; r < ids_.size(); ++r) {
      if (ids_[r].contains(id)) return r;
    }
    RaiseInternal(__FILE__, __LINE__, "a join condition uses a column of no relation");
  }
  double Distinct(const Attribute& attribute) const {
    return EstimateDistinct(relations_[RelationOf(attribute.id)], attribute.id);
  }

  // Rows of the join of a set: cross product times the predicates' selectivities. Several equalities between the same
  // two relations are one key, which has no more values than the smaller relation has rows.
  double RowsOf(RelationSet set) const {
    double rows = 1;
    for (size_t r = 0; r < relations_.size(); ++r) {
      if (set & (RelationSet{1} << r)) rows *= rows_[r];
    }
    std::map<RelationSet, double> keys;
    for (const Predicate& predicate : predicates_) {
      if ((predicate.relations & ~set) != 0 || predicate.relations == 0) continue;
      if (predicate.distinct > 0) {
        const auto [at, added] = keys.try_emplace(predicate.relations, predicate.distinct);
        if (!added) at->second *= predicate.distinct;
      } else {
        rows *= 0.25;
      }
    }
    for (const auto& [relations, distinct] : keys) {
      double bound = 1;
      for (size_t r = 0; r < relations_.size(); ++r) {
        if (relations & (RelationSet{1} << r)) bound = std::max(bound, rows_[r]);
      }
      rows /= std::max(1.0, std::min(distinct, bound));
    }
    return std::max(1.0, rows);
  }

  bool Connected(RelationSet a, RelationSet b) const {
    for (const Predicate& predicate : predicates_) {
      if ((predicate.relations & ~(a | b)) == 0 && (predicate.relations & a) != 0 && (predicate.relations & b) != 0) {
        return true;
      }
    }
    return false;
  }

  PlanPtr MakeJoin(const PlanPtr& left, const PlanPtr& right, RelationSet a, RelationSet b) const {
    auto join = std::make_shared<Join>();
    std::vector<ExprPtr> conditions;
    for (const Predicate& predicate : predicates_) {
      const bool now =
          (predicate.relations & ~(a | b)) == 0 && (predicate.relations & ~a) != 0 && (predicate.relations & ~b) != 0;
      if (now) conditions.push_back(predicate.condition);
    }
    join->type = conditions.empty() ? JoinType::kCross : JoinType::kInner;
    if (!conditions.empty()) join->condition = Conjunction(std::move(conditions));
    join->left = left;
    join->right = right;
    return join;
  }

  PlanPtr Dynamic() {
    const size_t n = relations_.size();
    std::vector<Tree> best(size_t{1} << n);
    for (RelationSet set = 1; set < best.size(); ++set) {
      Tree& tree = best[set];
      if (std::has_single_bit(set)) {
        const size_t r = std::countr_zero(set);
        tree = {relations_[r], rows_[r], 0};
        continue;
      }
      tree.cost = std::numeric_limits<double>::infinity();
      tree.rows = RowsOf(set);
      RelationSet chosen = 0;
      // Splits that are connected first; a cross product only when there's nothing else.
      for (const bool connected : {true, false}) {
        for (RelationSet left = (set - 1) & set; left != 0; left = (left - 1) & set) {
          const RelationSet right = set & ~left;
          if (left < right || best[left].plan == nullptr || best[right].plan == nullptr) continue;
          if (connected && !Connected(left, right)) continue;
          const double cost = best[left].cost + best[right].cost + tree.rows + BuildCost(best[left], best[right]);
          if (cost < tree.cost) {
            tree.cost = cost;
            chosen = left;
          }
        }
        if (chosen != 0) break;
      }
      tree.plan = MakeJoin(best[chosen].plan, best[set & ~chosen].plan, chosen, set & ~chosen);
    }
    return best.back().plan;
  }

  // Building a hash table of the smaller side costs more a row than probing it.
  static double BuildCost(const Tree& a, const Tree& b) { return 2 * std::min(a.rows, b.rows); }

  PlanPtr Greedy() {
    std::vector<std::pair<RelationSet, PlanPtr>> parts;
    for (size_t r = 0; r < relations_.size(); ++r) parts.emplace_back(RelationSet{1} << r, relations_[r]);
    while (parts.size() > 1) {
      size_t left = 0, right = 1;
      double best = std::numeric_limits<double>::infinity();
      bool best_connected = false;
      for (size_t i = 0; i < parts.size(); ++i) {
        for (size_t j = i + 1; j < parts.size(); ++j) {
          const bool connected = Connected(parts[i].first, parts[j].first);
          if (best_connected && !connected) continue;
          const double rows = RowsOf(parts[i].first | parts[j].first);
          if (rows < best || (connected && !best_connected)) {
            best = rows;
            best_connected = connected;
            left = i;
            right = j;
          }
        }
      }
      parts[left] = {parts[left].first | parts[right].first,
                     MakeJoin(parts[left].second, parts[right].second, parts[left].first, parts[right].first)};
      parts.erase(parts.begin() + static_cast<int64_t>(right));
    }
    return parts[0].second;
  }

  std::vector<PlanPtr> relations_;
  std::vector<ExprPtr> conditions_;
  std::vector<ExprIdSet> ids_;
  std::vector<double> rows_;
  std::vector<Predicate> predicates_;
};

PlanPtr ReorderBelow(const PlanPtr& plan);

PlanPtr ReorderTree(const PlanPtr& plan) {
  JoinGraph graph;
  // Relations below are put in order first.
  const std::function<PlanPtr(const PlanPtr&)> visit = [&](const PlanPtr& node) -> PlanPtr {
    const Join* join = As<Join>(node);
    const bool inner = join != nullptr && !join->lateral && join->hint.empty() &&
                       (join->type == JoinType::kInner || join->type == JoinType::kCross);
    return inner ? MapChildren(node, visit) : ReorderBelow(node);
  };
  const PlanPtr inner = visit(plan);
  graph.Collect(inner);
  if (graph.size() < 3 || graph.size() > 60) return inner;
  const PlanPtr reordered = graph.Reordered();
  if (reordered == nullptr) return inner;
  // The columns' order is part of the plan's meaning for whoever reads by position.
  return MakeProject(OutputOf(inner), reordered);
}

PlanPtr ReorderBelow(const PlanPtr& plan) {
  const Join* join = As<Join>(plan);
  if (join != nullptr && !join->lateral && join->hint.empty() &&
      (join->type == JoinType::kInner || join->type == JoinType::kCross)) {
    return ReorderTree(plan);
  }
  return MapChildren(plan, ReorderBelow);
}

}  // namespace

PlanPtr ReorderJoins(const PlanPtr& plan, const QueryContextPtr&) { return ReorderBelow(plan); }

}  // namespace centella::rules
