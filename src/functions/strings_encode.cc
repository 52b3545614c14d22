// Encodings, digests, distances and number formats of text.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "functions/utf8.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

using View = StringView;

// ---- hexadecimal and base 64 ----------------------------------------------------------------------------------------

constexpr char kUpperHex[] = "0123456789ABCDEF";
constexpr char kLowerHex[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

StringView Hex(std::string_view bytes, const char* digits, StringHeap& heap) {
  const size_t size = bytes.size() * 2;
  CheckTextSize(static_cast<int64_t>(size), "hex");
  char few[StringView::kInlineBytes];
  char* const begin = size <= sizeof(few) ? few : heap.Reserve(size);
  char* to = begin;
  for (char c : bytes) {
    *to++ = digits[static_cast<unsigned char>(c) >> 4];
    *to++ = digits[static_cast<unsigned char>(c) & 15];
  }
  return {begin, static_cast<uint32_t>(size)};
}

VectorPtr HexOfBytes(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& bytes, StringHeap& heap) { return Hex(bytes.view(), kUpperHex, heap); });
}

VectorPtr HexOfNumber(const KernelArgs& call) {
  return TextRows<int64_t>(call, [](int64_t number, StringHeap& heap) {
    char buffer[16];
    auto rest = static_cast<uint64_t>(number);
    int at = 16;
    do {
      buffer[--at] = kUpperHex[rest & 15];
      rest >>= 4;
    } while (rest != 0);
    return heap.Add({buffer + at, static_cast<size_t>(16 - at)});
  });
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// An odd first digit stands for a byte of its own.
VectorPtr Unhex(const KernelArgs& call) {
  return MaybeTextRows<View>(call, [bytes = std::string()](const View& given, StringHeap& heap, View* out) mutable {
    const std::string_view text = given.view();
    bytes.clear();
    size_t i = 0;
    if (text.size() % 2 == 1) {
      const int digit = HexDigit(text[0]);
      if (digit < 0) return false;
      bytes += static_cast<char>(digit);
      i = 1;
    }
    for (; i < text.size(); i += 2) {
      const int high = HexDigit(text[i]), low = HexDigit(text[i + 1]);
      if (high < 0 || low < 0) return false;
      bytes += static_cast<char>(high * 16 + low);
    }
    *out = heap.Add(bytes);
    return true;
  });
}

VectorPtr Base64(const KernelArgs& call) {
  return TextRows<View>(call, [out = std::string()](const View& given, StringHeap& heap) mutable {
    const std::string_view bytes = given.view();
    out.clear();
    for (size_t i = 0; i < bytes.size(); i += 3) {
      uint32_t word = static_cast<unsigned char>(bytes[i]) << 16;
      if (i + 1 < bytes.size()) word |= static_cast<unsigned char>(bytes[i + 1]) << 8;
      if (i + 2 < bytes.size()) word |= static_cast<unsigned char>(bytes[i + 2]);
      out += kBase64[word >> 18];
      out += kBase64[word >> 12 & 63];
      out += i + 1 < bytes.size() ? kBase64[word >> 6 & 63] : '=';
      out += i + 2 < bytes.size() ? kBase64[word & 63] : '=';
    }
    return heap.Add(out);
  });
}

// Leniently, as a MIME decoder: other characters are skipped.
VectorPtr Unbase64(const KernelArgs& call) {
  return TextRows<View>(call, [out = std::string()](const View& given, StringHeap& heap) mutable {
    out.clear();
    uint32_t word = 0;
    int bits = 0;
    for (char c : given.view()) {
      if (c == '=') break;
      const char* found = std::strchr(kBase64, c);
      if (found == nullptr || c == '\0') continue;
      word = word << 6 | static_cast<uint32_t>(found - kBase64);
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        out += static_cast<char>(word >> bits);
      }
    }
    return heap.Add(out);
  });
}

// ---- digests --------------------------------------------------------------------------------------------------------

StringView Digest(const EVP_MD* method, std::string_view bytes, StringHeap& heap) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CENTELLA_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, &size, method, nullptr) == 1, "message digest");
  return Hex({reinterpret_cast<char*>(digest), size}, kLowerHex, heap);
}

