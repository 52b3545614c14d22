// `centella server`: the Spark Connect endpoint until a signal ends it.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "cli/commands.h"
#include "server/connect/server.h"

namespace centella {
namespace {

struct ServerArguments {
  connect::ServerOptions options;
  EngineLimits limits;
  std::string token_file;
  std::string log_format = "text";
  std::string log_level = "info";
  int session_timeout_seconds = 3600;
  int abandoned_after_seconds = 300;
};

void Declare(CLI::App& app, ServerArguments* arguments) {
  app.add_option("--host", arguments->options.host, "Address to listen on (127.0.0.1); others need TLS");
  app.add_option("--port", arguments->options.port, "Port to listen on (15002); 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--token", arguments->options.token, "Bearer token that clients must send (or CENTELLA_TOKEN)");
  app.add_option("--token-file", arguments->token_file, "File that holds the token");
  app.add_option("--tls-cert", arguments->options.tls_certificate_file, "Certificate chain, PEM");
  app.add_option("--tls-key", arguments->options.tls_key_file, "Private key, PEM");
  app.add_option("--threads", arguments->limits.threads, "Worker threads (all cores)")->check(CLI::Range(1, 4096));
  app.add_option("--memory", arguments->limits.memory, "Memory for queries, such as 4g (60% of the machine's)");
  app.add_option("--session-timeout", arguments->session_timeout_seconds,
                 "Seconds after which a session that nobody uses is closed (3600)")
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--abandoned-after", arguments->abandoned_after_seconds,
                 "Seconds after which a query whose client is gone is ended (300)")
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--log-format", arguments->log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_option("--log-level", arguments->log_level, "debug, info, warn, error or off")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}));
}

std::string TokenFrom(const ServerArguments& arguments) {
  if (!arguments.options.token.empty()) return arguments.options.token;
  if (!arguments.token_file.empty()) {
    std::ifstream file(arguments.token_file);
    std::string token;
    if (!(file >> token)) {
      Raise(Condition::INTERNAL_ERROR, {{"message", "The file " + arguments.token_file + " holds no token."}});
    }
    return token;
  }
  const char* given = std::getenv("CENTELLA_TOKEN");
  if (given == nullptr) given = std::getenv("SPARK_CONNECT_AUTHENTICATE_TOKEN");
  return given == nullptr ? "" : given;
}

}  // namespace

int RunServer(const std::vector<std::string>& given) {
  ServerArguments arguments;
  CLI::App app("Serves Spark Connect until it is stopped by Ctrl-C or SIGTERM.", "centella server");
  Declare(app, &arguments);
  try {
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    std::fprintf(stderr, "centella server: %s (centella server --help)\n", error.what());
    return 2;
  }
  // Blocked before any thread starts, so that only the wait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  StartLogging(arguments.log_format, arguments.log_level);
  try {
    arguments.options.token = TokenFrom(arguments);
    arguments.options.session_idle_limit = std::chrono::seconds(arguments.session_timeout_seconds);
    arguments.options.abandoned_after = std::chrono::seconds(arguments.abandoned_after_seconds);
    const auto server = connect::Server::Start(arguments.options, MakeSharedState(arguments.limits));
    std::printf("Centella Spark Connect server listening on %s:%d\n", arguments.options.host.c_str(), server->port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    spdlog::info("stopping ({})", signal == SIGINT ? "interrupted" : "terminated");
    server->Shutdown();
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "centella server: %s\n", error.Sentence().c_str());
    return 1;
  }
}

}  // namespace centella
