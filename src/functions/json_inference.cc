// Inference of JSON schemas: shapes merge in place, a record is checked before it counts.
#include "functions/json_inference.h"

#include <algorithm>

#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

using Kind = JsonShape::Kind;

// Digits and scale of a number as Java's BigDecimal has them; false when it isn't one.
bool DecimalShape(std::string_view text, int64_t* precision, int64_t* scale) {
  size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  int64_t digits = 0, seen = 0;
  *scale = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      ++seen;
      if (digits > 0 || c != '0') ++digits;
      if (point) ++*scale;
    } else {
      break;
    }
  }
  if (seen == 0) return false;
  if (i < text.size()) {
    int64_t exponent;
    if ((text[i] != 'e' && text[i] != 'E') || !ParseInteger(text.substr(i + 1), INT32_MIN, INT32_MAX, false, &exponent))
      return false;
    *scale -= exponent;
  }
  *precision = std::max<int64_t>(1, digits);
  return true;
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

[[noreturn]] void RaiseRepeated(const std::string& name, bool case_sensitive) {
  Raise(Condition::COLUMN_ALREADY_EXISTS, {{"columnName", "`" + (case_sensitive ? name : LowerCase(name)) + "`"}});
}

// Raises when fields have one name, here or deeper.
void CheckNames(const DataType& type, bool case_sensitive) {
  if (type.is(TypeId::kArray)) CheckNames(*type.element(), case_sensitive);
  if (!type.is(TypeId::kStruct)) return;
  std::map<std::string, int> seen;
  for (const StructField& field : type.fields()) {
    if (++seen[case_sensitive ? field.name : LowerCase(field.name)] > 1) RaiseRepeated(field.name, case_sensitive);
    CheckNames(*field.type, case_sensitive);
  }
}

}  // namespace

void JsonShape::BecomeString() {
  kind_ = Kind::kString;
  element_.reset();
  fields_.clear();
}

void JsonShape::MergeSimple(Kind kind, int precision, int scale) {
  if (kind == Kind::kNull || kind_ == Kind::kString) return;
  if (kind_ == Kind::kNull) {
    kind_ = kind;
    precision_ = precision;
    scale_ = scale;
    return;
  }
  const auto either = [&](Kind x, Kind y) { return (kind_ == x && kind == y) || (kind_ == y && kind == x); };
  if (kind_ == kind && kind != Kind::kDecimal) return;
  if (either(Kind::kLong, Kind::kDouble) || either(Kind::kDecimal, Kind::kDouble)) {
    kind_ = Kind::kDouble;
  } else if (either(Kind::kTimestamp, Kind::kTimestampNtz)) {
    kind_ = Kind::kTimestamp;
  } else if (either(Kind::kLong, Kind::kDecimal) || either(Kind::kDecimal, Kind::kDecimal)) {
    constexpr int kLongDigits = 20;
    const int left_scale = kind_ == Kind::kLong ? 0 : scale_,
              left = kind_ == Kind::kLong ? kLongDigits : precision_ - scale_;
    const int right_scale = kind == Kind::kLong ? 0 : scale,
              right = kind == Kind::kLong ? kLongDigits : precision - scale;
    scale_ = std::max(left_scale, right_scale);
    precision_ = scale_ + std::max(left, right);
    kind_ = precision_ > kMaxDecimalDigits ? Kind::kDouble : Kind::kDecimal;
  } else {
    BecomeString();
  }
}

void JsonShape::Merge(JsonShape other) {
  if (repeated_name_.empty()) repeated_name_ = other.repeated_name_;
  if (other.kind_ != Kind::kArray && other.kind_ != Kind::kObject) {
    MergeSimple(other.kind_, other.precision_, other.scale_);
  } else if (kind_ == Kind::kNull) {
    *this = std::move(other);
  } else if (kind_ != other.kind_) {
    BecomeString();
  } else if (kind_ == Kind::kArray) {
    element_->Merge(std::move(*other.element_));
  } else {
    for (auto& [name, shape] : other.fields_) fields_[name].Merge(std::move(shape));
  }
}

