// A one-shot event: what a blocked source or sink hands out so that its task can give up the thread and be woken.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace centella {

// Thread-safe. Set() runs the callbacks in the setting thread; a callback added later runs at once.
class Event {
 public:
  void Set() {
    std::vector<std::function<void()>> callbacks;
    {
      std::lock_guard lock(mutex_);
      if (set_) return;
      set_ = true;
      callbacks.swap(callbacks_);
    }
    for (auto& callback : callbacks) callback();
  }
  bool IsSet() const {
    std::lock_guard lock(mutex_);
    return set_;
  }
  void OnSet(std::function<void()> callback) {
    {
      std::lock_guard lock(mutex_);
      if (!set_) {
        callbacks_.push_back(std::move(callback));
        return;
      }
    }
    callback();
  }

 private:
  mutable std::mutex mutex_;
  bool set_ = false;
  std::vector<std::function<void()>> callbacks_;
};
using EventPtr = std::shared_ptr<Event>;

}  // namespace centella
