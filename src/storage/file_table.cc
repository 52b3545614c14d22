// FileTable and its scans.
#include "storage/file_table.h"

#include <algorithm>
#include <map>

#include "base/input_file.h"
#include "expression/evaluator.h"
#include "plan/byte_stream.h"
#include "plan/transform.h"
#include "storage/file_listing.h"
#include "storage/formats/formats.h"
#include "storage/partition_discovery.h"
#include "types/text.h"

namespace centella {
namespace {

// What makes a table of files; Identity is exactly this as bytes.
struct FileTableParts {
  const FileFormat* format = nullptr;
  std::vector<std::string> paths;  // as the user gave them
  StringMap options;
  TypePtr data_schema;       // columns in the files
  TypePtr partition_schema;  // columns of the folders
  std::shared_ptr<const std::vector<DataFile>> files;
};

// A partition column that the files have as well stands where the files have it, with the folders' type and value.
TypePtr MergeSchemas(const DataType& data, const DataType& partition, bool case_sensitive,
                     std::vector<ScanColumn>* columns) {
  std::vector<bool> used(partition.fields().size(), false);
  for (const StructField& field : data.fields()) {
    const int overlap = partition.FieldIndex(field.name, case_sensitive);
    if (overlap >= 0) {
      used[overlap] = true;
      columns->push_back({partition.fields()[overlap], overlap});
    } else {
      columns->push_back({field, -1});
    }
  }
  for (size_t i = 0; i < partition.fields().size(); ++i) {
    if (!used[i]) columns->push_back({partition.fields()[i], static_cast<int>(i)});
  }
  std::vector<StructField> fields;
  for (const ScanColumn& column : *columns) fields.push_back(column.field);
  return types::Struct(std::move(fields));
}

class FileTable;

class FileScan final : public Scan {
 public:
  FileScan(std::shared_ptr<const FileTable> table, const ScanRequest& request, const QueryContextPtr& context);

  std::vector<bool> exact_filters() const override { return exact_; }
  int32_t partitions() const override { return std::max<int32_t>(1, static_cast<int32_t>(partitions_.size())); }
  std::vector<Morsel> Morsels() override;
  std::unique_ptr<MorselReader> Open(const Morsel& morsel, const QueryContextPtr& context,
                                     const RuntimeFilters& runtime_filters) override;

 private:
  void ChooseFiles(const ScanRequest& request, const QueryContextPtr& context);

  std::shared_ptr<const FileTable> table_;
  std::shared_ptr<FileScanSpec> spec_;
  std::vector<bool> exact_;
  std::vector<int> chosen_;
  std::vector<std::vector<FileSlice>> partitions_;
  std::vector<FilePiece> pieces_;
  std::vector<FileSlice> slices_;  // that the pieces are of
  std::vector<Morsel> morsels_;
  bool listed_ = false;
};

class FileTable final : public Table {
 public:
  FileTable(FileTableParts parts, const QueryContext& context) : parts_(std::move(parts)) {
    schema_ = MergeSchemas(*parts_.data_schema, *parts_.partition_schema, context.case_sensitive, &columns_);
    format_table_ = parts_.format->NewTable(parts_.files, parts_.data_schema, SourceOptions(parts_.options), context);
  }

  std::string format() const override { return parts_.format->name(); }
  std::string description() const override {
    std::string text;
    for (const std::string& given : parts_.paths) {
      std::string path;
      const FileSystem& files = FileSystemOf(given, &path);
      text += (text.empty() ? "" : ", ") + files.Display(path);
    }
    return text;
  }
  const TypePtr& schema() const override { return schema_; }
  const Statistics& statistics() const override {
    std::call_once(statistics_once_, [&] {
      statistics_ = format_table_->ComputeStatistics();
      AddPartitionStatistics();
    });
    return statistics_;
  }
  std::unique_ptr<Scan> NewScan(const ScanRequest& request, const QueryContextPtr& context) const override {
    auto self = std::static_pointer_cast<const FileTable>(shared_from_this());
    return std::make_unique<FileScan>(std::move(self), request, context);
  }
  std::vector<std::string> input_files() const override {
    std::vector<std::string> files;
    std::string path;
    for (const DataFile& file : *parts_.files) files.push_back(FileSystemOf(file.path, &path).Url(path));
    return files;
  }
  std::string Identity() const override;

  const std::vector<ScanColumn>& columns() const { return columns_; }
  const std::vector<DataFile>& files() const { return *parts_.files; }
  const FormatTable& format_table() const { return *format_table_; }
  const FileTableParts& parts() const { return parts_; }

