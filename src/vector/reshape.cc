// Vectors from vectors: flatten, gather, slice, concatenate, copy.
#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "vector/vector.h"

namespace centella {
namespace {

bool AnyNegative(const int32_t* rows, int64_t n) {
  int32_t all = 0;
  for (int64_t i = 0; i < n; ++i) all |= rows[i];
  return all < 0;
}

// `negative`: whether any of the rows is.
template <typename T>
void GatherValues(const Vector& flat, const int32_t* rows, int64_t n, bool negative, Vector* out) {
  const T* in = flat.data<T>();
  T* values = out->mutable_data<T>();
  if (!negative) {
    for (int64_t i = 0; i < n; ++i) values[i] = in[rows[i]];
    return;
  }
  if (flat.size() == 0) {
    std::fill_n(values, n, T{});
    return;
  }
  // Without a branch: which rows of an outer join have no partner can't be foreseen.
  for (int64_t i = 0; i < n; ++i) {
    const T value = in[std::max(rows[i], 0)];
    values[i] = rows[i] < 0 ? T{} : value;
  }
}

// Eight bits, set where the numbers aren't negative.
inline uint8_t NotNegative(const int32_t* rows) {
  uint32_t bits = 0;
  for (int k = 0; k < 8; ++k) bits |= (static_cast<uint32_t>(rows[k]) >> 31) << k;
  return static_cast<uint8_t>(~bits);
}

// Bits `rows` of `bits` (null = all set); -1 gives a clear bit. Null when nothing is null.
BufferPtr GatherBits(const uint8_t* bits, const int32_t* rows, int64_t n, bool negative) {
  if (bits == nullptr && !negative) return nullptr;
  BufferPtr out = Buffer::Allocate(BitmapBytes(n));
  uint8_t* target = out->mutable_data();
  int64_t i = 0;
  if (bits == nullptr) {
    for (; i + 8 <= n; i += 8) target[i >> 3] = NotNegative(rows + i);
  }
  for (; i < n; i += 8) {
    unsigned byte = 0;
    for (int64_t k = i; k < std::min(n, i + 8); ++k) {
      const bool set = rows[k] >= 0 && (bits == nullptr || BitIsSet(bits, rows[k]));
      byte |= unsigned{set} << (k - i);
    }
    target[i >> 3] = static_cast<uint8_t>(byte);
  }
  return out;
}

MutableVectorPtr GatherFlat(const Vector& flat, const int32_t* rows, int64_t n) {
  const bool negative = AnyNegative(rows, n);
  if (flat.physical() == PhysicalType::kStruct) {
    std::vector<VectorPtr> children;
    for (const VectorPtr& child : flat.children()) children.push_back(Gather(child, rows, n));
    return Vector::WrapFlat(flat.type(), n, nullptr, GatherBits(flat.validity(), rows, n, negative), {},
                            std::move(children));
  }
  MutableVectorPtr out =
      Vector::WrapFlat(flat.type(), n, Buffer::Allocate(n * ValueWidth(flat.physical())),
                       GatherBits(flat.validity(), rows, n, negative), flat.heaps(), flat.children());
  switch (ValueWidth(flat.physical())) {
    case 1: GatherValues<uint8_t>(flat, rows, n, negative, out.get()); break;
    case 2: GatherValues<uint16_t>(flat, rows, n, negative, out.get()); break;
    case 4: GatherValues<uint32_t>(flat, rows, n, negative, out.get()); break;
    case 8: GatherValues<uint64_t>(flat, rows, n, negative, out.get()); break;
    case 16: GatherValues<int128_t>(flat, rows, n, negative, out.get()); break;
    default: break;
  }
  return out;
}

bool IsDeeplyFlat(const Vector& vector) {
  if (!vector.is_flat()) return false;
  return std::all_of(vector.children().begin(), vector.children().end(),
                     [](const VectorPtr& child) { return IsDeeplyFlat(*child); });
}

// The same flat vector with flattened children.
VectorPtr FlattenChildren(const VectorPtr& flat) {
  if (IsDeeplyFlat(*flat)) return flat;
  std::vector<VectorPtr> children;
  for (const VectorPtr& child : flat->children()) children.push_back(Flatten(child));
  return Vector::WrapFlat(flat->type(), flat->size(), flat->data_buffer(), flat->validity_buffer(), flat->heaps(),
                          std::move(children));
}

// For each row of a dictionary its base row, -1 where the top bitmap says null.
std::vector<int32_t> BaseRows(const Vector& dictionary) {
  std::vector<int32_t> rows(dictionary.codes(), dictionary.codes() + dictionary.size());
  if (const uint8_t* valid = dictionary.validity()) {
    for (int64_t i = 0; i < dictionary.size(); ++i) {
      if (!BitIsSet(valid, i)) rows[i] = -1;
    }
  }
  return rows;
}

BufferPtr SliceBits(const BufferPtr& bits, int64_t offset, int64_t length) {
  if (bits == nullptr) return nullptr;
  if (offset % 8 == 0) return Buffer::Wrap(bits->data() + offset / 8, BitmapBytes(length), bits);
  BufferPtr out = Buffer::AllocateZeroed(BitmapBytes(length));
  const uint8_t* in = bits->data() + offset / 8;
  const int shift = static_cast<int>(offset % 8);
  const int64_t available = bits->size() - offset / 8;
  for (int64_t i = 0; i < out->size(); ++i) {
    unsigned word = in[i];
    if (i + 1 < available) word |= static_cast<unsigned>(in[i + 1]) << 8;
    out->mutable_data()[i] = static_cast<uint8_t>(word >> shift);
  }
  return out;
}

BufferPtr SliceValues(const BufferPtr& data, int64_t width, int64_t offset, int64_t length) {
  if (data == nullptr) return nullptr;
  return Buffer::Wrap(data->data() + offset * width, length * width, data);
}

// A list vector whose entries lie one after the other over a child that holds nothing else.
VectorPtr CompactLists(const VectorPtr& flat) {
  const auto* entries = flat->data<ListEntry>();
  int64_t next = 0;
  bool dense = true;
  for (int64_t i = 0; i < flat->size(); ++i) {
    if (flat->IsNull(i) || entries[i].length == 0) continue;
    dense = dense && entries[i].offset == next;
    next += entries[i].length;
  }
  if (dense && next == flat->child(0)->size()) return flat;
  std::vector<int32_t> rows;
  rows.reserve(static_cast<size_t>(next));
  BufferPtr data = Buffer::AllocateZeroed(flat->size() * static_cast<int64_t>(sizeof(ListEntry)));
  for (int64_t i = 0; i < flat->size(); ++i) {
    if (flat->IsNull(i)) continue;
    data->mutable_as<ListEntry>()[i] = {static_cast<int32_t>(rows.size()), entries[i].length};
    for (int32_t k = 0; k < entries[i].length; ++k) rows.push_back(entries[i].offset + k);
  }
  CENTELLA_CHECK(static_cast<int64_t>(rows.size()) <= std::numeric_limits<int32_t>::max(), "too many list elements");
  VectorPtr child = Gather(flat->child(0), rows.data(), static_cast<int64_t>(rows.size()));
  return Vector::WrapFlat(flat->type(), flat->size(), std::move(data), flat->validity_buffer(), {}, {child});
}

BufferPtr ConcatBits(const std::vector<VectorPtr>& vectors, int64_t total) {
  const bool any =
      std::any_of(vectors.begin(), vectors.end(), [](const VectorPtr& v) { return v->validity() != nullptr; });
  if (!any) return nullptr;
  BufferPtr out = Buffer::Allocate(BitmapBytes(total));
  std::memset(out->mutable_data(), 0xff, static_cast<size_t>(out->size()));
  int64_t at = 0;
  for (const VectorPtr& vector : vectors) {
    if (const uint8_t* bits = vector->validity()) {
      for (int64_t i = 0; i < vector->size(); ++i) {
        if (!BitIsSet(bits, i)) ClearBit(out->mutable_data(), at + i);
      }
    }
    at += vector->size();
  }
  return out;
}

VectorPtr ConcatLists(std::vector<VectorPtr> flats, int64_t total, const std::function<void()>& between) {
  std::vector<VectorPtr> children;
  BufferPtr data = Buffer::AllocateZeroed(total * static_cast<int64_t>(sizeof(ListEntry)));
  auto* out = data->mutable_as<ListEntry>();
  int64_t shift = 0;
  for (VectorPtr& flat : flats) {
    flat = CompactLists(flat);
    const auto* entries = flat->data<ListEntry>();
    CENTELLA_CHECK(shift + flat->child(0)->size() <= std::numeric_limits<int32_t>::max(), "too many list elements");
    for (int64_t i = 0; i < flat->size(); ++i) {
      *out++ = {static_cast<int32_t>(entries[i].length == 0 ? 0 : entries[i].offset + shift), entries[i].length};
    }
    shift += flat->child(0)->size();
    children.push_back(flat->child(0));
  }
  return Vector::WrapFlat(flats[0]->type(), total, std::move(data), ConcatBits(flats, total), {},
                          {Concat(children, between)});
}

VectorPtr ConcatFlats(const std::vector<VectorPtr>& flats, int64_t total, const std::function<void()>& between) {
  const TypePtr& type = flats[0]->type();
  if (type->physical() == PhysicalType::kArray || type->physical() == PhysicalType::kMap) {
    return ConcatLists(flats, total, between);
  }
  if (type->physical() == PhysicalType::kStruct) {
    std::vector<VectorPtr> children;
    for (size_t k = 0; k < flats[0]->children().size(); ++k) {
      std::vector<VectorPtr> parts;
      for (const VectorPtr& flat : flats) parts.push_back(flat->child(k));
      children.push_back(Concat(parts, between));
    }
    return Vector::WrapFlat(type, total, nullptr, ConcatBits(flats, total), {}, std::move(children));
  }
  const int64_t width = ValueWidth(type->physical());
  MutableVectorPtr out = Vector::WrapFlat(type, total, Buffer::Allocate(total * width), ConcatBits(flats, total));
  uint8_t* at = out->mutable_data<uint8_t>();
  for (const VectorPtr& flat : flats) {
    if (between) between();
    if (width != 0) std::memcpy(at, flat->data<uint8_t>(), static_cast<size_t>(flat->size() * width));
    at += flat->size() * width;
    out->AddHeaps(*flat);
  }
  return out;
}

// When all are dictionaries over one base: their codes one after the other. Else null.
VectorPtr ConcatDictionaries(const std::vector<VectorPtr>& vectors, int64_t total) {
  for (const VectorPtr& vector : vectors) {
    if (!vector->is_dictionary() || vector->base() != vectors[0]->base()) return nullptr;
  }
  BufferPtr codes = Buffer::Allocate(total * 4);
  auto* at = codes->mutable_as<int32_t>();
  for (const VectorPtr& vector : vectors) at = std::copy_n(vector->codes(), vector->size(), at);
  return Vector::MakeDictionary(vectors[0]->base(), std::move(codes), total, ConcatBits(vectors, total));
}

BufferPtr CopyBuffer(const BufferPtr& buffer, int64_t bytes) {
  if (buffer == nullptr) return nullptr;
  BufferPtr copy = Buffer::Allocate(bytes);
  std::memcpy(copy->mutable_data(), buffer->data(), static_cast<size_t>(bytes));
  return copy;
}

// A text that isn't inline: most are short, and a call for each would cost more than its bytes.
void CopyText(char* to, const StringView& text) {
  const size_t n = text.size();
  const char* from = text.data();
  if (n <= 16) {
    std::memcpy(to, from, 8);
    std::memcpy(to + n - 8, from + n - 8, 8);
  } else if (n <= 32) {
    std::memcpy(to, from, 16);
    std::memcpy(to + n - 16, from + n - 16, 16);
  } else {
    std::memcpy(to, from, n);
  }
}

VectorPtr CopyFlat(const VectorPtr& given) {
  VectorPtr flat = given;
  if (flat->physical() == PhysicalType::kArray || flat->physical() == PhysicalType::kMap) flat = CompactLists(flat);
  std::vector<VectorPtr> children;
  for (const VectorPtr& child : flat->children()) children.push_back(CopyCompact(*child));
  MutableVectorPtr out = Vector::WrapFlat(
      flat->type(), flat->size(), CopyBuffer(flat->data_buffer(), flat->size() * ValueWidth(flat->physical())),
      CopyBuffer(flat->validity_buffer(), BitmapBytes(flat->size())), {}, std::move(children));
  if (flat->physical() == PhysicalType::kString) {
    auto* views = out->mutable_data<StringView>();
    int64_t bytes = 0;
    const int64_t n = out->size();
    if (const uint8_t* valid = out->validity()) {
      for (int64_t i = 0; i < n; ++i) {
        if (!BitIsSet(valid, i)) views[i] = StringView();
      }
    }
    for (int64_t i = 0; i < n; ++i) bytes += views[i].is_inline() ? 0 : views[i].size();
    if (bytes != 0) {
      BufferPtr heap = Buffer::Allocate(bytes);
      char* at = reinterpret_cast<char*>(heap->mutable_data());
      constexpr int64_t kAhead = 16;  // texts that were gathered lie anywhere
      for (int64_t i = 0; i < n; ++i) {
        if (i + kAhead < n) __builtin_prefetch(views[i + kAhead].data());
        if (views[i].is_inline()) continue;
        CopyText(at, views[i]);
        views[i] = StringView(at, views[i].size());
        at += views[i].size();
      }
      out->AddHeap(std::move(heap));
    }
  }
  return out;
}

}  // namespace

VectorPtr Flatten(const VectorPtr& vector) {
  switch (vector->encoding()) {
    case Encoding::kFlat: return FlattenChildren(vector);
    case Encoding::kConstant: {
      std::vector<int32_t> rows(static_cast<size_t>(vector->size()), 0);
      return FlattenChildren(GatherFlat(*vector->base(), rows.data(), vector->size()));
    }
    case Encoding::kDictionary: {
      std::vector<int32_t> rows = BaseRows(*vector);
      return FlattenChildren(GatherFlat(*vector->base(), rows.data(), vector->size()));
    }
  }
  return vector;
}

VectorPtr Gather(const VectorPtr& vector, const int32_t* rows, int64_t n) {
  if (vector->is_flat()) return GatherFlat(*vector, rows, n);
  if (vector->is_constant()) {
    if (!AnyNegative(rows, n)) {
      return Vector::MakeDictionary(vector, Buffer::AllocateZeroed(n * 4), n);  // stays constant
    }
    return Vector::MakeDictionary(vector, Buffer::AllocateZeroed(n * 4), n, GatherBits(nullptr, rows, n, true));
  }
  BufferPtr codes = Buffer::Allocate(n * 4);
  const int32_t* in = vector->codes();
  auto* out = codes->mutable_as<int32_t>();
  for (int64_t i = 0; i < n; ++i) out[i] = rows[i] < 0 ? 0 : in[rows[i]];
  return Vector::MakeDictionary(vector->base(), std::move(codes), n,
                                GatherBits(vector->validity(), rows, n, AnyNegative(rows, n)));
}

VectorPtr Slice(const VectorPtr& vector, int64_t offset, int64_t length) {
  CENTELLA_CHECK(offset >= 0 && length >= 0 && offset + length <= vector->size(), "slice outside of a vector");
  if (offset == 0 && length == vector->size()) return vector;
  if (vector->is_constant()) return Vector::MakeDictionary(vector, Buffer::AllocateZeroed(length * 4), length);
  BufferPtr validity = SliceBits(vector->validity_buffer(), offset, length);
  if (vector->is_dictionary()) {
    return Vector::MakeDictionary(vector->base(), SliceValues(vector->data_buffer(), 4, offset, length), length,
                                  std::move(validity));
  }
  std::vector<VectorPtr> children = vector->children();
  if (vector->physical() == PhysicalType::kStruct) {
    for (VectorPtr& child : children) child = Slice(child, offset, length);
  }
  return Vector::WrapFlat(vector->type(), length,
                          SliceValues(vector->data_buffer(), ValueWidth(vector->physical()), offset, length),
                          std::move(validity), vector->heaps(), std::move(children));
}

VectorPtr Concat(const std::vector<VectorPtr>& vectors, const std::function<void()>& between) {
  CENTELLA_CHECK(!vectors.empty(), "concatenation of no vectors");
  if (vectors.size() == 1) return vectors[0];
  int64_t total = 0;
  bool same_constant = true;
  for (const VectorPtr& vector : vectors) {
    total += vector->size();
    same_constant = same_constant && vector->is_constant() && vector->base() == vectors[0]->base();
  }
  if (same_constant) return Vector::MakeDictionary(vectors[0], Buffer::AllocateZeroed(total * 4), total);
  if (VectorPtr dictionary = ConcatDictionaries(vectors, total)) return dictionary;
  std::vector<VectorPtr> flats;
  for (const VectorPtr& vector : vectors) flats.push_back(Flatten(vector));
  return ConcatFlats(flats, total, between);
}

VectorPtr CopyCompact(const Vector& vector) {
  VectorPtr shared(VectorPtr(), &vector);  // looked at only while this function runs
  if (vector.is_constant()) {
    VectorPtr base = CopyFlat(vector.base());
    return Vector::MakeConstantFrom(*base, 0, vector.size());
  }
  if (vector.is_dictionary() && vector.base()->size() <= vector.size()) {
    return Vector::MakeDictionary(CopyFlat(vector.base()), CopyBuffer(vector.data_buffer(), vector.size() * 4),
                                  vector.size(), CopyBuffer(vector.validity_buffer(), BitmapBytes(vector.size())));
  }
  return CopyFlat(vector.is_flat() ? shared : Flatten(shared));
}

}  // namespace centella
