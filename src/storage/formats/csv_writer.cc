// Writes CSV as Spark does: values trimmed, quotes only where needed, "" for empty text.
#include "storage/formats/csv_writer.h"

#include "storage/formats/csv_options.h"
#include "storage/formats/text_output.h"

namespace centella {
namespace {

struct Settings {
  TypePtr schema;
  std::string separator = ",";
  std::string line_separator = "\n";
  char quote = '"';
  char escape = '\\';
  bool header = false;
  bool quote_all = false;
  bool escape_quotes = true;
  bool trim_leading = true;
  bool trim_trailing = true;
  TextCompression compression = TextCompression::kNone;
  std::string null_value;
  std::string empty_value = "\"\"";
  TextPatterns patterns;
};

std::string_view Trim(std::string_view text, const Settings& settings) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  if (settings.trim_leading) {
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  }
  if (settings.trim_trailing) {
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  }
  return text;
}

bool NeedsQuotes(std::string_view text, const Settings& settings) {
  if (settings.quote_all) return true;
  if (text.find(settings.separator) != std::string_view::npos) return true;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || (c == settings.quote && settings.escape_quotes)) return true;
  }
  return text.front() == settings.quote;
}

void AppendField(std::string_view text, const Settings& settings, std::string* out) {
  text = Trim(text, settings);
  if (text.empty()) {
    *out += settings.quote_all && settings.empty_value.empty() ? "\"\"" : settings.empty_value;
    return;
  }
  if (!NeedsQuotes(text, settings)) {
    *out += text;
    return;
  }
  *out += settings.quote;
  for (const char c : text) {
    if (c == settings.quote || (c == settings.escape && settings.escape != settings.quote)) *out += settings.escape;
    *out += c;
  }
  *out += settings.quote;
}

void AppendNull(const Settings& settings, std::string* out) {
  if (settings.quote_all) *out += settings.quote;
  *out += settings.null_value;
  if (settings.quote_all) *out += settings.quote;
}

// "[41 42]", as the engine shows binary values.
std::string BytesText(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text = "[";
  for (const char c : bytes) {
    if (text.size() > 1) text += ' ';
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text + "]";
}

class Writer final : public FileWriter {
 public:
  Writer(std::shared_ptr<const Settings> settings, std::unique_ptr<OutputFile> file)
      : settings_(std::move(settings)), output_(std::move(file), settings_->compression) {
    if (!settings_->header) return;
    bool first = true;
    for (const StructField& field : settings_->schema->fields()) {
      if (!first) output_.buffer() += settings_->separator;
      first = false;
      AppendField(field.name, *settings_, &output_.buffer());
    }
    output_.buffer() += settings_->line_separator;
  }

  void Write(const Batch& batch) override {
    std::vector<DecodedVector> columns;
    columns.reserve(batch.columns.size());
    for (const VectorPtr& column : batch.columns) columns.emplace_back(*column);
    const auto& fields = settings_->schema->fields();
    std::string& out = output_.buffer();
    for (int64_t row = 0; row < batch.rows; ++row) {
      const size_t begin = out.size();
      for (size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out += settings_->separator;
        WriteValue(columns[i], row, *fields[i].type, &out);
      }
      // A line without anything isn't written: readers would leave it out.
      if (out.size() > begin) out += settings_->line_separator;
      output_.Flush();
    }
  }

  void Finish() override { output_.Finish(); }

 private:
  void WriteValue(const DecodedVector& column, int64_t row, const DataType& type, std::string* out) {
    if (type.is(TypeId::kNull) || column.IsNull(row)) {
      AppendNull(*settings_, out);
      return;
    }
    if (type.is(TypeId::kString)) {
      AppendField(column.Value<StringView>(row).view(), *settings_, out);
      return;
    }
    text_.clear();
    if (type.is(TypeId::kBinary)) {
      text_ = BytesText(column.Value<StringView>(row).view());
    } else {
      AppendTextOf(column.base(), column.index(row), settings_->patterns, &text_);
    }
    AppendField(text_, *settings_, out);
  }

  std::shared_ptr<const Settings> settings_;
  TextOutput output_;
  std::string text_;
};

class Factory final : public FileWriterFactory {
 public:
  explicit Factory(std::shared_ptr<const Settings> settings) : settings_(std::move(settings)) {}
  std::string extension() const override { return ".csv" + ExtensionOf(settings_->compression); }
  std::unique_ptr<FileWriter> NewFile(std::unique_ptr<OutputFile> output) const override {
    return std::make_unique<Writer>(settings_, std::move(output));
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

}  // namespace

std::unique_ptr<FileWriterFactory> NewCsvWriters(const TypePtr& schema, const SourceOptions& options,
                                                 const QueryContext& context) {
  const CsvOptions shared = ReadCsvOptions(options, context, false);
  if (shared.encoding != TextEncoding::kUtf8) {
    RaiseUnsupported("writing CSV in the encoding " + options.Get("encoding", options.Get("charset", "")));
  }
  auto settings = std::make_shared<Settings>();
  settings->schema = schema;
  settings->separator = shared.separator;
  settings->quote = shared.quote;  // 0 when the option is empty: that is what Spark writes then
  settings->escape = shared.escape;
  settings->header = shared.header;
  settings->patterns = shared.patterns;
  settings->null_value = shared.null_value;
  settings->line_separator = shared.line_separator.empty() ? "\n" : shared.line_separator;
  settings->quote_all = options.GetBool("quoteAll", false);
  settings->escape_quotes = options.GetBool("escapeQuotes", true);
  settings->trim_leading = options.GetBool("ignoreLeadingWhiteSpace", true);
  settings->trim_trailing = options.GetBool("ignoreTrailingWhiteSpace", true);
  settings->empty_value = options.Get("emptyValue", "\"\"");
  settings->compression = CompressionOf(options);
  return std::make_unique<Factory>(std::move(settings));
}

}  // namespace centella
