// Reads CSV: records to rows, malformed ones as the mode says.
#include "storage/formats/csv_reader.h"

#include <algorithm>

#include "storage/formats/csv_parser.h"
#include "storage/formats/text_blocks.h"
#include "storage/formats/text_column.h"

namespace centella {
namespace {

class CsvReader final : public MorselReader {
 public:
  CsvReader(const DataFile& file, const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
            const CsvOptions& options, const QueryContextPtr& context)
      : file_(file),
        spec_(std::move(spec)),
        options_(options),
        context_(context),
        blocks_(file, piece, options.line_separator, options.multi_line, options.encoding),
        skip_header_(options.header && piece.offset == 0) {
    rules_ = {options.nan_value, options.positive_infinity, options.negative_infinity, options.patterns,
              options.now_micros};
    Prepare();
  }

  ReadState Next(Batch* batch, EventPtr*) override {
    context_->cancellation->ThrowIfCancelled();
    if (spec_->limit && emitted_ >= *spec_->limit) return ReadState::kFinished;
    rows_ = 0;
    while (rows_ < context_->batch_size) {
      if (parser_ == nullptr && !NextBlock()) break;
      if (!GuardedRead()) {
        // A batch doesn't go across blocks: its strings point into one of them.
        parser_.reset();
        if (rows_ > 0) break;
      }
    }
    if (rows_ == 0) return ReadState::kFinished;
    Emit(batch);
    return ReadState::kBatch;
  }

 private:
  bool GuardedRead() {
    try {
      return ReadRecord();
    } catch (const Error& error) {
      if (error.condition() != Condition::MALFORMED_CSV_RECORD) throw;
      RaiseFileUnreadable(file_.path, error);
    }
  }

  struct Target {
    int field = -1;  // of a record; -1: none (the corrupt column, constants)
    std::unique_ptr<TextColumn> column;
    std::optional<Value> constant;
  };

  // Where the scan's columns come from. With all of the file's columns wanted, or the corrupt record, records must have
  // as many fields as the schema; else Spark's parser picks fields and doesn't count.
  void Prepare() {
    for (const StructField& field : spec_->data_schema->fields()) {
      if (field.name != options_.corrupt_column) names_.push_back(field.name);
    }
    record_fields_ = names_.size();
    size_t wanted = 0;
    for (const ScanColumn& column : spec_->columns) {
      Target target;
      if (column.partition_column >= 0) {
        target.constant = file_.partition_values[column.partition_column];
      } else {
        target.column = std::make_unique<TextColumn>(column.field.type, context_->batch_size);
        if (column.field.name == options_.corrupt_column) {
          corrupt_ = static_cast<int>(targets_.size());
        } else {
          const auto found = std::find(names_.begin(), names_.end(), column.field.name);
          target.field = static_cast<int>(found - names_.begin());
          ++wanted;
        }
      }
      targets_.push_back(std::move(target));
    }
    if (corrupt_ >= 0 && wanted == 0) Raise(Condition::UNSUPPORTED_FEATURE__QUERY_ONLY_CORRUPT_RECORD_COLUMN);
    reads_fields_ = wanted > 0;
    counts_fields_ = corrupt_ >= 0 || wanted >= names_.size();
  }

  bool NextBlock() {
    context_->cancellation->ThrowIfCancelled();  // a block may hold malformed records alone
    block_ = blocks_.Next();
    if (block_ == nullptr) return false;
    heap_ = std::make_unique<StringHeap>();
    parser_ = std::make_unique<CsvParser>(std::string_view(block_->as<char>(), static_cast<size_t>(block_->size())),
                                          options_, heap_.get());
    if (skip_header_) ReadHeader();
    skip_header_ = false;
    return true;
  }

  // Goes over the header; with enforceSchema=false its names must be the schema's.
  void ReadHeader() {
    if (options_.enforce_schema) {
      parser_->SkipRecord();
      return;
    }
    if (!parser_->Next(&fields_)) return;
    const auto same = [&](std::string_view a, std::string_view b) {
      return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
               return x == y || (!options_.case_sensitive && std::tolower(static_cast<unsigned char>(x)) ==
                                                                 std::tolower(static_cast<unsigned char>(y)));
             });
    };
    bool good = !counts_fields_ || fields_.size() == names_.size();
    for (const Target& target : targets_) {
      const auto i = static_cast<size_t>(target.field);
      if (target.field >= 0) good = good && i < fields_.size() && same(fields_[i].text, names_[i]);
    }
    if (!good) RaiseUnreadable("The header \"" + std::string(parser_->record()) + "\" does not match the schema.");
  }

