// Functions over arrays: searching, sets, sorting, slicing, joining.
#include <algorithm>

#include "functions/compare.h"
#include "functions/lists.h"
#include "functions/registry.h"
#include "functions/row_bytes.h"

namespace centella {
namespace {

// Finds equal elements of one vector, nulls equal to each other; quadratic while few, hashed when many.
class Distinct {
 public:
  explicit Distinct(const Vector& elements) : elements_(elements) {}
  void Clear() {
    few_.clear();
    many_.clear();
  }
  // True when the element wasn't in yet.
  bool Add(int64_t index) {
    if (many_.empty() && few_.size() < kFew) {
      if (Find(index)) return false;
      few_.push_back(index);
      return true;
    }
    if (many_.empty()) {
      for (int64_t known : few_) many_.Add(elements_, known);
    }
    return many_.Add(elements_, index);
  }
  bool Contains(int64_t index) { return many_.empty() ? Find(index) : many_.Contains(elements_, index); }

 private:
  static constexpr size_t kFew = 16;
  bool Find(int64_t index) const {
    for (int64_t known : few_) {
      if (CompareRows(elements_, known, elements_, index) == 0) return true;
    }
    return false;
  }
  const Vector& elements_;
  std::vector<int64_t> few_;
  BytesSet many_;
};

// Calls row(i, entry) for each live row, and ends every row of `out`.
template <typename Row>
VectorPtr PickRows(const KernelArgs& call, const VectorPtr& source, Row&& row) {
  ListPicks out(call.rows);
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.IsLive(i)) row(i, out);
    out.EndRow();
  }
  return out.Finish(call.result_type, source);
}

// 1-based place of the value in the array; 0 when it isn't there; `saw_null` tells of null elements.
int64_t PlaceOf(const ListArg& lists, const Vector& value, int64_t row, bool* saw_null) {
  ListEntry entry = lists[row];
  for (int32_t k = 0; k < entry.length; ++k) {
    if (lists.child()->IsNull(entry.offset + k)) {
      *saw_null = true;
    } else if (CompareRows(*lists.child(), entry.offset + k, value, row) == 0) {
      return k + 1;
    }
  }
  return 0;
}

VectorPtr Contains(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ListArg lists(*call.args[0]);
  for (int64_t i = 0; i < call.rows; ++i) {
    bool null = false;
    bool found = call.IsLive(i) && PlaceOf(lists, *call.args[1], i, &null) != 0;
    out->mutable_data<uint8_t>()[i] = found;
    if (!found && null) out->SetNull(i);
  }
  return out;
}

VectorPtr Position(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ListArg lists(*call.args[0]);
  for (int64_t i = 0; i < call.rows; ++i) {
    bool null = false;
    out->mutable_data<int64_t>()[i] = call.IsLive(i) ? PlaceOf(lists, *call.args[1], i, &null) : 0;
  }
  return out;
}

VectorPtr Remove(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  return PickRows(call, lists.child(), [&](int64_t i, ListPicks& out) {
    ListEntry entry = lists[i];
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      if (lists.child()->IsNull(k) || CompareRows(*lists.child(), k, *call.args[1], i) != 0) out.Pick(k);
    }
  });
}

VectorPtr WithoutNulls(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  return PickRows(call, lists.child(), [&](int64_t i, ListPicks& out) {
    ListEntry entry = lists[i];
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      if (!lists.child()->IsNull(k)) out.Pick(k);
    }
  });
}

VectorPtr Reverse(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  return PickRows(call, lists.child(), [&](int64_t i, ListPicks& out) {
    ListEntry entry = lists[i];
    for (int32_t k = entry.offset + entry.length - 1; k >= entry.offset; --k) out.Pick(k);
  });
}

VectorPtr DistinctElements(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  Distinct seen(*lists.child());
  return PickRows(call, lists.child(), [&](int64_t i, ListPicks& out) {
    ListEntry entry = lists[i];
    seen.Clear();
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      if (seen.Add(k)) out.Pick(k);
    }
  });
}

enum class SetOp { kUnion, kIntersect, kExcept };

template <SetOp op>
VectorPtr Combine(const KernelArgs& call) {
  ListArg a(*call.args[0]), b(*call.args[1]);
  VectorPtr both = Concat({Flatten(a.child()), Flatten(b.child())});
  auto shift = static_cast<int32_t>(a.child()->size());
  Distinct seen(*both), right(*both);
  return PickRows(call, both, [&](int64_t i, ListPicks& out) {
    ListEntry x = a[i], y = b[i];
    seen.Clear();
    right.Clear();
    if (op != SetOp::kUnion) {
      for (int32_t k = 0; k < y.length; ++k) right.Add(shift + y.offset + k);
    }
    for (int32_t k = x.offset; k < x.offset + x.length; ++k) {
      bool wanted = op == SetOp::kUnion || right.Contains(k) == (op == SetOp::kIntersect);
      if (wanted && seen.Add(k)) out.Pick(k);
    }
    for (int32_t k = 0; op == SetOp::kUnion && k < y.length; ++k) {
      if (seen.Add(shift + y.offset + k)) out.Pick(shift + y.offset + k);
    }
  });
}

