// The order of rows by their sort keys: keys are packed into bits, those sorted by radix, and what they leave open is packed again
// within the rows that tie.
#include "execution/operators/sorted_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <numeric>

namespace centella {
namespace {

constexpr int64_t kInsertedRows = 16;   // so few are sorted by insertion
constexpr int64_t kComparedRows = 256;  // so few by comparing bits, more by radix
constexpr int64_t kPackedRows = 8;      // so few are compared by their columns at once
constexpr int kMostRounds = 64;         // of packing within ties; long texts may need as many as they have bytes

class RowSorter {
 public:
  RowSorter(const std::vector<VectorPtr>& columns, const std::vector<SortKey>& keys, const Cancellation& cancellation)
      : columns_(columns), keys_(keys), comparisons_(cancellation) {}

  // Sorts entries that agree in the keys before `first_key`; ties stay as they are.
  void Sort(PackedEntry* begin, PackedEntry* end, size_t first_key = 0, int round = 0) {
    if (end - begin < 2) return;
    if (end - begin <= kPackedRows || round == kMostRounds) return SortByColumns(begin, end, first_key);
    const PackedKeys packed = Pack(begin, end, first_key);
    const size_t decided = first_key + packed.decided();
    if (packed.bits() == 0) {
      if (decided < keys_.size()) SortByColumns(begin, end, decided);
      return;
    }
    SortByBits(begin, end, 0, packed.bits());
    if (decided < keys_.size()) SortTies(begin, end, decided, round + 1);
  }

  // Leaves the `limit` first in front, in the order that they came in.
  void Select(std::vector<PackedEntry>* entries, int64_t limit) {
    const PackedKeys packed = Pack(entries->data(), entries->data() + entries->size(), 0);
    const size_t decided = packed.decided();
    std::nth_element(entries->begin(), entries->begin() + limit, entries->end(),
                     [&](const PackedEntry& a, const PackedEntry& b) {
                       comparisons_.Pass();
                       if (!a.BitsEqual(b)) return a.BitsBefore(b);
                       const int order = CompareKeys(columns_, a.row, columns_, b.row, keys_, decided);
                       return order != 0 ? order < 0 : a.row < b.row;
                     });
    entries->resize(limit);
    std::sort(entries->begin(), entries->end(),
              [](const PackedEntry& a, const PackedEntry& b) { return a.row < b.row; });
  }

 private:
  // Packs the keys from `first_key` on as far as bits go.
  PackedKeys Pack(PackedEntry* begin, PackedEntry* end, size_t first_key) {
    PackedKeys packed;
    std::vector<const Vector*> columns;
    for (size_t k = first_key; k < keys_.size(); ++k) {
      const Vector& column = *columns_[k];
      const KeyRange range = KeyRange::Find(column, begin, end - begin, &comparisons_);
      if (!packed.Add(keys_[k], column.physical(), range)) break;
      columns.push_back(&column);
    }
    packed.Pack(columns.data(), begin, end - begin);
    return packed;
  }

  void SortByColumns(PackedEntry* begin, PackedEntry* end, size_t first_key) {
    std::sort(begin, end, [&](const PackedEntry& a, const PackedEntry& b) {
      comparisons_.Pass();
      const int order = CompareKeys(columns_, a.row, columns_, b.row, keys_, first_key);
      return order != 0 ? order < 0 : a.row < b.row;
    });
  }

  // Sorts what ties in all bits, which decide the keys before `decided`.
  void SortTies(PackedEntry* begin, PackedEntry* end, size_t decided, int round) {
    for (PackedEntry* tie = begin; tie != end;) {
      PackedEntry* after = tie + 1;
      while (after != end && after->BitsEqual(*tie)) ++after;
      if (after - tie > 1) Sort(tie, after, decided, round);
      tie = after;
    }
  }

  // Sorts entries that agree in the first `from` of `bits` bits: by as many of the next as should tell most rows apart, then what
  // still ties by the rest.
  void SortByBits(PackedEntry* begin, PackedEntry* end, int from, int bits) {
    const int64_t n = end - begin;
    comparisons_.Pass(n);
    if (n <= kInsertedRows) return SortByInsertion(begin, end);
    if (n < kComparedRows) {
      std::sort(begin, end, [](const PackedEntry& a, const PackedEntry& b) {
        return a.BitsEqual(b) ? a.row < b.row : a.BitsBefore(b);
      });
      return;
    }
    const int wanted = std::min(bits - from, static_cast<int>(std::bit_width(static_cast<uint64_t>(n))) + 4);
    const int digits = (wanted + 7) / 8;
    RadixSort(begin, end, from, digits);
    const int next = from + 8 * digits;
    if (next >= bits) return;
    for (PackedEntry* tie = begin; tie != end;) {
      const uint64_t window = Window(*tie, from) >> (64 - 8 * digits);
      PackedEntry* after = tie + 1;
      while (after != end && Window(*after, from) >> (64 - 8 * digits) == window) ++after;
      if (after - tie > 1) SortByBits(tie, after, next, bits);
      tie = after;
    }
  }

