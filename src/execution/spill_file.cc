// Temporary files that operators put batches in when memory is short.
#include "execution/spill_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "vector/serialize.h"

namespace centella {
namespace {

[[noreturn]] void RaiseSpillError(const char* what, int error) {
  Raise(Condition::SPILL_FAILED, {{"action", what}, {"reason", std::strerror(error)}});
}

}  // namespace

SpillFile::SpillFile(QueryContextPtr context) : context_(std::move(context)) {
  std::string folder = context_->spill_folder;
  if (folder.empty()) {
    const char* tmp = std::getenv("TMPDIR");
    folder = tmp != nullptr && *tmp != '\0' ? tmp : "/tmp";
  }
  descriptor_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    // Filesystems without unnamed files: a named one, unlinked at once.
    std::string name = folder + "/centella-spill-XXXXXX";
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) RaiseSpillError("create a spill file", errno);
    ::unlink(name.c_str());
  }
}

SpillFile::~SpillFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

SpillFile::Slot SpillFile::Append(const Batch& batch) {
  std::string bytes;
  SerializeBatch(batch, &bytes);
  Slot slot;
  slot.bytes = static_cast<int64_t>(bytes.size());
  {
    std::lock_guard lock(mutex_);
    slot.offset = end_;
    end_ += slot.bytes;
  }
  int64_t done = 0;
  while (done < slot.bytes) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data() + done, slot.bytes - done, slot.offset + done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) RaiseSpillError("write a spill file", errno);
    done += written;
  }
  context_->metrics->bytes_spilled.fetch_add(slot.bytes, std::memory_order_relaxed);
  return slot;
}

Batch SpillFile::Read(const Slot& slot, const std::vector<TypePtr>& types) const {
  std::string bytes(slot.bytes, '\0');
  int64_t done = 0;
  while (done < slot.bytes) {
    const ssize_t got = ::pread(descriptor_, bytes.data() + done, slot.bytes - done, slot.offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) RaiseSpillError("read a spill file", got < 0 ? errno : EIO);
    done += got;
  }
  std::string_view rest = bytes;
  return DeserializeBatch(types, &rest);
}

}  // namespace centella
