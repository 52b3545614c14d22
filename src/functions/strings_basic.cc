// String functions over characters: case, trimming, padding, searching, joining.
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "functions/cast.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "functions/text_search.h"

namespace centella {
namespace {

using View = StringView;

// ---- case ---------------------------------------------------------------------------------------------------------

// ICU's full mappings in the root locale, as Java's toUpperCase(Locale.ROOT).
template <auto map>
StringView MapCase(std::string_view text, StringHeap& heap) {
  static thread_local UCaseMap* case_map = [] {
    UErrorCode status = U_ZERO_ERROR;
    return ucasemap_open("", 0, &status);
  }();
  char few[256];  // no allocation for what is short
  std::string many(text.size() > 80 ? text.size() * 3 + 16 : 0, '\0');
  char* out = many.empty() ? few : many.data();
  UErrorCode status = U_ZERO_ERROR;
  const int32_t n = map(case_map, out, static_cast<int32_t>(many.empty() ? sizeof(few) : many.size()), text.data(),
                        static_cast<int32_t>(text.size()), &status);
  CENTELLA_CHECK(U_SUCCESS(status), "case mapping");
  return heap.Add({out, static_cast<size_t>(n)});
}

// The parts one after the other.
StringView Joined(std::initializer_list<std::string_view> parts, StringHeap& heap) {
  size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  CheckTextSize(static_cast<int64_t>(size), "joining");
  char few[StringView::kInlineBytes];
  char* const begin = size <= sizeof(few) ? few : heap.Reserve(size);
  char* to = begin;
  for (std::string_view part : parts) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  return {begin, static_cast<uint32_t>(size)};
}

template <char first, char last, auto icu>
VectorPtr ChangeCase(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& text, StringHeap& heap) {
    if (!IsAscii(text.view())) return MapCase<icu>(text.view(), heap);
    char buffer[View::kInlineBytes];
    char* to = text.is_inline() ? buffer : heap.Reserve(text.size());
    const char* from = text.data();
    for (uint32_t i = 0; i < text.size(); ++i) {
      to[i] = static_cast<char>(from[i] ^ ((from[i] >= first && from[i] <= last) ? 0x20 : 0));
    }
    return View(to, text.size());
  });
}

// Lower case, then each character after a space in upper case.
VectorPtr InitCap(const KernelArgs& call) {
  std::string out;
  return TextRows<View>(call, [&out](const View& text, StringHeap& heap) {
    StringHeap scratch;
    const View lower = IsAscii(text.view()) ? text : MapCase<ucasemap_utf8ToLower>(text.view(), scratch);
    out.clear();
    bool begins = true;
    const std::string_view view = lower.view();
    for (size_t i = 0; i < view.size();) {
      const size_t n = std::min(CharBytes(view[i]), view.size() - i);
      char bytes[4];
      auto c = static_cast<UChar32>(CodePointAt(view, i));
      if (begins && c == 0xDF) {  // sharp s begins a word as two letters
        out += "Ss";
        begins = false;
        i += n;
        continue;
      }
      c = begins ? u_totitle(c) : (c < 128 ? u_tolower(c) : c);
      out.append(bytes, WriteCodePoint(static_cast<uint32_t>(c), bytes));
      begins = view[i] == ' ';
      i += n;
    }
    return heap.Add(out);
  });
}

// ---- trimming -------------------------------------------------------------------------------------------------------

bool ContainsChar(std::string_view set, std::string_view character) {
  for (size_t i = 0; i < set.size();) {
    const size_t n = std::min(CharBytes(set[i]), set.size() - i);
    if (set.substr(i, n) == character) return true;
    i += n;
  }
  return false;
}

std::string_view TrimLeft(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const size_t n = std::min(CharBytes(text[0]), text.size());
    if (!ContainsChar(set, text.substr(0, n))) break;
    text.remove_prefix(n);
  }
  return text;
}

