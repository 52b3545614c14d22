// Queries that are long in one operator each, and how long they run on after they are cancelled: for the test and the
// benchmark of cancellation.
#pragma once

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "execution/query_fixture.h"

namespace centella {

struct CancellationCase {
  const char* name;
  const char* sql;  // `FILES` stands for a folder with parquet, csv and json
  bool force_spill = false;
  bool read = true;                // false: nobody takes the result
  const char* write_as = nullptr;  // a format: the result is written
};

inline const std::vector<CancellationCase>& CancellationCases() {
  static const std::vector<CancellationCase> cases = {
      {"scan of Parquet",
       "SELECT count(*) FROM (SELECT s FROM parquet.`FILES/parquet` CROSS JOIN range(1)) WHERE s LIKE '%none%'"},
      {"scan of CSV", "SELECT max(_c1) FROM csv.`FILES/csv`"},
      {"scan of JSON", "SELECT max(s) FROM json.`FILES/json`"},
      {"filter that drops all", "SELECT count(*) FROM range(10000000000) WHERE id % 1000 = -1"},
      {"projection", "SELECT max(sqrt(id) + sin(id)) FROM range(1000000000)"},
      {"expand",
       "SELECT count(*) FROM (SELECT id % 2 a, id % 3 b, id % 5 c FROM range(100000000)) GROUP BY CUBE (a, b, c)"},
      {"generate: rows of millions",
       "SELECT max(e) FROM (SELECT explode(sequence(1, 5000000 + id)) e FROM range(200))"},
      {"generate: many rows", "SELECT count(e) FROM (SELECT explode(sequence(0, id % 1000)) e FROM range(10000000))"},
      {"aggregate: many groups", "SELECT count(*) FROM (SELECT id, max(id) FROM range(30000000) GROUP BY id)"},
      {"aggregate: states on the heap",
       "SELECT max(size(l)) FROM (SELECT id % 100000 k, collect_list(id) l FROM range(20000000) GROUP BY 1)"},
      {"aggregate: spilled", "SELECT count(*) FROM (SELECT id, max(id) FROM range(10000000) GROUP BY id)", true},
      {"join: build and probe", "SELECT count(*) FROM range(15000000) a JOIN range(15000000) b ON a.id = b.id"},
      {"join: huge fan-out",
       "SELECT sum(v + w) FROM (SELECT id % 2 k, id v FROM range(100000)) a JOIN (SELECT id % 2 k, id w FROM "
       "range(100000)) b "
       "ON a.k = b.k"},
      {"join: fan-out that a condition drops",
       "SELECT count(*) FROM (SELECT id % 2 k, id v FROM range(100000)) a JOIN (SELECT id % 2 k, id w FROM "
       "range(100000)) b "
       "ON a.k = b.k AND v > w + 1000000"},
      {"join: nested loop", "SELECT count(*) FROM range(300000) a JOIN range(300000) b ON a.id < b.id - 299990"},
      {"join: nested loop without output",
       "SELECT count(*) FROM range(300000) a WHERE EXISTS (SELECT 1 FROM range(300000) b WHERE b.id > a.id + 1000000)"},
      {"join: spilled", "SELECT count(*) FROM range(5000000) a JOIN range(5000000) b ON a.id = b.id", true},
      {"join: nested loop, spilled",
       "SELECT count(*) FROM range(100000) a JOIN range(300000) b ON a.id < b.id - 299990", true},
      {"sort: numbers", "SELECT hash(id) h, id FROM range(20000000) ORDER BY h"},
      {"sort: strings", "SELECT concat('a long beginning ', hash(id)) h FROM range(8000000) ORDER BY h"},
      {"sort: spilled", "SELECT hash(id) h, id FROM range(8000000) ORDER BY h", true},
      {"top rows", "SELECT hash(id) h, id FROM range(300000000) ORDER BY h LIMIT 1000000"},
      {"window: one partition of millions",
       "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY hash(id)) r FROM range(8000000))"},
      {"window: sliding, one partition",
       "SELECT max(r) FROM (SELECT sum(id) OVER (ORDER BY hash(id) ROWS BETWEEN 1000 PRECEDING AND CURRENT ROW) r "
       "FROM range(5000000))"},
      {"window: sliding fractions",
       "SELECT max(r) FROM (SELECT sum(id / 3) OVER (ORDER BY id ROWS BETWEEN 10000 PRECEDING AND CURRENT ROW) r "
       "FROM range(2000000))"},
      {"window: sliding strings",
       "SELECT max(r) FROM (SELECT max(string(id)) OVER (ORDER BY id ROWS BETWEEN 5000 PRECEDING AND CURRENT ROW) r "
       "FROM range(1000000))"},
      {"window: many partitions",
       "SELECT max(r) FROM (SELECT sum(id) OVER (PARTITION BY id % 1000000 ORDER BY id) r FROM range(20000000))"},
      {"union", "SELECT max(id) FROM (SELECT id FROM range(2000000000) UNION ALL SELECT -id FROM range(2000000000))"},
      {"exchange", "SELECT max(id) FROM (SELECT /*+ REPARTITION(8, id) */ id FROM range(60000000))"},
      {"limit", "SELECT count(*) FROM (SELECT id FROM range(300000000) LIMIT 200000000)"},
      {"result queue, read", "SELECT id FROM range(4000000000)"},
      {"result queue, not read", "SELECT id FROM range(4000000000)", false, false},
      {"write of Parquet", "SELECT id, concat('text ', id) s FROM range(100000000)", false, true, "parquet"},
      {"write of CSV", "SELECT id, concat('text ', id) s FROM range(100000000)", false, true, "csv"},
  };
  return cases;
}

// From a cancellation until the query's last task is gone.
struct CancellationLatency {
  double seconds = 0;
  double cpu_seconds = 0;  // of the whole process: what other load on the machine leaves as it is
};

// Runs the cases against an engine of its own, with files that it makes and takes away.
class CancellationRunner {
 public:
  explicit CancellationRunner(int64_t file_rows) : queries_(2) {
    folder_ = std::filesystem::temp_directory_path() / ("centella-cancellation-" + std::to_string(::getpid()));
    for (const char* format : {"parquet", "csv", "json"}) {
      queries_.Write("SELECT id, concat('some text ', id) s FROM range(" + std::to_string(file_rows) + ")", format,
                     (folder_ / format).string(), queries_.NewContext());
    }
  }
  ~CancellationRunner() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  QueryFixture& queries() { return queries_; }

