// Higher-order functions: transform, filter, exists, forall, aggregate, zip_with, array_sort with a comparator, and
// the map forms.
#include <algorithm>

#include "functions/compare.h"
#include "functions/lists.h"
#include "functions/registry.h"

namespace centella {
namespace {

// The elements of all live rows of one array or map argument, one after another, with the row that each came from.
struct Elements {
  std::vector<int32_t> picks;   // places in the child
  std::vector<int32_t> rows;    // outer rows
  std::vector<int32_t> places;  // 0-based places in their array
  int64_t size() const { return static_cast<int64_t>(picks.size()); }
};

Elements Spread(const KernelArgs& call, const ListArg& lists) {
  Elements out;
  ForLive(call, [&](int64_t i) {
    ListEntry entry = lists[i];
    for (int32_t k = 0; k < entry.length; ++k) {
      out.picks.push_back(entry.offset + k);
      out.rows.push_back(static_cast<int32_t>(i));
      out.places.push_back(k);
    }
  });
  return out;
}

VectorPtr Pick(const VectorPtr& from, const std::vector<int32_t>& picks) {
  return Gather(from, picks.data(), static_cast<int64_t>(picks.size()));
}

VectorPtr IntVector(const std::vector<int32_t>& values) {
  MutableVectorPtr out = Vector::MakeFlat(types::Int(), static_cast<int64_t>(values.size()));
  std::copy(values.begin(), values.end(), out->mutable_data<int32_t>());
  return out;
}

// Entries for as many elements a row as it had, in order.
std::vector<ListEntry> Repack(const KernelArgs& call, const ListArg& lists) {
  std::vector<ListEntry> entries(call.rows);
  int32_t offset = 0;
  ForLive(call, [&](int64_t i) {
    entries[i] = {offset, lists[i].length};
    offset += lists[i].length;
  });
  return entries;
}

// x -> or (x, index) ->; the evaluator ignores a parameter that the body doesn't name.
VectorPtr ApplyToElements(const KernelArgs& call, const ListArg& lists, const Elements& elements) {
  std::vector<VectorPtr> parameters = {Pick(lists.child(), elements.picks), IntVector(elements.places)};
  return call.lambdas[0]->Apply(parameters, elements.rows.data(), elements.size());
}

bool IsTrue(const Vector& test, int64_t row) {
  DecodedVector decoded(test);
  return !decoded.IsNull(row) && decoded.Value<uint8_t>(row) != 0;
}

VectorPtr Transform(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  VectorPtr values = ApplyToElements(call, lists, Spread(call, lists));
  return WrapList(call.result_type, Repack(call, lists), Flatten(values));
}

VectorPtr Filter(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  Elements elements = Spread(call, lists);
  VectorPtr test = ApplyToElements(call, lists, elements);
  DecodedVector decoded(*test);
  ListPicks out(call.rows);
  int64_t at = 0;
  for (int64_t i = 0; i < call.rows; ++i) {
    for (; at < elements.size() && elements.rows[at] == i; ++at) {
      if (!decoded.IsNull(at) && decoded.Value<uint8_t>(at) != 0) out.Pick(elements.picks[at]);
    }
    out.EndRow();
  }
  return out.Finish(call.result_type, lists.child());
}

// exists: one true gives true, else a NULL gives NULL. forall: one false gives false, else a NULL gives NULL.
template <bool wanted>
VectorPtr AnyOrAll(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  Elements elements = Spread(call, lists);
  VectorPtr test = ApplyToElements(call, lists, elements);
  DecodedVector decoded(*test);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  int64_t at = 0;
  for (int64_t i = 0; i < call.rows; ++i) {
    bool found = false, null = false;
    for (; at < elements.size() && elements.rows[at] == i; ++at) {
      if (decoded.IsNull(at)) {
        null = true;
      } else if ((decoded.Value<uint8_t>(at) != 0) == wanted) {
        found = true;
      }
    }
    out->mutable_data<uint8_t>()[i] = found == wanted;
    if (!found && null) out->SetNull(i);
  }
  return out;
}

// Folds place by place: all rows that still have an element take one step together.
VectorPtr Aggregate(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  VectorPtr state = Flatten(call.args[1]);
  std::vector<int32_t> active;
  for (int64_t i = 0; i < call.rows; ++i) {
    if (!call.args[0]->IsNull(i)) active.push_back(static_cast<int32_t>(i));
  }
  for (int32_t place = 0; !active.empty(); ++place) {
    std::vector<int32_t> next, picks;
    for (int32_t row : active) {
      ListEntry entry = lists[row];
      if (place >= entry.length) continue;
      next.push_back(row);
      picks.push_back(entry.offset + place);
    }
    active = std::move(next);
    if (active.empty()) break;
    std::vector<VectorPtr> parameters = {Pick(state, active), Pick(lists.child(), picks)};
    VectorPtr stepped = call.lambdas[0]->Apply(parameters, active.data(), static_cast<int64_t>(active.size()));
    // Put the new states in place of the old: those of rows without an element stay.
    std::vector<int32_t> order(call.rows);
    for (int64_t i = 0; i < call.rows; ++i) order[i] = static_cast<int32_t>(i);
    for (size_t k = 0; k < active.size(); ++k) order[active[k]] = static_cast<int32_t>(call.rows + k);
    state = Flatten(Pick(Concat({state, Flatten(stepped)}), order));
  }
  std::vector<int32_t> all(call.rows);
  for (int64_t i = 0; i < call.rows; ++i) all[i] = static_cast<int32_t>(i);
  BufferPtr validity = ValidityOf(call.args[0]);
  if (call.lambdas.size() < 2) return WithValidity(std::move(state), validity);
  std::vector<VectorPtr> parameters = {state};
  VectorPtr result = call.lambdas[1]->Apply(parameters, all.data(), call.rows);
  return WithValidity(std::move(result), validity);
}

VectorPtr ZipWith(const KernelArgs& call) {
  ListArg a(*call.args[0]), b(*call.args[1]);
  std::vector<int32_t> left, right, rows;
  std::vector<ListEntry> entries(call.rows);
  ForLive(call, [&](int64_t i) {
    ListEntry x = a[i], y = b[i];
    int32_t longest = std::max(x.length, y.length);
    entries[i] = {static_cast<int32_t>(rows.size()), longest};
    for (int32_t k = 0; k < longest; ++k) {
      left.push_back(k < x.length ? x.offset + k : -1);
      right.push_back(k < y.length ? y.offset + k : -1);
      rows.push_back(static_cast<int32_t>(i));
    }
  });
  std::vector<VectorPtr> parameters = {Pick(a.child(), left), Pick(b.child(), right)};
  VectorPtr values = call.lambdas[0]->Apply(parameters, rows.data(), static_cast<int64_t>(rows.size()));
  return WrapList(call.result_type, entries, Flatten(values));
}

// Sorts one array by a comparing function: a merge sort, because a comparator may be inconsistent.
class ComparatorSort {
 public:
  ComparatorSort(LambdaCall& comparator, const VectorPtr& child, int32_t row)
      : comparator_(comparator), child_(child), row_(row) {}
  void Sort(std::vector<int32_t>& items) {
    if (items.size() < 2) return;
    auto middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
    std::vector<int32_t> a(items.begin(), middle), b(middle, items.end());
    Sort(a);
    Sort(b);
    size_t i = 0, j = 0;
    for (int32_t& item : items) {
      bool take_a = j == b.size() || (i < a.size() && Compare(a[i], b[j]) <= 0);
      item = take_a ? a[i++] : b[j++];
    }
  }

