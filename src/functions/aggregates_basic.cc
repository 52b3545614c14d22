// count, sum and avg, in all their types.
#include <algorithm>

#include "base/simd.h"
#include "functions/aggregate_base.h"
#include "functions/decimal_arithmetic.h"
#include "functions/magnitude.h"
#include "functions/registry.h"

namespace centella {
namespace {

using int128_packed = int128_t __attribute__((aligned(8)));

// ---- count --------------------------------------------------------------------------------------------------------

struct CountState {
  int64_t count = 0;
};

template <typename Derived>
class CountBase : public PodAggregate<Derived, CountState> {
 public:
  void MergeInto(CountState& into, const CountState& from) const { into.count += from.count; }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(types::Long(), rows);
    for (int64_t i = 0; i < rows; ++i) out->mutable_data<int64_t>()[i] = this->At(states[i]).count;
    return out;
  }
};

// Rows in which no argument is null; all rows without arguments.
class Count final : public CountBase<Count> {
 public:
  explicit Count(const AggregateArgs&) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    bool nulls = false;
    for (const VectorPtr& arg : args) nulls |= arg->MayHaveNulls();
    for (int64_t i = begin; i < end; ++i) {
      if (nulls && AnyNull(args, i)) continue;
      ++at(i).count;
    }
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    if (std::any_of(args.begin(), args.end(), [](const VectorPtr& arg) { return arg->MayHaveNulls(); })) {
      CountBase<Count>::UpdateOne(args, rows, state);
    } else {
      At(state).count += rows;
    }
  }

 private:
  static bool AnyNull(std::span<const VectorPtr> args, int64_t row) {
    for (const VectorPtr& arg : args) {
      if (arg->IsNull(row)) return true;
    }
    return false;
  }
};

class CountIf final : public CountBase<CountIf> {
 public:
  explicit CountIf(const AggregateArgs&) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<uint8_t>(*args[0], begin, end, [&](int64_t i, uint8_t value) { at(i).count += value; });
  }
};

// ---- sum ----------------------------------------------------------------------------------------------------------

// The wrapped sum of values and, in `bits`, the magnitudes of all of them or-ed together.
template <typename T>
CENTELLA_WIDE_LOOPS uint64_t WrappedSum(const T* values, int64_t rows, uint64_t* bits) {
  uint64_t total = 0, all = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t value = values[i];
    total += static_cast<uint64_t>(value);
    all |= Magnitude(value);
  }
  *bits = all;
  return total;
}

// Adds flat values to `sum` when no order of adding them could leave 64 bits; else nothing has happened and it answers false.
// Without a test per row, so that the loop vectorises.
template <typename T>
bool AddWithoutOverflow(const Vector& vector, int64_t rows, int64_t* sum) {
  if (!vector.is_flat() || vector.validity() != nullptr || rows > kVectorSize) return false;
  uint64_t bits = 0;
  const uint64_t total = WrappedSum(vector.data<T>(), rows, &bits);
  constexpr uint64_t kBound = uint64_t{1} << 62;
  if (bits >= kBound / kVectorSize || Magnitude(*sum) >= kBound) return false;
  *sum += static_cast<int64_t>(total);
  return true;
}

struct LongSumState {
  int64_t sum = 0;
  bool any = false;
  bool overflow = false;
};

template <typename T>
class LongSum final : public PodAggregate<LongSum<T>, LongSumState> {
 public:
  explicit LongSum(const AggregateArgs& args) : mode_(args.mode), type_(args.result_type) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<T>(*args[0], begin, end, [&](int64_t i, T value) {
      LongSumState& state = at(i);
      state.any = true;
      if (__builtin_add_overflow(state.sum, static_cast<int64_t>(value), &state.sum)) [[unlikely]]
        Overflow(state);
    });
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    LongSumState& into = this->At(state);
    if (AddWithoutOverflow<T>(*args[0], rows, &into.sum)) {
      into.any |= rows > 0;
    } else {
      PodAggregate<LongSum<T>, LongSumState>::UpdateOne(args, rows, state);
    }
  }
  void MergeInto(LongSumState& into, const LongSumState& from) const {
    into.any |= from.any;
    into.overflow |= from.overflow;
    if (__builtin_add_overflow(into.sum, from.sum, &into.sum)) Overflow(into);
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    for (int64_t i = 0; i < rows; ++i) {
      const LongSumState& state = this->At(states[i]);
      if (type_->physical() == PhysicalType::kInt32) {
        out->mutable_data<int32_t>()[i] = static_cast<int32_t>(state.sum);
      } else {
        out->mutable_data<int64_t>()[i] = state.sum;
      }
      if (!state.any || (state.overflow && mode_ == EvalMode::kTry)) out->SetNull(i);
    }
    return out;
  }

 private:
  void Overflow(LongSumState& state) const {
    state.overflow = true;
    if (mode_ == EvalMode::kAnsi) {
      Raise(Condition::ARITHMETIC_OVERFLOW,
            {{"message", "overflow"},
             {"alternative", " Use 'try_add' to tolerate overflow and return NULL instead."},
             {"config", "\"spark.sql.ansi.enabled\""}});
    }
  }
  EvalMode mode_;
  TypePtr type_;
};

