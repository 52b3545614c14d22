// from_json and to_json: JSON text to typed columns and back.
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "functions/datetime_pattern.h"
#include "functions/json_text.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/calendar.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

using View = StringView;

// The options that act; any other that Spark knows and we don't is refused by name.
struct JsonOptions {
  bool fail_fast = false;
  bool ignore_null_fields = true;
  std::string corrupt_column = "_corrupt_record";
  std::shared_ptr<const DatetimePattern> date_pattern, timestamp_pattern;  // of reading or of writing
};

std::shared_ptr<const JsonOptions> ParseOptions(const Value* map, bool for_parsing) {
  auto options = std::make_shared<JsonOptions>();
  if (map == nullptr || map->is_null()) return options;
  for (size_t i = 0; i + 1 < map->parts().size(); i += 2) {
    std::string key = map->parts()[i].string();
    for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::string value = map->parts()[i + 1].is_null() ? "" : map->parts()[i + 1].string();
    if (key == "mode") {
      std::string mode = value;
      for (char& c : mode) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      if (mode != "PERMISSIVE" && mode != "FAILFAST") RaiseUnsupported("the JSON mode " + value + " in from_json");
      options->fail_fast = mode == "FAILFAST";
    } else if (key == "ignorenullfields") {
      options->ignore_null_fields = value != "false";
    } else if (key == "columnnameofcorruptrecord") {
      options->corrupt_column = value;
    } else if (key == "dateformat") {
      options->date_pattern = std::make_shared<DatetimePattern>(value, for_parsing);
    } else if (key == "timestampformat") {
      options->timestamp_pattern = std::make_shared<DatetimePattern>(value, for_parsing);
    } else if (key != "allowsinglequotes" || value != "true") {
      RaiseUnsupported("the JSON option " + map->parts()[i].string());
    }
  }
  return options;
}

// ---- reading --------------------------------------------------------------------------------------------------------

// A column that grows row by row.
class Column {
 public:
  Column(TypePtr type, const QueryContext& query, const JsonOptions& options)
      : type_(std::move(type)), query_(query), options_(options), width_(ValueWidth(type_->physical())) {
    if (type_->is_nested()) {
      for (const StructField& field : type_->fields())
        children_.push_back(std::make_unique<Column>(field.type, query, options));
    }
  }

  void AppendNull() {
    valid_.push_back(false);
    data_.resize(data_.size() + static_cast<size_t>(width_));
    if (type_->is(TypeId::kStruct)) {
      for (auto& child : children_) child->AppendNull();
    }
  }

  // Reads the value at the cursor. A value that doesn't fit the type becomes NULL; false only for malformed JSON.
  bool Append(JsonCursor* cursor, int depth, bool* mismatch) {
    if (depth > kMaxJsonDepth) return false;
    const char c = cursor->Peek();
    if (type_->is(TypeId::kStruct) && c == '{') return AppendStruct(cursor, depth, mismatch);
    if (type_->is(TypeId::kMap) && c == '{') return AppendMap(cursor, depth, mismatch);
    if (type_->is(TypeId::kArray) && c == '[') return AppendArray(cursor, depth, mismatch);
    if (IsQuote(c)) {
      std::string text;
      if (!cursor->ReadString(&text)) return false;
      if (!FromText(text)) Mismatch(mismatch);
      return true;
    }
    if (c == '{' || c == '[') {
      std::string text;
      if (!cursor->CopyValue(&text)) return false;
      if (!type_->is_string()) {
        Mismatch(mismatch);
      } else {
        PutText(text);
      }
      return true;
    }
    std::string_view scalar;
    if (!cursor->ReadScalar(&scalar)) return false;
    if (scalar == "null") {
      AppendNull();
    } else if (!FromScalar(scalar)) {
      Mismatch(mismatch);
    }
    return true;
  }

  // Appends a text as a value of this column's type, as a string token is read.
  void AppendText(std::string_view text) {
    bool ignored = false;
    if (!FromText(text)) Mismatch(&ignored);
  }
  Column* child(size_t i) { return children_[i].get(); }
  const TypePtr& type() const { return type_; }
  size_t size() const { return valid_.size(); }