 private:
  void AddPartitionStatistics() const {
    const auto& fields = parts_.partition_schema->fields();
    for (size_t i = 0; i < fields.size(); ++i) {
      std::vector<Value> distinct;
      for (const DataFile& file : files()) {
        const Value& value = file.partition_values[i];
        if (value.is_null() || distinct.size() > 1000) continue;
        if (std::find(distinct.begin(), distinct.end(), value) == distinct.end()) distinct.push_back(value);
      }
      ColumnStatistics column;
      column.distinct_count = static_cast<int64_t>(distinct.size());
      statistics_.columns[fields[i].name] = std::move(column);
    }
  }

  FileTableParts parts_;
  TypePtr schema_;
  std::vector<ScanColumn> columns_;
  std::shared_ptr<const FormatTable> format_table_;
  mutable std::once_flag statistics_once_;
  mutable Statistics statistics_;
};

FileScan::FileScan(std::shared_ptr<const FileTable> table, const ScanRequest& request, const QueryContextPtr& context)
    : table_(std::move(table)), spec_(std::make_shared<FileScanSpec>()) {
  for (const int column : request.columns) spec_->columns.push_back(table_->columns().at(column));
  spec_->limit = request.limit;
  spec_->data_schema = table_->parts().data_schema;
  spec_->context = context;
  ChooseFiles(request, context);
  std::vector<bool> splittable;
  for (const DataFile& file : table_->files()) splittable.push_back(table_->format_table().IsSplittable(file));
  partitions_ = AssignPartitions(table_->files(), chosen_, splittable, *context);
}

// Filters over partition columns alone choose files; the others go to the readers.
void FileScan::ChooseFiles(const ScanRequest& request, const QueryContextPtr& context) {
  std::vector<std::unique_ptr<ExpressionExecutor>> on_folders;
  for (const ExprPtr& filter : request.filters) {
    bool folders_only = true, any = false;
    Walk(filter, [&](const ExprPtr& part) {
      if (part->kind() != ExprKind::kColumn) return true;
      any = true;
      const int64_t ordinal = static_cast<const Column&>(*part).ordinal;
      folders_only = folders_only && spec_->columns.at(ordinal).partition_column >= 0;
      return true;
    });
    folders_only = folders_only && any;
    exact_.push_back(folders_only || table_->format_table().applies_filters());
    if (folders_only) {
      on_folders.push_back(std::make_unique<ExpressionExecutor>(CompiledExpressions::Compile({filter}, context), 0));
    } else {
      spec_->filters.push_back(filter);
    }
  }
  for (size_t i = 0; i < table_->files().size(); ++i) {
    const DataFile& file = table_->files()[i];
    Batch row;
    row.rows = 1;
    for (const ScanColumn& column : spec_->columns) {
      row.columns.push_back(column.partition_column < 0
                                ? nullptr
                                : Vector::MakeConstant(file.partition_values[column.partition_column], 1));
    }
    bool keep = true;
    for (const auto& executor : on_folders) {
      const SelectionPtr rows = keep ? executor->Filter(0, row) : nullptr;
      keep = keep && (rows == nullptr || !rows->empty());
    }
    if (keep) chosen_.push_back(static_cast<int>(i));
  }
}

std::vector<Morsel> FileScan::Morsels() {
  if (listed_) return morsels_;
  listed_ = true;
  for (size_t p = 0; p < partitions_.size(); ++p) {
    int64_t sequence = 0;
    for (const FileSlice& slice : partitions_[p]) {
      for (const FilePiece& piece : table_->format_table().Split(slice, *spec_)) {
        morsels_.push_back(
            {static_cast<int32_t>(p), sequence++, static_cast<int64_t>(pieces_.size()), piece.rows_estimate});
        pieces_.push_back(piece);
        slices_.push_back(slice);
      }
    }
  }
  return morsels_;
}

// Says of each batch which file it comes from.
class NamingReader final : public MorselReader {
 public:
  NamingReader(std::unique_ptr<MorselReader> reader, InputFileBlock block)
      : reader_(std::move(reader)), block_(std::move(block)) {}
  ReadState Next(Batch* batch, EventPtr* wake) override {
    const ReadState state = reader_->Next(batch, wake);
    if (state == ReadState::kBatch) CurrentInputFile() = block_;
    return state;
  }