struct DoubleSumState {
  double sum = 0;
  int64_t count = 0;
};

template <typename T, bool average>
class DoubleSum final : public PodAggregate<DoubleSum<T, average>, DoubleSumState> {
 public:
  explicit DoubleSum(const AggregateArgs&) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<T>(*args[0], begin, end, [&](int64_t i, T value) {
      DoubleSumState& state = at(i);
      state.sum += static_cast<double>(value);
      ++state.count;
    });
  }
  void MergeInto(DoubleSumState& into, const DoubleSumState& from) const {
    into.sum += from.sum;
    into.count += from.count;
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(types::Double(), rows);
    for (int64_t i = 0; i < rows; ++i) {
      const DoubleSumState& state = this->At(states[i]);
      out->mutable_data<double>()[i] = average ? state.sum / static_cast<double>(state.count) : state.sum;
      if (state.count == 0) {
        out->mutable_data<double>()[i] = 0;
        out->SetNull(i);
      }
    }
    return out;
  }
  // Sums of integers below 2^53 are exact in any order; only fractions depend on it.
  bool order_sensitive() const override { return std::is_floating_point_v<T>; }
};

struct DecimalSumState {
  int128_packed sum = 0;
  int64_t count = 0;
  bool overflow = false;
};

template <typename T, bool average>
class DecimalSum final : public PodAggregate<DecimalSum<T, average>, DecimalSumState> {
 public:
  explicit DecimalSum(const AggregateArgs& args)
      : mode_(args.mode),
        type_(args.result_type),
        scale_(args.arg_types[0]->scale()),
        limit_(PowerOfTen(std::min(38, args.arg_types[0]->precision() + 10))),
        // Below this many digits no count of rows overflows 128 bits, and the limit is tested once at the end.
        checked_(args.arg_types[0]->precision() + 10 > 38) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<T>(*args[0], begin, end, [&](int64_t i, T value) {
      DecimalSumState& state = at(i);
      state.sum += value;
      ++state.count;
      if (checked_) Check(state);
    });
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    if constexpr (std::is_same_v<T, int64_t>) {
      int64_t sum = 0;
      if (!checked_ && AddWithoutOverflow<T>(*args[0], rows, &sum)) {
        this->At(state).sum += sum;
        this->At(state).count += rows;
        return;
      }
    }
    PodAggregate<DecimalSum<T, average>, DecimalSumState>::UpdateOne(args, rows, state);
  }
  void MergeInto(DecimalSumState& into, const DecimalSumState& from) const {
    into.sum += from.sum;
    into.count += from.count;
    into.overflow |= from.overflow;
    if (checked_) Check(into);
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    for (int64_t i = 0; i < rows; ++i) {
      DecimalSumState state = this->At(states[i]);
      Check(state);
      int128_t result = 0;
      bool valid = state.count > 0;
      if (valid && state.overflow) {
        if (mode_ == EvalMode::kAnsi) RaiseOverflow();
        valid = false;
      } else if (valid) {
        valid = Result(state, &result);
      }
      if (!valid) {
        out->SetNull(i);
        result = 0;
      }
      if (type_->physical() == PhysicalType::kInt64) {
        out->mutable_data<int64_t>()[i] = static_cast<int64_t>(result);
      } else {
        out->mutable_data<int128_t>()[i] = result;
      }
    }
    return out;
  }

 private:
  void Check(DecimalSumState& state) const {
    if (state.sum >= limit_ || state.sum <= -limit_) [[unlikely]] {
      if (mode_ == EvalMode::kAnsi && !average) RaiseDecimalOverflow(Widen(state.sum), scale_, *type_);
      state.overflow = true;
      state.sum = 0;  // kept within 128 bits
    }
  }
  bool Result(const DecimalSumState& state, int128_t* result) const {
    if (!average) {
      *result = state.sum;
      return true;
    }
    Wide dividend = Widen(state.sum);
    ScaleUp(dividend, type_->scale() - scale_);
    Wide quotient = DivideHalfUp(dividend, Widen(state.count));
    if (Narrow(quotient, type_->precision(), result)) return true;
    if (mode_ == EvalMode::kAnsi) RaiseDecimalOverflow(quotient, type_->scale(), *type_);
    return false;
  }
  [[noreturn]] static void RaiseOverflow() {
    Raise(Condition::ARITHMETIC_OVERFLOW, {{"message", "Overflow in sum of decimals"},
                                           {"alternative", std::string(" Use '") + (average ? "try_avg" : "try_sum") +
                                                               "' to tolerate overflow and return NULL instead."},
                                           {"config", "\"spark.sql.ansi.enabled\""}});
  }
  EvalMode mode_;
  TypePtr type_;
  int scale_;
  int128_t limit_;
  bool checked_;
};

