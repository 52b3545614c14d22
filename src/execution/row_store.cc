// Rows side by side in memory: what hash tables of joins and groupings keep.
#include "execution/row_store.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "functions/row_bytes.h"

namespace centella {
namespace {

constexpr int64_t kPageBytes = 256 << 10;

size_t ColumnBytes(PhysicalType type) {
  switch (type) {
    case PhysicalType::kNull: return 0;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return 1;
    case PhysicalType::kInt16: return 2;
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return 4;
    case PhysicalType::kInt64:
    case PhysicalType::kDouble: return 8;
    default: return 16;
  }
}

template <typename T>
inline T Load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}
template <typename T>
inline void Store(std::byte* at, const T& value) {
  std::memcpy(at, &value, sizeof(T));
}
inline void MarkNull(std::byte* row, size_t null_offset, size_t column) {
  row[null_offset + (column >> 3)] |= static_cast<std::byte>(1u << (column & 7));
}

// One value as bytes, the same whatever its encoding: the slow road of nested types.
std::string EncodedValue(const Vector& vector, int64_t row) {
  std::string bytes;
  EncodeRow(vector, row, bytes);
  return bytes;
}

VectorPtr DecodedValues(const TypePtr& type, std::span<const std::string_view> values) {
  ColumnBuilder builder(type);
  for (std::string_view bytes : values) {
    if (bytes.empty()) {
      builder.AppendNull();
    } else {
      builder.AppendEncoded(bytes);
    }
  }
  return builder.Finish();
}

// Whether two encoded values are equal as grouping sees it: 0.0 and -0.0 are, and all NaNs.
bool SameEncoded(const TypePtr& type, std::string_view a, std::string_view b) {
  if (a == b) return true;
  const std::string_view both[] = {a, b};
  const VectorPtr values = DecodedValues(type, both);
  std::string left, right;
  EncodeRow(*values, 0, left, true);
  EncodeRow(*values, 1, right, true);
  return left == right;
}

template <typename T>
void ScatterTyped(const RowLayout& layout, size_t column, const Vector& vector, std::byte* const* rows, int64_t n) {
  const size_t offset = layout.column_offset(column);
  if (vector.is_flat() && vector.validity() == nullptr) {
    const T* data = vector.data<T>();
    for (int64_t i = 0; i < n; ++i) Store(rows[i] + offset, data[i]);
    return;
  }
  DecodedVector decoded(vector);
  for (int64_t i = 0; i < n; ++i) {
    if (decoded.IsNull(i)) {
      MarkNull(rows[i], layout.null_offset(), column);
      Store(rows[i] + offset, T());
    } else {
      Store(rows[i] + offset, decoded.Value<T>(i));
    }
  }
}

void ScatterStrings(const RowLayout& layout, size_t column, const Vector& vector, std::byte* const* rows, int64_t n,
                    StringHeap* heap) {
  const size_t offset = layout.column_offset(column);
  DecodedVector decoded(vector);
  for (int64_t i = 0; i < n; ++i) {
    if (decoded.IsNull(i)) {
      MarkNull(rows[i], layout.null_offset(), column);
      Store(rows[i] + offset, StringView());
    } else {
      const StringView& value = decoded.Value<StringView>(i);
      Store(rows[i] + offset, value.is_inline() ? value : heap->Add(value.view()));
    }
  }
}

template <typename T>
VectorPtr GatherTyped(const RowLayout& layout, size_t column, const std::byte* const* rows, int64_t n) {
  MutableVectorPtr result = Vector::MakeFlat(layout.types()[column], n);
  T* out = result->mutable_data<T>();
  const size_t offset = layout.column_offset(column);
  const size_t null_byte = layout.null_offset() + (column >> 3);
  const uint8_t null_mask = static_cast<uint8_t>(1u << (column & 7));
  // Without branches, since which rows of an outer join have no row here can't be foreseen.
  const T none{};
  const auto* no_value = reinterpret_cast<const std::byte*>(&none);
  const std::byte all_null{0xff};
  BufferPtr validity = Buffer::Allocate(BitmapBytes(n));
  int64_t valid_rows = 0;
  for (int64_t first = 0; first < n; first += 8) {
    const int64_t end = std::min(n, first + 8);
    unsigned bits = 0;
    for (int64_t i = first; i < end; ++i) {
      const std::byte* row = rows[i];
      const std::byte* nulls = row == nullptr ? &all_null : row + null_byte;
      const bool valid = (static_cast<uint8_t>(*nulls) & null_mask) == 0;
      out[i] = Load<T>(valid ? row + offset : no_value);
      bits |= unsigned{valid} << (i - first);
    }
    validity->mutable_data()[first >> 3] = static_cast<uint8_t>(bits);
    valid_rows += std::popcount(bits);
  }
  if (valid_rows < n) result->set_validity(std::move(validity));
  return result;
}

VectorPtr GatherNested(const RowLayout& layout, size_t column, const std::byte* const* rows, int64_t n) {
  std::vector<std::string_view> values(n);  // empty: null
  for (int64_t i = 0; i < n; ++i) {
    if (rows[i] == nullptr || layout.IsNull(rows[i], column)) continue;
    values[i] = reinterpret_cast<const StringView*>(rows[i] + layout.column_offset(column))->view();
  }
  return DecodedValues(layout.types()[column], values);
}

template <typename T>
inline bool SameValue(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a == b || (std::isnan(a) && std::isnan(b));
  } else {
    return a == b;
  }
}

