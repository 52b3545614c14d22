// TCP over the loopback interface.
#include "cluster/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace centella {
namespace {

[[noreturn]] void RaiseNetwork(const char* what) {
  RaiseInternal(__FILE__, __LINE__, std::string(what) + ": " + std::strerror(errno));
}

sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

}  // namespace

Socket::Socket(int descriptor) : descriptor_(descriptor) {
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}
Socket::~Socket() { close(descriptor_); }

void Socket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) RaiseNetwork("sending to another process");
    bytes.remove_prefix(static_cast<size_t>(sent));
    sent_bytes_ += sent;
  }
}

void Socket::Receive(char* out, size_t size) {
  while (size > 0) {
    const ssize_t got = recv(descriptor_, out, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) RaiseNetwork("receiving from another process");
    CENTELLA_CHECK(got > 0, "another process broke off the connection");
    out += got;
    size -= static_cast<size_t>(got);
  }
}

void Socket::SendText(std::string_view text) {
  const uint64_t size = text.size();
  Send({reinterpret_cast<const char*>(&size), sizeof(size)});
  Send(text);
}

std::string Socket::ReceiveText(size_t most) {
  uint64_t size = 0;
  Receive(reinterpret_cast<char*>(&size), sizeof(size));
  CENTELLA_CHECK(size <= most, "a message of " + std::to_string(size) + " bytes");
  std::string text(size, '\0');
  Receive(text.data(), text.size());
  return text;
}

bool Socket::WaitForMore() {
  char next;
  ssize_t got;
  do {
    got = recv(descriptor_, &next, 1, MSG_PEEK);
  } while (got < 0 && errno == EINTR);
  return got > 0;
}

void Socket::Shutdown() { shutdown(descriptor_, SHUT_RDWR); }

ListeningSocket::ListeningSocket() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = LoopbackAddress(0);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (descriptor_ < 0 || bind(descriptor_, any, size) != 0 || listen(descriptor_, 128) != 0 ||
      getsockname(descriptor_, any, &size) != 0) {
    RaiseNetwork("listening on the loopback interface");
  }
  port_ = ntohs(address.sin_port);
}
ListeningSocket::~ListeningSocket() { close(descriptor_); }

std::shared_ptr<Socket> ListeningSocket::Accept() {
  while (!closed_.load()) {
    const int accepted = accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted >= 0) return std::make_shared<Socket>(accepted);
    if (errno != EINTR && errno != ECONNABORTED) return nullptr;
  }
  return nullptr;
}

void ListeningSocket::Close() {
  closed_.store(true);
  shutdown(descriptor_, SHUT_RDWR);
}

std::shared_ptr<Socket> ConnectToPort(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) RaiseNetwork("connecting to another process");
  auto connection = std::make_shared<Socket>(descriptor);
  const sockaddr_in address = LoopbackAddress(port);
  int result;
  do {
    result = connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (result != 0 && errno == EINTR);
  if (result != 0) RaiseNetwork("connecting to another process");
  return connection;
}

}  // namespace centella
