// Which combinations of keys one task has seen, a bit for each: grouping without aggregates (DISTINCT, and what is below
// count(DISTINCT …)) then drops most rows before it hashes anything.
#pragma once

#include <memory>
#include <vector>

#include "vector/vector.h"

namespace centella {

// For integers from a narrow range and strings of which there are few. It may forget what it has seen: a row is then told to
// be new once more.
class SeenKeys {
 public:
  explicit SeenKeys(MemoryBudget* budget) : reservation_(budget) {}
  // Notes the keys' first `rows` rows. True: `fresh` are those that weren't seen before, ascending. False: it can't tell.
  bool Note(const std::vector<VectorPtr>& keys, int64_t rows, std::vector<int32_t>* fresh);
  void Forget();

 private:
  // The values of one key as numbers below 2^bits; NULL is 0.
  struct Key {
    int bits = 0;
    int64_t least = 0;            // of integers: value - least + 1
    std::vector<uint32_t> slots;  // of strings: an open table of numbers
    std::vector<StringView> strings;
    std::vector<uint64_t> hashes;  // of strings, by number
    StringHeap heap;
    VectorPtr dictionary;  // whose entries have `entry_codes`
    std::vector<uint32_t> entry_codes;
    std::vector<uint32_t> codes;  // of the rows of this batch
  };
  static constexpr int kMaxBits = 26;
  static constexpr int64_t kMaxStrings = 1 << 16;
  static constexpr int64_t kMaxStringBytes = 4 << 20;
  static constexpr int kMaxRestarts = 32;
  static constexpr int64_t kTrialRows = 1 << 20;

  // Gives each row its number; false when the key isn't one of those.
  bool Encode(const VectorPtr& vector, int64_t rows, Key* key);
  bool EncodeFlat(const VectorPtr& vector, int64_t rows, Key* key, uint32_t* codes);
  static bool EncodeIntegers(const Vector& vector, int64_t rows, Key* key, uint32_t* codes);
  bool EncodeStrings(const VectorPtr& vector, int64_t rows, Key* key, uint32_t* codes);
  static uint32_t Number(const StringView& value, uint64_t hash, Key* key);
  static void Widen(Key* key);
  int64_t Bytes() const;
  bool MakeRoom();
  void Mark(int64_t rows, std::vector<int32_t>* fresh);
  void GiveUp();

  MemoryReservation reservation_;
  std::vector<Key> keys_;
  std::vector<uint64_t> seen_;  // bits; empty: not begun
  std::vector<uint64_t> hashes_;
  bool gave_up_ = false;
  int restarts_ = 0;
  int64_t noted_ = 0;                         // rows in all
  int64_t trial_rows_ = 0, trial_fresh_ = 0;  // of the last so many
};

}  // namespace centella
