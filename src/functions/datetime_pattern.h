// Java's DateTimeFormatter patterns, as Spark 3 and later take them: compiled once, then formatting and parsing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"

namespace centella {

class DatetimePattern {
 public:
  // Raises what Spark raises for a pattern it doesn't take: INVALID_DATETIME_PATTERN,
  // INCONSISTENT_BEHAVIOR_CROSS_VERSION. Some letters may only be written, not read.
  DatetimePattern(std::string_view pattern, bool for_parsing);

  // Appends the instant's text in a zone.
  void Format(int64_t utc_micros, const TimeZone& zone, std::string* out) const;

  struct Parsed {
    int64_t local_micros = 0;
    bool has_zone = false;
    TimeZone zone;      // of the text
    std::string error;  // of a failure: Java's sentence
  };
  // The whole text must match. False with `error` set when it doesn't.
  bool Parse(std::string_view text, Parsed* out) const;

 private:
  struct Item {
    char letter = 0;  // 0 literal, '[' and ']' optional sections
    int count = 0;
    std::string literal;
    int jump = 0;             // of '[': the item after its ']'
    int reserved_digits = 0;  // of a number: fixed-width numbers that follow at once
  };
  struct Fields;
  void AddLetters(char letter, int count);
  bool ParseItems(std::string_view text, size_t begin, size_t end, size_t* at, size_t* error_at, Fields* fields) const;
  bool ParseItem(const Item& item, std::string_view text, size_t* at, size_t* error_at, Fields* fields) const;
  static bool ParseZone(const Item& item, std::string_view text, size_t* at, Fields* fields);
  static bool Resolve(const Fields& fields, Parsed* out);
  [[noreturn]] void Refuse() const;

  std::string pattern_;
  std::vector<Item> items_;
};

}  // namespace centella
