// Tests of the condition table and of errors' text.
#include "base/error.h"

#include <gtest/gtest.h>

#include <cstring>

namespace centella {
namespace {

TEST(Conditions, AreSortedByIdAndFoundByName) {
  constexpr const char* kIds[] = {
#define CENTELLA_CONDITION(id, sqlstate, exception, parameters, message) #id,
#include "base/conditions.def"
#undef CENTELLA_CONDITION
  };
  for (size_t i = 1; i < std::size(kIds); ++i) {
    EXPECT_LT(std::strcmp(kIds[i - 1], kIds[i]), 0) << kIds[i - 1] << " stands before " << kIds[i];
  }
  for (size_t i = 0; i < std::size(kIds); ++i) {
    std::string name = kIds[i];
    if (size_t at = name.find("__"); at != std::string::npos) name.replace(at, 2, ".");
    const Condition* found = FindCondition(name);
    ASSERT_NE(found, nullptr) << name;
    const ConditionInfo& info = InfoOf(*found);
    EXPECT_EQ(info.name, name);
    EXPECT_FALSE(info.message.empty()) << name;
    const bool unnamed = info.name.starts_with("_LEGACY_ERROR_");
    EXPECT_TRUE(info.sqlstate.size() == 5 || (unnamed && info.sqlstate.empty())) << info.name;
  }
  EXPECT_EQ(FindCondition("NO_SUCH_CONDITION"), nullptr);
  EXPECT_NE(FindCondition("UNRESOLVED_COLUMN.WITH_SUGGESTION"), nullptr);
}

TEST(Error, TextHasConditionSentenceStateAndContext) {
  try {
    Raise(Condition::CAST_INVALID_INPUT,
          {{"expression", "'a'"}, {"sourceType", "\"STRING\""}, {"targetType", "\"INT\""}});
  } catch (const Error& error) {
    EXPECT_EQ(error.info().name, "CAST_INVALID_INPUT");
    EXPECT_TRUE(std::string(error.what()).starts_with("[CAST_INVALID_INPUT] The value 'a'")) << error.what();
    EXPECT_NE(std::string(error.what()).find("SQLSTATE: 22018"), std::string::npos);
    ErrorContext context;
    context.fragment = "CAST('a' AS INT)";
    context.start_index = 7;
    Error wrapped = error.WithContext(context).WithCause(error);
    EXPECT_NE(std::string(wrapped.what()).find("CAST('a' AS INT)\n^^^^"), std::string::npos) << wrapped.what();
    ASSERT_NE(wrapped.cause(), nullptr);
    EXPECT_EQ(wrapped.cause()->condition(), Condition::CAST_INVALID_INPUT);
    return;
  }
  FAIL() << "nothing was raised";
}

}  // namespace
}  // namespace centella
