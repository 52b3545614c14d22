// The probe side of a hash join, row by row in order: pairs, residual condition, unmatched rows, output.
#pragma once

#include <memory>
#include <vector>

#include "execution/operators/hash_join.h"
#include "execution/operators/join_table.h"

namespace centella {

// What is known of the build side when it is complete.
struct BuildFacts {
  int64_t rows = 0;
  bool has_null_key = false;
  // Range of the first key, when it's an integer and any row has one.
  bool has_range = false;
  int64_t least = 0, greatest = 0;
  void Add(const BuildFacts& other);
};

// A HashJoinSpec turned to probe and build sides.
struct JoinProbePlan {
  std::vector<int> probe_keys, build_keys;  // columns of the sides
  std::vector<int> build_columns;           // build columns that are stored: keys first
  std::shared_ptr<const RowLayout> layout;
  std::vector<int> build_slot;  // build column -> position in the layout, or -1
  // Output, in order: from the probe side (column) or the build side (position in the layout).
  struct Output {
    bool from_build;
    int index;
  };
  std::vector<Output> output;
  std::vector<TypePtr> probe_types, build_types;
  bool build_left = false;
  std::shared_ptr<const CompiledExpressions> residual;
  // What happens with probe rows …
  enum class ProbeRows : uint8_t { kPairs, kPairsOrNull, kMatched, kUnmatched, kExistence, kNone };
  ProbeRows probe_rows = ProbeRows::kPairs;
  bool probe_rows_need_match = true;  // rows without a partner never reach the output
  // … and with build rows after probing.
  bool keeps_build_rows = false;
  bool emit_matched_build_rows = false;  // semi joins that build on the kept side; else the unmatched ones
  bool null_aware_anti = false;
  // Pairs by one integer, for which the build rows can stay columns (as long as the keys' range turns out narrow).
  bool ByOneInteger(const std::vector<bool>& null_safe) const;
  // Of the build rows only their existence counts.
  bool existence_only() const {
    return residual == nullptr && !keeps_build_rows && probe_rows != ProbeRows::kPairs &&
           probe_rows != ProbeRows::kPairsOrNull;
  }
};
JoinProbePlan MakeJoinProbePlan(const HashJoinSpec& spec);

// One probe batch at a time: Start, then Next until false; it may give empty batches.
class JoinProbeCursor {
 public:
  JoinProbeCursor(const JoinProbePlan& plan, const JoinTable& table, const BuildFacts& facts, BufferPtr anchor,
                  const QueryContext& context, int32_t partition);
  void Start(Batch batch);
  bool Next(Batch* batch);

 private:
  // Where each row has at most one partner that counts, all of a batch is decided at once.
  void DecideSimple();
  void KeepExisting(bool wanted);
  // Of a table with slot columns whose keys repeat: the next pairs of this batch.
  bool NextBySlot(Batch* batch);
  // A candidate: probe row with a build row (null: none), and whether it is the row's last.
  void CollectPairs();
  void TestResidual();
  void Decide();
  bool EmitChosen(Batch* batch);

  const JoinProbePlan& plan_;
  const JoinTable& table_;
  const BuildFacts& facts_;
  BufferPtr anchor_;
  const QueryContext& context_;
  std::unique_ptr<ExpressionExecutor> residual_;
  Batch input_;
  std::vector<std::byte*> heads_;
  std::vector<uint8_t> exists_;
  std::vector<int32_t> out_slots_;                 // of a table with slot columns, instead of build rows
  std::vector<int32_t> found_rows_, found_slots_;  // where keys repeat: rows and their slots, before they become pairs
  int64_t found_ = 0;
  int32_t place_ = 0;  // of the next pair, within the slot of row_
  bool by_slot_ = false;
  JoinTable::Scratch scratch_;
  bool simple_ = false;
  int64_t row_ = 0;             // next probe row
  std::byte* chain_ = nullptr;  // rest of the current row's chain
  bool in_row_ = false;
  bool first_only_ = false;
  bool row_matched_ = false;
  // candidates of this round
  std::vector<int32_t> pair_rows_;
  std::vector<std::byte*> pair_build_;
  std::vector<uint8_t> pair_last_, pair_passes_;
  // chosen output of this round: the first kept_ of each (of all input rows, out_rows_ isn't filled)
  int64_t kept_ = 0;
  std::vector<int32_t> out_rows_;
  std::vector<std::byte*> out_build_;
  std::vector<uint8_t> out_exists_;
};

// The build rows that the join type keeps, once probing is over.
class UnmatchedBuildRows {
 public:
  UnmatchedBuildRows(const JoinProbePlan& plan, const std::vector<std::byte*>* rows, size_t begin, size_t end,
                     BufferPtr anchor, const QueryContext& context)
      : plan_(plan), rows_(rows), next_(begin), end_(end), anchor_(std::move(anchor)), context_(context) {}
  bool Next(Batch* batch);

 private:
  const JoinProbePlan& plan_;
  const std::vector<std::byte*>* rows_;
  size_t next_, end_;
  BufferPtr anchor_;
  const QueryContext& context_;
};

}  // namespace centella
