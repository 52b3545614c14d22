// LIKE and ILIKE.
#include "functions/like.h"

#include <unicode/ucasemap.h>

#include <algorithm>

#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "functions/text_search.h"

namespace centella {
namespace {

// `text` between quotes, as Spark writes a pattern in an error.
std::string Quoted(std::string_view text) { return Value::String(std::string(text)).ToSql(); }

// Whether the texts `parts` follow one another in `text`, with anything between them.
inline bool HasInOrder(std::string_view text, std::span<const std::string> parts) {
  size_t at = 0;
  for (const std::string& part : parts) {
    const size_t found = FindText(text, part, at);
    if (found == kNotFound) return false;
    at = found + part.size();
  }
  return true;
}

std::string_view CharAt(std::string_view text, size_t at) { return text.substr(at, CharBytes(text[at])); }

}  // namespace

// ---- patterns -----------------------------------------------------------------------------------------------------

LikePattern::LikePattern(std::string_view pattern, std::string_view escape) {
  Parse(pattern, escape);
  if (!error_) FindShape();
}

void LikePattern::Parse(std::string_view pattern, std::string_view escape) {
  segments_.emplace_back();
  int32_t skip = 0;
  bool open = false;  // the last piece takes more bytes
  const auto add = [&](std::string_view bytes) {
    if (!open || skip > 0) segments_.back().push_back({skip, {}});
    skip = 0;
    open = true;
    segments_.back().back().bytes += bytes;
  };
  const auto close = [&] {
    if (skip > 0) segments_.back().push_back({skip, {}});
    skip = 0;
    open = false;
  };
  for (size_t i = 0; i < pattern.size();) {
    const std::string_view c = CharAt(pattern, i);
    i += c.size();
    if (c == escape) {
      if (i >= pattern.size()) {
        error_.emplace(Condition::INVALID_FORMAT__ESC_AT_THE_END, ErrorParameters{{"format", Quoted(pattern)}});
        return;
      }
      const std::string_view next = CharAt(pattern, i);
      if (next != "%" && next != "_" && next != escape) {
        error_.emplace(Condition::INVALID_FORMAT__ESC_IN_THE_MIDDLE,
                       ErrorParameters{{"format", Quoted(pattern)}, {"char", Quoted(next)}});
        return;
      }
      add(next);
      i += next.size();
    } else if (c == "_") {
      ++skip;
    } else if (c == "%") {
      close();
      // Empty segments between two % say nothing.
      if (segments_.size() == 1 || !segments_.back().empty()) segments_.emplace_back();
    } else {
      add(c);
    }
  }
  close();
}

void LikePattern::FindShape() {
  const auto literal = [](const Segment& s) { return s.empty() || (s.size() == 1 && s[0].skip == 0); };
  if (!std::all_of(segments_.begin(), segments_.end(), literal)) return;
  const auto take = [&](const Segment& s, Shape shape) {
    shape_ = shape;
    if (!s.empty()) literals_[0] = s[0].bytes;
  };
  const bool starts = !segments_.front().empty(), ends = !segments_.back().empty();
  if (segments_.size() == 1) {
    take(segments_[0], Shape::kEquals);
  } else if (segments_.size() == 2 && !ends) {
    take(segments_[0], Shape::kPrefix);
  } else if (segments_.size() == 2 && !starts) {
    take(segments_[1], Shape::kSuffix);
  } else if (segments_.size() == 3 && !starts && !ends) {
    take(segments_[1], Shape::kContains);
  } else if (!starts && !ends) {
    shape_ = Shape::kInOrder;
    literals_.clear();
    for (size_t k = 1; k + 1 < segments_.size(); ++k) literals_.push_back(segments_[k][0].bytes);
  }
}

size_t LikePattern::MatchAt(std::span<const Piece> pieces, std::string_view text, size_t at) {
  for (const Piece& piece : pieces) {
    for (int32_t k = 0; k < piece.skip; ++k) {
      if (at >= text.size()) return kNotFound;
      at = std::min(at + CharBytes(text[at]), text.size());
    }
    if (text.compare(at, piece.bytes.size(), piece.bytes) != 0) return kNotFound;
    at += piece.bytes.size();
  }
  return at;
}

size_t LikePattern::MatchAtEnd(const Segment& segment, std::string_view text) {
  size_t end = text.size();
  for (size_t k = segment.size(); k-- > 0;) {
    const Piece& piece = segment[k];
    if (!text.substr(0, end).ends_with(piece.bytes)) return kNotFound;
    end -= piece.bytes.size();
    for (int32_t n = 0; n < piece.skip; ++n) {
      if (end == 0) return kNotFound;
      size_t begin = end - 1;
      while (begin > 0 && end - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
      // Stray continuation bytes are characters of their own.
      end = begin + CharBytes(text[begin]) >= end ? begin : end - 1;
    }
  }
  return end;
}

size_t LikePattern::FindFrom(const Segment& segment, std::string_view text, size_t at) {
  // After %, characters to skip only say how many there must be at least.
  for (int32_t k = 0; k < segment[0].skip; ++k) {
    if (at >= text.size()) return kNotFound;
    at = std::min(at + CharBytes(text[at]), text.size());
  }
  const std::string& head = segment[0].bytes;
  if (segment.size() == 1) {
    const size_t found = FindText(text.substr(at), head);
    return found == kNotFound ? kNotFound : at + found + head.size();
  }
  const auto rest = std::span(segment).subspan(1);
  while (true) {
    const size_t found = FindText(text.substr(at), head);
    if (found == kNotFound) return kNotFound;
    const size_t end = MatchAt(rest, text, at + found + head.size());
    if (end != kNotFound) return end;
    at += found + 1;
  }
}

bool LikePattern::Matches(std::string_view text) const {
  if (shape_ == Shape::kInOrder) return HasInOrder(text, literals_);
  size_t at = MatchAt(segments_.front(), text, 0);
  if (at == kNotFound) return false;
  if (segments_.size() == 1) return at == text.size();
  const size_t tail = MatchAtEnd(segments_.back(), text);
  if (tail == kNotFound || tail < at) return false;
  text = text.substr(0, tail);
  for (size_t k = 1; k + 1 < segments_.size(); ++k) {
    at = FindFrom(segments_[k], text, at);
    if (at == kNotFound) return false;
  }
  return true;
}

// ---- kernels ------------------------------------------------------------------------------------------------------

namespace {

using Shape = LikePattern::Shape;

// Lower case as Java's toLowerCase(Locale.ROOT), in a buffer that is used again.
class LowerText {
 public:
  std::string_view operator()(std::string_view text) {
    if (buffer_.size() < text.size() * 3 + 16) buffer_.resize(text.size() * 3 + 16);
    if (IsAscii(text)) {
      for (size_t i = 0; i < text.size(); ++i) {
        buffer_[i] = static_cast<char>(text[i] | ((text[i] >= 'A' && text[i] <= 'Z') ? 0x20 : 0));
      }
      return {buffer_.data(), text.size()};
    }
    static thread_local UCaseMap* root = [] {
      UErrorCode status = U_ZERO_ERROR;
      return ucasemap_open("", 0, &status);
    }();
    UErrorCode status = U_ZERO_ERROR;
    const int32_t n = ucasemap_utf8ToLower(root, buffer_.data(), static_cast<int32_t>(buffer_.size()), text.data(),
                                           static_cast<int32_t>(text.size()), &status);
    CENTELLA_CHECK(U_SUCCESS(status), "case mapping");
    return {buffer_.data(), static_cast<size_t>(n)};
  }

 private:
  std::string buffer_;
};

template <typename Test>
VectorPtr TestRows(const KernelArgs& call, Test&& test) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<uint8_t>();
  if (call.validity != nullptr) std::memset(to, 0, static_cast<size_t>(call.rows));
  const ArgumentValues<StringView> texts(*call.args[0]);
  ForLive(call, [&](int64_t i) { to[i] = test(texts[i], i); });
  return out;
}

// One pattern for all rows: a loop for each shape. StringView compares length and prefix before it follows pointers.
VectorPtr MatchShape(const KernelArgs& call, const LikePattern& pattern) {
  const StringView literal(pattern.literal());
  const std::string_view part = literal.view();
  switch (pattern.shape()) {
    case Shape::kEquals: return TestRows(call, [&](const StringView& text, int64_t) { return text == literal; });
    case Shape::kPrefix:
      return TestRows(call, [&](const StringView& text, int64_t) {
        return text.size() >= part.size() && std::memcmp(text.data(), part.data(), part.size()) == 0;
      });
    case Shape::kSuffix:
      return TestRows(call, [&](const StringView& text, int64_t) {
        return text.size() >= part.size() &&
               std::memcmp(text.data() + text.size() - part.size(), part.data(), part.size()) == 0;
      });
    case Shape::kContains:
      return TestRows(call, [&](const StringView& text, int64_t) { return FindText(text.view(), part) != kNotFound; });
    case Shape::kInOrder:
      return TestRows(call, [literals = std::span(pattern.literals())](const StringView& text, int64_t) {
        return HasInOrder(text.view(), literals);
      });
    case Shape::kGeneral: break;
  }
  return TestRows(call, [&](const StringView& text, int64_t) { return pattern.Matches(text.view()); });
}

std::string_view EscapeOf(const KernelArgs& call) {
  return call.args.size() > 2 ? call.data<StringView>(2)[0].view() : std::string_view("\\");
}

const LikePattern& Checked(const LikePattern& pattern) {
  if (pattern.error()) throw *pattern.error();
  return pattern;
}

// A pattern for each row; equal neighbours share one.
template <bool lower>
VectorPtr MatchPatternRows(const KernelArgs& call) {
  const std::string_view escape = EscapeOf(call);
  const ArgumentValues<StringView> patterns(*call.args[1]);
  std::optional<LikePattern> pattern;
  StringView made_of;
  LowerText lower_text, lower_pattern;
  return TestRows(call, [&](const StringView& text, int64_t i) {
    if (!pattern || !(patterns[i] == made_of)) {
      made_of = patterns[i];
      pattern.emplace(lower ? lower_pattern(made_of.view()) : made_of.view(), escape);
    }
    return Checked(*pattern).Matches(lower ? lower_text(text.view()) : text.view());
  });
}

template <bool lower>
VectorPtr Like(const KernelArgs& call) {
  if (call.prepared == nullptr) return MatchPatternRows<lower>(call);
  const auto& pattern = *static_cast<const LikePattern*>(call.prepared);
  if (pattern.error()) {
    return TestRows(call, [&](const StringView&, int64_t) -> bool { throw *pattern.error(); });
  }
  if (!lower) return MatchShape(call, pattern);
  LowerText lower_text;
  return TestRows(call, [&](const StringView& text, int64_t) { return pattern.Matches(lower_text(text.view())); });
}

template <bool lower>
std::shared_ptr<const void> PrepareLike(std::span<const Value* const> constants, const QueryContext&) {
  if (constants.size() < 2 || constants[1] == nullptr || constants[1]->is_null()) return nullptr;
  if (constants.size() > 2 && (constants[2] == nullptr || constants[2]->is_null())) return nullptr;
  const std::string& pattern = constants[1]->string();
  const std::string escape = constants.size() > 2 ? constants[2]->string() : "\\";
  LowerText lower_pattern;
  return std::make_shared<LikePattern>(lower ? lower_pattern(pattern) : std::string_view(pattern), escape);
}

// Patterns that are known to be good cannot fail.
bool MayFail(std::span<const Value* const> constants) {
  if (constants.size() < 2 || constants[1] == nullptr) return true;
  if (constants.size() > 2 && constants[2] == nullptr) return true;
  if (constants[1]->is_null() || (constants.size() > 2 && constants[2]->is_null())) return false;
  return LikePattern(constants[1]->string(), constants.size() > 2 ? constants[2]->string() : "\\").error().has_value();
}

// The escape is a constant of one character: told when the plan is made.
TypePtr EscapeChecked(const BindArgs& args) {
  const Value* escape = args.constants.size() > 2 ? args.constants[2] : nullptr;
  if (escape == nullptr) Raise(Condition::INVALID_ESCAPE_CHAR, {{"sqlExpr", "\"escape\""}});
  if (escape->is_null() || CountChars(escape->string()) != 1) {
    Raise(Condition::INVALID_ESCAPE_CHAR, {{"sqlExpr", "\"" + escape->ToDisplay() + "\""}});
  }
  return types::Boolean();
}

}  // namespace

void RegisterLikeFunctions(FunctionRegistry& registry) {
  registry
      .Scalar("like", "Whether the text matches a pattern: % any characters, _ one, \\ (or the escape) before them.")
      .Group("predicate_funcs")
      .Example("SELECT like('Spark', '_park')", "true")
      .Prepare(PrepareLike<false>)
      .Overload("string, string -> boolean", Like<false>)
      .CanFail()
      .FailsForConstants(MayFail)
      .Overload("string, string, string -> ?", Like<false>)
      .ResultType(EscapeChecked)
      .CanFail()
      .FailsForConstants(MayFail);
  registry.Scalar("ilike", "As like, without regard to case.")
      .Group("predicate_funcs")
      .Example("SELECT ilike('Spark', '_PARK')", "true")
      .Prepare(PrepareLike<true>)
      .Overload("string, string -> boolean", Like<true>)
      .CanFail()
      .FailsForConstants(MayFail)
      .Overload("string, string, string -> ?", Like<true>)
      .ResultType(EscapeChecked)
      .CanFail()
      .FailsForConstants(MayFail);
}

}  // namespace centella
