// Aggregates that sort what they kept: listagg WITHIN GROUP, max_by and min_by of several values; and the numeric
// histogram, whose bins are kept in order.
#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include "functions/aggregate_base.h"
#include "functions/compare.h"
#include "functions/numbers.h"
#include "functions/registry.h"
#include "functions/row_bytes.h"

namespace centella {
namespace {

struct KeptRows {
  std::string bytes;  // encoded arguments, row after row
};

// Keeps all arguments of all rows; Derived says which rows are skipped and what the sorted rows give.
template <typename Derived>
class SortedRows : public HeapAggregate<Derived, KeptRows> {
 public:
  explicit SortedRows(const AggregateArgs& args)
      : type_(args.result_type), arg_types_(args.arg_types.begin(), args.arg_types.end()) {}
  void Add(KeptRows& data, std::span<const VectorPtr> args, int64_t row) const {
    for (const VectorPtr& arg : args) EncodeRow(*arg, row, data.bytes);
  }
  void MergeData(KeptRows& into, KeptRows& from) const { into.bytes += from.bytes; }
  void Write(const KeptRows& data, std::string& out) const { out += data.bytes; }
  KeptRows Read(std::string_view bytes) const { return {std::string(bytes)}; }
  int64_t Bytes(const KeptRows& data) const { return static_cast<int64_t>(data.bytes.capacity()); }
  bool order_sensitive() const override { return true; }

 protected:
  std::vector<VectorPtr> Columns(const KeptRows& data) const {
    std::deque<ColumnBuilder> builders;
    for (const TypePtr& type : arg_types_) builders.emplace_back(type);
    std::string_view bytes = data.bytes;
    while (!bytes.empty()) {
      for (ColumnBuilder& builder : builders) builder.AppendEncoded(bytes);
    }
    std::vector<VectorPtr> columns;
    for (ColumnBuilder& builder : builders) columns.push_back(builder.Finish());
    return columns;
  }
  static std::vector<int32_t> Places(int64_t rows) {
    std::vector<int32_t> order(static_cast<size_t>(rows));
    std::iota(order.begin(), order.end(), 0);
    return order;
  }

  TypePtr type_;
  std::vector<TypePtr> arg_types_;
};

// Arguments: text, delimiter, directions ('y' or 'n': whether a delimiter was given; then for each key 'a' or 'd', then 'f' or 'l' for where NULLs go), keys …
class SortedListAgg final : public SortedRows<SortedListAgg> {
 public:
  using SortedRows::SortedRows;
  bool Skips(std::span<const VectorPtr> args, int64_t row) const { return args[0]->IsNull(row); }

  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    StringHeap heap;
    for (int64_t i = 0; i < rows; ++i) {
      const KeptRows* data = At(states[i]);
      out->mutable_data<StringView>()[i] = data == nullptr ? StringView() : heap.Add(Joined(*data));
      if (data == nullptr) out->SetNull(i);
    }
    heap.MoveTo(*out);
    return out;
  }

