// What the engine knows of data it can read: Table, its statistics, and the Scan that a reader negotiates.
//
// Lower rooms (storage, connectors, catalog) implement these; analyzer, optimizer and execution only see them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/query_context.h"
#include "plan/expression.h"
#include "vector/vector.h"

namespace centella {

struct ColumnStatistics {
  std::optional<Value> min;
  std::optional<Value> max;
  std::optional<int64_t> null_count;
  std::optional<int64_t> distinct_count;  // an estimate
};

struct Statistics {
  std::optional<int64_t> rows;
  std::optional<int64_t> bytes;
  std::map<std::string, ColumnStatistics> columns;  // by column name
};

// A filter that a finished hash build offers to scans: which values can still find a partner. Thread-safe once ready.
class RuntimeFilter {
 public:
  virtual ~RuntimeFilter() = default;
  // False until the build is done; a scan that opens a morsel earlier goes without.
  virtual bool ready() const = 0;
  // Smallest and largest value when known (integer-like types only).
  virtual std::optional<std::pair<int64_t, int64_t>> Range() const = 0;
  // Keeps of `rows` (all when null) those whose value may match; nulls never do.
  virtual SelectionPtr Select(const Vector& values, const SelectionPtr& rows) const = 0;
};

struct ScanRequest {
  std::vector<int> columns;  // fields of Table::schema wanted, in output order; may be empty (row counts only)
  // Conjuncts over Column(ordinal in `columns`), deterministic, unable to fail.
  std::vector<ExprPtr> filters;
  std::optional<int64_t> limit;  // no more rows than this are needed (from any place)
};

// The unit of work of a scan: fixed by the data's layout and the session's partitioning, never by threads or batch
// size. Morsels of a partition are numbered in row order.
struct Morsel {
  int32_t partition = 0;
  int64_t sequence = 0;  // within the partition
  int64_t id = 0;        // the scan's own number
  int64_t rows_estimate = 0;
};

enum class ReadState : uint8_t { kBatch, kFinished, kBlocked };

// Reads one morsel; one thread at a time.
class MorselReader {
 public:
  virtual ~MorselReader() = default;
  // kBatch: `batch` holds 0 to batch_size rows. kBlocked: try again when `*wake` is set.
  virtual ReadState Next(Batch* batch, EventPtr* wake) = 0;
};

class Scan {
 public:
  virtual ~Scan() = default;
  // Per filter of the request: true when the scan applies it exactly (the engine drops it), false when only for
  // pruning (the engine keeps it).
  virtual std::vector<bool> exact_filters() const = 0;
  // Spark's number of partitions for this scan (at least 1, even when there is no data; 0 rows then).
  virtual int32_t partitions() const = 0;
  virtual std::vector<Morsel> Morsels() = 0;
  // Whether dropping rows by a join's build side saves anything before the join itself: not where rows are in memory already,
  // where it would only ask what the join asks again.
  virtual bool gains_from_runtime_filters() const { return true; }
  // Columns in the request's order. `runtime_filters` pairs a column (position in the request) with a filter.
  virtual std::unique_ptr<MorselReader> Open(
      const Morsel& morsel, const QueryContextPtr& context,
      const std::vector<std::pair<int, std::shared_ptr<const RuntimeFilter>>>& runtime_filters) = 0;
};

// Immutable description of a data set. Shared by plans; thread-safe.
class Table : public std::enable_shared_from_this<Table> {
 public:
  virtual ~Table() = default;
  // For explain: "parquet", "csv", "memory" …
  virtual std::string format() const = 0;
  // For explain and errors: path list or table name.
  virtual std::string description() const = 0;
  // Struct type; partition columns last for file tables.
  virtual const TypePtr& schema() const = 0;
  // May be empty. May do I/O the first time (footers), then remembered.
  virtual const Statistics& statistics() const = 0;
  virtual std::unique_ptr<Scan> NewScan(const ScanRequest& request, const QueryContextPtr& context) const = 0;
  // Bytes from which the same table can be made again in another process (TableResolver).
  virtual std::string Identity() const = 0;
  // Files read, for inputFiles(); empty for others.
  virtual std::vector<std::string> input_files() const { return {}; }
};

}  // namespace centella
