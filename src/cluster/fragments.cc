// Cutting a physical plan into fragments; the rule stands in the header.
#include "cluster/fragments.h"

#include <algorithm>
#include <map>

#include "execution/cached_table.h"
#include "execution/fragment.h"
#include "execution/operator_registry.h"
#include "expression/evaluator.h"
#include "plan/depth_guard.h"
#include "plan/silent_visitor.h"

namespace centella {
namespace {

enum class Spread : uint8_t { kAnywhere, kDivided, kWhole };

struct Piece {
  PhysicalPtr plan;
  Spread spread = Spread::kWhole;
};

// What a fragment's own nodes say of how it may be run.
class Traits final : public SilentVisitor {
 public:
  explicit Traits(Fragment* fragment) : fragment_(*fragment) { Look(*fragment->plan); }

 private:
  using SilentVisitor::Field;
  void Field(std::string_view, ExprPtr& value) override { Look(value); }
  void Field(std::string_view, std::vector<ExprPtr>& value) override {
    for (const ExprPtr& each : value) Look(each);
  }
  void Field(std::string_view, std::vector<std::vector<ExprPtr>>& value) override {
    for (const auto& group : value) {
      for (const ExprPtr& each : group) Look(each);
    }
  }
  void Look(const ExprPtr& expression) {
    if (expression != nullptr && NeedsPartitionOrder(expression)) fragment_.whole_partitions = true;
  }
  void Look(const PhysicalPlan& plan) {
    DepthGuard guard;
    if (plan.kind() == PhysicalKind::kInput)
      fragment_.inputs.push_back(static_cast<const PhysicalInput&>(plan).fragment);
    if (plan.kind() == PhysicalKind::kScan) {
      const Table* table = static_cast<const PhysicalScan&>(plan).table.get();
      if (dynamic_cast<const CachedTable*>(table) != nullptr) fragment_.at_home = true;
    }
    const_cast<PhysicalPlan&>(plan).VisitAll(*this);  // only reads
    for (const PhysicalPtr& child : plan.children) Look(*child);
  }

  Fragment& fragment_;
};

class Cutter {
 public:
  Cutter(QueryContextPtr context, LocalRows local_rows) : context_(std::move(context)), local_rows_(local_rows) {}

  std::vector<Fragment> Run(const PhysicalPtr& plan) {
    const PhysicalPtr root = Whole(Cut(plan));
    Close({root, Spread::kWhole});
    fragments_.back().at_home = true;
    return std::move(fragments_);
  }

 private:
  Piece Cut(const PhysicalPtr& plan) {
    DepthGuard guard;
    switch (plan->kind()) {
      case PhysicalKind::kValues:
        return {plan, local_rows_ == LocalRows::kDivide ? Spread::kDivided : Spread::kAnywhere};
      case PhysicalKind::kScan:
      case PhysicalKind::kRange: return CutLeaf(plan);
      case PhysicalKind::kAggregate: return CutAggregate(plan);
      case PhysicalKind::kJoin: return CutJoin(To<PhysicalJoin>(plan), plan);
      case PhysicalKind::kUnion: return CutUnion(plan);
      case PhysicalKind::kSpool: {
        const PhysicalPtr definition = Close(Cut(plan->children[0]));
        spools_[To<PhysicalSpool>(plan).id] = definition;
        return Cut(plan->children[1]);
      }
      case PhysicalKind::kSpoolRead: return {spools_.at(To<PhysicalSpoolRead>(plan).id), Spread::kWhole};
      case PhysicalKind::kInput: RaiseInternal(__FILE__, __LINE__, "a plan that is cut already is cut again");
      default: return CutOther(plan);
    }
  }

  // What works on each morsel by itself runs where its child does; for the rest all rows come to one process.
  Piece CutOther(const PhysicalPtr& plan) {
    if (DeclarationOf(plan->kind()).morsel_by_morsel) {
      const Piece child = Cut(plan->children[0]);
      return {Over(plan, {child.plan}), child.spread};
    }
    std::vector<PhysicalPtr> children;
    for (const PhysicalPtr& child : plan->children) children.push_back(Whole(Cut(child)));
    return {Over(plan, std::move(children)), Spread::kWhole};
  }

  static Piece CutLeaf(const PhysicalPtr& plan) {
    const auto* scan = As<PhysicalScan>(plan);
    const bool cached = scan != nullptr && dynamic_cast<const CachedTable*>(scan->table.get()) != nullptr;
    return {plan, cached ? Spread::kWhole : Spread::kDivided};
  }