VectorPtr Overlap(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ListArg a(*call.args[0]), b(*call.args[1]);
  VectorPtr both = Concat({Flatten(a.child()), Flatten(b.child())});
  auto shift = static_cast<int32_t>(a.child()->size());
  Distinct left(*both);
  for (int64_t i = 0; i < call.rows; ++i) {
    out->mutable_data<uint8_t>()[i] = 0;
    if (!call.IsLive(i)) continue;
    ListEntry x = a[i], y = b[i];
    bool null = false, found = false;
    left.Clear();
    for (int32_t k = x.offset; k < x.offset + x.length; ++k) {
      both->IsNull(k) ? void(null = true) : void(left.Add(k));
    }
    for (int32_t k = shift + y.offset; k < shift + y.offset + y.length && !found; ++k) {
      both->IsNull(k) ? void(null = true) : void(found = left.Contains(k));
    }
    out->mutable_data<uint8_t>()[i] = found;
    if (!found && null && x.length > 0 && y.length > 0) out->SetNull(i);
  }
  return out;
}

template <int sign>
VectorPtr Extreme(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  std::vector<int32_t> picks(call.rows, -1);
  ForLive(call, [&](int64_t i) {
    ListEntry entry = lists[i];
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      if (lists.child()->IsNull(k)) continue;
      if (picks[i] < 0 || CompareRows(*lists.child(), k, *lists.child(), picks[i]) * sign > 0) picks[i] = k;
    }
  });
  return Gather(lists.child(), picks.data(), call.rows);
}

// Ascending with nulls first or last, or descending with nulls last.
VectorPtr Sort(const KernelArgs& call, bool nulls_last_ascending) {
  ListArg lists(*call.args[0]);
  const Vector& child = *lists.child();
  std::vector<int32_t> order;
  return PickRows(call, lists.child(), [&](int64_t i, ListPicks& out) {
    bool ascending = call.args.size() < 2 || call.data<uint8_t>(1)[call.index(1, i)] != 0;
    ListEntry entry = lists[i];
    order.resize(entry.length);
    for (int32_t k = 0; k < entry.length; ++k) order[k] = entry.offset + k;
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      bool a_null = child.IsNull(a), b_null = child.IsNull(b);
      if (a_null || b_null) {
        bool null_first = ascending && !nulls_last_ascending;
        return a_null != b_null && (null_first ? a_null : b_null);
      }
      int c = CompareRows(child, a, child, b);
      return ascending ? c < 0 : c > 0;
    });
    for (int32_t k : order) out.Pick(k);
  });
}

VectorPtr SliceArray(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  return PickRows(call, lists.child(), [&](int64_t i, ListPicks& out) {
    ListEntry entry = lists[i];
    int64_t start = call.data<int32_t>(1)[call.index(1, i)], length = call.data<int32_t>(2)[call.index(2, i)];
    if (start == 0) {
      Raise(Condition::INVALID_PARAMETER_VALUE__START, {{"parameter", "`start`"}, {"functionName", "`slice`"}});
    }
    if (length < 0) {
      Raise(Condition::INVALID_PARAMETER_VALUE__LENGTH,
            {{"parameter", "`length`"}, {"length", std::to_string(length)}, {"functionName", "`slice`"}});
    }
    int64_t begin = start > 0 ? start - 1 : entry.length + start;
    if (begin < 0) return;
    for (int64_t k = begin; k < std::min<int64_t>(begin + length, entry.length); ++k) out.Pick(entry.offset + k);
  });
}

VectorPtr ConcatArrays(const KernelArgs& call) {
  std::vector<ListArg> lists;
  std::vector<VectorPtr> children;
  std::vector<int64_t> shifts;
  int64_t shift = 0;
  for (const VectorPtr& arg : call.args) {
    lists.emplace_back(*arg);
    children.push_back(Flatten(lists.back().child()));
    shifts.push_back(shift);
    shift += children.back()->size();
  }
  return PickRows(call, Concat(children), [&](int64_t i, ListPicks& out) {
    for (size_t a = 0; a < lists.size(); ++a) {
      ListEntry entry = lists[a][i];
      for (int32_t k = 0; k < entry.length; ++k) out.Pick(shifts[a] + entry.offset + k);
    }
  });
}

