// The end of a query: batches go to a reader in Spark's order, bounded in bytes, while the query still runs.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "execution/operator.h"

namespace centella {

// Between the drivers (one sink state each) and one reader. The morsel whose turn it is may always go on while there is
// room for one more batch; others wait when the buffer is full.
class ResultQueue : public std::enable_shared_from_this<ResultQueue> {
 public:
  // What waits is counted in `memory`, but never refused: the capacity bounds it.
  ResultQueue(int64_t capacity_bytes, MemoryBudget* memory) : capacity_(capacity_bytes), reservation_(memory) {}
  std::shared_ptr<Sink> sink();
  // False at the end; raises the query's error. Blocks.
  bool Next(Batch* batch);
  // The query is over (all tasks gone), with its error if it had one.
  void Close(std::exception_ptr error);
  // How many drivers wait for room.
  size_t waiting() const;

 private:
  friend class ResultSink;
  friend class ResultSinkState;
  struct Slot {
    std::deque<Batch> batches;
    bool finished = false;
  };
  bool Offer(size_t morsel, Batch& batch, EventPtr* wake);
  void FinishMorsel(size_t morsel);
  void SetBytes(int64_t bytes);
  void WakeAll(std::unique_lock<std::mutex>& lock);

  const int64_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Place> places_;
  std::vector<Slot> slots_;
  size_t head_ = 0;
  int64_t bytes_ = 0;
  MemoryReservation reservation_;
  bool closed_ = false;
  std::exception_ptr error_;
  std::vector<EventPtr> waiting_;
};

}  // namespace centella
