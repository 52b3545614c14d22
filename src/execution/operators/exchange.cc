// Exchanges: rows go to Spark's partitions.
#include "execution/operators/exchange.h"

#include <algorithm>
#include <tuple>

#include "execution/batch_store.h"
#include "execution/operators/sources.h"
#include "functions/spark_hash.h"

namespace centella {

struct Exchange::Shared {
  Shared(ExchangeKind k, int32_t n, std::vector<int> c, std::vector<TypePtr> t, QueryContextPtr q)
      : kind(k),
        partitions(std::max(1, n)),
        keys(std::move(c)),
        types(std::move(t)),
        context(std::move(q)),
        pieces(types, context) {}

  const ExchangeKind kind;
  const int32_t partitions;
  const std::vector<int> keys;
  const std::vector<TypePtr> types;
  const QueryContextPtr context;

  // Once all rows are here: pieces in the order of targets and places, and with which piece each morsel begins. What one input
  // morsel gave to one target is a morsel again, so that the cuts don't depend on the size of batches.
  void Arrange() {
    std::vector<BatchStore::Entry>& all = pieces.entries();
    const auto order = [](const BatchStore::Entry& piece) { return std::tie(piece.group, piece.place); };
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
    const auto morsel = [](const BatchStore::Entry& piece) {
      return std::tuple(piece.group, piece.place.partition, piece.place.sequence >> kPieceBits);
    };
    for (size_t i = 0; i < all.size(); ++i) {
      if (i == 0 || morsel(all[i]) != morsel(all[i - 1])) firsts.push_back(i);
    }
    firsts.push_back(all.size());
  }

  static constexpr int kPieceBits = 24;
  BatchStore pieces;  // rows of one target partition from one place
  std::vector<size_t> firsts;
};

namespace {

constexpr int64_t kPieceRows = 4096;

class ExchangeState final : public SinkState {
 public:
  explicit ExchangeState(Exchange::Shared* shared)
      : shared_(*shared), reservation_(shared->context->memory.get()), buffers_(shared->partitions) {}

  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence << Exchange::Shared::kPieceBits};
    // Each input partition starts its turn elsewhere, so that small partitions don't all fill the first target.
    next_target_ = morsel.partition % shared_.partitions;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    if (batch.rows == 0) return SinkResult::kNeedMore;
    if (shared_.kind == ExchangeKind::kKeep || shared_.kind == ExchangeKind::kRange) {
      Keep(std::move(batch), place_.partition);
      return SinkResult::kNeedMore;
    }
    std::vector<std::vector<int32_t>> rows(shared_.partitions);
    if (shared_.kind == ExchangeKind::kHash) {
      std::vector<VectorPtr> keys;
      for (int key : shared_.keys) keys.push_back(batch.columns[key]);
      std::vector<int32_t> hashes(batch.rows);
      SparkMurmur3(keys, batch.rows, hashes.data());
      for (int64_t i = 0; i < batch.rows; ++i) {
        int32_t target = hashes[i] % shared_.partitions;
        if (target < 0) target += shared_.partitions;
        rows[target].push_back(static_cast<int32_t>(i));
      }
    } else {
      for (int64_t i = 0; i < batch.rows; ++i) {
        rows[next_target_].push_back(static_cast<int32_t>(i));
        next_target_ = (next_target_ + 1) % shared_.partitions;
      }
    }
    for (int32_t target = 0; target < shared_.partitions; ++target) {
      if (rows[target].empty()) continue;
      Batch part;
      part.rows = static_cast<int64_t>(rows[target].size());
      for (const VectorPtr& column : batch.columns)
        part.columns.push_back(Gather(column, rows[target].data(), part.rows));
      Collect(std::move(part), target);
    }
    if (!reservation_.TryGrowTo(pending_bytes_)) FlushAll();
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    FlushAll();
    return SinkResult::kNeedMore;
  }

 private:
  struct Pending {
    std::vector<Batch> batches;
    int64_t rows = 0, bytes = 0;
  };

  void Keep(Batch batch, int32_t partition) {
    for (VectorPtr& column : batch.columns) column = CopyCompact(*column);
    shared_.pieces.Add({place_.partition, place_.sequence++}, partition, std::move(batch));
  }

