// Making and taking apart arrays and structs: array, struct, get_field, element_at, sequence, arrays_zip and others.
#include <algorithm>

#include "functions/lists.h"
#include "functions/registry.h"
#include "functions/try_kernel.h"

namespace centella {
namespace {

VectorPtr MakeArray(const KernelArgs& call) {
  ListPicks out(call.rows);
  if (call.args.empty()) {
    for (int64_t i = 0; i < call.rows; ++i) out.EndRow();
    return out.Finish(call.result_type, Vector::MakeNull(call.result_type->element(), 1));
  }
  std::vector<VectorPtr> parts;
  for (const VectorPtr& arg : call.args) parts.push_back(Flatten(arg));
  for (int64_t i = 0; i < call.rows; ++i) {
    for (size_t a = 0; a < parts.size(); ++a) out.Pick(static_cast<int64_t>(a) * call.rows + i);
    out.EndRow();
  }
  return out.Finish(call.result_type, Concat(parts));
}

VectorPtr MakeStructOf(const KernelArgs& call, size_t first, size_t step) {
  std::vector<VectorPtr> children;
  for (size_t a = first; a < call.args.size(); a += step) children.push_back(call.args[a]);
  return Vector::WrapFlat(call.result_type, call.rows, nullptr, nullptr, {}, std::move(children));
}

TypePtr NamedStructType(const BindArgs& args) {
  std::vector<StructField> fields;
  for (size_t i = 0; i + 1 < args.types.size(); i += 2) {
    CENTELLA_CHECK(args.constants[i] != nullptr && !args.constants[i]->is_null(),
                   "a struct's field names are constants");
    fields.push_back({args.constants[i]->string(), args.types[i + 1], args.nullable[i + 1], ""});
  }
  return types::Struct(std::move(fields));
}

TypePtr StructType(const BindArgs& args) {
  std::vector<StructField> fields;
  for (size_t i = 0; i < args.types.size(); ++i) {
    fields.push_back({"col" + std::to_string(i + 1), args.types[i], args.nullable[i], ""});
  }
  return types::Struct(std::move(fields));
}

// ---- extraction ---------------------------------------------------------------------------------------------------

// The field that a constant names, with its case; analysis has made sure that it's there.
size_t FieldNumber(const DataType& type, std::string_view name) {
  for (size_t i = 0; i < type.fields().size(); ++i) {
    if (type.fields()[i].name == name) return i;
  }
  RaiseInternal(__FILE__, __LINE__, "a struct without the field " + std::string(name));
}

VectorPtr GetField(const KernelArgs& call) {
  return FieldOf(call.args[0], FieldNumber(*call.args[0]->type(), call.data<StringView>(1)[0].view()));
}

VectorPtr GetArrayStructFields(const KernelArgs& call) {
  const size_t field = FieldNumber(*call.args[0]->type()->element(), call.data<StringView>(1)[0].view());
  ListArg lists(*call.args[0]);
  // Elements that are null structs give null fields.
  VectorPtr child = Flatten(lists.child());
  VectorPtr values = WithValidity(Flatten(FieldOf(child, field)), ValidityOf(child));
  std::vector<ListEntry> entries(call.rows);
  for (int64_t i = 0; i < call.rows; ++i) entries[i] = call.IsLive(i) ? lists[i] : ListEntry{};
  return WrapList(call.result_type, entries, std::move(values));
}

enum class Missing { kNull, kInvalidIndex, kInvalidElement };

// One element of each array by a 0-based index.
template <Missing missing>
VectorPtr ArrayItem(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  std::vector<int32_t> picks(call.rows, -1);
  ForLive(call, [&](int64_t i) {
    ListEntry entry = lists[i];
    int32_t index = call.data<int32_t>(1)[call.index(1, i)];
    if (index >= 0 && index < entry.length) {
      picks[i] = entry.offset + index;
    } else if (missing == Missing::kInvalidIndex && call.mode == EvalMode::kAnsi) {
      Raise(Condition::INVALID_ARRAY_INDEX,
            {{"indexValue", std::to_string(index)}, {"arraySize", std::to_string(entry.length)}});
    }
  });
  return Gather(lists.child(), picks.data(), call.rows);
}

// element_at(array, place): from 1, or from -1 at the end.
VectorPtr ElementAt(const KernelArgs& call) {
  ListArg lists(*call.args[0]);
  std::vector<int32_t> picks(call.rows, -1);
  ForLive(call, [&](int64_t i) {
    ListEntry entry = lists[i];
    int64_t place = call.data<int32_t>(1)[call.index(1, i)];
    if (place == 0) Raise(Condition::INVALID_INDEX_OF_ZERO);
    int64_t index = place > 0 ? place - 1 : entry.length + place;
    if (index >= 0 && index < entry.length) {
      picks[i] = static_cast<int32_t>(entry.offset + index);
    } else if (call.mode == EvalMode::kAnsi) {
      Raise(Condition::INVALID_ARRAY_INDEX_IN_ELEMENT_AT,
            {{"indexValue", std::to_string(place)}, {"arraySize", std::to_string(entry.length)}});
    }
  });
  return Gather(lists.child(), picks.data(), call.rows);
}

// ---- growing ------------------------------------------------------------------------------------------------------

// Kernels that put the second argument, which may be NULL, into the array of the first, which may not.
template <typename Row>
VectorPtr Grow(const KernelArgs& call, size_t element, Row&& row) {
  ListArg lists(*call.args[0]);
  VectorPtr child = Flatten(lists.child());
  VectorPtr source = Concat({child, Flatten(call.args[element])});
  ListPicks out(call.rows);
  std::vector<int64_t> nulls;
  for (int64_t i = 0; i < call.rows; ++i) {
    bool null = call.args[0]->IsNull(i) || (call.args.size() > 2 && call.args[1]->IsNull(i));
    if (null) {
      nulls.push_back(i);
    } else {
      row(i, lists[i], child->size() + i, out);
    }
    out.EndRow();
  }
  VectorPtr result = out.Finish(call.result_type, source);
  for (int64_t i : nulls) std::const_pointer_cast<Vector>(result)->SetNull(i);
  return result;
}

void PickAll(ListEntry entry, ListPicks& out) {
  for (int32_t k = entry.offset; k < entry.offset + entry.length; ++k) out.Pick(k);
}

VectorPtr Append(const KernelArgs& call) {
  return Grow(call, 1, [](int64_t, ListEntry entry, int64_t element, ListPicks& out) {
    PickAll(entry, out);
    out.Pick(element);
  });
}
VectorPtr Prepend(const KernelArgs& call) {
  return Grow(call, 1, [](int64_t, ListEntry entry, int64_t element, ListPicks& out) {
    out.Pick(element);
    PickAll(entry, out);
  });
}

// array_insert(array, place, element): gaps are filled with NULLs; negative places count from the end.
VectorPtr Insert(const KernelArgs& call) {
  return Grow(call, 2, [&](int64_t i, ListEntry entry, int64_t element, ListPicks& out) {
    int64_t place = call.data<int32_t>(1)[call.index(1, i)];
    if (place == 0) Raise(Condition::INVALID_INDEX_OF_ZERO);
    int64_t at = place > 0 ? place - 1 : entry.length + place + 1;
    out.Expect(std::max<int64_t>(std::abs(place), entry.length) + 1);
    if (at < 0) {
      out.Pick(element);
      for (int64_t k = at; k < 0; ++k) out.Pick(-1);
      PickAll(entry, out);
      return;
    }
    for (int64_t k = 0; k < std::min<int64_t>(at, entry.length); ++k) out.Pick(entry.offset + k);
    for (int64_t k = entry.length; k < at; ++k) out.Pick(-1);
    out.Pick(element);
    for (int64_t k = at; k < entry.length; ++k) out.Pick(entry.offset + k);
  });
}

VectorPtr Repeat(const KernelArgs& call) {
  ListPicks out(call.rows);
  std::vector<int64_t> nulls;
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.args[1]->IsNull(i)) {
      nulls.push_back(i);
    } else {
      int32_t count = call.data<int32_t>(1)[call.index(1, i)];
      if (count > 2147483632) {
        Raise(Condition::COLLECTION_SIZE_LIMIT_EXCEEDED__PARAMETER, {{"numberOfElements", std::to_string(count)},
                                                                     {"functionName", "`array_repeat`"},
                                                                     {"maxRoundedArrayLength", "2147483632"},
                                                                     {"parameter", "`count`"}});
      }
      out.Expect(count);
      for (int32_t k = 0; k < count; ++k) out.Pick(i);
    }
    out.EndRow();
  }
  VectorPtr result = out.Finish(call.result_type, Flatten(call.args[0]));
  for (int64_t i : nulls) std::const_pointer_cast<Vector>(result)->SetNull(i);
  return result;
}

