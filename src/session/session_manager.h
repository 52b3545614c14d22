// All sessions of a server, by user and session id: made at first use, isolated from each other, closed by their client or
// after idle time, and remembered as closed.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "session/session.h"

namespace centella {

// Thread-safe. Sessions are shared with whoever works for them; closing one interrupts its operations.
class SessionManager {
 public:
  explicit SessionManager(std::shared_ptr<const SharedState> shared,
                          std::chrono::seconds idle_limit = std::chrono::hours(1))
      : shared_(std::move(shared)), idle_limit_(idle_limit) {}

  // The session, made when it isn't there. Raises INVALID_HANDLE.FORMAT for an id that is no UUID,
  // INVALID_HANDLE.SESSION_CLOSED for one that was closed, INVALID_HANDLE.SESSION_CHANGED when the client saw another
  // server-side id (`observed` empty = it saw none).
  std::shared_ptr<Session> GetOrCreate(const std::string& user_id, const std::string& session_id,
                                       const std::string& observed = "");
  // Without making it: raises INVALID_HANDLE.SESSION_NOT_FOUND.
  std::shared_ptr<Session> Get(const std::string& user_id, const std::string& session_id,
                               const std::string& observed = "");
  // Closes a session; null when there is none. With `allow_reconnect` the id may be used again.
  std::shared_ptr<Session> Close(const std::string& user_id, const std::string& session_id, bool allow_reconnect);
  // Clones; an empty new id = a fresh one. Raises INVALID_CLONE_SESSION_REQUEST.*.
  std::shared_ptr<Session> Clone(const std::shared_ptr<Session>& session, std::string new_session_id);
  // Closes sessions that are idle longer than the limit and have nothing running. Call it now and then.
  void CloseIdle(std::chrono::steady_clock::time_point now);
  void CloseAll();
  std::vector<std::shared_ptr<Session>> Sessions() const;

 private:
  using Key = std::pair<std::string, std::string>;
  void CheckNotClosed(const Key& key) const;  // with the lock held
  static void CheckObserved(const Session& session, const std::string& observed);
  void RememberClosed(const Key& key);  // with the lock held
  void TakeIdle(std::chrono::steady_clock::time_point now,
                std::vector<std::shared_ptr<Session>>* closed);  // with the lock held

  const std::shared_ptr<const SharedState> shared_;
  const std::chrono::seconds idle_limit_;
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<Session>> sessions_;
  std::set<Key> closed_;
  std::deque<Key> closed_order_;  // oldest first; bounds closed_
};

}  // namespace centella