template <auto method>
VectorPtr DigestRows(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& bytes, StringHeap& heap) { return Digest(method(), bytes.view(), heap); });
}

VectorPtr Sha2(const KernelArgs& call) {
  return MaybeTextRows<View, int32_t>(call, [](const View& bytes, int32_t bits, StringHeap& heap, View* out) {
    const EVP_MD* method = bits == 224                ? EVP_sha224()
                           : bits == 256 || bits == 0 ? EVP_sha256()
                           : bits == 384              ? EVP_sha384()
                           : bits == 512              ? EVP_sha512()
                                                      : nullptr;
    if (method == nullptr) return false;
    *out = Digest(method, bytes.view(), heap);
    return true;
  });
}

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t word = i;
    for (int k = 0; k < 8; ++k) word = word & 1 ? 0xEDB88320u ^ (word >> 1) : word >> 1;
    table[i] = word;
  }
  return table;
}
constexpr auto kCrcTable = MakeCrcTable();

VectorPtr Crc32(const KernelArgs& call) {
  return ValueRows<int64_t, View>(call, [](const View& bytes, int64_t* out) {
    uint32_t crc = 0xFFFFFFFFu;
    for (char c : bytes.view()) crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 255] ^ (crc >> 8);
    *out = crc ^ 0xFFFFFFFFu;
    return true;
  });
}

// ---- character sets -------------------------------------------------------------------------------------------------

enum class Charset : uint8_t { kAscii, kLatin1, kUtf8, kUtf16, kUtf16Be, kUtf16Le, kUtf32 };

Charset ParseCharset(std::string_view name, const char* function) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  constexpr std::pair<std::string_view, Charset> kNames[] = {
      {"US-ASCII", Charset::kAscii}, {"ISO-8859-1", Charset::kLatin1}, {"UTF-8", Charset::kUtf8},
      {"UTF-16", Charset::kUtf16},   {"UTF-16BE", Charset::kUtf16Be},  {"UTF-16LE", Charset::kUtf16Le},
      {"UTF-32", Charset::kUtf32}};
  for (const auto& [known, charset] : kNames) {
    if (known == upper) return charset;
  }
  Raise(Condition::INVALID_PARAMETER_VALUE__CHARSET,
        {{"functionName", "`" + std::string(function) + "`"},
         {"parameter", "`charset`"},
         {"charset", std::string(name)},
         {"charsets", "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8"}});
}

[[noreturn]] void RaiseCoding(std::string_view name, const char* function) {
  Raise(Condition::MALFORMED_CHARACTER_CODING,
        {{"function", "`" + std::string(function) + "`"}, {"charset", std::string(name)}});
}

void AppendUnit16(uint32_t unit, bool little, std::string* out) {
  const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit);
  *out += little ? low : high;
  *out += little ? high : low;
}

VectorPtr Encode(const KernelArgs& call) {
  return TextRows<View, View>(call,
                              [out = std::string()](const View& given, const View& name, StringHeap& heap) mutable {
                                const Charset charset = ParseCharset(name.view(), "encode");
                                const std::string_view text = given.view();
                                if (charset == Charset::kUtf8) return heap.Add(text);
                                out.clear();
                                if (charset == Charset::kUtf16) out = "\xFE\xFF";
                                const bool little = charset == Charset::kUtf16Le;
                                for (size_t i = 0; i < text.size(); i += CharBytes(text[i])) {
                                  const uint32_t c = CodePointAt(text, i);
                                  if (charset == Charset::kAscii || charset == Charset::kLatin1) {
                                    if (c >= (charset == Charset::kAscii ? 128u : 256u))
                                      RaiseCoding(name.view(), "encode");
                                    out += static_cast<char>(c);
                                  } else if (charset == Charset::kUtf32) {
                                    AppendUnit16(c >> 16, false, &out);
                                    AppendUnit16(c & 0xFFFF, false, &out);
                                  } else if (c >= 0x10000) {
                                    AppendUnit16(0xD800 + ((c - 0x10000) >> 10), little, &out);
                                    AppendUnit16(0xDC00 + ((c - 0x10000) & 0x3FF), little, &out);
                                  } else {
                                    AppendUnit16(c, little, &out);
                                  }
                                }
                                return heap.Add(out);
                              });
}

