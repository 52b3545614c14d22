// Aggregates of vectors, which are arrays of FLOAT: their sum and mean, element by element.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "functions/aggregate_base.h"
#include "functions/lists.h"
#include "functions/registry.h"

namespace centella {
namespace {

struct Sums {
  int64_t count = 0;
  std::vector<float> values;
};

// Null vectors, and those with a null element, are left out.
template <bool mean>
class VectorAggregate final : public HeapAggregate<VectorAggregate<mean>, Sums> {
 public:
  explicit VectorAggregate(const AggregateArgs& args) : type_(args.result_type) {}

  bool Skips(std::span<const VectorPtr> args, int64_t row) const {
    if (args[0]->IsNull(args[0]->is_constant() ? 0 : row)) return true;
    const ListArg lists(*args[0]);
    const ListEntry entry = lists[row];
    for (int64_t i = 0; i < entry.length; ++i) {
      if (lists.child()->IsNull(entry.offset + i)) return true;
    }
    return false;
  }
  void Add(Sums& data, std::span<const VectorPtr> args, int64_t row) const {
    const ListArg lists(*args[0]);
    const ListEntry entry = lists[row];
    AddValues(data, {lists.child()->template data<float>() + entry.offset, static_cast<size_t>(entry.length)}, 1);
  }
  void MergeData(Sums& into, Sums& from) const { AddValues(into, from.values, from.count); }
  void Write(const Sums& data, std::string& out) const {
    out.append(reinterpret_cast<const char*>(&data.count), sizeof(data.count));
    out.append(reinterpret_cast<const char*>(data.values.data()), data.values.size() * sizeof(float));
  }
  Sums Read(std::string_view bytes) const {
    Sums out;
    CENTELLA_CHECK(bytes.size() >= sizeof(out.count), "a serialised sum of vectors that is cut off");
    std::memcpy(&out.count, bytes.data(), sizeof(out.count));
    out.values.resize((bytes.size() - sizeof(out.count)) / sizeof(float));
    if (!out.values.empty()) {  // an empty vector has no address to copy to
      std::memcpy(out.values.data(), bytes.data() + sizeof(out.count), out.values.size() * sizeof(float));
    }
    return out;
  }
  int64_t Bytes(const Sums& data) const { return static_cast<int64_t>(data.values.capacity() * sizeof(float)); }
  bool order_sensitive() const override { return true; }

  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    std::vector<float> values;
    for (int64_t i = 0; i < rows; ++i) {
      const Sums* data = *reinterpret_cast<Sums* const*>(states[i]);
      ListEntry& entry = out->mutable_data<ListEntry>()[i];
      entry = {static_cast<int32_t>(values.size()), 0};
      if (data == nullptr) {
        out->SetNull(i);
        continue;
      }
      entry.length = static_cast<int32_t>(data->values.size());
      for (float value : data->values) values.push_back(mean ? value / static_cast<float>(data->count) : value);
    }
    MutableVectorPtr child = Vector::MakeFlat(types::Float(), static_cast<int64_t>(values.size()));
    std::copy(values.begin(), values.end(), child->mutable_data<float>());
    out->set_child(0, child);
    return out;
  }

 private:
  static void AddValues(Sums& into, std::span<const float> values, int64_t count) {
    if (into.count == 0) into.values.assign(values.size(), 0);
    if (into.values.size() != values.size()) {
      Raise(Condition::VECTOR_DIMENSION_MISMATCH, {{"functionName", mean ? "`vector_avg`" : "`vector_sum`"},
                                                   {"leftDim", std::to_string(into.values.size())},
                                                   {"rightDim", std::to_string(values.size())}});
    }
    for (size_t i = 0; i < values.size(); ++i) into.values[i] += values[i];
    into.count += count;
  }
  TypePtr type_;
};

TypePtr SumType(const BindArgs&) { return types::Array(types::Float(), false); }

}  // namespace

void RegisterVectorAggregates(FunctionRegistry& registry) {
  registry.Aggregate("vector_sum", "The sum of vectors, element by element.")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT vector_sum(x) FROM VALUES (array(1F, 2F)), (array(3F, 4F)) AS t(x)", "[4.0, 6.0]")
      .AggregateOverload("array<float> -> ?", MakeAggregate<VectorAggregate<false>>)
      .ResultType(SumType)
      .CanFail()
      .OrderSensitive();
  registry.Aggregate("vector_avg", "The mean of vectors, element by element.")
      .Group("agg_funcs")
      .AlwaysNullable()
      .Example("SELECT vector_avg(x) FROM VALUES (array(1F, 2F)), (array(3F, 4F)) AS t(x)", "[2.0, 3.0]")
      .AggregateOverload("array<float> -> ?", MakeAggregate<VectorAggregate<true>>)
      .ResultType(SumType)
      .CanFail()
      .OrderSensitive();
}

}  // namespace centella
