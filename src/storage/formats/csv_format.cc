// The format "csv".
#include "storage/formats/csv_reader.h"
#include "storage/formats/csv_writer.h"
#include "storage/formats/formats.h"

namespace centella {
namespace {

class Csv final : public FileFormat {
 public:
  std::string name() const override { return "csv"; }
  std::string title() const override { return "CSV"; }

  TypePtr SchemaOfEmptyFiles() const override { return types::Struct({}); }
  // Values are checked where they are used: ReadCsvOptions needs the session as well.
  void CheckReadOptions(const SourceOptions&) const override {}

  TypePtr InferSchema(const std::vector<DataFile>& files, const SourceOptions& options,
                      const QueryContext& context) const override {
    return InferCsvSchema(files, ReadCsvOptions(options, context), context);
  }

  void CheckSchema(const DataType& schema, bool for_write, const QueryContext&) const override {
    for (const StructField& field : schema.fields()) {
      const DataType& type = *field.type;
      if (type.is_nested() || type.is(TypeId::kCalendarInterval) || type.is(TypeId::kVariant) ||
          (for_write && type.is(TypeId::kNull))) {
        Raise(Condition::UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE,
              {{"format", "CSV"}, {"columnName", "`" + field.name + "`"}, {"columnType", "\"" + type.ToSql() + "\""}});
      }
      if (type.is(TypeId::kTime)) Raise(Condition::UNSUPPORTED_TIME_TYPE);
    }
  }

  std::shared_ptr<const FormatTable> NewTable(std::shared_ptr<const std::vector<DataFile>> files,
                                              const TypePtr& data_schema, const SourceOptions& options,
                                              const QueryContext& context) const override {
    CsvOptions read = ReadCsvOptions(options, context);
    CheckCorruptColumn(*data_schema, read.corrupt_column);
    return std::make_shared<CsvTable>(std::move(files), std::move(read));
  }

  std::unique_ptr<FileWriterFactory> NewWriters(const TypePtr& schema, const SourceOptions& options,
                                                const QueryContextPtr& context) const override {
    return NewCsvWriters(schema, options, *context);
  }
};

}  // namespace

const FileFormat& CsvFormat() {
  static const Csv format;
  return format;
}

}  // namespace centella