void DecodeUtf16(std::string_view bytes, bool little, std::string_view name, std::string* out) {
  if (bytes.size() % 2 != 0) RaiseCoding(name, "decode");
  auto unit = [&](size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return little ? static_cast<uint32_t>(b << 8 | a) : static_cast<uint32_t>(a << 8 | b);
  };
  for (size_t i = 0; i < bytes.size(); i += 2) {
    uint32_t c = unit(i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) {
      c = 0x10000 + ((c - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    }
    char encoded[4];
    out->append(encoded, WriteCodePoint(c, encoded));
  }
}

VectorPtr Decode(const KernelArgs& call) {
  return TextRows<View, View>(call,
                              [out = std::string()](const View& given, const View& name, StringHeap& heap) mutable {
                                const Charset charset = ParseCharset(name.view(), "decode");
                                std::string_view bytes = given.view();
                                out.clear();
                                char encoded[4];
                                switch (charset) {
                                  case Charset::kUtf8:
                                    if (!IsValidUtf8(bytes)) RaiseCoding(name.view(), "decode");
                                    return heap.Add(bytes);
                                  case Charset::kAscii:
                                  case Charset::kLatin1:
                                    for (char c : bytes) {
                                      if (charset == Charset::kAscii && static_cast<unsigned char>(c) >= 128)
                                        RaiseCoding(name.view(), "decode");
                                      out.append(encoded, WriteCodePoint(static_cast<unsigned char>(c), encoded));
                                    }
                                    break;
                                  case Charset::kUtf32:
                                    if (bytes.size() % 4 != 0) RaiseCoding(name.view(), "decode");
                                    for (size_t i = 0; i < bytes.size(); i += 4) {
                                      uint32_t c = 0;
                                      for (size_t k = 0; k < 4; ++k)
                                        c = c << 8 | static_cast<unsigned char>(bytes[i + k]);
                                      if (c > 0x10FFFF) RaiseCoding(name.view(), "decode");
                                      out.append(encoded, WriteCodePoint(c, encoded));
                                    }
                                    break;
                                  default: {
                                    bool little = charset == Charset::kUtf16Le;
                                    if (charset == Charset::kUtf16 && bytes.size() >= 2) {
                                      if (bytes.substr(0, 2) == "\xFF\xFE") little = true;
                                      if (little || bytes.substr(0, 2) == "\xFE\xFF") bytes.remove_prefix(2);
                                    }
                                    DecodeUtf16(bytes, little, name.view(), &out);
                                  }
                                }
                                return heap.Add(out);
                              });
}

// ---- likeness -------------------------------------------------------------------------------------------------------

void CodePoints(std::string_view text, std::vector<uint32_t>* out) {
  out->clear();
  for (size_t i = 0; i < text.size(); i += CharBytes(text[i])) out->push_back(CodePointAt(text, i));
}

// Kept from row to row.
struct DistanceScratch {
  std::vector<uint32_t> x, y;
  std::vector<int32_t> row;
};

int32_t Levenshtein(std::string_view a, std::string_view b, DistanceScratch* scratch) {
  CodePoints(a, &scratch->x);
  CodePoints(b, &scratch->y);
  const std::vector<uint32_t>&x = scratch->x, &y = scratch->y;
  std::vector<int32_t>& row = scratch->row;
  row.resize(y.size() + 1);
  for (size_t k = 0; k <= y.size(); ++k) row[k] = static_cast<int32_t>(k);
  for (size_t i = 0; i < x.size(); ++i) {
    int32_t diagonal = row[0]++;
    for (size_t k = 0; k < y.size(); ++k) {
      const int32_t above = row[k + 1];
      row[k + 1] = std::min({above + 1, row[k] + 1, diagonal + (x[i] != y[k])});
      diagonal = above;
    }
  }
  return row.back();
}

VectorPtr Levenshtein2(const KernelArgs& call) {
  DistanceScratch scratch;
  return ValueRows<int32_t, View, View>(call, [&scratch](const View& a, const View& b, int32_t* out) {
    *out = Levenshtein(a.view(), b.view(), &scratch);
    return true;
  });
}
VectorPtr Levenshtein3(const KernelArgs& call) {
  DistanceScratch scratch;
  return ValueRows<int32_t, View, View, int32_t>(call,
                                                 [&scratch](const View& a, const View& b, int32_t most, int32_t* out) {
                                                   *out = Levenshtein(a.view(), b.view(), &scratch);
                                                   if (*out > most) *out = -1;
                                                   return true;
                                                 });
}

VectorPtr Soundex(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& given, StringHeap& heap) {
    constexpr char kCodes[] = "01230127022455012623017202";  // of A to Z; 7: H and W, which don't part equal codes
    const std::string_view text = given.view();
    if (text.empty() || !std::isalpha(static_cast<unsigned char>(text[0]))) return heap.Add(text);
    char out[4] = {static_cast<char>(std::toupper(static_cast<unsigned char>(text[0]))), '0', '0', '0'};
    char last = kCodes[out[0] - 'A'];
    int n = 1;
    for (size_t i = 1; i < text.size() && n < 4; ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c >= 128 || !std::isalpha(c)) {
        last = '0';
        continue;
      }
      const char code = kCodes[std::toupper(c) - 'A'];
      if (code == '7') continue;
      if (code != '0' && code != last) out[n++] = code;
      last = code;
    }
    return heap.Add({out, 4});
  });
}

