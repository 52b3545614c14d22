// Flat Parquet columns straight into vectors: numbers without a detour, byte arrays as dictionaries where the file has
// them so. The nulls of optional columns come as definition levels and are spread over the values read.
#include "storage/formats/parquet_column.h"

#include <algorithm>
#include <cstring>

#include "storage/formats/parquet_paged_column.h"
#include "types/decimal.h"

namespace centella {
namespace {

using parquet::LogicalType;

// What all flat columns share: levels, and the loop over pages (a call of libparquet ends at a page's end).
class FlatSource : public ColumnSource {
 public:
  FlatSource(TypePtr type, bool optional) : type_(std::move(type)), optional_(optional) {}

 protected:
  int16_t* levels(int64_t rows) {
    if (!optional_) return nullptr;
    if (static_cast<int64_t>(levels_.size()) < rows) levels_.resize(static_cast<size_t>(rows));
    return levels_.data();
  }
  static void CheckProgress(int64_t levels_read, int64_t values_read, bool optional) {
    if (levels_read <= 0 || values_read < 0 || values_read > levels_read || (!optional && values_read < levels_read)) {
      throw parquet::ParquetException("a column has fewer values than its row group has rows");
    }
  }
  void MarkNulls(int64_t begin, int64_t n, int64_t rows, BufferPtr* validity) const {
    MarkNullRows(levels_.data(), begin, n, rows, validity);
  }

  TypePtr type_;
  bool optional_;
  std::vector<int16_t> levels_;
};

// ---- numbers ------------------------------------------------------------------------------------------------------

template <typename DType, typename Out, typename Convert>
class NumberSource final : public FlatSource {
  using In = typename DType::c_type;

 public:
  NumberSource(TypePtr type, bool optional, std::shared_ptr<parquet::ColumnReader> reader, Convert convert)
      : FlatSource(std::move(type), optional),
        reader_(std::static_pointer_cast<parquet::TypedColumnReader<DType>>(std::move(reader))),
        convert_(convert) {}

  VectorPtr Read(int64_t rows) override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    Out* values = out->template mutable_data<Out>();
    BufferPtr validity;
    for (int64_t done = 0; done < rows;) {
      const int64_t wanted = rows - done;
      int64_t found = 0;
      const int64_t n = reader_->ReadBatch(wanted, levels(wanted), nullptr, Target(values + done, wanted), &found);
      CheckProgress(n, found, optional_);
      ConvertValues(found, values + done);
      if (found < n) {
        MarkNulls(done, n, rows, &validity);
        SpreadValues(levels_.data(), n, found, values + done);
      }
      done += n;
    }
    out->set_validity(std::move(validity));
    return out;
  }

  void Skip(int64_t rows) override {
    if (reader_->Skip(rows) != rows) throw parquet::ParquetException("a column ends early");
  }

 private:
  static constexpr bool kIdentity = Convert::kIdentity;

  In* Target(Out* values, int64_t wanted) {
    if constexpr (kIdentity) {
      static_assert(sizeof(In) == sizeof(Out));
      return reinterpret_cast<In*>(values);
    } else {
      if (static_cast<int64_t>(room_.size()) < wanted) room_.resize(static_cast<size_t>(wanted));
      return room_.data();
    }
  }
  void ConvertValues(int64_t found, Out* values) {
    if constexpr (!kIdentity) {
      for (int64_t i = 0; i < found; ++i) values[i] = convert_(room_[i]);
    }
  }

