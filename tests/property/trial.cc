// Rows of a trial, and the comparison of the evaluator with the reference over them.
#include "property/trial.h"

#include "expression/evaluator.h"
#include "property/encodings.h"
#include "property/values.h"

namespace centella::property {

std::vector<Value> Rows::Column(size_t column, const std::vector<int32_t>& which) const {
  std::vector<Value> out;
  out.reserve(which.size());
  for (int32_t row : which) out.push_back(rows[row][column]);
  return out;
}

Rows RandomRows(const Input& input, Random& random, const Hints& hints, int64_t count) {
  Rows out;
  out.rows.resize(count);
  for (size_t c = 0; c < input.types.size(); ++c) {
    std::vector<Value> pool;
    for (int64_t n = random.Between(1, 24); n > 0; --n) {
      pool.push_back(RandomValue(input.types[c], random, hints, input.nullable[c] ? 15 : 0));
    }
    // Some columns keep a value for a while, so that constants can stand for them.
    const int64_t run = random.Percent(25) ? (random.Percent(50) ? 7 : count) : 1;
    for (int64_t r = 0; r < count; ++r) {
      out.rows[r].push_back(r % run == 0 ? random.Pick(pool) : out.rows[r - 1][c]);
    }
    out.pools.push_back(std::move(pool));
  }
  return out;
}

int64_t RandomRowCount(Random& random) {
  if (random.Percent(80)) return random.Between(1, 48);
  return random.Percent(85) ? random.Between(49, 300) : random.Between(4097, 4500);
}

std::string RandomZone(Random& random) {
  static const std::vector<std::string> kZones = {"UTC", "America/Los_Angeles", "Europe/Madrid", "Asia/Kathmandu",
                                                  "-08:00"};
  return random.Pick(kZones);
}

std::vector<Outcome> ReferenceOutcomes(const ExprPtr& expression, const QueryContextPtr& context, const Rows& rows,
                                       TrialResult* result) {
  Reference reference(expression, context);
  std::vector<Outcome> outcomes;
  const bool can_fail = CanFail(expression);
  for (const std::vector<Value>& row : rows.rows) {
    outcomes.push_back(reference.Row(row));
    const Outcome& outcome = outcomes.back();
    std::string fault;
    if (outcome.error != nullptr && outcome.error->condition() == Condition::INTERNAL_ERROR) {
      fault = outcome.error->what();
    } else if (outcome.error != nullptr && !can_fail) {
      fault = std::string("raises, but is declared not to: ") + outcome.error->what();
    } else if (outcome.error == nullptr && outcome.value.is_null() && !expression->nullable) {
      fault = "is NULL, but is declared not to be";
    } else if (outcome.error == nullptr) {
      fault = NullabilityFault(outcome.value, *expression->type);
    }
    if (fault.empty()) continue;
    for (size_t c = 0; c < row.size(); ++c) fault += "\n    c" + std::to_string(c) + " = " + Describe(row[c]);
    result->Fail(fault);
    break;
  }
  return outcomes;
}

namespace {

// One way to run the rows: the batches and their encodings are made as they are needed.
class Variant {
 public:
  Variant(const Input& input, const Rows& rows, Random& random) : input_(input), rows_(rows), random_(random) {
    const int64_t sizes[] = {1, 7, 4096};
    batch_size_ = sizes[random.Below(3)];
    selected_ = random.Percent(40);
  }

  // Takes live rows from `order` at `*at`; gives their batch.
  Batch Next(const std::vector<int32_t>& order, size_t* at) {
    live_.clear();
    std::vector<int32_t> physical;
    auto selection = std::make_shared<Selection>();
    while (*at < order.size() && static_cast<int64_t>(physical.size()) < batch_size_) {
      if (selected_ && random_.Percent(30)) {  // a row that is there but not live; it may be one that fails
        physical.push_back(static_cast<int32_t>(random_.Below(static_cast<int64_t>(rows_.rows.size()))));
        continue;
      }
      selection->push_back(static_cast<int32_t>(physical.size()));
      physical.push_back(order[*at]);
      live_.push_back(order[(*at)++]);
    }
    Batch batch;
    batch.rows = static_cast<int64_t>(physical.size());
    if (selected_) batch.selection = selection;
    encodings_.assign(input_.types.size(), "");
    for (size_t c = 0; c < input_.types.size(); ++c) {
      batch.columns.push_back(
          Encode(input_.types[c], rows_.Column(c, physical), rows_.pools[c], random_, &encodings_[c]));
    }
    return batch;
  }
  const std::vector<int32_t>& live() const { return live_; }
  int64_t batch_size() const { return batch_size_; }

  std::string Explain(int32_t row) const {
    std::string out = "\n  batches of " + std::to_string(batch_size_) + (selected_ ? ", with a selection" : "") +
                      ", this one of " + std::to_string(live_.size()) + " live rows";
    for (size_t c = 0; c < input_.types.size(); ++c) {
      out += "\n    c" + std::to_string(c) + " (" + encodings_[c] + ")";
      if (row >= 0) out += " = " + Describe(rows_.rows[row][c]);
    }
    return out;
  }

