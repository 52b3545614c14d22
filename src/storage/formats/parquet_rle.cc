// Run lengths and bit packing. Whole groups of eight values are unpacked with constant shifts for each width.
#include "storage/formats/parquet_rle.h"

#include <parquet/exception.h>

#include <algorithm>
#include <array>
#include <utility>

namespace centella {
namespace {

uint64_t Load(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

constexpr uint64_t Mask(int width) { return width == 32 ? 0xffffffffULL : (uint64_t{1} << width) - 1; }

// Eight values of `kWidth` bits each.
template <int kWidth, size_t... kIndex>
inline void UnpackEight(const uint8_t* in, uint32_t* out, std::index_sequence<kIndex...>) {
  ((out[kIndex] = static_cast<uint32_t>((Load(in + kIndex * kWidth / 8) >> (kIndex * kWidth % 8)) & Mask(kWidth))),
   ...);
}

template <int kWidth>
void UnpackGroups(const uint8_t* in, uint32_t* out, int64_t groups) {
  for (int64_t i = 0; i < groups; ++i, in += kWidth, out += 8) {
    UnpackEight<kWidth>(in, out, std::make_index_sequence<8>());
  }
}

using GroupUnpacker = void (*)(const uint8_t*, uint32_t*, int64_t);
template <int... kWidth>
constexpr std::array<GroupUnpacker, sizeof...(kWidth)> MakeUnpackers(std::integer_sequence<int, kWidth...>) {
  return {&UnpackGroups<kWidth>...};
}
constexpr auto kUnpackers = MakeUnpackers(std::make_integer_sequence<int, 33>());

}  // namespace

RleDecoder::RleDecoder(const uint8_t* data, int64_t size, int width) : at_(data), end_(data + size), width_(width) {
  if (width < 0 || width > 32) throw parquet::ParquetException("a bit width that cannot be");
}

void RleDecoder::NextRun() {
  uint64_t header = 0;
  for (int shift = 0;; shift += 7) {
    if (at_ >= end_ || shift > 35) throw parquet::ParquetException("encoded values end early");
    const uint8_t byte = *at_++;
    header |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  is_packed_ = (header & 1) != 0;
  if (is_packed_) {
    const int64_t groups = static_cast<int64_t>(header >> 1);
    // The last run's padding may be left out by a writer: what isn't there isn't read either.
    const int64_t there = width_ == 0 ? groups : std::min(groups, (end_ - at_ + width_ - 1) / width_);
    left_ = there * 8;
    packed_ = at_;
    position_ = 0;
    at_ = std::min(end_, at_ + there * width_);
    if (width_ > 0) left_ = std::min(left_, (at_ - packed_) * 8 / width_);
  } else {
    left_ = static_cast<int64_t>(header >> 1);
    const int bytes = (width_ + 7) / 8;
    if (end_ - at_ < bytes) throw parquet::ParquetException("encoded values end early");
    value_ = 0;
    for (int i = 0; i < bytes; ++i) value_ |= static_cast<uint32_t>(at_[i]) << (8 * i);
    at_ += bytes;
  }
  if (left_ == 0 && at_ >= end_) throw parquet::ParquetException("encoded values end early");
}

void RleDecoder::Unpack(uint32_t* out, int64_t n) {
  int64_t done = 0;
  const auto one = [&] {
    const int64_t bit = (position_ + done) * width_;
    out[done] = static_cast<uint32_t>((Load(packed_ + bit / 8) >> (bit % 8)) & Mask(width_));
    ++done;
  };
  while (done < n && (position_ + done) % 8 != 0) one();
  const int64_t groups = (n - done) / 8;
  kUnpackers[static_cast<size_t>(width_)](packed_ + (position_ + done) / 8 * width_, out + done, groups);
  done += groups * 8;
  while (done < n) one();
}

void RleDecoder::Read(uint32_t* out, int64_t n) {
  while (n > 0) {
    while (left_ == 0) NextRun();
    const int64_t now = std::min(n, left_);
    if (is_packed_) {
      Unpack(out, now);
      position_ += now;
    } else {
      std::fill(out, out + now, value_);
    }
    left_ -= now;
    out += now;
    n -= now;
  }
}

void RleDecoder::Skip(int64_t n) {
  while (n > 0) {
    while (left_ == 0) NextRun();
    const int64_t now = std::min(n, left_);
    position_ += now;
    left_ -= now;
    n -= now;
  }
}

int64_t RleDecoder::RunOf(uint32_t value, int64_t n) {
  while (left_ == 0) NextRun();
  return !is_packed_ && value_ == value ? std::min(n, left_) : 0;
}

}  // namespace centella
