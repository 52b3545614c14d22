// Pipelines and the query that runs them: drivers, dependencies, errors, cancellation.
#include "execution/pipeline.h"

#include <algorithm>
#include <tuple>

#include "base/input_file.h"

namespace centella {
namespace {

// A chain opened for one morsel: pulls from the source through the transforms.
class ChainReader final : public MorselReader {
 public:
  ChainReader(const Chain& chain, const Morsel& morsel) : reader_(chain.source->Open(morsel)) {
    for (const auto& transform : chain.transforms) {
      transforms_.push_back(transform->NewState(morsel));
      finished_.push_back(false);
    }
  }

  ReadState Next(Batch* batch, EventPtr* wake) override { return Pull(transforms_.size(), batch, wake); }

 private:
  // A batch out of transform `level - 1` (level 0: out of the source). An empty one when a batch was taken and gave nothing:
  // the driver looks at its time and for a cancellation then, also while a filter drops a million rows.
  ReadState Pull(size_t level, Batch* batch, EventPtr* wake) {
    if (level == 0) {
      ClearCurrentInputFile();
      return reader_->Next(batch, wake);
    }
    TransformState& transform = *transforms_[level - 1];
    while (true) {
      if (transform.Next(batch)) return ReadState::kBatch;
      if (finished_[level - 1] || transform.done()) return ReadState::kFinished;
      Batch input;
      switch (Pull(level - 1, &input, wake)) {
        case ReadState::kBlocked: return ReadState::kBlocked;
        case ReadState::kFinished:
          finished_[level - 1] = true;
          transform.FinishInput();
          break;
        case ReadState::kBatch:
          if (input.live_rows() > 0) transform.Consume(std::move(input));
          if (!transform.Next(batch)) *batch = Batch();
          return ReadState::kBatch;
      }
    }
  }

  std::unique_ptr<MorselReader> reader_;
  std::vector<std::unique_ptr<TransformState>> transforms_;
  std::vector<bool> finished_;
};

}  // namespace

std::unique_ptr<MorselReader> OpenChain(const Chain& chain, const Morsel& morsel) {
  return std::make_unique<ChainReader>(chain, morsel);
}

// Morsels are handed out singly, or as whole partitions when a transform needs a partition's rows in order.
struct PipelineRun::PipelineState {
  size_t stage = 0;
  int32_t first_partition = 0;                   // of this stage, in the pipeline's numbering
  std::vector<Morsel> morsels;                   // as the source numbers them
  std::vector<std::pair<size_t, size_t>> units;  // ranges of morsels
  std::atomic<size_t> next_unit{0};
  std::atomic<bool> done{false};
  int live_drivers = 0;  // under the run's mutex
  size_t missing_dependencies = 0;
  int live_finish_tasks = 0;
  bool started = false;
  bool finished = false;
};

// Takes units of morsels until none is left.
class PipelineRun::Driver final : public Task {
 public:
  Driver(std::shared_ptr<PipelineRun> run, size_t pipeline)
      : run_(std::move(run)), pipeline_(pipeline), state_(*run_->states_[pipeline]) {}

  TaskState Run(int64_t deadline_nanos, EventPtr* wake) override {
    try {
      const TaskState state = Advance(deadline_nanos, wake);
      if (state == TaskState::kBlocked) run_->Blocked(*wake);
      if (state != TaskState::kFinished) return state;
      if (sink_state_ != nullptr && !run_->stopping()) run_->pipelines_[pipeline_].sink->Combine(*sink_state_);
    } catch (...) {
      run_->Fail(std::current_exception());
    }
    Close();
    return TaskState::kFinished;
  }

 private:
  void Close() {
    // Destructors of operator state may be long; nothing of the query may outlive its last task.
    reader_.reset();
    sink_state_.reset();
    std::shared_ptr<PipelineRun> run = std::move(run_);
    run->DriverFinished(pipeline_);
    run->TaskEnded();
  }

  TaskState Advance(int64_t deadline_nanos, EventPtr* wake) {
    const Pipeline& pipeline = run_->pipelines_[pipeline_];
    if (sink_state_ == nullptr) sink_state_ = pipeline.sink->NewState();
    while (true) {
      if (run_->stopping() || state_.done.load(std::memory_order_relaxed)) return TaskState::kFinished;
      run_->context_->cancellation->ThrowIfCancelled();
      if (has_batch_) {
        const SinkResult result = sink_state_->Consume(batch_, wake);
        if (result == SinkResult::kBlocked) return TaskState::kBlocked;
        has_batch_ = false;
        batch_ = Batch();
        if (result == SinkResult::kDone) state_.done.store(true, std::memory_order_relaxed);
      } else if (ending_morsel_) {
        const SinkResult result = sink_state_->EndMorsel(wake);
        if (result == SinkResult::kBlocked) return TaskState::kBlocked;
        ending_morsel_ = false;
        if (result == SinkResult::kDone) state_.done.store(true, std::memory_order_relaxed);
      } else if (reader_ == nullptr) {
        if (!OpenNext()) return TaskState::kFinished;
      } else {
        switch (reader_->Next(&batch_, wake)) {
          case ReadState::kBlocked: return TaskState::kBlocked;
          case ReadState::kFinished:
            reader_.reset();
            ending_morsel_ = true;
            run_->context_->metrics->tasks_done.fetch_add(1, std::memory_order_relaxed);
            break;
          case ReadState::kBatch:
            has_batch_ = batch_.live_rows() > 0;
            batch_.place = {state_.first_partition + morsel_.partition, morsel_.sequence};
            break;
        }
      }
      if (SteadyNanos() >= deadline_nanos) return TaskState::kYielded;
    }
  }

