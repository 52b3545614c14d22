// Columns filled from JSON tokens. The order of steps is Spark's: what a record gives after an error depends on it.
#include "functions/json_columns.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "functions/json_text.h"
#include "types/calendar.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

using Outcome = JsonColumn::Outcome;

bool IsBad(JsonToken token) { return token == JsonToken::kError; }

// Goes to the end of the object that the current token stands in, as far as it is well-formed.
void SkipRestOfObject(JsonTokens* tokens) {
  JsonToken token;
  do {
    if (!tokens->SkipChildren()) return;
    token = tokens->Next();
  } while (!IsBad(token) && token != JsonToken::kObjectEnd && token != JsonToken::kEnd);
}

// Without leading zeros, and zero without its sign.
void AppendInteger(std::string_view digits, std::string* out) {
  const bool negative = digits[0] == '-';
  if (negative) digits.remove_prefix(1);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (negative && digits != "0") *out += '-';
  *out += digits;
}

bool HasSpace(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

}  // namespace

JsonColumn::JsonColumn(TypePtr type, const JsonReading& reading)
    : type_(std::move(type)), reading_(reading), width_(ValueWidth(type_->physical())) {
  if (type_->is(TypeId::kVariant) || type_->is(TypeId::kCalendarInterval) || type_->is(TypeId::kTime)) {
    RaiseUnsupported("reading " + type_->ToSql() + " from JSON");
  }
  if (type_->is(TypeId::kStruct)) {
    int i = 0;
    for (const StructField& field : type_->fields()) fields_[field.name] = i++;
  }
  if (type_->is_nested()) {
    for (const StructField& field : type_->fields())
      children_.push_back(std::make_unique<JsonColumn>(field.type, reading));
  }
}

void JsonColumn::Reserve() {
  if (size_ < capacity_) return;
  const int64_t more = std::max<int64_t>(256, capacity_ * 2);
  BufferPtr grown = Buffer::Allocate(more * width_);
  if (size_ > 0 && width_ > 0) std::memcpy(grown->mutable_data(), data_->data(), static_cast<size_t>(size_ * width_));
  data_ = std::move(grown);
  capacity_ = more;
}

template <typename T>
bool JsonColumn::Put(T value) {
  Reserve();
  data_->mutable_as<T>()[size_++] = value;
  return true;
}

void JsonColumn::AppendNull() {
  if (width_ > 0) {
    Reserve();
    std::memset(data_->mutable_data() + size_ * width_, 0, static_cast<size_t>(width_));
  }
  null_rows_.push_back(size_++);
  if (type_->is(TypeId::kStruct)) {
    for (auto& child : children_) child->AppendNull();
  }
}

void JsonColumn::Truncate(int64_t rows) {
  if (rows >= size_) return;
  size_ = rows;
  while (!null_rows_.empty() && null_rows_.back() >= rows) null_rows_.pop_back();
  if (type_->is(TypeId::kStruct)) {
    for (auto& child : children_) child->Truncate(rows);
  }
  // Elements of lists that were taken back stay where they are: nothing points to them.
}

MutableVectorPtr JsonColumn::Take(const BufferPtr& source) {
  BufferPtr validity;
  if (!null_rows_.empty()) {
    validity = Buffer::Allocate(BitmapBytes(size_));
    std::memset(validity->mutable_data(), 0xff, static_cast<size_t>(BitmapBytes(size_)));
    for (const int64_t row : null_rows_) ClearBit(validity->mutable_data(), row);
  }
  std::vector<VectorPtr> children;
  for (auto& child : children_) children.push_back(child->Take(source));
  if (type_->is(TypeId::kMap)) {
    const TypePtr entry = Vector::MakeFlat(type_, 0)->child(0)->type();
    const int64_t entries = children[0]->size();
    children = {Vector::WrapFlat(entry, entries, nullptr, nullptr, {}, std::move(children))};
  }
  if (width_ > 0 && data_ == nullptr) data_ = Buffer::Allocate(0);
  const bool text = type_->physical() == PhysicalType::kString;
  MutableVectorPtr out = Vector::WrapFlat(
      type_, size_, width_ > 0 ? std::move(data_) : nullptr, std::move(validity),
      text && source != nullptr ? std::vector<BufferPtr>{source} : std::vector<BufferPtr>{}, std::move(children));
  heap_.MoveTo(*out);
  heap_ = StringHeap();
  data_ = nullptr;
  size_ = capacity_ = 0;
  null_rows_.clear();
  return out;
}

