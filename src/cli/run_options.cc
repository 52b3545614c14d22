// See run_options.h.
#include "cli/run_options.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace centella {
namespace {

const std::set<std::string> kWithValue = {"--master",   "--name",  "--conf",     "-c",     "--properties-file",
                                          "--py-files", "--files", "--packages", "--jars", "--repositories",
                                          "--threads",  "--memory"};
// spark-submit's options about a JVM or a cluster manager.
const std::set<std::string> kNoMeaningWithValue = {"--deploy-mode",
                                                   "--class",
                                                   "--exclude-packages",
                                                   "--archives",
                                                   "--driver-memory",
                                                   "--driver-java-options",
                                                   "--driver-library-path",
                                                   "--driver-class-path",
                                                   "--executor-memory",
                                                   "--proxy-user",
                                                   "--driver-cores",
                                                   "--total-executor-cores",
                                                   "--executor-cores",
                                                   "--num-executors",
                                                   "--principal",
                                                   "--keytab",
                                                   "--queue",
                                                   "--remote",
                                                   "--kill",
                                                   "--status"};
const std::set<std::string> kNoMeaning = {"--supervise", "--verbose", "-v", "--load-spark-defaults"};

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\f");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\f") - first + 1);
}

void AddListed(const std::string& value, std::string* list) { *list += (list->empty() ? "" : ",") + value; }

// What one option with a value says. Conf and properties go where the precedence wants them.
struct Collector {
  RunOptions* options;
  std::map<std::string, std::string> properties;
  std::map<std::string, std::string> conf;
  std::map<std::string, std::string> own;

  void Take(const std::string& name, const std::string& value) {
    if (name == "--master") own["spark.master"] = value;
    if (name == "--name") own["spark.app.name"] = value;
    if (name == "--py-files") AddListed(value, &options->py_files);
    if (name == "--files") AddListed(value, &options->files);
    if (name == "--packages" || name == "--jars") AddListed(value, &options->packages);
    if (name == "--repositories") options->without_meaning.push_back(name);
    if (name == "--memory") options->limits.memory = value;
    if (name == "--threads") TakeThreads(value);
    if (name == "--conf" || name == "-c") TakeConf(value);
    if (name == "--properties-file") TakeProperties(value);
  }

  void TakeThreads(const std::string& value) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), options->limits.threads);
    if (error != std::errc() || end != value.data() + value.size() || options->limits.threads < 1) {
      options->error = "--threads takes a positive number, not '" + value + "'";
    }
  }

  void TakeConf(const std::string& value) {
    const size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0) {
      options->error = "--conf takes KEY=VALUE, not '" + value + "'";
      return;
    }
    conf[value.substr(0, equals)] = value.substr(equals + 1);
  }

  void TakeProperties(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
      options->error = "the properties file '" + path + "' cannot be read";
      return;
    }
    properties = ParseProperties({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }
};

}  // namespace

const char kRunHelp[] =
    "Runs a PySpark script, unmodified, on an engine of its own.\n"
    "Usage: centella run [options] script.py [arguments of the script]\n\n"
    "  --threads N            worker threads (all cores)\n"
    "  --memory SIZE          memory for queries, such as 4g (60% of the machine's)\n"
    "  --master M             accepted; local[N] sets the number of partitions\n"
    "  --name NAME            the application's name\n"
    "  --conf KEY=VALUE       a setting of the session; may be repeated\n"
    "  --properties-file F    settings, one a line\n"
    "  --py-files LIST        Python files, .zip and .egg to import from, comma-separated\n"
    "  --files LIST           files that SparkFiles.get() finds, comma-separated\n"
    "  --packages LIST, --jars LIST\n"
    "                         accepted; no JVM runs here, so they are not loaded\n"
    "  -h, --help             this text\n\n"
    "Other options of spark-submit are accepted with a note. PYSPARK_PYTHON chooses the interpreter.\n";

std::map<std::string, std::string> ParseProperties(const std::string& text) {
  std::map<std::string, std::string> properties;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = Trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == '!') continue;
    const size_t end = line.find_first_of("=: \t");
    const std::string key = line.substr(0, end);
    std::string value = end == std::string::npos ? "" : Trimmed(line.substr(end));
    // "key = value": the separator is surrounded by spaces.
    if (!value.empty() && (value[0] == '=' || value[0] == ':')) value = Trimmed(value.substr(1));
    properties[key] = value;
  }
  return properties;
}

RunOptions ParseRunOptions(const std::vector<std::string>& arguments) {
  RunOptions options;
  Collector collector{&options, {}, {}, {}};
  size_t at = 0;
  for (; at < arguments.size() && options.error.empty(); ++at) {
    std::string name = arguments[at];
    if (name.empty() || name[0] != '-') break;  // the script
    if (name == "-h" || name == "--help") {
      options.help = true;
      return options;
    }
    std::string value;
    const size_t equals = name.starts_with("--") ? name.find('=') : std::string::npos;
    const bool inline_value = equals != std::string::npos;
    if (inline_value) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    if (kNoMeaning.contains(name)) {
      options.without_meaning.push_back(name);
      continue;
    }
    if (!kWithValue.contains(name) && !kNoMeaningWithValue.contains(name)) {
      options.error = "unknown option " + name;
      break;
    }
    if (!inline_value) {
      if (at + 1 == arguments.size()) {
        options.error = "the option " + name + " needs a value";
        break;
      }
      value = arguments[++at];
    }
    if (kNoMeaningWithValue.contains(name)) {
      options.without_meaning.push_back(name);
    } else {
      collector.Take(name, value);
    }
  }
  options.script.assign(arguments.begin() + static_cast<std::ptrdiff_t>(std::min(at, arguments.size())),
                        arguments.end());
  if (options.error.empty() && options.script.empty()) options.error = "no script was given";
  options.conf = std::move(collector.properties);
  for (const auto& [key, value] : collector.conf) options.conf[key] = value;
  for (const auto& [key, value] : collector.own) options.conf[key] = value;
  return options;
}

}  // namespace centella
