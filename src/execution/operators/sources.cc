// Where pipelines begin: table scans, rows in memory, the share of a fragment's instance.
#include "execution/operators/sources.h"

#include <algorithm>

namespace centella {
namespace {

// Gives one batch in pieces of at most batch_size rows.
class BatchReader final : public MorselReader {
 public:
  BatchReader(Batch batch, int64_t batch_size) : batch_(std::move(batch)), batch_size_(batch_size) {}
  ReadState Next(Batch* batch, EventPtr*) override {
    if (position_ >= batch_.rows) return ReadState::kFinished;
    if (batch_.rows <= batch_size_) {
      *batch = batch_;
      position_ = batch_.rows;
      return ReadState::kBatch;
    }
    const int64_t n = std::min(batch_size_, batch_.rows - position_);
    *batch = SliceBatch(batch_, position_, n);
    position_ += n;
    return ReadState::kBatch;
  }

 private:
  Batch batch_;
  int64_t batch_size_;
  int64_t position_ = 0;
};

class BatchSource final : public Source {
 public:
  BatchSource(std::vector<Batch> batches, int32_t partitions, int64_t batch_size)
      : batches_(std::move(batches)), partitions_(std::max(1, partitions)), batch_size_(batch_size) {
    for (Batch& batch : batches_) batch = Compact(std::move(batch));
    std::stable_sort(batches_.begin(), batches_.end(),
                     [](const Batch& a, const Batch& b) { return a.place < b.place; });
  }
  int32_t partitions() const override { return partitions_; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (size_t i = 0; i < batches_.size(); ++i) {
      const int64_t sequence = static_cast<int64_t>(i);
      morsels.push_back({batches_[i].place.partition, sequence, sequence, batches_[i].rows});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    return MakeBatchReader(batches_[morsel.id], batch_size_);
  }

 private:
  std::vector<Batch> batches_;
  int32_t partitions_;
  int64_t batch_size_;
};

class SharedOutSource final : public Source {
 public:
  SharedOutSource(std::shared_ptr<Source> source, int32_t instance, int32_t instances, bool whole_partitions)
      : source_(std::move(source)), instance_(instance), instances_(instances), whole_partitions_(whole_partitions) {}
  int32_t partitions() const override { return source_->partitions(); }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> mine;
    int64_t number = 0;
    for (const Morsel& morsel : source_->Morsels()) {
      const int64_t turn = whole_partitions_ ? morsel.partition : number++;
      if (turn % instances_ == instance_) mine.push_back(morsel);
    }
    return mine;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override { return source_->Open(morsel); }

 private:
  const std::shared_ptr<Source> source_;
  const int32_t instance_, instances_;
  const bool whole_partitions_;
};

}  // namespace

std::unique_ptr<MorselReader> ScanSource::Open(const Morsel& morsel) {
  RuntimeFilters ready;
  for (const auto& filter : filters_) {
    if (filter.second->ready()) ready.push_back(filter);
  }
  return scan_->Open(morsel, context_, ready);
}

std::unique_ptr<MorselReader> MakeBatchReader(Batch batch, int64_t batch_size) {
  return std::make_unique<BatchReader>(std::move(batch), batch_size);
}
std::shared_ptr<Source> MakeBatchSource(std::vector<Batch> batches, int32_t partitions, int64_t batch_size) {
  return std::make_shared<BatchSource>(std::move(batches), partitions, batch_size);
}
std::shared_ptr<Source> MakeSharedOutSource(std::shared_ptr<Source> source, int32_t instance, int32_t instances,
                                            bool whole_partitions) {
  return std::make_shared<SharedOutSource>(std::move(source), instance, instances, whole_partitions);
}

}  // namespace centella
