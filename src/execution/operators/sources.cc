// Where pipelines begin: table scans, rows in memory, ranges, unions.
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

class RangeSource final : public Source {
 public:
  RangeSource(int64_t start, int64_t end, int64_t step, int32_t partitions, int64_t batch_size)
      : start_(start), step_(step), partitions_(std::max(1, partitions)), batch_size_(batch_size) {
    // Number of values, without overflow.
    const int128_t span = static_cast<int128_t>(end) - start;
    if ((step > 0 && span > 0) || (step < 0 && span < 0)) {
      const int128_t magnitude = span < 0 ? -span : span;
      const int128_t stride = step < 0 ? -static_cast<int128_t>(step) : static_cast<int128_t>(step);
      count_ = (magnitude + stride - 1) / stride;
    }
  }
  int32_t partitions() const override { return partitions_; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (int32_t partition = 0; partition < partitions_; ++partition) {
      const int64_t begin = static_cast<int64_t>(count_ * partition / partitions_);
      const int64_t end = static_cast<int64_t>(count_ * (partition + 1) / partitions_);
      const int64_t rows = std::max(kMorselRows, static_cast<int64_t>(count_ / kMorsels) + 1);
      int64_t sequence = 0;  // a small number: sinks shift it to number the parts of a morsel
      for (int64_t at = begin; at < end; at += std::min(rows, end - at)) {
        morsels.push_back({partition, sequence++, at, std::min(rows, end - at)});
      }
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    return std::make_unique<Reader>(*this, morsel.id, morsel.rows_estimate);
  }

 private:
  static constexpr int64_t kMorselRows = 1 << 18;
  static constexpr int64_t kMorsels = 1 << 14;  // and one more in each partition at most: 10^18 rows are cheap to begin

  struct Reader final : MorselReader {
    Reader(const RangeSource& s, int64_t first, int64_t n) : source(s), next(first), end(first + n) {}
    ReadState Next(Batch* batch, EventPtr*) override {
      if (next >= end) return ReadState::kFinished;
      const int64_t n = std::min(source.batch_size_, end - next);
      MutableVectorPtr values = Vector::MakeFlat(types::Long(), n);
      int64_t* out = values->mutable_data<int64_t>();
      for (int64_t i = 0; i < n; ++i) {
        out[i] = static_cast<int64_t>(source.start_ + static_cast<int128_t>(next + i) * source.step_);
      }
      next += n;
      batch->rows = n;
      batch->selection = nullptr;
      batch->columns = {values};
      return ReadState::kBatch;
    }
    const RangeSource& source;
    int64_t next, end;
  };

  int64_t start_, step_;
  int32_t partitions_;
  int64_t batch_size_;
  int128_t count_ = 0;
};

// Morsels of several chains under new numbers.
class ChainsSource : public Source {
 public:
  explicit ChainsSource(std::vector<Chain> chains) : chains_(std::move(chains)) {}
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const Target& target = targets_[morsel.id];
    return OpenChain(chains_[target.chain], target.morsel);
  }

 protected:
  struct Target {
    size_t chain;
    Morsel morsel;
  };
  std::vector<Chain> chains_;
  std::vector<Target> targets_;
};

class UnionSource final : public ChainsSource {
 public:
  using ChainsSource::ChainsSource;
  int32_t partitions() const override {
    int32_t sum = 0;
    for (const Chain& chain : chains_) sum += chain.source->partitions();
    return sum;
  }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    int32_t first = 0;
    for (size_t c = 0; c < chains_.size(); ++c) {
      for (const Morsel& morsel : chains_[c].source->Morsels()) {
        const int64_t id = static_cast<int64_t>(targets_.size());
        morsels.push_back({first + morsel.partition, morsel.sequence, id, morsel.rows_estimate});
        targets_.push_back({c, morsel});
      }
      first += chains_[c].source->partitions();
    }
    return morsels;
  }
};

class CoalesceSource final : public ChainsSource {
 public:
  CoalesceSource(Chain chain, int32_t partitions)
      : ChainsSource({std::move(chain)}), wanted_(std::max(1, partitions)) {}
  int32_t partitions() const override { return std::min(wanted_, chains_[0].source->partitions()); }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    const int64_t from = chains_[0].source->partitions();
    const int64_t to = partitions();
    for (const Morsel& morsel : chains_[0].source->Morsels()) {
      const int64_t id = static_cast<int64_t>(targets_.size());
      // Partition i of `to` takes the old ones from i * from / to to (i + 1) * from / to.
      const int32_t partition = static_cast<int32_t>(((int64_t{morsel.partition} + 1) * to - 1) / from);
      morsels.push_back({partition, id, id, morsel.rows_estimate});
      targets_.push_back({0, morsel});
    }
    return morsels;
  }

 private:
  int32_t wanted_;
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
std::shared_ptr<Source> MakeRangeSource(int64_t start, int64_t end, int64_t step, int32_t partitions,
                                        int64_t batch_size) {
  return std::make_shared<RangeSource>(start, end, step, partitions, batch_size);
}
std::shared_ptr<Source> MakeSharedOutSource(std::shared_ptr<Source> source, int32_t instance, int32_t instances,
                                            bool whole_partitions) {
  return std::make_shared<SharedOutSource>(std::move(source), instance, instances, whole_partitions);
}
std::shared_ptr<Source> MakeUnionSource(std::vector<Chain> chains) {
  return std::make_shared<UnionSource>(std::move(chains));
}
std::shared_ptr<Source> MakeCoalesceSource(Chain chain, int32_t partitions) {
  return std::make_shared<CoalesceSource>(std::move(chain), partitions);
}

}  // namespace centella
