// Cutting a physical plan into fragments that different processes can run.
//
// The rule. Rows lie *divided* over the processes where they are read: scans and ranges give each process its share of their
// morsels, and what works row by row or morsel by morsel (filter, project, expand, generate, the probing of a join that
// forgets its build rows, a union of such) stays with them. Rows are *whole*, in one process, above every operator that
// has to see them all: grouping, sort, limit, window, exchange, coalesce, a join that gives out build rows when probing is
// over. A cut is made
//   1. where divided rows meet an operator that wants them whole: the rows are gathered in the order of their places;
//   2. within a grouping of divided rows: each process groups its morsels (partial), one merges the groups (final);
//   3. at every join's build side: a fragment of its own, whose rows go to each process that probes;
//   4. at every shared subplan (spool): a fragment that whoever reads it gets.
// Local rows travel with the plan and are cut nowhere. A cached table is read where the query began.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "execution/physical_plan.h"

namespace centella {

struct Fragment {
  int64_t id = 0;  // its position in the plan's list
  PhysicalPtr plan;
  bool divided = false;           // every process runs it over its share; else one process runs it
  bool whole_partitions = false;  // shares are whole partitions: an expression counts a partition's rows
  bool at_home = false;           // reads what lives in the process where the query began
  std::vector<int64_t> inputs;    // fragments whose rows it reads, all before it
};

// What becomes of rows that came with the plan: they travel with it, or (a test's wish) are divided as if they were read.
enum class LocalRows : uint8_t { kTravel, kDivide };

// In order of dependence; the last one gives the plan's rows, is not divided and stays at home.
std::vector<Fragment> CutPlan(const PhysicalPtr& plan, const QueryContextPtr& context,
                              LocalRows local_rows = LocalRows::kTravel);

// Which of `processes` run the fragment; 0 is home.
std::vector<int32_t> ProcessesOf(const Fragment& fragment, int32_t processes);

// Each fragment with its plan as explain prints it.
std::string FragmentsString(const std::vector<Fragment>& fragments);

}  // namespace centella
