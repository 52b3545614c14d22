// See result_output.h.
#include "cli/result_output.h"

#include "cli/json_text.h"
#include "session/show.h"

namespace centella {
namespace {

void Write(std::FILE* out, const std::string& text) { std::fwrite(text.data(), 1, text.size(), out); }

std::string CsvCell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// A scalar's JSON from its text: numbers and booleans bare, everything else a string.
std::string JsonScalar(const DataType& type, const std::string& text) {
  const bool number = type.is_numeric() && text.find_first_not_of("+-.0123456789E") == std::string::npos;
  return number || type.is(TypeId::kBoolean) ? text : JsonString(text);
}

// Every row of a vector as JSON.
std::vector<std::string> JsonValues(const VectorPtr& given, const QueryContextPtr& context) {
  const DataType& type = *given->type();
  std::vector<std::string> result(static_cast<size_t>(given->size()));
  if (!type.is_nested()) {
    const std::vector<std::string> texts = PrettyStrings(given, context);
    for (size_t i = 0; i < texts.size(); ++i) {
      result[i] = given->IsNull(static_cast<int64_t>(i)) ? "null" : JsonScalar(type, texts[i]);
    }
    return result;
  }
  const VectorPtr flat = Flatten(given);
  std::vector<std::vector<std::string>> parts;
  const VectorPtr holder = type.is(TypeId::kMap) ? Flatten(flat->child(0)) : flat;
  for (const VectorPtr& child : holder->children()) parts.push_back(JsonValues(child, context));
  std::vector<std::string> keys;
  if (type.is(TypeId::kMap)) keys = PrettyStrings(holder->child(0), context);
  for (int64_t row = 0; row < flat->size(); ++row) {
    std::string& json = result[static_cast<size_t>(row)];
    if (flat->IsNull(row)) {
      json = "null";
    } else if (type.is(TypeId::kStruct)) {
      for (size_t i = 0; i < parts.size(); ++i) {
        json += (i > 0 ? "," : "{") + JsonString(type.fields()[i].name) + ":" + parts[i][static_cast<size_t>(row)];
      }
      json += parts.empty() ? "{}" : "}";
    } else {
      const ListEntry entry = flat->data<ListEntry>()[row];
      const bool map = type.is(TypeId::kMap);
      json = map ? "{" : "[";
      for (int32_t i = 0; i < entry.length; ++i) {
        const auto at = static_cast<size_t>(entry.offset + i);
        json += i > 0 ? "," : "";
        json += map ? JsonString(keys[at]) + ":" + parts[1][at] : parts[0][at];
      }
      json += map ? "}" : "]";
    }
  }
  return result;
}

void PrintCsv(const Batch& batch, const QueryContextPtr& context, std::FILE* out) {
  std::vector<std::vector<std::string>> columns;
  for (const VectorPtr& column : batch.columns) columns.push_back(PrettyStrings(column, context));
  std::string text;
  for (int64_t row = 0; row < batch.rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text += ',';
      if (!batch.columns[i]->IsNull(row)) text += CsvCell(columns[i][static_cast<size_t>(row)]);
    }
    text += '\n';
  }
  Write(out, text);
}

void PrintJson(const Batch& batch, const DataType& schema, const QueryContextPtr& context, std::FILE* out) {
  std::vector<std::vector<std::string>> columns;
  for (const VectorPtr& column : batch.columns) columns.push_back(JsonValues(column, context));
  std::string text;
  for (int64_t row = 0; row < batch.rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      text += (i > 0 ? "," : "{") + JsonString(schema.fields()[i].name) + ":" + columns[i][static_cast<size_t>(row)];
    }
    text += "}\n";
  }
  Write(out, text);
}

}  // namespace

int64_t PrintResult(ResultStream& stream, const DataType& schema, OutputFormat format, const QueryContextPtr& context,
                    std::FILE* out) {
  int64_t rows = 0;
  ShownRows shown;
  for (const StructField& field : schema.fields()) shown.names.push_back(field.name);
  if (format == OutputFormat::kCsv && !shown.names.empty()) {
    std::string header;
    for (const std::string& name : shown.names) header += (header.empty() ? "" : ",") + CsvCell(name);
    Write(out, header + "\n");
  }
  Batch next;
  while (stream.Next(&next)) {
    const Batch batch = Compact(std::move(next));
    rows += batch.rows;
    if (schema.fields().empty()) continue;
    if (format == OutputFormat::kCsv) PrintCsv(batch, context, out);
    if (format == OutputFormat::kJson) PrintJson(batch, schema, context, out);
    if (format != OutputFormat::kTable) continue;
    const size_t first = shown.rows.size();
    shown.rows.resize(first + static_cast<size_t>(batch.rows));
    for (const VectorPtr& column : batch.columns) {
      const auto cells = PrettyStrings(column, context);
      for (size_t i = 0; i < cells.size(); ++i) shown.rows[first + i].push_back(cells[i]);
    }
  }
  if (format == OutputFormat::kTable && rows == 1 && shown.names.size() == 1 &&
      shown.rows[0][0].find('\n') != std::string::npos) {
    Write(out, shown.rows[0][0]);  // EXPLAIN's plan, SHOW CREATE TABLE's statement: a text, not a cell
  } else if (format == OutputFormat::kTable && !shown.names.empty()) {
    ShowOptions options;
    options.rows = static_cast<int64_t>(shown.rows.size());
    options.truncate = 0;
    Write(out, RenderTable(shown, options));
  }
  std::fflush(out);
  return rows;
}

}  // namespace centella
