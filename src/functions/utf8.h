// Whether bytes are text.
#pragma once

#include <string_view>

namespace centella {

// Well-formed UTF-8, without overlong forms and surrogates.
bool IsValidUtf8(std::string_view text);

}  // namespace centella
