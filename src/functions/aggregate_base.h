// What the aggregates share: states of plain data or on the heap, loops over values, states as bytes.
#pragma once

#include <cstring>
#include <new>

#include "functions/registry.h"
#include "functions/row_states.h"

namespace centella {

// Runs body(row, value) for each non-null row of [begin, end) of a flat or constant vector.
template <typename T, typename Body>
void EachValue(const Vector& vector, int64_t begin, int64_t end, Body&& body) {
  if (vector.physical() == PhysicalType::kNull) return;
  const T* data = vector.data<T>();
  if (vector.is_constant()) {
    if (vector.IsNull(0)) return;
    for (int64_t i = begin; i < end; ++i) body(i, data[0]);
    return;
  }
  const uint8_t* validity = vector.validity();
  if (validity == nullptr) {
    for (int64_t i = begin; i < end; ++i) body(i, data[i]);
    return;
  }
  for (int64_t i = begin; i < end; ++i) {
    if (BitIsSet(validity, i)) body(i, data[i]);
  }
}

// Binary vector of one blob a state, and the way back.
VectorPtr MakeBlobs(const std::vector<std::string>& blobs);

// A state that is plain data. Derived has
//   template <typename At> void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const;
//                                                                  takes rows [begin, end); at(i) = row i's State&
//   void MergeInto(State& into, const State& from) const;
//   VectorPtr Finish(…) const override.
template <typename Derived, typename State>
class PodAggregate : public AggregateFunction, public RowStates {
 public:
  static_assert(std::is_trivially_copyable_v<State>);
  static_assert(alignof(State) <= 8, "states are 8-byte aligned");
  size_t state_size() const override { return sizeof(State); }
  void Init(std::byte* state) const override { new (state) State(); }
  void Update(std::span<const VectorPtr> args, int64_t rows, std::byte* const* states) const override {
    self().Fold(args, 0, rows, [states](int64_t i) -> State& { return *reinterpret_cast<State*>(states[i]); });
  }
  void UpdateRows(std::span<const VectorPtr> args, int64_t begin, int64_t end, std::byte* const* rows,
                  size_t offset) const override {
    self().Fold(args, begin, end,
                [rows, offset](int64_t i) -> State& { return *reinterpret_cast<State*>(rows[i] + offset); });
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    State local = *reinterpret_cast<State*>(state);
    self().Fold(args, 0, rows, [&local](int64_t) -> State& { return local; });
    *reinterpret_cast<State*>(state) = local;
  }
  // Fold asks for the states of rows in ascending order, so the state before is complete when a row's is asked for.
  bool UpdateRunning(std::span<const VectorPtr> args, int64_t rows, const uint8_t* starts, const std::byte* before,
                     std::byte* states) const override {
    State* running = reinterpret_cast<State*>(states);
    const State* last = reinterpret_cast<const State*>(before);
    int64_t ready = 0;  // states below are there
    const auto extend = [&](int64_t end) {
      for (; ready < end; ++ready) {
        if (starts[ready]) {
          new (running + ready) State();
        } else {
          new (running + ready) State(*last);
        }
        last = running + ready;
      }
    };
    self().Fold(args, 0, rows, [&](int64_t i) -> State& {
      extend(i + 1);
      return running[i];
    });
    extend(rows);
    return true;
  }
  void Merge(std::byte* const* from, std::byte* const* into, int64_t rows) const override {
    for (int64_t i = 0; i < rows; ++i) self().MergeInto(At(into[i]), At(from[i]));
  }
  TypePtr intermediate_type() const override { return types::Binary(); }
  VectorPtr Serialize(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(types::Binary(), rows);
    StringHeap heap;
    for (int64_t i = 0; i < rows; ++i) {
      out->mutable_data<StringView>()[i] = heap.Add({reinterpret_cast<const char*>(states[i]), sizeof(State)});
    }
    heap.MoveTo(*out);
    return out;
  }
  void DeserializeMerge(const VectorPtr& serialized, std::byte* const* into) const override {
    DecodedVector blobs(*serialized);
    for (int64_t i = 0; i < serialized->size(); ++i) {
      std::string_view blob = blobs.Value<StringView>(i).view();
      CENTELLA_CHECK(blob.size() == sizeof(State), "a serialised aggregate state of the wrong size");
      State from;
      std::memcpy(static_cast<void*>(&from), blob.data(), sizeof(State));
      self().MergeInto(At(into[i]), from);
    }
  }

