// Worker threads that run tasks in short slices, fairly between queries.
//
// A task runs until it is finished, blocked, or its slice is over. The next task is one of the query that has used the
// least time so far, so a small query gets its turn within a slice however many large ones run. Nothing can be taken from
// a task that doesn't come back in time (a sort of a million rows is one step): then a spare thread runs the tasks of
// young queries beside it until it is back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/event.h"

namespace centella {

enum class TaskState : uint8_t { kFinished, kYielded, kBlocked };

// Shared by the tasks of one query.
struct TaskGroup {
  std::atomic<int64_t> turn_nanos{0};  // time had, counted from where the others were when it came: decides the order
  std::atomic<int64_t> used_nanos{0};  // time had
};

class Task {
 public:
  virtual ~Task() = default;
  // Runs until `deadline_nanos` (steady clock) at the latest, give or take one batch. kBlocked: `*wake` says when to
  // run again. Must not throw.
  virtual TaskState Run(int64_t deadline_nanos, EventPtr* wake) = 0;
};

class Scheduler {
 public:
  explicit Scheduler(int threads);
  ~Scheduler();  // waits for running slices; tasks still queued are dropped
  int threads() const { return threads_; }
  void Submit(std::shared_ptr<Task> task, std::shared_ptr<TaskGroup> group);

 private:
  struct Entry {
    std::shared_ptr<Task> task;
    std::shared_ptr<TaskGroup> group;
  };
  using Ready = std::multimap<int64_t, Entry>;  // by the group's turn_nanos
  void Work(size_t worker);
  void Watch();
  void AddWorker();
  void RunOne(Entry entry);
  void Enqueue(Entry entry);
  // The task to run now in one more thread; ready_.end() when there's none. Under the mutex.
  Ready::iterator Choose();

  const int threads_;
  std::mutex mutex_;
  std::condition_variable available_, backlog_;
  Ready ready_;
  int64_t least_turn_ = 0;  // a new group starts here, not at zero
  bool stopping_ = false;
  int running_ = 0;
  std::vector<int64_t> busy_since_;  // per worker; 0 = not running a task
  std::vector<std::thread> workers_;
  std::thread watch_;
};

// Nanoseconds of the steady clock.
int64_t SteadyNanos();

}  // namespace centella
