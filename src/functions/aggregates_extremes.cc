// Aggregates that keep one value: min, max, first, last, any_value, max_by, min_by, bool_and, bool_or, bit_*.
#include "base/simd.h"
#include "functions/aggregate_base.h"
#include "functions/compare.h"
#include "functions/registry.h"
#include "functions/row_bytes.h"

namespace centella {
namespace {

template <typename T>
struct StoredAs {
  using type = T;
};
template <>
struct StoredAs<int128_t> {
  using type = int128_t __attribute__((aligned(8)));  // states are 8-byte aligned
};

template <typename T>
struct FixedState {
  typename StoredAs<T>::type value;
  bool has = false;   // a row was seen
  bool null = false;  // … and the value kept is NULL (first, last)
  FixedState() : value() {}
};

template <typename Derived, typename T>
class FixedAggregate : public PodAggregate<Derived, FixedState<T>> {
 public:
  explicit FixedAggregate(const AggregateArgs& args) : type_(args.result_type) {}
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    for (int64_t i = 0; i < rows; ++i) {
      const FixedState<T>& state = this->At(states[i]);
      out->template mutable_data<T>()[i] = state.value;
      if (!state.has || state.null) out->SetNull(i);
    }
    return out;
  }

 protected:
  TypePtr type_;
};

// The greatest (sign > 0) or least of one or more integers.
template <typename T, int sign>
CENTELLA_WIDE_LOOPS T ExtremeOf(const T* values, int64_t rows) {
  T best = values[0];
  for (int64_t i = 1; i < rows; ++i) best = sign > 0 ? std::max(best, values[i]) : std::min(best, values[i]);
  return best;
}

template <typename T, int sign>
class FixedExtreme final : public FixedAggregate<FixedExtreme<T, sign>, T> {
 public:
  using State = FixedState<T>;
  using FixedAggregate<FixedExtreme<T, sign>, T>::FixedAggregate;
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<T>(*args[0], begin, end, [&](int64_t i, const T& value) { Take(at(i), value); });
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    if constexpr (std::is_integral_v<T> && sizeof(T) <= 8) {
      const Vector& values = *args[0];
      if (values.is_flat() && values.validity() == nullptr && rows > 0) {
        Take(this->At(state), ExtremeOf<T, sign>(values.data<T>(), rows));
        return;
      }
    }
    FixedAggregate<FixedExtreme<T, sign>, T>::UpdateOne(args, rows, state);
  }
  void MergeInto(State& into, const State& from) const {
    if (from.has) Take(into, from.value);
  }

 private:
  static void Take(State& state, T value) {  // by value: those in states are less aligned
    T current = state.value;
    if constexpr (std::is_integral_v<T>) {
      // Without a branch: which values are the best so far can't be foretold.
      const T best = sign > 0 ? std::max(current, value) : std::min(current, value);
      state.value = state.has ? best : value;
    } else if (!state.has || CompareValues<T>(value, current) * sign > 0) {
      state.value = value;
    }
    state.has = true;
  }
};

template <typename T, bool last>
class FixedFirst final : public FixedAggregate<FixedFirst<T, last>, T> {
 public:
  using State = FixedState<T>;
  explicit FixedFirst(const AggregateArgs& args)
      : FixedAggregate<FixedFirst<T, last>, T>(args), ignore_nulls_(args.ignore_nulls) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    const Vector& values = *args[0];
    bool ignore = ignore_nulls_ || (args.size() > 1 && end > begin && args[1]->GetValue(0).boolean());
    bool nulls = values.MayHaveNulls();
    const T* data = values.data<T>();
    int64_t step = values.is_constant() ? 0 : 1;
    for (int64_t i = begin; i < end; ++i) {
      State& state = at(i);
      if (!last && state.has) continue;
      bool null = nulls && values.IsNull(i);
      if (null && ignore) continue;
      state.has = true;
      state.null = null;
      state.value = null ? T() : data[i * step];
    }
  }
  void MergeInto(State& into, const State& from) const {
    if (from.has && (last || !into.has)) into = from;
  }
  bool order_sensitive() const override { return true; }

 private:
  bool ignore_nulls_;
};

// ---- values on the heap: strings and nested types -----------------------------------------------------------------

struct TextData {
  std::string text;
  bool null = false;
};