 protected:
  static State& At(std::byte* state) { return *reinterpret_cast<State*>(state); }

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }
};

// A state on the heap, made with the first row that reaches it. Derived has
//   void Add(Data& data, std::span<const VectorPtr> args, int64_t row) const;
//   bool Skips(std::span<const VectorPtr> args, int64_t row) const;    rows that leave the state as it is
//   void MergeData(Data& into, Data& from) const;
//   void Write(const Data& data, std::string& out) const;  Data Read(std::string_view bytes) const;
//   int64_t Bytes(const Data&) const;
template <typename Derived, typename Data>
class HeapAggregate : public AggregateFunction {
 public:
  size_t state_size() const override { return sizeof(Data*); }
  void Init(std::byte* state) const override { At(state) = nullptr; }
  void Update(std::span<const VectorPtr> args, int64_t rows, std::byte* const* states) const override {
    for (int64_t i = 0; i < rows; ++i) {
      if (!self().Skips(args, i)) self().Add(Ensure(states[i]), args, i);
    }
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    for (int64_t i = 0; i < rows; ++i) {
      if (!self().Skips(args, i)) self().Add(Ensure(state), args, i);
    }
  }
  void Merge(std::byte* const* from, std::byte* const* into, int64_t rows) const override {
    for (int64_t i = 0; i < rows; ++i) {
      if (At(from[i]) == nullptr) continue;
      if (At(into[i]) == nullptr) {
        std::swap(At(into[i]), At(from[i]));
      } else {
        self().MergeData(*At(into[i]), *At(from[i]));
      }
    }
  }
  TypePtr intermediate_type() const override { return types::Binary(); }
  VectorPtr Serialize(std::byte* const* states, int64_t rows) const override {
    std::vector<std::string> blobs(rows);
    for (int64_t i = 0; i < rows; ++i) {
      if (At(states[i]) == nullptr) continue;
      blobs[i].push_back(1);
      self().Write(*At(states[i]), blobs[i]);
    }
    return MakeBlobs(blobs);
  }
  void DeserializeMerge(const VectorPtr& serialized, std::byte* const* into) const override {
    DecodedVector blobs(*serialized);
    for (int64_t i = 0; i < serialized->size(); ++i) {
      std::string_view blob = blobs.Value<StringView>(i).view();
      if (blob.empty()) continue;
      Data from = self().Read(blob.substr(1));
      if (At(into[i]) == nullptr) {
        At(into[i]) = new Data(std::move(from));
      } else {
        self().MergeData(*At(into[i]), from);
      }
    }
  }
  bool needs_destroy() const override { return true; }
  void Destroy(std::byte* state) const override {
    delete At(state);
    At(state) = nullptr;
  }
  int64_t HeapBytes(const std::byte* state) const override {
    const Data* data = *reinterpret_cast<Data* const*>(state);
    return data == nullptr ? 0 : static_cast<int64_t>(sizeof(Data)) + self().Bytes(*data);
  }

 protected:
  static Data*& At(std::byte* state) { return *reinterpret_cast<Data**>(state); }
  static Data& Ensure(std::byte* state) {
    Data*& data = At(state);
    if (data == nullptr) data = new Data();
    return *data;
  }

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }
};

// A factory for aggregates built from AggregateArgs alone.
template <typename Aggregate>
std::unique_ptr<AggregateFunction> MakeAggregate(const AggregateArgs& args) {
  return std::make_unique<Aggregate>(args);
}

}  // namespace centella
