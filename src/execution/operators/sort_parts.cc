// Sorting in memory: runs cut into parts, each sorted by itself.
#include "execution/operators/sort_parts.h"

#include <algorithm>
#include <numeric>

namespace centella {
namespace {

constexpr int64_t kPartRows = 1 << 16;  // a part's keys and order fit a core's own cache
constexpr int64_t kMostParts = 256;     // as a byte counts
constexpr int64_t kSamplesOfPart = 16;  // so that parts are about equal
constexpr int64_t kPackedRows = 4096;   // so many keys are packed at a time
constexpr int kBucketBits = 12;

// A number that looks random and depends on `n` only.
uint64_t Scrambled(uint64_t n) {
  n = (n + 1) * 0x9e3779b97f4a7c15ULL;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ULL;
  return n ^ (n >> 27);
}

// Texts gathered from all over their heap, next to each other; as they are when many share bytes.
VectorPtr WithTextsInOrder(VectorPtr column) {
  const HeapUse use = HeapUse::Of(*column);
  return use.held > 0 && use.used <= use.held ? CopyCompact(*column) : column;
}

// Adds the heaps of a column and its children; how many of their bytes it uses.
int64_t CollectHeaps(const Vector& column, std::vector<BufferPtr>* heaps) {
  heaps->insert(heaps->end(), column.heaps().begin(), column.heaps().end());
  int64_t used = HeapUse::Of(column).used;
  for (const VectorPtr& child : column.children()) used += CollectHeaps(*child, heaps);
  return used;
}

// The same flat column with one heap, which owns those that it had.
VectorPtr WithHeap(const VectorPtr& column, const BufferPtr& heap) {
  if (!column->is_flat()) return column;
  std::vector<VectorPtr> children;
  for (const VectorPtr& child : column->children()) children.push_back(WithHeap(child, heap));
  std::vector<BufferPtr> heaps;
  if (!column->heaps().empty()) heaps.push_back(heap);
  return Vector::WrapFlat(column->type(), column->size(), column->data_buffer(), column->validity_buffer(),
                          std::move(heaps), std::move(children));
}

// Concat of columns with one heap that owns those of all: to search the heaps of many runs for each other's, and to take them
// along with each batch, would cost more the more runs there are. It counts what is used of them: the runs hold the rest.
VectorPtr ConcatWithOneHeap(std::vector<VectorPtr> columns) {
  auto heaps = std::make_shared<std::vector<BufferPtr>>();
  int64_t used = 0;
  for (const VectorPtr& column : columns) used += CollectHeaps(*column, heaps.get());
  if (!heaps->empty()) {
    const BufferPtr heap = Buffer::Wrap(nullptr, used, std::move(heaps));
    for (VectorPtr& column : columns) column = WithHeap(column, heap);
  }
  return Concat(columns);
}

// Without heaps, which the runs hold.
int64_t BytesOfRows(const Vector& column) {
  int64_t bytes = 0;
  if (column.data_buffer() != nullptr) bytes += column.data_buffer()->size();
  if (column.validity_buffer() != nullptr) bytes += column.validity_buffer()->size();
  for (const VectorPtr& child : column.children()) bytes += BytesOfRows(*child);
  return bytes;
}

class PartReader final : public MorselReader {
 public:
  // `bytes`: of the rows, as far as the runs don't hold them.
  PartReader(const SortSpec& spec, const QueryContext& context, Batch rows, int64_t bytes, int64_t skip)
      : batch_size_(context.batch_size), rows_(std::move(rows)), position_(skip), reservation_(context.memory.get()) {
    reservation_.ForceGrowTo(bytes + rows_.rows * kSortingBytes);
    order_ = SortedOrder(rows_, spec.keys, -1, *context.cancellation);
    reservation_.ShrinkTo(bytes + rows_.rows * static_cast<int64_t>(sizeof(int32_t)));
  }

  ReadState Next(Batch* batch, EventPtr*) override {
    if (position_ >= rows_.rows) return ReadState::kFinished;
    const int64_t n = std::min(batch_size_, rows_.rows - position_);
    batch->rows = n;
    batch->selection = nullptr;
    batch->columns.clear();
    for (const VectorPtr& column : rows_.columns)
      batch->columns.push_back(Gather(column, order_.data() + position_, n));
    position_ += n;
    return ReadState::kBatch;
  }

