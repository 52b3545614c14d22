// Columns in memory: Vector (one column of up to a few thousand values) and Batch (columns, selection, place).
//
// Encodings: *flat* (values lie one after the other), *constant* (one value for all rows) and *dictionary* (int32
// codes over another flat vector). Validity is a bitmap laid out as Arrow's (bit set = valid, least significant bit
// first); a null buffer means no nulls. A vector is mutable only while one owner builds it; once it's in a Batch or
// returned as VectorPtr it's immutable. Buffers are reference-counted and shared between vectors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/memory.h"
#include "types/value.h"
#include "vector/string_view.h"

namespace centella {

inline constexpr int64_t kVectorSize = 4096;  // most rows in a batch between operators

enum class Encoding : uint8_t { kFlat, kConstant, kDictionary };

struct ListEntry {  // of arrays and maps
  int32_t offset = 0;
  int32_t length = 0;
};

inline bool BitIsSet(const uint8_t* bits, int64_t i) { return (bits[i >> 3] >> (i & 7)) & 1; }
inline void SetBit(uint8_t* bits, int64_t i) { bits[i >> 3] |= static_cast<uint8_t>(1u << (i & 7)); }
inline void ClearBit(uint8_t* bits, int64_t i) { bits[i >> 3] &= static_cast<uint8_t>(~(1u << (i & 7))); }
inline int64_t BitmapBytes(int64_t rows) { return (rows + 7) / 8; }

// Bytes of one value in a flat vector; 0 for types without values of their own (null, struct).
int64_t ValueWidth(PhysicalType type);

class Vector;
using VectorPtr = std::shared_ptr<const Vector>;
using MutableVectorPtr = std::shared_ptr<Vector>;

class Vector {
 public:
  // Flat with uninitialised values (strings are empty) and no nulls; a vector of nulls when the type is VOID. Nested types: arrays and maps get zeroed entries and an empty
  // child (replace it with set_child); structs get flat children of `size` rows, recursively.
  static MutableVectorPtr MakeFlat(TypePtr type, int64_t size);
  // All rows null.
  static VectorPtr MakeNull(TypePtr type, int64_t size);
  static VectorPtr MakeConstant(const Value& value, int64_t size);
  // Row `row` of `base` for all rows.
  static VectorPtr MakeConstantFrom(const Vector& base, int64_t row, int64_t size);
  // `codes` holds `size` int32 indices into `base` (flat after this call: a dictionary over a dictionary is
  // composed, over a constant becomes constant). `validity` may add nulls (bit clear = null, code ignored).
  static VectorPtr MakeDictionary(VectorPtr base, BufferPtr codes, int64_t size, BufferPtr validity = nullptr);
  // Flat over existing buffers (a reader's, Arrow's). `heaps` keep alive what string views point into.
  static MutableVectorPtr WrapFlat(TypePtr type, int64_t size, BufferPtr data, BufferPtr validity,
                                   std::vector<BufferPtr> heaps = {}, std::vector<VectorPtr> children = {});

  const TypePtr& type() const { return type_; }
  PhysicalType physical() const { return type_->physical(); }
  Encoding encoding() const { return encoding_; }
  bool is_flat() const { return encoding_ == Encoding::kFlat; }
  bool is_constant() const { return encoding_ == Encoding::kConstant; }
  bool is_dictionary() const { return encoding_ == Encoding::kDictionary; }
  int64_t size() const { return size_; }

  // Flat: the values. Constant: the single value (of base). Not for dictionaries.
  template <typename T>
  const T* data() const {
    return (is_constant() ? base_->data_ : data_)->template as<T>();
  }
  template <typename T>
  T* mutable_data() {
    return data_->template mutable_as<T>();
  }
  const BufferPtr& data_buffer() const { return data_; }
  // Flat: the bitmap or nullptr. Dictionary: nulls added above the base's.
  const uint8_t* validity() const { return validity_ ? validity_->data() : nullptr; }
  const BufferPtr& validity_buffer() const { return validity_; }
  // Flat being built: the bitmap, made all-valid when there was none.
  uint8_t* mutable_validity();
  void set_validity(BufferPtr validity) { validity_ = std::move(validity); }
  void SetNull(int64_t row) { ClearBit(mutable_validity(), row); }

  const int32_t* codes() const { return data_->as<int32_t>(); }  // dictionary
  const VectorPtr& base() const { return base_; }                // dictionary, constant: flat

  // Array: [elements]. Map: [struct of key and value]. Struct: one per field (any encoding, same size).
  const std::vector<VectorPtr>& children() const { return children_; }
  const VectorPtr& child(size_t i) const { return children_[i]; }
  void set_child(size_t i, VectorPtr child) { children_[i] = std::move(child); }