void JsonShape::AddTextField(const std::string& name) {
  kind_ = Kind::kObject;
  const auto [field, fresh] = fields_.try_emplace(name);
  if (fresh) field->second.kind_ = Kind::kString;
}

void JsonShape::AddNumber(JsonToken token, std::string_view text, const JsonInferenceRules& rules) {
  if (rules.primitives_as_string) return MergeSimple(Kind::kString, 0, 0);
  int64_t value, precision, scale;
  const bool integer = token == JsonToken::kInteger;
  if (integer && ParseInteger(text, INT64_MIN, INT64_MAX, false, &value)) return MergeSimple(Kind::kLong, 0, 0);
  if ((!integer && !rules.prefers_decimal) || !DecimalShape(text, &precision, &scale))
    return MergeSimple(Kind::kDouble, 0, 0);
  precision = std::max(precision, scale);
  if (precision > kMaxDecimalDigits) return MergeSimple(Kind::kDouble, 0, 0);
  if (scale < 0) {
    Raise(Condition::NEGATIVE_SCALE_DISALLOWED,
          {{"scale", std::to_string(scale)}, {"sqlConf", "\"spark.sql.legacy.allowNegativeScaleOfDecimal\""}});
  }
  MergeSimple(Kind::kDecimal, static_cast<int>(precision), static_cast<int>(scale));
}

void JsonShape::AddText(std::string_view text, const JsonInferenceRules& rules, const JsonReading& reading) {
  if (text.empty() || kind_ == Kind::kString) return;  // as good as null
  int64_t precision, scale, micros;
  if (rules.prefers_decimal) {
    std::string digits(text);
    digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
    if (DecimalShape(digits, &precision, &scale) && precision <= kMaxDecimalDigits && scale >= 0 &&
        scale <= precision) {
      return MergeSimple(Kind::kDecimal, static_cast<int>(precision), static_cast<int>(scale));
    }
  }
  if (!rules.infer_timestamp) return MergeSimple(Kind::kString, 0, 0);
  if (reading.timestamp_pattern != nullptr) {
    DatetimePattern::Parsed parsed;
    return MergeSimple(reading.timestamp_pattern->Parse(text, &parsed) ? Kind::kTimestamp : Kind::kString, 0, 0);
  }
  if (!ParseTimestamp(text, reading.zone, reading.now_micros, &micros)) return MergeSimple(Kind::kString, 0, 0);
  TimestampText parts;
  const bool ntz = rules.infer_ntz && ParseTimestampText(text, &parts) && parts.zone.empty() && !parts.only_time;
  MergeSimple(ntz ? Kind::kTimestampNtz : Kind::kTimestamp, 0, 0);
}

void JsonShape::AddObject(JsonTokens* tokens, const JsonInferenceRules& rules, const JsonReading& reading) {
  kind_ = Kind::kObject;
  ++objects_;
  while (true) {
    const JsonToken token = tokens->Next();
    if (token != JsonToken::kName) return;
    const std::string name(*tokens->name());
    JsonShape& field = fields_[name];
    if (field.last_object_ == objects_ && repeated_name_.empty()) repeated_name_ = name;
    field.last_object_ = objects_;
    tokens->Next();
    field.Add(tokens, rules, reading);
    if (repeated_name_.empty() && !field.repeated_name_.empty()) repeated_name_ = field.repeated_name_;
  }
}

