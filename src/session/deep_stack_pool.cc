// See deep_stack_pool.h.
#include "session/deep_stack_pool.h"

#include <pthread.h>

#include <chrono>
#include <exception>

namespace centella {
namespace {

constexpr std::chrono::seconds kIdleTime{10};

// False when the system gives no thread.
bool StartDeepThread(void* (*main)(void*), void* argument, pthread_t* thread, bool detached) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, DeepStackPool::kStackBytes);
  if (detached) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  const int failed = pthread_create(thread, &attributes, main, argument);
  pthread_attr_destroy(&attributes);
  return failed == 0;
}

struct OneTask {
  const std::function<void()>* task;
  std::exception_ptr error;
};

void* RunOneTask(void* argument) {
  auto* one = static_cast<OneTask*>(argument);
  try {
    (*one->task)();
  } catch (...) {
    one->error = std::current_exception();
  }
  return nullptr;
}

}  // namespace

DeepStackPool::~DeepStackPool() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  work_.notify_all();
  ended_.wait(lock, [this] { return threads_ == 0 && tasks_.empty(); });
}

void DeepStackPool::Submit(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      tasks_.push_back(std::move(task));
      // Tasks waiting beyond the idle threads need a thread more each, as far as the bound allows.
      if (static_cast<int>(tasks_.size()) > idle_ && threads_ < max_threads_ && StartThread()) return;
      if (threads_ > 0) {
        work_.notify_one();
        return;
      }
      task = std::move(tasks_.back());  // no thread to be had at all: do it here
      tasks_.pop_back();
    }
  }
  task();
}

bool DeepStackPool::StartThread() {
  pthread_t thread;
  ++threads_;
  if (StartDeepThread(&ThreadMain, this, &thread, /*detached=*/true)) return true;
  --threads_;
  return false;
}

void* DeepStackPool::ThreadMain(void* pool) {
  static_cast<DeepStackPool*>(pool)->Run();
  return nullptr;
}

void DeepStackPool::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (tasks_.empty()) {
      if (stopping_) break;
      ++idle_;
      const bool timed_out = work_.wait_for(lock, kIdleTime) == std::cv_status::timeout;
      --idle_;
      if (timed_out && tasks_.empty()) break;
      continue;
    }
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds is released outside the lock
    lock.lock();
  }
  --threads_;
  ended_.notify_all();
}

void RunOnDeepStack(const std::function<void()>& task) {
  OneTask one{&task, nullptr};
  pthread_t thread;
  if (!StartDeepThread(&RunOneTask, &one, &thread, /*detached=*/false)) {
    task();
    return;
  }
  pthread_join(thread, nullptr);
  if (one.error) std::rethrow_exception(one.error);
}

}  // namespace centella