// How many values `from`, `from + step`, … up to `to` are; raises where there are none or too many.
int64_t SequenceCount(int128_t from, int128_t to, int128_t step) {
  if ((step == 0 && from != to) || (step > 0 && from > to) || (step < 0 && from < to)) {
    auto text = [](int128_t v) { return std::to_string(static_cast<int64_t>(v)); };
    Raise(Condition::INVALID_PARAMETER_VALUE__SEQUENCE_BOUNDARIES,
          {{"start", text(from)}, {"stop", text(to)}, {"step", text(step)}});
  }
  const int128_t count = step == 0 ? 1 : (to - from) / step + 1;
  if (count > 2147483632) {
    Raise(Condition::COLLECTION_SIZE_LIMIT_EXCEEDED__PARAMETER,
          {{"parameter", "`count`"},
           {"numberOfElements", std::to_string(static_cast<int64_t>(count))},
           {"functionName", "`sequence`"},
           {"maxRoundedArrayLength", "2147483632"}});
  }
  return static_cast<int64_t>(count);
}

template <typename T>
VectorPtr Sequence(const KernelArgs& call) {
  ArgumentValues<T> start(*call.args[0]), stop(*call.args[1]);
  const auto step_of = [&](int64_t i) -> int64_t {
    return call.args.size() > 2 ? call.data<T>(2)[call.index(2, i)] : (start[i] <= stop[i] ? 1 : -1);
  };
  std::vector<ListEntry> entries(call.rows);
  int64_t total = 0;
  ForLive(call, [&](int64_t i) {
    const int64_t count = SequenceCount(start[i], stop[i], step_of(i));
    if (total + count > (int64_t{1} << 28)) RaiseUnsupported("an array of more than 268435456 elements");
    entries[i] = {static_cast<int32_t>(total), static_cast<int32_t>(count)};
    total += count;
  });
  MutableVectorPtr child = Vector::MakeFlat(call.result_type->element(), total);
  T* values = child->mutable_data<T>();
  ForLive(call, [&](int64_t i) {
    // Unsigned: what lies beyond the last value isn't used, but computed.
    const auto first = static_cast<uint64_t>(int64_t{start[i]}), step = static_cast<uint64_t>(step_of(i));
    T* to = values + entries[i].offset;
    for (int32_t k = 0; k < entries[i].length; ++k) to[k] = static_cast<T>(first + static_cast<uint64_t>(k) * step);
  });
  return WrapList(call.result_type, entries, std::move(child));
}

