// Columns that nobody above needs aren't read, computed or carried along.
#include <algorithm>

#include "optimizer/attributes.h"
#include "optimizer/rules.h"
#include "plan/transform.h"

namespace centella::rules {
namespace {

PlanPtr Prune(const PlanPtr& plan, const ExprIdSet& required);

// The child pruned, with a projection where it still gives more than is required.
PlanPtr PruneTight(const PlanPtr& plan, const ExprIdSet& required) {
  const PlanPtr pruned = Prune(plan, required);
  std::vector<ExprPtr> kept;
  const std::vector<ExprPtr> output = OutputOf(pruned);
  for (const ExprPtr& attribute : output) {
    if (required.contains(To<Attribute>(attribute).id)) kept.push_back(attribute);
  }
  return kept.size() == output.size() ? pruned : MakeProject(std::move(kept), pruned);
}

ExprIdSet WithReferences(ExprIdSet required, const std::vector<ExprPtr>& expressions) {
  for (const ExprPtr& expression : expressions) AddReferences(expression, &required);
  return required;
}

std::vector<ExprPtr> Kept(const std::vector<ExprPtr>& expressions, const ExprIdSet& required) {
  std::vector<ExprPtr> kept;
  for (const ExprPtr& expression : expressions) {
    if (required.contains(DefinedId(expression))) kept.push_back(expression);
  }
  return kept;
}

PlanPtr PruneScan(const ScanPlan& scan, const ExprIdSet& required) {
  auto copy = std::make_shared<ScanPlan>(scan);
  const ExprIdSet needed = WithReferences(required, scan.filters);
  copy->output.clear();
  copy->columns.clear();
  for (size_t i = 0; i < scan.output.size(); ++i) {
    if (!needed.contains(To<Attribute>(scan.output[i]).id)) continue;
    copy->output.push_back(scan.output[i]);
    copy->columns.push_back(scan.columns[i]);
  }
  return copy;
}

PlanPtr PruneJoin(const Join& join, const ExprIdSet& required) {
  auto copy = std::make_shared<Join>(join);
  ExprIdSet needed = required;
  if (join.condition != nullptr) AddReferences(join.condition, &needed);
  if (join.lateral) return copy;
  copy->left = PruneTight(join.left, needed);
  copy->right = PruneTight(join.right, needed);
  return copy;
}

PlanPtr PruneUnion(const Union& onion, const ExprIdSet& required) {
  std::vector<size_t> positions;
  for (size_t i = 0; i < onion.output.size(); ++i) {
    if (required.contains(To<Attribute>(onion.output[i]).id)) positions.push_back(i);
  }
  auto copy = std::make_shared<Union>(onion);
  copy->output.clear();
  for (size_t position : positions) copy->output.push_back(onion.output[position]);
  for (PlanPtr& child : copy->children) {
    const std::vector<ExprPtr> output = OutputOf(child);
    std::vector<ExprPtr> kept;
    ExprIdSet needed;
    for (size_t position : positions) {
      kept.push_back(output[position]);
      needed.insert(To<Attribute>(output[position]).id);
    }
    const PlanPtr pruned = Prune(child, needed);
    const std::vector<ExprPtr> now = OutputOf(pruned);
    const bool same = now.size() == kept.size() &&
                      std::equal(now.begin(), now.end(), kept.begin(), [](const ExprPtr& a, const ExprPtr& b) {
                        return To<Attribute>(a).id == To<Attribute>(b).id;
                      });
    child = same ? pruned : MakeProject(std::move(kept), pruned);
  }
  return copy;
}

PlanPtr PruneExpand(const Expand& expand, const ExprIdSet& required) {
  auto copy = std::make_shared<Expand>(expand);
  copy->output.clear();
  for (auto& projection : copy->projections) projection.clear();
  ExprIdSet needed;
  for (size_t i = 0; i < expand.output.size(); ++i) {
    if (!required.contains(To<Attribute>(expand.output[i]).id)) continue;
    copy->output.push_back(expand.output[i]);
    for (size_t p = 0; p < expand.projections.size(); ++p) {
      copy->projections[p].push_back(expand.projections[p][i]);
      AddReferences(expand.projections[p][i], &needed);
    }
  }
  copy->child = PruneTight(expand.child, needed);
  return copy;
}

PlanPtr PruneWindow(const Window& window, const ExprIdSet& required) {
  auto copy = std::make_shared<Window>(window);
  copy->expressions = Kept(window.expressions, required);
  if (copy->expressions.empty()) return Prune(window.child, required);
  ExprIdSet needed = WithReferences(required, copy->expressions);
  needed = WithReferences(std::move(needed), window.partition_by);
  needed = WithReferences(std::move(needed), window.order_by);
  copy->child = PruneTight(window.child, needed);
  return copy;
}

PlanPtr Prune(const PlanPtr& plan, const ExprIdSet& required) {
  switch (plan->kind()) {
    case PlanKind::kScan: return PruneScan(To<ScanPlan>(plan), required);
    case PlanKind::kProject: {
      const Project& project = To<Project>(plan);
      std::vector<ExprPtr> kept = Kept(project.expressions, required);
      const ExprIdSet needed = WithReferences({}, kept);
      return MakeProject(std::move(kept), Prune(project.child, needed));
    }
    case PlanKind::kAggregate: {
      auto copy = std::make_shared<Aggregate>(To<Aggregate>(plan));
      copy->aggregates = Kept(copy->aggregates, required);
      const ExprIdSet needed = WithReferences(WithReferences({}, copy->aggregates), copy->grouping);
      copy->child = Prune(copy->child, needed);
      return copy;
    }
    case PlanKind::kJoin: return PruneJoin(To<Join>(plan), required);
    case PlanKind::kUnion: return PruneUnion(To<Union>(plan), required);
    case PlanKind::kExpand: return PruneExpand(To<Expand>(plan), required);
    case PlanKind::kWindow: return PruneWindow(To<Window>(plan), required);
    case PlanKind::kSort:
    case PlanKind::kRepartition:
    case PlanKind::kGenerate: {
      const ExprIdSet needed = WithReferences(required, ExpressionsOf(*plan));
      return MapChildren(plan, [&](const PlanPtr& child) { return PruneTight(child, needed); });
    }
    case PlanKind::kFilter:
    case PlanKind::kLimit:
    case PlanKind::kSample: {
      const ExprIdSet needed = WithReferences(required, ExpressionsOf(*plan));
      return MapChildren(plan, [&](const PlanPtr& child) { return Prune(child, needed); });
    }
    default:
      // All columns of the children are needed (shared subplans, unknown operators).
      return MapChildren(plan, [](const PlanPtr& child) { return Prune(child, OutputIds(child)); });
  }
}

}  // namespace

PlanPtr PruneColumns(const PlanPtr& plan, const QueryContextPtr&) {
  const std::vector<ExprPtr> output = OutputOf(plan);
  const PlanPtr pruned = Prune(plan, OutputIds(plan));
  // The result's columns and their order are the query's.
  const std::vector<ExprPtr> now = OutputOf(pruned);
  const bool same = now.size() == output.size() &&
                    std::equal(now.begin(), now.end(), output.begin(), [](const ExprPtr& a, const ExprPtr& b) {
                      return To<Attribute>(a).id == To<Attribute>(b).id;
                    });
  return same ? pruned : MakeProject(output, pruned);
}

}  // namespace centella::rules
