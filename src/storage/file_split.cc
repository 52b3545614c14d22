// Spark's assignment of files to partitions.
#include <algorithm>

#include "storage/file_table.h"

namespace centella {
namespace {

// "128MB", "4194304b", "1g": a size of the configuration in bytes.
int64_t SizeSetting(const QueryContext& context, std::string_view key, int64_t default_bytes) {
  const auto text = context.config.Get(key);
  if (!text || text->empty()) return default_bytes;
  size_t digits = 0;
  int64_t value = 0;
  while (digits < text->size() && (*text)[digits] >= '0' && (*text)[digits] <= '9') {
    if (__builtin_mul_overflow(value, int64_t{10}, &value) ||
        __builtin_add_overflow(value, int64_t{(*text)[digits] - '0'}, &value)) {
      return default_bytes;
    }
    ++digits;
  }
  if (digits == 0) return default_bytes;
  const char unit = digits < text->size() ? static_cast<char>(std::tolower((*text)[digits])) : 'b';
  const int shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : unit == 't' ? 40 : 0;
  int64_t bytes;
  return __builtin_mul_overflow(value, int64_t{1} << shift, &bytes) ? default_bytes : bytes;
}

}  // namespace

std::vector<std::vector<FileSlice>> AssignPartitions(const std::vector<DataFile>& files, const std::vector<int>& chosen,
                                                     const std::vector<bool>& splittable, const QueryContext& context) {
  const int64_t most = std::max<int64_t>(1, SizeSetting(context, "spark.sql.files.maxPartitionBytes", 128 << 20));
  const int64_t open_cost = SizeSetting(context, "spark.sql.files.openCostInBytes", 4 << 20);
  int64_t cores = std::max(1, context.default_parallelism);
  if (const auto least = context.config.Get("spark.sql.files.minPartitionNum")) {
    cores = std::max<int64_t>(1, std::strtoll(least->c_str(), nullptr, 10));
  }
  int64_t total = 0;
  for (const int file : chosen) total += files[file].size + open_cost;
  const int64_t split_bytes = std::min(most, std::max(open_cost, total / cores));

  std::vector<FileSlice> slices;
  for (const int file : chosen) {
    const int64_t size = files[file].size;
    if (!splittable[file]) {
      slices.push_back({file, 0, size});
      continue;
    }
    const int64_t step = std::max<int64_t>(1, split_bytes);
    for (int64_t offset = 0; offset < size; offset += step) {
      slices.push_back({file, offset, std::min(step, size - offset)});
    }
  }
  std::stable_sort(slices.begin(), slices.end(),
                   [](const FileSlice& a, const FileSlice& b) { return a.length > b.length; });
  std::vector<std::vector<FileSlice>> partitions;
  int64_t filled = 0;
  for (const FileSlice& slice : slices) {
    if (partitions.empty() || filled + slice.length > split_bytes) {
      partitions.emplace_back();
      filled = 0;
    }
    filled += slice.length + open_cost;
    partitions.back().push_back(slice);
  }
  return partitions;
}

}  // namespace centella
