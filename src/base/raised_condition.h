// For tests: which condition an action raises.
#pragma once

#include <gtest/gtest.h>

#include "base/error.h"

namespace centella {

// The condition of the Error that `action` raises; a failure of the test, and INTERNAL_ERROR, when it raises none.
template <typename Action>
Condition RaisedCondition(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.condition();
  }
  ADD_FAILURE() << "nothing was raised";
  return Condition::INTERNAL_ERROR;
}

}  // namespace centella
