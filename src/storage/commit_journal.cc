// The list is text: a line a step, the last line says that it is complete.
#include "storage/commit_journal.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/error.h"

namespace centella {
namespace {

constexpr const char* kListName = "_commit";
constexpr const char* kUnfinishedListName = "_commit.new";
constexpr std::string_view kFirstLine = "centella commit 1\n";
constexpr std::string_view kLastLine = "end\n";
constexpr int64_t kMostListBytes = int64_t{1} << 30;

// Line ends in names would end a step.
std::string EscapeLine(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == '\\' || c == '\n') {
      out += '\\';
      out += c == '\n' ? 'n' : '\\';
    } else {
      out += c;
    }
  }
  return out;
}

std::string UnescapeLine(std::string_view line) {
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      ++i;
      out += line[i] == 'n' ? '\n' : line[i];
    } else {
      out += line[i];
    }
  }
  return out;
}

// Lists are found in folders of data: their steps must stay within them.
bool StaysInside(std::string_view path) {
  if (path.empty() || path.front() == '/') return false;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

std::string ListText(const CommitSteps& steps) {
  std::string text(kFirstLine);
  for (const std::string& path : steps.added) text += "add " + EscapeLine(path) + "\n";
  for (const std::string& path : steps.removed) text += "remove " + EscapeLine(path) + "\n";
  return text.append(kLastLine);
}

std::optional<CommitSteps> ParseList(std::string_view text, std::string job) {
  if (!text.starts_with(kFirstLine) || !text.ends_with(kLastLine)) return std::nullopt;
  text.remove_prefix(kFirstLine.size());
  text.remove_suffix(kLastLine.size());
  CommitSteps steps;
  steps.job = std::move(job);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    std::string path = UnescapeLine(line.substr(space + 1));
    if (!StaysInside(path)) return std::nullopt;
    if (line.substr(0, space) == "add") {
      steps.added.push_back(std::move(path));
    } else if (line.substr(0, space) == "remove") {
      steps.removed.push_back(std::move(path));
    } else {
      return std::nullopt;
    }
  }
  return steps;
}

// Every step may have been done before.
void Apply(const FileSystem& files, const std::string& folder, const CommitSteps& steps) {
  const std::string staging = JoinPath(JoinPath(folder, kStagingFolder), steps.job);
  for (const std::string& path : steps.added) {
    const std::string from = JoinPath(staging, path), to = JoinPath(folder, path);
    if (!files.Info(from)) continue;
    files.MakeFolders(std::string(ParentPath(to)));
    files.Rename(from, to);
  }
  for (const std::string& path : steps.removed) {
    const std::string old = JoinPath(folder, path);
    const auto info = files.Info(old);
    if (!info) continue;
    if (info->is_folder) {
      files.RemoveEmptyFolder(old);
    } else {
      files.Remove(old);
    }
  }
  files.Create(JoinPath(folder, "_SUCCESS"))->Close();
  // The list goes last but one: without it nobody would finish the rest.
  const std::string list = JoinPath(staging, kListName);
  for (const FileInfo& child : files.List(staging)) {
    if (child.path != list) files.Remove(child.path);
  }
  files.Remove(staging);
  // Other jobs may have theirs beside it.
  files.RemoveEmptyFolder(std::string(ParentPath(staging)));
}

void FinishCommit(const FileSystem& files, const std::string& folder, const std::string& job) {
  const std::string list = JoinPath(JoinPath(JoinPath(folder, kStagingFolder), job), kListName);
  // Waits for a commit that is under way.
  const std::unique_ptr<FileLock> lock = files.Lock(list);
  if (lock == nullptr) return;
  const std::unique_ptr<InputFile> input = files.Open(list);
  if (input->size() > kMostListBytes) return;
  std::string text(static_cast<size_t>(input->size()), '\0');
  text.resize(static_cast<size_t>(input->ReadAt(0, input->size(), text.data())));
  // What isn't a list of ours is left alone.
  if (const auto steps = ParseList(text, job)) Apply(files, folder, *steps);
}

void FinishCommitsOf(const FileSystem& files, const std::string& folder) {
  const std::string shared = JoinPath(folder, kStagingFolder);
  const auto info = files.Info(shared);
  if (!info || !info->is_folder) return;
  for (const FileInfo& job : files.List(shared)) {
    if (job.is_folder && files.Info(JoinPath(job.path, kListName)))
      FinishCommit(files, folder, std::string(BaseName(job.path)));
  }
}

void ListBelow(const FileSystem& files, const std::string& folder, size_t skip, int depth,
               std::vector<std::string>* out, std::vector<std::string>* folders) {
  constexpr int kMaxDepth = 256;
  if (depth > kMaxDepth) return;
  for (const FileInfo& child : files.List(folder)) {
    if (BaseName(child.path) == kStagingFolder) continue;
    if (child.is_folder) {
      ListBelow(files, child.path, skip, depth + 1, out, folders);
      folders->push_back(child.path.substr(skip));
    } else {
      out->push_back(child.path.substr(skip));
    }
  }
}

}  // namespace

void Commit(const FileSystem& files, const std::string& folder, const CommitSteps& steps) {
  const std::string staging = JoinPath(JoinPath(folder, kStagingFolder), steps.job);
  const std::string unfinished = JoinPath(staging, kUnfinishedListName), list = JoinPath(staging, kListName);
  const std::string text = ListText(steps);
  const auto output = files.Create(unfinished);
  output->Write(text.data(), static_cast<int64_t>(text.size()));
  output->Close();
  const std::unique_ptr<FileLock> lock = files.Lock(unfinished);
  files.Rename(unfinished, list);
  Apply(files, folder, steps);
}

void FinishCommits(const FileSystem& files, const std::string& folder) {
  FinishCommitsOf(files, folder);
  std::string_view path = folder;
  // Folders of partitions belong to the table above them.
  while (BaseName(path).find('=') != std::string_view::npos) {
    path = ParentPath(path);
    FinishCommitsOf(files, std::string(path));
  }
}

std::vector<std::string> ListEverything(const FileSystem& files, const std::string& folder, const std::string& base) {
  std::vector<std::string> all, folders;
  const size_t skip = base.size() + (base.ends_with('/') ? 0 : 1);
  ListBelow(files, folder, skip, 0, &all, &folders);
  all.insert(all.end(), folders.begin(), folders.end());
  return all;
}

}  // namespace centella
