// Window functions of one specification.
#include "execution/operators/window.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "execution/hashing.h"
#include "execution/operators/window_frames.h"
#include "execution/spill_file.h"

namespace centella {
namespace {

constexpr int kBuckets = 64;
constexpr int64_t kSmallRows = 64 << 10;  // all in one bucket: output sorted by the partition keys

struct Piece {
  Place place;
  Batch batch;
  SpillFile::Slot slot;
  bool on_disk = false;
};

}  // namespace

struct WindowOperator::Shared {
  Shared(WindowSpec s, QueryContextPtr c)
      : spec(std::move(s)), context(std::move(c)), buckets(kBuckets), reservation(context->memory.get()) {
    for (int key : spec.partition_keys) sort_keys.push_back({key, true, true});
    sort_keys.insert(sort_keys.end(), spec.order_keys.begin(), spec.order_keys.end());
  }

  void Add(int bucket, Piece piece) {
    const int64_t bytes = piece.batch.MemoryBytes();
    std::lock_guard lock(mutex);
    rows += piece.batch.rows;
    if (context->force_spill || !reservation.TryGrowTo(reservation.held() + bytes)) {
      if (spill_file == nullptr) spill_file = std::make_unique<SpillFile>(context);
      piece.slot = spill_file->Append(piece.batch);
      piece.on_disk = true;
      piece.batch = Batch();
    }
    buckets[bucket].push_back(std::move(piece));
  }

  const WindowSpec spec;
  const QueryContextPtr context;
  std::vector<SortKey> sort_keys;
  std::mutex mutex;
  std::vector<std::vector<Piece>> buckets;
  int64_t rows = 0;
  std::unique_ptr<SpillFile> spill_file;
  MemoryReservation reservation;
};

namespace {

class WindowState final : public SinkState {
 public:
  explicit WindowState(WindowOperator::Shared* shared) : shared_(*shared), pending_(kBuckets) {}
  void BeginMorsel(const Morsel& morsel) override { place_ = {morsel.partition, morsel.sequence << 24}; }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    if (shared_.spec.partition_keys.empty()) {
      Collect(std::move(batch), 0);
      return SinkResult::kNeedMore;
    }
    std::vector<VectorPtr> keys;
    for (int key : shared_.spec.partition_keys) keys.push_back(batch.columns[key]);
    std::vector<uint64_t> hashes(batch.rows);
    HashRows(keys, batch.rows, hashes.data());
    std::vector<std::vector<int32_t>> rows(kBuckets);
    for (int64_t i = 0; i < batch.rows; ++i) rows[hashes[i] >> 58].push_back(static_cast<int32_t>(i));
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      if (rows[bucket].empty()) continue;
      Batch part;
      part.rows = static_cast<int64_t>(rows[bucket].size());
      for (const VectorPtr& column : batch.columns) {
        part.columns.push_back(Gather(column, rows[bucket].data(), part.rows));
      }
      Collect(std::move(part), bucket);
    }
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    for (int bucket = 0; bucket < kBuckets; ++bucket) Flush(bucket);
    return SinkResult::kNeedMore;
  }

 private:
  void Collect(Batch batch, int bucket) {
    pending_[bucket].rows += batch.rows;
    pending_[bucket].batches.push_back(std::move(batch));
    if (pending_[bucket].rows >= kVectorSize) Flush(bucket);
  }

  void Flush(int bucket) {
    if (pending_[bucket].rows == 0) return;
    Piece piece;
    piece.place = {place_.partition, place_.sequence++};
    piece.batch.rows = pending_[bucket].rows;
    for (size_t c = 0; c < shared_.spec.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (const Batch& batch : pending_[bucket].batches) parts.push_back(batch.columns[c]);
      piece.batch.columns.push_back(CopyCompact(*Concat(parts)));
    }
    pending_[bucket] = Pending();
    shared_.Add(bucket, std::move(piece));
  }

  struct Pending {
    std::vector<Batch> batches;
    int64_t rows = 0;
  };
  WindowOperator::Shared& shared_;
  std::vector<Pending> pending_;
  Place place_;
};

