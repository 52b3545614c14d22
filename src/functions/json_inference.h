// The schema of JSON records, as Spark infers it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "functions/json_columns.h"
#include "types/data_type.h"

namespace centella {

struct JsonInferenceRules {
  bool primitives_as_string = false;
  bool prefers_decimal = false;
  bool infer_timestamp = false;
  bool infer_ntz = false;  // timestamps without a zone are TIMESTAMP_NTZ
  bool drop_all_null = false;
  bool case_sensitive = false;
};

// What is known of a value's type so far; grows with every record.
class JsonShape {
 public:
  enum class Kind : uint8_t {
    kNull,
    kBoolean,
    kLong,
    kDouble,
    kDecimal,
    kString,
    kTimestamp,
    kTimestampNtz,
    kArray,
    kObject
  };

  // Adds the value of the current token and moves to its end; the text was checked before.
  void Add(JsonTokens* tokens, const JsonInferenceRules& rules, const JsonReading& reading);
  void Merge(JsonShape other);
  // Makes an object of what had no values yet, with a STRING field of that name.
  void AddTextField(const std::string& name);
  Kind kind() const { return kind_; }
  JsonShape* element() { return element_.get(); }
  // Null for what has no values at all and is to be left out.
  TypePtr Type(const JsonInferenceRules& rules) const;
  // Of what stands in a record in FAILFAST mode where an object is wanted: as Spark would call it before the end.
  TypePtr PlainType() const;
  // A name that one object had twice; empty when there was none.
  const std::string& repeated_name() const { return repeated_name_; }

 private:
  void MergeSimple(Kind kind, int precision, int scale);
  void AddObject(JsonTokens* tokens, const JsonInferenceRules& rules, const JsonReading& reading);
  void AddNumber(JsonToken token, std::string_view text, const JsonInferenceRules& rules);
  void AddText(std::string_view text, const JsonInferenceRules& rules, const JsonReading& reading);
  void BecomeString();

  Kind kind_ = Kind::kNull;
  int precision_ = 0, scale_ = 0;  // of decimals
  std::unique_ptr<JsonShape> element_;
  std::map<std::string, JsonShape> fields_;
  int64_t objects_ = 0;      // how many objects this has seen
  int64_t last_object_ = 0;  // of a field: the last of them that had it
  std::string repeated_name_;
};

// Collects records.
class JsonInference {
 public:
  enum class Record : uint8_t { kGood, kMalformed, kNotAnObject };
  JsonInference(const JsonInferenceRules& rules, const JsonReading& reading)
      : rules_(rules), reading_(reading), tokens_(reading.dialect) {}
  // `found` (of kNotAnObject): what stood there.
  Record Add(std::string_view record, TypePtr* found);
  // A struct; with the STRING column `corrupt_column` when it isn't empty. Raises COLUMN_ALREADY_EXISTS.
  TypePtr Schema(const std::string& corrupt_column);

 private:
  const JsonInferenceRules& rules_;
  const JsonReading& reading_;
  JsonTokens tokens_;
  JsonShape root_;
};

}  // namespace centella
