// JSON functions that look into a text: get_json_object, json_tuple, json_array_length, json_object_keys, schema_of_json.
#include <algorithm>
#include <map>
#include <optional>

#include "functions/json_text.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/text.h"

namespace centella {
namespace {

using View = StringView;

// ---- paths ----------------------------------------------------------------------------------------------------------

// One step of a path: a field, an index, or all of either.
struct Step {
  enum class Kind : uint8_t { kField, kIndex, kAllFields, kAllElements };
  Kind kind;
  std::string name;
  int64_t index = 0;
};

// "$.a['b'][0][*].*"; nothing when it isn't a path.
std::optional<std::vector<Step>> ParsePath(std::string_view path) {
  std::vector<Step> steps;
  if (path.empty() || path[0] != '$') return std::nullopt;
  size_t i = 1;
  while (i < path.size()) {
    if (path[i] == '.') {
      const size_t begin = ++i;
      while (i < path.size() && path[i] != '.' && path[i] != '[') ++i;
      std::string name(path.substr(begin, i - begin));
      if (name.empty()) return std::nullopt;
      steps.push_back({name == "*" ? Step::Kind::kAllFields : Step::Kind::kField, std::move(name), 0});
    } else if (path[i] == '[') {
      ++i;
      if (i < path.size() && path[i] == '\'') {
        const size_t close = path.find("']", i + 1);
        if (close == std::string_view::npos || close == i + 1) return std::nullopt;
        std::string name(path.substr(i + 1, close - i - 1));
        steps.push_back({name == "*" ? Step::Kind::kAllFields : Step::Kind::kField, std::move(name), 0});
        i = close + 2;
        continue;
      }
      const size_t close = path.find(']', i);
      if (close == std::string_view::npos || close == i) return std::nullopt;
      const std::string_view inside = path.substr(i, close - i);
      Step step{Step::Kind::kAllElements, "", 0};
      if (inside != "*") {
        step.kind = Step::Kind::kIndex;
        for (char c : inside) {
          if (c < '0' || c > '9' || step.index > INT32_MAX) return std::nullopt;
          step.index = step.index * 10 + (c - '0');
        }
      }
      steps.push_back(std::move(step));
      i = close + 1;
    } else {
      return std::nullopt;
    }
  }
  return steps;
}

// What a path found: JSON texts, and whether the only one is a string (which is given without quotes). Kept from row to
// row, so that rows allocate nothing.
struct Found {
  std::string texts;         // one after the other
  std::vector<size_t> ends;  // of each
  std::string bare;
  bool single_string = false;
  std::string name, text;  // scratch

  void Clear() {
    texts.clear();
    ends.clear();
    single_string = false;
  }
  void Add(std::string_view one) {
    texts.append(one);
    ends.push_back(texts.size());
  }
};

// Numbers with a fraction or an exponent as Java writes its doubles: 1.50 is 1.5, 1e3 is 1000.0.
std::string WithJavaNumbers(const std::string& json) {
  if (json.find_first_of(".eE") == std::string::npos) return json;
  std::string out;
  for (size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      size_t end = i + 1;
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, json.size());
      out.append(json, i, end - i);
      i = end;
      continue;
    }
    if (c != '-' && (c < '0' || c > '9')) {
      out += c;
      ++i;
      continue;
    }
    const size_t end = std::min(json.find_first_not_of("+-.0123456789eE", i), json.size());
    const std::string number = json.substr(i, end - i);
    double value = 0;
    const bool floating = number.find_first_of(".eE") != std::string::npos && ParseDouble(number, &value);
    out += floating ? DoubleToString(value) : number;
    i = end;
  }
  return out;
}

