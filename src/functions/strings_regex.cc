// Functions over regular expressions and LIKE patterns; split.
#include <memory>
#include <optional>

#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "functions/text_split.h"

namespace centella {
namespace {

using View = StringView;

VectorPtr RLike(const KernelArgs& call) {
  RegexArgument regex("rlike");
  return ValueRows<uint8_t, View, View>(call, [&](const View& text, const View& pattern, uint8_t* out) {
    *out = regex.Of(pattern.view()).Find(text.view(), 0);
    return true;
  });
}

// ---- LIKE -----------------------------------------------------------------------------------------------------------

// ---- extraction -----------------------------------------------------------------------------------------------------

void CheckGroup(const RegexMatcher& matcher, int32_t group, const char* function) {
  if (group >= 0 && group <= matcher.regex().group_count()) return;
  Raise(Condition::INVALID_PARAMETER_VALUE__REGEX_GROUP_INDEX,
        {{"parameter", "`idx`"},
         {"functionName", "`" + std::string(function) + "`"},
         {"groupCount", std::to_string(matcher.regex().group_count())},
         {"groupIndex", std::to_string(group)}});
}

std::string_view GroupText(const RegexMatcher& matcher, std::string_view text, int32_t group) {
  if (!matcher.has(group)) return {};
  return text.substr(matcher.begin(group), matcher.end(group) - matcher.begin(group));
}

StringView Extract(RegexMatcher& matcher, const View& text, int32_t group, StringHeap& heap) {
  if (!matcher.Find(text.view(), 0)) return View();
  CheckGroup(matcher, group, "regexp_extract");
  return heap.Add(GroupText(matcher, text.view(), group));
}

VectorPtr Extract2(const KernelArgs& call) {
  RegexArgument regex("regexp_extract");
  return TextRows<View, View>(call, [&](const View& text, const View& pattern, StringHeap& heap) {
    return Extract(regex.Of(pattern.view()), text, 1, heap);
  });
}
VectorPtr Extract3(const KernelArgs& call) {
  RegexArgument regex("regexp_extract");
  return TextRows<View, View, int32_t>(call,
                                       [&](const View& text, const View& pattern, int32_t group, StringHeap& heap) {
                                         return Extract(regex.Of(pattern.view()), text, group, heap);
                                       });
}

VectorPtr Substr(const KernelArgs& call) {
  RegexArgument regex("regexp_substr");
  return MaybeTextRows<View, View>(call, [&](const View& text, const View& pattern, StringHeap& heap, View* out) {
    RegexMatcher& matcher = regex.Of(pattern.view());
    if (!matcher.Find(text.view(), 0)) return false;
    *out = heap.Add(GroupText(matcher, text.view(), 0));
    return true;
  });
}

VectorPtr Count(const KernelArgs& call) {
  RegexArgument regex("regexp_count");
  return ValueRows<int32_t, View, View>(call, [&](const View& text, const View& pattern, int32_t* out) {
    RegexMatcher& matcher = regex.Of(pattern.view());
    for (size_t at = 0; matcher.Find(text.view(), at); at = After(matcher, text.view())) ++*out;
    return true;
  });
}

VectorPtr Position(const KernelArgs& call) {
  RegexArgument regex("regexp_instr");
  return ValueRows<int32_t, View, View>(call, [&](const View& text, const View& pattern, int32_t* out) {
    RegexMatcher& matcher = regex.Of(pattern.view());
    if (matcher.Find(text.view(), 0))
      *out = static_cast<int32_t>(CountChars(text.view().substr(0, matcher.begin())) + 1);
    return true;
  });
}

// Collects lists of strings row by row.
class ListBuilder {
 public:
  explicit ListBuilder(const KernelArgs& call) : out_(Vector::MakeFlat(call.result_type, call.rows)) {}
  void Add(std::string_view text) { elements_.push_back(heap_.Add(text)); }
  void EndRow(int64_t row) {
    CENTELLA_CHECK(elements_.size() <= static_cast<size_t>(INT32_MAX), "too many list elements");
    out_->mutable_data<ListEntry>()[row] = {begin_, static_cast<int32_t>(elements_.size()) - begin_};
    begin_ = static_cast<int32_t>(elements_.size());
  }
  VectorPtr Finish() {
    MutableVectorPtr child = Vector::MakeFlat(out_->type()->element(), static_cast<int64_t>(elements_.size()));
    std::copy(elements_.begin(), elements_.end(), child->mutable_data<View>());
    heap_.MoveTo(*child);
    out_->set_child(0, child);
    return out_;
  }