VectorPtr FlattenArrays(const KernelArgs& call) {
  ListArg outer(*call.args[0]);
  VectorPtr middle = Flatten(outer.child());
  ListArg inner(*middle);
  std::vector<int64_t> nulls;
  VectorPtr result = PickRows(call, inner.child(), [&](int64_t i, ListPicks& out) {
    ListEntry entry = outer[i];
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      if (middle->IsNull(k)) {
        nulls.push_back(i);
        out.DropRow();
        return;
      }
      ListEntry part = inner[k];
      for (int32_t j = 0; j < part.length; ++j) out.Pick(part.offset + j);
    }
  });
  for (int64_t row : nulls) std::const_pointer_cast<Vector>(result)->SetNull(row);
  return result;
}

VectorPtr Join(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  DecodedVector elements(*lists.child());
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  std::string text;
  for (int64_t i = 0; i < call.rows; ++i) {
    out->mutable_data<StringView>()[i] = StringView();
    if (!call.IsLive(i)) continue;
    text.clear();
    bool first = true;
    ListEntry entry = lists[i];
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      bool null = elements.IsNull(k);
      if (null && call.args.size() < 3) continue;
      if (!first) text += call.data<StringView>(1)[call.index(1, i)].view();
      text += null ? call.data<StringView>(2)[call.index(2, i)].view() : elements.Value<StringView>(k).view();
      first = false;
    }
    out->mutable_data<StringView>()[i] = heap.Add(text);
  }
  heap.MoveTo(*out);
  return out;
}

// size(NULL) is NULL, or -1 outside of ANSI mode.
VectorPtr Size(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<int32_t>();
  bool minus_one = call.mode == EvalMode::kLegacy;
  if (call.args[0]->physical() == PhysicalType::kNull) {
    if (minus_one) return Vector::MakeConstant(Value::Int(-1), call.rows);
    return Vector::MakeNull(call.result_type, call.rows);
  }
  ListArg lists(*call.args[0]);
  for (int64_t i = 0; i < call.rows; ++i) {
    bool null = call.args[0]->IsNull(i);
    to[i] = null ? -1 : lists[i].length;
    if (null && !minus_one) out->SetNull(i);
  }
  return out;
}

VectorPtr ArraySize(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ListArg lists(*call.args[0]);
  for (int64_t i = 0; i < call.rows; ++i) out->mutable_data<int32_t>()[i] = call.IsLive(i) ? lists[i].length : 0;
  return out;
}

void RegisterSets(FunctionRegistry& registry) {
  auto either = [](const BindArgs& args) {
    return types::Array(args.types[0]->element(), args.types[0]->contains_null() || args.types[1]->contains_null());
  };
  auto both = [](const BindArgs& args) {
    return types::Array(args.types[0]->element(), args.types[0]->contains_null() && args.types[1]->contains_null());
  };
  auto first = [](const BindArgs& args) { return args.types[0]; };
  registry.Scalar("array_distinct", "The array without repeated elements.")
      .Group("array_funcs")
      .Example("SELECT array_distinct(array(1, 2, 3, null, 3))", "[1, 2, 3, NULL]")
      .Overload("array<T> -> ?", DistinctElements)
      .ResultType(first);
  registry.Scalar("array_union", "The elements of both arrays, each once.")
      .Group("array_funcs")
      .Example("SELECT array_union(array(1, 2, 3), array(1, 3, 5))", "[1, 2, 3, 5]")
      .Overload("array<T>, array<T> -> ?", Combine<SetOp::kUnion>)
      .ResultType(either);
  registry.Scalar("array_intersect", "The elements that are in both arrays, each once.")
      .Group("array_funcs")
      .Example("SELECT array_intersect(array(1, 2, 3), array(1, 3, 5))", "[1, 3]")
      .Overload("array<T>, array<T> -> ?", Combine<SetOp::kIntersect>)
      .ResultType(both);
  registry.Scalar("array_except", "The first array's elements that aren't in the second, each once.")
      .Group("array_funcs")
      .Example("SELECT array_except(array(1, 2, 3), array(1, 3, 5))", "[2]")
      .Overload("array<T>, array<T> -> ?", Combine<SetOp::kExcept>)
      .ResultType(first);
  registry.Scalar("arrays_overlap", "Whether both arrays have an element in common.")
      .Group("array_funcs")
      .Nullable([](const BindArgs& args) {
        return args.nullable[0] || args.nullable[1] || args.types[0]->contains_null() || args.types[1]->contains_null();
      })
      .Example("SELECT arrays_overlap(array(1, 2, 3), array(3, 4, 5))", "true")
      .Overload("array<T>, array<T> -> boolean", Overlap);
}