// ---- values ---------------------------------------------------------------------------------------------------------

Outcome JsonColumn::Convert(JsonTokens* tokens) {
  JsonToken token = tokens->current();
  if (token == JsonToken::kName) token = tokens->Next();
  switch (token) {
    case JsonToken::kError: return Outcome::kFail;
    case JsonToken::kNull:
    case JsonToken::kEnd: AppendNull(); return Outcome::kGood;
    default: break;
  }
  switch (type_->id()) {
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar: return ConvertText(tokens);
    case TypeId::kStruct: return token == JsonToken::kObjectBegin ? ConvertObject(tokens) : Outcome::kFail;
    case TypeId::kMap: return token == JsonToken::kObjectBegin ? ConvertMap(tokens) : Outcome::kFail;
    case TypeId::kArray: return token == JsonToken::kArrayBegin ? ConvertArray(tokens) : Outcome::kFail;
    case TypeId::kNull: AppendNull(); return Outcome::kGood;
    default: return ConvertScalar(token, tokens->text()) ? Outcome::kGood : Outcome::kFail;
  }
}

Outcome JsonColumn::ConvertText(JsonTokens* tokens) {
  const JsonToken token = tokens->current();
  if (token == JsonToken::kString) {
    PutText(tokens->text(), tokens->text_is_source());
    return Outcome::kGood;
  }
  if (token == JsonToken::kObjectEnd || token == JsonToken::kArrayEnd) return Outcome::kFail;
  if (!reading_.copy_source) {
    std::string text;
    if (!CopyJson(tokens, &text)) return Outcome::kFail;
    PutText(text, false);
    return Outcome::kGood;
  }
  const size_t begin = tokens->begin();
  if (!tokens->SkipChildren() || tokens->current() == JsonToken::kEnd) return Outcome::kFail;
  PutText(tokens->Source(begin), true);
  return Outcome::kGood;
}

bool JsonColumn::PutText(std::string_view text, bool stays) { return Put(stays ? StringView(text) : heap_.Add(text)); }

bool JsonColumn::ConvertScalar(JsonToken token, std::string_view text) {
  switch (token) {
    case JsonToken::kTrue:
    case JsonToken::kFalse: return type_->is(TypeId::kBoolean) && Put(static_cast<uint8_t>(token == JsonToken::kTrue));
    case JsonToken::kInteger:
    case JsonToken::kFraction: return FromNumber(token, text);
    case JsonToken::kString: return FromText(text);
    default: return false;
  }
}

bool JsonColumn::FromNumber(JsonToken token, std::string_view text) {
  const bool integer = token == JsonToken::kInteger;
  switch (type_->id()) {
    // The parser takes bytes without a sign as well.
    case TypeId::kByte: return integer && PutInteger(text, INT8_MIN, UINT8_MAX);
    case TypeId::kShort: return integer && PutInteger(text, INT16_MIN, INT16_MAX);
    case TypeId::kInt: return integer && PutInteger(text, INT32_MIN, INT32_MAX);
    case TypeId::kLong: return integer && PutInteger(text, INT64_MIN, INT64_MAX);
    case TypeId::kFloat:
    case TypeId::kDouble: return PutFloating(text);
    case TypeId::kDecimal: return PutDecimal(text);
    case TypeId::kTimestamp: {
      int64_t seconds, micros;
      if (!integer || !ParseInteger(text, INT64_MIN, INT64_MAX, false, &seconds)) return false;
      // Spark's product wraps around.
      static_cast<void>(__builtin_mul_overflow(seconds, kMicrosPerSecond, &micros));
      return Put(micros);
    }
    default: return false;
  }
}

bool JsonColumn::PutInteger(std::string_view text, int64_t low, int64_t high) {
  int64_t value = 0;
  if (text.size() <= 18) {
    const bool negative = text[0] == '-';
    for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
    if (negative) value = -value;
    if (value < low || value > high) return false;
  } else if (!ParseInteger(text, low, high, false, &value)) {
    return false;
  }
  switch (width_) {
    case 1: return Put(static_cast<int8_t>(value));
    case 2: return Put(static_cast<int16_t>(value));
    case 4: return Put(static_cast<int32_t>(value));
    default: return Put(value);
  }
}

