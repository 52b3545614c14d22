// Reads JSON: a record a line (or a file), malformed ones as the mode says.
#include "storage/formats/json_reader.h"

#include <algorithm>
#include <optional>

#include "storage/formats/csv_reader.h"
#include "storage/formats/sampling.h"

namespace centella {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string_view TextOf(const BufferPtr& block) { return {block->as<char>(), static_cast<size_t>(block->size())}; }

// Calls `use` with each record of a block until it answers false.
template <typename Use>
bool ForEachRecord(std::string_view block, const JsonOptions& options, Use use) {
  if (options.multi_line) return use(block);
  LineCursor lines(block, options.line_separator);
  std::string_view line;
  while (lines.Next(&line)) {
    if (!use(line)) return false;
  }
  return true;
}

class JsonReader final : public MorselReader {
 public:
  JsonReader(const DataFile& file, const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
             const JsonOptions& options, const QueryContextPtr& context)
      : file_(file),
        spec_(std::move(spec)),
        options_(options),
        context_(context),
        blocks_(file, piece, options.line_separator, options.multi_line, options.encoding),
        records_(Prepare(), options.reading),
        lines_({}, options.line_separator) {}

  ReadState Next(Batch* batch, EventPtr*) override {
    context_->cancellation->ThrowIfCancelled();
    if (spec_->limit && emitted_ >= *spec_->limit) return ReadState::kFinished;
    while (given_ >= full_.rows) {
      if (!Fill()) return ReadState::kFinished;
    }
    Emit(batch);
    return ReadState::kBatch;
  }

 private:
  // Where the scan's columns come from; gives the row that records are read to.
  TypePtr Prepare() {
    std::vector<StructField> fields;
    for (const ScanColumn& column : spec_->columns) {
      int source = -1;
      if (column.partition_column < 0) {
        if (column.field.name == options_.corrupt_column) {
          corrupt_ = static_cast<int>(sources_.size());
        } else {
          source = static_cast<int>(fields.size());
          fields.push_back({column.field.name, column.field.type, true, ""});
        }
      }
      sources_.push_back(source);
    }
    if (corrupt_ >= 0 && fields.empty()) Raise(Condition::UNSUPPORTED_FEATURE__QUERY_ONLY_CORRUPT_RECORD_COLUMN);
    return types::Struct(std::move(fields));
  }

  // Some rows of the next block, or none; false at the end.
  bool Fill() {
    context_->cancellation->ThrowIfCancelled();  // a block may hold malformed records alone
    if (block_ == nullptr || !more_) {
      block_ = blocks_.Next();
      if (block_ == nullptr) return false;
      lines_ = LineCursor(TextOf(block_), options_.line_separator);
      more_ = true;
    }
    std::string_view record;
    while (records_.rows() < context_->batch_size) {
      if (options_.multi_line) {
        AddRecord(TextOf(block_));
        more_ = false;
        break;
      }
      more_ = lines_.Next(&record);
      if (!more_) break;
      AddRecord(record);
    }
    Assemble();
    return true;
  }

  void AddRecord(std::string_view record) {
    const int64_t before = records_.rows();
    bool good;
    if (blocks_.repaired() && record.find(kReplacement) != std::string_view::npos) {
      // Text that isn't UTF-8 is no JSON; an empty array at the top would be no row.
      good = records_.Append("0");
    } else {
      good = records_.Append(record);
    }
    if (good) return;
    if (options_.mode == ParseMode::kFailFast) RaiseMalformedRecord(file_.path, record);
    if (options_.mode == ParseMode::kDropMalformed) {
      records_.Truncate(before);
    } else if (corrupt_ >= 0) {
      wrong_.push_back({before, records_.rows(), record});
    }
  }

  // The rows read so far as columns of the scan.
  void Assemble() {
    full_ = Batch();
    given_ = 0;
    full_.rows = records_.rows();
    const std::vector<VectorPtr> columns = records_.Take(block_);
    for (size_t i = 0; i < sources_.size(); ++i) {
      const int constant = spec_->columns[i].partition_column;
      if (sources_[i] >= 0) {
        full_.columns.push_back(columns[static_cast<size_t>(sources_[i])]);
      } else if (constant >= 0) {
        full_.columns.push_back(
            Vector::MakeConstant(file_.partition_values[static_cast<size_t>(constant)], full_.rows));
      } else {
        full_.columns.push_back(WrongRecords());
      }
    }
    wrong_.clear();
  }