  std::shared_ptr<parquet::TypedColumnReader<DType>> reader_;
  Convert convert_;
  std::vector<In> room_;
};

struct Identity {
  static constexpr bool kIdentity = true;
};
template <typename Out, typename Via>  // Via: how the stored bits are meant (unsigned …)
struct CastTo {
  static constexpr bool kIdentity = false;
  template <typename In>
  Out operator()(In value) const {
    return static_cast<Out>(static_cast<Via>(value));
  }
};
template <typename Out>
struct Times {
  static constexpr bool kIdentity = false;
  Out factor;
  template <typename In>
  Out operator()(In value) const {
    Out result;
    if (__builtin_mul_overflow(static_cast<Out>(value), factor, &result)) {
      throw parquet::ParquetException("a value is out of its type's range");
    }
    return result;
  }
};
// Days of the Julian calendar and nanoseconds of the day, as Hive and Spark store timestamps in INT96.
struct Int96ToMicros {
  static constexpr bool kIdentity = false;
  int64_t operator()(const parquet::Int96& value) const {
    constexpr int64_t kJulianEpoch = 2440588, kMicrosPerDay = 86400LL * 1000000;
    int64_t nanos;
    std::memcpy(&nanos, value.value.data(), sizeof(nanos));
    const int64_t days = static_cast<int64_t>(value.value[2]) - kJulianEpoch;
    return days * kMicrosPerDay + nanos / 1000;
  }
};
struct DaysToMicros {
  static constexpr bool kIdentity = false;
  int64_t operator()(int32_t days) const { return int64_t{days} * 86400 * 1000000; }
};

// Big-endian two's complement of at most 16 bytes.
int128_t BigEndian(const uint8_t* bytes, size_t length) {
  if (length > 16) throw parquet::ParquetException("a decimal of more than 16 bytes");
  uint128_t value = length > 0 && (bytes[0] & 0x80) ? ~uint128_t{0} : 0;
  for (size_t i = 0; i < length; ++i) value = (value << 8) | bytes[i];
  return static_cast<int128_t>(value);
}
template <typename Out>
struct BytesToDecimal {
  static constexpr bool kIdentity = false;
  int length;  // of fixed-length arrays
  Out factor;
  Out operator()(const parquet::FixedLenByteArray& value) const {
    return Scaled(BigEndian(value.ptr, static_cast<size_t>(length)));
  }
  Out operator()(const parquet::ByteArray& value) const { return Scaled(BigEndian(value.ptr, value.len)); }
  Out Scaled(int128_t value) const {
    int128_t result;
    if (__builtin_mul_overflow(value, static_cast<int128_t>(factor), &result) || static_cast<Out>(result) != result) {
      throw parquet::ParquetException("a decimal is out of its type's range");
    }
    return static_cast<Out>(result);
  }
};

// ---- byte arrays --------------------------------------------------------------------------------------------------

template <typename DType>
std::string_view BytesOf(const typename DType::c_type& value, int length);
template <>
std::string_view BytesOf<parquet::ByteArrayType>(const parquet::ByteArray& value, int) {
  return {reinterpret_cast<const char*>(value.ptr), value.len};
}
template <>
std::string_view BytesOf<parquet::FLBAType>(const parquet::FixedLenByteArray& value, int length) {
  return {reinterpret_cast<const char*>(value.ptr), static_cast<size_t>(length)};
}

// Views of `n` values; the long ones are copied into one buffer, which is added to `owner`.
template <typename DType>
void CopyStrings(const typename DType::c_type* values, int64_t n, int length, StringView* out, Vector* owner) {
  size_t bytes = 0;
  for (int64_t i = 0; i < n; ++i) {
    const size_t size = BytesOf<DType>(values[i], length).size();
    if (size > StringView::kInlineBytes) bytes += size;
  }
  BufferPtr heap = bytes > 0 ? Buffer::Allocate(static_cast<int64_t>(bytes)) : nullptr;
  char* room = heap != nullptr ? heap->mutable_as<char>() : nullptr;
  for (int64_t i = 0; i < n; ++i) {
    const std::string_view text = BytesOf<DType>(values[i], length);
    if (text.size() > StringView::kInlineBytes) {
      std::memcpy(room, text.data(), text.size());
      out[i] = StringView(room, static_cast<uint32_t>(text.size()));
      room += text.size();
    } else {
      out[i] = StringView(text);
    }
  }
  if (heap != nullptr) owner->AddHeap(std::move(heap));
}

template <typename DType>
class StringSource final : public FlatSource {
 public:
  StringSource(TypePtr type, bool optional, std::shared_ptr<parquet::ColumnReader> reader, int length)
      : FlatSource(std::move(type), optional),
        reader_(std::static_pointer_cast<parquet::TypedColumnReader<DType>>(std::move(reader))),
        length_(length) {}