  // Takes back rows after a malformed record.
  void Truncate(size_t rows) {
    valid_.resize(rows);
    data_.resize(rows * static_cast<size_t>(width_));
    if (type_->is(TypeId::kStruct)) {
      for (auto& child : children_) child->Truncate(rows);
    }
    // Elements of lists that were taken back stay where they are: nothing points to them.
  }

  // A row of nulls, with the text itself in the column of corrupt records.
  void AppendCorrupt(std::string_view text) {
    if (!type_->is(TypeId::kStruct)) {
      AppendNull();
      return;
    }
    valid_.push_back(true);
    for (size_t i = 0; i < children_.size(); ++i) {
      if (type_->fields()[i].name == options_.corrupt_column && type_->fields()[i].type->is_string()) {
        children_[i]->PutText(text);
      } else {
        children_[i]->AppendNull();
      }
    }
  }

  VectorPtr Finish() {
    const auto rows = static_cast<int64_t>(valid_.size());
    BufferPtr validity;
    if (std::find(valid_.begin(), valid_.end(), false) != valid_.end()) {
      validity = Buffer::AllocateZeroed(BitmapBytes(rows));
      for (int64_t i = 0; i < rows; ++i) {
        if (valid_[static_cast<size_t>(i)]) SetBit(validity->mutable_data(), i);
      }
    }
    BufferPtr data = Buffer::Allocate(static_cast<int64_t>(data_.size()));
    if (!data_.empty()) std::memcpy(data->mutable_data(), data_.data(), data_.size());
    std::vector<VectorPtr> children;
    for (auto& child : children_) children.push_back(child->Finish());
    if (type_->is(TypeId::kMap)) {
      const TypePtr entry = Vector::MakeFlat(type_, 0)->child(0)->type();
      const int64_t entries = children[0]->size();
      children = {Vector::WrapFlat(entry, entries, nullptr, nullptr, {}, std::move(children))};
    }
    MutableVectorPtr out =
        Vector::WrapFlat(type_, rows, width_ == 0 ? nullptr : data, validity, {}, std::move(children));
    heap_.MoveTo(*out);
    return out;
  }

 private:
  template <typename T>
  bool Put(T value) {
    valid_.push_back(true);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    data_.insert(data_.end(), bytes, bytes + sizeof(T));
    return true;
  }
  bool PutText(std::string_view text) { return Put(heap_.Add(text)); }
  void Mismatch(bool* mismatch) {
    *mismatch = true;
    AppendNull();
  }