// Walks on from the cursor, which stands at a value, and consumes that value. False on malformed text.
bool Walk(JsonCursor* cursor, const std::vector<Step>& steps, size_t at, int depth, Found* found) {
  if (depth > kMaxJsonDepth) return false;
  if (at == steps.size()) {
    std::string& text = found->text;
    text.clear();
    if (IsQuote(cursor->Peek())) {
      if (!cursor->ReadString(&found->bare)) return false;
      found->single_string = found->ends.empty();
      AppendJsonString(found->bare, &text);
    } else {
      found->single_string = false;
      if (!cursor->CopyValue(&text)) return false;
      if (text == "null") return true;
      if (text.find_first_of(".eE") != std::string::npos) text = WithJavaNumbers(text);
    }
    found->Add(text);
    return true;
  }
  const Step& step = steps[at];
  const char c = cursor->Peek();
  const bool wants_object = step.kind == Step::Kind::kField || step.kind == Step::Kind::kAllFields;
  if (c == '{' && wants_object) {
    cursor->Take('{');
    bool first = true, done = false;
    while (!cursor->Take('}')) {
      if (!first && !cursor->Take(',')) return false;
      first = false;
      if (!cursor->ReadString(&found->name) || !cursor->Take(':')) return false;
      if (!done && (step.kind == Step::Kind::kAllFields || found->name == step.name)) {
        const size_t before = found->ends.size();
        if (!Walk(cursor, steps, at + 1, depth + 1, found)) return false;
        done = step.kind == Step::Kind::kField && found->ends.size() > before;
      } else if (!cursor->SkipValue()) {
        return false;
      }
    }
    return true;
  }
  if (c == '[' && !wants_object) {
    cursor->Take('[');
    int64_t index = 0;
    while (!cursor->Take(']')) {
      if (index != 0 && !cursor->Take(',')) return false;
      if (step.kind == Step::Kind::kAllElements || index == step.index) {
        if (!Walk(cursor, steps, at + 1, depth + 1, found)) return false;
      } else if (!cursor->SkipValue()) {
        return false;
      }
      ++index;
    }
    return true;
  }
  return cursor->SkipValue();
}

VectorPtr GetJsonObject(const KernelArgs& call) {
  std::string seen;
  std::optional<std::vector<Step>> steps;
  bool compiled = false;
  Found found;
  std::string list;
  return MaybeTextRows<View, View>(call, [&](const View& json, const View& path, StringHeap& heap, View* out) {
    if (!compiled || path.view() != seen) {
      steps = ParsePath(path.view());
      seen = std::string(path.view());
      compiled = true;
    }
    if (!steps.has_value()) return false;
    JsonCursor cursor(json.view());
    found.Clear();
    if (!Walk(&cursor, *steps, 0, 0, &found) || found.ends.empty()) return false;
    if (found.ends.size() == 1) {
      const bool all =
          std::any_of(steps->begin(), steps->end(), [](const Step& s) { return s.kind == Step::Kind::kAllElements; });
      *out = heap.Add(found.single_string && !all ? found.bare : found.texts);
      return true;
    }
    list = "[";
    size_t begin = 0;
    for (size_t end : found.ends) {
      if (begin != 0) list += ',';
      list.append(found.texts, begin, end - begin);
      begin = end;
    }
    list += ']';
    *out = heap.Add(list);
    return true;
  });
}

// ---- json_tuple -----------------------------------------------------------------------------------------------------

GeneratedRows JsonTuple(const KernelArgs& call) {
  const size_t width = call.args.size() - 1;
  GeneratedRows out;
  std::vector<MutableVectorPtr> columns;
  std::vector<StringHeap> heaps(width);
  for (size_t k = 0; k < width; ++k) {
    columns.push_back(Vector::MakeFlat(types::String(), call.rows));
    if (call.rows != 0) columns.back()->mutable_validity();
  }
  for (int64_t i = 0; i < call.rows; ++i) {
    out.input_rows.push_back(static_cast<int32_t>(i));
    for (size_t k = 0; k < width; ++k) columns[k]->SetNull(i);
    if (call.args[0]->IsNull(call.index(0, i))) continue;
    JsonCursor cursor(call.data<View>(0)[call.index(0, i)].view());
    std::string name, text;
    if (!cursor.Take('{')) continue;
    bool first = true;
    while (!cursor.Take('}')) {
      if (!first && !cursor.Take(',')) break;
      first = false;
      if (!cursor.ReadString(&name) || !cursor.Take(':')) break;
      text.clear();
      const bool is_string = IsQuote(cursor.Peek());
      if (is_string ? !cursor.ReadString(&text) : !cursor.CopyValue(&text)) break;
      if (!is_string && text == "null") continue;
      for (size_t k = 0; k < width; ++k) {
        const int64_t at = call.index(k + 1, i);
        if (call.args[k + 1]->IsNull(at) || call.data<View>(k + 1)[at].view() != name || !columns[k]->IsNull(i))
          continue;
        columns[k]->mutable_data<View>()[i] = heaps[k].Add(text);
        SetBit(columns[k]->mutable_validity(), i);
      }
    }
  }
  for (size_t k = 0; k < width; ++k) {
    heaps[k].MoveTo(*columns[k]);
    out.columns.push_back(columns[k]);
  }
  return out;
}

