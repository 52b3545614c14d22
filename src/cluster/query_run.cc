// What one process does for one query.
#include "cluster/query_run.h"

#include <algorithm>

#include "cluster/rows_stream.h"
#include "plan/byte_stream.h"

namespace centella {
namespace {

[[noreturn]] void RaiseCancelled() { Raise(Condition::OPERATION_CANCELED); }

}  // namespace

std::string EncodeGreeting(const Greeting& greeting) {
  ByteWriter out;
  out.Text(greeting.token);
  out.Text(greeting.query);
  out.Signed(greeting.fragment);
  out.Signed(greeting.from);
  return out.Take();
}

Greeting DecodeGreeting(std::string_view bytes) {
  ByteReader in(bytes);
  Greeting greeting;
  greeting.token = in.Text();
  greeting.query = in.Text();
  greeting.fragment = in.Signed();
  greeting.from = static_cast<int32_t>(in.Signed());
  return greeting;
}

// The rows of a fragment that some fragment here reads: kept within memory, on disk beyond.
struct QueryRun::Input {
  TypePtr schema;
  std::shared_ptr<Exchange> exchange;
  std::shared_ptr<Sink> sink;
  // Under the run's mutex:
  std::set<int32_t> missing;  // processes whose rows aren't all here
  bool ready = false;         // all are, and arranged
};

// Where an instance's rows go.
class QueryRun::Destination {
 public:
  virtual ~Destination() = default;
  virtual void Write(const Batch& batch) = 0;
  virtual void Finish() = 0;
};

// Into an input of this process.
class QueryRun::LocalRows final : public Destination {
 public:
  LocalRows(QueryRun* run, Input* input, int32_t from)
      : run_(*run), input_(*input), from_(from), state_(input->sink->NewState()) {}
  void Write(const Batch& given) override {
    if (!open_ || given.place != place_) {
      EndMorsel();
      place_ = given.place;
      open_ = true;
      // Two instances may have made parts of one place (a join's spilled rows): they stay apart.
      state_->BeginMorsel({place_.partition, place_.sequence * run_.processes() + from_, 0, 0});
    }
    Batch batch = given;
    state_->Consume(batch, nullptr);
  }
  void Finish() override {
    EndMorsel();
    input_.sink->Combine(*state_);
    run_.InputEnded(&input_, from_);
  }

 private:
  void EndMorsel() {
    if (open_) state_->EndMorsel(nullptr);
    open_ = false;
  }
  QueryRun& run_;
  Input& input_;
  const int32_t from_;
  std::unique_ptr<SinkState> state_;
  Place place_;
  bool open_ = false;
};

// To another process.
class QueryRun::RemoteRows final : public Destination {
 public:
  RemoteRows(QueryRun* run, const Fragment& fragment, int32_t process)
      : run_(*run), socket_(ConnectToPort(static_cast<int>(run->request_.ports[static_cast<size_t>(process)]))) {
    run_.BreakWhenFailed(socket_, false);
    socket_->SendText(EncodeGreeting({run_.token_, run_.request_.query, fragment.id, run_.request_.process}));
    writer_ = NewRowsWriter(socket_.get(), fragment.plan->schema);
  }
  void Write(const Batch& batch) override {
    rows_ += batch.live_rows();
    Sending([&] { writer_->Write(batch); });
  }
  void Finish() override {
    Sending([&] { writer_->Finish(); });
    std::lock_guard lock(run_.mutex_);
    run_.outcome_.report.rows_sent += rows_;
    run_.outcome_.report.bytes_sent += socket_->sent_bytes();
  }

 private:
  template <typename Function>
  void Sending(const Function& send) {
    try {
      send();
    } catch (const Error& error) {
      run_.Fail(error, true);
      RaiseCancelled();
    }
  }
  QueryRun& run_;
  std::shared_ptr<Socket> socket_;
  std::unique_ptr<RowsWriter> writer_;
  int64_t rows_ = 0;
};

QueryRun::QueryRun(RunRequest request, std::shared_ptr<Engine> engine, std::string token)
    : request_(std::move(request)), engine_(std::move(engine)), token_(std::move(token)) {
  for (const Fragment& fragment : request_.fragments) {
    if (fragment.plan != nullptr) MakeInputs(*fragment.plan);
  }
}

QueryRun::~QueryRun() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void QueryRun::MakeInputs(const PhysicalPlan& plan) {
  if (plan.kind() == PhysicalKind::kInput) {
    const auto& node = static_cast<const PhysicalInput&>(plan);
    CENTELLA_CHECK(node.fragment >= 0 && static_cast<size_t>(node.fragment) < request_.fragments.size(),
                   "a fragment reads one that isn't there");
    std::unique_ptr<Input>& input = inputs_[node.fragment];
    if (input == nullptr) {
      input = std::make_unique<Input>();
      input->schema = node.schema;
      input->exchange = std::make_shared<Exchange>(ExchangeKind::kKeep, static_cast<int32_t>(node.partitions),
                                                   std::vector<int>(), node.types(), request_.context);
      input->sink = input->exchange->sink();
      const Fragment& source = request_.fragments[static_cast<size_t>(node.fragment)];
      for (const int32_t process : ProcessesOf(source, processes())) input->missing.insert(process);
    }
  }
  for (const PhysicalPtr& child : plan.children) MakeInputs(*child);
}

void QueryRun::Start() {
  for (const Fragment& fragment : request_.fragments) {
    const std::vector<int32_t> where = ProcessesOf(fragment, processes());
    if (std::find(where.begin(), where.end(), request_.process) == where.end()) continue;
    threads_.emplace_back([this, &fragment] {
      try {
        RunInstance(fragment);
      } catch (const Error& error) {
        Fail(error, error.condition() == Condition::OPERATION_CANCELED);
      } catch (const std::exception& error) {
        Fail(Error(Condition::INTERNAL_ERROR, {{"message", error.what()}}), false);
      }
    });
  }
}

void QueryRun::WaitForInputs(const Fragment& fragment) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return outcome_.error != nullptr || std::all_of(fragment.inputs.begin(), fragment.inputs.end(),
                                                    [&](int64_t input) { return inputs_.at(input)->ready; });
  });
  if (outcome_.error != nullptr) RaiseCancelled();
}