// ---- arrays_zip ---------------------------------------------------------------------------------------------------

VectorPtr Zip(const KernelArgs& call) {
  std::vector<ListArg> lists;
  for (const VectorPtr& arg : call.args) lists.emplace_back(*arg);
  std::vector<std::vector<int32_t>> picks(lists.size());
  std::vector<ListEntry> entries(call.rows);
  int32_t total = 0;
  ForLive(call, [&](int64_t i) {
    int32_t longest = 0;
    for (const ListArg& list : lists) longest = std::max(longest, list[i].length);
    entries[i] = {total, longest};
    total += longest;
    for (size_t a = 0; a < lists.size(); ++a) {
      ListEntry entry = lists[a][i];
      for (int32_t k = 0; k < longest; ++k) picks[a].push_back(k < entry.length ? entry.offset + k : -1);
    }
  });
  std::vector<VectorPtr> children;
  for (size_t a = 0; a < lists.size(); ++a) {
    children.push_back(Flatten(Gather(lists[a].child(), picks[a].data(), total)));
  }
  VectorPtr structs = Vector::WrapFlat(call.result_type->element(), total, nullptr, nullptr, {}, std::move(children));
  return WrapList(call.result_type, entries, std::move(structs));
}

TypePtr ZipType(const BindArgs& args) {
  std::vector<StructField> fields;
  for (size_t i = 0; i < args.types.size(); ++i) {
    fields.push_back({std::to_string(i), args.types[i]->element(), true, ""});
  }
  return types::Array(types::Struct(std::move(fields)), false);
}

