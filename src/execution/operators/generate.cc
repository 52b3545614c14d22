// explode and its kin: each input row as often as its generator gives rows.
#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

// Output: child's columns `keep`, then the generator's.
struct PhysicalGenerate final : NodeOf<PhysicalGenerate, PhysicalPlan, PhysicalKind::kGenerate> {
  ExprPtr generator;  // Call
  std::vector<int64_t> keep;
  bool outer = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("generator", generator);
    v.Field("keep", keep);
    v.Field("outer", outer);
  }
};

constexpr int64_t kGeneratedRows = 64 << 10;  // about so many are generated at a time

// Input columns `keep` (by position), then the generator's columns. `arguments` are the generator's arguments; `outer` gives
// a row of NULLs for input rows without output.
struct GenerateSpec {
  std::vector<int> keep;
  std::shared_ptr<const CompiledExpressions> arguments;
  GeneratorKernel kernel;
  std::shared_ptr<const void> prepared;
  TypePtr result_type;
  EvalMode mode = EvalMode::kAnsi;
  bool outer = false;
};

class GenerateTransform final : public Transform {
 public:
  GenerateTransform(GenerateSpec spec, QueryContextPtr context)
      : spec_(std::move(spec)), context_(std::move(context)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(*this, morsel);
  }

 private:
  struct State final : TransformState {
    State(const GenerateTransform& transform, const Morsel& morsel)
        : owner(transform), executor(transform.spec_.arguments, morsel.partition), partition(morsel.partition) {}

    void Consume(Batch batch) override {
      input = Compact(std::move(batch));
      next_row = 0;
      generated = GeneratedRows();
      position = 0;
    }

    bool Next(Batch* batch) override {
      const int64_t left = static_cast<int64_t>(generated.input_rows.size()) - position;
      if (left <= 0) {
        if (next_row == input.rows) return false;
        Generate();
        *batch = Batch();  // perhaps nothing came of these rows: the driver looks around before the next
        return true;
      }
      const int64_t n = std::min<int64_t>(left, owner.context_->batch_size);
      batch->rows = n;
      batch->selection = nullptr;
      batch->place = input.place;
      batch->columns.clear();
      for (int column : owner.spec_.keep) {
        batch->columns.push_back(Gather(input.columns[column], generated.input_rows.data() + position, n));
      }
      for (const VectorPtr& column : generated.columns) batch->columns.push_back(Slice(column, position, n));
      position += n;
      return true;
    }

    // Some input rows' output: so many rows that it, and the arrays that it comes from, stay within bounds, going by what
    // rows gave so far.
    void Generate() {
      const GenerateSpec& spec = owner.spec_;
      const int64_t wanted = std::min(kGeneratedRows / std::max<int64_t>(rows_per_input, 1), 4 * piece_rows);
      const int64_t rows = std::clamp<int64_t>(wanted, 1, input.rows - next_row);
      const int64_t piece_begin = next_row;
      piece_rows = rows;
      std::vector<VectorPtr> args = executor.Evaluate(Piece(piece_begin, rows));
      for (VectorPtr& arg : args) {
        if (!arg->is_constant()) arg = Flatten(arg);
      }
      const KernelArgs kernel_args{.query = *owner.context_,
                                   .mode = spec.mode,
                                   .rows = rows,
                                   .args = args,
                                   .result_type = spec.result_type,
                                   .prepared = spec.prepared.get(),
                                   .partition = partition};
      generated = spec.kernel(kernel_args);
      rows_per_input = std::max<int64_t>(rows_per_input, generated.input_rows.size() / rows);
      if (spec.outer) AddOuterRows();
      for (int32_t& row : generated.input_rows) row += static_cast<int32_t>(piece_begin);
      next_row += rows;
      position = 0;
    }

    Batch Piece(int64_t begin, int64_t rows) const {
      return rows == input.rows ? input : SliceBatch(input, begin, rows);
    }

