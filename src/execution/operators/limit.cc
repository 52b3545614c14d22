// LIMIT, OFFSET and tail.
#include "execution/operators/limit.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "execution/batch_store.h"
#include "execution/operators/sources.h"

namespace centella {

struct LimitOperator::Shared {
  Shared(int64_t l, int64_t o, bool t, std::vector<TypePtr> types, QueryContextPtr c)
      : limit(l), offset(o), tail(t), context(std::move(c)), kept(std::move(types), context) {}

  // Rows that may be wanted of any one morsel.
  int64_t per_morsel() const { return limit < 0 ? INT64_MAX : (tail ? limit : limit + offset); }
  // Whether the finished morsels at the front hold enough. Under the mutex.
  bool Enough() {
    if (limit < 0 || tail) return false;
    while (front < order.size() && morsels[order[front]].finished) {
      front_rows += morsels[order[front]].rows;
      ++front;
    }
    const int64_t open_rows = front < order.size() ? morsels[order[front]].rows : 0;
    return front_rows + open_rows >= limit + offset;
  }

  struct MorselRows {
    int64_t rows = 0;
    bool finished = false;
  };
  const int64_t limit, offset;
  const bool tail;
  const QueryContextPtr context;
  BatchStore kept;
  std::mutex mutex;
  std::vector<Place> order;
  std::map<Place, MorselRows> morsels;
  size_t front = 0;
  int64_t front_rows = 0;
};

namespace {

class LimitState final : public SinkState {
 public:
  explicit LimitState(LimitOperator::Shared* shared) : shared_(*shared) {}
  void BeginMorsel(const Morsel& morsel) override {
    place_ = {morsel.partition, morsel.sequence};
    rows_ = 0;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    const int64_t wanted = shared_.per_morsel();
    if (!shared_.tail && rows_ + batch.rows > wanted) {
      batch = SliceBatch(batch, 0, wanted - rows_);
    }
    if (batch.rows > 0) {
      // What stays must not pin a reader's buffers.
      for (VectorPtr& column : batch.columns) column = CopyCompact(*column);
      rows_ += batch.rows;
      last_.push_back(std::move(batch));
    }
    if (!shared_.tail) return Keep(false);
    while (rows_ - last_.front().rows >= wanted) {
      rows_ -= last_.front().rows;
      last_.pop_front();
    }
    return SinkResult::kNeedMore;
  }

  SinkResult EndMorsel(EventPtr*) override { return Keep(true); }

 private:
  SinkResult Keep(bool finished) {
    for (Batch& batch : last_) shared_.kept.Add(place_, 0, std::move(batch));
    last_.clear();
    std::lock_guard lock(shared_.mutex);
    shared_.morsels[place_] = {rows_, finished};
    return shared_.Enough() ? SinkResult::kDone : SinkResult::kNeedMore;
  }

  LimitOperator::Shared& shared_;
  Place place_;
  std::deque<Batch> last_;  // of this morsel, not yet kept
  int64_t rows_ = 0;        // of this morsel
};

class LimitSink final : public Sink {
 public:
  explicit LimitSink(std::shared_ptr<LimitOperator::Shared> shared) : shared_(std::move(shared)) {}
  void Start(const std::vector<Morsel>& morsels, int32_t) override {
    for (const Morsel& morsel : morsels) shared_->order.push_back({morsel.partition, morsel.sequence});
  }
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<LimitState>(shared_.get()); }
  void Combine(SinkState&) override {}
  void Finish() override { shared_->kept.SortByPlace(); }

 private:
  std::shared_ptr<LimitOperator::Shared> shared_;
};

class LimitSource final : public Source {
 public:
  explicit LimitSource(std::shared_ptr<LimitOperator::Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    const BatchStore& kept = shared_->kept;
    int64_t skip = shared_->tail ? std::max<int64_t>(0, kept.rows() - shared_->limit) : shared_->offset;
    int64_t left = shared_->limit < 0 || shared_->tail ? INT64_MAX : shared_->limit;
    std::vector<Morsel> morsels;
    for (const BatchStore::Entry& entry : kept.entries()) {
      const int64_t from = std::min(skip, entry.rows);
      const int64_t rows = std::min(entry.rows - from, left);
      skip -= from;
      left -= rows;
      if (rows == 0) continue;
      const int64_t id = static_cast<int64_t>(chosen_.size());
      chosen_.push_back({&entry, from, rows});
      morsels.push_back({0, id, id, rows});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const Chosen& chosen = chosen_[morsel.id];
    Batch batch = SliceBatch(shared_->kept.Read(*chosen.entry), chosen.from, chosen.rows);
    return MakeBatchReader(std::move(batch), shared_->context->batch_size);
  }

 private:
  struct Chosen {
    const BatchStore::Entry* entry;
    int64_t from, rows;
  };
  std::shared_ptr<LimitOperator::Shared> shared_;
  std::vector<Chosen> chosen_;
};

}  // namespace

LimitOperator::LimitOperator(int64_t limit, int64_t offset, bool tail, std::vector<TypePtr> types,
                             QueryContextPtr context)
    : shared_(std::make_shared<Shared>(limit, offset, tail, std::move(types), std::move(context))) {}
std::shared_ptr<Sink> LimitOperator::sink() { return std::make_shared<LimitSink>(shared_); }
std::shared_ptr<Source> LimitOperator::source() { return std::make_shared<LimitSource>(shared_); }

}  // namespace centella
