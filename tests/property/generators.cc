// Each generator over random rows: the same output rows whatever the batch size and encoding.
#include "property/calls.h"
#include "property/encodings.h"
#include "property/trial.h"

namespace centella::property {
namespace {

// An output row: the number of its input row, and its columns.
struct OutputRow {
  int32_t input = 0;
  std::vector<Value> values;
};
struct Output {
  std::vector<OutputRow> rows;
  std::shared_ptr<const Error> error;
};

Output RunKernel(const Overload& overload, const Call& call, const QueryContextPtr& context, const Input& input,
                 const Rows& rows, size_t batch_size, Random* random) {
  Output out;
  try {
    for (size_t at = 0; at < rows.rows.size(); at += batch_size) {
      std::vector<int32_t> which;
      for (size_t r = at; r < std::min(rows.rows.size(), at + batch_size); ++r)
        which.push_back(static_cast<int32_t>(r));
      const auto count = static_cast<int64_t>(which.size());
      std::vector<VectorPtr> args;
      for (const ExprPtr& arg : call.args) {
        if (const auto* literal = As<Literal>(arg)) {
          args.push_back(literal->value.is_null() ? Vector::MakeNull(arg->type, count)
                                                  : Vector::MakeConstant(literal->value, count));
          continue;
        }
        const auto column = static_cast<size_t>(To<Column>(arg).ordinal);
        const std::vector<Value> values = rows.Column(column, which);
        args.push_back(random == nullptr ? MakeVector(input.types[column], values)
                                         : EncodeForKernel(input.types[column], values, rows.pools[column], *random));
      }
      const GeneratedRows generated = overload.generator(KernelArgs{*context, call.mode, count, args, call.type});
      for (size_t i = 0; i < generated.input_rows.size(); ++i) {
        OutputRow row{generated.input_rows[i] + static_cast<int32_t>(at), {}};
        for (const VectorPtr& column : generated.columns)
          row.values.push_back(column->GetValue(static_cast<int64_t>(i)));
        out.rows.push_back(std::move(row));
      }
    }
  } catch (const Error& error) {
    out.error = std::make_shared<Error>(error);
  }
  return out;
}

void Compare(const Output& expected, const Output& got, size_t batch_size, TrialResult* result) {
  const std::string how = " in batches of " + std::to_string(batch_size);
  ++result->values;
  if (expected.error != nullptr || got.error != nullptr) {
    if (expected.error != nullptr && got.error != nullptr && SameError(*expected.error, *got.error)) return;
    result->Fail("expected " + std::string(expected.error == nullptr ? "rows" : expected.error->what()) + how +
                 "\n  got " + (got.error == nullptr ? "rows" : got.error->what()));
    return;
  }
  if (expected.rows.size() != got.rows.size()) {
    result->Fail("expected " + std::to_string(expected.rows.size()) + " rows" + how + "\n  got " +
                 std::to_string(got.rows.size()));
    return;
  }
  for (size_t i = 0; i < expected.rows.size(); ++i) {
    bool same =
        expected.rows[i].input == got.rows[i].input && expected.rows[i].values.size() == got.rows[i].values.size();
    for (size_t c = 0; same && c < expected.rows[i].values.size(); ++c) {
      ++result->values;
      same = SameValue(expected.rows[i].values[c], got.rows[i].values[c]);
    }
    if (same) continue;
    result->Fail("output row " + std::to_string(i) + " differs" + how);
    return;
  }
}

// A call whose arguments need no evaluation of their own.
bool IsCallOfColumns(const ExprPtr& expression, const FunctionDecl& decl) {
  const auto* call = As<Call>(expression);
  if (call == nullptr || call->function != decl.name) return false;
  for (const ExprPtr& arg : call->args) {
    if (As<Literal>(arg) == nullptr && As<Attribute>(arg) == nullptr) return false;
  }
  return true;
}

TrialResult RunTrial(const FunctionDecl& decl, uint64_t seed) {
  TrialResult result;
  Random random(Random::Seed(decl.name, seed));
  const bool ansi = random.Percent(60);
  const Binder binder(MakeContext(ansi, RandomZone(random)));
  const Hints hints = HintsOf(decl);
  Input input;
  ExprPtr bound;
  for (int attempt = 0; attempt < 20 && bound == nullptr; ++attempt) {
    input = Input();
    CallMaker maker(random, [&](const TypePtr& type) -> ExprPtr {
      // Numbers of a generator (the rows of stack) are constants of the plan.
      if (type->is(TypeId::kInt) && input.types.empty())
        return MakeLiteral(Value::Int(static_cast<int32_t>(random.Between(1, 4))));
      return random.Percent(20) ? RandomLiteral(type, random, hints) : input.Add(type, random.Percent(70));
    });
    const ExprPtr call = maker.Make(decl, random.Pick(decl.overloads));
    std::string why;
    bound = binder.Bind(call, input, &why);
    if (bound != nullptr && IsCallOfColumns(bound, decl)) break;
    // Analysis makes plain calls of outer ones, and refuses one name for the columns of some: both are bound as declared.
    const bool takes = why.empty() || why == "UDTF_ALIAS_NUMBER_MISMATCH";
    bound = takes ? binder.BindInternal(decl, To<UnresolvedFunction>(call).args) : nullptr;
  }
  if (bound == nullptr) {
    result.refused = true;
    return result;
  }
  const ExprPtr expression = Binder::ToColumns(bound, input);
  const auto& call = To<Call>(expression);
  std::vector<TypePtr> types;
  for (const ExprPtr& arg : call.args) types.push_back(arg->type);
  const Overload* overload = FindExactOverload(decl, types);
  const Rows rows = RandomRows(input, random, hints, RandomRowCount(random));
  try {
    const Output expected = RunKernel(*overload, call, binder.context(), input, rows, 1, nullptr);
    if (expected.error != nullptr && expected.error->condition() == Condition::INTERNAL_ERROR)
      result.Fail(expected.error->what());
    for (size_t batch_size : {1, 7, 4096}) {
      if (!result.problem.empty()) break;
      Compare(expected, RunKernel(*overload, call, binder.context(), input, rows, batch_size, &random), batch_size,
              &result);
    }
  } catch (const std::exception& error) {
    result.Fail(std::string("an exception that nobody expects: ") + error.what());
  }
  if (!result.problem.empty()) result.problem = Print(expression) + "\n  " + result.problem;
  return result;
}

}  // namespace

std::vector<Subject> GeneratorSubjects() {
  std::vector<Subject> subjects;
  for (const FunctionDecl* decl : FunctionRegistry::Builtin().All()) {
    if (decl->kind != FunctionKind::kGenerator || !decl->deterministic) continue;
    subjects.push_back({"generator", decl->group, decl->name, [decl](uint64_t seed) { return RunTrial(*decl, seed); }});
  }
  return subjects;
}

}  // namespace centella::property
