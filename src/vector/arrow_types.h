// Arrow's types and arrays in full, for the .cc files that hold Arrow objects; never included by another header.
#pragma once

#include <arrow/api.h>

#include "vector/arrow_bridge.h"

namespace centella {

// Raises INTERNAL_ERROR with Arrow's words when `status` isn't OK.
inline void CheckArrow(const arrow::Status& status, const char* what) {
  CENTELLA_CHECK(status.ok(), std::string(what) + ": " + status.ToString());
}
template <typename T>
T TakeArrow(arrow::Result<T> result, const char* what) {
  CheckArrow(result.status(), what);
  return std::move(result).ValueUnsafe();
}

}  // namespace centella
