// String functions that take a part: by position, by count, between delimiters.
#include <algorithm>
#include <limits>

#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "functions/text_search.h"

namespace centella {
namespace {

using View = StringView;

std::string_view SubbytesSql(std::string_view bytes, int64_t position, int64_t length) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (position > size) return {};
  int64_t start = position > 0 ? position - 1 : position < 0 ? size + position : 0;
  const int64_t end = std::min(start + length, size);
  start = std::max<int64_t>(start, 0);
  return start >= end ? std::string_view() : bytes.substr(static_cast<size_t>(start), static_cast<size_t>(end - start));
}

StringView Part(const View& of, std::string_view part, StringHeap& heap) {
  return of.is_inline() || part.size() <= View::kInlineBytes ? heap.Add(part) : ViewOf(part);
}

template <auto take>
VectorPtr Substring2(const KernelArgs& call) {
  return PartRows<View, int32_t>(call, [](const View& text, int32_t position, StringHeap& heap) {
    return Part(text, take(text.view(), position, INT32_MAX), heap);
  });
}
template <auto take>
VectorPtr Substring3(const KernelArgs& call) {
  return PartRows<View, int32_t, int32_t>(call,
                                          [](const View& text, int32_t position, int32_t length, StringHeap& heap) {
                                            return Part(text, take(text.view(), position, length), heap);
                                          });
}

std::string_view LeftOf(std::string_view text, int64_t n, int64_t) { return SubstringSql(text, 1, n); }
std::string_view RightOf(std::string_view text, int64_t n, int64_t) {
  return n <= 0 ? std::string_view() : SubstringSql(text, -n, INT32_MAX);
}

// The text before (count > 0) or after (count < 0) the count-th delimiter.
std::string_view SubstringIndex(std::string_view text, std::string_view delimiter, int64_t count) {
  if (delimiter.empty() || count == 0) return {};
  if (count > 0) {
    size_t at = 0;
    while (true) {
      const size_t found = FindText(text, delimiter, at);
      if (found == std::string_view::npos) return text;
      if (--count == 0) return text.substr(0, found);
      at = found + 1;
    }
  }
  size_t end = text.size();
  while (end >= delimiter.size()) {
    const size_t found = text.rfind(delimiter, end - delimiter.size());
    if (found == std::string_view::npos) return text;
    if (++count == 0) return text.substr(found + delimiter.size());
    if (found == 0) return text;
    end = found + delimiter.size() - 1;
  }
  return text;
}

VectorPtr SubstringIndexRows(const KernelArgs& call) {
  return PartRows<View, View, int32_t>(call, [](const View& text, const View& delimiter, int32_t n, StringHeap& heap) {
    return Part(text, SubstringIndex(text.view(), delimiter.view(), n), heap);
  });
}

// Parts between delimiters; an empty delimiter doesn't split.
VectorPtr SplitPart(const KernelArgs& call) {
  return TextRows<View, View, int32_t>(call, [](const View& text, const View& delimiter, int32_t n, StringHeap& heap) {
    if (n == 0) Raise(Condition::INVALID_INDEX_OF_ZERO);
    if (text.size() == 0) return View();
    const std::string_view by = delimiter.view();
    auto next = [by](std::string_view rest) { return by.empty() ? kNotFound : FindText(rest, by); };
    int64_t index = n - 1;
    if (n < 0) {
      index = n + 1;
      std::string_view rest = text.view();
      for (size_t found = next(rest); found != std::string_view::npos; found = next(rest)) {
        rest.remove_prefix(found + by.size());
        ++index;
      }
      if (index < 0) return View();
    }
    std::string_view rest = text.view();
    for (; index > 0; --index) {
      const size_t found = next(rest);
      if (found == std::string_view::npos) return View();
      rest.remove_prefix(found + by.size());
    }
    return heap.Add(rest.substr(0, next(rest)));
  });
}

}  // namespace

void RegisterStringParts(FunctionRegistry& registry) {
  registry.Scalar("substring", "The characters from a position, counted from 1 (negative: from the end).")
      .Alias("substr")
      .Group("string_funcs")
      .Example("SELECT substring('Spark SQL', 5, 1)", "k")
      .Overload("string, int -> string", Substring2<SubstringSql>)
      .Overload("string, int, int -> string", Substring3<SubstringSql>)
      .Overload("binary, int -> binary", Substring2<SubbytesSql>)
      .Overload("binary, int, int -> binary", Substring3<SubbytesSql>);
  registry.Scalar("left", "The first characters.")
      .Group("string_funcs")
      .Example("SELECT left('Spark SQL', 3)", "Spa")
      .Overload("string, int -> string", Substring2<LeftOf>)
      .Overload("binary, int -> binary", [](const KernelArgs& call) {
        return PartRows<View, int32_t>(call, [](const View& bytes, int32_t count, StringHeap&) {
          return ViewOf(bytes.view().substr(0, static_cast<size_t>(std::max(count, 0))));
        });
      });
  registry.Scalar("right", "The last characters.")
      .Group("string_funcs")
      .Example("SELECT right('Spark SQL', 3)", "SQL")
      .Overload("string, int -> string", Substring2<RightOf>);
  registry.Scalar("substring_index", "The text before the count-th delimiter, or after it counted from the end.")
      .Group("string_funcs")
      .Example("SELECT substring_index('www.apache.org', '.', 2)", "www.apache")
      .Overload("string, string, int -> string", SubstringIndexRows);
  registry.Scalar("split_part", "The part of that number between delimiters.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT split_part('11.12.13', '.', 3)", "13")
      .Overload("string, string, int -> string", SplitPart)
      .CanFail();
}

}  // namespace centella
