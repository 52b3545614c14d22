// Compiling and running expressions with PCRE2; LIKE patterns.
#include "functions/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"
#include "functions/text_kernels.h"

namespace centella {
namespace {

constexpr uint32_t kMatchLimit = 10000000;
constexpr uint32_t kHeapLimitKib = 65536;
constexpr size_t kLargestPattern = 1 << 20;

// The machine stack is too small for some expressions: each thread has a stack for the compiled code.
pcre2_match_context* MatchContext() {
  struct Context {
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 4 * 1024 * 1024, nullptr);
    Context() {
      pcre2_set_match_limit(context, kMatchLimit);
      pcre2_set_heap_limit(context, kHeapLimitKib);
      pcre2_jit_stack_assign(context, nullptr, stack);
    }
    ~Context() {
      pcre2_match_context_free(context);
      pcre2_jit_stack_free(stack);
    }
  };
  static thread_local Context context;
  return context.context;
}

}  // namespace

std::shared_ptr<const Regex> Regex::Compile(std::string_view java_pattern, const char* function) {
  if (java_pattern.size() > kLargestPattern) RaiseUnsupported("a regular expression above 1 MB");
  const std::string pattern = TranslateJavaRegex(java_pattern);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
  pcre2_set_parens_nest_limit(context, 200);
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &offset, context);
  pcre2_compile_context_free(context);
  if (code == nullptr) {
    Raise(Condition::INVALID_PARAMETER_VALUE__PATTERN, {{"parameter", "`regexp`"},
                                                        {"functionName", "`" + std::string(function) + "`"},
                                                        {"value", "'" + std::string(java_pattern) + "'"}});
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // without it the interpreter runs: slower, same answers
  std::shared_ptr<Regex> regex(new Regex());
  regex->code_ = code;
  uint32_t groups = 0;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
  regex->group_count_ = static_cast<int>(groups);
  return regex;
}

Regex::~Regex() { pcre2_code_free(static_cast<pcre2_code*>(code_)); }

int Regex::GroupNumber(const std::string& name) const {
  const int number = pcre2_substring_number_from_name(static_cast<pcre2_code*>(code_), reinterpret_cast<PCRE2_SPTR>(name.c_str()));
  return number < 0 ? -1 : number;
}

RegexMatcher::RegexMatcher(std::shared_ptr<const Regex> regex)
    : regex_(std::move(regex)),
      match_(pcre2_match_data_create_from_pattern(static_cast<pcre2_code*>(regex_->code_), nullptr)) {
  offsets_ = pcre2_get_ovector_pointer(static_cast<pcre2_match_data*>(match_));
}

RegexMatcher::~RegexMatcher() { pcre2_match_data_free(static_cast<pcre2_match_data*>(match_)); }

bool RegexMatcher::Find(std::string_view text, size_t start) {
  if (start > text.size()) return false;
  const int found = pcre2_match(static_cast<pcre2_code*>(regex_->code_), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                start, 0, static_cast<pcre2_match_data*>(match_), MatchContext());
  if (found >= 0) return true;
  if (found == PCRE2_ERROR_NOMATCH) return false;
  RaiseUnsupported("a regular expression that needs this many steps on one text");
}

// ---- LIKE -----------------------------------------------------------------------------------------------------------

LikePattern::LikePattern(std::string_view pattern, char escape) {
  segments_.emplace_back();
  open_start_ = !pattern.empty() && pattern.front() == '%' && escape != '%';
  bool last_is_percent = false;
  auto add_text = [this](std::string_view text) {
    Segment& segment = segments_.back();
    if (segment.empty() || segment.back().any) segment.emplace_back();
    segment.back().text.append(text);
  };
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    last_is_percent = false;
    if (c == escape) {
      const std::string shown = "'" + std::string(pattern) + "'";
      if (i + 1 >= pattern.size()) Raise(Condition::INVALID_FORMAT__ESC_AT_THE_END, {{"format", shown}});
      const char next = pattern[i + 1];
      if (next != '_' && next != '%' && next != escape) {
        const std::string_view character = pattern.substr(i + 1, CharBytes(next));
        Raise(Condition::INVALID_FORMAT__ESC_IN_THE_MIDDLE, {{"format", shown}, {"char", "'" + std::string(character) + "'"}});
      }
      add_text(pattern.substr(i + 1, 1));
      i += 2;
    } else if (c == '%') {
      if (!segments_.back().empty()) segments_.emplace_back();
      last_is_percent = true;
      ++i;
    } else if (c == '_') {
      segments_.back().push_back({true, ""});
      ++i;
    } else {
      add_text(pattern.substr(i, 1));
      ++i;
    }
  }
  open_end_ = last_is_percent;
  if (segments_.back().empty()) segments_.pop_back();
}

// The end of the segment when it matches at `at`, else npos.
size_t LikePattern::MatchAt(const Segment& segment, std::string_view text, size_t at) {
  for (const Piece& piece : segment) {
    if (piece.any) {
      if (at >= text.size()) return std::string_view::npos;
      at = std::min(at + CharBytes(text[at]), text.size());
    } else {
      if (text.compare(at, piece.text.size(), piece.text) != 0) return std::string_view::npos;
      at += piece.text.size();
    }
  }
  return at;
}

size_t LikePattern::FindFrom(const Segment& segment, std::string_view text, size_t at, size_t* end) {
  while (at <= text.size()) {
    if (!segment[0].any) {
      at = text.find(segment[0].text, at);
      if (at == std::string_view::npos) return at;
    }
    *end = MatchAt(segment, text, at);
    if (*end != std::string_view::npos) return at;
    if (at >= text.size()) break;
    at += CharBytes(text[at]);
  }
  return std::string_view::npos;
}

bool LikePattern::Matches(std::string_view text) const {
  if (segments_.empty()) return open_start_ || open_end_ || text.empty();
  size_t at = 0;
  size_t first = 0, last = segments_.size();
  if (!open_start_) {
    at = MatchAt(segments_[0], text, 0);
    if (at == std::string_view::npos) return false;
    first = 1;
    if (last == 1) return open_end_ || at == text.size();
  }
  if (!open_end_) --last;
  for (size_t i = first; i < last; ++i) {
    size_t end = 0;
    if (FindFrom(segments_[i], text, at, &end) == std::string_view::npos) return false;
    at = end;
  }
  if (open_end_) return true;
  // The last segment ends with the text: step back by its characters.
  const Segment& tail = segments_.back();
  size_t begin = text.size();
  for (size_t k = tail.size(); k-- > 0;) {
    if (tail[k].any) {
      if (begin == 0) return false;
      --begin;
      while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    } else {
      if (begin < tail[k].text.size()) return false;
      begin -= tail[k].text.size();
    }
  }
  return begin >= at && MatchAt(tail, text, begin) == text.size();
}

}  // namespace centella
