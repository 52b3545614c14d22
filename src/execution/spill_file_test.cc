// Tests of spill files: what happens when there is no place for them.
#include "execution/spill_file.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace centella {
namespace {

TEST(SpillFile, NamesWhatFailed) {
  auto context = std::make_shared<QueryContext>();
  context->spill_folder = "/nowhere/at/all";
  try {
    SpillFile file(context);
    FAIL() << "a file was made in a folder that isn't there";
  } catch (const Error& error) {
    EXPECT_EQ(error.condition(), Condition::SPILL_FAILED);
    EXPECT_EQ(error.parameters().at("action"), "create a spill file");
  }
}

}  // namespace
}  // namespace centella
