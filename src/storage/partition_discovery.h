// Partition columns from folder names ("year=2024/month=1"), with Spark's inference of their types; and the names that
// writers give to such folders.
#pragma once

#include <string>
#include <vector>

#include "storage/file_format.h"
#include "storage/file_listing.h"

namespace centella {

inline constexpr const char* kNullPartition = "__HIVE_DEFAULT_PARTITION__";

struct PartitionedFiles {
  TypePtr schema;  // struct of the partition columns; without fields when there are none
  std::vector<DataFile> files;
};

// `user_schema` (may be null) gives types to partition columns that it names. Empty files are left out.
PartitionedFiles DiscoverPartitions(const FileListing& listing, const SourceOptions& options,
                                    const DataType* user_schema, const QueryContext& context);

// A folder's text as the value of a column of `type`; null for the folder of nulls. Raises CAST_INVALID_INPUT.
Value PartitionValue(const std::string& text, const TypePtr& type, const QueryContext& context);

// "%2F" for what paths can't hold, and back.
std::string EscapePathName(std::string_view name);
std::string UnescapePathName(std::string_view name);

}  // namespace centella