template <typename Derived>
class TextAggregate : public HeapAggregate<Derived, TextData> {
 public:
  explicit TextAggregate(const AggregateArgs& args) : type_(args.result_type) {}
  void Write(const TextData& data, std::string& out) const {
    out.push_back(data.null ? 1 : 0);
    out += data.text;
  }
  TextData Read(std::string_view bytes) const { return {std::string(bytes.substr(1)), bytes[0] != 0}; }
  int64_t Bytes(const TextData& data) const { return static_cast<int64_t>(data.text.capacity()); }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    StringHeap heap;
    for (int64_t i = 0; i < rows; ++i) {
      const TextData* data = this->At(states[i]);
      bool null = data == nullptr || data->null;
      out->template mutable_data<StringView>()[i] = null ? StringView() : heap.Add(data->text);
      if (null) out->SetNull(i);
    }
    heap.MoveTo(*out);
    return out;
  }

 protected:
  TypePtr type_;
};

template <int sign>
class TextExtreme final : public TextAggregate<TextExtreme<sign>> {
 public:
  using Base = HeapAggregate<TextExtreme<sign>, TextData>;
  using TextAggregate<TextExtreme<sign>>::TextAggregate;
  void Update(std::span<const VectorPtr> args, int64_t rows, std::byte* const* states) const override {
    EachValue<StringView>(*args[0], 0, rows, [&](int64_t i, const StringView& v) { Take(this->At(states[i]), v); });
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    EachValue<StringView>(*args[0], 0, rows, [&](int64_t, const StringView& v) { Take(this->At(state), v); });
  }
  bool Skips(std::span<const VectorPtr>, int64_t) const { return true; }
  void Add(TextData&, std::span<const VectorPtr>, int64_t) const {}
  void MergeData(TextData& into, TextData& from) const {
    if (from.text.compare(into.text) * sign > 0) into.text.swap(from.text);
  }

 private:
  static void Take(TextData*& data, const StringView& value) {
    if (data == nullptr) {
      data = new TextData{std::string(value.view()), false};
    } else if (value.view().compare(data->text) * sign > 0) {
      data->text.assign(value.view());
    }
  }
};

template <bool last>
class TextFirst final : public TextAggregate<TextFirst<last>> {
 public:
  explicit TextFirst(const AggregateArgs& args)
      : TextAggregate<TextFirst<last>>(args), ignore_nulls_(args.ignore_nulls) {}
  void Update(std::span<const VectorPtr> args, int64_t rows, std::byte* const* states) const override {
    for (int64_t i = 0; i < rows; ++i) Take(this->At(states[i]), args, i);
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    for (int64_t i = 0; i < rows; ++i) Take(this->At(state), args, i);
  }
  bool Skips(std::span<const VectorPtr>, int64_t) const { return true; }
  void Add(TextData&, std::span<const VectorPtr>, int64_t) const {}
  void MergeData(TextData& into, TextData& from) const {
    if (last) std::swap(into, from);
  }
  bool order_sensitive() const override { return true; }

 private:
  void Take(TextData*& data, std::span<const VectorPtr> args, int64_t row) const {
    if (!last && data != nullptr) return;
    bool null = args[0]->IsNull(row);
    if (null && (ignore_nulls_ || (args.size() > 1 && args[1]->GetValue(0).boolean()))) return;
    if (data == nullptr) data = new TextData();
    data->null = null;
    if (null) {
      data->text.clear();
    } else {
      data->text.assign(args[0]->data<StringView>()[args[0]->is_constant() ? 0 : row].view());
    }
  }
  bool ignore_nulls_;
};

// One row of the value (and of the ordering, for max_by), copied so that it pins nothing.
struct BoxedData {
  VectorPtr value;
  VectorPtr key;
};

VectorPtr Box(const VectorPtr& vector, int64_t row) { return CopyCompact(*Slice(vector, row, 1)); }

template <typename Derived>
class BoxedAggregate : public HeapAggregate<Derived, BoxedData> {
 public:
  explicit BoxedAggregate(const AggregateArgs& args)
      : type_(args.result_type), key_type_(args.arg_types.size() > 1 ? args.arg_types[1] : types::Null()) {}
  void Write(const BoxedData& data, std::string& out) const {
    EncodeRow(*data.value, 0, out);
    if (data.key != nullptr) EncodeRow(*data.key, 0, out);
  }
  BoxedData Read(std::string_view bytes) const {
    BoxedData data;
    data.value = Decode(type_, bytes);
    if (!bytes.empty()) data.key = Decode(key_type_, bytes);
    return data;
  }
  int64_t Bytes(const BoxedData& data) const {
    return data.value->MemoryBytes() + (data.key ? data.key->MemoryBytes() : 0);
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    ColumnBuilder builder(type_);
    std::string bytes;
    for (int64_t i = 0; i < rows; ++i) {
      const BoxedData* data = this->At(states[i]);
      if (data == nullptr) {
        builder.AppendNull();
        continue;
      }
      bytes.clear();
      EncodeRow(*data->value, 0, bytes);
      std::string_view view = bytes;
      builder.AppendEncoded(view);
    }
    return builder.Finish();
  }

