// Numbers in steps: spark.range, and tables of them in tests.
#include <algorithm>

#include "execution/operator_registry.h"
#include "execution/operator_samples.h"

namespace centella {
namespace {

struct PhysicalRange final : NodeOf<PhysicalRange, PhysicalPlan, PhysicalKind::kRange> {
  int64_t start = 0, end = 0, step = 1, partitions = 1;
  void VisitFields(FieldVisitor& v) override {
    v.Field("start", start);
    v.Field("end", end);
    v.Field("step", step);
    v.Field("partitions", partitions);
  }
};

// start, start + step, … before `end`, in `partitions` slices as Spark cuts them.
class RangeSource final : public Source {
 public:
  RangeSource(int64_t start, int64_t end, int64_t step, int32_t partitions, int64_t batch_size)
      : start_(start), step_(step), partitions_(std::max(1, partitions)), batch_size_(batch_size) {
    // Number of values, without overflow.
    const int128_t span = static_cast<int128_t>(end) - start;
    if ((step > 0 && span > 0) || (step < 0 && span < 0)) {
      const int128_t magnitude = span < 0 ? -span : span;
      const int128_t stride = step < 0 ? -static_cast<int128_t>(step) : static_cast<int128_t>(step);
      count_ = (magnitude + stride - 1) / stride;
    }
  }
  int32_t partitions() const override { return partitions_; }
  std::vector<Morsel> Morsels() override {
    std::vector<Morsel> morsels;
    for (int32_t partition = 0; partition < partitions_; ++partition) {
      const int64_t begin = static_cast<int64_t>(count_ * partition / partitions_);
      const int64_t end = static_cast<int64_t>(count_ * (partition + 1) / partitions_);
      const int64_t rows = std::max(kMorselRows, static_cast<int64_t>(count_ / kMorsels) + 1);
      int64_t sequence = 0;  // a small number: sinks shift it to number the parts of a morsel
      for (int64_t at = begin; at < end; at += std::min(rows, end - at)) {
        morsels.push_back({partition, sequence++, at, std::min(rows, end - at)});
      }
    }
    return morsels;
  }
  std::unique_ptr<MorselReader> Open(const Morsel& morsel) override {
    return std::make_unique<Reader>(*this, morsel.id, morsel.rows_estimate);
  }

 private:
  static constexpr int64_t kMorselRows = 1 << 18;
  static constexpr int64_t kMorsels = 1 << 14;  // and one more in each partition at most: 10^18 rows are cheap to begin

  struct Reader final : MorselReader {
    Reader(const RangeSource& s, int64_t first, int64_t n) : source(s), next(first), end(first + n) {}
    ReadState Next(Batch* batch, EventPtr*) override {
      if (next >= end) return ReadState::kFinished;
      const int64_t n = std::min(source.batch_size_, end - next);
      MutableVectorPtr values = Vector::MakeFlat(types::Long(), n);
      int64_t* out = values->mutable_data<int64_t>();
      for (int64_t i = 0; i < n; ++i) {
        out[i] = static_cast<int64_t>(source.start_ + static_cast<int128_t>(next + i) * source.step_);
      }
      next += n;
      batch->rows = n;
      batch->selection = nullptr;
      batch->columns = {values};
      return ReadState::kBatch;
    }
    const RangeSource& source;
    int64_t next, end;
  };

  int64_t start_, step_;
  int32_t partitions_;
  int64_t batch_size_;
  int128_t count_ = 0;
};

Planned PlanRange(const PlanPtr& plan, Planner& planner) {
  const Range& range = To<Range>(plan);
  auto node = NewNode<PhysicalRange>(range.output, {});
  node->start = range.start;
  node->end = range.end;
  node->step = range.step;
  node->partitions = range.partitions > 0 ? range.partitions : planner.context()->default_parallelism;
  return {node, range.output};
}

Built BuildRange(const PhysicalRange& range, PipelineBuilder& builder) {
  return builder.FromShared(std::make_shared<RangeSource>(
      range.start, range.end, range.step, static_cast<int32_t>(range.partitions), builder.context()->batch_size));
}

void CheckRange(const PhysicalRange& range, const PlanCheck& check) {
  check.Children(range, 0);
  check.Demand(range.step != 0, range, "has a step of 0");
  check.Partitions(range, range.partitions);
  check.Width(range, 1);
}

std::string LineOf(const PhysicalRange& range) {
  return "Range (" + std::to_string(range.start) + ", " + std::to_string(range.end) +
         ", step=" + std::to_string(range.step) + ", splits=" + std::to_string(range.partitions) + ")";
}

std::vector<PhysicalPtr> SampleRange() {
  auto range = samples::NodeOver<PhysicalRange>({{"id", types::Long(), false, ""}}, {});
  range->start = -7;
  range->end = 1000;
  range->step = 3;
  range->partitions = 4;
  return {range};
}

}  // namespace

OperatorDeclaration operators::DeclareRange() {
  return OperatorOf<PhysicalRange>()
      .Plans(PlanKind::kRange, PlanRange)
      .Builds(BuildRange)
      .Checks(CheckRange)
      .Shows(LineOf)
      .Samples(SampleRange);
}

}  // namespace centella
