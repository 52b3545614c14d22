// Runs queries in several ways and prints for each whether all gave the same rows, in the same order, to the bit: the fragments
// of their plans in two processes that hand each other Arrow streams over a loopback socket, and whole in one process; or
// (--steady) with 1, 2 and 7 threads and batches of several sizes.
//
// usage: fragments_tool [--conf KEY=VALUE]... [--threads N] [--explain] [--divide-local-rows] FILE...
//        fragments_tool --steady [--conf KEY=VALUE]... [--batch-sizes 1,7,4096] FILE...
// Each file holds statements. Commands run in the session; a query prints one line of JSON: its rows as tests/tpch/check.py
// compares them, "same", and what each process did. The second process is this program with `--peer`.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "cli/commands.h"
#include "cli/json_text.h"
#include "cluster/process.h"
#include "plan/type_bytes.h"
#include "session/deep_stack_pool.h"
#include "sql/parser.h"
#include "types/text.h"

namespace centella {
namespace {

constexpr const char* kToken = "CENTELLA_FRAGMENTS_TOKEN";

struct Arguments {
  std::vector<std::string> files;
  std::vector<std::pair<std::string, std::string>> conf;
  int threads = 1;
  bool explain = false;
  LocalRows local_rows = LocalRows::kTravel;
  bool peer = false;
  bool steady = false;
  std::vector<int32_t> batch_sizes = {1, 7, 4096};
};

// The other process: this program, until its standard input closes.
class Peer {
 public:
  Peer(const std::string& program, int threads) {
    int to_child[2], from_child[2];
    CENTELLA_CHECK(pipe(to_child) == 0 && pipe(from_child) == 0, "no pipe");
    child_ = fork();
    CENTELLA_CHECK(child_ >= 0, "no process");
    if (child_ == 0) {
      dup2(to_child[0], STDIN_FILENO);
      dup2(from_child[1], STDOUT_FILENO);
      for (const int end : {to_child[0], to_child[1], from_child[0], from_child[1]}) close(end);
      const std::string count = std::to_string(threads);
      execl(program.c_str(), program.c_str(), "--peer", "--threads", count.c_str(), nullptr);
      _exit(127);
    }
    close(to_child[0]);
    close(from_child[1]);
    input_ = to_child[1];
    std::FILE* output = fdopen(from_child[0], "r");
    CENTELLA_CHECK(std::fscanf(output, "%d", &port_) == 1, "the other process didn't start");
    std::fclose(output);
  }
  ~Peer() {
    close(input_);
    waitpid(child_, nullptr, 0);
  }
  int port() const { return port_; }