template <typename T>
int64_t MatchTyped(const RowLayout& layout, size_t column, const Vector& vector, const std::byte* const* rows,
                   int32_t* selection, int64_t count, bool null_equals_null, int32_t* mismatches,
                   int64_t* mismatch_count) {
  const size_t offset = layout.column_offset(column);
  const size_t null_byte = layout.null_offset() + (column >> 3);
  const uint8_t null_mask = static_cast<uint8_t>(1u << (column & 7));
  int64_t kept = 0;
  int64_t missed = *mismatch_count;
  DecodedVector decoded(vector);
  if constexpr (std::is_same_v<T, StringView>) {
    // The rows' long strings are brought nearer, all before the first is compared.
    for (int64_t k = 0; k < count; ++k) {
      const StringView value = Load<StringView>(rows[selection[k]] + offset);
      if (!value.is_inline()) __builtin_prefetch(value.data());
    }
  }
  if (vector.is_flat() && vector.validity() == nullptr) {
    const T* data = vector.data<T>();
    for (int64_t k = 0; k < count; ++k) {
      const int32_t i = selection[k];
      const std::byte* row = rows[i];
      const bool null = static_cast<uint8_t>(row[null_byte]) & null_mask;
      const bool same = !null && SameValue(data[i], Load<T>(row + offset));
      selection[kept] = i;
      mismatches[missed] = i;
      kept += same;
      missed += !same;
    }
  } else {
    for (int64_t k = 0; k < count; ++k) {
      const int32_t i = selection[k];
      const std::byte* row = rows[i];
      const bool row_null = static_cast<uint8_t>(row[null_byte]) & null_mask;
      const bool null = decoded.IsNull(i);
      const bool same = (null || row_null) ? (null && row_null && null_equals_null)
                                           : SameValue(decoded.Value<T>(i), Load<T>(row + offset));
      selection[kept] = i;
      mismatches[missed] = i;
      kept += same;
      missed += !same;
    }
  }
  *mismatch_count = missed;
  return kept;
}

int64_t MatchNested(const RowLayout& layout, size_t column, const Vector& vector, const std::byte* const* rows,
                    int32_t* selection, int64_t count, bool null_equals_null, int32_t* mismatches,
                    int64_t* mismatch_count) {
  int64_t kept = 0;
  for (int64_t k = 0; k < count; ++k) {
    const int32_t i = selection[k];
    const bool row_null = layout.IsNull(rows[i], column);
    const bool null = vector.IsNull(i);
    bool same = null && row_null && null_equals_null;
    if (!null && !row_null) {
      const std::string_view bytes =
          reinterpret_cast<const StringView*>(rows[i] + layout.column_offset(column))->view();
      same = SameEncoded(layout.types()[column], bytes, EncodedValue(vector, i));
    }
    if (same) {
      selection[kept++] = i;
    } else {
      mismatches[(*mismatch_count)++] = i;
    }
  }
  return kept;
}

}  // namespace

