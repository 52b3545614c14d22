// Worker threads that run tasks in short slices, fairly between queries.
//
// A task runs until it is finished, blocked, or its slice is over. The next task is one of the query that has used the
// least CPU time so far, so a small query gets its turn within a slice however many large ones run.
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

// Shared by the tasks of one query: how much CPU time they have had.
struct TaskGroup {
  std::atomic<int64_t> used_nanos{0};
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
  int threads() const { return static_cast<int>(workers_.size()); }
  void Submit(std::shared_ptr<Task> task, std::shared_ptr<TaskGroup> group);

 private:
  struct Entry {
    std::shared_ptr<Task> task;
    std::shared_ptr<TaskGroup> group;
  };
  void Work();
  void RunOne(Entry entry);
  void Enqueue(Entry entry);

  std::mutex mutex_;
  std::condition_variable available_;
  std::multimap<int64_t, Entry> ready_;  // by the group's used time
  int64_t least_used_ = 0;               // a new group starts here, not at zero
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

// Nanoseconds of the steady clock.
int64_t SteadyNanos();

}  // namespace centella