TypePtr JsonTupleType(const BindArgs& args) {
  std::vector<StructField> fields;
  for (size_t k = 1; k < args.types.size(); ++k)
    fields.push_back({"c" + std::to_string(k - 1), types::String(), true, ""});
  return types::Struct(std::move(fields));
}

// ---- lengths and keys -----------------------------------------------------------------------------------------------

VectorPtr ArrayLength(const KernelArgs& call) {
  return ValueRows<int32_t, View>(call, [](const View& json, int32_t* out) {
    JsonCursor cursor(json.view());
    if (!cursor.Take('[')) return false;
    while (!cursor.Take(']')) {
      if (*out != 0 && !cursor.Take(',')) return false;
      if (!cursor.SkipValue()) return false;
      ++*out;
    }
    return true;
  });
}

VectorPtr ObjectKeys(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  std::vector<View> keys;
  StringHeap heap;
  ArgumentValues<View> texts(*call.args[0]);
  std::string name;
  ForLive(call, [&](int64_t i) {
    const size_t begin = keys.size();
    JsonCursor cursor(texts[i].view());
    bool good = cursor.Take('{');
    bool first = true;
    while (good && !cursor.Take('}')) {
      good = (first || cursor.Take(',')) && cursor.ReadString(&name) && cursor.Take(':') && cursor.SkipValue();
      first = false;
      if (good) keys.push_back(heap.Add(name));
    }
    if (!good) {
      keys.resize(begin);
      out->SetNull(i);
    }
    out->mutable_data<ListEntry>()[i] = {static_cast<int32_t>(begin), static_cast<int32_t>(keys.size() - begin)};
  });
  MutableVectorPtr child = Vector::MakeFlat(types::String(), static_cast<int64_t>(keys.size()));
  std::copy(keys.begin(), keys.end(), child->mutable_data<View>());
  heap.MoveTo(*child);
  out->set_child(0, child);
  return out;
}

// ---- schema_of_json -------------------------------------------------------------------------------------------------

TypePtr Infer(JsonCursor* cursor, int depth);

TypePtr Merge(const TypePtr& a, const TypePtr& b) {
  if (a->is(TypeId::kNull)) return b;
  if (b->is(TypeId::kNull) || SameTypeIgnoringNullability(*a, *b)) return a;
  auto number = [](const TypePtr& t) { return t->is_numeric(); };
  if (number(a) && number(b)) {
    if (a->is(TypeId::kDouble) || b->is(TypeId::kDouble)) return types::Double();
    return a->is(TypeId::kDecimal) ? a : b;
  }
  if (a->is(TypeId::kArray) && b->is(TypeId::kArray)) return types::Array(Merge(a->element(), b->element()));
  if (a->is(TypeId::kStruct) && b->is(TypeId::kStruct)) {
    std::map<std::string, TypePtr> fields;
    for (const TypePtr& type : {a, b}) {
      for (const StructField& field : type->fields()) {
        TypePtr& merged = fields[field.name];
        merged = merged == nullptr ? field.type : Merge(merged, field.type);
      }
    }
    std::vector<StructField> merged;
    for (auto& [name, type] : fields) merged.push_back({name, type, true, ""});
    return types::Struct(std::move(merged));
  }
  return types::String();
}

TypePtr InferScalar(std::string_view text) {
  if (text == "null") return types::Null();
  if (text == "true" || text == "false") return types::Boolean();
  if (text.find_first_of(".eENI") != std::string_view::npos) return types::Double();
  const size_t digits = text.size() - (text[0] == '-');
  if (digits < 19) return types::Long();
  if (digits == 19) {
    int64_t value;
    if (__builtin_mul_overflow(std::stoll(std::string(text.substr(0, text.size() - 1))), int64_t{10}, &value))
      return types::Decimal(20, 0);
    const int64_t last = text.back() - '0';
    if (!__builtin_add_overflow(value, text[0] == '-' ? -last : last, &value)) return types::Long();
    return types::Decimal(19, 0);
  }
  return digits <= 38 ? types::Decimal(static_cast<int>(digits), 0) : types::Double();
}

