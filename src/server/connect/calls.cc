// See calls.h.
#include "server/connect/calls.h"

#include <google/protobuf/arena.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <functional>
#include <mutex>
#include <unordered_map>

#include "server/connect/parse.h"
#include "spark/connect/base.pb.h"

namespace centella::connect {
namespace {

using Reactor = grpc::ServerGenericBidiReactor;

// Parses on an arena: a deep message is freed without recursion.
template <typename Message>
const Message& Parse(const grpc::ByteBuffer& bytes, google::protobuf::Arena* arena, size_t* fingerprint = nullptr) {
  grpc::ByteBuffer copy(bytes);
  grpc::Slice slice;
  CENTELLA_CHECK(copy.DumpToSingleSlice(&slice).ok(), "a request without bytes");
  auto* message = google::protobuf::Arena::CreateMessage<Message>(arena);
  const std::string_view content(reinterpret_cast<const char*>(slice.begin()), slice.size());
  if (fingerprint != nullptr) *fingerprint = std::hash<std::string_view>()(content);
  if (!ParseBounded(content, message)) {
    Raise(Condition::CONNECT_INVALID_PLAN__CANNOT_PARSE,
          {{"errorMsg", "not a " + message->GetTypeName() + ", or nested deeper than " + std::to_string(kMaxNesting)}});
  }
  return *message;
}

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &bytes, &own);
  return bytes;
}

class Refusal final : public Reactor {
 public:
  explicit Refusal(grpc::Status status) { Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

// One request, one response.
class UnaryCall final : public Reactor {
 public:
  using Handler = std::function<grpc::ByteBuffer(const grpc::ByteBuffer&)>;
  UnaryCall(Service& service, DeepStackPool& pool, Handler handler)
      : service_(service), pool_(pool), handler_(std::move(handler)) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the request is missing"));
      return;
    }
    pool_.Submit([this] { Handle(); });  // this lives until Finish
  }
  void OnDone() override { delete this; }

 private:
  void Handle() {
    grpc::Status status;
    try {
      response_ = handler_(request_);
    } catch (...) {
      status = service_.errors.ToStatus(CurrentError());
    }
    if (status.ok()) {
      StartWriteAndFinish(&response_, grpc::WriteOptions(), status);
    } else {
      Finish(status);
    }
  }

  Service& service_;
  DeepStackPool& pool_;
  const Handler handler_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

// AddArtifacts: many requests, one response.
class UploadCall final : public Reactor {
 public:
  explicit UploadCall(Service& service) : service_(service), receiver_(service) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (ok) {
      service_.control.Submit([this] { Receive(); });
    } else {
      service_.control.Submit([this] { End(); });
    }
  }
  void OnDone() override { delete this; }

 private:
  void Receive() {
    try {
      google::protobuf::Arena arena;
      receiver_.Receive(Parse<proto::AddArtifactsRequest>(request_, &arena));
    } catch (...) {
      Finish(service_.errors.ToStatus(CurrentError()));
      return;
    }
    request_.Clear();
    StartRead(&request_);
  }
  void End() {
    proto::AddArtifactsResponse response;
    try {
      receiver_.Finish(&response);
      response_ = ToBytes(response);
    } catch (...) {
      Finish(service_.errors.ToStatus(CurrentError()));
      return;
    }
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }

  Service& service_;
  ArtifactReceiver receiver_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

// ExecutePlan and ReattachExecute: one request, then the responses of an operation as they come. gRPC's rules: one write
// at a time, Finish once and with no write on its way, nothing after it.
class StreamCall final : public Reactor, public std::enable_shared_from_this<StreamCall> {
 public:
  static Reactor* New(Service& service, bool reattach) {
    auto call = std::shared_ptr<StreamCall>(new StreamCall(service, reattach));
    call->self_ = call;
    call->StartRead(&call->request_);
    return call.get();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      End(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the request is missing"));
      return;
    }
    // A reattached stream must not wait for a worker that a running query holds.
    (reattach_ ? service_.control : service_.workers).Submit([self = shared_from_this()] { self->Begin(); });
  }

  void OnWriteDone(bool ok) override {
    bool finish = false;
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
      if (!ok && !ended_) {
        ended_ = true;
        status_ = grpc::Status(grpc::StatusCode::CANCELLED, "the stream is broken");
      }
      finish = ended_;
    }
    if (finish) {
      Finish(status_);
    } else {
      Pump();
    }
  }

  void OnCancel() override { End(grpc::Status(grpc::StatusCode::CANCELLED, "the client cancelled")); }

  void OnDone() override {
    std::shared_ptr<Operation> operation;
    {
      std::lock_guard lock(mutex_);
      done_ = true;
      operation = std::move(operation_);
    }
    // A detached operation may be interrupted, and its session freed: not on gRPC's thread.
    if (operation != nullptr) {
      service_.control.Submit([operation = std::move(operation)] { operation->Detached(); });
    }
    self_.reset();
  }

 private:
  StreamCall(Service& service, bool reattach) : service_(service), reattach_(reattach) {}