std::string_view TrimRight(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    if (!ContainsChar(set, text.substr(begin))) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

template <bool left, bool right>
std::string_view TrimSides(std::string_view text, std::string_view set) {
  if (left) text = TrimLeft(text, set);
  if (right) text = TrimRight(text, set);
  return text;
}

template <bool left, bool right>
VectorPtr TrimSpaces(const KernelArgs& call) {
  return PartRows<View>(call, [](const View& text, StringHeap& heap) {
    const std::string_view trimmed = TrimSides<left, right>(text.view(), " ");
    return text.is_inline() ? heap.Add(trimmed) : ViewOf(trimmed);
  });
}

// TRIM(set FROM text): the set is the first argument, but for btrim.
template <bool left, bool right, bool set_first>
VectorPtr TrimSet(const KernelArgs& call) {
  return PartRows<View, View>(call, [](const View& a, const View& b, StringHeap& heap) {
    const View& text = set_first ? b : a;
    const std::string_view trimmed = TrimSides<left, right>(text.view(), set_first ? a.view() : b.view());
    return text.is_inline() ? heap.Add(trimmed) : ViewOf(trimmed);
  });
}

// ---- searching ------------------------------------------------------------------------------------------------------

// 1-based character position of `part` at or after character `from` (1-based), 0 when there is none.
int32_t Locate(std::string_view part, std::string_view text, int64_t from) {
  if (from < 1) return 0;
  const size_t begin = CharOffset(text, from - 1);
  if (begin == text.size() && from - 1 > CountChars(text)) return 0;
  const size_t found = FindText(text, part, begin);
  return found == std::string_view::npos ? 0 : static_cast<int32_t>(CountChars(text.substr(0, found)) + 1);
}

template <bool part_first>
VectorPtr LocateRows(const KernelArgs& call) {
  return ValueRows<int32_t, View, View>(call, [](const View& a, const View& b, int32_t* out) {
    *out = part_first ? Locate(a.view(), b.view(), 1) : Locate(b.view(), a.view(), 1);
    return true;
  });
}

VectorPtr LocateFrom(const KernelArgs& call) {
  return ValueRows<int32_t, View, View, int32_t>(call,
                                                 [](const View& part, const View& text, int32_t from, int32_t* out) {
                                                   *out = Locate(part.view(), text.view(), from);
                                                   return true;
                                                 });
}

template <auto test>
VectorPtr Test(const KernelArgs& call) {
  return ValueRows<uint8_t, View, View>(call, [](const View& text, const View& part, uint8_t* out) {
    *out = test(text.view(), part.view());
    return true;
  });
}

int32_t FindInSet(std::string_view item, std::string_view list) {
  if (item.find(',') != std::string_view::npos) return 0;
  int32_t index = 1;
  while (true) {
    const size_t comma = list.find(',');
    if (list.substr(0, comma) == item) return index;
    if (comma == std::string_view::npos) return 0;
    list.remove_prefix(comma + 1);
    ++index;
  }
}

// ---- changing -------------------------------------------------------------------------------------------------------

VectorPtr Repeat(const KernelArgs& call) {
  return TextRows<View, int32_t>(call, [](const View& text, int32_t times, StringHeap& heap) {
    if (times <= 0 || text.size() == 0) return View();
    const int64_t size = int64_t{text.size()} * times;
    CheckTextSize(size, "repeat");
    std::string short_text;
    char* to = size <= int64_t{View::kInlineBytes} ? (short_text.resize(View::kInlineBytes), short_text.data())
                                                   : heap.Reserve(static_cast<size_t>(size));
    for (int32_t i = 0; i < times; ++i) std::memcpy(to + int64_t{i} * text.size(), text.data(), text.size());
    return View(to, static_cast<uint32_t>(size));
  });
}

VectorPtr Reverse(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& text, StringHeap& heap) {
    const std::string_view view = text.view();
    char buffer[View::kInlineBytes];
    char* to = text.is_inline() ? buffer : heap.Reserve(text.size());
    size_t end = view.size();
    for (size_t i = 0; i < view.size();) {
      const size_t n = std::min(CharBytes(view[i]), view.size() - i);
      std::memcpy(to + end - n, view.data() + i, n);
      end -= n;
      i += n;
    }
    return View(to, text.size());
  });
}