RowLayout::RowLayout(std::vector<TypePtr> types, size_t header_bytes, size_t trailer_bytes) : types_(std::move(types)) {
  // Widest first keeps every column aligned without holes between them; the null bits come last, as the narrowest.
  offsets_.resize(types_.size());
  size_t offset = header_bytes;
  for (size_t width : {16, 8, 4, 2, 1, 0}) {
    for (size_t i = 0; i < types_.size(); ++i) {
      if (ColumnBytes(types_[i]->physical()) == width) {
        offsets_[i] = offset;
        offset += width;
      }
    }
  }
  null_offset_ = offset;
  trailer_offset_ = (offset + (types_.size() + 7) / 8 + 7) / 8 * 8;
  row_bytes_ = trailer_offset_ + (trailer_bytes + 7) / 8 * 8;
}

void RowStore::Allocate(int64_t n, std::byte** rows) {
  const size_t row_bytes = layout_->row_bytes();
  const size_t null_bytes = (layout_->types().size() + 7) / 8;
  int64_t done = 0;
  while (done < n) {
    if (pages_.empty() || pages_.back().rows == pages_.back().capacity) {
      // Small stores start with small pages: many are made (one a morsel and radix partition).
      const int64_t wanted =
          pages_.empty() ? std::min<int64_t>(kPageBytes, int64_t(row_bytes) * std::max<int64_t>(n, 16)) : kPageBytes;
      Page page;
      page.capacity = std::max<int64_t>(1, wanted / static_cast<int64_t>(row_bytes));
      page.data = Buffer::Allocate(page.capacity * row_bytes);
      page_bytes_ += page.data->size();
      pages_.push_back(std::move(page));
    }
    Page& page = pages_.back();
    const int64_t take = std::min(n - done, page.capacity - page.rows);
    auto* at = reinterpret_cast<std::byte*>(page.data->mutable_data()) + page.rows * row_bytes;
    for (int64_t i = 0; i < take; ++i, at += row_bytes) {
      std::memset(at + layout_->null_offset(), 0, null_bytes);
      rows[done + i] = at;
    }
    page.rows += take;
    done += take;
  }
  row_count_ += n;
}

bool RowsEqual(const RowLayout& layout, size_t columns, const std::byte* a, const std::byte* b) {
  for (size_t column = 0; column < columns; ++column) {
    const bool null = layout.IsNull(a, column);
    if (null != layout.IsNull(b, column)) return false;
    if (null) continue;
    const size_t offset = layout.column_offset(column);
    bool same = false;
    switch (layout.types()[column]->physical()) {
      case PhysicalType::kNull: same = true; break;
      case PhysicalType::kBool:
      case PhysicalType::kInt8: same = a[offset] == b[offset]; break;
      case PhysicalType::kInt16: same = std::memcmp(a + offset, b + offset, 2) == 0; break;
      case PhysicalType::kInt32: same = Load<int32_t>(a + offset) == Load<int32_t>(b + offset); break;
      case PhysicalType::kInt64: same = Load<int64_t>(a + offset) == Load<int64_t>(b + offset); break;
      case PhysicalType::kFloat: same = SameValue(Load<float>(a + offset), Load<float>(b + offset)); break;
      case PhysicalType::kDouble: same = SameValue(Load<double>(a + offset), Load<double>(b + offset)); break;
      case PhysicalType::kInt128:
      case PhysicalType::kInterval: same = std::memcmp(a + offset, b + offset, 16) == 0; break;
      default:
        same = SameEncoded(layout.types()[column], reinterpret_cast<const StringView*>(a + offset)->view(),
                           reinterpret_cast<const StringView*>(b + offset)->view());
        break;
    }
    if (!same) return false;
  }
  return true;
}

void RowStore::Rearrange(std::vector<std::byte*>* order) {
  RowStore arranged(layout_);
  const std::vector<std::byte*> from = *order;
  arranged.Allocate(static_cast<int64_t>(from.size()), order->data());
  for (size_t i = 0; i < from.size(); ++i) std::memcpy((*order)[i], from[i], layout_->row_bytes());
  pages_ = std::move(arranged.pages_);
  page_bytes_ = arranged.page_bytes_;
}

std::vector<std::byte*> RowStore::RowPointers() const {
  std::vector<std::byte*> pointers;
  pointers.reserve(row_count_);
  for (const Page& page : pages_) {
    auto* at = reinterpret_cast<std::byte*>(page.data->mutable_data());
    for (int64_t i = 0; i < page.rows; ++i, at += layout_->row_bytes()) pointers.push_back(at);
  }
  return pointers;
}

