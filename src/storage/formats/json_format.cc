// The format "json".
#include "storage/formats/formats.h"
#include "storage/formats/json_reader.h"
#include "storage/formats/json_writer.h"

namespace centella {
namespace {

void CheckType(const DataType& type, const std::string& column, bool for_write) {
  switch (type.id()) {
    case TypeId::kCalendarInterval:
      Raise(Condition::UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE,
            {{"format", "JSON"}, {"columnName", "`" + column + "`"}, {"columnType", "\"" + type.ToSql() + "\""}});
    case TypeId::kTime: Raise(Condition::UNSUPPORTED_TIME_TYPE);
    case TypeId::kVariant: RaiseUnsupported(std::string(for_write ? "writing" : "reading") + " VARIANT as JSON files");
    case TypeId::kArray: return CheckType(*type.element(), column, for_write);
    case TypeId::kMap: CheckType(*type.key(), column, for_write); return CheckType(*type.value(), column, for_write);
    case TypeId::kStruct:
      if (for_write && type.fields().empty()) {
        Raise(Condition::EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE, {{"format", "JSON"}});
      }
      for (const StructField& field : type.fields()) CheckType(*field.type, column, for_write);
      return;
    default: return;
  }
}

class Json final : public FileFormat {
 public:
  std::string name() const override { return "json"; }
  std::string title() const override { return "JSON"; }

  TypePtr SchemaOfEmptyFiles() const override { return types::Struct({}); }
  // Values are checked where they are used: ReadJsonOptions needs the session as well.
  void CheckReadOptions(const SourceOptions&) const override {}

  TypePtr InferSchema(const std::vector<DataFile>& files, const SourceOptions& options,
                      const QueryContext& context) const override {
    return InferJsonSchema(files, ReadJsonOptions(options, context), context);
  }

  void CheckSchema(const DataType& schema, bool for_write, const QueryContext&) const override {
    if (for_write && schema.fields().empty()) {
      Raise(Condition::EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE, {{"format", "JSON"}});
    }
    for (const StructField& field : schema.fields()) CheckType(*field.type, field.name, for_write);
  }

  std::shared_ptr<const FormatTable> NewTable(std::shared_ptr<const std::vector<DataFile>> files,
                                              const TypePtr& data_schema, const SourceOptions& options,
                                              const QueryContext& context) const override {
    JsonOptions read = ReadJsonOptions(options, context);
    CheckCorruptColumn(*data_schema, read.corrupt_column);
    return std::make_shared<JsonTable>(std::move(files), std::move(read));
  }

  std::unique_ptr<FileWriterFactory> NewWriters(const TypePtr& schema, const SourceOptions& options,
                                                const QueryContextPtr& context) const override {
    return NewJsonWriters(schema, options, *context);
  }
};

}  // namespace

const FileFormat& JsonFormat() {
  static const Json format;
  return format;
}

}  // namespace centella