void ReplaceAll(std::string_view text, std::string_view search, std::string_view with, std::string* out) {
  size_t at = 0;
  while (true) {
    const size_t found = search.empty() ? kNotFound : FindText(text, search, at);
    out->append(text.substr(at, found == std::string_view::npos ? found : found - at));
    if (found == std::string_view::npos) return;
    out->append(with);
    CheckTextSize(static_cast<int64_t>(out->size()), "replace");
    at = found + search.size();
  }
}

VectorPtr Replace3(const KernelArgs& call) {
  std::string out;
  return TextRows<View, View, View>(call,
                                    [&out](const View& text, const View& search, const View& with, StringHeap& heap) {
                                      out.clear();
                                      ReplaceAll(text.view(), search.view(), with.view(), &out);
                                      return heap.Add(out);
                                    });
}

VectorPtr Replace2(const KernelArgs& call) {
  std::string out;
  return TextRows<View, View>(call, [&out](const View& text, const View& search, StringHeap& heap) {
    out.clear();
    ReplaceAll(text.view(), search.view(), {}, &out);
    return heap.Add(out);
  });
}

// Characters of `from` become those of `to` at the same place, or vanish.
VectorPtr Translate(const KernelArgs& call) {
  std::string out;
  return TextRows<View, View, View>(call, [&out](const View& text, const View& from, const View& to, StringHeap& heap) {
    out.clear();
    const std::string_view view = text.view(), sources = from.view();
    for (size_t i = 0; i < view.size();) {
      const size_t n = std::min(CharBytes(view[i]), view.size() - i);
      const std::string_view character = view.substr(i, n);
      i += n;
      int64_t index = 0;
      size_t at = 0;
      while (at < sources.size()) {
        const size_t m = std::min(CharBytes(sources[at]), sources.size() - at);
        if (sources.substr(at, m) == character) break;
        at += m;
        ++index;
      }
      out.append(at >= sources.size() ? character : CharRange(to.view(), index, index + 1));
    }
    return heap.Add(out);
  });
}

template <bool left>
StringView Pad(std::string_view text, int64_t length, std::string_view pad, StringHeap& heap) {
  const int64_t have = CountChars(text);
  if (length <= have || pad.empty()) return heap.Add(CharRange(text, 0, std::max<int64_t>(length, 0)));
  const int64_t missing = length - have, pad_chars = CountChars(pad);
  CheckTextSize(missing / pad_chars * static_cast<int64_t>(pad.size()) + static_cast<int64_t>(text.size()), "padding");
  const std::string_view rest = CharRange(pad, 0, missing % pad_chars);
  const size_t size = text.size() + static_cast<size_t>(missing / pad_chars) * pad.size() + rest.size();
  char few[StringView::kInlineBytes];
  char* const begin = size <= sizeof(few) ? few : heap.Reserve(size);
  char* to = begin;
  auto append = [&to](std::string_view part) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  };
  if (!left) append(text);
  for (int64_t i = 0; i < missing / pad_chars; ++i) append(pad);
  append(rest);
  if (left) append(text);
  return {begin, static_cast<uint32_t>(size)};
}

// Bytes, padded with zeros by default.
template <bool left>
VectorPtr PadBytes(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  std::string bytes;
  for (int64_t i = 0; i < call.rows; ++i) {
    out->mutable_data<View>()[i] = View();
    if (!call.IsLive(i)) continue;
    const std::string_view text = call.data<View>(0)[call.index(0, i)].view();
    const int64_t length = call.data<int32_t>(1)[call.index(1, i)];
    const std::string_view pad =
        call.args.size() > 2 ? call.data<View>(2)[call.index(2, i)].view() : std::string_view("\0", 1);
    const auto wanted = static_cast<size_t>(std::max<int64_t>(length, 0));
    bytes = text.substr(0, wanted);
    if (wanted > text.size() && !pad.empty()) {
      CheckTextSize(length, "padding");
      std::string more;
      while (more.size() < wanted - text.size()) more.append(pad.substr(0, wanted - text.size() - more.size()));
      bytes = left ? more + bytes : bytes + more;
    }
    out->mutable_data<View>()[i] = heap.Add(bytes);
  }
  heap.MoveTo(*out);
  return out;
}

