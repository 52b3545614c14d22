// See json_text.h.
#include "cli/json_text.h"

namespace centella {

std::string JsonString(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string json = "\"";
  for (char c : text) {
    switch (c) {
      case '"': json += "\\\""; break;
      case '\\': json += "\\\\"; break;
      case '\n': json += "\\n"; break;
      case '\r': json += "\\r"; break;
      case '\t': json += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          json += "\\u00";
          json += kDigits[static_cast<unsigned char>(c) >> 4];
          json += kDigits[c & 15];
        } else {
          json += c;
        }
    }
  }
  return json + "\"";
}

}  // namespace centella
