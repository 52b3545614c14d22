// See names.h.
#include "server/connect/names.h"

#include "base/error.h"

namespace centella::connect {
namespace {

[[noreturn]] void RaiseSyntax(std::string_view name) {
  Raise(Condition::INVALID_ATTRIBUTE_NAME_SYNTAX, {{"name", std::string(name)}});
}

}  // namespace

std::vector<std::string> SplitAttributeName(std::string_view name) {
  std::vector<std::string> parts;
  std::string part;
  bool quoted = false;      // inside backticks
  bool was_quoted = false;  // this part is complete
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (quoted) {
      if (c != '`') {
        part += c;
      } else if (i + 1 < name.size() && name[i + 1] == '`') {
        part += '`';
        ++i;
      } else {
        quoted = false;
        was_quoted = true;
      }
    } else if (c == '`') {
      if (!part.empty() || was_quoted) RaiseSyntax(name);
      quoted = true;
    } else if (c == '.') {
      if (i == 0 || name[i - 1] == '.' || i + 1 == name.size()) RaiseSyntax(name);
      parts.push_back(std::move(part));
      part.clear();
      was_quoted = false;
    } else {
      if (was_quoted) RaiseSyntax(name);
      part += c;
    }
  }
  if (quoted) RaiseSyntax(name);
  parts.push_back(std::move(part));
  return parts;
}

}  // namespace centella::connect