template <bool left>
VectorPtr Pad2(const KernelArgs& call) {
  return TextRows<View, int32_t>(call, [](const View& text, int32_t length, StringHeap& heap) {
    return Pad<left>(text.view(), length, " ", heap);
  });
}
template <bool left>
VectorPtr Pad3(const KernelArgs& call) {
  return TextRows<View, int32_t, View>(call, [](const View& text, int32_t length, const View& pad, StringHeap& heap) {
    return Pad<left>(text.view(), length, pad.view(), heap);
  });
}

// `with` in the place of `length` characters from `position`.
StringView Overlay(std::string_view text, std::string_view with, int64_t position, int64_t length, StringHeap& heap) {
  if (length < 0) length = CountChars(with);
  return Joined({SubstringSql(text, 1, position - 1), with, SubstringSql(text, position + length, INT32_MAX)}, heap);
}

VectorPtr Overlay3(const KernelArgs& call) {
  return TextRows<View, View, int32_t>(call,
                                       [](const View& text, const View& with, int32_t position, StringHeap& heap) {
                                         return Overlay(text.view(), with.view(), position, -1, heap);
                                       });
}
VectorPtr Overlay4(const KernelArgs& call) {
  return TextRows<View, View, int32_t, int32_t>(
      call, [](const View& text, const View& with, int32_t position, int32_t length, StringHeap& heap) {
        return Overlay(text.view(), with.view(), position, length, heap);
      });
}

VectorPtr Space(const KernelArgs& call) {
  return TextRows<int32_t>(call, [](int32_t n, StringHeap& heap) {
    if (n <= 0) return View();
    char few[View::kInlineBytes];
    char* const to = n <= static_cast<int32_t>(sizeof(few)) ? few : heap.Reserve(static_cast<size_t>(n));
    std::memset(to, ' ', static_cast<size_t>(n));
    return View(to, static_cast<uint32_t>(n));
  });
}

// ---- joining --------------------------------------------------------------------------------------------------------

VectorPtr Concat(const KernelArgs& call) {
  std::vector<ArgumentValues<View>> in;
  for (const VectorPtr& arg : call.args) in.emplace_back(*arg);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<View>();
  StringHeap heap;
  ForLive(call, [&](int64_t i) {
    int64_t size = 0;
    for (const auto& values : in) size += values[i].size();
    CheckTextSize(size, "concat");
    char buffer[View::kInlineBytes];
    char* at = size <= int64_t{View::kInlineBytes} ? buffer : heap.Reserve(static_cast<size_t>(size));
    char* begin = at;
    for (const auto& values : in) {
      const View& part = values[i];
      if (part.size() != 0) std::memcpy(at, part.data(), part.size());
      at += part.size();
    }
    to[i] = View(begin, static_cast<uint32_t>(size));
  });
  heap.MoveTo(*out);
  return out;
}

// An argument of concat_ws as strings or arrays of strings.
VectorPtr AsText(const KernelArgs& call, const VectorPtr& arg) {
  const TypePtr wanted = arg->type()->is(TypeId::kArray) ? types::Array(types::String()) : types::String();
  const bool fits =
      arg->type()->is_string() || (arg->type()->is(TypeId::kArray) && arg->type()->element()->is_string());
  if (fits) return Flatten(arg);
  const VectorPtr flat = Flatten(arg);
  const VectorPtr args[] = {flat};
  const BufferPtr validity = ValidityOf(flat);
  KernelArgs inner{call.query, EvalMode::kLegacy, call.rows, args, wanted, validity ? validity->data() : nullptr};
  return Flatten(WithValidity(FindCast(flat->type(), wanted, EvalMode::kLegacy)(inner), validity));
}

// NULLs are left out; a NULL separator gives NULL.
VectorPtr ConcatWithSeparator(const KernelArgs& call) {
  std::vector<VectorPtr> parts;
  for (size_t k = 1; k < call.args.size(); ++k) parts.push_back(AsText(call, call.args[k]));
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  const DecodedVector separators(*call.args[0]);
  StringHeap heap;
  std::string text;
  for (int64_t i = 0; i < call.rows; ++i) {
    if (separators.IsNull(i)) {
      out->SetNull(i);
      continue;
    }
    text.clear();
    bool first = true;
    auto append = [&](const Vector& strings, int64_t row) {
      if (strings.IsNull(row)) return;
      if (!first) text.append(separators.Value<View>(i).view());
      text.append(strings.data<View>()[row].view());
      first = false;
    };
    for (const VectorPtr& part : parts) {
      if (!part->type()->is(TypeId::kArray)) {
        append(*part, i);
      } else if (!part->IsNull(i)) {
        const ListEntry entry = part->data<ListEntry>()[i];
        for (int32_t k = 0; k < entry.length; ++k) append(*part->child(0), entry.offset + k);
      }
    }
    CheckTextSize(static_cast<int64_t>(text.size()), "concat_ws");
    out->mutable_data<View>()[i] = heap.Add(text);
  }
  heap.MoveTo(*out);
  return out;
}

