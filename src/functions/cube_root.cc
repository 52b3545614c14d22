// The cube root by W. Kahan's method, which fdlibm and so Java use: a guess from the exponent, a rational function that gives 23
// bits of it, and one step of Newton's iteration from a guess of 20 bits, whose square is exact.
#include "functions/cube_root.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace centella {
namespace {

// What is added to a third of a double's upper word, so that the exponent is divided by three and the error is least.
constexpr uint32_t kThirdOfBias = 715094163;
constexpr uint32_t kThirdOfBiasOfSubnormal = 696219795;  // of a number that was multiplied by 2^54

uint32_t UpperWord(double x) { return static_cast<uint32_t>(std::bit_cast<uint64_t>(x) >> 32); }
double FromWords(uint32_t upper, uint32_t lower) { return std::bit_cast<double>(uint64_t{upper} << 32 | lower); }

// 5 bits of the root.
double Guess(double x) {
  if (x >= 0x1p-1022) return FromWords(UpperWord(x) / 3 + kThirdOfBias, 0);
  const double scaled = x * 0x1p54;
  const auto lower = static_cast<uint32_t>(std::bit_cast<uint64_t>(scaled));
  return FromWords(UpperWord(scaled) / 3 + kThirdOfBiasOfSubnormal, lower);
}

}  // namespace

double CubeRoot(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  const double magnitude = std::abs(x);
  double root = Guess(magnitude);
  const double quotient = root * root / magnitude;
  const double s = 19.0 / 35 + quotient * root;
  root *= 5.0 / 14 + 45.0 / 28 / (s + 99.0 / 70 + -864.0 / 1225 / s);  // 23 bits
  root = FromWords(UpperWord(root) + 1, 0);                            // 20 bits, above the root
  const double square = root * root;
  const double third = magnitude / square;
  root += root * ((third - root) / (root + root + third));
  return std::copysign(root, x);
}

}  // namespace centella