  template <typename T>
  bool PutInteger(std::string_view text) {
    int64_t value;
    if (!ParseInteger(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), false, &value)) return false;
    return Put(static_cast<T>(value));
  }
  bool PutDecimal(std::string_view text) {
    int128_t value;
    if (ParseDecimal(text, type_->precision(), type_->scale(), &value) != DecimalParse::kOk) return false;
    return type_->physical() == PhysicalType::kInt64 ? Put(static_cast<int64_t>(value)) : Put(value);
  }

  bool FromScalar(std::string_view text) {
    const bool boolean = text == "true" || text == "false";
    const bool word = !boolean && text.find_first_of("0123456789") == std::string_view::npos;  // NaN, INF …
    if (type_->is_string()) return PutText(text);
    if (type_->is(TypeId::kBoolean)) return boolean && Put(static_cast<uint8_t>(text == "true"));
    if (boolean) return false;
    double number;
    switch (type_->id()) {
      case TypeId::kByte: return PutInteger<int8_t>(text);
      case TypeId::kShort: return PutInteger<int16_t>(text);
      case TypeId::kInt: return PutInteger<int32_t>(text);
      case TypeId::kLong: return PutInteger<int64_t>(text);
      case TypeId::kFloat: return ParseDouble(text, &number) && Put(static_cast<float>(number));
      case TypeId::kDouble: return ParseDouble(text, &number) && Put(number);
      case TypeId::kDecimal: return !word && PutDecimal(text);
      case TypeId::kTimestamp: {
        int64_t seconds, micros;
        if (!ParseInteger(text, INT64_MIN, INT64_MAX, false, &seconds)) return false;
        return !__builtin_mul_overflow(seconds, kMicrosPerSecond, &micros) && Put(micros);
      }
      default: return false;
    }
  }

  bool FromText(std::string_view text) {
    double number;
    int64_t micros;
    int32_t days;
    switch (type_->id()) {
      case TypeId::kString:
      case TypeId::kChar:
      case TypeId::kVarchar: return PutText(text);
      case TypeId::kFloat:
      case TypeId::kDouble: {
        // Of texts only the names of what JSON has no numbers for.
        constexpr std::string_view kNames[] = {"NaN", "Infinity", "-Infinity", "+Infinity", "INF", "-INF", "+INF"};
        if (std::find(std::begin(kNames), std::end(kNames), text) == std::end(kNames) || !ParseDouble(text, &number))
          return false;
        return type_->is(TypeId::kFloat) ? Put(static_cast<float>(number)) : Put(number);
      }
      case TypeId::kDecimal: return PutDecimal(text);
      case TypeId::kDate: {
        if (options_.date_pattern == nullptr) return ParseDate(text, &days) && Put(days);
        DatetimePattern::Parsed parsed;
        return options_.date_pattern->Parse(text, &parsed) &&
               Put(static_cast<int32_t>(FloorDiv(parsed.local_micros, kMicrosPerDay)));
      }
      case TypeId::kTimestamp: {
        if (options_.timestamp_pattern == nullptr)
          return ParseTimestamp(text, query_.zone, query_.start_micros, &micros) && Put(micros);
        DatetimePattern::Parsed parsed;
        return options_.timestamp_pattern->Parse(text, &parsed) &&
               Put((parsed.has_zone ? parsed.zone : query_.zone).ToUtcMicros(parsed.local_micros));
      }
      case TypeId::kTimestampNtz: return ParseTimestampNtz(text, &micros) && Put(micros);
      case TypeId::kYearMonthInterval:
        return ParseYearMonthInterval(text, type_->start_field(), type_->end_field(), &days) && Put(days);
      case TypeId::kDayTimeInterval:
        return ParseDayTimeInterval(text, type_->start_field(), type_->end_field(), &micros) && Put(micros);
      default: return false;
    }
  }

  bool AppendStruct(JsonCursor* cursor, int depth, bool* mismatch) {
    cursor->Take('{');
    const size_t row = valid_.size();
    valid_.push_back(true);
    bool first = true, good = true;
    std::string name;
    while (good && !cursor->Take('}')) {
      good = (first || cursor->Take(',')) && cursor->ReadString(&name) && cursor->Take(':');
      first = false;
      if (!good) break;
      size_t field = 0;
      while (field < children_.size() && type_->fields()[field].name != name) ++field;
      if (field == children_.size()) {
        good = cursor->SkipValue();
      } else {
        if (children_[field]->size() > row) children_[field]->Truncate(row);  // of two with one name the last counts
        good = children_[field]->Append(cursor, depth + 1, mismatch);
      }
    }
    for (auto& child : children_) {
      if (child->size() == row) child->AppendNull();
    }
    return good;
  }

  bool AppendArray(JsonCursor* cursor, int depth, bool* mismatch) {
    cursor->Take('[');
    const size_t begin = children_[0]->size();
    bool good = true;
    while (good && !cursor->Take(']')) {
      good = (children_[0]->size() == begin || cursor->Take(',')) && children_[0]->Append(cursor, depth + 1, mismatch);
    }
    PutEntry(begin);
    return good;
  }

  bool AppendMap(JsonCursor* cursor, int depth, bool* mismatch) {
    cursor->Take('{');
    const size_t begin = children_[0]->size();
    bool good = true;
    std::string name;
    while (good && !cursor->Take('}')) {
      good = (children_[0]->size() == begin || cursor->Take(',')) && cursor->ReadString(&name) && cursor->Take(':');
      if (!good) break;
      children_[0]->AppendText(name);
      const size_t before = children_[1]->size();
      good = children_[1]->Append(cursor, depth + 1, mismatch);
      if (children_[1]->size() == before) children_[1]->AppendNull();
    }
    PutEntry(begin);
    return good;
  }

  void PutEntry(size_t begin) {
    CENTELLA_CHECK(children_[0]->size() <= static_cast<size_t>(INT32_MAX), "too many elements");
    Put(ListEntry{static_cast<int32_t>(begin), static_cast<int32_t>(children_[0]->size() - begin)});
  }

  TypePtr type_;
  const QueryContext& query_;
  const JsonOptions& options_;
  int64_t width_;
  std::vector<uint8_t> data_;
  std::vector<bool> valid_;
  std::vector<std::unique_ptr<Column>> children_;
  StringHeap heap_;
};

