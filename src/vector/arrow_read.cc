// Arrow arrays and IPC streams to vectors. Fixed-width data isn't copied when it is aligned; strings keep Arrow's bytes.
#include <arrow/io/memory.h>
#include <arrow/ipc/api.h>

#include <algorithm>
#include <cstring>

#include "vector/arrow_types.h"

namespace centella {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

// Our buffer over Arrow's; the array's buffer stays alive with it.
BufferPtr WrapBuffer(const std::shared_ptr<arrow::Buffer>& buffer) {
  return Buffer::Wrap(buffer->data(), buffer->size(), buffer);
}

BufferPtr ReadBits(const std::shared_ptr<arrow::Buffer>& bits, int64_t offset, int64_t length) {
  if (bits == nullptr) return nullptr;
  if (offset % 8 == 0) return Buffer::Wrap(bits->data() + offset / 8, BitmapBytes(length), bits);
  BufferPtr out = Buffer::AllocateZeroed(BitmapBytes(length));
  for (int64_t i = 0; i < length; ++i) {
    if (BitIsSet(bits->data(), offset + i)) SetBit(out->mutable_data(), i);
  }
  return out;
}

BufferPtr ReadValidity(const arrow::Array& array) {
  if (array.null_count() == 0) return nullptr;
  return ReadBits(array.null_bitmap(), array.offset(), array.length());
}

// Values of fixed width; copied only when they don't lie aligned for their type.
BufferPtr ReadValues(const arrow::Array& array, int64_t width) {
  const auto& buffer = array.data()->buffers[1];
  if (buffer == nullptr) return Buffer::Allocate(0);
  const uint8_t* data = buffer->data() + array.offset() * width;
  if (reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(width) == 0) {
    return Buffer::Wrap(data, array.length() * width, buffer);
  }
  BufferPtr copy = Buffer::Allocate(array.length() * width);
  std::memcpy(copy->mutable_data(), data, static_cast<size_t>(array.length() * width));
  return copy;
}

// A flat vector whose values are `convert(row)`, nulls as in the array.
template <typename T, typename Convert>
VectorPtr ReadConverted(const arrow::Array& array, const TypePtr& type, Convert convert) {
  MutableVectorPtr out = Vector::MakeFlat(type, array.length());
  T* values = out->mutable_data<T>();
  for (int64_t i = 0; i < array.length(); ++i) values[i] = array.IsNull(i) ? T{} : convert(i);
  out->set_validity(ReadValidity(array));
  return out;
}

[[noreturn]] void RaiseMismatch(const arrow::Array& array, const DataType& type) {
  RaiseUnsupported("reading Arrow's " + array.type()->ToString() + " as " + type.ToSql());
}

VectorPtr ReadBooleans(const arrow::Array& array, const TypePtr& type) {
  const auto& booleans = static_cast<const arrow::BooleanArray&>(array);
  return ReadConverted<uint8_t>(array, type, [&](int64_t i) { return uint8_t{booleans.Value(i)}; });
}

template <typename ArrayType>
VectorPtr ReadStrings(const arrow::Array& array, const TypePtr& type) {
  const auto& strings = static_cast<const ArrayType&>(array);
  MutableVectorPtr out = Vector::MakeFlat(type, array.length());
  auto* views = out->mutable_data<StringView>();
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    const auto view = strings.GetView(i);
    if (view.size() > INT32_MAX) RaiseUnsupported("a string of more than 2 GB");
    views[i] = StringView(view.data(), static_cast<uint32_t>(view.size()));
  }
  out->set_validity(ReadValidity(array));
  for (const auto& buffer : array.data()->buffers) {
    if (buffer != nullptr) out->AddHeap(WrapBuffer(buffer));
  }
  return out;
}

// View arrays have more buffers than there are: copy their bytes instead of pinning them.
template <typename ArrayType>
VectorPtr CopyStrings(const arrow::Array& array, const TypePtr& type) {
  const auto& strings = static_cast<const ArrayType&>(array);
  StringHeap heap;
  MutableVectorPtr out = Vector::MakeFlat(type, array.length());
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    const auto view = strings.GetView(i);
    out->mutable_data<StringView>()[i] = heap.Add({view.data(), view.size()});
  }
  heap.MoveTo(*out);
  out->set_validity(ReadValidity(array));
  return out;
}

