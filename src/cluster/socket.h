// TCP over the loopback interface: what the processes of a cluster on one machine talk through.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace centella {

// One connection. Failures raise INTERNAL_ERROR; one thread sends, one receives, any may Shutdown.
class Socket {
 public:
  explicit Socket(int descriptor);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void Send(std::string_view bytes);
  // Exactly `size` bytes.
  void Receive(char* out, size_t size);
  // A text with its length before it; longer than `most` is refused before it is read.
  void SendText(std::string_view text);
  std::string ReceiveText(size_t most);
  // Waits until the other side closes or sends: true when it sends.
  bool WaitForMore();
  // Ends both directions: whoever waits is woken with an error.
  void Shutdown();
  int64_t sent_bytes() const { return sent_bytes_; }

 private:
  const int descriptor_;
  int64_t sent_bytes_ = 0;
};

// Listens on a free port of 127.0.0.1.
class ListeningSocket {
 public:
  ListeningSocket();
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;
  int port() const { return port_; }
  // nullptr once it is closed.
  std::shared_ptr<Socket> Accept();
  void Close();

 private:
  int descriptor_ = -1;
  int port_ = 0;
  std::atomic<bool> closed_{false};
};

std::shared_ptr<Socket> ConnectToPort(int port);

}  // namespace centella
