// Sampling without replacement, as Spark does it: one random number a row; the row stays when it lies within the bounds.
#include <random>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

struct PhysicalSample final : NodeOf<PhysicalSample, PhysicalPlan, PhysicalKind::kSample> {
  ExprPtr random;               // rand(seed): who asks which expressions count a partition's rows has to see it
  double lower = 0, upper = 1;  // the upper bound is out
  void VisitFields(FieldVisitor& v) override {
    v.Field("random", random);
    v.Field("lower", lower);
    v.Field("upper", upper);
  }
};

ExprPtr Random(int64_t seed) { return MakeCall("rand", {MakeLiteral(Value::Long(seed))}, types::Double(), false); }

class SampleTransform final : public Transform {
 public:
  SampleTransform(std::shared_ptr<const CompiledExpressions> random, double lower, double upper)
      : random_(std::move(random)), lower_(lower), upper_(upper) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(*this, morsel);
  }

 private:
  struct State final : SimpleTransformState {
    State(const SampleTransform& transform, const Morsel& morsel)
        : owner(transform), executor(transform.random_, morsel.partition) {}
    Batch Apply(Batch batch) override {
      const int64_t rows = batch.live_rows();
      const VectorPtr numbers = Flatten(executor.EvaluateOne(0, batch));
      const double* number = numbers->data<double>();
      auto kept = std::make_shared<Selection>();
      for (int64_t i = 0; i < rows; ++i) {
        if (!(number[i] >= owner.lower_ && number[i] < owner.upper_)) continue;
        kept->push_back(batch.selection == nullptr ? static_cast<int32_t>(i) : (*batch.selection)[i]);
      }
      batch.selection = std::move(kept);
      return batch;
    }
    const SampleTransform& owner;
    ExpressionExecutor executor;
  };

  std::shared_ptr<const CompiledExpressions> random_;
  double lower_, upper_;
};

Planned PlanSample(const PlanPtr& plan, Planner& planner) {
  const Sample& sample = To<Sample>(plan);
  if (sample.with_replacement) RaiseUnsupported("sampling with replacement");  // the optimizer replaces it
  const Planned child = planner.Plan(sample.child);
  auto node = NewNode<PhysicalSample>(child.output, {child.plan});
  node->random = Random(sample.has_seed ? sample.seed : static_cast<int64_t>(std::random_device()()));
  node->lower = sample.lower;
  node->upper = sample.upper;
  return {node, child.output};
}

Built BuildSample(const PhysicalSample& sample, PipelineBuilder& builder) {
  Built built = builder.Build(sample.children[0]);
  built.Append(std::make_shared<SampleTransform>(builder.Compile({sample.random}), sample.lower, sample.upper),
               /*partition_order=*/true);
  built.StopRuntimeFilters();
  return built;
}

void CheckSample(const PhysicalSample& sample, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(sample);
  check.Bound(sample, sample.random, input);
  check.Demand(sample.random->type->is(TypeId::kDouble), sample, "draws numbers of another type");
  check.Width(sample, input.size());
}

std::string LineOf(const PhysicalSample& sample) {
  return "Sample " + ColumnNameOf(sample.random) + " in [" + std::to_string(sample.lower) + ", " +
         std::to_string(sample.upper) + ")";
}

std::vector<PhysicalPtr> SampleOfSample() {
  const PhysicalPtr rows = samples::Rows();
  auto sample = samples::NodeOver<PhysicalSample>(rows->columns(), {rows});
  sample->random = Random(7);
  sample->lower = 0.25;
  sample->upper = 0.75;
  return {sample};
}

}  // namespace

OperatorDeclaration operators::DeclareSample() {
  return OperatorOf<PhysicalSample>()
      .Plans(PlanKind::kSample, PlanSample)
      .Builds(BuildSample)
      .Checks(CheckSample)
      .Shows(LineOf)
      .Samples(SampleOfSample)
      .MorselByMorsel();
}

}  // namespace centella
