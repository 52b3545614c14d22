// A large array of zeros for hash tables, on pages of two megabytes where the system has them: one miss of the processor's
// table of pages less for each look-up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace centella {

class ZeroedWords {
 public:
  ZeroedWords() = default;
  explicit ZeroedWords(size_t size);
  ~ZeroedWords();
  ZeroedWords(ZeroedWords&& other) noexcept { Swap(other); }
  ZeroedWords& operator=(ZeroedWords&& other) noexcept {
    Swap(other);
    return *this;
  }
  void Swap(ZeroedWords& other) {
    std::swap(words_, other.words_);
    std::swap(size_, other.size_);
  }
  uint64_t* begin() { return words_; }
  uint64_t* end() { return words_ + size_; }
  uint64_t& operator[](size_t i) { return words_[i]; }
  const uint64_t* data() const { return words_; }
  size_t size() const { return size_; }

 private:
  uint64_t* words_ = nullptr;
  size_t size_ = 0;
};

}  // namespace centella
