// Threads with 64 MB of stack: analysis, planning and the parsing of plans recurse as deep as a user's plan is.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace centella {

// At most `max_threads` threads, made when there is work and ended when there has been none for a while. Stacks are
// address space only until they are used. Tasks run in the order of Submit; a task must not throw.
class DeepStackPool {
 public:
  static constexpr size_t kStackBytes = size_t{64} << 20;

  explicit DeepStackPool(int max_threads) : max_threads_(max_threads) {}
  // Runs what was submitted, then waits for all threads.
  ~DeepStackPool();
  DeepStackPool(const DeepStackPool&) = delete;
  DeepStackPool& operator=(const DeepStackPool&) = delete;

  // Thread-safe. After the destructor began, tasks run in the submitting thread.
  void Submit(std::function<void()> task);

 private:
  static void* ThreadMain(void* pool);
  void Run();
  bool StartThread();  // with the lock held

  const int max_threads_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable ended_;  // a thread left
  std::deque<std::function<void()>> tasks_;
  int threads_ = 0;
  int idle_ = 0;
  bool stopping_ = false;
};

// Runs `task` on a thread of its own with 64 MB of stack and waits; what it throws is rethrown here.
void RunOnDeepStack(const std::function<void()>& task);

}  // namespace centella
