// Types and values as bytes, for plan/serialize.cc.
#pragma once

#include "plan/byte_stream.h"
#include "types/value.h"

namespace centella {

// `type` may be null.
void WriteType(const TypePtr& type, ByteWriter& out);
// Raises INTERNAL_ERROR for corrupt bytes; nesting is bounded by `depth` levels.
TypePtr ReadType(ByteReader& in, int depth = 500);

void WriteValue(const Value& value, ByteWriter& out);
Value ReadValue(ByteReader& in);

}  // namespace centella
