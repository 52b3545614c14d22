// JSON to typed columns, as Spark's reader does it: what doesn't fit becomes NULL, what could be read is kept.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time_zone.h"
#include "functions/datetime_pattern.h"
#include "functions/json_tokens.h"
#include "vector/vector.h"

namespace centella {

// How text becomes values, where options decide.
struct JsonReading {
  JsonDialect dialect;
  std::shared_ptr<const DatetimePattern> date_pattern, timestamp_pattern, timestamp_ntz_pattern;  // null: as CAST reads
  bool datetime_fallback = false;  // text that a pattern doesn't match is read as CAST does
  bool copy_source = true;         // a STRING gets other values as they stand, else written anew
  TimeZone zone;
  int64_t now_micros = 0;  // gives the date of a bare time
};

// A column that grows row by row.
class JsonColumn {
 public:
  enum class Outcome : uint8_t {
    kGood,
    kPartial,  // a row was appended, and something in it is wrong
    kFail,     // nothing was appended
  };

  // `reading` must outlive the column. Raises for types that aren't read from JSON.
  JsonColumn(TypePtr type, const JsonReading& reading);
  // Appends the value of the current token (of a name: the value behind it) and moves to its end.
  Outcome Convert(JsonTokens* tokens);
  // The same for an object that this struct is made of; the current token is its begin.
  Outcome ConvertObject(JsonTokens* tokens);
  void AppendNull();
  // Takes rows back.
  void Truncate(int64_t rows);
  int64_t size() const { return size_; }
  const TypePtr& type() const { return type_; }
  // All rows as a vector; the column is empty then. `source`: the buffer that texts given to the tokens lie in.
  MutableVectorPtr Take(const BufferPtr& source);

 private:
  Outcome ConvertArray(JsonTokens* tokens);
  Outcome ConvertMap(JsonTokens* tokens);
  Outcome SetField(size_t field, JsonTokens* tokens);
  Outcome ConvertText(JsonTokens* tokens);
  bool ConvertScalar(JsonToken token, std::string_view text);
  bool FromNumber(JsonToken token, std::string_view text);
  bool FromText(std::string_view text);
  bool FromDateText(std::string_view text);
  bool FromTimestampText(std::string_view text);
  bool FromTimestampNtzText(std::string_view text);
  bool PutInteger(std::string_view text, int64_t low, int64_t high);
  bool PutFloating(std::string_view text);
  bool PutDecimal(std::string_view text);
  bool PutText(std::string_view text, bool stays);
  template <typename T>
  bool Put(T value);
  void Reserve();
  int FindField(std::string_view name);
  Outcome PutEntry(int64_t begin, Outcome outcome);

  TypePtr type_;
  const JsonReading& reading_;
  int64_t width_;
  int64_t size_ = 0;
  int64_t capacity_ = 0;
  BufferPtr data_;
  std::vector<int64_t> null_rows_;  // ascending
  StringHeap heap_;
  std::vector<std::unique_ptr<JsonColumn>> children_;
  std::unordered_map<std::string_view, int> fields_;  // of a struct
  int expected_field_ = 0;                            // the one likely to come next
};

// Records to rows of a struct.
class JsonRecords {
 public:
  JsonRecords(const TypePtr& row_type, const JsonReading& reading);
  // Appends the rows of a record: one, those of an array at its top, or none for blank text. False when something in it
  // is wrong; then the rows hold what could be read, at least one row.
  bool Append(std::string_view record);
  int64_t rows() const { return column_.size(); }
  void Truncate(int64_t rows) { column_.Truncate(rows); }
  // The columns of the rows; empty afterwards.
  std::vector<VectorPtr> Take(const BufferPtr& source);

 private:
  bool AppendArray();
  JsonColumn column_;
  JsonTokens tokens_;
};

// The current value written anew without white space, as generated JSON; moves to its end. False when it is malformed.
bool CopyJson(JsonTokens* tokens, std::string* out);
// Strict base 64 with padding; false for anything else.
bool DecodeJsonBinary(std::string_view text, std::string* out);

}  // namespace centella