void JsonShape::Add(JsonTokens* tokens, const JsonInferenceRules& rules, const JsonReading& reading) {
  switch (tokens->current()) {
    case JsonToken::kString: AddText(tokens->text(), rules, reading); break;
    case JsonToken::kInteger:
    case JsonToken::kFraction: AddNumber(tokens->current(), tokens->text(), rules); break;
    case JsonToken::kTrue:
    case JsonToken::kFalse: MergeSimple(rules.primitives_as_string ? Kind::kString : Kind::kBoolean, 0, 0); break;
    case JsonToken::kObjectBegin:
      if (kind_ == Kind::kNull || kind_ == Kind::kObject) return AddObject(tokens, rules, reading);
      BecomeString();
      tokens->SkipChildren();
      break;
    case JsonToken::kArrayBegin:
      if (kind_ != Kind::kNull && kind_ != Kind::kArray) {
        BecomeString();
        tokens->SkipChildren();
        break;
      }
      kind_ = Kind::kArray;
      if (element_ == nullptr) element_ = std::make_unique<JsonShape>();
      while (true) {
        const JsonToken token = tokens->Next();
        if (token == JsonToken::kArrayEnd || token == JsonToken::kEnd || token == JsonToken::kError) break;
        element_->Add(tokens, rules, reading);
      }
      if (repeated_name_.empty()) repeated_name_ = element_->repeated_name_;
      break;
    default: break;
  }
}

TypePtr JsonShape::Type(const JsonInferenceRules& rules) const {
  switch (kind_) {
    case Kind::kNull: return rules.drop_all_null ? nullptr : types::String();
    case Kind::kArray: {
      const TypePtr element = element_->Type(rules);
      return element == nullptr ? nullptr : types::Array(element, true);
    }
    case Kind::kObject: {
      std::vector<StructField> fields;
      for (const auto& [name, shape] : fields_) {
        const TypePtr type = name.empty() ? nullptr : shape.Type(rules);
        if (type != nullptr) fields.push_back({name, type, true, ""});
      }
      return fields.empty() ? nullptr : types::Struct(std::move(fields));
    }
    default: return PlainType();
  }
}

TypePtr JsonShape::PlainType() const {
  switch (kind_) {
    case Kind::kNull: return types::Null();
    case Kind::kBoolean: return types::Boolean();
    case Kind::kLong: return types::Long();
    case Kind::kDouble: return types::Double();
    case Kind::kDecimal: return types::Decimal(precision_, scale_);
    case Kind::kTimestamp: return types::Timestamp();
    case Kind::kTimestampNtz: return types::TimestampNtz();
    default: return types::String();
  }
}

JsonInference::Record JsonInference::Add(std::string_view record, TypePtr* found) {
  tokens_.Start(record);
  const JsonToken first = tokens_.Next();
  if (first == JsonToken::kError || !tokens_.SkipChildren()) return Record::kMalformed;
  if (first == JsonToken::kEnd || first == JsonToken::kNull) return Record::kGood;
  tokens_.Start(record);
  tokens_.Next();
  if (first == JsonToken::kObjectBegin) {
    root_.Add(&tokens_, rules_, reading_);
    return Record::kGood;
  }
  JsonShape shape;
  shape.Add(&tokens_, rules_, reading_);
  while (shape.kind() == Kind::kArray) {
    JsonShape inner = std::move(*shape.element());
    shape = std::move(inner);
  }
  if (shape.kind() == Kind::kNull) return Record::kGood;
  if (shape.kind() == Kind::kObject) {
    root_.Merge(std::move(shape));
    return Record::kGood;
  }
  *found = shape.PlainType();
  return Record::kNotAnObject;
}

TypePtr JsonInference::Schema(const std::string& corrupt_column) {
  if (!root_.repeated_name().empty()) RaiseRepeated(root_.repeated_name(), rules_.case_sensitive);
  if (!corrupt_column.empty()) root_.AddTextField(corrupt_column);
  TypePtr schema = root_.kind() == Kind::kNull ? nullptr : root_.Type(rules_);
  if (schema == nullptr) return types::Struct({});
  CheckNames(*schema, rules_.case_sensitive);
  return schema;
}

}  // namespace centella