bool JsonColumn::PutFloating(std::string_view text) {
  double value = 0;
  float narrow = 0;
  const bool wide = type_->is(TypeId::kDouble);
  if (text.find_first_of("NI") != std::string_view::npos) {
    const double infinity = std::numeric_limits<double>::infinity();
    value = text == "NaN" ? std::numeric_limits<double>::quiet_NaN() : text[0] == '-' ? -infinity : infinity;
    narrow = static_cast<float>(value);
  } else if (!(wide ? ParseDouble(text, &value) : ParseFloat(text, &narrow))) {
    return false;
  }
  return wide ? Put(value) : Put(narrow);
}

bool JsonColumn::PutDecimal(std::string_view text) {
  int128_t value;
  if (text.empty() || HasSpace(text)) return false;
  if (ParseDecimal(text, type_->precision(), type_->scale(), &value) != DecimalParse::kOk) return false;
  return type_->physical() == PhysicalType::kInt64 ? Put(static_cast<int64_t>(value)) : Put(value);
}

bool JsonColumn::FromText(std::string_view text) {
  if (text.empty() && !type_->is(TypeId::kBinary)) return false;
  switch (type_->id()) {
    case TypeId::kFloat:
    case TypeId::kDouble: {
      // Of texts only the names of what JSON has no numbers for.
      constexpr std::string_view kNames[] = {"NaN", "Infinity", "-Infinity", "+Infinity", "-INF", "+INF"};
      return reading_.dialect.non_numeric_numbers &&
             std::find(std::begin(kNames), std::end(kNames), text) != std::end(kNames) && PutFloating(text);
    }
    case TypeId::kDecimal: {
      if (text.find(',') == std::string_view::npos) return PutDecimal(text);
      std::string digits(text);
      digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
      return PutDecimal(digits);
    }
    case TypeId::kBinary: {
      std::string bytes;
      return DecodeJsonBinary(text, &bytes) && PutText(bytes, false);
    }
    case TypeId::kDate: return FromDateText(text);
    case TypeId::kTimestamp: return FromTimestampText(text);
    case TypeId::kTimestampNtz: return FromTimestampNtzText(text);
    case TypeId::kYearMonthInterval: {
      int32_t months;
      return ParseYearMonthInterval(text, type_->start_field(), type_->end_field(), &months) && Put(months);
    }
    case TypeId::kDayTimeInterval: {
      int64_t micros;
      return ParseDayTimeInterval(text, type_->start_field(), type_->end_field(), &micros) && Put(micros);
    }
    default: return false;
  }
}

bool JsonColumn::FromDateText(std::string_view text) {
  int32_t days;
  if (reading_.date_pattern != nullptr) {
    DatetimePattern::Parsed parsed;
    if (reading_.date_pattern->Parse(text, &parsed))
      return Put(static_cast<int32_t>(FloorDiv(parsed.local_micros, kMicrosPerDay)));
    if (!reading_.datetime_fallback) return false;
  }
  if (ParseDate(text, &days)) return Put(days);
  // Files of Spark 1.5 hold days since 1970.
  int64_t number;
  if (HasSpace(text) || !ParseInteger(text, INT32_MIN, INT32_MAX, false, &number)) return false;
  return Put(static_cast<int32_t>(number));
}

bool JsonColumn::FromTimestampText(std::string_view text) {
  int64_t micros;
  if (reading_.timestamp_pattern != nullptr) {
    DatetimePattern::Parsed parsed;
    if (reading_.timestamp_pattern->Parse(text, &parsed)) {
      return Put((parsed.has_zone ? parsed.zone : reading_.zone).ToUtcMicros(parsed.local_micros));
    }
    if (!reading_.datetime_fallback) return false;
  }
  return ParseTimestamp(text, reading_.zone, reading_.now_micros, &micros) && Put(micros);
}

bool JsonColumn::FromTimestampNtzText(std::string_view text) {
  if (reading_.timestamp_ntz_pattern != nullptr) {
    DatetimePattern::Parsed parsed;
    return reading_.timestamp_ntz_pattern->Parse(text, &parsed) && !parsed.has_zone && Put(parsed.local_micros);
  }
  TimestampText parsed;
  if (!ParseTimestampText(text, &parsed) || !parsed.zone.empty() || parsed.only_time) return false;
  return Put(parsed.local_micros);
}

