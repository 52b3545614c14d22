// Random expression trees, guards among them: what can fail is raised for live rows only, and each row has the value
// that the reference gives it.
#include <map>

#include "expression/evaluator.h"
#include "property/calls.h"
#include "property/trial.h"

namespace centella::property {
namespace {

// A call that gives a type: the function, and the types of its arguments (none for those with lambdas).
struct Producer {
  const FunctionDecl* decl;
  const Overload* overload;
  std::vector<TypePtr> types;
  bool lambdas = false;
};

// The types that trees are made of; functions that give or take others stand between them.
const std::vector<TypePtr>& TreeTypes() {
  static const auto* const kTypes = new std::vector<TypePtr>{
      types::Boolean(),
      types::Int(),
      types::Long(),
      types::Double(),
      types::String(),
      types::Date(),
      types::Timestamp(),
      types::Decimal(10, 2),
      types::Array(types::Int()),
      types::Array(types::String()),
      types::Map(types::String(), types::Int()),
      types::Struct({{"f0", types::Int(), true, ""}, {"f1", types::Array(types::String()), true, ""}})};
  return *kTypes;
}

bool IsTreeType(const TypePtr& type) {
  for (const TypePtr& known : TreeTypes()) {
    if (SameTypeIgnoringNullability(*known, *type)) return true;
  }
  return false;
}

bool HasLambdas(const Overload& overload) {
  for (const TypePattern& pattern : overload.args) {
    if (pattern.kind == TypePattern::Kind::kLambda) return true;
  }
  return false;
}

// What gives each type, found by trying: every overload some times with random types, kept when all are trees' types.
class Producers {
 public:
  static const Producers& For(bool ansi) {
    static const Producers* const kAnsi = new Producers(true);
    static const Producers* const kLegacy = new Producers(false);
    return ansi ? *kAnsi : *kLegacy;
  }
  const std::vector<Producer>* Of(const TypePtr& type) const {
    auto place = by_type_.find(type->CatalogString());
    return place == by_type_.end() ? nullptr : &place->second;
  }

 private:
  static constexpr int kAttempts = 12;

  explicit Producers(bool ansi) {
    const Binder binder(MakeContext(ansi, "UTC"));
    Random random(7);
    for (const FunctionDecl* decl : FunctionRegistry::Builtin().All()) {
      if (decl->kind != FunctionKind::kScalar || !decl->deterministic || decl->needs_partition_order) continue;
      if (decl->group == "internal" || HintsOf(*decl).largest_count != 0) continue;
      for (const Overload& overload : decl->overloads) {
        for (int i = 0; i < kAttempts; ++i) Try(*decl, overload, binder, random);
      }
    }
  }
  void Try(const FunctionDecl& decl, const Overload& overload, const Binder& binder, Random& random) {
    Input input;
    Producer producer{&decl, &overload, {}, HasLambdas(overload)};
    bool known = true;
    CallMaker maker(random, [&](const TypePtr& type) {
      known = known && IsTreeType(type);
      producer.types.push_back(type);
      return input.Add(type, true);
    });
    const ExprPtr call = maker.Make(decl, overload);
    if (!known && !producer.lambdas) return;
    const ExprPtr bound = binder.Bind(call, input);
    if (bound == nullptr || !IsTreeType(bound->type)) return;
    by_type_[bound->type->CatalogString()].push_back(std::move(producer));
  }

  std::map<std::string, std::vector<Producer>> by_type_;
};

class TreeMaker {
 public:
  TreeMaker(const Binder& binder, const Producers& producers, Random& random, Input* input)
      : binder_(binder), producers_(producers), random_(random), input_(input) {}

  // A resolved tree of the type.
  ExprPtr Make(const TypePtr& type, int depth) {
    if (depth <= 0 || random_.Percent(10)) return Leaf(type);
    for (int attempt = 0; attempt < 3; ++attempt) {
      const ExprPtr unresolved = random_.Percent(40)   ? Guard(type, depth)
                                 : random_.Percent(15) ? CastTo(Make(random_.Pick(TreeTypes()), depth - 1), type)
                                                       : CallOf(type, depth);
      if (unresolved == nullptr) continue;
      const ExprPtr bound = binder_.Bind(unresolved, *input_);
      if (bound != nullptr && SameTypeIgnoringNullability(*bound->type, *type)) return bound;
    }
    return Leaf(type);
  }

