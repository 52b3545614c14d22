// Functions over maps.
#include <algorithm>

#include "functions/compare.h"
#include "functions/lists.h"
#include "functions/registry.h"
#include "functions/text_split.h"

namespace centella {
namespace {

VectorPtr MakeMap(const KernelArgs& call) {
  std::vector<VectorPtr> keys, values;
  for (size_t a = 0; a + 1 < call.args.size(); a += 2) {
    keys.push_back(Flatten(call.args[a]));
    values.push_back(Flatten(call.args[a + 1]));
  }
  if (keys.empty()) {
    keys.push_back(Vector::MakeNull(call.result_type->key(), 0));
    values.push_back(Vector::MakeNull(call.result_type->value(), 0));
  }
  MapPicks out(call, Concat(keys), Concat(values));
  for (int64_t i = 0; i < call.rows; ++i) {
    for (size_t a = 0; 2 * a + 1 < call.args.size(); ++a) {
      int64_t at = static_cast<int64_t>(a) * call.rows + i;
      out.Put(at, at);
    }
    out.EndRow();
  }
  return out.Finish(call.result_type);
}

TypePtr MapType(const BindArgs& args) {
  bool nullable = false;
  for (size_t i = 1; i < args.nullable.size(); i += 2) nullable |= args.nullable[i];
  if (args.types.size() < 2) return types::Map(types::Null(), types::Null(), false);
  TypePtr key = args.types[0], value = args.types[1];
  for (size_t i = 2; i + 1 < args.types.size(); i += 2) {
    key = EitherType(key, args.types[i]);
    value = EitherType(value, args.types[i + 1]);
  }
  return types::Map(key, value, nullable);
}

// Arrays of keys or of values share the map's entries.
template <size_t field>
VectorPtr Part(const KernelArgs& call) {
  ListArg maps(*call.args[0]);
  std::vector<ListEntry> entries(call.rows);
  for (int64_t i = 0; i < call.rows; ++i) entries[i] = call.IsLive(i) ? maps[i] : ListEntry{};
  return WrapList(call.result_type, entries, Flatten(FieldOf(maps.child(), field)));
}

VectorPtr Entries(const KernelArgs& call) {
  ListArg maps(*call.args[0]);
  std::vector<ListEntry> entries(call.rows);
  for (int64_t i = 0; i < call.rows; ++i) entries[i] = call.IsLive(i) ? maps[i] : ListEntry{};
  return WrapList(call.result_type, entries, maps.child());
}

// Place of each row's key in the map's child; -1 when it isn't there.
std::vector<int32_t> FindKeys(const KernelArgs& call, const ListArg& maps, const VectorPtr& keys) {
  std::vector<int32_t> picks(call.rows, -1);
  ForLive(call, [&](int64_t i) {
    ListEntry entry = maps[i];
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) {
      if (CompareRows(*keys, k, *call.args[1], i) == 0) {
        picks[i] = k;
        return;
      }
    }
  });
  return picks;
}

VectorPtr Lookup(const KernelArgs& call) {
  ListArg maps(*call.args[0]);
  std::vector<int32_t> picks = FindKeys(call, maps, KeysOf(maps.child()));
  return Gather(ValuesOf(maps.child()), picks.data(), call.rows);
}

VectorPtr ContainsKey(const KernelArgs& call) {
  ListArg maps(*call.args[0]);
  std::vector<int32_t> picks = FindKeys(call, maps, KeysOf(maps.child()));
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  for (int64_t i = 0; i < call.rows; ++i) out->mutable_data<uint8_t>()[i] = picks[i] >= 0;
  return out;
}

VectorPtr FromArrays(const KernelArgs& call) {
  ListArg keys(*call.args[0]), values(*call.args[1]);
  MapPicks out(call, keys.child(), values.child());
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.IsLive(i)) {
      ListEntry k = keys[i], v = values[i];
      if (k.length != v.length) Raise(Condition::_LEGACY_ERROR_TEMP_2128);
      for (int32_t j = 0; j < k.length; ++j) out.Put(k.offset + j, v.offset + j);
    }
    out.EndRow();
  }
  return out.Finish(call.result_type);
}

