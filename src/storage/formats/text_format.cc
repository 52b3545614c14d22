// The format "text": a row a line (or a file), in one STRING column.
#include <algorithm>

#include "storage/formats/formats.h"
#include "storage/formats/text_blocks.h"
#include "storage/formats/text_output.h"

namespace centella {
namespace {

struct LinesLayout {
  bool whole = false;
  std::string line_separator;  // empty: any
};

class LinesReader final : public MorselReader {
 public:
  LinesReader(const DataFile& file, const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
              const LinesLayout& layout, const QueryContextPtr& context)
      : file_(file),
        spec_(std::move(spec)),
        layout_(layout),
        context_(context),
        blocks_(file, piece, layout.line_separator, layout.whole, TextEncoding::kBytes),
        lines_({}, layout.line_separator) {}

  ReadState Next(Batch* batch, EventPtr*) override {
    context_->cancellation->ThrowIfCancelled();
    int64_t most = context_->batch_size;
    if (spec_->limit) most = std::min(most, *spec_->limit - emitted_);
    if (most <= 0) return ReadState::kFinished;
    MutableVectorPtr values = Vector::MakeFlat(types::String(), most);
    int64_t rows = 0;
    while (rows == 0) {
      if (block_ == nullptr && !NextBlock()) return ReadState::kFinished;
      std::string_view line;
      while (rows < most && NextLine(&line)) values->mutable_data<StringView>()[rows++] = StringView(line);
      if (rows < most) used_.swap(block_);
    }
    values->AddHeap(block_ != nullptr ? block_ : used_);
    Emit(rows == most ? VectorPtr(values) : Slice(values, 0, rows), rows, batch);
    return ReadState::kBatch;
  }

 private:
  bool NextBlock() {
    block_ = blocks_.Next();
    if (block_ == nullptr) return false;
    lines_ = LineCursor({block_->as<char>(), static_cast<size_t>(block_->size())}, layout_.line_separator);
    return true;
  }

  bool NextLine(std::string_view* line) {
    if (!layout_.whole) return lines_.Next(line);
    *line = lines_.rest();
    lines_ = LineCursor({}, layout_.line_separator);
    return !line->empty();
  }

  void Emit(const VectorPtr& values, int64_t rows, Batch* batch) {
    *batch = Batch();
    batch->rows = rows;
    for (const ScanColumn& column : spec_->columns) {
      const int constant = column.partition_column;
      batch->columns.push_back(
          constant < 0 ? values : Vector::MakeConstant(file_.partition_values[static_cast<size_t>(constant)], rows));
    }
    emitted_ += rows;
    context_->metrics->rows_read.fetch_add(rows, std::memory_order_relaxed);
    used_ = nullptr;
  }

  const DataFile& file_;
  std::shared_ptr<const FileScanSpec> spec_;
  const LinesLayout& layout_;
  QueryContextPtr context_;
  TextBlocks blocks_;
  LineCursor lines_;
  BufferPtr block_;
  BufferPtr used_;  // the block that was read to its end
  int64_t emitted_ = 0;
};

class LinesTable final : public FormatTable {
 public:
  LinesTable(std::shared_ptr<const std::vector<DataFile>> files, LinesLayout layout)
      : files_(std::move(files)), layout_(std::move(layout)) {}
  bool IsSplittable(const DataFile& file) const override {
    return !layout_.whole && layout_.line_separator.size() <= 2 && !IsCompressedName(file.path);
  }
  bool applies_filters() const override { return false; }
  Statistics ComputeStatistics() const override { return SizeOf(*files_); }
  std::vector<FilePiece> Split(const FileSlice& slice, const FileScanSpec&) const override {
    return SplitText(slice, IsSplittable((*files_)[static_cast<size_t>(slice.file)]));
  }
  std::unique_ptr<MorselReader> Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                     const QueryContextPtr& context, const RuntimeFilters&, int32_t) const override {
    return std::make_unique<LinesReader>((*files_)[static_cast<size_t>(piece.file)], piece, std::move(spec), layout_,
                                         context);
  }

 private:
  std::shared_ptr<const std::vector<DataFile>> files_;
  LinesLayout layout_;
};

class Writer final : public FileWriter {
 public:
  Writer(std::string line_separator, TextCompression compression, std::unique_ptr<OutputFile> file)
      : line_separator_(std::move(line_separator)), output_(std::move(file), compression) {}
  void Write(const Batch& batch) override {
    const DecodedVector values(*batch.columns[0]);
    for (int64_t row = 0; row < batch.rows; ++row) {
      if (!values.IsNull(row)) output_.buffer() += values.Value<StringView>(row).view();
      output_.buffer() += line_separator_;
      output_.Flush();
    }
  }
  void Finish() override { output_.Finish(); }

 private:
  std::string line_separator_;
  TextOutput output_;
};

class Factory final : public FileWriterFactory {
 public:
  Factory(std::string line_separator, TextCompression compression)
      : line_separator_(std::move(line_separator)), compression_(compression) {}
  std::string extension() const override { return ".txt" + ExtensionOf(compression_); }
  std::unique_ptr<FileWriter> NewFile(std::unique_ptr<OutputFile> output) const override {
    return std::make_unique<Writer>(line_separator_, compression_, std::move(output));
  }

 private:
  std::string line_separator_;
  TextCompression compression_;
};

class Text final : public FileFormat {
 public:
  std::string name() const override { return "text"; }
  std::string title() const override { return "Text"; }
  void CheckReadOptions(const SourceOptions& options) const override {
    options.GetBool("wholetext", false);
    LineSeparatorOf(options);
  }
  TypePtr InferSchema(const std::vector<DataFile>&, const SourceOptions&, const QueryContext&) const override {
    return types::Struct({{"value", types::String(), true, ""}});
  }
  void CheckSchema(const DataType& schema, bool, const QueryContext&) const override {
    for (const StructField& field : schema.fields()) {
      if (field.type->is(TypeId::kString)) continue;
      Raise(Condition::UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE, {{"format", "Text"},
                                                              {"columnName", "`" + field.name + "`"},
                                                              {"columnType", "\"" + field.type->ToSql() + "\""}});
    }
    if (schema.fields().size() != 1) {
      Raise(Condition::_LEGACY_ERROR_TEMP_1290, {{"schemaSize", std::to_string(schema.fields().size())}});
    }
  }
  std::shared_ptr<const FormatTable> NewTable(std::shared_ptr<const std::vector<DataFile>> files, const TypePtr&,
                                              const SourceOptions& options, const QueryContext&) const override {
    return std::make_shared<LinesTable>(std::move(files),
                                        LinesLayout{options.GetBool("wholetext", false), LineSeparatorOf(options)});
  }
  std::unique_ptr<FileWriterFactory> NewWriters(const TypePtr&, const SourceOptions& options,
                                                const QueryContextPtr&) const override {
    const std::string separator = LineSeparatorOf(options);
    return std::make_unique<Factory>(separator.empty() ? "\n" : separator, CompressionOf(options));
  }
};

}  // namespace

const FileFormat& TextFormat() {
  static const Text format;
  return format;
}

}  // namespace centella
