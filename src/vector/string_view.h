// The 16-byte string of vectors: length, 4-byte prefix, then 12 bytes inline or a pointer into a heap buffer.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace centella {

// Doesn't own the bytes it points to; the vector's heap buffers do. Zero-initialised = "".
class StringView {
 public:
  static constexpr uint32_t kInlineBytes = 12;

  StringView() { std::memset(this, 0, sizeof(*this)); }
  // Bytes must outlive this view when longer than 12.
  StringView(const char* data, uint32_t size) {
    std::memset(this, 0, sizeof(*this));
    size_ = size;
    if (size <= kInlineBytes) {
      if (size != 0) std::memcpy(prefix_, data, size);
    } else {
      std::memcpy(prefix_, data, 4);
      rest_.pointer = data;
    }
  }
  explicit StringView(std::string_view text) : StringView(text.data(), static_cast<uint32_t>(text.size())) {}

  uint32_t size() const { return size_; }
  bool is_inline() const { return size_ <= kInlineBytes; }
  const char* data() const { return is_inline() ? prefix_ : rest_.pointer; }
  std::string_view view() const { return {data(), size_}; }
  operator std::string_view() const { return view(); }  // NOLINT: a view of the same bytes

  bool operator==(const StringView& other) const {
    uint64_t a, b;
    std::memcpy(&a, this, 8);
    std::memcpy(&b, &other, 8);
    if (a != b) return false;  // length and prefix
    if (is_inline()) return std::memcmp(&rest_, &other.rest_, 8) == 0;
    return std::memcmp(rest_.pointer + 4, other.rest_.pointer + 4, size_ - 4) == 0;
  }
  // Bytewise (UTF-8 binary) order, as Spark's default collation.
  int Compare(const StringView& other) const { return view().compare(other.view()); }
  bool operator<(const StringView& other) const { return Compare(other) < 0; }

 private:
  uint32_t size_;
  char prefix_[4];
  union {
    char inline_rest[8];
    const char* pointer;
  } rest_;
};
static_assert(sizeof(StringView) == 16);

}  // namespace centella
