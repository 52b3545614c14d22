// Budgets and reservations; aligned, padded buffers.
#include "base/memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "base/error.h"

namespace centella {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kPadding = 64;
// Tables that are looked up at random: with pages of 2 MB nearly no access has to look for its page first, and the system
// gives 512 small pages at a time.
constexpr int64_t kHugePage = 2 << 20;
constexpr int64_t kHugeBuffer = 2 * kHugePage;  // a page that is hardly used weighs little then

uint8_t* AllocateBytes(int64_t size) {
  CENTELLA_CHECK(size >= 0, "buffer size " + std::to_string(size));
  const int64_t room = (size + kPadding + kAlignment - 1) / kAlignment * kAlignment;
  const bool huge = room >= kHugeBuffer;
  void* data = nullptr;
  if (posix_memalign(&data, huge ? kHugePage : kAlignment, static_cast<size_t>(room)) != 0) throw std::bad_alloc();
  // A wish: nothing is wrong when it isn't granted. What doesn't fill a page stays in small ones.
  if (huge) madvise(data, static_cast<size_t>(room / kHugePage * kHugePage), MADV_HUGEPAGE);
  // The padding is read by wide loads: keep it defined.
  std::memset(static_cast<uint8_t*>(data) + size, 0, kPadding);
  return static_cast<uint8_t*>(data);
}

}  // namespace

bool MemoryBudget::TryReserve(int64_t bytes) {
  int64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (used + bytes > limit_) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  SeePeak(used + bytes);
  return true;
}

void MemoryBudget::ForceReserve(int64_t bytes) { SeePeak(used_.fetch_add(bytes, std::memory_order_relaxed) + bytes); }

void MemoryBudget::SeePeak(int64_t used) {
  int64_t peak = peak_.load(std::memory_order_relaxed);
  while (used > peak && !peak_.compare_exchange_weak(peak, used, std::memory_order_relaxed)) {
  }
}

bool MemoryReservation::TryGrow(int64_t bytes) {
  if (budget_->RefusesRequest()) return false;
  // Claimed in steps, so that the shared counter isn't touched for each small growth.
  const int64_t step = budget_->step_.load(std::memory_order_relaxed);
  const int64_t needed = bytes - held_;
  for (const int64_t wanted : {(needed + step - 1) / step * step, needed}) {
    if (!budget_->TryReserve(wanted)) continue;
    held_ += wanted;
    return true;
  }
  return false;
}

Buffer::Buffer(uint8_t* data, int64_t size, std::shared_ptr<const void> owner, bool owned)
    : data_(data), size_(size), owner_(std::move(owner)), owned_(owned) {}

Buffer::~Buffer() {
  if (owned_) std::free(data_);
}

std::shared_ptr<Buffer> Buffer::Allocate(int64_t size) {
  return std::shared_ptr<Buffer>(new Buffer(AllocateBytes(size), size, nullptr, true));
}

std::shared_ptr<Buffer> Buffer::AllocateZeroed(int64_t size) {
  auto buffer = Allocate(size);
  std::memset(buffer->data_, 0, static_cast<size_t>(size));
  return buffer;
}

std::shared_ptr<Buffer> Buffer::Wrap(const void* data, int64_t size, std::shared_ptr<const void> owner) {
  // Never written through: a wrapped buffer is shared from the start.
  auto* bytes = const_cast<uint8_t*>(static_cast<const uint8_t*>(data));
  return std::shared_ptr<Buffer>(new Buffer(bytes, size, std::move(owner), false));
}

}  // namespace centella
