// LIKE's patterns, prepared: % any characters, _ one character, an escape before %, _ or itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace centella {

// A pattern cut at its % into segments of literal bytes and counts of `_`. Immutable; Matches is safe from many threads
// and takes time at most |text| * |pattern|.
class LikePattern {
 public:
  // A bad pattern is remembered, not raised: only a row that is matched against it fails.
  LikePattern(std::string_view pattern, std::string_view escape);

  // The error of a bad pattern (INVALID_FORMAT.ESC_…), or nullopt.
  const std::optional<Error>& error() const { return error_; }
  // Whether the whole text matches. Only without an error.
  bool Matches(std::string_view text) const;

  // What the pattern is; kernels have a loop for each.
  enum class Shape : uint8_t { kEquals, kPrefix, kSuffix, kContains, kInOrder, kGeneral };
  Shape shape() const { return shape_; }
  // The bytes of every shape but kInOrder and kGeneral.
  const std::string& literal() const { return literals_[0]; }
  // Of kInOrder: what must follow one another, with anything between, before and after.
  const std::vector<std::string>& literals() const { return literals_; }

 private:
  // `skip` characters, then `bytes`.
  struct Piece {
    int32_t skip = 0;
    std::string bytes;
  };
  using Segment = std::vector<Piece>;

  void Parse(std::string_view pattern, std::string_view escape);
  void FindShape();
  // The text's end of the pieces when they begin at `at`; kNotFound when they do not match there.
  static size_t MatchAt(std::span<const Piece> pieces, std::string_view text, size_t at);
  // The text's beginning of the segment when it ends at the text's end.
  static size_t MatchAtEnd(const Segment& segment, std::string_view text);
  // The end of the first match of the segment at or after `at`.
  static size_t FindFrom(const Segment& segment, std::string_view text, size_t at);

  std::vector<Segment> segments_;  // between the %: the first and last are anchored, and may be empty
  Shape shape_ = Shape::kGeneral;
  std::vector<std::string> literals_{""};
  std::optional<Error> error_;
};

}  // namespace centella
