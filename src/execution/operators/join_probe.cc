// The probe side of a hash join.
#include "execution/operators/join_probe.h"

#include <algorithm>
#include <numeric>

#include "execution/integers.h"

namespace centella {
namespace {

using ProbeRows = JoinProbePlan::ProbeRows;

// Output of the kept side's rows only (no pairs): how probe and build rows are treated for each type and build side.
void SetRowTreatment(const HashJoinSpec& spec, JoinProbePlan* plan) {
  const bool build_left = spec.build_left;
  switch (spec.type) {
    case JoinType::kInner:
    case JoinType::kCross: plan->probe_rows = ProbeRows::kPairs; return;
    case JoinType::kLeft:
    case JoinType::kRight: {
      const bool keeps_probe = (spec.type == JoinType::kLeft) != build_left;
      plan->probe_rows = keeps_probe ? ProbeRows::kPairsOrNull : ProbeRows::kPairs;
      plan->keeps_build_rows = !keeps_probe;
      break;
    }
    case JoinType::kFull:
      plan->probe_rows = ProbeRows::kPairsOrNull;
      plan->keeps_build_rows = true;
      break;
    case JoinType::kLeftSemi:
      plan->probe_rows = build_left ? ProbeRows::kNone : ProbeRows::kMatched;
      plan->keeps_build_rows = build_left;
      plan->emit_matched_build_rows = build_left;
      break;
    case JoinType::kLeftAnti:
      plan->probe_rows = build_left ? ProbeRows::kNone : ProbeRows::kUnmatched;
      plan->keeps_build_rows = build_left;
      break;
    case JoinType::kExistence:
      CENTELLA_CHECK(!build_left, "existence joins build on the right");
      plan->probe_rows = ProbeRows::kExistence;
      break;
  }
  plan->probe_rows_need_match = plan->probe_rows == ProbeRows::kPairs || plan->probe_rows == ProbeRows::kMatched ||
                                plan->probe_rows == ProbeRows::kNone;
}

}  // namespace

void BuildFacts::Add(const BuildFacts& other) {
  rows += other.rows;
  has_null_key = has_null_key || other.has_null_key;
  if (!other.has_range) return;
  least = has_range ? std::min(least, other.least) : other.least;
  greatest = has_range ? std::max(greatest, other.greatest) : other.greatest;
  has_range = true;
}

JoinProbePlan MakeJoinProbePlan(const HashJoinSpec& spec) {
  JoinProbePlan plan;
  plan.build_left = spec.build_left;
  plan.probe_keys = spec.build_left ? spec.right_keys : spec.left_keys;
  plan.build_keys = spec.build_left ? spec.left_keys : spec.right_keys;
  plan.probe_types = spec.build_left ? spec.right_types : spec.left_types;
  plan.build_types = spec.build_left ? spec.left_types : spec.right_types;
  plan.residual = spec.residual;
  plan.null_aware_anti = spec.null_aware_anti;
  // Keys first, each by itself (the same column may be key twice); then other columns that are needed.
  plan.build_columns = plan.build_keys;
  plan.build_slot.assign(plan.build_types.size(), -1);
  for (size_t k = 0; k < plan.build_keys.size(); ++k) plan.build_slot[plan.build_keys[k]] = static_cast<int>(k);
  auto store = [&plan](int column) {
    if (plan.build_slot[column] < 0) {
      plan.build_slot[column] = static_cast<int>(plan.build_columns.size());
      plan.build_columns.push_back(column);
    }
  };
  for (int column : spec.build_left ? spec.left_output : spec.right_output) store(column);
  if (spec.residual != nullptr) {
    // The residual sees all columns; which of them it uses isn't known here.
    for (size_t c = 0; c < plan.build_types.size(); ++c) store(static_cast<int>(c));
  }
  std::vector<TypePtr> types;
  for (int column : plan.build_columns) types.push_back(plan.build_types[column]);
  plan.layout = std::make_shared<RowLayout>(types, kJoinHeaderBytes, 0);
  for (int column : spec.left_output) {
    plan.output.push_back({spec.build_left, spec.build_left ? plan.build_slot[column] : column});
  }
  for (int column : spec.right_output) {
    plan.output.push_back({!spec.build_left, spec.build_left ? column : plan.build_slot[column]});
  }
  SetRowTreatment(spec, &plan);
  return plan;
}

bool JoinProbePlan::ByOneInteger(const std::vector<bool>& null_safe) const {
  if (build_keys.size() != 1 || null_safe[0] || residual != nullptr || keeps_build_rows) return false;
  return IsInteger(layout->types()[0]->physical()) &&
         std::all_of(layout->types().begin(), layout->types().end(),
                     [](const TypePtr& type) { return !type->is_nested() && ValueWidth(type->physical()) > 0; });
}

JoinProbeCursor::JoinProbeCursor(const JoinProbePlan& plan, const JoinTable& table, const BuildFacts& facts,
                                 BufferPtr anchor, const QueryContext& context, int32_t partition)
    : plan_(plan), table_(table), facts_(facts), anchor_(std::move(anchor)), context_(context) {
  first_only_ = plan.existence_only();
  simple_ = plan.residual == nullptr && !plan.keeps_build_rows && (first_only_ || !table.has_duplicates());
  by_slot_ = !first_only_ && table.has_slot_columns();
  if (plan.residual != nullptr) residual_ = std::make_unique<ExpressionExecutor>(plan.residual, partition);
}

void JoinProbeCursor::Start(Batch batch) {
  input_ = std::move(batch);
  row_ = 0;
  in_row_ = false;
  std::vector<VectorPtr> keys;
  for (int key : plan_.probe_keys) keys.push_back(input_.columns[key]);
  if (table_.existence_only()) {
    exists_.resize(input_.rows);
    table_.Exists(keys[0], input_.rows, exists_.data());
    return;
  }
  if (by_slot_ && table_.starts() != nullptr) {
    const bool all = plan_.probe_rows == ProbeRows::kPairsOrNull;
    found_slots_.resize(input_.rows);
    found_rows_.resize(input_.rows);
    if (all) {
      table_.FindSlots(keys[0], input_.rows, found_slots_.data());
      std::iota(found_rows_.begin(), found_rows_.end(), 0);
    }
    found_ = all ? input_.rows : table_.SelectSlots(keys[0], input_.rows, found_rows_.data(), found_slots_.data());
    place_ = 0;
    return;
  }
  if (by_slot_) {
    out_slots_.resize(input_.rows);
    if (plan_.probe_rows == ProbeRows::kPairsOrNull) {
      table_.FindSlots(keys[0], input_.rows, out_slots_.data());
    } else {
      out_rows_.resize(input_.rows);
      kept_ = table_.SelectSlots(keys[0], input_.rows, out_rows_.data(), out_slots_.data());
    }
    return;
  }
  heads_.resize(input_.rows);
  table_.Find(keys, input_.rows, heads_.data(), &scratch_);
  if (!first_only_) return;
  exists_.resize(input_.rows);
  for (int64_t i = 0; i < input_.rows; ++i) exists_[i] = heads_[i] != nullptr;
}

// NOT IN is unknown when the list has a NULL or the value is one; then no row of an anti join is kept.
void JoinProbeCursor::KeepExisting(bool wanted) {
  const bool null_aware = !wanted && plan_.null_aware_anti && facts_.rows > 0;
  kept_ = 0;
  if (null_aware && facts_.has_null_key) return;
  out_rows_.resize(input_.rows);
  int32_t* rows = out_rows_.data();
  const uint8_t* exists = exists_.data();
  const auto there = static_cast<uint8_t>(wanted);
  int64_t kept = 0;
  for (int64_t i = 0; i < input_.rows; ++i) {
    rows[kept] = static_cast<int32_t>(i);
    kept += exists[i] == there;
  }
  if (null_aware) {
    kept = std::remove_if(rows, rows + kept,
                          [this](int32_t row) {
                            return std::any_of(plan_.probe_keys.begin(), plan_.probe_keys.end(),
                                               [&](int key) { return input_.columns[key]->IsNull(row); });
                          }) -
           rows;
  }
  kept_ = kept;
}

void JoinProbeCursor::DecideSimple() {
  const int64_t n = input_.rows;
  switch (plan_.probe_rows) {
    case ProbeRows::kNone: kept_ = 0; return;
    case ProbeRows::kMatched: return KeepExisting(true);
    case ProbeRows::kUnmatched: return KeepExisting(false);
    case ProbeRows::kExistence:
      out_exists_ = exists_;
      kept_ = n;
      return;
    case ProbeRows::kPairsOrNull:
      if (!by_slot_) out_build_.swap(heads_);
      kept_ = n;
      return;
    case ProbeRows::kPairs: break;
  }
  if (by_slot_) return;  // Start has selected them
  out_rows_.resize(n);
  out_build_.resize(n);
  int32_t* rows = out_rows_.data();
  std::byte** build = out_build_.data();
  int64_t kept = 0;
  for (int64_t i = 0; i < n; ++i) {
    rows[kept] = static_cast<int32_t>(i);
    build[kept] = heads_[i];
    kept += heads_[i] != nullptr;
  }
  kept_ = kept;
}

void JoinProbeCursor::CollectPairs() {
  pair_rows_.clear();
  pair_build_.clear();
  pair_last_.clear();
  const int64_t limit = context_.batch_size;
  while (row_ < input_.rows && static_cast<int64_t>(pair_rows_.size()) < limit) {
    if (!in_row_) {
      chain_ = heads_[row_];
      in_row_ = true;
    }
    std::byte* build = chain_;
    // One partner is enough where only its existence counts.
    chain_ = chain_ != nullptr && !first_only_ ? JoinNext(chain_) : nullptr;
    const bool last = chain_ == nullptr;
    pair_rows_.push_back(static_cast<int32_t>(row_));
    pair_build_.push_back(build);
    pair_last_.push_back(last);
    if (last) {
      ++row_;
      in_row_ = false;
    }
  }
}

void JoinProbeCursor::TestResidual() {
  const int64_t n = static_cast<int64_t>(pair_rows_.size());
  pair_passes_.resize(n);
  std::vector<int32_t> tested;
  for (int64_t i = 0; i < n; ++i) {
    pair_passes_[i] = pair_build_[i] != nullptr;
    if (pair_passes_[i]) tested.push_back(static_cast<int32_t>(i));
  }
  if (residual_ == nullptr || tested.empty()) return;
  std::vector<int32_t> probe_rows;
  std::vector<const std::byte*> build_rows;
  for (int32_t i : tested) {
    probe_rows.push_back(pair_rows_[i]);
    build_rows.push_back(pair_build_[i]);
  }
  const int64_t count = static_cast<int64_t>(tested.size());
  Batch pairs;
  pairs.rows = count;
  std::vector<VectorPtr> probe, build;
  for (const VectorPtr& column : input_.columns) probe.push_back(Gather(column, probe_rows.data(), count));
  for (size_t c = 0; c < plan_.build_types.size(); ++c) {
    build.push_back(GatherColumn(*plan_.layout, plan_.build_slot[c], build_rows.data(), count, anchor_));
  }
  pairs.columns = plan_.build_left ? build : probe;
  const std::vector<VectorPtr>& right = plan_.build_left ? probe : build;
  pairs.columns.insert(pairs.columns.end(), right.begin(), right.end());
  const SelectionPtr passing = residual_->Filter(0, pairs);
  if (passing == nullptr) return;
  for (int32_t i : tested) pair_passes_[i] = 0;
  for (int32_t k : *passing) pair_passes_[tested[k]] = 1;
}

// What of the candidates reaches the output, in row order.
void JoinProbeCursor::Decide() {
  out_rows_.clear();
  out_build_.clear();
  out_exists_.clear();
  const int64_t n = static_cast<int64_t>(pair_rows_.size());
  for (int64_t i = 0; i < n; ++i) {
    if (pair_passes_[i]) {
      row_matched_ = true;
      if (plan_.keeps_build_rows) SetJoinMatched(pair_build_[i]);
      if (plan_.probe_rows == ProbeRows::kPairs || plan_.probe_rows == ProbeRows::kPairsOrNull) {
        out_rows_.push_back(pair_rows_[i]);
        out_build_.push_back(pair_build_[i]);
      }
    }
    if (!pair_last_[i]) continue;
    const bool matched = row_matched_;
    row_matched_ = false;
    switch (plan_.probe_rows) {
      case ProbeRows::kPairs:
      case ProbeRows::kNone: break;
      case ProbeRows::kPairsOrNull:
        if (!matched) {
          out_rows_.push_back(pair_rows_[i]);
          out_build_.push_back(nullptr);
        }
        break;
      case ProbeRows::kMatched:
        if (matched) out_rows_.push_back(pair_rows_[i]);
        break;
      case ProbeRows::kUnmatched: {
        bool keep = !matched;
        if (plan_.null_aware_anti && keep && facts_.rows > 0) {
          keep = !facts_.has_null_key;  // as in KeepExisting
          for (int key : plan_.probe_keys) keep = keep && !input_.columns[key]->IsNull(pair_rows_[i]);
        }
        if (keep) out_rows_.push_back(pair_rows_[i]);
        break;
      }
      case ProbeRows::kExistence:
        out_rows_.push_back(pair_rows_[i]);
        out_exists_.push_back(matched);
        break;
    }
  }
}

bool JoinProbeCursor::EmitChosen(Batch* batch) {
  if (kept_ == 0) return false;
  const int64_t n = kept_;
  batch->rows = n;
  batch->selection = nullptr;
  batch->place = input_.place;
  batch->columns.clear();
  // A simple round gives each row at most once.
  const bool all_rows =
      n == input_.rows && (simple_ || (out_rows_[0] == 0 && out_rows_[n - 1] == n - 1 &&
                                       std::adjacent_find(out_rows_.begin(), out_rows_.end()) == out_rows_.end()));
  for (const JoinProbePlan::Output& output : plan_.output) {
    if (output.from_build && by_slot_) {
      batch->columns.push_back(Gather(table_.slot_column(output.index), out_slots_.data(), n));
    } else if (output.from_build) {
      batch->columns.push_back(GatherColumn(*plan_.layout, output.index, out_build_.data(), n, anchor_));
    } else if (all_rows) {
      batch->columns.push_back(input_.columns[output.index]);
    } else {
      batch->columns.push_back(Gather(input_.columns[output.index], out_rows_.data(), n));
    }
  }
  if (plan_.probe_rows == ProbeRows::kExistence) {
    MutableVectorPtr exists = Vector::MakeFlat(types::Boolean(), n);
    std::copy_n(out_exists_.begin(), n, exists->mutable_data<uint8_t>());
    batch->columns.push_back(exists);
  }
  return true;
}

bool JoinProbeCursor::NextBySlot(Batch* batch) {
  const int32_t* starts = table_.starts();
  out_rows_.clear();
  out_slots_.clear();
  while (row_ < found_ && static_cast<int64_t>(out_rows_.size()) < context_.batch_size) {
    const int32_t slot = found_slots_[row_];
    if (slot < 0) {
      out_rows_.push_back(found_rows_[row_++]);
      out_slots_.push_back(-1);
      continue;
    }
    const int32_t first = starts[slot] + place_;
    const auto room = static_cast<int32_t>(context_.batch_size - static_cast<int64_t>(out_rows_.size()));
    const int32_t n = std::min(starts[slot + 1] - first, room);
    out_rows_.insert(out_rows_.end(), n, found_rows_[row_]);
    for (int32_t k = 0; k < n; ++k) out_slots_.push_back(first + k);
    place_ += n;
    if (first + n == starts[slot + 1]) {
      ++row_;
      place_ = 0;
    }
  }
  kept_ = static_cast<int64_t>(out_rows_.size());
  return EmitChosen(batch);
}

bool JoinProbeCursor::Next(Batch* batch) {
  if (by_slot_ && table_.starts() != nullptr) return NextBySlot(batch);
  if (simple_) {
    if (row_ == input_.rows) return false;
    row_ = input_.rows;
    DecideSimple();
    return EmitChosen(batch);
  }
  if (row_ >= input_.rows && !in_row_) return false;
  CollectPairs();
  TestResidual();
  Decide();
  kept_ = static_cast<int64_t>(out_rows_.size());
  // Perhaps an empty batch: one probe row may have millions of partners that the residual drops, and between two batches
  // the driver looks for a cancellation.
  if (!EmitChosen(batch)) *batch = Batch();
  return true;
}

bool UnmatchedBuildRows::Next(Batch* batch) {
  std::vector<std::byte*> chosen;
  while (next_ < end_ && static_cast<int64_t>(chosen.size()) < context_.batch_size) {
    std::byte* row = (*rows_)[next_++];
    if (JoinMatched(row) == plan_.emit_matched_build_rows) chosen.push_back(row);
  }
  if (chosen.empty()) return false;
  const int64_t n = static_cast<int64_t>(chosen.size());
  batch->rows = n;
  batch->selection = nullptr;
  batch->columns.clear();
  for (const JoinProbePlan::Output& output : plan_.output) {
    if (output.from_build) {
      batch->columns.push_back(GatherColumn(*plan_.layout, output.index, chosen.data(), n, anchor_));
    } else {
      batch->columns.push_back(Vector::MakeNull(plan_.probe_types[output.index], n));
    }
  }
  return true;
}

}  // namespace centella
