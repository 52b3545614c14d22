// Loops for functions with any number of arguments, and walking UTF-8 text. Internal to the string and datetime families.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <tuple>
#include <utility>

#include "functions/kernels.h"

namespace centella {

// StringView op(A..., StringHeap&) for each live row.
template <typename... A, typename Op>
VectorPtr TextRows(const KernelArgs& call, Op op) {
  return [&]<size_t... k>(std::index_sequence<k...>) -> VectorPtr {
    MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
    auto* to = out->mutable_data<StringView>();
    const std::tuple<ArgumentValues<A>...> in{ArgumentValues<A>(*call.args[k])...};
    StringHeap heap;
    ForLive(call, [&](int64_t i) { to[i] = op(std::get<k>(in)[i]..., heap); });
    heap.MoveTo(*out);
    return out;
  }(std::index_sequence_for<A...>());
}

// The same for operations whose result is a part of an argument: its heaps are kept alive.
template <typename... A, typename Op>
VectorPtr PartRows(const KernelArgs& call, Op op) {
  VectorPtr result = TextRows<A...>(call, op);
  auto* out = const_cast<Vector*>(result.get());  // just made, still ours alone
  for (const VectorPtr& arg : call.args) {
    if (arg->physical() == PhysicalType::kString) out->AddHeaps(*arg);
  }
  return result;
}

// bool op(A..., Out*) for each live row; false gives NULL.
template <typename Out, typename... A, typename Op>
VectorPtr ValueRows(const KernelArgs& call, Op op) {
  return [&]<size_t... k>(std::index_sequence<k...>) -> VectorPtr {
    MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
    Out* to = out->template mutable_data<Out>();
    std::memset(static_cast<void*>(to), 0, sizeof(Out) * static_cast<size_t>(call.rows));
    const std::tuple<ArgumentValues<A>...> in{ArgumentValues<A>(*call.args[k])...};
    ForLive(call, [&](int64_t i) {
      if (!op(std::get<k>(in)[i]..., to + i)) [[unlikely]]
        out->SetNull(i);
    });
    return out;
  }(std::index_sequence_for<A...>());
}

// bool op(A..., StringHeap&, StringView*) for each live row; false gives NULL.
template <typename... A, typename Op>
VectorPtr MaybeTextRows(const KernelArgs& call, Op op) {
  return [&]<size_t... k>(std::index_sequence<k...>) -> VectorPtr {
    MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
    auto* to = out->mutable_data<StringView>();
    const std::tuple<ArgumentValues<A>...> in{ArgumentValues<A>(*call.args[k])...};
    StringHeap heap;
    ForLive(call, [&](int64_t i) {
      if (!op(std::get<k>(in)[i]..., heap, to + i)) out->SetNull(i);
    });
    heap.MoveTo(*out);
    return out;
  }(std::index_sequence_for<A...>());
}

// ---- UTF-8; broken bytes count as characters of one byte ---------------------------------------------------------

inline bool IsAscii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if (word & 0x8080808080808080ULL) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 128) return false;
  }
  return true;
}

// Bytes of the character that starts with this byte.
inline size_t CharBytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xC2 || byte > 0xF4) return 1;
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

inline int64_t CountChars(std::string_view text) {
  int64_t n = 0;
  for (size_t i = 0; i < text.size(); i += CharBytes(text[i])) ++n;
  return n;
}

// Byte offset of character `n` (0-based), or the size when there are fewer.
inline size_t CharOffset(std::string_view text, int64_t n) {
  size_t i = 0;
  while (n > 0 && i < text.size()) {
    i += CharBytes(text[i]);
    --n;
  }
  return i < text.size() ? i : text.size();
}

inline uint32_t CodePointAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[at + k]); };
  const size_t n = CharBytes(text[at]);
  if (n == 1 || at + n > text.size()) return byte(0);
  if (n == 2) return ((byte(0) & 0x1Fu) << 6) | (byte(1) & 0x3Fu);
  if (n == 3) return ((byte(0) & 0x0Fu) << 12) | ((byte(1) & 0x3Fu) << 6) | (byte(2) & 0x3Fu);
  return ((byte(0) & 0x07u) << 18) | ((byte(1) & 0x3Fu) << 12) | ((byte(2) & 0x3Fu) << 6) | (byte(3) & 0x3Fu);
}

inline char* WriteCodePoint(uint32_t c, char* out) {
  if (c < 0x80) {
    *out++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *out++ = static_cast<char>(0xC0 | (c >> 6));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (c >> 12));
    *out++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | (c >> 18));
    *out++ = static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    *out++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

// Characters [start, end) of the text, by character; a start before the text counts as its beginning.
inline std::string_view CharRange(std::string_view text, int64_t start, int64_t end) {
  if (end <= start || end <= 0) return {};
  if (start < 0) start = 0;
  const size_t from = CharOffset(text, start);
  const size_t length = CharOffset(text.substr(from), end - start);
  return text.substr(from, length);
}

// A part of `of`, whose heap outlives it.
inline StringView ViewOf(std::string_view part) { return StringView(part); }

// Most bytes a string function may make of one row: a Java string's limit, so that hostile counts raise.
inline constexpr int64_t kMaxTextBytes = INT32_MAX;
inline void CheckTextSize(int64_t bytes, const char* function) {
  if (bytes > kMaxTextBytes) RaiseUnsupported(std::string("a result of ") + function + " above 2 GB");
}

// Characters from a 1-based position (negative: from the end), as SQL's SUBSTRING.
inline std::string_view SubstringSql(std::string_view text, int64_t position, int64_t length) {
  int64_t start = 0;
  if (position > 0) {
    start = position - 1;
  } else if (position < 0) {
    start = position + CountChars(text);
  }
  const int64_t end = std::clamp<int64_t>(start + length, INT32_MIN, INT32_MAX);
  return CharRange(text, start, end);
}

}  // namespace centella