    // A row of NULLs, in place, for each input row that gave none.
    void AddOuterRows() {
      std::vector<int32_t> rows, sources;
      size_t at = 0;
      for (int32_t row = 0; row < piece_rows; ++row) {
        const size_t before = at;
        while (at < generated.input_rows.size() && generated.input_rows[at] == row) {
          rows.push_back(row);
          sources.push_back(static_cast<int32_t>(at++));
        }
        if (at == before) {
          rows.push_back(row);
          sources.push_back(-1);
        }
      }
      for (VectorPtr& column : generated.columns) {
        column = Gather(column, sources.data(), static_cast<int64_t>(sources.size()));
      }
      generated.input_rows = std::move(rows);
    }

    const GenerateTransform& owner;
    ExpressionExecutor executor;
    int32_t partition;
    Batch input;
    int64_t next_row = 0;
    int64_t piece_rows = 1;      // how many were taken last; begins carefully
    int64_t rows_per_input = 0;  // the most output rows that were seen
    GeneratedRows generated;
    int64_t position = 0;
  };

  GenerateSpec spec_;
  QueryContextPtr context_;
};

Planned PlanGenerate(const PlanPtr& plan, Planner& planner) {
  const Generate& generate = To<Generate>(plan);
  const Planned child = planner.Plan(generate.child);
  std::vector<ExprPtr> output = child.output;
  output.insert(output.end(), generate.generator_output.begin(), generate.generator_output.end());
  auto node = NewNode<PhysicalGenerate>(output, {child.plan});
  node->generator = Binder(child.output).Bind(generate.generator);
  node->outer = generate.outer;
  node->keep = AllOrdinals(child.output.size());
  return {node, output};
}

Built BuildGenerate(const PhysicalGenerate& generate, PipelineBuilder& builder) {
  Built built = builder.Build(generate.children[0]);
  const Call& call = To<Call>(generate.generator);
  const FunctionDecl* decl = FunctionRegistry::Builtin().Find(call.function);
  CENTELLA_CHECK(decl != nullptr, "unknown generator " + call.function);
  std::vector<TypePtr> arg_types;
  for (const ExprPtr& arg : call.args) arg_types.push_back(arg->type);
  const Overload* overload = FindExactOverload(*decl, arg_types);
  CENTELLA_CHECK(overload != nullptr && overload->generator, "no generator for " + call.function);
  GenerateSpec spec;
  spec.keep = Positions(generate.keep);
  spec.arguments = builder.Compile(call.args);
  spec.kernel = overload->generator;
  spec.result_type = call.type;
  spec.mode = call.mode;
  spec.outer = generate.outer;
  built.Append(std::make_shared<GenerateTransform>(std::move(spec), builder.context()));
  built.scan_columns.clear();
  return built;
}

void CheckGenerate(const PhysicalGenerate& generate, const PlanCheck& check) {
  const std::vector<TypePtr> input = check.Input(generate);
  check.AllAre<Call>(generate, {generate.generator});
  check.Bound(generate, generate.generator, input);
  check.Ordinals(generate, generate.keep, input.size());
  check.Demand(generate.columns().size() >= generate.keep.size(), generate, "has a schema narrower than what it keeps");
}

std::string LineOf(const PhysicalGenerate& generate) { return "Generate " + ColumnNameOf(generate.generator); }

std::vector<PhysicalPtr> SampleGenerate() {
  const PhysicalPtr rows = samples::Rows();
  const StructField generated = {"col", types::String(), true, ""};
  auto node = samples::NodeOver<PhysicalGenerate>({rows->columns()[0], generated}, {rows});
  const ExprPtr list = MakeCall("array", {samples::ColumnOf(rows, 1)}, types::Array(types::String()), false);
  node->generator = MakeCall("explode", {list}, types::Struct({generated}), true);
  node->keep = {0};
  node->outer = true;
  return {node};
}

}  // namespace

OperatorDeclaration operators::DeclareGenerate() {
  return OperatorOf<PhysicalGenerate>()
      .Plans(PlanKind::kGenerate, PlanGenerate)
      .Builds(BuildGenerate)
      .Checks(CheckGenerate)
      .Shows(LineOf)
      .Samples(SampleGenerate)
      .MorselByMorsel();
}

}  // namespace centella
