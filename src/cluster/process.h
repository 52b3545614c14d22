// A process that runs fragments for itself and others: the seed of the cluster. Today two of them run a plan between them in
// a test (tests/fragments); nothing a user does starts one.
#pragma once

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cluster/messages.h"
#include "cluster/query_run.h"
#include "cluster/socket.h"

namespace centella {

// Listens as long as it lives. Who doesn't know the token isn't listened to. Thread-safe.
class FragmentProcess {
 public:
  FragmentProcess(std::shared_ptr<Engine> engine, std::string token);
  ~FragmentProcess();
  int port() const { return listening_.port(); }

  // Runs a plan that was cut, together with the processes that listen on `peers`; this one is home. Raises the query's
  // error, once all processes have ended. `reports` (if given): one a process, home first.
  std::vector<Batch> Run(const std::vector<Fragment>& fragments, const QueryContextPtr& context,
                         const std::vector<int>& peers, std::vector<ProcessReport>* reports = nullptr);

 private:
  void Listen();
  void Serve(const std::shared_ptr<Socket>& socket);
  void ServeRun(const std::shared_ptr<Socket>& socket);
  void Ask(QueryRun* run, RunRequest request, int port, Outcome* outcome);
  std::shared_ptr<QueryRun> Begin(RunRequest request);
  void End(const std::string& query);
  std::shared_ptr<QueryRun> Find(const std::string& query);

  const std::shared_ptr<Engine> engine_;
  const std::string token_;
  ListeningSocket listening_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<QueryRun>> runs_;
  std::vector<std::weak_ptr<Socket>> sockets_;
  std::list<std::thread> threads_;  // of connections
  bool closing_ = false;
  std::thread listener_;
};

}  // namespace centella