  Piece CutAggregate(const PhysicalPtr& plan) {
    const Piece child = Cut(plan->children[0]);
    const PhysicalPtr whole = Over(plan, {child.plan});
    if (child.spread != Spread::kDivided) return {whole, Spread::kWhole};
    const PhysicalPtr partial = PartialAggregate(To<PhysicalAggregate>(whole), context_);
    return {FinalAggregate(To<PhysicalAggregate>(whole), Close({partial, Spread::kDivided})), Spread::kWhole};
  }

  Piece CutJoin(const PhysicalJoin& join, const PhysicalPtr& plan) {
    // Without keys the right side is built, but for RIGHT JOIN.
    const bool build_left = join.left_keys.empty() ? join.type == JoinType::kRight : join.build_left;
    Piece left = Cut(join.children[0]), right = Cut(join.children[1]);
    Piece& build = build_left ? left : right;
    Piece& probe = build_left ? right : left;
    if (build.spread != Spread::kAnywhere) build.plan = Close(build);
    if (KeepsBuildRows(join)) probe = {Whole(probe), Spread::kWhole};
    // Rows that could be anywhere are in one place once they are joined: shares are taken of what is read.
    const Spread spread = probe.spread == Spread::kDivided ? Spread::kDivided : Spread::kWhole;
    // A build side of local rows would be shared out like a scan: its rows have to be whole everywhere.
    if (build.spread == Spread::kAnywhere && spread == Spread::kDivided)
      build.plan = Close({build.plan, Spread::kWhole});
    return {Over(plan, {left.plan, right.plan}), spread};
  }

  Piece CutUnion(const PhysicalPtr& plan) {
    std::vector<Piece> pieces;
    bool all_anywhere = true, any_whole = false;
    for (const PhysicalPtr& child : plan->children) {
      pieces.push_back(Cut(child));
      all_anywhere = all_anywhere && pieces.back().spread == Spread::kAnywhere;
      any_whole = any_whole || pieces.back().spread == Spread::kWhole;
    }
    std::vector<PhysicalPtr> children;
    for (const Piece& piece : pieces) children.push_back(any_whole ? Whole(piece) : piece.plan);
    return {Over(plan, std::move(children)),
            any_whole ? Spread::kWhole : (all_anywhere ? Spread::kAnywhere : Spread::kDivided)};
  }

  // The rows in one process: divided ones are gathered.
  PhysicalPtr Whole(const Piece& piece) { return piece.spread == Spread::kDivided ? Close(piece) : piece.plan; }

  // Ends a fragment; gives the node that reads it.
  PhysicalPtr Close(const Piece& piece) {
    Fragment fragment;
    fragment.id = static_cast<int64_t>(fragments_.size());
    fragment.plan = piece.plan;
    fragment.divided = piece.spread == Spread::kDivided;
    Traits traits(&fragment);
    auto input = std::make_shared<PhysicalInput>();
    input->schema = piece.plan->schema;
    input->fragment = fragment.id;
    input->partitions = PartitionsOfFragment(piece.plan, context_);
    fragments_.push_back(std::move(fragment));
    return input;
  }

  static PhysicalPtr Over(const PhysicalPtr& plan, std::vector<PhysicalPtr> children) {
    if (plan->children == children) return plan;
    auto copy = plan->Clone();
    copy->children = std::move(children);
    return copy;
  }

  QueryContextPtr context_;
  const LocalRows local_rows_;
  std::vector<Fragment> fragments_;
  std::map<int64_t, PhysicalPtr> spools_;
};

}  // namespace

std::vector<Fragment> CutPlan(const PhysicalPtr& plan, const QueryContextPtr& context, LocalRows local_rows) {
  return Cutter(context, local_rows).Run(plan);
}

std::vector<int32_t> ProcessesOf(const Fragment& fragment, int32_t processes) {
  if (fragment.at_home) return {0};
  if (!fragment.divided) return {static_cast<int32_t>((fragment.id + 1) % processes)};
  std::vector<int32_t> all;
  for (int32_t process = 0; process < processes; ++process) all.push_back(process);
  return all;
}

std::string FragmentsString(const std::vector<Fragment>& fragments) {
  std::string text;
  for (const Fragment& fragment : fragments) {
    text += "Fragment " + std::to_string(fragment.id) + (fragment.divided ? ", divided" : "") +
            (fragment.whole_partitions ? " by partition" : "") + (fragment.at_home ? ", at home" : "") + "\n" +
            PhysicalPlanString(fragment.plan);
  }
  return text;
}

}  // namespace centella
