// Joins without an equality.
#include "execution/operators/nested_loop_join.h"

#include <algorithm>
#include <mutex>

#include "execution/operators/sources.h"

namespace centella {

struct NestedLoopJoin::Shared {
  Shared(NestedLoopJoinSpec s, QueryContextPtr c)
      : spec(std::move(s)), context(std::move(c)), reservation(context->memory.get()) {}
  const NestedLoopJoinSpec spec;
  const QueryContextPtr context;
  std::mutex mutex;
  std::vector<Batch> build;                    // dense, in place order once finished
  std::vector<std::vector<uint8_t>> matched;   // per build batch and row (full joins)
  int64_t build_rows = 0;
  MemoryReservation reservation;
};

namespace {

using Shared = NestedLoopJoin::Shared;

class BuildState final : public SinkState {
 public:
  explicit BuildState(Shared* shared) : shared_(*shared) {}
  void BeginMorsel(const Morsel& morsel) override { place_ = {morsel.partition, morsel.sequence << 20}; }
  SinkResult Consume(Batch& input, EventPtr*) override {
    Batch batch = Compact(std::move(input));
    for (VectorPtr& column : batch.columns) column = CopyCompact(*column);
    batch.place = place_;
    ++place_.sequence;
    std::lock_guard lock(shared_.mutex);
    shared_.build_rows += batch.rows;
    // Nothing to spill to: the pairs need all build rows again and again.
    const int64_t bytes = shared_.reservation.held() + batch.MemoryBytes();
    if (!shared_.reservation.TryGrowTo(bytes)) {
      Raise(Condition::OUT_OF_MEMORY, {{"needed", std::to_string(batch.MemoryBytes())},
                                       {"budget", std::to_string(shared_.reservation.budget()->limit())}});
    }
    shared_.build.push_back(std::move(batch));
    return SinkResult::kNeedMore;
  }

 private:
  Shared& shared_;
  Place place_;
};

class BuildSink final : public Sink {
 public:
  explicit BuildSink(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<BuildState>(shared_.get()); }
  void Combine(SinkState&) override {}
  void Finish() override {
    std::sort(shared_->build.begin(), shared_->build.end(),
              [](const Batch& a, const Batch& b) { return a.place < b.place; });
    for (const Batch& batch : shared_->build) shared_->matched.emplace_back(batch.rows, uint8_t{0});
  }

 private:
  std::shared_ptr<Shared> shared_;
};

// One probe row at a time against one build batch after the other; semi and the like decide after the last.
class ProbeState final : public TransformState {
 public:
  ProbeState(std::shared_ptr<Shared> shared, int32_t partition) : shared_(std::move(shared)), spec_(shared_->spec) {
    if (spec_.condition != nullptr) condition_ = std::make_unique<ExpressionExecutor>(spec_.condition, partition);
  }

  void Consume(Batch batch) override {
    input_ = Compact(std::move(batch));
    for (VectorPtr& column : input_.columns) column = Flatten(column);
    row_ = 0;
    build_ = 0;
    row_matched_ = false;
    decided_.clear();
    exists_.clear();
    single_ = shared_->build_rows == 1 && (spec_.type == JoinType::kInner || spec_.type == JoinType::kCross ||
                                           (spec_.type == JoinType::kLeft && spec_.condition == nullptr));
    active_ = true;
  }

  bool Next(Batch* batch) override {
    if (!active_) return false;
    if (single_) return EmitSingle(batch);
    while (row_ < input_.rows) {
      shared_->context->cancellation->ThrowIfCancelled();
      if (Step(batch)) return true;
    }
    active_ = false;
    return EmitDecided(batch);
  }

 private:
  bool keeps_pairs() const {
    return spec_.type == JoinType::kInner || spec_.type == JoinType::kCross || spec_.type == JoinType::kLeft ||
           spec_.type == JoinType::kFull;
  }

  // All probe rows against the one build row.
  bool EmitSingle(Batch* batch) {
    active_ = false;
    Batch pairs;
    pairs.rows = input_.rows;
    pairs.place = input_.place;
    pairs.columns = input_.columns;
    for (const VectorPtr& column : shared_->build[0].columns) {
      pairs.columns.push_back(Vector::MakeConstantFrom(*column, 0, input_.rows));
    }
    if (condition_ != nullptr) {
      SelectionPtr passing = condition_->Filter(0, pairs);
      if (passing != nullptr) pairs.selection = passing;
      if (pairs.live_rows() == 0) return false;
    }
    *batch = Output(pairs);
    return true;
  }

  Batch Output(const Batch& pairs) const {
    Batch result;
    result.rows = pairs.rows;
    result.selection = pairs.selection;
    result.place = input_.place;
    for (int column : spec_.left_output) result.columns.push_back(pairs.columns[column]);
    for (int column : spec_.right_output) {
      result.columns.push_back(pairs.columns[spec_.left_types.size() + column]);
    }
    return result;
  }

