// Each scalar function over random arguments of each of its signatures: the same values, nulls and errors whatever the
// encoding, selection and batch size, as the reference gives row by row.
#include <set>

#include "expression/evaluator.h"
#include "plan/transform.h"
#include "property/calls.h"
#include "property/trial.h"

namespace centella::property {
namespace {

struct BoundCall {
  ExprPtr unresolved;
  ExprPtr expression;  // with columns
  Input input;
};

ExprPtr BindAny(const FunctionDecl& decl, const Binder& binder, const ExprPtr& call, const Input& input) {
  return decl.group == "internal" ? binder.BindInternal(decl, To<UnresolvedFunction>(call).args)
                                  : binder.Bind(call, input);
}

// A call that analysis takes, or nothing after some attempts. Arguments become literals more often as attempts fail:
// some functions want constants.
std::optional<BoundCall> FindCall(const FunctionDecl& decl, const Hints& hints, const Binder& binder, Random& random) {
  for (int attempt = 0; attempt < 12; ++attempt) {
    BoundCall out;
    const int literals = attempt < 4 ? 25 : attempt < 8 ? 60 : 100;
    CallMaker maker(random, [&](const TypePtr& type) -> ExprPtr {
      // All but one, in the end: not always the first, which may be a name.
      const bool literal = random.Percent(literals) && (literals != 100 || random.Percent(85));
      if (literal) return RandomLiteral(type, random, hints);
      if (!out.input.types.empty() && random.Percent(10) && SameType(*out.input.types.back(), *type)) {
        return out.input.attributes.back();  // the same column twice
      }
      return out.input.Add(type, random.Percent(70));
    });
    out.unresolved = maker.Make(decl, random.Pick(decl.overloads));
    const ExprPtr bound = BindAny(decl, binder, out.unresolved, out.input);
    if (bound == nullptr) continue;
    out.expression = Binder::ToColumns(bound, out.input);
    if (IsPlainScalar(out.expression)) return out;
  }
  return std::nullopt;
}

// The same call with columns in place of its literals: what a kernel prepares from constants must not change its
// answers.
void CompareWithoutLiterals(const FunctionDecl& decl, const BoundCall& call, const Binder& binder, const Rows& rows,
                            const std::vector<Outcome>& outcomes, Random& random, TrialResult* result) {
  const auto& plain = To<UnresolvedFunction>(call.unresolved);
  auto copy = std::make_shared<UnresolvedFunction>(plain);
  Input input = call.input;
  Rows wider = rows;
  for (ExprPtr& arg : copy->args) {
    const auto* literal = As<Literal>(arg);
    if (literal == nullptr) continue;
    const Value value = literal->value;
    arg = input.Add(literal->type, true);
    for (std::vector<Value>& row : wider.rows) row.push_back(value);
    wider.pools.push_back({value, Value::Null(value.type())});
  }
  if (input.types.size() == call.input.types.size()) return;
  const ExprPtr bound = BindAny(decl, binder, copy, input);
  if (bound == nullptr) return;
  const ExprPtr expression = Binder::ToColumns(bound, input);
  if (!IsPlainScalar(expression) || !SameTypeIgnoringNullability(*expression->type, *call.expression->type)) return;
  CompareWithOutcomes(expression, binder.context(), input, wider, outcomes, 1, random, result);
  if (!result->problem.empty())
    result->problem = "with columns for its literals, " + Print(expression) + ": " + result->problem;
}

TrialResult RunTrial(const FunctionDecl& decl, uint64_t seed) {
  TrialResult result;
  Random random(Random::Seed(decl.name, seed));
  const bool ansi = random.Percent(60);
  const Binder binder(MakeContext(ansi, RandomZone(random)));
  const Hints hints = HintsOf(decl);
  const std::optional<BoundCall> call = FindCall(decl, hints, binder, random);
  if (!call.has_value()) {
    result.refused = true;
    return result;
  }
  const Rows rows = RandomRows(call->input, random, hints, RandomRowCount(random));
  try {
    const std::vector<Outcome> outcomes = ReferenceOutcomes(call->expression, binder.context(), rows, &result);
    if (result.problem.empty()) {
      CompareWithOutcomes(call->expression, binder.context(), call->input, rows, outcomes, 5, random, &result);
    }
    if (result.problem.empty() && random.Percent(50)) {
      CompareWithoutLiterals(decl, *call, binder, rows, outcomes, random, &result);
    }
  } catch (const std::exception& error) {
    result.Fail(std::string("an exception that nobody expects: ") + error.what());
  }
  if (!result.problem.empty()) {
    result.problem = Print(call->expression) + ": " + call->expression->type->CatalogString() +
                     (ansi ? "  (ANSI, zone " : "  (not ANSI, zone ") + binder.context()->zone.id() + ")\n  " +
                     result.problem;
  }
  return result;
}

}  // namespace

std::vector<Subject> ScalarSubjects() {
  // Calls of these hold only what analysis has put there: types brought together, durations checked.
  static const std::set<std::string> kMadeByAnalysis = {"decode_case", "time_window", "time_windows"};
  std::vector<Subject> subjects;
  for (const FunctionDecl* decl : FunctionRegistry::Builtin().All()) {
    if (decl->kind != FunctionKind::kScalar && decl->kind != FunctionKind::kSpecial) continue;
    if (!decl->deterministic || decl->needs_partition_order) continue;  // another answer each time, by declaration
    if (kMadeByAnalysis.contains(decl->name)) continue;
    subjects.push_back({"scalar", decl->group, decl->name, [decl](uint64_t seed) { return RunTrial(*decl, seed); }});
  }
  return subjects;
}

}  // namespace centella::property
