// A process that runs fragments for itself and others.
#include "cluster/process.h"

#include <chrono>
#include <random>

namespace centella {
namespace {

constexpr size_t kMostGreetingBytes = 4096;
constexpr size_t kMostMessageBytes = size_t{1} << 30;
// A process may send rows of a query before another has heard of it.
constexpr std::chrono::seconds kLongestHeadStart{30};

// Takes as long whatever differs.
bool SameSecret(const std::string& a, const std::string& b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

std::string NewQueryId() {
  std::random_device random;
  return std::to_string(random()) + "-" + std::to_string(random());
}

}  // namespace

FragmentProcess::FragmentProcess(std::shared_ptr<Engine> engine, std::string token)
    : engine_(std::move(engine)), token_(std::move(token)), listener_([this] { Listen(); }) {}

FragmentProcess::~FragmentProcess() {
  std::map<std::string, std::shared_ptr<QueryRun>> runs;
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    runs = runs_;
    for (const auto& each : sockets_) {
      if (const std::shared_ptr<Socket> socket = each.lock()) socket->Shutdown();
    }
  }
  changed_.notify_all();
  for (const auto& [query, run] : runs) run->Fail(Error(Condition::OPERATION_CANCELED, {}), true);
  listening_.Close();
  listener_.join();
  for (std::thread& thread : threads_) thread.join();
}

void FragmentProcess::Listen() {
  while (const std::shared_ptr<Socket> socket = listening_.Accept()) {
    std::lock_guard lock(mutex_);
    if (closing_) return;
    std::erase_if(sockets_, [](const auto& each) { return each.expired(); });
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] { Serve(socket); });
  }
}

// Whatever a stranger sends ends with the connection.
void FragmentProcess::Serve(const std::shared_ptr<Socket>& socket) {
  try {
    const Greeting greeting = DecodeGreeting(socket->ReceiveText(kMostGreetingBytes));
    if (!SameSecret(greeting.token, token_)) return;
    if (greeting.fragment < 0) return ServeRun(socket);
    if (const std::shared_ptr<QueryRun> run = Find(greeting.query)) {
      run->Receive(greeting.fragment, greeting.from, socket.get());
    }
  } catch (const Error&) {  // NOLINT: the other side sees the connection end
  }
}

void FragmentProcess::ServeRun(const std::shared_ptr<Socket>& socket) {
  Outcome outcome;
  try {
    RunRequest request = DecodeRunRequest(socket->ReceiveText(kMostMessageBytes), engine_);
    const std::string query = request.query;
    const std::shared_ptr<QueryRun> run = Begin(std::move(request));
    // Who asked goes away: the query is over.
    std::thread watch([&] {
      if (!socket->WaitForMore()) run->Fail(Error(Condition::OPERATION_CANCELED, {}), true);
    });
    outcome = run->Wait();
    End(query);
    try {
      socket->SendText(EncodeOutcome(outcome));
    } catch (const Error&) {  // NOLINT: nobody wants to know
    }
    watch.join();
    return;
  } catch (const Error& error) {
    outcome.error = std::make_shared<Error>(error);
  }
  socket->SendText(EncodeOutcome(outcome));
}

std::shared_ptr<QueryRun> FragmentProcess::Begin(RunRequest request) {
  const std::string query = request.query;
  auto run = std::make_shared<QueryRun>(std::move(request), engine_, token_);
  {
    std::lock_guard lock(mutex_);
    CENTELLA_CHECK(!closing_ && runs_.emplace(query, run).second, "a query that can't begin here");
  }
  changed_.notify_all();
  run->Start();
  return run;
}

void FragmentProcess::End(const std::string& query) {
  std::lock_guard lock(mutex_);
  runs_.erase(query);
}

std::shared_ptr<QueryRun> FragmentProcess::Find(const std::string& query) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kLongestHeadStart, [&] { return closing_ || runs_.contains(query); });
  const auto found = runs_.find(query);
  return found == runs_.end() ? nullptr : found->second;
}

// One other process's part of the query.
void FragmentProcess::Ask(QueryRun* run, RunRequest request, int port, Outcome* outcome) {
  try {
    const std::shared_ptr<Socket> socket = ConnectToPort(port);
    socket->SendText(EncodeGreeting({token_, request.query, -1, 0}));
    socket->SendText(EncodeRunRequest(request));
    run->BreakWhenFailed(socket, true);
    *outcome = DecodeOutcome(socket->ReceiveText(kMostMessageBytes));
  } catch (const Error& error) {
    // The process is gone, and nobody will tell more.
    outcome->error = std::make_shared<Error>(error);
    outcome->lost = false;
  }
  if (outcome->error != nullptr) run->Fail(*outcome->error, outcome->lost);
}

std::vector<Batch> FragmentProcess::Run(const std::vector<Fragment>& fragments, const QueryContextPtr& context,
                                        const std::vector<int>& peers, std::vector<ProcessReport>* reports) {
  RunRequest request;
  request.query = NewQueryId();
  request.ports = {port()};
  request.ports.insert(request.ports.end(), peers.begin(), peers.end());
  request.context = context;
  request.fragments = fragments;
  const std::shared_ptr<QueryRun> run = Begin(request);
  std::vector<Outcome> outcomes(request.ports.size());
  std::vector<std::thread> asking;
  for (size_t process = 1; process < request.ports.size(); ++process) {
    request.process = static_cast<int32_t>(process);
    asking.emplace_back([this, &run, &outcomes, request, process] {
      Ask(run.get(), request, static_cast<int>(request.ports[process]), &outcomes[process]);
    });
  }
  outcomes[0] = run->Wait();
  for (std::thread& thread : asking) thread.join();
  End(request.query);
  // What the others had to say may have come last.
  const Outcome last = run->Wait();
  if (last.error != nullptr) Raise(last.error->condition(), last.error->parameters(), last.error->contexts());
  for (const Outcome& outcome : outcomes) {
    if (reports != nullptr) reports->push_back(outcome.report);
  }
  return run->TakeRows();
}

}  // namespace centella
