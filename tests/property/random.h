// A small random generator with a seed, so that every trial can be run again.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace centella::property {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // A seed for one trial of one subject.
  static uint64_t Seed(std::string_view subject, uint64_t seed) {
    uint64_t hash = 1469598103934665603ULL;
    for (char c : subject) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return Random(hash ^ (seed * 0x9E3779B97F4A7C15ULL)).Next();
  }
  uint64_t Next() {  // splitmix64
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // In [0, n).
  int64_t Below(int64_t n) { return static_cast<int64_t>(Next() % static_cast<uint64_t>(n)); }
  // In [low, high].
  int64_t Between(int64_t low, int64_t high) {
    const uint64_t width = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
    return static_cast<int64_t>(static_cast<uint64_t>(low) + (width == 0 ? Next() : Next() % width));
  }
  bool Percent(int chance) { return Below(100) < chance; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(Below(static_cast<int64_t>(from.size())))];
  }

 private:
  uint64_t state_;
};

}  // namespace centella::property
