// What the RPCs of one server share, and their handlers by family.
#pragma once

#include <memory>
#include <string>

#include "server/connect/error_status.h"
#include "server/connect/operation.h"
#include "session/deep_stack_pool.h"
#include "session/session_manager.h"

namespace spark::connect {
class AddArtifactsRequest;
class AddArtifactsResponse;
class AnalyzePlanRequest;
class AnalyzePlanResponse;
class ArtifactStatusesRequest;
class ArtifactStatusesResponse;
class CloneSessionRequest;
class CloneSessionResponse;
class ConfigRequest;
class ConfigResponse;
class FetchErrorDetailsRequest;
class FetchErrorDetailsResponse;
class GetStatusRequest;
class GetStatusResponse;
class InterruptRequest;
class InterruptResponse;
class Plan;
class ReattachExecuteRequest;
class ReleaseExecuteRequest;
class ReleaseExecuteResponse;
class ReleaseSessionRequest;
class ReleaseSessionResponse;
class Relation;
class Command;
}  // namespace spark::connect

namespace centella::connect {

struct Service {
  Service(std::shared_ptr<const SharedState> shared, std::chrono::seconds session_idle_limit)
      : sessions(std::move(shared), session_idle_limit) {}

  SessionManager sessions;
  ErrorStore errors;
  // Queries and analysis run on `workers`; what must answer while all of those are busy (configuration, interrupts,
  // releases, status) on `control`. Declared last: they finish first, while the rest is still there.
  DeepStackPool control{8};
  DeepStackPool workers{256};
};

// Each raises an Error, or fills its response.
void HandleConfig(Service& service, const proto::ConfigRequest& request, proto::ConfigResponse* response);
void HandleAnalyze(Service& service, const proto::AnalyzePlanRequest& request, proto::AnalyzePlanResponse* response);
void HandleArtifactStatus(Service& service, const proto::ArtifactStatusesRequest& request,
                          proto::ArtifactStatusesResponse* response);
void HandleInterrupt(Service& service, const proto::InterruptRequest& request, proto::InterruptResponse* response);
void HandleReleaseExecute(Service& service, const proto::ReleaseExecuteRequest& request,
                          proto::ReleaseExecuteResponse* response);
void HandleReleaseSession(Service& service, const proto::ReleaseSessionRequest& request,
                          proto::ReleaseSessionResponse* response);
void HandleFetchErrorDetails(Service& service, const proto::FetchErrorDetailsRequest& request,
                             proto::FetchErrorDetailsResponse* response);
void HandleCloneSession(Service& service, const proto::CloneSessionRequest& request,
                        proto::CloneSessionResponse* response);
void HandleGetStatus(Service& service, const proto::GetStatusRequest& request, proto::GetStatusResponse* response);

// Makes the operation of an ExecutePlan. A client that lost the answer sends its request again, recognised by id and
// `fingerprint` (of its bytes): it gets the operation that is there, and `*is_new` is false.
std::shared_ptr<Operation> StartOperation(Service& service, std::shared_ptr<const proto::ExecutePlanRequest> request,
                                          size_t fingerprint, bool* is_new);
// The operation to attach to, and the index of the first response to send.
std::shared_ptr<Operation> FindOperation(Service& service, const proto::ReattachExecuteRequest& request,
                                         int64_t* first_index);

// Receives one AddArtifacts stream, message by message.
class ArtifactReceiver {
 public:
  explicit ArtifactReceiver(Service& service) : service_(service) {}
  // Raises for a message out of order, a wrong size, an invalid name.
  void Receive(const proto::AddArtifactsRequest& request);
  // Fills the response once all messages are in; raises when a chunked artifact isn't complete.
  void Finish(proto::AddArtifactsResponse* response);

 private:
  void AddOne(const std::string& name, std::string bytes, bool crc_good);

  Service& service_;
  std::shared_ptr<Session> session_;
  struct Summary {
    std::string name;
    bool crc_good;
  };
  std::vector<Summary> summaries_;
  std::string chunked_name_;  // of the artifact that is arriving, empty = none
  std::string chunked_bytes_;
  int64_t chunks_left_ = 0;
  int64_t total_bytes_ = 0;
  bool chunks_good_ = true;
};

// The relation or command of a plan, decompressed when it came compressed. Exactly one of the results is set.
struct PlanContent {
  std::shared_ptr<const proto::Relation> relation;
  std::shared_ptr<const proto::Command> command;
};
PlanContent ContentOf(const proto::Plan& plan);

}  // namespace centella::connect
