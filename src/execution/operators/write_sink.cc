// The sink of df.write.
#include "execution/operators/write_sink.h"

#include <atomic>

namespace centella {
namespace {

class WriteState final : public SinkState {
 public:
  WriteState(WriteJob* job, std::atomic<bool>* wrote) : job_(*job), wrote_(*wrote) {}

  void BeginMorsel(const Morsel& morsel) override {
    if (writer_ != nullptr && morsel.partition != partition_) Finish();
    partition_ = morsel.partition;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    // A partition without rows makes no file, as in Spark.
    if (writer_ == nullptr) {
      writer_ = job_.NewTask(partition_);
      wrote_.store(true, std::memory_order_relaxed);
    }
    writer_->Write(Compact(std::move(input)));
    return SinkResult::kNeedMore;
  }

  void Finish() {
    if (writer_ != nullptr) writer_->Finish();
    writer_.reset();
  }

 private:
  WriteJob& job_;
  std::atomic<bool>& wrote_;
  int32_t partition_ = 0;
  std::unique_ptr<TaskWriter> writer_;
};

class WriteSink final : public Sink {
 public:
  explicit WriteSink(std::shared_ptr<WriteJob> job) : job_(std::move(job)) {}
  std::unique_ptr<SinkState> NewState() override { return std::make_unique<WriteState>(job_.get(), &wrote_); }
  void Combine(SinkState& state) override { static_cast<WriteState&>(state).Finish(); }
  void Finish() override {
    // No rows at all: one file that holds the schema.
    if (!wrote_.load(std::memory_order_relaxed)) job_->NewTask(0)->Finish();
  }

 private:
  std::shared_ptr<WriteJob> job_;
  std::atomic<bool> wrote_{false};
};

}  // namespace

std::shared_ptr<Sink> MakeWriteSink(std::shared_ptr<WriteJob> job) { return std::make_shared<WriteSink>(std::move(job)); }

}  // namespace centella