TypePtr ArrayOfArgs(const BindArgs& args) {
  bool nullable = false;
  for (bool n : args.nullable) nullable |= n;
  if (args.types.empty()) return types::Array(types::Null(), false);
  TypePtr element = args.types[0];
  for (const TypePtr& type : args.types) element = EitherType(element, type);
  return types::Array(element, nullable);
}

const StructField& NamedField(const DataType& type, const Value* name) {
  CENTELLA_CHECK(name != nullptr && !name->is_null(), "the name of a struct's field isn't constant");
  return type.fields()[FieldNumber(type, name->string())];
}

// Nullable when the struct is, or the field.
bool FieldNullable(const BindArgs& args) {
  if (args.nullable[0] || args.constants[1] == nullptr) return true;
  return NamedField(*args.types[0], args.constants[1]).nullable;
}

// What analysis knows of an element: of a constant array and place all, else whether there are NULL elements.
bool ElementNullable(const BindArgs& args) {
  if (!args.types[0]->is(TypeId::kArray)) return true;
  if (args.constants[1] == nullptr || args.constants[1]->is_null()) {
    // A NULL place gives NULL. (Spark declares that element_at(array(1, 2), place) never is, and then shows what lies
    // there.)
    return args.nullable[0] || args.nullable[1] || args.mode != EvalMode::kAnsi || args.types[0]->contains_null();
  }
  if (args.constants[0] == nullptr || args.constants[0]->is_null()) return true;
  const std::vector<Value>& elements = args.constants[0]->parts();
  int64_t place = args.constants[1]->integer();
  int64_t index = place > 0 ? place - 1 : static_cast<int64_t>(elements.size()) + place;
  if (index < 0 || index >= static_cast<int64_t>(elements.size())) return args.mode != EvalMode::kAnsi;
  return elements[index].is_null();
}

void RegisterExtraction(FunctionRegistry& registry) {
  registry.Scalar("get_struct_field", "A struct's field by name; what `struct.field` becomes.")
      .Group("internal")
      .Nullable(FieldNullable)
      .Overload("struct, string -> ?", GetField)
      .ResultType([](const BindArgs& args) { return NamedField(*args.types[0], args.constants[1]).type; });
  registry.Scalar("get_array_struct_fields", "One field of every struct of an array.")
      .Group("internal")
      .Overload("array<struct>, string -> ?", GetArrayStructFields)
      .ResultType([](const BindArgs& args) {
        const StructField& field = NamedField(*args.types[0]->element(), args.constants[1]);
        return types::Array(field.type, field.nullable || args.types[0]->contains_null());
      });
  registry.Scalar("get_array_item", "What `array[index]` becomes.")
      .Group("internal")
      .AlwaysNullable()
      .Overload("array<T>, int -> T", ArrayItem<Missing::kInvalidIndex>)
      .CanFailAnsi();
  registry.Scalar("get", "An element by its place from 0; NULL outside of the array.")
      .Group("array_funcs")
      .AlwaysNullable()
      .Example("SELECT get(array(1, 2, 3), 0)", "1")
      .Overload("array<T>, int -> T", ArrayItem<Missing::kNull>);
  registry.Scalar("element_at", "An element by its place from 1 (or from -1 at the end), or a key's value.")
      .Group("collection_funcs")
      .Nullable(ElementNullable)
      .Example("SELECT element_at(array(1, 2, 3), 2)", "2")
      .Overload("array<T>, int -> T", ElementAt)
      .CanFail();
  registry.Scalar("try_element_at", "As element_at, but NULL outside of the array.")
      .Group("collection_funcs")
      .AlwaysNullable()
      .Example("SELECT try_element_at(array(1, 2, 3), 2)", "2")
      .Overload("array<T>, int -> T", TryKernel(ElementAt))
      .CanFail();
}

}  // namespace

