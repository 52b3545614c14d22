// SQL literals to values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/configuration.h"
#include "base/error.h"
#include "types/value.h"

namespace centella {

// "1", "1L", "1.5", "1e3", "1.5BD" … with its sign. Raises INVALID_NUMERIC_LITERAL_RANGE and
// DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION with `context`.
Value ParseNumberLiteral(std::string_view text, bool negative, const ErrorContext& context);

// DATE '…' and the like; `type` in capitals. Raises INVALID_TYPED_LITERAL, UNSUPPORTED_TYPED_LITERAL.
Value ParseTypedLiteral(const std::string& type, const std::string& text, const Configuration& config,
                        const ErrorContext& context);

// An amount with its unit, as in INTERVAL 1 DAY '2' HOURS.
struct IntervalPart {
  bool negative = false;
  bool is_text = false;  // the amount was quoted
  std::string amount;
  std::string unit;  // capitals, as written
};
// YEAR, YEARS … NANOSECONDS, in capitals.
bool IsIntervalUnit(std::string_view word);
// All parts summed up: an interval of years and months, or of days to seconds. `whole` is the literal's place, `body`
// the place without the word INTERVAL.
Value MultiUnitInterval(const std::vector<IntervalPart>& parts, const ErrorContext& whole, const ErrorContext& body);
// '1-2' YEAR TO MONTH: one part whose unit is the first field.
Value UnitToUnitInterval(const std::vector<IntervalPart>& parts, const std::string& to, const ErrorContext& body);

}  // namespace centella