void ScatterColumn(const RowLayout& layout, size_t column, const Vector& vector, std::byte* const* rows, int64_t n,
                   StringHeap* heap) {
  switch (layout.types()[column]->physical()) {
    case PhysicalType::kNull:
      for (int64_t i = 0; i < n; ++i) MarkNull(rows[i], layout.null_offset(), column);
      return;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return ScatterTyped<int8_t>(layout, column, vector, rows, n);
    case PhysicalType::kInt16: return ScatterTyped<int16_t>(layout, column, vector, rows, n);
    case PhysicalType::kInt32: return ScatterTyped<int32_t>(layout, column, vector, rows, n);
    case PhysicalType::kInt64: return ScatterTyped<int64_t>(layout, column, vector, rows, n);
    case PhysicalType::kInt128: return ScatterTyped<int128_t>(layout, column, vector, rows, n);
    case PhysicalType::kFloat: return ScatterTyped<float>(layout, column, vector, rows, n);
    case PhysicalType::kDouble: return ScatterTyped<double>(layout, column, vector, rows, n);
    case PhysicalType::kInterval: return ScatterTyped<CalendarIntervalValue>(layout, column, vector, rows, n);
    case PhysicalType::kString: return ScatterStrings(layout, column, vector, rows, n, heap);
    default: break;
  }
  for (int64_t i = 0; i < n; ++i) {
    if (vector.IsNull(i)) {
      MarkNull(rows[i], layout.null_offset(), column);
      Store(rows[i] + layout.column_offset(column), StringView());
    } else {
      Store(rows[i] + layout.column_offset(column), heap->Add(EncodedValue(vector, i)));
    }
  }
}

VectorPtr GatherColumn(const RowLayout& layout, size_t column, const std::byte* const* rows, int64_t n,
                       const BufferPtr& anchor) {
  switch (layout.types()[column]->physical()) {
    case PhysicalType::kNull: return Vector::MakeNull(layout.types()[column], n);
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return GatherTyped<int8_t>(layout, column, rows, n);
    case PhysicalType::kInt16: return GatherTyped<int16_t>(layout, column, rows, n);
    case PhysicalType::kInt32: return GatherTyped<int32_t>(layout, column, rows, n);
    case PhysicalType::kInt64: return GatherTyped<int64_t>(layout, column, rows, n);
    case PhysicalType::kInt128: return GatherTyped<int128_t>(layout, column, rows, n);
    case PhysicalType::kFloat: return GatherTyped<float>(layout, column, rows, n);
    case PhysicalType::kDouble: return GatherTyped<double>(layout, column, rows, n);
    case PhysicalType::kInterval: return GatherTyped<CalendarIntervalValue>(layout, column, rows, n);
    case PhysicalType::kString: {
      VectorPtr result = GatherTyped<StringView>(layout, column, rows, n);
      if (anchor != nullptr) const_cast<Vector&>(*result).AddHeap(anchor);
      return result;
    }
    default: return GatherNested(layout, column, rows, n);
  }
}

int64_t MatchColumn(const RowLayout& layout, size_t column, const Vector& vector, const std::byte* const* rows,
                    int32_t* selection, int64_t count, bool null_equals_null, int32_t* mismatches,
                    int64_t* mismatch_count) {
#define CENTELLA_MATCH(T) \
  MatchTyped<T>(layout, column, vector, rows, selection, count, null_equals_null, mismatches, mismatch_count)
  switch (layout.types()[column]->physical()) {
    case PhysicalType::kNull:
      if (null_equals_null) return count;
      for (int64_t k = 0; k < count; ++k) mismatches[(*mismatch_count)++] = selection[k];
      return 0;
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return CENTELLA_MATCH(int8_t);
    case PhysicalType::kInt16: return CENTELLA_MATCH(int16_t);
    case PhysicalType::kInt32: return CENTELLA_MATCH(int32_t);
    case PhysicalType::kInt64: return CENTELLA_MATCH(int64_t);
    case PhysicalType::kInt128: return CENTELLA_MATCH(int128_t);
    case PhysicalType::kFloat: return CENTELLA_MATCH(float);
    case PhysicalType::kDouble: return CENTELLA_MATCH(double);
    case PhysicalType::kInterval: return CENTELLA_MATCH(CalendarIntervalValue);
    case PhysicalType::kString: return CENTELLA_MATCH(StringView);
    default:
      return MatchNested(layout, column, vector, rows, selection, count, null_equals_null, mismatches, mismatch_count);
  }
#undef CENTELLA_MATCH
}

}  // namespace centella