bool IsBlank(std::string_view text) { return TrimSpaceAndControl(text).empty(); }

// One record into the column, which grows by exactly one row.
void AppendRecord(const View& text, Column* column, const JsonOptions& options, const TypePtr& type) {
  const size_t row = column->size();
  if (IsBlank(text.view())) {
    column->AppendNull();
    return;
  }
  JsonCursor cursor(text.view());
  bool mismatch = false;
  const char first = cursor.Peek();
  const bool shape = (type->is(TypeId::kArray) ? first == '[' : first == '{') ||
                     (type->is(TypeId::kArray) && first == '{' && type->element()->is(TypeId::kStruct));
  bool good = shape;
  if (good && type->is(TypeId::kArray) && first == '{') {
    // One object where an array of structs is wanted counts as an array of one.
    const std::string wrapped = "[" + std::string(text.view()) + "]";
    JsonCursor inner(wrapped);
    good = column->Append(&inner, 0, &mismatch);
  } else if (good) {
    good = column->Append(&cursor, 0, &mismatch);
  }
  if (options.fail_fast && (!good || mismatch)) {
    // Spark shows the row that it had made so far: nothing but NULLs.
    std::string made = "[";
    for (size_t k = 0; k < (type->is(TypeId::kStruct) ? type->fields().size() : 1); ++k)
      made += k == 0 ? "null" : ",null";
    Raise(Condition::MALFORMED_RECORD_IN_PARSING__WITHOUT_SUGGESTION,
          {{"badRecord", made + "]"}, {"failFastMode", "FAILFAST"}});
  }
  if (good) return;
  column->Truncate(row);
  column->AppendCorrupt(text.view());
}

VectorPtr FromJson(const KernelArgs& call) {
  const auto& options = *static_cast<const JsonOptions*>(call.prepared);
  Column column(call.result_type, call.query, options);
  ArgumentValues<View> texts(*call.args[0]);
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.IsLive(i)) {
      AppendRecord(texts[i], &column, options, call.result_type);
    } else {
      column.AppendNull();
    }
  }
  return column.Finish();
}

// All parts nullable: JSON may leave anything out.
TypePtr AsNullable(const TypePtr& type) {
  switch (type->id()) {
    case TypeId::kArray: return types::Array(AsNullable(type->element()), true);
    case TypeId::kMap: return types::Map(AsNullable(type->key()), AsNullable(type->value()), true);
    case TypeId::kStruct: {
      std::vector<StructField> fields;
      for (const StructField& field : type->fields())
        fields.push_back({field.name, AsNullable(field.type), true, field.metadata});
      return types::Struct(std::move(fields));
    }
    default: return type;
  }
}

TypePtr FromJsonType(const BindArgs& args) {
  const Value* schema = args.constants.size() > 1 ? args.constants[1] : nullptr;
  if (schema == nullptr || schema->is_null() || !schema->type()->is_string()) {
    Raise(Condition::INVALID_SCHEMA__NON_STRING_LITERAL, {{"inputSchema", schema == nullptr ? "?" : schema->ToSql()}});
  }
  const std::string& text = schema->string();
  TypePtr type = !text.empty() && (text[0] == '{' || text[0] == '"') ? ParseTypeJson(text) : ParseSchemaDdl(text);
  if (!type->is_nested()) RaiseUnsupported("from_json to " + type->ToSql());
  return AsNullable(type);
}

// ---- writing --------------------------------------------------------------------------------------------------------

class Writer {
 public:
  Writer(const QueryContext& query, const JsonOptions& options) : query_(query), options_(options) {}

