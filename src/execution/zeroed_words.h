// A large array of zeros for hash tables, in a buffer of its own: on large pages where the system has them (base/memory.h), so
// that a look-up rarely has to look for its page first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/memory.h"

namespace centella {

class ZeroedWords {
 public:
  ZeroedWords() = default;
  explicit ZeroedWords(size_t size)
      : buffer_(Buffer::AllocateZeroed(static_cast<int64_t>(size * sizeof(uint64_t)))), size_(size) {
    words_ = buffer_->mutable_as<uint64_t>();
  }
  ZeroedWords(ZeroedWords&& other) noexcept { Swap(other); }
  ZeroedWords& operator=(ZeroedWords&& other) noexcept {
    Swap(other);
    return *this;
  }
  void Swap(ZeroedWords& other) {
    std::swap(buffer_, other.buffer_);
    std::swap(words_, other.words_);
    std::swap(size_, other.size_);
  }
  uint64_t* begin() { return words_; }
  uint64_t* end() { return words_ + size_; }
  uint64_t& operator[](size_t i) { return words_[i]; }
  const uint64_t* data() const { return words_; }
  size_t size() const { return size_; }

 private:
  BufferPtr buffer_;
  uint64_t* words_ = nullptr;
  size_t size_ = 0;
};

}  // namespace centella