  VectorPtr Read(int64_t rows) override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    auto* views = out->mutable_data<StringView>();
    BufferPtr validity;
    room_.resize(static_cast<size_t>(rows));
    for (int64_t done = 0; done < rows;) {
      const int64_t wanted = rows - done;
      int64_t found = 0;
      const int64_t n = reader_->ReadBatch(wanted, levels(wanted), nullptr, room_.data(), &found);
      CheckProgress(n, found, optional_);
      // Before the next call: the bytes belong to the page.
      CopyStrings<DType>(room_.data(), found, length_, views + done, out.get());
      if (found < n) {
        MarkNulls(done, n, rows, &validity);
        SpreadValues(levels_.data(), n, found, views + done);
      }
      done += n;
    }
    out->set_validity(std::move(validity));
    return out;
  }

  void Skip(int64_t rows) override {
    if (reader_->Skip(rows) != rows) throw parquet::ParquetException("a column ends early");
  }

 private:
  std::shared_ptr<parquet::TypedColumnReader<DType>> reader_;
  int length_;
  std::vector<typename DType::c_type> room_;
};

// ---- which reader for which pair of types -------------------------------------------------------------------------

class Opener {
 public:
  Opener(const ColumnPlace& place, const ColumnContext& context)
      : place_(place),
        chunk_(place.footer->RowGroup(place.row_group)->ColumnChunk(place.leaf)),
        paged_(ChunkPages::CanRead(*place.footer, *chunk_)),
        context_(context),
        descriptor_(*place.footer->schema()->Column(place.leaf)),
        logical_(descriptor_.logical_type() != nullptr ? descriptor_.logical_type() : parquet::NoLogicalType::Make()),
        type_(*context.type),
        optional_(MayHaveNulls()) {}

  std::unique_ptr<ColumnSource> Open() {
    switch (descriptor_.physical_type()) {
      case parquet::Type::BOOLEAN: return OpenBoolean();
      case parquet::Type::INT32: return OpenInt32();
      case parquet::Type::INT64: return OpenInt64();
      case parquet::Type::INT96:
        if (type_.is(TypeId::kTimestamp)) return Number<parquet::Int96Type, int64_t>(Int96ToMicros{});
        break;
      case parquet::Type::FLOAT:
        if (type_.is(TypeId::kFloat)) return Number<parquet::FloatType, float>(Identity{});
        if (type_.is(TypeId::kDouble)) return Number<parquet::FloatType, double>(CastTo<double, float>{});
        break;
      case parquet::Type::DOUBLE:
        if (type_.is(TypeId::kDouble)) return Number<parquet::DoubleType, double>(Identity{});
        break;
      case parquet::Type::BYTE_ARRAY: return OpenByteArray();
      case parquet::Type::FIXED_LEN_BYTE_ARRAY: return OpenFixed();
      default: break;
    }
    Mismatch();
  }

 private:
  // Levels needn't be decoded when the statistics say that there are no nulls.
  bool MayHaveNulls() const {
    if (descriptor_.max_definition_level() == 0) return false;
    const auto statistics = chunk_->encoded_statistics();
    return statistics == nullptr || !statistics->has_null_count || statistics->null_count != 0;
  }

  [[noreturn]] void Mismatch() const {
    const parquet::Type::type stored = descriptor_.physical_type();
    RaiseColumnMismatch(context_, stored == parquet::Type::BYTE_ARRAY ? "BINARY" : parquet::TypeToString(stored));
  }

