// Finding one text in another, fast for the short texts of columns. Internal to the string families.
#pragma once

#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace centella {

inline constexpr size_t kNotFound = std::string_view::npos;

// Offset of the first `part` in `text`, or kNotFound. Linear: after many false candidates libc's two-way search goes
// on. (libc's alone prepares a table at each call, which costs more than most rows.)
inline size_t FindText(std::string_view text, std::string_view part) {
  const size_t n = text.size(), m = part.size();
  if (m == 0) return 0;
  if (m > n) return kNotFound;
  const char* data = text.data();
  if (m == 1) {
    const void* hit = std::memchr(data, part[0], n);
    return hit == nullptr ? kNotFound : static_cast<size_t>(static_cast<const char*>(hit) - data);
  }
  const size_t last_start = n - m;
  size_t at = 0;
#ifdef __SSE2__
  int false_candidates = 0;
  const __m128i first = _mm_set1_epi8(part[0]);
  const __m128i last = _mm_set1_epi8(part[m - 1]);
  for (; at + m + 15 <= n && false_candidates < 64; at += 16) {
    const __m128i heads = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
    const __m128i tails = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at + m - 1));
    auto mask = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(heads, first), _mm_cmpeq_epi8(tails, last))));
    while (mask != 0) {
      const size_t start = at + static_cast<size_t>(__builtin_ctz(mask));
      if (std::memcmp(data + start, part.data(), m) == 0) return start;
      mask &= mask - 1;
      ++false_candidates;
    }
  }
  if (at > last_start) return kNotFound;
  if (n - at < m + 32) {
    for (; at <= last_start; ++at) {
      if (data[at] == part[0] && data[at + m - 1] == part[m - 1] && std::memcmp(data + at, part.data(), m) == 0)
        return at;
    }
    return kNotFound;
  }
#endif
  const void* hit = memmem(data + at, n - at, part.data(), m);
  return hit == nullptr ? kNotFound : static_cast<size_t>(static_cast<const char*>(hit) - data);
}

}  // namespace centella