 private:
  int64_t Compare(int32_t a, int32_t b) {
    std::vector<VectorPtr> parameters = {Gather(child_, &a, 1), Gather(child_, &b, 1)};
    VectorPtr result = comparator_.Apply(parameters, &row_, 1);
    if (result->IsNull(0))
      Raise(Condition::COMPARATOR_RETURNS_NULL,
            {{"firstValue", child_->GetValue(a).ToDisplay()}, {"secondValue", child_->GetValue(b).ToDisplay()}});
    return result->GetValue(0).integer();
  }
  LambdaCall& comparator_;
  const VectorPtr& child_;
  int32_t row_;
};

VectorPtr SortBy(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  ListPicks out(call.rows);
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.IsLive(i)) {
      ListEntry entry = lists[i];
      std::vector<int32_t> items(entry.length);
      for (int32_t k = 0; k < entry.length; ++k) items[k] = entry.offset + k;
      ComparatorSort(*call.lambdas[0], lists.child(), static_cast<int32_t>(i)).Sort(items);
      for (int32_t k : items) out.Pick(k);
    }
    out.EndRow();
  }
  return out.Finish(call.result_type, lists.child());
}

// ---- maps ---------------------------------------------------------------------------------------------------------

VectorPtr ApplyToEntries(const KernelArgs& call, const ListArg& maps, const Elements& entries) {
  std::vector<VectorPtr> parameters = {Pick(KeysOf(maps.child()), entries.picks),
                                       Pick(ValuesOf(maps.child()), entries.picks)};
  return call.lambdas[0]->Apply(parameters, entries.rows.data(), entries.size());
}