  // Buffers that long strings lie in.
  const std::vector<BufferPtr>& heaps() const { return heaps_; }
  void AddHeap(BufferPtr heap) { heaps_.push_back(std::move(heap)); }
  void AddHeaps(const Vector& other);  // those of other (and its base), without duplicates

  // Any encoding.
  bool IsNull(int64_t row) const;
  // False only when surely no row is null.
  bool MayHaveNulls() const;
  int64_t CountNulls() const;
  // Row as a Value (slow; for literals, tests, display).
  Value GetValue(int64_t row) const;
  // Bytes held, shared buffers counted here too.
  int64_t MemoryBytes() const;

 private:
  Vector(TypePtr type, Encoding encoding, int64_t size) : type_(std::move(type)), encoding_(encoding), size_(size) {}
  TypePtr type_;
  Encoding encoding_;
  int64_t size_;
  BufferPtr data_;  // values, entries or codes
  BufferPtr validity_;
  VectorPtr base_;
  std::vector<VectorPtr> children_;
  std::vector<BufferPtr> heaps_;
};

// Uniform access by row to any encoding: value of row i is values[index(i)].
class DecodedVector {
 public:
  explicit DecodedVector(const Vector& vector);
  bool IsNull(int64_t row) const {
    if (top_validity_ != nullptr && !BitIsSet(top_validity_, row)) return true;
    return base_validity_ != nullptr && !BitIsSet(base_validity_, index(row));
  }
  int64_t index(int64_t row) const { return codes_ != nullptr ? codes_[row] : (constant_ ? 0 : row); }
  template <typename T>
  const T& Value(int64_t row) const {
    return reinterpret_cast<const T*>(data_)[index(row)];
  }
  const Vector& base() const { return *base_; }  // flat
  bool may_have_nulls() const { return top_validity_ != nullptr || base_validity_ != nullptr; }

 private:
  const Vector* base_;
  const uint8_t* data_;
  const int32_t* codes_ = nullptr;
  const uint8_t* top_validity_ = nullptr;
  const uint8_t* base_validity_ = nullptr;
  bool constant_ = false;
};

// Flat with the same values (itself when already flat). Nested children are flattened too.
VectorPtr Flatten(const VectorPtr& vector);
// Rows `rows[0..n)` in that order. Dictionary stays dictionary (codes gathered), constant stays constant; strings
// copy views and share heaps. A row of -1 gives null.
VectorPtr Gather(const VectorPtr& vector, const int32_t* rows, int64_t n);
// Rows [offset, offset + length).
VectorPtr Slice(const VectorPtr& vector, int64_t offset, int64_t length);
// All rows of all, in order; types must be the same. One dictionary over the same base stays so, else flat. `between` is called
// now and then while many rows are copied, and may throw.
VectorPtr Concat(const std::vector<VectorPtr>& vectors, const std::function<void()>& between = nullptr);
// A deep copy whose strings lie in buffers of its own (what a sink keeps without pinning a big heap).
VectorPtr CopyCompact(const Vector& vector);
// From values (tests, literals, VALUES lists); each value null or of `type`'s physical kind.
VectorPtr MakeVector(const TypePtr& type, const std::vector<Value>& values);

// Collects long strings for a vector that is being built.
class StringHeap {
 public:
  // A view of a copy of `text` (short ones are inline and take no room).
  StringView Add(std::string_view text) {
    if (text.size() <= StringView::kInlineBytes) return StringView(text);
    char* room = Reserve(text.size());
    std::memcpy(room, text.data(), text.size());
    return StringView(room, static_cast<uint32_t>(text.size()));
  }
  // Room for `size` bytes that stays where it is; write there, then make a StringView of it.
  char* Reserve(size_t size);
  // Hands the buffers to `vector`.
  void MoveTo(Vector& vector);
  int64_t bytes() const { return bytes_; }

 private:
  std::vector<BufferPtr> buffers_;
  int64_t used_ = 0;  // of the last buffer
  int64_t bytes_ = 0;
};

// Where a batch comes from: Spark's partition, and its order within it. Sinks whose result depends on order sort by it.
struct Place {
  int32_t partition = 0;
  int64_t sequence = 0;
  auto operator<=>(const Place&) const = default;
};

using Selection = std::vector<int32_t>;  // ascending row numbers
using SelectionPtr = std::shared_ptr<const Selection>;

struct Batch {
  std::vector<VectorPtr> columns;
  int64_t rows = 0;        // physical rows of each column
  SelectionPtr selection;  // live rows, or null = all
  Place place;

  int64_t live_rows() const { return selection ? static_cast<int64_t>(selection->size()) : rows; }
  int64_t MemoryBytes() const;
};

// Same rows without a selection.
Batch Compact(Batch batch);
// Rows [offset, offset + length) of a batch without a selection, at the same place.
Batch SliceBatch(const Batch& batch, int64_t offset, int64_t length);

}  // namespace centella
