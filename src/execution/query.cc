// Running a query: planning, pipelines, the stream of results.
#include "execution/query.h"

#include "execution/cached_table.h"
#include "execution/fragment.h"
#include "execution/operators/result_queue.h"
#include "execution/operators/write_sink.h"
#include "execution/physical_nodes.h"
#include "execution/pipeline.h"
#include "execution/pipeline_builder.h"
#include "plan/transform.h"
#include "storage/data_source.h"

namespace centella {
namespace {

constexpr int64_t kResultBufferBytes = 16 << 20;

class EngineImpl final : public Engine {
 public:
  EngineImpl(int threads, int64_t memory_bytes)
      : memory_(std::make_shared<MemoryBudget>(memory_bytes)), scheduler_(threads) {}
  int threads() const override { return scheduler_.threads(); }
  const std::shared_ptr<MemoryBudget>& memory() const override { return memory_; }
  Scheduler* scheduler() { return &scheduler_; }

 private:
  std::shared_ptr<MemoryBudget> memory_;
  Scheduler scheduler_;
};

Scheduler* SchedulerOf(const std::shared_ptr<Engine>& engine) { return static_cast<EngineImpl&>(*engine).scheduler(); }

// The plan as another process would get it (spark.centella.plan.roundTrip, a test setting): it has to be the same.
PhysicalPtr RoundTrip(const PhysicalPtr& plan, const QueryContextPtr& context) {
  const std::string bytes = SerializePhysicalPlan(plan);
  PhysicalPtr again =
      DeserializePhysicalPlan(bytes, [&](std::string_view identity) { return ResolveTable(identity, context); });
  CENTELLA_CHECK(PhysicalDebugString(again) == PhysicalDebugString(plan),
                 "a physical plan prints otherwise once read back");
  CENTELLA_CHECK(SamePhysicalPlan(again, plan), "a physical plan isn't the same once read back");
  CENTELLA_CHECK(SerializePhysicalPlan(again) == bytes, "a physical plan has other bytes once read back");
  return again;
}

PhysicalPtr PlanToRun(const PlanPtr& plan, const QueryContextPtr& context) {
  PhysicalPtr physical = MakePhysicalPlan(plan, context);
  return context->config.GetBool("spark.centella.plan.roundTrip") ? RoundTrip(physical, context) : physical;
}

// Cached tables that the plan reads are filled first, in this thread: workers must stay free for the filling.
void FillCachedTables(const PhysicalPtr& plan, Cancellation& cancellation) {
  if (const PhysicalScan* scan = As<PhysicalScan>(plan)) {
    if (const auto* cached = dynamic_cast<const CachedTable*>(scan->table.get())) cached->Fill(cancellation);
  }
  for (const PhysicalPtr& child : plan->children) FillCachedTables(child, cancellation);
}

class QueueResultStream final : public ResultStream {
 public:
  QueueResultStream(const PhysicalPtr& plan, const FragmentPart& part, QueryContextPtr context,
                    std::shared_ptr<Engine> engine)
      : engine_(std::move(engine)), queue_(std::make_shared<ResultQueue>(kResultBufferBytes, context->memory.get())) {
    FillCachedTables(plan, *context->cancellation);
    std::vector<Pipeline> pipelines = BuildPipelines(plan, queue_->sink(), false, context, &partitions_, part);
    run_ = std::make_shared<PipelineRun>(std::move(pipelines), std::move(context), SchedulerOf(engine_));
    run_->OnFinished([queue = queue_, run = std::weak_ptr<PipelineRun>(run_)] {
      const std::shared_ptr<PipelineRun> alive = run.lock();
      queue->Close(alive != nullptr ? alive->error() : nullptr);
    });
    run_->Start();
  }
  ~QueueResultStream() override {
    // After the last batch there is nothing to cancel, though the run's last task may not have gone yet; the statement may
    // have more to run.
    if (!exhausted_ && !run_->finished()) run_->Cancel();
    try {
      run_->Wait();
    } catch (...) {  // NOLINT: whoever destroys the stream doesn't want its error
    }
  }
  bool Next(Batch* batch) override {
    exhausted_ = !queue_->Next(batch);
    return !exhausted_;
  }
  int32_t partitions() const override { return partitions_; }

 private:
  bool exhausted_ = false;
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<ResultQueue> queue_;
  std::shared_ptr<PipelineRun> run_;
  int32_t partitions_ = 1;
};

}  // namespace

std::shared_ptr<Engine> Engine::Make(int threads, int64_t memory_bytes) {
  return std::make_shared<EngineImpl>(threads, memory_bytes);
}

std::unique_ptr<ResultStream> StartQuery(const PlanPtr& plan, QueryContextPtr context,
                                         const std::shared_ptr<Engine>& engine) {
  const PhysicalPtr physical = PlanToRun(plan, context);
  return std::make_unique<QueueResultStream>(physical, FragmentPart(), std::move(context), engine);
}

std::unique_ptr<ResultStream> StartFragment(const PhysicalPtr& plan, const FragmentPart& part, QueryContextPtr context,
                                            const std::shared_ptr<Engine>& engine) {
  return std::make_unique<QueueResultStream>(plan, part, std::move(context), engine);
}

std::vector<Batch> RunQuery(const PlanPtr& plan, QueryContextPtr context, const std::shared_ptr<Engine>& engine) {
  std::unique_ptr<ResultStream> stream = StartQuery(plan, std::move(context), engine);
  std::vector<Batch> batches;
  Batch batch;
  while (stream->Next(&batch)) batches.push_back(std::move(batch));
  return batches;
}

void RunWrite(const WriteFiles& write, QueryContextPtr context, const std::shared_ptr<Engine>& engine) {
  WriteRequest request;
  request.format = write.format;
  request.path = write.path;
  request.mode = write.mode;
  request.options = write.options;
  request.schema = SchemaOf(write.child);
  request.partition_by = write.partition_by;
  std::shared_ptr<WriteJob> job = FindDataSource(write.format).Write(request, context);
  if (!job->needed()) return;
  try {
    const PhysicalPtr plan = PlanToRun(write.child, context);
    FillCachedTables(plan, *context->cancellation);
    std::vector<Pipeline> pipelines =
        BuildPipelines(plan, MakeWriteSink(job, !write.partition_by.empty()), true, context, nullptr);
    auto run = std::make_shared<PipelineRun>(std::move(pipelines), context, SchedulerOf(engine));
    run->Start();
    run->Wait();
    job->Commit();
  } catch (...) {
    job->Abort();
    throw;  // NOLINT: the same error goes on
  }
}

int32_t PartitionsOfFragment(const PhysicalPtr& plan, const QueryContextPtr& context) {
  FillCachedTables(plan, *context->cancellation);
  int32_t partitions = 1;
  auto queue = std::make_shared<ResultQueue>(kResultBufferBytes, context->memory.get());
  BuildPipelines(plan, queue->sink(), false, context, &partitions);
  return partitions;
}

int32_t PartitionsOf(const PlanPtr& plan, QueryContextPtr context, const std::shared_ptr<Engine>& engine) {
  (void)engine;
  return PartitionsOfFragment(PlanToRun(plan, context), context);
}

std::string ExplainPhysical(const PlanPtr& plan, QueryContextPtr context) {
  return PhysicalPlanString(MakePhysicalPlan(plan, std::move(context)));
}

}  // namespace centella
