// Grouping rows.
#include "execution/grouper.h"

#include <algorithm>
#include <cstring>

#include "execution/hashing.h"
#include "execution/integer_range.h"
#include "execution/integers.h"

namespace centella {
namespace {

// So many rows' states stay in the nearest cache while the aggregates take turns.
constexpr int64_t kTurn = 256;
// Groups that take more than this are brought nearer ahead of their turn.
constexpr int64_t kNearBytes = 128 << 10;
constexpr size_t kLineBytes = 64;

}  // namespace

// ---- states -------------------------------------------------------------------------------------------------------

GroupStates::GroupStates(const HashAggregateSpec& spec) {
  size_t trailer = 0;
  for (const AggregateSpec& aggregate : spec.aggregates) {
    functions_.push_back(aggregate.function);
    row_states_.push_back(dynamic_cast<const RowStates*>(aggregate.function.get()));
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

bool GroupStates::on_heap() const {
  return std::any_of(functions_.begin(), functions_.end(),
                     [](const auto& function) { return function->needs_destroy(); });
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

SmallKeyGroups::Fitting SmallKeyGroups::FitRange(int64_t least, int64_t greatest, Key* key) {
  const bool known = key->dictionary == nullptr && key->size > 1;
  Fitting fitting = Fitting::kAnew;
  if (known && least >= key->least) {
    if (greatest <= key->least + (key->size - 2)) return Fitting::kSame;
    fitting = Fitting::kGrown;
  }
  if (known) {
    least = std::min(least, key->least);
    greatest = std::max(greatest, key->least + (key->size - 2));
  }
  // Compared as unsigned: the distance between two 64-bit integers may not fit a signed one.
  const uint64_t distance = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  if (distance >= static_cast<uint64_t>(kMaxCombinations)) return Fitting::kNone;
  *key = {nullptr, least, static_cast<int64_t>(distance) + 2};
  return fitting;
}

SmallKeyGroups::Fitting SmallKeyGroups::Fit(const Vector& vector, int64_t rows, Key* key) {
  if (vector.is_constant()) {  // one combination, as long as the constant is the same
    const bool same = key->dictionary == vector.base();
    *key = {vector.base(), 0, 1};
    return same ? Fitting::kSame : Fitting::kAnew;
  }
  if (vector.is_dictionary()) {
    if (vector.validity() != nullptr || vector.base()->size() > 4 * rows) return Fitting::kNone;
    const bool same = key->dictionary == vector.base() && key->size == vector.base()->size();
    *key = {vector.base(), 0, vector.base()->size()};
    return same ? Fitting::kSame : Fitting::kAnew;
  }
  int64_t least = 0, greatest = 0;
  return FlatIntegerRange(vector, rows, &least, &greatest) ? FitRange(least, greatest, key) : Fitting::kNone;
}

void SmallKeyGroups::AddCodes(const Vector& vector, int64_t rows, const Key& key, bool first) {
  int32_t* out = codes_.data();
  // The first key counts most, so that codes keep their meaning when its range grows.
  auto add = [&](auto code_of) {
    if (first) {
      for (int64_t i = 0; i < rows; ++i) out[i] = code_of(i);
    } else {
      const int32_t size = static_cast<int32_t>(key.size);
      for (int64_t i = 0; i < rows; ++i) out[i] = out[i] * size + code_of(i);
    }
  };
  if (vector.is_constant()) return add([](int64_t) { return 0; });
  if (vector.is_dictionary()) {
    const int32_t* codes = vector.codes();
    return add([codes](int64_t i) { return codes[i]; });
  }
  const uint8_t* validity = vector.validity();
  WithIntegers(vector, [&](const auto* data) {
    // Codes fit 32 bits, so that the upper half of a value isn't needed.
    const uint32_t base = static_cast<uint32_t>(key.least) - 1;
    auto code = [data, base](int64_t i) { return static_cast<int32_t>(static_cast<uint32_t>(data[i]) - base); };
    if (validity == nullptr) {
      add(code);
    } else {
      add([&](int64_t i) { return BitIsSet(validity, i) ? code(i) : 0; });
    }
  });
}

// False when the keys have too many combinations. `anew`: codes don't mean what they did.
bool SmallKeyGroups::FitAll(const std::vector<VectorPtr>& keys, int64_t rows, bool* anew, int64_t* combinations) {
  if (keys_.size() != keys.size()) {
    keys_.assign(keys.size(), Key());
    *anew = true;
  }
  *combinations = 1;
  for (size_t k = 0; k < keys.size(); ++k) {
    const Fitting fitting = Fit(*keys[k], rows, &keys_[k]);
    if (fitting == Fitting::kNone) return false;
    if (fitting == Fitting::kAnew || (fitting == Fitting::kGrown && k > 0)) *anew = true;
    *combinations *= keys_[k].size;
    if (*combinations > kMaxCombinations) return false;
  }
  return true;
}

bool SmallKeyGroups::Prepare(const std::vector<VectorPtr>& keys, int64_t rows) {
  if (keys.empty() || rows == 0) return false;
  bool anew = forgotten_;
  int64_t combinations = 1;
  // An index much larger than the batch costs more than hashing its rows.
  if (!FitAll(keys, rows, &anew, &combinations) || (anew && combinations > 1024 + 64 * rows)) {
    keys_.clear();
    forgotten_ = true;
    return false;
  }
  if (anew) groups_.clear();
  groups_.resize(combinations, nullptr);
  began_anew_ = anew;
  forgotten_ = false;
  codes_.resize(rows);
  for (size_t k = 0; k < keys.size(); ++k) AddCodes(*keys[k], rows, keys_[k], k == 0);
  return true;
}

void SmallKeyGroups::ForgetGroups() {
  forgotten_ = true;
  for (const Key& key : keys_) {
    if (key.dictionary == nullptr) continue;
    keys_.clear();
    return;
  }
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
  small_.ForgetGroups();
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
    small_has_all_ = false;
    FindByHash(keys, rows, hashes, rows_.data());
    return;
  }
  if (small_.began_anew()) {
    // Two entries of a dictionary may be the same value: upper() over one gives such.
    small_has_all_ = table_.groups() == 0 &&
                     std::none_of(keys.begin(), keys.end(), [](const VectorPtr& key) { return key->is_dictionary(); });
  }
  std::byte* const* groups = small_.groups().data();
  const int32_t* codes = small_.codes().data();
  std::byte** found = rows_.data();
  bool all = true;
  for (int64_t i = 0; i < rows; ++i) {
    found[i] = groups[codes[i]];
    all &= found[i] != nullptr;
  }
  if (!all) AddMissing(keys, rows);
}

// Looks up each combination that is new, once, in order of first appearance.
void Grouper::AddMissing(const std::vector<VectorPtr>& keys, int64_t rows) {
  std::vector<std::byte*>& groups = small_.groups();
  const std::vector<int32_t>& codes = small_.codes();
  missing_.clear();
  for (int64_t i = 0; i < rows; ++i) {
    if (groups[codes[i]] == nullptr) {
      groups[codes[i]] = reinterpret_cast<std::byte*>(1);  // seen in this batch
      missing_.push_back(static_cast<int32_t>(i));
    }
  }
  const int64_t n = static_cast<int64_t>(missing_.size());
  std::vector<VectorPtr> some;
  for (const VectorPtr& key : keys) some.push_back(Gather(key, missing_.data(), n));
  std::vector<std::byte*> found(n);
  if (small_has_all_) {
    CreateUnindexed(some, n, found.data());
  } else {
    FindByHash(some, n, nullptr, found.data());
  }
  for (int64_t k = 0; k < n; ++k) groups[codes[missing_[k]]] = found[k];
  for (int64_t i = 0; i < rows; ++i) rows_[i] = groups[codes[i]];
}

// Groups that surely are new.
void Grouper::CreateUnindexed(const std::vector<VectorPtr>& keys, int64_t n, std::byte** rows) {
  hashes_.resize(n);
  HashRows(keys, n, hashes_.data());
  table_.CreateUnindexed(keys, hashes_.data(), n, rows);
  created_groups_.assign(rows, rows + n);
  states_of_.Init(rows, n);
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

void Grouper::UpdateFiltered(size_t k, const Batch& batch) {
  const size_t offset = states_of_.offset(k);
  int64_t rows = batch.rows;
  const std::vector<VectorPtr> args = Arguments(spec_.aggregates[k], batch, &rows);
  const bool filtered = spec_.aggregates[k].filter >= 0;
  states_.resize(rows);
  for (int64_t i = 0; i < rows; ++i) states_[i] = rows_[filtered ? passing_[i] : i] + offset;
  if (rows > 0) spec_.aggregates[k].function->Update(args, rows, states_.data());
}

void Grouper::BringNearer(int64_t begin, int64_t end) const {
  const size_t bytes = states_of_.layout()->row_bytes();
  for (size_t line = states_of_.layout()->trailer_offset(); line < bytes; line += kLineBytes) {
    for (int64_t i = begin; i < end; ++i) __builtin_prefetch(rows_[i] + line, 1);
  }
}

void Grouper::UpdateGroups(const Batch& batch) {
  const size_t aggregates = spec_.aggregates.size();
  arguments_.resize(aggregates);
  // Those that can, take turns.
  bool any = false;
  for (size_t k = 0; k < aggregates; ++k) {
    if (states_of_.row_states(k) == nullptr || spec_.aggregates[k].filter >= 0) {
      UpdateFiltered(k, batch);
    } else {
      int64_t rows = batch.rows;
      arguments_[k] = Arguments(spec_.aggregates[k], batch, &rows);
      any = true;
    }
  }
  if (!any) return;
  const bool far = table_.store()->bytes() > kNearBytes;
  for (int64_t begin = 0; begin < batch.rows; begin += kTurn) {
    const int64_t end = std::min(batch.rows, begin + kTurn);
    if (far) BringNearer(end, std::min(batch.rows, end + kTurn));
    for (size_t k = 0; k < aggregates; ++k) {
      const RowStates* states = states_of_.row_states(k);
      if (states == nullptr || spec_.aggregates[k].filter >= 0) continue;
      states->UpdateRows(arguments_[k], begin, end, rows_.data(), states_of_.offset(k));
    }
  }
  for (std::vector<VectorPtr>& args : arguments_) args.clear();
}

}  // namespace centella
