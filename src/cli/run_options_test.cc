// What `centella run` makes of its arguments.
#include "cli/run_options.h"

#include <gtest/gtest.h>

namespace centella {
namespace {

TEST(RunOptions, EverythingAfterTheScriptIsTheScripts) {
  const RunOptions options = ParseRunOptions({"--name", "n", "--conf=a.b=c=d", "script.py", "--name", "x"});
  EXPECT_EQ(options.error, "");
  EXPECT_EQ(options.conf.at("spark.app.name"), "n");
  EXPECT_EQ(options.conf.at("a.b"), "c=d");
  EXPECT_EQ(options.script, (std::vector<std::string>{"script.py", "--name", "x"}));
}

TEST(RunOptions, NamesWhatIsWrong) {
  EXPECT_EQ(ParseRunOptions({"--nonsense", "s.py"}).error, "unknown option --nonsense");
  EXPECT_EQ(ParseRunOptions({"--conf"}).error, "the option --conf needs a value");
  EXPECT_EQ(ParseRunOptions({"--conf", "x", "s.py"}).error, "--conf takes KEY=VALUE, not 'x'");
  EXPECT_EQ(ParseRunOptions({}).error, "no script was given");
  EXPECT_NE(ParseRunOptions({"--threads", "0", "s.py"}).error, "");
}

TEST(RunOptions, TakesWhatMeansNothingHere) {
  const RunOptions options = ParseRunOptions({"--executor-memory", "4g", "--supervise", "s.py"});
  EXPECT_EQ(options.error, "");
  EXPECT_EQ(options.without_meaning, (std::vector<std::string>{"--executor-memory", "--supervise"}));
}

TEST(RunOptions, ReadsProperties) {
  const auto properties = ParseProperties("# comment\na 1\nb=2\n c : 3 \n\nd.e   f g\n");
  EXPECT_EQ(properties, (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d.e", "f g"}}));
}

TEST(ParseSize, UnderstandsUnits) {
  EXPECT_EQ(ParseSize("512MB"), int64_t{512} << 20);
  EXPECT_EQ(ParseSize("4g"), int64_t{4} << 30);
  EXPECT_EQ(ParseSize("1.5GiB"), int64_t{3} << 29);
  EXPECT_EQ(ParseSize("1000"), 1000);
  EXPECT_EQ(ParseSize("lots"), -1);
  EXPECT_EQ(ParseSize("4x"), -1);
}

}  // namespace
}  // namespace centella
