// The responses of one ExecutePlan: kept from the query that makes them to the stream that sends them, and some way beyond
// for a client that attaches again. Bounded in bytes: a client that stops reading parks the query.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

namespace centella::connect {

// Thread-safe. Callbacks run outside its lock, in the thread that caused them.
class ResponseLog {
 public:
  // Sent responses are kept for another stream when `reattachable`.
  explicit ResponseLog(bool reattachable) : reattachable_(reattachable) {}

  // ---- the query's side --------------------------------------------------------------------------------------------
  // The id that the next response will carry.
  std::string NextId();
  void Append(grpc::ByteBuffer bytes);
  // True when too much waits to be sent; then `wake` is called once when there is room (or when the log is closed).
  bool ParkWhenFull(std::function<void()> wake);
  // No response follows; readers end with `status`. The first call counts.
  void Close(grpc::Status status);
  bool closed() const;
  // Whether everything appended was handed to a reader.
  bool drained() const;

  // ---- the stream's side -------------------------------------------------------------------------------------------
  enum class Poll : uint8_t { kResponse, kWait, kEnd, kGone, kReplaced };
  // The response at `index` (counted from 0). kWait: the listener is called when to ask again. kEnd: `status` is set.
  // kGone: it was released. kReplaced: another stream has attached since `listener`.
  Poll Get(int64_t listener, int64_t index, grpc::ByteBuffer* bytes, grpc::Status* status);
  // Makes this the one listener and gives its number; the one before is called a last time, to see that it was replaced.
  int64_t Listen(std::function<void()> listener);
  // The index after the response with this id. Raises INVALID_CURSOR.POSITION_NOT_FOUND / POSITION_NOT_AVAILABLE.
  int64_t IndexAfter(const std::string& response_id) const;
  // Forgets responses up to and including the one with this id. Raises as IndexAfter does for ids never given.
  void ReleaseUntil(const std::string& response_id);

 private:
  struct Response {
    grpc::ByteBuffer bytes;
    int64_t size;
  };
  int64_t IndexOf(const std::string& response_id) const;  // with the lock held
  void DropUntil(int64_t index);                          // with the lock held
  std::function<void()> TakeWakeWhenRoom();               // with the lock held

  const bool reattachable_;
  mutable std::mutex mutex_;
  std::string prefix_;  // of this log's response ids, made at the first
  std::deque<Response> kept_;
  int64_t first_ = 0;  // index of kept_[0]
  int64_t sent_ = 0;   // responses handed to a reader at least once
  int64_t unsent_bytes_ = 0;
  int64_t sent_bytes_ = 0;  // of kept_ that were sent
  bool closed_ = false;
  grpc::Status status_;
  std::function<void()> wake_;
  std::function<void()> listener_;
  int64_t listener_number_ = 0;
};

}  // namespace centella::connect
