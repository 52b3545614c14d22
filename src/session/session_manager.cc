// See session_manager.h.
#include "session/session_manager.h"

namespace centella {
namespace {

constexpr size_t kClosedRemembered = 10000;

}  // namespace

void SessionManager::CheckNotClosed(const Key& key) const {
  if (closed_.contains(key)) Raise(Condition::INVALID_HANDLE__SESSION_CLOSED, {{"handle", key.second}});
}

void SessionManager::CheckObserved(const Session& session, const std::string& observed) {
  if (!observed.empty() && observed != session.server_side_id()) {
    Raise(Condition::INVALID_HANDLE__SESSION_CHANGED, {{"handle", session.session_id()}});
  }
}

void SessionManager::RememberClosed(const Key& key) {
  if (!closed_.insert(key).second) return;
  closed_order_.push_back(key);
  if (closed_order_.size() <= kClosedRemembered) return;
  closed_.erase(closed_order_.front());
  closed_order_.pop_front();
}

std::shared_ptr<Session> SessionManager::GetOrCreate(const std::string& user_id, const std::string& session_id,
                                                     const std::string& observed) {
  if (!IsUuid(session_id)) Raise(Condition::INVALID_HANDLE__FORMAT, {{"handle", session_id}});
  const Key key{user_id, session_id};
  std::lock_guard lock(mutex_);
  auto found = sessions_.find(key);
  if (found != sessions_.end()) {
    CheckObserved(*found->second, observed);
    found->second->Touch();
    return found->second;
  }
  CheckNotClosed(key);
  // The client knew this session from a server that is gone.
  if (!observed.empty()) Raise(Condition::INVALID_HANDLE__SESSION_CHANGED, {{"handle", session_id}});
  auto session = std::make_shared<Session>(user_id, session_id, shared_);
  sessions_[key] = session;
  return session;
}

std::shared_ptr<Session> SessionManager::Get(const std::string& user_id, const std::string& session_id,
                                             const std::string& observed) {
  if (!IsUuid(session_id)) Raise(Condition::INVALID_HANDLE__FORMAT, {{"handle", session_id}});
  const Key key{user_id, session_id};
  std::lock_guard lock(mutex_);
  auto found = sessions_.find(key);
  if (found == sessions_.end()) {
    CheckNotClosed(key);
    Raise(Condition::INVALID_HANDLE__SESSION_NOT_FOUND, {{"handle", session_id}});
  }
  CheckObserved(*found->second, observed);
  found->second->Touch();
  return found->second;
}

std::shared_ptr<Session> SessionManager::Close(const std::string& user_id, const std::string& session_id,
                                               bool allow_reconnect) {
  const Key key{user_id, session_id};
  std::shared_ptr<Session> session;
  {
    std::lock_guard lock(mutex_);
    auto found = sessions_.find(key);
    if (found != sessions_.end()) {
      session = found->second;
      sessions_.erase(found);
    }
    // Also for a session that never was: its id is spent, as the client said.
    if (!allow_reconnect) RememberClosed(key);
  }
  if (session != nullptr) session->EndOperations();
  return session;
}

std::shared_ptr<Session> SessionManager::Clone(const std::shared_ptr<Session>& session, std::string new_session_id) {
  if (new_session_id.empty()) new_session_id = NewUuid();
  if (!IsUuid(new_session_id)) {
    Raise(Condition::INVALID_CLONE_SESSION_REQUEST__TARGET_SESSION_ID_FORMAT, {{"targetSessionId", new_session_id}});
  }
  const Key key{session->user_id(), new_session_id};
  const auto check = [&] {
    if (sessions_.contains(key)) {
      Raise(Condition::INVALID_CLONE_SESSION_REQUEST__TARGET_SESSION_ID_ALREADY_EXISTS,
            {{"targetSessionId", new_session_id}});
    }
    if (closed_.contains(key)) {
      Raise(Condition::INVALID_CLONE_SESSION_REQUEST__TARGET_SESSION_ID_ALREADY_CLOSED,
            {{"targetSessionId", new_session_id}});
    }
  };
  {
    std::lock_guard lock(mutex_);
    check();
  }
  auto clone = session->Clone(new_session_id);  // copies files: not under the lock
  std::lock_guard lock(mutex_);
  check();
  sessions_[key] = clone;
  return clone;
}

void SessionManager::CloseIdle(std::chrono::steady_clock::time_point now) {
  std::vector<std::shared_ptr<Session>> closed;
  {
    std::lock_guard lock(mutex_);
    TakeIdle(now, &closed);
  }
  for (const auto& session : closed) session->EndOperations();
}

void SessionManager::TakeIdle(std::chrono::steady_clock::time_point now,
                              std::vector<std::shared_ptr<Session>>* closed) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    bool busy = false;
    for (const auto& operation : at->second->Operations()) busy |= operation->running();
    if (!busy && now - at->second->last_used() > idle_limit_) {
      RememberClosed(at->first);
      closed->push_back(std::move(at->second));
      at = sessions_.erase(at);
    } else {
      ++at;
    }
  }
}

void SessionManager::CloseAll() {
  std::map<Key, std::shared_ptr<Session>> closed;
  {
    std::lock_guard lock(mutex_);
    closed.swap(sessions_);
  }
  for (const auto& [key, session] : closed) session->EndOperations();
}

std::vector<std::shared_ptr<Session>> SessionManager::Sessions() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Session>> all;
  for (const auto& [key, session] : sessions_) all.push_back(session);
  return all;
}

}  // namespace centella
