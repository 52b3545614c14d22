// The subcommands of `centella`, and what they share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "session/session.h"

namespace centella {

// What bounds the engine: --threads and --memory.
struct EngineLimits {
  int threads = 0;     // 0 = all cores
  std::string memory;  // "512MB", "4g"; empty = 60% of the machine's
};

// Bytes of a size as people write it ("512MB", "4g", "1073741824"); -1 when it is none.
int64_t ParseSize(const std::string& text);
// An engine, an empty catalog and the starting configuration. Raises for a size that is none.
std::shared_ptr<SharedState> MakeSharedState(const EngineLimits& limits);
// Random letters and digits, 160 bits.
std::string NewToken();

// Logging by spdlog to stderr: format "text" or "json", level "debug" to "error" or "off".
void StartLogging(const std::string& format, const std::string& level);

// Each takes the arguments after its name and gives the exit code.
int RunCommandLine(int argc, char** argv);
int RunScript(const std::vector<std::string>& arguments);
int RunServer(const std::vector<std::string>& arguments);
int RunSql(const std::vector<std::string>& arguments);

}  // namespace centella
