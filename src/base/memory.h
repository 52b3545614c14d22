// Memory accounting: one budget for the process, a reservation per operator, buffers that know their size.
//
// A budget bounds what all reservations together claim. An operator grows its reservation before it allocates
// in bulk; when TryGrow answers false, the operator must spill. Thread-safe, lock-free.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace centella {

class MemoryBudget {
 public:
  // `limit_bytes` bounds the sum of all reservations.
  explicit MemoryBudget(int64_t limit_bytes) : limit_(limit_bytes) {}
  // True and counted when it fits; false and unchanged when it doesn't.
  bool TryReserve(int64_t bytes);
  // Counts without asking: for what must not fail (small, bounded allocations).
  void ForceReserve(int64_t bytes);
  void Release(int64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  int64_t limit() const { return limit_; }
  int64_t used() const { return used_.load(std::memory_order_relaxed); }
  int64_t peak() const { return peak_.load(std::memory_order_relaxed); }

  // ---- for tests
  // The nth request from now on (0: the next) is refused, once, whatever there is room for.
  void RefuseRequest(int64_t nth) { refuse_.store(requests_.load() + nth); }
  // How often reservations have asked for more.
  int64_t requests() const { return requests_.load(std::memory_order_relaxed); }
  // Reservations ask for multiples of this. 1 makes them ask for every growth.
  void set_step(int64_t bytes) { step_.store(bytes, std::memory_order_relaxed); }

 private:
  friend class MemoryReservation;
  void SeePeak(int64_t used);
  // Counts a request; true for the one that a test wants refused.
  bool RefusesRequest() { return requests_.fetch_add(1, std::memory_order_relaxed) == refuse_.load(); }

  const int64_t limit_;
  std::atomic<int64_t> used_{0};
  std::atomic<int64_t> peak_{0};
  std::atomic<int64_t> step_{1 << 20};
  std::atomic<int64_t> requests_{0};
  std::atomic<int64_t> refuse_{-1};
};

// What one operator (or one of its tasks) holds of a budget; returned when destroyed. One thread at a time.
class MemoryReservation {
 public:
  explicit MemoryReservation(MemoryBudget* budget) : budget_(budget) {}
  ~MemoryReservation() { budget_->Release(held_); }
  MemoryReservation(const MemoryReservation&) = delete;
  MemoryReservation& operator=(const MemoryReservation&) = delete;

  // Grows to at least `bytes` in total; false when the budget refuses (the caller spills).
  bool TryGrowTo(int64_t bytes) { return bytes <= held_ || TryGrow(bytes); }
  void ForceGrowTo(int64_t bytes) {
    if (bytes <= held_) return;
    budget_->ForceReserve(bytes - held_);
    held_ = bytes;
  }
  void ShrinkTo(int64_t bytes) {
    if (bytes >= held_) return;
    budget_->Release(held_ - bytes);
    held_ = bytes;
  }
  int64_t held() const { return held_; }
  MemoryBudget* budget() const { return budget_; }

 private:
  bool TryGrow(int64_t bytes);

  MemoryBudget* budget_;
  int64_t held_ = 0;
};

// Reference-counted bytes, 64-byte aligned with 64 readable bytes of padding. Mutable until shared.
class Buffer {
 public:
  // Uninitialised bytes.
  static std::shared_ptr<Buffer> Allocate(int64_t size);
  static std::shared_ptr<Buffer> AllocateZeroed(int64_t size);
  // Bytes that somebody else owns; `owner` keeps them alive.
  static std::shared_ptr<Buffer> Wrap(const void* data, int64_t size, std::shared_ptr<const void> owner);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  const uint8_t* data() const { return data_; }
  uint8_t* mutable_data() { return data_; }
  int64_t size() const { return size_; }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }
  template <typename T>
  T* mutable_as() {
    return reinterpret_cast<T*>(data_);
  }

 private:
  Buffer(uint8_t* data, int64_t size, std::shared_ptr<const void> owner, bool owned);
  uint8_t* data_;
  int64_t size_;
  std::shared_ptr<const void> owner_;
  bool owned_;
};
using BufferPtr = std::shared_ptr<Buffer>;

}  // namespace centella
