// The property tests: functions against a reference, over whatever the registry declares. See README.md.
//
//   property_test --seconds 60                     all parts, in turn
//   property_test --values 10000000                so many compared values per family
//   property_test --function substring --seed 17 --trials 1
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

#include "property/trial.h"

namespace centella::property {
namespace {

struct Options {
  double seconds = 60;
  int64_t values = 0;  // per family; then time doesn't count
  int64_t trials = 0;  // per subject; then neither counts
  uint64_t seed = 1;
  std::string family, function, part;
  bool list = false;  // names only
};

// What runs now, for the handlers below: they may not allocate.
char running[512];
constexpr time_t kSecondsForATrial = 60;  // of processor time: how busy the machine is doesn't matter

void Die(int signal) {
  const char* what = signal == SIGPROF ? "HANGS: " : "CRASHES: ";
  (void)!write(STDOUT_FILENO, what, std::strlen(what));
  (void)!write(STDOUT_FILENO, running, std::strlen(running));
  (void)!write(STDOUT_FILENO, "\n0 passed, 1 failed\n", 20);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// From now on; 0: no more.
void LimitProcessorTime(time_t seconds) {
  const itimerval limit{{0, 0}, {seconds, 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
}

[[noreturn]] void Usage() {
  std::fprintf(stderr,
               "usage: property_test [--seconds N | --values N | --trials N] [--seed N]\n"
               "                     [--part scalar|cast|tree|aggregate|generator] [--family GROUP] [--function NAME] "
               "[--list]\n");
  std::exit(2);
}

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--list") {
      options.list = true;
      return options;
    }
    if (i + 1 >= argc) Usage();
    const char* value = argv[i + 1];
    if (option == "--seconds")
      options.seconds = std::atof(value);
    else if (option == "--values")
      options.values = std::atoll(value);
    else if (option == "--trials")
      options.trials = std::atoll(value);
    else if (option == "--seed")
      options.seed = std::strtoull(value, nullptr, 10);
    else if (option == "--family")
      options.family = value;
    else if (option == "--function")
      options.function = value;
    else if (option == "--part")
      options.part = value;
    else
      Usage();
  }
  return options;
}

struct Tally {
  int64_t values = 0, trials = 0, refused = 0;
  int failures = 0;
};
constexpr double kSecondsBetweenReports = 60;
constexpr int kFailuresShown = 2;  // of one subject: the rest are most often the same

class Run {
 public:
  explicit Run(Options options) : options_(std::move(options)) {
    for (auto* make : {&ScalarSubjects, &CastSubjects, &TreeSubjects, &AggregateSubjects, &GeneratorSubjects}) {
      for (Subject& subject : make()) {
        if (!options_.part.empty() && subject.part != options_.part) continue;
        if (!options_.family.empty() && subject.family != options_.family) continue;
        if (!options_.function.empty() && subject.name != options_.function) continue;
        subjects_.push_back(std::move(subject));
      }
    }
    tallies_.resize(subjects_.size());
  }

  int Main() {
    if (options_.list) {
      for (const Subject& subject : subjects_) std::printf("%s %s\n", subject.part.c_str(), subject.name.c_str());
      return 0;
    }
    if (subjects_.empty()) {
      std::printf("no such function\n0 passed, 1 failed\n");
      return 1;
    }
    const auto start = std::chrono::steady_clock::now();
    auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
    double told = 0;
    for (uint64_t round = 0; !Done(round, seconds()); ++round) {
      if (options_.values != 0 && seconds() >= told + kSecondsBetweenReports) {
        told = seconds();
        Tell(told);
      }
      for (size_t i = 0; i < subjects_.size(); ++i) {
        if (Wants(i)) Trial(i, options_.seed + round);
        if (options_.values == 0 && options_.trials == 0 && seconds() > options_.seconds && round > 0) break;
      }
    }
    return Report(seconds());
  }

 private:
  std::string FamilyOf(size_t i) const { return subjects_[i].part + " " + subjects_[i].family; }

  // Whether a subject's trials are still wanted.
  bool Wants(size_t i) {
    const Tally& tally = tallies_[i];
    if (tally.failures >= kFailuresShown) return false;
    if (tally.trials >= 200 && tally.refused == tally.trials) return false;  // no call of it is ever taken
    return options_.values == 0 || family_values_[FamilyOf(i)] < options_.values;
  }
  bool Done(uint64_t round, double seconds) {
    if (options_.trials != 0) return round >= static_cast<uint64_t>(options_.trials);
    if (options_.values == 0) return round > 0 && seconds > options_.seconds;
    for (size_t i = 0; i < subjects_.size(); ++i) {
      if (Wants(i)) return false;
    }
    return true;
  }

  // How far a long run is: on the error stream, so that the result stays what it is.
  void Tell(double seconds) const {
    int done = 0;
    const std::pair<const std::string, int64_t>* least = nullptr;
    for (const auto& family : family_values_) {
      done += family.second >= options_.values;
      if (least == nullptr || family.second < least->second) least = &family;
    }
    if (least == nullptr) return;
    std::fprintf(stderr, "%.0f s: %d of %zu families done; least: %s, %.1f %%\n", seconds, done, family_values_.size(),
                 least->first.c_str(),
                 100.0 * static_cast<double>(least->second) / static_cast<double>(options_.values));
  }

  void Trial(size_t i, uint64_t seed) {
    const Subject& subject = subjects_[i];
    std::snprintf(running, sizeof(running), "property_test --part %s --function '%s' --seed %llu --trials 1",
                  subject.part.c_str(), subject.name.c_str(), static_cast<unsigned long long>(seed));
    LimitProcessorTime(kSecondsForATrial);
    const TrialResult result = subject.run(seed);
    Tally& tally = tallies_[i];
    ++tally.trials;
    tally.refused += result.refused;
    tally.values += result.values;
    family_values_[FamilyOf(i)] += result.values;
    if (result.problem.empty()) return;
    ++tally.failures;
    std::printf("FAIL %s %s\n  %s\n  again: %s\n\n", subject.part.c_str(), subject.name.c_str(), result.problem.c_str(),
                running);
    std::fflush(stdout);
  }

  int Report(double seconds) {
    LimitProcessorTime(0);
    int64_t values = 0, trials = 0, passed = 0, failed = 0;
    std::string never;
    for (size_t i = 0; i < subjects_.size(); ++i) {
      values += tallies_[i].values;
      trials += tallies_[i].trials;
      (tallies_[i].failures == 0 ? passed : failed)++;
      if (tallies_[i].values == 0) never += " " + subjects_[i].part + ":" + subjects_[i].name;
    }
    if (!never.empty()) std::printf("no value compared of:%s\n", never.c_str());
    if (options_.values != 0 || !options_.family.empty()) {
      for (const auto& [family, count] : family_values_)
        std::printf("  %-32s %12lld values\n", family.c_str(), static_cast<long long>(count));
    }
    std::printf("%lld values compared in %lld trials, seed %llu, %.1f s\n", static_cast<long long>(values),
                static_cast<long long>(trials), static_cast<unsigned long long>(options_.seed), seconds);
    std::printf("%lld passed, %lld failed\n", static_cast<long long>(passed), static_cast<long long>(failed));
    return failed > 0;
  }

  Options options_;
  std::vector<Subject> subjects_;
  std::vector<Tally> tallies_;
  std::map<std::string, int64_t> family_values_;
};

int Main(int argc, char** argv) {
  for (int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGPROF}) std::signal(signal, Die);
  return Run(Parse(argc, argv)).Main();
}

}  // namespace
}  // namespace centella::property

int main(int argc, char** argv) { return centella::property::Main(argc, argv); }
