// Special forms: AND, OR, COALESCE and IN, whose later parts run only on the rows that reach them. CASE: case_form.cc.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <unordered_set>

#include "base/simd.h"
#include "expression/program.h"
#include "functions/compare.h"

namespace centella {

void DecodeTruth(const Vector& values, std::vector<uint8_t>& truth) {
  int64_t rows = values.size();
  truth.resize(rows);
  DecodedVector decoded(values);
  if (values.is_flat() && !decoded.may_have_nulls()) {
    const uint8_t* data = values.data<uint8_t>();
    for (int64_t i = 0; i < rows; ++i) truth[i] = static_cast<uint8_t>(data[i] << 1);
    return;
  }
  if (values.physical() == PhysicalType::kNull) {
    std::fill(truth.begin(), truth.end(), kUnknown);
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    truth[i] = decoded.IsNull(i) ? kUnknown : static_cast<uint8_t>(decoded.Value<uint8_t>(i) << 1);
  }
}

namespace {

VectorPtr Encode(const std::vector<uint8_t>& truth) {
  auto rows = static_cast<int64_t>(truth.size());
  MutableVectorPtr out = Vector::MakeFlat(types::Boolean(), rows);
  auto* data = out->mutable_data<uint8_t>();
  uint8_t unknown = 0;
  for (int64_t i = 0; i < rows; ++i) {
    data[i] = truth[i] >> 1;
    unknown |= truth[i] & 1;
  }
  if (unknown != 0) {
    uint8_t* validity = out->mutable_validity();
    for (int64_t i = 0; i < rows; ++i) {
      if (truth[i] == kUnknown) ClearBit(validity, i);
    }
  }
  return out;
}

}  // namespace

bool Runner::WorthAllRows(int id, int64_t live, int64_t rows) const {
  const Node& node = program_.nodes[id];
  const bool simple = node.kind == NodeKind::kSlot || node.kind == NodeKind::kConstant;
  const bool infallible = node.deterministic && !node.can_fail;
  return live == rows || simple || (infallible && live * 4 >= rows);
}

VectorPtr Runner::EvaluateOn(int id, Frame& frame, const std::vector<int32_t>& rows, bool* dense) {
  auto live = static_cast<int64_t>(rows.size());
  *dense = WorthAllRows(id, live, frame.rows());
  if (*dense) return Evaluate(id, frame);
  Frame inner(frame, rows.data(), live);
  return Evaluate(id, inner);
}

VectorPtr Runner::EvaluateAndOr(const Node& node, Frame& frame) {
  const uint8_t decided = node.kind == NodeKind::kAnd ? kFalse : kTrue;
  std::vector<uint8_t> truth, next;
  DecodeTruth(*Evaluate(node.children[0], frame), truth);
  std::vector<int32_t> open;
  for (size_t c = 1; c < node.children.size(); ++c) {
    open.clear();
    for (size_t r = 0; r < truth.size(); ++r) {
      if (truth[r] != decided) open.push_back(static_cast<int32_t>(r));
    }
    if (open.empty()) break;
    bool dense = false;
    DecodeTruth(*EvaluateOn(node.children[c], frame, open, &dense), next);
    if (dense && decided == kFalse) {
      for (size_t r = 0; r < truth.size(); ++r) truth[r] = std::min(truth[r], next[r]);
    } else if (dense) {
      for (size_t r = 0; r < truth.size(); ++r) truth[r] = std::max(truth[r], next[r]);
    } else {
      for (size_t i = 0; i < open.size(); ++i) {
        uint8_t& at = truth[open[i]];
        at = decided == kFalse ? std::min(at, next[i]) : std::max(at, next[i]);
      }
    }
  }
  return Encode(truth);
}

namespace {

// For each byte's bits, the numbers of those that are set, one a byte.
constexpr std::array<uint64_t, 256> MakeSetBits() {
  std::array<uint64_t, 256> numbers{};
  for (int bits = 0; bits < 256; ++bits) {
    int at = 0;
    for (uint64_t bit = 0; bit < 8; ++bit) {
      if ((bits >> bit) & 1) numbers[bits] |= bit << (8 * at++);
    }
  }
  return numbers;
}
constexpr std::array<uint64_t, 256> kSetBits = MakeSetBits();

// Writes the rows whose byte is 1 (the others are 0) to `out`, which has room for `rows` and seven more; gives how many.
// Eight at a time, without a jump: half the rows may be true.
CENTELLA_WIDE_LOOPS int64_t RowsWhereTrue(const uint8_t* truth, int64_t rows, int32_t* out) {
  int64_t kept = 0, row = 0;
  for (; row + 8 <= rows; row += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, truth + row, 8);
    const auto bits = static_cast<uint8_t>((bytes * 0x0102040810204080) >> 56);
    std::array<uint8_t, 8> numbers;
    std::memcpy(numbers.data(), &kSetBits[bits], 8);
    for (int k = 0; k < 8; ++k) out[kept + k] = static_cast<int32_t>(row) + numbers[k];
    kept += std::popcount(bits);
  }
  for (; row < rows; ++row) {
    out[kept] = static_cast<int32_t>(row);
    kept += truth[row];
  }
  return kept;
}

}  // namespace

