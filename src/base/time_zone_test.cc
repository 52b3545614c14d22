// Tests of zone ids and of gaps and overlaps, against what java.time answers.
#include "base/time_zone.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace centella {
namespace {

TEST(TimeZone, ReadsJavaIds) {
  EXPECT_EQ(TimeZone::Load("+02:00").OffsetSecondsAt(0), 7200);
  EXPECT_EQ(TimeZone::Load("-8").OffsetSecondsAt(0), -8 * 3600);
  EXPECT_EQ(TimeZone::Load("UTC+1").id(), "UTC+01:00");
  EXPECT_EQ(TimeZone::Load("GMT-01:30").OffsetSecondsAt(0), -5400);
  EXPECT_TRUE(TimeZone::Load("Z").is_utc());
  EXPECT_EQ(TimeZone::Load("PST").id(), "America/Los_Angeles");
  EXPECT_EQ(TimeZone::Load("Europe/Madrid").OffsetSecondsAt(0), 3600);
  for (const char* bad : {"", "Mars/Olympus", "+19:00", "+01:60", "../etc/passwd", "UTC+", "+1:2:3:4"}) {
    EXPECT_THROW(TimeZone::Load(bad), Error) << bad;
  }
}

TEST(TimeZone, GapsShiftForwardAndOverlapsTakeTheEarlierOffset) {
  TimeZone zone = TimeZone::Load("America/Los_Angeles");
  // 2019-03-10 02:30 does not exist: read as 03:30 PDT = 10:30 UTC.
  EXPECT_EQ(zone.ToUtcMicros(1552185000LL * 1000000), 1552213800LL * 1000000);
  // 2019-11-03 01:30 exists twice: PDT is taken = 08:30 UTC.
  EXPECT_EQ(zone.ToUtcMicros(1572744600LL * 1000000), 1572769800LL * 1000000);
  const int64_t before_epoch = -1;
  EXPECT_EQ(zone.ToUtcMicros(zone.ToLocalMicros(before_epoch)), before_epoch);
}

}  // namespace
}  // namespace centella