  void Collect(Batch batch, int32_t target) {
    Pending& pending = buffers_[target];
    pending.rows += batch.rows;
    const int64_t bytes = batch.MemoryBytes();
    pending.bytes += bytes;
    pending_bytes_ += bytes;
    pending.batches.push_back(std::move(batch));
    if (pending.rows >= kPieceRows) Flush(target);
  }

  void FlushAll() {
    for (int32_t target = 0; target < shared_.partitions; ++target) Flush(target);
    reservation_.ShrinkTo(0);
  }

  void Flush(int32_t target) {
    Pending& pending = buffers_[target];
    if (pending.rows == 0) return;
    pending_bytes_ -= pending.bytes;
    Batch all;
    all.rows = pending.rows;
    for (size_t c = 0; c < shared_.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (const Batch& batch : pending.batches) parts.push_back(batch.columns[c]);
      all.columns.push_back(CopyCompact(*Concat(parts)));
    }
    pending = Pending();
    shared_.pieces.Add({place_.partition, place_.sequence++}, target, std::move(all));
  }

  Exchange::Shared& shared_;
  MemoryReservation reservation_;
  int64_t pending_bytes_ = 0;
  std::vector<Pending> buffers_;
  Place place_;
  int32_t next_target_ = 0;
};

class ExchangeSink final : public Sink {
 public:
  explicit ExchangeSink(std::shared_ptr<Exchange::Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<ExchangeState>(shared_.get()); }
  void Combine(SinkState&) override {}
  void Finish() override {
    if (shared_->kind == ExchangeKind::kRange) CutSorted();
    shared_->Arrange();
  }

 private:
  // The sorted input in equal parts, whole pieces each.
  void CutSorted() {
    shared_->pieces.SortByPlace();
    auto& pieces = shared_->pieces.entries();
    for (size_t i = 0; i < pieces.size(); ++i) {
      pieces[i].group = static_cast<int32_t>(i * shared_->partitions / pieces.size());
    }
  }

  std::shared_ptr<Exchange::Shared> shared_;
};

// Reads the pieces [first, last) one after the other.
class PieceReader final : public MorselReader {
 public:
  PieceReader(std::shared_ptr<Exchange::Shared> shared, size_t first, size_t last)
      : shared_(std::move(shared)), next_(first), last_(last) {}
  ReadState Next(Batch* batch, EventPtr* wake) override {
    while (true) {
      if (reader_ != nullptr && reader_->Next(batch, wake) == ReadState::kBatch) return ReadState::kBatch;
      if (next_ == last_) return ReadState::kFinished;
      const BatchStore& pieces = shared_->pieces;
      reader_ = MakeBatchReader(pieces.Read(pieces.entries()[next_++]), shared_->context->batch_size);
    }
  }

 private:
  std::shared_ptr<Exchange::Shared> shared_;
  size_t next_, last_;
  std::unique_ptr<MorselReader> reader_;
};

class ExchangeSource final : public Source {
 public:
  explicit ExchangeSource(std::shared_ptr<Exchange::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return shared_->partitions; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (size_t i = 0; i + 1 < shared_->firsts.size(); ++i) {
      const int64_t id = static_cast<int64_t>(i);
      morsels.push_back({shared_->pieces.entries()[shared_->firsts[i]].group, id, id, 0});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    return std::make_unique<PieceReader>(shared_, shared_->firsts.at(morsel.id), shared_->firsts.at(morsel.id + 1));
  }

 private:
  std::shared_ptr<Exchange::Shared> shared_;
};

}  // namespace

Exchange::Exchange(ExchangeKind kind, int32_t partitions, std::vector<int> keys, std::vector<TypePtr> types,
                   QueryContextPtr context)
    : shared_(std::make_shared<Shared>(kind, partitions, std::move(keys), std::move(types), std::move(context))) {}
std::shared_ptr<Sink> Exchange::sink() { return std::make_shared<ExchangeSink>(shared_); }
std::shared_ptr<Source> Exchange::source() { return std::make_shared<ExchangeSource>(shared_); }

}  // namespace centella
