// What a query carries from the RPC to the kernel. Nothing below reads global state.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/configuration.h"
#include "base/error.h"
#include "base/event.h"
#include "base/memory.h"
#include "base/time_zone.h"

namespace centella {

// Set once, seen everywhere. Operators call ThrowIfCancelled once a batch; loops that may be long within one have a
// CancellationPoint.
class Cancellation {
 public:
  void Cancel() {
    cancelled_.store(true, std::memory_order_release);
    event_.Set();
  }
  // Runs `callback` in the thread that cancels; at once when that was before.
  void OnCancel(std::function<void()> callback) { event_.OnSet(std::move(callback)); }
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
  void ThrowIfCancelled() const {
    if (cancelled()) [[unlikely]]
      Raise(Condition::OPERATION_CANCELED);
  }

 private:
  std::atomic<bool> cancelled_{false};
  Event event_;
};

// Asks for a cancellation in a long loop, each time that so much work is done that it's worth it.
class CancellationPoint {
 public:
  explicit CancellationPoint(const Cancellation& cancellation) : cancellation_(cancellation) {}
  // `work`: about so many rows or comparisons.
  void Pass(int64_t work = 1) {
    if ((left_ -= work) > 0) return;
    left_ = kStride;
    cancellation_.ThrowIfCancelled();
  }

 private:
  static constexpr int64_t kStride = 1 << 16;
  const Cancellation& cancellation_;
  int64_t left_ = kStride;
};

// How expressions that can fail behave; fixed in the plan by analysis.
enum class EvalMode : uint8_t { kAnsi, kLegacy, kTry };

// Counters that progress reports and `explain` read; written with relaxed atomics.
struct QueryMetrics {
  std::atomic<int64_t> tasks_total{0};
  std::atomic<int64_t> tasks_done{0};
  std::atomic<int64_t> rows_read{0};
  std::atomic<int64_t> bytes_read{0};
  std::atomic<int64_t> bytes_spilled{0};
};

// Shared by all tasks of one query; const but for its counters. Made by the session (or by a test).
struct QueryContext {
  Configuration config;
  bool ansi = true;
  bool case_sensitive = false;
  TimeZone zone;
  int64_t start_micros = 0;  // query start, UTC microseconds: now() and current_date()
  std::string user = "centella";
  std::string session_id;
  std::string operation_id;
  int32_t batch_size = 4096;
  int32_t default_parallelism = 2;
  bool force_spill = false;
  std::string spill_folder;  // where spill files may be made; empty = the system's temporary folder
  std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
  std::shared_ptr<MemoryBudget> memory;
  std::shared_ptr<QueryMetrics> metrics = std::make_shared<QueryMetrics>();

  EvalMode eval_mode() const { return ansi ? EvalMode::kAnsi : EvalMode::kLegacy; }

  // A context with everything read from `config` (ansi, zone, batch size …); the caller adds the rest.
  static QueryContext FromConfiguration(Configuration config, std::shared_ptr<MemoryBudget> memory);
};
using QueryContextPtr = std::shared_ptr<const QueryContext>;

}  // namespace centella
