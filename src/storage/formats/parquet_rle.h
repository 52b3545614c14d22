// Parquet's hybrid of run lengths and bit packing, as definition levels and dictionary codes are stored (the format's
// "RLE/bit-packing hybrid"). For this folder's .cc files only.
#pragma once

#include <cstdint>
#include <cstring>

namespace centella {

// Bytes that must be readable behind the end of the encoded bytes: values are unpacked by loads of eight bytes.
inline constexpr int64_t kRlePadding = 16;

// Reads forward. Throws parquet::ParquetException when the bytes end early or make no sense.
class RleDecoder {
 public:
  RleDecoder() = default;
  // `size` bytes at `data`, with kRlePadding readable ones behind them; `width` is 0 to 32 bits a value.
  RleDecoder(const uint8_t* data, int64_t size, int width);

  // The next `n` values.
  void Read(uint32_t* out, int64_t n);
  void Skip(int64_t n);
  // How many of the next `n` values are surely `value` by one run, without consuming them: 0 or at least 1.
  int64_t RunOf(uint32_t value, int64_t n);

 private:
  void NextRun();
  void Unpack(uint32_t* out, int64_t n);

  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  int width_ = 0;
  // The run being read: `left_` values, all `value_`, or bit-packed at `packed_` from value `position_` on.
  int64_t left_ = 0;
  bool is_packed_ = false;
  uint32_t value_ = 0;
  const uint8_t* packed_ = nullptr;
  int64_t position_ = 0;
};

}  // namespace centella
