// Joins without an equality.
#include "execution/operators/nested_loop_join.h"

#include <algorithm>

#include "execution/batch_store.h"
#include "execution/operators/sources.h"

namespace centella {

struct NestedLoopJoin::Shared {
  Shared(NestedLoopJoinSpec s, QueryContextPtr c)
      : spec(std::move(s)), context(std::move(c)), build(spec.right_types, context) {}
  const NestedLoopJoinSpec spec;
  const QueryContextPtr context;
  BatchStore build;                           // in place order once finished
  std::vector<std::vector<uint8_t>> matched;  // per build batch and row (full joins)
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
    shared_.build.Add({place_.partition, place_.sequence++}, 0, std::move(batch));
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
    shared_->build.SortByPlace();
    for (const BatchStore::Entry& entry : shared_->build.entries()) {
      shared_->matched.emplace_back(shared_->spec.type == JoinType::kFull ? entry.rows : 0, uint8_t{0});
    }
  }

 private:
  std::shared_ptr<Shared> shared_;
};

// Each pair of a probe row and a build batch is one step. In memory, one probe row after the other goes through all build
// batches; what lies on disk is read once for each probe batch, and all its rows go through it. What depends on a row's
// last pair (outer, semi and the like) is decided when all steps are done.
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
    row_matched_.assign(input_.rows, 0);
    by_build_batch_ = shared_->build.spilled();
    single_ = shared_->build.rows() == 1 && (spec_.type == JoinType::kInner || spec_.type == JoinType::kCross ||
                                             (spec_.type == JoinType::kLeft && spec_.condition == nullptr));
    state_ = State::kPairs;
  }

  bool Next(Batch* batch) override {
    if (state_ == State::kDone) return false;
    if (single_) return EmitSingle(batch);
    for (int steps = 0; state_ == State::kPairs; ++steps) {
      if (by_build_batch_ ? build_ == entries().size() : row_ == input_.rows) {
        state_ = State::kDone;
        return EmitDecided(batch);
      }
      if (steps == kStepsBeforeAnEmptyBatch) break;
      if (by_build_batch_ ? StepByBuildBatch(batch) : StepByRow(batch)) return true;
    }
    *batch = Batch();
    return true;
  }

 private:
  bool keeps_pairs() const {
    return spec_.type == JoinType::kInner || spec_.type == JoinType::kCross || spec_.type == JoinType::kLeft ||
           spec_.type == JoinType::kFull;
  }

  // All probe rows against the one build row.
  bool EmitSingle(Batch* batch) {
    state_ = State::kDone;
    Batch pairs;
    pairs.rows = input_.rows;
    pairs.place = input_.place;
    pairs.columns = input_.columns;
    const Batch build = shared_->build.Read(entries()[0]);
    for (const VectorPtr& column : build.columns) {
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

  const std::vector<BatchStore::Entry>& entries() const { return shared_->build.entries(); }
  bool keeps_unmatched() const { return spec_.type == JoinType::kLeft || spec_.type == JoinType::kFull; }

  // The current probe row against the current build batch, and on to the next build batch or row; true when that gave
  // output.
  bool StepByRow(Batch* batch) {
    bool emitted = false;
    if (build_ < entries().size()) {
      emitted = MatchBatch(entries()[build_].batch, &shared_->matched[build_], batch);
      ++build_;
    }
    const bool existence_known = row_matched_[row_] && !keeps_pairs();
    if (build_ < entries().size() && !existence_known) return emitted;
    const int32_t row = static_cast<int32_t>(row_++);
    build_ = 0;
    if (!keeps_unmatched() || row_matched_[row]) return emitted;
    EmitUnmatchedProbe({row}, batch);
    return true;
  }

  bool StepByBuildBatch(Batch* batch) {
    if (row_ == 0) loaded_ = shared_->build.Read(entries()[build_]);
    const bool existence_known = row_matched_[row_] && !keeps_pairs();
    const bool emitted = !existence_known && MatchBatch(loaded_, &shared_->matched[build_], batch);
    if (++row_ == input_.rows) {
      row_ = 0;
      ++build_;
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
    row_matched_[row_] = 1;
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

  void EmitUnmatchedProbe(const std::vector<int32_t>& rows, Batch* batch) {
    const int64_t n = static_cast<int64_t>(rows.size());
    *batch = Batch();
    batch->rows = n;
    batch->place = input_.place;
    for (int column : spec_.left_output) batch->columns.push_back(Gather(input_.columns[column], rows.data(), n));
    for (int column : spec_.right_output) batch->columns.push_back(Vector::MakeNull(spec_.right_types[column], n));
  }

  // What is known of the probe rows only after all pairs.
  bool EmitDecided(Batch* batch) {
    if (keeps_pairs() && !(keeps_unmatched() && by_build_batch_)) return false;
    const bool existence = spec_.type == JoinType::kExistence, wanted = spec_.type == JoinType::kLeftSemi;
    std::vector<int32_t> rows;
    for (int64_t row = 0; row < input_.rows; ++row) {
      if (existence || (row_matched_[row] != 0) == wanted) rows.push_back(static_cast<int32_t>(row));
    }
    if (rows.empty()) return false;
    if (keeps_unmatched()) {
      EmitUnmatchedProbe(rows, batch);
      return true;
    }
    const int64_t n = static_cast<int64_t>(rows.size());
    *batch = Batch();
    batch->rows = n;
    batch->place = input_.place;
    for (int column : spec_.left_output) batch->columns.push_back(Gather(input_.columns[column], rows.data(), n));
    if (existence) {
      MutableVectorPtr exists = Vector::MakeFlat(types::Boolean(), n);
      std::copy(row_matched_.begin(), row_matched_.end(), exists->mutable_data<uint8_t>());
      batch->columns.push_back(exists);
    }
    return true;
  }

  static constexpr int kStepsBeforeAnEmptyBatch = 16;
  enum class State : uint8_t { kPairs, kDone };
  std::shared_ptr<Shared> shared_;
  const NestedLoopJoinSpec& spec_;
  std::unique_ptr<ExpressionExecutor> condition_;
  Batch input_, loaded_;
  int64_t row_ = 0;
  size_t build_ = 0;
  bool single_ = false, by_build_batch_ = false;
  State state_ = State::kDone;
  std::vector<uint8_t> row_matched_;  // per input row
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

// Build rows that nobody matched, a morsel for each build batch.
class RemainderSource final : public Source {
 public:
  explicit RemainderSource(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (const BatchStore::Entry& entry : shared_->build.entries()) {
      const int64_t id = static_cast<int64_t>(morsels.size());
      morsels.push_back({0, id, id, entry.rows});
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    const std::vector<uint8_t>& matched = shared_->matched[morsel.id];
    std::vector<int32_t> rows;
    for (size_t i = 0; i < matched.size(); ++i) {
      if (!matched[i]) rows.push_back(static_cast<int32_t>(i));
    }
    const Batch build = shared_->build.Read(shared_->build.entries()[morsel.id]);
    Batch batch;
    batch.rows = static_cast<int64_t>(rows.size());
    for (int c : shared_->spec.left_output) {
      batch.columns.push_back(Vector::MakeNull(shared_->spec.left_types[c], batch.rows));
    }
    for (int c : shared_->spec.right_output) batch.columns.push_back(Gather(build.columns[c], rows.data(), batch.rows));
    return MakeBatchReader(std::move(batch), shared_->context->batch_size);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

NestedLoopJoin::NestedLoopJoin(NestedLoopJoinSpec spec, QueryContextPtr context)
    : shared_(std::make_shared<Shared>(std::move(spec), std::move(context))) {}
std::shared_ptr<Sink> NestedLoopJoin::build_sink() { return std::make_shared<BuildSink>(shared_); }
std::shared_ptr<Transform> NestedLoopJoin::probe() { return std::make_shared<ProbeTransform>(shared_); }
bool NestedLoopJoin::has_remainder() const { return shared_->spec.type == JoinType::kFull; }
std::shared_ptr<Source> NestedLoopJoin::remainder_source() { return std::make_shared<RemainderSource>(shared_); }

}  // namespace centella
