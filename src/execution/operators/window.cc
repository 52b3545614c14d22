// Window functions of one specification.
#include "execution/operators/window.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "execution/batch_store.h"
#include "execution/hashing.h"
#include "execution/operators/sorted_order.h"
#include "execution/operators/window_aggregate.h"
#include "execution/operators/window_frames.h"

namespace centella {
namespace {

constexpr int kBuckets = 64;
constexpr int64_t kSmallRows = 64 << 10;     // all in one bucket: output sorted by the partition keys
constexpr int64_t kScatterRows = 128 << 10;  // so many are collected, then scattered to their buckets

}  // namespace

struct WindowOperator::Shared {
  Shared(WindowSpec s, QueryContextPtr c) : spec(std::move(s)), context(std::move(c)), pieces(spec.types, context) {
    for (int key : spec.partition_keys) sort_keys.push_back({key, true, true});
    sort_keys.insert(sort_keys.end(), spec.order_keys.begin(), spec.order_keys.end());
  }

  const WindowSpec spec;
  const QueryContextPtr context;
  std::vector<SortKey> sort_keys;
  BatchStore pieces;
  std::vector<std::vector<const BatchStore::Entry*>> buckets;  // in place order, when all is there
};

namespace {

class WindowState final : public SinkState {
 public:
  explicit WindowState(WindowOperator::Shared* shared)
      : shared_(*shared), reservation_(shared->context->memory.get()) {}
  void BeginMorsel(const Morsel& morsel) override { place_ = {morsel.partition, morsel.sequence << 24}; }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    rows_ += batch.rows;
    bytes_ += batch.MemoryBytes();
    pending_.push_back(std::move(batch));
    if (rows_ >= kScatterRows || !reservation_.TryGrowTo(2 * bytes_)) Scatter();
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    Scatter();
    return SinkResult::kNeedMore;
  }

 private:
  void Scatter() {
    if (rows_ == 0) return;
    Batch all;
    all.rows = rows_;
    for (size_t c = 0; c < shared_.spec.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (const Batch& batch : pending_) parts.push_back(batch.columns[c]);
      all.columns.push_back(Concat(parts));
    }
    pending_.clear();
    if (shared_.spec.partition_keys.empty()) {
      Add(0, all, nullptr, rows_);
    } else {
      ScatterByHash(all);
    }
    rows_ = bytes_ = 0;
    reservation_.ShrinkTo(0);
  }

  void ScatterByHash(const Batch& all) {
    std::vector<VectorPtr> keys;
    for (int key : shared_.spec.partition_keys) keys.push_back(all.columns[key]);
    std::vector<uint64_t> hashes(all.rows);
    HashRows(keys, all.rows, hashes.data());
    std::vector<int32_t> counts(kBuckets, 0), next(kBuckets, 0), rows(all.rows);
    for (uint64_t hash : hashes) ++counts[hash >> 58];
    std::exclusive_scan(counts.begin(), counts.end(), next.begin(), 0);
    for (int64_t i = 0; i < all.rows; ++i) rows[next[hashes[i] >> 58]++] = static_cast<int32_t>(i);
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      if (counts[bucket] > 0) Add(bucket, all, rows.data() + next[bucket] - counts[bucket], counts[bucket]);
    }
  }

  // The given rows of `all` (null: all of them) to a bucket.
  void Add(int bucket, const Batch& all, const int32_t* rows, int64_t n) {
    Batch piece;
    piece.rows = n;
    for (const VectorPtr& column : all.columns) {
      piece.columns.push_back(CopyCompact(rows == nullptr ? *column : *Gather(column, rows, n)));
    }
    shared_.pieces.Add({place_.partition, place_.sequence++}, bucket, std::move(piece));
  }

  WindowOperator::Shared& shared_;
  MemoryReservation reservation_;
  std::vector<Batch> pending_;
  int64_t rows_ = 0, bytes_ = 0;
  Place place_;
};

class WindowSink final : public Sink {
 public:
  explicit WindowSink(std::shared_ptr<WindowOperator::Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<WindowState>(shared_.get()); }
  void Combine(SinkState&) override {}
  void Finish() override {
    shared_->pieces.SortByPlace();
    shared_->buckets.resize(kBuckets);
    for (const BatchStore::Entry& piece : shared_->pieces.entries()) shared_->buckets[piece.group].push_back(&piece);
  }

 private:
  std::shared_ptr<WindowOperator::Shared> shared_;
};

