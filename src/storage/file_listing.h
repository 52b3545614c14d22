// Which files a read means: paths, globs, folders walked, hidden files skipped.
#pragma once

#include <string>
#include <vector>

#include "storage/data_source.h"
#include "storage/filesystems/filesystem.h"

namespace centella {

struct FileListing {
  std::vector<std::string> roots;  // after globs; absolute
  std::vector<bool> root_is_file;
  std::vector<FileInfo> files;  // sorted by root, then path; empty files too
};

// Options: recursiveFileLookup doesn't change the listing; pathGlobFilter, modifiedBefore and modifiedAfter do.
// Raises PATH_NOT_FOUND.
FileListing ListFiles(const std::vector<std::string>& paths, const SourceOptions& options);

// Whether a name matches a glob of Hadoop: ? * [a-c] [^a] {a,b} and \ for a character itself.
bool MatchesGlob(std::string_view glob, std::string_view name);
// Whether readers leave the file or folder out: _x, .x (but folders such as _a=1).
bool IsHiddenName(std::string_view name);

}  // namespace centella
