// Batches to bytes and back. Layout, little-endian: magic and version, place, rows, columns; a column is its encoding,
// its bitmap if any, then values; strings are lengths followed by bytes; nested types are followed by their children.
#include "vector/serialize.h"

#include <cstring>
#include <type_traits>

namespace centella {
namespace {

constexpr uint32_t kMagic = 0x31424e43;  // "CNB1": the digit is the format's version
constexpr int kMaxDepth = 300;
// A corrupt length must not make us allocate: rows of columns without data are bounded by this.
constexpr int64_t kMaxRows = int64_t{1} << 31;

enum : uint8_t { kHasValidity = 1 };

class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  template <typename T>
  void Put(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out_->append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void PutBytes(const void* data, int64_t size) {
    if (size != 0) out_->append(static_cast<const char*>(data), static_cast<size_t>(size));
  }

  void PutVector(const VectorPtr& vector) {
    // A dictionary much larger than the rows that use it isn't worth keeping.
    const bool keep = vector->is_constant() || (vector->is_dictionary() && vector->base()->size() <= vector->size());
    const VectorPtr chosen = keep ? vector : Flatten(vector);
    Put(static_cast<uint8_t>(chosen->encoding()));
    switch (chosen->encoding()) {
      case Encoding::kConstant: PutFlat(Flatten(chosen->base())); break;
      case Encoding::kDictionary:
        PutValidity(*chosen);
        PutBytes(chosen->codes(), chosen->size() * 4);
        Put(chosen->base()->size());
        PutFlat(Flatten(chosen->base()));
        break;
      case Encoding::kFlat: PutFlat(chosen); break;
    }
  }

 private:
  void PutValidity(const Vector& vector) {
    Put(static_cast<uint8_t>(vector.validity() != nullptr ? kHasValidity : 0));
    if (vector.validity() != nullptr) PutBytes(vector.validity(), BitmapBytes(vector.size()));
  }

  void PutFlat(const VectorPtr& given) {
    const bool is_list = given->physical() == PhysicalType::kArray || given->physical() == PhysicalType::kMap;
    const VectorPtr flat = is_list ? CopyCompact(*given) : given;
    PutValidity(*flat);
    if (flat->physical() == PhysicalType::kString) {
      PutStrings(*flat);
    } else if (const int64_t width = ValueWidth(flat->physical()); width != 0) {
      PutBytes(flat->data<uint8_t>(), flat->size() * width);
    }
    for (const VectorPtr& child : flat->children()) {
      if (is_list) Put(child->size());
      PutVector(child);
    }
  }

  void PutStrings(const Vector& flat) {
    const auto* views = flat.data<StringView>();
    for (int64_t i = 0; i < flat.size(); ++i) Put(flat.IsNull(i) ? uint32_t{0} : views[i].size());
    for (int64_t i = 0; i < flat.size(); ++i) {
      if (!flat.IsNull(i)) PutBytes(views[i].data(), views[i].size());
    }
  }

  std::string* out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::string_view rest() const { return bytes_; }

  template <typename T>
  T Get() {
    T value;
    std::memcpy(&value, Take(sizeof(value)), sizeof(value));
    return value;
  }

  // A row count; bounded by what may follow, so that hostile counts don't allocate.
  int64_t GetCount() {
    const auto count = Get<int64_t>();
    CENTELLA_CHECK(count >= 0 && count <= kMaxRows, "corrupt batch: a count of " + std::to_string(count));
    return count;
  }

  VectorPtr GetVector(const TypePtr& type, int64_t size, int depth) {
    CENTELLA_CHECK(depth < kMaxDepth, "corrupt batch: too deep");
    const auto encoding = Get<uint8_t>();
    switch (static_cast<Encoding>(encoding)) {
      case Encoding::kConstant: return Vector::MakeConstantFrom(*GetFlat(type, 1, depth), 0, size);
      case Encoding::kDictionary: {
        BufferPtr validity = GetValidity(size);
        BufferPtr codes = GetBuffer(size, 4);
        const int64_t base_size = GetCount();
        for (int64_t i = 0; i < size; ++i) {
          const bool valid = validity == nullptr || BitIsSet(validity->data(), i);
          const int32_t code = codes->as<int32_t>()[i];
          CENTELLA_CHECK(!valid || (code >= 0 && code < base_size), "corrupt batch: a code outside its dictionary");
        }
        return Vector::MakeDictionary(GetFlat(type, base_size, depth), std::move(codes), size, std::move(validity));
      }
      case Encoding::kFlat: return GetFlat(type, size, depth);
    }
    RaiseInternal(__FILE__, __LINE__, "corrupt batch: encoding " + std::to_string(encoding));
  }

 private:
  const char* Take(int64_t size) {
    CENTELLA_CHECK(size >= 0 && size <= static_cast<int64_t>(bytes_.size()), "corrupt batch: it ends early");
    const char* at = bytes_.data();
    bytes_.remove_prefix(static_cast<size_t>(size));
    return at;
  }

  BufferPtr GetBuffer(int64_t count, int64_t width) {
    const char* from = Take(count * width);
    BufferPtr buffer = Buffer::Allocate(count * width);
    if (count != 0) std::memcpy(buffer->mutable_data(), from, static_cast<size_t>(count * width));
    return buffer;
  }

  BufferPtr GetValidity(int64_t size) {
    const auto flags = Get<uint8_t>();
    CENTELLA_CHECK(flags <= kHasValidity, "corrupt batch: unknown flags");
    return flags == 0 ? nullptr : GetBuffer(BitmapBytes(size), 1);
  }

  VectorPtr GetFlat(const TypePtr& type, int64_t size, int depth) {
    BufferPtr validity = GetValidity(size);
    switch (type->physical()) {
      case PhysicalType::kNull: return Vector::MakeFlat(type, size);
      case PhysicalType::kString: return GetStrings(type, size, std::move(validity));
      case PhysicalType::kStruct: {
        std::vector<VectorPtr> children;
        for (const StructField& field : type->fields()) children.push_back(GetVector(field.type, size, depth + 1));
        return Vector::WrapFlat(type, size, nullptr, std::move(validity), {}, std::move(children));
      }
      case PhysicalType::kArray:
      case PhysicalType::kMap: return GetLists(type, size, std::move(validity), depth);
      default: return Vector::WrapFlat(type, size, GetBuffer(size, ValueWidth(type->physical())), std::move(validity));
    }
  }

  VectorPtr GetStrings(const TypePtr& type, int64_t size, BufferPtr validity) {
    BufferPtr lengths = GetBuffer(size, 4);
    int64_t total = 0;
    for (int64_t i = 0; i < size; ++i) total += lengths->as<uint32_t>()[i];
    BufferPtr heap = GetBuffer(total, 1);
    MutableVectorPtr out = Vector::MakeFlat(type, size);
    const char* at = reinterpret_cast<const char*>(heap->data());
    for (int64_t i = 0; i < size; ++i) {
      const uint32_t length = lengths->as<uint32_t>()[i];
      out->mutable_data<StringView>()[i] = StringView(at, length);
      at += length;
    }
    out->set_validity(std::move(validity));
    out->AddHeap(std::move(heap));
    return out;
  }

  VectorPtr GetLists(const TypePtr& type, int64_t size, BufferPtr validity, int depth) {
    BufferPtr entries = GetBuffer(size, sizeof(ListEntry));
    const int64_t child_size = GetCount();
    for (int64_t i = 0; i < size; ++i) {
      const ListEntry entry = entries->as<ListEntry>()[i];
      CENTELLA_CHECK(entry.offset >= 0 && entry.length >= 0 && int64_t{entry.offset} + entry.length <= child_size,
                     "corrupt batch: a list outside its elements");
    }
    const TypePtr child_type = Vector::MakeFlat(type, 0)->child(0)->type();
    VectorPtr child = GetVector(child_type, child_size, depth + 1);
    return Vector::WrapFlat(type, size, std::move(entries), std::move(validity), {}, {std::move(child)});
  }

  std::string_view bytes_;
};

}  // namespace

void SerializeBatch(const Batch& batch, std::string* out) {
  const Batch compact = Compact(batch);
  Writer writer(out);
  writer.Put(kMagic);
  writer.Put(compact.place.partition);
  writer.Put(compact.place.sequence);
  writer.Put(compact.rows);
  writer.Put(static_cast<uint32_t>(compact.columns.size()));
  for (const VectorPtr& column : compact.columns) writer.PutVector(column);
}

Batch DeserializeBatch(const std::vector<TypePtr>& types, std::string_view* bytes) {
  Reader reader(*bytes);
  CENTELLA_CHECK(reader.Get<uint32_t>() == kMagic, "corrupt batch: it doesn't begin as one");
  Batch batch;
  batch.place.partition = reader.Get<int32_t>();
  batch.place.sequence = reader.Get<int64_t>();
  batch.rows = reader.GetCount();
  const auto columns = reader.Get<uint32_t>();
  CENTELLA_CHECK(columns == types.size(), "corrupt batch: " + std::to_string(columns) + " columns");
  for (const TypePtr& type : types) batch.columns.push_back(reader.GetVector(type, batch.rows, 0));
  *bytes = reader.rest();
  return batch;
}

}  // namespace centella
