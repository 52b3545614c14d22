// Worker threads that run tasks in short slices, fairly between queries.
#include "execution/scheduler.h"

#include <algorithm>
#include <chrono>

namespace centella {
namespace {

constexpr int64_t kSliceNanos = 5'000'000;

}  // namespace

int64_t SteadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Scheduler::Scheduler(int threads) {
  for (int i = 0; i < std::max(1, threads); ++i) workers_.emplace_back([this] { Work(); });
}

Scheduler::~Scheduler() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  available_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Scheduler::Submit(std::shared_ptr<Task> task, std::shared_ptr<TaskGroup> group) {
  Enqueue(Entry{std::move(task), std::move(group)});
}

void Scheduler::Enqueue(Entry entry) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    // A query that starts late or was blocked long must not own the machine until it has caught up.
    int64_t used = entry.group->used_nanos.load(std::memory_order_relaxed);
    const int64_t floor = least_used_ - 10 * kSliceNanos;
    if (used < floor) {
      entry.group->used_nanos.store(floor, std::memory_order_relaxed);
      used = floor;
    }
    ready_.emplace(used, std::move(entry));
  }
  available_.notify_one();
}

void Scheduler::Work() {
  while (true) {
    Entry entry;
    {
      std::unique_lock lock(mutex_);
      available_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
      if (stopping_) return;
      auto first = ready_.begin();
      least_used_ = std::max(least_used_, first->first);
      entry = std::move(first->second);
      ready_.erase(first);
    }
    RunOne(std::move(entry));
  }
}

void Scheduler::RunOne(Entry entry) {
  const int64_t start = SteadyNanos();
  EventPtr wake;
  const TaskState state = entry.task->Run(start + kSliceNanos, &wake);
  entry.group->used_nanos.fetch_add(SteadyNanos() - start, std::memory_order_relaxed);
  switch (state) {
    case TaskState::kFinished:
      return;
    case TaskState::kYielded:
      Enqueue(std::move(entry));
      return;
    case TaskState::kBlocked:
      // The event may outlive the scheduler only if its owner does; owners (queries) are joined first.
      wake->OnSet([this, entry = std::move(entry)]() mutable { Enqueue(std::move(entry)); });
      return;
  }
}

}  // namespace centella
