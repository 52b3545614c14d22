// Scheduling, blocking, errors and cancellation, shown with sources and sinks that do what the tests tell them.
#include "execution/pipeline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/raised_condition.h"
#include "execution/operators/result_queue.h"

namespace centella {
namespace {

using namespace std::chrono_literals;

// Counts what of a query is alive.
struct Living {
  explicit Living(std::atomic<int>* c) : count(*c) { ++count; }
  ~Living() { --count; }
  Living(const Living&) = delete;
  Living& operator=(const Living&) = delete;
  std::atomic<int>& count;
};

Batch Numbers(int64_t rows, int64_t first) {
  MutableVectorPtr values = Vector::MakeFlat(types::Long(), rows);
  for (int64_t i = 0; i < rows; ++i) values->mutable_data<int64_t>()[i] = first + i;
  Batch batch;
  batch.rows = rows;
  batch.columns = {values};
  return batch;
}

// A source whose readers ask a function for each step.
class ScriptedSource final : public Source {
 public:
  using Step = std::function<ReadState(const Morsel&, int64_t step, Batch*, EventPtr*)>;
  ScriptedSource(int64_t morsels, Step step) : morsels_(morsels), step_(std::move(step)) {}
  int32_t partitions() const override { return 1; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (int64_t i = 0; i < morsels_; ++i) morsels.push_back({0, i, i, 0});
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    return std::make_unique<Reader>(*this, morsel, &living);
  }
  std::atomic<int> living{0};

 private:
  struct Reader final : MorselReader {
    Reader(ScriptedSource& s, const Morsel& m, std::atomic<int>* count) : source(s), morsel(m), alive(count) {}
    ReadState Next(Batch* batch, EventPtr* wake) override { return source.step_(morsel, step++, batch, wake); }
    ScriptedSource& source;
    Morsel morsel;
    Living alive;
    int64_t step = 0;
  };
  int64_t morsels_;
  Step step_;
};

// A sink that adds up what comes; `consume` may block or raise first, `finish` is the work of its two finish tasks.
class AddingSink final : public Sink {
 public:
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<State>(this); }
  void Combine(SinkState&) override { ++combined; }
  void Finish() override {
    if (fail_in_finish) Raise(Condition::DIVIDE_BY_ZERO);
  }
  std::vector<std::function<void()>> FinishTasks() override {
    if (!finish) return {};
    return {finish, finish};
  }

  std::function<SinkResult(EventPtr*)> consume, end_morsel;
  std::function<void()> finish;
  bool fail_in_finish = false;
  std::atomic<int64_t> sum{0}, rows{0};
  std::atomic<int> combined{0}, living{0};

 private:
  struct State final : SinkState {
    explicit State(AddingSink* s) : sink(*s), alive(&s->living) {}
    SinkResult Consume(Batch& batch, EventPtr* wake) override {
      if (sink.consume) {
        const SinkResult result = sink.consume(wake);
        if (result != SinkResult::kNeedMore) return result;
      }
      sink.rows += batch.rows;
      for (int64_t i = 0; i < batch.rows; ++i) sink.sum += batch.columns[0]->data<int64_t>()[i];
      return SinkResult::kNeedMore;
    }
    SinkResult EndMorsel(EventPtr* wake) override {
      return sink.end_morsel ? sink.end_morsel(wake) : SinkResult::kNeedMore;
    }
    AddingSink& sink;
    Living alive;
  };
};

QueryContextPtr NewContext() {
  auto context = std::make_shared<QueryContext>();
  context->memory = std::make_shared<MemoryBudget>(int64_t{1} << 30);
  return context;
}

std::shared_ptr<PipelineRun> NewRun(std::shared_ptr<Source> source, std::shared_ptr<Sink> sink, Scheduler* scheduler,
                                    const QueryContextPtr& context = NewContext()) {
  std::vector<Pipeline> pipelines(1);
  pipelines[0] = {"test", {{std::move(source), {}, false}}, std::move(sink), {}};
  return std::make_shared<PipelineRun>(std::move(pipelines), context, scheduler);
}

// `batches` batches of ten rows a morsel, numbered through.
ScriptedSource::Step Give(int64_t batches) {
  return [batches](const Morsel& morsel, int64_t step, Batch* batch, EventPtr*) {
    if (step == batches) return ReadState::kFinished;
    *batch = Numbers(10, (morsel.sequence * batches + step) * 10);
    return ReadState::kBatch;
  };
}

Condition ConditionOf(PipelineRun& run) {
  return RaisedCondition([&] { run.Wait(); });
}

// The events that blocked sources and sinks wait for.
class Events {
 public:
  EventPtr Add() {
    std::lock_guard lock(mutex_);
    events_.push_back(std::make_shared<Event>());
    return events_.back();
  }
  size_t size() {
    std::lock_guard lock(mutex_);
    return events_.size();
  }
  void WaitFor(size_t count) {
    while (size() < count) std::this_thread::sleep_for(1ms);
  }
  void SetAll() {
    std::vector<EventPtr> events;
    {
      std::lock_guard lock(mutex_);
      events.swap(events_);
    }
    for (const EventPtr& event : events) event->Set();
  }