VectorPtr MapFilter(const KernelArgs& call) {
  ListArg maps(*call.args[0]);
  Elements entries = Spread(call, maps);
  VectorPtr test = ApplyToEntries(call, maps, entries);
  ListPicks out(call.rows);
  int64_t at = 0;
  for (int64_t i = 0; i < call.rows; ++i) {
    for (; at < entries.size() && entries.rows[at] == i; ++at) {
      if (IsTrue(*test, at)) out.Pick(entries.picks[at]);
    }
    out.EndRow();
  }
  return out.Finish(call.result_type, maps.child());
}

VectorPtr TransformValues(const KernelArgs& call) {
  ListArg maps(*call.args[0]);
  Elements entries = Spread(call, maps);
  VectorPtr values = ApplyToEntries(call, maps, entries);
  return WrapMap(call.result_type, Repack(call, maps), Flatten(Pick(KeysOf(maps.child()), entries.picks)),
                 Flatten(values));
}

VectorPtr TransformKeys(const KernelArgs& call) {
  ListArg maps(*call.args[0]);
  Elements entries = Spread(call, maps);
  VectorPtr keys = ApplyToEntries(call, maps, entries);
  MapPicks out(call, Flatten(keys), Flatten(Pick(ValuesOf(maps.child()), entries.picks)));
  int64_t at = 0;
  for (int64_t i = 0; i < call.rows; ++i) {
    for (; at < entries.size() && entries.rows[at] == i; ++at) out.Put(at, at);
    out.EndRow();
  }
  return out.Finish(call.result_type);
}

// map_zip_with: the keys of the first map, then those that only the second has; a missing value is NULL.
VectorPtr MapZipWith(const KernelArgs& call) {
  ListArg a(*call.args[0]), b(*call.args[1]);
  VectorPtr a_keys = Flatten(KeysOf(a.child())), b_keys = Flatten(KeysOf(b.child()));
  VectorPtr keys = Concat({a_keys, b_keys});
  auto shift = static_cast<int32_t>(a_keys->size());
  std::vector<int32_t> key_picks, left, right, rows;
  std::vector<ListEntry> entries(call.rows);
  auto find = [](const VectorPtr& in, ListEntry entry, const VectorPtr& of, int32_t at) {
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      if (CompareRows(*in, k, *of, at) == 0) return k;
    }
    return -1;
  };
  auto put = [&](int64_t i, int32_t key, int32_t x, int32_t y) {
    rows.push_back(static_cast<int32_t>(i));
    key_picks.push_back(key);
    left.push_back(x);
    right.push_back(y);
  };
  ForLive(call, [&](int64_t i) {
    ListEntry x = a[i], y = b[i];
    auto begin = static_cast<int32_t>(rows.size());
    for (int32_t k = x.offset; k < x.offset + x.length; ++k) put(i, k, k, find(b_keys, y, a_keys, k));
    for (int32_t k = y.offset; k < y.offset + y.length; ++k) {
      if (find(a_keys, x, b_keys, k) < 0) put(i, shift + k, -1, k);
    }
    entries[i] = {begin, static_cast<int32_t>(rows.size()) - begin};
  });
  std::vector<VectorPtr> parameters = {Pick(keys, key_picks), Pick(ValuesOf(a.child()), left),
                                       Pick(ValuesOf(b.child()), right)};
  VectorPtr values = call.lambdas[0]->Apply(parameters, rows.data(), static_cast<int64_t>(rows.size()));
  return WrapMap(call.result_type, entries, Flatten(parameters[0]), Flatten(values));
}

}  // namespace

