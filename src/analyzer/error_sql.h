// How some of Spark's errors print expressions.
#pragma once

#include <string>

#include "plan/expression.h"

namespace centella {

// As SQL, but columns with their ids: "name#12".
std::string SqlWithIds(const ExprPtr& expression);

}  // namespace centella