VectorPtr ReadDecimals(const arrow::Array& array, const TypePtr& type) {
  const auto& arrow_type = static_cast<const arrow::DecimalType&>(*array.type());
  if (!type->is(TypeId::kDecimal) || type->scale() != arrow_type.scale()) RaiseMismatch(array, *type);
  const bool wide = type->physical() == PhysicalType::kInt128;
  if (array.type_id() == arrow::Type::DECIMAL128) {
    if (wide) return Vector::WrapFlat(type, array.length(), ReadValues(array, 16), ReadValidity(array));
    BufferPtr values = ReadValues(array, 16);
    return ReadConverted<int64_t>(array, type,
                                  [&](int64_t i) { return static_cast<int64_t>(values->as<int128_t>()[i]); });
  }
  const bool narrow32 = array.type_id() == arrow::Type::DECIMAL32;
  BufferPtr values = ReadValues(array, narrow32 ? 4 : 8);
  auto value = [&](int64_t i) { return narrow32 ? int64_t{values->as<int32_t>()[i]} : values->as<int64_t>()[i]; };
  if (wide) return ReadConverted<int128_t>(array, type, [&](int64_t i) { return int128_t{value(i)}; });
  return ReadConverted<int64_t>(array, type, value);
}

// Timestamps and durations of any unit, as microseconds.
VectorPtr ReadTimes(const arrow::Array& array, const TypePtr& type, arrow::TimeUnit::type unit) {
  BufferPtr values = ReadValues(array, 8);
  const auto* in = values->as<int64_t>();
  auto scale = [](int64_t value, int64_t factor) {
    int64_t scaled;
    if (__builtin_mul_overflow(value, factor, &scaled)) {
      Raise(
          Condition::ARITHMETIC_OVERFLOW,
          {{"message", "a timestamp is out of range"}, {"alternative", ""}, {"config", "\"spark.sql.ansi.enabled\""}});
    }
    return scaled;
  };
  switch (unit) {
    case arrow::TimeUnit::MICRO: return Vector::WrapFlat(type, array.length(), values, ReadValidity(array));
    case arrow::TimeUnit::SECOND:
      return ReadConverted<int64_t>(array, type, [&](int64_t i) { return scale(in[i], 1000000); });
    case arrow::TimeUnit::MILLI:
      return ReadConverted<int64_t>(array, type, [&](int64_t i) { return scale(in[i], 1000); });
    case arrow::TimeUnit::NANO:
      return ReadConverted<int64_t>(array, type, [&](int64_t i) { return in[i] / 1000 - (in[i] % 1000 < 0 ? 1 : 0); });
  }
  RaiseMismatch(array, *type);
}

template <typename ArrayType>
VectorPtr ReadLists(const arrow::Array& array, const TypePtr& type) {
  const auto& lists = static_cast<const ArrayType&>(array);
  const VectorPtr empty = Vector::MakeFlat(type, 0);
  // Only the elements of these rows are read: the array may be a slice of a long one.
  int64_t first = INT64_MAX, last = 0;
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    first = std::min<int64_t>(first, lists.value_offset(i));
    last = std::max<int64_t>(last, lists.value_offset(i) + lists.value_length(i));
  }
  if (first > last) first = last;
  CENTELLA_CHECK(last - first <= INT32_MAX, "too many list elements in an Arrow array");
  const ArrayPtr values = lists.values()->Slice(first, last - first);
  MutableVectorPtr out = Vector::MakeFlat(type, array.length());
  auto* entries = out->mutable_data<ListEntry>();
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    entries[i] = {static_cast<int32_t>(lists.value_offset(i) - first), static_cast<int32_t>(lists.value_length(i))};
  }
  out->set_validity(ReadValidity(array));
  out->set_child(0, Flatten(FromArrowArray(values, empty->child(0)->type())));
  return out;
}

