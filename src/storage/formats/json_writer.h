// Writing JSON files.
#pragma once

#include <memory>

#include "storage/file_format.h"

namespace centella {

std::unique_ptr<FileWriterFactory> NewJsonWriters(const TypePtr& schema, const SourceOptions& options,
                                                  const QueryContext& context);

}  // namespace centella