// Sorts buckets [first, last) as one and evaluates the functions over it.
class WindowReader final : public MorselReader {
 public:
  WindowReader(std::shared_ptr<WindowOperator::Shared> shared, int first, int last)
      : shared_(std::move(shared)),
        spec_(shared_->spec),
        reservation_(shared_->context->memory.get()),
        first_(first),
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
    Batch all = ReadBuckets();
    if (all.rows == 0) return;
    rows_ = all.rows;
    // Sorted copies, positions of partitions and peers, results: about as much again as the rows.
    const int64_t bytes = all.MemoryBytes();
    reservation_.ForceGrowTo(2 * bytes + rows_ * 24);
    const std::vector<int32_t> order = SortedOrder(all, shared_->sort_keys, -1, *shared_->context->cancellation);
    for (VectorPtr& column : all.columns) column = GatherInPieces(column, order);
    Evaluate(all);
    int64_t result_bytes = 0;
    for (const VectorPtr& column : results_) result_bytes += column->MemoryBytes();
    reservation_.ShrinkTo(result_bytes);
  }

  // Gathers, and looks around now and then: a bucket may have very many rows, in an order that no cache likes.
  VectorPtr GatherInPieces(const VectorPtr& column, const std::vector<int32_t>& order) const {
    constexpr int64_t kPieceRows = 1 << 20;
    std::vector<VectorPtr> pieces;
    for (int64_t begin = 0; begin < rows_; begin += kPieceRows) {
      looks_around_();
      const int64_t n = std::min(kPieceRows, rows_ - begin);
      pieces.push_back(Flatten(Gather(column, order.data() + begin, n)));
    }
    return Concat(pieces, looks_around_);
  }

  Batch ReadBuckets() {
    std::vector<Batch> batches;
    Batch all;
    for (int bucket = first_; bucket < last_; ++bucket) {
      for (const BatchStore::Entry* piece : shared_->buckets[bucket]) {
        looks_around_();
        batches.push_back(shared_->pieces.Read(*piece));
        all.rows += piece->rows;
      }
    }
    if (all.rows == 0) return all;
    for (size_t c = 0; c < spec_.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (const Batch& batch : batches) parts.push_back(batch.columns[c]);
      all.columns.push_back(Flatten(Concat(parts, looks_around_)));
    }
    return all;
  }

  void Evaluate(const Batch& sorted) {
    const WindowLayout layout = FindWindowLayout(sorted, spec_.partition_keys, spec_.order_keys);
    for (int column : spec_.output) results_.push_back(sorted.columns[column]);
    for (const WindowFunctionSpec& function : spec_.functions) {
      looks_around_();
      const FrameFinder frames(function, sorted, layout, spec_.order_keys);
      results_.push_back(function.aggregate != nullptr
                             ? EvaluateWindowAggregate(function, sorted, layout, frames, *shared_->context)
                             : EvaluateKernel(function, sorted, layout, frames));
    }
  }

  VectorPtr EvaluateKernel(const WindowFunctionSpec& function, const Batch& sorted, const WindowLayout& layout,
                           const FrameFinder& frames) const {
    std::vector<VectorPtr> args;
    for (int arg : function.args) args.push_back(sorted.columns[arg]);
    const VectorPtr result = function.kernel(
        WindowArgs{.query = *shared_->context,
                   .rows = sorted.rows,
                   .args = args,
                   .partition_begin = layout.partition_begin,
                   .partition_end = layout.partition_end,
                   .peers_begin = layout.peers_begin,
                   .peers_end = layout.peers_end,
                   .find_frames = [&](auto* begin, auto* end) { frames.Find(0, sorted.rows, begin, end); },
                   .result_type = function.result_type,
                   .ignore_nulls = function.ignore_nulls});
    return Flatten(result);
  }

  std::shared_ptr<WindowOperator::Shared> shared_;
  const WindowSpec& spec_;
  MemoryReservation reservation_;
  const std::function<void()> looks_around_ = [this] { shared_->context->cancellation->ThrowIfCancelled(); };
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
  int Step() const {
    return shared_->pieces.rows() <= kSmallRows || shared_->spec.partition_keys.empty() ? kBuckets : 1;
  }
  std::shared_ptr<WindowOperator::Shared> shared_;
};

}  // namespace

WindowOperator::WindowOperator(WindowSpec spec, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), std::move(context))) {}
std::shared_ptr<Sink> WindowOperator::sink() { return std::make_shared<WindowSink>(shared_); }
std::shared_ptr<Source> WindowOperator::source() { return std::make_shared<WindowSource>(shared_); }

}  // namespace centella
