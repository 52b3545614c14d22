// randstr, uniform and shuffle: what is drawn with the random numbers that Spark would draw.
#include <array>
#include <cmath>
#include <random>
#include <string>

#include "functions/lists.h"
#include "functions/numbers.h"
#include "functions/registry.h"
#include "functions/spark_random.h"
#include "types/decimal.h"

namespace centella {
namespace {

int64_t FreshSeed() {
  std::random_device device;
  return (static_cast<int64_t>(device()) << 32) ^ device();
}

int64_t SeedOf(std::span<const Value* const> constants, size_t place) {
  if (constants.size() <= place) return FreshSeed();
  if (constants[place] == nullptr) RaiseUnsupported("a random function whose seed isn't constant");
  return constants[place]->is_null() ? 0 : constants[place]->integer();
}

template <size_t seed_place>
std::shared_ptr<void> MakeRandom(std::span<const Value* const> constants, int32_t partition) {
  return std::make_shared<SparkRandom>(SeedOf(constants, seed_place) + partition);
}

VectorPtr RandomText(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* random = static_cast<SparkRandom*>(call.task_state);
  StringHeap heap;
  std::string text;
  for (int64_t i = 0; i < call.rows; ++i) {
    const int64_t length = call.data<int32_t>(0)[call.index(0, i)];
    if (length < 0) {
      Raise(Condition::INVALID_PARAMETER_VALUE__LENGTH,
            {{"parameter", "`length`"}, {"length", std::to_string(length)}, {"functionName", "`randstr`"}});
    }
    if (length > (int64_t{1} << 26)) RaiseUnsupported("randstr with a length above 67108864");
    text.clear();
    for (int64_t k = 0; k < length; ++k) {
      const int32_t v = std::abs(random->Next(32) % 62);
      text += static_cast<char>(v < 10 ? '0' + v : v < 36 ? 'a' + v - 10 : 'A' + v - 36);
    }
    out->mutable_data<StringView>()[i] = heap.Add(text);
  }
  heap.MoveTo(*out);
  return out;
}

// min + (max - min) * rand(), cut or rounded to the type.
VectorPtr Uniform(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  const DataType& type = *call.result_type;
  auto* random = static_cast<SparkRandom*>(call.task_state);
  for (int64_t i = 0; i < call.rows; ++i) {
    const double drawn = random->NextDouble();
    if (call.args[0]->IsNull(call.index(0, i)) || call.args[1]->IsNull(call.index(1, i))) {
      out->SetNull(i);
      continue;
    }
    const double low = NumberAsDouble(*call.args[0], i);
    const double value = low + (NumberAsDouble(*call.args[1], i) - low) * drawn;
    int128_t decimal = 0;
    if (type.is(TypeId::kDecimal)) DoubleToDecimal(value, type.precision(), type.scale(), &decimal);
    switch (type.physical()) {
      case PhysicalType::kInt8: out->mutable_data<int8_t>()[i] = static_cast<int8_t>(value); break;
      case PhysicalType::kInt16: out->mutable_data<int16_t>()[i] = static_cast<int16_t>(value); break;
      case PhysicalType::kInt32: out->mutable_data<int32_t>()[i] = static_cast<int32_t>(value); break;
      case PhysicalType::kFloat: out->mutable_data<float>()[i] = static_cast<float>(value); break;
      case PhysicalType::kDouble: out->mutable_data<double>()[i] = value; break;
      case PhysicalType::kInt64:
        out->mutable_data<int64_t>()[i] =
            type.is(TypeId::kDecimal) ? static_cast<int64_t>(decimal) : static_cast<int64_t>(value);
        break;
      default: out->mutable_data<int128_t>()[i] = decimal;
    }
  }
  return out;
}

TypePtr UniformType(const BindArgs& args) {
  const TypePtr& a = args.types[0];
  const TypePtr& b = args.types[1];
  if (a->id() == b->id() && !a->is(TypeId::kDecimal)) return a;
  for (TypeId id : {TypeId::kDouble, TypeId::kFloat}) {
    if (a->is(id) || b->is(id)) return id == TypeId::kDouble ? types::Double() : types::Float();
  }
  if (!a->is(TypeId::kDecimal) && !b->is(TypeId::kDecimal))
    return static_cast<int>(a->id()) > static_cast<int>(b->id()) ? a : b;
  auto whole = [](const DataType& type) {
    if (type.is(TypeId::kDecimal)) return type.precision() - type.scale();
    return type.is(TypeId::kByte) ? 3 : type.is(TypeId::kShort) ? 5 : type.is(TypeId::kInt) ? 10 : 20;
  };
  auto scale = [](const DataType& type) { return type.is(TypeId::kDecimal) ? type.scale() : 0; };
  const int places = std::max(scale(*a), scale(*b));
  return types::Decimal(std::min(38, std::max(whole(*a), whole(*b)) + places), places);
}

// The Mersenne Twister seeded by two words, as Spark's shuffle has it.
class Twister {
 public:
  explicit Twister(int64_t seed) {
    const std::array<uint32_t, 2> key = {static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32),
                                         static_cast<uint32_t>(seed)};
    state_[0] = 19650218u;
    for (uint32_t i = 1; i < kSize; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
    uint32_t i = 1, j = 0;
    auto step = [&] {
      if (++i == kSize) {
        state_[0] = state_[kSize - 1];
        i = 1;
      }
    };
    for (uint32_t k = 0; k < kSize; ++k) {
      state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1664525u)) + key[j] + j;
      j ^= 1;
      step();
    }
    for (uint32_t k = 1; k < kSize; ++k) {
      state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1566083941u)) - i;
      step();
    }
    state_[0] = 0x80000000u;
  }

  int32_t NextInt(int32_t bound) {
    if ((bound & -bound) == bound) return static_cast<int32_t>((int64_t{bound} * Next31()) >> 31);
    while (true) {
      const int32_t bits = Next31(), value = bits % bound;
      if (int64_t{bits} - value + (bound - 1) <= INT32_MAX) return value;
    }
  }

 private:
  static constexpr uint32_t kSize = 624;
  int32_t Next31() {
    if (at_ == kSize) {
      for (uint32_t k = 0; k < kSize; ++k) {
        const uint32_t y = (state_[k] & 0x80000000u) | (state_[(k + 1) % kSize] & 0x7fffffffu);
        state_[k] = state_[(k + 397) % kSize] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0u);
      }
      at_ = 0;
    }
    uint32_t y = state_[at_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    y ^= y >> 18;
    return static_cast<int32_t>(y >> 1);
  }
  std::array<uint32_t, kSize> state_;
  uint32_t at_ = kSize;
};

