// Listing of files: globs component by component, folders depth first.
#include "storage/file_listing.h"

#include <algorithm>

#include "storage/commit_journal.h"

namespace centella {
namespace {

constexpr int kMaxDepth = 256;

bool HasGlob(std::string_view path) { return path.find_first_of("*?[{\\") != std::string_view::npos; }

// Alternatives of the first {…} group put in place: "a{b,c}d" gives "abd", "acd". Bounded, for hostile patterns.
void ExpandBraces(const std::string& glob, std::vector<std::string>* out) {
  constexpr size_t kMost = 4096;
  size_t open = std::string::npos;
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '\\') {
      ++i;
    } else if (glob[i] == '{') {
      open = i;
      break;
    }
  }
  if (open == std::string::npos || out->size() >= kMost) {
    out->push_back(glob);
    return;
  }
  int depth = 0;
  size_t begin = open + 1;
  std::vector<std::string> parts;
  for (size_t i = open; i < glob.size(); ++i) {
    if (glob[i] == '\\') {
      ++i;
    } else if (glob[i] == '{') {
      ++depth;
    } else if ((glob[i] == ',' && depth == 1) || (glob[i] == '}' && --depth == 0)) {
      parts.push_back(glob.substr(begin, i - begin));
      begin = i + 1;
      if (glob[i] == ',') continue;
      for (const std::string& part : parts) ExpandBraces(glob.substr(0, open) + part + glob.substr(i + 1), out);
      return;
    }
  }
  out->push_back(glob);  // not closed: taken as it is
}

// Matches [..] at glob[*at]; moves *at behind it. False also when it isn't closed.
bool MatchesClass(std::string_view glob, size_t* at, char c) {
  size_t i = *at + 1;
  const bool negated = i < glob.size() && (glob[i] == '^' || glob[i] == '!');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < glob.size() && (first || glob[i] != ']'); first = false) {
    char low = glob[i];
    if (low == '\\' && i + 1 < glob.size()) low = glob[++i];
    char high = low;
    if (i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']') {
      high = glob[i + 2];
      i += 2;
    }
    found = found || (low <= c && c <= high);
    ++i;
  }
  if (i >= glob.size()) return false;
  *at = i + 1;
  return found != negated;
}

// Linear in both but for the last star, which is tried again.
bool MatchesSimple(std::string_view glob, std::string_view name) {
  size_t g = 0, n = 0, star = std::string_view::npos, star_name = 0;
  while (n < name.size()) {
    bool same = false;
    size_t next = g;
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_name = n;
      continue;
    }
    if (g < glob.size()) {
      if (glob[g] == '[') {
        same = MatchesClass(glob, &next, name[n]);
      } else {
        if (glob[g] == '\\' && g + 1 < glob.size()) ++next;
        same = (glob[g] == '?' && next == g) || glob[next] == name[n];
        ++next;
      }
    }
    if (same) {
      g = next;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

// Files and folders that a path with globs names.
std::vector<FileInfo> ExpandGlobs(const FileSystem& files, const std::string& path) {
  std::vector<std::string> matches = {"/"};
  size_t begin = 1;
  while (begin <= path.size()) {
    size_t end = path.find('/', begin);
    // A slash within braces doesn't end a component.
    while (end != std::string::npos) {
      const std::string_view component = std::string_view(path).substr(begin, end - begin);
      if (std::count(component.begin(), component.end(), '{') <= std::count(component.begin(), component.end(), '}'))
        break;
      end = path.find('/', end + 1);
    }
    if (end == std::string::npos) end = path.size();
    const std::string component = path.substr(begin, end - begin);
    begin = end + 1;
    std::vector<std::string> next;
    for (const std::string& folder : matches) {
      if (!HasGlob(component)) {
        next.push_back(JoinPath(folder, component));
        continue;
      }
      const auto info = files.Info(folder);
      if (!info || !info->is_folder) continue;
      for (const FileInfo& child : files.List(folder)) {
        if (MatchesGlob(component, BaseName(child.path))) next.push_back(child.path);
      }
    }
    matches = std::move(next);
  }
  std::vector<FileInfo> found;
  for (const std::string& match : matches) {
    if (auto info = files.Info(match)) found.push_back(std::move(*info));
  }
  return found;
}

struct NameFilter {
  std::string glob;  // empty = all
  bool Accepts(const FileInfo& file) const { return glob.empty() || MatchesGlob(glob, BaseName(file.path)); }
};

void ListFolder(const FileSystem& files, const std::string& folder, const NameFilter& filter, int depth,
                std::vector<FileInfo>* out) {
  if (depth > kMaxDepth) return;  // folders that link in a circle
  for (FileInfo& child : files.List(folder)) {
    if (IsHiddenName(BaseName(child.path))) continue;
    if (child.is_folder) {
      ListFolder(files, child.path, filter, depth + 1, out);
    } else if (filter.Accepts(child)) {
      out->push_back(std::move(child));
    }
  }
}

}  // namespace

bool MatchesGlob(std::string_view glob, std::string_view name) {
  std::vector<std::string> globs;
  ExpandBraces(std::string(glob), &globs);
  for (const std::string& one : globs) {
    if (MatchesSimple(one, name)) return true;
  }
  return false;
}

bool IsHiddenName(std::string_view name) {
  if (name.empty()) return false;
  if (name[0] == '.') return true;
  return name[0] == '_' && name.find('=') == std::string_view::npos;
}

FileListing ListFiles(const std::vector<std::string>& paths, const SourceOptions& options) {
  for (const char* key : {"modifiedBefore", "modifiedAfter"}) {
    if (options.Get(key)) RaiseUnsupported("the option " + std::string(key));
  }
  const NameFilter filter{options.Get("pathGlobFilter", "")};
  FileListing listing;
  for (const std::string& given : paths) {
    std::string path;
    const FileSystem& files = FileSystemOf(given, &path);
    std::vector<FileInfo> roots;
    // A path that is there is meant as it is, whatever its name looks like.
    if (auto info = files.Info(path)) {
      roots.push_back(std::move(*info));
    } else if (HasGlob(path)) {
      roots = ExpandGlobs(files, path);
    }
    if (roots.empty()) Raise(Condition::PATH_NOT_FOUND, {{"path", files.Display(path)}});
    for (FileInfo& root : roots) {
      if (root.is_folder) FinishCommits(files, root.path);
      listing.roots.push_back(root.path);
      listing.root_is_file.push_back(!root.is_folder);
      if (root.is_folder) {
        ListFolder(files, root.path, filter, 0, &listing.files);
      } else if (filter.Accepts(root)) {
        listing.files.push_back(std::move(root));
      }
    }
  }
  return listing;
}

}  // namespace centella
