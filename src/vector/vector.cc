// Vectors: making them, reading single rows, what they weigh; string heaps.
#include "vector/vector.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace centella {

int64_t ValueWidth(PhysicalType type) {
  switch (type) {
    case PhysicalType::kNull:
    case PhysicalType::kStruct: return 0;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return 1;
    case PhysicalType::kInt16: return 2;
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return 4;
    case PhysicalType::kInt64:
    case PhysicalType::kDouble:
    case PhysicalType::kArray:
    case PhysicalType::kMap: return 8;
    case PhysicalType::kInt128:
    case PhysicalType::kString:
    case PhysicalType::kInterval: return 16;
  }
  return 0;
}

namespace {

// The struct of key and value that a map's entries are.
TypePtr MapEntryType(const DataType& map) {
  return types::Struct({{"key", map.key(), false, ""}, {"value", map.value(), map.value_contains_null(), ""}});
}

}  // namespace

MutableVectorPtr Vector::MakeFlat(TypePtr type, int64_t size) {
  CENTELLA_CHECK(size >= 0, "vector size " + std::to_string(size));
  MutableVectorPtr vector(new Vector(type, Encoding::kFlat, size));
  const int64_t bytes = size * ValueWidth(type->physical());
  switch (type->physical()) {
    case PhysicalType::kNull: vector->validity_ = Buffer::AllocateZeroed(BitmapBytes(size)); break;
    case PhysicalType::kString:
      // A kernel leaves null rows alone: their views must not dangle.
      vector->data_ = Buffer::AllocateZeroed(bytes);
      break;
    case PhysicalType::kArray:
      vector->data_ = Buffer::AllocateZeroed(bytes);
      vector->children_.push_back(MakeFlat(type->element(), 0));
      break;
    case PhysicalType::kMap:
      vector->data_ = Buffer::AllocateZeroed(bytes);
      vector->children_.push_back(MakeFlat(MapEntryType(*type), 0));
      break;
    case PhysicalType::kStruct:
      for (const StructField& field : type->fields()) vector->children_.push_back(MakeFlat(field.type, size));
      break;
    default: vector->data_ = Buffer::Allocate(bytes);
  }
  return vector;
}

VectorPtr Vector::MakeNull(TypePtr type, int64_t size) {
  MutableVectorPtr base = MakeFlat(type, 1);
  if (base->data_) std::memset(base->data_->mutable_data(), 0, static_cast<size_t>(base->data_->size()));
  base->validity_ = Buffer::AllocateZeroed(1);
  return MakeConstantFrom(*base, 0, size);
}

VectorPtr Vector::MakeConstant(const Value& value, int64_t size) {
  return MakeConstantFrom(*MakeVector(value.type(), {value}), 0, size);
}

VectorPtr Vector::MakeConstantFrom(const Vector& base, int64_t row, int64_t size) {
  DecodedVector decoded(base);
  int32_t index = decoded.IsNull(row) ? -1 : static_cast<int32_t>(decoded.index(row));
  // Gather wants a shared vector; this one is only looked at.
  VectorPtr flat_base(VectorPtr(), &decoded.base());
  MutableVectorPtr vector(new Vector(base.type_, Encoding::kConstant, size));
  vector->base_ = Flatten(Gather(flat_base, &index, 1));
  vector->children_ = vector->base_->children_;
  vector->heaps_ = vector->base_->heaps_;
  return vector;
}

VectorPtr Vector::MakeDictionary(VectorPtr base, BufferPtr codes, int64_t size, BufferPtr validity) {
  CENTELLA_CHECK(codes->size() >= size * int64_t{4}, "a dictionary's codes are too few");
  if (base->is_constant()) {
    if (validity == nullptr) {
      MutableVectorPtr constant(new Vector(base->type_, Encoding::kConstant, size));
      constant->base_ = base->base_;
      constant->children_ = base->children_;
      constant->heaps_ = base->heaps_;
      return constant;
    }
    codes = Buffer::AllocateZeroed(size * 4);
    base = base->base_;
  } else if (base->is_dictionary()) {
    BufferPtr composed = Buffer::Allocate(size * 4);
    BufferPtr combined = validity;
    if (base->validity_ != nullptr) {
      combined = Buffer::AllocateZeroed(BitmapBytes(size));
    }
    const int32_t* outer = codes->as<int32_t>();
    const int32_t* inner = base->codes();
    for (int64_t i = 0; i < size; ++i) {
      const bool outer_valid = validity == nullptr || BitIsSet(validity->data(), i);
      composed->mutable_as<int32_t>()[i] = outer_valid ? inner[outer[i]] : 0;
      if (base->validity_ != nullptr && outer_valid && BitIsSet(base->validity(), outer[i])) {
        SetBit(combined->mutable_data(), i);
      }
    }
    codes = std::move(composed);
    validity = std::move(combined);
    base = base->base_;
  }
  if (!base->is_flat()) base = Flatten(base);
  MutableVectorPtr vector(new Vector(base->type_, Encoding::kDictionary, size));
  vector->data_ = std::move(codes);
  vector->validity_ = std::move(validity);
  vector->base_ = std::move(base);
  return vector;
}