VectorPtr FromEntries(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  VectorPtr structs = Flatten(lists.child());
  MapPicks out(call, structs->child(0), structs->child(1));
  std::vector<int64_t> nulls;
  for (int64_t i = 0; i < call.rows; ++i) {
    ListEntry entry = call.IsLive(i) ? lists[i] : ListEntry{};
    bool null = false;
    for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) null |= structs->IsNull(k);
    for (int32_t k = entry.offset; !null && k < entry.offset + entry.length; ++k) out.Put(k, k);
    if (null) nulls.push_back(i);
    out.EndRow();
  }
  VectorPtr result = out.Finish(call.result_type);
  for (int64_t i : nulls) std::const_pointer_cast<Vector>(result)->SetNull(i);
  return result;
}

VectorPtr ConcatMaps(const KernelArgs& call) {
  std::vector<ListArg> maps;
  std::vector<VectorPtr> keys, values;
  std::vector<int64_t> shifts;
  int64_t shift = 0;
  for (const VectorPtr& arg : call.args) {
    maps.emplace_back(*arg);
    keys.push_back(Flatten(KeysOf(maps.back().child())));
    values.push_back(Flatten(ValuesOf(maps.back().child())));
    shifts.push_back(shift);
    shift += keys.back()->size();
  }
  if (maps.empty()) {
    keys.push_back(Vector::MakeNull(call.result_type->key(), 0));
    values.push_back(Vector::MakeNull(call.result_type->value(), 0));
  }
  MapPicks out(call, Concat(keys), Concat(values));
  for (int64_t i = 0; i < call.rows; ++i) {
    for (size_t a = 0; a < maps.size() && call.IsLive(i); ++a) {
      ListEntry entry = maps[a][i];
      for (int32_t k = 0; k < entry.length; ++k) {
        out.Put(shifts[a] + entry.offset + k, shifts[a] + entry.offset + k);
      }
    }
    out.EndRow();
  }
  return out.Finish(call.result_type);
}

struct Parts {
  std::vector<std::string_view> texts;
  void Add(std::string_view text) { texts.push_back(text); }
};

VectorPtr FromText(const KernelArgs& call) {
  std::vector<std::string_view> keys;
  std::vector<std::pair<std::string_view, bool>> values;
  std::vector<int64_t> ends(call.rows);
  RegexArgument pair_regex("str_to_map"), key_regex("str_to_map");
  Parts pairs, entry;
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.IsLive(i)) {
      std::string_view text = call.data<StringView>(0)[call.index(0, i)].view();
      auto delimiter = [&](size_t arg, std::string_view otherwise) {
        return call.args.size() > arg ? call.data<StringView>(arg)[call.index(arg, i)].view() : otherwise;
      };
      pairs.texts.clear();
      SplitText(pair_regex, text, delimiter(1, ","), -1, &pairs);
      for (std::string_view pair : pairs.texts) {
        entry.texts.clear();
        SplitText(key_regex, pair, delimiter(2, ":"), 2, &entry);
        keys.push_back(entry.texts.empty() ? std::string_view() : entry.texts[0]);
        bool has = entry.texts.size() > 1;
        values.emplace_back(has ? entry.texts[1] : std::string_view(), has);
      }
    }
    ends[i] = static_cast<int64_t>(keys.size());
  }
  auto total = static_cast<int64_t>(keys.size());
  MutableVectorPtr key_vector = Vector::MakeFlat(types::String(), total);
  MutableVectorPtr value_vector = Vector::MakeFlat(types::String(), total);
  StringHeap heap;
  for (int64_t k = 0; k < total; ++k) {
    key_vector->mutable_data<StringView>()[k] = heap.Add(keys[k]);
    value_vector->mutable_data<StringView>()[k] = heap.Add(values[k].first);
    if (!values[k].second) value_vector->SetNull(k);
  }
  heap.MoveTo(*key_vector);
  value_vector->AddHeaps(*key_vector);
  MapPicks out(call, key_vector, value_vector);
  for (int64_t i = 0; i < call.rows; ++i) {
    for (int64_t k = i == 0 ? 0 : ends[i - 1]; k < ends[i]; ++k) out.Put(k, k);
    out.EndRow();
  }
  return out.Finish(call.result_type);
}

}  // namespace

