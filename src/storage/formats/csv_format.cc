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

  // Values are checked where they are used: ReadCsvOptions needs the session as well.
  void CheckReadOptions(const SourceOptions&) const override {}

  TypePtr InferSchema(const std::vector<DataFile>& files, const SourceOptions& options,
                      const QueryContext& context) const override {
    return InferCsvSchema(files, ReadCsvOptions(options, context));
  }

  void CheckSchema(const DataType& schema, bool for_write, const QueryContext&) const override {
    for (const StructField& field : schema.fields()) {
      const DataType& type = *field.type;
      if (type.is_nested() || type.is(TypeId::kCalendarInterval) || type.is(TypeId::kVariant)) {
        Raise(Condition::UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE,
              {{"format", "CSV"}, {"columnName", "`" + field.name + "`"}, {"columnType", "\"" + type.ToSql() + "\""}});
      }
      const bool rare = type.is(TypeId::kYearMonthInterval) || type.is(TypeId::kDayTimeInterval) || type.is(TypeId::kTime);
      if (!for_write && rare) RaiseUnsupported("reading " + type.ToSql() + " from CSV files");
    }
  }

  std::shared_ptr<const FormatTable> NewTable(std::shared_ptr<const std::vector<DataFile>> files,
                                              const TypePtr& data_schema, const SourceOptions& options,
                                              const QueryContext& context) const override {
    CsvOptions read = ReadCsvOptions(options, context);
    const int corrupt = data_schema->FieldIndex(read.corrupt_column, true);
    if (corrupt >= 0 && !data_schema->fields()[corrupt].type->is(TypeId::kString)) {
      Raise(Condition::INVALID_CORRUPT_RECORD_TYPE,
            {{"columnName", "`" + read.corrupt_column + "`"},
             {"actualType", "\"" + data_schema->fields()[corrupt].type->ToSql() + "\""}});
    }
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