 private:
  pid_t child_ = -1;
  int input_ = -1;
  int port_ = 0;
};

int RunPeer(const Arguments& arguments) {
  EngineLimits limits;
  limits.threads = arguments.threads;
  limits.memory = "2g";
  FragmentProcess process(MakeSharedState(limits)->engine, std::getenv(kToken));
  std::printf("%d\n", process.port());
  std::fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}

std::string JsonOf(const Value& value, const QueryContext& context) {
  if (value.is_null()) return "null";
  switch (value.type()->id()) {
    case TypeId::kBoolean: return value.boolean() ? "true" : "false";
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong: return std::to_string(value.integer());
    case TypeId::kFloat:
    case TypeId::kDouble: {
      char text[32];
      std::snprintf(text, sizeof(text), "%.17g", value.floating());
      if (!std::isfinite(value.floating())) return JsonString(text);
      return std::strpbrk(text, ".e") != nullptr ? text : std::string(text) + ".0";
    }
    default: return JsonString(ValueToString(value, context.zone));
  }
}

// Each row as bytes that say everything of it, and as JSON.
struct Rows {
  std::vector<std::string> exact;
  std::string json;
};

// The value, but for the nullability of its type's parts: kernels may know better than the schema.
void WriteExactly(const Value& value, ByteWriter* out) {
  out->Byte(value.is_null() ? 0 : 1);
  if (value.is_null()) return;
  if (value.type()->physical() < PhysicalType::kArray) return WriteValue(value, *out);
  out->Unsigned(value.parts().size());
  for (const Value& part : value.parts()) WriteExactly(part, out);
}

Rows RowsOf(const std::vector<Batch>& batches, const QueryContext& context, bool with_json) {
  Rows rows;
  for (const Batch& given : batches) {
    const Batch batch = Compact(given);
    for (int64_t i = 0; i < batch.rows; ++i) {
      ByteWriter bytes;
      std::string json;
      for (const VectorPtr& column : batch.columns) {
        const Value value = column->GetValue(i);
        WriteExactly(value, &bytes);
        if (with_json) json += (json.empty() ? "" : ", ") + JsonOf(value, context);
      }
      rows.exact.push_back(bytes.Take());
      if (with_json) rows.json += (rows.json.empty() ? "[" : ", [") + json + "]";
    }
  }
  return rows;
}

std::string ReportsJson(const std::vector<ProcessReport>& reports) {
  std::string text;
  for (const ProcessReport& report : reports) {
    text += (text.empty() ? "" : ", ") + ("{\"fragments\": " + std::to_string(report.fragments)) +
            ", \"rows_read\": " + std::to_string(report.rows_read) +
            ", \"rows_sent\": " + std::to_string(report.rows_sent) +
            ", \"bytes_sent\": " + std::to_string(report.bytes_sent) + "}";
  }
  return "[" + text + "]";
}

std::string ErrorJson(const Error& error) {
  return "{\"error\": " + JsonString(error.info().name) + ", \"message\": " + JsonString(error.what()) + "}";
}

// A fresh context each: cancelling one run must not end the other.
std::vector<Batch> RunDivided(const PlanPtr& prepared, const QueryContext& whole, FragmentProcess& home,
                              const Peer& peer, const Arguments& arguments, std::vector<ProcessReport>* reports) {
  auto context = std::make_shared<QueryContext>(whole);
  context->cancellation = std::make_shared<Cancellation>();
  context->metrics = std::make_shared<QueryMetrics>();
  const std::vector<Fragment> fragments = CutPlan(MakePhysicalPlan(prepared, context), context, arguments.local_rows);
  if (arguments.explain) std::fprintf(stderr, "%s\n", FragmentsString(fragments).c_str());
  return home.Run(fragments, context, {peer.port()}, reports);
}

// What a way of running gave: rows, or its error.
struct Result {
  Rows rows;
  std::string error;
};

template <typename Run>
Result ResultOf(const QueryContext& context, bool with_json, const Run& run) {
  Result result;
  try {
    result.rows = RowsOf(run(), context, with_json);
  } catch (const Error& error) {
    result.error = ErrorJson(error);
  }
  return result;
}

void RunStatement(const std::string& statement, Session& session, FragmentProcess& home, const Peer& peer,
                  const Arguments& arguments) {
  const QueryContextPtr context = session.NewContext(NewUuid());
  const PlanPtr resolved = session.Resolve(ParseStatement(statement, context->config), context);
  const TypePtr schema = SchemaOf(resolved);
  const PlanPtr prepared = session.Prepare(resolved, context);
  if (schema->fields().empty()) return;
  std::vector<ProcessReport> reports;
  const Result divided =
      ResultOf(*context, true, [&] { return RunDivided(prepared, *context, home, peer, arguments, &reports); });
  const Result whole = ResultOf(*context, false, [&] { return RunQuery(prepared, context, session.shared().engine); });
  const bool same = divided.rows.exact == whole.rows.exact && divided.error == whole.error;
  std::string columns, types;
  for (const StructField& field : schema->fields()) {
    columns += (columns.empty() ? "" : ", ") + JsonString(field.name);
    types += (types.empty() ? "" : ", ") + JsonString(field.type->CatalogString());
  }
  std::printf(
      "{\"statement\": %s, \"columns\": [%s], \"types\": [%s], \"same\": %s, \"error\": %s, "
      "\"error_whole\": %s, \"processes\": %s, \"rows\": [%s]}\n",
      JsonString(statement.substr(0, 200)).c_str(), columns.c_str(), types.c_str(), same ? "true" : "false",
      divided.error.empty() ? "null" : divided.error.c_str(), whole.error.empty() ? "null" : whole.error.c_str(),
      ReportsJson(reports).c_str(), divided.rows.json.c_str());
  std::fflush(stdout);
}

// Engines of 1, 2 and 7 threads.
std::vector<std::shared_ptr<Engine>> MakeEngines() {
  std::vector<std::shared_ptr<Engine>> engines;
  for (const int threads : {1, 2, 7}) engines.push_back(Engine::Make(threads, int64_t{2} << 30));
  return engines;
}

// Prints which ways of running give something else than one thread with the largest batches.
void RunSteadily(const std::string& statement, Session& session, const std::vector<std::shared_ptr<Engine>>& engines,
                 const Arguments& arguments) {
  const QueryContextPtr context = session.NewContext(NewUuid());
  const PlanPtr resolved = session.Resolve(ParseStatement(statement, context->config), context);
  if (SchemaOf(resolved)->fields().empty()) return;
  const PlanPtr prepared = session.Prepare(resolved, context);
  const auto run = [&](const std::shared_ptr<Engine>& engine, int32_t batch_size) {
    auto own = std::make_shared<QueryContext>(*context);
    own->cancellation = std::make_shared<Cancellation>();
    own->memory = engine->memory();
    own->batch_size = batch_size;
    return ResultOf(*own, false, [&] { return RunQuery(prepared, own, engine); });
  };
  const Result first = run(engines[0], arguments.batch_sizes.back());
  std::string others;
  for (const auto& engine : engines) {
    for (const int32_t batch_size : arguments.batch_sizes) {
      const Result result = run(engine, batch_size);
      if (result.rows.exact == first.rows.exact && result.error == first.error) continue;
      size_t row = 0;
      while (row < first.rows.exact.size() && row < result.rows.exact.size() &&
             first.rows.exact[row] == result.rows.exact[row]) {
        ++row;
      }
      others += (others.empty() ? "" : ", ") +
                JsonString(std::to_string(engine->threads()) + " threads, batches of " + std::to_string(batch_size) +
                           ": row " + std::to_string(row) + " of " + std::to_string(result.rows.exact.size()) + " " +
                           result.error);
    }
  }
  std::printf("{\"statement\": %s, \"rows\": %zu, \"differ\": [%s]}\n", JsonString(statement.substr(0, 200)).c_str(),
              first.rows.exact.size(), others.c_str());
  std::fflush(stdout);
}

template <typename Run>
void ForEachStatement(const Arguments& arguments, const Run& run) {
  for (const std::string& path : arguments.files) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    for (const std::string& statement : SplitStatements(text)) {
      if (statement.find_first_not_of(" \t\r\n") == std::string::npos) continue;
      try {
        RunOnDeepStack([&] { run(statement); });
      } catch (const Error& error) {
        std::printf("{\"statement\": %s, \"planning\": %s}\n", JsonString(statement.substr(0, 200)).c_str(),
                    ErrorJson(error).c_str());
      }
    }
  }
}

int RunFiles(const Arguments& arguments, const std::string& program) {
  EngineLimits limits;
  limits.threads = arguments.threads;
  limits.memory = "2g";
  const auto shared = MakeSharedState(limits);
  Session session("", NewUuid(), shared);
  for (const auto& [key, value] : arguments.conf) session.SetConfigOfBuilder(key, value);
  if (arguments.steady) {
    const std::vector<std::shared_ptr<Engine>> engines = MakeEngines();
    ForEachStatement(arguments, [&](const std::string& text) { RunSteadily(text, session, engines, arguments); });
    return 0;
  }
  const std::string token = NewToken();
  setenv(kToken, token.c_str(), 1);
  const Peer peer(program, arguments.threads);
  FragmentProcess home(shared->engine, token);
  ForEachStatement(arguments, [&](const std::string& text) { RunStatement(text, session, home, peer, arguments); });
  return 0;
}

}  // namespace
}  // namespace centella

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  centella::Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--peer") {
      arguments.peer = true;
    } else if (word == "--divide-local-rows") {
      arguments.local_rows = centella::LocalRows::kDivide;
    } else if (word == "--explain") {
      arguments.explain = true;
    } else if (word == "--steady") {
      arguments.steady = true;
    } else if (word == "--batch-sizes" && more) {
      arguments.batch_sizes.clear();
      std::stringstream sizes(argv[++i]);
      for (std::string size; std::getline(sizes, size, ',');) arguments.batch_sizes.push_back(std::atoi(size.c_str()));
    } else if (word == "--threads" && more) {
      arguments.threads = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--conf" && more) {
      const std::string pair = argv[++i];
      const size_t equals = pair.find('=');
      arguments.conf.emplace_back(pair.substr(0, equals), equals == std::string::npos ? "" : pair.substr(equals + 1));
    } else {
      arguments.files.push_back(word);
    }
  }
  try {
    return arguments.peer ? centella::RunPeer(arguments) : centella::RunFiles(arguments, "/proc/self/exe");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fragments_tool: %s\n", error.what());
    return 2;
  }
}