  template <typename DType, typename Out, typename Convert>
  std::unique_ptr<ColumnSource> Number(Convert convert) {
    using In = typename DType::c_type;
    // Booleans are bits, and the others' values are more than their bytes.
    if constexpr (std::is_arithmetic_v<In> && !std::is_same_v<In, bool>) {
      if (paged_) {
        return std::make_unique<PagedNumberSource<In, Out, Convert>>(context_.type, optional_, has_levels(),
                                                                     place_.file, *chunk_, convert);
      }
    }
    return std::make_unique<NumberSource<DType, Out, Convert>>(context_.type, optional_,
                                                               place_.group().Column(place_.leaf), convert);
  }

  std::unique_ptr<ColumnSource> OpenBoolean() {
    if (!type_.is(TypeId::kBoolean)) Mismatch();
    return Number<parquet::BooleanType, uint8_t>(Identity{});
  }

  bool IsUnsigned() const {
    return logical_->is_int() && !static_cast<const parquet::IntLogicalType&>(*logical_).is_signed();
  }

  std::unique_ptr<ColumnSource> OpenInt32() {
    using I32 = parquet::Int32Type;
    if (logical_->is_decimal()) return OpenDecimal<I32>();
    if (logical_->is_date()) {
      if (type_.is(TypeId::kDate)) return Number<I32, int32_t>(Identity{});
      if (type_.is(TypeId::kTimestampNtz)) return Number<I32, int64_t>(DaysToMicros{});
      Mismatch();
    }
    switch (type_.id()) {
      case TypeId::kByte: return Number<I32, int8_t>(CastTo<int8_t, int32_t>{});
      case TypeId::kShort: return Number<I32, int16_t>(CastTo<int16_t, int32_t>{});
      case TypeId::kInt:
      case TypeId::kYearMonthInterval: return Number<I32, int32_t>(Identity{});
      case TypeId::kLong:
        if (IsUnsigned()) return Number<I32, int64_t>(CastTo<int64_t, uint32_t>{});
        return Number<I32, int64_t>(CastTo<int64_t, int32_t>{});
      case TypeId::kDouble: return Number<I32, double>(CastTo<double, int32_t>{});
      case TypeId::kDecimal: return IntegerAsDecimal<I32>(10);
      default: Mismatch();
    }
  }

  std::unique_ptr<ColumnSource> OpenInt64() {
    using I64 = parquet::Int64Type;
    if (logical_->is_decimal()) return OpenDecimal<I64>();
    if (logical_->is_timestamp()) return OpenTimestamp();
    if (logical_->is_time()) {
      if (type_.is(TypeId::kTime)) return Number<I64, int64_t>(Times<int64_t>{1000});
      Mismatch();
    }
    if (type_.is(TypeId::kLong) || type_.is(TypeId::kDayTimeInterval)) return Number<I64, int64_t>(Identity{});
    if (type_.is(TypeId::kDecimal)) {
      if (IsUnsigned() && type_.physical() == PhysicalType::kInt128) {
        return Number<I64, int128_t>(CastTo<int128_t, uint64_t>{});
      }
      return IntegerAsDecimal<I64>(20);
    }
    Mismatch();
  }

  std::unique_ptr<ColumnSource> OpenTimestamp() {
    using I64 = parquet::Int64Type;
    const auto& timestamp = static_cast<const parquet::TimestampLogicalType&>(*logical_);
    if (timestamp.time_unit() == LogicalType::TimeUnit::NANOS) {
      if (type_.is(TypeId::kLong)) return Number<I64, int64_t>(Identity{});
      Mismatch();
    }
    // Wall-clock times may not be read as instants; instants as wall-clock times neither.
    const bool fits = timestamp.is_adjusted_to_utc() ? type_.is(TypeId::kTimestamp) || type_.is(TypeId::kTimestampNtz)
                                                     : type_.is(TypeId::kTimestampNtz);
    if (!fits) Mismatch();
    if (timestamp.time_unit() == LogicalType::TimeUnit::MILLIS) return Number<I64, int64_t>(Times<int64_t>{1000});
    return Number<I64, int64_t>(Identity{});
  }

