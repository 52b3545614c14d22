// How long after a cancellation the last task of a query is gone, for each operator: cancelled at ten moments spread over
// what the query takes. Run by bench/cancellation.
#include <benchmark/benchmark.h>

#include "execution/cancellation_cases.h"

namespace centella {
namespace {

constexpr int kMoments = 10;
constexpr double kMostSeconds = 3;
constexpr int64_t kFileRows = 10'000'000;

void MeasureCancellation(benchmark::State& state, const CancellationCase& each) {
  static CancellationRunner runner(kFileRows);
  const double duration = runner.Duration(each, kMostSeconds);
  CancellationLatency worst;
  int measured = 0;
  int in_time = 0;
  for (auto _ : state) {
    const double moment = (measured % kMoments + 0.5) / kMoments;
    const std::optional<CancellationLatency> cancelled = runner.Run(each, duration * moment);
    if (cancelled) ++in_time;
    const CancellationLatency latency = cancelled.value_or(CancellationLatency());
    worst.seconds = std::max(worst.seconds, latency.seconds);
    worst.cpu_seconds = std::max(worst.cpu_seconds, latency.cpu_seconds);
    state.SetIterationTime(latency.seconds);
    ++measured;
  }
  state.counters["worst_ms"] = worst.seconds * 1e3;
  state.counters["worst_cpu_ms"] = worst.cpu_seconds * 1e3;
  state.counters["query_ms"] = duration * 1e3;
  state.counters["moments"] = in_time;  // that came before the query's end
}

const bool registered = [] {
  for (const CancellationCase& each : CancellationCases()) {
    benchmark::RegisterBenchmark((std::string("cancel/") + each.name).c_str(),
                                 [&each](benchmark::State& state) { MeasureCancellation(state, each); })
        ->UseManualTime()
        ->Iterations(kMoments)
        ->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace centella
