// Reads row groups: filter columns first, the others only where rows are left, chunks opened when first needed.
#include "storage/formats/parquet_reader.h"

#include <parquet/arrow/reader.h>

#include <algorithm>
#include <thread>

#include "plan/transform.h"
#include "storage/formats/parquet_column.h"

namespace centella {
namespace {

// One column while a row group is read.
struct ColumnState {
  std::optional<Value> constant;
  FileColumn place;
  std::unique_ptr<ColumnSource> source;  // opened at first use
  int64_t position = 0;                  // rows of the row group already passed
  VectorPtr current;                     // of the batch being made
};

class RowGroupReader final : public MorselReader {
 public:
  RowGroupReader(const ParquetTable& table, const DataFile& file, const FilePiece& piece,
                 std::shared_ptr<const FileScanSpec> spec, const QueryContextPtr& context, RuntimeFilters filters,
                 int32_t partition)
      : table_(table),
        file_(file),
        row_group_(static_cast<int>(piece.unit)),
        spec_(std::move(spec)),
        context_(context),
        runtime_filters_(std::move(filters)),
        partition_(partition),
        reservation_(context->memory.get()) {
    GuardRead(file_.path, [&] { Prepare(piece.file); });
  }

  ReadState Next(Batch* batch, EventPtr*) override {
    return GuardRead(file_.path, [&] { return NextBatch(batch); });
  }

 private:
  void Prepare(int file_index) {
    footer_ = table_.footer(file_index);
    rows_ = footer_->RowGroup(row_group_)->num_rows();
    if (rows_ < 0) throw parquet::ParquetException("a row group with a negative number of rows");
    for (const ScanColumn& column : spec_->columns) {
      ColumnState state;
      if (column.partition_column >= 0) {
        state.constant = file_.partition_values[column.partition_column];
      } else {
        state.place = table_.FindColumn(*footer_, column.field.name);
        if (state.place.root < 0) state.constant = Value::Null(column.field.type);
      }
      columns_.push_back(std::move(state));
    }
    for (const ExprPtr& filter : spec_->filters) {
      Filter prepared;
      Walk(filter, [&](const ExprPtr& part) {
        if (part->kind() == ExprKind::kColumn) prepared.columns.push_back(static_cast<const Column&>(*part).ordinal);
        return true;
      });
      prepared.executor =
          std::make_unique<ExpressionExecutor>(CompiledExpressions::Compile({filter}, context_), partition_);
      filters_.push_back(std::move(prepared));
    }
    if (RangeExcludes()) rows_ = 0;
  }

  // Whether no value of the row group lies in the range of a runtime filter.
  bool RangeExcludes() {
    for (const auto& [ordinal, filter] : runtime_filters_) {
      const auto range = filter->Range();
      const ColumnState& column = columns_[ordinal];
      if (!range || column.place.leaf < 0) continue;
      const TypePtr& type = spec_->columns[ordinal].field.type;
      if (type->physical() != PhysicalType::kInt32 && type->physical() != PhysicalType::kInt64) continue;
      const auto statistics = ReadChunkStatistics(*footer_->RowGroup(row_group_), column.place.leaf, type);
      const auto integer = [](const Value& value) {
        return value.type()->is(TypeId::kDecimal) ? static_cast<int64_t>(value.decimal()) : value.integer();
      };
      if (statistics.min && integer(*statistics.min) > range->second) return true;
      if (statistics.max && integer(*statistics.max) < range->first) return true;
    }
    return false;
  }

  ReadState NextBatch(Batch* batch) {
    while (position_ < rows_) {
      if (spec_->limit && emitted_ >= *spec_->limit) break;
      const int64_t n = std::min<int64_t>(context_->batch_size, rows_ - position_);
      *batch = Batch();
      batch->rows = n;
      batch->columns.resize(columns_.size());
      const bool any = SelectRows(batch);
      if (any) {
        for (size_t i = 0; i < columns_.size(); ++i) Load(static_cast<int64_t>(i), batch);
      }
      for (ColumnState& column : columns_) column.current = nullptr;
      Reserve();
      position_ += n;
      // A batch without rows goes up too: the driver sees to cancellation and turns there.
      if (!any) *batch = Batch();
      emitted_ += batch->live_rows();
      context_->metrics->rows_read.fetch_add(n, std::memory_order_relaxed);
      return ReadState::kBatch;
    }
    return ReadState::kFinished;
  }

  // Counts what the columns hold; it isn't refused, because it's bounded by the pages' size.
  void Reserve() {
    int64_t bytes = 0;
    for (const ColumnState& column : columns_) bytes += column.source == nullptr ? 0 : column.source->MemoryBytes();
    reservation_.ForceGrowTo(bytes);
    reservation_.ShrinkTo(bytes);
  }

