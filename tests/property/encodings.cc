// The same values in every way that a vector may hold them.
#include "property/encodings.h"

#include <unordered_map>

#include "property/values.h"

namespace centella::property {
namespace {

BufferPtr BitmapOf(const std::vector<Value>& values) {
  BufferPtr bits = Buffer::AllocateZeroed(BitmapBytes(static_cast<int64_t>(values.size())));
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_null()) SetBit(bits->mutable_data(), static_cast<int64_t>(i));
  }
  return bits;
}

bool AnyNull(const std::vector<Value>& values) {
  for (const Value& value : values) {
    if (value.is_null()) return true;
  }
  return false;
}

// A value to lie under a null: another one where there is one.
const Value* Poison(const std::vector<Value>& others, Random& random) {
  for (int attempt = 0; attempt < 3 && !others.empty(); ++attempt) {
    const Value& value = random.Pick(others);
    if (!value.is_null()) return &value;
  }
  return nullptr;
}

VectorPtr FlatList(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                   Random& random) {
  const bool map = type->is(TypeId::kMap);
  const auto rows = static_cast<int64_t>(values.size());
  MutableVectorPtr out = Vector::MakeFlat(type, rows);
  auto* entries = out->mutable_data<ListEntry>();
  std::vector<Value> first, second;
  auto append = [&](const Value& value) {
    const auto begin = static_cast<int32_t>(first.size());
    const std::vector<Value>& parts = value.parts();
    for (size_t i = 0; i < parts.size(); ++i) (map && i % 2 == 1 ? second : first).push_back(parts[i]);
    return ListEntry{begin, static_cast<int32_t>(first.size()) - begin};
  };
  for (int64_t i = 0; i < rows; ++i) {
    const Value* poison = random.Percent(20) ? Poison(others, random) : nullptr;
    ListEntry junk{};
    if (poison != nullptr) junk = append(*poison);  // a gap between lists
    entries[i] = values[i].is_null() ? junk : append(values[i]);
  }
  const std::vector<Value> none;
  if (!map) {
    out->set_child(0, Encode(type->element(), first, none, random));
    return out;
  }
  const TypePtr& entry = out->child(0)->type();
  out->set_child(
      0, Vector::WrapFlat(entry, static_cast<int64_t>(first.size()), nullptr, nullptr, {},
                          {Encode(type->key(), first, none, random), Encode(type->value(), second, none, random)}));
  return out;
}

VectorPtr FlatStruct(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                     Random& random) {
  std::vector<VectorPtr> children;
  for (size_t k = 0; k < type->fields().size(); ++k) {
    const TypePtr& field = type->fields()[k].type;
    std::vector<Value> column, other;
    for (const Value& value : others) {
      if (!value.is_null()) other.push_back(value.parts()[k]);
    }
    for (const Value& value : values) {
      const Value* poison = value.is_null() ? Poison(other, random) : nullptr;
      column.push_back(!value.is_null() ? value.parts()[k] : poison != nullptr ? *poison : Value::Null(field));
    }
    children.push_back(Encode(field, column, other, random));
  }
  return Vector::WrapFlat(type, static_cast<int64_t>(values.size()), nullptr, nullptr, {}, std::move(children));
}