// ---- checks and masks -----------------------------------------------------------------------------------------------

VectorPtr LuhnCheck(const KernelArgs& call) {
  return ValueRows<uint8_t, View>(call, [](const View& text, uint8_t* out) {
    int sum = 0;
    bool twice = false;
    const std::string_view digits = text.view();
    for (size_t i = digits.size(); i-- > 0;) {
      if (digits[i] < '0' || digits[i] > '9') return true;
      const int digit = (digits[i] - '0') * (twice ? 2 : 1);
      sum += digit > 9 ? digit - 9 : digit;
      twice = !twice;
    }
    *out = !digits.empty() && sum % 10 == 0;
    return true;
  });
}

// Upper case, lower case, digits and others by a character each; NULL keeps them.
VectorPtr Mask(const KernelArgs& call) {
  constexpr const char* kDefaults[] = {"X", "x", "n", nullptr};
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  std::string text;
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.args[0]->IsNull(call.index(0, i))) {
      out->SetNull(i);
      continue;
    }
    std::array<std::string_view, 4> with{};
    std::array<bool, 4> keep{};
    for (size_t k = 0; k < 4; ++k) {
      if (k + 1 < call.args.size()) {
        const int64_t at = call.index(k + 1, i);
        keep[k] = call.args[k + 1]->IsNull(at);
        if (!keep[k]) with[k] = call.data<View>(k + 1)[at].view();
      } else {
        keep[k] = kDefaults[k] == nullptr;
        if (!keep[k]) with[k] = kDefaults[k];
      }
    }
    text.clear();
    const std::string_view given = call.data<View>(0)[call.index(0, i)].view();
    for (size_t at = 0; at < given.size();) {
      const size_t n = std::min(CharBytes(given[at]), given.size() - at);
      const auto c = static_cast<unsigned char>(given[at]);
      const size_t kind = c >= 'A' && c <= 'Z' ? 0 : c >= 'a' && c <= 'z' ? 1 : c >= '0' && c <= '9' ? 2 : 3;
      text.append(keep[kind] ? given.substr(at, n) : with[kind]);
      at += n;
    }
    out->mutable_data<View>()[i] = heap.Add(text);
  }
  heap.MoveTo(*out);
  return out;
}

