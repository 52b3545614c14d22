// What makes a commit whole: a list of what it does, written before it is done and finished by whoever comes next.
//
// A job's files wait under <folder>/_temporary/<job>/. Its commit writes <job>/_commit (complete or not there at all),
// moves the new files into place, removes what they replace, makes _SUCCESS, and removes <job>. When the process dies in
// between, the next one that reads or writes the folder goes through the list again: each step can be done twice.
// While a commit is under way its list is locked, so that others wait for it instead of seeing half of it.
#pragma once

#include <string>
#include <vector>

#include "storage/filesystems/filesystem.h"

namespace centella {

inline constexpr const char* kStagingFolder = "_temporary";

// Paths relative to the folder that is written to.
struct CommitSteps {
  std::string job;                   // the folder's name under _temporary
  std::vector<std::string> added;    // files of the job; the same path under the job's folder
  std::vector<std::string> removed;  // old files, then old folders (if they are empty by then), deepest first
};

// Once this has begun the old data may go: a failure in it must not lead to the job's files being removed.
void Commit(const FileSystem& files, const std::string& folder, const CommitSteps& steps);
// Finishes commits of `folder`, and of the folders it is a partition of, that were interrupted.
void FinishCommits(const FileSystem& files, const std::string& folder);

// All files below `folder` but those of unfinished jobs, then all folders, deepest first; relative to `base`.
std::vector<std::string> ListEverything(const FileSystem& files, const std::string& folder, const std::string& base);

}  // namespace centella