VectorPtr EncodeDictionary(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                           Random& random) {
  const auto rows = static_cast<int64_t>(values.size());
  const bool nulls_above = random.Percent(50);
  std::vector<Value> entries;
  std::unordered_map<std::string, int32_t> places;
  for (int64_t n = others.empty() ? 0 : random.Below(5); n > 0; --n) entries.push_back(random.Pick(others));
  BufferPtr codes = Buffer::AllocateZeroed(rows * 4);
  for (int64_t i = 0; i < rows; ++i) {
    if (nulls_above && values[i].is_null()) continue;
    auto [place, fresh] = places.try_emplace(Fingerprint(values[i]), static_cast<int32_t>(entries.size()));
    if (fresh || random.Percent(10)) {  // an entry may be there twice
      place->second = static_cast<int32_t>(entries.size());
      entries.push_back(values[i]);
      if (!others.empty() && random.Percent(20)) entries.push_back(random.Pick(others));
    }
    codes->mutable_as<int32_t>()[i] = place->second;
  }
  if (entries.empty()) entries.push_back(Value::Null(type));
  for (int64_t i = 0; i < rows; ++i) {  // whatever a null's code is, it is an entry's
    if (nulls_above && values[i].is_null()) {
      codes->mutable_as<int32_t>()[i] = static_cast<int32_t>(random.Below(static_cast<int64_t>(entries.size())));
    }
  }
  BufferPtr validity = nulls_above && (AnyNull(values) || random.Percent(30)) ? BitmapOf(values) : nullptr;
  return Vector::MakeDictionary(EncodeFlat(type, entries, others, random), std::move(codes), rows, std::move(validity));
}

bool AllSame(const std::vector<Value>& values) {
  for (const Value& value : values) {
    if (!SameValue(value, values[0])) return false;
  }
  return !values.empty();
}

VectorPtr EncodeConstant(const TypePtr& type, const Value& value, int64_t rows, const std::vector<Value>& others,
                         Random& random) {
  if (value.is_null()) return Vector::MakeNull(type, rows);
  return Vector::MakeConstantFrom(*EncodeFlat(type, {value}, others, random), 0, rows);
}

}  // namespace

VectorPtr EncodeFlat(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                     Random& random) {
  VectorPtr out;
  if (type->is(TypeId::kArray) || type->is(TypeId::kMap)) {
    out = FlatList(type, values, others, random);
  } else if (type->is(TypeId::kStruct)) {
    out = FlatStruct(type, values, others, random);
  } else {
    std::vector<Value> filled = values;
    for (Value& value : filled) {
      const Value* poison = value.is_null() ? Poison(others, random) : nullptr;
      if (poison != nullptr) value = *poison;
    }
    out = MakeVector(type, filled);
  }
  if (type->is(TypeId::kNull)) return out;
  auto* ours = const_cast<Vector*>(out.get());  // just made
  ours->set_validity(AnyNull(values) || random.Percent(20) ? BitmapOf(values) : nullptr);
  return out;
}

VectorPtr Encode(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                 Random& random, std::string* name) {
  std::string ignored;
  std::string& chosen = name == nullptr ? ignored : *name;
  const auto rows = static_cast<int64_t>(values.size());
  if (random.Percent(30) && AllSame(values)) {
    chosen = "constant";
    return EncodeConstant(type, values[0], rows, others, random);
  }
  const bool dictionary = random.Percent(45) && !type->is(TypeId::kNull);
  const bool sliced = random.Percent(30);
  chosen = std::string(sliced ? "sliced " : "") + (dictionary ? "dictionary" : "flat");
  auto make = [&](const std::vector<Value>& all) {
    return dictionary ? EncodeDictionary(type, all, others, random) : EncodeFlat(type, all, others, random);
  };
  if (!sliced) return make(values);
  std::vector<Value> around;
  auto pad = [&] {
    for (int64_t n = random.Below(12); n > 0; --n) {
      around.push_back(others.empty() ? Value::Null(type) : random.Pick(others));
    }
  };
  pad();
  const auto before = static_cast<int64_t>(around.size());
  around.insert(around.end(), values.begin(), values.end());
  pad();
  return Slice(make(around), before, rows);
}

VectorPtr EncodeForKernel(const TypePtr& type, const std::vector<Value>& values, const std::vector<Value>& others,
                          Random& random) {
  if (random.Percent(30) && AllSame(values)) {
    return EncodeConstant(type, values[0], static_cast<int64_t>(values.size()), others, random);
  }
  return Flatten(EncodeFlat(type, values, others, random));
}

}  // namespace centella::property
