// `centella sql`: statements from the command line, a file, standard input or a prompt.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/result_output.h"
#include "session/deep_stack_pool.h"
#include "sql/parser.h"

namespace centella {
namespace {

struct SqlArguments {
  std::string text;
  std::string file;
  std::string format = "table";
  std::vector<std::string> conf;
  bool statistics = false;
  EngineLimits limits;
};

// How results are shown.
struct Output {
  OutputFormat format;
  bool statistics;
};

// Width of a UTF-8 text in characters.
size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

// One statement of a script, and the line of the script on which it begins (counted from 1).
struct Statement {
  std::string text;
  size_t line;
};

size_t CountLines(std::string_view text) { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }

std::vector<Statement> StatementsOf(const std::string& script) {
  std::vector<Statement> statements;
  size_t at = 0;
  size_t line = 1;
  for (const std::string& text : SplitStatements(script)) {
    // Splitting drops what lies between statements, but changes none.
    const size_t begin = std::min(script.find(text, at), script.size());
    line += CountLines(std::string_view(script).substr(at, begin - at));
    if (text.find_first_not_of(" \t\r\n") != std::string::npos) statements.push_back({text, line});
    line += CountLines(text);
    at = begin + text.size();
  }
  return statements;
}

// The line of the statement where the error is, with carets under it.
std::string PointAt(const Statement& given, const ErrorContext& context) {
  const std::string& statement = given.text;
  // Indices count characters; at the end of the text they may lie one beyond.
  size_t byte = 0;
  for (int i = 0; i < context.start_index && byte < statement.size(); ++i) {
    ++byte;
    while (byte < statement.size() && (static_cast<unsigned char>(statement[byte]) & 0xc0) == 0x80) ++byte;
  }
  const size_t before = byte == 0 ? std::string::npos : statement.rfind('\n', byte - 1);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  const size_t end = std::min(statement.find('\n', byte), statement.size());
  const size_t line = given.line + CountLines(std::string_view(statement).substr(0, begin));
  const size_t column = CountCharacters(std::string_view(statement).substr(begin, byte - begin));
  size_t width = static_cast<size_t>(std::max(1, context.stop_index - context.start_index + 1));
  width = std::max<size_t>(1, std::min(width, CountCharacters(std::string_view(statement).substr(byte, end - byte))));
  const std::string label = "line " + std::to_string(line) + ": ";
  return label + statement.substr(begin, end - begin) + "\n" + std::string(label.size() + column, ' ') +
         std::string(width, '^') + "\n";
}

void Report(const Error& error, const Statement& statement) {
  std::fflush(stdout);
  for (const ErrorContext& context : error.contexts()) {
    if (context.is_dataframe || context.start_index < 0) continue;
    std::fprintf(stderr, "centella sql: [%s] %s SQLSTATE: %s\n%s", std::string(error.info().name).c_str(),
                 error.Sentence().c_str(), std::string(error.info().sqlstate).c_str(),
                 PointAt(statement, context).c_str());
    return;
  }
  // The parser's errors point by themselves, counting from the statement's beginning.
  const std::string place =
      statement.line > 1 ? "in the statement that begins on line " + std::to_string(statement.line) + ": " : "";
  std::fprintf(stderr, "centella sql: %s%s\n", place.c_str(), error.what());
}

// A line of /proc/self/status that counts kilobytes, in MB; 0 where there's no such thing.
double ProcessMegabytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::strtod(line.c_str() + name.size() + 1, nullptr) / 1024;
  }
  return 0;
}

// What a statement took, on stderr when it's over. Memory: the most that was reserved since the process began, and how far
// the process grew beyond what it had before the statement, pages of its program aside.
class StatisticsLine {
 public:
  explicit StatisticsLine(const SharedState& shared) : shared_(shared) {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak is counted from here
    megabytes_ = ProcessMegabytes("VmRSS") - ProcessMegabytes("RssFile");
  }
  void Print(const QueryContext& context) const {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    std::fprintf(
        stderr,
        "statistics: %.3f s, %lld rows read, %.1f MB spilled, %.1f MB reserved at most, %.1f MB taken at most\n",
        seconds.count(), static_cast<long long>(context.metrics->rows_read.load()),
        static_cast<double>(context.metrics->bytes_spilled.load()) / (1 << 20),
        static_cast<double>(shared_.engine->memory()->peak()) / (1 << 20),
        ProcessMegabytes("VmHWM") - ProcessMegabytes("RssFile") - megabytes_);
  }

