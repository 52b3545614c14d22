// Runtime filters of hash joins.
#include "execution/operators/join_filter.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "execution/hashing.h"
#include "execution/integers.h"
#include "execution/operators/join_table.h"

namespace centella {
namespace {

constexpr int64_t kMaxBitmapBits = int64_t{1} << 26;  // 8 MiB

// Three bits of a block, from bits of the hash that don't choose the block.
uint64_t BloomMask(uint64_t hash) {
  return (uint64_t{1} << (hash & 63)) | (uint64_t{1} << ((hash >> 6) & 63)) | (uint64_t{1} << ((hash >> 12) & 63));
}

// How many blocks a Bloom filter of so many rows has.
uint64_t BloomBlocks(int64_t rows) { return std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(rows / 5, 64))); }

// How many bits a bitmap of all integers between the two has; 0: too many.
uint64_t BitmapBits(int64_t least, int64_t greatest) {
  const uint64_t distance = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  return distance < static_cast<uint64_t>(kMaxBitmapBits) ? distance + 1 : 0;
}

}  // namespace

void JoinRuntimeFilter::Build(const RowLayout& layout, size_t column,
                              const std::vector<const std::vector<std::byte*>*>& chunks, int64_t rows, bool only_key,
                              const Cancellation& cancellation) {
  const PhysicalType type = layout.types()[column]->physical();
  const size_t offset = layout.column_offset(column);
  integers_ = IsInteger(type);
  if (integers_) {
    for (const auto* chunk : chunks) {
      cancellation.ThrowIfCancelled();
      for (const std::byte* row : *chunk) {
        if (layout.IsNull(row, column)) continue;
        const int64_t value = LoadInteger(type, row + offset);
        min_ = empty_ ? value : std::min(min_, value);
        max_ = empty_ ? value : std::max(max_, value);
        empty_ = false;
      }
    }
    const uint64_t range = BitmapBits(min_, max_);
    if (!empty_ && range != 0 && range <= static_cast<uint64_t>(rows) * 64 + 4096) {
      bitmap_.assign((range + 63) / 64, 0);
      for (const auto* chunk : chunks) {
        cancellation.ThrowIfCancelled();
        for (const std::byte* row : *chunk) {
          if (layout.IsNull(row, column)) continue;
          const uint64_t bit = static_cast<uint64_t>(LoadInteger(type, row + offset) - min_);
          bitmap_[bit >> 6] |= uint64_t{1} << (bit & 63);
        }
      }
      ready_.store(true, std::memory_order_release);
      return;
    }
  }
  bloom_.assign(BloomBlocks(rows), 0);
  std::vector<const std::byte*> pointers;
  std::vector<uint64_t> hashes;
  for (const auto* chunk : chunks) {
    if (only_key) {
      for (const std::byte* row : *chunk) AddToBloom(RowHash(row));
      empty_ = empty_ && chunk->empty();
      continue;
    }
    for (size_t at = 0; at < chunk->size(); at += kVectorSize) {
      cancellation.ThrowIfCancelled();
      const int64_t n = std::min<int64_t>(kVectorSize, chunk->size() - at);
      pointers.assign(chunk->begin() + at, chunk->begin() + at + n);
      const VectorPtr values = GatherColumn(layout, column, pointers.data(), n, nullptr);
      hashes.resize(n);
      HashRows({&values, 1}, n, hashes.data());
      for (uint64_t hash : hashes) AddToBloom(hash);
      empty_ = false;
    }
  }
  ready_.store(true, std::memory_order_release);
}

int64_t JoinRuntimeFilter::BytesOfColumns(int64_t least, int64_t greatest, int64_t rows) {
  const uint64_t bits = BitmapBits(least, greatest);
  return static_cast<int64_t>(bits != 0 ? (bits + 63) / 64 : BloomBlocks(rows)) * 8;
}

