// Opening a data source for the analyzer: format, schema text, paths and options as spark.read gave them.
#include "session/analysis_scope.h"

#include <algorithm>
#include <cctype>

#include "storage/data_source.h"

namespace centella {
namespace {

// DDL, or PySpark's JSON of a struct type.
TypePtr ParseSchemaText(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return nullptr;
  if (text[first] != '{') return ParseSchemaDdl(text);
  TypePtr type = ParseTypeJson(text);
  if (type->is(TypeId::kStruct)) return type;
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_SCHEMA_NON_STRUCT_TYPE,
        {{"inputSchema", text}, {"dataType", type->CatalogString()}});
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

TablePtr AnalysisScope::OpenDataSource(const UnresolvedDataSource& source) const {
  return session_.opened_sources().Get(source, *context_, [&] { return Open(source); });
}

TablePtr AnalysisScope::Open(const UnresolvedDataSource& source) const {
  ReadRequest request;
  request.format = source.format;
  if (request.format.empty()) {
    request.format = context_->config.Get("spark.sql.sources.default").value_or("parquet");
  }
  request.paths = source.paths;
  for (const auto& [key, value] : source.options) {
    if (SameWord(key, "path") && source.paths.empty()) {
      request.paths.push_back(value);
    } else {
      request.options[key] = value;
    }
  }
  request.user_schema = ParseSchemaText(source.schema);
  return FindDataSource(request.format).Read(request, context_);
}

}  // namespace centella
