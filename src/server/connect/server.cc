// See server.h.
#include "server/connect/server.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <thread>

#include "server/connect/calls.h"

namespace centella::connect {
namespace {

constexpr int kMaxReceiveBytes = 128 << 20;
constexpr std::chrono::milliseconds kClockTick{500};

// Takes as long for a wrong text as for the right one.
bool SameSecret(std::string_view given, std::string_view secret) {
  unsigned char difference = given.size() == secret.size() ? 0 : 1;
  for (size_t i = 0; i < secret.size(); ++i) {
    const char c = given.empty() ? '\0' : given[i % given.size()];
    difference |= static_cast<unsigned char>(c ^ secret[i]);
  }
  return difference == 0;
}

// Hands each call to its reactor, once the token is right.
class GenericService final : public grpc::CallbackGenericService {
 public:
  GenericService(Service& service, std::string token) : service_(service), token_(std::move(token)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    if (!Allowed(*context)) {
      return NewRefusal(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "Invalid authentication token"));
    }
    return NewCall(service_, context->method());
  }

 private:
  bool Allowed(const grpc::GenericCallbackServerContext& context) const {
    if (token_.empty()) return true;
    const auto& metadata = context.client_metadata();
    const auto found = metadata.find("authorization");
    if (found == metadata.end()) return false;
    const std::string_view value(found->second.data(), found->second.size());
    constexpr std::string_view kBearer = "Bearer ";
    return value.starts_with(kBearer) && SameSecret(value.substr(kBearer.size()), token_);
  }

  Service& service_;
  const std::string token_;
};

std::string ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Raise(Condition::INTERNAL_ERROR, {{"message", "The file " + path + " cannot be read."}});
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const ServerOptions& options) {
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    Raise(Condition::INTERNAL_ERROR, {{"message", "TLS needs both a certificate and a key."}});
  }
  if (options.tls_certificate_file.empty()) {
    if (!IsLoopback(options.host)) {
      Raise(Condition::INTERNAL_ERROR,
            {{"message",
              "Without TLS (--tls-cert, --tls-key) only a loopback address such as 127.0.0.1 may be listened "
              "on, not " +
                  options.host + "."}});
    }
    return grpc::InsecureServerCredentials();
  }
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({ReadPem(options.tls_key_file), ReadPem(options.tls_certificate_file)});
  return grpc::SslServerCredentials(tls);
}

// gRPC's own messages go where ours go; what fails is raised by us in any case.
void LogFromGrpc(gpr_log_func_args* message) { spdlog::debug("gRPC: {}", message->message); }

class GrpcServer final : public Server {
 public:
  GrpcServer(const ServerOptions& options, std::shared_ptr<const SharedState> shared)
      : service_(std::move(shared), options.session_idle_limit),
        generic_(service_, options.token),
        abandoned_after_(options.abandoned_after) {
    gpr_set_log_function(&LogFromGrpc);
    grpc::ServerBuilder builder;
    const bool bare_ipv6 = options.host.find(':') != std::string::npos && options.host[0] != '[';
    const std::string host = bare_ipv6 ? "[" + options.host + "]" : options.host;
    builder.AddListeningPort(host + ":" + std::to_string(options.port), CredentialsOf(options), &port_);
    builder.RegisterCallbackGenericService(&generic_);
    builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
    builder.SetMaxSendMessageSize(-1);
    // Two servers on one port would share its clients at random.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 120000);  // notices clients that vanished
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      Raise(Condition::INTERNAL_ERROR, {{"message", "The address " + host + ":" + std::to_string(options.port) +
                                                        " cannot be listened on; perhaps another process does."}});
    }
    clock_ = std::thread([this] { RunClock(); });
  }

  ~GrpcServer() override { Shutdown(); }

  int port() const override { return port_; }

  void Shutdown() override {
    if (stopped_.exchange(true)) return;
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    clock_.join();
    service_.sessions.CloseAll();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    server_->Wait();
    service_.sessions.CloseAll();  // sessions that calls made meanwhile
  }

 private:
  // Progress of running queries, abandoned operations, idle sessions.
  void RunClock() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kClockTick, [this] { return stopping_; })) {
      lock.unlock();
      Tick(std::chrono::steady_clock::now());
      lock.lock();
    }
  }

  void Tick(std::chrono::steady_clock::time_point now) {
    try {
      for (const auto& session : service_.sessions.Sessions()) {
        for (const auto& running : session->Operations()) {
          auto& operation = static_cast<Operation&>(*running);
          operation.ReportProgress();
          const auto since = operation.detached_since();
          if (!since || now - *since < abandoned_after_) continue;
          spdlog::info("operation {} is abandoned", operation.id());
          operation.Interrupt();
          session->RemoveOperation(operation.id());
        }
      }
      service_.sessions.CloseIdle(now);
    } catch (...) {
      spdlog::error("the server's clock: {}", CurrentError().what());
    }
  }

  Service service_;
  GenericService generic_;
  const std::chrono::seconds abandoned_after_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::thread clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::atomic<bool> stopped_{false};
};

}  // namespace

std::unique_ptr<Server> Server::Start(const ServerOptions& options, std::shared_ptr<const SharedState> shared) {
  return std::make_unique<GrpcServer>(options, std::move(shared));
}

}  // namespace centella::connect
