// df.cache(): the rows of a plan, computed once.
#include "execution/cached_table.h"

#include <unistd.h>

#include <map>
#include <mutex>

#include "execution/spill_file.h"
#include "plan/byte_stream.h"
#include "storage/data_source.h"

namespace centella {
namespace {

// What travels for a cached table: a handle that only the process that holds the rows can follow.
constexpr std::string_view kHandle = "cached rows";

// The tables of this process by the number of their handle.
class Handles {
 public:
  static Handles& Instance() {
    static Handles handles;
    return handles;
  }
  int64_t Add() {
    std::lock_guard lock(mutex_);
    return ++last_;
  }
  void Set(int64_t number, std::weak_ptr<const Table> table) {
    std::lock_guard lock(mutex_);
    tables_[number] = std::move(table);
  }
  void Remove(int64_t number) {
    std::lock_guard lock(mutex_);
    tables_.erase(number);
  }
  TablePtr Find(int64_t number) const {
    std::lock_guard lock(mutex_);
    const auto found = tables_.find(number);
    return found == tables_.end() ? nullptr : found->second.lock();
  }

 private:
  mutable std::mutex mutex_;
  int64_t last_ = 0;
  std::map<int64_t, std::weak_ptr<const Table>> tables_;
};

struct CachedBatch {
  Batch batch;
  SpillFile::Slot slot;
  bool on_disk = false;
  Place place;
  int64_t rows = 0;
};

// What one task reads: `rows` rows from row `offset` of batch `first` on. Cut by rows, not by batches, so that what is
// computed for a morsel doesn't depend on the batch size.
struct CachedMorsel {
  int32_t partition = 0;
  size_t first = 0;
  int64_t offset = 0;
  int64_t rows = 0;
};
constexpr int64_t kMorselRows = 256 << 10;

struct CachedRows {
  std::vector<CachedBatch> batches;
  std::vector<CachedMorsel> morsels;
  std::unique_ptr<SpillFile> spill_file;
  std::unique_ptr<MemoryReservation> reservation;
  std::vector<TypePtr> types;
  int32_t partitions = 1;
  int64_t rows = 0, bytes = 0;
};

class CachedReader final : public MorselReader {
 public:
  CachedReader(std::shared_ptr<const CachedRows> rows, const CachedMorsel& morsel, std::vector<int> columns,
               int64_t batch_size)
      : rows_(std::move(rows)),
        columns_(std::move(columns)),
        batch_size_(batch_size),
        next_(morsel.first),
        position_(morsel.offset),
        left_(morsel.rows) {}
  ReadState Next(Batch* batch, EventPtr*) override {
    if (left_ == 0) return ReadState::kFinished;
    while (current_ == nullptr || position_ >= current_->rows) {
      if (current_ != nullptr) position_ = 0;
      current_ = &rows_->batches[next_++];
      if (current_->on_disk) from_disk_ = rows_->spill_file->Read(current_->slot, rows_->types);
    }
    const Batch& whole = current_->on_disk ? from_disk_ : current_->batch;
    const int64_t n = std::min({batch_size_, current_->rows - position_, left_});
    batch->rows = n;
    batch->selection = nullptr;
    batch->columns.clear();
    for (int column : columns_) {
      const VectorPtr& values = whole.columns[column];
      batch->columns.push_back(n == current_->rows ? values : Slice(values, position_, n));
    }
    position_ += n;
    left_ -= n;
    return ReadState::kBatch;
  }