 private:
  std::string Joined(const KeptRows& data) const {
    const std::vector<VectorPtr> columns = Columns(data);
    std::vector<int32_t> order = Places(columns[0]->size());
    const std::string_view directions = columns[2]->data<StringView>()[0].view().substr(1);
    std::stable_sort(order.begin(), order.end(),
                     [&](int32_t a, int32_t b) { return Before(columns, directions, a, b); });
    std::string text;
    bool first = true;
    for (int32_t row : order) {
      if (!first && !columns[1]->IsNull(row)) text += columns[1]->data<StringView>()[row].view();
      text += columns[0]->data<StringView>()[row].view();
      first = false;
    }
    return text;
  }
  static bool Before(const std::vector<VectorPtr>& columns, std::string_view directions, int32_t a, int32_t b) {
    for (size_t k = 3; k < columns.size(); ++k) {
      const Vector& key = *columns[k];
      const bool descending = directions[(k - 3) * 2] == 'd', nulls_first = directions[(k - 3) * 2 + 1] == 'f';
      const bool a_null = key.IsNull(a), b_null = key.IsNull(b);
      if (a_null != b_null) return a_null == nulls_first;
      if (a_null) continue;
      const int c = CompareRows(key, a, key, b);
      if (c != 0) return (c < 0) != descending;
    }
    return false;
  }
};

// max_by(value, key, k): the values of the k greatest keys, greatest first.
template <int sign>
class TopBy final : public SortedRows<TopBy<sign>> {
 public:
  using SortedRows<TopBy<sign>>::SortedRows;
  bool Skips(std::span<const VectorPtr> args, int64_t row) const { return args[1]->IsNull(row); }

  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(this->type_, rows);
    ColumnBuilder elements(this->type_->element());
    int32_t offset = 0;
    std::string bytes;
    for (int64_t i = 0; i < rows; ++i) {
      out->mutable_data<ListEntry>()[i] = {offset, 0};
      const KeptRows* data = this->At(states[i]);
      if (data == nullptr) {
        out->SetNull(i);
        continue;
      }
      const std::vector<VectorPtr> columns = this->Columns(*data);
      std::vector<int32_t> order = this->Places(columns[0]->size());
      std::stable_sort(order.begin(), order.end(),
                       [&](int32_t a, int32_t b) { return CompareRows(*columns[1], a, *columns[1], b) * sign > 0; });
      const int64_t wanted = columns[2]->template data<int32_t>()[0];
      const auto count = static_cast<int32_t>(std::min<int64_t>(wanted, static_cast<int64_t>(order.size())));
      for (int32_t k = 0; k < count; ++k) {
        bytes.clear();
        EncodeRow(*columns[0], order[k], bytes);
        std::string_view rest = bytes;
        elements.AppendEncoded(rest);
      }
      out->mutable_data<ListEntry>()[i] = {offset, count};
      offset += count;
    }
    out->set_child(0, elements.Finish());
    return out;
  }
};

// ---- histogram_numeric ----------------------------------------------------------------------------------------------

struct Bin {
  double x, y;
};

// Java's random numbers: Spark breaks ties between equally near bins with them, from this seed on.
constexpr uint64_t kJavaFactor = 0x5DEECE66DULL, kJavaMask = (uint64_t{1} << 48) - 1;
constexpr uint64_t kTieSeed = (31183 ^ kJavaFactor) & kJavaMask;

struct Histogram {
  std::vector<Bin> bins;  // by x
  int32_t most = 0;
  uint64_t random = kTieSeed;

  double Draw() {
    auto next = [this](int bits) {
      random = (random * kJavaFactor + 0xB) & kJavaMask;
      return static_cast<int64_t>(random >> (48 - bits));
    };
    const int64_t high = next(26) << 27;
    return static_cast<double>(high + next(27)) * 0x1.0p-53;
  }
};

