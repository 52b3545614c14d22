// Tests of what a client learns of exceptions that aren't ours.
#include "server/connect/error_status.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace centella::connect {
namespace {

template <typename Exception>
Condition ConditionOf(const Exception& exception) {
  try {
    throw exception;
  } catch (...) {
    return CurrentError().condition();
  }
}

TEST(CurrentError, NamesTheExceptionsOfLibraries) {
  EXPECT_EQ(ConditionOf(std::bad_alloc()), Condition::OUT_OF_MEMORY);
  EXPECT_EQ(ConditionOf(std::runtime_error("x")), Condition::INTERNAL_ERROR);
  EXPECT_EQ(ConditionOf(Error(Condition::DIVIDE_BY_ZERO, {{"config", "c"}})), Condition::DIVIDE_BY_ZERO);
}

}  // namespace
}  // namespace centella::connect