 protected:
  static VectorPtr Decode(const TypePtr& type, std::string_view& bytes) {
    ColumnBuilder builder(type);
    builder.AppendEncoded(bytes);
    return builder.Finish();
  }
  TypePtr type_, key_type_;
};

template <int sign>
class BoxedExtreme final : public BoxedAggregate<BoxedExtreme<sign>> {
 public:
  using BoxedAggregate<BoxedExtreme<sign>>::BoxedAggregate;
  bool Skips(std::span<const VectorPtr> args, int64_t row) const { return args[0]->IsNull(row); }
  void Add(BoxedData& data, std::span<const VectorPtr> args, int64_t row) const {
    if (data.value == nullptr || CompareRows(*args[0], row, *data.value, 0) * sign > 0) {
      data.value = Box(args[0], row);
    }
  }
  void MergeData(BoxedData& into, BoxedData& from) const {
    if (CompareRows(*from.value, 0, *into.value, 0) * sign > 0) std::swap(into, from);
  }
};

template <bool last>
class BoxedFirst final : public BoxedAggregate<BoxedFirst<last>> {
 public:
  explicit BoxedFirst(const AggregateArgs& args)
      : BoxedAggregate<BoxedFirst<last>>(args), ignore_nulls_(args.ignore_nulls) {}
  bool Skips(std::span<const VectorPtr> args, int64_t row) const {
    bool ignore = ignore_nulls_ || (args.size() > 1 && args[1]->GetValue(0).boolean());
    return ignore && args[0]->IsNull(row);
  }
  void Add(BoxedData& data, std::span<const VectorPtr> args, int64_t row) const {
    if (last || data.value == nullptr) data.value = Box(args[0], row);
  }
  void MergeData(BoxedData& into, BoxedData& from) const {
    if (last) std::swap(into, from);
  }
  bool order_sensitive() const override { return true; }

 private:
  bool ignore_nulls_;
};

// max_by(value, ordering): of equal orderings the last row wins, as in Spark.
template <int sign>
class ExtremeBy final : public BoxedAggregate<ExtremeBy<sign>> {
 public:
  using BoxedAggregate<ExtremeBy<sign>>::BoxedAggregate;
  bool Skips(std::span<const VectorPtr> args, int64_t row) const { return args[1]->IsNull(row); }
  void Add(BoxedData& data, std::span<const VectorPtr> args, int64_t row) const {
    if (data.key != nullptr && CompareRows(*args[1], row, *data.key, 0) * sign < 0) return;
    data.value = Box(args[0], row);
    data.key = Box(args[1], row);
  }
  void MergeData(BoxedData& into, BoxedData& from) const {
    if (CompareRows(*from.key, 0, *into.key, 0) * sign >= 0) std::swap(into, from);
  }
  bool order_sensitive() const override { return true; }
};

// ---- bits ---------------------------------------------------------------------------------------------------------

enum class BitOp { kAnd, kOr, kXor };

template <typename T, BitOp op>
class BitAggregate final : public FixedAggregate<BitAggregate<T, op>, T> {
 public:
  using State = FixedState<T>;
  using FixedAggregate<BitAggregate<T, op>, T>::FixedAggregate;
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<T>(*args[0], begin, end, [&](int64_t i, T value) { Take(at(i), value); });
  }
  void MergeInto(State& into, const State& from) const {
    if (from.has) Take(into, from.value);
  }

 private:
  static void Take(State& state, T value) {
    if (!state.has) {
      state.value = value;
    } else if constexpr (op == BitOp::kAnd) {
      state.value &= value;
    } else if constexpr (op == BitOp::kOr) {
      state.value |= value;
    } else {
      state.value ^= value;
    }
    state.has = true;
  }
};

// ---- declarations -------------------------------------------------------------------------------------------------

using AggregatePtr = std::unique_ptr<AggregateFunction>;

template <template <typename> typename Fixed, typename Text, typename Boxed>
AggregatePtr MakeForType(const AggregateArgs& args) {
  switch (args.arg_types[0]->physical()) {
    case PhysicalType::kBool: return std::make_unique<Fixed<uint8_t>>(args);
    case PhysicalType::kInt8: return std::make_unique<Fixed<int8_t>>(args);
    case PhysicalType::kInt16: return std::make_unique<Fixed<int16_t>>(args);
    case PhysicalType::kInt32: return std::make_unique<Fixed<int32_t>>(args);
    case PhysicalType::kInt64: return std::make_unique<Fixed<int64_t>>(args);
    case PhysicalType::kInt128: return std::make_unique<Fixed<int128_t>>(args);
    case PhysicalType::kFloat: return std::make_unique<Fixed<float>>(args);
    case PhysicalType::kDouble: return std::make_unique<Fixed<double>>(args);
    case PhysicalType::kString: return std::make_unique<Text>(args);
    default: return std::make_unique<Boxed>(args);
  }
}

