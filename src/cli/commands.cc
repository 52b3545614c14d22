// What the subcommands share: the engine's bounds, tokens, logging.
#include "cli/commands.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <thread>

#include "cli/json_text.h"

namespace centella {
namespace {

// %*: the message as a JSON string.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string json = JsonString({message.payload.data(), message.payload.size()});
    out.append(json.data(), json.data() + json.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonMessage>(); }
};

}  // namespace

int64_t ParseSize(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return -1;
  std::string unit(end, text.data() + text.size());
  unit.erase(std::remove(unit.begin(), unit.end(), ' '), unit.end());
  std::transform(unit.begin(), unit.end(), unit.begin(), [](unsigned char c) { return std::tolower(c); });
  if (unit.size() > 1 && unit.ends_with("b")) unit.pop_back();
  if (unit.size() > 1 && unit.ends_with("i")) unit.pop_back();
  constexpr std::string_view kUnits = "bkmgt";
  const size_t power = unit.empty() ? 0 : unit.size() == 1 ? kUnits.find(unit[0]) : std::string_view::npos;
  if (power == std::string_view::npos) return -1;
  const double bytes = number * static_cast<double>(int64_t{1} << (10 * power));
  return bytes > 9e18 ? -1 : static_cast<int64_t>(bytes);
}

std::shared_ptr<SharedState> MakeSharedState(const EngineLimits& limits) {
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int64_t memory = 0;
  if (limits.memory.empty()) {
    const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
    memory = machine / 10 * 6;
  } else {
    memory = ParseSize(limits.memory);
    if (memory < (1 << 20)) {
      Raise(Condition::INTERNAL_ERROR,
            {{"message", "--memory " + limits.memory + " is no size of at least 1MB (write 512MB or 4g)."}});
    }
  }
  auto shared = std::make_shared<SharedState>();
  shared->engine = Engine::Make(limits.threads > 0 ? limits.threads : cores, memory);
  shared->catalog = MakeMemoryCatalog("spark_catalog");
  return shared;
}

std::string NewToken() {
  std::string token = NewUuid() + NewUuid();
  token.erase(std::remove(token.begin(), token.end(), '-'), token.end());
  return token.substr(0, 48);
}

void StartLogging(const std::string& format, const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>("centella", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (format == "json") {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<JsonMessage>('*').set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%*})");
    logger->set_formatter(std::move(formatter));
  } else {
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %-5l %v");
  }
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace centella
