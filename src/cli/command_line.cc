// `centella` itself: which subcommand, --version, --help.
#include <cstdio>

#include "cli/build_info.h"
#include "cli/commands.h"

namespace centella {
namespace {

constexpr char kHelp[] =
    "Centella runs Apache Spark programs natively, without a JVM.\n"
    "Usage: centella COMMAND [options]\n\n"
    "  run SCRIPT    runs a PySpark script\n"
    "  server        serves Spark Connect\n"
    "  sql           runs Spark SQL statements\n\n"
    "  --version     the version, and those of what is linked\n"
    "  --help        this text; 'centella COMMAND --help' tells more\n";

}  // namespace

// Defined beside the libraries that it asks (versions.cc).
void PrintVersion();

int RunCommandLine(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  const std::string& command = arguments[0];
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (command == "run") return RunScript(rest);
  if (command == "server") return RunServer(rest);
  if (command == "sql") return RunSql(rest);
  if (command == "--version" || command == "version") {
    PrintVersion();
    return 0;
  }
  if (command == "--help" || command == "-h" || command == "help") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  std::fprintf(stderr, "centella: there is no command '%s' (centella --help)\n", command.c_str());
  return 2;
}

}  // namespace centella
