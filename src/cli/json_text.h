// Text as JSON strings: settings for the launcher, rows of `centella sql`, log lines.
#pragma once

#include <string>
#include <string_view>

namespace centella {

// With quotes; control characters escaped, everything else (UTF-8 included) as it is.
std::string JsonString(std::string_view text);

}  // namespace centella
