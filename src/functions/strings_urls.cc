// URLs, and texts as bytes: url_encode, parse_url, to_binary, checks of UTF-8.
#include <algorithm>
#include <string>

#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "functions/utf8.h"

namespace centella {
namespace {

using View = StringView;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// ---- percent signs --------------------------------------------------------------------------------------------------

// As HTML forms are sent: a space is a plus sign.
VectorPtr UrlEncode(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& given, StringHeap& heap) {
    std::string out;
    for (char c : given.view()) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) || c == '.' || c == '-' || c == '*' || c == '_') {
        out += c;
      } else if (c == ' ') {
        out += '+';
      } else {
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4];
        out += "0123456789ABCDEF"[byte & 15];
      }
    }
    return heap.Add(out);
  });
}

bool DecodeUrl(std::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      *out += ' ';
    } else if (text[i] != '%') {
      *out += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      *out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return true;
}

template <bool tolerant>
VectorPtr UrlDecode(const KernelArgs& call) {
  return MaybeTextRows<View>(call, [](const View& given, StringHeap& heap, View* to) {
    std::string out;
    if (!DecodeUrl(given.view(), &out)) {
      if (tolerant) return false;
      Raise(Condition::CANNOT_DECODE_URL, {{"url", std::string(given.view())}});
    }
    *to = heap.Add(out);
    return true;
  });
}

// ---- parse_url ------------------------------------------------------------------------------------------------------

struct Url {
  bool valid = true;
  bool has_authority = false, has_query = false, has_fragment = false, opaque = false;
  std::string_view scheme, authority, path, query, fragment;
};

// Characters that may not stand in a URI as they are.
bool IsUrlChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

bool IsScheme(std::string_view text) {
  if (text.empty() || !std::isalpha(static_cast<unsigned char>(text[0]))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
  });
}

Url SplitUrl(std::string_view text) {
  Url url;
  for (size_t i = 0; i < text.size() && url.valid; ++i) {
    url.valid = IsUrlChar(text[i]);
    if (text[i] == '%') url.valid = i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0;
  }
  if (const size_t hash = text.find('#'); hash != std::string_view::npos) {
    url.has_fragment = true;
    url.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon < text.find_first_of("/?")) {
    url.valid &= IsScheme(text.substr(0, colon));
    url.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    url.valid &= !text.empty();
    url.opaque = !text.starts_with("/");
    if (url.opaque) return url;
  }
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    url.has_query = true;
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const size_t end = std::min(text.find('/'), text.size());
    url.has_authority = end > 0;
    url.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  url.path = text;
  return url;
}

// The host of an authority that is user@host:port; else there is none.
bool HostOf(std::string_view authority, std::string_view* host) {
  std::string_view rest = authority;
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == std::string_view::npos) return false;
    *host = rest.substr(0, end + 1);
    return true;
  }
  const size_t colon = rest.find(':');
  *host = rest.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = rest.substr(colon + 1);
    if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  }
  return !host->empty() && std::all_of(host->begin(), host->end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.';
  });
}

// False: the URL has no such part.
bool PartOf(const Url& url, std::string_view part, std::string* out) {
  auto take = [&](bool has, std::string_view text) {
    if (has) *out = text;
    return has;
  };
  if (part == "PROTOCOL") return take(!url.scheme.empty(), url.scheme);
  if (part == "REF") return take(url.has_fragment, url.fragment);
  if (url.opaque) return false;
  if (part == "PATH") return take(true, url.path);
  if (part == "QUERY") return take(url.has_query, url.query);
  if (part == "AUTHORITY") return take(url.has_authority, url.authority);
  if (part == "FILE") return take(true, std::string(url.path) + (url.has_query ? "?" + std::string(url.query) : ""));
  if (!url.has_authority) return false;
  if (part == "USERINFO") {
    const size_t at = url.authority.rfind('@');
    return take(at != std::string_view::npos, url.authority.substr(0, at == std::string_view::npos ? 0 : at));
  }
  std::string_view host;
  return part == "HOST" && HostOf(url.authority, &host) && take(true, host);
}

// key=value of a query; the value is left as it is.
bool QueryValue(std::string_view query, std::string_view key, std::string* out) {
  for (size_t at = 0; at <= query.size();) {
    const size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = query.substr(at, end - at);
    if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') {
      *out = pair.substr(key.size() + 1);
      return true;
    }
    at = end + 1;
  }
  return false;
}

