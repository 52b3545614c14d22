// Finding one text in another, fast for the short texts of columns. Internal to the string families.
#pragma once

#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace centella {

inline constexpr size_t kNotFound = std::string_view::npos;

#ifdef __SSE2__
// Bits of the 16 starts from `heads` on at which the text may have a part: its first byte stands in `heads`, its last in `tails`.
inline unsigned CandidateStarts(const char* heads, const char* tails, __m128i first, __m128i last) {
  const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(heads));
  const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(tails));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last))));
}

// The first start of `mask` (of starts from `data` on) where the part stands; kNotFound, and their number added, when all are false.
inline size_t FirstTrueStart(const char* data, uint64_t mask, std::string_view part, int* false_candidates) {
  for (; mask != 0; mask &= mask - 1) {
    const auto start = static_cast<size_t>(__builtin_ctzll(mask));
    if (std::memcmp(data + start, part.data(), part.size()) == 0) return start;
    ++*false_candidates;
  }
  return kNotFound;
}

// FindText with 16 to 48 starts: three steps that overlap as they must, and one branch for all of them.
inline size_t FindByThreeSteps(std::string_view text, std::string_view part) {
  const char* data = text.data();
  const size_t starts = text.size() - part.size() + 1;
  const __m128i first = _mm_set1_epi8(part[0]);
  const __m128i last = _mm_set1_epi8(part[part.size() - 1]);
  const size_t third = starts - 16, second = third < 16 ? third : 16;
  const char* tails = data + part.size() - 1;
  const uint64_t mask = uint64_t{CandidateStarts(data, tails, first, last)} |
                        uint64_t{CandidateStarts(data + second, tails + second, first, last)} << second |
                        uint64_t{CandidateStarts(data + third, tails + third, first, last)} << third;
  if (mask == 0) [[likely]]
    return kNotFound;
  int false_candidates = 0;
  return FirstTrueStart(data, mask, part, &false_candidates);
}

// FindText of 1 <= |part| <= |text|: sixteen starts at once, the last of them by a step that overlaps the one before, so that
// nothing beyond the text is read. At most some of its candidates are false: the caller goes on at `*at` after kNotFound.
inline size_t FindBySixteen(std::string_view text, std::string_view part, size_t* at) {
  const char* data = text.data();
  const size_t n = text.size(), m = part.size(), starts = n - m + 1;
  const __m128i first = _mm_set1_epi8(part[0]);
  const __m128i last = _mm_set1_epi8(part[m - 1]);
  for (int false_candidates = 0; *at < starts;) {
    const size_t left = starts - *at;
    size_t begin = *at;
    unsigned mask;
    if (left >= 16) {
      mask = CandidateStarts(data + begin, data + begin + m - 1, first, last);
      *at += 16;
    } else if (starts >= 16) {
      begin = starts - 16;
      mask = CandidateStarts(data + begin, data + n - 16, first, last) & (0xffffu << (16 - left));
      *at = starts;
    } else if (n >= 16) {
      // The last bytes of parts are looked for in the text's last sixteen.
      const __m128i heads = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
      const __m128i tails = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + n - 16));
      mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(heads, first))) &
             (static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(tails, last))) >> (16 - starts));
      *at = starts;
    } else {
      char padded[32] = {};
      std::memcpy(padded, data, n);
      mask = CandidateStarts(padded, padded + m - 1, first, last) & ((1u << starts) - 1);
      *at = starts;
    }
    const size_t start = FirstTrueStart(data + begin, mask, part, &false_candidates);
    if (start != kNotFound) return begin + start;
    if (false_candidates >= 64) return kNotFound;
  }
  return kNotFound;
}
#endif

// Offset of the first `part` in `text`, or kNotFound. Linear: after many false candidates libc's two-way search goes
// on. (libc's alone prepares a table at each call, which costs more than most rows.)
inline size_t FindText(std::string_view text, std::string_view part) {
  const size_t n = text.size(), m = part.size();
  if (m == 0) return 0;
  if (m > n) return kNotFound;
  size_t at = 0;
#ifdef __SSE2__
  const size_t starts = n - m + 1;
  if (starts >= 16 && starts <= 48) return FindByThreeSteps(text, part);
  const size_t found = FindBySixteen(text, part, &at);
  if (found != kNotFound || at >= starts) return found;
#endif
  const void* hit = memmem(text.data() + at, n - at, part.data(), m);
  return hit == nullptr ? kNotFound : static_cast<size_t>(static_cast<const char*>(hit) - text.data());
}

// The same from offset `begin` on.
inline size_t FindText(std::string_view text, std::string_view part, size_t begin) {
  if (begin > text.size()) return kNotFound;
  const size_t found = FindText(text.substr(begin), part);
  return found == kNotFound ? kNotFound : begin + found;
}

}  // namespace centella
