// Exchanges: rows go to Spark's partitions.
#include "execution/operators/exchange.h"

#include <algorithm>
#include <mutex>
#include <tuple>

#include "execution/spill_file.h"
#include "functions/spark_hash.h"

namespace centella {

struct Exchange::Shared {
  Shared(ExchangeKind k, int32_t n, std::vector<int> c, std::vector<TypePtr> t, QueryContextPtr q)
      : kind(k), partitions(std::max(1, n)), keys(std::move(c)), types(std::move(t)), context(std::move(q)),
        reservation(context->memory.get()) {}

  // Rows of one target partition from one place; in memory or on disk.
  struct Piece {
    Place place;
    int32_t partition;
    Batch batch;
    SpillFile::Slot slot;
    bool on_disk = false;
  };
  void Add(Piece piece) {
    const int64_t bytes = piece.batch.MemoryBytes();
    std::lock_guard lock(mutex);
    if (context->force_spill || !reservation.TryGrowTo(reservation.held() + bytes)) {
      if (spill_file == nullptr) spill_file = std::make_unique<SpillFile>(context);
      piece.slot = spill_file->Append(piece.batch);
      piece.on_disk = true;
      piece.batch = Batch();
    }
    pieces.push_back(std::move(piece));
  }

  const ExchangeKind kind;
  const int32_t partitions;
  const std::vector<int> keys;
  const std::vector<TypePtr> types;
  const QueryContextPtr context;
  // Once all rows are here: pieces in the order of targets and places, and with which piece each morsel begins. What one input
  // morsel gave to one target is a morsel again, so that the cuts don't depend on the size of batches.
  void Arrange() {
    const auto order = [](const Piece& piece) { return std::tie(piece.partition, piece.place); };
    std::sort(pieces.begin(), pieces.end(), [&](const Piece& a, const Piece& b) { return order(a) < order(b); });
    const auto morsel = [](const Piece& piece) {
      return std::tuple(piece.partition, piece.place.partition, piece.place.sequence >> kPieceBits);
    };
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (i == 0 || morsel(pieces[i]) != morsel(pieces[i - 1])) firsts.push_back(i);
    }
    firsts.push_back(pieces.size());
  }

  static constexpr int kPieceBits = 24;
  std::mutex mutex;
  std::vector<Piece> pieces;
  std::vector<size_t> firsts;
  std::unique_ptr<SpillFile> spill_file;
  MemoryReservation reservation;
};

namespace {

constexpr int64_t kPieceRows = 4096;

class ExchangeState final : public SinkState {
 public:
  explicit ExchangeState(Exchange::Shared* shared) : shared_(*shared), buffers_(shared->partitions) {}

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
      for (const VectorPtr& column : batch.columns) part.columns.push_back(Gather(column, rows[target].data(), part.rows));
      Collect(std::move(part), target);
    }
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    for (int32_t target = 0; target < shared_.partitions; ++target) Flush(target);
    return SinkResult::kNeedMore;
  }

 private:
  struct Pending {
    std::vector<Batch> batches;
    int64_t rows = 0;
  };

  void Keep(Batch batch, int32_t partition) {
    for (VectorPtr& column : batch.columns) column = CopyCompact(*column);
    shared_.Add({Place{place_.partition, place_.sequence++}, partition, std::move(batch), {}, false});
  }

  void Collect(Batch batch, int32_t target) {
    Pending& pending = buffers_[target];
    pending.rows += batch.rows;
    pending.batches.push_back(std::move(batch));
    if (pending.rows >= kPieceRows) Flush(target);
  }

  void Flush(int32_t target) {
    Pending& pending = buffers_[target];
    if (pending.rows == 0) return;
    Batch all;
    all.rows = pending.rows;
    for (size_t c = 0; c < shared_.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (const Batch& batch : pending.batches) parts.push_back(batch.columns[c]);
      all.columns.push_back(CopyCompact(*Concat(parts)));
    }
    pending = Pending();
    shared_.Add({Place{place_.partition, place_.sequence++}, target, std::move(all), {}, false});
  }

  Exchange::Shared& shared_;
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
    auto& pieces = shared_->pieces;
    std::sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    for (size_t i = 0; i < pieces.size(); ++i) {
      pieces[i].partition = static_cast<int32_t>(i * shared_->partitions / pieces.size());
    }
  }

  std::shared_ptr<Exchange::Shared> shared_;
};

// Reads the pieces [first, last) one after the other.
class PieceReader final : public MorselReader {
 public:
  PieceReader(std::shared_ptr<Exchange::Shared> shared, size_t first, size_t last)
      : shared_(std::move(shared)), next_(first), last_(last) {}
  ReadState Next(Batch* batch, EventPtr*) override {
    if (position_ >= batch_.rows) {
      if (next_ == last_) return ReadState::kFinished;
      const Exchange::Shared::Piece& piece = shared_->pieces[next_++];
      batch_ = piece.on_disk ? shared_->spill_file->Read(piece.slot, shared_->types) : piece.batch;
      position_ = 0;
    }
    const int64_t n = std::min<int64_t>(shared_->context->batch_size, batch_.rows - position_);
    batch->rows = n;
    batch->selection = nullptr;
    batch->columns.clear();
    for (const VectorPtr& column : batch_.columns) {
      batch->columns.push_back(n == batch_.rows ? column : Slice(column, position_, n));
    }
    position_ += n;
    return ReadState::kBatch;
  }

 private:
  std::shared_ptr<Exchange::Shared> shared_;
  size_t next_, last_;
  Batch batch_;
  int64_t position_ = 0;
};

class ExchangeSource final : public Source {
 public:
  explicit ExchangeSource(std::shared_ptr<Exchange::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return shared_->partitions; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (size_t i = 0; i + 1 < shared_->firsts.size(); ++i) {
      const int64_t id = static_cast<int64_t>(i);
      morsels.push_back({shared_->pieces[shared_->firsts[i]].partition, id, id, 0});
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