class WindowSink final : public Sink {
 public:
  explicit WindowSink(std::shared_ptr<WindowOperator::Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<WindowState>(shared_.get()); }
  void Combine(SinkState&) override {}

 private:
  std::shared_ptr<WindowOperator::Shared> shared_;
};

// Sorts buckets [first, last) as one and evaluates partition after partition.
class WindowReader final : public MorselReader {
 public:
  WindowReader(std::shared_ptr<WindowOperator::Shared> shared, int first, int last)
      : shared_(std::move(shared)), spec_(shared_->spec), reservation_(shared_->context->memory.get()), first_(first),
        last_(last) {}

  ReadState Next(Batch* batch, EventPtr*) override {
    if (!loaded_) Load();
    if (position_ >= rows_) return ReadState::kFinished;
    const int64_t n = std::min<int64_t>(shared_->context->batch_size, rows_ - position_);
    batch->rows = n;
    batch->selection = nullptr;
    batch->columns.clear();
    for (const VectorPtr& column : results_) batch->columns.push_back(Slice(column, position_, n));
    position_ += n;
    return ReadState::kBatch;
  }

 private:
  void Load() {
    loaded_ = true;
    std::vector<Piece*> pieces;
    for (int bucket = first_; bucket < last_; ++bucket) {
      for (Piece& piece : shared_->buckets[bucket]) pieces.push_back(&piece);
    }
    if (pieces.empty()) return;
    std::sort(pieces.begin(), pieces.end(), [](const Piece* a, const Piece* b) { return a->place < b->place; });
    std::vector<Batch> batches;
    for (Piece* piece : pieces) {
      batches.push_back(piece->on_disk ? shared_->spill_file->Read(piece->slot, spec_.types) : piece->batch);
    }
    Batch all;
    for (const Batch& batch : batches) all.rows += batch.rows;
    for (size_t c = 0; c < spec_.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (const Batch& batch : batches) parts.push_back(batch.columns[c]);
      all.columns.push_back(Flatten(Concat(parts)));
    }
    rows_ = all.rows;
    reservation_.ForceGrowTo(2 * all.MemoryBytes());
    const SortableRows unsorted(all, shared_->sort_keys);
    const std::vector<int32_t> order = unsorted.SortedOrder(shared_->sort_keys, -1);
    for (VectorPtr& column : all.columns) column = Flatten(Gather(column, order.data(), rows_));
    Evaluate(all);
  }

  void Evaluate(const Batch& sorted) {
    std::vector<SortKey> partition_keys;
    for (int key : spec_.partition_keys) partition_keys.push_back({key, true, true});
    const WindowLayout layout = FindWindowLayout(sorted, partition_keys, spec_.order_keys);
    for (int column : spec_.output) results_.push_back(sorted.columns[column]);
    for (const WindowFunctionSpec& function : spec_.functions) {
      shared_->context->cancellation->ThrowIfCancelled();
      results_.push_back(EvaluateWindowFunction(function, sorted, layout, spec_.order_keys, *shared_->context));
    }
  }

  std::shared_ptr<WindowOperator::Shared> shared_;
  const WindowSpec& spec_;
  MemoryReservation reservation_;
  int first_, last_;
  bool loaded_ = false;
  int64_t rows_ = 0, position_ = 0;
  std::vector<VectorPtr> results_;
};

class WindowSource final : public Source {
 public:
  explicit WindowSource(std::shared_ptr<WindowOperator::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    const int step = Step();
    for (int first = 0; first < kBuckets; first += step) morsels.push_back({0, first, first, 0});
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const int first = static_cast<int>(morsel.id);
    return std::make_unique<WindowReader>(shared_, first, first + Step());
  }

 private:
  int Step() const { return shared_->rows <= kSmallRows || shared_->spec.partition_keys.empty() ? kBuckets : 1; }
  std::shared_ptr<WindowOperator::Shared> shared_;
};

}  // namespace

WindowOperator::WindowOperator(WindowSpec spec, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), std::move(context))) {}
std::shared_ptr<Sink> WindowOperator::sink() { return std::make_shared<WindowSink>(shared_); }
std::shared_ptr<Source> WindowOperator::source() { return std::make_shared<WindowSource>(shared_); }

}  // namespace centella
