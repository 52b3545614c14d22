// Regular expressions as Java means them, run by PCRE2's just-in-time compiler with limits; and LIKE patterns.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace centella {

// A compiled expression: immutable, shared by threads.
class Regex {
 public:
  // Raises INVALID_PARAMETER_VALUE.PATTERN naming `function` for what Java wouldn't take, UNSUPPORTED_FEATURE for what
  // we can't translate.
  static std::shared_ptr<const Regex> Compile(std::string_view java_pattern, const char* function);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  int group_count() const { return group_count_; }
  // The group's number, or -1.
  int GroupNumber(const std::string& name) const;

 private:
  friend class RegexMatcher;
  Regex() = default;
  void* code_ = nullptr;
  int group_count_ = 0;
};

// One search state; not thread-safe.
class RegexMatcher {
 public:
  explicit RegexMatcher(std::shared_ptr<const Regex> regex);
  ~RegexMatcher();
  RegexMatcher(const RegexMatcher&) = delete;
  RegexMatcher& operator=(const RegexMatcher&) = delete;

  // The first match at or after byte `start`. Broken UTF-8 never matches. Raises when the expression needs too many steps.
  bool Find(std::string_view text, size_t start);
  size_t begin(int group = 0) const { return offsets_[2 * group]; }
  size_t end(int group = 0) const { return offsets_[2 * group + 1]; }
  bool has(int group) const { return offsets_[2 * group] != static_cast<size_t>(-1); }
  const Regex& regex() const { return *regex_; }

 private:
  std::shared_ptr<const Regex> regex_;
  void* match_ = nullptr;
  const size_t* offsets_ = nullptr;
};

// Java's syntax as PCRE2's. Raises UNSUPPORTED_FEATURE for constructs that neither has in common.
std::string TranslateJavaRegex(std::string_view pattern);

// A LIKE pattern: % any text, _ any character, and an escape character.
class LikePattern {
 public:
  // Raises INVALID_FORMAT for a misplaced escape.
  LikePattern(std::string_view pattern, char escape);
  bool Matches(std::string_view text) const;

 private:
  // A part between %s; each piece is text, or any one character.
  struct Piece {
    bool any = false;
    std::string text;
  };
  using Segment = std::vector<Piece>;
  static size_t MatchAt(const Segment& segment, std::string_view text, size_t at);
  static size_t FindFrom(const Segment& segment, std::string_view text, size_t at, size_t* end);

  std::vector<Segment> segments_;
  bool open_start_ = false, open_end_ = false;
};

}  // namespace centella
