// The sink of df.write.
#include "execution/operators/write_sink.h"

#include <atomic>

namespace centella {
namespace {

class WriteState final : public SinkState {
 public:
  WriteState(WriteJob* job, std::atomic<bool>* wrote, std::atomic<bool>* wrote_first)
      : job_(*job), wrote_(*wrote), wrote_first_(*wrote_first) {}

  void BeginMorsel(const Morsel& morsel) override {
    if (writer_ != nullptr && morsel.partition != partition_) Finish();
    partition_ = morsel.partition;
  }

  SinkResult Consume(Batch& input, EventPtr*) override {
    // A partition without rows makes no file, as in Spark, but for the first.
    if (writer_ == nullptr) {
      writer_ = job_.NewTask(partition_);
      wrote_.store(true, std::memory_order_relaxed);
      if (partition_ == 0) wrote_first_.store(true, std::memory_order_relaxed);
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
  std::atomic<bool>& wrote_first_;
  int32_t partition_ = 0;
  std::unique_ptr<TaskWriter> writer_;
};

class WriteSink final : public Sink {
 public:
  WriteSink(std::shared_ptr<WriteJob> job, bool in_folders) : job_(std::move(job)), in_folders_(in_folders) {}
  std::unique_ptr<SinkState> NewState() override {
    return std::make_unique<WriteState>(job_.get(), &wrote_, &wrote_first_);
  }
  void Combine(SinkState& state) override { static_cast<WriteState&>(state).Finish(); }
  void Finish() override {
    // The first partition's file is there without rows, too, and holds the schema; folders by value come with rows alone.
    const std::atomic<bool>& there = in_folders_ ? wrote_ : wrote_first_;
    if (!there.load(std::memory_order_relaxed)) job_->NewTask(0)->Finish();
  }

 private:
  std::shared_ptr<WriteJob> job_;
  const bool in_folders_;
  std::atomic<bool> wrote_{false};
  std::atomic<bool> wrote_first_{false};
};

}  // namespace

std::shared_ptr<Sink> MakeWriteSink(std::shared_ptr<WriteJob> job, bool in_folders) {
  return std::make_shared<WriteSink>(std::move(job), in_folders);
}

}  // namespace centella
