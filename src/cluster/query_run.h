// What one process does for one query: runs its instances of the fragments, each as soon as its inputs are complete, keeps the
// rows that come for them, and sends its rows to the processes that read them.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cluster/messages.h"
#include "cluster/socket.h"
#include "execution/fragment.h"

namespace centella {

// The first line of a connection between processes: who asks, and what for.
struct Greeting {
  std::string token;
  std::string query;
  // Rows of this fragment, of the instance that runs in process `from`; or (-1) a RunRequest follows.
  int64_t fragment = -1;
  int32_t from = 0;
};
std::string EncodeGreeting(const Greeting& greeting);
Greeting DecodeGreeting(std::string_view bytes);

// Thread-safe. Start, then Wait.
class QueryRun {
 public:
  QueryRun(RunRequest request, std::shared_ptr<Engine> engine, std::string token);
  ~QueryRun();

  void Start();
  // Takes the rows that `socket` brings to the end.
  void Receive(int64_t fragment, int32_t from, Socket* socket);
  // The query ends, here and (their connections break) in the others. The first error counts, but one that tells of a lost
  // process only until a better one is known.
  void Fail(const Error& error, bool lost);
  // Ends the connection when the query fails. One over which another process will say how its part went (`tells`) stays
  // open while all that is known is that some process was lost: the reason is still to come.
  void BreakWhenFailed(const std::shared_ptr<Socket>& socket, bool tells);
  // Until all instances of this process are over; how it went.
  Outcome Wait();
  // The query's rows, in order, at home.
  std::vector<Batch> TakeRows() { return std::move(rows_); }
  const QueryContextPtr& context() const { return request_.context; }

 private:
  struct Input;
  class LocalRows;
  class RemoteRows;
  class Destination;

  int32_t processes() const { return static_cast<int32_t>(request_.ports.size()); }
  void MakeInputs(const PhysicalPlan& plan);
  void RunInstance(const Fragment& fragment);
  void WaitForInputs(const Fragment& fragment);
  std::vector<std::unique_ptr<Destination>> DestinationsOf(const Fragment& fragment);
  void InputEnded(Input* input, int32_t from);

  const RunRequest request_;
  const std::shared_ptr<Engine> engine_;
  const std::string token_;
  std::map<int64_t, std::unique_ptr<Input>> inputs_;  // by fragment; made before the first thread starts
  std::vector<std::thread> threads_;
  std::vector<Batch> rows_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Outcome outcome_;
  struct Connection {
    std::weak_ptr<Socket> socket;
    bool tells;
  };
  std::vector<Connection> connections_;
};

}  // namespace centella
