// Config, Interrupt, ReleaseSession, CloneSession, GetStatus and FetchErrorDetails.
#include "server/connect/service.h"
#include "spark/connect/base.pb.h"

namespace centella::connect {
namespace {

template <typename Request>
std::shared_ptr<Session> SessionOf(Service& service, const Request& request) {
  return service.sessions.GetOrCreate(request.user_context().user_id(), request.session_id(),
                                      request.client_observed_server_side_session_id());
}

template <typename Response>
void Identify(const Session& session, Response* response) {
  response->set_session_id(session.session_id());
  response->set_server_side_session_id(session.server_side_id());
}

[[noreturn]] void RaiseUnknownKey(const std::string& key) {
  Raise(Condition::SQL_CONF_NOT_FOUND, {{"sqlConf", "\"" + key + "\""}});
}

void AddPair(const std::string& key, const std::optional<std::string>& value, proto::ConfigResponse* response) {
  auto* pair = response->add_pairs();
  pair->set_key(key);
  if (value) pair->set_value(*value);
}

// The value as a client sees it: some defaults depend on the machine.
std::optional<std::string> ValueOf(const Session& session, const Configuration& config, const std::string& key) {
  auto value = config.Get(key);
  if (!value && key == "spark.default.parallelism") return std::to_string(session.shared().engine->threads());
  if (!value && key == "spark.sql.session.timeZone") return TimeZone::Local().id();
  return value;
}

// What a user should hear about a key that was set.
void WarnAbout(const std::string& key, proto::ConfigResponse* response) {
  const ConfigKey* known = FindConfigKey(key);
  if (known == nullptr && key.starts_with("spark.centella.")) {
    response->add_warnings("The key '" + key + "' is unknown and changes nothing.");
  }
}

void SetAll(Session& session, const proto::ConfigRequest::Set& set, proto::ConfigResponse* response) {
  for (const auto& pair : set.pairs()) {
    if (!set.silent()) {
      session.SetConfig(pair.key(), pair.value());
    } else {
      // What cannot be set is reported instead of raised: builders send everything they were given.
      try {
        session.SetConfigOfBuilder(pair.key(), pair.value());
      } catch (const Error& error) {
        response->add_warnings(error.what());
      }
    }
    AddPair(pair.key(), pair.value(), response);
    WarnAbout(pair.key(), response);
  }
}

void GetAllPairs(const Configuration& config, const proto::ConfigRequest::GetAll& request,
                 proto::ConfigResponse* response) {
  const std::string& prefix = request.prefix();
  const auto add = [&](const std::string& key, const std::string& value) {
    if (key.starts_with(prefix)) AddPair(key.substr(prefix.size()), value, response);
  };
  for (const auto& [key, value] : config.values()) add(key, value);
}

proto::GetStatusResponse::OperationStatus::OperationState WireState(OperationState state) {
  using Status = proto::GetStatusResponse::OperationStatus;
  switch (state) {
    case OperationState::kRunning: return Status::OPERATION_STATE_RUNNING;
    case OperationState::kTerminating: return Status::OPERATION_STATE_TERMINATING;
    case OperationState::kSucceeded: return Status::OPERATION_STATE_SUCCEEDED;
    case OperationState::kFailed: return Status::OPERATION_STATE_FAILED;
    case OperationState::kCancelled: return Status::OPERATION_STATE_CANCELLED;
  }
  return Status::OPERATION_STATE_UNKNOWN;
}

}  // namespace

void HandleConfig(Service& service, const proto::ConfigRequest& request, proto::ConfigResponse* response) {
  const auto session = SessionOf(service, request);
  Identify(*session, response);
  const Configuration config = session->config();
  const auto& operation = request.operation();
  switch (operation.op_type_case()) {
    case proto::ConfigRequest::Operation::kSet: SetAll(*session, operation.set(), response); return;
    case proto::ConfigRequest::Operation::kGet:
      for (const std::string& key : operation.get().keys()) {
        const auto value = ValueOf(*session, config, key);
        if (!value) RaiseUnknownKey(key);
        AddPair(key, value, response);
      }
      return;
    case proto::ConfigRequest::Operation::kGetWithDefault:
      for (const auto& pair : operation.get_with_default().pairs()) {
        auto value = config.values().contains(pair.key()) ? config.Get(pair.key()) : std::nullopt;
        if (!value && pair.has_value()) value = pair.value();
        AddPair(pair.key(), value, response);
      }
      return;
    case proto::ConfigRequest::Operation::kGetOption:
      for (const std::string& key : operation.get_option().keys())
        AddPair(key, ValueOf(*session, config, key), response);
      return;
    case proto::ConfigRequest::Operation::kGetAll: GetAllPairs(config, operation.get_all(), response); return;
    case proto::ConfigRequest::Operation::kUnset:
      for (const std::string& key : operation.unset().keys()) {
        session->UnsetConfig(key);
        AddPair(key, std::nullopt, response);
      }
      return;
    case proto::ConfigRequest::Operation::kIsModifiable:
      for (const std::string& key : operation.is_modifiable().keys()) {
        const ConfigKey* known = FindConfigKey(key);
        AddPair(key, known != nullptr && known->modifiable ? "true" : "false", response);
      }
      return;
    case proto::ConfigRequest::Operation::OP_TYPE_NOT_SET: break;
  }
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
        {{"fullName", "spark.connect.ConfigRequest.Operation"}, {"name", "op_type"}});
}

