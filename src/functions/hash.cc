// Murmur3 (32 bits) and XXH64 as Spark computes them over values of all types, and the functions hash and xxhash64.
#include <cmath>
#include <cstring>
#include <limits>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "functions/registry.h"
#include "functions/spark_hash.h"

namespace centella {
namespace {

struct Murmur3 {
  using Hash = int32_t;
  static uint32_t Rotate(uint32_t x, int n) { return (x << n) | (x >> (32 - n)); }
  static uint32_t MixKey(uint32_t k) { return Rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u; }
  static uint32_t Mix(uint32_t h, uint32_t k) { return Rotate(h ^ MixKey(k), 13) * 5 + 0xe6546b64u; }
  static int32_t Finish(uint32_t h, uint32_t length) {
    h ^= length;
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    h ^= h >> 16;
    return static_cast<int32_t>(h);
  }
  static int32_t Int(int32_t value, int32_t seed) {
    return Finish(Mix(static_cast<uint32_t>(seed), static_cast<uint32_t>(value)), 4);
  }
  static int32_t Long(int64_t value, int32_t seed) {
    uint32_t h = Mix(static_cast<uint32_t>(seed), static_cast<uint32_t>(value));
    return Finish(Mix(h, static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32)), 8);
  }
  // Spark's own: the tail's bytes are mixed one by one, each as a signed int.
  static int32_t Bytes(const char* data, size_t size, int32_t seed) {
    auto h = static_cast<uint32_t>(seed);
    size_t i = 0;
    for (; i + 4 <= size; i += 4) {
      uint32_t word;
      std::memcpy(&word, data + i, 4);
      h = Mix(h, word);
    }
    for (; i < size; ++i) h = Mix(h, static_cast<uint32_t>(static_cast<int32_t>(static_cast<int8_t>(data[i]))));
    return Finish(h, static_cast<uint32_t>(size));
  }
};

struct XxHash {
  using Hash = int64_t;
  static int64_t Bytes(const char* data, size_t size, int64_t seed) {
    return static_cast<int64_t>(XXH64(data, size, static_cast<uint64_t>(seed)));
  }
  static int64_t Int(int32_t value, int64_t seed) { return Bytes(reinterpret_cast<const char*>(&value), 4, seed); }
  static int64_t Long(int64_t value, int64_t seed) { return Bytes(reinterpret_cast<const char*>(&value), 8, seed); }
};

// Big-endian two's complement with no more bytes than needed, as BigInteger.toByteArray.
size_t MinimalBytes(int128_t value, char* out) {
  char bytes[16];
  for (int i = 0; i < 16; ++i) bytes[15 - i] = static_cast<char>(value >> (8 * i));
  int start = 0;
  while (start < 15) {
    bool sign = (bytes[start + 1] & 0x80) != 0;
    if (bytes[start] != (sign ? '\xff' : '\0')) break;
    ++start;
  }
  std::memcpy(out, bytes + start, 16 - start);
  return static_cast<size_t>(16 - start);
}

int32_t FloatBits(float value) {
  if (value == 0) value = 0;
  if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
  int32_t bits;
  std::memcpy(&bits, &value, 4);
  return std::isnan(value) ? 0x7fc00000 : bits;
}
int64_t DoubleBits(double value) {
  if (value == 0) value = 0;
  if (std::isnan(value)) return 0x7ff8000000000000LL;
  int64_t bits;
  std::memcpy(&bits, &value, 8);
  return bits;
}

template <typename H>
typename H::Hash HashValue(const Vector& flat, int64_t row, typename H::Hash seed);

// Any encoding; a null leaves the seed.
template <typename H>
typename H::Hash HashAt(const Vector& vector, int64_t row, typename H::Hash seed) {
  if (vector.IsNull(row)) return seed;
  if (vector.is_flat()) return HashValue<H>(vector, row, seed);
  return HashValue<H>(*vector.base(), vector.is_constant() ? 0 : vector.codes()[row], seed);
}

template <typename H>
typename H::Hash HashValue(const Vector& flat, int64_t row, typename H::Hash seed) {
  switch (flat.physical()) {
    case PhysicalType::kNull: return seed;
    case PhysicalType::kBool: return H::Int(flat.data<uint8_t>()[row] != 0, seed);
    case PhysicalType::kInt8: return H::Int(flat.data<int8_t>()[row], seed);
    case PhysicalType::kInt16: return H::Int(flat.data<int16_t>()[row], seed);
    case PhysicalType::kInt32: return H::Int(flat.data<int32_t>()[row], seed);
    case PhysicalType::kInt64: return H::Long(flat.data<int64_t>()[row], seed);
    case PhysicalType::kFloat: return H::Int(FloatBits(flat.data<float>()[row]), seed);
    case PhysicalType::kDouble: return H::Long(DoubleBits(flat.data<double>()[row]), seed);
    case PhysicalType::kInt128: {
      char bytes[16];
      size_t size = MinimalBytes(flat.data<int128_t>()[row], bytes);
      return H::Bytes(bytes, size, seed);
    }
    case PhysicalType::kString: {
      std::string_view text = flat.data<StringView>()[row].view();
      return H::Bytes(text.data(), text.size(), seed);
    }
    case PhysicalType::kInterval: {
      const auto& interval = flat.data<CalendarIntervalValue>()[row];
      return H::Int(interval.months, H::Int(interval.days, H::Long(interval.micros, seed)));
    }
    case PhysicalType::kArray:
    case PhysicalType::kMap: {
      ListEntry entry = flat.data<ListEntry>()[row];
      for (int32_t i = 0; i < entry.length; ++i) seed = HashAt<H>(*flat.child(0), entry.offset + i, seed);
      return seed;
    }
    case PhysicalType::kStruct:
      for (const VectorPtr& child : flat.children()) seed = HashAt<H>(*child, row, seed);
      return seed;
  }
  return seed;
}

template <typename H, typename T, typename Apply>
void HashLoop(const Vector& vector, int64_t rows, typename H::Hash* out, Apply apply) {
  DecodedVector decoded(vector);
  if (!decoded.may_have_nulls()) {
    for (int64_t i = 0; i < rows; ++i) out[i] = apply(decoded.Value<T>(i), out[i]);
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    if (!decoded.IsNull(i)) out[i] = apply(decoded.Value<T>(i), out[i]);
  }
}

template <typename H>
void HashColumn(const Vector& vector, int64_t rows, typename H::Hash* out) {
  using Hash = typename H::Hash;
  switch (vector.physical()) {
    case PhysicalType::kInt32:
      return HashLoop<H, int32_t>(vector, rows, out, [](int32_t v, Hash seed) { return H::Int(v, seed); });
    case PhysicalType::kInt64:
      return HashLoop<H, int64_t>(vector, rows, out, [](int64_t v, Hash seed) { return H::Long(v, seed); });
    case PhysicalType::kString:
      return HashLoop<H, StringView>(vector, rows, out,
                                     [](const StringView& v, Hash seed) { return H::Bytes(v.data(), v.size(), seed); });
    default:
      for (int64_t i = 0; i < rows; ++i) out[i] = HashAt<H>(vector, i, out[i]);
  }
}

template <typename H>
void HashColumns(std::span<const VectorPtr> columns, int64_t rows, typename H::Hash* out) {
  for (int64_t i = 0; i < rows; ++i) out[i] = 42;
  for (const VectorPtr& column : columns) HashColumn<H>(*column, rows, out);
}

template <typename H>
VectorPtr HashKernel(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  HashColumns<H>(call.args, call.rows, out->mutable_data<typename H::Hash>());
  return out;
}

}  // namespace

void SparkMurmur3(std::span<const VectorPtr> columns, int64_t rows, int32_t* out) {
  HashColumns<Murmur3>(columns, rows, out);
}
void SparkXxHash64(std::span<const VectorPtr> columns, int64_t rows, int64_t* out) {
  HashColumns<XxHash>(columns, rows, out);
}

void RegisterHashFunctions(FunctionRegistry& registry) {
  registry.Scalar("hash", "A 32-bit hash of the arguments.")
      .Group("hash_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT hash('Spark', array(123), 2)", "-1321691492")
      .Overload("any... -> int", HashKernel<Murmur3>);
  registry.Scalar("xxhash64", "A 64-bit hash of the arguments.")
      .Group("hash_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT xxhash64('Spark', array(123), 2)", "5602566077635097486")
      .Overload("any... -> bigint", HashKernel<XxHash>);
}

}  // namespace centella