// ---- nested values --------------------------------------------------------------------------------------------------

int JsonColumn::FindField(std::string_view name) {
  const auto& fields = type_->fields();
  if (expected_field_ < static_cast<int>(fields.size()) && fields[static_cast<size_t>(expected_field_)].name == name) {
    return expected_field_++;
  }
  const auto found = fields_.find(name);
  if (found == fields_.end()) return -1;
  expected_field_ = found->second + 1;
  return found->second;
}

// The value behind the name that the tokens are at, into a field of the row that is being made.
Outcome JsonColumn::SetField(size_t field, JsonTokens* tokens) {
  JsonColumn& child = *children_[field];
  if (child.size() < size_) return child.Convert(tokens);
  // Of two with one name the last counts, unless it is wrong: try it elsewhere first.
  const JsonTokens here = *tokens;
  JsonColumn trial(child.type(), reading_);
  if (trial.Convert(tokens) == Outcome::kFail) return Outcome::kFail;
  *tokens = here;
  child.Truncate(size_ - 1);
  return child.Convert(tokens);
}

Outcome JsonColumn::ConvertObject(JsonTokens* tokens) {
  const int64_t row = size_++;
  expected_field_ = 0;
  Outcome outcome = Outcome::kGood;
  while (true) {
    const JsonToken token = tokens->Next();
    if (token == JsonToken::kObjectEnd || token == JsonToken::kEnd) break;
    if (IsBad(token)) {
      Truncate(row);
      return Outcome::kFail;
    }
    const std::string_view* name = tokens->name();
    const int field = name == nullptr ? -1 : FindField(*name);
    const Outcome value = field < 0 ? Outcome::kFail : SetField(static_cast<size_t>(field), tokens);
    if (field >= 0 && value != Outcome::kGood) outcome = Outcome::kPartial;
    if (value == Outcome::kFail && !tokens->SkipChildren()) {
      Truncate(row);
      return Outcome::kFail;
    }
  }
  for (auto& child : children_) {
    if (child->size() <= row) child->AppendNull();
  }
  return outcome;
}

Outcome JsonColumn::PutEntry(int64_t begin, Outcome outcome) {
  CENTELLA_CHECK(children_[0]->size() <= INT32_MAX, "too many elements");
  Put(ListEntry{static_cast<int32_t>(begin), static_cast<int32_t>(children_[0]->size() - begin)});
  return outcome;
}

Outcome JsonColumn::ConvertArray(JsonTokens* tokens) {
  JsonColumn& elements = *children_[0];
  const int64_t begin = elements.size();
  Outcome outcome = Outcome::kGood;
  while (true) {
    const JsonToken token = tokens->Next();
    if (token == JsonToken::kArrayEnd || token == JsonToken::kEnd) return PutEntry(begin, outcome);
    const Outcome element = IsBad(token) ? Outcome::kFail : elements.Convert(tokens);
    if (element == Outcome::kPartial) outcome = Outcome::kPartial;
    if (element != Outcome::kFail) continue;
    elements.Truncate(begin);
    return Outcome::kFail;
  }
}

Outcome JsonColumn::ConvertMap(JsonTokens* tokens) {
  JsonColumn& keys = *children_[0];
  JsonColumn& values = *children_[1];
  const int64_t begin = keys.size();
  Outcome outcome = Outcome::kGood;
  while (true) {
    const JsonToken token = tokens->Next();
    if (token == JsonToken::kObjectEnd || token == JsonToken::kEnd) return PutEntry(begin, outcome);
    Outcome value = Outcome::kFail;
    const bool well_formed = !IsBad(token);
    if (well_formed) {
      keys.PutText(*tokens->name(), false);
      value = values.Convert(tokens);
    }
    if (value == Outcome::kPartial) outcome = Outcome::kPartial;
    if (value != Outcome::kFail) continue;
    keys.Truncate(begin);
    values.Truncate(begin);
    if (well_formed) SkipRestOfObject(tokens);
    return Outcome::kFail;
  }
}

// ---- records --------------------------------------------------------------------------------------------------------

