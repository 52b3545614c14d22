// Which records the inference of a schema looks at: all, or the sample that Spark would take.
#pragma once

#include <optional>
#include <vector>

#include "functions/spark_random.h"
#include "storage/file_format.h"

namespace centella {

class RecordSample {
 public:
  // `lines`: the records are lines, and files may be cut. Raises when records that aren't lines are to be sampled.
  RecordSample(const std::vector<DataFile>& files, double ratio, bool lines, const QueryContext& context);
  // What to read, in this order.
  const std::vector<FileSlice>& slices() const { return slices_; }
  // Whether the next record of `slice` (one of slices()) counts.
  bool Takes(const FileSlice& slice);

 private:
  double ratio_;
  std::vector<FileSlice> slices_;
  std::vector<int> partitions_;  // of slices_
  int partition_ = -1;           // that random_ is for
  std::optional<SparkRandom> random_;
};

}  // namespace centella
