// LIMIT, OFFSET and tail: the first (or last) rows in Spark's order of partitions, stopping the input early.
#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "execution/batch_store.h"
#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

struct PhysicalLimit final : NodeOf<PhysicalLimit, PhysicalPlan, PhysicalKind::kLimit> {
  int64_t limit = -1, offset = 0;  // a limit below 0: none
  bool tail = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("limit", limit);
    v.Field("offset", offset);
    v.Field("tail", tail);
  }
};

struct Limited {
  Limited(int64_t l, int64_t o, bool t, std::vector<TypePtr> types, QueryContextPtr c)
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

class LimitState final : public SinkState {
 public:
  explicit LimitState(Limited* shared) : shared_(*shared) {}
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
    while (!last_.empty() && rows_ - last_.front().rows >= wanted) {
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

  Limited& shared_;
  Place place_;
  std::deque<Batch> last_;  // of this morsel, not yet kept
  int64_t rows_ = 0;        // of this morsel
};

class LimitSink final : public Sink {
 public:
  explicit LimitSink(std::shared_ptr<Limited> shared) : shared_(std::move(shared)) {}
  void Start(const std::vector<Morsel>& morsels, int32_t) override {
    for (const Morsel& morsel : morsels) shared_->order.push_back({morsel.partition, morsel.sequence});
  }
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<LimitState>(shared_.get()); }
  void Combine(SinkState&) override {}
  void Finish() override { shared_->kept.SortByPlace(); }

 private:
  std::shared_ptr<Limited> shared_;
};

class LimitSource final : public Source {
 public:
  explicit LimitSource(std::shared_ptr<Limited> shared) : shared_(std::move(shared)) {}
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
  std::shared_ptr<Limited> shared_;
  std::vector<Chosen> chosen_;
};

int64_t LimitValue(const ExprPtr& expression, int64_t none, const Planner& planner) {
  return expression == nullptr ? none : EvaluateConstant(expression, planner.context()).integer();
}

constexpr int64_t kMaxTopRows = 1 << 20;

// Whether rows that are dropped later have to go through the projection first: what numbers rows counts them, and without a
// LIMIT Spark evaluates it for them, so that it may raise.
bool SeesDroppedRows(const Project& project, bool limited) {
  return std::any_of(project.expressions.begin(), project.expressions.end(), [limited](const ExprPtr& expression) {
    return !IsDeterministic(expression) || (!limited && CanFail(expression));
  });
}

// LIMIT over a global sort is a top-n, through projections too; and the sort leaves out what comes before OFFSET.
Planned PlanLimit(const PlanPtr& plan, Planner& planner) {
  const Limit& limit = To<Limit>(plan);
  const int64_t rows = LimitValue(limit.limit, -1, planner);
  const int64_t offset = LimitValue(limit.offset, 0, planner);
  const Project* project = As<Project>(limit.child);
  const Sort* sort = As<Sort>(project != nullptr ? project->child : limit.child);
  Planned child;
  int64_t offset_of_sort = 0;
  if (sort != nullptr && sort->global && !limit.tail) {
    offset_of_sort = project != nullptr && SeesDroppedRows(*project, rows >= 0) ? 0 : offset;
    const int64_t top = rows >= 0 && rows + offset <= kMaxTopRows ? rows + offset : -1;
    child = planner.SortOn(planner.Plan(sort->child), sort->order, top, false, offset_of_sort);
    if (project != nullptr) child = planner.ProjectOn(child, project->expressions);
    if (rows < 0 && offset_of_sort == offset) return child;
  } else {
    child = planner.Plan(limit.child);
  }
  auto node = NewNode<PhysicalLimit>(child.output, {child.plan});
  node->limit = rows;
  node->offset = offset - offset_of_sort;
  node->tail = limit.tail;
  return {node, child.output};
}

Built BuildLimit(const PhysicalLimit& limit, PipelineBuilder& builder) {
  auto limited = std::make_shared<Limited>(limit.limit, limit.offset, limit.tail, limit.types(), builder.context());
  const size_t pipeline = builder.End("limit", builder.Build(limit.children[0]), std::make_shared<LimitSink>(limited));
  return builder.FromSource(std::make_shared<LimitSource>(limited), {pipeline});
}

void CheckLimit(const PhysicalLimit& limit, const PlanCheck& check) { check.Width(limit, check.Input(limit).size()); }

std::string LineOf(const PhysicalLimit& limit) {
  std::string text = limit.tail ? "Tail " : "Limit ";
  text += std::to_string(limit.limit);
  if (limit.offset > 0) text += " Offset " + std::to_string(limit.offset);
  return text;
}

std::vector<PhysicalPtr> SampleLimits() {
  const PhysicalPtr rows = samples::Rows();
  auto limit = samples::NodeOver<PhysicalLimit>(rows->columns(), {rows});
  limit->limit = 3;
  limit->offset = 1;
  auto tail = samples::NodeOver<PhysicalLimit>(rows->columns(), {rows});
  tail->limit = 2;
  tail->tail = true;
  return {limit, tail};
}

}  // namespace

OperatorDeclaration operators::DeclareLimit() {
  return OperatorOf<PhysicalLimit>()
      .Plans(PlanKind::kLimit, PlanLimit)
      .Builds(BuildLimit)
      .Checks(CheckLimit)
      .Shows(LineOf)
      .Samples(SampleLimits);
}

}  // namespace centella