void RegisterCollectionFunctions(FunctionRegistry& registry) {
  RegisterExtraction(registry);
  registry.Scalar("array", "An array of the arguments.")
      .Group("array_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT array(1, 2, 3)", "[1, 2, 3]")
      .Overload("T... -> ?", MakeArray)
      .ResultType(ArrayOfArgs);
  registry.Scalar("named_struct", "A struct of names and values.")
      .Group("struct_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT named_struct('a', 1, 'b', 2)", "{1, 2}")
      .Overload("any... -> ?", [](const KernelArgs& call) { return MakeStructOf(call, 1, 2); })
      .ResultType(NamedStructType);
  registry.Scalar("struct", "A struct of the arguments.")
      .Group("struct_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT struct(1, 2, 3)", "{1, 2, 3}")
      .Overload("any... -> ?", [](const KernelArgs& call) { return MakeStructOf(call, 0, 1); })
      .ResultType(StructType);
  auto wider = [](const BindArgs& args) {
    return types::Array(args.types[0]->element(), args.types[0]->contains_null() || args.nullable[1]);
  };
  auto first_null = [](const BindArgs& args) { return args.nullable[0]; };
  registry.Scalar("array_append", "The array with the value after it.")
      .Group("array_funcs")
      .CustomNulls()
      .Nullable(first_null)
      .Example("SELECT array_append(array(1), 2)", "[1, 2]")
      .Overload("array<T>, T -> ?", Append)
      .ResultType(wider);
  registry.Scalar("array_prepend", "The array with the value before it.")
      .Group("array_funcs")
      .CustomNulls()
      .Nullable(first_null)
      .Example("SELECT array_prepend(array(2), 1)", "[1, 2]")
      .Overload("array<T>, T -> ?", Prepend)
      .ResultType(wider);
  registry.Scalar("array_insert", "The array with the value put in at a place.")
      .Group("array_funcs")
      .CustomNulls()
      .Nullable([](const BindArgs& args) { return args.nullable[0] || args.nullable[1]; })
      .Example("SELECT array_insert(array(1, 2, 3, 4), 5, 5)", "[1, 2, 3, 4, 5]")
      .Overload("array<T>, int, T -> ?", Insert)
      .ResultType([](const BindArgs& args) { return types::Array(args.types[0]->element(), true); })
      .CanFail();
  registry.Scalar("array_repeat", "An array of the value some times.")
      .Group("array_funcs")
      .CustomNulls()
      .Nullable([](const BindArgs& args) { return args.nullable[1]; })
      .Example("SELECT array_repeat('123', 2)", "[123, 123]")
      .Overload("any, int -> ?", Repeat)
      .ResultType([](const BindArgs& args) { return types::Array(args.types[0], args.nullable[0]); })
      .CanFail();
  FunctionBuilder sequence = registry.Scalar("sequence", "The numbers from start to stop by a step.");
  sequence.Group("array_funcs").Example("SELECT sequence(1, 5)", "[1, 2, 3, 4, 5]");
  auto list = [](const BindArgs& args) { return types::Array(args.types[0], false); };
  for (const char* types : {"T, T -> ?", "T, T, T -> ?"}) {
    std::string text(types);
    auto with = [&](const char* type) {
      std::string out;
      for (char c : text) c == 'T' ? out += type : out += c;
      return out;
    };
    sequence.Overload(with("tinyint"), Sequence<int8_t>).ResultType(list).CanFail();
    sequence.Overload(with("smallint"), Sequence<int16_t>).ResultType(list).CanFail();
    sequence.Overload(with("int"), Sequence<int32_t>).ResultType(list).CanFail();
    sequence.Overload(with("bigint"), Sequence<int64_t>).ResultType(list).CanFail();
  }
  registry.Scalar("arrays_zip", "An array of structs, one for each place of the arrays.")
      .Group("array_funcs")
      .Overload("array<any>... -> ?", Zip)
      .ResultType(ZipType);
}

}  // namespace centella
