// The Spark Connect endpoint: a gRPC server with all RPCs of the protocol. The one header that the command line needs.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "session/session.h"

namespace centella::connect {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 15002;                  // 0 = any free one
  std::string token;                 // clients must send it as a bearer token; empty = none asked
  std::string tls_certificate_file;  // PEM; both or none
  std::string tls_key_file;
  std::chrono::seconds session_idle_limit = std::chrono::hours(1);
  // Operations that nobody has read from for so long are interrupted and released.
  std::chrono::seconds abandoned_after = std::chrono::minutes(5);
};

// Runs from Start until Shutdown or destruction.
class Server {
 public:
  // Raises INTERNAL_ERROR, with a sentence for people, when the address cannot be bound, when others could reach a plain
  // endpoint, or when a certificate cannot be read.
  static std::unique_ptr<Server> Start(const ServerOptions& options, std::shared_ptr<const SharedState> shared);
  virtual ~Server() = default;
  virtual int port() const = 0;
  // Refuses new calls, interrupts what runs, and returns when everything has ended.
  virtual void Shutdown() = 0;
};

}  // namespace centella::connect
