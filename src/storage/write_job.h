// Writing files: tasks write under a hidden folder, commit moves everything into place.
//
// A job's files lie under <path>/_temporary/<job>/ until Commit, which moves them into place and removes what an overwrite
// replaces; see commit_journal.h for what a process that dies in it leaves. A job that fails, is aborted or destroyed
// leaves the old data as they were.
#pragma once

#include <memory>

#include "storage/file_format.h"

namespace centella {

// Raises PATH_ALREADY_EXISTS and what is wrong with schema, options or partition columns before any row is computed.
std::unique_ptr<WriteJob> NewWriteJob(const FileFormat& format, const WriteRequest& request,
                                      const QueryContextPtr& context);

}  // namespace centella