  // The next morsel of this driver's unit, or of a new unit; false when there is none.
  bool OpenNext() {
    if (position_ == end_) {
      const size_t unit = state_.next_unit.fetch_add(1, std::memory_order_relaxed);
      if (unit >= state_.units.size()) return false;
      std::tie(position_, end_) = state_.units[unit];
    }
    morsel_ = state_.morsels[position_++];
    const Pipeline& pipeline = run_->pipelines_[pipeline_];
    reader_ = OpenChain(pipeline.stages[state_.stage], morsel_);
    Morsel numbered = morsel_;
    numbered.partition += state_.first_partition;
    sink_state_->BeginMorsel(numbered);
    return true;
  }

  std::shared_ptr<PipelineRun> run_;
  size_t pipeline_;
  PipelineState& state_;
  std::unique_ptr<SinkState> sink_state_;
  std::unique_ptr<MorselReader> reader_;
  Morsel morsel_;
  size_t position_ = 0, end_ = 0;
  Batch batch_;
  bool has_batch_ = false;
  bool ending_morsel_ = false;
};

// One of a sink's finish tasks.
class PipelineRun::FinishTask final : public Task {
 public:
  FinishTask(std::shared_ptr<PipelineRun> run, size_t pipeline, std::function<void()> work)
      : run_(std::move(run)), pipeline_(pipeline), work_(std::move(work)) {}

  TaskState Run(int64_t, EventPtr*) override {
    try {
      if (!run_->stopping()) work_();
    } catch (...) {
      run_->Fail(std::current_exception());
    }
    work_ = nullptr;
    std::shared_ptr<PipelineRun> run = std::move(run_);
    run->FinishTasksDone(pipeline_);
    run->TaskEnded();
    return TaskState::kFinished;
  }

 private:
  std::shared_ptr<PipelineRun> run_;
  size_t pipeline_;
  std::function<void()> work_;
};

PipelineRun::PipelineRun(std::vector<Pipeline> pipelines, QueryContextPtr context, Scheduler* scheduler)
    : pipelines_(std::move(pipelines)), context_(std::move(context)), scheduler_(scheduler) {
  for (const Pipeline& pipeline : pipelines_) {
    states_.push_back(std::make_unique<PipelineState>());
    states_.back()->missing_dependencies = pipeline.depends_on.size();
  }
}

PipelineRun::~PipelineRun() = default;

void PipelineRun::Start() {
  TaskStarted();  // held while starting, so that an empty run ends exactly once
  {
    std::lock_guard lock(mutex_);
    started_ = true;
  }
  // Whoever cancels (an interrupt, a deadline) also wakes what is blocked.
  context_->cancellation->OnCancel([weak = weak_from_this()] {
    if (const std::shared_ptr<PipelineRun> run = weak.lock()) run->Cancel();
  });
  StartReadyPipelines();
  TaskEnded();
}

void PipelineRun::StartReadyPipelines() {
  std::vector<size_t> ready;
  {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < pipelines_.size(); ++i) {
      if (!states_[i]->started && states_[i]->missing_dependencies == 0) {
        states_[i]->started = true;
        ready.push_back(i);
      }
    }
  }
  for (size_t index : ready) {
    if (stopping()) return;
    try {
      StartStage(index);
    } catch (...) {
      Fail(std::current_exception());
    }
  }
}

void PipelineRun::StartStage(size_t index) {
  PipelineState& state = *states_[index];
  const Chain& chain = pipelines_[index].stages[state.stage];
  state.morsels = chain.source->Morsels();
  const auto before = [](const Morsel& a, const Morsel& b) {
    return std::tie(a.partition, a.sequence) < std::tie(b.partition, b.sequence);
  };
  if (!std::is_sorted(state.morsels.begin(), state.morsels.end(), before)) {
    std::stable_sort(state.morsels.begin(), state.morsels.end(), before);
  }
  context_->metrics->tasks_total.fetch_add(static_cast<int64_t>(state.morsels.size()), std::memory_order_relaxed);
  state.units.clear();
  state.next_unit.store(0, std::memory_order_relaxed);
  std::vector<Morsel> numbered = state.morsels;
  for (size_t i = 0; i < state.morsels.size(); ++i) {
    numbered[i].partition += state.first_partition;
    const bool same_unit =
        chain.partition_order && i > 0 && state.morsels[i].partition == state.morsels[i - 1].partition;
    if (same_unit) {
      state.units.back().second = i + 1;
    } else {
      state.units.emplace_back(i, i + 1);
    }
  }
  pipelines_[index].sink->Start(numbered, chain.source->partitions());
  // One driver at least, so that sinks are combined and finished for empty inputs too.
  const int drivers = static_cast<int>(std::clamp<size_t>(state.units.size(), 1, scheduler_->threads()));
  {
    std::lock_guard lock(mutex_);
    state.live_drivers = drivers;
    live_tasks_ += drivers;
  }
  for (int i = 0; i < drivers; ++i) {
    scheduler_->Submit(std::make_shared<Driver>(shared_from_this(), index), group_);
  }
}

