// Writes JSON as Spark does: an object a line, fields that are null left out.
#include "storage/formats/json_writer.h"

#include <cstdio>

#include "functions/json_text.h"
#include "functions/text_kernels.h"
#include "storage/formats/text_options.h"
#include "storage/formats/text_output.h"
#include "types/calendar.h"
#include "types/text.h"

namespace centella {
namespace {

struct Settings {
  TypePtr schema;
  std::string line_separator = "\n";
  TextCompression compression = TextCompression::kNone;
  bool ignore_nulls = true;
  bool ascii_only = false;
  TextPatterns patterns;
};

void AppendBase64(std::string_view bytes, std::string* out) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  *out += '"';
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](size_t k) { return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u; };
    const uint32_t word = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    *out += kDigits[word >> 18];
    *out += kDigits[word >> 12 & 63];
    *out += i + 1 < bytes.size() ? kDigits[word >> 6 & 63] : '=';
    *out += i + 2 < bytes.size() ? kDigits[word & 63] : '=';
  }
  *out += '"';
}

// Characters beyond ASCII as \uXXXX, by UTF-16 units.
void AppendAscii(std::string_view json, std::string* out) {
  for (size_t i = 0; i < json.size(); i += CharBytes(json[i])) {
    const uint32_t code = CodePointAt(json, i);
    char text[16];
    if (code < 0x80) {
      *out += static_cast<char>(code);
    } else if (code < 0x10000) {
      out->append(text, static_cast<size_t>(std::snprintf(text, sizeof(text), "\\u%04X", code)));
    } else {
      const uint32_t rest = code - 0x10000;
      out->append(text, static_cast<size_t>(std::snprintf(text, sizeof(text), "\\u%04X\\u%04X", 0xD800 + (rest >> 10),
                                                          0xDC00 + (rest & 0x3FF))));
    }
  }
}

class Writer final : public FileWriter {
 public:
  Writer(std::shared_ptr<const Settings> settings, std::unique_ptr<OutputFile> file)
      : settings_(std::move(settings)), output_(std::move(file), settings_->compression) {}

  void Write(const Batch& batch) override {
    std::vector<VectorPtr> columns;
    for (const VectorPtr& column : batch.columns) columns.push_back(Flatten(column));
    for (int64_t row = 0; row < batch.rows; ++row) {
      AppendObject(settings_->schema->fields(), columns, row, &output_.buffer());
      output_.buffer() += settings_->line_separator;
      output_.Flush();
    }
  }

  void Finish() override { output_.Finish(); }

 private:
  void AppendText(std::string_view text, std::string* out) {
    if (!settings_->ascii_only) return AppendJsonString(text, out);
    quoted_.clear();
    AppendJsonString(text, &quoted_);
    AppendAscii(quoted_, out);
  }

  void AppendObject(const std::vector<StructField>& fields, const std::vector<VectorPtr>& columns, int64_t row,
                    std::string* out) {
    *out += '{';
    bool first = true;
    for (size_t i = 0; i < columns.size(); ++i) {
      const bool null = columns[i]->IsNull(row);
      if (null && settings_->ignore_nulls) continue;
      if (!first) *out += ',';
      first = false;
      AppendText(fields[i].name, out);
      *out += ':';
      AppendOrNull(*columns[i], row, out);
    }
    *out += '}';
  }

  void AppendOrNull(const Vector& values, int64_t row, std::string* out) {
    if (values.IsNull(row)) {
      *out += "null";
    } else {
      AppendValue(values, row, out);
    }
  }

  void AppendValue(const Vector& values, int64_t row, std::string* out) {
    const DataType& type = *values.type();
    switch (type.id()) {
      case TypeId::kStruct: return AppendObject(type.fields(), values.children(), row, out);
      case TypeId::kArray: return AppendArray(values, row, out);
      case TypeId::kMap: return AppendMap(values, row, out);
      case TypeId::kString:
      case TypeId::kChar:
      case TypeId::kVarchar: return AppendText(values.data<StringView>()[row].view(), out);
      case TypeId::kBinary: return AppendBase64(values.data<StringView>()[row].view(), out);
      case TypeId::kFloat:
      case TypeId::kDouble: return AppendFloating(values, row, out);
      case TypeId::kDate:
      case TypeId::kTimestamp:
      case TypeId::kTimestampNtz:
      case TypeId::kYearMonthInterval:
      case TypeId::kDayTimeInterval:
        *out += '"';
        AppendTextOf(values, row, settings_->patterns, out);
        *out += '"';
        return;
      default: AppendTextOf(values, row, settings_->patterns, out);
    }
  }