  // Cancels `delay` seconds after the start. Nothing, and at once, when the query was over before.
  std::optional<CancellationLatency> Run(const CancellationCase& each, double delay) {
    queries_.force_spill = each.force_spill;
    const auto context = queries_.NewContext();
    bool cancelled = false;
    std::chrono::steady_clock::time_point end;
    double cpu_end = 0;
    std::promise<void> ended;
    std::thread runner([&] {
      try {
        RunOnce(each, context);
      } catch (const Error& error) {
        cancelled = error.condition() == Condition::OPERATION_CANCELED;
      }
      end = std::chrono::steady_clock::now();
      cpu_end = CpuSeconds();
      ended.set_value();
    });
    ended.get_future().wait_for(std::chrono::duration<double>(delay));
    const auto begin = std::chrono::steady_clock::now();
    const double cpu_begin = CpuSeconds();
    context->cancellation->Cancel();
    runner.join();
    if (!cancelled) return std::nullopt;
    return CancellationLatency{std::chrono::duration<double>(end - begin).count(), cpu_end - cpu_begin};
  }

  // Seconds that the query takes, cancelled after `most`.
  double Duration(const CancellationCase& each, double most) {
    const auto begin = std::chrono::steady_clock::now();
    const bool cancelled = Run(each, most).has_value();
    const double all = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return cancelled ? most : all;
  }

 private:
  static double CpuSeconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  std::string SqlOf(const CancellationCase& each) const {
    std::string sql = each.sql;
    if (const size_t at = sql.find("FILES"); at != std::string::npos) sql.replace(at, 5, folder_.string());
    return sql;
  }
  void RunOnce(const CancellationCase& each, const std::shared_ptr<QueryContext>& context) {
    if (each.write_as != nullptr) {
      queries_.Write(SqlOf(each), each.write_as, (folder_ / "out").string(), context);
      return;
    }
    const auto stream = queries_.Start(SqlOf(each), context);
    Batch batch;
    while (each.read && stream->Next(&batch)) context->cancellation->ThrowIfCancelled();
    while (!each.read) {
      context->cancellation->ThrowIfCancelled();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  QueryFixture queries_;
  std::filesystem::path folder_;
};

}  // namespace centella
