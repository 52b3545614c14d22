// LIKE's patterns against a plain recursive matcher, and their errors.
#include "functions/like.h"

#include <gtest/gtest.h>

#include <random>

#include "functions/text_search.h"

namespace centella {
namespace {

bool Like(std::string_view text, std::string_view pattern, std::string_view escape = "\\") {
  const LikePattern prepared(pattern, escape);
  EXPECT_FALSE(prepared.error().has_value()) << pattern;
  return prepared.Matches(text);
}

// ASCII, no escapes.
bool Plain(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') return Plain(text, pattern.substr(1)) || (!text.empty() && Plain(text.substr(1), pattern));
  return !text.empty() && (pattern[0] == '_' || pattern[0] == text[0]) && Plain(text.substr(1), pattern.substr(1));
}

TEST(Like, AgreesWithAPlainMatcher) {
  std::mt19937 random(7);
  const auto make = [&](const char* letters, size_t kinds, size_t longest) {
    std::string out(random() % (longest + 1), ' ');
    for (char& c : out) c = letters[random() % kinds];
    return out;
  };
  int hits = 0;
  for (int i = 0; i < 60000; ++i) {
    const std::string text = make("ab", 2, 10), pattern = make("ab%_", 4, 7);
    const bool expected = Plain(text, pattern);
    hits += expected;
    ASSERT_EQ(Like(text, pattern), expected) << text << " LIKE " << pattern;
  }
  EXPECT_GT(hits, 1000);
}

TEST(Like, CharactersAndEscapes) {
  EXPECT_TRUE(Like("😀", "_"));
  EXPECT_TRUE(Like("x😀é", "%__"));
  EXPECT_FALSE(Like("😀", "__"));
  EXPECT_TRUE(Like("a\nb", "a%b"));
  EXPECT_TRUE(Like("a%b", "a\\%b"));
  EXPECT_FALSE(Like("axb", "a\\%b"));
  EXPECT_TRUE(Like("a\\b", "a\\\\b"));
  EXPECT_TRUE(Like("a%", "aé%", "é"));
  EXPECT_TRUE(Like("a%", "a%%", "%"));
  EXPECT_TRUE(Like("\xE2\x82", "_"));  // broken UTF-8 must not read past the end
  EXPECT_FALSE(Like("\xE2\x82", "__"));
  EXPECT_TRUE(Like("a\xE2\x82", "%_"));
}

TEST(Like, Errors) {
  EXPECT_EQ(LikePattern("a\\", "\\").error()->condition(), Condition::INVALID_FORMAT__ESC_AT_THE_END);
  const LikePattern middle("m\\ab", "\\");
  EXPECT_EQ(middle.error()->condition(), Condition::INVALID_FORMAT__ESC_IN_THE_MIDDLE);
  EXPECT_EQ(middle.error()->parameters().at("char"), "'a'");
  EXPECT_EQ(middle.error()->parameters().at("format"), "'m\\\\ab'");
}

TEST(Like, Shapes) {
  EXPECT_EQ(LikePattern("%green%", "\\").shape(), LikePattern::Shape::kContains);
  EXPECT_EQ(LikePattern("PROMO%%", "\\").shape(), LikePattern::Shape::kPrefix);
  EXPECT_EQ(LikePattern("%BRASS", "\\").shape(), LikePattern::Shape::kSuffix);
  EXPECT_EQ(LikePattern("", "\\").shape(), LikePattern::Shape::kEquals);
  EXPECT_EQ(LikePattern("%special%requests%", "\\").shape(), LikePattern::Shape::kInOrder);
  EXPECT_EQ(LikePattern("%special%requests", "\\").shape(), LikePattern::Shape::kGeneral);
  EXPECT_EQ(LikePattern("%spe_ial%requests%", "\\").shape(), LikePattern::Shape::kGeneral);
  EXPECT_TRUE(Like("", "%"));
}

TEST(Like, FindTextAgreesWithTheLibrary) {
  std::mt19937 random(3);
  // In memory of just their size, for sanitizers to see what is read beyond it.
  const auto make = [&](size_t size, uint32_t kinds) {
    std::vector<char> bytes(size);
    for (char& c : bytes) c = static_cast<char>(random() % kinds);
    bytes.shrink_to_fit();
    return bytes;
  };
  for (int i = 0; i < 60000; ++i) {
    const uint32_t kinds = 2 + random() % 3;
    const std::vector<char> text = make(random() % (i % 2 == 0 ? 40 : 200), kinds);
    std::vector<char> part = make(random() % 6, kinds);
    if (i % 3 == 0 && !text.empty()) {  // a part that is there, also one as long as the text
      const size_t at = random() % text.size();
      part.assign(text.begin() + static_cast<int64_t>(at), text.end() - random() % (text.size() - at));
    }
    const std::string_view all(text.data(), text.size()), some(part.data(), part.size());
    ASSERT_EQ(FindText(all, some), all.find(some)) << text.size() << " " << part.size();
    const size_t begin = random() % (text.size() + 2);
    ASSERT_EQ(FindText(all, some, begin), all.find(some, begin)) << text.size() << " " << part.size() << " " << begin;
  }
}

}  // namespace
}  // namespace centella
