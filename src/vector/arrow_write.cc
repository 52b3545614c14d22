// Vectors to Arrow arrays and IPC streams. Fixed-width data is handed over without a copy.
#include <arrow/io/memory.h>
#include <arrow/ipc/api.h>

#include <algorithm>
#include <cstring>

#include "vector/arrow_types.h"

namespace centella {
namespace {

// An Arrow buffer that keeps ours alive.
class SharedBuffer : public arrow::Buffer {
 public:
  explicit SharedBuffer(BufferPtr buffer) : arrow::Buffer(buffer->data(), buffer->size()), owner_(std::move(buffer)) {}

 private:
  BufferPtr owner_;
};

std::shared_ptr<arrow::Buffer> Share(const BufferPtr& buffer) {
  return buffer == nullptr ? nullptr : std::make_shared<SharedBuffer>(buffer);
}

std::shared_ptr<arrow::Buffer> PackBooleans(const Vector& flat) {
  BufferPtr bits = Buffer::AllocateZeroed(BitmapBytes(flat.size()));
  const auto* values = flat.data<uint8_t>();
  for (int64_t i = 0; i < flat.size(); ++i) {
    bits->mutable_data()[i >> 3] |= static_cast<uint8_t>((values[i] & 1) << (i & 7));
  }
  return Share(bits);
}

std::shared_ptr<arrow::Buffer> WidenDecimals(const Vector& flat) {
  BufferPtr wide = Buffer::Allocate(flat.size() * 16);
  const auto* values = flat.data<int64_t>();
  for (int64_t i = 0; i < flat.size(); ++i) wide->mutable_as<int128_t>()[i] = values[i];
  return Share(wide);
}

std::shared_ptr<arrow::Buffer> CalendarIntervals(const Vector& flat) {
  BufferPtr out = Buffer::AllocateZeroed(flat.size() *
                                         static_cast<int64_t>(sizeof(arrow::MonthDayNanoIntervalType::MonthDayNanos)));
  for (int64_t i = 0; i < flat.size(); ++i) {
    if (flat.IsNull(i)) continue;
    const CalendarIntervalValue& value = flat.data<CalendarIntervalValue>()[i];
    int64_t nanos;
    if (__builtin_mul_overflow(value.micros, int64_t{1000}, &nanos)) RaiseUnsupported("an interval this long in Arrow");
    out->mutable_as<arrow::MonthDayNanoIntervalType::MonthDayNanos>()[i] = {value.months, value.days, nanos};
  }
  return Share(out);
}

template <typename Offset>
std::shared_ptr<arrow::ArrayData> WriteStrings(const Vector& flat, std::shared_ptr<arrow::DataType> type) {
  const auto* views = flat.data<StringView>();
  BufferPtr offsets = Buffer::Allocate((flat.size() + 1) * static_cast<int64_t>(sizeof(Offset)));
  auto* ends = offsets->mutable_as<Offset>();
  int64_t total = 0;
  ends[0] = 0;
  for (int64_t i = 0; i < flat.size(); ++i) {
    if (!flat.IsNull(i)) total += views[i].size();
    if (total > std::numeric_limits<Offset>::max()) RaiseUnsupported("more than 2 GB of strings in one Arrow batch");
    ends[i + 1] = static_cast<Offset>(total);
  }
  BufferPtr bytes = Buffer::Allocate(total);
  for (int64_t i = 0; i < flat.size(); ++i) {
    const auto size = static_cast<size_t>(ends[i + 1] - ends[i]);
    if (size != 0) std::memcpy(bytes->mutable_data() + ends[i], views[i].data(), size);
  }
  return arrow::ArrayData::Make(std::move(type), flat.size(),
                                {Share(flat.validity_buffer()), Share(offsets), Share(bytes)});
}

std::shared_ptr<arrow::ArrayData> WriteData(const VectorPtr& vector, const std::shared_ptr<arrow::DataType>& type);

// Arrow's lists lie one after the other: elements are gathered when ours don't.
std::shared_ptr<arrow::ArrayData> WriteLists(const Vector& flat, const std::shared_ptr<arrow::DataType>& type) {
  BufferPtr offsets = Buffer::Allocate((flat.size() + 1) * 4);
  auto* ends = offsets->mutable_as<int32_t>();
  const auto* entries = flat.data<ListEntry>();
  int64_t total = 0;
  bool dense = true;
  ends[0] = 0;
  for (int64_t i = 0; i < flat.size(); ++i) {
    if (!flat.IsNull(i)) {
      dense = dense && (entries[i].length == 0 || entries[i].offset == total);
      total += entries[i].length;
    }
    if (total > INT32_MAX) RaiseUnsupported("more than 2^31 list elements in one Arrow batch");
    ends[i + 1] = static_cast<int32_t>(total);
  }
  VectorPtr child = flat.child(0);
  if (!dense || child->size() != total) {
    std::vector<int32_t> rows;
    rows.reserve(static_cast<size_t>(total));
    for (int64_t i = 0; i < flat.size(); ++i) {
      if (flat.IsNull(i)) continue;
      for (int32_t k = 0; k < entries[i].length; ++k) rows.push_back(entries[i].offset + k);
    }
    child = Gather(child, rows.data(), total);
  }
  return arrow::ArrayData::Make(type, flat.size(), {Share(flat.validity_buffer()), Share(offsets)},
                                {WriteData(child, type->field(0)->type())});
}

std::shared_ptr<arrow::ArrayData> WriteData(const VectorPtr& vector, const std::shared_ptr<arrow::DataType>& type) {
  const VectorPtr holder = Flatten(vector);
  const Vector& flat = *holder;
  std::shared_ptr<arrow::Buffer> validity = Share(flat.validity_buffer());
  switch (type->id()) {
    case arrow::Type::NA: return arrow::ArrayData::Make(type, flat.size(), {nullptr}, flat.size());
    case arrow::Type::BOOL: return arrow::ArrayData::Make(type, flat.size(), {validity, PackBooleans(flat)});
    case arrow::Type::DECIMAL128:
      return arrow::ArrayData::Make(
          type, flat.size(),
          {validity, flat.physical() == PhysicalType::kInt64 ? WidenDecimals(flat) : Share(flat.data_buffer())});
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      return arrow::ArrayData::Make(type, flat.size(), {validity, CalendarIntervals(flat)});
    case arrow::Type::STRING:
    case arrow::Type::BINARY: return WriteStrings<int32_t>(flat, type);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY: return WriteStrings<int64_t>(flat, type);
    case arrow::Type::LIST:
    case arrow::Type::MAP: return WriteLists(flat, type);
    case arrow::Type::STRUCT: {
      std::vector<std::shared_ptr<arrow::ArrayData>> children;
      for (size_t k = 0; k < flat.children().size(); ++k) {
        children.push_back(WriteData(flat.child(k), type->field(static_cast<int>(k))->type()));
      }
      return arrow::ArrayData::Make(type, flat.size(), {validity}, std::move(children));
    }
    default: return arrow::ArrayData::Make(type, flat.size(), {validity, Share(flat.data_buffer())});
  }
}

}  // namespace

std::shared_ptr<arrow::Array> ToArrowArray(const VectorPtr& vector, const ArrowOptions& options) {
  return arrow::MakeArray(WriteData(vector, ToArrowType(*vector->type(), options)));
}

std::shared_ptr<arrow::RecordBatch> ToRecordBatch(const Batch& given, const std::shared_ptr<arrow::Schema>& schema,
                                                  const ArrowOptions&) {
  const Batch batch = Compact(given);
  CENTELLA_CHECK(static_cast<size_t>(schema->num_fields()) == batch.columns.size(), "schema and batch differ in width");
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  for (size_t k = 0; k < batch.columns.size(); ++k) {
    columns.push_back(WriteData(batch.columns[k], schema->field(static_cast<int>(k))->type()));
  }
  return arrow::RecordBatch::Make(schema, batch.rows, std::move(columns));
}

std::string WriteIpcStream(const std::vector<Batch>& batches, const DataType& schema, const ArrowOptions& options) {
  auto arrow_schema = ToArrowSchema(schema, options);
  auto sink = TakeArrow(arrow::io::BufferOutputStream::Create(), "writing an Arrow stream");
  auto writer = TakeArrow(arrow::ipc::MakeStreamWriter(sink, arrow_schema), "writing an Arrow stream");
  for (const Batch& batch : batches) {
    CheckArrow(writer->WriteRecordBatch(*ToRecordBatch(batch, arrow_schema, options)), "writing an Arrow stream");
  }
  CheckArrow(writer->Close(), "writing an Arrow stream");
  auto buffer = TakeArrow(sink->Finish(), "writing an Arrow stream");
  return std::string(reinterpret_cast<const char*>(buffer->data()), static_cast<size_t>(buffer->size()));
}

}  // namespace centella
