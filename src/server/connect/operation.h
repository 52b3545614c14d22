// One ExecutePlan: converted, run on a worker thread, its responses logged for the stream that sends them.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/query_context.h"
#include "server/connect/response_log.h"
#include "session/session.h"

namespace spark::connect {
class ExecutePlanRequest;
class ExecutePlanResponse;
}  // namespace spark::connect

namespace centella::connect {

namespace proto = ::spark::connect;
struct Service;

enum class OperationState : uint8_t { kRunning, kTerminating, kSucceeded, kFailed, kCancelled };

// Makes the responses of one plan, one after the other; may block while the query computes. One thread at a time.
class ResponseSource {
 public:
  virtual ~ResponseSource() = default;
  // False when nothing follows (ResultComplete is added by the operation). Ids are filled in by the operation.
  virtual bool Next(proto::ExecutePlanResponse* response) = 0;
};

// Starts a request's plan. Raises what conversion and analysis raise.
std::unique_ptr<ResponseSource> StartPlan(const proto::ExecutePlanRequest& request, Session& session,
                                          const QueryContextPtr& context);

// Thread-safe. The session knows it while it runs, and afterwards until the client releases it.
class Operation final : public RunningOperation, public std::enable_shared_from_this<Operation> {
 public:
  Operation(Service& service, std::shared_ptr<Session> session,
            std::shared_ptr<const proto::ExecutePlanRequest> request, size_t fingerprint, std::string id,
            bool reattachable);
  ~Operation() override;

  const std::string& id() const override { return id_; }
  const std::set<std::string>& tags() const override { return tags_; }
  bool running() const override;
  void Interrupt() override;

  bool reattachable() const { return reattachable_; }
  size_t fingerprint() const { return fingerprint_; }  // of the request's bytes
  OperationState state() const { return state_.load(); }
  ResponseLog& log() { return log_; }
  Session& session() { return *session_; }

  // Runs until it is finished or its log is full; then it goes on by itself when there is room. On a worker thread.
  void Run();
  // Appends a progress message while tasks run and the client keeps up; called by the service's clock.
  void ReportProgress();
  // A stream that sends this operation's responses began or ended.
  void Attached();
  void Detached();
  // Since when nobody reads; nothing while somebody does.
  std::optional<std::chrono::steady_clock::time_point> detached_since() const;

 private:
  void Append(proto::ExecutePlanResponse* response);
  void Finish(OperationState state, grpc::Status status);

  Service& service_;
  const std::shared_ptr<Session> session_;
  std::shared_ptr<const proto::ExecutePlanRequest> request_;
  const size_t fingerprint_;
  const std::string id_;
  const std::set<std::string> tags_;
  const bool reattachable_;
  const std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();
  std::atomic<OperationState> state_{OperationState::kRunning};
  ResponseLog log_;
  std::unique_ptr<ResponseSource> source_;  // Run's alone

  mutable std::mutex mutex_;
  QueryContextPtr context_;
  int attached_ = 0;
  std::chrono::steady_clock::time_point detached_since_ = std::chrono::steady_clock::now();
  std::mutex append_mutex_;  // an id is taken and its response appended in one step
};

}  // namespace centella::connect