 private:
  std::mutex mutex_;
  std::vector<EventPtr> events_;
};

// Blocks each morsel's first step once, then gives `batches` batches.
ScriptedSource::Step BlockFirst(Events* events, int64_t batches) {
  auto blocked = std::make_shared<std::atomic<bool>>(false);
  return [=, give = Give(batches)](const Morsel& morsel, int64_t step, Batch* batch, EventPtr* wake) {
    if (step == 0) {
      *wake = events->Add();
      return ReadState::kBlocked;
    }
    return give(morsel, step - 1, batch, wake);
  };
}

TEST(PipelineTest, BlockedSourcesHoldNoThread) {
  Scheduler scheduler(2);
  Events events;
  std::vector<std::shared_ptr<PipelineRun>> blocked;
  std::vector<std::shared_ptr<AddingSink>> sinks;
  for (int i = 0; i < 100; ++i) {
    sinks.push_back(std::make_shared<AddingSink>());
    blocked.push_back(NewRun(std::make_shared<ScriptedSource>(2, BlockFirst(&events, 3)), sinks.back(), &scheduler));
    blocked.back()->Start();
  }
  events.WaitFor(200);
  // All 200 tasks are blocked, and a query that isn't runs to its end.
  auto sink = std::make_shared<AddingSink>();
  auto running = NewRun(std::make_shared<ScriptedSource>(20, Give(100)), sink, &scheduler);
  running->Start();
  running->Wait();
  EXPECT_EQ(sink->rows, 20'000);
  EXPECT_EQ(sink->sum, int64_t{20'000} * 19'999 / 2);
  for (const auto& run : blocked) EXPECT_FALSE(run->finished());
  events.SetAll();
  for (const auto& run : blocked) run->Wait();
  for (const auto& each : sinks) EXPECT_EQ(each->rows, 60);
}

TEST(PipelineTest, BlockedSinksAreOfferedTheSameBatchAgain) {
  Scheduler scheduler(2);
  Events events;
  std::vector<std::shared_ptr<PipelineRun>> runs;
  auto sink = std::make_shared<AddingSink>();
  std::atomic<int64_t> asked{0};
  const auto block_every_other = [&](EventPtr* wake) {
    if (asked.fetch_add(1) % 2 != 0) return SinkResult::kNeedMore;
    *wake = events.Add();
    return SinkResult::kBlocked;
  };
  sink->consume = block_every_other;
  sink->end_morsel = block_every_other;
  auto run = NewRun(std::make_shared<ScriptedSource>(3, Give(50)), sink, &scheduler);
  run->Start();
  while (!run->finished()) {
    events.SetAll();
    std::this_thread::sleep_for(100us);
  }
  run->Wait();
  EXPECT_EQ(sink->rows, 1500);
  EXPECT_EQ(sink->sum, int64_t{1500} * 1499 / 2);
}

TEST(PipelineTest, CancelledWhileBlocked) {
  Scheduler scheduler(2);
  for (const bool by_context : {false, true}) {
    Events events;
    auto source = std::make_shared<ScriptedSource>(2, BlockFirst(&events, 1));
    auto sink = std::make_shared<AddingSink>();
    const QueryContextPtr context = NewContext();
    auto run = NewRun(source, sink, &scheduler, context);
    run->Start();
    events.WaitFor(2);
    // Nobody sets the source's events: cancelling alone wakes the tasks.
    by_context ? context->cancellation->Cancel() : run->Cancel();
    EXPECT_EQ(ConditionOf(*run), Condition::OPERATION_CANCELED);
    EXPECT_EQ(source->living, 0);
    EXPECT_EQ(sink->living, 0);
    EXPECT_EQ(sink->rows, 0);
  }
}

TEST(PipelineTest, CancelledBeforeItStarts) {
  Scheduler scheduler(1);
  const QueryContextPtr context = NewContext();
  context->cancellation->Cancel();
  auto run = NewRun(std::make_shared<ScriptedSource>(1, Give(1)), std::make_shared<AddingSink>(), &scheduler, context);
  run->Start();
  EXPECT_EQ(ConditionOf(*run), Condition::OPERATION_CANCELED);
}

// Each place where an error can come from: siblings end, and are gone when it's given out.
TEST(PipelineTest, AnErrorCancelsSiblingsAndJoinsThem) {
  Scheduler scheduler(4);
  for (const std::string place : {"source", "sink", "finish", "finish task"}) {
    Events never;
    std::atomic<int> others{0};
    const bool in_source = place == "source", in_sink = place == "sink";
    auto source = std::make_shared<ScriptedSource>(
        4, [&, in_source, in_sink](const Morsel& morsel, int64_t step, Batch* batch, EventPtr* wake) {
          if (!in_source && !in_sink) return Give(1)(morsel, step, batch, wake);
          if (morsel.id == 1) {  // blocked for good, but for the error
            *wake = never.Add();
            others |= 1;
            return ReadState::kBlocked;
          }
          if (morsel.id >= 2) {  // endless
            others |= morsel.id == 2 ? 2 : 4;
            *batch = Numbers(1, 0);
            return ReadState::kBatch;
          }
          // The one that fails lets its siblings begin.
          while (others != 7) std::this_thread::sleep_for(1ms);
          if (in_source) Raise(Condition::DIVIDE_BY_ZERO);
          *batch = Numbers(1, 42);
          return ReadState::kBatch;
        });
    auto sink = std::make_shared<AddingSink>();
    if (in_sink) {
      sink->consume = [&](EventPtr*) {
        if (others == 7) Raise(Condition::DIVIDE_BY_ZERO);
        return SinkResult::kNeedMore;
      };
    }
    sink->fail_in_finish = place == "finish";
    if (place == "finish task") sink->finish = [] { Raise(Condition::DIVIDE_BY_ZERO); };
    auto run = NewRun(source, sink, &scheduler);
    run->Start();
    EXPECT_EQ(ConditionOf(*run), Condition::DIVIDE_BY_ZERO) << place;
    EXPECT_EQ(source->living, 0) << place;
    EXPECT_EQ(sink->living, 0) << place;
  }
}

TEST(PipelineTest, ASinkThatHasEnoughStopsItsDrivers) {
  Scheduler scheduler(2);
  auto source = std::make_shared<ScriptedSource>(4, [](const Morsel&, int64_t, Batch* batch, EventPtr*) {
    *batch = Numbers(10, 0);
    return ReadState::kBatch;  // endless
  });
  auto sink = std::make_shared<AddingSink>();
  std::atomic<int> batches{0};
  sink->consume = [&](EventPtr*) { return ++batches > 100 ? SinkResult::kDone : SinkResult::kNeedMore; };
  auto run = NewRun(source, sink, &scheduler);
  run->Start();
  run->Wait();
  EXPECT_EQ(sink->rows, 1000);
}

constexpr int64_t kCapacity = 1 << 20;
constexpr int64_t kResultRows = 4096;  // 32 KiB a batch

TEST(ResultQueueTest, AReaderThatStopsStopsTheQuery) {
  Scheduler scheduler(2);
  const QueryContextPtr context = NewContext();
  std::atomic<int64_t> made{0};
  const int64_t batches = 500;  // a morsel: 16 MiB
  auto source = std::make_shared<ScriptedSource>(4, [&](const Morsel& morsel, int64_t step, Batch* batch, EventPtr*) {
    if (step == batches) return ReadState::kFinished;
    *batch = Numbers(kResultRows, (morsel.sequence * batches + step) * kResultRows);
    made += batch->MemoryBytes();
    return ReadState::kBatch;
  });
  auto queue = std::make_shared<ResultQueue>(kCapacity, context->memory.get());
  auto run = NewRun(source, queue->sink(), &scheduler, context);
  run->OnFinished([&] { queue->Close(run->error()); });
  run->Start();
  // Both drivers come to wait with a batch in hand each.
  const auto settled = [&] {
    while (queue->waiting() < 2) std::this_thread::sleep_for(1ms);
  };
  const int64_t batch_bytes = Numbers(kResultRows, 0).MemoryBytes();
  settled();
  EXPECT_LE(made, kCapacity + 4 * batch_bytes);
  EXPECT_GE(context->memory->used(), kCapacity);
  EXPECT_LE(context->memory->used(), kCapacity + 4 * batch_bytes);
  // It goes on when somebody reads, and stops again.
  int64_t next = 0;
  Batch batch;
  const auto read = [&] {
    if (!queue->Next(&batch)) return false;
    for (int64_t i = 0; i < batch.rows; ++i) EXPECT_EQ(batch.columns[0]->data<int64_t>()[i], next++);
    return true;
  };
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(read());
  settled();
  EXPECT_LE(made, 100 * batch_bytes + kCapacity + 4 * batch_bytes);
  while (read()) {
  }
  EXPECT_EQ(next, 4 * batches * kResultRows);
  EXPECT_EQ(context->memory->used(), 0);
}

TEST(ResultQueueTest, AnErrorComesOutAndWhatWaitedIsReleased) {
  Scheduler scheduler(2);
  const QueryContextPtr context = NewContext();
  auto source = std::make_shared<ScriptedSource>(4, [&](const Morsel&, int64_t, Batch* batch, EventPtr*) {
    *batch = Numbers(kResultRows, 0);
    return ReadState::kBatch;  // endless
  });
  {
    auto queue = std::make_shared<ResultQueue>(kCapacity, context->memory.get());
    auto run = NewRun(source, queue->sink(), &scheduler, context);
    run->OnFinished([&] { queue->Close(run->error()); });
    run->Start();
    while (queue->waiting() < 2) std::this_thread::sleep_for(1ms);
    context->cancellation->Cancel();
    EXPECT_EQ(ConditionOf(*run), Condition::OPERATION_CANCELED);
    Batch batch;
    EXPECT_THROW(queue->Next(&batch), Error);  // closed before anybody's wait is over
  }
  EXPECT_EQ(source->living, 0);
  EXPECT_EQ(context->memory->used(), 0);
}

// ---- the scheduler ------------------------------------------------------------------------------------------------

class FunctionTask final : public Task {
 public:
  explicit FunctionTask(std::function<TaskState(int64_t)> run) : run_(std::move(run)) {}
  TaskState Run(int64_t deadline_nanos, EventPtr*) override { return run_(deadline_nanos); }

 private:
  std::function<TaskState(int64_t)> run_;
};

TEST(SchedulerTest, ANewQueryHasItsTurnAfterOneSliceOfTheOthers) {
  std::atomic<int> slices{0}, slices_before_small{-1};
  std::atomic<bool> over{false};
  Scheduler scheduler(1);
  for (int query = 0; query < 64; ++query) {
    scheduler.Submit(std::make_shared<FunctionTask>([&](int64_t deadline) {
                       while (SteadyNanos() < deadline && !over) {
                       }
                       ++slices;
                       return over ? TaskState::kFinished : TaskState::kYielded;
                     }),
                     std::make_shared<TaskGroup>());
  }
  while (slices < 80) std::this_thread::sleep_for(1ms);
  const int before = slices;
  scheduler.Submit(std::make_shared<FunctionTask>([&, before](int64_t) {
                     slices_before_small = slices - before;
                     return TaskState::kFinished;
                   }),
                   std::make_shared<TaskGroup>());
  while (slices_before_small < 0) std::this_thread::sleep_for(1ms);
  over = true;
  // The slices that ran then; more than one on a busy machine, where a spare thread may be lent. In turn it would be 64.
  EXPECT_LE(slices_before_small, 16);
}

TEST(SchedulerTest, ATaskThatDoesNotComeBackDoesNotHoldUpAYoungQuery) {
  Scheduler scheduler(1);
  std::atomic<bool> small_ran{false}, large_ran{false};
  scheduler.Submit(std::make_shared<FunctionTask>([&](int64_t) {
                     while (!small_ran) std::this_thread::sleep_for(1ms);  // one step, however long
                     large_ran = true;
                     return TaskState::kFinished;
                   }),
                   std::make_shared<TaskGroup>());
  scheduler.Submit(std::make_shared<FunctionTask>([&](int64_t) {
                     small_ran = true;
                     return TaskState::kFinished;
                   }),
                   std::make_shared<TaskGroup>());
  while (!large_ran) std::this_thread::sleep_for(1ms);
}

}  // namespace
}  // namespace centella
