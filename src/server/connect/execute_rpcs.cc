// Starting, finding and releasing operations.
#include <spdlog/spdlog.h>

#include "server/connect/parse.h"
#include "server/connect/service.h"
#include "spark/connect/base.pb.h"
#include "spark/connect/commands.pb.h"
#include "spark/connect/relations.pb.h"

namespace centella::connect {
namespace {

std::shared_ptr<Operation> FindIn(const Session& session, const std::string& id) {
  for (const auto& operation : session.Operations()) {
    if (operation->id() == id) return std::static_pointer_cast<Operation>(operation);
  }
  return nullptr;
}

bool WantsReattaching(const proto::ExecutePlanRequest& request) {
  for (const auto& option : request.request_options()) {
    if (option.has_reattach_options() && option.reattach_options().reattachable()) return true;
  }
  return false;
}

}  // namespace

PlanContent ContentOf(const proto::Plan& plan) {
  PlanContent content;
  switch (plan.op_type_case()) {
    // The message is the caller's: these share nothing with it but live no longer than it.
    case proto::Plan::kRoot:
      content.relation = std::shared_ptr<const proto::Relation>(std::shared_ptr<void>(), &plan.root());
      return content;
    case proto::Plan::kCommand:
      content.command = std::shared_ptr<const proto::Command>(std::shared_ptr<void>(), &plan.command());
      return content;
    case proto::Plan::kCompressedOperation: break;
    case proto::Plan::OP_TYPE_NOT_SET:
      Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
            {{"fullName", "spark.connect.Plan"}, {"name", "op_type"}});
  }
  const auto fail = [](const std::string& message) {
    Raise(Condition::CONNECT_INVALID_PLAN__CANNOT_PARSE, {{"errorMsg", message}});
  };
  const auto& compressed = plan.compressed_operation();
  if (compressed.compression_codec() != proto::COMPRESSION_CODEC_ZSTD) fail("an unknown codec");
  const std::string bytes = DecompressZstd(compressed.data(), kMaxPlanBytes);
  if (compressed.op_type() == proto::Plan::CompressedOperation::OP_TYPE_RELATION) {
    auto relation = std::make_shared<proto::Relation>();
    if (!ParseBounded(bytes, relation.get())) fail("not a relation");
    content.relation = std::move(relation);
  } else if (compressed.op_type() == proto::Plan::CompressedOperation::OP_TYPE_COMMAND) {
    auto command = std::make_shared<proto::Command>();
    if (!ParseBounded(bytes, command.get())) fail("not a command");
    content.command = std::move(command);
  } else {
    fail("neither relation nor command");
  }
  return content;
}

std::shared_ptr<Operation> StartOperation(Service& service, std::shared_ptr<const proto::ExecutePlanRequest> request,
                                          size_t fingerprint, bool* is_new) {
  const auto session = service.sessions.GetOrCreate(request->user_context().user_id(), request->session_id(),
                                                    request->client_observed_server_side_session_id());
  std::string id = request->operation_id();
  if (id.empty()) {
    id = NewUuid();
  } else if (!IsUuid(id)) {
    Raise(Condition::INVALID_HANDLE__FORMAT, {{"handle", id}});
  }
  const bool reattachable = WantsReattaching(*request);
  if (auto known = FindIn(*session, id)) {
    *is_new = false;
    if (reattachable && known->reattachable() && known->fingerprint() == fingerprint) return known;
    Raise(Condition::INVALID_HANDLE__OPERATION_ALREADY_EXISTS, {{"handle", id}});
  }
  spdlog::debug("operation {} of session {} starts ({})", id, session->session_id(), request->client_type());
  *is_new = true;
  auto operation = std::make_shared<Operation>(service, session, std::move(request), fingerprint, id, reattachable);
  session->MarkUsed();
  session->AddOperation(operation);
  return operation;
}

std::shared_ptr<Operation> FindOperation(Service& service, const proto::ReattachExecuteRequest& request,
                                         int64_t* first_index) {
  const auto session = service.sessions.Get(request.user_context().user_id(), request.session_id(),
                                            request.client_observed_server_side_session_id());
  auto operation = FindIn(*session, request.operation_id());
  if (operation == nullptr) {
    Raise(Condition::INVALID_HANDLE__OPERATION_NOT_FOUND, {{"handle", request.operation_id()}});
  }
  if (!operation->reattachable()) Raise(Condition::INVALID_CURSOR__NOT_REATTACHABLE);
  *first_index = request.has_last_response_id() && !request.last_response_id().empty()
                     ? operation->log().IndexAfter(request.last_response_id())
                     : 0;
  return operation;
}

void HandleReleaseExecute(Service& service, const proto::ReleaseExecuteRequest& request,
                          proto::ReleaseExecuteResponse* response) {
  const auto session = service.sessions.Get(request.user_context().user_id(), request.session_id(),
                                            request.client_observed_server_side_session_id());
  response->set_session_id(session->session_id());
  response->set_server_side_session_id(session->server_side_id());
  // Released already is as good as released now.
  const auto operation = FindIn(*session, request.operation_id());
  if (operation == nullptr) return;
  response->set_operation_id(operation->id());
  if (request.has_release_until()) {
    operation->log().ReleaseUntil(request.release_until().response_id());
    return;
  }
  if (!request.has_release_all()) {
    Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
          {{"fullName", "spark.connect.ReleaseExecuteRequest"}, {"name", "release"}});
  }
  operation->Interrupt();
  session->RemoveOperation(operation->id());
}

}  // namespace centella::connect
