// df.show() and its HTML form, laid out as Spark's to the last character.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session/session.h"

namespace centella {

struct ShowOptions {
  int64_t rows = 20;
  int64_t truncate = 20;  // characters a cell, 0 = all
  bool vertical = false;
};

// Cells as text (null is "NULL"), control characters escaped.
struct ShownRows {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  bool has_more = false;
};

// Runs a resolved plan for its first `rows` rows.
ShownRows FetchShownRows(const PlanPtr& resolved, int64_t rows, Session& session, const QueryContextPtr& context);
// Each row of a vector as show() prints it.
std::vector<std::string> PrettyStrings(const VectorPtr& vector, const QueryContextPtr& context);

std::string RenderTable(const ShownRows& rows, const ShowOptions& options);
std::string RenderHtml(const ShownRows& rows, const ShowOptions& options);

}  // namespace centella