void HandleInterrupt(Service& service, const proto::InterruptRequest& request, proto::InterruptResponse* response) {
  const auto session = SessionOf(service, request);
  Identify(*session, response);
  for (const auto& operation : session->Operations()) {
    bool chosen = false;
    switch (request.interrupt_type()) {
      case proto::InterruptRequest::INTERRUPT_TYPE_ALL: chosen = true; break;
      case proto::InterruptRequest::INTERRUPT_TYPE_TAG:
        chosen = operation->tags().contains(request.operation_tag());
        break;
      case proto::InterruptRequest::INTERRUPT_TYPE_OPERATION_ID:
        chosen = operation->id() == request.operation_id();
        break;
      default: RaiseUnsupported("an interrupt of an unknown kind");
    }
    if (!chosen || !operation->running()) continue;
    operation->Interrupt();
    response->add_interrupted_ids(operation->id());
  }
}

void HandleReleaseSession(Service& service, const proto::ReleaseSessionRequest& request,
                          proto::ReleaseSessionResponse* response) {
  const auto session =
      service.sessions.Close(request.user_context().user_id(), request.session_id(), request.allow_reconnect());
  response->set_session_id(request.session_id());
  if (session != nullptr) response->set_server_side_session_id(session->server_side_id());
}

void HandleFetchErrorDetails(Service& service, const proto::FetchErrorDetailsRequest& request,
                             proto::FetchErrorDetailsResponse* response) {
  response->set_session_id(request.session_id());
  if (const auto error = service.errors.Find(request.error_id())) FillErrorDetails(*error, response);
}

void HandleCloneSession(Service& service, const proto::CloneSessionRequest& request,
                        proto::CloneSessionResponse* response) {
  const auto session = service.sessions.Get(request.user_context().user_id(), request.session_id(),
                                            request.client_observed_server_side_session_id());
  const auto clone = service.sessions.Clone(session, request.new_session_id());
  Identify(*session, response);
  response->set_new_session_id(clone->session_id());
  response->set_new_server_side_session_id(clone->server_side_id());
}

void HandleGetStatus(Service& service, const proto::GetStatusRequest& request, proto::GetStatusResponse* response) {
  const auto session = SessionOf(service, request);
  Identify(*session, response);
  if (!request.has_operation_status()) return;
  const auto operations = session->Operations();
  const auto add = [&](const std::string& id, auto state) {
    auto* status = response->add_operation_statuses();
    status->set_operation_id(id);
    status->set_state(state);
  };
  const auto state_of = [](const std::shared_ptr<RunningOperation>& operation) {
    return WireState(static_cast<const Operation&>(*operation).state());
  };
  if (request.operation_status().operation_ids().empty()) {
    for (const auto& operation : operations) add(operation->id(), state_of(operation));
    return;
  }
  for (const std::string& id : request.operation_status().operation_ids()) {
    auto state = proto::GetStatusResponse::OperationStatus::OPERATION_STATE_UNKNOWN;
    for (const auto& operation : operations) {
      if (operation->id() == id) state = state_of(operation);
    }
    add(id, state);
  }
}

}  // namespace centella::connect
