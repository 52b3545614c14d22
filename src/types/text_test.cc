// Tests of values' text: answers recorded from Spark and Java.
#include "types/text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "types/calendar.h"
#include "types/decimal.h"

namespace centella {
namespace {

TEST(Text, DoublesAsJavaPrintsThem) {
  const std::pair<double, const char*> kCases[] = {{1, "1.0"},
                                                   {0.1, "0.1"},
                                                   {1e10, "1.0E10"},
                                                   {1e7, "1.0E7"},
                                                   {9999999, "9999999.0"},
                                                   {0.001, "0.001"},
                                                   {0.0001, "1.0E-4"},
                                                   {-0.0, "-0.0"},
                                                   {4.9e-324, "4.9E-324"},
                                                   {123456.789, "123456.789"},
                                                   {0.01, "0.01"},
                                                   {1.7976931348623157e308, "1.7976931348623157E308"},
                                                   {100, "100.0"},
                                                   {20, "20.0"},
                                                   {1234567.5, "1234567.5"},
                                                   {INFINITY, "Infinity"},
                                                   {-INFINITY, "-Infinity"},
                                                   {NAN, "NaN"},
                                                   {2e-3, "0.002"},
                                                   {12e20, "1.2E21"}};
  for (const auto& [value, text] : kCases) EXPECT_EQ(DoubleToString(value), text);
  char buffer[kMaxDoubleText];
  EXPECT_EQ(std::string(buffer, WriteFloat(0.1f, buffer)), "0.1");
  EXPECT_EQ(std::string(buffer, WriteFloat(1.4e-45f, buffer)), "1.4E-45");
  EXPECT_EQ(std::string(buffer, WriteFloat(16777216.0f, buffer)), "1.6777216E7");
}

TEST(Text, NumbersFromText) {
  double d;
  for (const char* good : {"1", " 1.5 ", "1e3", ".5", "5.", "1d", "1.0f", "+2", "-Infinity", "inf", "nan", "0x1p3"}) {
    EXPECT_TRUE(ParseDouble(good, &d)) << good;
  }
  for (const char* bad : {"", "e", "1e", "1 2", "abc", "1.5.5", "--1", ".", "infin", "0x"}) {
    EXPECT_FALSE(ParseDouble(bad, &d)) << bad;
  }
  int64_t i;
  EXPECT_TRUE(ParseInteger(" -9223372036854775808\n", INT64_MIN, INT64_MAX, false, &i));
  EXPECT_EQ(i, INT64_MIN);
  EXPECT_FALSE(ParseInteger("9223372036854775808", INT64_MIN, INT64_MAX, false, &i));
  EXPECT_FALSE(ParseInteger("128", -128, 127, false, &i));
  EXPECT_FALSE(ParseInteger("1.5", INT32_MIN, INT32_MAX, false, &i));
  EXPECT_TRUE(ParseInteger("1.9", INT32_MIN, INT32_MAX, true, &i));
  EXPECT_EQ(i, 1);
  EXPECT_FALSE(ParseInteger("+", INT32_MIN, INT32_MAX, true, &i));
}

TEST(Text, Decimals) {
  int128_t v;
  EXPECT_EQ(ParseDecimal("123.455", 10, 2, &v), DecimalParse::kOk);
  EXPECT_EQ(DecimalToString(v, 2), "123.46");
  EXPECT_EQ(ParseDecimal("-1.5e3", 10, 1, &v), DecimalParse::kOk);
  EXPECT_EQ(DecimalToString(v, 1), "-1500.0");
  EXPECT_EQ(ParseDecimal("99.995", 4, 2, &v), DecimalParse::kOutOfRange);
  EXPECT_EQ(ParseDecimal("1e-2147483647", 4, 2, &v), DecimalParse::kOk);
  EXPECT_EQ(v, int128_t{0});
  EXPECT_EQ(ParseDecimal("1e2147483647", 4, 2, &v), DecimalParse::kOutOfRange);
  EXPECT_EQ(ParseDecimal("1,000", 10, 2, &v), DecimalParse::kMalformed);
  char buffer[kMaxDecimalText];
  EXPECT_EQ(std::string(buffer, WriteDecimalScientific(1, 7, buffer)), "1E-7");
  EXPECT_EQ(std::string(buffer, WriteDecimalScientific(-123, 10, buffer)), "-1.23E-8");
  EXPECT_EQ(DecimalToString(5, 3), "0.005");
  EXPECT_EQ(DecimalToString(-kPowersOfTen[38] + 1, 38), "-0." + std::string(38, '9'));
  EXPECT_TRUE(DoubleToDecimal(0.1, 20, 18, &v));
  EXPECT_EQ(DecimalToString(v, 18), "0.100000000000000000");
}

TEST(Text, DatesAndTimestamps) {
  EXPECT_EQ(DateToString(0), "1970-01-01");
  EXPECT_EQ(DateToString(DaysFromCivil(10000, 1, 1)), "+10000-01-01");
  EXPECT_EQ(DateToString(DaysFromCivil(-1, 12, 31)), "-0001-12-31");
  EXPECT_EQ(TimestampToString(-1), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(TimestampToString(1500000), "1970-01-01 00:00:01.5");
  int32_t days;
  for (const char* good :
       {"2020", "2020-1", "2020-01-31", " 2020-01-31 ", "2020-01-31T", "2020-01-31 foo", "-0044-03-15"}) {
    EXPECT_TRUE(ParseDate(good, &days)) << good;
  }
  for (const char* bad :
       {"", "20", "2020-13-01", "2020-02-30", "2020-01-31x", "2020-", "01/02/2020", "2020-01-", "20200131x"}) {
    EXPECT_FALSE(ParseDate(bad, &days)) << bad;
  }
  int64_t micros;
  TimeZone utc;
  EXPECT_TRUE(ParseTimestamp("2020-01-01 01:02:03.1234567+01:00", utc, 0, &micros));
  EXPECT_EQ(TimestampToString(micros), "2020-01-01 00:02:03.123456");
  EXPECT_TRUE(ParseTimestamp("2020-01-01T10:00 Europe/Madrid", utc, 0, &micros));
  EXPECT_EQ(TimestampToString(micros), "2020-01-01 09:00:00");
  EXPECT_TRUE(ParseTimestamp("12:30", utc, 0, &micros));
  for (const char* bad :
       {"2020-01-01 25:00:00", "2020-01-01 10:00:00 Nowhere", "x", "2020-01-01x", "2020-01-01 1:2:3:4"}) {
    EXPECT_FALSE(ParseTimestamp(bad, utc, 0, &micros)) << bad;
  }
}

TEST(Text, Intervals) {
  EXPECT_EQ(YearMonthIntervalToString(-14, 0, 1), "INTERVAL '-1-2' YEAR TO MONTH");
  EXPECT_EQ(YearMonthIntervalToString(14, 1, 1), "INTERVAL '14' MONTH");
  EXPECT_EQ(DayTimeIntervalToString(93784500000, 0, 3), "INTERVAL '1 02:03:04.5' DAY TO SECOND");
  EXPECT_EQ(DayTimeIntervalToString(INT64_MIN, 0, 3), "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND");
  EXPECT_EQ(CalendarIntervalToString({14, -3, -3723500000}),
            "1 years 2 months -3 days -1 hours -2 minutes -3.5 seconds");
  CalendarIntervalValue interval;
  EXPECT_TRUE(ParseCalendarInterval("interval 1 year -2 days 3.5 seconds", &interval));
  EXPECT_EQ(interval, (CalendarIntervalValue{12, -2, 3500000}));
  EXPECT_FALSE(ParseCalendarInterval("1.5 days", &interval));
  EXPECT_FALSE(ParseCalendarInterval("1", &interval));
  int32_t months;
  EXPECT_TRUE(ParseYearMonthInterval("INTERVAL '1-2' YEAR TO MONTH", 0, 1, &months));
  EXPECT_EQ(months, 14);
  int64_t micros;
  EXPECT_TRUE(ParseDayTimeInterval("-1 02:03:04.5", 0, 3, &micros));
  EXPECT_EQ(micros, -93784500000);
  EXPECT_FALSE(ParseDayTimeInterval("1 25:00:00", 0, 3, &micros));
}

TEST(Calendar, RoundTripsAndWeeks) {
  for (int64_t days = -1000000; days < 1000000; days += 37) {
    CivilDay civil = CivilFromDays(days);
    ASSERT_EQ(DaysFromCivil(civil.year, civil.month, civil.day), days);
  }
  EXPECT_EQ(IsoWeek(DaysFromCivil(2021, 1, 3)), 53);
  EXPECT_EQ(IsoWeekYear(DaysFromCivil(2021, 1, 3)), 2020);
  EXPECT_EQ(CivilFromDays(AddMonths(DaysFromCivil(2020, 1, 31), 1)).day, 29);
}

}  // namespace
}  // namespace centella
