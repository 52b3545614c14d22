// Batches to and from Arrow: IPC streams (the Connect wire), C++ record batches (storage). Fixed-width data isn't copied.
//
// No Arrow header here: callers that hold Arrow objects include "vector/arrow_types.h".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vector/vector.h"

namespace arrow {
class Array;
class DataType;
class RecordBatch;
class Schema;
}  // namespace arrow

namespace centella {

struct ArrowOptions {
  std::string time_zone = "UTC";  // of timestamp columns' type
  bool large_strings = false;     // large_utf8 instead of utf8
};

// Spark type <-> Arrow type as PySpark's to_arrow_type / from_arrow_type map them. Raises UNSUPPORTED_DATATYPE.
std::shared_ptr<arrow::DataType> ToArrowType(const DataType& type, const ArrowOptions& options);
TypePtr FromArrowType(const arrow::DataType& type);
std::shared_ptr<arrow::Schema> ToArrowSchema(const DataType& schema, const ArrowOptions& options);
TypePtr FromArrowSchema(const arrow::Schema& schema);

std::shared_ptr<arrow::Array> ToArrowArray(const VectorPtr& vector, const ArrowOptions& options);
// Dictionary arrays become dictionary vectors; `type` is the wanted Spark type (physically equal).
VectorPtr FromArrowArray(const std::shared_ptr<arrow::Array>& array, const TypePtr& type);
std::shared_ptr<arrow::RecordBatch> ToRecordBatch(const Batch& batch, const std::shared_ptr<arrow::Schema>& schema,
                                                  const ArrowOptions& options);
// Splits into batches of at most kVectorSize rows.
std::vector<Batch> FromRecordBatch(const arrow::RecordBatch& batch, const DataType& schema);

// One complete IPC stream (schema message, record batch messages, end) holding `batches`.
std::string WriteIpcStream(const std::vector<Batch>& batches, const DataType& schema, const ArrowOptions& options);
// Reads an IPC stream of a client; validates it fully first (hostile bytes raise, never crash). The schema found
// is returned through `schema` (a struct type); null when the stream ends before it has one.
std::vector<Batch> ReadIpcStream(std::string_view bytes, TypePtr* schema);

}  // namespace centella
