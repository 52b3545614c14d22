// Java's regular expression syntax as PCRE2's.
#include <cctype>
#include <cstring>

#include "base/error.h"
#include "functions/regex.h"

namespace centella {
namespace {

constexpr int kMaxDepth = 200;

bool IsHex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  std::string Run() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        Escape(false);
      } else if (c == '[') {
        out_ += Class(0);
      } else if (c == '(') {
        Group();
      } else {
        out_ += c;
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  // A class as PCRE2 text, and whether it is a plain [...] whose inside may be merged into another.
  struct Set {
    std::string text;  // a whole expression for one character
    std::string inside;
    bool plain = true;
  };

  void Group() {
    ++at_;
    out_ += '(';
    if (at_ < in_.size() && in_[at_] == '*') RaiseUnsupported("the regular expression construct (*");
    if (at_ >= in_.size() || in_[at_] != '?') return;
    out_ += '?';
    ++at_;
    const char next = at_ < in_.size() ? in_[at_] : '\0';
    if (std::strchr("RP&|+0123456789C(#", next) != nullptr) {
      RaiseUnsupported(std::string("the regular expression construct (?") + next);
    }
    // Flags: u (Unicode case) is always on, d (Unix lines) makes no difference that we keep; U would mean another thing.
    if (std::isalpha(static_cast<unsigned char>(next)) ||
        (next == '-' && at_ + 1 < in_.size() && std::isalpha(static_cast<unsigned char>(in_[at_ + 1])))) {
      while (at_ < in_.size() && (std::isalpha(static_cast<unsigned char>(in_[at_])) || in_[at_] == '-')) {
        const char flag = in_[at_++];
        if (flag == 'U') RaiseUnsupported("the regular expression flag U");
        if (flag != 'u' && flag != 'd') out_ += flag;
      }
    }
  }

  // The POSIX and Unicode names of \p{...}: what stands inside a class.
  static std::string Property(const std::string& name, bool negated) {
    static constexpr std::pair<const char*, const char*> kPosix[] = {
        {"Lower", "lower"}, {"Upper", "upper"},   {"ASCII", "ascii"}, {"Alpha", "alpha"}, {"Digit", "digit"},
        {"Alnum", "alnum"}, {"Punct", "punct"},   {"Graph", "graph"}, {"Print", "print"}, {"Blank", "blank"},
        {"Cntrl", "cntrl"}, {"XDigit", "xdigit"}, {"Space", "space"}};
    for (const auto& [java, posix] : kPosix) {
      if (name == java) return std::string("[:") + (negated ? "^" : "") + posix + ":]";
    }
    static constexpr std::pair<const char*, const char*> kJava[] = {{"javaUpperCase", "Lu"}, {"javaLowerCase", "Ll"},
                                                                    {"javaTitleCase", "Lt"}, {"javaDigit", "Nd"},
                                                                    {"javaLetter", "L"},     {"javaAlphabetic", "L"}};
    std::string unicode = name;
    for (const auto& [java, known] : kJava) {
      if (name == java) unicode = known;
    }
    if (unicode.starts_with("Is")) unicode = unicode.substr(2);
    if (unicode.starts_with("In") || unicode.starts_with("java") || unicode.find('=') != std::string::npos) {
      RaiseUnsupported("the regular expression property \\p{" + name + "}");
    }
    return std::string(negated ? "\\P{" : "\\p{") + unicode + "}";
  }

  // One escape; inside a class the text is for a class. Appends to `out_` outside.
  void Escape(bool) { out_ += EscapeText(false); }

  std::string EscapeText(bool in_class) {
    ++at_;
    if (at_ >= in_.size()) return "\\";  // PCRE2 refuses it
    const char c = in_[at_++];
    if (c == 'u') {
      if (at_ + 4 > in_.size() || !IsHex(in_[at_]) || !IsHex(in_[at_ + 1]) || !IsHex(in_[at_ + 2]) ||
          !IsHex(in_[at_ + 3]))
        return "\\u";
      const std::string code(in_.substr(at_, 4));
      at_ += 4;
      return "\\x{" + code + "}";
    }
    if (c == 'p' || c == 'P') {
      std::string name;
      if (at_ < in_.size() && in_[at_] == '{') {
        const size_t close = in_.find('}', at_);
        if (close == std::string_view::npos) return "\\p{";
        name = std::string(in_.substr(at_ + 1, close - at_ - 1));
        at_ = close + 1;
      } else if (at_ < in_.size()) {
        name = std::string(1, in_[at_++]);
      }
      const std::string property = Property(name, c == 'P');
      return in_class || property[0] == '\\' ? property : "[" + property + "]";
    }
    if (c == '0') {
      std::string digits;
      while (at_ < in_.size() && digits.size() < 3 && in_[at_] >= '0' && in_[at_] <= '7') digits += in_[at_++];
      return "\\o{" + (digits.empty() ? "0" : digits) + "}";
    }
    if (c == 'Q') {
      const size_t close = in_.find("\\E", at_);
      const std::string_view quoted = in_.substr(at_, close == std::string_view::npos ? close : close - at_);
      at_ = close == std::string_view::npos ? in_.size() : close + 2;
      std::string text;
      for (char q : quoted) {
        if (static_cast<unsigned char>(q) < 128 && !std::isalnum(static_cast<unsigned char>(q))) text += '\\';
        text += q;
      }
      return text;
    }
    if (c == 'K' || c == 'C' || c == 'g' || c == 'y' || (c == 'N' && !(at_ < in_.size() && in_[at_] == '{'))) {
      RaiseUnsupported(std::string("the regular expression escape \\") + c);
    }
    return std::string("\\") + c;
  }

  // [...] with Java's unions and intersections; at the opening bracket.
  std::string Class(int depth) { return ParseSet(depth).text; }

  Set ParseSet(int depth) {
    if (depth > kMaxDepth) RaiseUnsupported("regular expression classes nested this deep");
    ++at_;
    bool negated = false;
    if (at_ < in_.size() && in_[at_] == '^') {
      negated = true;
      ++at_;
    }
    std::vector<Set> operands;        // of &&
    std::string inside;               // of the present operand
    std::vector<std::string> others;  // nested sets that can't be merged
    auto finish = [&] {
      Set set;
      set.inside = inside;
      set.plain = others.empty();
      set.text = inside.empty() ? "" : "[" + inside + "]";
      if (!others.empty()) {
        std::string all = set.text;
        for (const std::string& other : others) all += (all.empty() ? "" : "|") + other;
        set.text = "(?:" + all + ")";
      }
      operands.push_back(set);
      inside.clear();
      others.clear();
    };
    bool first = true;
    while (true) {
      if (at_ >= in_.size()) return {"[", "", true};  // unclosed: PCRE2 refuses it
      const char c = in_[at_];
      if (c == ']' && !first) {
        ++at_;
        break;
      }
      first = false;
      if (c == '[') {
        Set nested = ParseSet(depth + 1);
        if (nested.plain && !nested.inside.empty()) {
          inside += nested.inside;
        } else {
          others.push_back(nested.text);
        }
      } else if (c == '&' && at_ + 1 < in_.size() && in_[at_ + 1] == '&') {
        at_ += 2;
        finish();
      } else if (c == '\\') {
        inside += EscapeText(true);
      } else {
        if (c == ']') inside += '\\';
        inside += c;
        ++at_;
      }
    }
    finish();
    Set result;
    if (operands.size() == 1 && operands[0].plain) {
      result.inside = negated ? "" : operands[0].inside;
      result.plain = !negated;
      result.text = std::string(negated ? "[^" : "[") + operands[0].inside + "]";
      return result;
    }
    // All but the last look ahead at the same character.
    std::string text;
    for (const Set& operand : operands) {
      if (operand.text.empty()) continue;
      text += &operand == &operands.back() ? operand.text : "(?=" + operand.text + ")";
    }
    result.plain = false;
    result.text = negated ? "(?:(?!" + text + ")[\\s\\S])" : "(?:" + text + ")";
    return result;
  }

  std::string_view in_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string TranslateJavaRegex(std::string_view pattern) {
  // (?U) at the very beginning: the classes \w, \d, \s and \b are Unicode's everywhere.
  if (pattern.starts_with("(?U)")) return "(*UCP)" + Translator(pattern.substr(4)).Run();
  return Translator(pattern).Run();
}

}  // namespace centella
