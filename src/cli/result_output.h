// Prints a query's rows for `centella sql`: a table, CSV or JSON lines.
#pragma once

#include <cstdio>
#include <string>

#include "base/query_context.h"
#include "execution/query.h"

namespace centella {

enum class OutputFormat : uint8_t { kTable, kCsv, kJson };

// Reads the stream to its end and writes to `out`; CSV and JSON as the rows come. A schema without columns prints
// nothing. Gives the number of rows.
int64_t PrintResult(ResultStream& stream, const DataType& schema, OutputFormat format, const QueryContextPtr& context,
                    std::FILE* out);

}  // namespace centella