void RegisterMapFunctions(FunctionRegistry& registry) {
  registry.Scalar("map", "A map of keys and values.")
      .Alias("create_map")
      .Group("map_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT map(1.0, '2', 3.0, '4')", "{1.0 -> 2, 3.0 -> 4}")
      .Overload("any... -> ?", MakeMap)
      .ResultType(MapType)
      .CanFail();
  registry.Scalar("map_keys", "The keys as an array.")
      .Group("map_funcs")
      .Example("SELECT map_keys(map(1, 'a', 2, 'b'))", "[1, 2]")
      .Overload("map<K, V> -> ?", Part<0>)
      .ResultType([](const BindArgs& args) { return types::Array(args.types[0]->key(), true); });
  registry.Scalar("map_values", "The values as an array.")
      .Group("map_funcs")
      .Example("SELECT map_values(map(1, 'a', 2, 'b'))", "[a, b]")
      .Overload("map<K, V> -> ?", Part<1>)
      .ResultType([](const BindArgs& args) {
        return types::Array(args.types[0]->value(), args.types[0]->value_contains_null());
      });
  registry.Scalar("map_entries", "The entries as an array of structs.")
      .Group("map_funcs")
      .Example("SELECT map_entries(map(1, 'a', 2, 'b'))", "[{1, a}, {2, b}]")
      .Overload("map<K, V> -> ?", Entries)
      .ResultType([](const BindArgs& args) {
        const DataType& map = *args.types[0];
        return types::Array(
            types::Struct({{"key", map.key(), false, ""}, {"value", map.value(), map.value_contains_null(), ""}}),
            false);
      });
  registry.Scalar("get_map_value", "What `map[key]` becomes.").Group("internal").AlwaysNullable();
  for (const char* name : {"get_map_value", "element_at", "try_element_at"}) {
    registry.Scalar(name, "The value of a key; NULL without it.").Overload("map<K, V>, K -> V", Lookup);
  }
  registry.Scalar("map_contains_key", "Whether the map has the key.")
      .Group("map_funcs")
      .Example("SELECT map_contains_key(map(1, 'a', 2, 'b'), 1)", "true")
      .Overload("map<K, V>, K -> boolean", ContainsKey);
  registry.Scalar("map_from_arrays", "A map of an array of keys and one of values.")
      .Group("map_funcs")
      .Example("SELECT map_from_arrays(array(1.0, 3.0), array('2', '4'))", "{1.0 -> 2, 3.0 -> 4}")
      .Overload("array<K>, array<V> -> ?", FromArrays)
      .ResultType([](const BindArgs& args) {
        return types::Map(args.types[0]->element(), args.types[1]->element(), args.types[1]->contains_null());
      })
      .CanFail();
  registry.Scalar("map_from_entries", "A map of an array of structs.")
      .Group("map_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.types[0]->contains_null(); })
      .Example("SELECT map_from_entries(array(struct(1, 'a'), struct(2, 'b')))", "{1 -> a, 2 -> b}")
      .Overload("array<struct> -> ?", FromEntries)
      .ResultType([](const BindArgs& args) {
        const std::vector<StructField>& fields = args.types[0]->element()->fields();
        return types::Map(fields[0].type, fields[1].type, fields[1].nullable);
      })
      .CanFail();
  registry.Scalar("map_concat", "The entries of all maps.")
      .Group("map_funcs")
      .Example("SELECT map_concat(map(1, 'a', 2, 'b'), map(3, 'c'))", "{1 -> a, 2 -> b, 3 -> c}")
      .Overload("map<K, V>... -> ?", ConcatMaps)
      .ResultType([](const BindArgs& args) {
        bool nullable = false;
        for (const TypePtr& type : args.types) nullable |= type->value_contains_null();
        if (args.types.empty()) return types::Map(types::String(), types::String(), true);
        return types::Map(args.types[0]->key(), args.types[0]->value(), nullable);
      })
      .CanFail();
  registry.Scalar("str_to_map", "A map of a text of entries.")
      .Group("map_funcs")
      .Example("SELECT str_to_map('a:1,b:2,c:3', ',', ':')", "{a -> 1, b -> 2, c -> 3}")
      .Overload("string -> map<string, string>", FromText)
      .CanFail()
      .Overload("string, string -> map<string, string>", FromText)
      .CanFail()
      .Overload("string, string, string -> map<string, string>", FromText)
      .CanFail();
}

}  // namespace centella
