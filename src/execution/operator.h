// Operators: what pipelines are made of. Source → Transform* → Sink.
//
// A pipeline is run by several drivers (pipeline.h). Each driver takes morsels from the source one after the other; a
// morsel's batches go through the transforms into the driver's sink state, in order. The work done for one morsel never
// depends on which driver runs it, so results are the same for any number of threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/query_context.h"
#include "plan/table.h"
#include "vector/vector.h"

namespace centella {

// ---- source -------------------------------------------------------------------------------------------------------

// Gives morsels. Immutable but for what its own documentation says; opened by many threads.
class Source {
 public:
  virtual ~Source() = default;
  // Spark's partitions of the data (at least 1).
  virtual int32_t partitions() const = 0;
  // All morsels in (partition, sequence) order. Called once, when the pipeline starts (after those it depends on).
  virtual std::vector<Morsel> Morsels() = 0;
  // A reader of one morsel; runs in the driver's thread. A reader that must wait answers kBlocked.
  virtual std::unique_ptr<MorselReader> Open(const Morsel& morsel) = 0;
};

// ---- transform ----------------------------------------------------------------------------------------------------

// A transform's state for one morsel. Protocol: Consume one batch, then Next until it answers false; after the last
// batch FinishInput, then Next until false.
class TransformState {
 public:
  virtual ~TransformState() = default;
  virtual void Consume(Batch batch) = 0;
  virtual bool Next(Batch* batch) = 0;
  virtual void FinishInput() {}
  // True when no further input can change the output (a limit is reached).
  virtual bool done() const { return false; }
};

class Transform {
 public:
  virtual ~Transform() = default;
  virtual std::unique_ptr<TransformState> NewState(const Morsel& morsel) const = 0;
};

// A transform that makes one batch of each batch: implement Apply.
class SimpleTransformState : public TransformState {
 public:
  void Consume(Batch batch) final {
    output_ = Apply(std::move(batch));
    ready_ = true;
  }
  bool Next(Batch* batch) final {
    if (!ready_) return false;
    ready_ = false;
    *batch = std::move(output_);
    return true;
  }

 protected:
  virtual Batch Apply(Batch batch) = 0;

 private:
  Batch output_;
  bool ready_ = false;
};

// ---- sink ---------------------------------------------------------------------------------------------------------

enum class SinkResult : uint8_t {
  kNeedMore,
  kDone,     // nothing more is wanted from this pipeline (a limit): drivers stop
  kBlocked,  // not taken: offer the same batch again when `*wake` is set
};

// A driver's part of a sink; one thread at a time.
class SinkState {
 public:
  virtual ~SinkState() = default;
  virtual void BeginMorsel(const Morsel&) {}
  virtual SinkResult Consume(Batch& batch, EventPtr* wake) = 0;
  // kBlocked: call again when `*wake` is set.
  virtual SinkResult EndMorsel(EventPtr*) { return SinkResult::kNeedMore; }
};

// Where a pipeline ends. Combine is called once per driver, under no lock (implementations lock); then Finish once; then the
// finish tasks run in parallel; then pipelines that depend on this one start.
class Sink {
 public:
  virtual ~Sink() = default;
  // Called before each stage, with its morsels in (partition, sequence) order, numbered on from stage to stage.
  virtual void Start(const std::vector<Morsel>&, int32_t /*partitions*/) {}
  virtual std::unique_ptr<SinkState> NewState() = 0;
  virtual void Combine(SinkState& state) = 0;
  virtual void Finish() {}
  virtual std::vector<std::function<void()>> FinishTasks() { return {}; }
};

// A source with transforms on top: what an operator subtree becomes until a sink ends it.
struct Chain {
  std::shared_ptr<Source> source;
  std::vector<std::shared_ptr<Transform>> transforms;
  // Some transform needs the rows of a partition in order, in one task.
  bool partition_order = false;
};

// Opens a chain as one reader (for unions, and for drivers).
std::unique_ptr<MorselReader> OpenChain(const Chain& chain, const Morsel& morsel);

}  // namespace centella
