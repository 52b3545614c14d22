// What `centella run` was asked to do: spark-submit's options, and the script with its arguments.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace centella {

struct RunOptions {
  bool help = false;
  std::string error;                        // not empty: the arguments are wrong, and this says why
  std::map<std::string, std::string> conf;  // merged: properties file, then --conf, then --name and --master
  std::string py_files;
  std::string files;
  std::string packages;  // with --jars
  EngineLimits limits;
  std::vector<std::string> without_meaning;  // options that were taken but change nothing here
  std::vector<std::string> script;           // the script, then its arguments
};

RunOptions ParseRunOptions(const std::vector<std::string>& arguments);
// Java's properties: "key value", "key=value" or "key:value" a line, # and ! comments.
std::map<std::string, std::string> ParseProperties(const std::string& text);
// The options, for --help.
extern const char kRunHelp[];

}  // namespace centella