class NumericHistogram final : public HeapAggregate<NumericHistogram, Histogram> {
 public:
  explicit NumericHistogram(const AggregateArgs& args) : type_(args.result_type) {}
  bool Skips(std::span<const VectorPtr> args, int64_t row) const { return args[0]->IsNull(row); }
  void Add(Histogram& data, std::span<const VectorPtr> args, int64_t row) const {
    if (data.most == 0) data.most = std::max(2, args[1]->data<int32_t>()[args[1]->is_constant() ? 0 : row]);
    const double value = NumberAsDouble(*args[0], row);
    auto at =
        std::lower_bound(data.bins.begin(), data.bins.end(), value, [](const Bin& bin, double v) { return bin.x < v; });
    if (at != data.bins.end() && at->x == value) {
      ++at->y;
      return;
    }
    data.bins.insert(at, {value, 1});
    Trim(data);
  }
  void MergeData(Histogram& into, Histogram& from) const {
    into.most = std::max(into.most, from.most);
    std::vector<Bin> all = into.bins;
    all.insert(all.end(), from.bins.begin(), from.bins.end());
    std::stable_sort(all.begin(), all.end(), [](const Bin& a, const Bin& b) { return a.x < b.x; });
    into.bins = std::move(all);
    Trim(into);
  }
  void Write(const Histogram& data, std::string& out) const {
    out.append(reinterpret_cast<const char*>(&data.most), 4);
    out.append(reinterpret_cast<const char*>(&data.random), 8);
    out.append(reinterpret_cast<const char*>(data.bins.data()), data.bins.size() * sizeof(Bin));
  }
  Histogram Read(std::string_view bytes) const {
    Histogram data;
    std::memcpy(&data.most, bytes.data(), 4);
    std::memcpy(&data.random, bytes.data() + 4, 8);
    data.bins.resize((bytes.size() - 12) / sizeof(Bin));
    if (!data.bins.empty()) std::memcpy(data.bins.data(), bytes.data() + 12, data.bins.size() * sizeof(Bin));
    return data;
  }
  int64_t Bytes(const Histogram& data) const { return static_cast<int64_t>(data.bins.capacity() * sizeof(Bin)); }
  bool order_sensitive() const override { return true; }

  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    std::vector<Value> out;
    for (int64_t i = 0; i < rows; ++i) {
      const Histogram* data = At(states[i]);
      if (data == nullptr) {
        out.push_back(Value::Null(type_));
        continue;
      }
      const TypePtr& bin_type = type_->element();
      std::vector<Value> bins;
      for (const Bin& bin : data->bins) {
        bins.push_back(Value::Nested(bin_type, {Centre(bin_type->fields()[0].type, bin.x), Value::Double(bin.y)}));
      }
      out.push_back(Value::Nested(type_, std::move(bins)));
    }
    return MakeVector(type_, out);
  }

 private:
  // Joins the two nearest bins until there are few enough.
  static void Trim(Histogram& data) {
    while (static_cast<int32_t>(data.bins.size()) > data.most) {
      size_t nearest = 0;
      double least = data.bins[1].x - data.bins[0].x;
      int equal = 1;
      for (size_t i = 1; i + 1 < data.bins.size(); ++i) {
        const double distance = data.bins[i + 1].x - data.bins[i].x;
        if (distance < least) {
          least = distance;
          nearest = i;
          equal = 1;
        } else if (distance == least && data.Draw() <= 1.0 / ++equal) {
          nearest = i;
        }
      }
      Bin &a = data.bins[nearest], &b = data.bins[nearest + 1];
      const double y = a.y + b.y;
      a = {a.x * (a.y / y) + b.x / y * b.y, y};  // in this order, to the last bit
      data.bins.erase(data.bins.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
    }
  }
  static Value Centre(const TypePtr& type, double x) {
    if (type->is_integral()) return Value::Integer(type, static_cast<int64_t>(x));
    if (!type->is(TypeId::kDecimal)) return Value::Of(type, x);
    int128_t decimal = 0;
    if (!DoubleToDecimal(x, type->precision(), type->scale(), &decimal)) return Value::Null(type);
    return Value::Of(type, decimal);
  }
  TypePtr type_;
};

TypePtr BinsType(const BindArgs& args) {
  return types::Array(types::Struct({{"x", args.types[0], true, ""}, {"y", types::Double(), true, ""}}), true);
}

}  // namespace

void RegisterSortedAggregates(FunctionRegistry& registry) {
  registry.Aggregate("listagg_sorted", "What listagg WITHIN GROUP becomes.")
      .Group("internal")
      .AlwaysNullable()
      .OrderSensitive()
      .AggregateOverload("string, string, string, any... -> string", MakeAggregate<SortedListAgg>)
      .AggregateOverload("binary, binary, string, any... -> binary", MakeAggregate<SortedListAgg>);
  auto list = [](const BindArgs& args) {
    const Value* count = args.constants[2];
    if (count == nullptr || count->is_null() || count->integer() < 1 || count->integer() > 100000) {
      Raise(Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE,
            {{"exprName", "`k`"},
             {"valueRange", "[1, 100000]"},
             {"sqlExpr", "\"max_by\""},
             {"currentValue", count == nullptr ? "NULL" : count->ToDisplay()}});
    }
    return types::Array(args.types[0], true);
  };
  registry.Aggregate("max_by", "").AggregateOverload("T, K, int -> ?", MakeAggregate<TopBy<1>>).ResultType(list);
  registry.Aggregate("min_by", "").AggregateOverload("T, K, int -> ?", MakeAggregate<TopBy<-1>>).ResultType(list);
  registry.Aggregate("histogram_numeric", "The values as so many bins, each with its centre and weight.")
      .Group("agg_funcs")
      .AlwaysNullable()
      .OrderSensitive()
      .AggregateOverload("numeric, int -> ?", MakeAggregate<NumericHistogram>)
      .ResultType(BinsType);
}

}  // namespace centella