  VectorPtr WrongRecords() {
    MutableVectorPtr out = Vector::MakeFlat(types::String(), full_.rows);
    size_t next = 0;
    for (int64_t row = 0; row < full_.rows; ++row) {
      while (next < wrong_.size() && wrong_[next].end <= row) ++next;
      if (next == wrong_.size() || wrong_[next].begin > row) {
        out->SetNull(row);
      } else {
        out->mutable_data<StringView>()[row] = StringView(wrong_[next].text);
      }
    }
    out->AddHeap(block_);
    return out;
  }

  void Emit(Batch* batch) {
    int64_t rows = std::min<int64_t>(full_.rows - given_, kVectorSize);
    if (spec_->limit) rows = std::min(rows, *spec_->limit - emitted_);
    *batch = Batch();
    batch->rows = rows;
    for (const VectorPtr& column : full_.columns) {
      batch->columns.push_back(rows == full_.rows ? column : Slice(column, given_, rows));
    }
    given_ += rows;
    emitted_ += rows;
    context_->metrics->rows_read.fetch_add(rows, std::memory_order_relaxed);
  }

  struct Wrong {
    int64_t begin, end;  // rows
    std::string_view text;
  };

  const DataFile& file_;
  std::shared_ptr<const FileScanSpec> spec_;
  const JsonOptions& options_;
  QueryContextPtr context_;
  TextBlocks blocks_;
  std::vector<int> sources_;  // per column: of the records' columns, or -1
  int corrupt_ = -1;
  JsonRecords records_;
  LineCursor lines_;
  BufferPtr block_;
  bool more_ = false;
  std::vector<Wrong> wrong_;
  Batch full_;
  int64_t given_ = 0;
  int64_t emitted_ = 0;
};

[[noreturn]] void RaiseInferenceFailed(const JsonOptions& options) {
  Raise(Condition::MALFORMED_RECORD_IN_PARSING__WITHOUT_SUGGESTION,
        {{"badRecord", options.corrupt_column}, {"failFastMode", "FAILFAST"}});
}

}  // namespace

bool JsonTable::IsSplittable(const DataFile& file) const {
  return !options_.multi_line && options_.line_separator.size() <= 2 && !IsCompressedName(file.path);
}

Statistics JsonTable::ComputeStatistics() const { return SizeOf(*files_); }

std::vector<FilePiece> JsonTable::Split(const FileSlice& slice, const FileScanSpec&) const {
  return SplitText(slice, IsSplittable((*files_)[static_cast<size_t>(slice.file)]));
}

std::unique_ptr<MorselReader> JsonTable::Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                              const QueryContextPtr& context, const RuntimeFilters&, int32_t) const {
  return std::make_unique<JsonReader>((*files_)[static_cast<size_t>(piece.file)], piece, std::move(spec), options_,
                                      context);
}

TypePtr InferJsonSchema(const std::vector<DataFile>& files, const JsonOptions& options, const QueryContext& context) {
  if (files.empty()) return nullptr;
  JsonInference inference(options.inference, options.reading);
  bool wrong = false;
  CancellationPoint records(*context.cancellation);
  const auto add = [&](std::string_view record, bool repaired) {
    records.Pass(8);  // dearer than a row
    TypePtr found;
    const bool not_text = repaired && record.find(kReplacement) != std::string_view::npos;
    switch (not_text ? JsonInference::Record::kMalformed : inference.Add(record, &found)) {
      case JsonInference::Record::kGood: return;
      case JsonInference::Record::kMalformed:
        if (options.mode == ParseMode::kFailFast) RaiseInferenceFailed(options);
        break;
      case JsonInference::Record::kNotAnObject:
        if (options.mode == ParseMode::kFailFast) {
          Raise(Condition::INVALID_JSON_RECORD_TYPE,
                {{"failFastMode", "FAILFAST"}, {"invalidType", "\"" + found->ToSql() + "\""}});
        }
        break;
    }
    wrong = true;
  };
  RecordSample sample(files, options.sampling_ratio, !options.multi_line, context);
  for (const FileSlice& slice : sample.slices()) {
    const DataFile& file = files[static_cast<size_t>(slice.file)];
    const bool whole = options.multi_line || IsCompressedName(file.path) || options.line_separator.size() > 2;
    for (const FilePiece& piece : SplitText(slice, !whole)) {
      context.cancellation->ThrowIfCancelled();
      TextBlocks blocks(file, piece, options.line_separator, options.multi_line, options.encoding);
      while (const BufferPtr block = blocks.Next()) {
        ForEachRecord(TextOf(block), options, [&](std::string_view record) {
          if (sample.Takes(slice)) add(record, blocks.repaired());
          return true;
        });
      }
    }
  }
  return inference.Schema(wrong && options.mode == ParseMode::kPermissive ? options.corrupt_column : "");
}

}  // namespace centella