  // The current probe row against the current build batch; true when that gave output.
  bool Step(Batch* batch) {
    const size_t build = build_;
    bool emitted = false;
    if (build < shared_->build.size()) {
      emitted = MatchBatch(shared_->build[build], &shared_->matched[build], batch);
      ++build_;
    }
    const bool existence_known = row_matched_ && !keeps_pairs();
    if (build_ < shared_->build.size() && !existence_known) return emitted;
    // The row is done.
    const int32_t row = static_cast<int32_t>(row_++);
    const bool matched = row_matched_;
    build_ = 0;
    row_matched_ = false;
    switch (spec_.type) {
      case JoinType::kLeft:
      case JoinType::kFull:
        if (!matched) {
          EmitUnmatchedProbe(row, batch);
          return true;
        }
        break;
      case JoinType::kLeftSemi:
        if (matched) decided_.push_back(row);
        break;
      case JoinType::kLeftAnti:
        if (!matched) decided_.push_back(row);
        break;
      case JoinType::kExistence:
        decided_.push_back(row);
        exists_.push_back(matched);
        break;
      default:
        break;
    }
    return emitted;
  }

  bool MatchBatch(const Batch& build, std::vector<uint8_t>* matched, Batch* batch) {
    Batch pairs;
    pairs.rows = build.rows;
    for (const VectorPtr& column : input_.columns) {
      pairs.columns.push_back(Vector::MakeConstantFrom(*column, row_, build.rows));
    }
    pairs.columns.insert(pairs.columns.end(), build.columns.begin(), build.columns.end());
    if (condition_ != nullptr) pairs.selection = condition_->Filter(0, pairs);
    if (pairs.live_rows() == 0) return false;
    row_matched_ = true;
    if (spec_.type == JoinType::kFull) {
      for (int64_t i = 0; i < pairs.live_rows(); ++i) {
        const int64_t row = pairs.selection ? (*pairs.selection)[i] : i;
        __atomic_store_n(&(*matched)[row], uint8_t{1}, __ATOMIC_RELAXED);
      }
    }
    if (!keeps_pairs()) return false;
    *batch = Output(pairs);
    return true;
  }

  void EmitUnmatchedProbe(int32_t row, Batch* batch) {
    *batch = Batch();
    batch->rows = 1;
    batch->place = input_.place;
    for (int column : spec_.left_output) batch->columns.push_back(Gather(input_.columns[column], &row, 1));
    for (int column : spec_.right_output) batch->columns.push_back(Vector::MakeNull(spec_.right_types[column], 1));
  }

  bool EmitDecided(Batch* batch) {
    if (decided_.empty()) return false;
    const int64_t n = static_cast<int64_t>(decided_.size());
    *batch = Batch();
    batch->rows = n;
    batch->place = input_.place;
    for (int column : spec_.left_output) batch->columns.push_back(Gather(input_.columns[column], decided_.data(), n));
    if (spec_.type == JoinType::kExistence) {
      MutableVectorPtr exists = Vector::MakeFlat(types::Boolean(), n);
      std::copy(exists_.begin(), exists_.end(), exists->mutable_data<uint8_t>());
      batch->columns.push_back(exists);
    }
    return true;
  }

  std::shared_ptr<Shared> shared_;
  const NestedLoopJoinSpec& spec_;
  std::unique_ptr<ExpressionExecutor> condition_;
  Batch input_;
  int64_t row_ = 0;
  size_t build_ = 0;
  bool row_matched_ = false, single_ = false, active_ = false;
  std::vector<int32_t> decided_;
  std::vector<uint8_t> exists_;
};

class ProbeTransform final : public Transform {
 public:
  explicit ProbeTransform(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<ProbeState>(shared_, morsel.partition);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

class RemainderSource final : public Source {
 public:
  explicit RemainderSource(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    std::vector<Batch> batches;
    for (size_t b = 0; b < shared_->build.size(); ++b) {
      std::vector<int32_t> rows;
      for (int64_t i = 0; i < shared_->build[b].rows; ++i) {
        if (!shared_->matched[b][i]) rows.push_back(static_cast<int32_t>(i));
      }
      const int64_t n = static_cast<int64_t>(rows.size());
      if (n == 0) continue;
      Batch batch;
      batch.rows = n;
      batch.place = {0, static_cast<int64_t>(b)};
      for (int c : shared_->spec.left_output) batch.columns.push_back(Vector::MakeNull(shared_->spec.left_types[c], n));
      for (int c : shared_->spec.right_output) {
        batch.columns.push_back(Gather(shared_->build[b].columns[c], rows.data(), n));
      }
      batches.push_back(std::move(batch));
    }
    inner_ = MakeBatchSource(std::move(batches), 1, shared_->context->batch_size);
    return inner_->Morsels();
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override { return inner_->Open(morsel); }

 private:
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Source> inner_;
};

}  // namespace

NestedLoopJoin::NestedLoopJoin(NestedLoopJoinSpec spec, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), std::move(context))) {}
std::shared_ptr<Sink> NestedLoopJoin::build_sink() { return std::make_shared<BuildSink>(shared_); }
std::shared_ptr<Transform> NestedLoopJoin::probe() { return std::make_shared<ProbeTransform>(shared_); }
bool NestedLoopJoin::has_remainder() const { return shared_->spec.type == JoinType::kFull; }
std::shared_ptr<Source> NestedLoopJoin::remainder_source() { return std::make_shared<RemainderSource>(shared_); }

}  // namespace centella
