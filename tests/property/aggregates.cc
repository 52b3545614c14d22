// Each aggregate over random rows: the same result in one go, in batches of any size and encoding, for one group or
// many, and in parts that are merged or serialised between.
#include <cmath>
#include <cstdlib>

#include "plan/transform.h"
#include "property/calls.h"
#include "property/encodings.h"
#include "property/trial.h"
#include "vector/serialize.h"

namespace centella::property {
namespace {

// States on the heap, initialised and destroyed.
class States {
 public:
  States(const AggregateFunction& function, int64_t count) : function_(function) {
    const size_t width = (function.state_size() + 7) / 8 * 8;
    memory_.resize(static_cast<size_t>(count) * std::max<size_t>(width, 8) / 8);
    for (int64_t i = 0; i < count; ++i) {
      states_.push_back(reinterpret_cast<std::byte*>(memory_.data()) +
                        static_cast<size_t>(i) * std::max<size_t>(width, 8));
      function.Init(states_.back());
    }
  }
  ~States() {
    if (!function_.needs_destroy()) return;
    for (std::byte* state : states_) function_.Destroy(state);
  }
  States(const States&) = delete;
  std::byte* const* data() const { return states_.data(); }
  std::byte* operator[](int64_t group) const { return states_[group]; }
  int64_t size() const { return static_cast<int64_t>(states_.size()); }

 private:
  const AggregateFunction& function_;
  std::vector<uint64_t> memory_;
  std::vector<std::byte*> states_;
};

// One aggregate bound to types, and its rows.
struct Work {
  ExprPtr expression;
  std::unique_ptr<AggregateFunction> function;
  std::vector<TypePtr> types;
  TypePtr result_type;
  std::vector<std::vector<Value>> rows;   // rows[r][argument]
  std::vector<std::vector<Value>> pools;  // per argument
  std::vector<int32_t> groups;            // of each row
  int64_t group_count = 1;
};

// What the groups give, or the error.
struct Results {
  std::vector<Value> values;
  std::shared_ptr<const Error> error;
};

enum class Joining { kMerge, kSerialize };

class Runner {
 public:
  Runner(const Work& work, Random& random) : work_(work), random_(random) {}

  // Row after row.
  Results OneByOne() {
    return Guarded([&] {
      States states(*work_.function, work_.group_count);
      for (size_t r = 0; r < work_.rows.size(); ++r) {
        std::vector<VectorPtr> args;
        for (size_t a = 0; a < work_.types.size(); ++a) args.push_back(MakeVector(work_.types[a], {work_.rows[r][a]}));
        std::byte* state = states[work_.groups[r]];
        work_.function->Update(args, 1, &state);
      }
      return Finish(states);
    });
  }

  // In batches.
  Results InBatches() {
    return Guarded([&] {
      States states(*work_.function, work_.group_count);
      Update(states, 0, work_.rows.size());
      return Finish(states);
    });
  }

  // In parts that end at `cuts`, joined in order (or in another order).
  Results InParts(const std::vector<size_t>& cuts, Joining joining, bool in_order) {
    return Guarded([&] {
      std::vector<std::unique_ptr<States>> parts;
      size_t begin = 0;
      for (size_t cut : cuts) {
        parts.push_back(std::make_unique<States>(*work_.function, work_.group_count));
        Update(*parts.back(), begin, cut);
        begin = cut;
      }
      States total(*work_.function, work_.group_count);
      while (!parts.empty()) {
        const auto at = in_order ? 0 : random_.Below(static_cast<int64_t>(parts.size()));
        Join(*parts[at], total, joining);
        parts.erase(parts.begin() + at);
      }
      return Finish(total);
    });
  }

 private:
  template <typename Body>
  static Results Guarded(Body&& body) {
    try {
      return {body(), nullptr};
    } catch (const Error& error) {
      return {{}, std::make_shared<Error>(error)};
    }
  }

