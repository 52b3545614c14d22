// Compiling and running expressions with PCRE2.
#include "functions/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"

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
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
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
  const int number =
      pcre2_substring_number_from_name(static_cast<pcre2_code*>(code_), reinterpret_cast<PCRE2_SPTR>(name.c_str()));
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
  const int found = pcre2_match(static_cast<pcre2_code*>(regex_->code_), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                text.size(), start, 0, static_cast<pcre2_match_data*>(match_), MatchContext());
  if (found >= 0) return true;
  if (found == PCRE2_ERROR_NOMATCH) return false;
  RaiseUnsupported("a regular expression that needs this many steps on one text");
}

}  // namespace centella