std::vector<std::unique_ptr<QueryRun::Destination>> QueryRun::DestinationsOf(const Fragment& fragment) {
  std::set<int32_t> readers;
  for (const Fragment& each : request_.fragments) {
    if (std::find(each.inputs.begin(), each.inputs.end(), fragment.id) == each.inputs.end()) continue;
    for (const int32_t process : ProcessesOf(each, processes())) readers.insert(process);
  }
  std::vector<std::unique_ptr<Destination>> destinations;
  for (const int32_t process : readers) {
    if (process == request_.process) {
      destinations.push_back(std::make_unique<LocalRows>(this, inputs_.at(fragment.id).get(), process));
    } else {
      destinations.push_back(std::make_unique<RemoteRows>(this, fragment, process));
    }
  }
  return destinations;
}

void QueryRun::RunInstance(const Fragment& fragment) {
  WaitForInputs(fragment);
  const std::vector<int32_t> where = ProcessesOf(fragment, processes());
  const auto mine = std::find(where.begin(), where.end(), request_.process) - where.begin();
  FragmentPart part;
  part.instances = static_cast<int32_t>(where.size());
  // Fragments take turns in who gets the first share, for many have only one: the first fragment's is not read at home.
  part.instance = static_cast<int32_t>((mine + fragment.id + 1) % part.instances);
  part.whole_partitions = fragment.whole_partitions;
  for (const int64_t input : fragment.inputs) part.inputs[input] = inputs_.at(input)->exchange;
  const bool last = fragment.id + 1 == static_cast<int64_t>(request_.fragments.size());
  const std::vector<std::unique_ptr<Destination>> destinations = DestinationsOf(fragment);
  const std::unique_ptr<ResultStream> stream = StartFragment(fragment.plan, part, request_.context, engine_);
  Batch batch;
  while (stream->Next(&batch)) {
    for (const auto& destination : destinations) destination->Write(batch);
    if (last) rows_.push_back(std::move(batch));
  }
  for (const auto& destination : destinations) destination->Finish();
  std::lock_guard lock(mutex_);
  ++outcome_.report.fragments;
}

void QueryRun::InputEnded(Input* input, int32_t from) {
  {
    std::lock_guard lock(mutex_);
    if (input->missing.erase(from) == 0 || !input->missing.empty()) return;
  }
  input->sink->Finish();
  {
    std::lock_guard lock(mutex_);
    input->ready = true;
  }
  changed_.notify_all();
}

void QueryRun::Receive(int64_t fragment, int32_t from, Socket* socket) {
  const auto found = inputs_.find(fragment);
  CENTELLA_CHECK(found != inputs_.end(), "rows of a fragment that nobody reads here");
  {
    std::lock_guard lock(mutex_);
    CENTELLA_CHECK(found->second->missing.contains(from), "rows from a process that sent its own before");
  }
  try {
    LocalRows rows(this, found->second.get(), from);
    const std::unique_ptr<RowsReader> reader = NewRowsReader(socket, found->second->schema);
    Batch batch;
    while (reader->Next(&batch)) rows.Write(batch);
    rows.Finish();
  } catch (const Error& error) {
    Fail(error, true);
  }
}

void QueryRun::BreakWhenFailed(const std::shared_ptr<Socket>& socket, bool tells) {
  std::lock_guard lock(mutex_);
  connections_.push_back({socket, tells});
  if (outcome_.error != nullptr && !(tells && outcome_.lost)) socket->Shutdown();
}

void QueryRun::Fail(const Error& error, bool lost) {
  std::vector<std::shared_ptr<Socket>> sockets;
  {
    std::lock_guard lock(mutex_);
    if (outcome_.error == nullptr || (outcome_.lost && !lost)) {
      outcome_.error = std::make_shared<Error>(error);
      outcome_.lost = lost;
    }
    for (const Connection& each : connections_) {
      if (each.tells && outcome_.lost) continue;
      if (std::shared_ptr<Socket> socket = each.socket.lock()) sockets.push_back(std::move(socket));
    }
  }
  request_.context->cancellation->Cancel();
  for (const auto& socket : sockets) socket->Shutdown();
  changed_.notify_all();
}

Outcome QueryRun::Wait() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  std::lock_guard lock(mutex_);
  outcome_.report.rows_read = request_.context->metrics->rows_read.load();
  return outcome_;
}

}  // namespace centella
