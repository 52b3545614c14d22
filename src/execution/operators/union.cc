// UNION ALL: the rows of the first child, then those of the next.
#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

struct PhysicalUnion final : NodeOf<PhysicalUnion, PhysicalPlan, PhysicalKind::kUnion> {
  void VisitFields(FieldVisitor&) override {}
};

// The chains one after the other; partitions are numbered on.
class UnionSource final : public ChainsSource {
 public:
  using ChainsSource::ChainsSource;
  int32_t partitions() const override {
    int32_t sum = 0;
    for (const Chain& chain : chains_) sum += chain.source->partitions();
    return sum;
  }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    int32_t first = 0;
    for (size_t c = 0; c < chains_.size(); ++c) {
      for (const Morsel& morsel : chains_[c].source->Morsels()) {
        const int64_t id = static_cast<int64_t>(targets_.size());
        morsels.push_back({first + morsel.partition, morsel.sequence, id, morsel.rows_estimate});
        targets_.push_back({c, morsel});
      }
      first += chains_[c].source->partitions();
    }
    return morsels;
  }
};

Planned PlanUnion(const PlanPtr& plan, Planner& planner) {
  const Union& onion = To<Union>(plan);
  std::vector<PhysicalPtr> children;
  for (const PlanPtr& child : onion.children) children.push_back(planner.Plan(child).plan);
  return {NewNode<PhysicalUnion>(onion.output, std::move(children)), onion.output};
}

// Children of one stage are joined to one source; others keep their stages.
Built BuildUnion(const PhysicalUnion& onion, PipelineBuilder& builder) {
  Built result;
  std::vector<Chain> simple;
  auto flush = [&] {
    if (simple.empty()) return;
    bool order = false;
    for (const Chain& chain : simple) order = order || chain.partition_order;
    result.stages.push_back({std::make_shared<UnionSource>(std::move(simple)), {}, order});
    simple.clear();
  };
  for (const PhysicalPtr& child : onion.children) {
    Built built = builder.Build(child);
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

void CheckUnion(const PhysicalUnion& onion, const PlanCheck& check) {
  check.Demand(!onion.children.empty(), onion, "has no children");
  for (const PhysicalPtr& child : onion.children) check.Width(onion, child->columns().size());
}

std::string LineOf(const PhysicalUnion&) { return "Union"; }

std::vector<PhysicalPtr> SampleUnion() {
  const PhysicalPtr rows = samples::Rows();
  return {samples::NodeOver<PhysicalUnion>(rows->columns(), {rows, rows})};
}

}  // namespace

OperatorDeclaration operators::DeclareUnion() {
  return OperatorOf<PhysicalUnion>()
      .Plans(PlanKind::kUnion, PlanUnion)
      .Builds(BuildUnion)
      .Checks(CheckUnion)
      .Shows(LineOf)
      .Samples(SampleUnion);
}

}  // namespace centella
