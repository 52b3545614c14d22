// How names are written in Connect's messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace centella::connect {

// A column reference as col() takes it: dots separate parts, backticks quote ("a.`b.c`"); anything else is taken as it
// stands. Raises INVALID_ATTRIBUTE_NAME_SYNTAX.
std::vector<std::string> SplitAttributeName(std::string_view name);

}  // namespace centella::connect