  [[noreturn]] void RaiseUnreadable(const std::string& reason) const {
    RaiseFileUnreadable(file_.path, Error(Condition::INTERNAL_ERROR, {{"message", reason}}));
  }

  // One record to a row; false at the block's end.
  bool ReadRecord() {
    if (!reads_fields_) {
      if (!parser_->SkipRecord()) return false;
      ++rows_;
      return true;
    }
    if (!parser_->Next(&fields_)) return false;
    bool good = !counts_fields_ || fields_.size() == record_fields_;
    for (Target& target : targets_) {
      if (target.field >= 0) good = SetField(target) && good;
    }
    if (!good && options_.mode == ParseMode::kFailFast) RaiseMalformedRecord(file_.path, RowText());
    if (!good && options_.mode == ParseMode::kDropMalformed) {
      for (Target& target : targets_) {
        if (target.column != nullptr) target.column->Reset(rows_);
      }
      return true;
    }
    if (corrupt_ >= 0) {
      TextColumn& column = *targets_[corrupt_].column;
      if (good) {
        column.SetNull(rows_);
      } else {
        column.Set(rows_, parser_->record(), rules_, true);
      }
    }
    ++rows_;
    return true;
  }

  // "[1,null]": what could be read of the row.
  std::string RowText() const {
    std::string text = "[";
    for (const Target& target : targets_) {
      if (target.field < 0) continue;
      const Value value = target.column->GetValue(rows_);
      if (text.size() > 1) text += ',';
      text += value.is_null() ? "null" : value.ToDisplay();
    }
    return text + "]";
  }

  bool SetField(Target& target) {
    const size_t index = static_cast<size_t>(target.field);
    if (index >= fields_.size() || fields_[index].is_null || fields_[index].text == options_.null_value) {
      target.column->SetNull(rows_);
      return true;
    }
    const CsvField& field = fields_[index];
    // Unescaped text lies in a heap that goes with the block: copy it with the batch.
    return target.column->Set(rows_, field.text, rules_, !field.unescaped && InBlock(field.text));
  }

  bool InBlock(std::string_view text) const {
    const char* begin = block_->as<char>();
    return text.data() >= begin && text.data() + text.size() <= begin + block_->size();
  }

  void Emit(Batch* batch) {
    if (spec_->limit) rows_ = std::min(rows_, *spec_->limit - emitted_);
    *batch = Batch();
    batch->rows = rows_;
    for (Target& target : targets_) {
      batch->columns.push_back(target.constant ? Vector::MakeConstant(*target.constant, rows_)
                                               : target.column->Take(rows_, {block_}));
    }
    emitted_ += rows_;
    context_->metrics->rows_read.fetch_add(rows_, std::memory_order_relaxed);
  }

  const DataFile& file_;
  std::shared_ptr<const FileScanSpec> spec_;
  const CsvOptions& options_;
  QueryContextPtr context_;
  TextRules rules_;
  TextBlocks blocks_;
  bool skip_header_;
  std::vector<Target> targets_;
  std::vector<std::string> names_;  // of the fields of a record
  int corrupt_ = -1;
  size_t record_fields_ = 0;
  bool reads_fields_ = false;
  bool counts_fields_ = false;
  BufferPtr block_;
  std::unique_ptr<StringHeap> heap_;
  std::unique_ptr<CsvParser> parser_;
  std::vector<CsvField> fields_;
  int64_t rows_ = 0;
  int64_t emitted_ = 0;
};

}  // namespace

void RaiseFileUnreadable(const std::string& path, const Error& cause) {
  std::string local;
  const FileSystem& files = FileSystemOf(path, &local);
  throw Error(Condition::FAILED_READ_FILE__NO_HINT, {{"path", files.Url(local)}}).WithCause(cause);
}

void RaiseMalformedRecord(const std::string& path, std::string_view record) {
  RaiseFileUnreadable(path, Error(Condition::MALFORMED_RECORD_IN_PARSING__WITHOUT_SUGGESTION,
                                  {{"badRecord", std::string(record)}, {"failFastMode", "FAILFAST"}}));
}

bool CsvTable::IsSplittable(const DataFile& file) const { return !options_.multi_line && !IsCompressedName(file.path); }

Statistics CsvTable::ComputeStatistics() const { return SizeOf(*files_); }

std::vector<FilePiece> CsvTable::Split(const FileSlice& slice, const FileScanSpec&) const {
  return SplitText(slice, IsSplittable((*files_)[slice.file]));
}

std::unique_ptr<MorselReader> CsvTable::Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                             const QueryContextPtr& context, const RuntimeFilters&, int32_t) const {
  return std::make_unique<CsvReader>((*files_)[piece.file], piece, std::move(spec), options_, context);
}

}  // namespace centella
