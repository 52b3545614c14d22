// Throws broken bytes at the reader of physical plans: good plans of every kind, with bytes changed, cut off, repeated or
// taken from one another. What is read without an error must build into pipelines, or be refused with an error then.
// A crash, an exception that isn't ours or 2 GB of memory end it. `make fuzz` runs it.
//
// usage: fuzz_physical_plan [SECONDS] [SEED]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "execution/operator_samples.h"
#include "execution/physical_nodes.h"
#include "execution/pipeline_builder.h"

namespace centella {
namespace {

class NullSink final : public Sink {
 public:
  std::unique_ptr<SinkState> NewState() override { return nullptr; }
  void Combine(SinkState&) override {}
};

std::string Broken(const std::vector<std::string>& seeds, std::mt19937& random) {
  std::string bytes = seeds[random() % seeds.size()];
  for (unsigned changes = 1u << random() % 4; changes > 0; --changes) {
    const size_t at = bytes.empty() ? 0 : random() % bytes.size();
    switch (random() % 6) {
      case 0: bytes.insert(at, 1, static_cast<char>(random())); break;
      case 1: bytes.resize(at); break;
      case 2: bytes.erase(at, random() % 16); break;
      case 3: {
        const std::string& other = seeds[random() % seeds.size()];
        bytes.insert(at, other, random() % other.size(), random() % 64);
        break;
      }
      default:
        // Small numbers are kinds, counts and ordinals: likelier to reach far than any byte.
        if (!bytes.empty()) bytes[at] = static_cast<char>(random() % 2 == 0 ? random() % 24 : random());
    }
  }
  return bytes;
}

struct Outcome {
  int64_t tried = 0, read = 0, built = 0;
};

void Try(const std::string& bytes, const QueryContextPtr& context, Outcome* outcome) {
  ++outcome->tried;
  try {
    const PhysicalPtr plan = DeserializePhysicalPlan(bytes, samples::Tables());
    ++outcome->read;
    CENTELLA_CHECK(!PhysicalDebugString(plan).empty() && !PhysicalPlanString(plan).empty(), "a plan without a print");
    BuildPipelines(plan, std::make_shared<NullSink>(), false, context, nullptr);
    ++outcome->built;
  } catch (const Error&) {  // NOLINT: refused, as it should be
  }
}

int Run(double seconds, unsigned seed) {
  const rlimit memory{size_t{2} << 30, size_t{2} << 30};
  setrlimit(RLIMIT_DATA, &memory);
  std::vector<std::string> seeds;
  for (const PhysicalPtr& plan : samples::Plans()) seeds.push_back(SerializePhysicalPlan(plan));
  const auto context = std::make_shared<QueryContext>(
      QueryContext::FromConfiguration(Configuration(), std::make_shared<MemoryBudget>(64 << 20)));
  Outcome outcome;
  for (const std::string& whole : seeds) Try(whole, context, &outcome);
  if (outcome.built != static_cast<int64_t>(seeds.size())) {
    std::printf("FAIL: of %zu good plans %ld were built\n", seeds.size(), static_cast<long>(outcome.built));
    return 1;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::mt19937 random(seed);
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 100; ++i) {
      const unsigned number = random();
      std::mt19937 own(number);
      Try(Broken(seeds, own), context, &outcome);
    }
  }
  std::printf("%ld broken plans, %ld read, %ld built, seed %u\n", static_cast<long>(outcome.tried),
              static_cast<long>(outcome.read), static_cast<long>(outcome.built), seed);
  return 0;
}

}  // namespace
}  // namespace centella

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 60;
  const auto seed = static_cast<unsigned>(argc > 2 ? std::atoi(argv[2]) : 1);
  return centella::Run(seconds, seed);
}