  // Appends the value of a row, which isn't null; vectors are flat.
  void Append(const Vector& v, int64_t row, std::string* out) const {
    const DataType& type = *v.type();
    switch (type.id()) {
      case TypeId::kArray: {
        const ListEntry entry = v.data<ListEntry>()[row];
        *out += '[';
        for (int32_t k = 0; k < entry.length; ++k) {
          if (k != 0) *out += ',';
          AppendOrNull(*v.child(0), entry.offset + k, out);
        }
        *out += ']';
        break;
      }
      case TypeId::kMap: {
        const ListEntry entry = v.data<ListEntry>()[row];
        const Vector& entries = *v.child(0);
        *out += '{';
        for (int32_t k = 0; k < entry.length; ++k) {
          if (k != 0) *out += ',';
          const VectorPtr& keys = entries.child(0);
          AppendJsonString(keys->type()->is_string() ? std::string(keys->data<View>()[entry.offset + k].view())
                                                     : ValueToString(keys->GetValue(entry.offset + k), query_.zone),
                           out);
          *out += ':';
          AppendOrNull(*entries.child(1), entry.offset + k, out);
        }
        *out += '}';
        break;
      }
      case TypeId::kStruct: AppendStruct(v, row, out); break;
      default: AppendSimple(v, type, row, out);
    }
  }

 private:
  void AppendOrNull(const Vector& v, int64_t row, std::string* out) const {
    if (v.IsNull(row)) {
      *out += "null";
    } else {
      Append(v, row, out);
    }
  }

  void AppendStruct(const Vector& v, int64_t row, std::string* out) const {
    *out += '{';
    bool first = true;
    for (size_t k = 0; k < v.children().size(); ++k) {
      if (options_.ignore_null_fields && v.child(k)->IsNull(row)) continue;
      if (!first) *out += ',';
      first = false;
      AppendJsonString(v.type()->fields()[k].name, out);
      *out += ':';
      AppendOrNull(*v.child(k), row, out);
    }
    *out += '}';
  }

  void AppendSimple(const Vector& v, const DataType& type, int64_t row, std::string* out) const {
    char buffer[64];
    auto text = [&](char* end) { out->append(buffer, static_cast<size_t>(end - buffer)); };
    auto quoted = [&](char* end) { AppendJsonString({buffer, static_cast<size_t>(end - buffer)}, out); };
    switch (type.id()) {
      case TypeId::kBoolean: *out += v.data<uint8_t>()[row] ? "true" : "false"; break;
      case TypeId::kByte: text(WriteInt64(v.data<int8_t>()[row], buffer)); break;
      case TypeId::kShort: text(WriteInt64(v.data<int16_t>()[row], buffer)); break;
      case TypeId::kInt: text(WriteInt64(v.data<int32_t>()[row], buffer)); break;
      case TypeId::kLong: text(WriteInt64(v.data<int64_t>()[row], buffer)); break;
      case TypeId::kFloat: {
        const float number = v.data<float>()[row];
        number - number == 0 ? text(WriteFloat(number, buffer)) : quoted(WriteFloat(number, buffer));
        break;
      }
      case TypeId::kDouble: {
        const double number = v.data<double>()[row];
        number - number == 0 ? text(WriteDouble(number, buffer)) : quoted(WriteDouble(number, buffer));
        break;
      }
      case TypeId::kDecimal:
        text(WriteDecimal(
            type.physical() == PhysicalType::kInt64 ? int128_t{v.data<int64_t>()[row]} : v.data<int128_t>()[row],
            type.scale(), buffer));
        break;
      case TypeId::kString:
      case TypeId::kChar:
      case TypeId::kVarchar: AppendJsonString(v.data<View>()[row].view(), out); break;
      case TypeId::kDate:
        if (options_.date_pattern == nullptr) {
          quoted(WriteDate(v.data<int32_t>()[row], buffer));
        } else {
          Formatted(*options_.date_pattern, int64_t{v.data<int32_t>()[row]} * kMicrosPerDay, TimeZone(), out);
        }
        break;
      case TypeId::kTimestamp: {
        static const DatetimePattern kDefault("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", false);
        Formatted(options_.timestamp_pattern ? *options_.timestamp_pattern : kDefault, v.data<int64_t>()[row],
                  query_.zone, out);
        break;
      }
      case TypeId::kTimestampNtz: {
        static const DatetimePattern kDefault("yyyy-MM-dd'T'HH:mm:ss.SSS", false);
        Formatted(kDefault, v.data<int64_t>()[row], TimeZone(), out);
        break;
      }
      case TypeId::kYearMonthInterval:
      case TypeId::kDayTimeInterval:
      case TypeId::kCalendarInterval:
      case TypeId::kTime: AppendJsonString(ValueToString(v.GetValue(row), query_.zone), out); break;
      case TypeId::kNull: *out += "null"; break;
      case TypeId::kBinary: AppendBase64(v.data<View>()[row].view(), out); break;
      default: RaiseUnsupported("to_json of " + type.ToSql());
    }
  }

