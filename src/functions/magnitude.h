// Sizes of 64-bit numbers or-ed together over a batch, so that one test afterwards rules out that any result overflowed.
#pragma once

#include <bit>
#include <cstdint>

namespace centella {

// Bits that say how large a number's magnitude is: those of a negative one's complement.
inline uint64_t Magnitude(int64_t value) { return static_cast<uint64_t>(value ^ (value >> 63)); }

// Whether products of factors with these magnitudes (each or-ed over its column) surely fit 64 bits: p and q bits give a product
// of p + q, and a negative factor has one more than its complement.
inline bool ProductsFit(uint64_t a_magnitudes, uint64_t b_magnitudes) {
  return std::bit_width(a_magnitudes) + std::bit_width(b_magnitudes) <= 62;
}

}  // namespace centella
