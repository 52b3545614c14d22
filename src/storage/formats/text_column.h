// Columns that are filled from text, value by value: what CSV and JSON readers share.
#pragma once

#include <string_view>
#include <vector>

#include "base/query_context.h"
#include "storage/formats/text_options.h"
#include "vector/vector.h"

namespace centella {

// How text becomes values where formats and options differ.
struct TextRules {
  std::string nan_value = "NaN";
  std::string positive_infinity = "Inf";
  std::string negative_infinity = "-Inf";
  TextPatterns patterns;
  int64_t now_micros = 0;
};

// A flat column being built; not for nested types.
class TextColumn {
 public:
  TextColumn(TypePtr type, int64_t capacity);
  // Row `row` from text; false (and the row is null) when it isn't of the type. `stays`: the bytes outlive the batch,
  // else they are copied.
  bool Set(int64_t row, std::string_view text, const TextRules& rules, bool stays);
  void SetNull(int64_t row) { vector_->SetNull(row); }
  Value GetValue(int64_t row) const { return vector_->GetValue(row); }
  // Forgets `row` again, when it will be written anew.
  void Reset(int64_t row);
  // The first `rows` rows, and a fresh column of the same kind afterwards.
  VectorPtr Take(int64_t rows, const std::vector<BufferPtr>& heaps);
  const TypePtr& type() const { return type_; }
  // For readers that have values of other kinds.
  Vector& vector() { return *vector_; }

 private:
  bool SetString(int64_t row, std::string_view text, bool stays);
  bool SetDecimal(int64_t row, std::string_view text);
  bool SetFloating(int64_t row, std::string_view text, const TextRules& rules);
  bool SetDate(int64_t row, std::string_view text, const TextRules& rules);
  bool SetTime(int64_t row, std::string_view text, const TextRules& rules);
  bool SetInteger(int64_t row, std::string_view text, int64_t low, int64_t high);

  TypePtr type_;
  int64_t capacity_;
  MutableVectorPtr vector_;
  StringHeap heap_;
};

}  // namespace centella