void Runner::TrueRows(int id, Frame& frame, std::vector<int32_t>& out) {
  const Node& node = program_.nodes[id];
  std::vector<uint8_t> truth;
  if (node.kind != NodeKind::kAnd) {
    const VectorPtr values = Evaluate(id, frame);
    const uint8_t* bytes = nullptr;
    if (values->is_flat() && !values->MayHaveNulls() && values->physical() == PhysicalType::kBool) {
      bytes = values->data<uint8_t>();
    } else {
      DecodeTruth(*values, truth);
      for (uint8_t& each : truth) each >>= 1;  // 1 where true
      bytes = truth.data();
    }
    out.resize(values->size() + 7);
    out.resize(RowsWhereTrue(bytes, values->size(), out.data()));
    return;
  }
  for (int early : node.first) Evaluate(early, frame);
  // A filter drops a row at its first term that isn't true, null included.
  std::vector<int32_t> live(frame.rows());
  for (size_t r = 0; r < live.size(); ++r) live[r] = static_cast<int32_t>(r);
  for (int child : node.children) {
    if (live.empty()) break;
    bool dense = false;
    DecodeTruth(*EvaluateOn(child, frame, live, &dense), truth);
    size_t kept = 0;
    for (size_t i = 0; i < live.size(); ++i) {
      int32_t row = live[i];
      live[kept] = row;
      kept += truth[dense ? static_cast<size_t>(row) : i] == kTrue;
    }
    live.resize(kept);
  }
  out = std::move(live);
}

VectorPtr Runner::EvaluateCoalesce(const Node& node, Frame& frame) {
  Blend blend(node.type, frame.rows());
  std::vector<int32_t> rest(frame.rows());
  for (size_t r = 0; r < rest.size(); ++r) rest[r] = static_cast<int32_t>(r);
  for (int child : node.children) {
    if (rest.empty()) break;
    bool dense = false;
    VectorPtr values = EvaluateOn(child, frame, rest, &dense);
    if (rest.size() == static_cast<size_t>(frame.rows()) && !values->MayHaveNulls()) return values;
    if (values->physical() == PhysicalType::kNull) continue;
    std::vector<int32_t> taken, left, compact;
    DecodedVector decoded(*values);
    for (size_t i = 0; i < rest.size(); ++i) {
      int64_t at = dense ? rest[i] : static_cast<int64_t>(i);
      if (decoded.IsNull(at)) {
        left.push_back(rest[i]);
      } else {
        taken.push_back(rest[i]);
        compact.push_back(static_cast<int32_t>(at));
      }
    }
    rest = std::move(left);
    if (taken.empty()) continue;
    if (dense) {
      blend.PutDense(std::move(values), std::move(taken));
    } else {
      blend.Put(Gather(values, compact.data(), static_cast<int64_t>(compact.size())), std::move(taken));
    }
  }
  return blend.Finish();
}

VectorPtr Runner::EvaluateIn(const Node& node, Frame& frame) {
  VectorPtr values = Evaluate(node.children[0], frame);
  if (node.in_set != nullptr) return TestInSet(node.in_set.get(), values);
  std::vector<uint8_t> truth, next;
  int64_t rows = frame.rows();
  DecodedVector decoded(*values);
  truth.assign(rows, kFalse);
  for (int64_t r = 0; r < rows; ++r) {
    if (values->physical() == PhysicalType::kNull || decoded.IsNull(r)) truth[r] = kUnknown;
  }
  std::vector<int32_t> open;
  for (size_t c = 1; c < node.children.size(); ++c) {
    open.clear();
    for (int64_t r = 0; r < rows; ++r) {
      // A null value never finds its match; its items aren't evaluated.
      if (truth[r] != kTrue && values->physical() != PhysicalType::kNull && !decoded.IsNull(r)) {
        open.push_back(static_cast<int32_t>(r));
      }
    }
    if (open.empty()) break;
    bool dense = false;
    VectorPtr item = EvaluateOn(node.children[c], frame, open, &dense);
    VectorPtr left = dense ? values : Gather(values, open.data(), static_cast<int64_t>(open.size()));
    DecodeTruth(*CompareVectors(CompareOp::kEqual, Flatten(left), Flatten(item)), next);
    for (size_t i = 0; i < open.size(); ++i) {
      uint8_t& at = truth[open[i]];
      at = std::max(at, next[dense ? static_cast<size_t>(open[i]) : i]);
    }
  }
  return Encode(truth);
}

