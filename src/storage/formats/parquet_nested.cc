// Arrays, maps and structs of Parquet files: Arrow assembles them, then they become vectors of the wanted type (fields
// by name, missing ones null, numbers widened where Spark widens).
#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <parquet/arrow/reader.h>

#include <algorithm>

#include "storage/formats/parquet_column.h"
#include "vector/arrow_types.h"

namespace centella {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

template <typename T>
T Take(arrow::Result<T> result) {
  if (!result.ok()) throw parquet::ParquetException(result.status().ToString());
  return std::move(result).ValueUnsafe();
}

VectorPtr Convert(const ArrayPtr& array, const TypePtr& type, const ColumnContext& context);

BufferPtr ValidityOf(const arrow::Array& array) {
  if (array.null_count() == 0) return nullptr;
  BufferPtr bits = Buffer::AllocateZeroed(BitmapBytes(array.length()));
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsValid(i)) SetBit(bits->mutable_data(), i);
  }
  return bits;
}

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

VectorPtr ConvertStruct(const arrow::StructArray& array, const TypePtr& type, const ColumnContext& context) {
  std::vector<VectorPtr> children;
  for (const StructField& field : type->fields()) {
    int found = -1;
    for (int i = 0; i < array.num_fields() && found < 0; ++i) {
      if (SameName(array.struct_type()->field(i)->name(), field.name)) found = i;
    }
    children.push_back(found < 0 ? Vector::MakeNull(field.type, array.length())
                                 : Flatten(Convert(array.field(found), field.type, context)));
  }
  return Vector::WrapFlat(type, array.length(), nullptr, ValidityOf(array), {}, std::move(children));
}

// Entries relative to the first element in use, and the child made by `make` of that range of elements.
template <typename ListArray, typename Make>
VectorPtr ConvertList(const ListArray& array, const TypePtr& type, Make make) {
  const int64_t rows = array.length();
  const int64_t first = rows > 0 ? array.value_offset(0) : 0;
  const int64_t last = rows > 0 ? array.value_offset(rows) : 0;
  if (last - first > INT32_MAX) throw parquet::ParquetException("too many list elements in a batch");
  MutableVectorPtr out = Vector::MakeFlat(type, rows);
  auto* entries = out->template mutable_data<ListEntry>();
  for (int64_t i = 0; i < rows; ++i) {
    entries[i] = {static_cast<int32_t>(array.value_offset(i) - first), static_cast<int32_t>(array.value_length(i))};
    if (array.IsNull(i)) entries[i] = {};
  }
  out->set_validity(ValidityOf(array));
  out->set_child(0, make(first, last - first));
  return out;
}

VectorPtr ConvertMap(const arrow::MapArray& array, const TypePtr& type, const ColumnContext& context) {
  const VectorPtr empty = Vector::MakeFlat(type, 0);
  return ConvertList(array, type, [&](int64_t first, int64_t count) {
    VectorPtr keys = Flatten(Convert(array.keys()->Slice(first, count), type->key(), context));
    VectorPtr values = Flatten(Convert(array.items()->Slice(first, count), type->value(), context));
    return Vector::WrapFlat(empty->child(0)->type(), count, nullptr, nullptr, {}, {std::move(keys), std::move(values)});
  });
}

// A value that is no nest. Arrow's type must be one that Spark reads as the wanted type.
VectorPtr ConvertLeaf(ArrayPtr array, const TypePtr& type, const ColumnContext& context) {
  const auto id = array->type_id();
  const bool integer = arrow::is_integer(id), decimal = arrow::is_decimal(id);
  std::shared_ptr<arrow::DataType> wanted;
  switch (type->id()) {
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kLong:
    case TypeId::kDouble:
      if (integer || (type->is(TypeId::kDouble) && id == arrow::Type::FLOAT)) wanted = ToArrowType(*type, {});
      break;
    case TypeId::kDecimal:
      if (integer || decimal) wanted = arrow::decimal128(type->precision(), type->scale());
      break;
    default: break;
  }
  if (wanted != nullptr && !wanted->Equals(array->type())) array = Take(arrow::compute::Cast(*array, wanted));
  try {
    return FromArrowArray(array, type);
  } catch (const Error&) {
    RaiseColumnMismatch(context, array->type()->ToString());
  }
}

VectorPtr Convert(const ArrayPtr& array, const TypePtr& type, const ColumnContext& context) {
  if (array->type_id() == arrow::Type::NA) return Vector::MakeNull(type, array->length());
  switch (type->id()) {
    case TypeId::kStruct:
      if (array->type_id() != arrow::Type::STRUCT) RaiseColumnMismatch(context, array->type()->ToString());
      return ConvertStruct(static_cast<const arrow::StructArray&>(*array), type, context);
    case TypeId::kMap:
      if (array->type_id() != arrow::Type::MAP) RaiseColumnMismatch(context, array->type()->ToString());
      return ConvertMap(static_cast<const arrow::MapArray&>(*array), type, context);
    case TypeId::kArray: {
      if (array->type_id() != arrow::Type::LIST && array->type_id() != arrow::Type::MAP) {
        RaiseColumnMismatch(context, array->type()->ToString());
      }
      const auto& list = static_cast<const arrow::ListArray&>(*array);
      return ConvertList(list, type, [&](int64_t first, int64_t count) {
        return Flatten(Convert(list.values()->Slice(first, count), type->element(), context));
      });
    }
    default: return ConvertLeaf(array, type, context);
  }
}

class NestedSource final : public ColumnSource {
 public:
  NestedSource(std::unique_ptr<arrow::RecordBatchReader> reader, ColumnContext context)
      : reader_(std::move(reader)), context_(std::move(context)) {}

  VectorPtr Read(int64_t rows) override {
    std::vector<VectorPtr> parts;
    Advance(rows, [&](const ArrayPtr& array) { parts.push_back(Convert(array, context_.type, context_)); });
    return parts.size() == 1 ? parts[0] : Concat(parts);
  }
  void Skip(int64_t rows) override {
    Advance(rows, [](const ArrayPtr&) {});
  }

 private:
  template <typename Use>
  void Advance(int64_t rows, Use use) {
    while (rows > 0) {
      if (pending_ == nullptr || pending_->length() == 0) {
        std::shared_ptr<arrow::RecordBatch> batch = Take(reader_->Next());
        if (batch == nullptr) throw parquet::ParquetException("a column has fewer values than its row group has rows");
        pending_ = batch->column(0);
        continue;
      }
      const int64_t n = std::min(rows, pending_->length());
      use(pending_->Slice(0, n));
      pending_ = pending_->Slice(n);
      rows -= n;
    }
  }

  std::unique_ptr<arrow::RecordBatchReader> reader_;
  ColumnContext context_;
  ArrayPtr pending_;
};

// Leaves of a field of the root, in the file's order.
std::vector<int> LeavesOf(const parquet::SchemaDescriptor& schema, int root) {
  std::vector<int> leaves;
  for (int i = 0; i < schema.num_columns(); ++i) {
    if (schema.GetColumnRoot(i) == schema.group_node()->field(root).get()) leaves.push_back(i);
  }
  return leaves;
}

}  // namespace

std::unique_ptr<ColumnSource> OpenNestedColumn(parquet::arrow::FileReader& reader, int row_group, int root,
                                               const ColumnContext& context) {
  const auto& schema = *reader.parquet_reader()->metadata()->schema();
  auto batches = Take(reader.GetRecordBatchReader({row_group}, LeavesOf(schema, root)));
  return std::make_unique<NestedSource>(std::move(batches), context);
}

}  // namespace centella