 private:
  int64_t batch_size_;
  Batch rows_;
  int64_t position_;
  MemoryReservation reservation_;
  std::vector<int32_t> order_;
};

}  // namespace

SortParts::SortParts(SortOperator::Shared* shared, size_t first, size_t last)
    : shared_(shared), first_(first), last_(last) {
  int64_t rows = 0;
  for (size_t r = first; r < last; ++r) rows += shared_->runs[r].count;
  const int64_t parts = std::clamp<int64_t>(rows / kPartRows, 1, kMostParts);
  if (parts == 1) return;
  const std::vector<SortKey>& keys = shared_->spec.keys;
  for (size_t k = 0; k < keys.size(); ++k) {
    KeyRange range = shared_->runs[first].ranges[k];
    for (size_t r = first + 1; r < last; ++r) range.Merge(shared_->runs[r].ranges[k]);
    const PhysicalType type = shared_->runs[first].rows.columns[keys[k].column]->physical();
    if (!packed_.Add(keys[k], type, range)) break;
  }
  std::vector<Splitter> taken;
  Sample(rows, std::max<int64_t>(1, rows / (parts * kSamplesOfPart)), &taken);
  const auto samples = static_cast<int64_t>(taken.size());
  for (int64_t p = 1; p < parts; ++p) splitters_.push_back(taken[p * samples / parts]);
  buckets_.assign((size_t{1} << kBucketBits) + 1, 0);
  for (const Splitter& splitter : splitters_) ++buckets_[(splitter.key.high >> (64 - kBucketBits)) + 1];
  std::inclusive_scan(buckets_.begin(), buckets_.end(), buckets_.begin());
}

// Takes a row of every `stride` ones, sorted.
void SortParts::Sample(int64_t rows, int64_t stride, std::vector<Splitter>* taken) {
  std::vector<Splitter> unsorted;
  const std::vector<SortKey>& keys = shared_->spec.keys;
  std::vector<std::vector<VectorPtr>> pieces(keys.size());
  std::vector<int32_t> chosen;
  size_t run = first_;
  int64_t begin = 0;  // of the run
  const auto gather = [&] {
    if (chosen.empty()) return;
    const std::vector<VectorPtr> columns = KeyColumns(shared_->runs[run].rows, keys);
    const auto n = static_cast<int64_t>(chosen.size());
    for (size_t k = 0; k < keys.size(); ++k) pieces[k].push_back(Gather(columns[k], chosen.data(), n));
    chosen.clear();
  };
  for (int64_t at = 0; at + stride <= rows; at += stride) {
    // Anywhere within the stride: data that repeats itself must not be met at the same place always.
    const int64_t row = at + static_cast<int64_t>(Scrambled(static_cast<uint64_t>(at)) % static_cast<uint64_t>(stride));
    while (row - begin >= shared_->runs[run].count) {
      gather();
      begin += shared_->runs[run++].count;
    }
    chosen.push_back(static_cast<int32_t>(row - begin));
    unsorted.push_back({{}, run, row - begin});
  }
  gather();
  Batch sampled;
  sampled.rows = static_cast<int64_t>(unsorted.size());
  std::vector<SortKey> sample_keys = keys;
  std::vector<const Vector*> columns;
  for (size_t k = 0; k < keys.size(); ++k) {
    sample_.push_back(Flatten(Concat(pieces[k])));
    sample_keys[k].column = static_cast<int>(k);
    columns.push_back(sample_.back().get());
  }
  sampled.columns = sample_;
  const std::vector<int32_t> order = SortedOrder(sampled, sample_keys, -1, *shared_->context->cancellation);
  std::vector<PackedEntry> entries(order.size());
  for (size_t i = 0; i < order.size(); ++i) entries[i].row = static_cast<uint32_t>(order[i]);
  packed_.Pack(columns.data(), entries.data(), sampled.rows);
  for (const PackedEntry& entry : entries) {
    taken->push_back(unsorted[entry.row]);
    taken->back().key = entry;
  }
}

int32_t SortParts::partition() const { return shared_->runs[first_].place.partition; }

// Whether a row comes before the one that a part begins with. Equal keys go by their places.
bool SortParts::Below(const PackedEntry& entry, size_t run, const std::vector<VectorPtr>& columns,
                      const Splitter& splitter) const {
  if (!entry.BitsEqual(splitter.key)) return entry.BitsBefore(splitter.key);
  const int order = CompareKeys(columns, entry.row, sample_, splitter.key.row, shared_->spec.keys, packed_.decided());
  if (order != 0) return order < 0;
  return run != splitter.run ? run < splitter.run : static_cast<int64_t>(entry.row) < splitter.row;
}

size_t SortParts::PartOf(const PackedEntry& entry, size_t run, const std::vector<VectorPtr>& columns) const {
  // Where the splitters with the same first bits lie; mostly there are none, or one.
  const size_t bucket = entry.high >> (64 - kBucketBits);
  size_t part = buckets_[bucket];
  const size_t end = buckets_[bucket + 1];
  if (part == end) return part;
  const auto high_before = [](const Splitter& splitter, uint64_t high) { return splitter.key.high < high; };
  const auto from = splitters_.begin() + static_cast<int64_t>(part);
  const auto found = std::lower_bound(from, splitters_.begin() + static_cast<int64_t>(end), entry.high, high_before);
  part = static_cast<size_t>(found - splitters_.begin());
  if (part == end || found->key.high != entry.high) return part;
  const auto first_after = std::partition_point(
      found, splitters_.end(), [&](const Splitter& splitter) { return !Below(entry, run, columns, splitter); });
  return static_cast<size_t>(first_after - splitters_.begin());
}

// The part of each row of a run, and how many of each there are.
std::vector<uint8_t> SortParts::PartsOfRows(size_t run, int64_t* counts) const {
  const SortRun& each = shared_->runs[run];
  const std::vector<VectorPtr> columns = KeyColumns(each.rows, shared_->spec.keys);
  std::vector<const Vector*> packed;
  for (const VectorPtr& column : columns) packed.push_back(column.get());
  std::vector<uint8_t> parts(each.count);
  std::vector<PackedEntry> entries(std::min<int64_t>(each.count, kPackedRows));
  for (int64_t begin = 0; begin < each.count; begin += kPackedRows) {
    shared_->context->cancellation->ThrowIfCancelled();
    const int64_t n = std::min<int64_t>(kPackedRows, each.count - begin);
    for (int64_t i = 0; i < n; ++i) entries[i].row = static_cast<uint32_t>(begin + i);
    packed_.Pack(packed.data(), entries.data(), n);
    for (int64_t i = 0; i < n; ++i) {
      const size_t part = PartOf(entries[i], run, columns);
      parts[begin + i] = static_cast<uint8_t>(part);
      ++counts[part];
    }
  }
  return parts;
}

void SortParts::Group(size_t run) const {
  SortRun& each = shared_->runs[run];
  if (splitters_.empty()) {
    each.part_begins = {0, each.count};
    return;
  }
  std::vector<int64_t> next(size() + 1, 0);
  const std::vector<uint8_t> parts = PartsOfRows(run, next.data() + 1);
  std::inclusive_scan(next.begin(), next.end(), next.begin());
  each.part_begins = next;
  std::vector<int32_t> order(each.count);
  for (int64_t i = 0; i < each.count; ++i) order[next[parts[i]]++] = static_cast<int32_t>(i);
  for (VectorPtr& column : each.rows.columns) {
    shared_->context->cancellation->ThrowIfCancelled();
    column = WithTextsInOrder(Gather(column, order.data(), each.count));
  }
}

int64_t SortParts::RowsOf(size_t part) const {
  int64_t rows = 0;
  for (size_t r = first_; r < last_; ++r) {
    const std::vector<int64_t>& begins = shared_->runs[r].part_begins;
    rows += begins[part + 1] - begins[part];
  }
  return rows;
}

std::unique_ptr<MorselReader> SortParts::Open(size_t part, int64_t skip) const {
  Batch rows;
  rows.rows = RowsOf(part);
  int64_t bytes = 0;
  for (size_t c = 0; c < shared_->spec.types.size(); ++c) {
    std::vector<VectorPtr> slices;
    for (size_t r = first_; r < last_; ++r) {
      const SortRun& run = shared_->runs[r];
      const int64_t begin = run.part_begins[part], n = run.part_begins[part + 1] - begin;
      if (n > 0) slices.push_back(Slice(run.rows.columns[c], begin, n));
    }
    if (slices.size() == 1) {
      rows.columns.push_back(slices[0]);
      continue;
    }
    rows.columns.push_back(ConcatWithOneHeap(std::move(slices)));
    bytes += BytesOfRows(*rows.columns.back());
  }
  // One after the other they are in the order of their places, so that ties stay so.
  return std::make_unique<PartReader>(shared_->spec, *shared_->context, std::move(rows), bytes, skip);
}

}  // namespace centella
