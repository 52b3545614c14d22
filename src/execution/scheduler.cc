// Worker threads that run tasks in short slices, fairly between queries.
#include "execution/scheduler.h"

#include <algorithm>
#include <chrono>

namespace centella {
namespace {

constexpr int64_t kSliceNanos = 5'000'000;
constexpr int64_t kOverdueNanos = 4 * kSliceNanos;  // a slice that's longer is one that doesn't come back in time
constexpr int64_t kYoungNanos = 200 * kSliceNanos;  // queries that have had less may use spare threads
constexpr auto kWatchInterval = std::chrono::milliseconds(10);

bool IsYoung(const TaskGroup& group) { return group.used_nanos.load(std::memory_order_relaxed) < kYoungNanos; }

}  // namespace

int64_t SteadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Scheduler::Scheduler(int threads) : threads_(std::max(1, threads)) {
  std::lock_guard lock(mutex_);
  for (int i = 0; i < threads_; ++i) AddWorker();
  watch_ = std::thread([this] { Watch(); });
}

Scheduler::~Scheduler() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  available_.notify_all();
  backlog_.notify_all();
  watch_.join();  // before the workers: it may add some
  for (std::thread& worker : workers_) worker.join();
}

// Under the mutex.
void Scheduler::AddWorker() {
  const size_t worker = workers_.size();
  busy_since_.push_back(0);
  workers_.emplace_back([this, worker] { Work(worker); });
}

void Scheduler::Submit(std::shared_ptr<Task> task, std::shared_ptr<TaskGroup> group) {
  Enqueue(Entry{std::move(task), std::move(group)});
}

void Scheduler::Enqueue(Entry entry) {
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    // A query that starts late or was blocked long must not own the machine until it has caught up.
    int64_t turn = entry.group->turn_nanos.load(std::memory_order_relaxed);
    const int64_t floor = least_turn_ - 10 * kSliceNanos;
    if (turn < floor) {
      entry.group->turn_nanos.store(floor, std::memory_order_relaxed);
      turn = floor;
    }
    first = ready_.empty();
    ready_.emplace(turn, std::move(entry));
  }
  available_.notify_one();
  if (first) backlog_.notify_one();
}

Scheduler::Ready::iterator Scheduler::Choose() {
  if (ready_.empty() || running_ < threads_) return ready_.begin();
  const int64_t now = SteadyNanos();
  const auto overdue = std::count_if(busy_since_.begin(), busy_since_.end(),
                                     [now](int64_t since) { return since != 0 && now - since > kOverdueNanos; });
  if (running_ - overdue >= threads_) return ready_.end();
  return std::find_if(ready_.begin(), ready_.end(), [](const auto& each) { return IsYoung(*each.second.group); });
}

void Scheduler::Work(size_t worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    Ready::iterator chosen;
    available_.wait(lock, [&] { return stopping_ || (chosen = Choose()) != ready_.end(); });
    if (stopping_) return;
    least_turn_ = std::max(least_turn_, chosen->first);
    Entry entry = std::move(chosen->second);
    ready_.erase(chosen);
    ++running_;
    busy_since_[worker] = SteadyNanos();
    lock.unlock();
    RunOne(std::move(entry));
    lock.lock();
    --running_;
    busy_since_[worker] = 0;
  }
}

// Looks, while tasks wait, whether all workers are with tasks that don't come back in time.
void Scheduler::Watch() {
  const size_t most = 2 * static_cast<size_t>(std::max(threads_, 4));
  std::unique_lock lock(mutex_);
  while (true) {
    backlog_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
    backlog_.wait_for(lock, kWatchInterval, [this] { return stopping_; });
    if (stopping_) return;
    if (ready_.empty() || running_ < threads_ || Choose() == ready_.end()) continue;
    const bool all_busy = static_cast<size_t>(running_) == workers_.size();
    if (all_busy && workers_.size() < most) AddWorker();
    available_.notify_one();
  }
}

void Scheduler::RunOne(Entry entry) {
  const int64_t start = SteadyNanos();
  EventPtr wake;
  const TaskState state = entry.task->Run(start + kSliceNanos, &wake);
  const int64_t used = SteadyNanos() - start;
  entry.group->turn_nanos.fetch_add(used, std::memory_order_relaxed);
  entry.group->used_nanos.fetch_add(used, std::memory_order_relaxed);
  switch (state) {
    case TaskState::kFinished: return;
    case TaskState::kYielded: Enqueue(std::move(entry)); return;
    case TaskState::kBlocked:
      // The event may outlive the scheduler only if its owner does; owners (queries) are joined first.
      wake->OnSet([this, entry = std::move(entry)]() mutable { Enqueue(std::move(entry)); });
      return;
  }
}

}  // namespace centella