  void Update(States& states, size_t begin, size_t end) {
    const int64_t sizes[] = {1, 7, 4096};
    const auto size = static_cast<size_t>(sizes[random_.Below(3)]);
    for (size_t at = begin; at < end; at += size) {
      const size_t stop = std::min(end, at + size);
      std::vector<VectorPtr> args;
      for (size_t a = 0; a < work_.types.size(); ++a) {
        std::vector<Value> column;
        for (size_t r = at; r < stop; ++r) column.push_back(work_.rows[r][a]);
        args.push_back(EncodeForKernel(work_.types[a], column, work_.pools[a], random_));
      }
      const auto rows = static_cast<int64_t>(stop - at);
      if (work_.group_count == 1 && random_.Percent(70)) {
        work_.function->UpdateOne(args, rows, states[0]);
        continue;
      }
      std::vector<std::byte*> targets;
      for (size_t r = at; r < stop; ++r) targets.push_back(states[work_.groups[r]]);
      work_.function->Update(args, rows, targets.data());
    }
  }

  void Join(States& from, States& into, Joining joining) {
    if (joining == Joining::kMerge) {
      work_.function->Merge(from.data(), into.data(), from.size());
      return;
    }
    // As a spill file or another process would hand them over.
    Batch batch;
    batch.columns.push_back(work_.function->Serialize(from.data(), from.size()));
    batch.rows = from.size();
    CENTELLA_CHECK(SameTypeIgnoringNullability(*batch.columns[0]->type(), *work_.function->intermediate_type()),
                   "states serialised as another type than declared");
    std::string bytes;
    SerializeBatch(batch, &bytes);
    std::string_view rest = bytes;
    const Batch back = DeserializeBatch({work_.function->intermediate_type()}, &rest);
    work_.function->DeserializeMerge(back.columns[0], into.data());
  }

  std::vector<Value> Finish(const States& states) {
    for (int64_t i = 0; i < states.size(); ++i) {
      CENTELLA_CHECK(work_.function->HeapBytes(states[i]) >= 0, "a state of negative size");
    }
    const VectorPtr first = work_.function->Finish(states.data(), states.size());
    const VectorPtr again = work_.function->Finish(states.data(), states.size());  // states stay as they were
    CENTELLA_CHECK(first->size() == states.size() && again->size() == states.size(), "a wrong number of results");
    CENTELLA_CHECK(
        SameTypeIgnoringNullability(*first->type(), *work_.result_type),
        "a result of type " + first->type()->CatalogString() + ", not " + work_.result_type->CatalogString());
    std::vector<Value> values;
    for (int64_t i = 0; i < states.size(); ++i) {
      values.push_back(first->GetValue(i));
      CENTELLA_CHECK(SameValue(values.back(), again->GetValue(i)), "finished twice, a state gave two results");
    }
    return values;
  }

