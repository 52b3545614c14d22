// A query's context from its configuration.
#include "base/query_context.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace centella {

QueryContext QueryContext::FromConfiguration(Configuration config, std::shared_ptr<MemoryBudget> memory) {
  QueryContext context;
  context.ansi = config.GetBool("spark.sql.ansi.enabled");
  context.case_sensitive = config.GetBool("spark.sql.caseSensitive");
  auto zone = config.Get("spark.sql.session.timeZone");
  context.zone = zone.has_value() ? TimeZone::Load(*zone) : TimeZone::Local();
  context.batch_size = static_cast<int32_t>(std::clamp<int64_t>(config.GetInt("spark.centella.batchSize"), 1, 4096));
  context.force_spill = config.GetBool("spark.centella.forceSpill");
  int64_t parallelism = std::max(1u, std::thread::hardware_concurrency());
  if (config.Get("spark.default.parallelism").has_value()) {
    parallelism = std::max<int64_t>(1, config.GetInt("spark.default.parallelism"));
  }
  context.default_parallelism = static_cast<int32_t>(parallelism);
  context.start_micros =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  context.memory = std::move(memory);
  context.config = std::move(config);
  return context;
}

}  // namespace centella
