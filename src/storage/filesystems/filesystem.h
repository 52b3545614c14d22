// Where files lie: a small interface that every file system (local now, object stores later) implements.
//
// Paths inside the engine are absolute and, for local files, without a scheme. Failures of the system (permission, a
// full disk) raise FAILED_READ_FILE or FAILED_WRITE_FILE conditions that name the path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace centella {

struct FileInfo {
  std::string path;
  int64_t size = 0;
  int64_t modified_micros = 0;
  bool is_folder = false;
};

// An open file; reads at any place, from several threads.
class InputFile {
 public:
  virtual ~InputFile() = default;
  virtual int64_t size() const = 0;
  // Bytes read into `out`: fewer than `length` only at the end of the file.
  virtual int64_t ReadAt(int64_t offset, int64_t length, void* out) const = 0;
};

// A new file, written from its beginning. Not closed = not complete.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual void Write(const void* data, int64_t length) = 0;
  virtual void Close() = 0;
};

// Held until it is destroyed, or its process ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Nothing when there is no such file or folder.
  virtual std::optional<FileInfo> Info(const std::string& path) const = 0;
  // Direct children, sorted by name.
  virtual std::vector<FileInfo> List(const std::string& folder) const = 0;
  virtual std::unique_ptr<InputFile> Open(const std::string& path) const = 0;
  // Makes the folders above it as well.
  virtual std::unique_ptr<OutputFile> Create(const std::string& path) const = 0;
  virtual void MakeFolders(const std::string& path) const = 0;
  // Replaces a file that is there.
  virtual void Rename(const std::string& from, const std::string& to) const = 0;
  // Files and whole folders; nothing there is fine.
  virtual void Remove(const std::string& path) const = 0;
  // Only a folder that is empty; others stay.
  virtual void RemoveEmptyFolder(const std::string& path) const = 0;
  // Puts each of two files or folders in the other's place, at once; false when the file system can't.
  virtual bool Exchange(const std::string& one, const std::string& other) const = 0;
  // Waits until nobody else holds the file's lock. Null when the file isn't there (any more).
  virtual std::unique_ptr<FileLock> Lock(const std::string& path) const = 0;
  // As Spark shows the path: "file:/a/b".
  virtual std::string Display(const std::string& path) const = 0;
  // As a URL, escaped: "file:///a%20b".
  virtual std::string Url(const std::string& path) const = 0;
};

// The file system of a path as users write it ("a/b", "/a/b", "file:///a/b"), and the path within it. Raises
// UNSUPPORTED_FEATURE for schemes that aren't built (by name).
const FileSystem& FileSystemOf(std::string_view user_path, std::string* path);

// "/a/b/" and "c" give "/a/b/c".
std::string JoinPath(std::string_view folder, std::string_view name);
// "/a/b" gives "b"; "/" gives "".
std::string_view BaseName(std::string_view path);
std::string_view ParentPath(std::string_view path);

}  // namespace centella