void JoinRuntimeFilter::Build(const std::vector<JoinColumns>& batches, int64_t least, int64_t greatest, int64_t rows,
                              const Cancellation& cancellation) {
  integers_ = true;
  empty_ = false;
  min_ = least;
  max_ = greatest;
  const uint64_t range = BitmapBits(least, greatest);
  if (range == 0) {
    bloom_.assign(BloomBlocks(rows), 0);
    std::vector<uint64_t> hashes;
    for (const JoinColumns& batch : batches) {
      cancellation.ThrowIfCancelled();
      hashes.resize(batch.rows);
      HashRows({batch.columns.data(), 1}, batch.rows, hashes.data());
      for (uint64_t hash : hashes) AddToBloom(hash);
    }
    ready_.store(true, std::memory_order_release);
    return;
  }
  bitmap_.assign((range + 63) / 64, 0);
  uint64_t* bits = bitmap_.data();
  for (const JoinColumns& batch : batches) {
    cancellation.ThrowIfCancelled();
    ForEachInteger(*batch.columns[0], batch.rows, [bits, least](int64_t, int64_t value) {
      const uint64_t bit = static_cast<uint64_t>(value) - static_cast<uint64_t>(least);
      bits[bit >> 6] |= uint64_t{1} << (bit & 63);
    });
  }
  ready_.store(true, std::memory_order_release);
}

std::optional<std::pair<int64_t, int64_t>> JoinRuntimeFilter::Range() const {
  if (!integers_) return std::nullopt;
  // An empty build side matches nothing: a range that no value is in.
  if (empty_) return std::make_pair(int64_t{1}, int64_t{0});
  return std::make_pair(min_, max_);
}

void JoinRuntimeFilter::AddToBloom(uint64_t hash) { bloom_[(hash >> 20) & (bloom_.size() - 1)] |= BloomMask(hash); }

bool JoinRuntimeFilter::MayContain(uint64_t hash) const {
  const uint64_t mask = BloomMask(hash);
  return (bloom_[(hash >> 20) & (bloom_.size() - 1)] & mask) == mask;
}

void JoinRuntimeFilter::TestEntries(const Vector& flat, std::vector<uint8_t>* passes) const {
  const int64_t n = flat.size();
  passes->assign(n, 0);
  if (empty_) return;
  if (!bitmap_.empty()) {
    const uint64_t range = static_cast<uint64_t>(max_ - min_);
    ForEachInteger(flat, n, [&](int64_t i, int64_t value) {
      const uint64_t bit = static_cast<uint64_t>(value) - static_cast<uint64_t>(min_);
      (*passes)[i] = bit <= range && ((bitmap_[bit >> 6] >> (bit & 63)) & 1);
    });
  } else {
    std::vector<uint64_t> hashes(n);
    const VectorPtr unowned(std::shared_ptr<void>(), &flat);
    HashRows({&unowned, 1}, n, hashes.data());
    for (int64_t i = 0; i < n; ++i) (*passes)[i] = MayContain(hashes[i]);
  }
  if (flat.validity() == nullptr) return;
  for (int64_t i = 0; i < n; ++i) {
    if (!BitIsSet(flat.validity(), i)) (*passes)[i] = 0;
  }
}

SelectionPtr JoinRuntimeFilter::Select(const Vector& values, const SelectionPtr& rows) const {
  const VectorPtr unowned(std::shared_ptr<void>(), &values);
  DecodedVector decoded(values);
  std::vector<uint8_t> passes;
  const bool per_entry = !values.is_flat() && decoded.base().size() <= values.size();
  if (per_entry) {
    TestEntries(decoded.base(), &passes);
  } else {
    TestEntries(*Flatten(unowned), &passes);
  }
  auto selected = std::make_shared<Selection>();
  auto keep = [&](int32_t row) {
    if (per_entry && decoded.IsNull(row)) return false;
    return passes[per_entry ? decoded.index(row) : row] != 0;
  };
  if (rows != nullptr) {
    for (int32_t row : *rows) {
      if (keep(row)) selected->push_back(row);
    }
  } else {
    for (int32_t row = 0; row < values.size(); ++row) {
      if (keep(row)) selected->push_back(row);
    }
  }
  return selected;
}

}  // namespace centella