  void AppendFloating(const Vector& values, int64_t row, std::string* out) {
    const double value =
        values.type()->is(TypeId::kFloat) ? double{values.data<float>()[row]} : values.data<double>()[row];
    const bool finite = value - value == 0;
    if (!finite) *out += '"';
    AppendTextOf(values, row, settings_->patterns, out);
    if (!finite) *out += '"';
  }

  void AppendArray(const Vector& values, int64_t row, std::string* out) {
    const ListEntry entry = values.data<ListEntry>()[row];
    *out += '[';
    for (int32_t k = 0; k < entry.length; ++k) {
      if (k != 0) *out += ',';
      AppendOrNull(*values.child(0), entry.offset + k, out);
    }
    *out += ']';
  }

  void AppendMap(const Vector& values, int64_t row, std::string* out) {
    const ListEntry entry = values.data<ListEntry>()[row];
    const Vector& entries = *values.child(0);
    *out += '{';
    for (int32_t k = 0; k < entry.length; ++k) {
      if (k != 0) *out += ',';
      AppendKey(*entries.child(0), entry.offset + k, out);
      *out += ':';
      AppendOrNull(*entries.child(1), entry.offset + k, out);
    }
    *out += '}';
  }

  // Keys are written as the engine keeps them: days, microseconds, months.
  void AppendKey(const Vector& keys, int64_t row, std::string* out) {
    const DataType& type = *keys.type();
    if (type.is_string()) return AppendText(keys.data<StringView>()[row].view(), out);
    *out += '"';
    switch (type.id()) {
      case TypeId::kDate:
      case TypeId::kYearMonthInterval: *out += std::to_string(keys.data<int32_t>()[row]); break;
      case TypeId::kTimestamp:
      case TypeId::kTimestampNtz:
      case TypeId::kDayTimeInterval: *out += std::to_string(keys.data<int64_t>()[row]); break;
      default: AppendTextOf(keys, row, settings_->patterns, out);
    }
    *out += '"';
  }

  std::shared_ptr<const Settings> settings_;
  TextOutput output_;
  std::string quoted_;
};

class Factory final : public FileWriterFactory {
 public:
  explicit Factory(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}
  std::string extension() const override { return ".json" + ExtensionOf(settings_->compression); }
  std::unique_ptr<FileWriter> NewFile(std::unique_ptr<OutputFile> output) const override {
    return std::make_unique<Writer>(settings_, std::move(output));
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

// Spark writes the addresses of byte arrays and its own row format for such keys.
void CheckKeys(const DataType& type) {
  if (type.is(TypeId::kMap)) {
    const DataType& key = *type.key();
    if (key.is_nested() || key.is(TypeId::kBinary))
      RaiseUnsupported("writing maps with keys of " + key.ToSql() + " as JSON");
    CheckKeys(*type.value());
  } else if (type.is(TypeId::kArray)) {
    CheckKeys(*type.element());
  } else if (type.is(TypeId::kStruct)) {
    for (const StructField& field : type.fields()) CheckKeys(*field.type);
  }
}

}  // namespace

std::unique_ptr<FileWriterFactory> NewJsonWriters(const TypePtr& schema, const SourceOptions& options,
                                                  const QueryContext& context) {
  CheckKeys(*schema);
  if (EncodingOf(options, "JSONOptionsInWrite") != TextEncoding::kUtf8) {
    RaiseUnsupported("writing JSON in the encoding " + options.Get("encoding", options.Get("charset", "")));
  }
  if (options.GetBool("pretty", false)) RaiseUnsupported("the option pretty of JSON files");
  RefuseOption(options, "writeNullIfWithDefaultValue", "true");
  auto settings = std::make_shared<Settings>();
  settings->schema = schema;
  settings->line_separator = options.Get("lineSep") ? LineSeparatorOf(options) : "\n";
  const auto configured = context.config.Get("spark.sql.jsonGenerator.ignoreNullFields");
  settings->ignore_nulls = options.GetBool("ignoreNullFields", configured.value_or("true") != "false");
  settings->ascii_only = options.GetBool("writeNonAsciiCharacterAsCodePoint", false);
  settings->patterns = PatternsOf(options, context, false);
  settings->compression = CompressionOf(options);
  return std::make_unique<Factory>(std::move(settings));
}

}  // namespace centella