void RegisterJoiningAndSizes(FunctionRegistry& registry) {
  registry.Scalar("concat", "The arguments one after another.")
      .Group("collection_funcs")
      .Alias("||")
      .Overload("array<T>, array<T>... -> array<T>", ConcatArrays);
  registry.Scalar("flatten", "An array of arrays as one array.")
      .Group("array_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.types[0]->contains_null(); })
      .Example("SELECT flatten(array(array(1, 2), array(3, 4)))", "[1, 2, 3, 4]")
      .Overload("array<array<T>> -> ?", FlattenArrays)
      .ResultType([](const BindArgs& args) { return args.types[0]->element(); });
  registry.Scalar("array_join", "The elements as one text with a delimiter between them.")
      .Group("array_funcs")
      .Example("SELECT array_join(array('hello', null, 'world'), ' ', ',')", "hello , world")
      .Overload("array<string>, string -> string", Join)
      .Overload("array<string>, string, string -> string", Join);
  registry.Scalar("size", "How many elements or entries.")
      .Alias("cardinality")
      .Group("collection_funcs")
      .CustomNulls()
      .Nullable([](const BindArgs& args) { return args.mode != EvalMode::kLegacy && args.nullable[0]; })
      .Example("SELECT size(array('b', 'd', 'c', 'a'))", "4")
      .Overload("array<T> -> int", Size)
      .Overload("map<K, V> -> int", Size)
      .Overload("void -> int", Size);
  registry.Scalar("array_size", "How many elements.")
      .Group("array_funcs")
      .Example("SELECT array_size(array('b', 'd', 'c', 'a'))", "4")
      .Overload("array<T> -> int", ArraySize);
}

}  // namespace

void RegisterArrayFunctions(FunctionRegistry& registry) {
  RegisterSets(registry);
  RegisterJoiningAndSizes(registry);
  auto first = [](const BindArgs& args) { return args.types[0]; };
  registry.Scalar("array_contains", "Whether the array has the value.")
      .Group("array_funcs")
      .Nullable(
          [](const BindArgs& args) { return args.nullable[0] || args.nullable[1] || args.types[0]->contains_null(); })
      .Example("SELECT array_contains(array(1, 2, 3), 2)", "true")
      .Overload("array<T>, T -> boolean", Contains);
  registry.Scalar("array_position", "The value's first place in the array, from 1; 0 when it isn't there.")
      .Group("array_funcs")
      .Example("SELECT array_position(array(3, 2, 1), 1)", "3")
      .Overload("array<T>, T -> bigint", Position);
  registry.Scalar("array_remove", "The array without the elements that equal the value.")
      .Group("array_funcs")
      .Example("SELECT array_remove(array(1, 2, 3, null, 3), 3)", "[1, 2, NULL]")
      .Overload("array<T>, T -> ?", Remove)
      .ResultType(first);
  registry.Scalar("array_compact", "The array without its NULLs.")
      .Group("array_funcs")
      .Example("SELECT array_compact(array(1, 2, 3, null))", "[1, 2, 3]")
      .Overload("array<T> -> ?", WithoutNulls)
      .ResultType([](const BindArgs& args) { return types::Array(args.types[0]->element(), false); });
  registry.Scalar("reverse", "The array in reverse order.")
      .Group("collection_funcs")
      .Overload("array<T> -> ?", Reverse)
      .ResultType(first);
  registry.Scalar("array_max", "The greatest element.")
      .Group("array_funcs")
      .AlwaysNullable()
      .Example("SELECT array_max(array(1, 20, null, 3))", "20")
      .Overload("array<T> -> T", Extreme<1>);
  registry.Scalar("array_min", "The least element.")
      .Group("array_funcs")
      .AlwaysNullable()
      .Example("SELECT array_min(array(1, 20, null, 3))", "1")
      .Overload("array<T> -> T", Extreme<-1>);
  auto nulls_first = [](const KernelArgs& call) { return Sort(call, false); };
  registry.Scalar("sort_array", "The array sorted; NULLs first when ascending, last when descending.")
      .Group("array_funcs")
      .Example("SELECT sort_array(array('b', 'd', null, 'c', 'a'), true)", "[NULL, a, b, c, d]")
      .Overload("array<T> -> ?", nulls_first)
      .ResultType(first)
      .Overload("array<T>, boolean -> ?", nulls_first)
      .ResultType(first);
  registry.Scalar("array_sort", "The array sorted, NULLs last, or by a comparing function.")
      .Group("array_funcs")
      .Example("SELECT array_sort(array('b', 'd', null, 'c', 'a'))", "[a, b, c, d, NULL]")
      .Overload("array<T> -> ?", [](const KernelArgs& call) { return Sort(call, true); })
      .ResultType(first);
  registry.Scalar("slice", "Some elements of the array, from a place that counts from 1 or from the end.")
      .Group("array_funcs")
      .Example("SELECT slice(array(1, 2, 3, 4), 2, 2)", "[2, 3]")
      .Overload("array<T>, int, int -> ?", SliceArray)
      .ResultType(first)
      .CanFail();
}

}  // namespace centella