 private:
  const SharedState& shared_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double megabytes_ = 0;
};

void Run(const std::string& statement, Session& session, const Output& output) {
  const StatisticsLine statistics(session.shared());
  const auto context = session.NewContext(NewUuid());
  const PlanPtr plan = ParseStatement(statement, context->config);
  const PlanPtr resolved = session.Resolve(plan, context);
  const auto stream = session.Start(resolved, context);
  PrintResult(*stream, *SchemaOf(resolved), output.format, context, stdout);
  if (output.statistics) statistics.Print(*context);
}

// False when the statement failed.
bool RunReporting(const Statement& statement, Session& session, const Output& output) {
  try {
    RunOnDeepStack([&] { Run(statement.text, session, output); });
    return true;
  } catch (const Error& error) {
    Report(error, statement);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "centella sql: %s\n", error.what());
  }
  return false;
}

// All statements, up to the first that fails.
int RunText(const std::string& text, Session& session, const Output& output) {
  std::vector<Statement> statements;
  try {
    statements = StatementsOf(text);
  } catch (const Error& error) {
    Report(error, {text, 1});
    return 1;
  }
  for (const Statement& statement : statements) {
    if (!RunReporting(statement, session, output)) return 1;
  }
  return 0;
}

// A person at a terminal: a statement ends with a semicolon, errors don't end the session.
int RunPrompt(Session& session, const Output& output) {
  std::string text;
  std::string line;
  while (true) {
    std::fputs(text.empty() ? "centella> " : "       -> ", stdout);
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    if (text.empty() && (line == "exit" || line == "quit" || line == "exit;" || line == "quit;")) return 0;
    text += line + "\n";
    const size_t last = text.find_last_not_of(" \t\r\n");
    if (last == std::string::npos) {
      text.clear();
    } else if (text[last] == ';') {
      RunText(text, session, output);
      text.clear();
    }
  }
  std::fputs("\n", stdout);
  return text.find_first_not_of(" \t\r\n") == std::string::npos ? 0 : RunText(text, session, output);
}

int RunWith(const SqlArguments& arguments) {
  const auto shared = MakeSharedState(arguments.limits);
  Session session("", NewUuid(), shared);
  for (const std::string& pair : arguments.conf) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      std::fprintf(stderr, "centella sql: --conf takes KEY=VALUE, not '%s'\n", pair.c_str());
      return 2;
    }
    session.SetConfigOfBuilder(pair.substr(0, equals), pair.substr(equals + 1));
  }
  const Output output{arguments.format == "csv"    ? OutputFormat::kCsv
                      : arguments.format == "json" ? OutputFormat::kJson
                                                   : OutputFormat::kTable,
                      arguments.statistics};
  if (!arguments.text.empty()) return RunText(arguments.text, session, output);
  if (!arguments.file.empty()) {
    std::ifstream file(arguments.file, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "centella sql: the file '%s' cannot be read\n", arguments.file.c_str());
      return 2;
    }
    return RunText({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}, session, output);
  }
  if (isatty(STDIN_FILENO)) return RunPrompt(session, output);
  return RunText({std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()}, session, output);
}

}  // namespace

int RunSql(const std::vector<std::string>& given) {
  SqlArguments arguments;
  CLI::App app("Runs Spark SQL: statements given with -e, in a file, on standard input, or at a prompt.",
               "centella sql");
  auto* text = app.add_option("-e", arguments.text, "Statements, separated by semicolons");
  app.add_option("-f,--file", arguments.file, "File with statements")->excludes(text);
  app.add_option("--format", arguments.format, "table, csv or json (one object a line)")
      ->check(CLI::IsMember({"table", "csv", "json"}));
  app.add_flag("--statistics", arguments.statistics, "Print what each statement took: time, rows read, memory");
  app.add_option("--conf", arguments.conf, "KEY=VALUE, a setting of the session; may be repeated")
      ->take_all()
      ->expected(1);
  app.add_option("--threads", arguments.limits.threads, "Worker threads (all cores)")->check(CLI::Range(1, 4096));
  app.add_option("--memory", arguments.limits.memory, "Memory for queries, such as 4g (60% of the machine's)");
  try {
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    std::fprintf(stderr, "centella sql: %s (centella sql --help)\n", error.what());
    return 2;
  }
  try {
    return RunWith(arguments);
  } catch (const Error& error) {
    std::fprintf(stderr, "centella sql: %s\n", error.Sentence().c_str());
    return 2;
  }
}

}  // namespace centella
