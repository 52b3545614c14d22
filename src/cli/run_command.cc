// `centella run`: a server of its own on loopback, and the script in a Python process beside it. What passes between the
// two is written down in python/centella/README.md.
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/run_options.h"
#include "server/connect/server.h"

namespace centella {
namespace {

namespace fs = std::filesystem;

std::string JsonObject(const std::map<std::string, std::string>& values) {
  std::string json = "{";
  for (const auto& [key, value] : values) {
    json += (json.size() > 1 ? "," : "") + JsonString(key) + ":" + JsonString(value);
  }
  return json + "}";
}

// Executable files; a bare name is looked up in PATH.
std::string FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  const std::string folders = path == nullptr ? "/usr/bin:/bin" : path;
  for (size_t begin = 0; begin <= folders.size();) {
    const size_t end = std::min(folders.find(':', begin), folders.size());
    const std::string candidate = folders.substr(begin, end - begin) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return "";
}

// In this order: what the run says, what the environment says, the project's own.
std::string FindPython(const std::map<std::string, std::string>& conf) {
  std::vector<std::string> candidates;
  for (const char* key : {"spark.pyspark.driver.python", "spark.pyspark.python"}) {
    const auto found = conf.find(key);
    if (found != conf.end()) candidates.push_back(found->second);
  }
  for (const char* name : {"PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON"}) {
    if (const char* value = std::getenv(name)) candidates.push_back(value);
  }
  if (const char* environment = std::getenv("VIRTUAL_ENV"))
    candidates.push_back(std::string(environment) + "/bin/python");
  candidates.push_back(std::string(BuildPython()));
  candidates.push_back("python3");
  for (const std::string& candidate : candidates) {
    if (candidate.empty()) continue;
    const std::string found = FindProgram(candidate);
    if (!found.empty()) return found;
  }
  return "";
}

// The folder of the launcher's package: beside the executable, else where it was built.
std::string FindLauncher() {
  std::error_code ignored;
  const fs::path executable = fs::read_symlink("/proc/self/exe", ignored);
  std::vector<fs::path> candidates;
  if (!executable.empty()) {
    candidates.push_back(executable.parent_path() / "../python");
    candidates.push_back(executable.parent_path() / "../lib/centella/python");
  }
  candidates.emplace_back(std::string(BuildPythonFolder()));
  candidates.push_back(fs::path(std::string(BuildPythonFolder())).parent_path());
  for (const fs::path& candidate : candidates) {
    if (fs::exists(candidate / "centella" / "launcher.py", ignored)) {
      return fs::weakly_canonical(candidate, ignored).string();
    }
  }
  return "";
}

// The child's environment: ours, and what the launcher reads.
std::vector<std::string> EnvironmentFor(const RunOptions& options, const std::string& endpoint,
                                        const std::string& launcher) {
  std::map<std::string, std::string> added = {{"CENTELLA_ENDPOINT", endpoint},
                                              {"CENTELLA_CONF", JsonObject(options.conf)}};
  if (!options.py_files.empty()) added["CENTELLA_PY_FILES"] = options.py_files;
  if (!options.files.empty()) added["CENTELLA_FILES"] = options.files;
  if (!options.packages.empty()) added["CENTELLA_PACKAGES"] = options.packages;
  const char* path = std::getenv("PYTHONPATH");
  added["PYTHONPATH"] = launcher + (path != nullptr && *path != '\0' ? ":" + std::string(path) : "");
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) environment.push_back(text);
  }
  for (const auto& [key, value] : added) environment.push_back(key + "=" + value);
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The launcher lets the client recurse deep (see _allow_deep_plans there).
void RaiseStackLimit() {
  constexpr rlim_t kStackBytes = rlim_t{64} << 20;
  rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= kStackBytes) return;
  limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? kStackBytes : std::min(limit.rlim_max, kStackBytes);
  setrlimit(RLIMIT_STACK, &limit);
}

// Starts the child; it dies with us. Between fork and exec only what is safe in a process with threads.
pid_t StartChild(const std::string& program, std::vector<std::string> arguments, std::vector<std::string> environment,
                 const sigset_t& original_mask) {
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  RaiseStackLimit();
  if (getppid() != parent) _exit(1);
  sigprocmask(SIG_SETMASK, &original_mask, nullptr);
  execve(program.c_str(), argv.data(), envp.data());
  _exit(127);
}

// Waits for the child and passes on what we are told to end with; the terminal itself tells it of Ctrl-C.
int WaitForChild(pid_t child, const sigset_t& signals) {
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal == SIGTERM || signal == SIGHUP) kill(child, signal);
  }
}

void TellWhatMeansNothing(const RunOptions& options) {
  std::string names;
  for (const std::string& name : options.without_meaning) {
    if (names.find(name) == std::string::npos) names += (names.empty() ? "" : ", ") + name;
  }
  if (names.empty()) return;
  std::fprintf(stderr,
               "centella: %s: taken, but without meaning here, where one process does the work (--threads and --memory "
               "bound it).\n",
               names.c_str());
}

int Fail(const std::string& message) {
  std::fprintf(stderr, "centella run: %s\n", message.c_str());
  return 2;
}

}  // namespace

int RunScript(const std::vector<std::string>& given) {
  const RunOptions options = ParseRunOptions(given);
  if (options.help) {
    std::fputs(kRunHelp, stdout);
    return 0;
  }
  if (!options.error.empty()) return Fail(options.error + " (centella run --help)");
  const std::string python = FindPython(options.conf);
  if (python.empty()) return Fail("no Python interpreter was found; set PYSPARK_PYTHON");
  const std::string launcher = FindLauncher();
  if (launcher.empty()) return Fail("the Python package 'centella' was not found beside the executable");
  TellWhatMeansNothing(options);

  sigset_t signals, original_mask;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, &original_mask);
  const char* level = std::getenv("CENTELLA_LOG_LEVEL");
  StartLogging("text", level == nullptr ? "off" : level);
  try {
    connect::ServerOptions server_options;
    server_options.port = 0;
    server_options.token = NewToken();
    const auto server = connect::Server::Start(server_options, MakeSharedState(options.limits));
    const std::string endpoint = "sc://127.0.0.1:" + std::to_string(server->port()) + "/;token=" + server_options.token;
    std::vector<std::string> arguments = {python, "-m", "centella.launcher"};
    arguments.insert(arguments.end(), options.script.begin(), options.script.end());
    const pid_t child =
        StartChild(python, std::move(arguments), EnvironmentFor(options, endpoint, launcher), original_mask);
    if (child < 0) return Fail("no process could be started");
    const int code = WaitForChild(child, signals);
    server->Shutdown();
    return code;
  } catch (const Error& error) {
    return Fail(error.Sentence());
  }
}

}  // namespace centella
