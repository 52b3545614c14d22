// collect_list of values of fixed width: a state has its values side by side, as they lie in the result's elements.
#include "functions/fixed_lists.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "functions/aggregate_base.h"

namespace centella {
namespace {

struct Pair {
  uint64_t words[2];
};

// Plain data, so that the rows of a hash table can be copied; CollectFixed::Destroy frees the values.
template <typename T>
struct FixedList {
  T* values = nullptr;
  int32_t count = 0;
  int32_t capacity = 0;

  void Reserve(int64_t more) {
    const int64_t needed = count + more;
    if (needed <= capacity) return;
    CENTELLA_CHECK(needed <= std::numeric_limits<int32_t>::max(), "a list has too many elements");
    constexpr int64_t kFirst = std::max<int64_t>(2, 32 / sizeof(T));  // most groups are small
    const int64_t wanted = std::max({needed, kFirst, int64_t{capacity} * 2});
    const int64_t room = std::min<int64_t>(wanted, std::numeric_limits<int32_t>::max());
    auto* grown = static_cast<T*>(std::realloc(static_cast<void*>(values), room * sizeof(T)));
    CENTELLA_CHECK(grown != nullptr, "no memory for a list");
    values = grown;
    capacity = static_cast<int32_t>(room);
  }
  void Append(const T& value) {
    if (count == capacity) [[unlikely]]
      Reserve(1);
    values[count++] = value;
  }
  void Append(const T* first, int64_t n) {
    if (n == 0) return;
    Reserve(n);
    std::memcpy(static_cast<void*>(values + count), first, n * sizeof(T));
    count += static_cast<int32_t>(n);
  }
};

// T: a type as wide as the values.
template <typename T>
class CollectFixed final : public AggregateFunction {
 public:
  explicit CollectFixed(const AggregateArgs& args) : type_(args.result_type) {}
  size_t state_size() const override { return sizeof(FixedList<T>); }
  void Init(std::byte* state) const override { new (state) FixedList<T>(); }
  void Update(std::span<const VectorPtr> args, int64_t rows, std::byte* const* states) const override {
    EachValue<T>(*args[0], 0, rows, [&](int64_t i, const T& value) { At(states[i]).Append(value); });
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    FixedList<T>& list = At(state);
    if (args[0]->is_flat() && args[0]->validity() == nullptr) {
      list.Append(args[0]->data<T>(), rows);
    } else {
      EachValue<T>(*args[0], 0, rows, [&](int64_t, const T& value) { list.Append(value); });
    }
  }
  void Merge(std::byte* const* from, std::byte* const* into, int64_t rows) const override {
    for (int64_t i = 0; i < rows; ++i) {
      if (At(into[i]).count == 0) {
        std::swap(At(into[i]), At(from[i]));
      } else {
        At(into[i]).Append(At(from[i]).values, At(from[i]).count);
      }
    }
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    auto* entries = out->mutable_data<ListEntry>();
    int64_t total = 0;
    for (int64_t i = 0; i < rows; ++i) {
      const FixedList<T>& list = At(states[i]);
      __builtin_prefetch(list.values);
      entries[i] = {static_cast<int32_t>(total), list.count};
      total += list.count;
      CENTELLA_CHECK(total <= std::numeric_limits<int32_t>::max(), "the lists of a batch have too many elements");
    }
    MutableVectorPtr elements = Vector::MakeFlat(type_->element(), total);
    T* at = elements->mutable_data<T>();
    for (int64_t i = 0; i < rows; ++i) {
      const FixedList<T>& list = At(states[i]);
      if (list.count > 0) std::memcpy(static_cast<void*>(at), list.values, list.count * sizeof(T));
      at += list.count;
    }
    out->set_child(0, elements);
    return out;
  }
  // A state's list is what it is made of.
  TypePtr intermediate_type() const override { return type_; }
  VectorPtr Serialize(std::byte* const* states, int64_t rows) const override { return Finish(states, rows); }
  void DeserializeMerge(const VectorPtr& serialized, std::byte* const* into) const override {
    const VectorPtr lists = Flatten(serialized);
    const VectorPtr elements = Flatten(lists->child(0));
    const ListEntry* entries = lists->data<ListEntry>();
    for (int64_t i = 0; i < lists->size(); ++i) {
      At(into[i]).Append(elements->data<T>() + entries[i].offset, entries[i].length);
    }
  }
  bool needs_destroy() const override { return true; }
  void Destroy(std::byte* state) const override {
    std::free(static_cast<void*>(At(state).values));
    At(state) = FixedList<T>();
  }
  int64_t HeapBytes(const std::byte* state) const override {
    return static_cast<int64_t>(reinterpret_cast<const FixedList<T>*>(state)->capacity) * sizeof(T);
  }
  bool order_sensitive() const override { return true; }

 private:
  static FixedList<T>& At(std::byte* state) { return *reinterpret_cast<FixedList<T>*>(state); }
  TypePtr type_;
};

}  // namespace

std::unique_ptr<AggregateFunction> MakeFixedList(const AggregateArgs& args) {
  switch (args.arg_types[0]->physical()) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return std::make_unique<CollectFixed<uint8_t>>(args);
    case PhysicalType::kInt16: return std::make_unique<CollectFixed<uint16_t>>(args);
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return std::make_unique<CollectFixed<uint32_t>>(args);
    case PhysicalType::kInt64:
    case PhysicalType::kDouble: return std::make_unique<CollectFixed<uint64_t>>(args);
    case PhysicalType::kInt128:
    case PhysicalType::kInterval: return std::make_unique<CollectFixed<Pair>>(args);
    default: return nullptr;
  }
}

}  // namespace centella
