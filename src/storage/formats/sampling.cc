// Spark samples lines: seed 1 plus the partition's number, a random number a line.
#include "storage/formats/sampling.h"

#include "storage/file_table.h"
#include "storage/formats/text_blocks.h"

namespace centella {

RecordSample::RecordSample(const std::vector<DataFile>& files, double ratio, bool lines, const QueryContext& context)
    : ratio_(ratio) {
  if (ratio_ >= 1) {
    for (size_t i = 0; i < files.size(); ++i) slices_.push_back({static_cast<int>(i), 0, files[i].size});
    return;
  }
  if (!lines) RaiseUnsupported("the option samplingRatio below 1 together with multiLine");
  std::vector<int> chosen;
  std::vector<bool> splittable;
  for (size_t i = 0; i < files.size(); ++i) {
    chosen.push_back(static_cast<int>(i));
    splittable.push_back(!IsCompressedName(files[i].path));
  }
  int number = 0;
  for (const std::vector<FileSlice>& partition : AssignPartitions(files, chosen, splittable, context)) {
    for (const FileSlice& slice : partition) {
      slices_.push_back(slice);
      partitions_.push_back(number);
    }
    ++number;
  }
}

bool RecordSample::Takes(const FileSlice& slice) {
  if (ratio_ >= 1) return true;
  const int partition = partitions_[static_cast<size_t>(&slice - slices_.data())];
  if (partition != partition_) random_.emplace(1 + partition);
  partition_ = partition;
  return random_->NextDouble() < ratio_;
}

}  // namespace centella
