// Errors on the wire: a gRPC status with google.rpc.ErrorInfo, as Spark's clients read it, and the details that
// FetchErrorDetails gives afterwards.
#pragma once

#include <grpcpp/support/status.h>

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace spark::connect {
class FetchErrorDetailsResponse;
}  // namespace spark::connect

namespace centella::connect {

// Errors of late, by the id that their status carries. Thread-safe; the oldest are forgotten.
class ErrorStore {
 public:
  // The status for an error, which is kept for FetchErrorDetails.
  grpc::Status ToStatus(const Error& error);
  // Nothing when the id is unknown or forgotten.
  std::optional<Error> Find(const std::string& id) const;

 private:
  static constexpr size_t kKept = 1000;
  mutable std::mutex mutex_;
  std::map<std::string, Error> errors_;
  std::deque<std::string> order_;
};

// The JVM class names by which clients choose their exception, most special first.
std::vector<std::string> JvmClassesOf(const Error& error);
// Error chain, message parameters and query contexts.
void FillErrorDetails(const Error& error, ::spark::connect::FetchErrorDetailsResponse* response);
// The error in flight, whatever it is; call it in a catch block.
Error CurrentError();

}  // namespace centella::connect