JsonRecords::JsonRecords(const TypePtr& row_type, const JsonReading& reading)
    : column_(row_type, reading), tokens_(reading.dialect) {}

bool JsonRecords::Append(std::string_view record) {
  tokens_.Start(record);
  const JsonToken token = tokens_.Next();
  if (token == JsonToken::kEnd) return true;
  if (token == JsonToken::kArrayBegin) return AppendArray();
  const Outcome outcome = token == JsonToken::kObjectBegin ? column_.ConvertObject(&tokens_) : Outcome::kFail;
  if (outcome == Outcome::kFail) column_.AppendNull();
  return outcome == Outcome::kGood;
}

// Every object of an array at the top is a row; anything else in it makes the whole record a wrong one.
bool JsonRecords::AppendArray() {
  const int64_t begin = column_.size();
  bool good = true;
  while (true) {
    const JsonToken token = tokens_.Next();
    if (token == JsonToken::kArrayEnd || token == JsonToken::kEnd) return good;
    const Outcome outcome = token == JsonToken::kObjectBegin ? column_.ConvertObject(&tokens_) : Outcome::kFail;
    good = good && outcome == Outcome::kGood;
    if (outcome != Outcome::kFail) continue;
    column_.Truncate(begin);
    column_.AppendNull();
    return false;
  }
}

std::vector<VectorPtr> JsonRecords::Take(const BufferPtr& source) { return column_.Take(source)->children(); }

bool CopyJson(JsonTokens* tokens, std::string* out) {
  switch (tokens->current()) {
    case JsonToken::kObjectBegin:
    case JsonToken::kArrayBegin: break;
    case JsonToken::kString: AppendJsonString(tokens->text(), out); return true;
    case JsonToken::kFraction: {
      double value = 0;
      char text[kMaxDoubleText];
      const bool word = tokens->text().find_first_of("NI") != std::string_view::npos;
      if (!word && !ParseDouble(tokens->text(), &value)) return false;
      if (word) {
        const bool nan = tokens->text() == "NaN";
        *out += nan ? "\"NaN\"" : tokens->text()[0] == '-' ? "\"-Infinity\"" : "\"Infinity\"";
      } else {
        out->append(text, static_cast<size_t>(WriteDouble(value, text) - text));
      }
      return true;
    }
    case JsonToken::kInteger: AppendInteger(tokens->text(), out); return true;
    default: *out += tokens->text(); return true;
  }
  // Depth is bounded by the tokens: no recursion.
  std::string closing;
  bool first = true;
  JsonToken token = tokens->current();
  while (true) {
    const bool ends = token == JsonToken::kObjectEnd || token == JsonToken::kArrayEnd;
    if (!ends && !first) *out += ',';
    first = false;
    if (token == JsonToken::kName) {
      AppendJsonString(*tokens->name(), out);
      *out += ':';
      token = tokens->Next();
    }
    if (token == JsonToken::kError || token == JsonToken::kEnd) return false;
    if (token == JsonToken::kObjectBegin || token == JsonToken::kArrayBegin) {
      *out += token == JsonToken::kObjectBegin ? '{' : '[';
      closing += token == JsonToken::kObjectBegin ? '}' : ']';
      first = true;
    } else if (ends) {
      *out += closing.back();
      closing.pop_back();
      if (closing.empty()) return true;
    } else if (!CopyJson(tokens, out)) {
      return false;
    }
    token = tokens->Next();
    if (token == JsonToken::kError || token == JsonToken::kEnd) return false;
  }
}

bool DecodeJsonBinary(std::string_view text, std::string* out) {
  out->clear();
  const auto digit = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  for (size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) <= ' ') {
      ++i;
      continue;
    }
    if (i + 4 > text.size()) return false;
    const int a = digit(text[i]), b = digit(text[i + 1]), c = digit(text[i + 2]), d = digit(text[i + 3]);
    const bool two = text[i + 2] == '=' && text[i + 3] == '=', one = c >= 0 && text[i + 3] == '=';
    if (a < 0 || b < 0 || (!two && c < 0) || (!two && !one && d < 0)) return false;
    *out += static_cast<char>(a << 2 | b >> 4);
    if (!two) *out += static_cast<char>(b << 4 | c >> 2);
    if (!two && !one) *out += static_cast<char>(c << 6 | d);
    i += 4;
  }
  return true;
}

}  // namespace centella
