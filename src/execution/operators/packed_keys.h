// Sort keys packed into 96 bits: of each key column only the bits in which its values differ.
//
// What values there are is looked at first (KeyRange); a number then takes as many bits as its range, a text those that follow
// the beginning that all share. Most keys fit whole, so that comparing two rows is comparing two numbers that lie beside the
// row's own; where they don't fit, equal bits say nothing and the columns are compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/query_context.h"
#include "execution/operators/sort_keys.h"

namespace centella {

// A row with the bits of its key, the first of them highest.
struct PackedEntry {
  uint64_t high;
  uint32_t low;
  uint32_t row;

  // Whether the bits alone say that the row comes before the other.
  bool BitsBefore(const PackedEntry& other) const { return high != other.high ? high < other.high : low < other.low; }
  bool BitsEqual(const PackedEntry& other) const { return high == other.high && low == other.low; }
};

// Which values one flat key column has in some rows.
struct KeyRange {
  bool any_null = false, any_value = false;
  unsigned __int128 least = 0, most = 0;  // numbers, as unsigned ones of the same order
  std::string beginning;                  // texts: what all begin with
  uint32_t shortest = 0, longest = 0;     // texts: bytes
  // Texts: bits that are set, and that aren't, in some byte of the first kMeasuredBytes after the beginning.
  uint8_t bits_set = 0, bits_clear = 0;
  static constexpr uint32_t kMeasuredBytes = 24;

  // Of `n` rows: those of `entries`, or the first ones when there are none. Raises when cancelled.
  static KeyRange Find(const Vector& column, const PackedEntry* entries, int64_t n, CancellationPoint* cancellation);
  void Merge(const KeyRange& other);
};

// How keys become bits. For rows within the ranges that it was made of, fewer bits mean an earlier row, and equal bits equal
// values in the first `decided` keys.
class PackedKeys {
 public:
  // Adds the next key; false, and nothing is changed, when what was added leaves no room or doesn't decide.
  bool Add(const SortKey& key, PhysicalType type, const KeyRange& range);
  int bits() const { return bits_; }
  // Leading keys that the bits decide wholly.
  size_t decided() const { return decided_; }
  // Writes the bits of `n` entries whose rows are set. `columns`: one for each key that was added, flat.
  void Pack(const Vector* const* columns, PackedEntry* entries, int64_t n) const;

 private:
  enum class Kind : uint8_t { kNull, kNumber, kText, kLength };
  struct Field {
    Kind kind;
    size_t column = 0;
    bool descending = false;
    bool null_is_one = false;     // kNull
    int begin = 0, width = 0;     // within the 96 bits
    int drop = 0;                 // low bits that have no room
    unsigned __int128 least = 0;  // kNumber; also the most, for descending order
    unsigned __int128 most = 0;
    uint32_t offset = 0, bytes = 0;  // kText: up to eight bytes from there on,
    int bits_of_byte = 8;            // of each the lower ones, the others being the same in all
    uint32_t shortest = 0, longest = 0;
  };

  bool full() const { return bits_ >= kMostBits; }
  // Appends a field of `width` bits; false when some of them had no room.
  bool Append(Field field, int width);
  bool AddNumber(Field field, const KeyRange& range);
  bool AddText(Field field, const KeyRange& range);
  static void PackField(const Field& field, const Vector& column, PackedEntry* entries, int64_t n);

  static constexpr int kMostBits = 96;
  std::vector<Field> fields_;
  int bits_ = 0;
  size_t columns_ = 0;
  size_t decided_ = 0;
};

}  // namespace centella
