// What the processes that run a plan's fragments say to each other, apart from rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/query_context.h"
#include "cluster/fragments.h"
#include "execution/query.h"

namespace centella {

// Run your part of this query. Every process gets the same list of fragments, with the plans of those that it runs.
struct RunRequest {
  std::string query;
  int32_t process = 0;         // of the receiver
  std::vector<int64_t> ports;  // of all processes, home first
  QueryContextPtr context;
  std::vector<Fragment> fragments;
};
std::string EncodeRunRequest(const RunRequest& request);
// Memory and cancellation are the receiver's own. Raises INTERNAL_ERROR for corrupt bytes.
RunRequest DecodeRunRequest(std::string_view bytes, const std::shared_ptr<Engine>& engine);

// What one process did for a query.
struct ProcessReport {
  int64_t fragments = 0;  // instances that it ran
  int64_t rows_read = 0;  // by its scans
  int64_t rows_sent = 0;  // to other processes
  int64_t bytes_sent = 0;
};

// How a process ended its part.
struct Outcome {
  ProcessReport report;
  std::shared_ptr<const Error> error;  // null: well
  bool lost = false;                   // the error is that another process went away: that one knows more
};
std::string EncodeOutcome(const Outcome& outcome);
Outcome DecodeOutcome(std::string_view bytes);

}  // namespace centella