  static void SortByInsertion(PackedEntry* begin, PackedEntry* end) {
    for (PackedEntry* each = begin + 1; each < end; ++each) {
      const PackedEntry moved = *each;
      PackedEntry* to = each;
      for (; to != begin && moved.BitsBefore(to[-1]); --to) *to = to[-1];
      *to = moved;
    }
  }

  // 64 bits of the key from bit `from` on, zeros beyond its end.
  static uint64_t Window(const PackedEntry& entry, int from) {
    const uint64_t low = uint64_t{entry.low} << 32;
    if (from == 0) return entry.high;
    return from < 64 ? entry.high << from | low >> (64 - from) : low << (from - 64);
  }

  // Stable, by `digits` bytes from bit `from` on: the last of them first, leaving out those in which all agree.
  void RadixSort(PackedEntry* begin, PackedEntry* end, int from, int digits) {
    constexpr int kMostDigits = 8;
    const auto n = static_cast<size_t>(end - begin);
    std::array<std::array<uint32_t, 256>, kMostDigits> counts;
    for (int d = 0; d < digits; ++d) counts[d].fill(0);
    InBlocks(n, [&](size_t first, size_t last) {
      for (size_t i = first; i < last; ++i) {
        const uint64_t window = Window(begin[i], from);
        for (int d = 0; d < digits; ++d) ++counts[d][(window >> (56 - 8 * d)) & 255];
      }
    });
    if (scratch_size_ < n) {
      scratch_ = std::make_unique_for_overwrite<PackedEntry[]>(n);
      scratch_size_ = n;
    }
    PackedEntry* source = begin;
    PackedEntry* target = scratch_.get();
    for (int d = digits - 1; d >= 0; --d) {
      std::array<uint32_t, 256>& next = counts[d];
      const int shift = 56 - 8 * d;
      if (next[(Window(*source, from) >> shift) & 255] == n) continue;
      std::exclusive_scan(next.begin(), next.end(), next.begin(), 0u);
      InBlocks(n, [&](size_t first, size_t last) {
        for (size_t i = first; i < last; ++i) target[next[(Window(source[i], from) >> shift) & 255]++] = source[i];
      });
      std::swap(source, target);
    }
    if (source != begin) std::copy_n(source, n, begin);
  }

  // Runs body(first, last) over [0, n), and looks around now and then.
  template <typename Body>
  void InBlocks(size_t n, Body&& body) {
    constexpr size_t kBlock = 64 << 10;
    for (size_t first = 0; first < n; first += kBlock) {
      const size_t last = std::min(n, first + kBlock);
      comparisons_.Pass(static_cast<int64_t>(last - first));
      body(first, last);
    }
  }

  const std::vector<VectorPtr>& columns_;
  const std::vector<SortKey>& keys_;
  CancellationPoint comparisons_;
  std::unique_ptr<PackedEntry[]> scratch_;
  size_t scratch_size_ = 0;
};

int CompareKey(const Vector& a, int64_t i, const Vector& b, int64_t j, const SortKey& key) {
  const bool a_null = a.IsNull(i), b_null = b.IsNull(j);
  if (a_null || b_null) {
    const int order = static_cast<int>(b_null) - static_cast<int>(a_null);  // nulls first
    return key.nulls_first ? order : -order;
  }
  const int order = CompareValues(a, i, b, j);
  return key.ascending ? order : -order;
}

}  // namespace

int CompareKeys(const std::vector<VectorPtr>& a, int64_t i, const std::vector<VectorPtr>& b, int64_t j,
                const std::vector<SortKey>& keys, size_t first) {
  for (size_t k = first; k < keys.size(); ++k) {
    const int order = CompareKey(*a[k], i, *b[k], j, keys[k]);
    if (order != 0) return order;
  }
  return 0;
}

std::vector<VectorPtr> KeyColumns(const Batch& batch, const std::vector<SortKey>& keys) {
  std::vector<VectorPtr> columns;
  for (const SortKey& key : keys) columns.push_back(Flatten(batch.columns[key.column]));
  return columns;
}

std::vector<int32_t> SortedOrder(const Batch& batch, const std::vector<SortKey>& keys, int64_t limit,
                                 const Cancellation& cancellation) {
  const std::vector<VectorPtr> columns = KeyColumns(batch, keys);
  RowSorter sorter(columns, keys, cancellation);
  std::vector<PackedEntry> entries(batch.rows);
  for (int64_t i = 0; i < batch.rows; ++i) entries[i].row = static_cast<uint32_t>(i);
  if (limit >= 0 && limit < batch.rows) sorter.Select(&entries, limit);
  sorter.Sort(entries.data(), entries.data() + entries.size());
  std::vector<int32_t> order(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) order[i] = static_cast<int32_t>(entries[i].row);
  return order;
}

}  // namespace centella
