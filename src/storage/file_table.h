// A table of files: what every format shares. Spark's partitions, partition columns, pruning, identity.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/file_format.h"

namespace centella {

// Reads as `request` says; raises PATH_NOT_FOUND, UNABLE_TO_INFER_SCHEMA and what the format raises.
TablePtr ReadFiles(const FileFormat& format, const ReadRequest& request, const QueryContextPtr& context);
// The table of an identity that FileTable::Identity gave.
TablePtr FileTableFromIdentity(std::string_view identity, const QueryContextPtr& context);

// Spark's assignment of files to partitions: large files are cut, slices sorted by size, put together in order until a
// partition is full.
std::vector<std::vector<FileSlice>> AssignPartitions(const std::vector<DataFile>& files, const std::vector<int>& chosen,
                                                     const std::vector<bool>& splittable, const QueryContext& context);

}  // namespace centella