template <typename T>
using FixedMax = FixedExtreme<T, 1>;
template <typename T>
using FixedMin = FixedExtreme<T, -1>;
template <typename T>
using FixedFirstOf = FixedFirst<T, false>;
template <typename T>
using FixedLastOf = FixedFirst<T, true>;

template <BitOp op>
void RegisterBits(FunctionBuilder builder) {
  builder.Group("agg_funcs").AlwaysNullable();
  builder.AggregateOverload("tinyint -> tinyint", MakeAggregate<BitAggregate<int8_t, op>>);
  builder.AggregateOverload("smallint -> smallint", MakeAggregate<BitAggregate<int16_t, op>>);
  builder.AggregateOverload("int -> int", MakeAggregate<BitAggregate<int32_t, op>>);
  builder.AggregateOverload("bigint -> bigint", MakeAggregate<BitAggregate<int64_t, op>>);
}

void RegisterFirstLast(FunctionRegistry& registry) {
  AggregateFactory first = MakeForType<FixedFirstOf, TextFirst<false>, BoxedFirst<false>>;
  AggregateFactory last = MakeForType<FixedLastOf, TextFirst<true>, BoxedFirst<true>>;
  for (const char* name : {"first", "any_value"}) {
    FunctionBuilder builder = registry.Aggregate(name, "The first value; the first that isn't NULL if told so.");
    builder.Group("agg_funcs").AlwaysNullable().OrderSensitive();
    if (std::string_view(name) == "first") builder.Alias("first_value");
    builder.AggregateOverload("T -> T", first).AggregateOverload("T, boolean -> T", first);
  }
  FunctionBuilder builder = registry.Aggregate("last", "The last value; the last that isn't NULL if told so.");
  builder.Alias("last_value").Group("agg_funcs").AlwaysNullable().OrderSensitive();
  builder.AggregateOverload("T -> T", last).AggregateOverload("T, boolean -> T", last);
}

}  // namespace

void RegisterExtremeAggregates(FunctionRegistry& registry) {
  registry.Aggregate("max", "The greatest value.")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT max(col) FROM VALUES (10), (50), (20) AS tab(col)", "50")
      .AggregateOverload("T -> T", MakeForType<FixedMax, TextExtreme<1>, BoxedExtreme<1>>);
  registry.Aggregate("min", "The least value.")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT min(col) FROM VALUES (10), (-1), (20) AS tab(col)", "-1")
      .AggregateOverload("T -> T", MakeForType<FixedMin, TextExtreme<-1>, BoxedExtreme<-1>>);
  RegisterFirstLast(registry);
  registry.Aggregate("max_by", "The value where the ordering is greatest.")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT max_by(x, y) FROM VALUES ('a', 10), ('b', 50), ('c', 20) AS tab(x, y)", "b")
      .OrderSensitive()
      .AggregateOverload("T, K -> T", MakeAggregate<ExtremeBy<1>>);
  registry.Aggregate("min_by", "The value where the ordering is least.")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT min_by(x, y) FROM VALUES ('a', 10), ('b', 50), ('c', 20) AS tab(x, y)", "a")
      .OrderSensitive()
      .AggregateOverload("T, K -> T", MakeAggregate<ExtremeBy<-1>>);
  registry.Aggregate("bool_and", "Whether all are true.")
      .Alias("every")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT bool_and(col) FROM VALUES (true), (true) AS tab(col)", "true")
      .AggregateOverload("boolean -> boolean", MakeAggregate<FixedExtreme<uint8_t, -1>>);
  registry.Aggregate("bool_or", "Whether one is true.")
      .Alias("some")
      .Alias("any")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT bool_or(col) FROM VALUES (true), (false) AS tab(col)", "true")
      .AggregateOverload("boolean -> boolean", MakeAggregate<FixedExtreme<uint8_t, 1>>);
  RegisterBits<BitOp::kAnd>(registry.Aggregate("bit_and", "The bitwise AND of all values."));
  RegisterBits<BitOp::kOr>(registry.Aggregate("bit_or", "The bitwise OR of all values."));
  RegisterBits<BitOp::kXor>(registry.Aggregate("bit_xor", "The bitwise XOR of all values."));
}

}  // namespace centella