void PipelineRun::DriverFinished(size_t index) {
  PipelineState& state = *states_[index];
  {
    std::lock_guard lock(mutex_);
    if (--state.live_drivers > 0) return;
  }
  if (stopping()) return;
  try {
    const Pipeline& pipeline = pipelines_[index];
    if (state.stage + 1 < pipeline.stages.size() && !state.done.load(std::memory_order_relaxed)) {
      state.first_partition += pipeline.stages[state.stage].source->partitions();
      ++state.stage;
      StartStage(index);
      return;
    }
    FinishSink(index);
  } catch (...) {
    Fail(std::current_exception());
  }
}

void PipelineRun::FinishSink(size_t index) {
  Sink& sink = *pipelines_[index].sink;
  sink.Finish();
  std::vector<std::function<void()>> tasks = sink.FinishTasks();
  if (tasks.empty()) {
    PipelineFinished(index);
    return;
  }
  {
    std::lock_guard lock(mutex_);
    states_[index]->live_finish_tasks = static_cast<int>(tasks.size());
    live_tasks_ += static_cast<int64_t>(tasks.size());
  }
  for (auto& task : tasks) {
    scheduler_->Submit(std::make_shared<FinishTask>(shared_from_this(), index, std::move(task)), group_);
  }
}

void PipelineRun::FinishTasksDone(size_t pipeline) {
  {
    std::lock_guard lock(mutex_);
    if (--states_[pipeline]->live_finish_tasks > 0) return;
  }
  if (!stopping()) PipelineFinished(pipeline);
}

void PipelineRun::PipelineFinished(size_t pipeline) {
  {
    std::lock_guard lock(mutex_);
    states_[pipeline]->finished = true;
    ++finished_pipelines_;
    for (size_t i = 0; i < pipelines_.size(); ++i) {
      for (size_t dependency : pipelines_[i].depends_on) {
        if (dependency == pipeline) --states_[i]->missing_dependencies;
      }
    }
  }
  StartReadyPipelines();
}

void PipelineRun::Fail(std::exception_ptr error) {
  {
    std::lock_guard lock(mutex_);
    if (error_ == nullptr) error_ = std::move(error);
  }
  stopping_.store(true, std::memory_order_release);
  ResumeAll();
}

void PipelineRun::Cancel() {
  {
    // Over already, though perhaps not yet told: the query may have more to run with the same context.
    std::lock_guard lock(mutex_);
    if (started_ && live_tasks_ == 0) return;
  }
  context_->cancellation->Cancel();
  {
    std::lock_guard lock(mutex_);
    if (error_ == nullptr && !done_) {
      error_ = std::make_exception_ptr(Error(Condition::OPERATION_CANCELED, {}));
    }
  }
  stopping_.store(true, std::memory_order_release);
  ResumeAll();
}

void PipelineRun::Blocked(const EventPtr& wake) {
  {
    std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [](const EventPtr& event) { return event->IsSet(); });
    waiting_.push_back(wake);
  }
  if (stopping()) wake->Set();
}

void PipelineRun::ResumeAll() {
  std::vector<EventPtr> events;
  {
    std::lock_guard lock(mutex_);
    events.swap(waiting_);
  }
  for (const EventPtr& event : events) event->Set();
}

void PipelineRun::TaskStarted() {
  std::lock_guard lock(mutex_);
  ++live_tasks_;
}

void PipelineRun::TaskEnded() {
  {
    std::lock_guard lock(mutex_);
    if (--live_tasks_ > 0) return;
  }
  // No task is left to use them: what operators hold is given back, and the callback called, before whoever waits goes on.
  pipelines_.clear();
  const auto call = [this](bool done) {
    std::function<void()> callback;
    {
      std::lock_guard lock(mutex_);
      callback.swap(on_finished_);
      done_ = done;
      if (done) changed_.notify_all();
    }
    if (callback) callback();
  };
  call(false);
  call(true);
}

void PipelineRun::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_; });
  if (error_ != nullptr) std::rethrow_exception(error_);
}

bool PipelineRun::finished() const {
  std::lock_guard lock(mutex_);
  return done_;
}

void PipelineRun::OnFinished(std::function<void()> callback) {
  {
    std::lock_guard lock(mutex_);
    if (!done_) {
      on_finished_ = std::move(callback);
      return;
    }
  }
  callback();
}

std::exception_ptr PipelineRun::error() const {
  std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace centella