 private:
  ExprPtr Leaf(const TypePtr& type) {
    if (random_.Percent(30)) return RandomLiteral(type, random_, {});
    std::vector<ExprPtr> known;
    for (const ExprPtr& attribute : input_->attributes) {
      if (SameTypeIgnoringNullability(*attribute->type, *type)) known.push_back(attribute);
    }
    if (!known.empty() && random_.Percent(75)) return random_.Pick(known);
    return input_->Add(type, random_.Percent(70));
  }
  static ExprPtr CastTo(ExprPtr child, TypePtr type) {
    auto cast = std::make_shared<Cast>();
    cast->child = std::move(child);
    cast->target = std::move(type);
    return cast;
  }
  ExprPtr CallOf(const TypePtr& type, int depth) {
    const std::vector<Producer>* producers = producers_.Of(type);
    if (producers == nullptr) return nullptr;
    const Producer& producer = random_.Pick(*producers);
    if (producer.lambdas) {
      CallMaker maker(random_, [&](const TypePtr& wanted) { return Make(wanted, depth - 2); });
      return maker.Make(*producer.decl, *producer.overload);
    }
    std::vector<ExprPtr> args;
    for (const TypePtr& wanted : producer.types) args.push_back(Make(wanted, depth - 1));
    return MakeUnresolvedFunction(producer.decl->name, std::move(args));
  }
  ExprPtr Guard(const TypePtr& type, int depth) {
    auto condition = [&] { return Make(types::Boolean(), depth - 1); };
    auto value = [&] { return Make(type, depth - 1); };
    if (type->is(TypeId::kBoolean) && random_.Percent(60)) {
      switch (random_.Below(4)) {
        case 0: return MakeUnresolvedFunction("and", {condition(), condition()});
        case 1: return MakeUnresolvedFunction("or", {condition(), condition()});
        case 2: return MakeUnresolvedFunction("not", {condition()});
        default: {
          const TypePtr& compared = random_.Pick(TreeTypes());
          std::vector<ExprPtr> args;
          for (int64_t n = random_.Between(2, 5); n > 0; --n) args.push_back(Make(compared, depth - 1));
          return MakeUnresolvedFunction("in", std::move(args));
        }
      }
    }
    switch (random_.Below(6)) {
      case 0: return MakeUnresolvedFunction("if", {condition(), value(), value()});
      case 1: return MakeUnresolvedFunction("case", {condition(), value(), condition(), value()});
      case 2: return MakeUnresolvedFunction("case", {condition(), value(), condition(), value(), value()});
      case 3: return MakeUnresolvedFunction("coalesce", {value(), value(), value()});
      case 4: return MakeUnresolvedFunction("nullif", {value(), value()});
      default: return MakeUnresolvedFunction("nvl2", {Make(random_.Pick(TreeTypes()), depth - 1), value(), value()});
    }
  }

  const Binder& binder_;
  const Producers& producers_;
  Random& random_;
  Input* input_;
};

TrialResult RunTrial(int depth, uint64_t seed) {
  TrialResult result;
  Random random(Random::Seed("tree" + std::to_string(depth), seed));
  const bool ansi = random.Percent(60);
  const Binder binder(MakeContext(ansi, RandomZone(random)));
  Input input;
  const ExprPtr tree = TreeMaker(binder, Producers::For(ansi), random, &input).Make(random.Pick(TreeTypes()), depth);
  const ExprPtr expression = Binder::ToColumns(tree, input);
  if (!IsPlainScalar(expression)) {
    result.refused = true;
    return result;
  }
  const Rows rows = RandomRows(input, random, {}, RandomRowCount(random));
  try {
    const std::vector<Outcome> outcomes = ReferenceOutcomes(expression, binder.context(), rows, &result);
    if (result.problem.empty()) {
      CompareWithOutcomes(expression, binder.context(), input, rows, outcomes, 6, random, &result);
    }
    if (result.problem.empty() && expression->type->is(TypeId::kBoolean)) {
      CompareFilter(expression, binder.context(), input, rows, random, &result);
    }
  } catch (const std::exception& error) {
    result.Fail(std::string("an exception that nobody expects: ") + error.what());
  }
  if (!result.problem.empty()) {
    result.problem = Print(expression) + ": " + expression->type->CatalogString() +
                     (ansi ? "  (ANSI, zone " : "  (not ANSI, zone ") + binder.context()->zone.id() + ")\n  " +
                     result.problem;
  }
  return result;
}

}  // namespace

std::vector<Subject> TreeSubjects() {
  std::vector<Subject> subjects;
  for (int depth = 2; depth <= 5; ++depth) {
    for (int copy = 0; copy < 10; ++copy) {  // trees get as much time as ten functions a depth
      const std::string name = "depth" + std::to_string(depth) + (copy == 0 ? "" : "." + std::to_string(copy));
      const uint64_t salt = static_cast<uint64_t>(copy) << 40;
      subjects.push_back(
          {"tree", "trees", name, [depth, salt](uint64_t seed) { return RunTrial(depth, seed + salt); }});
    }
  }
  return subjects;
}

}  // namespace centella::property