  // Applies filters and runtime filters; false when no row is left.
  bool SelectRows(Batch* batch) {
    for (Filter& filter : filters_) {
      for (int64_t ordinal : filter.columns) Load(ordinal, batch);
      const SelectionPtr rows = filter.executor->Filter(0, *batch);
      if (rows != nullptr) batch->selection = rows;
      if (batch->live_rows() == 0) return false;
    }
    for (const auto& [ordinal, filter] : runtime_filters_) {
      Load(ordinal, batch);
      const SelectionPtr rows = filter->Select(*batch->columns[ordinal], batch->selection);
      if (rows != nullptr) batch->selection = rows;
      if (batch->live_rows() == 0) return false;
    }
    if (batch->selection != nullptr && batch->live_rows() == batch->rows) batch->selection = nullptr;
    return true;
  }

  void Load(int64_t ordinal, Batch* batch) {
    ColumnState& column = columns_[ordinal];
    if (batch->columns[ordinal] != nullptr) return;
    if (column.constant) {
      batch->columns[ordinal] = Vector::MakeConstant(*column.constant, batch->rows);
      return;
    }
    if (column.source == nullptr) OpenColumn(ordinal);
    if (column.position < position_) column.source->Skip(position_ - column.position);
    batch->columns[ordinal] = column.source->Read(batch->rows);
    column.position = position_ + batch->rows;
  }

  void OpenColumn(int64_t ordinal) {
    ColumnState& column = columns_[ordinal];
    const ScanColumn& wanted = spec_->columns[ordinal];
    const ColumnContext context{file_.path, wanted.field.name, wanted.field.type};
    if (column.place.leaf >= 0) {
      if (input_ == nullptr) input_ = OpenInput(file_.path);
      const auto group = [this]() -> parquet::RowGroupReader& { return OpenGroup(); };
      column.source = OpenFlatColumn({footer_, row_group_, column.place.leaf, input_, group}, context);
      const auto chunk = footer_->RowGroup(row_group_)->ColumnChunk(column.place.leaf);
      context_->metrics->bytes_read.fetch_add(chunk->total_compressed_size(), std::memory_order_relaxed);
    } else {
      OpenGroup();
      column.source = OpenNestedColumn(*reader_, row_group_, column.place.root, context);
    }
  }

  // libparquet's readers, for what isn't read from pages directly.
  parquet::RowGroupReader& OpenGroup() {
    if (group_ != nullptr) return *group_;
    parquet::ArrowReaderProperties properties;
    properties.set_batch_size(context_->batch_size);
    properties.set_use_threads(false);
    properties.set_pre_buffer(false);
    properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
    auto reader =
        parquet::arrow::FileReader::Make(arrow::default_memory_pool(), OpenParquet(file_.path, footer_), properties);
    if (!reader.ok()) throw parquet::ParquetException(reader.status().ToString());
    reader_ = std::move(reader).ValueUnsafe();
    group_ = reader_->parquet_reader()->RowGroup(row_group_);
    return *group_;
  }

  struct Filter {
    std::vector<int64_t> columns;
    std::unique_ptr<ExpressionExecutor> executor;
  };