 private:
  MutableVectorPtr out_;
  StringHeap heap_;
  std::vector<View> elements_;
  int32_t begin_ = 0;
};

VectorPtr ExtractAll(const KernelArgs& call) {
  RegexArgument regex("regexp_extract_all");
  ArgumentValues<View> texts(*call.args[0]), patterns(*call.args[1]);
  ListBuilder lists(call);
  ForLive(call, [&](int64_t i) {
    RegexMatcher& matcher = regex.Of(patterns[i].view());
    const int32_t group = call.args.size() < 3 ? 1 : call.data<int32_t>(2)[call.index(2, i)];
    const std::string_view text = texts[i].view();
    for (size_t at = 0; matcher.Find(text, at); at = After(matcher, text)) {
      CheckGroup(matcher, group, "regexp_extract_all");
      lists.Add(GroupText(matcher, text, group));
    }
    lists.EndRow(i);
  });
  return lists.Finish();
}

// ---- split ----------------------------------------------------------------------------------------------------------

VectorPtr Split(const KernelArgs& call) {
  RegexArgument regex("split");
  ArgumentValues<View> texts(*call.args[0]), patterns(*call.args[1]);
  ListBuilder lists(call);
  ForLive(call, [&](int64_t i) {
    const std::string_view text = texts[i].view();
    const std::string_view pattern = patterns[i].view();
    const int32_t limit = call.args.size() < 3 ? -1 : call.data<int32_t>(2)[call.index(2, i)];
    SplitText(regex, text, pattern, limit, &lists);
    lists.EndRow(i);
  });
  return lists.Finish();
}

// ---- replacement ----------------------------------------------------------------------------------------------------

// Java's replacement text: $1, ${name} and \ escapes. False when it is malformed for this expression.
bool AppendReplacement(const RegexMatcher& matcher, std::string_view text, std::string_view replacement,
                       std::string* out) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    if (c == '\\') {
      if (++i == replacement.size()) return false;
      *out += replacement[i];
    } else if (c != '$') {
      *out += c;
    } else {
      int group = -1;
      if (i + 1 < replacement.size() && replacement[i + 1] == '{') {
        const size_t close = replacement.find('}', i);
        if (close == std::string_view::npos) return false;
        group = matcher.regex().GroupNumber(std::string(replacement.substr(i + 2, close - i - 2)));
        i = close;
      } else if (i + 1 < replacement.size() && std::isdigit(static_cast<unsigned char>(replacement[i + 1]))) {
        group = replacement[++i] - '0';
        // As many digits as make a group that exists.
        while (i + 1 < replacement.size() && std::isdigit(static_cast<unsigned char>(replacement[i + 1])) &&
               group * 10 + (replacement[i + 1] - '0') <= matcher.regex().group_count()) {
          group = group * 10 + (replacement[++i] - '0');
        }
      }
      if (group < 0 || group > matcher.regex().group_count()) return false;
      out->append(GroupText(matcher, text, group));
    }
  }
  return true;
}

StringView ReplaceAll(RegexMatcher& matcher, const View& given, const View& pattern, const View& with, int32_t position,
                      StringHeap& heap) {
  const std::string_view text = given.view();
  size_t at = CharOffset(text, position - 1);
  if (position - 1 > 0 && at == text.size() && CountChars(text) <= position - 1) return heap.Add(text);
  if (!matcher.Find(text, at)) return heap.Add(text);
  std::string out;
  size_t copied = 0;
  do {
    out.append(text.substr(copied, matcher.begin() - copied));
    if (!AppendReplacement(matcher, text, with.view(), &out)) {
      Raise(Condition::INVALID_REGEXP_REPLACE, {{"source", std::string(text)},
                                                {"pattern", std::string(pattern.view())},
                                                {"replacement", std::string(with.view())},
                                                {"position", std::to_string(position)}});
    }
    CheckTextSize(static_cast<int64_t>(out.size()), "regexp_replace");
    copied = matcher.end();
    at = After(matcher, text);
  } while (matcher.Find(text, at));
  out.append(text.substr(copied));
  return heap.Add(out);
}

