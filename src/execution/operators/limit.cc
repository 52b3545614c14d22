// LIMIT, OFFSET and tail.
#include "execution/operators/limit.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "execution/operators/sources.h"

namespace centella {

struct LimitOperator::Shared {
  Shared(int64_t l, int64_t o, bool t, QueryContextPtr c) : limit(l), offset(o), tail(t), context(std::move(c)) {}

  // Rows that may be wanted of any one morsel.
  int64_t per_morsel() const { return limit < 0 ? INT64_MAX : (tail ? limit : limit + offset); }
  // Whether the finished morsels at the front hold enough. Under the mutex.
  bool Enough() {
    if (limit < 0 || tail) return false;
    while (front < order.size() && pieces[order[front]].finished) {
      front_rows += pieces[order[front]].rows;
      ++front;
    }
    const int64_t open_rows = front < order.size() ? pieces[order[front]].rows : 0;
    return front_rows + open_rows >= limit + offset;
  }

  struct Piece {
    std::vector<Batch> batches;
    int64_t rows = 0;
    bool finished = false;
  };
  const int64_t limit, offset;
  const bool tail;
  const QueryContextPtr context;
  std::mutex mutex;
  std::vector<Place> order;
  std::map<Place, Piece> pieces;
  size_t front = 0;
  int64_t front_rows = 0;
};

namespace {

class LimitState final : public SinkState {
 public:
  explicit LimitState(LimitOperator::Shared* shared) : shared_(*shared) {}
  void BeginMorsel(const Morsel& morsel) override { place_ = {morsel.partition, morsel.sequence}; }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    std::lock_guard lock(shared_.mutex);
    auto& piece = shared_.pieces[place_];
    const int64_t wanted = shared_.per_morsel();
    if (!shared_.tail && piece.rows + batch.rows > wanted) {
      const int64_t rows = wanted - piece.rows;
      for (VectorPtr& column : batch.columns) column = Slice(column, 0, rows);
      batch.rows = rows;
    }
    if (batch.rows > 0) {
      // What stays must not pin a reader's buffers.
      for (VectorPtr& column : batch.columns) column = CopyCompact(*column);
      piece.rows += batch.rows;
      piece.batches.push_back(std::move(batch));
    }
    while (shared_.tail && piece.rows - piece.batches.front().rows >= wanted) {
      piece.rows -= piece.batches.front().rows;
      piece.batches.erase(piece.batches.begin());
    }
    return shared_.Enough() ? SinkResult::kDone : SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override {
    std::lock_guard lock(shared_.mutex);
    shared_.pieces[place_].finished = true;
    return shared_.Enough() ? SinkResult::kDone : SinkResult::kNeedMore;
  }

 private:
  LimitOperator::Shared& shared_;
  Place place_;
};

class LimitSink final : public Sink {
 public:
  explicit LimitSink(std::shared_ptr<LimitOperator::Shared> shared) : shared_(std::move(shared)) {}
  void Start(const std::vector<Morsel>& morsels, int32_t) override {
    for (const Morsel& morsel : morsels) shared_->order.push_back({morsel.partition, morsel.sequence});
  }
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<LimitState>(shared_.get()); }
  void Combine(SinkState&) override {}

 private:
  std::shared_ptr<LimitOperator::Shared> shared_;
};

class LimitSource final : public Source {
 public:
  explicit LimitSource(std::shared_ptr<LimitOperator::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    inner_ = MakeBatchSource(Chosen(), 1, shared_->context->batch_size);
    return inner_->Morsels();
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override { return inner_->Open(morsel); }

 private:
  std::vector<Batch> Chosen() {
    int64_t total = 0;
    for (const auto& [place, piece] : shared_->pieces) total += piece.rows;
    int64_t skip = shared_->tail ? std::max<int64_t>(0, total - shared_->limit) : shared_->offset;
    int64_t left = shared_->limit < 0 || shared_->tail ? INT64_MAX : shared_->limit;
    std::vector<Batch> chosen;
    for (auto& [place, piece] : shared_->pieces) {
      for (Batch& batch : piece.batches) {
        const int64_t from = std::min(skip, batch.rows);
        const int64_t rows = std::min(batch.rows - from, left);
        skip -= from;
        left -= rows;
        if (rows == 0) continue;
        for (VectorPtr& column : batch.columns) column = Slice(column, from, rows);
        batch.rows = rows;
        batch.place = {0, static_cast<int64_t>(chosen.size())};
        chosen.push_back(std::move(batch));
      }
    }
    return chosen;
  }

  std::shared_ptr<LimitOperator::Shared> shared_;
  std::shared_ptr<Source> inner_;
};

}  // namespace

LimitOperator::LimitOperator(int64_t limit, int64_t offset, bool tail, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(limit, offset, tail, std::move(context))) {}
std::shared_ptr<Sink> LimitOperator::sink() { return std::make_shared<LimitSink>(shared_); }
std::shared_ptr<Source> LimitOperator::source() { return std::make_shared<LimitSource>(shared_); }

}  // namespace centella