  void Begin() {
    std::shared_ptr<Operation> operation;
    int64_t first = 0;
    bool is_new = false;
    try {
      if (reattach_) {
        google::protobuf::Arena arena;
        operation = FindOperation(service_, Parse<proto::ReattachExecuteRequest>(request_, &arena), &first);
      } else {
        auto arena = std::make_shared<google::protobuf::Arena>();
        size_t fingerprint = 0;
        const auto& request = Parse<proto::ExecutePlanRequest>(request_, arena.get(), &fingerprint);
        operation = StartOperation(service_, {arena, &request}, fingerprint, &is_new);
      }
    } catch (...) {
      End(service_.errors.ToStatus(CurrentError()));
      return;
    }
    operation->Attached();
    const int64_t listener = operation->log().Listen([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Pump();
    });
    bool done;
    {
      std::lock_guard lock(mutex_);
      done = done_;
      if (!done) operation_ = operation;
      next_ = first;
      listener_ = listener;
    }
    if (done) operation->Detached();  // the client left before there was an operation
    Pump();
    if (is_new) operation->Run();
  }

  // Sends the next response when there is one and none is on its way.
  void Pump() {
    bool finish = false;
    {
      std::lock_guard lock(mutex_);
      if (writing_ || ended_ || operation_ == nullptr) return;
      switch (operation_->log().Get(listener_, next_, &response_, &status_)) {
        case ResponseLog::Poll::kWait: return;
        case ResponseLog::Poll::kResponse:
          writing_ = true;
          ++next_;
          break;
        case ResponseLog::Poll::kReplaced:
          status_ = service_.errors.ToStatus(Error(Condition::INVALID_CURSOR__DISCONNECTED, {}));
          finish = ended_ = true;
          break;
        case ResponseLog::Poll::kGone:
          status_ = service_.errors.ToStatus(Error(Condition::INVALID_CURSOR__POSITION_NOT_AVAILABLE,
                                                   {{"responseId", ""}, {"index", std::to_string(next_)}}));
          finish = ended_ = true;
          break;
        case ResponseLog::Poll::kEnd: finish = ended_ = true; break;
      }
    }
    if (finish) {
      Finish(status_);
    } else {
      StartWrite(&response_);
    }
  }

  void End(grpc::Status status) {
    {
      std::lock_guard lock(mutex_);
      if (ended_) return;
      ended_ = true;
      status_ = std::move(status);
      if (writing_) return;  // OnWriteDone finishes
    }
    Finish(status_);
  }

  Service& service_;
  const bool reattach_;
  std::shared_ptr<StreamCall> self_;  // until OnDone
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::mutex mutex_;
  std::shared_ptr<Operation> operation_;
  int64_t next_ = 0;
  int64_t listener_ = 0;
  grpc::Status status_;
  bool writing_ = false;
  bool ended_ = false;
  bool done_ = false;
};

template <typename Request, typename Response>
Reactor* NewUnary(Service& service, DeepStackPool& pool, void (*handle)(Service&, const Request&, Response*)) {
  return new UnaryCall(service, pool, [&service, handle](const grpc::ByteBuffer& bytes) {
    google::protobuf::Arena arena;
    Response response;
    handle(service, Parse<Request>(bytes, &arena), &response);
    return ToBytes(response);
  });
}

}  // namespace

grpc::ServerGenericBidiReactor* NewRefusal(grpc::Status status) { return new Refusal(std::move(status)); }

grpc::ServerGenericBidiReactor* NewCall(Service& service, const std::string& method) {
  using Make = Reactor* (*)(Service&);
  static const auto* calls = new std::unordered_map<std::string_view, Make>{
      {"ExecutePlan", [](Service& s) -> Reactor* { return StreamCall::New(s, /*reattach=*/false); }},
      {"ReattachExecute", [](Service& s) -> Reactor* { return StreamCall::New(s, /*reattach=*/true); }},
      {"AddArtifacts", [](Service& s) -> Reactor* { return new UploadCall(s); }},
      {"AnalyzePlan", [](Service& s) -> Reactor* { return NewUnary(s, s.workers, &HandleAnalyze); }},
      {"Config", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleConfig); }},
      {"ArtifactStatus", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleArtifactStatus); }},
      {"Interrupt", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleInterrupt); }},
      {"ReleaseExecute", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleReleaseExecute); }},
      {"ReleaseSession", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleReleaseSession); }},
      {"FetchErrorDetails", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleFetchErrorDetails); }},
      {"CloneSession", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleCloneSession); }},
      {"GetStatus", [](Service& s) -> Reactor* { return NewUnary(s, s.control, &HandleGetStatus); }},
  };
  constexpr std::string_view kPrefix = "/spark.connect.SparkConnectService/";
  if (method.starts_with(kPrefix)) {
    const auto found = calls->find(std::string_view(method).substr(kPrefix.size()));
    if (found != calls->end()) return found->second(service);
  }
  return NewRefusal(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "there is no method " + method));
}

}  // namespace centella::connect
