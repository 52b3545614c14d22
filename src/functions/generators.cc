// Generators: explode, posexplode, inline and their outer forms, stack. A generator's result type is a struct of its
// output columns.
#include <algorithm>
#include <numeric>

#include "functions/lists.h"
#include "functions/registry.h"

namespace centella {
namespace {

// Where a generator's rows come from: for each its input row, its element (-1: none) and its position in the array.
struct Spread {
  std::vector<int32_t> rows;
  std::vector<int32_t> picks;      // empty when the elements are all of a range, one after the other
  std::vector<int32_t> positions;  // only when asked for
  int64_t first = 0;               // of that range

  int64_t size() const { return static_cast<int64_t>(rows.size()); }
  bool is_range() const { return picks.empty(); }
  VectorPtr Take(const VectorPtr& elements) const {
    return is_range() ? Slice(elements, first, size()) : Gather(elements, picks.data(), size());
  }
};

// Most arrays are short: so many numbers are written whatever the array's length, what is too much is written over.
constexpr int64_t kRun = 16;

// at[k] = first + k * step for k < length; there is room for kRun more.
template <int step>
inline void WriteRun(int32_t* at, int32_t length, int32_t first) {
  for (int32_t k = 0; k < static_cast<int32_t>(kRun); ++k) at[k] = first + k * step;
  for (int32_t k = kRun; k < length; ++k) at[k] = first + k * step;
}

// `outer` keeps a row for arrays without elements. Large arrays are common here: everything is sized before it's filled.
Spread SpreadLists(const KernelArgs& call, bool outer, bool with_positions) {
  Spread out;
  const Vector& arg = *call.args[0];
  if (arg.physical() == PhysicalType::kNull) return out;
  const ListArg lists(arg);
  const bool nulls = arg.MayHaveNulls();
  const auto entry_of = [&](int64_t i) { return nulls && arg.IsNull(i) ? ListEntry{} : lists[i]; };
  int64_t total = 0, expected = -1;
  bool range = true;
  for (int64_t i = 0; i < call.rows; ++i) {
    const ListEntry entry = entry_of(i);
    if (entry.length == 0) {
      if (outer) range = false;
      total += outer;
      continue;
    }
    if (expected < 0) out.first = expected = entry.offset;
    range = range && entry.offset == expected;
    expected = entry.offset + int64_t{entry.length};
    total += entry.length;
  }
  out.rows.resize(total + kRun);
  if (!range) out.picks.resize(total + kRun);
  if (with_positions) out.positions.resize(total + kRun);
  int64_t at = 0;
  for (int64_t i = 0; i < call.rows; ++i) {
    const ListEntry entry = entry_of(i);
    const bool none = entry.length == 0;
    if (none && !outer) continue;
    const int32_t length = none ? 1 : entry.length, pick = none ? -1 : entry.offset, position = none ? -1 : 0;
    if (i > 0) WriteRun<0>(out.rows.data() + at, length, static_cast<int32_t>(i));  // they are 0
    if (!range) WriteRun<1>(out.picks.data() + at, length, pick);
    if (with_positions) WriteRun<1>(out.positions.data() + at, length, position);
    at += length;
  }
  out.rows.resize(total);
  if (!range) out.picks.resize(total);
  if (with_positions) out.positions.resize(total);
  return out;
}

VectorPtr Positions(const Spread& spread) {
  MutableVectorPtr out = Vector::MakeFlat(types::Int(), spread.size());
  for (int64_t i = 0; i < spread.size(); ++i) {
    out->mutable_data<int32_t>()[i] = std::max(0, spread.positions[i]);
    if (spread.positions[i] < 0) out->SetNull(i);
  }
  return out;
}

template <bool outer, bool positions>
GeneratedRows Explode(const KernelArgs& call) {
  Spread spread = SpreadLists(call, outer, positions);
  GeneratedRows out;
  if (positions) out.columns.push_back(Positions(spread));
  ListArg lists(*call.args[0]);
  if (call.args[0]->type()->is(TypeId::kMap)) {
    out.columns.push_back(spread.Take(KeysOf(lists.child())));
    out.columns.push_back(spread.Take(ValuesOf(lists.child())));
  } else {
    out.columns.push_back(spread.Take(lists.child()));
  }
  out.input_rows = std::move(spread.rows);
  return out;
}

template <bool outer>
GeneratedRows Inline(const KernelArgs& call) {
  Spread spread = SpreadLists(call, outer, false);
  ListArg lists(*call.args[0]);
  const VectorPtr structs = Flatten(lists.child());
  if (structs->validity() != nullptr && spread.is_range()) {
    spread.picks.resize(spread.rows.size());
    std::iota(spread.picks.begin(), spread.picks.end(), static_cast<int32_t>(spread.first));
  }
  // A null struct gives a row of nulls.
  for (int32_t& pick : spread.picks) {
    if (pick >= 0 && structs->IsNull(pick)) pick = -1;
  }
  GeneratedRows out;
  for (const VectorPtr& child : structs->children()) out.columns.push_back(spread.Take(child));
  out.input_rows = std::move(spread.rows);
  return out;
}

// stack(n, v1, …, vk): n rows of ceil(k / n) columns.
GeneratedRows Stack(const KernelArgs& call) {
  int32_t n = call.data<int32_t>(0)[0];
  size_t values = call.args.size() - 1;
  size_t columns = call.result_type->fields().size();
  GeneratedRows out;
  for (int64_t i = 0; i < call.rows; ++i) {
    for (int32_t r = 0; r < n; ++r) out.input_rows.push_back(static_cast<int32_t>(i));
  }
  for (size_t c = 0; c < columns; ++c) {
    std::vector<VectorPtr> parts;
    std::vector<int32_t> picks;
    for (int32_t r = 0; r < n; ++r) {
      size_t arg = static_cast<size_t>(r) * columns + c;
      bool given = arg < values && call.args[arg + 1]->physical() != PhysicalType::kNull;
      parts.push_back(given ? Flatten(call.args[arg + 1])
                            : Flatten(Vector::MakeNull(call.result_type->fields()[c].type, call.rows)));
    }
    for (int64_t i = 0; i < call.rows; ++i) {
      for (int32_t r = 0; r < n; ++r) picks.push_back(static_cast<int32_t>(r * call.rows + i));
    }
    out.columns.push_back(Gather(Concat(parts), picks.data(), static_cast<int64_t>(picks.size())));
  }
  return out;
}

TypePtr StackType(const BindArgs& args) {
  CENTELLA_CHECK(args.constants[0] != nullptr && !args.constants[0]->is_null(), "stack's number of rows is a constant");
  int64_t n = args.constants[0]->integer();
  size_t values = args.types.size() - 1;
  CENTELLA_CHECK(n > 0, "stack's number of rows is positive");
  size_t columns = (values + static_cast<size_t>(n) - 1) / static_cast<size_t>(n);
  std::vector<StructField> fields;
  for (size_t c = 0; c < columns; ++c) {
    TypePtr type = types::Null();
    for (size_t arg = c; arg < values; arg += columns) {
      if (type->is(TypeId::kNull)) type = args.types[arg + 1];
    }
    fields.push_back({"col" + std::to_string(c), type, true, ""});
  }
  return types::Struct(std::move(fields));
}

template <bool outer, bool positions>
TypePtr ExplodeType(const BindArgs& args) {
  const DataType& type = *args.types[0];
  std::vector<StructField> fields;
  if (positions) fields.push_back({"pos", types::Int(), outer, ""});
  if (type.is(TypeId::kMap)) {
    fields.push_back({"key", type.key(), outer, ""});
    fields.push_back({"value", type.value(), outer || type.value_contains_null(), ""});
  } else {
    fields.push_back({"col", type.element(), outer || type.contains_null(), ""});
  }
  return types::Struct(std::move(fields));
}

template <bool outer>
TypePtr InlineType(const BindArgs& args) {
  std::vector<StructField> fields = args.types[0]->element()->fields();
  for (StructField& field : fields) field.nullable |= outer || args.types[0]->contains_null();
  return types::Struct(std::move(fields));
}

template <bool outer, bool positions>
void RegisterExplode(FunctionRegistry& registry, const char* name, const char* doc) {
  registry.Generator(name, doc)
      .Group("generator_funcs")
      .GeneratorOverload("array<T> -> ?", Explode<outer, positions>)
      .ResultType(ExplodeType<outer, positions>)
      .GeneratorOverload("map<K, V> -> ?", Explode<outer, positions>)
      .ResultType(ExplodeType<outer, positions>);
}

}  // namespace

void RegisterGenerators(FunctionRegistry& registry) {
  RegisterExplode<false, false>(registry, "explode", "A row for each element or entry.");
  RegisterExplode<true, false>(registry, "explode_outer", "A row for each element; one of NULL when there is none.");
  RegisterExplode<false, true>(registry, "posexplode", "A row for each element, with its place from 0.");
  RegisterExplode<true, true>(registry, "posexplode_outer", "As posexplode; one row of NULLs when there is none.");
  registry.Generator("inline", "A row for each struct of an array, a column for each field.")
      .Group("generator_funcs")
      .GeneratorOverload("array<struct> -> ?", Inline<false>)
      .ResultType(InlineType<false>);
  registry.Generator("inline_outer", "As inline; one row of NULLs when there is none.")
      .Group("generator_funcs")
      .GeneratorOverload("array<struct> -> ?", Inline<true>)
      .ResultType(InlineType<true>);
  registry.Generator("stack", "The values in n rows.")
      .Group("generator_funcs")
      .GeneratorOverload("int, any... -> ?", Stack)
      .ResultType(StackType);
}

}  // namespace centella