  // An integer column as a decimal that has room for all of its digits.
  template <typename DType>
  std::unique_ptr<ColumnSource> IntegerAsDecimal(int digits) {
    if (type_.precision() - type_.scale() < digits) Mismatch();
    return Scaled<DType>(type_.scale());
  }

  // Factor that brings the file's scale to the wanted one; only widening is allowed.
  int MoreDigits() const {
    const auto& decimal = static_cast<const parquet::DecimalLogicalType&>(*logical_);
    if (!type_.is(TypeId::kDecimal)) Mismatch();
    const int more_scale = type_.scale() - decimal.scale();
    const int more_precision = type_.precision() - decimal.precision();
    if (more_scale < 0 || more_precision < more_scale) Mismatch();
    return more_scale;
  }

  template <typename DType>
  std::unique_ptr<ColumnSource> OpenDecimal() {
    return Scaled<DType>(MoreDigits());
  }

  template <typename DType>
  std::unique_ptr<ColumnSource> Scaled(int digits) {
    if (type_.physical() == PhysicalType::kInt128)
      return Number<DType, int128_t>(Times<int128_t>{kPowersOfTen[digits]});
    if constexpr (std::is_same_v<DType, parquet::Int64Type>) {
      if (digits == 0) return Number<DType, int64_t>(Identity{});
    }
    if (digits == 0) return Number<DType, int64_t>(CastTo<int64_t, int64_t>{});
    return Number<DType, int64_t>(Times<int64_t>{static_cast<int64_t>(kPowersOfTen[digits])});
  }

  template <typename DType>
  std::unique_ptr<ColumnSource> DecimalFromBytes() {
    const int digits = MoreDigits();
    const int length = descriptor_.type_length();
    if (type_.physical() == PhysicalType::kInt128) {
      return Number<DType, int128_t>(BytesToDecimal<int128_t>{length, kPowersOfTen[digits]});
    }
    return Number<DType, int64_t>(BytesToDecimal<int64_t>{length, static_cast<int64_t>(kPowersOfTen[digits])});
  }

  std::unique_ptr<ColumnSource> OpenByteArray() {
    if (logical_->is_decimal()) return DecimalFromBytes<parquet::ByteArrayType>();
    if (type_.physical() != PhysicalType::kString) Mismatch();
    if (paged_) {
      return std::make_unique<PagedStringSource>(context_.type, optional_, has_levels(), place_.file, *chunk_);
    }
    return std::make_unique<StringSource<parquet::ByteArrayType>>(context_.type, optional_,
                                                                  place_.group().Column(place_.leaf), 0);
  }

  std::unique_ptr<ColumnSource> OpenFixed() {
    if (logical_->is_decimal()) return DecimalFromBytes<parquet::FLBAType>();
    if (!type_.is(TypeId::kBinary)) Mismatch();
    return std::make_unique<StringSource<parquet::FLBAType>>(
        context_.type, optional_, place_.group().Column(place_.leaf), descriptor_.type_length());
  }

  bool has_levels() const { return descriptor_.max_definition_level() > 0; }

  const ColumnPlace& place_;
  std::unique_ptr<parquet::ColumnChunkMetaData> chunk_;
  bool paged_;
  const ColumnContext& context_;
  const parquet::ColumnDescriptor& descriptor_;
  std::shared_ptr<const LogicalType> logical_;
  const DataType& type_;
  bool optional_;
};

}  // namespace

std::unique_ptr<ColumnSource> OpenFlatColumn(const ColumnPlace& place, const ColumnContext& context) {
  return Opener(place, context).Open();
}

void RaiseColumnMismatch(const ColumnContext& context, const std::string& actual) {
  std::string local;
  const FileSystem& files = FileSystemOf(context.path, &local);
  Raise(Condition::FAILED_READ_FILE__PARQUET_COLUMN_DATA_TYPE_MISMATCH,
        {{"path", files.Url(local)},
         {"column", "[" + context.column + "]"},
         {"expectedType", context.type->CatalogString()},
         {"actualType", actual}});
}

}  // namespace centella
