// Columns that are filled from text.
#include "storage/formats/text_column.h"

#include <algorithm>
#include <limits>

#include "types/calendar.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

// Digits with a sign, as Java's parseInt; nothing around them.
bool IsPlainInteger(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool EqualsWord(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

}  // namespace

TextColumn::TextColumn(TypePtr type, int64_t capacity) : type_(std::move(type)), capacity_(capacity) {
  vector_ = Vector::MakeFlat(type_, capacity_);
}

VectorPtr TextColumn::Take(int64_t rows, const std::vector<BufferPtr>& heaps) {
  MutableVectorPtr full = std::move(vector_);
  heap_.MoveTo(*full);
  for (const BufferPtr& heap : heaps) full->AddHeap(heap);
  vector_ = Vector::MakeFlat(type_, capacity_);
  heap_ = StringHeap();
  return rows == capacity_ ? VectorPtr(std::move(full)) : Slice(full, 0, rows);
}

void TextColumn::Reset(int64_t row) {
  if (vector_->validity() != nullptr) SetBit(vector_->mutable_validity(), row);
}

bool TextColumn::SetInteger(int64_t row, std::string_view text, int64_t low, int64_t high) {
  int64_t value;
  if (!IsPlainInteger(text) || !ParseInteger(text, low, high, false, &value)) return false;
  switch (vector_->physical()) {
    case PhysicalType::kInt8: vector_->mutable_data<int8_t>()[row] = static_cast<int8_t>(value); break;
    case PhysicalType::kInt16: vector_->mutable_data<int16_t>()[row] = static_cast<int16_t>(value); break;
    case PhysicalType::kInt32: vector_->mutable_data<int32_t>()[row] = static_cast<int32_t>(value); break;
    default: vector_->mutable_data<int64_t>()[row] = value; break;
  }
  return true;
}

bool TextColumn::SetString(int64_t row, std::string_view text, bool stays) {
  vector_->mutable_data<StringView>()[row] = stays ? StringView(text) : heap_.Add(text);
  return true;
}

bool TextColumn::SetDecimal(int64_t row, std::string_view text) {
  std::string without_commas;
  if (text.find(',') != std::string_view::npos) {
    std::copy_if(text.begin(), text.end(), std::back_inserter(without_commas), [](char c) { return c != ','; });
    text = without_commas;
  }
  int128_t value;
  if (ParseDecimal(text, type_->precision(), type_->scale(), &value) != DecimalParse::kOk) return false;
  if (vector_->physical() == PhysicalType::kInt128) {
    vector_->mutable_data<int128_t>()[row] = value;
  } else {
    vector_->mutable_data<int64_t>()[row] = static_cast<int64_t>(value);
  }
  return true;
}

bool TextColumn::SetFloating(int64_t row, std::string_view text, const TextRules& rules) {
  const bool wide = vector_->physical() == PhysicalType::kDouble;
  double value;
  if (text == rules.nan_value) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (text == rules.positive_infinity) {
    value = std::numeric_limits<double>::infinity();
  } else if (text == rules.negative_infinity) {
    value = -std::numeric_limits<double>::infinity();
  } else if (wide) {
    if (!ParseDouble(TrimSpaceAndControl(text), &value)) return false;
  } else {
    return ParseFloat(TrimSpaceAndControl(text), &vector_->mutable_data<float>()[row]);
  }
  if (wide) {
    vector_->mutable_data<double>()[row] = value;
  } else {
    vector_->mutable_data<float>()[row] = static_cast<float>(value);
  }
  return true;
}

bool TextColumn::SetDate(int64_t row, std::string_view text, const TextRules& rules) {
  int32_t* out = vector_->mutable_data<int32_t>() + row;
  if (rules.patterns.date != nullptr) {
    DatetimePattern::Parsed found;
    const bool good = rules.patterns.date->Parse(text, &found);
    if (good) *out = static_cast<int32_t>(FloorDiv(found.local_micros, kMicrosPerDay));
    if (good || !rules.patterns.fallback) return good;
  }
  return ParseDate(text, out);
}

bool TextColumn::SetTime(int64_t row, std::string_view text, const TextRules& rules) {
  int64_t* out = vector_->mutable_data<int64_t>() + row;
  const TextPatterns& patterns = rules.patterns;
  const bool ntz = type_->is(TypeId::kTimestampNtz);
  if (const auto& pattern = ntz ? patterns.timestamp_ntz : patterns.timestamp; pattern != nullptr) {
    DatetimePattern::Parsed found;
    const bool good = pattern->Parse(text, &found) && !(ntz && found.has_zone);
    if (good)
      *out = ntz ? found.local_micros : (found.has_zone ? found.zone : patterns.zone).ToUtcMicros(found.local_micros);
    if (good || ntz || !patterns.fallback) return good;
  }
  if (!ntz) return ParseTimestamp(text, patterns.zone, rules.now_micros, out);
  TimestampText parsed;
  if (!ParseTimestampText(text, &parsed) || !parsed.zone.empty() || parsed.only_time) return false;
  *out = parsed.local_micros;
  return true;
}

bool TextColumn::Set(int64_t row, std::string_view text, const TextRules& rules, bool stays) {
  bool good = false;
  switch (type_->id()) {
    case TypeId::kString:
    case TypeId::kBinary: good = SetString(row, text, stays); break;
    case TypeId::kByte: good = SetInteger(row, text, INT8_MIN, INT8_MAX); break;
    case TypeId::kShort: good = SetInteger(row, text, INT16_MIN, INT16_MAX); break;
    case TypeId::kInt: good = SetInteger(row, text, INT32_MIN, INT32_MAX); break;
    case TypeId::kLong: good = SetInteger(row, text, INT64_MIN, INT64_MAX); break;
    case TypeId::kDecimal: good = SetDecimal(row, text); break;
    case TypeId::kFloat:
    case TypeId::kDouble: good = SetFloating(row, text, rules); break;
    case TypeId::kBoolean: {
      good = EqualsWord(text, "true") || EqualsWord(text, "false");
      if (good) vector_->mutable_data<uint8_t>()[row] = EqualsWord(text, "true");
      break;
    }
    case TypeId::kDate: good = SetDate(row, text, rules); break;
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz: good = SetTime(row, text, rules); break;
    case TypeId::kYearMonthInterval:
      good = ParseYearMonthInterval(text, type_->start_field(), type_->end_field(),
                                    &vector_->mutable_data<int32_t>()[row]);
      break;
    case TypeId::kDayTimeInterval:
      good =
          ParseDayTimeInterval(text, type_->start_field(), type_->end_field(), &vector_->mutable_data<int64_t>()[row]);
      break;
    case TypeId::kNull: return true;
    default: RaiseUnsupported("reading " + type_->ToSql() + " from text");
  }
  if (!good) SetNull(row);
  return good;
}

}  // namespace centella
