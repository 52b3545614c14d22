// Sort keys as bytes whose order is the rows' order.
#include "execution/operators/sort_keys.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

namespace centella {
namespace {

constexpr int64_t kStringPrefix = 12;

int64_t EncodedBytes(PhysicalType type) {
  switch (type) {
    case PhysicalType::kNull: return 0;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return 1;
    case PhysicalType::kInt16: return 2;
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return 4;
    case PhysicalType::kInt64:
    case PhysicalType::kDouble: return 8;
    case PhysicalType::kInt128: return 16;
    case PhysicalType::kString: return kStringPrefix;
    default: return 0;
  }
}

template <typename U>
void StoreBigEndian(uint8_t* at, U value) {
  if constexpr (sizeof(U) == 8) value = __builtin_bswap64(value);
  if constexpr (sizeof(U) == 4) value = __builtin_bswap32(value);
  if constexpr (sizeof(U) == 2) value = __builtin_bswap16(value);
  std::memcpy(at, &value, sizeof(U));
}

template <typename T>
void EncodeValue(const T& value, uint8_t* at) {
  if constexpr (std::is_same_v<T, StringView>) {
    std::memset(at, 0, kStringPrefix);
    std::memcpy(at, value.data(), std::min<size_t>(value.size(), kStringPrefix));
  } else if constexpr (std::is_floating_point_v<T>) {
    using U = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    T normal = std::isnan(value) ? std::numeric_limits<T>::quiet_NaN() : (value == 0 ? T{0} : value);
    U bits = std::bit_cast<U>(normal);
    constexpr U kSign = U{1} << (sizeof(U) * 8 - 1);
    StoreBigEndian(at, (bits & kSign) != 0 ? ~bits : bits | kSign);
  } else if constexpr (std::is_same_v<T, int128_t>) {
    const auto bits = static_cast<unsigned __int128>(value) ^ (static_cast<unsigned __int128>(1) << 127);
    StoreBigEndian(at, static_cast<uint64_t>(bits >> 64));
    StoreBigEndian(at + 8, static_cast<uint64_t>(bits));
  } else {
    using U = std::make_unsigned_t<T>;
    constexpr U kSign = static_cast<U>(U{1} << (sizeof(U) * 8 - 1));
    StoreBigEndian(at, static_cast<U>(static_cast<U>(value) ^ kSign));
  }
}

// Null byte, then the value's bytes, inverted for descending order.
template <typename T, bool descending>
void EncodeDirected(const Vector& column, const SortKey& key, int64_t stride, uint8_t* out) {
  constexpr int64_t kBytes = std::is_same_v<T, StringView> ? kStringPrefix : static_cast<int64_t>(sizeof(T));
  const T* data = column.data<T>();
  const uint8_t* validity = column.validity();
  const uint8_t null_byte = key.nulls_first ? 0 : 2;
  for (int64_t i = 0; i < column.size(); ++i, out += stride) {
    if (validity != nullptr && !BitIsSet(validity, i)) {
      out[0] = null_byte;
      std::memset(out + 1, 0, kBytes);
      continue;
    }
    out[0] = 1;
    EncodeValue(data[i], out + 1);
    if constexpr (descending) {
      for (int64_t b = 1; b <= kBytes; ++b) out[b] = static_cast<uint8_t>(~out[b]);
    }
  }
}

template <typename T>
void EncodeColumn(const Vector& column, const SortKey& key, int64_t stride, uint8_t* out) {
  key.ascending ? EncodeDirected<T, false>(column, key, stride, out)
                : EncodeDirected<T, true>(column, key, stride, out);
}

void EncodeNullsOnly(const Vector& column, const SortKey& key, int64_t stride, uint8_t* out) {
  for (int64_t i = 0; i < column.size(); ++i, out += stride) out[0] = column.IsNull(i) ? (key.nulls_first ? 0 : 2) : 1;
}

void Encode(const Vector& column, const SortKey& key, int64_t stride, uint8_t* out) {
  switch (column.physical()) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return EncodeColumn<int8_t>(column, key, stride, out);
    case PhysicalType::kInt16: return EncodeColumn<int16_t>(column, key, stride, out);
    case PhysicalType::kInt32: return EncodeColumn<int32_t>(column, key, stride, out);
    case PhysicalType::kInt64: return EncodeColumn<int64_t>(column, key, stride, out);
    case PhysicalType::kInt128: return EncodeColumn<int128_t>(column, key, stride, out);
    case PhysicalType::kFloat: return EncodeColumn<float>(column, key, stride, out);
    case PhysicalType::kDouble: return EncodeColumn<double>(column, key, stride, out);
    case PhysicalType::kString: return EncodeColumn<StringView>(column, key, stride, out);
    default: return EncodeNullsOnly(column, key, stride, out);
  }
}

template <typename T>
int CompareScalar(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
  }
  return a < b ? -1 : (b < a ? 1 : 0);
}

int Sign(int value) { return (value > 0) - (value < 0); }

