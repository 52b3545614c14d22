// Splitting texts by Java's regular expressions, as split() and str_to_map() do. A sink has Add(std::string_view).
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "functions/regex.h"
#include "functions/text_kernels.h"

namespace centella {

// The compiled expression of a text argument, kept while the pattern stays the same.
class RegexArgument {
 public:
  explicit RegexArgument(const char* function) : function_(function) {}
  RegexMatcher& Of(std::string_view pattern) {
    if (matcher_ == nullptr || pattern != text_) {
      matcher_ = std::make_unique<RegexMatcher>(Regex::Compile(pattern, function_));
      text_ = std::string(pattern);
    }
    return *matcher_;
  }

 private:
  const char* function_;
  std::string text_;
  std::unique_ptr<RegexMatcher> matcher_;
};

// Where to look for the next match after one that ended at `end` (an empty match moves on by a character).
inline size_t After(const RegexMatcher& matcher, std::string_view text) {
  const size_t end = matcher.end();
  if (matcher.begin() != end) return end;
  return end < text.size() ? end + CharBytes(text[end]) : text.size() + 1;
}

// Each character by itself: what Spark does for an empty expression.
template <typename Sink>
void SplitCharacters(std::string_view text, int32_t limit, Sink* lists) {
  int64_t left = limit <= 0 ? INT64_MAX : limit;
  for (size_t i = 0; i < text.size() && left > 0; --left) {
    const size_t n = std::min(CharBytes(text[i]), text.size() - i);
    lists->Add(text.substr(i, n));
    i += n;
  }
}

template <typename Sink>
void SplitByLiteral(std::string_view text, std::string_view delimiter, int32_t limit, Sink* lists) {
  int32_t parts = 1;
  while (limit <= 0 || parts < limit) {
    const size_t found = text.find(delimiter);
    if (found == std::string_view::npos) break;
    lists->Add(text.substr(0, found));
    text.remove_prefix(found + delimiter.size());
    ++parts;
  }
  lists->Add(text);
}

template <typename Sink>
void SplitByRegex(RegexMatcher& matcher, std::string_view text, int32_t limit, Sink* lists) {
  size_t begin = 0, at = 0;
  int32_t parts = 1;
  while ((limit <= 0 || parts < limit) && matcher.Find(text, at)) {
    at = After(matcher, text);
    // Java: an empty match at the very beginning gives no empty first part.
    if (matcher.end() == 0) continue;
    lists->Add(text.substr(begin, matcher.begin() - begin));
    begin = matcher.end();
    ++parts;
  }
  lists->Add(text.substr(begin));
}

// At most `limit` parts when it is positive. Expressions that mean themselves are searched for as they are.
template <typename Sink>
void SplitText(RegexArgument& regex, std::string_view text, std::string_view pattern, int32_t limit, Sink* lists) {
  constexpr std::string_view kSpecial = "\\[](){}.*+?^$|";
  if (pattern.empty() && !text.empty()) {
    SplitCharacters(text, limit, lists);
  } else if (!pattern.empty() && pattern.find_first_of(kSpecial) == std::string_view::npos) {
    SplitByLiteral(text, pattern, limit, lists);
  } else if (pattern.size() == 2 && pattern[0] == '\\' && !std::isalnum(static_cast<unsigned char>(pattern[1]))) {
    SplitByLiteral(text, pattern.substr(1), limit, lists);
  } else {
    SplitByRegex(regex.Of(pattern), text, limit, lists);
  }
}

}  // namespace centella
