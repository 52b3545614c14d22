// Files of this machine, through POSIX calls.
#include "storage/filesystems/local.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"

namespace centella {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void RaiseRead(const std::string& path, const std::string& reason) {
  throw Error(Condition::FAILED_READ_FILE__NO_HINT, {{"path", LocalFileSystem().Display(path)}})
      .WithCause(Error(Condition::INTERNAL_ERROR, {{"message", reason}}));
}

[[noreturn]] void RaiseWrite(const std::string& path, const std::string& reason) {
  throw Error(Condition::TASK_WRITE_FAILED, {{"path", LocalFileSystem().Display(path)}})
      .WithCause(Error(Condition::INTERNAL_ERROR, {{"message", reason}}));
}

class LocalInput final : public InputFile {
 public:
  LocalInput(std::string path, int descriptor, int64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  ~LocalInput() override { close(descriptor_); }
  int64_t size() const override { return size_; }
  int64_t ReadAt(int64_t offset, int64_t length, void* out) const override {
    int64_t done = 0;
    while (done < length) {
      const ssize_t n =
          pread(descriptor_, static_cast<char*>(out) + done, static_cast<size_t>(length - done), offset + done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) RaiseRead(path_, std::strerror(errno));
      if (n == 0) break;
      done += n;
    }
    return done;
  }

 private:
  std::string path_;
  int descriptor_;
  int64_t size_;
};

class LocalOutput final : public OutputFile {
 public:
  LocalOutput(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  ~LocalOutput() override {
    if (descriptor_ >= 0) close(descriptor_);
  }
  void Write(const void* data, int64_t length) override {
    const char* from = static_cast<const char*>(data);
    while (length > 0) {
      const ssize_t n = write(descriptor_, from, static_cast<size_t>(length));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) RaiseWrite(path_, std::strerror(errno));
      from += n;
      length -= n;
    }
  }
  void Close() override {
    if (descriptor_ < 0) return;
    const int result = close(descriptor_);
    descriptor_ = -1;
    if (result != 0) RaiseWrite(path_, std::strerror(errno));
  }

 private:
  std::string path_;
  int descriptor_;
};

class LocalLock final : public FileLock {
 public:
  explicit LocalLock(int descriptor) : descriptor_(descriptor) {}
  ~LocalLock() override { close(descriptor_); }

 private:
  int descriptor_;
};

FileInfo InfoFrom(const std::string& path, const struct stat& status) {
  FileInfo info;
  info.path = path;
  info.is_folder = S_ISDIR(status.st_mode);
  info.size = info.is_folder ? 0 : status.st_size;
  info.modified_micros = int64_t{status.st_mtim.tv_sec} * 1000000 + status.st_mtim.tv_nsec / 1000;
  return info;
}

class Local final : public FileSystem {
 public:
  std::optional<FileInfo> Info(const std::string& path) const override {
    struct stat status;
    if (stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      RaiseRead(path, std::strerror(errno));
    }
    return InfoFrom(path, status);
  }

  std::vector<FileInfo> List(const std::string& folder) const override {
    std::vector<FileInfo> children;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      if (auto info = Info(entries->path().string())) children.push_back(std::move(*info));
    }
    if (error) RaiseRead(folder, error.message());
    std::sort(children.begin(), children.end(), [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    return children;
  }

  std::unique_ptr<InputFile> Open(const std::string& path) const override {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      if (errno == ENOENT) Raise(Condition::FAILED_READ_FILE__FILE_NOT_EXIST, {{"path", Display(path)}});
      RaiseRead(path, std::strerror(errno));
    }
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
      close(descriptor);
      RaiseRead(path, std::strerror(errno));
    }
    return std::make_unique<LocalInput>(path, descriptor, status.st_size);
  }

  std::unique_ptr<OutputFile> Create(const std::string& path) const override {
    MakeFolders(std::string(ParentPath(path)));
    const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) RaiseWrite(path, std::strerror(errno));
    return std::make_unique<LocalOutput>(path, descriptor);
  }

  void MakeFolders(const std::string& path) const override {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) RaiseWrite(path, error.message());
  }

  void Rename(const std::string& from, const std::string& to) const override {
    if (rename(from.c_str(), to.c_str()) != 0) RaiseWrite(to, std::strerror(errno));
  }

  void Remove(const std::string& path) const override {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) RaiseWrite(path, error.message());
  }

  void RemoveEmptyFolder(const std::string& path) const override {
    if (rmdir(path.c_str()) == 0) return;
    if (errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
      RaiseWrite(path, std::strerror(errno));
  }

  bool Exchange(const std::string& one, const std::string& other) const override {
    return syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0;
  }

  std::unique_ptr<FileLock> Lock(const std::string& path) const override {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return nullptr;
    auto lock = std::make_unique<LocalLock>(descriptor);
    while (flock(descriptor, LOCK_EX) != 0) {
      if (errno != EINTR) RaiseWrite(path, std::strerror(errno));
    }
    // Its holder may have removed it while we waited.
    struct stat ours, there;
    const bool same = fstat(descriptor, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino;
    return same ? std::move(lock) : nullptr;
  }

  std::string Display(const std::string& path) const override { return "file:" + path; }
  std::string Url(const std::string& path) const override {
    std::string url = "file://";
    for (const char c : path) {
      // What a URI's path may hold, letters beyond ASCII too.
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) || byte >= 0x80 || std::strchr("/-_.!~*'():@&=+$,;", c) != nullptr) {
        url += c;
      } else {
        char escaped[8];
        std::snprintf(escaped, sizeof(escaped), "%%%02X", byte);
        url += escaped;
      }
    }
    return url;
  }
};

// "file:/a", "file:///a", "file://localhost/a" without the scheme.
std::string_view WithoutScheme(std::string_view path) {
  path.remove_prefix(std::string_view("file:").size());
  if (path.starts_with("//")) {
    path.remove_prefix(2);
    const size_t slash = path.find('/');
    path = slash == std::string_view::npos ? std::string_view("/") : path.substr(slash);
  }
  return path;
}

}  // namespace

const FileSystem& LocalFileSystem() {
  static const Local local;
  return local;
}

const FileSystem& FileSystemOf(std::string_view user_path, std::string* path) {
  const size_t colon = user_path.find(':');
  const size_t slash = user_path.find('/');
  std::string_view local = user_path;
  if (colon != std::string_view::npos && colon > 0 && (slash == std::string_view::npos || colon < slash)) {
    const std::string_view scheme = user_path.substr(0, colon);
    if (scheme != "file") RaiseUnsupported("the file system " + std::string(scheme) + ":// (only local files)");
    local = WithoutScheme(user_path);
  }
  *path = fs::absolute(fs::path(local.empty() ? "." : local)).lexically_normal().string();
  while (path->size() > 1 && path->back() == '/') path->pop_back();
  return LocalFileSystem();
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (path.empty() || path.back() != '/') path += '/';
  return path.append(name);
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view ParentPath(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "";
  return path.substr(0, slash == 0 ? 1 : slash);
}

}  // namespace centella
