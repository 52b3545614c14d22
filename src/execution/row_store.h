// Rows side by side in memory: what hash tables of joins and groupings keep.
//
// A row is [header][columns][null bits][trailer]. The header's first 8 bytes are the row's hash; the trailer holds
// aggregate states. Strings are StringViews whose long bytes lie in the store's heap; nested values are kept as
// StringViews of their serialised form.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "vector/vector.h"

namespace centella {

class RowLayout {
 public:
  // `header_bytes` (multiple of 8, at least 8) and `trailer_bytes` are the user's own.
  RowLayout(std::vector<TypePtr> types, size_t header_bytes, size_t trailer_bytes);
  size_t row_bytes() const { return row_bytes_; }
  size_t trailer_offset() const { return trailer_offset_; }
  size_t column_offset(size_t column) const { return offsets_[column]; }
  size_t null_offset() const { return null_offset_; }
  const std::vector<TypePtr>& types() const { return types_; }
  bool IsNull(const std::byte* row, size_t column) const {
    return (static_cast<uint8_t>(row[null_offset_ + (column >> 3)]) >> (column & 7)) & 1;
  }

 private:
  std::vector<TypePtr> types_;
  std::vector<size_t> offsets_;
  size_t null_offset_, trailer_offset_, row_bytes_;
};

inline uint64_t& RowHash(std::byte* row) { return *reinterpret_cast<uint64_t*>(row); }
inline uint64_t RowHash(const std::byte* row) { return *reinterpret_cast<const uint64_t*>(row); }

// Owns rows and their strings; rows never move. One writer; readers only after writing is over. Memory is freed with
// the last owner (vectors gathered from it share ownership through an anchor buffer).
class RowStore {
 public:
  explicit RowStore(std::shared_ptr<const RowLayout> layout) : layout_(std::move(layout)) {}
  const RowLayout& layout() const { return *layout_; }
  // Room for `n` rows (null bits cleared, trailer not); pointers into `rows`.
  void Allocate(int64_t n, std::byte** rows);
  std::byte* AllocateOne() {
    std::byte* row;
    Allocate(1, &row);
    return row;
  }
  StringHeap& heap() { return heap_; }
  int64_t rows() const { return row_count_; }
  int64_t bytes() const { return page_bytes_ + heap_.bytes(); }
  // All rows in order of allocation.
  template <typename F>
  void ForEachPage(F&& f) const {
    for (const Page& page : pages_) f(page.data->mutable_data(), page.rows);
  }
  // Moves the rows to where they lie in this order, which has all of them; `order` then has the new places.
  void Rearrange(std::vector<std::byte*>* order);
  // Pointers to all rows, in order.
  std::vector<std::byte*> RowPointers() const;

 private:
  struct Page {
    BufferPtr data;
    int64_t rows = 0;
    int64_t capacity = 0;
  };
  std::shared_ptr<const RowLayout> layout_;
  std::vector<Page> pages_;
  StringHeap heap_;
  int64_t row_count_ = 0;
  int64_t page_bytes_ = 0;
};

// Writes values (and null bits) of column `column` for rows[i] from row i of `vector` (any encoding).
void ScatterColumn(const RowLayout& layout, size_t column, const Vector& vector, std::byte* const* rows, int64_t n,
                   StringHeap* heap);
// The column's values of the given rows; a null pointer gives NULL. `anchor` keeps the strings' bytes alive.
VectorPtr GatherColumn(const RowLayout& layout, size_t column, const std::byte* const* rows, int64_t n,
                       const BufferPtr& anchor);
// Of the candidates `selection[0..count)` (row numbers of `vector`) keeps at the front those whose value equals column
// `column` of rows[number]; the rest go to `mismatches` (appended at *mismatch_count). `null_equals_null`: as grouping;
// otherwise a null never matches. Returns how many were kept.
int64_t MatchColumn(const RowLayout& layout, size_t column, const Vector& vector, const std::byte* const* rows,
                    int32_t* selection, int64_t count, bool null_equals_null, int32_t* mismatches,
                    int64_t* mismatch_count);

// Whether the first `columns` columns of two rows are equal, as grouping sees it.
bool RowsEqual(const RowLayout& layout, size_t columns, const std::byte* a, const std::byte* b);

}  // namespace centella
