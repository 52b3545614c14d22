// rand, randn, uuid, and the generator they share with Spark.
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "functions/families.h"
#include "functions/kernels.h"
#include "functions/spark_random.h"

namespace centella {
namespace {

// Murmur3 over the eight bytes of a number in big-endian order: how Spark spreads seeds.
uint32_t HashSeedBytes(int64_t number, uint32_t seed) {
  auto rotate = [](uint32_t x, int n) { return (x << n) | (x >> (32 - n)); };
  uint32_t h = seed;
  auto bits = static_cast<uint64_t>(number);
  for (uint32_t word : {static_cast<uint32_t>(bits >> 32), static_cast<uint32_t>(bits)}) {
    h = rotate(h ^ (rotate(__builtin_bswap32(word) * 0xcc9e2d51u, 15) * 0x1b873593u), 13) * 5 + 0xe6546b64u;
  }
  h ^= 8;
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  return h ^ (h >> 16);
}

int64_t FreshSeed() {
  std::random_device device;
  return (static_cast<int64_t>(device()) << 32) ^ device();
}

std::shared_ptr<void> MakeRandom(std::span<const Value* const> constants, int32_t partition) {
  int64_t seed = 0;
  if (constants.empty()) {
    seed = FreshSeed();
  } else if (constants.back() != nullptr && !constants.back()->is_null()) {
    seed = constants.back()->integer();
  }
  return std::make_shared<SparkRandom>(seed + partition);
}

template <bool gaussian>
VectorPtr Random(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* random = static_cast<SparkRandom*>(call.task_state);
  for (int64_t i = 0; i < call.rows; ++i) {
    out->mutable_data<double>()[i] = gaussian ? random->NextGaussian() : random->NextDouble();
  }
  return out;
}

VectorPtr Uuid(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* random = static_cast<std::mt19937_64*>(call.task_state);
  StringHeap heap;
  for (int64_t i = 0; i < call.rows; ++i) {
    uint64_t high = ((*random)() & ~uint64_t{0xf000}) | 0x4000;
    uint64_t low = ((*random)() & ~(uint64_t{3} << 62)) | (uint64_t{1} << 63);
    char text[40];
    std::snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%012llx", static_cast<uint32_t>(high >> 32),
                  static_cast<uint32_t>(high >> 16) & 0xffff, static_cast<uint32_t>(high) & 0xffff,
                  static_cast<uint32_t>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffffULL));
    out->mutable_data<StringView>()[i] = heap.Add({text, 36});
  }
  heap.MoveTo(*out);
  return out;
}

}  // namespace

SparkRandom::SparkRandom(int64_t seed) {
  uint32_t low = HashSeedBytes(seed, 0x3c074a61u);
  uint32_t high = HashSeedBytes(seed, low);
  state_ = static_cast<int64_t>((static_cast<uint64_t>(high) << 32) | low);
}

int32_t SparkRandom::Next(int bits) {
  auto next = static_cast<uint64_t>(state_);
  next ^= next << 21;
  next ^= next >> 35;
  next ^= next << 4;
  state_ = static_cast<int64_t>(next);
  return static_cast<int32_t>(next & ((uint64_t{1} << bits) - 1));
}

double SparkRandom::NextDouble() {
  int64_t high = static_cast<int64_t>(Next(26)) << 27;
  return static_cast<double>(high + Next(27)) * 0x1.0p-53;
}

double SparkRandom::NextGaussian() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double a, b, s;
  do {
    a = 2 * NextDouble() - 1;
    b = 2 * NextDouble() - 1;
    s = a * a + b * b;
  } while (s >= 1 || s == 0);
  double factor = std::sqrt(-2 * std::log(s) / s);
  spare_ = b * factor;
  has_spare_ = true;
  return a * factor;
}

int32_t SparkRandom::NextInt(int32_t bound) {
  int32_t r = Next(31);
  int32_t mask = bound - 1;
  if ((bound & mask) == 0) return static_cast<int32_t>((static_cast<int64_t>(bound) * r) >> 31);
  for (int32_t u = r;; u = Next(31)) {
    r = u % bound;
    if (static_cast<int64_t>(u) - r + mask <= std::numeric_limits<int32_t>::max()) return r;
  }
}

int64_t SparkRandom::NextLong() {
  int64_t high = static_cast<int64_t>(static_cast<uint64_t>(static_cast<int64_t>(Next(32))) << 32);
  return high + Next(32);
}

void RegisterRandomFunctions(FunctionRegistry& registry) {
  registry.Scalar("rand", "A random number in [0, 1).").Alias("random").Group("math_funcs").Nondeterministic()
      .NeedsPartitionOrder().CustomNulls().NeverNull().TaskState(MakeRandom)
      .Overload("-> double", Random<false>).Overload("int -> double", Random<false>)
      .Overload("bigint -> double", Random<false>);
  registry.Scalar("randn", "A random number of the standard normal distribution.").Group("math_funcs")
      .Nondeterministic().NeedsPartitionOrder().CustomNulls().NeverNull().TaskState(MakeRandom)
      .Overload("-> double", Random<true>).Overload("int -> double", Random<true>)
      .Overload("bigint -> double", Random<true>);
  registry.Scalar("uuid", "A random UUID.").Group("misc_funcs").Nondeterministic().CustomNulls().NeverNull()
      .TaskState([](std::span<const Value* const>, int32_t) -> std::shared_ptr<void> {
        return std::make_shared<std::mt19937_64>(static_cast<uint64_t>(FreshSeed()));
      })
      .Overload("-> string", Uuid);
}

}  // namespace centella
