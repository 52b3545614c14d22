// Rows on the wire: Arrow IPC streams that lose nothing of what the engine knows.
//
// Each record batch says in its metadata which place it has: the morsel (partition, sequence) it was made of. The schema's metadata
// holds the Spark types as JSON, which reader and writer must agree on; the columns are Arrow's where Arrow's types say the
// same, and raw otherwise: text as binary (it may be no UTF-8), decimals as their integers, calendar intervals as 16 bytes.
// After Arrow's end of stream comes one byte, so that a broken connection isn't taken for the end.
#pragma once

#include <memory>

#include "cluster/socket.h"
#include "vector/vector.h"

namespace centella {

class RowsWriter {
 public:
  virtual ~RowsWriter() = default;
  virtual void Write(const Batch& batch) = 0;
  // Without it the reader raises an error.
  virtual void Finish() = 0;
};
// `socket` must outlive the writer.
std::unique_ptr<RowsWriter> NewRowsWriter(Socket* socket, const TypePtr& schema);

class RowsReader {
 public:
  virtual ~RowsReader() = default;
  // False at the end; raises an error for a stream of another schema, a broken or a malformed one.
  virtual bool Next(Batch* batch) = 0;
};
std::unique_ptr<RowsReader> NewRowsReader(Socket* socket, const TypePtr& schema);

}  // namespace centella