  const Work& work_;
  Random& random_;
};

bool HoldsFloating(const DataType& type) {
  if (type.is(TypeId::kFloat) || type.is(TypeId::kDouble)) return true;
  for (const StructField& field : type.fields()) {
    if (HoldsFloating(*field.type)) return true;
  }
  return false;
}

// Equal but for the rounding of sums in another grouping. A variance that rounds to zero makes NULL or NaN of what is
// divided by it: such results say nothing.
bool Close(const Value& a, const Value& b) {
  auto degenerate = [](const Value& v) {
    return HoldsFloating(*v.type()) && !v.type()->is_nested() && (v.is_null() || std::isnan(v.floating()));
  };
  if (degenerate(a) || degenerate(b)) return true;
  if (a.is_null() || b.is_null()) return a.is_null() == b.is_null();
  if (a.type()->is_nested()) {
    if (a.parts().size() != b.parts().size()) return false;
    for (size_t i = 0; i < a.parts().size(); ++i) {
      if (!Close(a.parts()[i], b.parts()[i])) return false;
    }
    return true;
  }
  if (!HoldsFloating(*a.type())) return SameValue(a, b);
  const double x = a.floating(), y = b.floating();
  const double most = a.type()->is(TypeId::kFloat) ? 1e-3 : 1e-7;
  return SameValue(a, b) || std::fabs(x - y) <= most * std::max({1.0, std::fabs(x), std::fabs(y)});
}

enum class Strictness { kSame, kClose };

void Compare(const Work& work, const Results& expected, const Results& got, Strictness strictness,
             const std::string& how, TrialResult* result) {
  if (expected.error != nullptr || got.error != nullptr) {
    ++result->values;
    const bool both = expected.error != nullptr && got.error != nullptr;
    if (both && SameError(*expected.error, *got.error)) return;
    // Parts meet what doesn't go together in another order: the condition is the same, its values needn't be.
    if (both && strictness == Strictness::kClose && expected.error->condition() == got.error->condition()) return;
    result->Fail(how + ": expected " + (expected.error == nullptr ? "values" : expected.error->what()) + "\n  got " +
                 (got.error == nullptr ? "values" : got.error->what()));
    return;
  }
  for (size_t g = 0; g < expected.values.size(); ++g) {
    ++result->values;
    const bool same = strictness == Strictness::kSame ? SameValue(expected.values[g], got.values[g])
                                                      : Close(expected.values[g], got.values[g]);
    if (same) continue;
    std::string rows;
    int shown = 0;
    for (size_t r = 0; r < work.rows.size() && shown < 20; ++r) {
      if (work.groups[r] != static_cast<int32_t>(g)) continue;
      ++shown;
      rows += "\n    ";
      for (const Value& value : work.rows[r]) rows += Describe(value) + "  ";
    }
    result->Fail(how + ": expected " + Describe(expected.values[g]) + "\n  got " + Describe(got.values[g]) +
                 "\n  rows:" + rows);
    return;
  }
}

// The aggregate call in a bound expression.
const AggregateCall* FindAggregate(const ExprPtr& expression) {
  const AggregateCall* found = nullptr;
  if (expression == nullptr) return found;
  Walk(expression, [&](const ExprPtr& part) {
    if (found == nullptr) found = As<AggregateCall>(part);
    return found == nullptr;
  });
  return found;
}

struct BoundAggregate {
  ExprPtr expression;  // keeps `call`
  const AggregateCall* call;
  Input input;
};

// What a call of an aggregate is as an expression.
ExprPtr AsAggregate(const ExprPtr& bound) {
  if (bound == nullptr) return nullptr;
  const auto& call = To<Call>(bound);
  for (size_t i = 1; i < call.args.size(); ++i) {  // what an aggregate is told is constant, and not NULL
    const auto* literal = As<Literal>(call.args[i]);
    if (literal == nullptr || literal->value.is_null()) return nullptr;
  }
  auto aggregate = std::make_shared<AggregateCall>();
  aggregate->function = call.function;
  aggregate->args = call.args;
  aggregate->type = call.type;
  aggregate->nullable = call.nullable;
  aggregate->mode = call.mode;
  return aggregate;
}

std::optional<BoundAggregate> FindCall(const FunctionDecl& decl, const Hints& hints, const Binder& binder,
                                       Random& random) {
  for (int attempt = 0; attempt < 12; ++attempt) {
    BoundAggregate out;
    const int literals = attempt < 6 ? 25 : 100;
    CallMaker maker(random, [&](const TypePtr& type) -> ExprPtr {
      if (!out.input.types.empty() && random.Percent(literals)) return RandomLiteral(type, random, hints);
      return out.input.Add(type, random.Percent(70));
    });
    const ExprPtr call = maker.Make(decl, random.Pick(decl.overloads));
    // Some need a clause (WITHIN GROUP) that makes arguments of its own: those are bound as they are declared.
    const bool plain = decl.group != "internal" && attempt < 9;
    out.expression = plain ? binder.Bind(call, out.input)
                           : AsAggregate(binder.BindInternal(decl, To<UnresolvedFunction>(call).args));
    if (out.expression != nullptr) out.expression = Binder::ToColumns(out.expression, out.input);
    out.call = FindAggregate(out.expression);
    if (out.call != nullptr && out.call->function == decl.name) return out;
  }
  return std::nullopt;
}

// Arguments of each row, by the reference; rows whose arguments fail are left out.
void FillRows(const BoundAggregate& bound, const QueryContextPtr& context, const Rows& rows, Work* work) {
  std::vector<std::unique_ptr<Reference>> references;
  for (const ExprPtr& arg : bound.call->args) {
    references.push_back(std::make_unique<Reference>(arg, context));
    work->types.push_back(arg->type);
    work->pools.emplace_back();
  }
  for (const std::vector<Value>& row : rows.rows) {
    std::vector<Value> args;
    bool good = true;
    for (auto& reference : references) {
      Outcome outcome = reference->Row(row);
      good = good && outcome.error == nullptr;
      args.push_back(std::move(outcome.value));
    }
    if (!good) continue;
    for (size_t a = 0; a < args.size(); ++a) {
      if (work->pools[a].size() < 20) work->pools[a].push_back(args[a]);
    }
    work->rows.push_back(std::move(args));
  }
}

// Rows whose sums stay far from every overflow and lose no bits: parts of them can be added in any grouping.
void Tame(const Input& input, Random& random, Rows* rows) {
  Hints small;
  small.largest_count = 100;
  for (size_t c = 0; c < input.types.size(); ++c) {
    const TypePtr& type = input.types[c];
    const bool floating = type->is(TypeId::kFloat) || type->is(TypeId::kDouble);
    if (!floating && !type->is_integral() && !type->is(TypeId::kDecimal) && !type->is(TypeId::kDayTimeInterval) &&
        !type->is(TypeId::kYearMonthInterval)) {
      continue;
    }
    for (std::vector<Value>& row : rows->rows) {
      if (row[c].is_null()) continue;
      const int64_t number = random.Between(-9, 9);
      row[c] = floating                     ? Value::Of(type, static_cast<double>(number) / 4)
               : type->is(TypeId::kDecimal) ? Value::Of(type, int128_t{number})
                                            : Value::Integer(type, number);
    }
  }
}

// One group, a few, or so many that most have few rows.
int64_t RandomGroupCount(Random& random, int64_t rows) {
  if (random.Percent(30)) return 1;
  return random.Percent(40) ? random.Between(2, 6) : random.Between(2, std::max<int64_t>(3, rows));
}

// Whether all numbers are as small as those of tame rows: constant arguments stay what they are.
bool AllSmall(const Work& work) {
  for (const std::vector<Value>& row : work.rows) {
    for (const Value& value : row) {
      const bool number = value.type()->is(TypeId::kFloat) || value.type()->is(TypeId::kDouble);
      if (number && !value.is_null() && std::fabs(value.floating()) > 100) return false;
    }
  }
  return true;
}

void RunVariants(const Work& work, bool tame, Random& random, TrialResult* result) {
  Runner runner(work, random);
  const Results base = runner.OneByOne();
  if (base.error != nullptr && base.error->condition() == Condition::INTERNAL_ERROR) result->Fail(base.error->what());
  const auto* call = As<AggregateCall>(work.expression);
  for (const Value& value : base.values) {
    if (call != nullptr && !call->nullable && value.is_null()) result->Fail("is NULL, but is declared not to be");
    if (std::string fault = NullabilityFault(value, *work.result_type); !fault.empty()) result->Fail(fault);
  }
  for (int i = 0; i < 3 && result->problem.empty(); ++i) {
    Compare(work, base, runner.InBatches(), Strictness::kSame, "in batches", result);
  }
  bool floating = HoldsFloating(*work.result_type);
  for (const TypePtr& type : work.types) floating = floating || HoldsFloating(*type);
  for (int i = 0; i < 3 && result->problem.empty(); ++i) {
    std::vector<size_t> cuts;
    for (int64_t n = random.Below(4); n > 0; --n) {
      cuts.push_back(static_cast<size_t>(random.Below(static_cast<int64_t>(work.rows.size()) + 1)));
    }
    cuts.push_back(work.rows.size());
    std::sort(cuts.begin(), cuts.end());
    const Results merged = runner.InParts(cuts, Joining::kMerge, true);
    Compare(work, merged, runner.InParts(cuts, Joining::kSerialize, true), Strictness::kSame,
            "serialised, against merged", result);
    if (!tame || !result->problem.empty()) continue;
    // Bins of parts stay apart where those of all rows fall together, as in Spark.
    if (As<AggregateCall>(work.expression) != nullptr &&
        As<AggregateCall>(work.expression)->function == "histogram_numeric")
      continue;
    const Strictness strictness = floating ? Strictness::kClose : Strictness::kSame;
    Compare(work, base, merged, strictness, "in " + std::to_string(cuts.size()) + " parts", result);
    if (work.function->order_sensitive() || !result->problem.empty()) continue;
    Compare(work, base, runner.InParts(cuts, Joining::kSerialize, false), strictness, "in parts joined out of order",
            result);
  }
}

TrialResult RunTrial(const FunctionDecl& decl, uint64_t seed) {
  TrialResult result;
  Random random(Random::Seed(decl.name, seed));
  const bool ansi = random.Percent(60), tame = random.Percent(50);
  const Binder binder(MakeContext(ansi, RandomZone(random)));
  const Hints hints = HintsOf(decl);
  const std::optional<BoundAggregate> bound = FindCall(decl, hints, binder, random);
  if (!bound.has_value()) {
    result.refused = true;
    return result;
  }
  Rows rows = RandomRows(bound->input, random, hints, RandomRowCount(random));
  if (tame) Tame(bound->input, random, &rows);
  Work work;
  work.expression = bound->expression;
  work.result_type = bound->call->type;
  try {
    FillRows(*bound, binder.context(), rows, &work);
    work.group_count = RandomGroupCount(random, static_cast<int64_t>(work.rows.size()));
    for (size_t r = 0; r < work.rows.size(); ++r)
      work.groups.push_back(static_cast<int32_t>(random.Below(work.group_count)));
    const Overload* overload = FindExactOverload(decl, work.types);
    CENTELLA_CHECK(overload != nullptr && overload->aggregate, "no aggregate of these types");
    work.function = overload->aggregate(
        AggregateArgs{*binder.context(), bound->call->mode, work.types, work.result_type, random.Percent(30)});
    RunVariants(work, tame && AllSmall(work), random, &result);
  } catch (const Error& error) {
    // A constant argument that Spark refuses when the query starts (a percentage of 7) is no fault.
    if (error.condition() == Condition::INTERNAL_ERROR) result.Fail(error.what());
  } catch (const std::exception& error) {
    result.Fail(std::string("an exception that nobody expects: ") + error.what());
  }
  if (!result.problem.empty()) {
    result.problem = Print(bound->expression) + ": " + work.result_type->CatalogString() +
                     (ansi ? "  (ANSI" : "  (not ANSI") + ", groups: " + std::to_string(work.group_count) +
                     ", rows: " + std::to_string(work.rows.size()) + ")\n  " + result.problem;
  }
  return result;
}

}  // namespace

std::vector<Subject> AggregateSubjects() {
  std::vector<Subject> subjects;
  for (const FunctionDecl* decl : FunctionRegistry::Builtin().All()) {
    if (decl->kind != FunctionKind::kAggregate || !decl->deterministic) continue;
    if (decl->name == "listagg_sorted") continue;  // its third argument is a code of analysis' own
    subjects.push_back({"aggregate", decl->group, decl->name, [decl](uint64_t seed) { return RunTrial(*decl, seed); }});
  }
  return subjects;
}

}  // namespace centella::property
