// See response_log.h.
#include "server/connect/response_log.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "session/session.h"

namespace centella::connect {
namespace {

constexpr int64_t kMaxUnsentBytes = int64_t{16} << 20;
constexpr int64_t kMaxSentBytes = int64_t{10} << 20;  // kept for a client that attaches again
constexpr size_t kPrefixLength = 24;                  // of a UUID, up to its last group

// A UUID whose last group is the response's number.
std::string MakeResponseId(const std::string& prefix, int64_t index) {
  char digits[16];
  std::snprintf(digits, sizeof(digits), "%012" PRIx64, static_cast<uint64_t>(index) & 0xffffffffffff);
  return prefix + digits;
}

}  // namespace

std::string ResponseLog::NextId() {
  std::lock_guard lock(mutex_);
  if (prefix_.empty()) prefix_ = NewUuid().substr(0, kPrefixLength);
  return MakeResponseId(prefix_, first_ + static_cast<int64_t>(kept_.size()));
}

void ResponseLog::Append(grpc::ByteBuffer bytes) {
  std::function<void()> listener;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    const auto size = static_cast<int64_t>(bytes.Length());
    kept_.push_back({std::move(bytes), size});
    unsent_bytes_ += size;
    listener = listener_;
  }
  if (listener) listener();
}

bool ResponseLog::ParkWhenFull(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  if (closed_ || unsent_bytes_ < kMaxUnsentBytes) return false;
  wake_ = std::move(wake);
  return true;
}

void ResponseLog::Close(grpc::Status status) {
  std::function<void()> listener;
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    status_ = std::move(status);
    listener = listener_;
    wake.swap(wake_);
  }
  if (wake) wake();
  if (listener) listener();
}

bool ResponseLog::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

bool ResponseLog::drained() const {
  std::lock_guard lock(mutex_);
  return unsent_bytes_ == 0;
}

ResponseLog::Poll ResponseLog::Get(int64_t listener, int64_t index, grpc::ByteBuffer* bytes, grpc::Status* status) {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    if (listener != listener_number_) return Poll::kReplaced;
    const int64_t end = first_ + static_cast<int64_t>(kept_.size());
    if (index < first_) return Poll::kGone;
    if (index >= end) {
      if (!closed_) return Poll::kWait;
      *status = status_;
      return Poll::kEnd;
    }
    const Response& response = kept_[static_cast<size_t>(index - first_)];
    *bytes = response.bytes;  // shares the slices
    if (index >= sent_) {
      sent_ = index + 1;
      unsent_bytes_ -= response.size;
      sent_bytes_ += response.size;
      const int64_t keep = reattachable_ ? kMaxSentBytes : 0;
      while (sent_bytes_ > keep && first_ < index) DropUntil(first_);
    }
    wake = TakeWakeWhenRoom();
  }
  if (wake) wake();
  return Poll::kResponse;
}

std::function<void()> ResponseLog::TakeWakeWhenRoom() {
  std::function<void()> wake;
  if (unsent_bytes_ < kMaxUnsentBytes / 2) wake.swap(wake_);
  return wake;
}

void ResponseLog::DropUntil(int64_t index) {
  while (first_ <= index && !kept_.empty()) {
    (first_ < sent_ ? sent_bytes_ : unsent_bytes_) -= kept_.front().size;
    kept_.pop_front();
    ++first_;
  }
  sent_ = std::max(sent_, first_);
}

int64_t ResponseLog::Listen(std::function<void()> listener) {
  int64_t number;
  {
    std::lock_guard lock(mutex_);
    listener_.swap(listener);
    number = ++listener_number_;
  }
  if (listener) listener();
  return number;
}

int64_t ResponseLog::IndexOf(const std::string& response_id) const {
  const auto not_found = [&] { Raise(Condition::INVALID_CURSOR__POSITION_NOT_FOUND, {{"responseId", response_id}}); };
  if (prefix_.empty() || response_id.size() != kPrefixLength + 12 || !response_id.starts_with(prefix_)) not_found();
  char* end = nullptr;
  const int64_t index = std::strtoll(response_id.c_str() + kPrefixLength, &end, 16);
  if (*end != '\0' || index < 0 || index >= first_ + static_cast<int64_t>(kept_.size())) not_found();
  return index;
}

int64_t ResponseLog::IndexAfter(const std::string& response_id) const {
  std::lock_guard lock(mutex_);
  const int64_t index = IndexOf(response_id) + 1;
  if (index >= first_) return index;
  Raise(Condition::INVALID_CURSOR__POSITION_NOT_AVAILABLE,
        {{"responseId", response_id}, {"index", std::to_string(index)}});
}

void ResponseLog::ReleaseUntil(const std::string& response_id) {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    const int64_t index = IndexOf(response_id);
    DropUntil(index);
    wake = TakeWakeWhenRoom();
  }
  if (wake) wake();
}

}  // namespace centella::connect
