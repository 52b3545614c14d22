// from_csv, to_csv and schema_of_csv: one record of CSV text and a struct.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "functions/cast.h"
#include "functions/datetime_pattern.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/calendar.h"
#include "types/text.h"

namespace centella {
namespace {

using View = StringView;

// The options that act; any other is refused by name.
struct CsvTextOptions {
  std::string separator = ",";
  char quote = '"', escape = '\\';
  std::string null_value;
  bool quote_all = false, trim = true;
  std::string corrupt_column = "_corrupt_record";
  std::shared_ptr<const DatetimePattern> date_pattern, timestamp_pattern;
};

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::shared_ptr<const CsvTextOptions> ReadOptions(const Value* map, bool for_parsing) {
  auto options = std::make_shared<CsvTextOptions>();
  if (map == nullptr || map->is_null()) return options;
  for (size_t i = 0; i + 1 < map->parts().size(); i += 2) {
    const std::string key = Lower(map->parts()[i].string());
    const std::string value = map->parts()[i + 1].is_null() ? "" : map->parts()[i + 1].string();
    if (key == "sep" || key == "delimiter") {
      if (value.empty()) RaiseUnsupported("an empty CSV separator");
      options->separator = value;
    } else if (key == "quote" || key == "escape") {
      if (value.size() != 1) RaiseUnsupported("the CSV option " + key + " that isn't one character");
      (key == "quote" ? options->quote : options->escape) = value[0];
    } else if (key == "nullvalue") {
      options->null_value = value;
    } else if (key == "quoteall" && !for_parsing) {
      options->quote_all = Lower(value) == "true";
    } else if ((key == "ignoreleadingwhitespace" || key == "ignoretrailingwhitespace") && !for_parsing) {
      options->trim = Lower(value) == "true";
    } else if (key == "columnnameofcorruptrecord" && for_parsing) {
      options->corrupt_column = value;
    } else if (key == "dateformat") {
      options->date_pattern = std::make_shared<DatetimePattern>(value, for_parsing);
    } else if (key == "timestampformat") {
      options->timestamp_pattern = std::make_shared<DatetimePattern>(value, for_parsing);
    } else if (key != "header" && !(key == "mode" && Lower(value) == "permissive")) {
      RaiseUnsupported("the CSV option " + map->parts()[i].string() + " = " + value);
    }
  }
  return options;
}

// The fields of a record. A quoted field ends at a quote before a separator; one that doesn't is taken as it stands.
std::vector<std::string> SplitRecord(std::string_view text, const CsvTextOptions& options) {
  std::vector<std::string> fields;
  while (true) {
    std::string field;
    size_t end = std::string_view::npos;
    if (text.starts_with(options.quote)) {
      size_t i = 1;
      for (; i < text.size() && text[i] != options.quote; ++i) {
        if (text[i] == options.escape && i + 1 < text.size() &&
            (text[i + 1] == options.quote || text[i + 1] == options.escape)) {
          ++i;
        }
        field += text[i];
      }
      const bool closed =
          i < text.size() && (i + 1 == text.size() || text.substr(i + 1).starts_with(options.separator));
      end = closed ? i + 1 : std::string_view::npos;
      if (!closed) field.clear();
    }
    if (end == std::string_view::npos) {
      end = std::min(text.find(options.separator), text.size());
      field = text.substr(0, end);
    }
    fields.push_back(std::move(field));
    if (end >= text.size()) return fields;
    text.remove_prefix(end + options.separator.size());
  }
}

// ---- reading --------------------------------------------------------------------------------------------------------

bool Trimmed(std::string_view text) {
  return text.empty() || (!std::isspace(static_cast<unsigned char>(text.front())) &&
                          !std::isspace(static_cast<unsigned char>(text.back())));
}

// The texts of one column as values of its type; what can't be read is NULL.
VectorPtr ReadColumn(const KernelArgs& call, const TypePtr& type, const CsvTextOptions& options,
                     const VectorPtr& texts) {
  const bool by_pattern = (type->is(TypeId::kDate) && options.date_pattern != nullptr) ||
                          (type->is(TypeId::kTimestamp) && options.timestamp_pattern != nullptr);
  if (type->is_string()) return texts;
  if (type->is_nested() || type->is(TypeId::kVariant)) {
    Raise(Condition::UNSUPPORTED_DATATYPE, {{"typeName", "\"" + type->ToSql() + "\""}});
  }
  if (!by_pattern) {
    KernelArgs inner{call.query, EvalMode::kTry, texts->size(), std::span<const VectorPtr>(&texts, 1), type};
    const BufferPtr validity = ValidityOf(texts);
    inner.validity = validity == nullptr ? nullptr : validity->data();
    return WithValidity(Flatten(FindCast(types::String(), type, EvalMode::kTry)(inner)), validity);
  }
  const bool date = type->is(TypeId::kDate);
  const DatetimePattern& pattern = date ? *options.date_pattern : *options.timestamp_pattern;
  MutableVectorPtr out = Vector::MakeFlat(type, texts->size());
  for (int64_t i = 0; i < texts->size(); ++i) {
    DatetimePattern::Parsed parsed;
    const bool good = !texts->IsNull(i) && pattern.Parse(texts->data<View>()[i].view(), &parsed);
    if (!good) out->SetNull(i);
    if (date) {
      out->mutable_data<int32_t>()[i] = static_cast<int32_t>(FloorDiv(parsed.local_micros, kMicrosPerDay));
    } else {
      out->mutable_data<int64_t>()[i] =
          (parsed.has_zone ? parsed.zone : call.query.zone).ToUtcMicros(parsed.local_micros);
    }
  }
  return out;
}

TypePtr CsvType(const BindArgs& args) {
  const Value* schema = args.constants[1];
  if (schema == nullptr || schema->is_null() || !schema->type()->is_string()) {
    Raise(Condition::INVALID_SCHEMA__NON_STRING_LITERAL, {{"inputSchema", schema == nullptr ? "?" : schema->ToSql()}});
  }
  TypePtr type = ParseSchemaDdl(schema->string());
  if (!type->is(TypeId::kStruct)) {
    Raise(Condition::INVALID_SCHEMA__NON_STRUCT_TYPE,
          {{"inputSchema", "\"" + schema->string() + "\""}, {"dataType", "\"" + type->ToSql() + "\""}});
  }
  std::vector<StructField> fields = type->fields();
  for (StructField& field : fields) field.nullable = true;
  return types::Struct(std::move(fields));
}

VectorPtr FromCsv(const KernelArgs& call) {
  const auto& options = *static_cast<const CsvTextOptions*>(call.prepared);
  const std::vector<StructField>& fields = call.result_type->fields();
  size_t corrupt = fields.size();
  for (size_t k = 0; k < fields.size(); ++k) {
    if (fields[k].name == options.corrupt_column) corrupt = k;
  }
  std::vector<MutableVectorPtr> texts;
  std::vector<StringHeap> heaps(fields.size());
  for (size_t k = 0; k < fields.size(); ++k) texts.push_back(Vector::MakeFlat(types::String(), call.rows));
  for (int64_t i = 0; i < call.rows; ++i) {
    std::vector<std::string> parts;
    if (call.IsLive(i)) parts = SplitRecord(call.data<View>(0)[call.index(0, i)].view(), options);
    size_t part = 0;
    for (size_t k = 0; k < fields.size(); ++k) {
      texts[k]->mutable_data<View>()[i] = View();
      const bool has = k != corrupt && part < parts.size();
      const std::string text = has ? parts[part] : "";
      if (k != corrupt) ++part;
      // Whole numbers and truths take no spaces around them.
      const bool strict = fields[k].type->is_integral() || fields[k].type->is(TypeId::kBoolean);
      if (!has || text == options.null_value || text.empty() || (strict && !Trimmed(text))) {
        texts[k]->SetNull(i);
      } else {
        texts[k]->mutable_data<View>()[i] = heaps[k].Add(text);
      }
    }
  }
  std::vector<VectorPtr> columns;
  for (size_t k = 0; k < fields.size(); ++k) {
    heaps[k].MoveTo(*texts[k]);
    columns.push_back(k == corrupt ? VectorPtr() : ReadColumn(call, fields[k].type, options, texts[k]));
  }
  if (corrupt < fields.size()) {
    MutableVectorPtr records = Vector::MakeFlat(types::String(), call.rows);
    records->AddHeaps(*call.args[0]);
    for (int64_t i = 0; i < call.rows; ++i) {
      records->mutable_data<View>()[i] = View();
      bool bad = false;
      for (size_t k = 0; k < fields.size() && call.IsLive(i); ++k) {
        bad |= k != corrupt && !texts[k]->IsNull(i) && columns[k]->IsNull(i);
      }
      if (bad) {
        records->mutable_data<View>()[i] = call.data<View>(0)[call.index(0, i)];
      } else {
        records->SetNull(i);
      }
    }
    columns[corrupt] = records;
  }
  return Vector::WrapFlat(call.result_type, call.rows, nullptr, nullptr, {}, std::move(columns));
}

// ---- writing --------------------------------------------------------------------------------------------------------

std::string FieldText(const KernelArgs& call, const CsvTextOptions& options, const Vector& column, int64_t row) {
  static const DatetimePattern kTimestamp("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", false);
  static const DatetimePattern kLocal("yyyy-MM-dd'T'HH:mm:ss.SSS", false);
  const DataType& type = *column.type();
  if (type.is_nested() || type.is(TypeId::kBinary) || type.is(TypeId::kVariant))
    RaiseUnsupported("to_csv of " + type.ToSql());
  const Value value = column.GetValue(row);
  std::string text;
  if (type.is(TypeId::kTimestamp)) {
    (options.timestamp_pattern ? *options.timestamp_pattern : kTimestamp)
        .Format(value.integer(), call.query.zone, &text);
  } else if (type.is(TypeId::kTimestampNtz)) {
    kLocal.Format(value.integer(), TimeZone(), &text);
  } else if (type.is(TypeId::kDate) && options.date_pattern != nullptr) {
    options.date_pattern->Format(value.integer() * kMicrosPerDay, TimeZone(), &text);
  } else {
    text = ValueToString(value, call.query.zone);
  }
  if (!options.trim || !type.is_string()) return text;
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

void AppendField(const CsvTextOptions& options, const std::string& text, std::string* out) {
  const bool quoted = options.quote_all || text.empty() || text.find(options.separator) != std::string::npos ||
                      text.find_first_of("\r\n") != std::string::npos || text.find(options.quote) != std::string::npos;
  if (!quoted) {
    *out += text;
    return;
  }
  *out += options.quote;
  for (char c : text) {
    if (c == options.quote) *out += options.escape;
    *out += c;
  }
  *out += options.quote;
}

VectorPtr ToCsv(const KernelArgs& call) {
  const auto& options = *static_cast<const CsvTextOptions*>(call.prepared);
  const VectorPtr structs = Flatten(call.args[0]);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  std::string text;
  for (int64_t i = 0; i < call.rows; ++i) {
    out->mutable_data<View>()[i] = View();
    if (!call.IsLive(i)) continue;
    text.clear();
    for (size_t k = 0; k < structs->children().size(); ++k) {
      if (k != 0) text += options.separator;
      const Vector& column = *structs->child(k);
      if (column.IsNull(i)) {
        text += options.null_value;
      } else {
        AppendField(options, FieldText(call, options, column, i), &text);
      }
    }
    out->mutable_data<View>()[i] = heap.Add(text);
  }
  heap.MoveTo(*out);
  return out;
}

// ---- the schema of one record ---------------------------------------------------------------------------------------

TypePtr InferType(const std::string& text) {
  int64_t whole = 0;
  double floating = 0;
  bool truth = false;
  int32_t day = 0;
  int64_t instant = 0;
  if (text.empty()) return types::String();
  if (ParseInteger(text, INT32_MIN, INT32_MAX, false, &whole)) return types::Int();
  if (ParseInteger(text, INT64_MIN, INT64_MAX, false, &whole)) return types::Long();
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits && text.size() <= 38) return types::Decimal(static_cast<int>(text.size()), 0);
  if (ParseDouble(text, &floating)) return types::Double();
  if (text.size() == 10 && ParseDate(text, &day)) return types::Date();
  if (text.size() > 10 && text[4] == '-' && ParseTimestamp(text, TimeZone(), 0, &instant)) return types::Timestamp();
  const std::string lower = Lower(text);
  if (lower == "true" || lower == "false") return ParseBoolean(text, &truth) ? types::Boolean() : types::String();
  return types::String();
}

VectorPtr SchemaOfCsv(const KernelArgs& call) {
  const auto& options = *static_cast<const CsvTextOptions*>(call.prepared);
  return TextRows<View>(call, [&options](const View& record, StringHeap& heap) {
    std::vector<StructField> fields;
    for (const std::string& text : SplitRecord(record.view(), options)) {
      fields.push_back({"_c" + std::to_string(fields.size()), InferType(text), true, ""});
    }
    return heap.Add(types::Struct(std::move(fields))->ToSql());
  });
}

PrepareFunction OptionsAt(size_t place, bool for_parsing) {
  return [place, for_parsing](std::span<const Value* const> constants,
                              const QueryContext&) -> std::shared_ptr<const void> {
    return ReadOptions(constants.size() > place ? constants[place] : nullptr, for_parsing);
  };
}

}  // namespace

void RegisterCsvFunctions(FunctionRegistry& registry) {
  registry.Scalar("from_csv", "The struct that a record of CSV text tells.")
      .Group("csv_funcs")
      .Example("SELECT from_csv('1, 0.8', 'a INT, b DOUBLE')", "{1, 0.8}")
      .Prepare(OptionsAt(2, true))
      .Nullable([](const BindArgs& args) { return args.nullable[0]; })
      .Overload("string, string -> ?", FromCsv)
      .ResultType(CsvType)
      .CanFail()
      .Overload("string, string, map<string,string> -> ?", FromCsv)
      .ResultType(CsvType)
      .CanFail();
  registry.Scalar("to_csv", "The record of CSV text of a struct.")
      .Group("csv_funcs")
      .AlwaysNullable()
      .Example("SELECT to_csv(named_struct('a', 1, 'b', 2))", "1,2")
      .Prepare(OptionsAt(1, false))
      .Overload("struct -> string", ToCsv)
      .CanFail()
      .Overload("struct, map<string,string> -> string", ToCsv)
      .CanFail();
  registry.Scalar("schema_of_csv", "The schema of a record of CSV text.")
      .Group("csv_funcs")
      .Example("SELECT schema_of_csv('1,abc')", "STRUCT<_c0: INT, _c1: STRING>")
      .Prepare(OptionsAt(1, true))
      .Overload("string -> string", SchemaOfCsv)
      .Overload("string, map<string,string> -> string", SchemaOfCsv)
      .CanFail();
}

}  // namespace centella
