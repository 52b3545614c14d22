// Pipelines and the query that runs them: drivers, dependencies, errors, cancellation.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "execution/operator.h"
#include "execution/scheduler.h"

namespace centella {

// Stages run one after the other into the same sink (a join's unmatched rows come when probing is over); the partitions
// of a stage are numbered on from those of the stages before it.
struct Pipeline {
  std::string name;  // for logs and profiles
  std::vector<Chain> stages;
  std::shared_ptr<Sink> sink;
  std::vector<size_t> depends_on;  // pipelines whose sinks must be finished before this one starts
};

// Runs pipelines on a scheduler. Start once; then Wait, or Cancel and Wait. Tasks keep the run alive. An error in one
// task cancels its siblings, which are joined before the error is given out.
class PipelineRun : public std::enable_shared_from_this<PipelineRun> {
 public:
  PipelineRun(std::vector<Pipeline> pipelines, QueryContextPtr context, Scheduler* scheduler);
  ~PipelineRun();

  void Start();
  // Stops: tasks see it at their next batch; blocked ones are woken.
  void Cancel();
  // Until all tasks are gone. Raises the first error.
  void Wait();
  bool finished() const;
  // Called (once) when everything is over, from the last task's thread or at once.
  void OnFinished(std::function<void()> callback);
  // The first error, if any (after it finished).
  std::exception_ptr error() const;

 private:
  class Driver;
  class FinishTask;
  struct PipelineState;
  friend class Driver;

  void StartStage(size_t index);
  void FinishSink(size_t index);
  void StartReadyPipelines();
  void DriverFinished(size_t pipeline);
  void FinishTasksDone(size_t pipeline);
  void PipelineFinished(size_t pipeline);
  void Fail(std::exception_ptr error);
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }
  void TaskStarted();
  void TaskEnded();
  // Remembers the event of a blocked task, so that Cancel can wake it. False when already stopping.
  void Blocked(const EventPtr& wake);
  void ResumeAll();

  std::vector<Pipeline> pipelines_;
  std::vector<std::unique_ptr<PipelineState>> states_;
  QueryContextPtr context_;
  Scheduler* scheduler_;
  std::shared_ptr<TaskGroup> group_ = std::make_shared<TaskGroup>();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::exception_ptr error_;
  int64_t live_tasks_ = 0;
  size_t finished_pipelines_ = 0;
  bool started_ = false;
  bool done_ = false;
  std::vector<EventPtr> waiting_;
  std::function<void()> on_finished_;
  std::atomic<bool> stopping_{false};
};

}  // namespace centella
