// See artifacts.h.
#include "session/artifacts.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"

namespace centella {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCachePrefix = "cache/";
// Cached local relations of one session; the client splits what is larger than its own limit of 3 GB.
constexpr int64_t kMaxCachedBytes = int64_t{4} << 30;

// The name without ".", and without any way out of the folder.
std::string CheckedName(const std::string& name) {
  const fs::path path = fs::path(name).lexically_normal();
  const bool outside = name.empty() || name.find('\0') != std::string::npos || path.is_absolute() || path == "." ||
                       *path.begin() == "..";
  if (outside || path.filename().empty()) Raise(Condition::INVALID_ARTIFACT_PATH, {{"name", name}});
  return path.string();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

Artifacts::Artifacts(std::string session_id) : session_id_(std::move(session_id)) {}

Artifacts::~Artifacts() {
  if (folder_.empty()) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Artifacts::Folder() {
  if (folder_.empty()) {
    std::string pattern = (fs::temp_directory_path() / "centella-artifacts-XXXXXX").string();
    CENTELLA_CHECK(mkdtemp(pattern.data()) != nullptr, "no folder for artifacts can be made as " + pattern);
    folder_ = pattern;
  }
  return folder_;
}

void Artifacts::Add(const std::string& name, std::string bytes) {
  const std::string checked = CheckedName(name);
  std::lock_guard lock(mutex_);
  if (checked.starts_with(kCachePrefix)) {
    const std::string hash = checked.substr(kCachePrefix.size());
    if (cached_.contains(hash)) return;
    const int64_t size = static_cast<int64_t>(bytes.size());
    if (cached_bytes_ + size > kMaxCachedBytes) {
      Raise(Condition::OUT_OF_MEMORY, {{"needed", std::to_string(size)}, {"budget", std::to_string(kMaxCachedBytes)}});
    }
    cached_bytes_ += size;
    cached_[hash] = std::make_shared<const std::string>(std::move(bytes));
    return;
  }
  const fs::path target = fs::path(Folder()) / checked;
  if (auto there = files_.find(checked); there != files_.end()) {
    if (ReadFile(there->second) == bytes) return;
    Raise(Condition::ARTIFACT_ALREADY_EXISTS, {{"normalizedRemoteRelativePath", checked}});
  }
  fs::create_directories(target.parent_path());
  std::ofstream file(target, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  CENTELLA_CHECK(file.good(), "the artifact " + checked + " cannot be written");
  files_[checked] = target.string();
}

bool Artifacts::Exists(const std::string& name) const {
  std::lock_guard lock(mutex_);
  if (name.starts_with(kCachePrefix)) return cached_.contains(name.substr(kCachePrefix.size()));
  return files_.contains(name);
}

std::shared_ptr<const std::string> Artifacts::FindCached(const std::string& hash) const {
  std::lock_guard lock(mutex_);
  auto found = cached_.find(hash);
  return found == cached_.end() ? nullptr : found->second;
}

std::vector<std::string> Artifacts::Files(const std::string& folder) const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [name, path] : files_) {
    if (name.starts_with(folder + "/")) paths.push_back(path);
  }
  return paths;
}

std::shared_ptr<Artifacts> Artifacts::Copy(std::string session_id) const {
  auto copy = std::make_shared<Artifacts>(std::move(session_id));
  std::map<std::string, std::string> files;
  {
    std::lock_guard lock(mutex_);
    copy->cached_ = cached_;
    copy->cached_bytes_ = cached_bytes_;
    files = files_;
  }
  for (const auto& [name, path] : files) copy->Add(name, ReadFile(path));
  return copy;
}

}  // namespace centella
