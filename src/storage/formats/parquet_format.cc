// The format "parquet".
#include <algorithm>

#include "storage/formats/formats.h"
#include "storage/formats/parquet_reader.h"
#include "storage/formats/parquet_writer.h"

namespace centella {
namespace {

// `field` of another file put into the columns known so far.
void MergeField(const StructField& field, bool case_sensitive, std::vector<StructField>* fields) {
  for (StructField& known : *fields) {
    const bool same =
        known.name.size() == field.name.size() &&
        (case_sensitive ? known.name == field.name : strcasecmp(known.name.c_str(), field.name.c_str()) == 0);
    if (!same) continue;
    if (known.type->is(TypeId::kStruct) && field.type->is(TypeId::kStruct)) {
      std::vector<StructField> inner = known.type->fields();
      for (const StructField& part : field.type->fields()) MergeField(part, case_sensitive, &inner);
      known.type = types::Struct(std::move(inner));
    } else if (!SameTypeIgnoringNullability(*known.type, *field.type)) {
      Raise(Condition::CANNOT_MERGE_SCHEMAS, {{"left", known.type->ToSql()}, {"right", field.type->ToSql()}});
    }
    return;
  }
  fields->push_back(field);
}

class Parquet final : public FileFormat {
 public:
  std::string name() const override { return "parquet"; }
  std::string title() const override { return "Parquet"; }

  void CheckReadOptions(const SourceOptions& options) const override {
    for (const char* key : {"datetimeRebaseMode", "int96RebaseMode"}) {
      const auto mode = options.Get(key);
      if (mode && *mode != "CORRECTED" && *mode != "EXCEPTION") RaiseUnsupported(std::string(key) + "=" + *mode);
    }
  }

  TypePtr InferSchema(const std::vector<DataFile>& files, const SourceOptions& options,
                      const QueryContext& context) const override {
    if (files.empty()) return nullptr;
    std::vector<const DataFile*> sorted;
    for (const DataFile& file : files) sorted.push_back(&file);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->path < b->path; });
    const bool merge_all = context.config.Get("spark.sql.parquet.mergeSchema").value_or("false") == "true";
    TypePtr schema = SchemaOf(*sorted[0], context);
    if (!options.GetBool("mergeSchema", merge_all)) return schema;
    std::vector<StructField> fields = schema->fields();
    for (size_t i = 1; i < sorted.size(); ++i) {
      const TypePtr other = SchemaOf(*sorted[i], context);
      for (const StructField& field : other->fields()) {
        MergeField(field, context.case_sensitive, &fields);
      }
    }
    return types::Struct(std::move(fields));
  }

  void CheckSchema(const DataType& schema, bool for_write, const QueryContext&) const override {
    for (const StructField& field : schema.fields()) CheckType(field.name, *field.type, for_write);
  }

  std::shared_ptr<const FormatTable> NewTable(std::shared_ptr<const std::vector<DataFile>> files,
                                              const TypePtr& data_schema, const SourceOptions&,
                                              const QueryContext& context) const override {
    return std::make_shared<ParquetTable>(std::move(files), data_schema, context.case_sensitive);
  }

  std::unique_ptr<FileWriterFactory> NewWriters(const TypePtr& schema, const SourceOptions& options,
                                                const QueryContextPtr& context) const override {
    return NewParquetWriters(schema, options, *context);
  }

 private:
  static void CheckType(const std::string& column, const DataType& type, bool for_write) {
    if (type.is(TypeId::kCalendarInterval)) {
      Raise(Condition::UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE,
            {{"format", "Parquet"}, {"columnName", "`" + column + "`"}, {"columnType", "\"" + type.ToSql() + "\""}});
    }
    if (type.is(TypeId::kVariant)) RaiseUnsupported("VARIANT columns in Parquet files");
    if (for_write && type.is(TypeId::kNull)) RaiseUnsupported("writing VOID columns to Parquet files");
    if (type.is(TypeId::kArray)) CheckInner(column, *type.element(), for_write);
    if (type.is(TypeId::kMap)) {
      CheckInner(column, *type.key(), for_write);
      CheckInner(column, *type.value(), for_write);
    }
    if (type.is(TypeId::kStruct)) {
      for (const StructField& field : type.fields()) CheckInner(column, *field.type, for_write);
    }
  }
  static void CheckInner(const std::string& column, const DataType& type, bool for_write) {
    if (type.is_ansi_interval()) RaiseUnsupported("intervals within nested columns of Parquet files");
    CheckType(column, type, for_write);
  }

  static TypePtr SchemaOf(const DataFile& file, const QueryContext& context) {
    const FooterPtr footer = ReadFooter(file.path);
    return GuardRead(file.path, [&] { return SchemaOfFooter(*footer, context); });
  }
};

}  // namespace

const FileFormat& ParquetFormat() {
  static const Parquet format;
  return format;
}

}  // namespace centella