 private:
  const Input& input_;
  const Rows& rows_;
  Random& random_;
  int64_t batch_size_;
  bool selected_;
  std::vector<int32_t> live_;
  std::vector<std::string> encodings_;
};

// The rows in order; only those that give values when `good_only`.
std::vector<int32_t> OrderOf(const std::vector<Outcome>& outcomes, bool good_only, int64_t limit) {
  std::vector<int32_t> order;
  for (size_t r = 0; r < outcomes.size() && static_cast<int64_t>(order.size()) < limit; ++r) {
    if (!good_only || outcomes[r].error == nullptr) order.push_back(static_cast<int32_t>(r));
  }
  return order;
}

int64_t LimitOf(const Variant& variant) { return variant.batch_size() == 1 ? 64 : 5000; }

// What a batch gave, against what its live rows should give.
void CompareBatch(const Variant& variant, const std::vector<Outcome>& outcomes, const VectorPtr& values,
                  const Error* error, const TypePtr& type, TrialResult* result) {
  int32_t failing = -1;
  for (int32_t row : variant.live()) {
    if (outcomes[row].error == nullptr) continue;
    failing = row;
    break;
  }
  if (failing >= 0 || error != nullptr) {
    ++result->values;
    if (failing >= 0 && error != nullptr && SameError(*outcomes[failing].error, *error)) return;
    result->Fail("expected " + (failing < 0 ? std::string("values") : Describe(outcomes[failing])) + "\n  got " +
                 (error == nullptr ? std::string("values") : error->what()) + variant.Explain(failing));
    return;
  }
  if (values->size() != static_cast<int64_t>(variant.live().size())) {
    result->Fail("gave " + std::to_string(values->size()) + " rows" + variant.Explain(-1));
    return;
  }
  if (!SameTypeIgnoringNullability(*values->type(), *type)) {
    result->Fail("the vector's type is " + values->type()->CatalogString() + ", not " + type->CatalogString());
    return;
  }
  for (size_t i = 0; i < variant.live().size(); ++i) {
    const int32_t row = variant.live()[i];
    const Value value = values->GetValue(static_cast<int64_t>(i));
    ++result->values;
    if (SameValue(value, outcomes[row].value)) continue;
    result->Fail("expected " + Describe(outcomes[row]) + "\n  got " + Describe(value) + variant.Explain(row));
    return;
  }
}

}  // namespace

void CompareWithOutcomes(const ExprPtr& expression, const QueryContextPtr& context, const Input& input,
                         const Rows& rows, const std::vector<Outcome>& outcomes, int variants, Random& random,
                         TrialResult* result) {
  const auto compiled = CompiledExpressions::Compile({expression}, context);
  for (int v = 0; v < variants && result->problem.empty(); ++v) {
    Variant variant(input, rows, random);
    const std::vector<int32_t> order = OrderOf(outcomes, random.Percent(60), LimitOf(variant));
    ExpressionExecutor executor(compiled, 0);
    for (size_t at = 0; at < order.size() && result->problem.empty();) {
      const Batch batch = variant.Next(order, &at);
      if (variant.live().empty()) continue;
      VectorPtr values;
      std::unique_ptr<Error> error;
      try {
        values = random.Percent(50) ? executor.EvaluateOne(0, batch) : executor.Evaluate(batch)[0];
      } catch (const Error& raised) {
        error = std::make_unique<Error>(raised);
      }
      CompareBatch(variant, outcomes, values, error.get(), expression->type, result);
      if (error != nullptr) break;
    }
  }
}

namespace {

// The terms of an AND, in order, however they nest.
void TermsOf(const ExprPtr& condition, std::vector<ExprPtr>* terms) {
  const auto* call = As<Call>(condition);
  if (call == nullptr || call->function != "and") {
    terms->push_back(condition);
    return;
  }
  for (const ExprPtr& arg : call->args) TermsOf(arg, terms);
}

// A filter drops a row at its first term that isn't true, and doesn't look at the rest.
std::vector<Outcome> FilterOutcomes(const ExprPtr& condition, const QueryContextPtr& context, const Rows& rows) {
  std::vector<ExprPtr> terms;
  TermsOf(condition, &terms);
  std::vector<std::unique_ptr<Reference>> references;
  for (const ExprPtr& term : terms) references.push_back(std::make_unique<Reference>(term, context));
  std::vector<Outcome> outcomes;
  for (const std::vector<Value>& row : rows.rows) {
    Outcome outcome{Value::Boolean(true), nullptr};
    for (auto& reference : references) {
      Outcome term = reference->Row(row);
      if (term.error == nullptr && !term.value.is_null() && term.value.boolean()) continue;
      outcome = term.error != nullptr ? term : Outcome{Value::Boolean(false), nullptr};
      break;
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace

void CompareFilter(const ExprPtr& condition, const QueryContextPtr& context, const Input& input, const Rows& rows,
                   Random& random, TrialResult* result) {
  const std::vector<Outcome> outcomes = FilterOutcomes(condition, context, rows);
  ExpressionExecutor executor(CompiledExpressions::Compile({condition}, context), 0);
  Variant variant(input, rows, random);
  const std::vector<int32_t> order = OrderOf(outcomes, random.Percent(60), LimitOf(variant));
  for (size_t at = 0; at < order.size() && result->problem.empty();) {
    const Batch batch = variant.Next(order, &at);
    if (variant.live().empty()) continue;
    std::unique_ptr<Error> error;
    MutableVectorPtr kept = Vector::MakeFlat(types::Boolean(), static_cast<int64_t>(variant.live().size()));
    try {
      const SelectionPtr selection = executor.Filter(0, batch);
      for (int64_t i = 0; i < kept->size(); ++i) {
        const int32_t row = batch.selection != nullptr ? (*batch.selection)[i] : static_cast<int32_t>(i);
        const bool passes =
            selection == nullptr || std::find(selection->begin(), selection->end(), row) != selection->end();
        kept->mutable_data<uint8_t>()[i] = passes;
      }
    } catch (const Error& raised) {
      error = std::make_unique<Error>(raised);
    }
    CompareBatch(variant, outcomes, kept, error.get(), condition->type, result);
    if (!result->problem.empty()) result->problem = "as a filter: " + result->problem;
    if (error != nullptr) break;
  }
}

}  // namespace centella::property