VectorPtr Shuffle(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  auto* random = static_cast<Twister*>(call.task_state);
  ListPicks out(call.rows);
  std::vector<int32_t> order;
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.IsLive(i)) {
      const ListEntry entry = lists[i];
      order.resize(entry.length);
      for (int32_t k = 0; k < entry.length; ++k) order[k] = entry.offset + k;
      for (int32_t k = entry.length - 1; k > 0; --k) std::swap(order[k], order[random->NextInt(k + 1)]);
      for (int32_t k : order) out.Pick(k);
    }
    out.EndRow();
  }
  return out.Finish(call.result_type, lists.child());
}

}  // namespace

void RegisterRandomValues(FunctionRegistry& registry) {
  registry.Scalar("randstr", "A random text of letters and digits.")
      .Group("string_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .NeverNull()
      .CustomNulls()
      .TaskState(MakeRandom<1>)
      .Overload("int -> string", RandomText)
      .CanFail()
      .Overload("int, bigint -> string", RandomText)
      .CanFail();
  registry.Scalar("uniform", "A random number between two numbers.")
      .Group("math_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .CustomNulls()
      .TaskState(MakeRandom<2>)
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.nullable[1]; })
      .Overload("numeric, numeric -> ?", Uniform)
      .ResultType(UniformType)
      .Overload("numeric, numeric, bigint -> ?", Uniform)
      .ResultType(UniformType);
  auto first = [](const BindArgs& args) { return args.types[0]; };
  registry.Scalar("shuffle", "The array in a random order.")
      .Group("array_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .TaskState([](std::span<const Value* const> constants, int32_t partition) -> std::shared_ptr<void> {
        return std::make_shared<Twister>(SeedOf(constants, 1) + partition);
      })
      .Overload("array<T> -> ?", Shuffle)
      .ResultType(first)
      .Overload("array<T>, bigint -> ?", Shuffle)
      .ResultType(first);
}

}  // namespace centella