struct IntervalAverageState {
  int128_packed sum = 0;
  int64_t count = 0;
};

// avg of year-month or day-time intervals: rounded half up to the unit.
template <typename T>
class IntervalAverage final : public PodAggregate<IntervalAverage<T>, IntervalAverageState> {
 public:
  explicit IntervalAverage(const AggregateArgs& args) : type_(args.result_type) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<T>(*args[0], begin, end, [&](int64_t i, T value) {
      at(i).sum += value;
      ++at(i).count;
    });
  }
  void MergeInto(IntervalAverageState& into, const IntervalAverageState& from) const {
    into.sum += from.sum;
    into.count += from.count;
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    for (int64_t i = 0; i < rows; ++i) {
      const IntervalAverageState& state = this->At(states[i]);
      out->mutable_data<T>()[i] = 0;
      if (state.count == 0) {
        out->SetNull(i);
        continue;
      }
      Wide quotient = DivideHalfUp(Widen(state.sum), Widen(state.count));
      auto magnitude = static_cast<int64_t>(quotient.low);
      out->mutable_data<T>()[i] = static_cast<T>(quotient.negative ? -magnitude : magnitude);
    }
    return out;
  }

 private:
  TypePtr type_;
};

// ---- declarations -------------------------------------------------------------------------------------------------

AggregateFactory InTryMode(AggregateFactory factory) {
  return [factory = std::move(factory)](const AggregateArgs& args) {
    AggregateArgs tried = args;
    tried.mode = EvalMode::kTry;
    return factory(tried);
  };
}

template <bool average>
std::unique_ptr<AggregateFunction> MakeDecimalSum(const AggregateArgs& args) {
  if (args.arg_types[0]->physical() == PhysicalType::kInt64) {
    return std::make_unique<DecimalSum<int64_t, average>>(args);
  }
  return std::make_unique<DecimalSum<int128_t, average>>(args);
}

TypePtr SumType(const BindArgs& args) {
  const DataType& type = *args.types[0];
  return types::Decimal(std::min(38, type.precision() + 10), type.scale());
}
TypePtr AverageType(const BindArgs& args) {
  const DataType& type = *args.types[0];
  int precision = type.precision() + 4, scale = type.scale() + 4;
  return types::Decimal(std::min(38, precision), std::min(38, scale));
}
TypePtr FirstType(const BindArgs& args) { return args.types[0]; }

