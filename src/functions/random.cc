// rand, randn, uuid, and the generator they share with Spark.
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "functions/kernels.h"
#include "functions/registry.h"
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

// The WELL generator of period 2^19937 - 1 with tempering (Panneton, L'Ecuyer and Matsumoto): what Spark's Poisson
// numbers come from.
class WellRandom {
 public:
  explicit WellRandom(int64_t seed) {
    state_[0] = static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32);
    state_[1] = static_cast<uint32_t>(seed);
    for (int i = 2; i < kWords; ++i) {
      // Spread as 32-bit numbers with a sign, as Java holds them.
      const int64_t before = static_cast<int32_t>(state_[i - 2]);
      state_[i] = static_cast<uint32_t>(uint64_t{1812433253} * static_cast<uint64_t>(before ^ (before >> 30)) +
                                        static_cast<uint64_t>(i));
    }
  }

  double NextDouble() {
    const uint64_t high = Next() >> 6;
    return static_cast<double>((high << 26) | (Next() >> 6)) * 0x1.0p-52;
  }

 private:
  static constexpr int kWords = 624;

  uint32_t Next() {
    auto at = [&](int ahead) -> uint32_t& { return state_[(place_ + ahead) % kWords]; };
    uint32_t& last = at(kWords - 1);
    uint32_t& last_but_one = at(kWords - 2);
    const uint32_t a = at(70), b = at(179), c = at(449);
    const uint32_t z0 = (last & 0x80000000u) ^ (last_but_one & 0x7fffffffu);
    const uint32_t z1 = at(0) ^ (at(0) << 25) ^ a ^ (a >> 27);
    const uint32_t z2 = (b >> 9) ^ c ^ (c >> 1);
    const uint32_t z3 = z1 ^ z2;
    uint32_t out = z0 ^ z1 ^ (z1 << 9) ^ z2 ^ (z2 << 21) ^ z3 ^ (z3 >> 21);
    at(0) = z3;
    last = out;
    last_but_one &= 0x80000000u;
    place_ = (place_ + kWords - 1) % kWords;
    out ^= (out << 7) & 0xe46e1700u;
    return out ^ ((out << 15) & 0x9b868000u);
  }

  uint32_t state_[kWords];
  int place_ = 0;
};

// Java's linear congruential generator: the seeds of a sample's partitions.
int64_t PartitionSeed(int64_t seed, int32_t partition) {
  uint64_t state = (static_cast<uint64_t>(seed) ^ 0x5DEECE66DULL) & ((uint64_t{1} << 48) - 1);
  auto next = [&] {
    state = (state * 0x5DEECE66DULL + 0xB) & ((uint64_t{1} << 48) - 1);
    return static_cast<int32_t>(state >> 16);
  };
  uint64_t out = 0;
  for (int32_t i = 0; i <= partition; ++i) {
    const auto high = static_cast<uint64_t>(static_cast<int64_t>(next()));
    out = (high << 32) + static_cast<uint64_t>(static_cast<int64_t>(next()));
  }
  return static_cast<int64_t>(out);
}

struct PoissonState {
  double limit = 1;  // e^-mean
  int64_t most = 0;
  WellRandom random;
};

std::shared_ptr<void> MakePoisson(std::span<const Value* const> constants, int32_t partition) {
  const double mean = constants[0] == nullptr || constants[0]->is_null() ? 0 : constants[0]->floating();
  const int64_t seed = constants[1] == nullptr || constants[1]->is_null() ? 0 : constants[1]->integer();
  return std::make_shared<PoissonState>(PoissonState{std::exp(-mean), static_cast<int64_t>(std::ceil(1000 * mean)),
                                                     WellRandom(PartitionSeed(seed, partition))});
}

// How often a row is in a sample with replacement.
VectorPtr SampleCount(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* state = static_cast<PoissonState*>(call.task_state);
  for (int64_t i = 0; i < call.rows; ++i) {
    // Products of uniform numbers until they fall below e^-mean.
    int32_t count = 0;
    for (double product = 1; count < state->most; ++count) {
      product *= state->random.NextDouble();
      if (product < state->limit) break;
    }
    out->mutable_data<int32_t>()[i] = count;
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
  registry.Scalar("rand", "A random number in [0, 1).")
      .Alias("random")
      .Group("math_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .CustomNulls()
      .NeverNull()
      .TaskState(MakeRandom)
      .Overload("-> double", Random<false>)
      .Overload("int -> double", Random<false>)
      .Overload("bigint -> double", Random<false>);
  registry.Scalar("randn", "A random number of the standard normal distribution.")
      .Group("math_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .CustomNulls()
      .NeverNull()
      .TaskState(MakeRandom)
      .Overload("-> double", Random<true>)
      .Overload("int -> double", Random<true>)
      .Overload("bigint -> double", Random<true>);
  registry.Scalar("sample_count", "How often a row is in a sample with replacement.")
      .Group("internal")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .CustomNulls()
      .NeverNull()
      .TaskState(MakePoisson)
      .Overload("double, bigint -> int", SampleCount);
  registry.Scalar("uuid", "A random UUID.")
      .Group("misc_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .CustomNulls()
      .NeverNull()
      .TaskState([](std::span<const Value* const> constants, int32_t partition) -> std::shared_ptr<void> {
        const bool seeded = !constants.empty() && constants[0] != nullptr && !constants[0]->is_null();
        const int64_t seed = seeded ? PartitionSeed(constants[0]->integer(), partition) : FreshSeed();
        return std::make_shared<std::mt19937_64>(static_cast<uint64_t>(seed));
      })
      .Overload("-> string", Uuid)
      .Overload("bigint -> string", Uuid);
}

}  // namespace centella
