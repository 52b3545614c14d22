// Encoding of single values, and the column builder that reads them.
#include "functions/row_bytes.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace centella {
namespace {

size_t WidthOf(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return 1;
    case PhysicalType::kInt16: return 2;
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return 4;
    case PhysicalType::kInt64:
    case PhysicalType::kDouble: return 8;
    case PhysicalType::kInt128: return 16;
    case PhysicalType::kInterval: return sizeof(CalendarIntervalValue);
    case PhysicalType::kString: return sizeof(StringView);
    case PhysicalType::kArray:
    case PhysicalType::kMap: return sizeof(ListEntry);
    default: return 0;
  }
}

void PutLength(std::string& out, uint32_t length) { out.append(reinterpret_cast<const char*>(&length), 4); }

uint32_t TakeLength(std::string_view& bytes) {
  uint32_t length;
  CENTELLA_CHECK(bytes.size() >= 4, "an encoded value is cut short");
  std::memcpy(&length, bytes.data(), 4);
  bytes.remove_prefix(4);
  return length;
}

template <typename T>
void PutFloating(T value, std::string& out, bool normalise) {
  if (normalise) {
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
    if (value == 0) value = 0;
  }
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace

void EncodeRow(const Vector& vector, int64_t row, std::string& out, bool normalise) {
  if (vector.IsNull(row)) {
    out.push_back(0);
    return;
  }
  const Vector* at = &vector;
  if (!at->is_flat()) {
    row = at->is_constant() ? 0 : at->codes()[row];
    at = at->base().get();
  }
  out.push_back(1);
  switch (at->physical()) {
    case PhysicalType::kFloat: return PutFloating(at->data<float>()[row], out, normalise);
    case PhysicalType::kDouble: return PutFloating(at->data<double>()[row], out, normalise);
    case PhysicalType::kString: {
      std::string_view text = at->data<StringView>()[row].view();
      PutLength(out, static_cast<uint32_t>(text.size()));
      out.append(text);
      return;
    }
    case PhysicalType::kArray:
    case PhysicalType::kMap: {
      ListEntry entry = at->data<ListEntry>()[row];
      PutLength(out, static_cast<uint32_t>(entry.length));
      for (int32_t i = 0; i < entry.length; ++i) EncodeRow(*at->child(0), entry.offset + i, out, normalise);
      return;
    }
    case PhysicalType::kStruct:
      for (const VectorPtr& child : at->children()) EncodeRow(*child, row, out, normalise);
      return;
    default: {
      size_t width = WidthOf(at->physical());
      out.append(reinterpret_cast<const char*>(at->data<uint8_t>()) + row * width, width);
    }
  }
}

ColumnBuilder::ColumnBuilder(TypePtr type) : type_(std::move(type)) {
  switch (type_->physical()) {
    case PhysicalType::kArray: children_.push_back(std::make_unique<ColumnBuilder>(type_->element())); break;
    case PhysicalType::kMap:
      children_.push_back(std::make_unique<ColumnBuilder>(Vector::MakeFlat(type_, 0)->child(0)->type()));
      break;
    case PhysicalType::kStruct:
      for (const StructField& field : type_->fields()) children_.push_back(std::make_unique<ColumnBuilder>(field.type));
      break;
    default: break;
  }
}
ColumnBuilder::~ColumnBuilder() = default;

void ColumnBuilder::SetValid(bool valid) {
  validity_.push_back(valid ? 1 : 0);
  has_nulls_ |= !valid;
  ++size_;
}

void ColumnBuilder::AppendNull() {
  SetValid(false);
  values_.append(WidthOf(type_->physical()), '\0');
  if (type_->is(TypeId::kStruct)) {
    for (auto& child : children_) child->AppendNull();
  }
}

void ColumnBuilder::AppendEncoded(std::string_view& bytes) {
  CENTELLA_CHECK(!bytes.empty(), "an encoded value is cut short");
  bool valid = bytes[0] != 0;
  bytes.remove_prefix(1);
  if (!valid) return AppendNull();
  SetValid(true);
  switch (type_->physical()) {
    case PhysicalType::kString: {
      uint32_t length = TakeLength(bytes);
      CENTELLA_CHECK(bytes.size() >= length, "an encoded value is cut short");
      StringView view = heap_.Add(bytes.substr(0, length));
      values_.append(reinterpret_cast<const char*>(&view), sizeof(view));
      bytes.remove_prefix(length);
      return;
    }
    case PhysicalType::kArray:
    case PhysicalType::kMap: {
      ListEntry entry{child_rows_, static_cast<int32_t>(TakeLength(bytes))};
      for (int32_t i = 0; i < entry.length; ++i) children_[0]->AppendEncoded(bytes);
      child_rows_ += entry.length;
      values_.append(reinterpret_cast<const char*>(&entry), sizeof(entry));
      return;
    }
    case PhysicalType::kStruct:
      for (auto& child : children_) child->AppendEncoded(bytes);
      return;
    default: {
      size_t width = WidthOf(type_->physical());
      CENTELLA_CHECK(bytes.size() >= width, "an encoded value is cut short");
      values_.append(bytes.substr(0, width));
      bytes.remove_prefix(width);
    }
  }
}

VectorPtr ColumnBuilder::Finish() {
  if (type_->physical() == PhysicalType::kNull) return Vector::MakeNull(type_, size_);
  MutableVectorPtr out = Vector::MakeFlat(type_, size_);
  if (!values_.empty()) std::memcpy(out->mutable_data<char>(), values_.data(), values_.size());
  for (size_t i = 0; i < children_.size(); ++i) out->set_child(i, children_[i]->Finish());
  if (has_nulls_) {
    uint8_t* validity = out->mutable_validity();
    for (int64_t i = 0; i < size_; ++i) {
      if (validity_[i] == 0) ClearBit(validity, i);
    }
  }
  heap_.MoveTo(*out);
  return out;
}

}  // namespace centella
