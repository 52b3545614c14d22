// Reading and building arrays and maps in kernels.
#pragma once

#include "functions/kernels.h"

namespace centella {

// An array or map argument, flat or constant: entries by row, and the child they point into.
class ListArg {
 public:
  explicit ListArg(const Vector& vector)
      : entries_(vector.data<ListEntry>()),
        step_(vector.is_constant() ? 0 : 1),
        child_(vector.is_constant() ? vector.base()->child(0) : vector.child(0)) {}
  ListEntry operator[](int64_t row) const { return entries_[row * step_]; }
  const VectorPtr& child() const { return child_; }

 private:
  const ListEntry* entries_;
  int64_t step_;
  VectorPtr child_;
};

// A struct argument's field, with one value for each row of the struct.
VectorPtr FieldOf(const VectorPtr& structs, size_t field);
// A map child's keys and values.
inline VectorPtr KeysOf(const VectorPtr& entries) { return FieldOf(entries, 0); }
inline VectorPtr ValuesOf(const VectorPtr& entries) { return FieldOf(entries, 1); }

// A type of values of both, which differ in nullability alone: a part may be NULL where it may be in either.
TypePtr EitherType(const TypePtr& a, const TypePtr& b);

// Builds arrays (or maps) whose elements are picked from a source vector; rows are ended in order.
class ListPicks {
 public:
  explicit ListPicks(int64_t rows) { entries_.reserve(rows); }
  // Element `index` of the source; -1 is a null element.
  void Pick(int64_t index) { picks_.push_back(static_cast<int32_t>(index)); }
  int64_t picked() const { return static_cast<int64_t>(picks_.size()); }
  // Elements of the row under construction.
  int64_t row_size() const { return picked() - begin_; }
  int32_t picked_in_row(int64_t i) const { return picks_[begin_ + i]; }
  void ReplaceInRow(int64_t i, int64_t index) { picks_[begin_ + i] = static_cast<int32_t>(index); }
  void DropRow() { picks_.resize(begin_); }
  void EndRow();
  // Raises when `more` elements would pass what one batch may hold.
  void Expect(int64_t more) const;
  VectorPtr Finish(const TypePtr& type, const VectorPtr& source);
  // Maps from separate keys and values, picked alike or by other picks.
  VectorPtr FinishMap(const TypePtr& type, const VectorPtr& keys, const VectorPtr& values,
                      const std::vector<int32_t>& value_picks);
  std::vector<int32_t> TakePicks() { return std::move(picks_); }

 private:
  VectorPtr Wrap(const TypePtr& type, VectorPtr child) const;
  std::vector<ListEntry> entries_;
  std::vector<int32_t> picks_;
  int64_t begin_ = 0;
};

// Array vector over ready entries and child.
VectorPtr WrapList(const TypePtr& type, const std::vector<ListEntry>& entries, VectorPtr child);
// Map vector from entries over keys and values.
VectorPtr WrapMap(const TypePtr& type, const std::vector<ListEntry>& entries, VectorPtr keys, VectorPtr values);

// Builds maps row by row: null keys raise NULL_MAP_KEY; a key given twice raises DUPLICATED_MAP_KEY, or its last value
// wins when spark.sql.mapKeyDedupPolicy says so.
class MapPicks {
 public:
  MapPicks(const KernelArgs& call, VectorPtr keys, VectorPtr values);
  void Put(int64_t key_index, int64_t value_index);
  void EndRow();
  VectorPtr Finish(const TypePtr& type);

 private:
  VectorPtr keys_, values_;
  bool last_wins_;
  ListPicks picks_;
  std::vector<int32_t> value_picks_;
};

}  // namespace centella