  static void AppendBase64(std::string_view bytes, std::string* out) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    *out += '"';
    for (size_t i = 0; i < bytes.size(); i += 3) {
      uint32_t word = 0;
      for (size_t k = 0; k < 3; ++k)
        word = word << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
      *out += kDigits[word >> 18];
      *out += kDigits[word >> 12 & 63];
      *out += i + 1 < bytes.size() ? kDigits[word >> 6 & 63] : '=';
      *out += i + 2 < bytes.size() ? kDigits[word & 63] : '=';
    }
    *out += '"';
  }

  static void Formatted(const DatetimePattern& pattern, int64_t micros, const TimeZone& zone, std::string* out) {
    std::string text;
    pattern.Format(micros, zone, &text);
    AppendJsonString(text, out);
  }

  const QueryContext& query_;
  const JsonOptions& options_;
};

VectorPtr ToJson(const KernelArgs& call) {
  const auto& options = *static_cast<const JsonOptions*>(call.prepared);
  const VectorPtr values = Flatten(call.args[0]);
  const Writer writer(call.query, options);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  std::string text;
  ForLive(call, [&](int64_t i) {
    text.clear();
    writer.Append(*values, i, &text);
    CheckTextSize(static_cast<int64_t>(text.size()), "to_json");
    out->mutable_data<View>()[i] = heap.Add(text);
  });
  heap.MoveTo(*out);
  return out;
}

}  // namespace

void RegisterJsonFunctions(FunctionRegistry& registry) {
  registry.Scalar("from_json", "The typed value of a JSON text.")
      .Group("json_funcs")
      .AlwaysNullable()
      .Example("SELECT from_json('{\"a\":1, \"b\":0.8}', 'a INT, b DOUBLE')", "{1, 0.8}")
      .Prepare([](std::span<const Value* const> constants, const QueryContext&) -> std::shared_ptr<const void> {
        return ParseOptions(constants.size() > 2 ? constants[2] : nullptr, true);
      })
      .Overload("string, string -> ?", FromJson)
      .ResultType(FromJsonType)
      .CanFail()
      .Overload("string, string, map<string,string> -> ?", FromJson)
      .ResultType(FromJsonType)
      .CanFail();
  registry.Scalar("to_json", "The JSON text of a struct, array or map.")
      .Group("json_funcs")
      .AlwaysNullable()
      .Example("SELECT to_json(named_struct('a', 1, 'b', 2))", "{\"a\":1,\"b\":2}")
      .Prepare([](std::span<const Value* const> constants, const QueryContext&) -> std::shared_ptr<const void> {
        return ParseOptions(constants.size() > 1 ? constants[1] : nullptr, false);
      })
      .Overload("struct -> string", ToJson)
      .CanFail()
      .Overload("array<T> -> string", ToJson)
      .CanFail()
      .Overload("map<K,V> -> string", ToJson)
      .CanFail()
      .Overload("struct, map<string,string> -> string", ToJson)
      .CanFail()
      .Overload("array<T>, map<string,string> -> string", ToJson)
      .CanFail()
      .Overload("map<K,V>, map<string,string> -> string", ToJson)
      .CanFail();
}

}  // namespace centella
