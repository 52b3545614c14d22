// Vectors from single values: literals, VALUES lists, tests.
#include "vector/vector.h"

namespace centella {
namespace {

template <typename T>
void FillIntegers(const std::vector<Value>& values, Vector* out) {
  T* data = out->mutable_data<T>();
  for (size_t i = 0; i < values.size(); ++i) {
    data[i] = values[i].is_null() ? T{} : static_cast<T>(values[i].integer());
  }
}

template <typename T>
void FillDecimals(const std::vector<Value>& values, Vector* out) {
  T* data = out->mutable_data<T>();
  for (size_t i = 0; i < values.size(); ++i) {
    data[i] = values[i].is_null() ? T{} : static_cast<T>(values[i].decimal());
  }
}

template <typename T>
void FillFloating(const std::vector<Value>& values, Vector* out) {
  T* data = out->mutable_data<T>();
  for (size_t i = 0; i < values.size(); ++i) {
    data[i] = values[i].is_null() ? T{} : static_cast<T>(values[i].floating());
  }
}

void FillStrings(const std::vector<Value>& values, Vector* out) {
  StringHeap heap;
  auto* data = out->mutable_data<StringView>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_null()) data[i] = heap.Add(values[i].string());
  }
  heap.MoveTo(*out);
}

void FillLists(const std::vector<Value>& values, Vector* out) {
  const DataType& type = *out->type();
  auto* entries = out->mutable_data<ListEntry>();
  const bool is_map = type.is(TypeId::kMap);
  std::vector<Value> first, second;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto begin = static_cast<int32_t>(first.size());
    if (!values[i].is_null()) {
      const std::vector<Value>& parts = values[i].parts();
      for (size_t k = 0; k < parts.size(); ++k) (is_map && k % 2 == 1 ? second : first).push_back(parts[k]);
    }
    entries[i] = {begin, static_cast<int32_t>(first.size()) - begin};
  }
  if (!is_map) {
    out->set_child(0, MakeVector(type.element(), first));
    return;
  }
  const TypePtr& entry = out->child(0)->type();
  const auto n = static_cast<int64_t>(first.size());
  out->set_child(0, Vector::WrapFlat(entry, n, nullptr, nullptr, {},
                                     {MakeVector(type.key(), first), MakeVector(type.value(), second)}));
}

void FillStructs(const std::vector<Value>& values, Vector* out) {
  const DataType& type = *out->type();
  for (size_t k = 0; k < type.fields().size(); ++k) {
    std::vector<Value> column;
    column.reserve(values.size());
    for (const Value& value : values) {
      column.push_back(value.is_null() ? Value::Null(type.fields()[k].type) : value.parts()[k]);
    }
    out->set_child(k, MakeVector(type.fields()[k].type, column));
  }
}

}  // namespace

VectorPtr MakeVector(const TypePtr& type, const std::vector<Value>& values) {
  MutableVectorPtr out = Vector::MakeFlat(type, static_cast<int64_t>(values.size()));
  switch (type->physical()) {
    case PhysicalType::kNull: return out;
    case PhysicalType::kBool: FillIntegers<uint8_t>(values, out.get()); break;
    case PhysicalType::kInt8: FillIntegers<int8_t>(values, out.get()); break;
    case PhysicalType::kInt16: FillIntegers<int16_t>(values, out.get()); break;
    case PhysicalType::kInt32: FillIntegers<int32_t>(values, out.get()); break;
    case PhysicalType::kInt64:
      if (type->is(TypeId::kDecimal)) {
        FillDecimals<int64_t>(values, out.get());
      } else {
        FillIntegers<int64_t>(values, out.get());
      }
      break;
    case PhysicalType::kInt128: FillDecimals<int128_t>(values, out.get()); break;
    case PhysicalType::kFloat: FillFloating<float>(values, out.get()); break;
    case PhysicalType::kDouble: FillFloating<double>(values, out.get()); break;
    case PhysicalType::kString: FillStrings(values, out.get()); break;
    case PhysicalType::kInterval:
      for (size_t i = 0; i < values.size(); ++i) {
        out->mutable_data<CalendarIntervalValue>()[i] =
            values[i].is_null() ? CalendarIntervalValue() : values[i].interval();
      }
      break;
    case PhysicalType::kArray:
    case PhysicalType::kMap: FillLists(values, out.get()); break;
    case PhysicalType::kStruct: FillStructs(values, out.get()); break;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_null()) out->SetNull(static_cast<int64_t>(i));
  }
  return out;
}

}  // namespace centella