MutableVectorPtr Vector::WrapFlat(TypePtr type, int64_t size, BufferPtr data, BufferPtr validity,
                                  std::vector<BufferPtr> heaps, std::vector<VectorPtr> children) {
  const int64_t bytes = size * ValueWidth(type->physical());
  CENTELLA_CHECK(bytes == 0 || (data != nullptr && data->size() >= bytes), "a vector's buffer is too small");
  CENTELLA_CHECK(validity == nullptr || validity->size() >= BitmapBytes(size), "a vector's bitmap is too small");
  MutableVectorPtr vector(new Vector(std::move(type), Encoding::kFlat, size));
  vector->data_ = std::move(data);
  vector->validity_ = std::move(validity);
  vector->heaps_ = std::move(heaps);
  vector->children_ = std::move(children);
  if (vector->physical() == PhysicalType::kNull) vector->validity_ = Buffer::AllocateZeroed(BitmapBytes(size));
  if (vector->data_ == nullptr && ValueWidth(vector->physical()) != 0) vector->data_ = Buffer::Allocate(0);
  return vector;
}

uint8_t* Vector::mutable_validity() {
  if (validity_ == nullptr) {
    validity_ = Buffer::Allocate(BitmapBytes(size_));
    std::memset(validity_->mutable_data(), 0xff, static_cast<size_t>(validity_->size()));
  }
  return validity_->mutable_data();
}

void Vector::AddHeaps(const Vector& other) {
  auto add_all = [this](const std::vector<BufferPtr>& heaps) {
    for (const BufferPtr& heap : heaps) {
      if (std::find(heaps_.begin(), heaps_.end(), heap) == heaps_.end()) heaps_.push_back(heap);
    }
  };
  add_all(other.heaps_);
  if (other.base_ != nullptr) add_all(other.base_->heaps_);
}

bool Vector::IsNull(int64_t row) const {
  switch (encoding_) {
    case Encoding::kConstant: return base_->IsNull(0);
    case Encoding::kDictionary:
      return (validity_ != nullptr && !BitIsSet(validity_->data(), row)) || base_->IsNull(codes()[row]);
    case Encoding::kFlat: return validity_ != nullptr && !BitIsSet(validity_->data(), row);
  }
  return false;
}

bool Vector::MayHaveNulls() const { return validity_ != nullptr || (base_ != nullptr && base_->validity_ != nullptr); }

int64_t Vector::CountNulls() const {
  if (!MayHaveNulls()) return 0;
  if (is_constant()) return base_->IsNull(0) ? size_ : 0;
  int64_t nulls = 0;
  if (is_flat()) {
    const uint8_t* bits = validity();
    int64_t valid = 0, row = 0;
    for (; row + 64 <= size_; row += 64) {
      uint64_t word;
      std::memcpy(&word, bits + row / 8, 8);
      valid += __builtin_popcountll(word);
    }
    for (; row < size_; ++row) valid += BitIsSet(bits, row);
    return size_ - valid;
  }
  DecodedVector decoded(*this);
  for (int64_t row = 0; row < size_; ++row) nulls += decoded.IsNull(row);
  return nulls;
}

