// Special forms: AND, OR, CASE, COALESCE and IN, whose later parts run only on the rows that reach them.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "expression/program.h"
#include "functions/compare.h"

namespace centella {
namespace {

// Truth values coded so that AND is min and OR is max.
constexpr uint8_t kFalse = 0, kUnknown = 1, kTrue = 2;

void Decode(const Vector& values, std::vector<uint8_t>& truth) {
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

VectorPtr Runner::EvaluateOn(int id, Frame& frame, const std::vector<int32_t>& rows, bool* dense) {
  const Node& node = program_.nodes[id];
  auto live = static_cast<int64_t>(rows.size());
  bool simple = node.kind == NodeKind::kSlot || node.kind == NodeKind::kConstant;
  bool infallible = node.deterministic && !node.can_fail;
  *dense = live == frame.rows() || simple || (infallible && live * 4 >= frame.rows());
  if (*dense) return Evaluate(id, frame);
  Frame inner(frame, rows.data(), live);
  return Evaluate(id, inner);
}

VectorPtr Runner::EvaluateAndOr(const Node& node, Frame& frame) {
  const uint8_t decided = node.kind == NodeKind::kAnd ? kFalse : kTrue;
  std::vector<uint8_t> truth, next;
  Decode(*Evaluate(node.children[0], frame), truth);
  std::vector<int32_t> open;
  for (size_t c = 1; c < node.children.size(); ++c) {
    open.clear();
    for (size_t r = 0; r < truth.size(); ++r) {
      if (truth[r] != decided) open.push_back(static_cast<int32_t>(r));
    }
    if (open.empty()) break;
    bool dense = false;
    Decode(*EvaluateOn(node.children[c], frame, open, &dense), next);
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

void Runner::TrueRows(int id, Frame& frame, std::vector<int32_t>& out) {
  const Node& node = program_.nodes[id];
  std::vector<uint8_t> truth;
  if (node.kind != NodeKind::kAnd) {
    const VectorPtr values = Evaluate(id, frame);
    size_t kept = 0;
    if (values->is_flat() && !values->MayHaveNulls() && values->physical() == PhysicalType::kBool) {
      const uint8_t* data = values->data<uint8_t>();
      out.resize(values->size());
      for (int64_t r = 0; r < values->size(); ++r) {
        out[kept] = static_cast<int32_t>(r);
        kept += data[r];
      }
      out.resize(kept);
      return;
    }
    Decode(*values, truth);
    out.resize(truth.size());
    for (size_t r = 0; r < truth.size(); ++r) {  // without a branch: half the rows may be true
      out[kept] = static_cast<int32_t>(r);
      kept += truth[r] == kTrue;
    }
    out.resize(kept);
    return;
  }
  for (int early : node.first) Evaluate(early, frame);
  // A filter drops a row at its first term that isn't true, null included.
  std::vector<int32_t> live(frame.rows());
  for (size_t r = 0; r < live.size(); ++r) live[r] = static_cast<int32_t>(r);
  for (int child : node.children) {
    if (live.empty()) break;
    bool dense = false;
    Decode(*EvaluateOn(child, frame, live, &dense), truth);
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

VectorPtr Runner::EvaluateCase(const Node& node, Frame& frame) {
  Blend blend(node.type, frame.rows());
  std::vector<int32_t> rest(frame.rows());
  for (size_t r = 0; r < rest.size(); ++r) rest[r] = static_cast<int32_t>(r);
  std::vector<uint8_t> truth;
  size_t pairs = node.children.size() / 2;
  bool dense = false;
  for (size_t p = 0; p < pairs && !rest.empty(); ++p) {
    Decode(*EvaluateOn(node.children[2 * p], frame, rest, &dense), truth);
    // Without a branch: half the rows may be true.
    std::vector<int32_t> taken(rest.size());
    size_t kept = 0, took = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      const int32_t row = rest[i];
      const bool take = truth[dense ? static_cast<size_t>(row) : i] == kTrue;
      taken[took] = row;
      rest[kept] = row;
      took += take;
      kept += !take;
    }
    rest.resize(kept);
    taken.resize(took);
    if (taken.empty()) continue;
    VectorPtr values = EvaluateOn(node.children[2 * p + 1], frame, taken, &dense);
    dense ? blend.PutDense(std::move(values), std::move(taken)) : blend.Put(std::move(values), std::move(taken));
  }
  if (node.has_else && !rest.empty()) {
    VectorPtr values = EvaluateOn(node.children.back(), frame, rest, &dense);
    dense ? blend.PutDense(std::move(values), std::move(rest)) : blend.Put(std::move(values), std::move(rest));
  }
  return blend.Finish();
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
    Decode(*CompareVectors(CompareOp::kEqual, Flatten(left), Flatten(item)), next);
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