VectorPtr Quote(const KernelArgs& call) {
  return TextRows<View>(call, [](const View& text, StringHeap& heap) {
    std::string out = "'";
    for (char c : text.view()) {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
    return heap.Add(out + "'");
  });
}

void RegisterBytes(FunctionRegistry& registry) {
  registry.Scalar("hex", "The hexadecimal digits of a number or of bytes.")
      .Group("math_funcs")
      .Example("SELECT hex(17)", "11")
      .Overload("bigint -> string", HexOfNumber)
      .Overload("string -> string", HexOfBytes)
      .Overload("binary -> string", HexOfBytes);
  registry.Scalar("unhex", "The bytes of hexadecimal digits.")
      .Group("math_funcs")
      .AlwaysNullable()
      .Example("SELECT decode(unhex('537061726B2053514C'), 'UTF-8')", "Spark SQL")
      .Overload("string -> binary", Unhex);
  registry.Scalar("base64", "Bytes in base 64.")
      .Group("string_funcs")
      .Example("SELECT base64('Spark SQL')", "U3BhcmsgU1FM")
      .Overload("binary -> string", Base64)
      .Overload("string -> string", Base64);
  registry.Scalar("unbase64", "The bytes of a text in base 64.")
      .Group("string_funcs")
      .Example("SELECT decode(unbase64('U3BhcmsgU1FM'), 'UTF-8')", "Spark SQL")
      .Overload("string -> binary", Unbase64);
  registry.Scalar("encode", "The bytes of a text in a character set.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT hex(encode('abc', 'utf-8'))", "616263")
      .Overload("string, string -> binary", Encode)
      .CanFail();
  registry.Scalar("decode", "The text of bytes in a character set.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT decode(encode('abc', 'utf-8'), 'utf-8')", "abc")
      .Overload("binary, string -> string", Decode)
      .CanFail()
      .Overload("string, string -> string", Decode)
      .CanFail();
  registry.Scalar("md5", "The MD5 digest in hexadecimal digits.")
      .Group("hash_funcs")
      .Example("SELECT md5('Spark')", "8cde774d6f7333752ed72cacddb05126")
      .Overload("binary -> string", DigestRows<EVP_md5>)
      .Overload("string -> string", DigestRows<EVP_md5>);
  registry.Scalar("sha", "The SHA-1 digest in hexadecimal digits.")
      .Alias("sha1")
      .Group("hash_funcs")
      .Example("SELECT sha('Spark')", "85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c")
      .Overload("binary -> string", DigestRows<EVP_sha1>)
      .Overload("string -> string", DigestRows<EVP_sha1>);
  registry.Scalar("sha2", "A digest of the SHA-2 family, of 224, 256, 384 or 512 bits.")
      .Group("hash_funcs")
      .AlwaysNullable()
      .Example("SELECT sha2('Spark', 256)", "529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b")
      .Overload("binary, int -> string", Sha2)
      .Overload("string, int -> string", Sha2);
  registry.Scalar("crc32", "The CRC-32 checksum.")
      .Group("hash_funcs")
      .Example("SELECT crc32('Spark')", "1557323817")
      .Overload("binary -> bigint", Crc32)
      .Overload("string -> bigint", Crc32);
}

}  // namespace

void RegisterStringEncodings(FunctionRegistry& registry) {
  RegisterBytes(registry);
  registry.Scalar("levenshtein", "The number of changes of single characters between two texts.")
      .Group("string_funcs")
      .Example("SELECT levenshtein('kitten', 'sitting')", "3")
      .Overload("string, string -> int", Levenshtein2)
      .Overload("string, string, int -> int", Levenshtein3);
  registry.Scalar("soundex", "The Soundex code.")
      .Group("string_funcs")
      .Example("SELECT soundex('Miller')", "M460")
      .Overload("string -> string", Soundex);
  registry.Scalar("luhn_check", "Whether digits have a valid Luhn checksum.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT luhn_check('8112189876')", "true")
      .Overload("string -> boolean", LuhnCheck);
  FunctionBuilder mask = registry.Scalar("mask", "The text with its letters and digits hidden.");
  mask.Group("string_funcs")
      .CustomNulls()
      .AlwaysNullable()
      .Example("SELECT mask('abcd-EFGH-8765-4321')", "xxxx-XXXX-nnnn-nnnn");
  std::string signature = "string";
  for (int n = 1; n <= 5; ++n, signature += ", string") mask.Overload(signature + " -> string", Mask);
  registry.Scalar("quote", "The text as an SQL literal.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT quote('Don\\'t')", "'Don\\'t'")
      .Overload("string -> string", Quote);
}

}  // namespace centella
