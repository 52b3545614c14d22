// The files and blobs that a client sent to its session: Python files, archives, plain files, cached local relations.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace centella {

// One session's artifacts. Small blobs named cache/<sha256> are kept in memory, everything else in a folder of the
// session's own, which vanishes with this object. Thread-safe.
class Artifacts {
 public:
  // Where `Add` puts files; made at the first file. Nothing is created by the constructor.
  explicit Artifacts(std::string session_id);
  ~Artifacts();
  Artifacts(const Artifacts&) = delete;
  Artifacts& operator=(const Artifacts&) = delete;

  // Stores one artifact. `name` is the client's relative path ("pyfiles/x.py", "cache/<hash>" …). Raises
  // INVALID_ARTIFACT_PATH for a path that leaves the folder, ARTIFACT_ALREADY_EXISTS for other bytes under a name
  // that is taken, OUT_OF_MEMORY beyond the bound for cached blobs.
  void Add(const std::string& name, std::string bytes);
  bool Exists(const std::string& name) const;
  // The blob cached under its SHA-256, or null.
  std::shared_ptr<const std::string> FindCached(const std::string& hash) const;
  // Files added with pyfile/archive/file kinds, by folder ("pyfiles", "archives", "files"), as absolute paths.
  std::vector<std::string> Files(const std::string& folder) const;
  // A copy for a cloned session.
  std::shared_ptr<Artifacts> Copy(std::string session_id) const;

 private:
  std::string Folder();  // with the lock held

  const std::string session_id_;
  mutable std::mutex mutex_;
  std::string folder_;
  std::map<std::string, std::shared_ptr<const std::string>> cached_;  // by hash
  std::map<std::string, std::string> files_;                          // name to absolute path
  int64_t cached_bytes_ = 0;
};

// Lower-case hexadecimal SHA-256.
std::string Sha256Hex(std::string_view bytes);

}  // namespace centella
