// Time zones by IANA name or offset, as Java's ZoneId reads them. A value type, cheap to copy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace centella {

class TimeZone {
 public:
  TimeZone() = default;  // UTC
  // "Europe/Madrid", "+02:00", "UTC+1", "Z", "PST" …; raises INVALID_TIMEZONE for what Java would not take.
  static TimeZone Load(std::string_view id);
  // The machine's zone.
  static TimeZone Local();

  const std::string& id() const { return id_; }
  bool is_utc() const { return impl_ == nullptr && fixed_offset_seconds_ == 0; }
  // Offset from UTC in seconds at an instant given in UTC microseconds.
  int32_t OffsetSecondsAt(int64_t utc_micros) const;
  int64_t ToLocalMicros(int64_t utc_micros) const {
    return utc_micros + int64_t{OffsetSecondsAt(utc_micros)} * 1000000;
  }
  // Wall-clock microseconds to UTC, as java.time resolves gaps (shifted forward by the gap's length)
  // and overlaps (the earlier offset).
  int64_t ToUtcMicros(int64_t local_micros) const;

 private:
  std::string id_ = "UTC";
  int32_t fixed_offset_seconds_ = 0;
  std::shared_ptr<const void> impl_;  // an absl::TimeZone, or null for a fixed offset
};

}  // namespace centella