 private:
  std::unique_ptr<MorselReader> reader_;
  InputFileBlock block_;
};

std::unique_ptr<MorselReader> FileScan::Open(const Morsel& morsel, const QueryContextPtr& context,
                                             const RuntimeFilters& runtime_filters) {
  const FilePiece& piece = pieces_.at(morsel.id);
  std::string path;
  const FileSlice& slice = slices_.at(morsel.id);
  std::string url = FileSystemOf(table_->files()[static_cast<size_t>(piece.file)].path, &path).Url(path);
  auto reader = table_->format_table().Open(piece, spec_, context, runtime_filters, morsel.partition);
  return std::make_unique<NamingReader>(std::move(reader), InputFileBlock{std::move(url), slice.offset, slice.length});
}

void WriteStrings(ByteWriter* out, const std::vector<std::string>& strings) {
  out->Unsigned(strings.size());
  for (const std::string& text : strings) out->Text(text);
}

// A value of a partition column as a folder's text.
std::string FolderText(const Value& value) {
  if (value.is_null()) return kNullPartition;
  // Instants in UTC, and saying so: the other process may have another zone.
  return ValueToString(value, TimeZone()) + (value.type()->is(TypeId::kTimestamp) ? "Z" : "");
}

}  // namespace

std::string FileTable::Identity() const {
  ByteWriter out;
  out.Text("files");
  out.Text(parts_.format->name());
  WriteStrings(&out, parts_.paths);
  out.Unsigned(parts_.options.size());
  for (const auto& [key, value] : parts_.options) {
    out.Text(key);
    out.Text(value);
  }
  out.Text(parts_.data_schema->ToJson());
  out.Text(parts_.partition_schema->ToJson());
  out.Unsigned(parts_.files->size());
  for (const DataFile& file : *parts_.files) {
    out.Text(file.path);
    out.Signed(file.size);
    out.Signed(file.modified_micros);
    for (const Value& value : file.partition_values) out.Text(FolderText(value));
  }
  return out.Take();
}

namespace {

// Spark doesn't pad what it reads: CHAR and VARCHAR would be no more than STRING.
void RefuseCharTypes(const DataType& type, const QueryContext& context) {
  if (context.config.Get("spark.sql.legacy.charVarcharAsString").value_or("false") == "true") return;
  if (type.is(TypeId::kChar) || type.is(TypeId::kVarchar)) Raise(Condition::UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING);
  if (!type.is_nested()) return;
  for (const StructField& field : type.fields()) RefuseCharTypes(*field.type, context);
}

}  // namespace

TablePtr FileTableFromIdentity(std::string_view identity, const QueryContextPtr& context) {
  ByteReader in(identity);
  if (in.Text() != "files") ByteReader::Corrupt("the identity of another kind of table");
  FileTableParts parts;
  parts.format = &FindFormat(std::string(in.Text()));
  for (size_t n = in.Count(); n > 0; --n) parts.paths.emplace_back(in.Text());
  for (size_t n = in.Count(); n > 0; --n) {
    std::string key(in.Text());
    parts.options[std::move(key)] = std::string(in.Text());
  }
  parts.data_schema = ParseTypeJson(in.Text());
  parts.partition_schema = ParseTypeJson(in.Text());
  auto files = std::make_shared<std::vector<DataFile>>();
  for (size_t n = in.Count(); n > 0; --n) {
    DataFile file;
    file.path = std::string(in.Text());
    file.size = in.Signed();
    file.modified_micros = in.Signed();
    for (const StructField& field : parts.partition_schema->fields()) {
      file.partition_values.push_back(PartitionValue(std::string(in.Text()), field.type, *context));
    }
    files->push_back(std::move(file));
  }
  parts.files = std::move(files);
  return std::make_shared<FileTable>(std::move(parts), *context);
}

TablePtr ReadFiles(const FileFormat& format, const ReadRequest& request, const QueryContextPtr& context) {
  const SourceOptions options(request.options);
  format.CheckReadOptions(options);
  std::vector<std::string> paths = request.paths;
  if (const auto path = options.Get("path"); path && paths.empty()) paths.push_back(*path);
  if (paths.empty() && request.user_schema == nullptr) {
    Raise(Condition::UNABLE_TO_INFER_SCHEMA, {{"format", format.title()}});
  }
  if (request.user_schema != nullptr) RefuseCharTypes(*request.user_schema, *context);
  if (request.user_schema != nullptr) format.CheckSchema(*request.user_schema, false, *context);
  const FileListing listing = ListFiles(paths, options);
  PartitionedFiles found = DiscoverPartitions(listing, options, request.user_schema.get(), *context);
  FileTableParts parts;
  parts.format = &format;
  parts.paths = std::move(paths);
  parts.options = request.options;
  parts.partition_schema = found.schema;
  if (request.user_schema != nullptr) {
    std::vector<StructField> fields;
    const TypePtr given = AsNullable(request.user_schema);
    for (const StructField& field : given->fields()) {
      if (found.schema->FieldIndex(field.name, context->case_sensitive) < 0) fields.push_back(field);
    }
    parts.data_schema = types::Struct(std::move(fields));
  } else {
    parts.data_schema = format.InferSchema(found.files, options, *context);
    if (parts.data_schema == nullptr && !listing.files.empty()) parts.data_schema = format.SchemaOfEmptyFiles();
    if (parts.data_schema == nullptr) Raise(Condition::UNABLE_TO_INFER_SCHEMA, {{"format", format.title()}});
  }
  parts.files = std::make_shared<const std::vector<DataFile>>(std::move(found.files));
  return std::make_shared<FileTable>(std::move(parts), *context);
}

}  // namespace centella
