// Bytes of serialised plans: little-endian variable-length integers, lengths before contents, every read checked.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"

namespace centella {

class ByteWriter {
 public:
  void Byte(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void Unsigned(uint64_t value) {
    for (; value >= 0x80; value >>= 7) Byte(static_cast<uint8_t>(value | 0x80));
    Byte(static_cast<uint8_t>(value));
  }
  // Zigzag: small for small negative numbers too.
  void Signed(int64_t value) { Unsigned((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63)); }
  void Double(double value) {
    const uint64_t bits = std::bit_cast<uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) Byte(static_cast<uint8_t>(bits >> shift));
  }
  void Text(std::string_view value) {
    Unsigned(value.size());
    bytes_.append(value);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Raises INTERNAL_ERROR when the bytes end early or say something impossible.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  uint8_t Byte() {
    Need(1);
    const uint8_t value = static_cast<uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    return value;
  }
  uint64_t Unsigned() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Corrupt("an integer of more than 64 bits");
  }
  int64_t Signed() {
    const uint64_t value = Unsigned();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  double Double() {
    uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 8) bits |= static_cast<uint64_t>(Byte()) << shift;
    return std::bit_cast<double>(bits);
  }
  std::string_view Text() {
    const size_t size = Count();
    const std::string_view value = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return value;
  }
  bool Boolean() {
    const uint8_t value = Byte();
    if (value > 1) Corrupt("a boolean that is neither 0 nor 1");
    return value == 1;
  }
  // A number of things that follow, each at least one byte long: never more than there are bytes.
  size_t Count() {
    const uint64_t count = Unsigned();
    if (count > bytes_.size()) Corrupt("a length beyond the end");
    return static_cast<size_t>(count);
  }
  bool empty() const { return bytes_.empty(); }
  [[noreturn]] static void Corrupt(std::string_view what) {
    Raise(Condition::INTERNAL_ERROR, {{"message", "Corrupt serialised plan: " + std::string(what) + "."}});
  }

 private:
  void Need(size_t size) const {
    if (bytes_.size() < size) Corrupt("it ends early");
  }
  std::string_view bytes_;
};

}  // namespace centella