int CompareNullable(const Vector& a, int64_t i, const Vector& b, int64_t j) {
  const bool a_null = a.IsNull(i), b_null = b.IsNull(j);
  if (a_null || b_null) return static_cast<int>(b_null) - static_cast<int>(a_null);
  return CompareValues(a, i, b, j);
}

int CompareLists(const Vector& a, int64_t i, const Vector& b, int64_t j) {
  const ListEntry x = a.data<ListEntry>()[i], y = b.data<ListEntry>()[j];
  for (int32_t k = 0; k < std::min(x.length, y.length); ++k) {
    const int order = CompareNullable(*a.child(0), x.offset + k, *b.child(0), y.offset + k);
    if (order != 0) return order;
  }
  return CompareScalar(x.length, y.length);
}

}  // namespace

int CompareValues(const Vector& left, int64_t left_row, const Vector& right, int64_t right_row) {
  const DecodedVector x(left), y(right);
  const Vector& a = x.base();
  const Vector& b = y.base();
  const int64_t i = x.index(left_row), j = y.index(right_row);
  switch (a.physical()) {
    case PhysicalType::kNull: return 0;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return CompareScalar(a.data<int8_t>()[i], b.data<int8_t>()[j]);
    case PhysicalType::kInt16: return CompareScalar(a.data<int16_t>()[i], b.data<int16_t>()[j]);
    case PhysicalType::kInt32: return CompareScalar(a.data<int32_t>()[i], b.data<int32_t>()[j]);
    case PhysicalType::kInt64: return CompareScalar(a.data<int64_t>()[i], b.data<int64_t>()[j]);
    case PhysicalType::kInt128: return CompareScalar(a.data<int128_t>()[i], b.data<int128_t>()[j]);
    case PhysicalType::kFloat: return CompareScalar(a.data<float>()[i], b.data<float>()[j]);
    case PhysicalType::kDouble: return CompareScalar(a.data<double>()[i], b.data<double>()[j]);
    case PhysicalType::kString: return Sign(a.data<StringView>()[i].Compare(b.data<StringView>()[j]));
    case PhysicalType::kInterval: {
      const auto& u = a.data<CalendarIntervalValue>()[i];
      const auto& v = b.data<CalendarIntervalValue>()[j];
      const int months = CompareScalar(u.months, v.months), days = CompareScalar(u.days, v.days);
      return months != 0 ? months : (days != 0 ? days : CompareScalar(u.micros, v.micros));
    }
    case PhysicalType::kArray:
    case PhysicalType::kMap: return CompareLists(a, i, b, j);
    case PhysicalType::kStruct:
      for (size_t c = 0; c < a.children().size(); ++c) {
        const int order = CompareNullable(*a.child(c), i, *b.child(c), j);
        if (order != 0) return order;
      }
      return 0;
  }
  return 0;
}

SortableRows::SortableRows(Batch batch, const std::vector<SortKey>& keys) : batch_(std::move(batch)) {
  for (VectorPtr& column : batch_.columns) column = Flatten(column);
  for (const SortKey& key : keys) {
    key_columns_.push_back(batch_.columns[key.column]);
    key_offsets_.push_back(width_);
    const PhysicalType type = key_columns_.back()->physical();
    width_ += 1 + EncodedBytes(type);
    bool inexact = EncodedBytes(type) == 0 && type != PhysicalType::kNull;
    if (type == PhysicalType::kString) {
      // Zero padding is exact for short strings without zero bytes; be careful instead of clever.
      inexact = true;
    }
    inexact_.push_back(inexact);
    all_exact_ = all_exact_ && !inexact;
  }
  encoded_.assign(batch_.rows * width_, 0);
  for (size_t k = 0; k < keys.size(); ++k) Encode(*key_columns_[k], keys[k], width_, encoded_.data() + key_offsets_[k]);
}

int SortableRows::Compare(const SortableRows& a, int64_t i, const SortableRows& b, int64_t j,
                          const std::vector<SortKey>& keys) {
  const uint8_t* x = a.encoded_.data() + i * a.width_;
  const uint8_t* y = b.encoded_.data() + j * b.width_;
  if (a.all_exact_) return std::memcmp(x, y, a.width_);
  int64_t begin = 0;
  for (size_t k = 0; k < keys.size(); ++k) {
    const int64_t end = k + 1 < keys.size() ? a.key_offsets_[k + 1] : a.width_;
    if (!a.inexact_[k]) continue;  // compared with the bytes of the next inexact key, or at the end
    const int bytes = std::memcmp(x + begin, y + begin, end - begin);
    if (bytes != 0) return bytes;
    begin = end;
    if (x[a.key_offsets_[k]] != 1) continue;  // both null
    const int order = CompareValues(*a.key_columns_[k], i, *b.key_columns_[k], j);
    if (order != 0) return keys[k].ascending ? order : -order;
  }
  return std::memcmp(x + begin, y + begin, a.width_ - begin);
}

}  // namespace centella
