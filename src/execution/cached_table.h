// df.cache(): the rows of a plan, computed once, kept within the memory budget and on disk beyond it.
#pragma once

#include <memory>

#include "execution/query.h"
#include "plan/table.h"

namespace centella {

// The table behind a Cached node. Fill runs the plan; the planner calls it before a query that reads the table starts
// (never from a worker thread, which the plan itself needs).
class CachedTable : public Table {
 public:
  // Once; other callers wait. Raises the plan's error, and may then be called again. Ends when `cancellation` is set.
  virtual void Fill(Cancellation& cancellation) const = 0;
  // Whether the rows are there.
  virtual bool filled() const = 0;
};

// The resolver for plans that come as bytes: tables that can be read from anywhere, and handles of cached tables that live
// in this process. A handle from another process raises UNSUPPORTED_FEATURE: cached rows don't travel.
TablePtr ResolveTable(std::string_view identity, const QueryContextPtr& context);

}  // namespace centella
