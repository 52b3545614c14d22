// Casts of arrays, maps and structs: part by part, and only the parts of live rows.
#include <cstring>

#include "functions/cast_kernels.h"

namespace centella::cast {
namespace {

// The list vector whose entries of dead rows are empty and whose child holds only what live rows have, when a part
// that no live row has could make the cast fail.
VectorPtr OnlyLive(const KernelArgs& call, const VectorPtr& lists) {
  BufferPtr data = Buffer::AllocateZeroed(call.rows * static_cast<int64_t>(sizeof(ListEntry)));
  std::vector<int32_t> rows;
  ForLive(call, [&](int64_t i) {
    const ListEntry entry = lists->data<ListEntry>()[i];
    data->mutable_as<ListEntry>()[i] = {static_cast<int32_t>(rows.size()), entry.length};
    for (int32_t k = 0; k < entry.length; ++k) rows.push_back(entry.offset + k);
  });
  VectorPtr child = Flatten(Gather(lists->child(0), rows.data(), static_cast<int64_t>(rows.size())));
  return Vector::WrapFlat(lists->type(), lists->size(), std::move(data), lists->validity_buffer(), {},
                          {std::move(child)});
}

ScalarKernel PartKernel(const TypePtr& from, const TypePtr& to, EvalMode mode) {
  return SameTypeIgnoringNullability(*from, *to) ? nullptr : FindCast(from, to, mode);
}

VectorPtr ConvertPart(const KernelArgs& call, const ScalarKernel& kernel, const VectorPtr& part, const TypePtr& to,
                      const BufferPtr& valid) {
  return kernel == nullptr ? part : CastPart(call, kernel, part, to, valid);
}

ScalarKernel ArrayCast(const Spec& spec) {
  const ScalarKernel kernel = PartKernel(spec.from->element(), spec.to->element(), spec.mode);
  const bool can_fail = CastCanFail(spec.from, spec.to, spec.mode);
  return [kernel, can_fail](const KernelArgs& call) -> VectorPtr {
    VectorPtr lists = Flatten(call.args[0]);
    if (can_fail) lists = OnlyLive(call, lists);
    return Vector::WrapFlat(call.result_type, lists->size(), lists->data_buffer(), lists->validity_buffer(), {},
                            {ConvertPart(call, kernel, lists->child(0), call.result_type->element(), nullptr)});
  };
}

// A map has no NULL key: where TRY_CAST of an integer would make one, Spark's key is 0.
VectorPtr ZeroForNull(const VectorPtr& keys) {
  const uint8_t* validity = keys->validity();
  if (validity == nullptr) return keys;
  MutableVectorPtr out = Vector::MakeFlat(keys->type(), keys->size());
  const size_t width = static_cast<size_t>(ValueWidth(keys->physical()));
  for (int64_t i = 0; i < keys->size(); ++i) {
    std::byte* to = out->mutable_data<std::byte>() + i * width;
    BitIsSet(validity, i) ? std::memcpy(to, keys->data<std::byte>() + i * width, width) : std::memset(to, 0, width);
  }
  return out;
}

ScalarKernel MapCast(const Spec& spec) {
  const ScalarKernel keys = PartKernel(spec.from->key(), spec.to->key(), spec.mode);
  const ScalarKernel values = PartKernel(spec.from->value(), spec.to->value(), spec.mode);
  const bool can_fail = CastCanFail(spec.from, spec.to, spec.mode);
  return [keys, values, can_fail](const KernelArgs& call) -> VectorPtr {
    VectorPtr maps = Flatten(call.args[0]);
    if (can_fail) maps = OnlyLive(call, maps);
    const VectorPtr& entries = maps->child(0);
    const DataType& type = *call.result_type;
    VectorPtr key = ZeroForNull(ConvertPart(call, keys, entries->child(0), type.key(), nullptr));
    VectorPtr value = ConvertPart(call, values, entries->child(1), type.value(), nullptr);
    const TypePtr entry_type = Vector::MakeFlat(call.result_type, 0)->child(0)->type();
    VectorPtr converted = Vector::WrapFlat(entry_type, entries->size(), nullptr, nullptr, {}, {key, value});
    return Vector::WrapFlat(call.result_type, maps->size(), maps->data_buffer(), maps->validity_buffer(), {},
                            {std::move(converted)});
  };
}

ScalarKernel StructCast(const Spec& spec) {
  std::vector<ScalarKernel> kernels;
  for (size_t i = 0; i < spec.from->fields().size(); ++i) {
    kernels.push_back(PartKernel(spec.from->fields()[i].type, spec.to->fields()[i].type, spec.mode));
  }
  return [kernels](const KernelArgs& call) -> VectorPtr {
    const VectorPtr structs = Flatten(call.args[0]);
    BufferPtr valid;
    if (call.validity != nullptr) valid = Buffer::Wrap(call.validity, BitmapBytes(call.rows), nullptr);
    std::vector<VectorPtr> children;
    for (size_t i = 0; i < kernels.size(); ++i) {
      VectorPtr part = ConvertPart(call, kernels[i], structs->child(i), call.result_type->fields()[i].type, valid);
      // The caller's bitmap may not outlive this call.
      if (valid != nullptr && part->validity_buffer() == valid) part = CopyCompact(*part);
      children.push_back(std::move(part));
    }
    return Vector::WrapFlat(call.result_type, structs->size(), nullptr, structs->validity_buffer(), {},
                            std::move(children));
  };
}

}  // namespace

ScalarKernel NestedCast(const Spec& spec) {
  if (spec.from->id() != spec.to->id()) return nullptr;
  switch (spec.from->id()) {
    case TypeId::kArray: return ArrayCast(spec);
    case TypeId::kMap: return MapCast(spec);
    case TypeId::kStruct: return StructCast(spec);
    default: return nullptr;
  }
}

}  // namespace centella::cast
