// The zone in which Value::ToSql and ToDisplay write timestamps: the session's while a query is analysed, else UTC.
#pragma once

#include "base/time_zone.h"

namespace centella {

// Sets the zone for this thread while it lives; the zone must live longer.
class DisplayZone {
 public:
  explicit DisplayZone(const TimeZone& zone);
  ~DisplayZone();
  DisplayZone(const DisplayZone&) = delete;
  DisplayZone& operator=(const DisplayZone&) = delete;

 private:
  const TimeZone* before_;
};

}  // namespace centella