namespace {

Value ValueOfFlat(const Vector& flat, int64_t row) {
  const TypePtr& type = flat.type();
  switch (type->physical()) {
    case PhysicalType::kNull: return Value::Null(type);
    case PhysicalType::kBool: return Value::Integer(type, flat.data<uint8_t>()[row]);
    case PhysicalType::kInt8: return Value::Integer(type, flat.data<int8_t>()[row]);
    case PhysicalType::kInt16: return Value::Integer(type, flat.data<int16_t>()[row]);
    case PhysicalType::kInt32: return Value::Integer(type, flat.data<int32_t>()[row]);
    case PhysicalType::kInt64:
      if (type->is(TypeId::kDecimal)) return Value::Of(type, int128_t{flat.data<int64_t>()[row]});
      return Value::Integer(type, flat.data<int64_t>()[row]);
    case PhysicalType::kInt128: return Value::Of(type, flat.data<int128_t>()[row]);
    case PhysicalType::kFloat: return Value::Of(type, double{flat.data<float>()[row]});
    case PhysicalType::kDouble: return Value::Of(type, flat.data<double>()[row]);
    case PhysicalType::kString: return Value::Of(type, std::string(flat.data<StringView>()[row].view()));
    case PhysicalType::kInterval: return Value::Of(type, flat.data<CalendarIntervalValue>()[row]);
    case PhysicalType::kArray: {
      std::vector<Value> parts;
      const ListEntry entry = flat.data<ListEntry>()[row];
      for (int32_t i = 0; i < entry.length; ++i) parts.push_back(flat.child(0)->GetValue(entry.offset + i));
      return Value::Nested(type, std::move(parts));
    }
    case PhysicalType::kMap: {
      std::vector<Value> parts;
      const ListEntry entry = flat.data<ListEntry>()[row];
      VectorPtr entries = Flatten(flat.child(0));
      for (int32_t i = 0; i < entry.length; ++i) {
        parts.push_back(entries->child(0)->GetValue(entry.offset + i));
        parts.push_back(entries->child(1)->GetValue(entry.offset + i));
      }
      return Value::Nested(type, std::move(parts));
    }
    case PhysicalType::kStruct: {
      std::vector<Value> parts;
      for (const VectorPtr& child : flat.children()) parts.push_back(child->GetValue(row));
      return Value::Nested(type, std::move(parts));
    }
  }
  return Value::Null(type);
}

}  // namespace

Value Vector::GetValue(int64_t row) const {
  CENTELLA_CHECK(row >= 0 && row < size_, "row " + std::to_string(row) + " of " + std::to_string(size_));
  if (IsNull(row)) return Value::Null(type_);
  DecodedVector decoded(*this);
  return ValueOfFlat(decoded.base(), decoded.index(row));
}

int64_t Vector::MemoryBytes() const {
  int64_t bytes = static_cast<int64_t>(sizeof(Vector));
  if (data_ != nullptr) bytes += data_->size();
  if (validity_ != nullptr) bytes += validity_->size();
  if (base_ != nullptr) return bytes + base_->MemoryBytes();  // its heaps and children are the same
  for (const BufferPtr& heap : heaps_) bytes += heap->size();
  for (const VectorPtr& child : children_) bytes += child->MemoryBytes();
  return bytes;
}

DecodedVector::DecodedVector(const Vector& vector) : base_(&vector), data_(nullptr) {
  if (vector.is_dictionary()) {
    top_validity_ = vector.validity();
    codes_ = vector.codes();
    base_ = vector.base().get();
  } else if (vector.is_constant()) {
    constant_ = true;
    base_ = vector.base().get();
  }
  base_validity_ = base_->validity();
  if (base_->data_buffer() != nullptr) data_ = base_->data_buffer()->data();
}

char* StringHeap::Reserve(size_t size) {
  constexpr int64_t kFirstBuffer = 4096;
  constexpr int64_t kLargestBuffer = 1 << 20;
  const auto wanted = static_cast<int64_t>(size);
  if (buffers_.empty() || buffers_.back()->size() - used_ < wanted) {
    const int64_t room = std::max(wanted, std::clamp(bytes_, kFirstBuffer, kLargestBuffer));
    buffers_.push_back(Buffer::Allocate(room));
    used_ = 0;
    bytes_ += room;
  }
  char* at = reinterpret_cast<char*>(buffers_.back()->mutable_data()) + used_;
  used_ += wanted;
  return at;
}

void StringHeap::MoveTo(Vector& vector) {
  for (BufferPtr& buffer : buffers_) vector.AddHeap(std::move(buffer));
  buffers_.clear();
  used_ = 0;
  bytes_ = 0;
}

int64_t Batch::MemoryBytes() const {
  int64_t bytes = 0;
  for (const VectorPtr& column : columns) bytes += column->MemoryBytes();
  if (selection != nullptr) bytes += static_cast<int64_t>(selection->size() * sizeof(int32_t));
  return bytes;
}

Batch Compact(Batch batch) {
  if (batch.selection == nullptr) return batch;
  const auto n = static_cast<int64_t>(batch.selection->size());
  for (VectorPtr& column : batch.columns) column = Gather(column, batch.selection->data(), n);
  batch.rows = n;
  batch.selection = nullptr;
  return batch;
}

Batch SliceBatch(const Batch& batch, int64_t offset, int64_t length) {
  CENTELLA_CHECK(batch.selection == nullptr, "a slice of a batch with a selection");
  Batch slice;
  slice.rows = length;
  slice.place = batch.place;
  slice.columns.reserve(batch.columns.size());
  for (const VectorPtr& column : batch.columns) slice.columns.push_back(Slice(column, offset, length));
  return slice;
}

}  // namespace centella