VectorPtr Replace3(const KernelArgs& call) {
  RegexArgument regex("regexp_replace");
  return TextRows<View, View, View>(call,
                                    [&](const View& text, const View& pattern, const View& with, StringHeap& heap) {
                                      return ReplaceAll(regex.Of(pattern.view()), text, pattern, with, 1, heap);
                                    });
}
VectorPtr Replace4(const KernelArgs& call) {
  RegexArgument regex("regexp_replace");
  return TextRows<View, View, View, int32_t>(
      call, [&](const View& text, const View& pattern, const View& with, int32_t position, StringHeap& heap) {
        return ReplaceAll(regex.Of(pattern.view()), text, pattern, with, std::max(position, 1), heap);
      });
}

}  // namespace

void RegisterRegexFunctions(FunctionRegistry& registry) {
  registry.Scalar("rlike", "Whether the regular expression matches somewhere in the text.")
      .Alias("regexp")
      .Alias("regexp_like")
      .Group("predicate_funcs")
      .Example("SELECT 'Spark' rlike 'S.*k'", "true")
      .Overload("string, string -> boolean", RLike)
      .CanFail();
  registry.Scalar("regexp_extract", "A group of the first match, or the empty text.")
      .Group("string_funcs")
      .Example("SELECT regexp_extract('100-200', '(\\\\d+)-(\\\\d+)', 1)", "100")
      .Overload("string, string -> string", Extract2)
      .CanFail()
      .Overload("string, string, int -> string", Extract3)
      .CanFail();
  registry.Scalar("regexp_extract_all", "A group of every match.")
      .Group("string_funcs")
      .Example("SELECT regexp_extract_all('100-200, 300-400', '(\\\\d+)-(\\\\d+)', 1)", "[100, 300]")
      .Overload("string, string -> array<string>", ExtractAll)
      .CanFail()
      .Overload("string, string, int -> array<string>", ExtractAll)
      .CanFail();
  registry.Scalar("regexp_replace", "The text with every match replaced.")
      .Group("string_funcs")
      .Example("SELECT regexp_replace('100-200', '(\\\\d+)', 'num')", "num-num")
      .Overload("string, string, string -> string", Replace3)
      .CanFail()
      .Overload("string, string, string, int -> string", Replace4)
      .CanFail();
  registry.Scalar("regexp_count", "The number of matches.")
      .Group("string_funcs")
      .Example("SELECT regexp_count('Steven Jones and Stephen Smith are the best players', 'Ste(v|ph)en')", "2")
      .Overload("string, string -> int", Count)
      .CanFail();
  registry.Scalar("regexp_instr", "The position of the first match, or 0.")
      .Group("string_funcs")
      .Example("SELECT regexp_instr('user@spark.apache.org', '@[^.]*')", "5")
      .Overload("string, string -> int", Position)
      .CanFail()
      .Overload("string, string, int -> int", Position)
      .CanFail();
  registry.Scalar("regexp_substr", "The first match, or NULL.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT regexp_substr('Steven Jones', 'Ste(v|ph)en')", "Steven")
      .Overload("string, string -> string", Substr)
      .CanFail();
  auto parts = [](const BindArgs&) { return types::Array(types::String(), false); };
  registry.Scalar("split", "The parts between matches, at most `limit` of them when it is positive.")
      .Group("string_funcs")
      .Example("SELECT split('oneAtwoBthreeC', '[ABC]')", "[one, two, three, ]")
      .Overload("string, string -> ?", Split)
      .ResultType(parts)
      .CanFail()
      .Overload("string, string, int -> ?", Split)
      .ResultType(parts)
      .CanFail();
}

}  // namespace centella