template <bool tolerant>
bool ParseUrl(std::string_view text, std::string_view part, const std::string_view* key, std::string* out) {
  const Url url = SplitUrl(text);
  if (!url.valid) {
    if (!tolerant) Raise(Condition::INVALID_URL, {{"url", std::string(text)}});
    return false;
  }
  if (key == nullptr) return PartOf(url, part, out);
  std::string query;
  return part == "QUERY" && PartOf(url, part, &query) && QueryValue(query, *key, out);
}

template <bool tolerant>
VectorPtr ParseUrl2(const KernelArgs& call) {
  return MaybeTextRows<View, View>(call, [](const View& url, const View& part, StringHeap& heap, View* to) {
    std::string out;
    if (!ParseUrl<tolerant>(url.view(), part.view(), nullptr, &out)) return false;
    *to = heap.Add(out);
    return true;
  });
}
template <bool tolerant>
VectorPtr ParseUrl3(const KernelArgs& call) {
  return MaybeTextRows<View, View, View>(
      call, [](const View& url, const View& part, const View& wanted, StringHeap& heap, View* to) {
        std::string out;
        const std::string_view key = wanted.view();
        if (!ParseUrl<tolerant>(url.view(), part.view(), &key, &out)) return false;
        *to = heap.Add(out);
        return true;
      });
}

// ---- UTF-8 ----------------------------------------------------------------------------------------------------------

// Bytes of the well-formed character at `at`, or minus the number of bytes that one replacement stands for.
int CharacterAt(std::string_view text, size_t at) {
  auto byte = [&](size_t k) { return at + k < text.size() ? static_cast<unsigned char>(text[at + k]) : 0; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return -1;
  const int wanted = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return -1;
  for (int k = 2; k < wanted; ++k) {
    if ((byte(k) & 0xC0) != 0x80) return -k;
  }
  return wanted;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const int bytes = CharacterAt(text, at);
    if (bytes < 0) return false;
    at += static_cast<size_t>(bytes);
  }
  return true;
}

namespace {

VectorPtr IsValid(const KernelArgs& call) {
  return ValueRows<uint8_t, View>(call, [](const View& text, uint8_t* out) {
    *out = IsValidUtf8(text.view());
    return true;
  });
}

VectorPtr MakeValid(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& given, StringHeap& heap) {
    const std::string_view text = given.view();
    std::string out;
    for (size_t at = 0; at < text.size();) {
      const int bytes = CharacterAt(text, at);
      const auto size = static_cast<size_t>(std::abs(bytes));
      bytes < 0 ? out.append("\xEF\xBF\xBD") : out.append(text.substr(at, size));
      at += size;
    }
    return heap.Add(out);
  });
}

template <bool tolerant>
VectorPtr Validate(const KernelArgs& call) {
  return MaybeTextRows<View>(call, [](const View& text, StringHeap& heap, View* to) {
    if (!IsValidUtf8(text.view())) {
      if (tolerant) return false;
      std::string shown;
      for (char c : text.view()) {
        const auto byte = static_cast<unsigned char>(c);
        shown += "\\x";
        shown += "0123456789ABCDEF"[byte >> 4];
        shown += "0123456789ABCDEF"[byte & 15];
      }
      Raise(Condition::INVALID_UTF8_STRING, {{"str", shown}});
    }
    *to = heap.Add(text.view());
    return true;
  });
}

// ---- to_binary ------------------------------------------------------------------------------------------------------

bool BytesOfHex(std::string_view text, std::string* out) {
  size_t i = 0;
  if (text.size() % 2 == 1) {
    if (HexDigit(text[0]) < 0) return false;
    *out += static_cast<char>(HexDigit(text[i++]));
  }
  for (; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]), low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *out += static_cast<char>(high * 16 + low);
  }
  return true;
}

// Strictly: groups of four, padding only at the end; white space is skipped.
bool BytesOfBase64(std::string_view text, std::string* out) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t word = 0;
  int symbols = 0, padding = 0;
  for (char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) continue;
    if (c == '=') {
      if (++padding > 2 || (symbols + padding) % 4 == 1 || symbols % 4 < 2) return false;
      continue;
    }
    const size_t digit = kDigits.find(c);
    if (padding > 0 || digit == std::string_view::npos) return false;
    word = word << 6 | static_cast<uint32_t>(digit);
    if (++symbols % 4 == 0) {
      for (int shift = 16; shift >= 0; shift -= 8) *out += static_cast<char>(word >> shift);
      word = 0;
    }
  }
  const int rest = symbols % 4;
  if (rest == 1 || (padding > 0 && (symbols + padding) % 4 != 0)) return false;
  if (rest == 2) *out += static_cast<char>(word >> 4);
  if (rest == 3) {
    *out += static_cast<char>(word >> 10);
    *out += static_cast<char>(word >> 2);
  }
  return true;
}