 private:
  std::shared_ptr<const CachedRows> rows_;
  std::vector<int> columns_;
  int64_t batch_size_;
  const CachedBatch* current_ = nullptr;
  Batch from_disk_;
  size_t next_;
  int64_t position_, left_;
};

class CachedScan final : public Scan {
 public:
  CachedScan(std::shared_ptr<const CachedRows> rows, ScanRequest request)
      : rows_(std::move(rows)), request_(std::move(request)) {}
  std::vector<bool> exact_filters() const override { return std::vector<bool>(request_.filters.size(), false); }
  int32_t partitions() const override { return rows_->partitions; }
  bool gains_from_runtime_filters() const override { return false; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (size_t i = 0; i < rows_->morsels.size(); ++i) {
      const int64_t id = static_cast<int64_t>(i);
      morsels.push_back({rows_->morsels[i].partition, id, id, rows_->morsels[i].rows});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(
      const Morsel& morsel, const QueryContextPtr& context,
      const std::vector<std::pair<int, std::shared_ptr<const RuntimeFilter>>>&) override {
    return std::make_unique<CachedReader>(rows_, rows_->morsels[morsel.id], request_.columns, context->batch_size);
  }

 private:
  std::shared_ptr<const CachedRows> rows_;
  ScanRequest request_;
};

class PlanCachedTable final : public CachedTable {
 public:
  PlanCachedTable(PlanPtr plan, QueryContextPtr context, std::shared_ptr<Engine> engine)
      : plan_(std::move(plan)), context_(std::move(context)), engine_(std::move(engine)), schema_(SchemaOf(plan_)) {}
  ~PlanCachedTable() override { Handles::Instance().Remove(handle_); }
  int64_t handle() const { return handle_; }

  std::string format() const override { return "memory"; }
  std::string description() const override { return "InMemoryRelation"; }
  const TypePtr& schema() const override { return schema_; }
  const Statistics& statistics() const override {
    std::lock_guard lock(mutex_);
    return statistics_;
  }
  std::unique_ptr<Scan> NewScan(const ScanRequest& request, const QueryContextPtr& context) const override {
    Fill(*context->cancellation);
    std::lock_guard lock(mutex_);
    return std::make_unique<CachedScan>(rows_, request);
  }
  std::string Identity() const override {
    ByteWriter out;
    out.Text(kHandle);
    out.Signed(getpid());
    out.Signed(handle_);
    return out.Take();
  }
  bool filled() const override {
    std::lock_guard lock(mutex_);
    return rows_ != nullptr;
  }

  void Fill(Cancellation& cancellation) const override {
    std::lock_guard filling(filling_);
    if (filled()) return;
    auto rows = std::make_shared<CachedRows>();
    for (const StructField& field : schema_->fields()) rows->types.push_back(field.type);
    rows->reservation = std::make_unique<MemoryReservation>(context_->memory.get());
    // The settings of the session at the time of cache(); cancelling belongs to the query that fills.
    auto context = std::make_shared<QueryContext>(*context_);
    context->cancellation = std::make_shared<Cancellation>();
    cancellation.OnCancel([inner = context->cancellation] { inner->Cancel(); });
    std::unique_ptr<ResultStream> stream = StartQuery(plan_, context, engine_);
    rows->partitions = stream->partitions();
    Batch batch;
    while (stream->Next(&batch)) Add(*rows, std::move(batch));
    std::lock_guard lock(mutex_);
    statistics_.rows = rows->rows;
    statistics_.bytes = rows->bytes;
    rows_ = std::move(rows);
  }

 private:
  void Add(CachedRows& rows, Batch batch) const {
    CachedBatch cached;
    cached.place = batch.place;
    cached.rows = batch.rows;
    for (VectorPtr& column : batch.columns) column = CopyCompact(*column);
    const int64_t bytes = batch.MemoryBytes();
    rows.rows += batch.rows;
    rows.bytes += bytes;
    if (rows.reservation->TryGrowTo(rows.reservation->held() + bytes)) {
      cached.batch = std::move(batch);
    } else {
      if (rows.spill_file == nullptr) rows.spill_file = std::make_unique<SpillFile>(context_);
      cached.slot = rows.spill_file->Append(batch);
      cached.on_disk = true;
    }
    for (int64_t offset = 0; offset < cached.rows;) {
      if (rows.morsels.empty() || rows.morsels.back().partition != cached.place.partition ||
          rows.morsels.back().rows == kMorselRows) {
        rows.morsels.push_back({cached.place.partition, rows.batches.size(), offset, 0});
      }
      CachedMorsel& morsel = rows.morsels.back();
      const int64_t taken = std::min(kMorselRows - morsel.rows, cached.rows - offset);
      morsel.rows += taken;
      offset += taken;
    }
    rows.batches.push_back(std::move(cached));
  }

  PlanPtr plan_;
  QueryContextPtr context_;
  std::shared_ptr<Engine> engine_;
  TypePtr schema_;
  const int64_t handle_ = Handles::Instance().Add();
  mutable std::mutex filling_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const CachedRows> rows_;
  mutable Statistics statistics_;
};

}  // namespace

TablePtr MakeCachedTable(const PlanPtr& plan, QueryContextPtr context, std::shared_ptr<Engine> engine) {
  auto table = std::make_shared<PlanCachedTable>(plan, std::move(context), std::move(engine));
  Handles::Instance().Set(table->handle(), table);
  return table;
}

TablePtr ResolveTable(std::string_view identity, const QueryContextPtr& context) {
  ByteReader in(identity);
  if (in.Text() != kHandle) return TableFromIdentity(identity, context);
  const bool here = in.Signed() == getpid();
  TablePtr table = here ? Handles::Instance().Find(in.Signed()) : nullptr;
  if (table == nullptr) RaiseUnsupported("reading a cached table outside the process that holds its rows");
  return table;
}

}  // namespace centella