// The type of the value at the cursor; null on malformed text. Fields are in the order of their names.
TypePtr Infer(JsonCursor* cursor, int depth) {
  if (depth > 100) return nullptr;
  const char c = cursor->Peek();
  std::string text;
  if (IsQuote(c)) return cursor->ReadString(&text) ? types::String() : nullptr;
  if (c == '[') {
    cursor->Take('[');
    TypePtr element = types::Null();
    bool first = true;
    while (!cursor->Take(']')) {
      if (!first && !cursor->Take(',')) return nullptr;
      first = false;
      TypePtr next = Infer(cursor, depth + 1);
      if (next == nullptr) return nullptr;
      element = Merge(element, next);
    }
    return types::Array(element);
  }
  if (c == '{') {
    cursor->Take('{');
    std::map<std::string, TypePtr> fields;
    bool first = true;
    while (!cursor->Take('}')) {
      if (!first && !cursor->Take(',')) return nullptr;
      first = false;
      if (!cursor->ReadString(&text) || !cursor->Take(':')) return nullptr;
      const std::string name = text;
      TypePtr type = Infer(cursor, depth + 1);
      if (type == nullptr) return nullptr;
      fields[name] = type;
    }
    std::vector<StructField> inferred;
    for (auto& [name, type] : fields) inferred.push_back({name, type, true, ""});
    return types::Struct(std::move(inferred));
  }
  std::string_view scalar;
  return cursor->ReadScalar(&scalar) ? InferScalar(scalar) : nullptr;
}

// Types of nothing but nulls become strings.
TypePtr WithoutVoid(const TypePtr& type) {
  if (type->is(TypeId::kNull)) return types::String();
  if (type->is(TypeId::kArray)) return types::Array(WithoutVoid(type->element()));
  if (!type->is(TypeId::kStruct)) return type;
  std::vector<StructField> fields;
  for (const StructField& field : type->fields()) fields.push_back({field.name, WithoutVoid(field.type), true, ""});
  return types::Struct(std::move(fields));
}

VectorPtr SchemaOfJson(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& json, StringHeap& heap) {
    JsonCursor cursor(json.view());
    const TypePtr type = Infer(&cursor, 0);
    return heap.Add(type == nullptr ? "STRUCT<_corrupt_record: STRING>" : WithoutVoid(type)->ToSql());
  });
}

}  // namespace

void RegisterJsonLookups(FunctionRegistry& registry) {
  registry.Scalar("get_json_object", "What a path finds in a JSON text.")
      .Group("json_funcs")
      .AlwaysNullable()
      .Example("SELECT get_json_object('{\"a\":\"b\"}', '$.a')", "b")
      .Overload("string, string -> string", GetJsonObject);
  registry.Generator("json_tuple", "Several fields of a JSON object, a column each.")
      .Group("json_funcs")
      .Example("SELECT c0 FROM (SELECT json_tuple('{\"a\":1, \"b\":2}', 'a', 'b'))", "1")
      .GeneratorOverload("string, string, string... -> ?", JsonTuple)
      .ResultType(JsonTupleType);
  registry.Scalar("json_array_length", "The number of elements of a JSON array.")
      .Group("json_funcs")
      .AlwaysNullable()
      .Example("SELECT json_array_length('[1,2,3,4]')", "4")
      .Overload("string -> int", ArrayLength);
  registry.Scalar("json_object_keys", "The field names of a JSON object.")
      .Group("json_funcs")
      .AlwaysNullable()
      .Example("SELECT json_object_keys('{\"key\": \"value\"}')", "[key]")
      .Overload("string -> array<string>", ObjectKeys);
  registry.Scalar("schema_of_json", "The schema of a JSON text, in DDL.")
      .Group("json_funcs")
      .Example("SELECT schema_of_json('[{\"col\":0}]')", "ARRAY<STRUCT<col: BIGINT>>")
      .Overload("string -> string", SchemaOfJson);
}

}  // namespace centella