template <bool tolerant>
VectorPtr ToBinary(const KernelArgs& call) {
  return MaybeTextRows<View>(call, [&call](const View& given, StringHeap& heap, View* to) {
    std::string format = "hex";
    if (call.args.size() > 1) format = call.data<View>(1)[0].view();
    for (char& c : format) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::string_view text = given.view();
    std::string out;
    bool good = true;
    if (format == "hex") {
      good = BytesOfHex(text, &out);
    } else if (format == "base64") {
      good = BytesOfBase64(text, &out);
    } else if (format == "utf-8" || format == "utf8") {
      out = text;
    } else {
      good = false;
    }
    if (good) {
      *to = heap.Add(out);
      return true;
    }
    if (tolerant) return false;
    for (char& c : format) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    Raise(Condition::CONVERSION_INVALID_INPUT, {{"str", "'" + std::string(text) + "'"},
                                                {"fmt", "'" + format + "'"},
                                                {"targetType", "\"BINARY\""},
                                                {"suggestion", "`try_to_binary`"}});
  });
}

void RegisterUrls(FunctionRegistry& registry) {
  registry.Scalar("url_encode", "The text as a part of a URL.")
      .Group("url_funcs")
      .AlwaysNullable()
      .Example("SELECT url_encode('https://spark.apache.org')", "https%3A%2F%2Fspark.apache.org")
      .Overload("string -> string", UrlEncode);
  registry.Scalar("url_decode", "The text that a part of a URL stands for.")
      .Group("url_funcs")
      .AlwaysNullable()
      .Example("SELECT url_decode('https%3A%2F%2Fspark.apache.org')", "https://spark.apache.org")
      .Overload("string -> string", UrlDecode<false>)
      .CanFail();
  registry.Scalar("try_url_decode", "As url_decode, but NULL for what is no URL's part.")
      .Group("url_funcs")
      .AlwaysNullable()
      .Overload("string -> string", UrlDecode<true>);
  registry.Scalar("parse_url", "A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO.")
      .Group("url_funcs")
      .AlwaysNullable()
      .Example("SELECT parse_url('http://spark.apache.org/path?query=1', 'HOST')", "spark.apache.org")
      .Overload("string, string -> string", ParseUrl2<false>)
      .CanFail()
      .Overload("string, string, string -> string", ParseUrl3<false>)
      .CanFail();
  registry.Scalar("try_parse_url", "As parse_url, but NULL for what is no URL.")
      .Group("url_funcs")
      .AlwaysNullable()
      .Overload("string, string -> string", ParseUrl2<true>)
      .Overload("string, string, string -> string", ParseUrl3<true>);
}

}  // namespace

void RegisterUrlFunctions(FunctionRegistry& registry) {
  RegisterUrls(registry);
  registry.Scalar("is_valid_utf8", "Whether the text is well-formed UTF-8.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT is_valid_utf8('Spark')", "true")
      .Overload("string -> boolean", IsValid);
  registry.Scalar("make_valid_utf8", "The text with U+FFFD for what isn't well-formed UTF-8.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT make_valid_utf8('Spark')", "Spark")
      .Overload("string -> string", MakeValid);
  registry.Scalar("validate_utf8", "The text; an error when it isn't well-formed UTF-8.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT validate_utf8('Spark')", "Spark")
      .Overload("string -> string", Validate<false>)
      .CanFail();
  registry.Scalar("try_validate_utf8", "The text; NULL when it isn't well-formed UTF-8.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT try_validate_utf8('Spark')", "Spark")
      .Overload("string -> string", Validate<true>);
  // Base 64 is the one format whose failures Spark's schema doesn't count as NULL.
  auto nullable = [](const BindArgs& args) {
    const Value* format = args.constants.size() > 1 ? args.constants[1] : nullptr;
    if (format == nullptr || format->is_null() || format->string().size() != 6) return true;
    return args.nullable[0];
  };
  registry.Scalar("to_binary", "The bytes of a text in a format: hex, base64 or utf-8.")
      .Group("string_funcs")
      .Nullable(nullable)
      .Example("SELECT hex(to_binary('abc', 'utf-8'))", "616263")
      .Overload("string -> binary", ToBinary<false>)
      .CanFail()
      .Overload("string, string -> binary", ToBinary<false>)
      .CanFail();
  registry.Scalar("try_to_binary", "As to_binary, but NULL for what isn't in the format.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Overload("string -> binary", ToBinary<true>)
      .Overload("string, string -> binary", ToBinary<true>);
}

}  // namespace centella
