// Grouping rows.
#include "execution/grouper.h"

#include <algorithm>
#include <cstring>

#include "execution/hashing.h"
#include "execution/integers.h"

namespace centella {

// ---- states -------------------------------------------------------------------------------------------------------

GroupStates::GroupStates(const HashAggregateSpec& spec) {
  size_t trailer = 0;
  for (const AggregateSpec& aggregate : spec.aggregates) {
    functions_.push_back(aggregate.function);
    offsets_.push_back(trailer);
    trailer += (aggregate.function->state_size() + 7) / 8 * 8;
  }
  layout_ = std::make_shared<RowLayout>(spec.key_types, 8, trailer);
  fresh_.resize(trailer);
  for (size_t k = 0; k < functions_.size(); ++k) {
    functions_[k]->Init(fresh_.data() + offsets_[k]);
    offsets_[k] += layout_->trailer_offset();
  }
}

void GroupStates::Init(std::byte* const* rows, int64_t n) const {
  if (fresh_.empty()) return;
  // A new state owns nothing yet, so its bytes can be copied.
  for (int64_t i = 0; i < n; ++i) std::memcpy(rows[i] + layout_->trailer_offset(), fresh_.data(), fresh_.size());
}

void GroupStates::Destroy(const std::vector<std::byte*>& rows) const {
  for (size_t k = 0; k < functions_.size(); ++k) {
    if (!functions_[k]->needs_destroy()) continue;
    for (std::byte* row : rows) functions_[k]->Destroy(row + offsets_[k]);
  }
}

int64_t GroupStates::HeapBytes(const std::vector<std::byte*>& rows) const {
  int64_t bytes = 0;
  for (size_t k = 0; k < functions_.size(); ++k) {
    if (!functions_[k]->needs_destroy()) continue;
    for (std::byte* row : rows) bytes += functions_[k]->HeapBytes(row + offsets_[k]);
  }
  return bytes;
}

// ---- small keys ---------------------------------------------------------------------------------------------------

namespace {

// Calls f with the column's data as its integer type; false when it is neither an integer of up to 64 bits nor a boolean.
template <typename F>
bool WithIntegers(const Vector& vector, F&& f) {
  const PhysicalType type = vector.physical() == PhysicalType::kBool ? PhysicalType::kInt8 : vector.physical();
  return WithIntegerType(type, [&](auto kind) { f(vector.data<decltype(kind)>()); });
}

}  // namespace

bool SmallKeyGroups::Fit(const Vector& vector, int64_t rows, Key* key, bool* changed) {
  if (vector.is_constant()) return true;  // one combination, as long as the constant is the same: see Prepare
  if (vector.is_dictionary()) {
    if (vector.validity() != nullptr || vector.base()->size() > 4 * rows) return false;
    if (key->dictionary != vector.base()) {
      *key = {vector.base(), 0, vector.base()->size()};
      *changed = true;
    }
    return true;
  }
  int64_t least = 0, greatest = 0;
  const bool integers = WithIntegers(vector, [&](const auto* data) {
    auto low = data[0], high = data[0];
    for (int64_t i = 1; i < rows; ++i) {
      low = std::min(low, data[i]);
      high = std::max(high, data[i]);
    }
    least = low;
    greatest = high;
  });
  if (!integers) return false;
  const bool anew = key->dictionary != nullptr || key->size == 1;
  if (!anew && least >= key->least && greatest < key->least + key->size - 1) return true;
  if (!anew) {
    least = std::min(least, key->least);
    greatest = std::max(greatest, key->least + key->size - 2);
  }
  // Compared as unsigned: the distance between two 64-bit integers may not fit a signed one.
  const uint64_t distance = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  if (distance >= static_cast<uint64_t>(kMaxCombinations)) return false;
  *key = {nullptr, least, static_cast<int64_t>(distance) + 2};
  *changed = true;
  return true;
}

void SmallKeyGroups::AddCodes(const Vector& vector, int64_t rows, const Key& key) {
  if (vector.is_constant()) return;
  const int32_t size = static_cast<int32_t>(key.size);
  if (vector.is_dictionary()) {
    const int32_t* codes = vector.codes();
    for (int64_t i = 0; i < rows; ++i) codes_[i] = codes_[i] * size + codes[i];
    return;
  }
  const uint8_t* validity = vector.validity();
  WithIntegers(vector, [&](const auto* data) {
    if (validity == nullptr) {
      for (int64_t i = 0; i < rows; ++i) codes_[i] = codes_[i] * size + static_cast<int32_t>(data[i] - key.least);
      return;
    }
    for (int64_t i = 0; i < rows; ++i) {
      codes_[i] = codes_[i] * size + (BitIsSet(validity, i) ? static_cast<int32_t>(data[i] - key.least) : size - 1);
    }
  });
}

bool SmallKeyGroups::Prepare(const std::vector<VectorPtr>& keys, int64_t rows) {
  if (keys.empty() || rows == 0) return false;
  bool changed = keys_.size() != keys.size();
  if (changed) keys_.assign(keys.size(), Key());
  int64_t combinations = 1;
  for (size_t k = 0; k < keys.size(); ++k) {
    bool fits = Fit(*keys[k], rows, &keys_[k], &changed);
    if (fits && keys[k]->is_constant()) {
      changed = changed || keys_[k].dictionary != keys[k]->base();
      keys_[k] = {keys[k]->base(), 0, 1};
    }
    combinations *= keys_[k].size;
    if (!fits || combinations > kMaxCombinations) {
      Forget();
      return false;
    }
  }
  if (changed) groups_.assign(combinations, nullptr);
  codes_.assign(rows, 0);
  for (size_t k = 0; k < keys.size(); ++k) AddCodes(*keys[k], rows, keys_[k]);
  return true;
}

// ---- the grouper --------------------------------------------------------------------------------------------------

Grouper::Grouper(const HashAggregateSpec& spec, const GroupStates& states)
    : spec_(spec), states_of_(states), table_(states.layout(), spec.keys.size()) {}

void Grouper::Add(const Batch& batch, const uint64_t* hashes) {
  created_groups_.clear();
  if (batch.rows == 0) return;
  if (spec_.keys.empty()) return UpdateSingle(batch);
  std::vector<VectorPtr> keys;
  for (int key : spec_.keys) keys.push_back(batch.columns[key]);
  rows_.resize(batch.rows);
  FindGroups(keys, batch.rows, hashes);
  UpdateGroups(batch);
}

std::shared_ptr<RowStore> Grouper::Take() {
  small_.Forget();
  single_ = nullptr;
  return table_.TakeStore();
}

void Grouper::UpdateSingle(const Batch& batch) {
  if (single_ == nullptr) {
    single_ = table_.store()->AllocateOne();
    RowHash(single_) = 0;
    states_of_.Init(&single_, 1);
    created_groups_.push_back(single_);
  }
  for (size_t k = 0; k < spec_.aggregates.size(); ++k) {
    const AggregateSpec& aggregate = spec_.aggregates[k];
    int64_t rows = batch.rows;
    std::vector<VectorPtr> args = Arguments(aggregate, batch, &rows);
    if (rows > 0) aggregate.function->UpdateOne(args, rows, single_ + states_of_.offset(k));
  }
}

void Grouper::FindGroups(const std::vector<VectorPtr>& keys, int64_t rows, const uint64_t* hashes) {
  if (hashes != nullptr || !small_.Prepare(keys, rows)) {
    FindByHash(keys, rows, hashes, rows_.data());
    return;
  }
  // Look up each new combination once, in order of first appearance.
  std::vector<std::byte*>& groups = small_.groups();
  const std::vector<int32_t>& codes = small_.codes();
  missing_.clear();
  for (int64_t i = 0; i < rows; ++i) {
    if (groups[codes[i]] == nullptr) {
      groups[codes[i]] = reinterpret_cast<std::byte*>(1);  // seen in this batch
      missing_.push_back(static_cast<int32_t>(i));
    }
  }
  if (!missing_.empty()) {
    const int64_t n = static_cast<int64_t>(missing_.size());
    std::vector<VectorPtr> some;
    for (const VectorPtr& key : keys) some.push_back(Gather(key, missing_.data(), n));
    std::vector<std::byte*> found(n);
    FindByHash(some, n, nullptr, found.data());
    for (int64_t k = 0; k < n; ++k) groups[codes[missing_[k]]] = found[k];
  }
  for (int64_t i = 0; i < rows; ++i) rows_[i] = groups[codes[i]];
}

void Grouper::FindByHash(const std::vector<VectorPtr>& keys, int64_t n, const uint64_t* hashes, std::byte** rows) {
  if (hashes == nullptr) {
    hashes_.resize(n);
    HashRows(keys, n, hashes_.data());
    hashes = hashes_.data();
  }
  created_.clear();
  table_.FindOrCreate(keys, hashes, n, rows, &created_);
  if (created_.empty()) return;
  created_groups_.resize(created_.size());
  for (size_t k = 0; k < created_.size(); ++k) created_groups_[k] = rows[created_[k]];
  states_of_.Init(created_groups_.data(), static_cast<int64_t>(created_.size()));
}

// The aggregate's arguments, reduced to the rows that pass its filter.
std::vector<VectorPtr> Grouper::Arguments(const AggregateSpec& aggregate, const Batch& batch, int64_t* rows) {
  std::vector<VectorPtr> args;
  for (int arg : aggregate.args) args.push_back(batch.columns[arg]);
  if (aggregate.filter >= 0) {
    passing_.clear();
    DecodedVector filter(*batch.columns[aggregate.filter]);
    for (int64_t i = 0; i < batch.rows; ++i) {
      if (!filter.IsNull(i) && filter.Value<uint8_t>(i) != 0) passing_.push_back(static_cast<int32_t>(i));
    }
    *rows = static_cast<int64_t>(passing_.size());
    for (VectorPtr& arg : args) arg = Gather(arg, passing_.data(), *rows);
  }
  for (VectorPtr& arg : args) {
    if (arg->is_dictionary()) arg = Flatten(arg);
  }
  return args;
}

void Grouper::UpdateGroups(const Batch& batch) {
  for (size_t k = 0; k < spec_.aggregates.size(); ++k) {
    const AggregateSpec& aggregate = spec_.aggregates[k];
    const size_t offset = states_of_.offset(k);
    int64_t rows = batch.rows;
    std::vector<VectorPtr> args = Arguments(aggregate, batch, &rows);
    states_.resize(rows);
    if (aggregate.filter >= 0) {
      for (int64_t i = 0; i < rows; ++i) states_[i] = rows_[passing_[i]] + offset;
    } else {
      for (int64_t i = 0; i < rows; ++i) states_[i] = rows_[i] + offset;
    }
    if (rows > 0) aggregate.function->Update(args, rows, states_.data());
  }
}

}  // namespace centella
