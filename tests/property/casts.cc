// Casts between random types, in every mode, over random values.
#include "property/calls.h"
#include "property/trial.h"

namespace centella::property {
namespace {

TrialResult RunTrial(uint64_t seed) {
  TrialResult result;
  Random random(Random::Seed("cast", seed));
  const bool ansi = random.Percent(60);
  const Binder binder(MakeContext(ansi, RandomZone(random)));
  Input input;
  ExprPtr bound;
  for (int attempt = 0; attempt < 30 && bound == nullptr; ++attempt) {
    input = Input();
    auto cast = std::make_shared<Cast>();
    // From text to anything as often as from all else.
    cast->child = input.Add(random.Percent(40) ? types::String() : RandomType(random, 3), random.Percent(70));
    cast->target = RandomType(random, 3);
    if (random.Percent(30)) {
      cast->mode = EvalMode::kTry;
      cast->mode_given = true;
    }
    bound = binder.Bind(cast, input);
  }
  if (bound == nullptr) {
    result.refused = true;
    return result;
  }
  const ExprPtr expression = Binder::ToColumns(bound, input);
  const Rows rows = RandomRows(input, random, {}, RandomRowCount(random));
  try {
    const std::vector<Outcome> outcomes = ReferenceOutcomes(expression, binder.context(), rows, &result);
    if (result.problem.empty()) {
      CompareWithOutcomes(expression, binder.context(), input, rows, outcomes, 5, random, &result);
    }
  } catch (const std::exception& error) {
    result.Fail(std::string("an exception that nobody expects: ") + error.what());
  }
  if (!result.problem.empty()) {
    result.problem = Print(expression) + (ansi ? "  (ANSI, zone " : "  (not ANSI, zone ") +
                     binder.context()->zone.id() + ")\n  " + result.problem;
  }
  return result;
}

}  // namespace

std::vector<Subject> CastSubjects() {
  std::vector<Subject> subjects;
  for (int copy = 0; copy < 10; ++copy) {  // casts get as much time as ten functions
    const uint64_t salt = static_cast<uint64_t>(copy) << 40;
    subjects.push_back({"cast", "casts", "cast" + (copy == 0 ? std::string() : "." + std::to_string(copy)),
                        [salt](uint64_t seed) { return RunTrial(seed + salt); }});
  }
  return subjects;
}

}  // namespace centella::property