// ---- IN over constants --------------------------------------------------------------------------------------------

namespace {

struct ViewHash {
  size_t operator()(const StringView& s) const { return std::hash<std::string_view>()(s.view()); }
};

struct InSet {
  bool has_null = false;
  PhysicalType physical = PhysicalType::kNull;
  std::vector<int64_t> few;  // up to kFew integers, compared one by one
  std::unordered_set<int64_t> integers;
  std::unordered_set<StringView, ViewHash> strings;
  VectorPtr items;  // flat, non-null: keeps strings alive; compared one by one for other types
};
constexpr size_t kFew = 8;

template <typename T>
int64_t Canonical(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return std::numeric_limits<int64_t>::min() + 1;
    double wide = value == 0 ? 0.0 : static_cast<double>(value);
    int64_t bits;
    std::memcpy(&bits, &wide, 8);
    return bits;
  } else {
    return static_cast<int64_t>(value);
  }
}

template <typename T>
void AddIntegers(InSet& set) {
  for (int64_t i = 0; i < set.items->size(); ++i) set.few.push_back(Canonical(set.items->data<T>()[i]));
  if (set.few.size() <= kFew) return;
  set.integers.insert(set.few.begin(), set.few.end());
  set.few.clear();
}

template <typename T>
void FindIntegers(const InSet& set, const Vector& values, uint8_t* out) {
  DecodedVector decoded(values);
  for (int64_t i = 0; i < values.size(); ++i) {
    int64_t key = Canonical(decoded.Value<T>(i));
    bool found = false;
    if (set.integers.empty()) {
      for (int64_t candidate : set.few) found |= candidate == key;
    } else {
      found = set.integers.count(key) != 0;
    }
    out[i] = found;
  }
}

template <typename Visit>
bool VisitInteger(PhysicalType type, Visit&& visit) {
  switch (type) {
    case PhysicalType::kBool: visit(uint8_t{}); return true;
    case PhysicalType::kInt8: visit(int8_t{}); return true;
    case PhysicalType::kInt16: visit(int16_t{}); return true;
    case PhysicalType::kInt32: visit(int32_t{}); return true;
    case PhysicalType::kInt64: visit(int64_t{}); return true;
    case PhysicalType::kFloat: visit(float{}); return true;
    case PhysicalType::kDouble: visit(double{}); return true;
    default: return false;
  }
}

void FindAny(const InSet& set, const Vector& values, const uint8_t* live, uint8_t* out) {
  DecodedVector left(values), right(*set.items);
  bool strings = set.physical == PhysicalType::kString;
  for (int64_t i = 0; i < values.size(); ++i) {
    out[i] = 0;
    if (live != nullptr && !BitIsSet(live, i)) continue;
    if (strings) {
      out[i] = set.strings.count(left.Value<StringView>(i)) != 0;
      continue;
    }
    for (int64_t k = 0; k < set.items->size() && out[i] == 0; ++k) {
      out[i] = CompareRows(left.base(), left.index(i), right.base(), right.index(k)) == 0;
    }
  }
}

}  // namespace

std::shared_ptr<const void> MakeInSet(const TypePtr& type, std::span<const VectorPtr> items) {
  auto set = std::make_shared<InSet>();
  set->physical = type->physical();
  std::vector<VectorPtr> values;
  for (const VectorPtr& item : items) {
    if (item->IsNull(0)) {
      set->has_null = true;
    } else {
      values.push_back(item);
    }
  }
  set->items = values.empty() ? VectorPtr(Vector::MakeFlat(type, 0)) : Flatten(Concat(values));
  if (VisitInteger(set->physical, [&](auto zero) { AddIntegers<decltype(zero)>(*set); })) return set;
  if (set->physical == PhysicalType::kString) {
    const auto* data = set->items->data<StringView>();
    set->strings.insert(data, data + set->items->size());
  }
  return set;
}

VectorPtr TestInSet(const void* opaque, const VectorPtr& values) {
  const auto& set = *static_cast<const InSet*>(opaque);
  int64_t rows = values->size();
  if (values->physical() == PhysicalType::kNull) return Vector::MakeNull(types::Boolean(), rows);
  MutableVectorPtr out = Vector::MakeFlat(types::Boolean(), rows);
  auto* data = out->mutable_data<uint8_t>();
  BufferPtr validity = ValidityOf(values);
  const uint8_t* live = validity ? validity->data() : nullptr;
  if (!VisitInteger(set.physical, [&](auto zero) { FindIntegers<decltype(zero)>(set, *values, data); })) {
    FindAny(set, *values, live, data);
  }
  if (set.has_null) {
    for (int64_t i = 0; i < rows; ++i) {
      if (data[i] == 0) out->SetNull(i);
    }
  }
  return WithValidity(std::move(out), validity);
}

}  // namespace centella
