// Spark's random numbers, bit for bit: rand, randn, sampling and shuffling give what Spark gives for a seed.
#pragma once

#include <cstdint>

namespace centella {

class SparkRandom {
 public:
  // `seed` is the expression's seed plus the partition's number.
  explicit SparkRandom(int64_t seed);
  double NextDouble();  // [0, 1)
  double NextGaussian();
  int32_t NextInt(int32_t bound);  // [0, bound), bound > 0
  int64_t NextLong();
  int32_t Next(int bits);  // that many random bits

 private:
  int64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace centella
