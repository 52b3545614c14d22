// sentences(): a text as an array of sentences, each an array of words.
#include <string>
#include <vector>

#include "functions/lists.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"

namespace centella {
namespace {

bool IsSpace(uint32_t c) { return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000; }
bool IsDigit(uint32_t c) { return c >= '0' && c <= '9'; }
bool IsUpper(uint32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7); }
bool IsLetter(uint32_t c) {
  if (c < 128) return std::isalpha(static_cast<int>(c)) != 0;
  return c >= 0xAA && c != 0xD7 && c != 0xF7 && (c < 0x2000 || c > 0x2BFF) && (c < 0x3000 || c > 0x303F);
}
// What may stand within a word between two letters, and within a number between two digits.
bool JoinsLetters(uint32_t c) { return c == '\'' || c == '.' || c == '-' || c == '"' || c == 0xAD || c == 0x2019; }
bool JoinsDigits(uint32_t c) { return c == '.' || c == ','; }

struct Place {
  size_t at, size;
  uint32_t code;
};

std::vector<Place> Characters(std::string_view text) {
  std::vector<Place> out;
  for (size_t i = 0; i < text.size(); i += CharBytes(text[i])) {
    out.push_back({i, std::min(CharBytes(text[i]), text.size() - i), CodePointAt(text, i)});
  }
  return out;
}

// Whether the sentence ends behind character `i`: ! and ? always end it before a space, a point only when no small
// letter or digit follows.
bool EndsSentence(const std::vector<Place>& text, size_t i) {
  const uint32_t c = text[i].code;
  if (c == 0x3002 || c == 0x2029) return true;
  if (c != '.' && c != '!' && c != '?') return false;
  size_t next = i + 1;
  while (next < text.size() && (text[next].code == ')' || text[next].code == '"' || text[next].code == '\'')) ++next;
  if (next == text.size()) return true;
  if (!IsSpace(text[next].code)) return false;
  while (next < text.size() && IsSpace(text[next].code)) ++next;
  if (c != '.' || next == text.size()) return true;
  return IsUpper(text[next].code) || (text[next].code >= 0x3040 && IsLetter(text[next].code));
}

// The end of the word that begins at character `i`.
size_t WordEnd(const std::vector<Place>& text, size_t i) {
  size_t end = i + 1;
  while (end < text.size()) {
    const uint32_t c = text[end].code;
    if (IsLetter(c) || IsDigit(c) || c == '_') {
      ++end;
      continue;
    }
    if (end + 1 == text.size()) break;
    const uint32_t before = text[end - 1].code, after = text[end + 1].code;
    const bool joined = (JoinsLetters(c) && IsLetter(before) && IsLetter(after)) ||
                        (JoinsDigits(c) && IsDigit(before) && IsDigit(after));
    if (!joined) break;
    end += 2;
  }
  return end;
}

VectorPtr Sentences(const KernelArgs& call) {
  std::vector<ListEntry> rows(call.rows), sentences;
  std::vector<std::string_view> words;
  for (int64_t i = 0; i < call.rows; ++i) {
    const int64_t at = call.index(0, i);
    if (call.args[0]->IsNull(at)) continue;
    const std::string_view text = call.data<StringView>(0)[at].view();
    const std::vector<Place> characters = Characters(text);
    const auto first = static_cast<int32_t>(sentences.size());
    auto begin = static_cast<int32_t>(words.size());
    auto close = [&] {
      const auto end = static_cast<int32_t>(words.size());
      sentences.push_back({begin, end - begin});
      begin = end;
    };
    bool open = false;
    for (size_t k = 0; k < characters.size();) {
      open = true;
      const uint32_t c = characters[k].code;
      if (IsLetter(c) || IsDigit(c)) {
        const size_t end = WordEnd(characters, k);
        const Place& last = characters[end - 1];
        words.push_back(text.substr(characters[k].at, last.at + last.size - characters[k].at));
        k = end;
        continue;
      }
      if (EndsSentence(characters, k)) {
        while (k + 1 < characters.size() && !IsLetter(characters[k + 1].code) && !IsDigit(characters[k + 1].code)) ++k;
        close();
        open = false;
      }
      ++k;
    }
    if (open) close();
    rows[i] = {first, static_cast<int32_t>(sentences.size()) - first};
  }
  const auto total = static_cast<int64_t>(words.size());
  MutableVectorPtr texts = Vector::MakeFlat(types::String(), total);
  StringHeap heap;
  for (int64_t k = 0; k < total; ++k) texts->mutable_data<StringView>()[k] = heap.Add(words[k]);
  heap.MoveTo(*texts);
  VectorPtr inner = WrapList(call.result_type->element(), sentences, std::move(texts));
  VectorPtr out = WrapList(call.result_type, rows, std::move(inner));
  for (int64_t i = 0; i < call.rows; ++i) {
    if (call.args[0]->IsNull(call.index(0, i))) std::const_pointer_cast<Vector>(out)->SetNull(i);
  }
  return out;
}

}  // namespace

void RegisterSentences(FunctionRegistry& registry) {
  auto words = [](const BindArgs&) { return types::Array(types::Array(types::String(), false), false); };
  registry.Scalar("sentences", "The text as an array of sentences, each an array of words.")
      .Group("string_funcs")
      .CustomNulls()
      .AlwaysNullable()
      .Example("SELECT sentences('Hi there! Good morning.')", "[[Hi, there], [Good, morning]]")
      .Overload("string -> ?", Sentences)
      .ResultType(words)
      .Overload("string, string -> ?", Sentences)
      .ResultType(words)
      .Overload("string, string, string -> ?", Sentences)
      .ResultType(words);
}

}  // namespace centella