VectorPtr ReadStructs(const arrow::Array& array, const TypePtr& type) {
  const auto& structs = static_cast<const arrow::StructArray&>(array);
  CENTELLA_CHECK(static_cast<size_t>(structs.num_fields()) == type->fields().size(), "struct fields differ in number");
  std::vector<VectorPtr> children;
  for (int k = 0; k < structs.num_fields(); ++k) {
    children.push_back(FromArrowArray(structs.field(k), type->fields()[k].type));
  }
  return Vector::WrapFlat(type, array.length(), nullptr, ReadValidity(array), {}, std::move(children));
}

VectorPtr ReadDictionary(const arrow::Array& array, const TypePtr& type) {
  const auto& dictionary = static_cast<const arrow::DictionaryArray&>(array);
  VectorPtr base = FromArrowArray(dictionary.dictionary(), type);
  BufferPtr codes = Buffer::AllocateZeroed(array.length() * 4);
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    const int64_t code = dictionary.GetValueIndex(i);
    CENTELLA_CHECK(code >= 0 && code < base->size(), "an Arrow dictionary's index is out of range");
    codes->mutable_as<int32_t>()[i] = static_cast<int32_t>(code);
  }
  return Vector::MakeDictionary(std::move(base), std::move(codes), array.length(), ReadValidity(array));
}

VectorPtr ReadIntervals(const arrow::Array& array, const TypePtr& type) {
  const auto& intervals = static_cast<const arrow::MonthDayNanoIntervalArray&>(array);
  return ReadConverted<CalendarIntervalValue>(array, type, [&](int64_t i) {
    const auto value = intervals.Value(i);
    return CalendarIntervalValue{value.months, value.days, value.nanoseconds / 1000};
  });
}

VectorPtr ReadTimesOfDay(const arrow::Array& array, const TypePtr& type) {
  const bool micros = static_cast<const arrow::Time64Type&>(*array.type()).unit() == arrow::TimeUnit::MICRO;
  BufferPtr values = ReadValues(array, 8);
  if (!micros) return Vector::WrapFlat(type, array.length(), values, ReadValidity(array));
  return ReadConverted<int64_t>(array, type, [&](int64_t i) { return values->as<int64_t>()[i] * 1000; });
}

}  // namespace

VectorPtr FromArrowArray(const ArrayPtr& array, const TypePtr& type) {
  const bool wants_string = type->physical() == PhysicalType::kString;
  auto check = [&](bool fits) {
    if (!fits) RaiseMismatch(*array, *type);
  };
  switch (array->type_id()) {
    case arrow::Type::NA: return Vector::MakeNull(type, array->length());
    case arrow::Type::DICTIONARY: return ReadDictionary(*array, type);
    case arrow::Type::BOOL: check(type->is(TypeId::kBoolean)); return ReadBooleans(*array, type);
    case arrow::Type::STRING: check(wants_string); return ReadStrings<arrow::StringArray>(*array, type);
    case arrow::Type::LARGE_STRING: check(wants_string); return ReadStrings<arrow::LargeStringArray>(*array, type);
    case arrow::Type::BINARY: check(wants_string); return ReadStrings<arrow::BinaryArray>(*array, type);
    case arrow::Type::LARGE_BINARY: check(wants_string); return ReadStrings<arrow::LargeBinaryArray>(*array, type);
    case arrow::Type::FIXED_SIZE_BINARY:
      // Values as they lie in our vectors: fragments send what Arrow has no type for so.
      if (const int64_t width = ValueWidth(type->physical()); !wants_string && width != 0) {
        check(static_cast<const arrow::FixedSizeBinaryType&>(*array->type()).byte_width() == width);
        return Vector::WrapFlat(type, array->length(), ReadValues(*array, width), ReadValidity(*array));
      }
      check(wants_string);
      return ReadStrings<arrow::FixedSizeBinaryArray>(*array, type);
    case arrow::Type::STRING_VIEW: check(wants_string); return CopyStrings<arrow::StringViewArray>(*array, type);
    case arrow::Type::BINARY_VIEW: check(wants_string); return CopyStrings<arrow::BinaryViewArray>(*array, type);
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128: return ReadDecimals(*array, type);
    case arrow::Type::TIMESTAMP:
      check(type->is(TypeId::kTimestamp) || type->is(TypeId::kTimestampNtz));
      return ReadTimes(*array, type, static_cast<const arrow::TimestampType&>(*array->type()).unit());
    case arrow::Type::DURATION:
      check(type->is(TypeId::kDayTimeInterval));
      return ReadTimes(*array, type, static_cast<const arrow::DurationType&>(*array->type()).unit());
    case arrow::Type::TIME64: check(type->is(TypeId::kTime)); return ReadTimesOfDay(*array, type);
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      check(type->is(TypeId::kCalendarInterval));
      return ReadIntervals(*array, type);
    case arrow::Type::LIST: check(type->is(TypeId::kArray)); return ReadLists<arrow::ListArray>(*array, type);
    case arrow::Type::LARGE_LIST:
      check(type->is(TypeId::kArray));
      return ReadLists<arrow::LargeListArray>(*array, type);
    case arrow::Type::FIXED_SIZE_LIST:
      check(type->is(TypeId::kArray));
      return ReadLists<arrow::FixedSizeListArray>(*array, type);
    case arrow::Type::MAP: check(type->is(TypeId::kMap)); return ReadLists<arrow::MapArray>(*array, type);
    case arrow::Type::STRUCT: check(type->physical() == PhysicalType::kStruct); return ReadStructs(*array, type);
    default: break;
  }
  const TypePtr own = FromArrowType(*array->type());
  check(own->physical() == type->physical());
  return Vector::WrapFlat(type, array->length(), ReadValues(*array, ValueWidth(type->physical())),
                          ReadValidity(*array));
}

