// The end of a query: batches go to a reader in Spark's order.
#include "execution/operators/result_queue.h"

#include <algorithm>

namespace centella {

class ResultSinkState final : public SinkState {
 public:
  explicit ResultSinkState(ResultQueue* queue) : queue_(*queue) {}
  void BeginMorsel(const Morsel& morsel) override {
    const Place place{morsel.partition, morsel.sequence};
    morsel_ = std::lower_bound(queue_.places_.begin(), queue_.places_.end(), place) - queue_.places_.begin();
  }
  SinkResult Consume(Batch& batch, EventPtr* wake) override {
    if (batch.selection != nullptr) batch = Compact(std::move(batch));
    return queue_.Offer(morsel_, batch, wake) ? SinkResult::kNeedMore : SinkResult::kBlocked;
  }
  SinkResult EndMorsel(EventPtr*) override {
    queue_.FinishMorsel(morsel_);
    return SinkResult::kNeedMore;
  }

 private:
  ResultQueue& queue_;
  size_t morsel_ = 0;
};

class ResultSink final : public Sink {
 public:
  explicit ResultSink(std::shared_ptr<ResultQueue> queue) : queue_(std::move(queue)) {}
  void Start(const std::vector<Morsel>& morsels, int32_t) override {
    std::lock_guard lock(queue_->mutex_);
    for (const Morsel& morsel : morsels) queue_->places_.push_back({morsel.partition, morsel.sequence});
    queue_->slots_.resize(queue_->places_.size());
  }
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<ResultSinkState>(queue_.get()); }
  void Combine(SinkState&) override {}

 private:
  std::shared_ptr<ResultQueue> queue_;
};

std::shared_ptr<Sink> ResultQueue::sink() { return std::make_shared<ResultSink>(shared_from_this()); }

bool ResultQueue::Offer(size_t morsel, Batch& batch, EventPtr* wake) {
  const int64_t bytes = batch.MemoryBytes();
  std::unique_lock lock(mutex_);
  // The head morsel needs room for one batch only, whatever the others hold.
  const bool room = bytes_ < capacity_ || (morsel == head_ && slots_[morsel].batches.empty());
  if (!room) {
    *wake = std::make_shared<Event>();
    waiting_.push_back(*wake);
    return false;
  }
  SetBytes(bytes_ + bytes);
  slots_[morsel].batches.push_back(std::move(batch));
  if (morsel == head_) changed_.notify_one();
  return true;
}

void ResultQueue::FinishMorsel(size_t morsel) {
  std::unique_lock lock(mutex_);
  slots_[morsel].finished = true;
  if (morsel == head_) changed_.notify_one();
}

void ResultQueue::SetBytes(int64_t bytes) {
  bytes_ = bytes;
  reservation_.ForceGrowTo(bytes);
  reservation_.ShrinkTo(bytes);
}

size_t ResultQueue::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_.size();
}

// Releases the lock while it wakes.
void ResultQueue::WakeAll(std::unique_lock<std::mutex>& lock) {
  std::vector<EventPtr> events;
  events.swap(waiting_);
  lock.unlock();
  for (const EventPtr& event : events) event->Set();
  lock.lock();
}

bool ResultQueue::Next(Batch* batch) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (error_ != nullptr) std::rethrow_exception(error_);
    if (head_ < slots_.size()) {
      Slot& slot = slots_[head_];
      if (!slot.batches.empty()) {
        *batch = std::move(slot.batches.front());
        slot.batches.pop_front();
        SetBytes(bytes_ - batch->MemoryBytes());
        WakeAll(lock);
        return true;
      }
      if (slot.finished) {
        ++head_;
        WakeAll(lock);
        continue;
      }
    }
    if (closed_) return false;
    changed_.wait(lock);
  }
}

void ResultQueue::Close(std::exception_ptr error) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  error_ = std::move(error);
  changed_.notify_all();
}

}  // namespace centella
