// A large array of zeros for hash tables.
#include "execution/zeroed_words.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace centella {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

ZeroedWords::ZeroedWords(size_t size) : size_(size) {
  const size_t bytes = size * sizeof(uint64_t);
  const bool huge = bytes >= kHugePage;
  const size_t alignment = huge ? kHugePage : 64;
  void* room = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  CENTELLA_CHECK(room != nullptr, "no memory for a hash table");
#ifdef MADV_HUGEPAGE
  if (huge) madvise(room, bytes, MADV_HUGEPAGE);  // a hint: without them it is slower
#endif
  std::memset(room, 0, bytes);
  words_ = static_cast<uint64_t*>(room);
}

ZeroedWords::~ZeroedWords() { std::free(words_); }

}  // namespace centella
