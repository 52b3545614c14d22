// See operation.h.
#include "server/connect/operation.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <spdlog/spdlog.h>

#include "server/connect/error_status.h"
#include "server/connect/service.h"
#include "spark/connect/base.pb.h"

namespace centella::connect {
namespace {

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  const grpc::Status status =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &bytes, &own);
  CENTELLA_CHECK(status.ok(), "a response cannot be serialised: " + status.error_message());
  return bytes;
}

}  // namespace

Operation::Operation(Service& service, std::shared_ptr<Session> session,
                     std::shared_ptr<const proto::ExecutePlanRequest> request, size_t fingerprint, std::string id,
                     bool reattachable)
    : service_(service),
      session_(std::move(session)),
      request_(std::move(request)),
      fingerprint_(fingerprint),
      id_(std::move(id)),
      tags_(request_->tags().begin(), request_->tags().end()),
      reattachable_(reattachable),
      log_(reattachable) {}

Operation::~Operation() = default;

bool Operation::running() const {
  const OperationState state = state_.load();
  return state == OperationState::kRunning || state == OperationState::kTerminating;
}

void Operation::Interrupt() {
  OperationState running = OperationState::kRunning;
  if (!state_.compare_exchange_strong(running, OperationState::kTerminating)) return;
  cancellation_->Cancel();
  // The stream ends now; the query's own end comes when its tasks have seen the cancellation.
  log_.Close(service_.errors.ToStatus(Error(Condition::OPERATION_CANCELED, {})));
}

void Operation::Run() {
  try {
    cancellation_->ThrowIfCancelled();
    if (source_ == nullptr) {
      auto context = session_->NewContext(id_, cancellation_);
      {
        std::lock_guard lock(mutex_);
        context_ = context;
      }
      source_ = StartPlan(*request_, *session_, context);
      request_.reset();
    }
    while (true) {
      const bool parked =
          log_.ParkWhenFull([self = shared_from_this()] { self->service_.workers.Submit([self] { self->Run(); }); });
      if (parked) return;
      proto::ExecutePlanResponse response;
      if (!source_->Next(&response)) break;
      cancellation_->ThrowIfCancelled();
      Append(&response);
    }
    proto::ExecutePlanResponse complete;
    complete.mutable_result_complete();
    Append(&complete);
    source_.reset();
    Finish(OperationState::kSucceeded, grpc::Status::OK);
  } catch (...) {
    const Error error = CurrentError();
    source_.reset();  // waits for the query's tasks
    const bool cancelled = cancellation_->cancelled();
    if (!cancelled) spdlog::info("operation {} failed: {}", id_, error.what());
    Finish(cancelled ? OperationState::kCancelled : OperationState::kFailed, service_.errors.ToStatus(error));
  }
}

void Operation::Append(proto::ExecutePlanResponse* response) {
  std::lock_guard lock(append_mutex_);
  response->set_session_id(session_->session_id());
  response->set_server_side_session_id(session_->server_side_id());
  response->set_operation_id(id_);
  response->set_response_id(log_.NextId());
  log_.Append(ToBytes(*response));
}

void Operation::Finish(OperationState state, grpc::Status status) {
  state_.store(state);
  request_.reset();
  if (!reattachable_) session_->RemoveOperation(id_);
  log_.Close(std::move(status));
}

void Operation::ReportProgress() {
  if (state_.load() != OperationState::kRunning || !log_.drained()) return;
  std::shared_ptr<QueryMetrics> metrics;
  {
    std::lock_guard lock(mutex_);
    if (context_ == nullptr) return;
    metrics = context_->metrics;
  }
  const int64_t total = metrics->tasks_total.load();
  const int64_t done = metrics->tasks_done.load();
  const int64_t bytes = metrics->bytes_read.load();
  if (total == 0) return;
  proto::ExecutePlanResponse response;
  auto* progress = response.mutable_execution_progress();
  auto* stage = progress->add_stages();
  stage->set_stage_id(0);
  stage->set_num_tasks(total);
  stage->set_num_completed_tasks(done);
  stage->set_input_bytes_read(bytes);
  stage->set_done(done >= total);
  progress->set_num_inflight_tasks(std::min<int64_t>(total - done, session_->shared().engine->threads()));
  Append(&response);
}

void Operation::Attached() {
  std::lock_guard lock(mutex_);
  ++attached_;
}

void Operation::Detached() {
  {
    std::lock_guard lock(mutex_);
    --attached_;
    detached_since_ = std::chrono::steady_clock::now();
  }
  session_->Touch();
  // Nobody can come back for it.
  if (!reattachable_) {
    Interrupt();
    session_->RemoveOperation(id_);
  }
}

std::optional<std::chrono::steady_clock::time_point> Operation::detached_since() const {
  std::lock_guard lock(mutex_);
  if (attached_ > 0) return std::nullopt;
  return detached_since_;
}

}  // namespace centella::connect
