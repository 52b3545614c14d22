// Single values of any type as bytes and back: what aggregates keep on the heap, hash and write to disk.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "vector/vector.h"

namespace centella {

// Appends row `row` (any encoding): a byte that says null or not, then the value. Equal values give equal bytes
// (-0.0 as 0.0 and every NaN alike when `normalise`).
void EncodeRow(const Vector& vector, int64_t row, std::string& out, bool normalise = false);

// Encoded values, found without a copy of the bytes.
struct BytesHash {
  using is_transparent = void;
  size_t operator()(std::string_view bytes) const { return std::hash<std::string_view>()(bytes); }
};
class BytesSet {
 public:
  // True when the row's value wasn't in yet. Only new values are copied.
  bool Add(const Vector& vector, int64_t row) {
    Encode(vector, row);
    if (values_.find(std::string_view(scratch_)) != values_.end()) return false;
    values_.insert(scratch_);
    return true;
  }
  bool Contains(const Vector& vector, int64_t row) {
    Encode(vector, row);
    return values_.find(std::string_view(scratch_)) != values_.end();
  }
  size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  void clear() { values_.clear(); }

 private:
  void Encode(const Vector& vector, int64_t row) {
    scratch_.clear();
    EncodeRow(vector, row, scratch_, true);
  }
  std::unordered_set<std::string, BytesHash, std::equal_to<>> values_;
  std::string scratch_;  // kept, so that a row allocates nothing
};

// Builds a flat vector of one type value by value.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(TypePtr type);
  ~ColumnBuilder();
  // Takes one encoded value from the front of `bytes`.
  void AppendEncoded(std::string_view& bytes);
  void AppendNull();
  int64_t size() const { return size_; }
  VectorPtr Finish();

 private:
  void SetValid(bool valid);
  TypePtr type_;
  int64_t size_ = 0;
  bool has_nulls_ = false;
  std::string values_;    // fixed-width values, entries or string views
  std::string validity_;  // one byte a row
  StringHeap heap_;
  int32_t child_rows_ = 0;
  std::vector<std::unique_ptr<ColumnBuilder>> children_;
};

}  // namespace centella