std::vector<Batch> FromRecordBatch(const arrow::RecordBatch& record, const DataType& schema) {
  CENTELLA_CHECK(static_cast<size_t>(record.num_columns()) == schema.fields().size(),
                 "batch and schema differ in width");
  std::vector<Batch> batches;
  for (int64_t begin = 0; begin < record.num_rows(); begin += kVectorSize) {
    const int64_t rows = std::min(kVectorSize, record.num_rows() - begin);
    Batch batch;
    batch.rows = rows;
    for (int k = 0; k < record.num_columns(); ++k) {
      batch.columns.push_back(FromArrowArray(record.column(k)->Slice(begin, rows), schema.fields()[k].type));
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

// Whether a stream ends where its first message would begin: with the bytes, or with a message of length 0.
static bool EndsAtOnce(std::string_view bytes) {
  const auto word = [bytes](size_t at) {
    uint32_t value = 0;
    if (bytes.size() >= at + sizeof(value)) std::memcpy(&value, bytes.data() + at, sizeof(value));
    return value;
  };
  constexpr uint32_t kContinuation = 0xffffffff;  // before the length, since Arrow 0.15
  return word(word(0) == kContinuation ? 4 : 0) == 0;
}

std::vector<Batch> ReadIpcStream(std::string_view bytes, TypePtr* schema) {
  *schema = nullptr;
  if (EndsAtOnce(bytes)) return {};
  // The vectors outlive the request's bytes: they point into one copy.
  std::shared_ptr<arrow::Buffer> buffer = arrow::Buffer::FromString(std::string(bytes));
  auto source = std::make_shared<arrow::io::BufferReader>(buffer);
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  options.max_recursion_depth = 64;
  auto reader = TakeArrow(arrow::ipc::RecordBatchStreamReader::Open(source, options), "reading an Arrow stream");
  *schema = FromArrowSchema(*reader->schema());
  std::vector<Batch> batches;
  while (true) {
    std::shared_ptr<arrow::RecordBatch> record;
    CheckArrow(reader->ReadNext(&record), "reading an Arrow stream");
    if (record == nullptr) break;
    CheckArrow(record->ValidateFull(), "an Arrow stream is malformed");
    for (Batch& batch : FromRecordBatch(*record, **schema)) batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace centella