// The n-th of the following arguments.
VectorPtr Elt(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  const DecodedVector indices(*call.args[0]);
  std::vector<DecodedVector> choices;
  for (size_t k = 1; k < call.args.size(); ++k) {
    choices.emplace_back(*call.args[k]);
    out->AddHeaps(*call.args[k]);
  }
  for (int64_t i = 0; i < call.rows; ++i) {
    const int64_t index = indices.IsNull(i) ? 0 : indices.Value<int32_t>(i);
    const bool inside = index >= 1 && index <= static_cast<int64_t>(choices.size());
    if (!inside && !indices.IsNull(i) && call.mode == EvalMode::kAnsi) {
      Raise(Condition::INVALID_ARRAY_INDEX,
            {{"indexValue", std::to_string(index)}, {"arraySize", std::to_string(choices.size())}});
    }
    if (!inside || choices[static_cast<size_t>(index - 1)].IsNull(i)) {
      out->SetNull(i);
    } else {
      out->mutable_data<View>()[i] = choices[static_cast<size_t>(index - 1)].Value<View>(i);
    }
  }
  return out;
}

template <typename Out, auto measure>
VectorPtr Measure(const KernelArgs& call) {
  return ValueRows<Out, View>(call, [](const View& text, Out* out) {
    *out = static_cast<Out>(measure(text.view()));
    return true;
  });
}

constexpr auto kBytes = [](std::string_view text) { return text.size(); };
constexpr auto kBits = [](std::string_view text) { return text.size() * 8; };
constexpr auto kChars = [](std::string_view text) {
  return IsAscii(text) ? static_cast<int64_t>(text.size()) : CountChars(text);
};
constexpr auto kAscii = [](std::string_view text) { return text.empty() ? 0u : CodePointAt(text, 0); };
constexpr auto kContains = [](std::string_view a, std::string_view b) { return FindText(a, b) != kNotFound; };
constexpr auto kStarts = [](std::string_view a, std::string_view b) { return a.starts_with(b); };
constexpr auto kEnds = [](std::string_view a, std::string_view b) { return a.ends_with(b); };

VectorPtr Chr(const KernelArgs& call) {
  return TextRows<int64_t>(call, [](int64_t code, StringHeap&) {
    char bytes[4];
    if (code < 0) return View();
    return View(bytes, static_cast<uint32_t>(WriteCodePoint(static_cast<uint32_t>(code & 0xFF), bytes) - bytes));
  });
}