void RegisterHigherOrderFunctions(FunctionRegistry& registry) {
  auto first = [](const BindArgs& args) { return args.types[0]; };
  auto body_list = [](size_t body) {
    return [body](const BindArgs& args) { return types::Array(args.types[body], args.nullable[body]); };
  };
  registry.Scalar("transform", "The array with each element transformed.")
      .Group("lambda_funcs")
      .Example("SELECT transform(array(1, 2, 3), x -> x + 1)", "[2, 3, 4]")
      .Overload("array<T>, (T) => U -> ?", Transform)
      .ResultType(body_list(1))
      .Overload("array<T>, (T, int) => U -> ?", Transform)
      .ResultType(body_list(1));
  registry.Scalar("filter", "The elements for which the function is true.")
      .Group("lambda_funcs")
      .Example("SELECT filter(array(1, 2, 3), x -> x % 2 == 1)", "[1, 3]")
      .Overload("array<T>, (T) => boolean -> ?", Filter)
      .ResultType(first)
      .Overload("array<T>, (T, int) => boolean -> ?", Filter)
      .ResultType(first);
  registry.Scalar("exists", "Whether the function is true for an element.")
      .Group("lambda_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.nullable[1]; })
      .Example("SELECT exists(array(1, 2, 3), x -> x % 2 == 0)", "true")
      .Overload("array<T>, (T) => boolean -> boolean", AnyOrAll<true>);
  registry.Scalar("forall", "Whether the function is true for all elements.")
      .Group("lambda_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.nullable[1]; })
      .Example("SELECT forall(array(1, 2, 3), x -> x % 2 == 0)", "false")
      .Overload("array<T>, (T) => boolean -> boolean", AnyOrAll<false>);
  registry.Scalar("aggregate", "A value folded over the array's elements.")
      .Alias("reduce")
      .Group("lambda_funcs")
      .CustomNulls()
      .AlwaysNullable()
      .Example("SELECT aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x)", "6")
      .Overload("array<T>, U, (U, T) => U -> U", Aggregate)
      .Overload("array<T>, U, (U, T) => U, (U) => V -> V", Aggregate);
  registry.Scalar("zip_with", "Two arrays joined element by element.")
      .Group("lambda_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.nullable[1]; })
      .Example("SELECT zip_with(array(1, 2), array(3, 4), (x, y) -> x + y)", "[4, 6]")
      .Overload("array<T>, array<K>, (T, K) => U -> ?", ZipWith)
      .ResultType(body_list(2));
  registry.Scalar("array_sort", "").Overload("array<T>, (T, T) => int -> ?", SortBy).ResultType(first).CanFail();
  registry.Scalar("map_filter", "The entries for which the function is true.")
      .Group("lambda_funcs")
      .Overload("map<K, V>, (K, V) => boolean -> ?", MapFilter)
      .ResultType(first);
  registry.Scalar("transform_values", "The map with each value transformed.")
      .Group("lambda_funcs")
      .Overload("map<K, V>, (K, V) => U -> ?", TransformValues)
      .ResultType(
          [](const BindArgs& args) { return types::Map(args.types[0]->key(), args.types[1], args.nullable[1]); });
  registry.Scalar("transform_keys", "The map with each key transformed.")
      .Group("lambda_funcs")
      .Overload("map<K, V>, (K, V) => U -> ?", TransformKeys)
      .ResultType([](const BindArgs& args) {
        return types::Map(args.types[1], args.types[0]->value(), args.types[0]->value_contains_null());
      })
      .CanFail();
  registry.Scalar("map_zip_with", "Two maps joined key by key.")
      .Group("lambda_funcs")
      .Overload("map<K, V>, map<K, W>, (K, V, W) => U -> ?", MapZipWith)
      .ResultType(
          [](const BindArgs& args) { return types::Map(args.types[0]->key(), args.types[2], args.nullable[2]); });
}

}  // namespace centella