  const ParquetTable& table_;
  const DataFile& file_;
  int row_group_;
  std::shared_ptr<const FileScanSpec> spec_;
  QueryContextPtr context_;
  RuntimeFilters runtime_filters_;
  int32_t partition_;
  MemoryReservation reservation_;
  FooterPtr footer_;
  std::shared_ptr<const InputFile> input_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;  // before the columns: they read from it
  std::shared_ptr<parquet::RowGroupReader> group_;
  std::vector<ColumnState> columns_;
  std::vector<Filter> filters_;
  int64_t rows_ = 0;
  int64_t position_ = 0;
  int64_t emitted_ = 0;
};

// Where a row group begins in its file, and how long it is.
std::pair<int64_t, int64_t> ExtentOf(const parquet::RowGroupMetaData& group) {
  int64_t begin = INT64_MAX, length = 0;
  for (int i = 0; i < group.num_columns(); ++i) {
    const auto chunk = group.ColumnChunk(i);
    begin = std::min(begin, chunk->data_page_offset());
    if (chunk->has_dictionary_page() && chunk->dictionary_page_offset() > 0) {
      begin = std::min(begin, chunk->dictionary_page_offset());
    }
    length += chunk->total_compressed_size();
  }
  return {begin, length};
}

void MergeStatistics(const ChunkStatistics& chunk, bool first, ColumnStatistics* column) {
  const bool all_null = chunk.null_count && *chunk.null_count == chunk.values;
  auto merge = [&](const std::optional<Value>& bound, std::optional<Value>* into, int wanted_order) {
    if (all_null) return;
    if (!bound) {
      into->reset();
    } else if (first || (into->has_value() && CompareValues(*bound, **into) == wanted_order)) {
      *into = bound;
    }
  };
  merge(chunk.min, &column->min, -1);
  merge(chunk.max, &column->max, 1);
  if (!chunk.null_count) {
    column->null_count.reset();
  } else if (first) {
    column->null_count = chunk.null_count;
  } else if (column->null_count) {
    *column->null_count += *chunk.null_count;
  }
}

}  // namespace

ParquetTable::ParquetTable(std::shared_ptr<const std::vector<DataFile>> files, TypePtr data_schema, bool case_sensitive)
    : files_(std::move(files)),
      data_schema_(std::move(data_schema)),
      case_sensitive_(case_sensitive),
      footers_(files_->size()) {}

FooterPtr ParquetTable::footer(int file) const {
  {
    std::lock_guard lock(mutex_);
    if (footers_[file] != nullptr) return footers_[file];
  }
  FooterPtr read = ReadFooter((*files_)[file].path);
  std::lock_guard lock(mutex_);
  if (footers_[file] == nullptr) footers_[file] = std::move(read);
  return footers_[file];
}

FileColumn ParquetTable::FindColumn(const parquet::FileMetaData& footer, const std::string& name) const {
  const auto& schema = *footer.schema();
  const auto& root = *schema.group_node();
  FileColumn found;
  for (int i = 0; i < root.field_count(); ++i) {
    const std::string& field = root.field(i)->name();
    const bool same =
        field.size() == name.size() && (case_sensitive_ ? field == name : strcasecmp(field.c_str(), name.c_str()) == 0);
    if (!same) continue;
    found.root = i;
    if (root.field(i)->is_primitive() && !root.field(i)->is_repeated()) {
      found.leaf = schema.ColumnIndex(*root.field(i));
    }
    if (field == name) break;
  }
  return found;
}

std::vector<std::optional<ChunkStatistics>> ParquetTable::StatisticsOf(const DataFile& file,
                                                                       const parquet::FileMetaData& footer,
                                                                       int row_group, const FileScanSpec& spec) const {
  std::vector<std::optional<ChunkStatistics>> statistics;
  const auto group = footer.RowGroup(row_group);
  for (const ScanColumn& column : spec.columns) {
    ChunkStatistics known;
    known.values = group->num_rows();
    std::optional<Value> constant;
    if (column.partition_column >= 0) {
      constant = file.partition_values[column.partition_column];
    } else {
      const FileColumn place = FindColumn(footer, column.field.name);
      if (place.leaf >= 0) known = ReadChunkStatistics(*group, place.leaf, column.field.type);
      if (place.root < 0) constant = Value::Null(column.field.type);
    }
    if (constant) {
      known.null_count = constant->is_null() ? known.values : 0;
      if (!constant->is_null()) known.min = known.max = constant;
    }
    statistics.push_back(std::move(known));
  }
  return statistics;
}

std::vector<FilePiece> ParquetTable::Split(const FileSlice& slice, const FileScanSpec& spec) const {
  const DataFile& file = (*files_)[slice.file];
  return GuardRead(file.path, [&] {
    std::vector<FilePiece> pieces;
    const FooterPtr metadata = footer(slice.file);
    for (int i = 0; i < metadata->num_row_groups(); ++i) {
      const auto group = metadata->RowGroup(i);
      if (group->num_rows() <= 0) continue;
      const auto [begin, length] = ExtentOf(*group);
      const int64_t middle = begin + length / 2;
      if (middle < slice.offset || middle >= slice.offset + slice.length) continue;
      bool matches = true;
      if (!spec.filters.empty()) {
        const auto statistics = StatisticsOf(file, *metadata, i, spec);
        for (const ExprPtr& filter : spec.filters) matches = matches && MayMatch(*filter, statistics);
      }
      if (matches) pieces.push_back({slice.file, begin, length, i, group->num_rows()});
    }
    return pieces;
  });
}

std::unique_ptr<MorselReader> ParquetTable::Open(const FilePiece& piece, std::shared_ptr<const FileScanSpec> spec,
                                                 const QueryContextPtr& context, const RuntimeFilters& filters,
                                                 int32_t partition) const {
  return std::make_unique<RowGroupReader>(*this, (*files_)[piece.file], piece, std::move(spec), context, filters,
                                          partition);
}

void ParquetTable::AddFileStatistics(const parquet::FileMetaData& footer, Statistics* out) const {
  const bool first_file = !out->rows.has_value();
  for (int g = 0; g < footer.num_row_groups(); ++g) {
    const auto group = footer.RowGroup(g);
    const bool first = first_file && g == 0;
    for (const StructField& field : data_schema_->fields()) {
      const FileColumn place = FindColumn(footer, field.name);
      ChunkStatistics chunk;
      chunk.values = group->num_rows();
      if (place.root < 0) chunk.null_count = chunk.values;
      if (place.leaf >= 0) chunk = ReadChunkStatistics(*group, place.leaf, field.type);
      MergeStatistics(chunk, first, &out->columns[field.name]);
    }
  }
  out->rows = out->rows.value_or(0) + footer.num_rows();
}

Statistics ParquetTable::ComputeStatistics() const {
  Statistics out;
  for (size_t i = 0; i < files_->size(); ++i) {
    const DataFile& file = (*files_)[i];
    GuardRead(file.path, [&] { AddFileStatistics(*footer(static_cast<int>(i)), &out); });
    out.bytes = out.bytes.value_or(0) + file.size;
  }
  if (!out.rows) out.rows = 0;
  return out;
}

}  // namespace centella