void RegisterCaseAndTrim(FunctionRegistry& registry) {
  registry.Scalar("upper", "The text in upper case.")
      .Alias("ucase")
      .Group("string_funcs")
      .Example("SELECT upper('SparkSql')", "SPARKSQL")
      .Overload("string -> string", ChangeCase<'a', 'z', ucasemap_utf8ToUpper>);
  registry.Scalar("lower", "The text in lower case.")
      .Alias("lcase")
      .Group("string_funcs")
      .Example("SELECT lower('SparkSql')", "sparksql")
      .Overload("string -> string", ChangeCase<'A', 'Z', ucasemap_utf8ToLower>);
  registry.Scalar("initcap", "Each word with its first letter in upper case and the others in lower case.")
      .Group("string_funcs")
      .Example("SELECT initcap('sPark sql')", "Spark Sql")
      .Overload("string -> string", InitCap);
  registry.Scalar("trim", "Without spaces (or the characters of the first text) at both ends.")
      .Group("string_funcs")
      .Example("SELECT trim('    SparkSQL   ')", "SparkSQL")
      .Overload("string -> string", TrimSpaces<true, true>)
      .Overload("string, string -> string", TrimSet<true, true, true>);
  registry.Scalar("btrim", "Without spaces (or the characters of the second text) at both ends.")
      .Group("string_funcs")
      .Example("SELECT btrim('SSparkSQLS', 'SL')", "parkSQ")
      .Overload("string -> string", TrimSpaces<true, true>)
      .Overload("string, string -> string", TrimSet<true, true, false>);
  registry.Scalar("ltrim", "Without spaces (or the characters of the first text) at the beginning.")
      .Group("string_funcs")
      .Example("SELECT ltrim('    SparkSQL')", "SparkSQL")
      .Overload("string -> string", TrimSpaces<true, false>)
      .Overload("string, string -> string", TrimSet<true, false, true>);
  registry.Scalar("rtrim", "Without spaces (or the characters of the first text) at the end.")
      .Group("string_funcs")
      .Example("SELECT rtrim('SparkSQL   ')", "SparkSQL")
      .Overload("string -> string", TrimSpaces<false, true>)
      .Overload("string, string -> string", TrimSet<false, true, true>);
}

void RegisterSearch(FunctionRegistry& registry) {
  registry.Scalar("locate", "The position of the first text in the second, 0 when it isn't there.")
      .Alias("position")
      .Group("string_funcs")
      .Example("SELECT locate('bar', 'foobarbar', 5)", "7")
      .Overload("string, string -> int", LocateRows<true>)
      .Overload("string, string, int -> int", LocateFrom);
  registry.Scalar("instr", "The position of the second text in the first, 0 when it isn't there.")
      .Group("string_funcs")
      .Example("SELECT instr('SparkSQL', 'SQL')", "6")
      .Overload("string, string -> int", LocateRows<false>);
  registry.Scalar("contains", "Whether the second text is in the first.")
      .Group("string_funcs")
      .Example("SELECT contains('Spark SQL', 'Spark')", "true")
      .Overload("string, string -> boolean", Test<kContains>)
      .Overload("binary, binary -> boolean", Test<kContains>);
  registry.Scalar("startswith", "Whether the first text begins with the second.")
      .Group("string_funcs")
      .Example("SELECT startswith('Spark SQL', 'Spark')", "true")
      .Overload("string, string -> boolean", Test<kStarts>)
      .Overload("binary, binary -> boolean", Test<kStarts>);
  registry.Scalar("endswith", "Whether the first text ends with the second.")
      .Group("string_funcs")
      .Example("SELECT endswith('Spark SQL', 'SQL')", "true")
      .Overload("string, string -> boolean", Test<kEnds>)
      .Overload("binary, binary -> boolean", Test<kEnds>);
  registry.Scalar("find_in_set", "The number of the text in a comma-separated list.")
      .Group("string_funcs")
      .Example("SELECT find_in_set('ab','abc,b,ab,c,def')", "3")
      .Overload("string, string -> int", [](const KernelArgs& call) {
        return ValueRows<int32_t, View, View>(call, [](const View& item, const View& list, int32_t* out) {
          *out = FindInSet(item.view(), list.view());
          return true;
        });
      });
  registry.Scalar("ascii", "The code of the first character.")
      .Group("string_funcs")
      .Example("SELECT ascii('222')", "50")
      .Overload("string -> int", Measure<int32_t, kAscii>);
  registry.Scalar("length", "The number of characters, or of bytes of a binary.")
      .Alias("len")
      .Group("string_funcs")
      .Alias("char_length")
      .Alias("character_length")
      .Example("SELECT length('Spark SQL ')", "10")
      .Overload("string -> int", Measure<int32_t, kChars>)
      .Overload("binary -> int", Measure<int32_t, kBytes>);
  registry.Scalar("octet_length", "The number of bytes.")
      .Group("string_funcs")
      .Example("SELECT octet_length('Spark SQL')", "9")
      .Overload("string -> int", Measure<int32_t, kBytes>)
      .Overload("binary -> int", Measure<int32_t, kBytes>);
  registry.Scalar("bit_length", "The number of bits.")
      .Group("string_funcs")
      .Example("SELECT bit_length('Spark SQL')", "72")
      .Overload("string -> int", Measure<int32_t, kBits>)
      .Overload("binary -> int", Measure<int32_t, kBits>);
}

