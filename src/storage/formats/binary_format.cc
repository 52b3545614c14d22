// The format "binaryFile": a row a file, with its path, time, length and content.
#include "storage/formats/formats.h"

namespace centella {
namespace {

// The format's columns.
enum Field : int { kPath, kModificationTime, kLength, kContent };

TypePtr FileRow() {
  return types::Struct({{"path", types::String(), true, ""},
                        {"modificationTime", types::Timestamp(), true, ""},
                        {"length", types::Long(), true, ""},
                        {"content", types::Binary(), true, ""}});
}

VectorPtr ContentOf(const DataFile& file) {
  std::string path;
  const auto input = FileSystemOf(file.path, &path).Open(path);
  std::string bytes(static_cast<size_t>(input->size()), '\0');
  bytes.resize(static_cast<size_t>(input->ReadAt(0, static_cast<int64_t>(bytes.size()), bytes.data())));
  return Vector::MakeConstant(Value::Of(types::Binary(), std::move(bytes)), 1);
}

VectorPtr ValueOf(const DataFile& file, const ScanColumn& column) {
  if (column.partition_column >= 0) {
    return Vector::MakeConstant(file.partition_values[static_cast<size_t>(column.partition_column)], 1);
  }
  switch (FileRow()->FieldIndex(column.field.name)) {
    case kPath: {
      std::string path;
      return Vector::MakeConstant(Value::String(FileSystemOf(file.path, &path).Display(path)), 1);
    }
    case kModificationTime: return Vector::MakeConstant(Value::Integer(types::Timestamp(), file.modified_micros), 1);
    case kLength: return Vector::MakeConstant(Value::Long(file.size), 1);
    case kContent: return ContentOf(file);
    default: return Vector::MakeConstant(Value::Null(column.field.type), 1);
  }
}

// Gives a file's one row. The content is read only where it is asked for.
class FileReader final : public MorselReader {
 public:
  FileReader(const DataFile& file, std::shared_ptr<const FileScanSpec> spec, QueryContextPtr context)
      : file_(file), spec_(std::move(spec)), context_(std::move(context)) {}

  ReadState Next(Batch* batch, EventPtr*) override {
    context_->cancellation->ThrowIfCancelled();
    if (done_ || (spec_->limit && *spec_->limit <= 0)) return ReadState::kFinished;
    done_ = true;
    *batch = Batch();
    batch->rows = 1;
    for (const ScanColumn& column : spec_->columns) batch->columns.push_back(ValueOf(file_, column));
    context_->metrics->rows_read.fetch_add(1, std::memory_order_relaxed);
    return ReadState::kBatch;
  }

 private:
  const DataFile& file_;
  std::shared_ptr<const FileScanSpec> spec_;
  QueryContextPtr context_;
  bool done_ = false;
};

class FilesTable final : public FormatTable {
 public:
  explicit FilesTable(std::shared_ptr<const std::vector<DataFile>> files) : files_(std::move(files)) {}
  bool IsSplittable(const DataFile&) const override { return false; }
  bool applies_filters() const override { return false; }
  Statistics ComputeStatistics() const override { return SizeOf(*files_); }
  std::vector<FilePiece> Split(const FileSlice& slice, const FileScanSpec&) const override {
    return {{slice.file, slice.offset, slice.length, 0, 1}};
  }
  std::unique_ptr<MorselReader> Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                     const QueryContextPtr& context, const RuntimeFilters&, int32_t) const override {
    return std::make_unique<FileReader>((*files_)[static_cast<size_t>(piece.file)], std::move(spec), context);
  }

 private:
  std::shared_ptr<const std::vector<DataFile>> files_;
};

class Binary final : public FileFormat {
 public:
  std::string name() const override { return "binaryfile"; }
  std::string title() const override { return "binaryFile"; }
  void CheckReadOptions(const SourceOptions&) const override {}
  TypePtr InferSchema(const std::vector<DataFile>&, const SourceOptions&, const QueryContext&) const override {
    return FileRow();
  }
  TypePtr SchemaOfEmptyFiles() const override { return FileRow(); }
  void CheckSchema(const DataType& schema, bool for_write, const QueryContext&) const override {
    if (for_write) RaiseUnsupported("writing binaryFile");
    const TypePtr known = FileRow();
    for (const StructField& field : schema.fields()) {
      const int index = known->FieldIndex(field.name);
      if (index < 0 || !SameType(*known->fields()[static_cast<size_t>(index)].type, *field.type)) {
        RaiseUnsupported("a schema of binaryFile with the column " + field.name + " " + field.type->ToSql());
      }
    }
  }
  std::shared_ptr<const FormatTable> NewTable(std::shared_ptr<const std::vector<DataFile>> files, const TypePtr&,
                                              const SourceOptions&, const QueryContext&) const override {
    return std::make_shared<FilesTable>(std::move(files));
  }
  std::unique_ptr<FileWriterFactory> NewWriters(const TypePtr&, const SourceOptions&,
                                                const QueryContextPtr&) const override {
    RaiseUnsupported("writing binaryFile");
  }
};

}  // namespace

const FileFormat& BinaryFormat() {
  static const Binary format;
  return format;
}

}  // namespace centella