void RegisterSum(FunctionBuilder sum, bool try_mode) {
  auto mode = [&](AggregateFactory factory) { return try_mode ? InTryMode(std::move(factory)) : factory; };
  sum.Group("agg_funcs").AlwaysNullable();
  sum.AggregateOverload("tinyint -> bigint", mode(MakeAggregate<LongSum<int8_t>>)).CanFailAnsi();
  sum.AggregateOverload("smallint -> bigint", mode(MakeAggregate<LongSum<int16_t>>)).CanFailAnsi();
  sum.AggregateOverload("int -> bigint", mode(MakeAggregate<LongSum<int32_t>>)).CanFailAnsi();
  sum.AggregateOverload("bigint -> bigint", mode(MakeAggregate<LongSum<int64_t>>)).CanFailAnsi();
  sum.AggregateOverload("double -> double", mode(MakeAggregate<DoubleSum<double, false>>));
  sum.AggregateOverload("float -> double", mode(MakeAggregate<DoubleSum<float, false>>));
  sum.AggregateOverload("decimal -> ?", mode(MakeDecimalSum<false>)).ResultType(SumType).CanFailAnsi();
  sum.AggregateOverload("interval year to month -> ?", mode(MakeAggregate<LongSum<int32_t>>))
      .ResultType(FirstType)
      .CanFailAnsi();
  sum.AggregateOverload("interval day to second -> ?", mode(MakeAggregate<LongSum<int64_t>>))
      .ResultType(FirstType)
      .CanFailAnsi();
}

void RegisterAverage(FunctionBuilder avg, bool try_mode) {
  auto mode = [&](AggregateFactory factory) { return try_mode ? InTryMode(std::move(factory)) : factory; };
  avg.Group("agg_funcs").AlwaysNullable();
  avg.AggregateOverload("tinyint -> double", mode(MakeAggregate<DoubleSum<int8_t, true>>));
  avg.AggregateOverload("smallint -> double", mode(MakeAggregate<DoubleSum<int16_t, true>>));
  avg.AggregateOverload("int -> double", mode(MakeAggregate<DoubleSum<int32_t, true>>));
  avg.AggregateOverload("bigint -> double", mode(MakeAggregate<DoubleSum<int64_t, true>>));
  avg.AggregateOverload("double -> double", mode(MakeAggregate<DoubleSum<double, true>>));
  avg.AggregateOverload("float -> double", mode(MakeAggregate<DoubleSum<float, true>>));
  avg.AggregateOverload("decimal -> ?", mode(MakeDecimalSum<true>)).ResultType(AverageType).CanFailAnsi();
  avg.AggregateOverload("interval year to month -> interval year to month",
                        mode(MakeAggregate<IntervalAverage<int32_t>>));
  avg.AggregateOverload("interval day to second -> interval day to second",
                        mode(MakeAggregate<IntervalAverage<int64_t>>));
}

}  // namespace

void AggregateFunction::UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const {
  std::vector<std::byte*> states(rows, state);
  Update(args, rows, states.data());
}

VectorPtr MakeBlobs(const std::vector<std::string>& blobs) {
  MutableVectorPtr out = Vector::MakeFlat(types::Binary(), static_cast<int64_t>(blobs.size()));
  StringHeap heap;
  for (size_t i = 0; i < blobs.size(); ++i) out->mutable_data<StringView>()[i] = heap.Add(blobs[i]);
  heap.MoveTo(*out);
  return out;
}

void RegisterBasicAggregates(FunctionRegistry& registry) {
  registry.Aggregate("count", "How many rows have no NULL among the arguments; all rows for count(*).")
      .Group("agg_funcs")
      .NeverNull()
      .Example("SELECT count(col) FROM VALUES (NULL), (5), (5), (20) AS tab(col)", "3")
      .AggregateOverload("any... -> bigint", MakeAggregate<Count>);
  registry.Aggregate("count_if", "How many rows are true.")
      .Group("agg_funcs")
      .NeverNull()
      .Example("SELECT count_if(col % 2 = 0) FROM VALUES (NULL), (0), (1), (2), (3) AS tab(col)", "2")
      .AggregateOverload("boolean -> bigint", MakeAggregate<CountIf>);
  FunctionBuilder sum = registry.Aggregate("sum", "The sum of the values that aren't NULL.");
  sum.Example("SELECT sum(col) FROM VALUES (5), (10), (15) AS tab(col)", "30");
  RegisterSum(sum, false);
  RegisterSum(registry.Aggregate("try_sum", "The sum, or NULL when it overflows."), true);
  FunctionBuilder avg = registry.Aggregate("avg", "The mean of the values that aren't NULL.");
  avg.Alias("mean").Example("SELECT avg(col) FROM VALUES (1), (2), (3) AS tab(col)", "2.0");
  RegisterAverage(avg, false);
  RegisterAverage(registry.Aggregate("try_avg", "The mean, or NULL when it overflows."), true);
}

}  // namespace centella
