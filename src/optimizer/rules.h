// Every optimizer rule, one file each in rules/, listed in rules.def. A rule gives the same pointer back when it changes nothing.
#pragma once

#include "optimizer/optimizer.h"

namespace centella::rules {

#define CENTELLA_RULE(name, need, stages) PlanPtr name(const PlanPtr& plan, const QueryContextPtr& context);
#include "optimizer/rules.def"
#undef CENTELLA_RULE

}  // namespace centella::rules