void RegisterChanges(FunctionRegistry& registry) {
  registry.Scalar("repeat", "The text so many times.")
      .Group("string_funcs")
      .Example("SELECT repeat('123', 2)", "123123")
      .Overload("string, int -> string", Repeat)
      .CanFail();
  registry.Scalar("reverse", "The text or array in reverse order.")
      .Group("collection_funcs")
      .Example("SELECT reverse('Spark SQL')", "LQS krapS")
      .Overload("string -> string", Reverse);
  registry.Scalar("replace", "The text with all occurrences of the second replaced by the third.")
      .Group("string_funcs")
      .Example("SELECT replace('ABCabc', 'abc', 'DEF')", "ABCDEF")
      .Overload("string, string -> string", Replace2)
      .Overload("string, string, string -> string", Replace3);
  registry.Scalar("translate", "The text with characters replaced one by one.")
      .Group("string_funcs")
      .Example("SELECT translate('AaBbCc', 'abc', '123')", "A1B2C3")
      .Overload("string, string, string -> string", Translate);
  registry.Scalar("lpad", "The text padded at its beginning (or cut) to a length.")
      .Group("string_funcs")
      .Example("SELECT lpad('hi', 5, '?\?')", "??\?hi")
      .Overload("string, int -> string", Pad2<true>)
      .Overload("string, int, string -> string", Pad3<true>)
      .CanFail()
      .Overload("binary, int -> binary", PadBytes<true>)
      .CanFail()
      .Overload("binary, int, binary -> binary", PadBytes<true>)
      .CanFail();
  registry.Scalar("rpad", "The text padded at its end (or cut) to a length.")
      .Group("string_funcs")
      .Example("SELECT rpad('hi', 5, '?\?')", "hi??\?")
      .Overload("string, int -> string", Pad2<false>)
      .Overload("string, int, string -> string", Pad3<false>)
      .CanFail()
      .Overload("binary, int -> binary", PadBytes<false>)
      .CanFail()
      .Overload("binary, int, binary -> binary", PadBytes<false>)
      .CanFail();
  registry.Scalar("overlay", "The text with a part replaced by another.")
      .Group("string_funcs")
      .Example("SELECT overlay('Spark SQL' PLACING '_' FROM 6)", "Spark_SQL")
      .Overload("string, string, int -> string", Overlay3)
      .Overload("string, string, int, int -> string", Overlay4);
  registry.Scalar("space", "So many spaces.")
      .Group("string_funcs")
      .Example("SELECT concat(space(2), '1')", "  1")
      .Overload("int -> string", Space);
  registry.Scalar("char", "The character with this code (of Latin-1).")
      .Alias("chr")
      .Group("string_funcs")
      .Example("SELECT char(65)", "A")
      .Overload("bigint -> string", Chr);
  registry.Scalar("concat", "The arguments one after another.")
      .Group("collection_funcs")
      .Example("SELECT concat('Spark', 'SQL')", "SparkSQL")
      .Overload("string... -> string", Concat)
      .CanFail()
      .Overload("binary... -> binary", Concat)
      .CanFail();
  registry.Scalar("concat_ws", "The texts that aren't NULL, joined by a separator.")
      .Group("string_funcs")
      .CustomNulls()
      .Nullable([](const BindArgs& args) { return args.nullable.empty() || args.nullable[0]; })
      .Example("SELECT concat_ws(' ', 'Spark', 'SQL')", "Spark SQL")
      .Overload("string, any... -> string", ConcatWithSeparator)
      .CanFail();
  registry.Scalar("elt", "The argument of that number.")
      .Group("string_funcs")
      .CustomNulls()
      .AlwaysNullable()
      .Example("SELECT elt(1, 'scala', 'java')", "scala")
      .Overload("int, string, string... -> string", Elt)
      .CanFailAnsi();
}

}  // namespace

void RegisterStringFunctions(FunctionRegistry& registry) {
  RegisterCaseAndTrim(registry);
  RegisterSearch(registry);
  RegisterChanges(registry);
}

}  // namespace centella
